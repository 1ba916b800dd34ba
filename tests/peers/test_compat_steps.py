# test_compat_steps.py: logins and tickets step by step, PACs and tickets signed and verified: one program,
# linked with MIT's library, run on it and on ours; what one signs, the other verifies.
import pytest

from support.compat import compile_on_mit, on_ours
from support.process import ROOT, run
from support.realm import PASSWORD

SIDES = pytest.mark.parametrize("maker, reader", [("mit", "obol"), ("obol", "mit")])


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = compile_on_mit(ROOT / "tests" / "peers" / "compat_steps.c", tmp_path_factory.mktemp("steps") / "steps",
                          ["libkrb5.so.3", "libk5crypto.so.3"])
    return lambda user, side, *words: run([path, *map(str, words)], on_ours(user.env()) if side == "obol" else user.env())


@pytest.mark.parametrize("kdc", ["mit", "obol"])
def test_a_login_and_a_ticket_step_by_step(client, program, realms, judged, kdc):
    user, realm = client("mit", kdc), realms(kdc)
    said = {}
    for words in ((PASSWORD, "HTTP/localhost"), ("wrong", "HTTP/localhost"), (PASSWORD, "HTTP/nowhere")):
        password, service = words
        runs = [program(user, side, "steps", f"alice@{realm.name}", password, f"{service}@{realm.name}",
                        realm.port).ok().out for side in ("mit", "obol")]
        said[words] = runs
        # MIT's library takes the session key's enctype from its own list of enctypes.
        assert [line.split(",")[0] for line in runs[0].splitlines()] == \
            [line.split(",")[0] for line in runs[1].splitlines()], runs
    good = said[PASSWORD, "HTTP/localhost"][1]
    assert f"ticket: HTTP/localhost@{realm.name} for alice@{realm.name}" in good and "times: 1" in good
    assert "login: -1765328360" in said["wrong", "HTTP/localhost"][1]
    assert "ticket: -1765328377" in said[PASSWORD, "HTTP/nowhere"][1]
    judged("krb5_init_creds_step, krb5_tkt_creds_step", "the same program", f"{kdc}'s KDC", "", "the same on both")


@SIDES
@pytest.mark.parametrize("etype", ["17", "18", "19", "20", "23"])
def test_a_pac_that_one_signs_the_other_verifies(client, program, maker, reader, etype):
    user = client("mit", "obol")
    signed = program(user, maker, "sign", "pac", etype).ok().out.strip()
    answers = [program(user, side, "verify", "pac", etype, signed).ok().out for side in (reader, maker)]
    assert answers[0] == answers[1] and "verify: 0" in answers[0] and "name: alice 1790000000" in answers[0]
    assert "key: 1" in answers[0] and "login: -1765328" in answers[0]


@SIDES
def test_a_ticket_that_one_signs_the_other_verifies(client, program, maker, reader):
    user = client("mit", "obol")
    signed = program(user, maker, "sign", "ticket", "18").ok().out.strip()
    if maker == "mit": # 1.20 does not make the full signature (CVE-2022-37967), which 1.21 demands, and ours
        refused = program(user, reader, "verify", "ticket", "18", signed).failed()
        assert "no signature of type 19" in refused.err
        signed = program(user, reader, "sign", "ticket", "18").ok().out.strip()
    answer = program(user, reader, "verify", "ticket", "18", signed).ok().out
    assert "verify: 0" in answer and "altered: 1" in answer
