# test_kpasswd.py: passwords changed over the network (RFC 3244): kpasswd of MIT and of Heimdal, and
# an expired password at MIT's kinit, against our service, run by `obol serve` beside the KDC.
import json
import os
import pty
import re
import select
import signal
import socket
import time

import pytest

from support.capture import Relay
from support.heimdal import program
from support.obol import binary, obol_env
from support.process import Daemon, base_env, free_port, run, wait_for, which

REALM = "KPASSWD.TEST"
REPLAY = b"\xa6\x03\x02\x01\x22"  # error-code of a KRB-ERROR: KRB_AP_ERR_REPEAT


class Realm:
    def __init__(self, directory):
        self.dir, self.home = directory, directory / "home"
        self.kdc_port, self.port = free_port(), free_port()
        self.obol("realm", "create", REALM, "--listen", f"127.0.0.1:{self.kdc_port}")
        conf = self.home / "kdc.conf"
        conf.write_text(conf.read_text().replace(
            "[kdcdefaults]\n", f"[kdcdefaults]\n    kpasswd_listen = 127.0.0.1:{self.port}\n"))
        self.obol("principal", "add", "alice", "--password-stdin", input="old1\n")
        (directory / "krb5.conf").write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
            f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{self.kdc_port}\n"
            f"  kpasswd_server = 127.0.0.1:{self.port}\n  admin_server = 127.0.0.1\n }}\n")
        self.env = {**base_env(), "KRB5_CONFIG": f"{directory}/krb5.conf",
                    "KRB5CCNAME": f"FILE:{directory}/cc"}
        self.log = directory / "serve.log"
        self.daemon = Daemon([binary(), "serve", "--home", self.home, "--workers", "1"],
                             self.log, obol_env(), self.kdc_port)

    def obol(self, *words, input=""):
        return run([binary(), *words, "--home", self.home], obol_env(), input).ok()

    def logs_in(self, password):
        return run(["kinit", "-c", f"{self.dir}/check", "alice"], self.env, password + "\n").status == 0


@pytest.fixture
def realm(tmp_path):
    r = Realm(tmp_path)
    yield r
    r.daemon.stop()


def typed(args, env, answers, timeout=60):
    """A program on a terminal of its own: each answer is typed when a prompt (ending in a colon)
    has come. Gives its status and all that it showed."""
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(args[0], args, env)
    text, until, seen = "", time.monotonic() + timeout, 0
    try:
        while time.monotonic() < until and select.select([fd], [], [], timeout)[0]:
            try:
                text += os.read(fd, 4096).decode(errors="replace")
            except OSError:
                break
            if answers and text[seen:].rstrip(" ").endswith(":"):
                seen = len(text)
                os.write(fd, (answers.pop(0) + "\n").encode())
    finally:
        os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text


def test_mits_kpasswd_changes_a_password(realm):
    run(["kpasswd", "alice"], realm.env, "old1\nnew1\nnew1\n").ok()
    assert realm.logs_in("new1") and not realm.logs_in("old1")
    realm.daemon.wait_text("KPASSWD ok client=alice@KPASSWD.TEST")


def test_a_password_is_changed_by_tcp(realm):
    conf = realm.dir / "krb5.conf"
    conf.write_text(conf.read_text().replace("[libdefaults]\n", "[libdefaults]\n udp_preference_limit = 1\n"))
    run(["kpasswd", "alice"], realm.env, "old1\nnew1\nnew1\n").ok()
    assert realm.logs_in("new1")
    realm.daemon.wait_text("KPASSWD ok client=alice@KPASSWD.TEST")
    assert "from=tcp:" in realm.log.read_text().split("KPASSWD ok", 1)[1].split("\n", 1)[0]


def test_a_tgt_buys_no_ticket_that_changes_passwords(realm):
    run(["kinit", "alice"], realm.env, "old1\n").ok()
    assert "policy" in run(["kvno", f"kadmin/changepw@{REALM}"], realm.env).failed().text


