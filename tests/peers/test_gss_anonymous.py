# test_gss_anonymous.py: anonymous clients (RFC 8062): MIT's KDC knows nobody by PKINIT (kinit -n), and
# nobody's tickets are used by our library and MIT's, at either end.
from shutil import copyfile

import pytest

from support import gss
from support.mit import MitClient, MitRealm
from support.process import run

ANON = 0x40
NOBODY = "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS"
PAIRS = [("obol", "obol"), ("obol", "mit"), ("mit", "obol")]


class AnonymousRealm(MitRealm):
    """A realm of MIT's whose KDC has a certificate, and lets everybody in without a name."""

    def create(self):
        (self.dir / "openssl.conf").write_text(f"""
[req]
    distinguished_name = dn
    x509_extensions = kdc
    prompt = no
[dn]
    CN = kdc of {self.name}
[kdc]
    basicConstraints = critical,CA:true
    keyUsage = digitalSignature,keyEncipherment,keyAgreement,keyCertSign
    extendedKeyUsage = 1.3.6.1.5.2.3.5
    subjectAltName = otherName:1.3.6.1.5.2.2;SEQUENCE:name
[name]
    realm = EXP:0,GeneralString:{self.name}
    principal = EXP:1,SEQUENCE:principal
[principal]
    type = EXP:0,INTEGER:2
    parts = EXP:1,SEQUENCE:parts
[parts]
    first = GeneralString:krbtgt
    second = GeneralString:{self.name}
""")
        run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config",
             self.dir / "openssl.conf", "-keyout", self.dir / "kdc.key", "-out", self.dir / "kdc.pem"]).ok()
        super().create()
        conf = self.dir / "kdc.conf"
        conf.write_text(conf.read_text().replace(
            "[logging]", f"[kdcdefaults]\n    pkinit_identity = FILE:{self.dir}/kdc.pem,{self.dir}/kdc.key\n"
                         f"    pkinit_anchors = FILE:{self.dir}/kdc.pem\n"
                         "[logging]"))

    def populate(self):
        self.add_service("WELLKNOWN/ANONYMOUS")
        self.add_service("HTTP/localhost")
        self.keytab("HTTP/localhost", self.dir / "http.keytab")


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    return gss.build_pairs(tmp_path_factory.mktemp("gss"))


@pytest.fixture(scope="module")
def nobody(started, tmp_path_factory):
    """The environment of a user who has logged in without a name."""
    realm = started(AnonymousRealm, "ANON.TEST")
    user = MitClient(realm, tmp_path_factory.mktemp("user"), pkinit_anchors=f"FILE:{realm.dir}/kdc.pem")
    user.run(["kinit", "-n", f"@{realm.name}"]).ok()
    return {**user.env(), "KRB5_KTNAME": str(realm.dir / "http.keytab")}


@pytest.mark.parametrize("mech", ("krb5", "spnego"))
@pytest.mark.parametrize("makes", PAIRS, ids=" to ".join)
def test_nobody_gets_a_ticket_and_is_told_as_nobody(programs, nobody, makes, mech, tmp_path):
    # A cache of its own: the library fetches the service's ticket with the anonymous TGT.
    copyfile(nobody["KRB5CCNAME"].removeprefix("FILE:"), tmp_path / "cc")
    env = {**nobody, "KRB5CCNAME": f"FILE:{tmp_path}/cc"}
    found = gss.pair(programs, env, makes, mech, gss.ALL | ANON).ok()
    for make, end in zip(makes, (found.initiator, found.acceptor)):
        assert end["client"] == NOBODY, str(found)
        # MIT's library does not tell.
        assert end["inquired"] & ANON == (ANON if make == "obol" else 0), str(found)
    held = run(["klist", "-f", "-c", f"{tmp_path}/cc"], env).ok().out
    assert "HTTP/localhost@ANON.TEST" in held and NOBODY in held


def test_a_named_client_who_asks_for_it_is_not_told_as_nobody(programs, realms, client):
    alice = client("mit", "mit")
    alice.login("alice").ok()
    env = {**alice.env(), "KRB5_KTNAME": str(realms("mit").dir / "http.keytab")}
    found = gss.pair(programs, env, ("obol", "obol"), "krb5", gss.ALL | ANON).ok()
    for end in (found.initiator, found.acceptor):
        assert end["client"] == "alice@MIT.TEST" and not end["inquired"] & ANON, str(found)
