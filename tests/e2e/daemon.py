# daemon.py: a daemon under test: its configuration in a temporary directory, its ports picked by itself,
# ended by its own process id.
import json
import os
import pathlib
import re
import select
import signal
import socket
import struct
import subprocess

from support.process import PATIENCE, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OBOL", ROOT / "build-san" / "obol")).parent
STUB = BUILD / "tests" / "server" / "stub_server"


def frame(request):
    """A request as TCP carries it (RFC 4120 7.2.2)."""
    return struct.pack(">I", len(request)) + request


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        part = sock.recv(count - len(data))
        if not part:
            raise EOFError(f"closed after {len(data)} of {count} bytes")
        data += part
    return data


def read_reply(sock):
    return read_exactly(sock, struct.unpack(">I", read_exactly(sock, 4))[0])


class Daemon:
    def __init__(self, directory, listen=("127.0.0.1:0",), **settings):
        self.directory = directory
        self.config = directory / "stub.conf"
        self.log = directory / "log"
        self.status = directory / "status"
        self.errors = directory / "stderr"
        self.settings = {"workers": 2, "log": self.log, "status": self.status, "mark": "first",
                         **settings}
        self.listen = list(listen)
        self.write_config()
        self.launch([STUB, self.config])

    def launch(self, command, env=None):
        """Starts it, with a last word: the descriptor where it says that it is ready, and where it listens."""
        ready, write = os.pipe()
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen([*command, str(write)], pass_fds=[write], stderr=errors, env=env)
        os.close(write)
        if not select.select([ready], [], [], PATIENCE)[0]:
            self.process.kill()
            raise TimeoutError("the daemon did not become ready")
        self.ready_line = os.read(ready, 4096).decode()
        os.close(ready)
        self.addresses = [(host.strip("[]"), int(port)) for host, port in
                          re.findall(r"(\S+):(\d+)", self.ready_line)]

    def write_config(self, **changes):
        self.settings.update(changes)
        lines = [f"listen {address}" for address in self.listen]
        lines += [f"{name} {value}" for name, value in self.settings.items()]
        self.config.write_text("\n".join(lines) + "\n")

    @property
    def address(self):
        return self.addresses[0]

    def udp(self, request, address=None, timeout=PATIENCE):
        host, port = address or self.address
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET,
                           socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout)
            sock.connect((host, port))
            sock.send(request)
            return sock.recv(65536)

    def connect(self, address=None):
        sock = socket.create_connection(address or self.address, timeout=PATIENCE)
        return sock

    def tcp(self, request, address=None):
        with self.connect(address) as sock:
            sock.sendall(frame(request))
            return read_reply(sock)

    def children(self):
        """Name and process id of each child."""
        found = []
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            for pid in (task / "children").read_text().split():
                try:
                    found.append((pathlib.Path(f"/proc/{pid}/comm").read_text().strip(), int(pid)))
                except FileNotFoundError:
                    pass  # it has just gone
        return found

    def workers(self):
        return [pid for name, pid in self.children() if name == "obol-worker"]

    def signal(self, number):
        self.process.send_signal(number)

    def wait_for_error(self, text):
        """Waits until the daemon says a text on standard error."""
        return wait_for(lambda: text in self.errors.read_text(), text)

    def log_lines(self, count):
        wait_for(lambda: self.log.exists() and len(self.log.read_text().splitlines()) >= count, f"{count} log lines")
        return self.log.read_text().splitlines()

    def counters(self):
        if self.status.exists():
            self.status.unlink()
        self.signal(signal.SIGUSR1)
        wait_for(self.status.exists, "the status file")
        return json.loads(self.status.read_text())

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        return self.process.returncode
