# test_pkinit_card.py: logins by certificate whose key stays on a smart card (PKCS#11): our client and the
# face kinit at our KDC and MIT's, MIT's kinit with the same cards at ours. The cards are softhsm2's.
from pathlib import Path

import pytest

from support.card import PIN, Cards, place
from support.compat import compile_on_mit, on_ours
from support.mit import MitClient
from support.obol import ObolClient, binary, obol_env
from support.pkinit import PkinitMitRealm, PkinitRealm, kinit, saying
from support.process import ROOT, run
from support.realm import PASSWORD
from support.terminal import Terminal


class CardRealm(PkinitRealm):
    def certificates(self):
        super().certificates()
        self.admin("pki", "user", "rsa", "--rsa")

    def populate(self):
        super().populate()
        self.admin("principal", "add", "--no-keys", "rsa")


@pytest.fixture(scope="module")
def ours(started):
    return started(CardRealm, "CARD.TEST")


@pytest.fixture(scope="module")
def theirs(ours, started):
    realm = started(PkinitMitRealm, ours.name, ours.pki)
    realm.admin("addprinc", "-nokey", "rsa")
    return realm


def write(cards, token, key_id, pki, name, **more):
    cards.write(token, key_id, pki / f"{name}.pem", pki / f"{name}.key", **more)


@pytest.fixture(scope="module")
def cards(ours, tmp_path_factory):
    """A reader with a card of alice's: her P-256 key, an RSA key of another, and the CA's certificate."""
    reader = Cards(tmp_path_factory.mktemp("reader") / "cards")
    token = reader.insert("alice card")
    write(reader, token, "02", ours.pki, "rsa", label="rsa")
    write(reader, token, "01", ours.pki, "alice")
    reader.write_certificate(token, "09", ours.pki / "ca.pem", "CA")
    return reader


class CardClient(ObolClient):
    """Our client before a reader."""

    def __init__(self, realm, directory, reader, **conf):
        super().__init__(realm, directory, **{"pkinit_anchors": f"FILE:{realm.pki}/ca.pem", **conf})
        self.reader = reader

    def env(self):
        return {**super().env(), **self.reader.env}

    def log_in(self, user, identity="", pin=PIN):
        named = ["--certificate", identity] if identity else []
        return self.run([binary(), "login", "--password-stdin", *named, user], input=pin + "\n")


@pytest.fixture
def at_ours(ours, cards, tmp_path):
    return lambda **conf: CardClient(ours, tmp_path, cards, **conf)


@pytest.mark.parametrize("kdc", ["ours", "theirs"])
def test_a_login_signs_on_the_card(kdc, request, cards, tmp_path, judged):
    client = CardClient(request.getfixturevalue(kdc), tmp_path, cards)
    for user, parts in (("alice", []), ("rsa", ["certid=02"]), ("rsa", ["token=alice card", "certlabel=rsa"])):
        client.log_in(user, place(*parts)).ok()
        client.ticket("HTTP/localhost").ok()
    face = Path(binary()).parent / "lib" / "obol" / "bin" / "kinit"
    client.run([face, "-X", f"X509_user_identity={place('certid=01')}", "alice"], input=PIN + "\n").ok()
    client.ticket("HTTP/localhost").ok()
    saying("is not the client's", client.log_in("rsa", place("certid=01")).failed())
    if kdc == "theirs":
        judged("krb5kdc 1.20.1 (MIT)", "KDC of our client", "PKINIT, key on a card (PKCS#11)", "RSA, P-256",
               "logged in, ticket")


def test_mits_kinit_signs_on_the_same_card(ours, cards, tmp_path, judged):
    client = MitClient(ours, tmp_path, pkinit_anchors=f"FILE:{ours.pki}/ca.pem")
    by_place = ["-X", f"X509_user_identity={place('token=alice card', 'certid=02')}"]
    shown = kinit(client, *by_place, "rsa", password=PIN + "\n", env=cards.env).ok()
    saying("PKINIT PKCS#11 slotid", shown)
    client.ticket("HTTP/localhost").ok()
    kinit(client, *by_place, "alice", password=PIN + "\n", env=cards.env).failed()
    judged("kinit 1.20.1 (MIT)", "client of our KDC", "PKINIT, key on a card (PKCS#11)", "RSA, freshness",
           "logged in, ticket")


