# test_anonymous.py: tickets that do not say whose they are, for clients whose name our KDC knows (RFC 8062
# 4.1, 4.2): unchanged clients ask for them at their login, and with a TGT that has their name.
import re

import pytest

from support.heimdal import HeimdalClient, program
from support.mit import MitClient
from support.obol import ObolClient, ObolRealm, binary
from support.realm import PASSWORD

NOBODY = "WELLKNOWN/ANONYMOUS@{}"
TRANSPORTS = ("udp", "tcp")


class HidingRealm(ObolRealm):
    def populate(self):
        self.add_user("alice")
        self.admin("spn", "add", "HTTP/localhost")


@pytest.fixture(scope="module")
def hiding(started):
    realm = started(HidingRealm, "HIDING.TEST")
    realm.admin("principal", "add", "--no-keys", "WELLKNOWN/ANONYMOUS")
    return realm


@pytest.fixture(scope="module")
def telling(started):
    """Has no principal WELLKNOWN/ANONYMOUS."""
    return started(HidingRealm, "TELLING.TEST")


def mits_login(client, *words):
    return client.run(["kinit", *words, "alice"], input=PASSWORD + "\n")


def heimdals_login(client, *words):
    return client.run([program("kinit.heimdal"), "--password-file=STDIN", *words, "alice"], input=PASSWORD + "\n")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_mits_kinit_hides_its_name(hiding, telling, tmp_path, transport, judged):
    client = MitClient(hiding, tmp_path, transport=transport)
    mits_login(client, "-n").ok()
    client.run(["kvno", "HTTP/localhost"]).ok()
    shown = client.run(["klist", "-f"]).ok().out
    assert f"Default principal: {NOBODY.format(hiding.name)}" in shown and "alice" not in shown
    assert len(re.findall(r"Flags: \w*a", shown)) == 2
    mits_login(MitClient(telling, tmp_path, transport=transport), "-n").failed()
    judged("kinit 1.20.1 (MIT)", "client of our KDC", f"-n with a name, {transport}", "", "logged in, ticket")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_heimdals_kgetcred_hides_the_name_of_its_tgt(hiding, telling, tmp_path, transport, judged):
    client = HeimdalClient(hiding, tmp_path, transport=transport)
    heimdals_login(client).ok()
    client.run([program("kgetcred"), "--anonymous", "HTTP/localhost"]).ok()
    shown = client.tickets().ok().out
    ticket = shown[shown.index("Server: HTTP/localhost"):]
    assert f"Client: {NOBODY.format(hiding.name)}" in ticket and "anonymous" in ticket, shown
    other = HeimdalClient(telling, tmp_path, transport=transport)
    heimdals_login(other).ok()
    other.run([program("kgetcred"), "--anonymous", "HTTP/localhost"]).failed()
    judged("kgetcred 7.8 (Heimdal)", "client of our KDC", f"--anonymous, {transport}", "", "ticket")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_our_client_hides_its_name(hiding, telling, tmp_path, transport):
    client = ObolClient(hiding, tmp_path, transport=transport)
    login = [binary(), "login", "--password-stdin"]
    client.run([*login, "-n", "alice"], input=PASSWORD + "\n").ok()
    client.run([binary(), "ticket", "HTTP/localhost"]).ok()
    assert "alice" not in client.run([binary(), "tickets"]).ok().out
    client.run([*login, "alice"], input=PASSWORD + "\n").ok()
    client.run([binary(), "ticket", "--anonymous", "HTTP/localhost"]).ok()
    client.run([binary(), "ticket", "--anonymous", "--cached-only", "HTTP/localhost"]).failed()
    other = ObolClient(telling, tmp_path, transport=transport)
    shown = other.run([*login, "-n", "alice"], input=PASSWORD + "\n").failed()
    assert "has the principal WELLKNOWN/ANONYMOUS" in shown.text, shown.text
