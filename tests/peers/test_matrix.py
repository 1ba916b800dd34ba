# test_matrix.py: a login from password or keytab to a service ticket, for each pair of makes of which
# one is ours, each enctype that both have, over UDP and TCP.
import pytest

from support.realm import ENCTYPES

KINDS = ("mit", "heimdal", "obol")
PAIRS = [("obol", "obol")] + [p for k in ("mit", "heimdal") for p in ((k, "obol"), ("obol", k))]


def known(kind, enctype):
    return kind != "heimdal" or enctype.heimdal


CASES = [(maker, kdc, e.name, transport)
         for maker, kdc in PAIRS for e in ENCTYPES.values() for transport in ("udp", "tcp")
         if known(maker, e) and known(kdc, e)]


def fetches_a_ticket(user, enctype):
    """A ticket of the service that has this enctype only; session and ticket keys are of it."""
    service = user.realm.service_of(enctype)
    user.ticket(service).ok()
    found = user.session_enctypes()
    assert found[user.realm.principal(service)] == enctype, found
    assert any(server.startswith("krbtgt/") for server in found), found


@pytest.mark.parametrize("maker,kdc,enctype,transport", CASES)
def test_a_password_becomes_a_service_ticket(client, maker, kdc, enctype, transport):
    user = client(maker, kdc, enctype=enctype, transport=transport)
    user.login("alice").ok()
    fetches_a_ticket(user, enctype)
    user.logout().ok()
    user.tickets().failed()


@pytest.mark.parametrize("maker,kdc,enctype,transport", CASES)
def test_a_keytab_becomes_a_service_ticket(client, maker, kdc, enctype, transport):
    user = client(maker, kdc, enctype=enctype, transport=transport)
    user.login_keytab("alice", user.realm.dir / "alice.keytab").ok()
    fetches_a_ticket(user, enctype)
