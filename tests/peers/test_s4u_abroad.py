# test_s4u_abroad.py: a service acts for users of its realm and of others towards services of other realms
# (MS-SFU 3.2.5.2.2): MIT's KDC and ours on either side, MIT's kvno and our clients asking.
#
# MIT's KDC keeps no list for the service acted towards in its own store (its test suite has a store that does): as
# the target's KDC it looks at all that our KDC said, and ends with "no such policy", which its log tells apart.
import json
import re
from pathlib import Path

import pytest

from support.compat import on_ours
from support.obol import binary
from support.trust import CLIENTS, FewMit, FewObol, web

FRONT, BACK = web("obol"), "HTTP/back.obol.four"
MIT_FRONT = web("mit")


class Abroad:
    """OBOL.ONE and MIT.TWO have services that act, OBOL.FOUR the one acted towards."""

    def __init__(self, directory):
        self.dir = directory
        self.one = FewObol(directory / "one", "OBOL.ONE")
        self.mit = FewMit(directory / "mit", "MIT.TWO")
        self.four = FewObol(directory / "four", "OBOL.FOUR")
        self.realms = (self.one, self.mit, self.four)
        for a in self.realms:
            for b in self.realms:
                if a is not b:
                    a.trust(b.name)
        # Where MIT's KDC refers to (its own configuration says, ours goes by the realm's name), and that MIT.TWO
        # may vouch for users of OBOL.ONE.
        self.configure(self.mit, "[domain_realm]\n    .obol.four = OBOL.FOUR\n    .obol.one = OBOL.ONE\n")
        self.configure(self.four, "[capaths]\n    OBOL.ONE = {\n        OBOL.FOUR = MIT.TWO\n    }\n")
        self.mit.admin("modprinc", "+ok_to_auth_as_delegate", MIT_FRONT)
        self.four.add_service(BACK)
        self.four.admin("principal", "set", BACK, "--delegate-from", f"{FRONT}@OBOL.ONE",
                        "--delegate-from", f"{MIT_FRONT}@MIT.TWO")
        self.four.add_service("HTTP/other.obol.four")
        for realm in (self.one, self.four):
            realm.add_user("shy")
            realm.admin("principal", "set", "shy", "--not-delegated")
        self.keytab = directory / "web.keytab"

    @staticmethod
    def configure(realm, text):
        realm.stop()
        with open(realm.conf_file(), "a") as conf:
            conf.write(text)
        realm.start()

    def client(self, kind, home, directory, transport="udp"):
        client = CLIENTS[kind](home, directory, transport=transport)
        head, tail = client.conf.read_text().split("[domain_realm]")
        head += "".join(f"    {r.name} = {{\n        kdc = 127.0.0.1:{r.port}\n    }}\n"
                        for r in self.realms if r is not home)
        client.conf.write_text(head + "[domain_realm]" + tail)
        return client

    def stop(self):
        for realm in self.realms:
            realm.stop()


@pytest.fixture(scope="module")
def abroad(tmp_path_factory):
    realms = Abroad(tmp_path_factory.mktemp("abroad"))
    yield realms
    realms.stop()


@pytest.fixture(params=["udp", "tcp"])
def over(abroad, request):
    """abroad.client(...), whose messages go by UDP, and once more by TCP."""
    return lambda kind, home, directory: abroad.client(kind, home, directory, request.param)


def acting(abroad, client, home, spn, directory):
    service = client("mit", home, directory)
    service.run(["kinit", "-f", "-k", "-t", str(abroad.keytab), f"{spn}@{home.name}"]).ok()
    return lambda user, *words: service.run(
        ["kvno", "-k", str(abroad.keytab), "-I", user, "-P", "-S", "HTTP", *words],
        env={"KRB5_TRACE": "/dev/stderr"})


def towards(asked, user, host="back.obol.four"):
    result = asked(user, host).ok()
    assert re.search(rf"HTTP/{host}@\S* ?: kvno = \d+|HTTP/{host}@.*kvno", result.out), result
    return result


def test_our_service_acts_towards_another_realms(abroad, over, tmp_path, judged):
    """KDCs of both realms ours; the user of the service's realm, of the target's, of a third."""
    asked = acting(abroad, over, abroad.one, FRONT, tmp_path)
    for user in ("alice@OBOL.ONE", "alice@OBOL.FOUR"):
        said = towards(asked, user)
        assert f"TGS reply is for {user} -> {BACK}@OBOL.FOUR" in said.err, said
        judged("MIT kvno -I -P", "Obol's KDCs, of service and target", "krb5", "S4U2Proxy across realms", user)
    refused = asked("alice@OBOL.ONE", "other.obol.four").failed()
    assert "constrained delegation failed" in refused.err
    asked("shy@OBOL.ONE", "back.obol.four").failed()
    asked("shy@OBOL.FOUR", "back.obol.four").failed()


def test_a_service_of_mits_realm_acts_towards_ours(abroad, over, tmp_path, judged):
    """MIT's KDC sends its service on to us with its user's PAC."""
    asked = acting(abroad, over, abroad.mit, MIT_FRONT, tmp_path)
    for user in ("alice@MIT.TWO", "alice@OBOL.ONE", "alice@OBOL.FOUR"):
        said = towards(asked, user)
        assert f"TGS reply is for {user} -> {BACK}@OBOL.FOUR" in said.err, said
        judged("MIT kvno -I -P, MIT's KDC of the service", "Obol's KDC, of the target", "krb5", "S4U2Proxy across realms", user)
    assert "constrained delegation failed" in asked("alice@MIT.TWO", "other.obol.four").failed().err
    asked("shy@OBOL.FOUR", "back.obol.four").failed()


