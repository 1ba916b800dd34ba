# test_kadmin_remote.py: MIT krb5's kadmin, of Debian and newer, k5test and Perl's Authen::Krb5::Admin administer
# our realm over the network; and what comes to the same port from others.
import re
import signal
import socket
import struct
import subprocess
from pathlib import Path

import pytest

from support.k5test import alone, tools
from support.newer import program
from support.obol import SANITIZERS, binary, obol_env
from support.process import ROOT, Daemon, base_env, free_port, run

REALM = "KADM.TEST"
KADMIN = {"mits": "/usr/bin/kadmin", "ours": Path(binary()).resolve().parent / "lib" / "obol" / "bin" / "kadmin"}
PASSWORDS = {"boss": "boss-pw", "adder": "adder-pw", "clerk": "clerk-pw", "nobody": "nobody-pw"}
ACL = f"""boss@{REALM} *e
adder@{REALM} a *@{REALM} -maxlife 1h +requires_preauth
clerk@{REALM} il
"""


class Realm:
    def __init__(self, directory, _name):
        self.dir, self.home = directory, directory / "home"
        self.kdc_port, self.port = free_port(), free_port()
        self.obol("realm", "create", REALM, "--listen", f"127.0.0.1:{self.kdc_port}")
        conf = self.home / "kdc.conf"
        conf.write_text(conf.read_text().replace("[kdcdefaults]\n", f"""[kdcdefaults]
    kadmind_listen = 127.0.0.1:{self.port}
    audit_log = audit.log
"""))
        (self.home / "kadm5.acl").write_text(ACL)
        for name, password in PASSWORDS.items():
            self.obol("principal", "add", name, "--password-stdin", input=f"{password}\n")
        (directory / "krb5.conf").write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
            f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{self.kdc_port}\n"
            f"  admin_server = 127.0.0.1:{self.port}\n }}\n")
        self.env = {**base_env(), "KRB5_CONFIG": f"{directory}/krb5.conf", "KRB5CCNAME": f"FILE:{directory}/cc"}
        self.daemon = Daemon([binary(), "serve", "--home", self.home, "--workers", "1"],
                             directory / "serve.log", obol_env(), self.kdc_port)

    def stop(self):
        self.daemon.stop()

    def obol(self, *words, input=""):
        return run([binary(), *words, "--home", self.home], obol_env(), input).ok()

    def kadmin(self, who, *queries, kadmin="/usr/bin/kadmin", input=""):
        """What kadmin says to the queries, one after the other in one session."""
        if len(queries) == 1:
            return run([kadmin, "-p", who, "-w", PASSWORDS[who], "-q", queries[0]], self.env, input)
        return run([kadmin, "-p", who, "-w", PASSWORDS[who]], self.env, "\n".join(queries) + "\n")


@pytest.fixture
def realm(started):
    return started(Realm, REALM)


@pytest.fixture(params=["debian", "newer"])
def kadmin(request, realm):
    path = "/usr/bin/kadmin" if request.param == "debian" else program("kadmin")
    return lambda who, *queries: realm.kadmin(who, *queries, kadmin=path)


def test_every_request_of_kadmin_is_served(realm, kadmin, tmp_path):
    said = kadmin("boss", "addpol -maxlife 30d -minlength 4 strict", "getpol strict", "modpol -minlength 6 strict",
                  "listpols", "addprinc -pw secret1 -policy strict user", "addprinc -randkey host/a.test",
                  "getprinc user", "modprinc -maxlife 2h +requires_preauth user", "cpw -pw secret2 user",
                  "cpw -randkey -keepold host/a.test", "setstr user colour blue", "getstrs user", "delstr user colour",
                  f"ktadd -k {tmp_path}/kt host/a.test", f"ktadd -norandkey -k {tmp_path}/kt2 host/a.test",
                  "purgekeys host/a.test", "renprinc -force user moved", "listprincs mov*", "getprivs",
                  "delprinc -force moved", "delprinc -force host/a.test", "delpol -force strict", "q").text
    for text in ("Minimum password length: 4", "strict", f'Principal "user@{REALM}" created',
                 f'Principal "host/a.test@{REALM}" created', "Policy: strict", f'Principal "user@{REALM}" modified',
                 f'Password for "user@{REALM}" changed', f'Key for "host/a.test@{REALM}" randomized',
                 "Attribute set for principal", "colour: blue", "Attribute removed from principal",
                 f"added to keytab WRFILE:{tmp_path}/kt", f"added to keytab WRFILE:{tmp_path}/kt2",
                 f'Old keys for principal "host/a.test@{REALM}" purged', f'renamed to "moved@{REALM}"',
                 f"moved@{REALM}", "current privileges: INQUIRE ADD MODIFY DELETE",
                 f'Principal "moved@{REALM}" deleted', f'Principal "host/a.test@{REALM}" deleted'):
        assert text in said, (text, said)
    assert "while" not in said, said  # that is how kadmin begins what failed
    left = realm.obol("principal", "list").out
    assert "moved" not in left and "host/a.test" not in left
    realm.daemon.wait_text(f"KADMIN ok operation=kadm5_delete_principal client=boss@{REALM} "
                           f"server=host/a.test@{REALM}")


