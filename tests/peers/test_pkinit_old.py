# test_pkinit_old.py: an old client by certificate: minikerberos, which signs over SHA-1 alone, derives keys as RFC
# 4556 says and nothing newer, and takes any group that it is given; group 18 has no other client to judge it.
import pytest

from support import pypi
from support.pkinit import PkinitRealm
from support.process import ROOT, base_env, run

PACKAGES = ("minikerberos==0.4.9", "asn1crypto==1.5.1", "unicrypto==0.0.12", "asysocks==0.2.18", "h11==0.16.0",
            "six==1.17.0", "tqdm==4.67.1")


class OldRealm(PkinitRealm):
    # It leaves the checksum of the body out, too.
    setting = "pkinit_allow_sha1 = true\n        require_body_checksum = false"

    def certificates(self):
        for words in (["ca"], ["user", "alice", "--rsa"], ["user", "revoked", "--rsa"],
                      ["revoke", str(self.pki / "revoked.pem")]):
            self.admin("pki", *words)
        # It reads the KDC's certificate with asn1crypto, which cannot read a name of Kerberos in one.
        self.plain()
        for suffix in ("pem", "key"):
            (self.pki / f"plain.{suffix}").rename(self.pki / f"kdc.{suffix}")

    def populate(self):
        self.add_user("alice")
        self.add_user("revoked")
        self.admin("spn", "add", "HTTP/localhost")


class TodaysRealm(OldRealm):
    setting = ""


@pytest.fixture(scope="module")
def old(started):
    return started(OldRealm, "OLD.TEST")


@pytest.fixture(scope="module")
def todays(started):
    return started(TodaysRealm, "TODAYS.TEST")


def login(realm, directory, user, bits):
    box = directory / f"{user}.p12"
    run(["openssl", "pkcs12", "-export", "-in", realm.pki / f"{user}.pem", "-inkey", realm.pki / f"{user}.key",
         "-out", box, "-passout", "pass:"]).ok()
    return run([pypi.PYTHON, ROOT / "tests" / "support" / "minikerberos_login.py", f"127.0.0.1:{realm.port}", realm.name,
                user, bits, box], {**base_env(), "PYTHONPATH": pypi.wheels(*PACKAGES), "PYTHONDONTWRITEBYTECODE": "1"})


@pytest.mark.parametrize("bits", ["2048", "4096", "8192"])
def test_minikerberos_logs_in_where_sha1_is_allowed(old, tmp_path, bits, judged):
    assert "ticket for HTTP/localhost" in login(old, tmp_path, "alice", bits).ok().out
    judged("minikerberos 0.4.9", "client of our KDC", f"PKINIT, MODP {bits}", "signed over SHA-1, KDF of RFC 4556",
           "logged in, ticket")


def test_minikerberos_is_refused_where_sha1_is_not_and_with_a_revoked_certificate(old, todays, tmp_path):
    assert "DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED" in login(todays, tmp_path, "alice", "2048").failed().text
    assert "REVOKED" in login(old, tmp_path, "revoked", "2048").failed().text


def der(tag, *parts):
    content = b"".join(parts)
    length = bytes([len(content)]) if len(content) < 128 else bytes([0x81, len(content)])
    return bytes([tag]) + length + content


def name(realm, *components):
    """KRB5PrincipalName of RFC 4556, in the OCTET STRING of OtherInfo."""
    strings = der(0x30, *(der(0x1b, c) for c in components))
    return der(0x30, der(0xa0, der(0x1b, realm)),
               der(0xa1, der(0x30, der(0xa0, der(0x02, b"\1")), der(0xa1, strings))))


DIGESTS = {1: "SHA1", 2: "SHA256", 3: "SHA512", 4: "SHA384"}


def test_openssl_derives_the_keys_of_our_vectors(judged):
    """RFC 8636 6 is the single-step derivation of NIST SP 800-56A, which OpenSSL has (SSKDF)."""
    text = (ROOT / "tests" / "vectors" / "crypto" / "pkinit.txt").read_text()
    records = [dict(line.split(" = ") for line in record.splitlines() if " = " in line) for record in text.split("\n\n")]
    records = [record for record in records if "kdf" in record]
    assert {record["kdf"][-2:] for record in records} == {"01", "02", "03", "04"}
    for record in records:
        oid = bytes.fromhex(record["kdf"])
        public = der(0x30, der(0xa0, der(0x02, bytes([int(record["enctype"])]))), der(0xa1, der(0x04, b"\xaa" * 10)),
                     der(0xa2, der(0x04, b"\xbb" * 9)))
        info = der(0x30, der(0x30, der(0x06, oid)), der(0xa0, der(0x04, name(b"SU.SE", b"lha"))),
                   der(0xa1, der(0x04, name(b"SU.SE", b"krbtgt", b"SU.SE"))), der(0xa2, der(0x04, public)))
        shown = run(["openssl", "kdf", "-keylen", len(record["derived"]) // 2, "-kdfopt", f"digest:{DIGESTS[oid[-1]]}",
                     "-kdfopt", "hexkey:" + "00" * 256, "-kdfopt", "hexinfo:" + info.hex(), "SSKDF"]).ok().out
        assert shown.strip().replace(":", "").lower() == record["derived"], DIGESTS[oid[-1]]
    judged("openssl 3.0", "on our vectors", "KDF of RFC 8636", ", ".join(DIGESTS.values()), "the same keys")
