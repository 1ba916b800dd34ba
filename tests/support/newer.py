# newer.py: MIT krb5 as Debian's testing suite has it (1.22 at the time of writing), on this Debian 12 without
# being installed: apt fetches the packages from the machine's own source of Debian, with a directory of its
# own for all that it keeps, and they run with their own C library.
import fcntl
import functools
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .mit import MitClient, MitRealm
from .process import run

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "obol-peers"
SUITE = "testing"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
PACKAGES = {
    "mit": ("krb5-user", "krb5-kdc", "krb5-admin-server", "krb5-pkinit"),
}
# What the packages want to be configured by, and what would only be started by them: apt is told that these
# are there.
PRETENDED = ("debconf", "krb5-config", "systemd", "init-system-helpers", "lsb-base")


class Unavailable(AssertionError):
    pass


SOURCES = (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))


def source(files=SOURCES):
    """Where this machine gets Debian from."""
    for path in files:
        text = path.read_text() if path.exists() else ""
        found = re.search(r"^URIs:\s*(\S+/debian/?)(?=\s)|^deb\s+(?:\[[^]]*\]\s*)?(\S+/debian/?)\s", text, re.M)
        if found:
            return found.group(1) or found.group(2)
    raise Unavailable("newer.py: /etc/apt names no source of Debian, which the programs of the suite "
                      f"'{SUITE}' would come from; put one into /etc/apt/sources.list.d/debian.sources")


def apt_root(root):
    """A directory with apt's state in it, and none of the machine's."""
    for path in ("state/lists/partial", "cache/archives/partial"):
        (root / path).mkdir(parents=True, exist_ok=True)
    (root / "sources.list").write_text(f"deb [signed-by={KEYRING}] {source()} {SUITE} main\n")
    (root / "state/status").write_text("".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: 999\nArchitecture: all\nMulti-Arch: foreign\n"
        f"Maintainer: nobody\nDescription: pretended\n\n" for name in PRETENDED))
    options = {"Dir::State": root / "state", "Dir::State::status": root / "state/status",
               "Dir::Cache": root / "cache", "Dir::Etc::sourcelist": root / "sources.list",
               "Dir::Etc::sourceparts": "-", "APT::Sandbox::User": "root", "Acquire::Languages": "none",
               "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false", "Acquire::Retries": "3",
               "Debug::NoLocking": "true", "APT::Keep-Downloaded-Packages": "true"}
    return [f"-o{key}={value}" for key, value in options.items()]


def apt(root, *words):
    options = apt_root(root)
    done = run(["apt-get", "-q", "-y", *options, *words], {**os.environ, "LC_ALL": "C.UTF-8"}, timeout=300)
    if done.status or "W: " in done.err:
        raise Unavailable(f"newer.py: the packages of Debian's suite '{SUITE}' cannot be fetched from this machine's "
                          f"source of Debian (see /etc/apt); is the network there?\n{done}")


def unpack(kind, tree):
    """Fetches what the kind needs and unpacks it. That the lists are signed by Debian's keys, and the
    packages as in the lists, apt sees to."""
    with tempfile.TemporaryDirectory(prefix="obol-apt.") as directory:
        root = Path(directory)
        apt(root, "update")
        apt(root, "install", "--download-only", "--no-install-recommends", *PACKAGES[kind])
        for package in (root / "cache/archives").glob("*.deb"):
            run(["dpkg-deb", "-x", package, tree]).ok()
    shutil.rmtree(tree / "usr/share")


@contextmanager
def locked(path):
    """Processes and threads that want the same tree at once wait for the first of them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@functools.lru_cache
def tree(kind="mit"):
    """The directory of the unpacked packages."""
    target = CACHE / f"{kind}-{SUITE}"
    with locked(CACHE / f"{kind}-{SUITE}.lock"):
        if not target.exists():
            fresh = target.with_name(f"{target.name}.{os.getpid()}")
            shutil.rmtree(fresh, ignore_errors=True)
            try:
                unpack(kind, fresh)
                wrap(fresh, target)
                fresh.rename(target)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    return target


def script(tree, target, path, file):
    """A script that runs a program with the tree's C library, libraries and plugins; settings that the caller's
    KRB5_CONFIG has come first. The tree will stand at `target`."""
    libraries = next(tree.glob("usr/lib/*/libc.so.6")).parent
    here, loader = target / libraries.relative_to(tree), next(libraries.glob("ld-linux*.so.*")).name
    file.write_text(f"""#!/bin/sh
export KRB5_CONFIG="${{KRB5_CONFIG:-/etc/krb5.conf}}:{target}/plugins.conf" OPENSSL_MODULES={here}/ossl-modules
exec {here}/{loader} --library-path {here} --argv0 {file.name} {path} "$@"
""")
    file.chmod(0o755)
    return file


def wrap(fresh, target):
    """programs/NAME for each program."""
    plugins = target / next(fresh.glob("usr/lib/*/krb5/plugins")).relative_to(fresh)
    (fresh / "programs").mkdir()
    (fresh / "plugins.conf").write_text(f"""[libdefaults]
    plugin_base_dir = {plugins}
[dbmodules]
    db_module_dir = {plugins}/kdb
""")
    for folder in ("usr/bin", "usr/sbin"):
        for path in (fresh / folder).iterdir():
            name = re.sub(r"\.(mit|heimdal)$", "", path.name)
            script(fresh, target, target / folder / path.name, fresh / "programs" / name)


def on_newer(path, directory):
    """Runs a program of this machine, linked with MIT's libraries, with the newer ones."""
    return script(tree(), tree(), path, directory / f"newer-{path.name}")


def program(name, kind="mit"):
    path = tree(kind) / "programs" / name
    assert path.exists(), f"Debian's {SUITE} has no {name} in {' '.join(PACKAGES[kind])}"
    return path


@functools.lru_cache
def version():
    """"krb5 1.22.1", for the table of what judged us."""
    found = re.search(r"version (\d[\d.]*)", run([program("klist"), "-V"]).ok().out)
    return f"krb5 {found.group(1)}"


class NewerMitRealm(MitRealm):
    program = staticmethod(program)


class NewerMitClient(MitClient):
    def env(self):
        env = super().env()
        return {**env, "PATH": f"{tree() / 'programs'}:{env['PATH']}"}
