# test_kkdcp.py: clients that reach nothing but HTTPS (MS-KKDCP): MIT's kinit and kpasswd and ours
# through the proxy that `obol serve` runs, and ours through kdcproxy, the proxy of FreeIPA.
import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time

import pytest
import requests

from support.obol import binary, obol_env
from support.process import Daemon, base_env, free_port, run, wait_for
from support.tls import Authority, envelope

REALM = "PROXY.TEST"


class Realm:
    def __init__(self, directory):
        self.dir, self.home, self.ca = directory, directory / "home", Authority(directory)
        self.kdc_port, self.kpasswd_port, self.port = free_port(), free_port(), free_port()
        self.obol("realm", "create", REALM, "--listen", f"127.0.0.1:{self.kdc_port}")
        self.ca.issue("server").rename(self.home / "server.pem")
        conf = self.home / "kdc.conf"
        conf.write_text(conf.read_text().replace("[kdcdefaults]\n", f"""[kdcdefaults]
    kpasswd_listen = 127.0.0.1:{self.kpasswd_port}
    https_listen = 127.0.0.1:{self.port}
    https_certificate = server.pem
    audit_log = audit.log
"""))
        self.obol("principal", "add", "alice", "--password-stdin", input="old1\n")
        self.obol("spn", "add", "HTTP/www.proxy.test")
        self.url = f"https://localhost:{self.port}/KdcProxy"
        self.start()

    def start(self):
        self.log = self.dir / "serve.log"
        self.daemon = Daemon([binary(), "serve", "--home", self.home, "--workers", "2"], self.log,
                             obol_env(), self.kdc_port)
        self.daemon.wait_port(self.port)

    def obol(self, *words, input=""):
        return run([binary(), *words, "--home", self.home], obol_env(), input).ok()

    def env(self, url=None, anchors=None):
        """The environment of a client that knows of nothing but the proxy."""
        url = url or self.url
        (self.dir / "krb5.conf").write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
            f"[realms]\n {REALM} = {{\n  kdc = {url}\n  kpasswd_server = {url}\n"
            f"  http_anchors = FILE:{anchors or self.ca.certificate}\n }}\n")
        return {**base_env(), **obol_env(), "KRB5_CONFIG": f"{self.dir}/krb5.conf",
                "KRB5CCNAME": f"FILE:{self.dir}/cc"}

    def post(self, body, path="/KdcProxy", method="POST", **kw):
        return requests.request(method, f"https://localhost:{self.port}{path}", data=body,
                                verify=str(self.ca.certificate), timeout=10, **kw)

    def audited(self, *words):
        """Waits for a line of the audit log with these words."""
        log = self.home / "audit.log"
        return wait_for(lambda: log.exists() and any(all(w in line for w in words)
                                                     for line in log.read_text().splitlines()), log.read_text)


@pytest.fixture(scope="module")
def realm(tmp_path_factory):
    r = Realm(tmp_path_factory.mktemp("kkdcp"))
    yield r
    r.daemon.stop()


