# bench_python.py: the Python package beside python3-gssapi on MIT's library, in one run on one
# machine: the same tickets, keys and messages, CPU time, the best of several rounds taken in turn.
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

import obol
from obol.testing import Realm

SPN = "HTTP/web.example.com"
# MIT krb5's default, for which the goals are; and the newest, whose SHA-384 alone takes a third of
# the incumbents' time, so that nobody can be four times as fast.
ENCTYPES = ("aes256-cts-hmac-sha1-96", "aes256-cts-hmac-sha384-192")
# What issue 4 asks for: ours must be so many times as fast (or below so many milliseconds).
TIMES = {"handshake": 4.0, "wrap 64 B": 3.0, "wrap 1 MiB": 4.0}
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


def cost(work, count):
    """CPU microseconds of one call."""
    start = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - start) / count * 1e6


def measure(sides, rounds):
    best = {side.name: {} for side in sides}
    ends = {side.name: side.handshake() for side in sides}
    small, big = b"x" * 64, b"x" * (1 << 20)
    for _ in range(rounds):
        for side in sides:
            client, service = ends[side.name]
            assert side.trip(client, service, small) == small
            for name, work, count in (
                    ("handshake", side.handshake, 300),
                    ("wrap 64 B", lambda: side.trip(client, service, small), 5000),
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
        best = measure([ours, Theirs()], rounds)
    os.environ.clear()
    os.environ.update(saved)
    ours, theirs = best[Ours.name], best[Theirs.name]
    return [(name, ours[name], theirs[name], theirs[name] / ours[name]) for name in TIMES]


def report(tables, singles, as_json):
    met = all(times >= TIMES[name] for name, _, _, times in tables[ENCTYPES[0]])
    met &= all(singles[name] < goal for name, goal in BELOW_MS.items())
    if as_json:
        print(json.dumps({"pairs": tables, "ms": singles, "met": met}))
        return met
    for enctype, rows in tables.items():
        print(f"{enctype:30}{'obol':>12}{'gssapi on MIT':>16}{'times':>8}{'goal':>6}")
        for name, us, other, times in rows:
            goal = f"{TIMES[name]:.0f}" if enctype == ENCTYPES[0] else ""
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
