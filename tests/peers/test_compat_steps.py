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
    assert f"login: -1765328360, KDC: 24 for krbtgt/{realm.name}@{realm.name} at a time" in \
        said["wrong", "HTTP/localhost"][1]
    assert "ticket: -1765328377" in said[PASSWORD, "HTTP/nowhere"][1]
    judged("krb5_init_creds_step, krb5_tkt_creds_step", "the same program", f"{kdc}'s KDC", "", "the same on both")


@pytest.mark.parametrize("kdc", ["mit", "obol"])
def test_a_login_that_was_begun_step_by_step_is_ended_at_once(client, program, realms, kdc):
    user, realm = client("mit", kdc), realms(kdc)
    for words in ((f"alice@{realm.name}", PASSWORD), (f"alice@{realm.name}", "wrong"), (f"nobody@{realm.name}", "x")):
        for steps in (0, 1):
            runs = [program(user, side, "get", *words, steps, realm.port).ok().out for side in ("mit", "obol")]
            assert [line.split(",")[0] for line in runs[0].splitlines()] == \
                [line.split(",")[0] for line in runs[1].splitlines()], (words, steps, runs)
            assert ("login: krbtgt/" in runs[1] and "again: 1" in runs[1]) == (words[1] == PASSWORD)
            assert words[1] == PASSWORD or runs[0] == runs[1], "what the KDC said last"


@SIDES
@pytest.mark.parametrize("etype", ["17", "18", "19", "20", "23"])
def test_a_pac_that_one_signs_the_other_verifies(client, program, maker, reader, etype):
    user = client("mit", "obol")
    signed = program(user, maker, "sign", "pac", etype).ok().out.strip()
    answers = [program(user, side, "verify", "pac", etype, signed).ok().out for side in (reader, maker)]
    assert answers[0] == answers[1] and "verify: 0" in answers[0] and "name: alice 1790000000" in answers[0]
    assert "key: 1" in answers[0] and "login: -1765328" in answers[0]


@SIDES
@pytest.mark.parametrize("etype", ["17", "18", "19", "20", "23"])
def test_a_ticket_that_one_signs_the_other_verifies(client, program, maker, reader, etype):
    user = client("mit", "obol")
    signed = program(user, maker, "sign", "ticket", etype).ok().out.strip()
    # MIT's 1.20 makes no full signature: with RC4 a service could write its own PAC (CVE-2022-37967).
    if maker == "mit" and etype == "23":
        refused = program(user, reader, "verify", "ticket", etype, signed).failed()
        assert "no signature of type 19" in refused.err
        return
    answer = program(user, reader, "verify", "ticket", etype, signed).ok().out
    assert "verify: 0" in answer and "altered: 1" in answer
