# test_pkinit_heimdal.py: PKINIT with Heimdal 7.8, as Debian builds it: RSA, Diffie-Hellman, no curves.
import pytest

from support.heimdal import HeimdalClient, HeimdalRealm, program
from support.obol import ObolClient, binary
from support.pkinit import PkinitRealm, login, saying
from support.realm import PASSWORD

# Heimdal's own group 14, of 2048 bits, is written down as one of 1760, and must have more than the least length: with a greater one it finds
# none, and with none given it takes the first of its list, group 2 of 1024 bits.
GROUP_14 = "1759"


class RsaRealm(PkinitRealm):
    def certificates(self):
        for words in ("ca", "kdc", "user alice", "user keyless"):
            self.admin("pki", *words.split(), "--rsa")
        self.admin("pki", "revoke")


class HeimdalPkinitRealm(HeimdalRealm):
    def __init__(self, directory, name, pki):
        self.pki = pki
        super().__init__(directory, name)

    def create(self):
        super().create()
        conf = self.dir / "kdc.conf"
        conf.write_text(conf.read_text().replace("allow-anonymous = false", f"""allow-anonymous = true
    enable-pkinit = yes
    pkinit_identity = FILE:{self.pki}/kdc.pem,{self.pki}/kdc.key
    pkinit_anchors = FILE:{self.pki}/ca.pem
    pkinit_principal_in_certificate = yes
    pkinit_dh_min_bits = {GROUP_14}"""))

    def populate(self):
        self.add_user("alice")
        self.add_service("HTTP/localhost")

    identity = PkinitRealm.identity


@pytest.fixture(scope="module")
def ours(started):
    return started(RsaRealm, "PKINIT.TEST")


@pytest.fixture(scope="module")
def theirs(ours, started):
    return started(HeimdalPkinitRealm, ours.name, ours.pki)


@pytest.fixture(params=["any", "tcp"])
def heimdal(ours, tmp_path, request):
    """It begins with UDP, and once more with TCP: the replies, with RSA in them, are too long for UDP."""
    return lambda **conf: HeimdalClient(ours, tmp_path, transport=request.param,
                                        **{"pkinit_anchors": f"FILE:{ours.pki}/ca.pem", **conf})


def by_certificate(client, user, certificate=None):
    return client.run([program("kinit.heimdal"), "-C", client.realm.identity(certificate or user), user])


def test_kinit_logs_in_by_certificate(heimdal, judged):
    client = heimdal(pkinit_dh_min_bits=GROUP_14)
    by_certificate(client, "keyless").ok()
    client.ticket("HTTP/certificate").ok()
    by_certificate(client, "mapped", "alice").ok()
    judged("kinit 7.8 (Heimdal)", "client of our KDC", "PKINIT, MODP 2048", "RSA, indicator", "logged in, ticket")


def test_kinit_is_refused(heimdal):
    client = heimdal(pkinit_dh_min_bits=GROUP_14)
    saying("Client name mismatch", by_certificate(client, "keyless", "alice").failed())


def test_kinit_that_asks_for_a_key_by_rsa_is_told_that_there_is_none(heimdal, judged):
    client = heimdal()
    words = [program("kinit.heimdal"), "--pk-use-enckey", "-C", client.realm.identity("keyless"), "keyless"]
    # KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED, for which it has no words.
    saying(r"krb5 error \(81\)", client.run(words).failed())
    judged("kinit 7.8 (Heimdal)", "client of our KDC", "PKINIT, key transport by RSA", "", "refused, and told so")


def test_kinit_does_not_try_again_with_a_group_that_the_kdc_names(heimdal):
    saying("DH parameters not accepted", by_certificate(heimdal(), "keyless").failed())


def test_anonymous_kinit(heimdal, judged):
    client = heimdal(pkinit_dh_min_bits=GROUP_14)
    client.run([program("kinit.heimdal"), "--anonymous", f"@{client.realm.name}"]).ok()
    saying("Principal: WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS", client.tickets().ok())
    client.ticket("HTTP/localhost").ok()
    client.ticket("HTTP/certificate").failed()
    judged("kinit 7.8 (Heimdal)", "client of our KDC", "anonymous PKINIT", "MODP 2048", "logged in, ticket")


# ---- our client, Heimdal's KDC

@pytest.fixture
def obol(theirs, tmp_path):
    return lambda transport: ObolClient(theirs, tmp_path, pkinit_anchors=f"FILE:{theirs.pki}/ca.pem", transport=transport)


def test_login_by_certificate(obol, transport, judged):
    client = obol(transport)
    login(client, "--certificate", client.realm.identity("alice"), "alice").ok()
    client.ticket("HTTP/localhost").ok()
    judged("kdc 7.8 (Heimdal)", "KDC of our client", "PKINIT, MODP 2048", "RSA, KDF of RFC 4556", "logged in, ticket")


def test_login_is_refused(obol, transport):
    client = obol(transport)
    saying("is not the client's", login(client, "--certificate", client.realm.identity("keyless"), "alice").failed())
    login(client, "--certificate", client.realm.identity("alice"), "alice", password=PASSWORD).ok()


def test_anonymous_login_and_its_armor(obol, transport, judged):
    client = obol(transport)
    cache = f"FILE:{client.dir}/anonymous"
    client.run([binary(), "login", "-n", "--cache", cache]).ok()
    login(client, "--armor-cache", cache, "alice", password=PASSWORD).ok()
    login(client, "--armor-cache", cache, "alice", password="wrong").failed()
    client.run([binary(), "ticket", "--cache", cache, "HTTP/localhost"]).ok()
    judged("kdc 7.8 (Heimdal)", "KDC of our client", "anonymous PKINIT", "armor for a password, ticket",
           "logged in, ticket")