@pytest.mark.parametrize("query, refusal", [
    ("addprinc -pw x12345 other", "Operation requires ``add'' privilege"),
    ("delprinc -force boss", "Operation requires ``delete'' privilege"),
    ("modprinc -maxlife 1h boss", "Operation requires ``modify'' privilege"),
    ("cpw -pw x12345 boss", "Operation requires ``change-password'' privilege"),
    ("renprinc -force boss chef", "Insufficient authorization"),
    ("ktadd -norandkey -k /dev/null boss", "Operation requires ``extract-keys'' privilege"),
    ("addpol other", "Operation requires ``add'' privilege"),
    ("delpol -force other", "Operation requires ``delete'' privilege"),
    ("modpol -minlength 3 other", "Operation requires ``modify'' privilege"),
    ("setstr boss a b", "Operation requires ``modify'' privilege"),
])
def test_what_the_access_list_does_not_allow_is_refused(realm, kadmin, query, refusal):
    said = kadmin("clerk", query).text
    assert refusal in said, said
    realm.daemon.wait_text(f"client=clerk@{REALM}")


def test_who_is_not_listed_sees_himself_and_no_other(realm, kadmin):
    assert f"Principal: nobody@{REALM}" in kadmin("nobody", "getprinc nobody").text
    assert "Operation requires ``get'' privilege" in kadmin("nobody", "getprinc boss").text
    assert "Operation requires ``list'' privilege" in kadmin("nobody", "listprincs").text
    assert "current privileges:" in kadmin("nobody", "getprivs").text
    realm.daemon.wait_text(f"KADMIN PERMISSION operation=kadm5_get_principals client=nobody@{REALM}")


def test_restrictions_of_the_access_list_hold(realm, kadmin):
    kadmin("adder", "addprinc -pw limited1 -maxlife 9h -requires_preauth limited").ok()
    shown = realm.kadmin("boss", "getprinc limited").out
    assert "Maximum ticket life: 0 days 01:00:00" in shown and "REQUIRES_PRE_AUTH" in shown
    assert "privilege" in kadmin("adder", "delprinc -force limited").text
    realm.kadmin("boss", "delprinc -force limited").ok()


def test_the_audit_log_names_the_administrator_and_what_he_did(realm):
    realm.kadmin("boss", "addprinc -randkey audited", "delprinc -force audited", "q").ok()
    audit = realm.home / "audit.log"
    realm.daemon.wait_until(lambda: '"operation":"kadm5_delete_principal"' in audit.read_text(), "no line of it")
    text = audit.read_text()
    assert f'"kind":"KADMIN","result":"ok","operation":"kadm5_create_principal","client":"boss@{REALM}"' in text
    assert f'"actor":"boss@{REALM}"' in text and "boss-pw" not in text


def test_a_keytab_and_a_cache_open_sessions(realm, tmp_path):
    realm.kadmin("boss", f"ktadd -norandkey -k {tmp_path}/kt boss").ok()
    assert f"boss@{REALM}" in run(["kadmin", "-p", "boss", "-k", "-t", f"{tmp_path}/kt", "-q", "getprinc boss"],
                                  realm.env).ok().out
    env = {**realm.env, "KRB5CCNAME": f"FILE:{tmp_path}/cc"}
    run(["kinit", "-S", "kadmin/admin", "boss"], env, "boss-pw\n").ok()
    assert f"boss@{REALM}" in run(["kadmin", "-c", f"{tmp_path}/cc", "-q", "getprinc boss"], env).ok().out


