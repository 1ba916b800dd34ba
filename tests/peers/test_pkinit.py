# test_pkinit.py: logins by certificate (PKINIT, RFC 4556) and anonymous ones (RFC 8062) with unchanged
# clients and KDCs. The certificates are those of `obol pki`.
import pytest

from support.compat import compile_on_mit, on_ours
from support.mit import MitClient
from support.obol import ObolClient, binary, obol_env
from support.pkinit import PkinitMitRealm, PkinitRealm, by_certificate, kinit, login, saying
from support.process import ROOT, run
from support.realm import PASSWORD


@pytest.fixture(scope="module")
def ours(started):
    return started(PkinitRealm, "PKINIT.TEST")


@pytest.fixture(scope="module")
def theirs(ours, started):
    return started(PkinitMitRealm, ours.name, ours.pki)


@pytest.fixture
def mit(ours, tmp_path):
    return lambda **conf: MitClient(ours, tmp_path, **{"pkinit_anchors": f"FILE:{ours.pki}/ca.pem", **conf})


# ---- obol pki

def test_keys_are_their_owners_alone_and_are_not_written_over(ours):
    for name in ("ca", "kdc", "alice"):
        assert (ours.pki / f"{name}.key").stat().st_mode & 0o777 == 0o600
        assert (ours.pki / f"{name}.pem").stat().st_mode & 0o777 == 0o644
    before = (ours.pki / "ca.key").read_text()
    run([binary(), "pki", "ca", "--home", ours.dir / "home"], obol_env()).failed()
    assert (ours.pki / "ca.key").read_text() == before


# ---- MIT's kinit, our KDC

@pytest.mark.parametrize("bits", ["2048", "4096"])
def test_kinit_logs_in_by_certificate(mit, bits, transport, judged):
    client = mit(pkinit_dh_min_bits=bits, transport=transport)
    shown = saying("freshness token from KDC", by_certificate(client, "alice").ok())
    saying("used KDF 2B06010502030602", shown)  # SHA-256, RFC 8636
    client.ticket("HTTP/localhost").ok()
    client.ticket("HTTP/certificate").ok()
    judged("kinit 1.20.1 (MIT)", "client of our KDC", f"PKINIT, MODP {bits}",
           "freshness, KDF SHA-256, indicator", "logged in, ticket")


def test_kinit_logs_a_user_without_keys_in(mit, transport, judged):
    client = mit(transport=transport)
    by_certificate(client, "keyless").ok()
    client.ticket("HTTP/localhost").ok()
    kinit(client, "keyless", password=PASSWORD + "\n").failed()
    judged("kinit 1.20.1 (MIT)", "client of our KDC", "PKINIT, RSA", "principal without keys", "logged in, ticket")


def test_kinit_that_asks_for_a_key_by_rsa_is_told_that_there_is_none(mit, transport, judged):
    client = mit(transport=transport)
    refused = by_certificate(client, "keyless", None, "-X", "flag_RSA_PROTOCOL=yes").failed()
    saying("making RSA request", refused)
    saying("kinit: Public key encryption not supported", refused)
    by_certificate(client, "keyless").ok()
    judged("kinit 1.20.1 (MIT)", f"client of our KDC, {transport}", "PKINIT, key transport by RSA", "", "refused, and told so")


def test_the_indicator_is_earned_by_the_certificate_only(mit, transport):
    client = mit(transport=transport)
    kinit(client, "alice", password=PASSWORD + "\n").ok()
    client.ticket("HTTP/localhost").ok()
    client.ticket("HTTP/certificate").failed()


def test_kinit_is_refused_with_somebody_elses_certificate(mit, transport):
    client = mit(transport=transport)
    saying("Client name mismatch", by_certificate(client, "keyless", "alice").failed())
    saying("Client name mismatch", by_certificate(client, "mapped").failed())
    by_certificate(client, "mapped", "alice").ok()


def test_kinit_is_refused_with_a_certificate_of_another_ca(mit, ours, transport, tmp_path):
    other = tmp_path / "other"
    for words in (["ca"], ["user", "alice"]):
        ours.admin("pki", *words, "--dir", str(other))
    # kinit itself does not use a certificate whose CA it does not know.
    (other / "both.pem").write_text((other / "ca.pem").read_text() + (ours.pki / "ca.pem").read_text())
    client = mit(pkinit_anchors=f"FILE:{other}/both.pem", transport=transport)
    identity = f"X509_user_identity=FILE:{other}/alice.pem,{other}/alice.key"
    saying("Received error from KDC: -1765328314", kinit(client, "-X", identity, "alice").failed())


