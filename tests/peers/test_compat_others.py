# test_compat_others.py: what else Debian has on the GSS-API, unchanged, on our library: Ruby's and Perl's
# bindings, remctl, fetchmail, and GNU SASL (through libgssglue, which loads the library by name).
from contextlib import ExitStack

import pytest

from support.compat import on_ours
from support.dovecot import dovecot_start, mailbox
from support.process import ROOT, free_port
from support.realm import PASSWORD
from support.service import LIBRARIES, SIDES, Service

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
SIDES = pytest.mark.parametrize("sides", SIDES, ids="-".join)
ENDS = ROOT / "tests" / "support"
COMMANDS = """
who REMOTE_USER /usr/bin/printenv princ:alice@OBOL.TEST princ:alice@MIT.TEST
bobs REMOTE_USER /usr/bin/printenv princ:bob@OBOL.TEST
"""


class Servers(Service):
    """remctld and dovecot, on one library."""

    def begin(self, stack):
        self.write("remctl.conf", COMMANDS)
        self.remctl = free_port()
        self.start([self.program("/usr/sbin/remctld"), "-m", "-F", "-S", "-b", "127.0.0.1", "-p", str(self.remctl),
                    "-f", str(self.dir / "remctl.conf"), "-k", str(self.keytab)], self.remctl)
        stack.callback(self.daemon.stop)
        mailbox(self, "alice", "From: bob@obol.test\nSubject: for alice\n\nBy ticket.\n")
        dovecot_start(self, host="127.0.0.1")


@pytest.fixture(scope="module")
def servers(realms):
    both, running = [realms("obol"), realms("mit")], {}
    names = ("host/others.obol.test", "imap/127.0.0.1")
    for realm in both:
        for name in names:
            realm.add_service(name)
    with ExitStack() as stack:
        for library in LIBRARIES:
            running[library] = stack.enter_context(Servers(library, both))
            running[library].take_keys(*names)
            running[library].begin(stack)
        yield running.get


@pytest.fixture
def alice(client):
    def logged_in(kdc):
        user = client("mit", kdc)
        user.run(["kinit", "alice"], input=PASSWORD + "\n").ok()
        return user
    return logged_in


def on(library, env=None):
    return on_ours(env or {}) if library == "obol" else env or {}


@KDCS
def test_rubys_gssapi(alice, realms, judged, kdc):
    """On MIT's library the collector's calls, of handles for their addresses, end the process sooner or later."""
    user, keytab = alice(kdc), realms(kdc).dir / "http.keytab"
    seen = user.run(["ruby", ENDS / "ends_gssapi.rb", "localhost", "HTTP", keytab, "8"], env=on("obol")).ok()
    assert seen.out.startswith(f"alice@{realms(kdc).name}\n") and "service nosuch/localhost" in seen.out, seen
    judged("ruby-gssapi 1.2", f"both ends on ours, {kdc}'s KDC", "krb5", "mutual", "messages; 8 times, with the collector")


@KDCS
def test_perls_gssapi(alice, realms, judged, kdc):
    user = alice(kdc)
    env = on("obol", {"KRB5_KTNAME": str(realms(kdc).dir / "http.keytab")})
    seen = user.run(["perl", ENDS / "ends_gssapi.pl", "HTTP@localhost"], env=env).ok()
    assert seen.out.startswith(f"alice@{realms(kdc).name}\nover the wire\nsealed\ndelegated\n"), seen
    assert "service nosuch/localhost" in seen.out, seen
    judged("libgssapi-perl 0.28", f"both ends on ours, {kdc}'s KDC", "krb5", "mutual, delegation", "messages")


@KDCS
@SIDES
def test_remctl(servers, alice, realms, judged, kdc, sides):
    user, port = alice(kdc), servers(sides[1]).remctl

    def remctl(*words):
        return user.run(["remctl", "-p", str(port), "-s", "host/others.obol.test", "127.0.0.1", *words], env=on(sides[0]))

    seen = remctl("who", "REMOTE_USER").ok()
    assert seen.out == f"alice@{realms(kdc).name}\n", seen
    assert "Access denied" in remctl("bobs", "REMOTE_USER").failed().err
    judged("remctl 3.18", f"remctl on {sides[0]}, remctld on {sides[1]}, {kdc}'s KDC", "krb5", "mutual", "alice's command")


@SIDES
def test_fetchmail_and_gnu_sasl(servers, alice, judged, sides):
    user, server = alice("obol"), servers(sides[1])  # whose realm is the server's own
    rc = user.dir / "fetchmailrc"
    rc.write_text(f"poll 127.0.0.1 proto IMAP port {server.port} auth gssapi user alice keep fetchall mda cat sslproto ''\n")
    rc.chmod(0o600)
    env = on(sides[0], {"HOME": str(user.dir)})
    mail = user.run(["fetchmail", "-f", rc, "--nosyslog", "--pidfile", user.dir / "pid"], env=env)
    assert "Subject: for alice" in mail.out and "By ticket." in mail.out, mail
    said = user.run(["gsasl", "-m", "GSSAPI", "--imap", "--no-starttls", "-a", "alice", "--service=imap",
                     "--hostname=127.0.0.1", f"--connect=127.0.0.1:{server.port}"], env=env, input="\n").ok()
    assert "OK Logged in" in said.out, said
    judged("fetchmail 6.4, gsasl 2.2", f"on {sides[0]}, dovecot on {sides[1]}", "krb5",
           "AUTHENTICATE GSSAPI", "alice's mail; libgssglue")