def test_a_ticket_for_another_service_opens_no_session(realm, tmp_path):
    """kadmin -s takes any server's ticket that is in the cache, by the name that it is given."""
    realm.kadmin("boss", "addprinc -randkey kadmin/history", "addprinc -randkey host/other", "q")
    env = {**realm.env, "KRB5CCNAME": f"FILE:{tmp_path}/cc"}
    run(["kinit", "-S", "kadmin/changepw", "boss"], env, "boss-pw\n").ok()
    assert "while initializing kadmin interface" in run(["kadmin", "-c", f"{tmp_path}/cc", "-q", "listprincs"],
                                                        env).failed().text


def test_a_session_outlives_a_reload(realm):
    with Session(realm) as session:
        assert f"boss@{REALM}" in session.ask("getprinc boss", "Policy:")
        before = realm.daemon.log.read_text().count("configuration reloaded")
        realm.daemon.process.send_signal(signal.SIGHUP)
        realm.daemon.wait_until(
            lambda: realm.daemon.log.read_text().count("configuration reloaded") >= before + 2, "no reload")
        assert f"clerk@{REALM}" in session.ask("getprinc clerk", "Policy:")


CONTEXTS = """
import socket, struct, sys
import gssapi
sys.path.insert(0, sys.argv[2])
from support.rpcsec import Xdr, opaque, record
service = gssapi.Name("kadmin/admin", gssapi.NameType.kerberos_principal)
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as s, s.makefile("rb") as stream:
    for _ in range(32):
        context = gssapi.SecurityContext(name=service, usage="initiate", mech=gssapi.OID.from_int_seq("1.2.840.113554.1.2.2"))
        cred = struct.pack(">IIII", 1, 1, 0, 3) + opaque(b"")
        call = struct.pack(">IIIIII", 7, 0, 2, 2112, 2, 0) + struct.pack(">I", 6) + opaque(cred) + bytes(8) + opaque(context.step())
        s.sendall(struct.pack(">I", 0x80000000 | len(call)) + call)
        reply = record(stream)
        x = Xdr(reply[12:])
        x.number(), x.opaque()
        assert x.number() == 0 and len(x.opaque()) == 16 and x.number() == 0, reply
"""


def test_a_context_that_the_server_forgot_is_made_anew(realm, tmp_path):
    """A client's contexts are 32; one more is in the place of the one longest unused."""
    env = {**realm.env, "KRB5CCNAME": f"FILE:{tmp_path}/cc"}
    run(["kinit", "-S", "kadmin/admin", "clerk"], env, "clerk-pw\n").ok()
    with Session(realm, "clerk", kadmin=KADMIN["ours"]) as session:
        assert f"Principal: boss@{REALM}" in session.ask("getprinc boss", "Policy:")
        run(["/usr/bin/python3", "-c", CONTEXTS, realm.port, ROOT / "tests"], env).ok()
        lines = Lines(realm)
        assert f"Principal: boss@{REALM}" in session.ask("getprinc boss", "Policy:")
        lines.wait("the context is not known here")
        lines.wait(f'KADMIN ok operation="begin session" client=clerk@{REALM}')
        lines.wait(f"KADMIN ok operation=kadm5_get_principal client=clerk@{REALM}")


@pytest.mark.parametrize("whose", ["mits", "ours"])
def test_a_session_ends_with_its_client(realm, whose):
    """Whom MIT's kadmind lets go on until the ticket ends: it asks the access list alone."""
    realm.kadmin("boss", "addprinc -pw leaver-pw leaver").ok()
    with Session(realm, "leaver", kadmin=KADMIN[whose]) as session:
        own = "getprinc leaver"
        assert f"Principal: leaver@{REALM}" in session.ask(own, "Policy:")
        for change, words in (("-allow_tix", "revoked"), ("-expire 2020-01-01", "expired")):
            realm.kadmin("boss", f"modprinc {change} leaver").ok()
            assert words in session.ask(own, "retrieving").lower()
            realm.kadmin("boss", "modprinc +allow_tix -expire never leaver").ok()
            assert f"Principal: leaver@{REALM}" in session.ask(own, "Policy:")
        realm.kadmin("boss", "delprinc -force leaver").ok()
        said = session.ask(own, "retrieving")
        assert "Client not found in Kerberos database" in said or "not known to the KDC" in said, said
        realm.daemon.wait_text("there is no leaver@KADM.TEST any more, whose ticket this is")


