# test_samba_dc.py: a realm of ours and a domain of Samba's (Debian's domain controller, an Active Directory to those who
# speak Kerberos with it) trust each other: users of each reach services of the other, services act for users of both,
# and what each says of its users (the PAC) comes through the other's KDC. Samba reads the PACs.
#
# Samba 4.17's KDC knows of no delegation between realms (MS-SFU 3.2.5.1.2, 3.2.5.2.2): it sends a service on as if it had
# asked for itself. Neither our KDC nor our client take that for a user's.
import base64
import json
import re

import pytest
from samba.dcerpc import krb5pac
from samba.ndr import ndr_unpack

from support.compat import on_ours
from support.obol import binary
from support.process import ROOT
from support.realm import PASSWORD
from support.samba_dc import SambaRealm
from support.trust import CLIENTS, SECRET, FewObol

SID = "S-1-5-21-11-22-33"
FRONT, BACK, OTHER = "HTTP/www.obol.one", "HTTP/back.obol.one", "HTTP/other.obol.one"
THEIRS, THEIR_BACK = "HTTP/www.samba.dc", "HTTP/back.samba.dc"
# userAccountControl (MS-ADTS 2.2.16): a usual account; one that is not delegated; one trusted to say who its users are.
NORMAL, NOT_DELEGATED, TRUSTED_TO_AUTH = 0x200, 0x100000, 0x1000000


class Domain(SambaRealm):
    def populate(self):
        for name in ("bob", "shy"):
            self.add_user(name)
        self.set("shy", userAccountControl=NORMAL | NOT_DELEGATED)
        for spn in (THEIRS, THEIR_BACK):
            self.add_service(spn)
        self.set("www", userAccountControl=NORMAL | TRUSTED_TO_AUTH, **{"msDS-AllowedToDelegateTo": THEIR_BACK})
        self.trust("OBOL.ONE", SID, SECRET)


class Ours(FewObol):
    def populate(self):
        super().populate()
        self.with_sid(SID)
        self.add_user("shy")
        self.admin("principal", "set", "shy", "--not-delegated")
        for spn in (BACK, OTHER):
            self.add_service(spn)
            self.keytab(spn, self.dir / "back.keytab")
        self.admin("principal", "set", FRONT, "--trusted-to-authenticate", "--delegate-to", BACK)
        self.trust("SAMBA.DC")

    def with_sid(self, sid):
        conf = self.conf_file()
        text = re.sub(r"\n *domain_sid = .*", "", conf.read_text())
        conf.write_text(text.replace("allow_weak_crypto = true", f"allow_weak_crypto = true\n        domain_sid = {sid}", 1))


class Both:
    def __init__(self, directory):
        self.dir = directory
        self.ours, self.theirs = Ours(directory / "ours", "OBOL.ONE"), Domain(directory / "theirs", "SAMBA.DC")
        self.theirs.keytab("HTTP/www.samba.dc", directory / "web.keytab")
        self.theirs.keytab("www@SAMBA.DC", directory / "www.keytab")
        self.theirs.keytab(THEIR_BACK, directory / "back.keytab")

    def client(self, kind, home, directory):
        other = self.theirs if home is self.ours else self.ours
        client = CLIENTS[kind](home, directory)
        head, tail = client.conf.read_text().split("[domain_realm]")
        client.conf.write_text(f"{head}    {other.name} = {{\n        kdc = 127.0.0.1:{other.port}\n    }}\n[domain_realm]\n"
                               f"    .samba.dc = SAMBA.DC\n    .obol.one = OBOL.ONE\n{tail}")
        return client

    def user(self, name, directory):
        """The cache of a user who has logged in."""
        user = self.client("mit", self.ours if name.endswith("OBOL.ONE") else self.theirs, directory / name)
        user.run(["kinit", "-f", name], PASSWORD + "\n").ok()
        return f"cache:{user.cache}"

    def acting(self, home, directory, library):
        """act(user, target, its keytab): what the target learns from the service of a realm, by a library."""
        service = self.client("mit", home, directory / home.kind)
        ours = home is self.ours
        keytab = self.dir / ("web.keytab" if ours else "www.keytab")
        service.run(["kinit", "-f", "-k", "-t", keytab, f"{FRONT}@OBOL.ONE" if ours else "www@SAMBA.DC"]).ok()
        env = {**service.env(), "KRB5_KTNAME": str(keytab)}

        def act(user, *target):
            said = service.run(["/usr/bin/python3", ROOT / "tests/support/gss_acts.py", keytab, user, *target],
                               env=on_ours(env) if library == "obol" else env).ok()
            return json.loads(said.out)
        return act

    def stop(self):
        self.theirs.stop()
        self.ours.stop()


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    realms = Both(tmp_path_factory.mktemp("samba-dc"))
    yield realms
    realms.stop()


