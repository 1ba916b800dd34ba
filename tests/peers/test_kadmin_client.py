# test_kadmin_client.py: our kadmin beside MIT krb5's own, at MIT's kadmind and at ours: each request has the same outcome, the
# same output, and where it is refused the same words.
import re
import subprocess
from pathlib import Path

import pytest

from support.newer import program, version
from support.obol import binary, obol_env
from support.process import Daemon, base_env, free_port, run

FACES = Path(binary()).resolve().parent / "lib" / "obol" / "bin"
PROGRAMS = {"mit": "/usr/bin/kadmin", "obol": FACES / "kadmin"}
PASSWORD = "secret1"
ACL = {"admin/admin": "*e", "none/admin": None}  # who may do what


class Realm:
    """A KDC and a kadmind, with a cache of a ticket for kadmin/admin for each of those above."""

    def __init__(self, directory, name):
        self.dir, self.name, self.kdc, self.port = directory, name, free_port(), free_port()
        (directory / "krb5.conf").write_text(f"""[libdefaults]
 default_realm = {name}
 dns_lookup_kdc = false
 dns_canonicalize_hostname = false
[realms]
 {name} = {{
  kdc = 127.0.0.1:{self.kdc}
  admin_server = 127.0.0.1:{self.port}
 }}
""")
        self.env = {**base_env(), "KRB5_CONFIG": f"{directory}/krb5.conf", "KRB5_KDC_PROFILE": f"{directory}/kdc.conf",
                    "KRB5CCNAME": f"FILE:{directory}/cc"}
        self.daemons = []
        self.create("".join(f"{who}@{name} {may}\n" for who, may in ACL.items() if may))
        for who in ACL:
            run(["kinit", "-S", "kadmin/admin", "-c", self.cache(who), who], self.env, PASSWORD + "\n").ok()

    def stop(self):
        for daemon in self.daemons:
            daemon.stop()

    def cache(self, who):
        return f"{self.dir}/cc-{who.replace('/', '-')}"

    def kadmin(self, make, *words, input=""):
        env = self.env if make == "mit" else {**obol_env(), **{k: v for k, v in self.env.items() if k.startswith("KRB5")}}
        return run([PROGRAMS[make], *words], env, input)

    def session(self, make, queries, who="admin/admin"):
        """What one session shows for each query, and what it says on standard error."""
        said = self.kadmin(make, "-c", self.cache(who), input="\n".join(queries) + "\nquit\n").ok()
        shown = said.out.split("kadmin:  ")[1:]
        assert len(shown) == len(queries) + 1, str(said)
        # MIT's shows what it read, too.
        return [text.removeprefix(query + "\n") for query, text in zip(queries, shown)], said.err


class MitRealm(Realm):
    program = staticmethod(lambda name: name)

    def create(self, acl):
        (self.dir / "kdc.conf").write_text(f"""[kdcdefaults]
 kdc_listen = 127.0.0.1:{self.kdc}
 kdc_tcp_listen = 127.0.0.1:{self.kdc}
[realms]
 {self.name} = {{
  database_name = {self.dir}/db
  key_stash_file = {self.dir}/stash
  acl_file = {self.dir}/acl
  kadmind_listen = 127.0.0.1:{self.port}
  kpasswd_listen = 127.0.0.1:{free_port()}
  supported_enctypes = aes256-cts-hmac-sha384-192:normal aes128-cts-hmac-sha1-96:normal
 }}
[logging]
 kdc = FILE:{self.dir}/kdc.log
 admin_server = FILE:{self.dir}/kadmind.log
""")
        (self.dir / "acl").write_text(acl)
        run([self.program("kdb5_util"), "create", "-s", "-P", "master"], self.env).ok()
        self.local(*(f"addprinc -pw {PASSWORD} {who}" for who in ACL))
        self.daemons = [Daemon([self.program("krb5kdc"), "-n"], self.dir / "kdc.out", self.env, self.kdc), self.kadmind()]

    def kadmind(self):
        return Daemon([self.program("kadmind"), "-nofork"], self.dir / "kadmind.out", self.env, self.port)

    def local(self, *lines):
        return run([self.program("kadmin.local")], self.env, "\n".join(lines) + "\n").ok()


class NewerMitRealm(MitRealm):
    """Of Debian's testing suite: krb5 1.22, whose kadmind knows aliases."""
    program = staticmethod(program)


class ObolRealm(Realm):
    def create(self, acl):
        home = self.dir / "home"
        run([binary(), "realm", "create", self.name, "--listen", f"127.0.0.1:{self.kdc}", "--home", home], obol_env()).ok()
        conf = (home / "kdc.conf").read_text()
        (home / "kdc.conf").write_text(
            conf.replace("[kdcdefaults]\n", f"[kdcdefaults]\n    kadmind_listen = 127.0.0.1:{self.port}\n"))
        (home / "kadm5.acl").write_text(acl)
        for who in ACL:
            run([binary(), "principal", "add", who, "--password-stdin", "--home", home], obol_env(), PASSWORD + "\n").ok()
        serve = Daemon([binary(), "serve", "--home", home, "--workers", "1"], self.dir / "serve.log", obol_env(), self.kdc)
        self.daemons = [serve]
        serve.wait_port(self.port)