def test_kinit_is_refused_with_a_revoked_certificate(mit, transport):
    saying("evoked", by_certificate(mit(transport=transport), "revoked").failed())


def test_anonymous_kinit_and_its_armor(mit, transport, judged):
    client = mit(transport=transport)
    cache = f"FILE:{client.dir}/anonymous"
    kinit(client, "-n", "-c", cache).ok()
    assert "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS" in client.run(["klist", "-c", cache]).ok().out
    client.run(["kvno", "-c", cache, "HTTP/localhost"]).ok()
    shown = kinit(client, "-T", cache, "alice", password=PASSWORD + "\n").ok()
    saying(r"encrypted_challenge \(138\) \(real\) returned: 0/Success", shown)
    kinit(client, "-T", cache, "alice", password="wrong\n").failed()
    by_certificate(client, "alice", None, "-T", cache).ok()
    judged("kinit 1.20.1 (MIT)", "client of our KDC", "anonymous PKINIT",
           "armor for passwords and certificates", "logged in, ticket")


# ---- our client, MIT's KDC

@pytest.fixture
def obol(theirs, tmp_path):
    return lambda **conf: ObolClient(theirs, tmp_path, **{"pkinit_anchors": f"FILE:{theirs.pki}/ca.pem", **conf})


@pytest.mark.parametrize("bits", ["2048", "4096"])
def test_login_by_certificate(obol, bits, transport, judged):
    client = obol(pkinit_dh_min_bits=bits, transport=transport)
    certificate = client.realm.identity("alice")
    login(client, "--certificate", certificate, "alice").ok()
    client.ticket("HTTP/localhost").ok()
    saying("is not the client's", login(client, "--certificate", client.realm.identity("mapped"), "alice").failed())
    judged("krb5kdc 1.20.1 (MIT)", f"KDC of our client, {transport}", f"PKINIT, MODP {bits}", "freshness required",
           "logged in, ticket")


def test_where_a_certificate_may_stand(obol, tmp_path):
    client = obol()
    pki = client.realm.pki
    certificate, key = pki / "alice.pem", pki / "alice.key"
    box, sealed, pairs = tmp_path / "alice.p12", tmp_path / "sealed.key", tmp_path / "pairs"
    run(["openssl", "pkcs12", "-export", "-in", certificate, "-inkey", key, "-out", box, "-passout", "pass:secret"]).ok()
    run(["openssl", "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", sealed]).ok()
    pairs.mkdir()
    (pairs / "a.crt").write_text(certificate.read_text())  # has no key
    (pairs / "b.crt").write_text(certificate.read_text())
    (pairs / "b.key").write_text(key.read_text())
    both = tmp_path / "both.pem"
    both.write_text(certificate.read_text() + key.read_text())
    for place, password in ((f"PKCS12:{box}", "secret"), (f"FILE:{certificate},{sealed}", "secret"),
                            (f"DIR:{pairs}", ""), (f"{certificate},{key}", ""), (str(both), "")):
        login(client, "--certificate", place, "alice", password=password).ok()
    client.run([binary(), "login", "--certificate", "ENV:CERTIFICATE", "alice"], env={"CERTIFICATE": f"FILE:{both}"}).ok()
    for place, password, said in ((f"PKCS12:{box}", "wrong", "no PKCS#12 that the password opens"),
                                  (f"FILE:{certificate},{sealed}", "wrong", "the private key cannot be read"),
                                  (f"FILE:{certificate},{pki}/ca.key", "", "not the certificate's"),
                                  (f"FILE:{tmp_path}/missing", "", "does not exist"),
                                  (f"DIR:{pki}", "", "no x.crt"), ("ENV:NOTHING", "", "the environment has no"),
                                  ("PKCS11:module", "", "PKCS#11 module module cannot be loaded")):
        saying(said, login(client, "--certificate", place, "alice", password=password).failed())


