# bench_python.py: the Python package beside python3-gssapi on MIT's library, in one run on one
# machine: the same tickets, keys and messages, CPU time, the best of several rounds taken in turn.
import argparse
import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import obol
from obol import stream
from obol.testing import Realm

SPN = "HTTP/web.example.com"
# MIT krb5's default, for which the goals are; and the newest, whose SHA-384 alone takes a third of
# the incumbents' time, so that nobody can be four times as fast.
ENCTYPES = ("aes256-cts-hmac-sha1-96", "aes256-cts-hmac-sha384-192")
CHUNK, SENT = 1 << 16, 1 << 20  # bytes of a stream in one frame, and of one measured transfer
# What issue 4 asks for: ours must be so many times as fast (or below so many milliseconds).
TIMES = {"handshake": 4.0, "wrap 64 B": 3.0, "wrap 1 MiB": 4.0}
# What has no goal: a GET with a login each, and a megabyte through a socket under seal, both ends.
MORE = ("GET by requests", "stream 1 MiB")
BELOW_MS = {"import obol": 15.0, "realm": 50.0}


class Ours:
    name = "obol"

    def __init__(self, config, keytab):
        self.me = obol.login("alice", password="secret", config=config)
        self.acceptor = obol.Acceptor(obol.Keytab(keytab), config=config)

    def handshake(self):
        client, service = self.me.initiate(SPN), self.acceptor.accept()
        client.step(service.step(client.step()))
        assert client.done and service.done
        return client, service

    def trip(self, client, service, message):
        return service.unwrap(client.wrap(message))

    def get(self):
        """requests with a login for each GET."""
        return getter(obol.Negotiate(self.me, spn=SPN))

    def stream(self):
        """A megabyte through obol.stream, and what it costs both ends."""
        ours, theirs = socket.socketpair()
        ends = []
        taking = threading.Thread(target=lambda: ends.append(stream.server(theirs, self.acceptor)))
        taking.start()
        one = stream.client(ours, SPN, self.me)
        taking.join()

        def work():
            for _ in range(SENT // CHUNK):
                one.sendall(b"x" * CHUNK)
                ends[0].readexactly(CHUNK)
        return work


class Theirs:
    name = "python3-gssapi, MIT"

    def __init__(self):
        import gssapi

        self.gssapi = gssapi
        self.target = gssapi.Name("HTTP@web.example.com", gssapi.NameType.hostbased_service)
        self.spnego = gssapi.MechType.spnego if hasattr(gssapi.MechType, "spnego") else (
            gssapi.OID.from_int_seq("1.3.6.1.5.5.2"))
        self.mine = gssapi.Credentials(usage="initiate")
        self.keys = gssapi.Credentials(usage="accept")

    def handshake(self):
        flags = self.gssapi.RequirementFlag
        client = self.gssapi.SecurityContext(
            name=self.target, creds=self.mine, usage="initiate", mech=self.spnego,
            flags=flags.mutual_authentication | flags.replay_detection | flags.confidentiality
            | flags.integrity | flags.out_of_sequence_detection)
        service = self.gssapi.SecurityContext(creds=self.keys, usage="accept")
        client.step(service.step(client.step()))
        assert client.complete and service.complete
        return client, service

    def trip(self, client, service, message):
        return service.unwrap(client.wrap(message, True).message).message

    def get(self):
        """requests with requests-kerberos, which logs in for each GET."""
        from requests_kerberos import OPTIONAL, HTTPKerberosAuth

        return getter(HTTPKerberosAuth(mutual_authentication=OPTIONAL, hostname_override="web.example.com"))

    def stream(self):
        """The same frames by hand, as programs do that know the GSS-API."""
        ours, theirs = socket.socketpair()
        client, service = self.handshake()

        def exactly(count):
            data = b""
            while len(data) < count:
                data += theirs.recv(count - len(data))
            return data

        def work():
            for _ in range(SENT // CHUNK):
                token = client.wrap(b"x" * CHUNK, True).message
                ours.sendall(struct.pack(">I", len(token)) + token)
                service.unwrap(exactly(struct.unpack(">I", exactly(4))[0]))
        return work


def getter(auth):
    import requests

    session = requests.Session()
    session.trust_env, session.auth = False, auth

    def work():
        assert session.get(os.environ["BENCH_URL"]).status_code == 200
    return work


@contextlib.contextmanager
def web_server(keytab):
    """The address of a web server in a process of its own."""
    command = [sys.executable, os.path.join(os.path.dirname(__file__), "http_server.py"), keytab]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        server.stdin.close()


def cost(work, count):
    """CPU microseconds of one call."""
    start = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - start) / count * 1e6


def measure(sides, rounds):
    best = {side.name: {} for side in sides}
    ends = {side.name: side.handshake() for side in sides}
    gets, streams = ({side.name: make(side) for side in sides}
                     for make in (lambda side: side.get(), lambda side: side.stream()))
    small, big = b"x" * 64, b"x" * (1 << 20)
    for _ in range(rounds):
        for side in sides:
            client, service = ends[side.name]
            assert side.trip(client, service, small) == small
            for name, work, count in (
                    ("handshake", side.handshake, 300),
                    ("wrap 64 B", lambda: side.trip(client, service, small), 5000),
                    ("GET by requests", gets[side.name], 100),
                    *[("stream 1 MiB", streams[side.name], 1)] * 10,
                    *[("wrap 1 MiB", lambda: side.trip(client, service, big), 1)] * 10):
                us = cost(work, count)
                best[side.name][name] = min(us, best[side.name].get(name, us))
    return best


def import_ms(module):
    code = ("import time; t = time.process_time(); import " + module +
            "; print((time.process_time() - t) * 1e3)")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return min(float(subprocess.check_output([sys.executable, "-c", code], env=environment))
               for _ in range(10))


def realm_ms():
    best = 1e9
    for _ in range(10):
        start = time.perf_counter()
        with Realm() as realm:
            realm.user("alice", "secret")
            realm.service(SPN)
            best = min(best, (time.perf_counter() - start) * 1e3)
    return best


def compare(enctype, rounds):
    """Rows of (what, our microseconds, theirs, how many times) with messages under one enctype."""
    saved = dict(os.environ)
    with Realm(enctypes=(enctype,), settings={"permitted_enctypes": enctype}) as realm, \
            tempfile.TemporaryDirectory() as directory:
        realm.user("alice", "secret")
        keytab = os.path.join(directory, "http.keytab")
        realm.service(SPN).add_to(keytab)
        os.environ.update(realm.environment(KRB5_KTNAME=keytab))
        ours = Ours(realm.config, keytab)
        ours.me.ticket(SPN)
        ours.me.save()
        with web_server(keytab) as url:
            os.environ["BENCH_URL"] = url
            best = measure([ours, Theirs()], rounds)
            os.environ["BENCH_URL"] = url + "/open"
            plain = min(cost(getter(None), 100) for _ in range(rounds))
    os.environ.clear()
    os.environ.update(saved)
    ours, theirs = best[Ours.name], best[Theirs.name]
    rows = [(name, ours[name], theirs[name], theirs[name] / ours[name]) for name in (*TIMES, *MORE)]
    return rows + [("GET without a login", plain, plain, 1.0)]


def report(tables, singles, as_json):
    met = all(times >= TIMES.get(name, 0) for name, _, _, times in tables[ENCTYPES[0]])
    met &= all(singles[name] < goal for name, goal in BELOW_MS.items())
    if as_json:
        print(json.dumps({"pairs": tables, "ms": singles, "met": met}))
        return met
    for enctype, rows in tables.items():
        print(f"{enctype:30}{'obol':>12}{'gssapi on MIT':>16}{'times':>8}{'goal':>6}")
        for name, us, other, times in rows:
            goal = f"{TIMES[name]:.0f}" if enctype == ENCTYPES[0] and name in TIMES else ""
            print(f"  {name:28}{us:9.1f} us{other:13.1f} us{times:8.1f}{goal:>6}")
    for name, ms in singles.items():
        goal = f"goal {BELOW_MS[name]:.0f}" if name in BELOW_MS else ""
        print(f"{name:30}{ms:9.1f} ms   {goal}")
    return met


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    tables = {enctype: compare(enctype, arguments.rounds) for enctype in ENCTYPES}
    singles = {"import obol": import_ms("obol"), "import gssapi": import_ms("gssapi"),
               "realm": realm_ms()}
    sys.exit(0 if report(tables, singles, arguments.json) else 1)


if __name__ == "__main__":
    main()