def test_a_wrong_old_password_changes_nothing(realm):
    run(["kpasswd", "alice"], realm.env, "wrong\nnew1\nnew1\n").failed()
    assert realm.logs_in("old1")


def test_a_new_realms_kdc_conf_says_where_passwords_are_changed(realm):
    text = (realm.home / "kdc.conf").read_text()
    assert "    # kpasswd_listen = :464\n" in text and text.count("kpasswd_listen") == 2


def passwd(realm, given, *words, **env):
    return run([binary(), "passwd", "--password-stdin", *words], {**realm.env, **obol_env(), **{
        "KRB5_CONFIG": realm.env["KRB5_CONFIG"], "KRB5CCNAME": realm.env["KRB5CCNAME"]}, **env}, given)


def test_our_own_command_changes_a_password(realm):
    shown = passwd(realm, "old1\nnew1\n", "alice").ok().out
    assert shown == "alice@KPASSWD.TEST has a new password\n"
    assert realm.logs_in("new1") and not realm.logs_in("old1")
    run(["kinit", "alice"], realm.env, "new1\n").ok()  # from now on the cache says who it is
    before = (realm.dir / "cc").read_bytes()
    assert json.loads(passwd(realm, "new1\nnew2\n", "--json").ok().out) == {
        "principal": "alice@KPASSWD.TEST", "changed": True}
    assert realm.logs_in("new2") and (realm.dir / "cc").read_bytes() == before
    realm.obol("principal", "set", "alice", "--password-expires", "2020-01-01")
    expired = run([binary(), "login", "--password-stdin", "alice"], {**obol_env(), **realm.env}, "new2\n").failed()
    assert "remedy: Change it: obol passwd alice." in expired.err
    passwd(realm, "new2\nnew3\n").ok()
    assert realm.logs_in("new3")
    status, text = typed([binary(), "passwd", "alice"], {**obol_env(), **realm.env}, ["new3", "new4", "new4"])
    assert status == 0 and "has a new password" in text, text
    assert realm.logs_in("new4")


def test_our_own_command_says_what_is_wrong(realm):
    assert "the password is not right" in passwd(realm, "wrong\nnew1\n", "alice").failed().err
    assert "the password is empty" in passwd(realm, "old1\n\n", "alice").failed().err
    assert "the input ended before it" in passwd(realm, "old1\n", "alice").failed().err
    realm.obol("policy", "add", "long", "--min-length", "20")
    realm.obol("principal", "set", "alice", "--policy", "long")
    refused = passwd(realm, "old1\nshort\n", "alice").failed()
    assert "the new password is not acceptable" in refused.err and "20" in refused.err
    status, text = typed([binary(), "passwd", "alice"], {**obol_env(), **realm.env}, ["old1", "a" * 20, "b" * 20])
    assert status == 1 and "the two passwords differ" in text, text
    conf = realm.dir / "krb5.conf"
    whole = conf.read_text()
    for left_out in ("kpasswd_server", "admin_server"):
        conf.write_text(re.sub(rf"^ *{left_out} = .*\n", "", conf.read_text(), flags=re.M))
    missing = passwd(realm, "old1\n" + "a" * 20 + "\n", "alice").failed().err
    assert "krb5.conf has no `kpasswd_server` for the realm" in missing and "did you mean" not in missing
    conf.write_text(re.sub(r"kpasswd_server = .*", f"kpasswd_server = 127.0.0.1:{free_port()}", whole))
    silent = passwd(realm, "old1\n" + "a" * 20 + "\n", "alice").failed().err
    assert "remedy: Passwords have a service of their own" in silent and "kpasswd_listen" in silent
    conf.write_text(whole)
    realm.daemon.stop()
    assert "no KDC of the realm answered" in passwd(realm, "old1\nnew1\n", "alice").failed().err
    assert "new1" not in passwd(realm, "old1\nnew1\n", "alice").err


def face(realm, *words, input="", **env):
    """Ours by MIT's name, with what it inherits."""
    return run([os.path.join(os.path.dirname(os.path.realpath(binary())), "lib/obol/bin/kpasswd"), *words],
               {**realm.env, **obol_env(), "KRB5_CONFIG": realm.env["KRB5_CONFIG"],
                "KRB5CCNAME": realm.env["KRB5CCNAME"], **env}, input)