def test_mits_kdc_finds_nothing_wrong_with_what_ours_says(abroad, tmp_path, judged):
    asked = acting(abroad, abroad.client, abroad.one, FRONT, tmp_path)
    asked("alice@OBOL.ONE", "www.mit.two").failed()
    log = (abroad.mit.dir / "kdc-audit.log").read_text()
    assert "UNSUPPORTED_S4U2PROXY_REQUEST" in log.splitlines()[-2], log
    judged("MIT krb5kdc, of the target", "Obol's KDC, of the service", "krb5", "S4U2Proxy across realms",
           "all checks pass but that its store has no list")


def ours(abroad, client, home, spn, directory):
    service = client("obol", home, directory)
    service.login_keytab(f"{spn}@{home.name}", str(abroad.keytab)).ok()
    return service


def test_our_client_acts_through_kdcs_of_both_makes(abroad, over, tmp_path, judged):
    """obol ticket --for, and kvno -I -P on our library, at MIT's KDC and ours."""
    for home, spn in ((abroad.one, FRONT), (abroad.mit, MIT_FRONT)):
        service = ours(abroad, over, home, spn, tmp_path)
        for user in (f"alice@{home.name}", "alice@OBOL.FOUR", "alice@OBOL.ONE"):
            said = service.run([binary(), "ticket", "--for", user, f"{spn}@{home.name}"]).ok().out
            assert f"{spn}@{home.name}" in said, said
            said = service.run([binary(), "ticket", "--for", user, f"{BACK}@OBOL.FOUR", "--json"]).ok().out
            shown = json.loads(said)[0]
            assert (shown["client"], shown["server"]) == (user, f"{BACK}@OBOL.FOUR"), said
            judged("MIT krb5kdc" if home is abroad.mit else "Obol's KDC", f"our client, {home.name} to OBOL.FOUR", "krb5",
                   "S4U2Proxy across realms", user)
        refused = service.run([binary(), "ticket", "--for", f"alice@{home.name}", "HTTP/other.obol.four@OBOL.FOUR"]).failed()
        assert "Constrained delegation" in refused.err, refused
        service.run([binary(), "ticket", "--for", f"nobody@{home.name}", f"{spn}@{home.name}"]).failed()


def test_kvno_asks_alike_on_our_library_and_as_our_face(abroad, tmp_path):
    mit = abroad.client("mit", abroad.one, tmp_path)
    mit.run(["kinit", "-f", "-k", "-t", str(abroad.keytab), f"{FRONT}@OBOL.ONE"]).ok()
    face = ours(abroad, abroad.client, abroad.one, FRONT, tmp_path)
    words = ["-k", str(abroad.keytab), "-I", "alice@OBOL.FOUR"]
    for run in (lambda *w: mit.run(["kvno", *words, *w]), lambda *w: mit.run(["kvno", *words, *w], env=on_ours(mit.env())),
                lambda *w: face.run([str(Path(binary()).parent / "lib/obol/bin/kvno"), *words, *w])):
        self = run(f"{FRONT}@OBOL.ONE").ok().out
        assert re.search(rf"{FRONT}@OBOL.ONE: kvno = \d+, keytab entry valid", self), self
        assert f"{BACK}@OBOL.FOUR: kvno = " in run("-P", "-S", "HTTP", "back.obol.four").ok().out.replace("@:", "@OBOL.FOUR:")
        run("-P", "-S", "HTTP", "other.obol.four").failed()


@pytest.fixture
def nobody(abroad, tmp_path):
    """Logged in at OBOL.ONE without a name (RFC 8062), which trusts MIT.TWO only."""
    pki = abroad.one.dir / "home" / "pki"
    if not pki.exists():
        for words in (["ca"], ["kdc", "--rsa"]):
            abroad.one.admin("pki", *words)
        abroad.one.admin("principal", "add", "--no-keys", "WELLKNOWN/ANONYMOUS")
    conf = abroad.one.conf_file()
    text = conf.read_text()
    conf.write_text(text.replace("allow_weak_crypto = true", f"""allow_weak_crypto = true
        pkinit_identity = FILE:{pki}/kdc.pem,{pki}/kdc.key
        pkinit_anchors = FILE:{pki}/ca.pem""", 1))
    for a, b in ((abroad.one, abroad.four), (abroad.four, abroad.one)):
        a.distrust(b.name)
    abroad.configure(abroad.one, "")
    client = abroad.client("mit", abroad.one, tmp_path)
    client.conf.write_text(client.conf.read_text().replace(
        "[libdefaults]", f"[libdefaults]\n    pkinit_anchors = FILE:{pki}/ca.pem", 1) + """[capaths]
    OBOL.ONE = {
        OBOL.FOUR = MIT.TWO
    }
""")
    client.run(["kinit", "-n"]).ok()
    return client


def test_an_anonymous_client_goes_through_realms(nobody, judged):
    """RFC 8062 4.2: from ours through MIT's to another of ours."""
    nobody.run(["kvno", "HTTP/www.mit.two@MIT.TWO", f"{BACK}@OBOL.FOUR"]).ok()
    listed = nobody.run(["klist", "-f"]).ok().out
    assert "Default principal: WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS" in listed
    assert re.search(rf"krbtgt/OBOL.FOUR@MIT.TWO", listed), listed
    assert re.search(rf"{BACK}@OBOL.FOUR\n(?:.*\n)?\s*.*Flags: \w*T\w*a", listed), listed
    judged("MIT kinit -n, kvno; MIT's KDC between", "Obol's KDCs, first and last", "krb5", "anonymous across realms",
           "a ticket, path checked")
