# process.py: running programs: one call gives status and output; a daemon is stopped by its own
# process object; ports are picked at run time.
import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Result:
    args: list
    status: int
    out: str
    err: str

    @property
    def text(self):
        return self.out + self.err

    def ok(self):
        """The result itself, if the program succeeded; its output otherwise."""
        assert self.status == 0, str(self)
        return self

    def failed(self):
        assert self.status != 0, "should have failed: " + str(self)
        assert self.status > 0, "was killed: " + str(self)
        assert "AddressSanitizer" not in self.text and "runtime error:" not in self.text, str(self)
        return self

    def __str__(self):
        command = " ".join(map(str, self.args))
        return f"{command}\n  status {self.status}\n--- out\n{self.out}\n--- err\n{self.err}"


def base_env():
    """An environment without the user's Kerberos settings."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("KRB5", "OBOL", "LD_PRELOAD"))}
    env.update(LC_ALL="C.UTF-8", TZ="UTC", PATH="/usr/bin:/bin:/usr/sbin:/sbin")
    return env


def run(args, env=None, input="", timeout=60, cwd=None):
    args = [str(a) for a in args]
    done = subprocess.run(args, env=env or base_env(), input=input, capture_output=True, text=True,
                          errors="replace", timeout=timeout, cwd=cwd, start_new_session=True)
    return Result(args, done.returncode, done.stdout, done.stderr)


def both_of_a_port():
    """A UDP and a TCP socket, bound to one port of 127.0.0.1 that was free for both."""
    while True:
        udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
        tcp.bind(("127.0.0.1", 0))
        try:
            udp.bind(tcp.getsockname())
        except OSError:  # a port that is free for TCP may be somebody's for UDP
            udp.close()
            tcp.close()
            continue
        return udp, tcp


def free_port():
    """A port of 127.0.0.1 on which nobody listens, over UDP or TCP."""
    udp, tcp = both_of_a_port()
    with udp, tcp:
        return tcp.getsockname()[1]


def faketime(env, offset):
    """The environment in which a program's clock is off by "+10m" or the like."""
    library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
    if not os.path.exists(library):
        library = next(map(str, Path("/usr/lib").glob("*/faketime/libfaketime.so.1")))
    # It stands before the sanitizer's library, which minds unless it is told.
    asan = ":".join(filter(None, [env.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
    return {**env, "LD_PRELOAD": library, "FAKETIME": offset, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "ASAN_OPTIONS": asan}


PATIENCE = 90  # s: what has not come about by then never will; a JVM on a loaded machine takes its time


def wait_for(holds, what):
    """Waits until it holds; `what` says what is waited for, or is a function that tells what there is instead."""
    end = time.monotonic() + PATIENCE
    while not (value := holds()):
        assert time.monotonic() < end, what() if callable(what) else f"{what} did not come"
        time.sleep(0.02)
    return value


class Daemon:
    """A server that runs until stop(); its output goes to a log file."""

    def __init__(self, args, log, env=None, port=None):
        self.log = Path(log)
        self.file = open(self.log, "ab")
        self.process = subprocess.Popen([str(a) for a in args], env=env or base_env(),
                                        stdin=subprocess.DEVNULL, stdout=self.file,
                                        stderr=subprocess.STDOUT, start_new_session=True)
        if port:
            self.wait_port(port)

    def wait_port(self, port):
        def listens():
            with socket.socket() as s:
                return s.connect_ex(("127.0.0.1", port)) == 0
        self.wait_until(listens, f"nobody listens on {port}")

    def wait_text(self, text):
        self.wait_until(lambda: text in self.log.read_text(errors="replace"), f"it does not say '{text}'")

    def wait_until(self, holds, complaint):
        def alive_and_holds():
            assert self.process.poll() is None, "the server ended:\n" + self.log.read_text(errors="replace")
            return holds()
        wait_for(alive_and_holds, lambda: f"{complaint}:\n" + self.log.read_text(errors="replace"))

    def stop(self):
        """Ends the server in order; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.file.close()
        return self.process.returncode


def which(name):
    path = shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin")
    assert path, f"{name} is not installed: ./dev peers installs what it needs"
    return path
