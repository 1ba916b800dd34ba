# test_pkinit_newer.py: PKINIT with MIT krb5 of Debian's testing suite, which has curves (RFC 5349) and
# paChecksum2 (MS-PKCA 2.2.3), as the 1.20 of Debian 12 does not.
import shutil

import pytest

from support.card import PIN, Cards, place
from support.newer import NewerMitClient, NewerMitRealm, tree, version
from support.obol import ObolClient, binary
from support.pkinit import PkinitMitRealm, PkinitRealm, by_certificate, kinit, login, saying
from support.process import run
from support.realm import PASSWORD

NAME = "PKINIT.TEST"
GROUPS = ("2048", "4096", "P-256", "P-384", "P-521")
# Contents of object identifiers, RFC 8636 6; MIT has no SHA-384.
KDFS = {"SHA-1": b"\x2b\x06\x01\x05\x02\x03\x06\x01", "SHA-256": b"\x2b\x06\x01\x05\x02\x03\x06\x02",
        "SHA-512": b"\x2b\x06\x01\x05\x02\x03\x06\x03"}
MISSING = [(("SHA-256",), "SHA-512"), (("SHA-256", "SHA-512"), "SHA-1")]
STRICT = "pkinit_dh_min_bits = P-384"


class NewerPkinitRealm(PkinitMitRealm, NewerMitRealm):
    def __init__(self, directory, name, pki, setting="", missing=()):
        self.missing = missing
        super().__init__(directory, name, pki, setting)

    def env(self):
        env = super().env()
        if self.missing:
            plugins = self.dir / "plugins.conf"
            if not plugins.exists():
                plugins.write_text(f"[libdefaults]\n    plugin_base_dir = {without(self.dir, *self.missing)}\n")
            env["KRB5_CONFIG"] = f"{plugins}:{env['KRB5_CONFIG']}"
        return env


class StrictRealm(PkinitRealm):
    setting = STRICT


@pytest.fixture(scope="module")
def ours(started):
    return started(PkinitRealm, NAME)


def client_of(make, realm, directory, **conf):
    return make(realm, directory, **{"pkinit_anchors": f"FILE:{realm.pki}/ca.pem", **conf})


def without(directory, *kdfs):
    """The plugins of MIT's programs, which know these key derivations by no name that others use: so the
    other end has to take one of the others."""
    target = directory / "plugins"
    shutil.copytree(next(tree().glob("usr/lib/*/krb5/plugins")), target)
    library = target / "preauth" / "pkinit.so"
    data = library.read_bytes()
    for oid in (KDFS[name] for name in kdfs):
        assert data.count(oid) == 1
        data = data.replace(oid, oid[:-1] + bytes([oid[-1] + 100]))
    library.write_bytes(data)
    return target


# ---- MIT's kinit, our KDC

@pytest.mark.parametrize("group", GROUPS)
def test_kinit_logs_in_by_certificate(ours, tmp_path, group, transport, judged):
    client = client_of(NewerMitClient, ours, tmp_path, pkinit_dh_min_bits=group, transport=transport)
    shown = saying("freshness token from KDC", by_certificate(client, "keyless").ok())
    saying(f"used KDF {KDFS['SHA-256'].hex().upper()}", shown)
    saying(r"computed checksums: [0-9A-F]{40} [0-9A-F]{64}", shown)  # paChecksum, paChecksum2
    client.ticket("HTTP/certificate").ok()
    judged(version(), "client of our KDC", f"PKINIT, {group}", "freshness, KDF SHA-256, paChecksum2, indicator",
           "logged in, ticket")


@pytest.mark.parametrize("missing,left", MISSING)
def test_kinit_with_other_key_derivations(ours, tmp_path, missing, left, judged):
    plugins = without(tmp_path, *missing)
    for transport in ("udp", "tcp"):
        client = client_of(NewerMitClient, ours, tmp_path, plugin_base_dir=plugins, transport=transport)
        saying(f"used KDF {KDFS[left].hex().upper()}", by_certificate(client, "keyless").ok())
        client.ticket("HTTP/localhost").ok()
    judged(version() + f" without {', '.join(missing)}", "client of our KDC", "PKINIT", f"KDF {left}",
           "logged in, ticket")


def test_kinit_without_a_key_derivation_that_is_known_is_refused(ours, tmp_path):
    client = client_of(NewerMitClient, ours, tmp_path, plugin_base_dir=without(tmp_path, *KDFS))
    saying("Received error from KDC: -1765328284", by_certificate(client, "keyless").failed())


