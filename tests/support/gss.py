# gss.py: two ends of a GSS-API context in processes of their own, each with the library of its make:
# tests/support/gss_pair.c linked with MIT's library (which LD_LIBRARY_PATH turns into ours, unchanged)
# and with Heimdal's.
import json
import os
import subprocess
from pathlib import Path

from .compat import on_ours
from .process import ROOT, base_env, run

MUTUAL, REPLAY, SEQUENCE, CONF, INTEG, DELEG, DCE = 2, 4, 8, 16, 32, 1, 0x1000
ALL = MUTUAL | REPLAY | SEQUENCE | CONF | INTEG
DELEG_POLICY, CHANNEL_BOUND = 0x8000, 0x800


def build_pairs(directory):
    """{make: the program linked with the library of that make}"""
    made = {}
    for make, soname in (("mit", "libgssapi_krb5.so.2"), ("heimdal", "libgssapi.so.3")):
        made[make] = Path(directory) / f"gss_pair_{make}"
        extensions = ["-DWITH_EXTENSIONS"] if make == "mit" else []
        run(["gcc", "-O2", *extensions, "-I", ROOT / "include", "-o", made[make],
             ROOT / "tests" / "support" / "gss_pair.c", f"-l:{soname}"]).ok()
    made["obol"] = made["mit"]
    return made


def with_library(env, make):
    """The environment in which a program linked with MIT's library finds that of a make."""
    return on_ours(env) if make == "obol" else env


class Outcome:
    """What both ends said."""

    def __init__(self, initiator, acceptor):
        self.initiator, self.acceptor = initiator, acceptor

    def ok(self):
        assert self.initiator.get("ok") and self.acceptor.get("ok"), str(self)
        return self

    def refused(self, end):
        """That end refused, and it did not crash: it said why."""
        said = getattr(self, end)
        assert "failed" in said and said.get("major"), str(self)
        return said

    def __str__(self):
        return f"initiator: {self.initiator}\nacceptor: {self.acceptor}"


def said(process, seconds=60):
    text = process.communicate(timeout=seconds)[1].decode(errors="replace").strip()
    try:
        return json.loads(text.splitlines()[-1])
    except (IndexError, ValueError):
        return {"crashed": process.returncode, "text": text}


def pair(programs, env, makes, mech="krb5", flags=ALL, target="HTTP@localhost", bindings=("-", "-")):
    """Runs an initiator of makes[0] against an acceptor of makes[1]; env holds KRB5_CONFIG,
    KRB5CCNAME and KRB5_KTNAME."""
    env = {**base_env(), **env}
    to_acceptor, to_initiator = os.pipe(), os.pipe()

    def start(make, arguments, stdin, stdout):
        return subprocess.Popen([str(programs[make]), *arguments], stdin=stdin, stdout=stdout,
                                stderr=subprocess.PIPE, env=with_library(env, make))
    initiator = start(makes[0], ["init", mech, f"{flags:x}", bindings[0], target],
                      to_initiator[0], to_acceptor[1])
    acceptor = start(makes[1], ["accept", mech, f"{flags:x}", bindings[1], "-"],
                     to_acceptor[0], to_initiator[1])
    for fd in to_acceptor + to_initiator:
        os.close(fd)
    return Outcome(said(initiator), said(acceptor))
