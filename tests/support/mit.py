# mit.py: a realm of MIT krb5, and MIT's clients.
import re

from .client import Client
from .process import Daemon, base_env, faketime, run, which
from .realm import ENCTYPES, PASSWORD, Realm, moment


class MitRealm(Realm):
    kind = "mit"
    program = staticmethod(which)

    def create(self):
        (self.dir / "kdc.conf").write_text(f"""
[kdcdefaults]
    kdc_listen = 127.0.0.1:{self.port}
    kdc_tcp_listen = 127.0.0.1:{self.port}
[realms]
    {self.name} = {{
        database_name = {self.dir}/principal
        key_stash_file = {self.dir}/stash
        acl_file = {self.dir}/acl
        max_life = 1d
        max_renewable_life = 7d
        supported_enctypes = {" ".join(e + ":normal" for e in ENCTYPES)}
        default_principal_flags = +preauth
    }}
[logging]
    kdc = FILE:{self.dir}/kdc-audit.log
    admin_server = FILE:{self.dir}/admin.log
""")
        self.krb5_conf("mit", self.dir / "krb5.conf")
        self.create_database()

    def create_database(self):
        run([self.program("kdb5_util"), "-r", self.name, "create", "-s", "-P", "master"], self.env()).ok()

    def env(self):
        return {**base_env(), "KRB5_CONFIG": str(self.dir / "krb5.conf"),
                "KRB5_KDC_PROFILE": str(self.dir / "kdc.conf")}

    def admin(self, *words):
        query = " ".join(f'"{w}"' if " " in w else w for w in words)
        result = run([self.program("kadmin.local"), "-r", self.name, "-q", query], self.env()).ok()
        assert not re.search(r"while |Usage|usage:", result.err), str(result)
        return result

    def make_user(self, name, password):
        self.admin("addprinc", "-pw", password, name)

    def make_service(self, spn, enctype):
        self.admin("addprinc", "-randkey", *(("-e", enctype + ":normal") if enctype else ()), spn)

    def expire(self, name):
        self.admin("modprinc", "-expire", moment(days=-1).strftime("%Y-%m-%d"), name)

    def lock(self, name):
        self.admin("modprinc", "-allow_tix", name)

    def expire_password(self, name):
        self.admin("modprinc", "-pwexpire", moment(days=-1).strftime("%Y-%m-%d"), name)

    def rekey(self, name):
        self.admin("cpw", "-randkey", name)

    def keytab(self, name, path):
        self.admin("ktadd", "-norandkey", "-k", str(path), name)
        return path

    def serve(self, port, clock=None):
        env = self.env()
        if port != self.port:
            other = self.dir / f"kdc-{port}.conf"
            other.write_text((self.dir / "kdc.conf").read_text().replace(f":{self.port}", f":{port}"))
            env["KRB5_KDC_PROFILE"] = str(other)
        return Daemon([self.program("krb5kdc"), "-n", "-r", self.name], self.dir / f"kdc-{port}.log",
                      faketime(env, clock) if clock else env, port)


class MitClient(Client):
    kind = "mit"
    errors = {
        "wrong password": r"Password incorrect|Preauthentication failed",
        "unknown user": r"not found in Kerberos database",
        "unknown spn": r"Server (\S+ )?not found in Kerberos database",
        "expired": r"Client's entry in database has expired",
        "locked": r"Client's credentials have been revoked|KDC policy rejects request",
        "late": r"Password expired|Password has expired",
        "skew": r"Clock skew too great",
    }

    def login(self, principal, password=PASSWORD):
        return self.run(["kinit", principal], input=password + "\n")

    def login_keytab(self, principal, keytab):
        return self.run(["kinit", "-k", "-t", keytab, principal])

    def tickets(self):
        return self.run(["klist", "-e", "-f"])

    def ticket(self, spn):
        return self.run(["kvno", spn])

    def logout(self):
        return self.run(["kdestroy"])

    def keytab_list(self, keytab):
        return self.run(["klist", "-k", "-e", "-t", keytab])

    def session_enctypes(self):
        """{server: the session key's enctype} of the cache."""
        pairs = re.findall(r"\d\d:\d\d:\d\d  (\S+)\n(?:\s+renew until .*\n)?.*Etype \(skey, tkt\): (\S+),",
                           self.tickets().ok().out.replace("DEPRECATED:", ""))
        return dict(pairs)