class Session:
    """kadmin at its prompt."""
    def __init__(self, realm, who="boss", kadmin="/usr/bin/kadmin"):
        env = {**realm.env, **SANITIZERS}
        self.child = subprocess.Popen([kadmin, "-p", who, "-w", f"{who}-pw"], env=env, text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def ask(self, query, last):
        self.child.stdin.write(query + "\n")
        self.child.stdin.flush()
        said = ""
        while last not in said and (line := self.child.stdout.readline()):
            said += line
        return said

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.stdout.close()
        self.child.wait()


# ---- what comes from others

def record(message, last=True):
    return struct.pack(">I", len(message) | (0x80000000 if last else 0)) + message


def call(procedure, flavor=0, program=2112, version=2, cred=b""):
    return struct.pack(">IIIIII", 7, 0, 2, program, version, procedure) + \
        struct.pack(">II", flavor, len(cred)) + cred + struct.pack(">II", 0, 0)


def connect(realm, source="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", realm.port), timeout=60, source_address=(source, 0))


def reply_of(stream):
    head = stream.read(4)
    return struct.unpack(">I", head)[0] and stream.read(struct.unpack(">I", head)[0] & 0x7fffffff) if head else b""


def asked(realm, *bytes_of_it):
    with connect(realm) as s, s.makefile("rb") as stream:
        for part in bytes_of_it:
            s.sendall(part)
        return reply_of(stream)


def test_null_is_answered_without_a_ticket_also_in_fragments(realm):
    accepted = struct.pack(">IIIIII", 7, 1, 0, 0, 0, 0)
    assert asked(realm, record(call(0))) == accepted
    message = call(0)
    assert asked(realm, *(record(bytes([b]), False) for b in message[:-1]), record(message[-1:])) == accepted
    assert asked(realm, record(message[:9], False), record(b"", False), record(message[9:])) == accepted


@pytest.mark.parametrize("bytes_of_it, reply, line", [
    (record(call(5)), (1, 1, 5), "PERMISSION"),                                        # AUTH_TOOWEAK
    (record(call(5, flavor=1)), (1, 1, 5), "PERMISSION"),
    (record(call(0, flavor=300001)), (1, 1, 2), "of flavor 300001"),                   # AUTH_REJECTEDCRED
    (record(call(5, flavor=6, cred=bytes(4))), (1, 1, 1), "none of RPCSEC_GSS"),       # AUTH_BADCRED
    (record(call(5, flavor=6, cred=struct.pack(">IIIII", 1, 0, 1, 3, 4) + b"????")), (1, 1, 13), "not known here"),
    (record(call(0, program=100003)), (0, 0, 0, 1), "program 100003"),                 # PROG_UNAVAIL
    (record(call(0, version=1)), (0, 0, 0, 2, 2, 2), "UNSUPPORTED"),                   # PROG_MISMATCH
])
def test_calls_that_are_not_let_in_are_told_why(realm, bytes_of_it, reply, line):
    said = asked(realm, bytes_of_it)
    assert struct.unpack(f">{len(said) // 4}I", said) == (7, 1, *reply)
    realm.daemon.wait_text(line)


@pytest.mark.parametrize("noise, line", [
    (b"GET / HTTP/1.0\r\n\r\n", "FIELD_TOOLONG"), (record(b""), "a request without bytes"),
    (record(struct.pack(">10I", 7, 1, *range(8))), "no call of RPC"), (struct.pack(">I", 0xffffffff), "FIELD_TOOLONG"),
    (record(call(0)[:30]), "credential or verifier is not whole"), (b"\0\0\0\0" * 5000, "FIELD_TOOLONG")])
def test_noise_ends_its_connection_with_a_line_in_the_log_and_nothing_else(realm, noise, line):
    lines = Lines(realm)
    assert asked(realm, noise) == b""
    lines.wait(rf"MALFORMED .*{line}")
    assert asked(realm, record(call(0)))


@pytest.mark.parametrize("part", [record(call(0))[:3], record(call(0))[:11], record(call(0), last=False)])
def test_half_a_call_has_a_line_in_the_log_when_its_connection_ends(realm, part):
    lines = Lines(realm)
    with connect(realm) as s, s.makefile("rb") as stream:
        s.sendall(part)
        s.shutdown(socket.SHUT_WR)
        assert stream.read() == b""
    lines.wait(rf"MALFORMED .*the connection ended amid a request, of which {len(part)} bytes came")


class Lines:
    """What the log says from here on."""
    def __init__(self, realm):
        self.daemon, self.before = realm.daemon, len(realm.daemon.log.read_text())

    def wait(self, pattern):
        self.daemon.wait_until(lambda: re.search(pattern, self.daemon.log.read_text()[self.before:]), f"no {pattern}")


