#!/usr/bin/python3
# overload.py: what a KDC still answers when ten times more comes than it can carry. Each request is a
# login to which the KDC answers with a SPAKE challenge on P-521, which costs it enough for one core to
# be flooded from another. A client waits for a second; what comes later is of no use to it.
#
#   bench/overload.py [SECONDS]       after ./dev build release; prints a line of JSON
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


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


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
        """Of all its processes: what others do on the machine falls on the clock, and not on this."""
        pids, total = [self.process.pid], 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            pids += [int(pid) for pid in (task / "children").read_text().split()]
        for pid in pids:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")

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


def closed_loop(port, seconds, window=64):
    """Requests a second when as many are on the way as the KDC can take at once."""
    clients, start = Clients(port), time.monotonic()
    while (now := time.monotonic()) < start + seconds:
        while len(clients.waiting) < window:
            clients.ask(now)
        clients.take(0.01)
    return clients.in_time / seconds


def flood(port, seconds, rate):
    clients, start, sent = Clients(port), time.monotonic(), 0
    while (now := time.monotonic()) < start + seconds:
        due = int((now - start) * rate)
        while sent < due:
            clients.ask(now)
            sent += 1
            if sent % 32 == 0:
                clients.take()
        clients.take(0.0005)
        clients.give_up(now)
    return sent / seconds, clients.in_time / seconds


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5
    os.sched_setaffinity(0, set(range(1, os.cpu_count())) or {0})
    import resource
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="obol-overload-") as directory:
        kdc = Kdc(pathlib.Path(directory))
        try:
            closed_loop(kdc.port, 0.5)
            before = kdc.cpu_seconds()
            capacity = closed_loop(kdc.port, seconds)
            between = kdc.cpu_seconds()
            sent, in_time = flood(kdc.port, seconds, TIMES * capacity)
            after = kdc.cpu_seconds()
            again = closed_loop(kdc.port, seconds)
            alone, flooded = (capacity * seconds / (between - before), in_time * seconds / (after - between))
            figures = kdc.status()
        finally:
            kdc.process.terminate()
            kdc.process.wait()
    print(json.dumps({"capacity": round(capacity), "offered": round(sent), "in_time": round(in_time),
                      "share_of_capacity": round(in_time / capacity, 3),
                      "per_cpu_second": round(alone), "in_time_per_cpu_second": round(flooded),
                      "share_by_cpu": round(flooded / alone, 3), "capacity_after": round(again),
                      "dropped_stale": figures["udp_stale"], "dropped_queue_full": figures["queue_dropped"]}))


if __name__ == "__main__":
    main()
