# test_config.py: krb5.conf as MIT reads it: what a file means is told by where each of the two looks
# for the realm and its KDC.
import re

import pytest

from support.obol import binary, obol_env
from support.process import base_env, free_port, run, which


@pytest.fixture
def port():
    return free_port()


CASES = {
    "one file": {"1.conf": "[libdefaults]\ndefault_realm = A.TEST\n"},
    "the first file counts": {"1.conf": "[libdefaults]\ndefault_realm = A.TEST\n",
                              "2.conf": "[libdefaults]\ndefault_realm = B.TEST\n"},
    "the second file where the first is silent": {"1.conf": "[realms]\n", "2.conf": "[libdefaults]\ndefault_realm = B.TEST\n"},
    "the first line counts": {"1.conf": "[libdefaults]\ndefault_realm = A.TEST\ndefault_realm = B.TEST\n"},
    "a section comes twice": {"1.conf": "[libdefaults]\n[realms]\n[libdefaults]\ndefault_realm = A.TEST\n"},
    "a final section": {"1.conf": "[libdefaults]*\nforwardable = true\n", "2.conf": "[libdefaults]\ndefault_realm = B.TEST\n"},
    "a final key": {"1.conf": "[libdefaults]\ndefault_realm* = A.TEST\n", "2.conf": "[libdefaults]\ndefault_realm = B.TEST\n"},
    "include": {"1.conf": "include {dir}/inner\n[libdefaults]\ndefault_realm = B.TEST\n",
                "inner": "[libdefaults]\ndefault_realm = A.TEST\n"},
    "include within a section": {"1.conf": "[libdefaults]\ninclude {dir}/inner\n", "inner": "[libdefaults]\ndefault_realm = A.TEST\n"},
    "includedir passes odd names over": {
        "1.conf": "includedir {dir}/d\n", "d/a.conf~": "[libdefaults]\ndefault_realm = X.TEST\n",
        "d/.b.conf": "[libdefaults]\ndefault_realm = Y.TEST\n", "d/c.d.conf": "[libdefaults]\ndefault_realm = A.TEST\n"},
    "includedir in the order of names": {
        "1.conf": "includedir {dir}/d\n", "d/20": "[libdefaults]\ndefault_realm = B.TEST\n",
        "d/10": "[libdefaults]\ndefault_realm = A.TEST\n"},
    "quotes": {"1.conf": '[libdefaults]\ndefault_realm = "A.TEST"\n'},
    "spaces and tabs": {"1.conf": "[libdefaults]\n\t default_realm\t=  A.TEST \t\n"},
    "comments": {"1.conf": "# x\n; y\n[libdefaults]\n# default_realm = X.TEST\n  ; z\ndefault_realm = A.TEST\n"},
    "text before the first section": {"1.conf": "default_realm = X.TEST\n[libdefaults]\ndefault_realm = A.TEST\n"},
    "carriage returns": {"1.conf": "[libdefaults]\r\ndefault_realm = A.TEST\r\n"},
    "a brace on the next line": {"1.conf": "[libdefaults]\ndefault_realm = A.TEST\n[realms]\nA.TEST =\n{\nkdc = 127.0.0.1:{port}\n}\n"},
    "a realm in two files": {"1.conf": "[libdefaults]\ndefault_realm = A.TEST\n[realms]\nA.TEST = {\nadmin_server = x\n}\n",
                             "2.conf": "[realms]\nA.TEST = {\nkdc = 127.0.0.1:{port}\n}\n"},
    "a final realm": {"1.conf": "[libdefaults]\ndefault_realm = A.TEST\n[realms]\nA.TEST = {\nadmin_server = x\n}*\n",
                      "2.conf": "[realms]\nA.TEST = {\nkdc = 127.0.0.1:{port}\n}\n"},
    "a realm in small letters is another": {"1.conf": "[libdefaults]\ndefault_realm = A.TEST\n[realms]\na.test = {\nkdc = 127.0.0.1:{port}\n}\n"},
    "nothing": {"1.conf": ""},
}


def looks_for(result, port):
    """(the realm that a client looks for, whether it knows its KDC), of what it says when none answers."""
    text = result.failed().text
    if re.search(r"default realm|no realm is known", text):
        return None, False
    realm = re.search(r"(?:for realm \"|realm '|the realm |KDC of |answered: )([A-Za-z.]+\.(?:TEST|test))", text)
    assert realm, str(result)
    return realm.group(1), not re.search(r"Cannot find KDC|no KDC of the realm is known", text)


@pytest.mark.parametrize("case", CASES)
def test_a_file_means_to_ours_what_it_means_to_mit(tmp_path, port, case):
    for name, text in CASES[case].items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.replace("{dir}", str(tmp_path)).replace("{port}", str(port)).encode())
    last = tmp_path / "last.conf"
    last.write_text("[libdefaults]\ndns_lookup_kdc = false\ndns_lookup_realm = false\n")
    files = ":".join(str(tmp_path / n) for n in sorted(CASES[case]) if n.endswith(".conf") and "/" not in n)
    env = {"KRB5_CONFIG": f"{files}:{last}", "KRB5CCNAME": f"FILE:{tmp_path}/cc"}
    mit = looks_for(run([which("kinit"), "alice"], {**base_env(), **env}, "x\n"), port)
    ours = looks_for(run([binary(), "login", "--password-stdin", "alice"], {**obol_env(), **env}, "x\n"), port)
    assert ours == mit, f"ours looks for {ours}, MIT for {mit}"
