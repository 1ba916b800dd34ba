# test_errors.py: what goes wrong between makes: the peer shows the right error for our KDC's answer,
# ours shows the peer's with facts and remedy.
import re

import pytest

from support.realm import DEFAULT, PASSWORD

PAIRS = [("obol", "obol")] + [p for k in ("mit", "heimdal") for p in ((k, "obol"), ("obol", k))]
pairs = pytest.mark.parametrize("maker,kdc", PAIRS)
transports = pytest.mark.parametrize("transport", ["udp", "tcp"])


@pairs
@transports
def test_a_wrong_password_is_called_so(client, maker, kdc, transport):
    user = client(maker, kdc, transport=transport)
    user.says("wrong password", user.login("alice", "not the password").failed())
    user.tickets().failed()


@pairs
@transports
def test_an_unknown_user_is_called_so(client, maker, kdc, transport):
    user = client(maker, kdc, transport=transport)
    user.says("unknown user", user.login("nobody").failed())


@pairs
@transports
def test_an_unknown_service_is_called_so(client, maker, kdc, transport):
    user = client(maker, kdc, transport=transport)
    user.login("alice").ok()
    user.says("unknown spn", user.ticket("HTTP/nowhere.obol.test").failed())
    user.ticket("HTTP/localhost").ok()


@pairs
@transports
@pytest.mark.parametrize("case", ["expired", "locked", "late"])
def test_a_refused_user_hears_why(client, maker, kdc, transport, case):
    user = client(maker, kdc, transport=transport)
    user.says(case, user.login(case).failed())
    user.tickets().failed()


@pytest.mark.parametrize("maker", ["mit", "heimdal"])
def test_our_kdc_refuses_a_clock_ten_minutes_off(client, maker):
    user = client(maker, "obol", kdc_timesync="0")
    user.login("alice").ok()
    user.clock = "+10m"
    user.says("skew", user.ticket("HTTP/localhost").failed())


@pytest.mark.parametrize("maker", ["mit", "heimdal"])
def test_a_client_that_follows_our_clock_gets_in(client, maker):
    user = client(maker, "obol", clock="+10m")
    user.login("alice").ok()
    user.ticket("HTTP/localhost").ok()


@pytest.fixture(scope="session")
def skewed_port(realms):
    """The port of a KDC of that make whose clock is ten minutes ahead."""
    ports = {}
    return lambda kind: ports.setdefault(kind, None) or ports.__setitem__(kind, realms(kind).skewed()) or ports[kind]


@pytest.mark.parametrize("kdc", ["mit", "heimdal"])
def test_ours_follows_the_clock_of_a_peer(client, skewed_port, kdc):
    user = client("obol", kdc, port=skewed_port(kdc))
    user.login("alice").ok()
    user.ticket("HTTP/localhost").ok()


@pytest.mark.parametrize("kdc", ["mit", "heimdal"])
def test_ours_told_not_to_follow_says_how_far_the_clocks_differ(client, skewed_port, kdc):
    user = client("obol", kdc, port=skewed_port(kdc), kdc_timesync="false")
    user.says("skew", user.login("alice").failed())


@pytest.mark.parametrize("kdc", ["mit", "heimdal", "obol"])
@pytest.mark.parametrize("case, name, password", [
    ("wrong password", "alice", "wrong"), ("unknown user", "nobody", PASSWORD), ("expired", "expired", PASSWORD),
    ("locked", "locked", PASSWORD), ("late", "late", PASSWORD), ("unknown spn", "alice", PASSWORD)])
def test_our_errors_carry_facts_and_a_remedy(client, kdc, case, name, password):
    user = client("obol", kdc, enctype=DEFAULT)
    result = user.login(name, password)
    if case == "unknown spn":
        result = user.ticket("HTTP/nowhere.obol.test")
    user.says(case, result.failed())
    what, facts, remedy = result.err.strip().split("\n")
    assert what.startswith("obol: ") and user.realm.name in what, str(result)
    for fact in (f"client {name}@{user.realm.name}", f"realm of the KDC {user.realm.name}", "KRB-ERROR "):
        assert fact in facts, f"'{fact}' is missing:\n{result}"
    assert remedy.startswith("  remedy: ") and len(remedy) > 30, str(result)


@pytest.mark.parametrize("clock, side", [("+10m", "behind"), ("-10m", "ahead of")])
@pytest.mark.parametrize("kdc", ["mit", "heimdal", "obol"])
def test_ours_with_its_own_clock_off_says_which_way(client, kdc, clock, side):
    user = client("obol", kdc, clock=clock, kdc_timesync="false")
    result = user.login("alice").failed()
    assert re.search(rf"the KDC's clock is (59\d|60\d) s {side} ours", result.err), str(result)
    assert "clock of the KDC minus ours" in result.err and "NTP" in result.err, str(result)
    user = client("obol", kdc, clock=clock)
    user.login("alice").ok()
    user.ticket("HTTP/localhost").ok()