@pytest.fixture(scope="module")
def as_req(realm):
    """An AS-REQ as a client sends it, recorded at a port of our own."""
    with socket.socket(type=socket.SOCK_DGRAM) as trap:
        trap.bind(("127.0.0.1", 0))
        conf = realm.dir / "trap.conf"
        conf.write_text(f"[libdefaults]\n default_realm = {REALM}\n[realms]\n {REALM} = {{\n"
                        f"  kdc = 127.0.0.1:{trap.getsockname()[1]}\n }}\n")
        kinit = subprocess.Popen(["kinit", "alice"], env={**base_env(), "KRB5_CONFIG": str(conf)},
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        trap.settimeout(10)
        request = trap.recv(65536)
        kinit.kill()
        kinit.wait()
        return request


def test_mits_kinit_and_kvno_come_by_https(realm):
    env = realm.env()
    run(["kinit", "alice"], env, "old1\n").ok()
    run(["kvno", "HTTP/www.proxy.test"], env).ok()
    assert realm.audited('"kind":"TGS"', '"transport":"https"', '"address":"127.0.0.1"', "HTTP/www")


def test_our_client_comes_by_https(realm):
    env = realm.env()
    run([binary(), "login", "--password-stdin", "alice"], env, "old1\n").ok()
    run([binary(), "ticket", "HTTP/www.proxy.test"], env).ok()


def test_a_wrong_password_is_one_by_https_too(realm):
    assert "incorrect" in run(["kinit", "alice"], realm.env(), "wrong\n").failed().text
    assert "password" in run([binary(), "login", "--password-stdin", "alice"], realm.env(),
                             "wrong\n").failed().text


def test_a_proxy_of_another_authority_is_told_nothing(realm):
    env = realm.env(anchors=Authority(realm.dir, "other").certificate)
    run(["kinit", "alice"], env, "old1\n").failed()
    assert "certificate" in run([binary(), "login", "--password-stdin", "alice"], env, "old1\n").failed().text


def test_a_proxy_of_another_name_is_told_nothing(realm):
    env = realm.env(url=realm.url.replace("localhost", "127.0.0.1"))
    assert "127.0.0.1" in run([binary(), "login", "--password-stdin", "alice"], env, "old1\n").failed().text


def test_passwords_are_changed_by_https(realm):
    env = realm.env()
    run(["kpasswd", "alice"], env, "old1\nnew1\nnew1\n").ok()
    run(["kinit", "alice"], env, "new1\n").ok()
    run(["kpasswd", "alice"], env, "new1\nold1\nold1\n").ok()
    run(["kpasswd", "alice"], env, "wrong\nnew1\nnew1\n").failed()


def test_a_message_in_its_envelope_is_answered_in_one(realm, as_req):
    for asked in (REALM, REALM.lower(), None):
        got = realm.post(envelope(as_req, asked))
        assert got.status_code == 200 and got.headers["Content-Type"] == "application/kerberos"
        assert b"\x7e" in got.content[:24]  # KRB-ERROR: preauthentication is required


def test_what_is_no_such_message_is_refused(realm, as_req):
    good = envelope(as_req, REALM)
    refused = [
        (400, dict(body=b"")), (400, dict(body=b"hello")), (400, dict(body=good[:-1])),
        (400, dict(body=good + b"x")), (400, dict(body=envelope(as_req, REALM, length=5))),
        (400, dict(body=envelope(b"\x60\x03abc", REALM))),  # of no service
        (400, dict(body=envelope(b"\x6a\x03\x30\x01\x00", REALM))),  # the KDC says nothing to it
        (404, dict(body=envelope(as_req, "ELSEWHERE.TEST"))), (404, dict(body=good, path="/")),
        (404, dict(body=good, path="/KdcProxy/more")), (405, dict(body=None, method="GET")),
        (405, dict(body=good, method="PUT")), (413, dict(body=b"x" * 200_000))]
    for status, request in refused:
        answer = realm.post(**request)
        assert answer.status_code == status, request
        assert answer.headers.get("Allow") == ("POST" if status == 405 else None)  # RFC 9110 15.5.6


def test_connections_are_kept_for_further_messages(realm, as_req):
    connection = http.client.HTTPSConnection("localhost", realm.port, context=realm.ca.client(), timeout=10)
    for _ in range(5):
        connection.request("POST", "/KdcProxy", envelope(as_req, REALM))
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read()
    connection.close()


def test_without_tls_nothing_is_said(realm, as_req):
    with socket.create_connection(("127.0.0.1", realm.port), timeout=10) as plain:
        plain.sendall(b"POST /KdcProxy HTTP/1.0\r\n\r\n")
        assert not plain.recv(4096).startswith(b"HTTP")


def test_a_reload_takes_a_new_certificate_and_loses_no_request(realm, as_req):
    renewed = Authority(realm.dir, "renewed")
    other, current = renewed.issue("fresh"), realm.home / "server.pem"
    old = current.read_text()
    os.replace(other, current)
    realm.daemon.process.send_signal(signal.SIGHUP)
    until, seen = time.monotonic() + 20, set()
    while "new" not in seen:
        assert time.monotonic() < until, realm.log.read_text()
        for name, ca in (("old", realm.ca), ("new", renewed)):
            try:
                got = requests.post(realm.url, data=envelope(as_req, REALM), verify=str(ca.certificate),
                                    timeout=10)
            except requests.exceptions.SSLError:
                continue  # the other one serves
            assert got.status_code == 200
            seen.add(name)
    current.write_text("no certificate")
    realm.daemon.process.send_signal(signal.SIGHUP)
    realm.daemon.wait_text("the proxy for https could not start")
    assert requests.post(realm.url, data=envelope(as_req, REALM), timeout=10,
                         verify=str(renewed.certificate)).status_code == 200
    current.write_text(old)
    realm.daemon.process.send_signal(signal.SIGHUP)
    while True:
        try:
            return realm.post(envelope(as_req, REALM)).raise_for_status()
        except requests.exceptions.SSLError:
            assert time.monotonic() < until, realm.log.read_text()


# kdcproxy is a WSGI application; this serves it with TLS.
FOREIGN = """
import ssl, sys
from wsgiref.simple_server import make_server, WSGIRequestHandler
import kdcproxy
server = make_server("127.0.0.1", int(sys.argv[1]), kdcproxy.Application())
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


def children(parent):
    """{name: [process id]} of a process's children."""
    found = {}
    with open(f"/proc/{parent}/task/{parent}/children") as file:
        for pid in file.read().split():
            with contextlib.suppress(FileNotFoundError), open(f"/proc/{pid}/comm") as comm:  # it may have just gone
                found.setdefault(comm.read().strip(), []).append(int(pid))
    return found


def test_a_proxy_that_ends_tells_those_whose_questions_are_open(realm, as_req):
    """No worker answers: the first question is given up while the proxy waits for those in hand, and the second, asked
    then, as it ends."""
    def those(name):
        return children(realm.daemon.process.pid).get(name, [])

    # Those of before a reload may be at their end yet.
    realm.daemon.wait_until(lambda: len(those("obol-proxy")) == 1 and len(those("obol-worker")) == 2, "too many processes")
    with requests.Session() as client:
        def ask():
            return client.post(realm.url, data=envelope(as_req), timeout=20, verify=str(realm.ca.certificate))
        assert ask().status_code == 200
        [proxy], workers, log = those("obol-proxy"), those("obol-worker"), len(realm.log.read_text())
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        try:
            os.kill(proxy, signal.SIGTERM)
            refused = [ask(), ask()]
        finally:
            for pid in workers:
                os.kill(pid, signal.SIGCONT)
        assert [(r.status_code, r.text) for r in refused] == [(503, "the KDC does not answer\n")] * 2
    realm.daemon.wait_until(lambda: f"(pid {proxy})" in realm.log.read_text()[log:], "the proxy does not end")
    assert f"obol: proxy 0 (pid {proxy}) ended with status 0" in realm.log.read_text()[log:]
    assert realm.post(envelope(as_req)).status_code == 200  # its successor's


def test_our_client_comes_through_kdcproxy(realm):
    port = free_port()
    script, conf = realm.dir / "foreign.py", realm.dir / "kdcproxy.conf"
    script.write_text(FOREIGN)
    conf.write_text(f"[global]\nconfigs =\n[{REALM}]\nkerberos = kerberos+tcp://127.0.0.1:{realm.kdc_port}\n"
                    f"kpasswd = kpasswd+tcp://127.0.0.1:{realm.kpasswd_port}\n")
    foreign = Daemon(["/usr/bin/python3", script, port, realm.ca.issue("foreign")], realm.dir / "foreign.log",
                     {**base_env(), "KDCPROXY_CONFIG": str(conf)}, port)
    try:
        env = realm.env(url=f"https://localhost:{port}/KdcProxy")
        run([binary(), "login", "--password-stdin", "alice"], env, "old1\n").ok()
        run([binary(), "ticket", "HTTP/www.proxy.test"], env).ok()
        run([binary(), "login", "--password-stdin", "nobody"], env, "x\n").failed()
    finally:
        foreign.stop()
