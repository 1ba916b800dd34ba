# terminal.py: a program on a terminal of its own, as a person uses it.
import os
import pty
import re
import select
import signal
import subprocess
import termios
import time


class Terminal:
    """A program whose controlling terminal is a pty; `seen` is all that it has shown."""

    def __init__(self, args, env, cwd=None):
        self.master, slave = pty.openpty()
        self.seen = ""
        self.slave_name = os.ttyname(slave)

        def own_terminal():
            os.setsid()
            os.close(os.open(self.slave_name, os.O_RDWR))  # the first one opened is the controlling one

        self.process = subprocess.Popen([str(a) for a in args], stdin=slave, stdout=slave, stderr=slave,
                                        env=env, cwd=cwd, preexec_fn=own_terminal, close_fds=True)
        self.slave = slave  # held, so that the end of the program is not the end of the terminal

    def wait_for(self, pattern, seconds=30):
        """Reads until the pattern was shown since the last call; gives what was shown before and with it."""
        start, end = len(self.seen), time.monotonic() + seconds
        while not re.search(pattern, self.seen[start:]):
            assert time.monotonic() < end, f"'{pattern}' is not shown:\n{self.seen[start:]!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                self.seen += os.read(self.master, 4096).decode(errors="replace")
        return self.seen[start:]

    def echo(self):
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self, seconds=30):
        """Waits for the program's end; its exit status."""
        status = self.process.wait(seconds)
        while select.select([self.master], [], [], 0)[0]:
            self.seen += os.read(self.master, 4096).decode(errors="replace")
        return status

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self.slave)
        os.close(self.master)
