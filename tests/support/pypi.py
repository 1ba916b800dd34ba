# pypi.py: packages of the Python package index, of fixed versions, kept in a cache: as they are, as
# sources, and those with C in them built here against our headers by our krb5-config.
import functools
import hashlib
import os
import shutil
import threading
from pathlib import Path

from .compat import directory
from .process import ROOT, run

PYTHON = "/usr/bin/python3"
CACHE = ROOT / "build-san" / "peers"
# What Cython makes of a source depends on nothing of ours, and takes a minute: it is kept beside pip's
# own cache, for all trees.
TRANSLATED = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "obol-peers"


def pip(*words, cwd=None, **env):
    """Runs pip; a network that is not there fails the test, and pip says so."""
    run([PYTHON, "-m", "pip", *words], {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env},
        timeout=600, cwd=cwd).ok()


LOCKS = {}


def kept(target, make):
    """The directory; made in a place of its own first, so that it is whole once it is there. Threads that
    want the same one wait for it."""
    with LOCKS.setdefault(target, threading.RLock()):
        return made_once(target, make)


def made_once(target, make):
    if not target.exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            make(fresh)
            try:
                fresh.rename(target)
            except OSError:
                if not target.exists(): # another process was quicker
                    raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return target


@functools.lru_cache
def wheels(*packages):
    """A directory for PYTHONPATH with packages that are Python alone: wheels("k5test==0.10.4")."""
    name = "-".join(package.replace("==", "-") for package in packages)
    name = name if len(name) < 100 else hashlib.sha256(name.encode()).hexdigest()
    return kept(CACHE / name, lambda to: pip("install", "--quiet", "--no-deps", "--target", to, *packages))


def unpack(package, to):
    """The source distribution of `name==version`. pip asks what a package needs by running its setup, for
    which a Cython stands by that does nothing."""
    name = package.split("==")[0]
    work = to / ".download"
    (work / "Cython" / "Build").mkdir(parents=True)
    (work / "Cython" / "__init__.py").write_text("")
    (work / "Cython" / "Build" / "__init__.py").write_text("def cythonize(*_, **__):\n    return []\n")
    pip("download", "--quiet", "--no-deps", "--no-build-isolation", "--no-binary", name, "-d", work / "got",
        package, PYTHONPATH=str(work), **building())
    archive, = (work / "got").iterdir()
    run(["tar", "-xzf", archive, "-C", to, "--strip-components=1", "--no-same-owner"]).ok()
    shutil.rmtree(work)


def source(package):
    """The directory of a source distribution, for its tests."""
    return kept(CACHE / f"{package.replace('==', '-')}-source", lambda to: unpack(package, to))


@functools.lru_cache
def building():
    """What makes the packages' setup find our library, and no other: krb5-config, by its name."""
    def script(to):
        (to / "krb5-config").write_text(f'#!/bin/sh\nexec sh {directory()}/krb5-config-here "$@"\n')
        (to / "krb5-config").chmod(0o755)
    path = kept(CACHE / "krb5-config", script)
    return {"PATH": f"{path}:/usr/bin:/bin", "KRB5_MAIN_LIB": f"{directory()}/libkrb5.so.3",
            "CC": "ccache gcc" if shutil.which("ccache") else "gcc", "CFLAGS": "-O0 -g0 -w"}


def setup(where, *words, **env):
    """Runs a package's setup with Debian's Python and setuptools."""
    run([PYTHON, "setup.py", "--quiet", *words], {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **building(), **env},
        timeout=900, cwd=where).ok()


@functools.lru_cache
def built(package, cython=None):
    """A directory for PYTHONPATH with a package that was compiled with our headers."""
    def translate(to):
        unpack(package, to)
        setup(to, "egg_info", PYTHONPATH=str(wheels(cython)))

    def compile_it(to):
        shutil.copytree(kept(TRANSLATED / package.replace("==", "-"), translate) if cython else source(package), to,
                        dirs_exist_ok=True)
        setup(to, "build_ext", "--inplace", "-j2", PYTHONPATH=str(wheels(cython)) if cython else "")
    return kept(CACHE / f"{package.replace('==', '-')}-{headers()}", compile_it)


@functools.lru_cache
def headers():
    """A digest of all that such a package is compiled with."""
    files = [*sorted((ROOT / "include").rglob("*.h")), Path(directory()) / "krb5-config-here"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]
