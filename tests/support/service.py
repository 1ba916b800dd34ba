# service.py: servers that nobody here wrote, on a library of choice. Some of them refuse to run as root,
# so each runs as whoever runs the tests, and as nobody where that is root, in a directory that it can reach.
import os
import shutil
import struct
import tempfile
from pathlib import Path

from . import compat
from .process import Daemon, base_env, run, wait_for

NOBODY = 65534
LIBRARIES = ("obol", "mit")
# (the client's library, the server's): ours at either end and at both.
SIDES = (("obol", "obol"), ("obol", "mit"), ("mit", "obol"))


class Service:
    """A directory for one server: its files, its keytab, and the library that it runs on."""

    def __init__(self, library, realms):
        """realms: a list; the server takes tickets of each, the first is its default."""
        self.library, self.realms, self.daemon = library, realms, None
        self.dir = Path(tempfile.mkdtemp(prefix=f"obol-{library}-"))
        self.keytab = self.dir / "service.keytab"
        self.write("krb5.conf", krb5_conf(realms))
        self.own(self.dir)
        if library == "obol":
            # The build may stand where nobody may not go.
            shutil.copytree(compat.directory(), self.dir / "lib", symlinks=True,
                            ignore=shutil.ignore_patterns("*.p", "krb5-config*"))

    def own(self, path):
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        return path

    def write(self, name, text):
        (self.dir / name).write_text(text)
        return self.own(self.dir / name)

    def folder(self, name):
        (self.dir / name).mkdir()
        return self.own(self.dir / name)

    def program(self, path):
        """The program, from a place where no profile of AppArmor's knows it: Debian's profiles go by path, and
        would keep it out of this directory."""
        return self.own(shutil.copy(path, self.dir))

    def take_keys(self, *spns):
        """The keytab holds the keys of these services in all the realms."""
        entries = b""
        for realm in self.realms:
            for number, spn in enumerate(spns):
                entries += realm.keytab(spn, self.dir / f"{realm.kind}-{number}.keytab").read_bytes()[2:]
        self.keytab.write_bytes(b"\x05\x02" + entries)
        self.own(self.keytab)

    def env(self, **more):
        env = {**base_env(), "KRB5_CONFIG": str(self.dir / "krb5.conf"), "KRB5_KTNAME": str(self.keytab),
               "KRB5RCACHEDIR": str(self.dir), "HOME": str(self.dir), **more}
        if self.library == "obol":
            env["LD_LIBRARY_PATH"] = str(self.dir / "lib")
        return env

    def command(self, args):
        if os.geteuid() == 0:
            return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--", *args]
        return args

    def run(self, args, input="", **env):
        return run(self.command(args), self.env(**env), input, cwd=self.dir)

    def start(self, args, port, **env):
        self.daemon = Daemon(self.command(args), self.dir / "server.log", self.env(**env), port)

    def log(self, since=0):
        """What the server wrote; since: how much of it is known."""
        return (self.dir / "server.log").read_text(errors="replace")[since:]

    def logged(self, text, since=0):
        """The server wrote this, or does so soon: some leave it to a process of their own."""
        wait_for(lambda: text in self.log(since), lambda: f"'{text}' is not in the log:\n{self.log(since)}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.daemon:
            self.daemon.stop()
        shutil.rmtree(self.dir)


def krb5_conf(realms):
    lines = ["[libdefaults]", f"    default_realm = {realms[0].name}", "    dns_lookup_kdc = false",
             "    dns_canonicalize_hostname = false", "    rdns = false", "    allow_rc4 = true", "[realms]"]
    for realm in realms:
        lines.append(f"    {realm.name} = {{\n        kdc = 127.0.0.1:{realm.port}\n    }}")
    return "\n".join(lines) + "\n"


class Keytab:
    """While it is entered, a service's keytab is another one: with other keys of the same name, number and
    enctype, or none at all."""

    def __init__(self, service, change):
        self.path, self.change = service.keytab, change

    def __enter__(self):
        self.saved = self.path.read_bytes()
        if self.change == "missing":
            self.path.rename(self.path.with_suffix(".away"))
        else:
            self.path.write_bytes(other_keys(self.saved))

    def __exit__(self, *_):
        if self.change == "missing":
            self.path.with_suffix(".away").rename(self.path)
            return
        self.path.write_bytes(self.saved)


def other_keys(keytab):
    """A keytab like this one in all but the keys themselves: each has its first byte turned over."""
    data, at = bytearray(keytab), 2
    while at < len(data):
        size, components, realm = struct.unpack_from(">iHH", data, at)
        key = at + 8 + realm
        for _ in range(components):
            key += 2 + struct.unpack_from(">H", data, key)[0]
        key += 4 + 4 + 1 + 2 + 2 # name type, time, number, enctype, length
        data[key] ^= 0xff
        at += 4 + size
    return bytes(data)
