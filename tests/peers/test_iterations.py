# test_iterations.py: a realm whose passwords are stretched further than the enctypes ask for
# (pbkdf2_iterations of kdc.conf): each make of client follows the count that our KDC names.
import json

import pytest

from support.heimdal import HeimdalClient
from support.java import JAVA_ENCTYPES
from support.mit import MitClient
from support.obol import ObolClient, ObolRealm
from support.realm import ENCTYPES

CLIENTS = {c.kind: c for c in (MitClient, HeimdalClient, ObolClient)}
ITERATIONS = 50000
USERS = pytest.mark.parametrize("user", ["alice", "open"])  # with preauthentication, and without


class StretchedRealm(ObolRealm):
    def populate(self):
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace("max_life =", f"pbkdf2_iterations = {ITERATIONS}\n        max_life ="))
        self.add_user("alice")
        self.add_user("open")
        self.admin("principal", "set", "--clear", "requires-preauth", "open")
        self.add_service("HTTP/localhost")


@pytest.fixture(scope="module")
def stretched(started):
    return started(StretchedRealm, "STRETCHED.TEST")


def test_the_keys_are_shown_with_their_count(stretched):
    shown = json.loads(stretched.admin("principal", "show", "--json", "alice").out)
    counts = {key["enctype"]: key.get("iterations") for key in shown["keys"]}
    assert counts.pop("rc4-hmac") is None
    assert set(counts.values()) == {ITERATIONS}
    assert f"password, {ITERATIONS} iterations" in stretched.admin("principal", "show", "alice").out


@USERS
@pytest.mark.parametrize("maker,enctype", [(m, e.name) for m in CLIENTS for e in ENCTYPES.values()
                                           if m != "heimdal" or e.heimdal])
def test_a_password_logs_in(stretched, tmp_path, maker, enctype, user):
    # Who has proven nothing gets twice his bytes by UDP, and a ticket is more: he is sent to TCP, where Heimdal's client
    # goes unless its krb5.conf says udp/, as our tests' does.
    transport = "tcp" if maker == "heimdal" and user == "open" else "udp"
    client = CLIENTS[maker](stretched, tmp_path, enctype, transport=transport)
    client.login(user, "wrong").failed()
    client.login(user).ok()
    client.ticket("HTTP/localhost").ok()


@pytest.mark.parametrize("enctype", JAVA_ENCTYPES)
def test_java_logs_in(stretched, java, tmp_path, enctype):
    conf = stretched.krb5_conf("java", tmp_path / "krb5.conf", enctype)
    java.login(conf, "alice", "HTTP@localhost").ok()
