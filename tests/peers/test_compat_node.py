# test_compat_node.py: npm's `kerberos` module, unchanged, in Node: client and server on our library, a
# password checked, a keytab looked up. Python on MIT's library is the other end.
import base64

import pytest

from support import ends
from support.compat import on_ours
from support.mit import MitClient
from support.node import NodeEnd
from support.process import ROOT
from support.realm import PASSWORD

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
MECHS = pytest.mark.parametrize("mech", ["krb5", "spnego"])
PYTHON = ["/usr/bin/python3", ROOT / "tests" / "support" / "ends_gssapi.py"]


class Bed:
    """Node on our library (`client`, `server`), and Python on MIT's, in a realm."""

    def __init__(self, realm, user):
        self.realm, self.user = realm, user
        self.env = {**user.env(), "KRB5_KTNAME": str(realm.dir / "http.keytab")}
        self.client, self.server = NodeEnd(on_ours(self.env)), NodeEnd(on_ours(self.env))
        self.mit = ends.End(PYTHON, self.env)

    def stop(self):
        for end in (self.client, self.server, self.mit):
            end.stop()


@pytest.fixture(scope="session")
def beds(realms, tmp_path_factory):
    made = {}

    def bed(kdc):
        if kdc not in made:
            user = MitClient(realms(kdc), tmp_path_factory.mktemp("node"))
            user.login("alice").ok()
            made[kdc] = Bed(realms(kdc), user)
        return made[kdc]
    yield bed
    for one in made.values():
        one.stop()


@KDCS
@MECHS
def test_client_and_server(beds, kdc, mech, judged):
    bed = beds(kdc)
    ends.meet(bed.client, bed.server, "HTTP@localhost", mech)
    assert bed.client.facts().client == bed.server.facts().client == bed.realm.principal("alice")
    assert bed.server.facts().service == bed.realm.principal("HTTP/localhost")
    judged("Node kerberos", f"client and server, {kdc}'s KDC", mech, "all", "as alice")


@KDCS
@MECHS
def test_a_client_of_a_service_on_mits_library(beds, kdc, mech, judged):
    bed = beds(kdc)
    for flags in (0, ends.MUTUAL, ends.ALL, ends.ALL | ends.DELEG):
        ends.meet(bed.client, bed.mit, "HTTP@localhost", mech, flags)
        found = bed.mit.facts()
        assert found.client == bed.realm.principal("alice") and found.flags & flags == flags, found
        assert found.delegated == (bed.realm.principal("alice") if flags & ends.DELEG else ""), found
    for message in (b"a message", bytes(range(256)) * 64):
        for conf in (True, False):
            assert bed.client.unwrap(bed.mit.wrap(message, conf)) == (message, conf)
    # SASL as the module's users speak it: the layers offered, the one chosen and who logs in.
    for conf in (True, False):
        offer, _ = bed.client.unwrap(bed.mit.wrap(b"\x07\x00\x10\x00", False))
        token, = bed.client.ask("wrap", str(int(conf)), ends.encode(offer), "alice")
        assert bed.mit.unwrap(base64.b64decode(token)) == (b"\x01\x00\x10\x00alice", conf)
    judged("Node kerberos", f"client, {kdc}'s KDC", mech, "all, delegation", "messages both ways")


@KDCS
@MECHS
def test_a_server_of_a_client_on_mits_library(beds, kdc, mech, judged):
    bed = beds(kdc)
    for flags in (0, ends.ALL, ends.ALL | ends.DELEG):
        ends.meet(bed.mit, bed.server, "HTTP@localhost", mech, flags)
        assert bed.server.facts().client == bed.realm.principal("alice")
    judged("Node kerberos", f"server, {kdc}'s KDC", mech, "all, delegation", "as alice")


@KDCS
def test_a_server_by_name(beds, kdc):
    bed = beds(kdc)
    bed.client.init("HTTP@localhost")
    token = bed.client.step(b"")[0]
    bed.server.ask("accept", "", "HTTP@localhost")
    bed.server.step(token)
    assert bed.server.facts().client == bed.realm.principal("alice")
    # The same token once more is a replay.
    bed.server.ask("accept", "", "HTTP@localhost")
    assert "the request is a replay" in ends.refuses(bed.server, "step", token)
    assert "HTTP/elsewhere" in ends.refuses(bed.server, "ask", "accept", "", "HTTP@elsewhere")


@KDCS
def test_altered_messages_are_refused(beds, kdc):
    bed = beds(kdc)
    ends.meet(bed.client, bed.mit, "HTTP@localhost")
    token = bytearray(bed.mit.wrap(b"a message", True))
    token[-1] ^= 1
    assert "altered" in ends.refuses(bed.client, "unwrap", bytes(token))


def test_a_token_of_ntlm_is_named(beds):
    """What a browser sends that has no ticket."""
    bed = beds("obol")
    bed.server.accept()
    assert "NTLM" in ends.refuses(bed.server, "step", b"NTLMSSP\0\1\0\0\0" + bytes(28))


@KDCS
def test_a_password_is_checked(beds, kdc, judged):
    bed = beds(kdc)
    bed.client.ask("check", "alice", PASSWORD, "HTTP/localhost", bed.realm.name)
    # The module asks libcom_err, which it loads for itself, for the texts.
    text = ends.refuses(bed.client, "ask", "check", "alice", "wrong", "HTTP/localhost", bed.realm.name)
    assert "the password is not right" in text
    text = ends.refuses(bed.client, "ask", "check", "nobody", PASSWORD, "HTTP/localhost", bed.realm.name)
    assert "there is no such principal" in text
    judged("Node kerberos", f"checkPassword, {kdc}'s KDC", "libkrb5", "", "right and wrong told apart")


@KDCS
def test_the_keytab_is_looked_up(beds, kdc):
    bed = beds(kdc)
    assert bed.server.ask("details", "HTTP", "localhost") == [bed.realm.principal("HTTP/localhost")]
    assert "Principal not found in keytab" in ends.refuses(bed.server, "ask", "details", "HTTP", "elsewhere")


@KDCS
def test_errors_say_what_failed_and_what_to_do(beds, kdc, tmp_path):
    bed = beds(kdc)
    bed.client.init("HTTP@nowhere.obol.test")
    text = ends.refuses(bed.client, "step", b"")
    assert f"HTTP/nowhere.obol.test@{bed.realm.name}" in text and "spn add" in text, text
    nobody = NodeEnd(on_ours({**bed.env, "KRB5CCNAME": f"FILE:{tmp_path}/none"}))
    nobody.init("HTTP@localhost")
    text = ends.refuses(nobody, "step", b"")
    nobody.stop()
    assert f"{tmp_path}/none" in text and "Log in first: obol login" in text, text


@KDCS
def test_a_service_without_the_key_says_what_it_has(beds, kdc):
    bed = beds(kdc)
    wrong = NodeEnd(on_ours({**bed.env, "KRB5_KTNAME": str(bed.realm.dir / "alice.keytab")}))
    bed.client.init("HTTP@localhost")
    token = bed.client.step(b"")[0]
    wrong.accept()
    text = ends.refuses(wrong, "step", token)
    wrong.stop()
    for fact in (bed.realm.principal("HTTP/localhost"), bed.realm.principal("alice"), "alice.keytab", "kvno"):
        assert fact in text, text
