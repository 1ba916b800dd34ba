# test_java.py: Java's own Kerberos logs in at our KDC and gets a service ticket. MIT's KDC stands
# beside ours to show that the program itself is right.
import pytest

from support.java import JAVA_ENCTYPES, tickets
from support.realm import DEFAULT, ENCTYPES


@pytest.mark.parametrize("kdc", ["mit", "obol"])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("enctype", JAVA_ENCTYPES)
def test_java_gets_a_service_ticket(realms, java, tmp_path, kdc, transport, enctype):
    realm = realms(kdc)
    conf = realm.krb5_conf("java", tmp_path / "krb5.conf", enctype, transport)
    result = java.login(conf, "alice", f"host@{enctype}.obol.test").ok()
    found = tickets(result)
    assert found[realm.principal(realm.service_of(enctype))] == ENCTYPES[enctype].number, str(result)


@pytest.mark.parametrize("kdc", ["mit", "obol"])
def test_java_hears_of_a_wrong_password(realms, java, tmp_path, kdc):
    conf = realms(kdc).krb5_conf("java", tmp_path / "krb5.conf")
    result = java.login(conf, "alice", "HTTP@localhost", "wrong").failed()
    assert "Pre-authentication information was invalid (24)" in result.err, str(result)


@pytest.mark.parametrize("enctype", JAVA_ENCTYPES)
def test_java_logs_in_with_a_keytab_of_ours(realms, java, tmp_path, enctype):
    realm = realms("obol")
    conf = realm.krb5_conf("java", tmp_path / "krb5.conf", enctype)
    result = java.login(conf, "alice", f"host@{enctype}.obol.test",
                        source=f"keytab={realm.dir / 'alice.keytab'}").ok()
    assert realm.principal(realm.service_of(enctype)) in tickets(result), str(result)


@pytest.mark.parametrize("maker", ["mit", "obol"])
def test_java_goes_on_with_a_cache_of_ours(client, java, maker):
    user = client(maker, "obol", enctype=DEFAULT)
    user.login("alice").ok()
    result = java.login(user.conf, "alice", f"host@{DEFAULT}.obol.test", source=f"cache={user.cache}").ok()
    assert user.realm.principal(user.realm.service_of(DEFAULT)) in tickets(result), str(result)


@pytest.mark.parametrize("kdc", ["mit", "obol"])
@pytest.mark.parametrize("name, number", [("nobody", 6), ("expired", 1), ("locked", 18)])
def test_java_hears_why_it_is_refused(realms, java, tmp_path, kdc, name, number):
    conf = realms(kdc).krb5_conf("java", tmp_path / "krb5.conf")
    result = java.login(conf, name, "HTTP@localhost").failed()
    assert f"({number})" in result.err, str(result)