def test_kinit_tries_again_with_the_kdcs_group(started, tmp_path, transport, judged):
    strict = started(StrictRealm, NAME)
    client = client_of(NewerMitClient, strict, tmp_path, transport=transport)
    shown = by_certificate(client, "keyless").ok()
    saying(r"(?s)using 2048-bit DH.*-1765328319.*accepting KDC key exchange group preference P-384", shown)
    client.ticket("HTTP/localhost").ok()
    judged(version(), "client of our KDC", "PKINIT, 2048", "KDC's least group P-384", "tries again, logged in")


def test_kinit_is_refused(ours, tmp_path, transport):
    client = client_of(NewerMitClient, ours, tmp_path, pkinit_dh_min_bits="P-256", transport=transport)
    saying("Client name mismatch", by_certificate(client, "keyless", "alice").failed())
    saying("evoked", by_certificate(client, "revoked").failed())
    by_certificate(client, "mapped", "alice").ok()


def test_anonymous_kinit_and_its_armor(ours, tmp_path, transport, judged):
    client = client_of(NewerMitClient, ours, tmp_path, pkinit_dh_min_bits="P-256", transport=transport)
    cache = f"FILE:{client.dir}/anonymous"
    kinit(client, "-n", "-c", cache).ok()
    assert "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS" in client.run(["klist", "-c", cache]).ok().out
    client.run(["kvno", "-c", cache, "HTTP/localhost"]).ok()
    client.run(["kvno", "-c", cache, "HTTP/certificate"]).failed()
    kinit(client, "-T", cache, "alice", password=PASSWORD + "\n").ok()
    kinit(client, "-T", cache, "alice", password="wrong\n").failed()
    by_certificate(client, "alice", None, "-T", cache).ok()
    judged(version(), "client of our KDC", "anonymous PKINIT, P-256", "armor for passwords and certificates",
           "logged in, ticket")


# ---- our client, MIT's KDC

@pytest.mark.parametrize("group", GROUPS)
def test_login_by_certificate(started, ours, tmp_path, group, transport, judged):
    client = client_of(ObolClient, started(NewerPkinitRealm, NAME, ours.pki), tmp_path, pkinit_dh_min_bits=group,
                       transport=transport)
    login(client, "--certificate", client.realm.identity("alice"), "alice").ok()
    client.ticket("HTTP/localhost").ok()
    judged(version(), "KDC of our client", f"PKINIT, {group}", "freshness required", "logged in, ticket")


def test_login_is_refused(started, ours, tmp_path, transport):
    client = client_of(ObolClient, started(NewerPkinitRealm, NAME, ours.pki), tmp_path, pkinit_dh_min_bits="P-256",
                       transport=transport)
    saying("is not the client's", login(client, "--certificate", ours.identity("mapped"), "alice").failed())


def test_login_says_what_the_kdc_says_of_certificates(started, ours, tmp_path, transport, judged):
    realm = started(NewerPkinitRealm, NAME, ours.pki, f"pkinit_revoke = FILE:{ours.pki}/crl.pem")
    if transport == "udp":
        realm.add_user("revoked")
    client = client_of(ObolClient, realm, tmp_path, transport=transport)
    saying(r"the KDC does not take CN=revoked, number 0x[0-9A-F]+ of CN=CA of PKINIT.TEST; certificate CN=revoked, of CN=CA",
           login(client, "--certificate", ours.identity("revoked"), "revoked").failed())
    run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stray", "-addext",
         "extendedKeyUsage=1.3.6.1.5.2.3.4", "-keyout", tmp_path / "key", "-out", tmp_path / "cert"]).ok()
    stray = f"FILE:{tmp_path}/cert,{tmp_path}/key"
    saying("does not take CN=stray|the KDC trusts CN=CA of PKINIT.TEST",
           login(client, "--certificate", stray, "alice").failed())
    judged(version(), "KDC of our client", "PKINIT", "certificate revoked; of no CA", "refused, both explained")


def test_kinit_reads_what_our_kdc_says_of_certificates(ours, tmp_path, transport):
    for words in (["ca"], ["user", "alice"]):
        ours.admin("pki", *words, "--dir", str(tmp_path / "other"))
    client = client_of(NewerMitClient, ours, tmp_path, pkinit_anchors=f"FILE:{tmp_path}/other/ca.pem", transport=transport)
    foreign = f"X509_user_identity=FILE:{tmp_path}/other/alice.pem,{tmp_path}/other/alice.key"
    saying(r"tryagain input types \(16\): 104", kinit(client, "-X", foreign, "alice").failed())  # TD-TRUSTED-CERTIFIERS
    client = client_of(NewerMitClient, ours, tmp_path, transport=transport)
    saying(r"tryagain input types \(16\): 105", by_certificate(client, "revoked").failed())  # TD-INVALID-CERTIFICATES


