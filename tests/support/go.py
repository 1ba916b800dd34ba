# go.py: gokrb5, Go's own Kerberos, from Debian's packages of Go sources; the program that drives it is
# compiled once and kept in a cache.
import functools
import hashlib
import os
import shutil

from .ends import End
from .process import ROOT, base_env, run, which

SOURCE = ROOT / "tests" / "support" / "gokrb5.go"
SOURCES = "/usr/share/gocode"  # where Debian's packages put them


@functools.lru_cache
def program():
    directory = ROOT / "build-san" / "peers"
    target = directory / f"gokrb5-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:12]}"
    if not target.exists():
        directory.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        compiled = fresh.with_name(f"{fresh.name}.cache")
        env = {**base_env(), "GOPATH": SOURCES, "GO111MODULE": "off", "GOFLAGS": "", "GOTOOLCHAIN": "local",
               "GOROOT": "", "GOPROXY": "off", "CGO_ENABLED": "0", "GOCACHE": str(compiled)}
        run([which("go"), "build", "-o", fresh, SOURCE], env, timeout=300).ok()
        shutil.rmtree(compiled)
        fresh.rename(target)
    return target


class GoEnd(End):
    def __init__(self):
        super().__init__([program()], base_env())
