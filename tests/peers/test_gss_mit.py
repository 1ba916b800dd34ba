# test_gss_mit.py: contexts between our library and MIT's and Heimdal's, as initiator and as acceptor,
# against our KDC and MIT's: each enctype, krb5 and SPNEGO, with and without each flag. The programs
# are the same; only the library differs.
import pytest

from support import gss
from support.mit import MitClient
from support.obol import serve_page
from support.process import run
from support.realm import ENCTYPES, PASSWORD

PAIRS = [("obol", "obol"), ("obol", "mit"), ("mit", "obol"), ("obol", "heimdal"), ("heimdal", "obol")]
KDCS = ("obol", "mit")
LIBRARIES = {"mit": "libgssapi_krb5 1.20.1 (MIT)", "heimdal": "libgssapi 7.8 (Heimdal)"}
FLAGS = {
    "one-way": 0,
    "mutual": gss.MUTUAL,
    "replay": gss.MUTUAL | gss.REPLAY,
    "sequence": gss.MUTUAL | gss.SEQUENCE,
    "sealed": gss.MUTUAL | gss.CONF | gss.INTEG,
    "all": gss.ALL,
    "delegated": gss.ALL | gss.DELEG,
    "one-way delegated": gss.DELEG,
    "dce": gss.ALL | gss.DCE,
}


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    return gss.build_pairs(tmp_path_factory.mktemp("gss"))


@pytest.fixture(scope="session")
def users(realms, tmp_path_factory):
    """users("obol") is alice, logged in to that realm, with a keytab of all its services."""
    made = {}

    def make(kdc):
        if kdc not in made:
            realm = realms(kdc)
            keytab = realm.dir / "all.keytab"
            for name in ("HTTP/localhost", *map(realm.service_of, realm.enctypes)):
                realm.keytab(name, keytab)
            user = MitClient(realm, tmp_path_factory.mktemp("user"))
            user.login("alice").ok()
            made[kdc] = {**user.env(), "KRB5_KTNAME": str(keytab)}
        return made[kdc]
    return make


def known(makes, enctype):
    return "heimdal" not in makes or ENCTYPES[enctype].heimdal


@pytest.mark.parametrize("mech", ("krb5", "spnego"))
@pytest.mark.parametrize("kdc", KDCS)
@pytest.mark.parametrize("enctype", list(ENCTYPES))
@pytest.mark.parametrize("makes", PAIRS, ids=" to ".join)
def test_every_enctype(programs, users, judged, makes, enctype, kdc, mech):
    if not known(makes, enctype):
        enctype = "aes256-cts-hmac-sha1-96"  # Heimdal has no Camellia
    for flags in (0, gss.MUTUAL, gss.ALL):
        found = gss.pair(programs, users(kdc), makes, mech, flags, f"host@{enctype}.obol.test").ok()
        realm = kdc.upper() + ".TEST"
        assert found.acceptor["client"] == f"alice@{realm}", str(found)
        assert found.initiator["service"] == f"host/{enctype}.obol.test@{realm}", str(found)
        assert found.initiator["open"] and found.acceptor["open"], str(found)
    for role, library in zip(("initiator", "acceptor"), makes):
        if library != "obol":
            judged(LIBRARIES[library], f"{role}, the other end on ours, {kdc}'s KDC", mech, "none, mutual, all",
                   "as alice, by each enctype it has")


@pytest.mark.parametrize("mech", ("krb5", "spnego"))
@pytest.mark.parametrize("flags", list(FLAGS))
@pytest.mark.parametrize("makes", PAIRS, ids=" to ".join)
def test_every_flag(programs, users, makes, flags, mech):
    asked = FLAGS[flags]
    found = gss.pair(programs, users("obol"), makes, mech, asked).ok()
    # DCE style implies mutual; integrity and confidentiality come with every context.
    expected = asked | gss.CONF | gss.INTEG
    for end in (found.initiator, found.acceptor):
        assert end["inquired"] & (gss.ALL | gss.DCE) == expected & (gss.ALL | gss.DCE), str(found)
    delegated = found.acceptor.get("delegated")
    assert delegated == ("alice@OBOL.TEST" if asked & gss.DELEG else None), str(found)


# Heimdal's library refuses bindings of these address types between its own two ends.
BINDINGS = [("same", "same", True), ("same", "other", False), ("same", "-", True), ("-", "same", True)]


