# test_samba_krb5.py: Samba's own tests of Kerberos KDCs judge ours: a client with a library of its own that sends what no kinit
# does, of armor, delegation, PACs and user-to-user above all. tests/vectors/samba_krb5.tsv says of each whether it passes.
import fnmatch
import json
import re

import pytest

from support.obol import ObolRealm, binary, obol_env
from support.process import ROOT, run
from support.realm import ENCTYPES, PASSWORD

RUNNER = ROOT / "tests" / "support" / "samba_krb5.py"
# What Samba knows of; the TGS's key of rc4 is there so that it can be seen to open nothing.
KNOWN = {"aes256-cts-hmac-sha1-96": "AES256", "aes128-cts-hmac-sha1-96": "AES128", "arcfour-hmac": "RC4"}
TABLE = [line.rstrip("\n").split("\t") + [""] * 3 for line in open(ROOT / "tests" / "vectors" / "samba_krb5.tsv")
         if not line.startswith("#")]
FILES = list(dict.fromkeys(row[0] for row in TABLE))


class Sambas(ObolRealm):
    def create(self):
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        text = conf.read_text().replace(" ".join(ENCTYPES), " ".join(KNOWN))
        # Its list of what a KDC may offer has no SPAKE.
        text = text.replace("allow_weak_crypto = true",
                            "allow_weak_crypto = true\n        preauth_mechanisms = encrypted_challenge encrypted_timestamp")
        conf.write_text(text)
        self.rekey(f"krbtgt/{self.name}")

    def populate(self):
        self.add_user("tester")


@pytest.fixture(scope="module")
def realm(started):
    return started(Sambas, "SAMBA.TEST")


def ask(realm, tests, directory):
    """What the runner says: file, test, why it failed or None."""
    listed = run(["klist", "-keK", realm.keytab(f"krbtgt/{realm.name}", directory / "tgs.keytab")]).ok().out
    keys = re.findall(r"^ +(\d+) .*\((?:DEPRECATED:)?(\S+)\) +\(0x([0-9a-f]+)\)", listed, re.M)
    shown = json.loads(realm.admin("realm", "show", "--json").out)
    asked = {"realm": realm.name, "port": realm.port, "sid": shown["domain_sid"], "obol": [binary()],
             "home": str(realm.dir / "home"), "directory": str(directory), "user": "tester", "password": PASSWORD,
             "tests": tests,
             "krbtgt": {"kvno": int(keys[0][0]), "keys": {KNOWN[e]: key for _, e, key in keys}}}
    done = run(["/usr/bin/python3", RUNNER], obol_env(), json.dumps(asked), timeout=300).ok()
    return [json.loads(line) for line in done.out.splitlines() if line.startswith("[")]


@pytest.fixture(scope="module")
def methods(realm, tmp_path_factory):
    """{file: [name of each test in it]}."""
    known = {}
    for file, name, _ in ask(realm, {file: "list" for file in FILES}, tmp_path_factory.mktemp("list")):
        known.setdefault(file, []).append(name)
    return known


def row_of(file, name):
    return next((row for row in TABLE if row[0] == file and fnmatch.fnmatchcase(name, row[1])), None)


def test_each_test_of_sambas_stands_in_the_table(methods):
    assert [name for file in FILES for name in methods[file] if not row_of(file, name)] == []
    used = {id(row_of(file, name)) for file in FILES for name in methods[file]}
    assert [row for row in TABLE if id(row) not in used] == []
    assert {row[2] for row in TABLE} == {"passes", "differs", "none", "alike"}
    assert [row for row in TABLE if row[2] == "passes" and row[3] or row[2] in ("differs", "none") and not row[4]] == []


def verdicts(realm, methods, file, directory):
    """What was run, and what does not stand in the table as it came out."""
    chosen = [name for name in methods[file] if row_of(file, name)[2] in ("passes", "differs")]
    said = {name: why for _, name, why in ask(realm, {file: chosen}, directory)}
    assert sorted(said) == sorted(chosen)
    wrong = {name: why for name, why in said.items()
             if (row_of(file, name)[2] == "passes" and why is not None) or
             (row_of(file, name)[2] == "differs" and (why is None or row_of(file, name)[3] not in why))}
    return said, wrong


@pytest.mark.parametrize("file", [file for file in FILES if any(r[0] == file and r[2] == "passes" for r in TABLE)])
def test_sambas_tests_say_of_our_kdc_what_the_table_says(realm, methods, file, tmp_path, judged):
    said, wrong = verdicts(realm, methods, file, tmp_path)
    assert wrong == {}, json.dumps(wrong, indent=1)
    passed = sum(why is None for why in said.values())
    judged(f"Samba 4.17's {file}", "Obol's KDC", "krb5", "TCP", f"{passed} of {len(said)} pass, the others as listed")