@pytest.mark.parametrize("words, given, status", [
    (["alice"], "old1\nlong enough it is\nlong enough it is\n", 0),
    ([f"alice@{REALM}"], "old1\nlong enough it is\nlong enough it is\n", 0),
    ([], "old1\nlong enough it is\nlong enough it is\n", 0),  # whose cache it is
    (["alice"], "old1\nshort\nshort\n", 2),
    (["alice"], "old1\n\n\n", 2),
    (["alice"], "old1\nlong enough it is\nlong enough it was\n", 1),
    (["alice"], "old1\nlong enough it is\n", 1),
    (["alice"], "wrong\nlong enough it is\nlong enough it is\n", 1),
    (["nobody"], "old1\n", 1),
    (["alice", "bob"], "", 1),
    (["a@b@c"], "", 1),
])
def test_our_kpasswd_shows_what_mits_does(realm, words, given, status):
    realm.obol("policy", "add", "long", "--min-length", "10")
    realm.obol("principal", "set", "alice", "--policy", "long")
    run(["kinit", "alice"], realm.env, "old1\n").ok()
    before = (realm.dir / "cc").read_bytes()
    ours = face(realm, *words, input=given)
    if status == 0:
        assert realm.logs_in("long enough it is")
        realm.obol("principal", "set", "alice", "--policy", "none")
        realm.obol("principal", "password", "alice", "--password-stdin", input="old1\n")
    theirs = run(["kpasswd", *words], realm.env, given)
    assert (ours.status, theirs.status) == (status, status), f"{ours}\n{theirs}"
    if status == 1:  # what failed is told in our own words; the prompt that it stood at ends its line here
        assert ours.out.rstrip("\n") == theirs.out.rstrip("\n") and "kpasswd" in ours.err.lower(), f"{ours}\n{theirs}"
    else:
        assert ours.out == theirs.out, f"{ours}\n{theirs}"
    assert "long enough" not in ours.text and (realm.dir / "cc").read_bytes() == before


def test_our_kpasswd_asks_at_the_terminal_as_mits_does(realm):
    realm.obol("policy", "add", "long", "--min-length", "10")
    realm.obol("principal", "set", "alice", "--policy", "long")
    ours = os.path.join(os.path.dirname(os.path.realpath(binary())), "lib/obol/bin/kpasswd")
    for answers, status in ((["old1", "short", "short"], 2), (["old1", "a" * 20, "b" * 20], 1), (["bad"], 1)):
        told = [typed([program, "alice"], {**obol_env(), **realm.env}, list(answers))
                for program in (ours, which("kpasswd"))]
        assert [s for s, _ in told] == [status, status], told
        ours_said, theirs = (re.findall(r"^.*: ?(?=\r?$)|^Password .*", text, re.M) for _, text in told)
        assert ours_said and [line.strip() for line in ours_said][:3] == [line.strip() for line in theirs][:3], told


def test_heimdals_kpasswd_changes_a_password(realm):
    status, text = typed([program("kpasswd.heimdal"), f"alice@{REALM}"], realm.env,
                         ["old1", "new1", "new1"])
    assert status == 0 and "Success" in text, text
    assert realm.logs_in("new1") and not realm.logs_in("old1")


def test_an_expired_password_is_changed_at_mits_kinit(realm):
    realm.obol("principal", "set", "alice", "--password-expires", "2020-01-01")
    status, text = typed(["/usr/bin/kinit", "alice"], realm.env, ["old1", "new1", "new1"])
    assert status == 0, text
    assert "expired" in text
    assert realm.logs_in("new1")


