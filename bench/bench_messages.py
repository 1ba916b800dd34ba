#!/usr/bin/python3
# bench_messages.py: messages of the GSS-API, ours against MIT krb5's in one process, and libcrypto's
# floor. ./dev bench messages [ENCTYPE...]
import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from support.mit import MitRealm  # noqa: E402
from support.process import base_env  # noqa: E402
from support.realm import ENCTYPES  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="messages of the GSS-API against MIT krb5")
    parser.add_argument("program")
    parser.add_argument("enctypes", nargs="*", metavar="ENCTYPE", help=", ".join(ENCTYPES))
    arguments = parser.parse_args()
    unknown = set(arguments.enctypes) - set(ENCTYPES)
    if unknown:
        parser.error(f"not an enctype that is measured: {', '.join(unknown)} (there are {', '.join(ENCTYPES)})")
    print(f"{'ns of CPU':27} {'':13} {'bytes':>8} {'ours':>10} {'MIT':>10} {'times':>7} {'libcrypto':>10} {'of it':>6}")
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        realm = MitRealm(work / "realm", "OBOL.TEST")
        try:
            for enctype in arguments.enctypes or realm.enctypes:
                run(arguments.program, realm, work, enctype)
        finally:
            realm.stop()


def run(program, realm, work, enctype):
    conf = realm.krb5_conf("mit", work / f"{enctype}.conf", enctype)
    service = realm.service_of(enctype)
    keytab = realm.keytab(service, work / f"{enctype}.keytab")
    env = {**base_env(), "KRB5_CONFIG": str(conf), "KRB5CCNAME": f"FILE:{work}/{enctype}.cc",
           "KRB5_KTNAME": str(keytab), "KRB5RCACHENAME": "none:"}
    subprocess.run(["kinit", "-k", "-t", realm.dir / "alice.keytab", "alice"], env=env, check=True)
    subprocess.run([program, enctype, service.replace("/", "@")], env=env, check=True)


if __name__ == "__main__":
    main()
