# test_gss_messages.py: every kind of message token goes from our library to MIT's and back, for each
# enctype, with and without mutual authentication and DCE style, both libraries in one process.
import subprocess

import pytest
from support import compat
from support.mit import MitRealm
from support.process import ROOT, base_env, run
from support.realm import ENCTYPES

OURS, MIT = "ours", "MIT"
STYLES = {"mutual": 2, "one-way": 0, "dce": 0x1002}
# Both ways, lengths, with confidentiality or not, kinds; the PRF.
TOKENS = {style: 2 * 8 * 2 * kinds + 2 for style, kinds in (("mutual", 4), ("one-way", 4), ("dce", 3))}


@pytest.fixture(scope="module")
def realm(started):
    return started(MitRealm, "OBOL.TEST")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("program") / "gss_messages"
    run(["gcc", "-Wall", "-Werror", "-I", ROOT / "include", "-o", path,
         ROOT / "tests" / "support" / "gss_messages.c"], base_env()).ok()
    return path


@pytest.fixture(scope="module")
def environments(realm, tmp_path_factory):
    """An environment with tickets and keytab, for each enctype."""
    work = tmp_path_factory.mktemp("environments")
    made = {}
    for enctype in ENCTYPES:
        env = {**base_env(), "KRB5_CONFIG": str(realm.krb5_conf("mit", work / f"{enctype}.conf", enctype)),
               "KRB5CCNAME": f"FILE:{work}/{enctype}.cc", "KRB5RCACHENAME": "none:",
               "KRB5_KTNAME": str(realm.keytab(realm.service_of(enctype), work / f"{enctype}.keytab"))}
        run(["kinit", "-k", "-t", realm.dir / "alice.keytab", "alice"], env).ok()
        made[enctype] = env
    return made


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("ends", [(OURS, MIT), (MIT, OURS), (OURS, OURS)], ids=" to ".join)
@pytest.mark.parametrize("enctype", ENCTYPES)
def test_message_tokens_are_taken_by_the_other_end(realm, program, environments, enctype, ends, style):
    files = {OURS: f"{compat.directory()}/libgssapi_krb5.so.2", MIT: f"{compat.MIT}/libgssapi_krb5.so.2"}
    service = realm.service_of(enctype).replace("/", "@")
    done = subprocess.run([program, files[ends[0]], files[ends[1]], service, f"{STYLES[style]:x}"],
                          env=environments[enctype], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{TOKENS[style]} tokens\n"