def test_an_expired_password_is_changed_in_armor_too(realm):
    """Where nobody logs in without armor, the ticket for kadmin/changepw is asked for in it as well."""
    realm.obol("principal", "add", "armorer", "--password-stdin", input="secret1\n")
    armor = f"FILE:{realm.dir}/armor"
    run(["kinit", "-c", armor, "armorer"], realm.env, "secret1\n").ok()
    conf = realm.home / "kdc.conf"
    conf.write_text(conf.read_text().replace(f"    {REALM} = {{\n", f"    {REALM} = {{\n        preauth_mechanisms = encrypted_challenge\n"))
    os.kill(realm.daemon.process.pid, signal.SIGHUP)
    realm.daemon.wait_text("configuration reloaded")
    realm.obol("principal", "set", "alice", "--password-expires", "2020-01-01")
    status, text = typed(["/usr/bin/kinit", "alice"], realm.env, ["old1", "new1", "new1"])
    assert status != 0, text
    status, text = typed(["/usr/bin/kinit", "-T", armor, "alice"], realm.env, ["old1", "new1", "new1"])
    assert status == 0 and "expired" in text, text
    run(["kinit", "-T", armor, "-c", f"{realm.dir}/check", "alice"], realm.env, "new1\n").ok()


def test_a_refused_password_tells_the_user_its_rule(realm):
    realm.obol("policy", "add", "staff", "--min-length", "12", "--history", "3")
    realm.obol("principal", "set", "alice", "--policy", "staff")
    said = run(["kpasswd", "alice"], realm.env, "old1\nshort\nshort\n").failed()
    assert "it has 5 characters; 12 at least are asked for" in said.out + said.err
    assert realm.logs_in("old1")
    run(["kpasswd", "alice"], realm.env, "old1\nlong enough it is\nlong enough it is\n").ok()
    said = run(["kpasswd", "alice"], realm.env,
               "long enough it is\nlong enough it is\nlong enough it is\n").failed()
    assert "one of the last 3 passwords" in said.out + said.err


def test_heimdals_user_is_told_the_rule_too(realm):
    realm.obol("policy", "add", "staff", "--min-length", "12", "--min-life", "1d")
    realm.obol("principal", "set", "alice", "--policy", "staff")
    status, text = typed([program("kpasswd.heimdal"), f"alice@{REALM}"], realm.env,
                         ["old1", "long enough it is", "long enough it is"])
    assert "changed too recently" in text, text  # it exits with 0 whatever the service says


def test_mits_kinit_must_change_where_the_administrator_said_so(realm):
    realm.obol("policy", "add", "staff", "--min-length", "12", "--min-life", "1d")
    realm.obol("principal", "set", "alice", "--policy", "staff", "--set", "needs-change")
    status, text = typed(["/usr/bin/kinit", "alice"], realm.env,
                         ["old1", "short", "short", "long enough it is", "long enough it is"])
    assert status == 0, text
    assert "12 at least" in text and realm.logs_in("long enough it is")


def test_too_many_wrong_passwords_lock_until_unlocked(realm):
    realm.obol("policy", "add", "lock", "--max-failures", "2")
    realm.obol("principal", "set", "alice", "--policy", "lock")
    assert not realm.logs_in("x") and not realm.logs_in("y")
    assert "revoked" in run(["kinit", "alice"], realm.env, "old1\n").failed().text
    realm.obol("principal", "set", "alice", "--unlock")
    # Failures in the second of the unlocking do not count either.
    assert realm.logs_in("old1")


def test_heimdals_kpasswd_sets_anothers_password_where_the_access_list_says_so(realm):
    def sets(admin):
        return typed([program("kpasswd.heimdal"), f"--admin-principal={admin}@{REALM}", f"alice@{REALM}"],
                     realm.env, ["admin1", "set by joe", "set by joe"])[1]
    for name in ("joe/admin", "eve"):
        realm.obol("principal", "add", name, "--password-stdin", input="admin1\n")
    assert "not permitted" in sets("joe/admin") and realm.logs_in("old1")
    realm.daemon.stop()
    (realm.home / "kadm5.acl").write_text("# who may do what\n*/admin c *\n")
    realm.daemon = Daemon([binary(), "serve", "--home", realm.home, "--workers", "1"],
                          realm.log, obol_env(), realm.kdc_port)
    assert "not permitted" in sets("eve") and realm.logs_in("old1")
    assert "Success" in sets("joe/admin") and realm.logs_in("set by joe")


