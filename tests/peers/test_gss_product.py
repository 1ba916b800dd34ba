# test_gss_product.py: contexts between our library and MIT's, in the whole product of enctype,
# mechanism, KDC, direction and flag: each of seven flags with and without each other. In each context
# both ends wrap (sealed and open) and sign, export it, and another process imports it and goes on.
#
# Subkeys are no flag of a caller's; the product has each kind, and what a context has is seen in the
# keys that its heir exports at the end:
#   none of the acceptor's   one-way contexts (there is no AP-REP), and rc4's, which tell of none (RFC 1964)
#   the acceptor's           mutual contexts of each other enctype (RFC 4121 2, flag AcceptorSubkey)
#   of another enctype       what both ends like better (RFC 4537): test_a_subkey_of_another_enctype
# The initiator's is in each: both libraries always send one (tests/gss/test_hostile.c has AP-REQs without).
import itertools
import json
import subprocess

import pytest

from support import gss
from support.process import ROOT, base_env, run
from support.realm import DEFAULT, ENCTYPES

DIRECTIONS = [("obol", "mit"), ("mit", "obol")]
KDCS = ("obol", "mit")
FLAGS = {"delegation": gss.DELEG, "mutual": gss.MUTUAL, "replay": gss.REPLAY, "sequence": gss.SEQUENCE,
         "confidentiality": gss.CONF, "dce": gss.DCE, "bindings": 0}
KEPT = gss.DELEG | gss.ALL | gss.DCE
CHANNEL = "channel-7"


def product():
    """(mechanism, the names of the flags asked for): 2 x 128"""
    for mech in ("krb5", "spnego"):
        for picks in itertools.product((False, True), repeat=len(FLAGS)):
            yield mech, tuple(itertools.compress(FLAGS, picks))


def asked(names):
    return sum(FLAGS[n] for n in names)


def label(mech, names):
    return " ".join((mech, *(names or ("no flags",))))


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("program") / "gss_product"
    run(["gcc", "-O2", "-Wall", "-Werror", "-I", ROOT / "include", "-o", path,
         ROOT / "tests" / "support" / "gss_product.c", "-l:libgssapi_krb5.so.2"]).ok()
    return path


@pytest.fixture(scope="module")
def users(realms, tmp_path_factory):
    """users("obol", enctype, more) is alice, whose keys and services are of that enctype."""
    made = {}
    work = tmp_path_factory.mktemp("users")

    def make(kdc, enctype, permitted=None):
        key = f"{kdc}-{enctype}-{permitted or 'alone'}"
        if key not in made:
            realm = realms(kdc)
            more = dict.fromkeys(("permitted_enctypes", "default_tgs_enctypes"), permitted) if permitted else {}
            conf = realm.krb5_conf("mit", work / f"{key}.conf", enctype, **more)
            env = {**base_env(), "KRB5_CONFIG": str(conf), "KRB5CCNAME": f"FILE:{work}/{key}.cc",
                   "KRB5RCACHEDIR": str(work),
                   "KRB5_KTNAME": str(realm.keytab(realm.service_of(enctype), work / f"{key}.keytab"))}
            run(["kinit", "-k", "-t", realm.dir / "alice.keytab", "alice"], env).ok()
            made[key] = env
        return made[key]
    return make


def both_ends(program, env, makes, service, combinations, directory):
    """What each end says of each combination: two lists of facts, in the order of the combinations."""
    todo = directory / "combinations"
    todo.write_text("".join(f"{mech} {asked(names):x} {CHANNEL if 'bindings' in names else '-'} {label(mech, names)}\n"
                            for mech, names in combinations))
    initiator = subprocess.Popen([program, "init", service, todo], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=open(directory / "init", "wb"), env=gss.with_library(env, makes[0]))
    acceptor = subprocess.Popen([program, "accept", service, todo], stdin=initiator.stdout, stdout=initiator.stdin,
                                stderr=open(directory / "accept", "wb"), env=gss.with_library(env, makes[1]))
    initiator.stdin.close()
    initiator.stdout.close()
    said = [(directory / name, end.wait(60)) for name, end in (("init", initiator), ("accept", acceptor))]
    for path, status in said:
        assert status == 0, "\n".join(line for p, _ in said for line in p.read_text().splitlines()[-2:])
    return [[json.loads(line) for line in path.read_text().splitlines()] for path, _ in said]


