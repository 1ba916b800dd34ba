# test_decode.py: `obol decode` shows what clients and services hold and send, as people give it: files,
# standard input, text and headers; with a keytab or a password what is sealed in it.
import base64
import json
from pathlib import Path

import pytest

from support.obol import binary, obol_env
from support.process import ROOT, run
from support.realm import PASSWORD

VECTORS = ROOT / "tests" / "vectors"
SPN = "HTTP/decode.obol.test"


def decode(*words, input="", env=None):
    return run([binary(), "decode", *words], env or obol_env(), input)


def references():
    """MIT's encodings by name."""
    for line in (VECTORS / "asn1" / "mit_reference.txt").read_text().splitlines():
        name, found, digits = line.partition(": ")
        if found and name.startswith("encode_krb5_"):
            yield name.removeprefix("encode_krb5_"), digits


MESSAGES = {"as_req": "AS-REQ", "as_rep": "AS-REP", "tgs_req": "TGS-REQ", "tgs_rep": "TGS-REP", "ap_req": "AP-REQ",
            "ap_rep": "AP-REP", "safe": "KRB-SAFE", "priv": "KRB-PRIV", "cred": "KRB-CRED", "error": "KRB-ERROR",
            "ticket": "Ticket", "authenticator": "Authenticator", "enc_tkt_part": "EncTicketPart",
            "ap_rep_enc_part": "EncAPRepPart", "enc_priv_part": "EncKrbPrivPart", "enc_cred_part": "EncKrbCredPart"}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_of_every_type_is_shown_as_tree_and_json(name, tmp_path):
    digits = dict(references())[name]
    tree = decode(digits).ok().out
    assert tree.startswith(f"(hexadecimal)\n{MESSAGES[name]}\n  ")
    shown = json.loads(decode("--json", "-", input=digits).ok().out)
    assert shown["wrappings"] == ["hexadecimal"] and MESSAGES[name] in shown
    path = tmp_path / "message.bin"
    path.write_bytes(bytes.fromhex(digits))
    assert decode(path).ok().out == tree.removeprefix("(hexadecimal)\n")


def test_caches_and_keytabs_of_mit_are_shown():
    cache = VECTORS / "cred" / "mit-ccache-v4"
    assert "test/host@EXAMPLE.COM" in decode(cache).ok().out
    entries = json.loads(decode("--json", cache).ok().out)["entries"]
    assert [(e["server"], e["configuration"], e["ticket_bytes"]) for e in entries] == \
        [("test/host@EXAMPLE.COM", False, 6), ("@", False, 6)]
    keytab = VECTORS / "cred" / "mit-keytab-v502_one_entry"
    assert "user@REALM  1     aes256-cts-hmac-sha1-96 (18)" in decode(keytab).ok().out
    assert "key" not in json.loads(decode("--json", keytab).ok().out)["keytab"][0]
    assert len(json.loads(decode("--json", "--show-secrets", keytab).ok().out)["keytab"][0]["key"]) == 64


@pytest.fixture
def login(client, obol_realm, tmp_path):
    """alice with a ticket for SPN, and the keytab of SPN."""
    c = client("obol", "obol")
    if SPN not in login_done:
        obol_realm.admin("spn", "add", SPN)
        login_done.add(SPN)
    c.login("alice").ok()
    c.ticket(SPN).ok()
    keytab = tmp_path / "web.keytab"
    obol_realm.keytab(SPN, keytab)
    c.keytab = keytab
    return c


login_done = set()


def test_a_token_is_opened_with_the_services_keytab(login):
    token = login.run([binary(), "token", SPN], input="\n").out.splitlines()[0]
    header = f"Authorization: Negotiate {token}\n"
    closed = decode(header).ok().out
    assert closed.startswith("(HTTP Negotiate)\n(SPNEGO NegTokenInit: krb5")
    assert "AP-REQ\n" in closed and "EncTicketPart" not in closed
    opened = decode("--keytab", login.keytab, header).ok().out
    assert "EncTicketPart\n" in opened and "cname: alice (NT-PRINCIPAL)" in opened
    assert "    Authenticator\n" in opened and "(hidden)" in opened
    shown = json.loads(decode("--json", "--keytab", login.keytab, "-", input=token).ok().out)
    assert shown["wrappings"][0] == "base64"
    assert shown["AP-REQ"]["ticket"]["enc-part"]["inside"]["EncTicketPart"]["cname"]["name-string"] == ["alice"]
    assert shown["AP-REQ"]["authenticator"]["inside"]["Authenticator"]["cusec"] >= 0


def test_the_tickets_of_a_cache_are_opened_with_the_services_keytab(login):
    closed = decode(login.cache).ok().out
    assert SPN in closed and "EncTicketPart" not in closed
    opened = decode("--keytab", login.keytab, login.cache).ok().out
    assert opened.count("EncTicketPart\n") == 1
    entries = json.loads(decode("--json", "--keytab", login.keytab, login.cache).ok().out)["entries"]
    tickets = {e["server"]: e["ticket"]["Ticket"] for e in entries if not e["configuration"]}
    inside = [name.split("@")[0] for name, t in tickets.items() if "inside" in t["enc-part"]]
    assert inside == [SPN]


def test_a_password_needs_a_salt_and_is_asked_for_on_no_command_line(login):
    digits = dict(references())["as_rep"]
    result = decode("--password-stdin", digits, input=PASSWORD + "\n").failed()
    assert "--principal NAME@REALM or --salt" in result.err
    decode("--password-stdin", "--principal", "alice@R", digits, input=PASSWORD + "\n").ok()


@pytest.mark.parametrize("given, words", [
    ("no-such-file.bin", "no such file no-such-file.bin"),
    ("Authorization: Negotiate " + base64.b64encode(b"NTLMSSP\0" + bytes(20)).decode(), "NTLM"),
    ("30030201050a", "begins with 0x30"),
    ("6a8430000000", "AS-REQ at byte 0"),
    ("", "empty"),
])
def test_what_cannot_be_shown_is_named(given, words):
    result = (decode(given) if given else decode("-", input="")).failed()
    assert result.status == 1 and result.out == ""
    assert words in result.err


def test_every_cut_of_a_cache_and_a_keytab_is_shown_or_named(tmp_path):
    for name in ("mit-ccache-v4", "mit-keytab-v502_one_entry"):
        whole = (VECTORS / "cred" / name).read_bytes()
        for length in range(0, len(whole), 7):
            path = Path(tmp_path / "cut")
            path.write_bytes(whole[:length])
            result = decode(path)
            assert result.status in (0, 1), str(result)
            assert result.status == 0 or result.err.startswith("obol: ")
