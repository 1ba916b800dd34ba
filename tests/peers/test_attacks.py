# test_attacks.py: the known attacks on a KDC, tried on ours as it runs, by UDP and by TCP: proofs that are none,
# requests whose checksum is none, PACs that were forged, taken from another or brought along, names that changed hands.
import functools
import hashlib
import struct

import pytest
from impacket.krb5.constants import KDCOptions
from pyasn1.codec.der import encoder

from support import hostile
from support.hostile import Attacker, inside, key_of, keyed, keyed_for_another_usage, rc4_keyed, unkeyed
from support.impacket_realm import ImpacketRealm
from support.realm import PASSWORD

WEB, BACK = "HTTP/web.attack.test", "HTTP/back.attack.test"
UNKNOWN, TOO_BIG = 6, 52
SUMTYPE, TGT_REVOKED, PREAUTH_FAILED, PREAUTH_REQUIRED, MALFORMED, BADMATCH, MODIFIED, INAPP = 15, 20, 24, 25, 31, 36, 41, 50
CANNOT_POSTDATE, BADOPTION, NOMATCH = 10, 13, 26


class Attacked(ImpacketRealm):
    def populate(self):
        for user in ("alice", "other", "open", "front"):
            self.add_user(user)
        for spn in (WEB, BACK):
            self.add_service(spn)
        # A service with a password, as Windows has them, that may act for its users towards BACK.
        self.admin("principal", "set", "front", "--clear", "no-server", "--delegate-to", BACK, "--trusted-to-authenticate")


@pytest.fixture(scope="module")
def realm(tmp_path_factory):
    realm = Attacked(tmp_path_factory.mktemp("attacked"), "ATTACK.TEST")
    yield realm
    realm.stop()


@pytest.fixture(params=["udp", "tcp"])
def attacker(realm, request):
    return Attacker(realm.name, realm.port, request.param)


@pytest.fixture
def alice(attacker):
    return attacker.login("alice", PASSWORD)


@pytest.fixture(scope="module")
def tgs_key(realm):
    return key_of(realm.keytab(f"krbtgt/{realm.name}", realm.dir / "tgs.keytab"), f"krbtgt/{realm.name}@{realm.name}")


@pytest.fixture(scope="module")
def web_key(realm):
    return key_of(realm.keytab(WEB, realm.dir / "web.keytab"), f"{WEB}@{realm.name}")


def test_what_is_no_proof_is_none(attacker, judged):
    """Every type of padata that is not the proof of a mechanism, and proofs that are wrong."""
    wrong = attacker.timestamp(attacker.password_key("alice", "wrong"))
    for kind in [3, 11, 13, 15, 19, 30, 128, 133, 142, 167, 999, -5]:
        for value in (b"", b"\x30\0", wrong):
            assert attacker.ask(attacker.as_req("alice", [(kind, value)])) in (PREAUTH_REQUIRED, PREAUTH_FAILED), kind
    assert attacker.ask(attacker.as_req("alice", [(999, b"x"), (2, wrong)])) == PREAUTH_FAILED
    assert attacker.ask(attacker.as_req("alice", [(2, b"")])) == PREAUTH_FAILED
    assert attacker.login("alice", PASSWORD)
    judged("impacket's messages", "attacker of our KDC", "AS-REQ", attacker.transport, "unknown padata are no proof")


def test_who_proves_nothing_makes_no_flood_of_ours(realm, judged):
    """The sender of a datagram may be another than it says: it brings him twice its bytes at most, whatever it asks."""
    attacker, told = Attacker(realm.name, realm.port, "udp"), {}
    realm.admin("principal", "set", "open", "--clear", "requires-preauth")
    for user in ("alice", "open", "nobody"):
        for padata in ([], [(149, b"")], [(2, b"")], [(16, b"\x30\0")], [(151, b"\xa0\x02\x30\0")]):
            message = encoder.encode(attacker.as_req(user, padata))
            assert len(attacker.exchange(message)) <= 2 * len(message), (user, padata)
        told[user] = attacker.ask(attacker.as_req(user, []))
    assert told == {"alice": PREAUTH_REQUIRED, "open": TOO_BIG, "nobody": UNKNOWN}
    # By TCP, where nobody can be another, he gets the ticket.
    assert not isinstance(Attacker(realm.name, realm.port, "tcp").ask(attacker.as_req("open", [])), int)
    judged("impacket's messages", "attacker of our KDC", "AS-REQ", "udp", "replies of twice the bytes at most")


