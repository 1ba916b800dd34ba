#!/usr/bin/python3
# overload.py: what a KDC still answers when ten times more comes than it can carry. Each request is a
# login to which the KDC answers with a SPAKE challenge on P-521, which costs it enough for one core to
# be flooded from another. A client waits for a second; what comes later is of no use to it.
#
# How fast a machine is moves from moment to moment where others share it. So two KDCs share a core at the same time:
# one is asked as much as it can answer, the other ten times that; and what is compared is the answers in time that
# each gives for a second of its own CPU time.
#
#   bench/overload.py [SECONDS]       after ./dev build release; prints a line of JSON, and fails below 80 %
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
OBOL = ROOT / "build" / "obol"
REALM, PATIENCE, TIMES = "OVERLOAD.TEST", 1.0, 10
WARM_UP, LEAST, WINDOW, GUESS = 2.0, 0.8, 64, 50


def free_port():
    """One that is free by UDP and by TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]


def der(tag, content):
    length = len(content)
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    head = bytes([length]) if length < 0x80 else bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + head + content


def integer(n):
    return der(0x02, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def name(kind, *parts):
    return der(0x30, der(0xa0, integer(kind)) + der(0xa1, der(0x30, b"".join(der(0x1b, p.encode()) for p in parts))))


def as_req(nonce):
    """A login without a proof, as long as one of MIT's kinit with some padding (PA type 1000)."""
    padata = der(0x30, der(0xa1, integer(1000)) + der(0xa2, der(0x04, bytes(150))))
    body = (der(0xa0, der(0x03, b"\0\x40\0\0\0")) + der(0xa1, name(1, "alice")) + der(0xa2, der(0x1b, REALM.encode()))
            + der(0xa3, name(2, "krbtgt", REALM)) + der(0xa5, der(0x18, b"20370101000000Z"))
            + der(0xa7, integer(nonce)) + der(0xa8, der(0x30, integer(18) + integer(20))))
    return der(0x6a, der(0x30, der(0xa1, integer(5)) + der(0xa2, integer(10)) + der(0xa3, der(0x30, padata))
                         + der(0xa4, der(0x30, body))))


class Kdc:
    def __init__(self, directory):
        self.home, self.port = directory / "home", free_port()
        self.obol("realm", "create", REALM, "--listen", f"127.0.0.1:{self.port}")
        conf = self.home / "kdc.conf"
        conf.write_text(conf.read_text().replace(
            "[kdcdefaults]\n", "[kdcdefaults]\n    spake_preauth_kdc_challenge = P-521\n    log = /dev/null\n")
            .replace(f"{REALM} = {{\n", f"{REALM} = {{\n        spake_preauth_groups = P-521\n"))
        self.obol("principal", "add", "alice", "--password-stdin", input=b"secret\n")
        ready, write = os.pipe()
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", OBOL, "serve", "--home", self.home, "--workers", "1", "--quiet", "--ready-fd",
             str(write)], pass_fds=[write])
        os.close(write)
        assert os.read(ready, 100), "the KDC did not start"

    def obol(self, *words, input=b""):
        subprocess.run([OBOL, *words, "--home", self.home], input=input, check=True, stdout=subprocess.DEVNULL)

    def cpu_seconds(self):
        """Of all its processes, which are there from the start: what others do falls on the clock, and not on this."""
        pids, total = [self.process.pid], 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            pids += [int(pid) for pid in (task / "children").read_text().split()]
        for pid in pids:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def status(self):
        return json.loads(subprocess.run([OBOL, "status", "--json", "--home", self.home], check=True,
                                         capture_output=True).stdout)


class Clients:
    """Sockets with one request each on the way; one that was given up is closed."""

    def __init__(self, port):
        self.port, self.poll, self.nonce = port, select.epoll(), 1
        self.waiting = {}  # descriptor: (socket, when it asked), the oldest first
        self.idle, self.in_time = [], 0

    def ask(self, now):
        sock = self.idle.pop() if self.idle else None
        if sock is None:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setblocking(False)
            sock.connect(("127.0.0.1", self.port))
            self.poll.register(sock.fileno(), select.EPOLLIN)
        sock.send(as_req_bytes(self.nonce))
        self.nonce += 1
        self.waiting[sock.fileno()] = (sock, now)

    def take(self, wait=0.0):
        for fd, _ in self.poll.poll(wait, 512):
            sock, _ = self.waiting.pop(fd)
            sock.recv(4096)
            self.idle.append(sock)
            self.in_time += 1

    def give_up(self, now):
        while self.waiting:
            fd = next(iter(self.waiting))
            sock, asked = self.waiting[fd]
            if now - asked < PATIENCE:
                return
            del self.waiting[fd]
            sock.close()


HEAD, TAIL = as_req(0x11223344).split(b"\x11\x22\x33\x44")


def as_req_bytes(nonce):
    return HEAD + (0x10000000 + nonce).to_bytes(4, "big") + TAIL


def keep_asking(clients, now):
    """As many are on the way as the KDC can take at once."""
    while len(clients.waiting) < WINDOW:
        clients.ask(now)
    clients.take()


def side_by_side(alone, flooded, seconds):
    """The clients of the two; how many were sent to the second, and the CPU seconds that each KDC took."""
    some, many = Clients(alone.port), Clients(flooded.port)
    start = now = time.monotonic()
    sent, before = 0, None
    while now < start + WARM_UP + seconds:
        if before is None and now > start + WARM_UP:  # the queue of the second stands by now
            before, sent = (alone.cpu_seconds(), flooded.cpu_seconds()), 0
            some.in_time = many.in_time = 0
            start_measured = now
        keep_asking(some, now)
        # Ten times what the first is seen to carry; a guess until it is seen.
        elapsed = now - (start_measured if before else start)
        rate = TIMES * max(some.in_time / elapsed if elapsed > 0.2 else 0, GUESS)
        while sent < elapsed * rate:
            many.ask(now)
            sent += 1
            if sent % 32 == 0:
                many.take()
                keep_asking(some, now)
        many.take(0.0005)
        many.give_up(now)
        now = time.monotonic()
    spent = alone.cpu_seconds() - before[0], flooded.cpu_seconds() - before[1]
    return some.in_time, many.in_time, sent, spent


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    os.sched_setaffinity(0, set(range(1, os.cpu_count())) or {0})
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="obol-overload-") as directory:
        kdcs = []
        try:
            for which in ("alone", "flooded"):
                (pathlib.Path(directory) / which).mkdir()
                kdcs.append(Kdc(pathlib.Path(directory) / which))
            some, many, sent, spent = side_by_side(*kdcs, seconds)
            figures = kdcs[1].status()
        finally:
            for kdc in kdcs:
                kdc.process.terminate()
                kdc.process.wait()
    share = (many / spent[1]) / (some / spent[0])
    print(json.dumps({"alone": round(some / seconds), "sent_to_flooded": round(sent / seconds),
                      "flooded": round(many / seconds), "cpu_alone": round(spent[0], 2), "cpu_flooded": round(spent[1], 2),
                      "alone_per_cpu_second": round(some / spent[0]), "flooded_per_cpu_second": round(many / spent[1]),
                      "times": round(sent / some, 1), "share": round(share, 3),
                      "dropped_stale": figures["udp_stale"], "dropped_queue_full": figures["queue_dropped"]}))
    if share < LEAST:
        sys.exit(f"overload.py: {share:.0%} of the capacity is answered in time, which is less than {LEAST:.0%}")


if __name__ == "__main__":
    main()
