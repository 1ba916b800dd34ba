# served.py: a realm of its own, served by `obol serve`, for the tests of the daemon as it is.
import os
import subprocess

from daemon import BUILD, Daemon

OBOL = BUILD / "obol"
PASSWORD = "correct horse"
# With leak detection a sanitizer wants ptrace, which a container may not have.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "detect_leaks=0")}


class Realm(Daemon):
    """A served realm; what Daemon knows of processes, logs and sockets holds for it too."""

    def __init__(self, directory, defaults="", realm="", listen="127.0.0.1:0"):
        self.directory = directory
        self.home = directory / "home"
        self.listen = listen
        self.log = self.home / "kdc.log"
        self.status = self.home / "status.json"
        self.errors = directory / "stderr"
        self.obol("realm", "create", "OBOL.TEST")
        self.obol("principal", "add", "alice", password=PASSWORD)
        self.configure(defaults, realm)
        self.start()

    def obol(self, *arguments, password=None, stdin_option=True):
        words = ["--password-stdin"] if password and stdin_option else []
        done = subprocess.run([OBOL, *arguments, "--home", self.home, *words], input=password,
                              text=True, capture_output=True, env=ENVIRONMENT)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def configure(self, defaults="", realm=""):
        (self.home / "kdc.conf").write_text(
            "[kdcdefaults]\n realm = OBOL.TEST\n kdc_listen = " + self.listen +
            f"\n workers = 2\n log = kdc.log\n{defaults}\n[realms]\n OBOL.TEST = {{\n{realm}\n }}\n")

    def start(self, *options):
        self.launch([OBOL, "serve", "--home", self.home, *options, "--ready-fd"], env=ENVIRONMENT)
        assert self.ready_line, self.errors.read_text()

    def kinit(self, name="alice", password=PASSWORD, tcp=False, cache="cc", host="127.0.0.1"):
        config = self.directory / f"krb5.{cache}.conf"  # clients may run side by side
        config.write_text(
            "[libdefaults]\n default_realm = OBOL.TEST\n dns_lookup_kdc = false\n"
            f" udp_preference_limit = {1 if tcp else 4000}\n"
            f"[realms]\n OBOL.TEST = {{\n  kdc = {host}:{self.address[1]}\n }}\n")
        return subprocess.run(["kinit", name], input=password, text=True, capture_output=True,
                              timeout=30, env={"PATH": os.environ["PATH"],
                                               "KRB5_CONFIG": str(config),
                                               "KRB5CCNAME": f"FILE:{self.directory}/{cache}"})
