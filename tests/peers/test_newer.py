# test_newer.py: MIT krb5 as Debian's testing suite has it, beside our KDC and our client.
import pytest

from support import newer
from support.newer import NewerMitClient, NewerMitRealm
from support.obol import ObolClient


@pytest.fixture(scope="module")
def theirs(started):
    return started(NewerMitRealm, "NEWER.TEST")


def test_the_source_of_debian_is_the_machines_own(tmp_path):
    old, new, none = tmp_path / "sources.list", tmp_path / "debian.sources", tmp_path / "none"
    old.write_text("# deb http://comment.test/debian x main\ndeb [arch=amd64] http://old.test/debian bookworm main\n")
    new.write_text("Types: deb\nURIs: http://new.test/debian-security\nSuites: x\n\n"
                   "Types: deb\nURIs: http://new.test/debian\nSuites: bookworm\n")
    assert newer.source([none, old]) == "http://old.test/debian"
    assert newer.source([new, old]) == "http://new.test/debian"
    with pytest.raises(newer.Unavailable, match="/etc/apt names no source of Debian"):
        newer.source([none])


def session(client):
    """alice logs in and gets a ticket; what is wrong is refused."""
    client.login("alice").ok()
    client.ticket("HTTP/localhost").ok()
    client.says("unknown spn", client.ticket("HTTP/nowhere.obol.test").failed())
    client.says("wrong password", client.login("alice", "wrong").failed())
    client.says("expired", client.login("expired").failed())


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_the_newer_kinit_with_its_own_kdc(theirs, tmp_path, transport):
    session(NewerMitClient(theirs, tmp_path, transport=transport))


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_the_newer_kinit_with_our_kdc(obol_realm, tmp_path, transport, judged):
    session(NewerMitClient(obol_realm, tmp_path, transport=transport))
    judged(newer.version(), "client of our KDC", "password", transport.upper(), "logged in, ticket")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_our_client_with_the_newer_kdc(theirs, tmp_path, transport, judged):
    session(ObolClient(theirs, tmp_path, transport=transport))
    judged(newer.version(), "KDC of our client", "password", transport.upper(), "logged in, ticket")
