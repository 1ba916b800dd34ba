# test_sockets.py: sockets of this machine, and those that a service manager hands over (sd_listen_fds(3)).
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import sys

import pytest

from support.obol import binary, obol_env
from support.process import PATIENCE, both_of_a_port, free_port, run

from daemon import frame, wait_for

REALM = "SOCKET.TEST"
# Becomes the program behind "--", with the descriptors before it but the first as 3 and following.
HAND_OVER = """
import os, sys
end = sys.argv.index("--")
given = [int(fd) for fd in sys.argv[2:end]]
for at, fd in enumerate(given):
    os.dup2(fd, 3 + at)
if given:
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(given)))
os.execv(sys.argv[end + 1], sys.argv[end + 1:])
"""


class Home:
    def __init__(self, directory):
        self.dir, self.home, self.log = directory, directory / "home", directory / "serve.log"
        self.obol("realm", "create", REALM, "--listen", "127.0.0.1:0")
        self.obol("principal", "add", "alice", "--password-stdin", input="secret\n")
        self.obol("spn", "add", "HTTP/www.socket.test")
        self.processes = []

    def obol(self, *words, input=""):
        return run([binary(), *words, "--home", self.home], obol_env(), input).ok()

    def set(self, line):
        conf = self.home / "kdc.conf"
        text = conf.read_text().replace("kdc_listen", "# kdc_listen")
        conf.write_text(text.replace("[kdcdefaults]\n", f"[kdcdefaults]\n    {line}\n", 1))

    def serve(self, given=(), names="", *options):
        """obol serve, with sockets as descriptors 3 and following; what it says when it is ready."""
        ready, write = os.pipe()
        env = {**obol_env(), "LISTEN_FDNAMES": names} if given else obol_env()
        # High, so that none stands where another one has to go.
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 50) for fd in [write, *(s.fileno() for s in given)]]
        os.close(write)
        command = [sys.executable, "-c", HAND_OVER, *map(str, high), "--", binary(), "serve", "--home",
                   str(self.home), "--workers", "2", "--ready-fd", str(high[0]), *options]
        with open(self.log, "ab") as log:
            process = subprocess.Popen(command, env=env, pass_fds=high, stderr=log,
                                       stdin=subprocess.DEVNULL)
        for fd in high:
            os.close(fd)
        self.processes.append(process)
        assert select.select([ready], [], [], 20)[0], self.log.read_text()
        line = os.read(ready, 4096).decode()
        os.close(ready)
        return line, process

    def client(self, kdc):
        conf = self.dir / "krb5.conf"
        conf.write_text(f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
                        f"[realms]\n {REALM} = {{\n  kdc = {kdc}\n }}\n")
        return {**obol_env(), "KRB5_CONFIG": str(conf), "KRB5CCNAME": f"FILE:{self.dir}/cc"}

    def logs_in(self, kdc):
        env = self.client(kdc)
        run([binary(), "login", "--password-stdin", "alice"], env, "secret\n").ok()
        run([binary(), "ticket", "HTTP/www.socket.test"], env).ok()


@pytest.fixture
def home(tmp_path):
    h = Home(tmp_path)
    yield h
    for process in h.processes:
        if process.poll() is None:
            process.terminate()
        process.wait(10)


def test_a_client_comes_by_the_path_of_a_socket(home):
    path = home.dir / "kdc.sock"
    home.set(f"kdc_listen = {path}")
    line, process = home.serve()
    assert line == f"ready {path}\n"
    home.logs_in(path)
    wait_for(lambda: "from=unix" in home.log.read_text(), "a log line")
    with socket.socket(socket.AF_UNIX) as kept:  # several requests on one connection, over a reload
        kept.settimeout(PATIENCE)
        kept.connect(str(path))
        kept.sendall(frame(b"\x6a\x00"))
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: "configuration reloaded" in home.log.read_text(), "the reload")
        assert kept.recv(1) == b""  # what is no request is not answered: the connection ends
    home.logs_in(path)
    process.terminate()
    assert process.wait(10) == 0
    assert not path.exists()


def test_a_socket_left_behind_is_replaced_and_one_in_use_is_not(home):
    path = home.dir / "kdc.sock"
    home.set(f"kdc_listen = {path}")
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    home.serve()
    home.logs_in(path)
    second = run([binary(), "serve", "--home", home.home], obol_env())
    assert "another daemon serves there" in second.failed().text
    home.logs_in(path)


def test_a_file_that_is_no_socket_stays(home):
    path = home.dir / "precious"
    path.write_text("mine")
    home.set(f"kdc_listen = {path}")
    assert "no socket" in run([binary(), "serve", "--home", home.home], obol_env()).failed().text
    assert path.read_text() == "mine"


