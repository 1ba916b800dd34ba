# test_tickets.py: each kind of ticket as MIT's and Heimdal's clients ask for it (RFC 4120 2), at our KDC.
import re
from datetime import datetime

import pytest

from support.heimdal import program
from support.mit import MitClient
from support.heimdal import HeimdalClient
from support.obol import ObolRealm
from support.realm import PASSWORD

SPN = "HTTP/localhost"


@pytest.fixture
def alice(over):
    """alice(words...) logs in with MIT's kinit; the result has her flags of the TGT."""
    user = over("mit", "obol", noaddresses="false")

    def login(*words):
        user.run(["kinit", *words, "alice"], input=PASSWORD + "\n").ok()
        return user
    return login


def flags(user, server):
    listed = user.run(["klist", "-f", "-a", "-n"]).ok().out
    found = re.search(rf"{re.escape(server)}@\S+\n(?:\s+renew until [^\n,]*(?:,|\n))?\s*Flags: (\w*)", listed)
    assert found, listed
    return found.group(1)


TGT = "krbtgt/OBOL.TEST"


def test_forwardable_proxiable_and_neither(alice, judged):
    assert {"F", "P"} <= set(flags(alice("-f", "-p"), TGT))
    assert not {"F", "P"} & set(flags(alice("-F", "-P"), TGT))
    judged("MIT kinit -f -p, -F -P", "Obol's KDC", "krb5", "flags", "as asked")


def test_renewable_is_renewed_and_other_is_not(alice, judged):
    user = alice("-r", "2d", "-l", "1h")
    assert "R" in flags(user, TGT)
    user.run(["kinit", "-R"]).ok()
    assert "R" in flags(user, TGT)
    user = alice("-l", "1h")
    assert "R" not in flags(user, TGT)
    user.run(["kinit", "-R"]).failed()
    judged("MIT kinit -r, -R", "Obol's KDC", "krb5", "renewal", "renewed; without the flag refused")


def test_postdated_is_validated_in_its_time_only(alice, judged):
    user = alice("-s", "1h", "-l", "2h")
    assert {"d", "i"} <= set(flags(user, TGT))  # postdated, invalid
    assert "not yet valid" in user.run(["kvno", SPN]).failed().err
    assert "not yet valid" in user.run(["kinit", "-v"]).failed().err
    judged("MIT kinit -s, -v", "Obol's KDC", "krb5", "postdated", "not valid before its time")


class Later(ObolRealm):
    """A realm whose clock can be put on."""

    def populate(self):
        self.add_user("alice")
        self.add_service(SPN)

    def put_on(self, clock):
        self.stop()
        self.daemons.append(self.serve(self.port, clock))


@pytest.fixture
def later(tmp_path):
    realm = Later(tmp_path / "later", "LATER.TEST")
    yield realm
    realm.stop()


def test_postdated_is_valid_once_it_is_validated_in_its_time(later, tmp_path, judged):
    """MIT's client takes a ticket whose start is no more than the clock skew ago."""
    # Each of both makes, by UDP and by TCP, before the clock is put on and after.
    ways = {way: tmp_path / way for way in ("udp", "tcp")}
    for way, place in ways.items():
        MitClient(later, place, transport=way).run(["kinit", "-s", "30m", "-l", "2h", "alice"], input=PASSWORD + "\n").ok()
        HeimdalClient(later, place, transport=way).run(
            [program("kinit.heimdal"), "--password-file=STDIN", "--start-time=30m", "--lifetime=2h", "alice"],
            input=PASSWORD + "\n").ok()
    later.put_on("+31m")
    for way, place in ways.items():
        mit, heimdal = (make(later, place, transport=way, clock="+31m") for make in (MitClient, HeimdalClient))
        mit.run(["kvno", SPN]).failed()
        mit.run(["kinit", "-v"]).ok()
        assert "d" in flags(mit, "krbtgt/LATER.TEST") and "i" not in flags(mit, "krbtgt/LATER.TEST")
        mit.run(["kvno", SPN]).ok()
        judged("MIT kinit -s, -v", f"Obol's KDC, {way}", "krb5", "postdated", "validated, used")
        heimdal.ticket(SPN).failed()
        heimdal.run([program("kinit.heimdal"), "--validate"]).ok()
        heimdal.ticket(SPN).ok()
        judged("Heimdal kinit --start-time, --validate", f"Obol's KDC, {way}", "krb5", "postdated", "validated, used")


