# k5test.py: the k5test package from PyPI, which starts realms by MIT krb5's tools, kept in a cache;
# and a place to run programs in whose ports are theirs alone.
import functools
import os
import re
from pathlib import Path

from .obol import SANITIZERS, binary
from .process import ROOT, run

VERSION = "0.10.4"
CONFIG = "#!/bin/sh\necho /usr\n"  # what k5test asks krb5-config for is where plugins might be


@functools.lru_cache
def package():
    """The directory that PYTHONPATH is to name."""
    target = ROOT / "build-san" / "peers" / f"k5test-{VERSION}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        run(["/usr/bin/python3", "-m", "pip", "install", "--quiet", "--no-deps", "--target", fresh,
             f"k5test=={VERSION}"], {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, timeout=300).ok()
        fresh.rename(target)
    return target


def tools(directory, ours):
    """A directory for PATH with krb5-config, and our faces if they are to be found first."""
    directory.mkdir()
    (directory / "krb5-config").write_text(CONFIG)
    (directory / "krb5-config").chmod(0o755)
    faces = Path(binary()).resolve().parent / "lib" / "obol" / "bin"
    for face in faces.iterdir() if ours else ():
        (directory / face.name).symlink_to(face)
    return directory


def alone(words, path, library=None, timeout=300):
    """Runs a program in a network of its own, with the tools of `path` first, and k5test."""
    env = {"PATH": f"{path}:/usr/bin:/bin:/usr/sbin:/sbin", "PYTHONPATH": str(package()),
           "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8", **SANITIZERS}
    if library:
        env["LD_LIBRARY_PATH"] = str(library)
    inside = 'ip link set lo up && exec "$@"'
    return run(["unshare", "--map-root-user", "--net", "sh", "-c", inside, "sh", *words], env,
               timeout=timeout)


def unittest_failures(result):
    """The names of the cases that did not pass, and how many passed or not: skipped ones are of no
    use here."""
    ran = re.search(r"^Ran (\d+) tests? in ", result.err, re.M)
    skipped = re.search(r"skipped=(\d+)", result.err)
    assert ran, str(result)
    names = re.findall(r"^(?:FAIL|ERROR): (\w+) \(", result.err, re.M)
    return set(names), int(ran.group(1)) - (int(skipped.group(1)) if skipped else 0)