def test_sockets_of_a_service_manager_take_the_place_of_addresses(home):
    udp, tcp = both_of_a_port()
    local, path = socket.socket(socket.AF_UNIX), home.dir / "given.sock"
    local.bind(str(path))
    tcp.listen()
    local.listen()
    port = udp.getsockname()[1]
    line, process = home.serve((udp, tcp, local), "kdc:kdc:kdc")
    assert line == f"ready 127.0.0.1:{port}/udp 127.0.0.1:{port}/tcp {path}\n"
    for kdc in (f"udp/127.0.0.1:{port}", f"tcp/127.0.0.1:{port}", path):
        home.logs_in(kdc)
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: "configuration reloaded" in home.log.read_text(), "the reload")
    home.logs_in(f"127.0.0.1:{port}")
    process.terminate()
    process.wait(10)
    assert path.exists()  # it is the manager's
    # What came meanwhile waits in the manager's socket for the next one.
    with socket.create_connection(("127.0.0.1", port), timeout=10) as early:
        home.serve((udp, tcp, local), "kdc:kdc:kdc")
        early.sendall(frame(b"\x6a\x00"))
        assert early.recv(1) == b""


def test_the_socket_for_changing_passwords_is_known_by_its_name(home):
    udp, kpasswd = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
    udp.bind(("127.0.0.1", 0))
    kpasswd.bind(("127.0.0.1", 0))
    kpasswd.listen()
    home.serve((udp, kpasswd), "kdc:kpasswd")
    with socket.create_connection(kpasswd.getsockname(), timeout=10) as c:
        c.sendall(frame(b"\x00\x08\x00\x01\x00\x00\x30\x00"))
        assert c.recv(1) == b""
    wait_for(lambda: '"RFC 3244 2"' in home.log.read_text(), "the service's own refusal")
    home.logs_in(f"udp/127.0.0.1:{udp.getsockname()[1]}")


def null_of_kadmin(address):
    """kadmin's procedure 0 (RFC 5531 12.1), and the answer to it."""
    call = struct.pack(">10I", 7, 0, 2, 2112, 2, 0, 0, 0, 0, 0)
    with socket.create_connection(address, timeout=PATIENCE) as c, c.makefile("rb") as stream:
        c.sendall(struct.pack(">I", 0x80000000 | len(call)) + call)
        return struct.unpack(">7I", stream.read(28))


ACCEPTED = (0x80000018, 7, 1, 0, 0, 0, 0)


def test_the_socket_of_kadmin_is_known_by_its_name(home):
    udp, kadmin, kpasswd = socket.socket(type=socket.SOCK_DGRAM), socket.socket(), socket.socket()
    for s in (udp, kadmin, kpasswd):
        s.bind(("127.0.0.1", 0))
    kadmin.listen()
    kpasswd.listen()
    _, process = home.serve((udp, kadmin, kpasswd), "kdc:kadmin:kpasswd")
    assert null_of_kadmin(kadmin.getsockname()) == ACCEPTED
    wait_for(lambda: "KADMIN ok operation=kadm5_null" in home.log.read_text(), "a log line")
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: home.log.read_text().count("configuration reloaded") == 3, "the reload of the three")
    assert null_of_kadmin(kadmin.getsockname()) == ACCEPTED
    with socket.create_connection(kpasswd.getsockname(), timeout=PATIENCE) as c:  # and the others are what they are named
        c.sendall(struct.pack(">I", 0x80000000 | 40) + bytes(40))
        assert c.recv(1) == b""
    home.logs_in(f"udp/127.0.0.1:{udp.getsockname()[1]}")


def test_what_cannot_be_served_is_refused(home):
    datagrams, idle = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), socket.socket()
    for given in (datagrams, idle):
        line, process = home.serve((given,), "kdc")
        assert line == "" and process.wait(10) == 1
        assert "no socket that can be served" in home.log.read_text()
        home.log.write_text("")


def test_systemds_own_tool_starts_it_with_its_sockets(home):
    udp, tcp = both_of_a_port()
    port, path = tcp.getsockname()[1], home.dir / "given.sock"
    udp.close()
    tcp.close()
    kadmin = free_port()
    passed = [f"--setenv={name}" for name in obol_env() if name.endswith("SAN_OPTIONS")]
    with open(home.log, "ab") as log:
        process = subprocess.Popen(
            ["systemd-socket-activate", *passed, "--fdname=kdc:kdc:kadmin", f"--listen=127.0.0.1:{port}", f"--listen={path}",
             f"--listen=127.0.0.1:{kadmin}", binary(), "serve", "--home", str(home.home), "--workers", "2"],
            env=obol_env(), stdin=subprocess.DEVNULL, stderr=log)
    home.processes.append(process)
    wait_for(lambda: "Listening on" in home.log.read_text() and path.exists(), "systemd's sockets")
    assert null_of_kadmin(("127.0.0.1", kadmin)) == ACCEPTED  # the first connection starts the server
    for kdc in (f"tcp/127.0.0.1:{port}", path):
        home.logs_in(kdc)
    wait_for(lambda: "from=tcp:" in home.log.read_text() and "from=unix" in home.log.read_text(), "both in the log")
    process.terminate()
    assert process.wait(20) == 0
    assert path.exists()