@pytest.mark.parametrize("mech", ("krb5", "spnego"))
@pytest.mark.parametrize("ours,theirs,fits", BINDINGS)
@pytest.mark.parametrize("makes", [p for p in PAIRS if "heimdal" not in p], ids=" to ".join)
def test_channel_bindings(programs, users, makes, ours, theirs, fits, mech):
    found = gss.pair(programs, users("obol"), makes, mech, bindings=(ours, theirs))
    if not fits:
        assert found.refused("acceptor")["major"] == 4 << 16, str(found)  # GSS_S_BAD_BINDINGS
        return
    found.ok()
    bound = ours == theirs
    assert bool(found.acceptor["flags"] & gss.CHANNEL_BOUND) == bound, str(found)


@pytest.mark.parametrize("makes", [p for p in PAIRS if "heimdal" not in p], ids=" to ".join)
def test_a_client_that_can_bind_must(programs, users, makes, tmp_path):
    """MS-KILE: who says that he knows of bindings and states none is refused where there are some."""
    env = dict(users("obol"))
    conf = tmp_path / "krb5.conf"
    aware = "[libdefaults]\n    client_aware_channel_bindings = true\n"
    conf.write_text(aware + f"include {env['KRB5_CONFIG']}\n")
    env["KRB5_CONFIG"] = str(conf)
    refused = gss.pair(programs, env, makes, bindings=("-", "same"))
    assert refused.refused("acceptor")["major"] == 4 << 16, str(refused)
    gss.pair(programs, env, makes, bindings=("same", "same")).ok()


def test_a_program_can_say_that_it_can_bind(programs, users):
    for make in ("obol", "mit"):
        refused = gss.pair(programs, users("obol"), ("obol", make), flags=gss.ALL | gss.CHANNEL_BOUND,
                           bindings=("-", "same"))
        assert refused.refused("acceptor")["major"] == 4 << 16, str(refused)


def test_delegation_by_policy_waits_for_the_kdc_to_allow_it(programs, users):
    found = gss.pair(programs, users("obol"), ("obol", "mit"), flags=gss.ALL | gss.DELEG_POLICY).ok()
    assert not found.initiator["flags"] & (gss.DELEG | gss.DELEG_POLICY), str(found)
    assert "delegated" not in found.acceptor, str(found)


def test_errors_tell_what_was_asked_and_what_there_is(programs, users, realms, tmp_path):
    env = dict(users("obol"))
    unknown = gss.pair(programs, env, ("obol", "obol"), target="HTTP@nowhere.obol.test")
    text = unknown.refused("initiator")["minor_text"]
    assert "HTTP/nowhere.obol.test@OBOL.TEST" in text and "cache" in text, text
    other = tmp_path / "other.keytab"
    realms("obol").keytab("alice", other)
    env["KRB5_KTNAME"] = str(other)
    wrong = gss.pair(programs, env, ("obol", "obol"))
    text = wrong.refused("acceptor")["minor_text"]
    for fact in ("HTTP/localhost@OBOL.TEST", str(other), "alice@OBOL.TEST", "kvno"):
        assert fact in text, text
    env["KRB5CCNAME"] = f"FILE:{tmp_path}/none"
    nobody = gss.pair(programs, env, ("obol", "obol")).refused("initiator")
    assert nobody["major"] == 7 << 16 and f"{tmp_path}/none" in nobody["minor_text"], nobody


def test_contexts_a_second(programs, users):
    """At least five times MIT's, in the same run (bench/bench_gss.py has the numbers)."""
    env = {**users("obol"), "SECONDS_OF_CPU": "0.5"}
    for mech in ("krb5", "spnego"):
        rates = {make: int(run([programs[make], "bench", mech, "2", "-", "HTTP@localhost"],
                               gss.with_library(env, make)).ok().out) for make in ("mit", "obol")}
        assert rates["obol"] >= 5 * rates["mit"], f"{mech}: {rates}"


@pytest.fixture
def iakerb(users, tmp_path):
    """iakerb("mit", tokens) is the environment of alice, who has a password and no ticket."""
    def env(kdc, tokens="mit-1.21"):
        made = {**users(kdc), "GSS_USER": "alice", "GSS_PASSWORD": PASSWORD}
        conf = tmp_path / "iakerb.conf"
        conf.write_text(f"[libdefaults]\n    iakerb_tokens = {tokens}\ninclude {made['KRB5_CONFIG']}\n")
        return {**made, "KRB5_CONFIG": str(conf), "KRB5CCNAME": f"FILE:{tmp_path}/none"}
    return env


