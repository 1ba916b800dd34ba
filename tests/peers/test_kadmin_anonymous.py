# test_kadmin_anonymous.py: `kadmin -n`, MIT krb5's and ours, at MIT's kadmind and at ours: who logs in without a name
# (anonymous PKINIT, RFC 8062) may do what the access list gives WELLKNOWN/ANONYMOUS, and no more.
from pathlib import Path

import pytest

from support.mit import MitClient
from support.obol import ObolClient, binary
from support.pkinit import PkinitMitRealm, PkinitRealm
from support.process import Daemon, free_port, which

NOBODY = "WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS"
ACL = f"{NOBODY} a *\n"
PROGRAMS = {"mit": (MitClient, "/usr/bin/kadmin"),
            "obol": (ObolClient, Path(binary()).resolve().parent / "lib" / "obol" / "bin" / "kadmin")}


class OurRealm(PkinitRealm):
    def create(self):
        super().create()
        self.kadmind = free_port()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace("[kdcdefaults]\n", f"[kdcdefaults]\n    kadmind_listen = 127.0.0.1:{self.kadmind}\n", 1))
        (conf.parent / "kadm5.acl").write_text(ACL)


class TheirRealm(PkinitMitRealm):
    def __init__(self, directory, name, pki):
        self.kadmind = free_port()
        super().__init__(directory, name, pki, f"kadmind_listen = 127.0.0.1:{self.kadmind}\n"
                                               f"        kpasswd_listen = 127.0.0.1:{free_port()}")
        (directory / "acl").write_text(ACL)
        self.server = Daemon([which("kadmind"), "-nofork"], directory / "kadmind.out", self.env(), self.kadmind)

    def stop(self):
        self.server.stop()
        super().stop()


@pytest.fixture(params=["ours", "mits"])
def realm(request, started):
    ours = started(OurRealm, "NOBODY.TEST")
    return ours if request.param == "ours" else started(TheirRealm, "NOBODY.TEST", ours.pki)


@pytest.mark.parametrize("whose", PROGRAMS)
def test_an_anonymous_administrator_does_what_the_access_list_gives_nobody(realm, whose, tmp_path, judged):
    make, path = PROGRAMS[whose]
    client = make(realm, tmp_path, pkinit_anchors=f"FILE:{realm.pki}/ca.pem")

    def kadmin(query):
        return client.run([path, "-n", "-r", realm.name, "-s", f"127.0.0.1:{realm.kadmind}", "-q", query])
    said = kadmin(f"addprinc -clearpolicy -pw secret1 by-{whose}").ok()
    assert f'Principal "by-{whose}@NOBODY.TEST" created' in said.text, str(said)
    assert "anonymous requested" in said.text
    for query, words in ((f"getprinc by-{whose}", "Operation requires ``get'' privilege"),
                         (f"delprinc -force by-{whose}", "Operation requires ``delete'' privilege"),
                         ("cpw -pw secret2 alice", "Operation requires ``change-password'' privilege")):
        assert words in kadmin(query).text
    server = "kadmind 1.20.1 (MIT)" if isinstance(realm, TheirRealm) else "our kadmind"
    judged("kadmin 1.20.1 (MIT)" if whose == "mit" else "our kadmin", f"at {server}", "anonymous PKINIT", "-n", "added, the rest refused")


def test_our_kadmin_asks_nobody_whose_certificate_it_does_not_trust(realm, tmp_path):
    make, path = PROGRAMS["obol"]
    client = make(realm, tmp_path)
    said = client.run([path, "-n", "-r", realm.name, "-s", f"127.0.0.1:{realm.kadmind}", "-q", "getprivs"]).failed()
    assert "pkinit_anchors" in said.text, str(said)
