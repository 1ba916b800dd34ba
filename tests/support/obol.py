# obol.py: a realm of ours, and our client. The spellings of our commands in tests are all here.
import json
import os
import re
import subprocess

from .client import Client
from .process import ROOT, Daemon, base_env, faketime, run
from .realm import ENCTYPES, PASSWORD, Realm, moment

SANITIZERS = {"ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:exitcode=86",
              "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}


def binary():
    path = os.environ.get("OBOL") or str(ROOT / "build-san" / "obol")
    assert os.access(path, os.X_OK), f"{path} is not built: ./dev build san"
    return path


def obol_env():
    return {**base_env(), **{k: os.environ.get(k, v) for k, v in SANITIZERS.items()}}


def serve_page(realm, directory):
    """obol web with the realm's keytab: its URL, and the process."""
    read, write = os.pipe()
    env = {**obol_env(), "OBOL_HOME": str(directory)}
    web = subprocess.Popen([binary(), "web", "--keytab", str(realm.dir / "http.keytab"), "--port", "0",
                            "--rcache", str(directory / "web.rcache"), "--ready-fd", str(write)],
                           env=env, pass_fds=[write], stdin=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as ready:
        said = ready.readline().split()
    assert said and said[0] == "ready", said
    return said[1].replace("127.0.0.1", "localhost"), web


class ObolRealm(Realm):
    kind = "obol"

    def create(self):
        self.admin("realm", "create", self.name, "--listen", f"127.0.0.1:{self.port}")
        # rc4-hmac is off unless allowed; the peers' tests use every enctype.
        conf = self.dir / "home" / "kdc.conf"
        text = conf.read_text()
        head = re.search(rf"^\s*{re.escape(self.name)} = {{$", text, re.M)
        conf.write_text(text[:head.end()] + f"""
        allow_weak_crypto = true
        allow_postdated = true
        supported_enctypes = {" ".join(ENCTYPES)}
        permitted_enctypes = {" ".join(ENCTYPES)}""" + text[head.end():])
        # The TGS was given keys before that; a session key is of a type that it has a key of.
        self.admin("principal", "password", "--random", f"krbtgt/{self.name}")

    def admin(self, *words, input=""):
        return run([binary(), *words, "--home", self.dir / "home"], obol_env(), input).ok()

    def make_user(self, name, password):
        self.admin("principal", "add", "--password-stdin", name, input=password + "\n")

    def make_service(self, spn, enctype):
        self.admin("spn", "add", *(["--enctype", enctype] if enctype else []), spn)

    def expire(self, name):
        self.admin("principal", "set", "--expires", moment(days=-1).strftime("%Y-%m-%d"), name)

    def lock(self, name):
        self.admin("principal", "set", "--set", "locked", name)

    def expire_password(self, name):
        self.admin("principal", "set", "--password-expires", moment(days=-1).strftime("%Y-%m-%d"), name)

    def rekey(self, name):
        self.admin("principal", "password", "--random", name)

    def keytab(self, name, path):
        self.admin("keytab", "create", str(path), name)
        return path

    def serve(self, port, clock=None):
        env = obol_env()
        if clock:
            env = faketime(env, clock)
        return Daemon([binary(), "serve", "--home", self.dir / "home"], self.dir / f"kdc-{port}.log", env, port)


class ObolClient(Client):
    kind = "obol"
    errors = {
        "wrong password": r"obol: the password is not right: the KDC of \S+ does not take this password for alice@",
        "unknown user": r"obol: the client is not known to the KDC: the realm \S+ has no client nobody@",
        "unknown spn": r"obol: the service is not known to the KDC: .* has no service HTTP/nowhere.obol.test@",
        "expired": r"obol: the client's entry in the KDC has expired: .* for expired@",
        "locked": r"obol: (the client's credentials are locked or revoked|the KDC's policy refuses).* for locked@",
        "late": r"obol: the password has expired: .* for late@",
        "skew": r"obol: the clocks differ by more than is allowed: the KDC's clock is (59\d|60\d) s ahead of ours",
    }

    def env(self):
        env = {**super().env(), **{k: v for k, v in obol_env().items() if k in SANITIZERS}}
        return faketime(env, self.clock) if self.clock else env

    def login(self, principal, password=PASSWORD):
        return self.run([binary(), "login", "--password-stdin", principal], input=password + "\n")

    def login_keytab(self, principal, keytab):
        return self.run([binary(), "login", "--keytab", keytab, principal])

    def tickets(self):
        return self.run([binary(), "tickets"])

    def ticket(self, spn):
        return self.run([binary(), "ticket", spn])

    def logout(self):
        return self.run([binary(), "logout"])

    def keytab_list(self, keytab):
        return self.run([binary(), "keytab", "list", keytab])

    def session_enctypes(self):
        shown = json.loads(self.run([binary(), "tickets", "--json"]).ok().out)
        # Ours calls it by its RFC's name, the peers by its first one.
        names = {"rc4-hmac": "arcfour-hmac"}
        return {t["server"]: names.get(t["session_enctype"], t["session_enctype"]) for t in shown["tickets"]}