@pytest.mark.parametrize("kdc", KDCS)
@pytest.mark.parametrize("flags", ["one-way", "mutual", "all", "delegated"])
@pytest.mark.parametrize("makes", [p for p in PAIRS if "heimdal" not in p], ids=" to ".join)
def test_iakerb_logs_in_through_the_service(programs, iakerb, makes, flags, kdc):
    """The initiator has no ticket: its messages go to the KDC through the acceptor."""
    env = iakerb(kdc)
    found = gss.pair(programs, env, makes, "iakerb", FLAGS[flags]).ok()
    assert found.acceptor["client"] == f"alice@{kdc.upper()}.TEST", str(found)
    # Ours fetches the forwarded ticket through the service, too; MIT's would ask a KDC itself.
    if flags == "delegated" and makes[0] == "obol":
        assert found.acceptor.get("delegated") == f"alice@{kdc.upper()}.TEST", str(found)
    env["GSS_PASSWORD"] = "wrong"
    assert gss.pair(programs, env, makes, "iakerb", FLAGS[flags]).refused("initiator")


@pytest.mark.parametrize("kdc", KDCS)
@pytest.mark.parametrize("makes", [p for p in PAIRS if "heimdal" not in p], ids=" to ".join)
def test_iakerb_takes_the_tickets_that_there_are(programs, users, realms, tmp_path, makes, kdc):
    """A TGT goes to the KDC through the service; our client's request for a ticket of its own does, too."""
    user = MitClient(realms(kdc), tmp_path / "user")
    user.login("alice").ok()
    env = {**user.env(), "KRB5_KTNAME": users(kdc)["KRB5_KTNAME"]}
    found = gss.pair(programs, env, makes, "iakerb", gss.ALL).ok()
    assert found.acceptor["client"] == f"alice@{kdc.upper()}.TEST", str(found)
    none = gss.pair(programs, {**env, "KRB5CCNAME": f"FILE:{tmp_path}/none"}, makes, "iakerb", gss.ALL)
    assert none.refused("initiator")["major"] == 7 << 16, str(none)


@pytest.mark.parametrize("kdc", KDCS)
def test_iakerb_in_the_tokens_of_the_draft(programs, iakerb, kdc):
    """Our services take both dialects; MIT krb5 1.20 takes its own only, and does not say so."""
    found = gss.pair(programs, iakerb(kdc, "draft"), ("obol", "obol"), "iakerb").ok()
    assert found.acceptor["client"] == f"alice@{kdc.upper()}.TEST", str(found)
    assert gss.pair(programs, iakerb(kdc, "draft"), ("obol", "mit"), "iakerb").refused("acceptor")


@pytest.mark.parametrize("makes", [p for p in PAIRS if "heimdal" not in p], ids=" to ".join)
def test_iakerb_to_a_service_without_the_key_is_refused(programs, iakerb, realms, makes):
    env = {**iakerb("obol"), "KRB5_KTNAME": str(realms("obol").dir / "alice.keytab")}
    assert gss.pair(programs, env, makes, "iakerb").refused("acceptor")


@pytest.mark.parametrize("kdc", KDCS)
def test_curl_opens_the_page_on_our_library(users, realms, tmp_path, kdc):
    url, web = serve_page(realms(kdc), tmp_path)
    try:
        env = gss.with_library(users(kdc), "obol")
        fetch = ["curl", "-sS", "--max-time", "20", "-w", "%{http_code}", url]
        page = run([*fetch, "--negotiate", "-u", ":"], env).ok()
        assert f"alice@{kdc.upper()}.TEST" in page.out and page.out.endswith("200"), str(page)
        assert "both ends" in page.out, page.out
        without = run(fetch, env).ok()
        assert without.out.endswith("401"), str(without)
        nobody = run([*fetch, "--negotiate", "-u", ":"], {**env, "KRB5CCNAME": f"FILE:{tmp_path}/none"})
        assert nobody.out.endswith("401"), str(nobody)
    finally:
        web.terminate()
        assert web.wait(20) == 0