def test_a_body_without_a_keyed_checksum_is_refused(attacker, alice, judged):
    answers = {None: INAPP, unkeyed(7, "md5"): INAPP, unkeyed(14, "sha1"): INAPP, unkeyed(10, "sha1"): SUMTYPE,
               (lambda key, body: (1, b"\0\0\0\0")): SUMTYPE, (lambda key, body: (12345, b"x" * 12)): SUMTYPE,
               rc4_keyed: INAPP, keyed_for_another_usage: MODIFIED, (lambda key, body: (16, b"")): MODIFIED,
               (lambda key, body: (16, keyed(key, body)[1][:11])): MODIFIED}
    for checksum, expected in answers.items():
        assert attacker.ask(attacker.tgs_req(alice, WEB, checksum)) == expected
    changed = attacker.tgs_req(alice, WEB, keyed, alter=lambda body: body.__setitem__("nonce", 1))
    assert attacker.ask(changed) == MODIFIED
    assert attacker.ask(attacker.tgs_req(alice, WEB, keyed, client="other")) == BADMATCH
    assert not isinstance(attacker.ask(attacker.tgs_req(alice, WEB, keyed)), int)
    judged("impacket's messages", "attacker of our KDC", "TGS-REQ", attacker.transport,
           "missing, unkeyed and foreign checksums refused")


def test_a_pac_that_the_client_brings_goes_no_further(attacker, alice, tgs_key, web_key, judged):
    pac = hostile.pac_of(hostile.opened(alice.ticket, tgs_key)).replace("alice".encode("utf-16-le"),
                                                                       "other".encode("utf-16-le"))
    assert "other".encode("utf-16-le") in pac
    for added in (inside([(hostile.WIN2K_PAC, pac)]), inside([(hostile.IF_RELEVANT, inside([(hostile.WIN2K_PAC, pac)]))])):
        reply = attacker.ask(attacker.tgs_req(alice, WEB, keyed, added=added))
        part = hostile.opened(reply["ticket"], web_key)
        assert len(part["authorization-data"]) == 1
        assert "other".encode("utf-16-le") not in hostile.pac_of(part)
    judged("impacket's messages", "attacker of our KDC", "TGS-REQ with a PAC", attacker.transport, "left out")


def unsigned(pac):
    """With unkeyed digests in the place of both signatures, as MS14-068 had them."""
    held = {kind: pac[at:at + length] for kind, (at, length) in hostile.buffers(pac).items() if kind not in (6, 7)}

    def written(server, kdc):
        held[6], held[7] = (struct.pack("<I", 7) + digest for digest in (server, kdc))
        at, head, data = 8 + 16 * len(held), struct.pack("<II", len(held), 0), b""
        for kind, value in held.items():
            head += struct.pack("<IIQ", kind, len(value), at + len(data))
            data += value + b"\0" * (-len(value) % 8)
        return head + data
    server = hashlib.md5(written(b"\0" * 16, b"\0" * 16)).digest()
    return written(server, hashlib.md5(server).digest())


def test_a_forged_pac_is_refused(attacker, alice, tgs_key, judged):
    """By one who can seal a TGT, as with a key of long ago, but cannot sign as the KDC does."""
    own = hostile.pac_of(hostile.opened(alice.ticket, tgs_key))
    theirs = hostile.pac_of(hostile.opened(attacker.login("other", PASSWORD).ticket, tgs_key))
    logon, _ = hostile.buffers(own)[1]
    altered = own[:logon + 40] + bytes([own[logon + 40] ^ 1]) + own[logon + 41:]
    changes = {own: None, theirs: MODIFIED, unsigned(own): INAPP, altered: MODIFIED, b"": MALFORMED, own[:100]: MALFORMED}
    for pac, expected in changes.items():
        forged = attacker.forge(alice, tgs_key, lambda part, pac=pac: hostile.put_pac(part, pac))
        answer = attacker.ask(attacker.tgs_req(forged, WEB, keyed))
        assert (answer if isinstance(answer, int) else None) == expected, len(pac)
    bare = attacker.forge(alice, tgs_key, lambda part: part["authorization-data"].reset())
    assert attacker.ask(attacker.tgs_req(bare, WEB, keyed)) == TGT_REVOKED
    judged("impacket's messages", "attacker of our KDC", "forged PACs", attacker.transport,
           "another's, altered, unkeyed, missing: refused")


