# test_compat_imap.py: Debian's dovecot, unchanged, and curl as its client, on our library: AUTHENTICATE GSSAPI,
# and who may read whose mail (krb5_kuserok).
from contextlib import ExitStack

import pytest

from support.compat import on_ours
from support.dovecot import dovecot_start, mailbox
from support.realm import PASSWORD
from support.service import LIBRARIES, SIDES, Keytab, Service, krb5_conf

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
MAIL = "Subject: a long letter\n\n" + "".join(f"line {i} of many\n" for i in range(50000))
# Of the two alices only that of MIT's realm is nobody on this machine.
RULE = """[realms]
    OBOL.TEST = {
        auth_to_local = RULE:[1:$1@$0](^alice@MIT\\.TEST$)s/.*/nobody/
    }
"""


class Dovecot(Service):
    def begin(self):
        for owner in ("alice", "nobody"):
            mailbox(self, owner, MAIL if owner == "alice" else "Subject: for nobody\n\n")
        self.write("krb5.conf", krb5_conf(self.realms) + RULE)
        dovecot_start(self)
        return self


@pytest.fixture(scope="module")
def dovecot(realms):
    """dovecot(library) is a running server on that library, which takes tickets of both realms."""
    both, started = [realms("obol"), realms("mit")], {}
    for realm in both:
        realm.add_service("imap/localhost")
    with ExitStack() as stack:
        for library in LIBRARIES:
            started[library] = stack.enter_context(Dovecot(library, both))
            started[library].take_keys("imap/localhost")
            started[library].begin()
        yield started.get


class Curl:
    """alice of a realm, who has a ticket, at curl."""

    def __init__(self, user, library):
        self.user, self.env = user, on_ours({}) if library == "obol" else {}
        user.run(["kinit", "alice"], input=PASSWORD + "\n").ok()

    def __call__(self, server, *words):
        name = self.user.realm.principal("alice") # curl takes GSSAPI for a name with a realm only
        return self.user.run(["curl", "-sS", "-v", "-u", f"{name}:", "--login-options", "AUTH=GSSAPI", *words,
                              f"imap://localhost:{server.port}/INBOX;MAILINDEX=1"], env=self.env)


@pytest.fixture
def curl(client):
    return lambda kdc, library: Curl(client("mit", kdc), library)


@KDCS
@pytest.mark.parametrize("sides", SIDES, ids="-".join)
def test_alice_reads_her_mail(dovecot, curl, judged, kdc, sides):
    seen = curl(kdc, sides[0])(dovecot(sides[1])).ok()
    assert seen.out.replace("\r\n", "\n") == MAIL
    assert "AUTHENTICATE GSSAPI YI" in seen.err and "A002 OK" in seen.err, seen
    judged("dovecot 2.3, curl", f"curl on {sides[0]}, imapd on {sides[1]}, {kdc}'s KDC", "krb5", "AUTHENTICATE GSSAPI",
           "alice reads her mail")


@pytest.mark.parametrize("library", LIBRARIES)
def test_who_may_be_another_is_asked_of_the_library(dovecot, curl, library):
    server = dovecot(library)
    may, may_not = curl("mit", "obol"), curl("obol", "obol")
    assert "Subject: for nobody" in may(server, "--sasl-authzid", "nobody").ok().out
    seen = len(server.log())
    refused = may_not(server, "--sasl-authzid", "nobody").failed()
    assert "A002 NO" in refused.err, refused
    server.logged("User not authorized to log in as nobody", seen)


def test_without_a_ticket_nobody_reads(dovecot, curl, judged):
    ask = curl("obol", "obol")
    ask.user.logout().ok()
    refused = ask(dovecot("obol")).failed()
    assert f"there is no credential cache: {ask.user.cache}" in refused.err, refused
    assert "Log in first: obol login NAME (or kinit NAME)." in refused.err, refused
    judged("curl imap://", "curl on ours", "krb5", "no ticket", "there is no credential cache: FILE")


def test_a_server_with_another_key_refuses_and_says_why(dovecot, curl, judged):
    ask, server, seen = curl("obol", "obol"), dovecot("obol"), len(dovecot("obol").log())
    with Keytab(server, "other keys"):
        assert "A002 NO [AUTHENTICATIONFAILED]" in ask(server).failed().err
    server.logged("the ticket for imap/localhost@OBOL.TEST (enctype 20, kvno 1) opens with none of the", seen)
    server.logged("The keytab's key is not the one in the KDC: extract the keytab again.", seen)
    judged("dovecot 2.3", "imapd on ours", "krb5", "another key", "the ticket ... opens with none of the keys")


def test_a_server_without_a_keytab_refuses_and_says_so(dovecot, curl):
    ask, server, seen = curl("obol", "obol"), dovecot("obol"), len(dovecot("obol").log())
    with Keytab(server, "missing"):
        assert "A002 NO [UNAVAILABLE]" in ask(server).failed().err
    server.logged(f"there is no keytab: {server.keytab}", seen)
    server.logged("Create one: obol keytab create FILE SPN", seen)