def lifetime(user, server):
    """Hours from a ticket's start to its end, as klist tells them."""
    listed = user.run(["klist"], env={"LC_ALL": "C"}).ok().out
    found = re.search(rf"^(\S+ \S+)  (\S+ \S+)  {re.escape(server)}@", listed, re.M)
    assert found, listed
    start, end = (datetime.strptime(t, "%m/%d/%y %H:%M:%S") for t in found.groups())
    return (end - start).total_seconds() / 3600


@pytest.fixture(scope="module")
def short(realms):
    realm, spn = realms("obol"), "HTTP/short.obol.test"
    realm.add_service(spn)
    realm.admin("principal", "set", spn, "--max-life", "1h")
    realm.add_user("brief")
    realm.admin("principal", "set", "brief", "--max-life", "2h")
    return spn


def test_client_service_and_realm_cut_lifetimes(short, over, alice, judged):
    user, spn = alice("-l", "1000h"), short
    assert 8 < lifetime(user, TGT) <= 24  # the realm's
    user.run(["kvno", spn]).ok()
    assert lifetime(user, spn) == 1
    brief = over("mit", "obol")
    brief.run(["kinit", "-l", "8h", "brief"], input=PASSWORD + "\n").ok()
    assert lifetime(brief, TGT) == 2
    judged("MIT kinit -l, kvno", "Obol's KDC", "krb5", "lifetimes", "cut by client, service and realm")


@pytest.fixture(scope="module")
def marked(realms):
    spn = "HTTP/marked.obol.test"
    realms("obol").add_service(spn)
    realms("obol").admin("principal", "set", spn, "--set", "ok-as-delegate")
    return spn


def test_a_service_may_be_marked_for_delegation(alice, marked, judged):
    user = alice("-f")
    user.run(["kvno", marked, SPN]).ok()
    assert "O" in flags(user, marked) and "O" not in flags(user, SPN)
    judged("MIT kvno, klist -f", "Obol's KDC", "krb5", "ok-as-delegate", "flag O")


def test_addresses_are_in_the_ticket(alice, judged):
    user = alice("-a")
    assert not re.search(r"Addresses: \(none\)", user.run(["klist", "-a", "-n"]).ok().out)
    assert re.search(r"Addresses: \(none\)", alice("-A").run(["klist", "-a", "-n"]).ok().out)
    judged("MIT kinit -a, -A", "Obol's KDC", "krb5", "addresses", "in the ticket, or none")


def test_a_user_takes_tickets_by_her_tgt_only(alice, judged):
    user = alice("-f")
    kept = user.dir / "alice.cc"
    kept.write_bytes(user.cache.read_bytes())
    user.run(["kvno", "alice"]).failed()
    user.run(["kvno", "--u2u", str(kept), "alice"]).ok()
    judged("MIT kvno --u2u", "Obol's KDC", "krb5", "user-to-user", "a ticket to alice by her TGT")


def test_heimdals_client_forwards_and_renews(over, judged):
    user = over("heimdal", "obol")
    user.run([program("kinit.heimdal"), "--password-file=STDIN", "--forwardable", "--proxiable", "--renewable", "alice"],
             input=PASSWORD + "\n").ok()
    said = user.tickets().ok().text
    assert "forwardable" in said and "proxiable" in said and "renewable" in said, said
    user.run([program("kinit.heimdal"), "--renew"]).ok()
    user.run([program("kgetcred"), "--forwardable", SPN]).ok()
    judged("Heimdal kinit -f -p --renew", "Obol's KDC", "krb5", "flags, renewal", "as asked")
