#!/usr/bin/python3
# bench_gss.py: GSS-API contexts established per CPU-second, both ends in one process with a cached
# ticket and mutual authentication: the same program on our library and on MIT's, by turns, in the same
# run. ./dev bench gss
import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from support import gss  # noqa: E402
from support.mit import MitClient  # noqa: E402
from support.obol import ObolRealm  # noqa: E402
from support.process import run  # noqa: E402
from support.realm import ENCTYPES  # noqa: E402


def rate(program, env, make, mech, target, seconds):
    env = {**gss.with_library(env, make), "SECONDS_OF_CPU": str(seconds)}
    return int(run([program, "bench", mech, "2", "-", target], env, timeout=300).ok().out)


def measure(programs, env, mech, target, args):
    """Best rates of ours with and without the replay cache, and of MIT's: whatever else the machine
    does only ever slows one of them down."""
    found = {"obol": [], "no replay cache": [], "mit": []}
    for _ in range(args.rounds):
        found["mit"].append(rate(programs["mit"], env, "mit", mech, target, args.seconds))
        found["obol"].append(rate(programs["obol"], env, "obol", mech, target, args.seconds))
        found["no replay cache"].append(rate(programs["obol"], {**env, "KRB5RCACHENAME": "none:"},
                                             "obol", mech, target, args.seconds))
    return {name: max(rates) for name, rates in found.items()}


def main():
    parser = argparse.ArgumentParser(description="contexts per CPU-second, ours and MIT's")
    parser.add_argument("--seconds", type=float, default=1.0, help="CPU time of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        realm = ObolRealm(Path(directory) / "realm", "BENCH.TEST")
        try:
            keytab = realm.dir / "all.keytab"
            for enctype in ENCTYPES:
                realm.keytab(realm.service_of(enctype), keytab)
            user = MitClient(realm, directory)
            user.login("alice").ok()
            programs = gss.build_pairs(directory)
            env = {**user.env(), "KRB5_KTNAME": str(keytab)}
            print(f"{'mechanism':9} {'enctype':28} {'obol/s':>8} {'mit/s':>8} {'ratio':>6} {'rcache':>7}")
            for mech in ("krb5", "spnego"):
                for enctype in ENCTYPES:
                    r = measure(programs, env, mech, f"host@{enctype}.obol.test", args)
                    share = 1 - r["obol"] / r["no replay cache"]
                    print(f"{mech:9} {enctype:28} {r['obol']:8.0f} {r['mit']:8.0f} "
                          f"{r['obol'] / r['mit']:5.1f}x {share:6.1%}", flush=True)
        finally:
            realm.stop()


if __name__ == "__main__":
    main()