LIBRARY = pytest.mark.parametrize("library", ["mit", "obol"])


def pac_of(said):
    """Samba's reading of it: the domain, the further SIDs, and the kinds of its buffers."""
    assert said.get("pac"), said
    pac = ndr_unpack(krb5pac.PAC_DATA, base64.b64decode(said["pac"]))
    kinds = [buffer.type for buffer in pac.buffers]
    info = pac.buffers[kinds.index(krb5pac.PAC_TYPE_LOGON_INFO)].info.info.info3
    return str(info.base.domain_sid), [str(s.sid) for s in info.sids or []], info.base.account_name.string, kinds


def test_users_of_each_reach_the_services_of_the_other(both, tmp_path, judged):
    for kind in ("mit", "obol"):
        for home, user, spn in ((both.ours, "alice", f"{THEIRS}@SAMBA.DC"), (both.theirs, "bob", f"{FRONT}@OBOL.ONE")):
            client = both.client(kind, home, tmp_path)
            client.login(f"{user}@{home.name}").ok()
            client.ticket(spn).ok()
            opened = client.run(["kvno", "-k", both.dir / "web.keytab", spn]).ok().out
            assert "keytab entry valid" in opened
            assert "T" in re.search(rf"{spn}\n.*Flags: (\w*)", client.run(["klist", "-f"]).ok().out).group(1)
            client.ticket(spn.replace("www", "none")).failed()
        judged(f"Samba 4.17 domain controller, {kind}'s client", "Obol's KDC, trust both ways", "krb5", "users and services", "a ticket each way")


@LIBRARY
def test_what_samba_says_of_its_user_comes_through_our_kdc(both, tmp_path, library, judged):
    said = both.acting(both.ours, tmp_path, library)(both.user("bob@SAMBA.DC", tmp_path))
    domain, others, account, kinds = pac_of(said)
    assert (said["client"], account) == ("bob@SAMBA.DC", "bob")
    assert domain != SID and others == ["S-1-18-1"]
    # MS-PAC 2.4: signed anew by our KDC, with what is a ticket's; what is a TGT's only is not there.
    assert {krb5pac.PAC_TYPE_SRV_CHECKSUM, krb5pac.PAC_TYPE_KDC_CHECKSUM, krb5pac.PAC_TYPE_TICKET_CHECKSUM} < set(kinds)
    assert not {krb5pac.PAC_TYPE_ATTRIBUTES_INFO, krb5pac.PAC_TYPE_REQUESTER_SID} & set(kinds), kinds
    judged("Samba 4.17, its user's PAC", f"Obol's KDC of the service, {library}'s library", "krb5", "PAC over a trust", f"{account}, {domain}")


def test_another_domain_vouches_for_no_account_of_ours(both, tmp_path, judged):
    """MS-PAC 4.1.2.2: our domain's SID is Samba's for once."""
    act = both.acting(both.ours, tmp_path, "mit")
    domain = pac_of(act(both.user("bob@SAMBA.DC", tmp_path)))[0]
    bob = both.client("mit", both.theirs, tmp_path)
    bob.login("bob").ok()
    try:
        both.ours.stop()
        both.ours.with_sid(domain)
        both.ours.start()
        assert "KDC policy rejects" in bob.ticket(f"{FRONT}@OBOL.ONE").failed().err
        both.ours.daemons[0].wait_text("realm SAMBA.DC vouches for an account of this domain")
    finally:
        both.ours.stop()
        both.ours.with_sid(SID)
        both.ours.start()
    bob.ticket(f"{FRONT}@OBOL.ONE").ok()
    judged("Samba 4.17, its user's PAC", "Obol's KDC of the service", "krb5", "SIDs of our own domain", "refused")


@LIBRARY
def test_what_our_kdc_says_of_our_user_comes_through_sambas(both, tmp_path, library, judged):
    said = both.acting(both.theirs, tmp_path, library)(both.user("alice@OBOL.ONE", tmp_path))
    domain, _, account, _ = pac_of(said)
    assert (said["client"], account, domain) == ("alice@OBOL.ONE", "alice", SID)
    judged("Samba 4.17 domain controller, of the service", f"Obol's KDC of the user, {library}'s library", "krb5", "PAC over a trust", f"{account}, {domain}")