MAKES = {"mit": MitRealm, "newer": NewerMitRealm, "obol": ObolRealm}


@pytest.fixture(params=MAKES)
def realm(request, started):
    return started(MAKES[request.param], "KADMIN.TEST")


@pytest.fixture
def mit(started):
    return started(MitRealm, "KADMIN.TEST")


def kind(realm):
    return {MitRealm: "MIT 1.20.1", NewerMitRealm: f"MIT {version()}", ObolRealm: "ours"}[type(realm)]


def plain(text):
    """Lines without dates."""
    return re.sub(r"\t\d{10}\b", "\tTIME", re.sub(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d \w+ \d{4}", "DATE", text))


SAME = ["getprivs",
        "addpol -maxlife 90d -minlife 1h -minlength 6 -minclasses 2 -history 3 -maxfailure 5 -failurecountinterval 10m "
        "-lockoutduration 1h -allowedkeysalts aes256-sha2:normal,aes128-cts:normal p", "getpol p", "getpol -terse p",
        "modpol -minlength 7 -allowedkeysalts - p", "getpol p", "listpols", "listpols q*",
        "addprinc -pw secret1 bob", "addprinc -policy p -pw Secret-2 -expire 2030-01-01 -maxlife 5h -maxrenewlife 2d carol",
        "addprinc -policy missing -randkey erin", "getprinc carol", "getprinc -terse carol", "addprinc -nokey dave",
        "getprinc dave", "addprinc -randkey -e aes128-cts:normal -kvno 4 +ok_as_delegate host/a.test", "getprinc host/a.test",
        "modprinc +requires_preauth -allow_svr -pwexpire 2031-02-03 bob", "getprinc bob", "modprinc +allow_svr bob",
        "modprinc -policy p bob", "getprinc bob", "modprinc -clearpolicy bob", "modprinc -unlock bob", "getprinc bob", "getprinc erin",
        "cpw -pw secret2 bob", "cpw -keepold -pw secret3 bob", "getprinc bob", "cpw -randkey -e aes128-cts:normal bob",
        "getprinc bob", "purgekeys -keepkvno 3 bob", "purgekeys bob", "getprinc bob", "purgekeys -all dave",
        "setstr bob key value", "setstr bob other one", "getstrs bob", "delstr bob key", "getstrs bob", "delstr bob other",
        "setstr bob empty \"\"", "getstrs bob", "delstr bob empty", "getstrs bob", "cpw -pw secret4 bob", "renprinc -force bob bill", "getprinc bill", "listprincs b*", "listprincs",
        "delprinc -force bill", "delprinc -force carol", "delprinc -force dave", "delprinc -force erin",
        "delprinc -force host/a.test", "delpol -force p", "listpols"]


def test_each_request_has_the_output_that_it_has_with_mits_kadmin(realm, judged):
    (theirs, _), (ours, said) = realm.session("mit", SAME), realm.session("obol", SAME)
    differ = [f"{query}\n{our}\n{their}" for query, their, our in zip(SAME, theirs, ours) if plain(our) != plain(their)]
    assert not differ, "\n".join([*differ, said])
    assert 'Principal "bob@KADMIN.TEST" created.' in ours[8] and "Key: vno 3" in ours[28]
    judged("kadmin 1.20.1 (MIT)", "administration", f"kadmind: {kind(realm)}", f"{len(SAME)} requests", "our kadmin shows the same")


def test_a_principal_gets_an_alias_where_the_server_knows_of_them(realm):
    said = realm.session("obol", ["addprinc -randkey host/b", "alias b host/b", "getprinc b", "alias b host/b", "delprinc -force b",
                                  "delprinc -force host/b"])
    shown, errors = said
    if type(realm) is MitRealm:
        assert "UNSUPPORTED" in errors or "PROC_UNAVAIL" in errors, errors
        return
    assert "Principal: host/b@KADMIN.TEST" in shown[2], said
    assert errors.count("already exists") == 1 and "deleted" in shown[4] and "deleted" in shown[5], said


def test_there_is_each_request_of_mits_kadmin(mit):
    def names(make):
        said = mit.kadmin(make, "-c", mit.cache("admin/admin"), "-q", "?").ok().out
        return {name for line in said.splitlines() for name in re.split(r"\s{2,}", line)[0].split(", ")
                if re.fullmatch(r"[a-z_?]+", name)}
    assert len(names("mit")) > 40 and names("mit") <= names("obol")


FAILURES = ["getprinc ghost", "delprinc -force ghost", "modprinc +requires_preauth ghost", "renprinc -force ghost other",
            "cpw -pw x ghost", "cpw -randkey ghost", "purgekeys ghost", "getstrs ghost", "setstr ghost k v", "delstr ghost k",
            "getpol ghost", "modpol -minlength 3 ghost", "delpol -force ghost", "addprinc -clearpolicy -pw x none/admin",
            "renprinc -force none/admin admin/admin", "addpol -minlife 2d -maxlife 1d bad"]
DENIED = ["getprinc admin/admin", "listprincs", "listpols", "getpol p", "addprinc -clearpolicy -pw secret1 new",
          "addprinc -clearpolicy -randkey new", "modprinc -allow_tix admin/admin", "delprinc -force admin/admin",
          "renprinc -force admin/admin new", "cpw -pw secret9 admin/admin", "cpw -randkey admin/admin", "purgekeys admin/admin",
          "getstrs admin/admin", "setstr admin/admin k v", "delstr admin/admin k", "addpol new", "modpol -minlength 3 new",
          "delpol -force new"]


@pytest.mark.parametrize("who, queries", [("admin/admin", FAILURES), ("none/admin", DENIED)], ids=["failures", "denials"])
def test_a_refusal_has_the_words_of_mits_kadmin(realm, judged, who, queries):
    theirs = [line.split(" ", 1)[1] for line in realm.session("mit", queries, who)[1].splitlines() if " while " in line]
    ours = [line for line in realm.session("obol", queries, who)[1].splitlines() if line.startswith("kadmin: ")]
    assert len(theirs) == len(ours) == len(queries), (theirs, ours)
    differ = [f"{query}\n{our}\n{their}" for query, their, our in zip(queries, theirs, ours) if their.strip() not in our]
    assert not differ, "\n".join(differ)
    judged("kadmin 1.20.1 (MIT)", "administration", f"kadmind: {kind(realm)}", f"{len(queries)} refusals", "our kadmin says the same")


def test_a_refusal_says_who_asked_whom_and_what_to_do(realm):
    said = realm.kadmin("obol", "-c", realm.cache("none/admin"), "addprinc", "-randkey", "new").failed().err
    for word in ("KADM5_AUTH_ADD", "none/admin@KADMIN.TEST", f"127.0.0.1:{realm.port}", "kadm5.acl"):
        assert word in said, said
    said = realm.kadmin("obol", "-c", realm.cache("admin/admin"), "lock").failed().err
    assert "Invalid argument" in said and "kadmin.local" in said


def test_keys_come_into_a_keytab_as_with_mits_kadmin(realm, tmp_path):
    def keytab(make, name, *words):
        said = realm.kadmin(make, "-c", realm.cache("admin/admin"), "-q", f"ktadd {' '.join(words)} -k {tmp_path}/{name} http/a").ok()
        assert "added to keytab" in said.out, str(said)
        return run(["klist", "-keK", f"{tmp_path}/{name}"], realm.env).ok().out.split("-----\n")[-1]
    realm.kadmin("obol", "-c", realm.cache("admin/admin"), "addprinc", "-randkey", "http/a").ok()
    fresh = keytab("obol", "fresh")
    assert fresh.count("http/a") >= 2 and set(re.findall(r"^ +(\d+) http", fresh, re.M)) == {"2"}
    assert "aes128-cts-hmac-sha1-96" in keytab("obol", "chosen", "-e aes128-cts:normal")
    run(["kinit", "-k", "-t", f"{tmp_path}/chosen", "-c", f"{tmp_path}/cc", "http/a"], realm.env).ok()
    # The keys that there are, all of them
    theirs, ours = keytab("mit", "theirs", "-norandkey"), keytab("obol", "ours", "-norandkey")
    assert ours == theirs and "3 http/a" in ours
    said = realm.kadmin("obol", "-c", realm.cache("none/admin"), "-q", f"ktadd -norandkey -k {tmp_path}/none http/a").failed()
    assert "Operation requires ``extract-keys'' privilege while changing http/a" in said.err
    realm.kadmin("obol", "-c", realm.cache("admin/admin"), "delprinc", "http/a").ok()


def test_who_asks_is_shown_by_password_keytab_or_cache(realm, tmp_path):
    listed = "admin/admin@KADMIN.TEST\n"
    def asks(*words, input=""):
        return realm.kadmin("obol", *words, "-q", "listprincs admin/*", input=input)
    said = asks("-p", "admin/admin", input=PASSWORD + "\n").ok()
    assert said.out == listed and "Authenticating as principal admin/admin@KADMIN.TEST with password." in said.err
    assert asks("-p", "admin/admin", "-w", PASSWORD).ok().out == listed
    assert asks("-p", "admin/admin", "-w", PASSWORD, "-s", f"127.0.0.1:{realm.port}", "-r", "KADMIN.TEST", "-N").ok().out == listed
    said = asks("-c", realm.cache("admin/admin")).ok()
    assert said.out == listed and "with existing credentials." in said.err and "NOT DESTROYED" in said.err
    asks("-c", realm.cache("admin/admin"), "-p", "admin/admin").ok()
    realm.kadmin("obol", "-c", realm.cache("admin/admin"), "ktadd", "-norandkey", "-k", f"{tmp_path}/kt", "admin/admin").ok()
    assert asks("-k", "-t", f"{tmp_path}/kt", "-p", "admin/admin").ok().out == listed
    assert realm.kadmin("obol", "-c", realm.cache("admin/admin"), "listprincs", "admin/*").ok().text == listed
    assert not Path(f"{realm.dir}/cc").exists()  # the ticket stays in memory


def test_who_cannot_be_shown_is_refused(mit, tmp_path):
    def refused(*words, input=""):
        return mit.kadmin("obol", *words, "-q", "listprincs", input=input).failed().err
    assert re.search("password|preauthentication", refused("-p", "admin/admin", "-w", "wrong"))
    assert "not known to the KDC" in refused("-p", "ghost", "-w", "x")
    assert "a password is needed" in refused("-p", "admin/admin")
    assert "kinit -S kadmin/admin" in refused("-c", mit.cache("admin/admin"), "-p", "none/admin")
    assert "no credential cache" in refused("-c", f"{tmp_path}/none")
    assert "no keytab" in refused("-k", "-t", f"{tmp_path}/none", "-p", "admin/admin")
    said = refused("-c", mit.cache("admin/admin"), "-s", "127.0.0.1:1")
    assert "127.0.0.1:1" in said and "admin_server" in said
    # A KDC is no kadmind: it ends the connection in one way or the other.
    said = refused("-c", mit.cache("admin/admin"), "-s", f"127.0.0.1:{mit.kdc}")
    assert f"waiting for 127.0.0.1:{mit.kdc}: " in said and "another service" in said
    for words in (["-c", "x", "-k"], ["-t", "x"], ["-n", "-k"], ["-n", "-c", "x"]):
        assert "Usage: kadmin" in refused(*words)
    assert "RFC 2203" in refused("-O")
    assert "Usage" in mit.kadmin("obol", "-q", "listprincs", "listprincs").failed().err


class Session:
    """Our kadmin at its prompt."""

    def __init__(self, realm, *words):
        env = {**obol_env(), **{k: v for k, v in realm.env.items() if k.startswith("KRB5")}}
        self.child = subprocess.Popen([PROGRAMS["obol"], *words], env=env, text=True, stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def ask(self, query, last):
        self.child.stdin.write(query + "\n")
        self.child.stdin.flush()
        said = ""
        while last not in said:
            line = self.child.stdout.readline()
            assert line, said
            said += line
        return said

    def end(self):
        out, _ = self.child.communicate()
        return self.child.returncode, out


def test_a_session_outlives_the_server_and_its_password_is_not_shown(mit):
    session = Session(mit, "-p", "admin/admin", "-w", PASSWORD)
    session.ask("getprivs", "INQUIRE ADD MODIFY DELETE")
    assert PASSWORD not in Path(f"/proc/{session.child.pid}/cmdline").read_text()
    mit.daemons.pop().stop()
    assert "refused: nothing listens there" in session.ask("getprivs", "remedy")
    mit.daemons.append(mit.kadmind())
    session.ask("getprivs", "INQUIRE ADD MODIFY DELETE")
    mit.daemons.pop().stop()
    mit.daemons.append(mit.kadmind())
    session.ask("addprinc -randkey again", 'Principal "again@KADMIN.TEST" created.')
    # A new password is read from where the queries come from, twice.
    session.ask("cpw again\nsecret8\nsecret8", 'Password for "again@KADMIN.TEST" changed.')
    session.ask("cpw again\nsecret8\nsecret9", "the two passwords differ")
    session.ask("delprinc -force again", "deleted")
    assert session.end()[0] == 0


def test_an_older_realm_has_kadmin_by_the_hosts_name(mit):
    mit.local("renprinc -force kadmin/admin kadmin/gone", "addprinc -randkey kadmin/localhost")
    try:
        said = mit.kadmin("obol", "-p", "admin/admin", "-w", PASSWORD, "-s", f"localhost:{mit.port}", "-q", "getprivs").ok()
        assert "INQUIRE" in said.out
        said = mit.kadmin("obol", "-p", "admin/admin", "-w", PASSWORD, "-q", "getprivs").failed()
        assert "kadmin/127.0.0.1" in said.err, str(said)
    finally:
        mit.local("renprinc -force kadmin/gone kadmin/admin", "delprinc -force kadmin/localhost")
