# test_newer_gss.py: MIT krb5 1.22, whose IAKERB speaks as draft-ietf-kitten-iakerb does and whose KDC seals
# whole PACs, beside our library, our KDC and our client.
import re

import pytest

from support import gss
from support.newer import NewerMitClient, NewerMitRealm, on_newer, version
from support.realm import PASSWORD

PAIRS = [("newer", "newer"), ("newer", "obol"), ("obol", "newer")]
FRONT, BACK = "HTTP/newfront.obol.test", "HTTP/newback.obol.test"


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    directory = tmp_path_factory.mktemp("gss")
    made = gss.build_pairs(directory)
    return {**made, "newer": on_newer(made["mit"], directory)}


@pytest.fixture(scope="module")
def theirs(started):
    return started(NewerMitRealm, "NEWER.TEST")


@pytest.fixture(params=["obol", "newer"])
def realm(request, obol_realm, theirs):
    return obol_realm if request.param == "obol" else theirs


@pytest.fixture
def alice(realm, tmp_path):
    """The environment of alice, logged in, and of a service with its keytab."""
    user = NewerMitClient(realm, tmp_path, iakerb_tokens="draft")
    user.login("alice").ok()
    return {**user.env(), "KRB5_KTNAME": str(realm.keytab("HTTP/localhost", tmp_path / "keytab"))}


@pytest.mark.parametrize("mech", ("krb5", "spnego"))
@pytest.mark.parametrize("makes", PAIRS[1:], ids=" to ".join)
def test_contexts(programs, alice, realm, makes, mech, judged):
    found = gss.pair(programs, alice, makes, mech).ok()
    assert found.acceptor["client"] == f"alice@{realm.name}", str(found)
    judged(version(), "initiator" if makes[0] == "newer" else "acceptor", mech, "all", "context, messages")


@pytest.mark.parametrize("makes", PAIRS, ids=" to ".join)
def test_iakerb_in_the_tokens_of_the_draft(programs, alice, realm, makes, tmp_path, judged):
    env = {**alice, "GSS_USER": "alice", "GSS_PASSWORD": PASSWORD, "KRB5CCNAME": f"FILE:{tmp_path}/none"}
    found = gss.pair(programs, env, makes, "iakerb").ok()
    assert found.acceptor["client"] == f"alice@{realm.name}", str(found)
    env["GSS_PASSWORD"] = "wrong"
    gss.pair(programs, env, makes, "iakerb").refused("initiator")
    judged(version(), "initiator" if makes[0] == "newer" else "acceptor", "IAKERB", "draft", "context, messages")


def test_kvno_acts_for_users(obol_realm, tmp_path, judged):
    keys = {spn: tmp_path / spn.replace("/", "-") for spn in (FRONT, BACK)}
    for spn, keytab in keys.items():
        obol_realm.add_service(spn)
        obol_realm.keytab(spn, keytab)
    obol_realm.admin("principal", "set", FRONT, "--trusted-to-authenticate", "--delegate-to", BACK)
    user = NewerMitClient(obol_realm, tmp_path)
    user.run(["kinit", "-f", "-k", "-t", keys[FRONT], FRONT]).ok()
    assert "keytab entry valid" in user.run(["kvno", "-k", keys[FRONT], "-U", "alice", FRONT]).ok().out
    assert f"{BACK}@OBOL.TEST: kvno = " in user.run(["kvno", "-k", keys[FRONT], "-U", "alice", "-P", BACK]).ok().out
    refused = user.run(["kvno", "-k", keys[FRONT], "-U", "alice", "-P", "HTTP/localhost"]).failed()
    assert re.search("constrained delegation failed|not allowed|policy", refused.text), str(refused)
    judged(version() + " kvno", "service, Obol's KDC", "krb5", "S4U2Self, S4U2Proxy", "tickets; another target refused")
