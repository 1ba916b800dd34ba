# pkinit.py: realms of both makes whose users log in by certificates of `obol pki`, and such logins.
import re

from .mit import MitRealm
from .obol import ObolRealm, binary
from .process import run


class PkinitRealm(ObolRealm):
    """A realm with a CA of its own; logins by certificate have an indicator."""
    setting = ""  # one more of kdc.conf

    def create(self):
        super().create()
        self.pki = self.dir / "home" / "pki"
        self.certificates()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace(f"    {self.name} = {{", f"""    {self.name} = {{
        pkinit_identity = FILE:{self.pki}/kdc.pem,{self.pki}/kdc.key
        pkinit_anchors = FILE:{self.pki}/ca.pem
        pkinit_revoke = FILE:{self.pki}/crl.pem
        pkinit_require_crl_checking = true
        pkinit_indicator = certificate
        {self.setting}""", 1))

    def certificates(self):
        self.admin("pki", "ca")
        self.admin("pki", "kdc", "--rsa")
        for user, more in (("alice", []), ("keyless", ["--rsa"]), ("mapped", []), ("revoked", [])):
            self.admin("pki", "user", user, *more)
        self.admin("pki", "revoke", str(self.pki / "revoked.pem"))

    def plain(self):
        """A certificate of the CA for clients of PKINIT that names nobody."""
        here = self.pki / "plain"
        (self.pki / "plain.conf").write_text("extendedKeyUsage = 1.3.6.1.5.2.3.4\nkeyUsage = digitalSignature\n")
        run(["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=plain", "-keyout", f"{here}.key",
             "-out", f"{here}.csr"]).ok()
        run(["openssl", "x509", "-req", "-in", f"{here}.csr", "-CA", self.pki / "ca.pem", "-CAkey",
             self.pki / "ca.key", "-extfile", f"{here}.conf", "-days", "2", "-out", f"{here}.pem"]).ok()

    def populate(self):
        self.add_user("alice")
        self.admin("principal", "add", "--no-keys", "keyless")
        self.admin("principal", "add", "--no-keys", "mapped")
        self.admin("principal", "add", "--no-keys", "revoked")
        self.admin("principal", "add", "--no-keys", "WELLKNOWN/ANONYMOUS")
        for service, wanted in (("HTTP/localhost", None), ("HTTP/certificate", "certificate")):
            self.admin("spn", "add", service)
            if wanted:
                self.admin("principal", "set", "--attribute", f"require_auth={wanted}", service)
        self.admin("principal", "set", "mapped", "--certificate", str(self.pki / "alice.pem"))

    def identity(self, user):
        return f"FILE:{self.pki}/{user}.pem,{self.pki}/{user}.key"


class PkinitMitRealm(MitRealm):
    """MIT's KDC with certificates that `obol pki` made for it."""

    def __init__(self, directory, name, pki, setting=""):
        self.pki, self.setting = pki, setting
        super().__init__(directory, name)

    def create(self):
        super().create()
        conf = self.dir / "kdc.conf"
        conf.write_text(conf.read_text().replace("        max_life", f"""        pkinit_identity = FILE:{self.pki}/kdc.pem,{self.pki}/kdc.key
        pkinit_anchors = FILE:{self.pki}/ca.pem
        pkinit_require_freshness = true
        {self.setting}
        max_life"""))

    def populate(self):
        self.add_user("alice")
        self.add_service("HTTP/localhost")
        self.admin("addprinc", "-randkey", "WELLKNOWN/ANONYMOUS")

    identity = PkinitRealm.identity


def kinit(client, *args, password="", env=None):
    return client.run(["kinit", *args], input=password, env={"KRB5_TRACE": "/dev/stderr", **(env or {})})


def by_certificate(client, user, certificate=None, *args):
    return kinit(client, "-X", f"X509_user_identity={client.realm.identity(certificate or user)}", *args, user)


def saying(pattern, result):
    assert re.search(pattern, result.text), f"'{pattern}' is missing:\n{result}"
    return result


def login(client, *words, password=""):
    given = ["--password-stdin"] if password else []
    return client.run([binary(), "login", *given, *words], input=password + "\n")