def processes(pid):
    """(name, pid) of all that came from a process."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield Path(f"/proc/{child}/comm").read_text().strip(), int(child)
            yield from processes(int(child))


def shared_memory(pid):
    """Inode and size of each mapping that a process shares with its like."""
    found = {}
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        at, rights, _, _, inode, *path = line.split()
        if "s" in rights and path and path[0] == "/dev/zero":
            start, end = (int(number, 16) for number in at.split("-"))
            found[inode] = end - start
    return found


def test_who_writes_the_log_has_no_keys_of_sessions(realm):
    """The table of contexts is what kadmind's worker shares and takes a little above a MiB."""
    named = dict((pid, name) for name, pid in processes(realm.daemon.process.pid))
    tables = {inode: pid for pid, name in named.items() if name == "obol-worker"
              for inode, size in shared_memory(pid).items() if 1 << 20 < size < 1200 << 10}
    assert len(tables) == 1, tables
    writers = [pid for pid, name in named.items() if name == "obol-log"]
    assert len(writers) >= 2 and all(shared_memory(pid) for pid in writers)
    assert not [pid for pid in writers if tables.keys() & shared_memory(pid).keys()]


def test_idle_clients_and_halves_of_calls_hold_up_nobody(realm):
    idle = [connect(realm) for _ in range(64)]
    try:
        for s in idle[:32]:
            s.sendall(record(call(0))[:11])
        assert f"Principal: clerk@{REALM}" in realm.kadmin("clerk", "getprinc clerk").out
        idle[0].sendall(record(call(0))[11:])
        with idle[0].makefile("rb") as stream:
            assert reply_of(stream)
    finally:
        for s in idle:
            s.close()


def test_who_has_no_ticket_displaces_no_session(realm):
    """MIT's kadmin does not come again when its connection is gone."""
    crowd = []
    with Session(realm) as session:
        assert f"boss@{REALM}" in session.ask("getprinc boss", "Policy:")
        try:
            # More than all places, from the administrator's own address and from others, and they ask something.
            for source in ("127.0.0.1", "127.0.0.2", "127.0.0.3"):
                crowd += [connect(realm, source) for _ in range(150)]
            for s in crowd[-5:]:
                s.sendall(record(call(0)))
                with s.makefile("rb") as stream:
                    assert reply_of(stream)
            assert f"Principal: clerk@{REALM}" in session.ask("getprinc clerk\nq", "Policy:")
        finally:
            for s in crowd:
                s.close()


# ---- programs on MIT's libraries

K5TEST = """
import k5test
realm = k5test.K5Realm(create_host=False, start_kadmind=True)
realm.prep_kadmin()
out = realm.run_kadmin("addprinc -pw pw remote").decode()
assert "created" in out
assert "remote@" in realm.run_kadmin("getprinc remote").decode()
realm.kinit("remote", "pw")
realm.stop_kadmind()
realm.stop()
print("all well")
"""


@pytest.mark.parametrize("whose", ["mits", "ours"])
def test_k5tests_realm_is_administered_by_run_kadmin(tmp_path, whose):
    path = tools(tmp_path / "bin", ours=True)
    if whose == "mits":
        (path / "kadmin").unlink()
    assert "all well" in alone(["/usr/bin/python3", "-c", K5TEST], path).ok().out


PERL = """
use Authen::Krb5; use Authen::Krb5::Admin qw(:constants);
Authen::Krb5::init_context();
my $k = Authen::Krb5::Admin->init_with_password('boss', 'boss-pw') or die Authen::Krb5::Admin::error();
my $p = Authen::Krb5::Admin::Principal->new;
$p->principal(Authen::Krb5::parse_name('perl')) or die;
$k->create_principal($p, 'perl-pw1') or die Authen::Krb5::Admin::error();
my $got = $k->get_principal(Authen::Krb5::parse_name('perl')) or die Authen::Krb5::Admin::error();
print 'kvno ', $got->kvno, ' of ', join('/', $got->principal->data), "\\n";
print join(' ', $k->get_principals('p*')), "\\n";
$k->chpass_principal(Authen::Krb5::parse_name('perl'), 'perl-pw2') or die Authen::Krb5::Admin::error();
$k->delete_principal(Authen::Krb5::parse_name('perl')) or die Authen::Krb5::Admin::error();
$k->get_principal(Authen::Krb5::parse_name('perl')) and die 'it is still there';
print Authen::Krb5::Admin::error(), "\\n";
"""


def test_perls_module_administers_the_realm(realm):
    out = run(["/usr/bin/perl", "-e", PERL], realm.env).ok().out
    assert "kvno 1 of perl" in out and f"perl@{REALM}" in out and "Principal does not exist" in out