@LIBRARY
def test_our_service_acts_for_samba_users_who_come_to_it(both, tmp_path, library, judged):
    act = both.acting(both.ours, tmp_path, library)
    towards = f"{BACK}@OBOL.ONE", both.dir / "ours/back.keytab"
    for user in ("bob@SAMBA.DC", "alice@OBOL.ONE"):
        said = act(both.user(user, tmp_path), *towards)
        domain, _, account, kinds = pac_of(said)
        assert (said["client"], said["held"], account + "@") == (user, user, user[:len(account) + 1])
        assert (domain == SID) == (account == "alice") and krb5pac.PAC_TYPE_CONSTRAINED_DELEGATION in kinds
    judged("Samba 4.17, of the user", f"Obol's KDC of both services, {library}'s library", "krb5", "S4U2Proxy", "as bob@SAMBA.DC")
    # NOT_DELEGATED in Samba's directory, and in our record.
    for user in ("shy@SAMBA.DC", "shy@OBOL.ONE"):
        assert "failed" in act(both.user(user, tmp_path), *towards)
    assert "failed" in act(both.user("bob@SAMBA.DC", tmp_path), f"{OTHER}@OBOL.ONE", both.dir / "ours/back.keytab")


@LIBRARY
def test_sambas_service_acts_for_our_user_who_comes_to_it(both, tmp_path, library, judged):
    act = both.acting(both.theirs, tmp_path, library)
    towards = f"{THEIR_BACK}@SAMBA.DC", both.dir / "back.keytab"
    said = act(both.user("alice@OBOL.ONE", tmp_path), *towards)
    domain, _, account, kinds = pac_of(said)
    assert (said["client"], account, domain) == ("alice@OBOL.ONE", "alice", SID)
    assert krb5pac.PAC_TYPE_CONSTRAINED_DELEGATION in kinds
    judged("Samba 4.17 domain controller, of both services", f"Obol's KDC of the user, {library}'s library", "krb5", "S4U2Proxy", "as alice@OBOL.ONE")
    assert "failed" in act(both.user("shy@OBOL.ONE", tmp_path), *towards)


@LIBRARY
def test_the_service_of_sambas_own_realm_acts_on_our_library(both, tmp_path, library, judged):
    act = both.acting(both.theirs, tmp_path, library)
    assert act("bob@SAMBA.DC") == {"held": "bob@SAMBA.DC"}
    said = act("bob@SAMBA.DC", f"{THEIR_BACK}@SAMBA.DC", both.dir / "back.keytab")
    assert said["client"] == "bob@SAMBA.DC" and "S-1-18-2" in pac_of(said)[1]
    assert "failed" in act("nobody@SAMBA.DC")
    judged("Samba 4.17 domain controller", f"{library}'s library", "krb5", "S4U2Self, S4U2Proxy", "as bob@SAMBA.DC")


@LIBRARY
def test_what_samba_does_not_know_of_is_no_users_ticket(both, tmp_path, library, judged):
    """To our KDC it sends our service back with that one's own PAC; our service it gives a ticket in that one's name."""
    act = both.acting(both.ours, tmp_path, library)
    assert "failed" in act("bob@SAMBA.DC")
    both.ours.daemons[0].wait_text("the PAC is of another client or login than the ticket")
    for user in ("alice@OBOL.ONE", "bob@SAMBA.DC"):
        assert "failed" in act(both.user(user, tmp_path), "HTTP@back.samba.dc", both.dir / "back.keytab")
    if library == "mit":
        service = both.client("obol", both.ours, tmp_path)
        service.login_keytab(f"{FRONT}@OBOL.ONE", str(both.dir / "web.keytab")).ok()
        refused = service.run([binary(), "ticket", "--for", "alice@OBOL.ONE", f"{THEIR_BACK}@SAMBA.DC"]).failed()
        assert "gave a ticket in our own name" in refused.err
    judged("Samba 4.17 domain controller", f"Obol's KDC, {library}'s library", "krb5", "S4U across realms", "not known to Samba: refused")


def test_a_user_of_the_domain_is_told_there_to_log_in(both, tmp_path, judged):
    """RFC 6806 7: at our KDC, by a suffix that is a realm's name."""
    for kind in ("mit", "obol"):
        client = both.client(kind, both.ours, tmp_path)
        words = ["kinit", "-C", "-E"] if kind == "mit" else [binary(), "login", "--password-stdin", "--enterprise"]
        client.run([*words, "bob@samba.dc"], PASSWORD + "\n").ok()
        assert re.search(r"bob(\\@samba.dc)?@SAMBA.DC", client.tickets().ok().text)
    judged("MIT kinit -E, Samba's user", "Obol's KDC, then Samba's", "krb5", "WRONG_REALM", "logged in at SAMBA.DC")
