# test_s4u_certificate.py: a service acts for a user whom it knows by his certificate (PA-S4U-X509-USER, MS-SFU
# 2.2.2), as MIT's `kvno -F` asks on MIT's library and on ours, and our kvno and `obol ticket` do: our KDC finds
# whose it is by the rules of logins by certificate. MIT's own KDC finds nobody so: its stores cannot.
import json
from pathlib import Path

import pytest

from support.compat import on_ours
from support.mit import MitClient
from support.obol import ObolClient, binary
from support.pkinit import PkinitRealm, saying
from support.process import run
from support.realm import moment

FRONT, BACK = "HTTP/front.obol.test", "HTTP/back.obol.test"
UPN = "mail@corp.example"


class CertificateRealm(PkinitRealm):
    """Beside alice and revoked: gone, who is nobody; late, whose account has expired; moved, who is mapped to another
    certificate; and the owner of a certificate whose UPN is his alias."""
    setting = "pkinit_allow_upn = true"

    def certificates(self):
        super().certificates()
        for user in ("gone", "late", "moved"):
            self.admin("pki", "user", user)
        self.plain()
        self.upn = self.signed("upn", f"otherName:1.3.6.1.4.1.311.20.2.3;UTF8:{UPN}")
        self.over = self.signed("over", "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:" + UPN, "-not_after", "20200101000000Z",
                                "-not_before", "20190101000000Z")

    def signed(self, name, alternative, *times):
        here = self.pki / name
        here.with_suffix(".conf").write_text("extendedKeyUsage = 1.3.6.1.5.2.3.4\nkeyUsage = digitalSignature\n"
                                             f"subjectAltName = {alternative}\n")
        run(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{here}.key", "-out",
             f"{here}.csr"]).ok()
        sign = ["openssl", "x509", "-req", "-in", f"{here}.csr", "-CA", self.pki / "ca.pem", "-CAkey", self.pki / "ca.key",
                "-extfile", f"{here}.conf", "-out", f"{here}.pem"]
        if times:  # which `openssl x509` cannot say
            (self.pki / "index.txt").write_text("")
            (self.pki / "old.conf").write_text("[ca]\ndefault_ca = old\n[old]\ndatabase = "
                                               f"{self.pki}/index.txt\nnew_certs_dir = {self.pki}\nrand_serial = yes\n"
                                               "default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n")
            run(["openssl", "ca", "-batch", "-config", self.pki / "old.conf", "-in", f"{here}.csr", "-cert",
                 self.pki / "ca.pem", "-keyfile", self.pki / "ca.key", "-extfile", f"{here}.conf", "-startdate", times[3],
                 "-enddate", times[1], "-notext", "-out", f"{here}.pem"]).ok()
        else:
            run([*sign, "-days", "2"]).ok()
        return here.with_suffix(".pem")

    def populate(self):
        super().populate()
        for user in ("late", "moved", "owner", "shy"):
            self.add_user(user)
        self.admin("principal", "set", "late", "--expires", moment(days=-1).strftime("%Y-%m-%d"))
        self.admin("principal", "set", "moved", "--certificate", str(self.pki / "alice.pem"))
        self.admin("principal", "set", "owner", "--alias", UPN)
        for spn in (FRONT, BACK):
            self.admin("spn", "add", spn)
            self.keytab(spn, self.dir / "front.keytab")
        self.admin("principal", "set", FRONT, "--trusted-to-authenticate", "--delegate-to", BACK)


@pytest.fixture(scope="module")
def realm(started):
    return started(CertificateRealm, "SHOWN.TEST")


@pytest.fixture
def askers(realm, tmp_path, transport):
    """{who: run(words...)} of MIT's kvno on either library, and of ours; each is FRONT."""
    mit, ours = (make(realm, tmp_path, transport=transport) for make in (MitClient, ObolClient))
    keys = str(realm.dir / "front.keytab")
    for client in (mit, ours):
        client.login_keytab(FRONT, keys).ok()
    face = str(Path(binary()).parent / "lib/obol/bin/kvno")
    return {"MIT's kvno": lambda *w: mit.run(["kvno", "-k", keys, *w]),
            "MIT's kvno on our library": lambda *w: mit.run(["kvno", "-k", keys, *w], env=on_ours(mit.env())),
            "our kvno": lambda *w: ours.run([face, "-k", keys, *w])}, mit, ours


