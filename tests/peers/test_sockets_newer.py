# test_sockets_newer.py: sockets of this machine between Obol and MIT krb5 of Debian's testing suite, the first that has
# them: its kinit, kvno and kpasswd at our service, and our client at its krb5kdc.
import pytest

from support.newer import program, version
from support.obol import binary, obol_env
from support.process import Daemon, base_env, free_port, run, which

REALM = "SOCKET.TEST"


class Here:
    def __init__(self, directory):
        self.dir, self.kdc, self.kpasswd = directory, directory / "kdc.sock", directory / "kpasswd.sock"
        self.conf = directory / "krb5.conf"
        self.conf.write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n dns_canonicalize_hostname = false\n"
            f"[realms]\n {REALM} = {{\n  kdc = {self.kdc}\n  kpasswd_server = {self.kpasswd}\n"
            f"  admin_server = {self.kpasswd}\n }}\n")
        self.env = {**base_env(), "KRB5_CONFIG": str(self.conf), "KRB5CCNAME": f"FILE:{directory}/cc"}
        self.daemons = []

    def serve(self, words, name, text, env):
        daemon = Daemon(words, self.dir / f"{name}.log", env)
        self.daemons.append(daemon)
        daemon.wait_text(text)
        return daemon

    def theirs(self, name, *words, input=""):
        return run([program(name), *words], self.env, input)

    def ours(self, *words, input=""):
        return run([binary(), *words], {**obol_env(), **{k: self.env[k] for k in ("KRB5_CONFIG", "KRB5CCNAME")}}, input)


@pytest.fixture
def here(tmp_path):
    h = Here(tmp_path)
    yield h
    for daemon in h.daemons:
        daemon.stop()


def test_mits_clients_come_by_our_sockets(here, judged):
    def obol(*words, input=""):
        return run([binary(), *words, "--home", here.dir / "home"], obol_env(), input).ok()
    obol("realm", "create", REALM, "--listen", "127.0.0.1:0")
    conf = here.dir / "home" / "kdc.conf"
    conf.write_text(conf.read_text().replace("kdc_listen", "# kdc_listen").replace(
        "[kdcdefaults]\n", f"[kdcdefaults]\n    kdc_listen = {here.kdc}\n    kpasswd_listen = {here.kpasswd}\n", 1))
    obol("principal", "add", "alice", "--password-stdin", input="old1\n")
    obol("spn", "add", "HTTP/www.socket.test")
    daemon = here.serve([binary(), "serve", "--home", here.dir / "home", "--workers", "1"], "serve",
                        f"serving on {here.kdc}", obol_env())
    daemon.wait_text(f"serving on {here.kpasswd}")
    here.theirs("kinit", "alice", input="old1\n").ok()
    here.theirs("kvno", "HTTP/www.socket.test").ok()
    here.theirs("kinit", "alice", input="wrong\n").failed()
    here.theirs("kpasswd", "alice", input="old1\nnew1\nnew1\n").ok()
    here.theirs("kinit", "alice", input="old1\n").failed()
    here.theirs("kinit", "alice", input="new1\n").ok()
    daemon.wait_text("KPASSWD ok")
    log = daemon.log.read_text()
    assert log.count("from=unix") == log.count("from=") > 5
    judged(version(), "client, our KDC", "sockets of this machine", "kinit kvno kpasswd", "tickets, changed")


@pytest.mark.parametrize("transport", ["udp", "tcp", "unix"])
def test_mits_clients_wake_our_service_by_systemds_sockets(here, transport, judged):
    """The first message waits in the socket that systemd's own tool holds, and starts the service."""
    def obol(*words, input=""):
        return run([binary(), *words, "--home", here.dir / "home"], obol_env(), input).ok()
    obol("realm", "create", REALM)
    obol("principal", "add", "alice", "--password-stdin", input="old1\n")
    obol("spn", "add", "HTTP/www.socket.test")
    place = here.kdc if transport == "unix" else f"127.0.0.1:{free_port()}"
    here.conf.write_text(here.conf.read_text().replace(f"kdc = {here.kdc}", f"kdc = {place}").replace(
        "[libdefaults]\n", f"[libdefaults]\n udp_preference_limit = {1 if transport == 'tcp' else 1465}\n"))
    passed = [f"--setenv={name}" for name in obol_env() if name.endswith("SAN_OPTIONS")]
    daemon = here.serve([which("systemd-socket-activate"), *passed, *(["--datagram"] if transport == "udp" else []),
                         "--fdname=kdc", f"--listen={place}", binary(), "serve", "--home", here.dir / "home", "--workers", "1"],
                        "activated", "Listening on", obol_env())
    assert "serving" not in daemon.log.read_text()
    here.theirs("kinit", "alice", input="old1\n").ok()
    here.theirs("kvno", "HTTP/www.socket.test").ok()
    here.theirs("kinit", "alice", input="wrong\n").failed()
    daemon.wait_text("KDC_ERR_PREAUTH_FAILED")
    log = daemon.log.read_text()
    assert log.count(f"from={transport}") == log.count("from=") >= 4, log
    judged(version(), f"client, our KDC, {transport}", "systemd-socket-activate", "kinit kvno", "tickets")


def test_our_client_comes_by_the_socket_of_mits_kdc(here, judged):
    (here.dir / "kdc.conf").write_text(
        f"[kdcdefaults]\n kdc_listen = {here.kdc}\n kdc_tcp_listen = {here.kdc}\n[realms]\n {REALM} = {{\n"
        f"  database_name = {here.dir}/db\n  key_stash_file = {here.dir}/stash\n  acl_file = {here.dir}/acl\n }}\n")
    here.env["KRB5_KDC_PROFILE"] = str(here.dir / "kdc.conf")
    here.theirs("kdb5_util", "create", "-s", "-W", "-P", "master").ok()
    here.theirs("kadmin.local", "addprinc", "-pw", "old1", "+requires_preauth", "alice").ok()
    here.theirs("kadmin.local", "addprinc", "-randkey", "HTTP/www.socket.test").ok()
    here.serve([program("krb5kdc"), "-n"], "krb5kdc", "starting", here.env)
    here.ours("login", "alice", "--password-stdin", input="old1\n").ok()
    here.ours("ticket", "HTTP/www.socket.test").ok()
    here.ours("login", "alice", "--password-stdin", input="wrong\n").failed()
    judged(version(), "KDC, our client", "sockets of this machine", "login, ticket", "tickets")