def test_login_tries_again_with_the_kdcs_group(started, ours, tmp_path, transport, judged):
    strict = started(NewerPkinitRealm, NAME, ours.pki, STRICT)
    client = client_of(ObolClient, strict, tmp_path, transport=transport)
    login(client, "--certificate", strict.identity("alice"), "alice").ok()
    judged(version(), "KDC of our client", "PKINIT, 2048", "KDC's least group P-384", "tries again, logged in")


# A KDC that shares none with us answers as RFC 4556 3.2.3.1 says.
@pytest.mark.parametrize("missing,left", [*MISSING, (tuple(KDFS), "of RFC 4556")])
def test_login_with_other_key_derivations(started, ours, tmp_path, missing, left, transport, judged):
    client = client_of(ObolClient, started(NewerPkinitRealm, NAME, ours.pki, "", missing), tmp_path,
                       transport=transport)
    login(client, "--certificate", ours.identity("alice"), "alice").ok()
    client.ticket("HTTP/localhost").ok()
    judged(version() + f" without {', '.join(missing)}", "KDC of our client", "PKINIT", f"KDF {left}",
           "logged in, ticket")


RULES = {  # of a certificate that names alice, and of one that names nobody: does each log alice in?
    "<SUBJECT>^CN=alice$": (True, False), "<SUBJECT>CN=plain": (False, True), "<ISSUER>PKINIT": (True, True),
    "||<SUBJECT>nobody<SAN>alice@PKINIT.TEST": (True, False), "<SUBJECT>alice<SAN>nobody": (False, False),
    "<EKU>pkinit<KU>digitalSignature": (True, True), "<EKU>msScLogin": (False, False)}


def test_a_rule_of_a_principal_means_the_same_to_both_kdcs(started, ours, tmp_path, transport, judged):
    theirs = started(NewerPkinitRealm, NAME, ours.pki)
    if not (ours.pki / "plain.pem").exists():
        ours.plain()
    ends = [(client_of(ObolClient, theirs, tmp_path, transport=transport), theirs),
            (client_of(NewerMitClient, ours, tmp_path, transport=transport), ours)]
    for rule, wanted in RULES.items():
        theirs.admin("setstr", "alice", "pkinit_cert_match", rule)
        ours.admin("principal", "set", "alice", "--attribute", f"pkinit_cert_match={rule}")
        for client, realm in ends:
            use = (lambda who: login(client, "--certificate", realm.identity(who), "alice")) if realm is theirs else \
                  (lambda who: by_certificate(client, "alice", who))
            assert tuple(use(who).status == 0 for who in ("alice", "plain")) == wanted, f"{realm.kind}: {rule}"
        saying("Client name mismatch", by_certificate(ends[1][0], "alice", "mapped").failed())
    theirs.admin("delstr", "alice", "pkinit_cert_match")
    ours.admin("principal", "set", "alice", "--attribute", "pkinit_cert_match=")
    judged(version(), "KDC beside ours", "PKINIT", "pkinit_cert_match of a principal", "the same logins")


def test_anonymous_login_and_its_armor(started, ours, tmp_path, transport, judged):
    client = client_of(ObolClient, started(NewerPkinitRealm, NAME, ours.pki), tmp_path, pkinit_dh_min_bits="P-256",
                       transport=transport)
    cache = f"FILE:{client.dir}/anonymous"
    client.run([binary(), "login", "-n", "--cache", cache]).ok()
    login(client, "--armor-cache", cache, "alice", password=PASSWORD).ok()
    login(client, "--armor-cache", cache, "alice", password="wrong").failed()
    client.run([binary(), "ticket", "--cache", cache, "HTTP/localhost"]).ok()
    judged(version(), "KDC of our client", "anonymous PKINIT, P-256", "armor for a password, ticket",
           "logged in, ticket")


# ---- a card (1.20 signs with no EC key there)

def test_kinit_signs_with_an_ec_key_on_a_card(ours, tmp_path, transport, judged):
    reader = Cards(tmp_path / "reader")
    reader.write(reader.insert("her card"), "01", ours.pki / "alice.pem", ours.pki / "alice.key")
    client = client_of(NewerMitClient, ours, tmp_path, transport=transport)
    words = ["-X", f"X509_user_identity={place('token=her card')}", "alice"]
    kinit(client, *words, password="111111\n", env=reader.env).failed()
    kinit(client, *words, password=PIN + "\n", env=reader.env).ok()
    client.ticket("HTTP/certificate").ok()
    judged(version(), "client of our KDC", "PKINIT, key on a card (PKCS#11)", "P-256", "logged in, ticket")
