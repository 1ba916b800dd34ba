# java.py: the client that comes with Java, compiled once a run.
from .process import base_env, run, which
from .process import ROOT
from .realm import ENCTYPES, PASSWORD


def compile_login(directory):
    """Compiles Login.java into a directory and gives that back."""
    run([which("javac"), "-d", directory, ROOT / "tests" / "support" / "Login.java"], timeout=180).ok()
    return directory


def login(classes, conf, principal, service, password=PASSWORD, source=()):
    """`source` is "keytab=FILE" or "cache=FILE"; none: the password."""
    return run([which("java"), "-XX:TieredStopAtLevel=1", f"-Djava.security.krb5.conf={conf}",
                "-Djavax.security.auth.useSubjectCredsOnly=true", "-cp", classes, "Login", principal, service, *source],
               base_env(), password + "\n", timeout=120)


def tickets(result):
    """{server: enctype number} of what the program printed."""
    lines = [line.split() for line in result.out.splitlines() if line.startswith("ticket ")]
    return {line[1]: int(line[2]) for line in lines}


JAVA_ENCTYPES = [e.name for e in ENCTYPES.values() if e.java]