@pytest.fixture
def kadmind(tmp_path):
    """MIT's service for changing passwords; its port."""
    ports = {"kadmind_port": free_port(), "kpasswd_port": free_port()}
    (tmp_path / "kdc.conf").write_text(
        f"[realms]\n {REALM} = {{\n  database_name = {tmp_path}/db\n  key_stash_file = {tmp_path}/stash\n"
        f"  acl_file = {tmp_path}/acl\n" + "".join(f"  {key} = {port}\n" for key, port in ports.items()) + " }\n")
    (tmp_path / "acl").write_text("")
    env = {**base_env(), "KRB5_CONFIG": f"{tmp_path}/krb5.conf", "KRB5_KDC_PROFILE": f"{tmp_path}/kdc.conf"}
    run([which("kdb5_util"), "-r", REALM, "create", "-s", "-P", "master"], env).ok()
    daemon = Daemon([which("kadmind"), "-nofork", "-r", REALM], tmp_path / "kadmind.log", env, ports["kadmind_port"])
    yield ports["kpasswd_port"]
    daemon.stop()


def test_an_answer_is_never_answered(realm, kadmind, judged):
    """CVE-2002-2443: somebody sends a question to one service in the name of another, which must not take the
    answer for a question. The one reply is to the question that comes behind it."""
    relay, conf = Relay(realm.port), realm.dir / "krb5.conf"
    conf.write_text(conf.read_text().replace(f"kpasswd_server = 127.0.0.1:{realm.port}", f"kpasswd_server = 127.0.0.1:{relay.port}"))
    run(["kpasswd", "alice"], realm.env, "old1\nnew1\nnew1\n").ok()
    relay.stop()
    question, answer = relay.messages  # asked again it is a replay, and at the other service of no ticket of its
    ours, theirs = realm.port, kadmind

    def asked(port, *messages):
        """The first answer, and whether there is another one at once."""
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(10)
            for message in messages:
                sock.sendto(message, ("127.0.0.1", port))
            return sock.recv(65536), select.select([sock], [], [], 0)[0] != []
    answers = [answer, asked(ours, question)[0], asked(theirs, question)[0],
               asked(theirs, answer)[0]]  # MIT's takes this one for a question: its second
    for answer in answers:
        said, more = asked(ours, answer, question)
        assert REPLAY in said and not more, answer
        with socket.create_connection(("127.0.0.1", ours), 10) as sock:
            sock.sendall(len(answer).to_bytes(4, "big") + answer)
            assert sock.recv(1) == b""
    judged("kadmind 1.20.1 (MIT)", "beside our kpasswd", "answers", "udp, tcp", "ours answers none of theirs")


def test_a_reload_is_the_services_too_and_remarks_are_made_once(realm):
    log = realm.dir / "kdc.log"
    realm.daemon.stop()
    conf = realm.home / "kdc.conf"
    conf.write_text(conf.read_text().replace("[kdcdefaults]\n", f"[kdcdefaults]\n    log = {log}\n    wrokers = 1\n"))
    realm.log.write_text("")
    realm.daemon = Daemon([binary(), "serve", "--home", realm.home, "--workers", "1"],
                          realm.log, obol_env(), realm.kdc_port)
    assert realm.log.read_text().count("wrokers") == 1
    log.rename(log.with_name("old.log"))
    realm.daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: realm.log.read_text().count("configuration reloaded") == 2, realm.log.read_text)
    run(["kpasswd", "alice"], realm.env, "old1\nnew1\nnew1\n").ok()
    wait_for(lambda: log.exists() and "KPASSWD ok client=alice" in log.read_text(), realm.log.read_text)


def test_the_service_ends_with_the_kdc(realm):
    pid = realm.daemon.process.pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        children = f.read().split()
    assert children
    realm.daemon.stop()
    for child in children:
        assert not os.path.exists(f"/proc/{child}")
