# test_files.py: credential caches and keytabs that one make writes and another reads.
import concurrent.futures
import json

import pytest

from support.heimdal import program
from support.obol import binary, obol_env
from support.process import base_env, run, which
from support.realm import DEFAULT, ENCTYPES

PAIRS = [p for k in ("mit", "heimdal") for p in ((k, "obol"), ("obol", k))]
both_ways = pytest.mark.parametrize("writer,reader", PAIRS)


@both_ways
def test_a_cache_is_read_by_the_other(client, writer, reader):
    first, second = client(writer, "obol"), client(reader, "obol")
    first.login("alice").ok()
    first.ticket("HTTP/localhost").ok()
    second.cache = first.cache
    shown = second.tickets().ok().out
    assert "alice@OBOL.TEST" in shown and "HTTP/localhost@OBOL.TEST" in shown, shown
    assert second.session_enctypes() == first.session_enctypes()


@both_ways
def test_a_cache_is_used_and_extended_by_the_other(client, writer, reader):
    first, second = client(writer, "obol"), client(reader, "obol")
    first.login("alice").ok()
    second.cache = first.cache
    second.ticket("HTTP/localhost").ok()
    assert "HTTP/localhost@OBOL.TEST" in first.tickets().ok().out
    second.logout().ok()
    first.tickets().failed()


@pytest.mark.parametrize("maker,kdc", [("mit", "obol"), ("heimdal", "obol"), ("obol", "mit"), ("obol", "heimdal")])
def test_a_keytab_is_listed_by_the_other(client, maker, kdc):
    user = client(maker, kdc)
    shown = user.keytab_list(user.realm.dir / "http.keytab").ok().out
    assert "HTTP/localhost" in shown, shown
    for enctype in user.realm.enctypes:
        name = ENCTYPES[enctype].name_in(maker)
        assert name is None or name in shown.replace("DEPRECATED:", ""), f"{name} is missing:\n{shown}"


def test_programs_of_all_makes_use_one_cache_at_once(client):
    """Nothing that one of them stores is lost to another: they lock as each other do."""
    users = [client(maker, "obol") for maker in ("obol", "mit", "heimdal")]
    users[0].login("alice").ok()
    realm = users[0].realm
    services = [realm.service_of(e.name) for e in ENCTYPES.values() if e.heimdal] + ["HTTP/localhost"]
    for user in users:
        user.cache = users[0].cache
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for result in pool.map(lambda at: users[at % 3].ticket(services[at % len(services)]), range(3 * len(services))):
            result.ok()
    for user in users:
        assert {realm.principal(s) for s in services} <= set(user.session_enctypes()), user.tickets()


# ---- keytabs that one make changes after another

def entries(keytab):
    """{(principal, kvno, enctype)} as ours reads it."""
    shown = json.loads(run([binary(), "keytab", "list", keytab, "--json"], obol_env()).ok().out)
    return {(e["principal"], e["kvno"], e["enctype"]) for e in shown["entries"]}


def mit_entries(keytab):
    lines = run([which("klist"), "-k", "-e", keytab], base_env()).ok().out.replace("DEPRECATED:", "").splitlines()
    rows = [line.split() for line in lines if line.strip()[:1].isdigit()]
    return {(r[1], int(r[0]), r[2].strip("()").replace("arcfour-hmac", "rc4-hmac")) for r in rows}


def ktutil(*commands):
    return run([which("ktutil")], base_env(), "\n".join(commands) + "\nquit\n").ok()


@pytest.fixture
def ours(realms, tmp_path):
    """A keytab that our command wrote, of two services."""
    realm = realms("obol")
    keytab = tmp_path / "ours.keytab"
    realm.keytab("HTTP/localhost", keytab)
    return realm, realm.keytab(realm.service_of(DEFAULT), keytab)


def test_mit_adds_to_our_keytab_and_ours_to_mits(realms, ours):
    realm, keytab = ours
    before = entries(keytab)
    realms("mit").keytab("HTTP/localhost", keytab)  # MIT's kadmin writes into our file
    after = entries(keytab)
    assert before < after == mit_entries(keytab)
    realm.keytab("alice", keytab)  # and ours into what MIT has written
    assert after < entries(keytab) == mit_entries(keytab)


def test_a_hole_that_mit_leaves_is_passed_over_and_filled(realms, ours):
    realm, keytab = ours
    before = entries(keytab)
    realms("mit").admin("ktremove", "-k", str(keytab), f"HTTP/localhost@{realm.name}", "all")
    left = entries(keytab)
    assert {e[0] for e in left} == {realm.principal(realm.service_of(DEFAULT))} and left == mit_entries(keytab)
    size = keytab.stat().st_size
    realm.keytab("HTTP/localhost", keytab)
    assert entries(keytab) == mit_entries(keytab) == before and keytab.stat().st_size == size


def test_a_hole_that_ours_leaves_is_passed_over_by_the_others(ours, client):
    realm, keytab = ours
    realm.add_service("hole/localhost")
    realm.keytab("hole/localhost", keytab)
    before = entries(keytab)
    realm.keytab("hole/localhost", keytab)  # written anew: the older entries become holes
    assert entries(keytab) == mit_entries(keytab) == before
    shown = run([program("ktutil.heimdal"), "-k", f"FILE:{keytab}", "list"], base_env()).ok().out
    assert shown.count("hole/localhost") == len(realm.enctypes)
    assert "hole/localhost" in ktutil(f"rkt {keytab}", "list").out
    client("mit", "obol").login_keytab("hole/localhost", keytab).ok()


def test_heimdal_removes_from_our_keytab_and_ours_reads_on(ours):
    realm, keytab = ours
    run([program("ktutil.heimdal"), "-k", f"FILE:{keytab}", "remove", "-p", f"HTTP/localhost@{realm.name}"],
        base_env()).ok()
    left = entries(keytab)
    assert {e[0] for e in left} == {realm.principal(realm.service_of(DEFAULT))} and left == mit_entries(keytab)


def test_a_keytab_that_mit_copies_is_read_by_ours(ours, tmp_path):
    _, keytab = ours
    copy = tmp_path / "copy.keytab"
    ktutil(f"rkt {keytab}", f"wkt {copy}")
    assert entries(copy) == entries(keytab)