def test_a_name_that_changes_hands_takes_no_ticket_with_it(attacker, realm, judged):
    """CVE-2021-42287: between the login and the request the account goes, and another one gets its name."""
    realm.add_user("temp" + attacker.transport)
    user = "temp" + attacker.transport
    session = attacker.login(user, PASSWORD)
    assert not isinstance(attacker.ask(attacker.tgs_req(session, WEB, keyed)), int)
    realm.admin("principal", "delete", user)
    assert attacker.ask(attacker.tgs_req(session, WEB, keyed)) == TGT_REVOKED
    realm.add_user(user)
    assert attacker.ask(attacker.tgs_req(session, WEB, keyed)) == TGT_REVOKED
    assert not isinstance(attacker.ask(attacker.tgs_req(attacker.login(user, PASSWORD), WEB, keyed)), int)
    judged("impacket's messages", "attacker of our KDC", "a name that changed hands", attacker.transport, "refused")


FORWARDABLE, PROXY = KDCOptions.forwardable.value, KDCOptions.cname_in_addl_tkt.value


def test_a_service_cannot_rewrite_the_ticket_of_its_user(attacker, judged):
    """CVE-2020-17049 and CVE-2022-37967: it has the key, opens the ticket, and seals another as evidence."""
    user = attacker.login("alice", PASSWORD, [FORWARDABLE])
    front, key = attacker.login("front", PASSWORD, [FORWARDABLE]), attacker.password_key("front", PASSWORD)
    evidence = attacker.ticket(user, "front", options=[FORWARDABLE])
    stays = attacker.ticket(user, "front")

    def acts(second, target=BACK):
        answer = attacker.ticket(front, target, options=[PROXY], second=second)
        return answer if isinstance(answer, int) else None

    def renamed(part):
        part["cname"]["name-string"][0] = "other"

    def forwardable(part):
        part["flags"] = "".join("1" if i == FORWARDABLE else str(bit) for i, bit in enumerate(part["flags"]))

    def longer(part):
        part["endtime"] = "20991231235959Z"
    assert acts(evidence) is None and acts(stays) == BADOPTION
    assert acts(attacker.forge(evidence, key, lambda part: None)) is None  # as it was
    for ticket, change in ((stays, forwardable), (evidence, renamed), (evidence, longer),
                           (evidence, lambda part: part["authorization-data"].reset())):
        assert acts(attacker.forge(ticket, key, change)) == MODIFIED, change
    # Nor is the ticket to another service evidence, nor the user's TGT; nor is every target allowed.
    assert acts(attacker.ticket(user, WEB, options=[FORWARDABLE])) == NOMATCH
    assert acts(user) == NOMATCH
    assert acts(evidence, WEB) == BADOPTION
    judged("impacket's messages", "attacker of our KDC", "S4U2Proxy, rewritten evidence", attacker.transport,
           "renamed, prolonged, made forwardable, without a PAC, another's: refused")


def test_a_user_is_named_under_a_keyed_checksum_only(attacker, realm, judged):
    """CVE-2018-16860: who stands in between names somebody else."""
    front = attacker.login("front", PASSWORD)

    def asks(kind, checksum, name="alice", as_if=None):
        padata, encoded = hostile.for_user(as_if or name, realm.name, kind, checksum)
        if as_if:
            encoded = encoded.replace(as_if.encode(), name.encode())
        answer = attacker.ticket(front, "front", padata=[(padata, encoded)])
        return answer if isinstance(answer, int) else None
    signed = functools.partial(hostile.hmac_md5, front.key, 17)
    assert asks(-138, signed) is None
    assert asks(-138, signed, "other", as_if="alice") == MODIFIED
    assert asks(-138, functools.partial(hostile.hmac_md5, front.key, 18)) == MODIFIED
    for kind, digest in ((7, "md5"), (14, "sha1")):
        assert asks(kind, lambda data, digest=digest: hashlib.new(digest, data).digest()) == INAPP
    judged("impacket's messages", "attacker of our KDC", "S4U2Self", attacker.transport,
           "another's name, another usage, MD5, SHA-1: refused")


def test_each_option_alone_is_a_ticket_or_its_error(attacker, alice, judged):
    """RFC 4120 5.4.1: what needs a flag of the ticket, a second ticket or a start that is not there is refused."""
    proof = attacker.timestamp(attacker.password_key("alice", PASSWORD))
    forwarded, proxy, acts, in_session_key, renew, validate = 2, 4, PROXY, 28, 30, 31
    refused = {16, forwarded, proxy, acts, in_session_key, renew, validate}

    def told(answer):
        return answer if isinstance(answer, int) else None
    for bit in range(32):
        expected = BADOPTION if bit in refused else None
        assert told(attacker.ask(attacker.as_req("alice", [(2, proof)], [bit]))) == expected, bit
        answer = told(attacker.ticket(alice, WEB, options=[bit]))
        assert answer == (CANNOT_POSTDATE if bit == 6 else expected), bit
    judged("impacket's messages", "attacker of our KDC", "KDC options", attacker.transport, "each alone: a ticket or its error")