def test_a_program_gives_the_pin_by_its_responder_or_prompter(ours, cards, tmp_path, judged):
    program = compile_on_mit(ROOT / "tests" / "peers" / "compat_gic.c", tmp_path / "gic", ["libkrb5.so.3"])
    client = MitClient(ours, tmp_path, pkinit_anchors=f"FILE:{ours.pki}/ca.pem")
    identity = place("token=alice card", "certid=02")
    for words in ([f"passphrase={PIN}"], [f"prompt={PIN}"]):
        env = {**client.env(), **cards.env}
        # MIT's library shows a label with the blanks behind it.
        said = [[" ".join(line.split()) for line in run([program, "rsa", f"identity={identity}", *words], e).ok().out.splitlines()
                 if line != "asked: password"] for e in (env, on_ours(env))]
        assert said[0] == said[1] and "logged in" in said[1][-1] and "asked: pkinit" in said[1], said
    assert run([program, "rsa", f"identity={identity}", "passphrase=111111"], on_ours(env)).ok().out.splitlines()[-1].startswith("code ")
    run([program, "rsa", f"identity={identity}", f"passphrase={PIN}"], on_ours(env)).ok()  # the card forgets the wrong one
    judged("krb5_responder_pkinit_*", "the same program", "PKINIT, key on a card (PKCS#11)", "responder and prompter", "the same on both")


def test_a_card_is_found_by_the_module_of_all_modules(at_ours):
    at_ours().log_in("alice", "PKCS11:token=alice card").ok()
    at_ours(pkinit_identities="PKCS11:token=alice card").log_in("alice").ok()


def test_the_pin_is_asked_for_at_the_terminal_and_tried_once(at_ours):
    client = at_ours(pkinit_identities=place())
    for pin, status in (("111111", 1), (PIN, 0)):
        terminal = Terminal([binary(), "login", "alice"], {**obol_env(), **client.env()})
        try:
            prompt = terminal.wait_for("PIN of alice card.*: ")
            assert ("few tries are left" in prompt) == (status == 0)  # the card counts the wrong one
            assert not terminal.echo()
            terminal.type(pin + "\n")
            assert terminal.end() == status
            assert pin not in terminal.seen
            assert terminal.seen.count("PIN of alice card") == 1
            assert ("the PIN of the token 'alice card' is not right" in terminal.seen.replace("\r\n", " ")) == (status == 1)
        finally:
            terminal.close()
    client.ticket("HTTP/localhost").ok()


def test_without_the_card_the_password_logs_in(ours, tmp_path):
    empty = Cards(tmp_path / "empty")
    client = CardClient(ours, tmp_path, empty, pkinit_identities=place("token=alice card"))
    client.log_in("alice", pin=PASSWORD).ok()
    client.log_in("alice", pin=PIN).failed()
    saying("no token of the PKCS#11 module .* is initialized", client.log_in("alice", place(), PASSWORD).failed())


def test_a_keytab_asks_for_no_pin(at_ours, ours, tmp_path):
    client = at_ours(pkinit_identities=place())
    ours.keytab("HTTP/localhost", tmp_path / "keytab")
    client.run([binary(), "login", "--keytab", tmp_path / "keytab", "HTTP/localhost"]).ok()


def test_which_certificate_of_a_card_is_chosen(at_ours):
    at_ours().log_in("rsa", place()).ok()
    at_ours(pkinit_cert_match="<SUBJECT>CN=rsa").log_in("rsa", place()).ok()
    saying("is not the client's", at_ours(pkinit_cert_match="<SUBJECT>CN=rsa").log_in("alice", place()).failed())
    saying("fits 2", at_ours(pkinit_cert_match="<SUBJECT>CN=").log_in("alice", place()).failed())


def test_what_is_wrong_with_a_card_is_said(at_ours, ours, tmp_path):
    reader = Cards(tmp_path / "reader")
    token = reader.insert("another")
    client = CardClient(ours, tmp_path, reader)
    saying("there is no certificate of a user on 'another'", client.log_in("alice", place()).failed())
    reader.write_certificate(token, "03", ours.pki / "alice.pem", "alone")
    for parts, said in ((["slotid=7"], "has no slot 7"), (["token=nobody"], "'nobody', there is 'another'"),
                        (["certid=77"], "no certificate with that identifier"), ([], "holds no private key with the identifier")):
        saying(said, client.log_in("alice", place(*parts)).failed())
    saying("'certificate' is none of module_name", client.log_in("alice", place("certificate=1")).failed())
    saying("cannot be loaded", client.log_in("alice", "PKCS11:/nowhere.so").failed())


def test_mits_kinit_with_a_wrong_pin_is_not_let_in(ours, cards, tmp_path):
    client = MitClient(ours, tmp_path, pkinit_anchors=f"FILE:{ours.pki}/ca.pem")
    kinit(client, "-X", f"X509_user_identity={place('certid=02')}", "rsa", password="111111\n", env=cards.env).failed()