def expected(kdc, enctype, make, mech, names, end):
    """The facts of a context that was asked for with these flags (integrity and confidentiality come with
    each, and DCE style implies mutual). MIT's acceptor keeps what was delegated in DCE style to itself,
    with either library at the other end."""
    flags = asked(names) | gss.CONF | gss.INTEG | (gss.MUTUAL if "dce" in names else 0)
    realm = kdc.upper() + ".TEST"
    rc4 = enctype == "arcfour-hmac"
    number = ENCTYPES[enctype].number
    subkey = bool(flags & gss.MUTUAL) and not rc4
    gives = "delegation" in names and not (make == "mit" and "dce" in names)
    told = flags if gives or end == 0 else flags & ~gss.DELEG
    return {"name": label(mech, names), "flags": told, "inquired": flags, "bound": "bindings" in names,
            "client": f"alice@{realm}", "service": f"host/{enctype}.obol.test@{realm}",
            "delegated": f"alice@{realm}" if end == 1 and gives else None,
            "local": 1 - end, "open": 1, "cfx": not rc4, "subkey": subkey, "enctype": number,
            "subkey_enctype": number if subkey else 0}


def facts(found, want, end):
    """What was found, in the form of what is expected: the initiator cannot know whether its bindings count."""
    bound = bool(found["flags"] & gss.CHANNEL_BOUND) if end else want["bound"]
    return {**found, "flags": found["flags"] & KEPT, "inquired": found["inquired"] & KEPT, "bound": bound}


@pytest.mark.parametrize("kdc", KDCS)
@pytest.mark.parametrize("enctype", ENCTYPES)
@pytest.mark.parametrize("makes", DIRECTIONS, ids=" to ".join)
def test_every_combination(program, users, judged, tmp_path, makes, enctype, kdc):
    combinations = list(product())
    ends = both_ends(program, users(kdc, enctype), makes, f"host@{enctype}.obol.test", combinations, tmp_path)
    wrong = []
    for end, said in enumerate(ends):
        assert len(said) == len(combinations)
        for found, (mech, names) in zip(said, combinations):
            want = expected(kdc, enctype, makes[end], mech, names, end)
            found = facts(found, want, end)
            wrong += [f"{want['name']}: {makes[end]}'s {('initiator', 'acceptor')[end]} has {fact} {found[fact]}, "
                      f"not {want[fact]}" for fact in want if found[fact] != want[fact]]
    assert not wrong, "\n".join(wrong)
    role = "initiator" if makes[0] == "mit" else "acceptor"
    judged("libgssapi_krb5 1.20.1 (MIT)", f"{role}, the other end on ours, {kdc}'s KDC", "krb5, spnego",
           "each of 128 sets", "each enctype, exported and imported, messages both ways")


@pytest.mark.parametrize("enctype", [e for e in ENCTYPES if e != DEFAULT])
@pytest.mark.parametrize("makes", DIRECTIONS, ids=" to ".join)
def test_a_subkey_of_another_enctype(program, users, tmp_path, makes, enctype):
    """The ticket is of one enctype and both ends like another better: the acceptor's subkey is of that."""
    env = users("obol", enctype, f"{DEFAULT} {enctype}")
    combinations = [(mech, names) for mech, names in product() if "mutual" in names]
    ends = both_ends(program, env, makes, f"host@{enctype}.obol.test", combinations, tmp_path)
    for i, a, (mech, names) in zip(*ends, combinations):
        for found in (i, a):
            assert found["subkey"] and found["subkey_enctype"] == ENCTYPES[DEFAULT].number, found


def test_a_failure_names_its_combination(program, users, realms, tmp_path):
    env = {**users("obol", DEFAULT), "KRB5_KTNAME": str(realms("obol").dir / "alice.keytab")}
    with pytest.raises(AssertionError, match="spnego mutual replay, accept: accept_sec_context: major 00"):
        both_ends(program, env, DIRECTIONS[0], f"host@{DEFAULT}.obol.test", [("spnego", ("mutual", "replay"))], tmp_path)
