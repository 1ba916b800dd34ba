# test_names.py: further names of users and services, as MIT's and Heimdal's clients use them: aliases,
# canonicalization, enterprise names (RFC 6806 5, 6).
import pytest

from support.heimdal import program
from support.mit import MitClient
from support.obol import ObolRealm
from support.realm import PASSWORD

ALIAS, MAIL, SPN = "asmith", "alice.smith@corp.example", "HTTP/names.obol.test"


@pytest.fixture(scope="module")
def named(realms):
    realm = realms("obol")
    realm.admin("principal", "add", "--password-stdin", "asmith-account", input=PASSWORD + "\n")
    realm.admin("principal", "set", "asmith-account", "--alias", ALIAS, "--alias", MAIL)
    realm.admin("spn", "add", SPN)
    realm.admin("principal", "set", SPN, "--alias", "HTTP/alias.obol.test", "--alias", "http/third.obol.test")
    realm.keytab(SPN, realm.dir / "names.keytab")
    return realm


def who(user):
    return user.run(["klist"]).ok().out.split("Default principal: ")[1].split("\n")[0]


def test_a_user_logs_in_by_each_name(named, over, judged):
    user = over("mit", "obol")
    for words, name in (([ALIAS], f"{ALIAS}@OBOL.TEST"), (["-C", ALIAS], "asmith-account@OBOL.TEST"),
                        (["-E", MAIL], "asmith-account@OBOL.TEST"), (["-C", "-E", MAIL], "asmith-account@OBOL.TEST"),
                        (["-C", "-E", "asmith-account@OBOL.TEST"], "asmith-account@OBOL.TEST")):
        user.run(["kinit", *words], input=PASSWORD + "\n").ok()
        assert who(user) == name, words
        user.run(["kvno", SPN]).ok()
    judged("MIT kinit -C, -E", "Obol's KDC", "krb5", "alias, enterprise name", "canonical name in the cache")
    named.admin("principal", "set", "asmith-account", "--no-alias", ALIAS)
    assert "not found in Kerberos database" in user.run(["kinit", ALIAS], input=PASSWORD + "\n").failed().err
    named.admin("principal", "set", "asmith-account", "--alias", ALIAS)


def test_heimdals_user_logs_in_by_an_enterprise_name(named, over, judged):
    user = over("heimdal", "obol")
    user.run([program("kinit.heimdal"), "--password-file=STDIN", "--canonicalize", "--enterprise", MAIL],
             input=PASSWORD + "\n").ok()
    assert "asmith-account@OBOL.TEST" in user.tickets().ok().text
    judged("Heimdal kinit --enterprise", "Obol's KDC", "krb5", "enterprise name", "canonical name in the cache")


def test_a_service_is_reached_by_each_name(named, over, judged):
    user = over("mit", "obol")
    user.login("alice").ok()
    for spn in (SPN, "HTTP/alias.obol.test", "http/third.obol.test"):
        user.run(["kvno", spn]).ok()
    user.run(["kvno", "HTTP/fourth.obol.test"]).failed()
    judged("MIT kvno", "Obol's KDC", "krb5", "aliases", "a ticket under each name")


class Loose(ObolRealm):
    """A realm whose administrator takes names of services in any case, and refers `web` to other realms."""

    def create(self):
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace("allow_weak_crypto = true", """allow_weak_crypto = true
        case_insensitive_services = true
        host_based_services = web""", 1))

    def populate(self):
        self.add_user("alice")
        self.add_service("HTTP/www.loose.test")
        self.admin("realm", "trust", "add", "FAR.TEST", "--password-stdin", input="shared\n")


def test_names_in_any_case_and_referrals_by_configuration(tmp_path, judged):
    realm = Loose(tmp_path / "loose", "LOOSE.TEST")
    try:
        user = MitClient(realm, tmp_path)
        user.login("alice").ok()
        user.run(["kvno", "http/WWW.loose.test"]).ok()
        user.run(["kvno", "http/WWW.other.test"]).failed()
        # The KDC of the other realm is not there: that it was looked for says that the referral came.
        for name, referred in (("web/www.far.test", True), ("ftp/www.far.test", False)):
            said = user.run(["kvno", "-u", name], env={"KRB5_TRACE": "/dev/stderr"}).failed().err
            assert ("krbtgt/FAR.TEST@LOOSE.TEST" in said) == referred, said
        judged("MIT kvno, kvno -u", "Obol's KDC", "krb5", "case_insensitive_services, host_based_services", "as configured")
    finally:
        realm.stop()
