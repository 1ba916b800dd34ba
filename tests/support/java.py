# java.py: the client that comes with Java: one virtual machine, compiled and started once a run, since
# its start costs more than all logins; and ends of GSS-API contexts in Java (ends.py).
import select
import subprocess
import time

from .ends import End
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


def compile_ends(directory):
    run([which("javac"), "-d", directory, ROOT / "tests" / "support" / "Ends.java"], timeout=180).ok()
    return directory


class JavaEnd(End):
    """JGSS: Java's own Kerberos, or the native library of that path."""

    def __init__(self, classes, env, native=None):
        words = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
        if native:
            words += ["-Dsun.security.jgss.native=true", f"-Dsun.security.jgss.lib={native}",
                      "-Djavax.security.auth.useSubjectCredsOnly=false"]
        super().__init__([which("java"), *words, "-cp", classes, "Ends"], env, seconds=120)

    def login(self, conf, source):
        self.ask("login", str(conf), source)
