# java.py: the client that comes with Java: one virtual machine, compiled and started once a run, since
# its start costs more than all logins.
import select
import subprocess
import time

from .process import ROOT, Result, base_env, run, which
from .realm import ENCTYPES, PASSWORD

JAVA_ENCTYPES = [e.name for e in ENCTYPES.values() if e.java]


class Java:
    def __init__(self, directory):
        run([which("javac"), "-d", directory, ROOT / "tests" / "support" / "Login.java"], timeout=180).ok()
        self.process = subprocess.Popen(
            [which("java"), "-XX:TieredStopAtLevel=1", "-Djavax.security.auth.useSubjectCredsOnly=true",
             "-cp", str(directory), "Login"], env=base_env(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0)  # unbuffered: select() sees every line

    def login(self, conf, principal, service, password=PASSWORD, source=""):
        """A login and a token for a service; `source` is "keytab=FILE", "cache=FILE", or "": the password."""
        words = [str(conf), principal, service, source, password]
        self.process.stdin.write(("\t".join(words) + "\n").encode())
        self.process.stdin.flush()
        lines, deadline = [""], time.monotonic() + 120
        while lines[-1] not in ("done", "failed"):
            ready = select.select([self.process.stdout], [], [], deadline - time.monotonic())[0]
            line = self.process.stdout.readline() if ready else b""
            assert line, "Java has not answered:\n" + "\n".join(lines)
            lines.append(line.decode(errors="replace").rstrip("\n"))
        failed = lines.pop() == "failed"
        text = "\n".join(lines[1:])
        return Result(["Login", *words[:4]], int(failed), "" if failed else text, text if failed else "")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)


def tickets(result):
    """{server: enctype number} of what a login got."""
    lines = [line.split() for line in result.out.splitlines() if line.startswith("ticket ")]
    return {line[1]: int(line[2]) for line in lines}
