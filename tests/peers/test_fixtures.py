# test_fixtures.py: the peers among themselves. If these fail, the test bed is broken, not Obol.
import pytest

from support.realm import DEFAULT, ENCTYPES

PAIRS = [(c, k) for c in ("mit", "heimdal") for k in ("mit", "heimdal")]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("maker,kdc", PAIRS)
def test_the_peers_serve_each_other(client, maker, kdc, transport):
    user = client(maker, kdc, transport=transport, enctype=DEFAULT)
    user.login("alice").ok()
    user.ticket(user.realm.service_of(DEFAULT)).ok()
    found = user.session_enctypes()
    assert found[user.realm.principal(user.realm.service_of(DEFAULT))] == DEFAULT, found
    user.logout().ok()
    user.tickets().failed()


@pytest.mark.parametrize("enctype", [e.name for e in ENCTYPES.values() if e.heimdal])
def test_the_peers_agree_on_an_enctype(client, enctype):
    user = client("mit", "heimdal", enctype=enctype)
    user.login_keytab("alice", user.realm.dir / "alice.keytab").ok()
    user.ticket(user.realm.service_of(enctype)).ok()


@pytest.mark.parametrize("maker,kdc", PAIRS)
@pytest.mark.parametrize("case", ["expired", "locked", "late"])
def test_the_peers_refuse_a_login(client, maker, kdc, case):
    user = client(maker, kdc)
    user.says(case, user.login(case).failed())


@pytest.mark.parametrize("maker,kdc", PAIRS)
def test_the_peers_refuse_what_is_wrong(client, maker, kdc):
    user = client(maker, kdc)
    user.says("wrong password", user.login("alice", "wrong").failed())
    user.says("unknown user", user.login("nobody").failed())
    user.login("alice").ok()
    user.says("unknown spn", user.ticket("HTTP/nowhere.obol.test").failed())


@pytest.mark.parametrize("maker,kdc", PAIRS)
def test_the_peers_mind_the_clock(client, maker, kdc):
    user = client(maker, kdc, kdc_timesync="0")
    user.login("alice").ok()
    user.clock = "+10m"
    user.says("skew", user.ticket("HTTP/localhost").failed())