def test_a_service_acts_for_the_owner_of_a_certificate(realm, askers, transport, judged):
    for who, ask in askers[0].items():
        client = askers[2] if who == "our kvno" else askers[1]
        for certificate, owner in ((realm.pki / "alice.pem", "alice"), (realm.upn, "owner")):
            said = ask("-F", certificate, FRONT).ok().out
            assert f"{FRONT}@{realm.name}: kvno = " in said and "keytab entry valid" in said, said
            assert f"for client {owner}@{realm.name}" in client.run(["klist"]).ok().out
            assert "kvno = " in ask("-F", certificate, "-P", BACK).ok().out
            judged(who, f"Obol's KDC, {transport}", "krb5", "S4U2Self by certificate, S4U2Proxy", owner)


REFUSED = {"of another CA": "other/alice", "of nobody": "gone", "without a name": "plain", "revoked": "revoked", "expired": "over",
           "of an expired account": "late", "of a principal with another": "moved"}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_certificate_that_would_log_nobody_in_is_refused(realm, askers, kind, transport):
    if kind == "of another CA" and not (realm.pki / "other").exists():
        for words in (["ca"], ["user", "alice"]):
            realm.admin("pki", *words, "--dir", str(realm.pki / "other"))
    for ask in askers[0].values():
        ask("-F", realm.pki / f"{REFUSED[kind]}.pem", FRONT).failed()


def test_our_client_says_why_and_takes_a_name_beside_it(realm, askers, transport):
    ours, pki = askers[2], realm.pki

    def ticket(*words):
        return ours.run([binary(), "ticket", "--json", *words])
    shown = json.loads(ticket("--for-certificate", pki / "alice.pem", BACK).ok().out)
    assert shown[0]["client"] == f"alice@{realm.name}", shown
    # moved takes alice's and no other; that is asked for by name.
    shown = json.loads(ticket("--for", "moved", "--for-certificate", pki / "alice.pem", FRONT).ok().out)
    assert shown[0]["client"] == f"moved@{realm.name}", shown
    saying("is not the client's|does not name", ticket("--for", "alice", "--for-certificate", pki / "gone.pem", FRONT).failed())
    saying("revoked", ticket("--for-certificate", pki / "revoked.pem", FRONT).failed())
    saying("no certificate in it", ticket("--for-certificate", pki / "alice.key", FRONT).failed())


PROGRAM = """
import sys, gssapi
from gssapi.raw import ext_s4u
path, target = sys.argv[1:]
X509 = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.7")
name = gssapi.Name(open(path, "rb").read(), X509)
service = gssapi.Credentials(usage="initiate")
user = service.impersonate(name)
print(user.name)
context = gssapi.SecurityContext(name=gssapi.Name(target, gssapi.NameType.kerberos_principal), creds=user, usage="initiate")
context.step()
"""


@pytest.mark.parametrize("library", ["mit", "obol"])
def test_python_gssapi_impersonates_the_owner_of_a_certificate(realm, askers, tmp_path, library, transport, judged):
    service = askers[1]

    def act(certificate):
        run(["openssl", "x509", "-in", certificate, "-outform", "DER", "-out", tmp_path / "der"]).ok()
        return service.run(["/usr/bin/python3", "-c", PROGRAM, tmp_path / "der", f"{BACK}@{realm.name}"],
                           env=on_ours(service.env()) if library == "obol" else {})
    assert act(realm.pki / "alice.pem").ok().out.strip() == f"alice@{realm.name}"
    assert act(realm.upn).ok().out.strip() == f"owner@{realm.name}"
    act(realm.pki / "gone.pem").failed()
    act(realm.pki / "revoked.pem").failed()
    judged(f"python-gssapi on {library}'s library", f"Obol's KDC, {transport}", "GSS_KRB5_NT_X509_CERT", "impersonate, S4U2Proxy",
           "alice; by UPN")
