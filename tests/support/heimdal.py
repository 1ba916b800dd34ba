# heimdal.py: a realm of Heimdal, and Heimdal's clients, from the cache that tools/heimdal-unpack
# fills.
import functools
import re

from .client import Client
from .process import ROOT, Daemon, base_env, faketime, run
from .realm import ENCTYPES, PASSWORD, Realm, moment


@functools.lru_cache
def tree():
    return run([ROOT / "tools" / "heimdal-unpack"], timeout=300).ok().out.strip()


def program(name):
    place = {"kdc": "/usr/lib/heimdal-servers/", "kcm": "/usr/sbin/"}.get(name, "/usr/bin/")
    return tree() + place + name


class HeimdalRealm(Realm):
    kind = "heimdal"
    enctypes = tuple(e.name for e in ENCTYPES.values() if e.heimdal)

    def create(self):
        keys = " ".join(ENCTYPES[e].heimdal + ":pw-salt" for e in self.enctypes)
        (self.dir / "kdc.conf").write_text(f"""
[libdefaults]
    default_realm = {self.name}
    allow_weak_crypto = true
    dns_lookup_kdc = false
[kadmin]
    default_keys = {keys}
[kdc]
    require-preauth = true
    allow-anonymous = false
    database = {{
        dbname = {self.dir}/heimdal
        realm = {self.name}
        mkey_file = {self.dir}/m-key
        acl_file = {self.dir}/acl
        log_file = {self.dir}/log
    }}
[logging]
    kdc = 0-/FILE:{self.dir}/kdc-audit.log
    default = 0-/FILE:{self.dir}/other.log
""")
        self.admin("init", "--realm-max-ticket-life=1d", "--realm-max-renewable-life=1w", self.name)

    def env(self):
        return {**base_env(), "KRB5_CONFIG": str(self.dir / "kdc.conf")}

    def admin(self, *words):
        result = run([program("kadmin.heimdal"), "-l", "-r", self.name, "-c", self.dir / "kdc.conf", *words],
                     self.env()).ok()
        assert not re.search(r"kadmin.*: |error", result.err), str(result)
        return result

    def make_user(self, name, password):
        self.admin("add", "--password=" + password, "--use-defaults", name)

    def make_service(self, spn, enctype):
        self.admin("add", "--random-key", "--use-defaults", spn)
        others = [ENCTYPES[e].heimdal for e in self.enctypes if enctype and e != enctype]
        if others:
            self.admin("del_enctype", spn, *others)

    def expire(self, name):
        self.admin("modify", "--expiration-time=" + moment(days=-1).strftime("%Y-%m-%d"), name)

    def lock(self, name):
        self.admin("modify", "--attributes=+disallow-all-tix", name)

    def expire_password(self, name):
        self.admin("modify", "--pw-expiration-time=" + moment(days=-1).strftime("%Y-%m-%d"), name)

    def keytab(self, name, path):
        self.admin("ext_keytab", "-k", f"FILE:{path}", name)
        return path

    def serve(self, port, clock=None):
        env = faketime(self.env(), clock) if clock else self.env()
        return Daemon([program("kdc"), "--config-file=" + str(self.dir / "kdc.conf"), f"--ports={port}",
                       "--addresses=127.0.0.1"], self.dir / f"kdc-{port}.log", env, port)


class HeimdalClient(Client):
    kind = "heimdal"
    # Heimdal shows the KDC's e-text where there is one: MIT's KDC sends its status words.
    errors = {
        "wrong password": r"Password incorrect",
        "unknown user": r"Client \(\S+\) unknown|CLIENT_NOT_FOUND|[Nn]o such|not found|unknown",
        "unknown spn": r"Server \(\S+\) unknown|LOOKING_UP_SERVER|not found|unknown",
        "expired": r"Client \(\S+\) expired|CLIENT EXPIRED|entry in database has expired|expired",
        "locked": r"CLIENT LOCKED OUT|policy rejects|credentials have been revoked",
        "late": r"Password has expired",
        "skew": r"[Cc]lock skew|[Tt]oo great|SKEW|PROCESS_TGS",
    }

    def login(self, principal, password=PASSWORD):
        return self.run([program("kinit.heimdal"), "--password-file=STDIN", principal], input=password + "\n")

    def login_keytab(self, principal, keytab):
        return self.run([program("kinit.heimdal"), "--use-keytab", f"--keytab=FILE:{keytab}", principal])

    def tickets(self):
        return self.run([program("heimtools"), "klist", "-v"])

    def ticket(self, spn):
        return self.run([program("kgetcred"), spn])

    def logout(self):
        return self.run([program("kdestroy.heimdal")])

    def keytab_list(self, keytab):
        return self.run([program("ktutil.heimdal"), "-k", f"FILE:{keytab}", "list"])

    def session_enctypes(self):
        names = {e.heimdal: e.name for e in ENCTYPES.values() if e.heimdal}
        found = {}
        for entry in re.split(r"\n(?=Server: )", self.tickets().ok().out)[1:]:
            server = re.search(r"Server: (\S+)", entry).group(1)
            key = re.search(r"(?:Session key|Ticket etype): (\S+?)(?:,|\n)", entry)
            session = re.search(r"Session key: (\S+)", entry)
            name = (session or key).group(1).rstrip(",")
            found[server] = names.get(name, name)
        return found
