# test_compat_nsupdate.py: Debian's BIND, unchanged, named and nsupdate -g, on our library: dynamic updates of a
# zone, signed by GSS-TSIG (RFC 3645), by whom the zone's policy names.
from contextlib import ExitStack

import pytest

from support.compat import on_ours
from support.process import free_port, run
from support.realm import PASSWORD
from support.service import LIBRARIES, SIDES, Keytab, Service

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
CONF = """options {{
    directory "{dir}";
    pid-file none;
    lock-file none;
    session-keyfile none;
    listen-on port {port} {{ 127.0.0.1; }};
    listen-on-v6 {{ none; }};
    recursion no;
    dnssec-validation no;
    notify no;
    tkey-gssapi-keytab "{keytab}";
}};
controls {{ }};
zone "obol.test" {{
    type primary;
    file "{dir}/zone";
    update-policy {{
        grant alice@OBOL.TEST zonesub ANY;
        grant alice@MIT.TEST zonesub ANY;
        grant updater@OBOL.TEST name other.obol.test A;
    }};
}};
"""
ZONE = """$TTL 60
@ SOA ns.obol.test. admin.obol.test. 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
"""


class Named(Service):
    def begin(self):
        self.port = free_port()
        self.write("zone", ZONE)
        conf = self.write("named.conf", CONF.format(dir=self.dir, port=self.port, keytab=self.keytab))
        self.start([self.program("/usr/sbin/named"), "-g", "-d", "4", "-n", "1", "-c", conf], self.port)
        return self

    def address(self, host):
        return run(["dig", "@127.0.0.1", "-p", self.port, "+short", f"{host}.obol.test", "A"]).ok().out.split()


@pytest.fixture(scope="module")
def named(realms):
    """named(library) is a running server on that library, which takes tickets of both realms."""
    both, started = [realms("obol"), realms("mit")], {}
    for realm in both:
        realm.add_service("DNS/ns.obol.test")
    realms("obol").add_user("updater")
    with ExitStack() as stack:
        for library in LIBRARIES:
            started[library] = stack.enter_context(Named(library, both))
            started[library].take_keys("DNS/ns.obol.test")
            started[library].begin()
        yield started.get


class Nsupdate:
    """A user of a realm, who has a ticket, at nsupdate."""

    def __init__(self, user, library, name):
        self.user, self.env = user, on_ours({}) if library == "obol" else {}
        user.run(["kinit", name], input=PASSWORD + "\n").ok()

    def __call__(self, server, *changes):
        lines = [f"server 127.0.0.1 {server.port}", "zone obol.test", *changes, "send", ""]
        return self.user.run(["nsupdate", "-g", "-d"], "\n".join(lines), env=self.env)


@pytest.fixture
def nsupdate(client):
    return lambda kdc, library, name="alice": Nsupdate(client("mit", kdc), library, name)


@KDCS
@pytest.mark.parametrize("sides", SIDES, ids="-".join)
def test_alice_adds_and_deletes_a_record(named, nsupdate, judged, kdc, sides):
    change, server = nsupdate(kdc, sides[0]), named(sides[1])
    host = f"{kdc}-{sides[0]}-{sides[1]}"
    change(server, f"update add {host}.obol.test 60 A 127.0.0.9").ok()
    assert server.address(host) == ["127.0.0.9"]
    change(server, f"update delete {host}.obol.test A").ok()
    assert server.address(host) == []
    judged("BIND 9.18", f"nsupdate on {sides[0]}, named on {sides[1]}, {kdc}'s KDC", "SPNEGO", "GSS-TSIG",
           "record added, deleted")


@pytest.mark.parametrize("sides", SIDES, ids="-".join)
def test_many_records_are_added_in_one_message(named, nsupdate, sides):
    change, server = nsupdate("obol", sides[0]), named(sides[1])
    host = f"many-{sides[0]}-{sides[1]}"
    change(server, *(f"update add {host}-{i}.obol.test 60 A 127.0.{i >> 8}.{i & 255}" for i in range(1000))).ok()
    assert [server.address(f"{host}-{i}") for i in (0, 999)] == [["127.0.0.0"], ["127.0.3.231"]]


@pytest.mark.parametrize("library", LIBRARIES)
def test_who_changes_what_is_the_policys(named, nsupdate, library):
    change, server = nsupdate("obol", library, "updater"), named("obol")
    change(server, "update add other.obol.test 60 A 127.0.0.5").ok()
    assert server.address("other") == ["127.0.0.5"]
    refused = change(server, "update add ns.obol.test 60 A 127.0.0.6").failed()
    assert "REFUSED" in refused.text and server.address("ns") == ["127.0.0.1"], refused


def test_unsigned_and_without_a_ticket_nothing_is_changed(named, nsupdate, judged):
    change, server = nsupdate("obol", "obol"), named("obol")
    change.user.logout().ok()
    refused = change(server, "update add none.obol.test 60 A 127.0.0.7").failed()
    assert f"there is no credential cache: {change.user.cache}" in refused.err, refused
    assert "Log in first: obol login NAME (or kinit NAME)." in refused.err, refused
    judged("BIND 9.18", "nsupdate on ours", "SPNEGO", "no ticket", "there is no credential cache: FILE")
    unsigned = change.user.run(["nsupdate"], f"server 127.0.0.1 {server.port}\nzone obol.test\n"
                               "update add none.obol.test 60 A 127.0.0.7\nsend\n").failed()
    assert "REFUSED" in unsigned.text and server.address("none") == []


def test_a_server_with_another_key_refuses_and_says_why(named, nsupdate, judged):
    change, server, seen = nsupdate("obol", "obol"), named("obol"), len(named("obol").log())
    with Keytab(server, "other keys"):
        refused = change(server, "update add none.obol.test 60 A 127.0.0.7").failed()
    assert "BADKEY" in refused.text and server.address("none") == [], refused
    server.logged("the ticket for DNS/ns.obol.test@OBOL.TEST (enctype 20, kvno 1) opens with none of the", seen)
    server.logged("The keytab's key is not the one in the KDC: extract the keytab again.", seen)
    judged("BIND 9.18", "named on ours", "SPNEGO", "another key", "the ticket ... opens with none of the keys")


def test_a_server_without_a_keytab_refuses_and_says_so(named, nsupdate):
    change, server, seen = nsupdate("obol", "obol"), named("obol"), len(named("obol").log())
    with Keytab(server, "missing"):
        refused = change(server, "update add none.obol.test 60 A 127.0.0.7").failed()
    assert "BADKEY" in refused.text and server.address("none") == [], refused
    server.logged(f"there is no keytab: {server.keytab}", seen)
    server.logged("Create one: obol keytab create FILE SPN", seen)