def test_which_certificate_is_chosen_of_several(obol, tmp_path):
    pki = obol().realm.pki
    for name, file in (("mapped", "a"), ("alice", "b"), ("keyless", "c")):  # alice's is not the first
        (tmp_path / f"{file}.crt").write_text((pki / f"{name}.pem").read_text())
        (tmp_path / f"{file}.key").write_text((pki / f"{name}.key").read_text())
    (tmp_path / "d.crt").write_text("nothing")
    (tmp_path / "d.key").write_text("nothing")
    place = f"DIR:{tmp_path}"
    login(obol(), "--certificate", place, "alice").ok()
    login(obol(pkinit_identities=f"DIR:{tmp_path}"), "alice").ok()
    login(obol(pkinit_cert_match="<SUBJECT>CN=alice"), "--certificate", place, "alice").ok()
    saying("is not the client's", login(obol(pkinit_cert_match="<SAN>^mapped@"), "--certificate", place, "alice").failed())
    for rule, said in (("<SUBJECT>CN=", "fits 3"), ("<SUBJECT>nobody", "fits 0"),
                       ("alice", "begins with none of <SUBJECT>")):
        saying(said, login(obol(pkinit_cert_match=rule), "--certificate", place, "alice").failed())


def test_a_kdc_whose_ca_is_not_trusted_is_refused(obol, ours, theirs, transport, tmp_path):
    other = tmp_path / "untrusted"
    ours.admin("pki", "ca", "--dir", str(other))
    client = obol(pkinit_anchors=f"FILE:{other}/ca.pem", transport=transport)
    saying("the KDC's certificate is not trusted",
           login(client, "--certificate", theirs.identity("alice"), "alice").failed())


def test_anonymous_login_and_its_armor(obol, transport, judged):
    client = obol(transport=transport)
    login(client, "-n").ok()
    cache = f"FILE:{client.dir}/anonymous"
    client.run([binary(), "login", "-n", "--cache", cache]).ok()
    login(client, "--armor-cache", cache, "alice", password=PASSWORD).ok()
    login(client, "--armor-cache", cache, "alice", password="wrong").failed()
    client.run([binary(), "ticket", "--cache", cache, "HTTP/localhost"]).ok()
    judged("krb5kdc 1.20.1 (MIT)", f"KDC of our client, {transport}", "anonymous PKINIT", "armor for a password, ticket",
           "logged in, ticket")


# ---- keys with a passphrase, in programs

@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = compile_on_mit(ROOT / "tests" / "peers" / "compat_gic.c", tmp_path_factory.mktemp("gic") / "gic",
                          ["libkrb5.so.3"])
    return lambda client, side, *words: run([path, *words], on_ours(client.env()) if side == "obol" else client.env()).ok()


@pytest.mark.parametrize("kind", ["FILE", "PKCS12"])
def test_a_program_opens_a_key_with_its_passphrase(mit, ours, program, kind, judged):
    client, key = mit(), ours.pki / "sealed.key"
    if kind == "FILE":
        run(["openssl", "pkcs8", "-topk8", "-in", ours.pki / "alice.key", "-passout", "pass:sesame", "-out", key]).ok()
        identity = f"FILE:{ours.pki}/alice.pem,{key}"
    else:
        key = ours.pki / "sealed.p12"
        run(["openssl", "pkcs12", "-export", "-in", ours.pki / "alice.pem", "-inkey", ours.pki / "alice.key",
             "-passout", "pass:sesame", "-out", key]).ok()
        identity = f"PKCS12:{key}"
    for words in (["passphrase=sesame"], ["prompt=sesame"], ["passphrase=wrong"], ["prompt=wrong"], ["passphrase=wrong", "prompt="]):
        said = [[line for line in program(client, side, "alice", f"identity={identity}", *words).out.splitlines()
                 if line != "asked: password" and not line.startswith("prompt: Password")] for side in ("mit", "obol")]
        right = "sesame" in words[-1]
        assert f"identity {identity}: flags 0" in said[1] and ("logged in" in said[1][-1]) == right, (words, said)
        assert said[0] == said[1] if right else said[1][-1].startswith("code "), (words, said)
    judged("krb5_responder_pkinit_*", "the same program", "PKINIT", f"{kind}: with a passphrase, responder and prompter",
           "the same on both; a wrong one refused")
