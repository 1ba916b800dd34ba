# test_doctor.py: an SPN is broken in each of the ways in which they are in daily life; obol doctor names
# the cause, and its command, typed as it stands, mends it.
import json
import os

import pytest

from support.obol import ObolRealm, binary, obol_env
from support.process import run

WEB = "HTTP/web.doctor.test"


@pytest.fixture(scope="module")
def realm(started):
    realm = started(ObolRealm, "DOCTOR.TEST")
    for spn in (WEB, "HTTP/short", "MSSQLSvc/db.doctor.test:1433", "host/files.doctor.test"):
        realm.admin("spn", "add", spn)
    return realm


@pytest.fixture
def alice(realm, tmp_path):
    from support.obol import ObolClient
    alice = ObolClient(realm, tmp_path)
    alice.login("alice").ok()
    return alice


def doctor(user, *words, dns=False, **env):
    words = [binary(), "doctor", *([] if dns else ["--no-dns"]), *map(str, words), "--json"]
    result = user.run(words, env=env)
    found = json.loads(result.out)
    assert found["healthy"] == (result.status == 0), str(result)
    return found


def bad(found):
    return [f for f in found["findings"] if f["verdict"] == "bad"]


def only(found, probe):
    """The one thing that is bad, which a probe has found."""
    assert [f["probe"] for f in bad(found)] == [probe], json.dumps(found, indent=1)
    return bad(found)[0]


def type_in(user, command):
    """What a person does who believes the doctor, as the administrator of the realm."""
    assert command
    env = {**user.env(), **obol_env(), "OBOL_HOME": str(user.realm.dir / "home"),
           "KRB5_CONFIG": str(user.conf), "KRB5CCNAME": f"FILE:{user.cache}"}
    env["PATH"] = f"{os.path.dirname(binary())}:{env['PATH']}"
    run(["sh", "-ec", command], env).ok()


def mended(user, found, probe, *words, **options):
    type_in(user, only(found, probe)["command"])
    assert not bad(doctor(user, *words, **options))


def test_a_sound_service_is_left_in_peace(alice, tmp_path):
    keytab = alice.realm.keytab(WEB, tmp_path / "web.keytab")
    for target in (WEB, "HTTP@web.doctor.test", "https://web.doctor.test:8443/page"):
        found = doctor(alice, "--keytab", f"FILE:{keytab}" if target == WEB else keytab, target)
        assert found["spn"] == f"{WEB}@DOCTOR.TEST"
        assert {f["probe"]: f["verdict"] for f in found["findings"]} == {
            "KDC": "good", "clock": "good", "login": "good", "name": "good", "keytab": "good"}
    shown = alice.run([binary(), "doctor", "--no-dns", WEB]).ok().out
    assert "good  name     the KDC gives a ticket for HTTP/web.doctor.test@DOCTOR.TEST: key 1" in shown


@pytest.mark.parametrize("asked, cause", [
    ("HTTP/web", "it knows HTTP/web.doctor.test@DOCTOR.TEST (with the host in full)"),
    ("HTTP/WEB.doctor.test", "(with the host in lower case)"),
    ("http/web.doctor.test", "(with the class in its usual spelling)"),
    ("HTTPS/web.doctor.test", "(with the class in its usual spelling)"),
    ("HTTP/short.doctor.test", "it knows HTTP/short@DOCTOR.TEST (with the short name)"),
    ("MSSQLSvc/db.doctor.test", "(with the port)"),
    ("mssqlsvc/DB.doctor.test:1433", "it knows MSSQLSvc/db.doctor.test:1433@DOCTOR.TEST"),
    ("cifs/files.doctor.test", "(as a service of the machine)"),
    ("HTTP/nowhere.doctor.test", "nor a name like it"),
])
def test_a_wrong_name_is_mended_by_what_is_shown(alice, asked, cause):
    found = doctor(alice, asked)
    assert cause in only(found, "name")["cause"] and bad(found)[0]["code"] == "KDC_ERR_S_PRINCIPAL_UNKNOWN"
    mended(alice, found, "name", asked)


def test_a_name_of_another_realm_is_answered_with_the_line_of_krb5_conf(alice):
    said = only(doctor(alice, f"{WEB}@ELSEWHERE.TEST"), "name")
    assert "it knows HTTP/web.doctor.test@DOCTOR.TEST (in the realm that you log in to)" in said["cause"]
    text = alice.conf.read_text()
    alice.conf.write_text(text + "[domain_realm]\nweb.doctor.test = ELSEWHERE.TEST\n")
    said = only(doctor(alice, "https://web.doctor.test/"), "name")
    line = said["remedy"].split("krb5.conf: ")[1]
    assert line == "web.doctor.test = DOCTOR.TEST"
    alice.conf.write_text(f"{text}[domain_realm]\n{line}\n")
    assert not bad(doctor(alice, "https://web.doctor.test/"))


def test_a_keytab_of_older_keys_and_a_ticket_of_older_keys_are_mended(alice, tmp_path):
    alice.realm.admin("spn", "add", "HTTP/old.doctor.test")
    keytab = alice.realm.keytab("HTTP/old.doctor.test", tmp_path / "a keytab")
    alice.ticket("HTTP/old.doctor.test").ok()
    alice.realm.rekey("HTTP/old.doctor.test")
    found = doctor(alice, "--keytab", keytab, "HTTP/old.doctor.test")
    cache, file = bad(found)
    assert (cache["probe"], file["probe"], file["code"]) == ("cache", "keytab", "KRB_AP_ERR_BADKEYVER")
    assert "of key 1, and the service's key is 2" in cache["cause"]
    type_in(alice, cache["command"])
    mended(alice, doctor(alice, "--keytab", keytab, "HTTP/old.doctor.test"), "keytab",
           "--keytab", keytab, "HTTP/old.doctor.test")


def test_a_keytab_of_another_enctype_or_name_is_mended(alice, tmp_path):
    for spn, enctype in (("HTTP/e1.doctor.test", "aes128-cts-hmac-sha1-96"), ("HTTP/e2.doctor.test", None)):
        alice.realm.admin("spn", "add", spn)
        if enctype:
            other = ObolRealm.admin(alice.realm, "keytab", "create", str(tmp_path / "k1"), spn, "--rotate",
                                    "--enctype", enctype)
            assert enctype in other.out
            alice.realm.rekey(spn)  # of all enctypes again
        else:
            alice.realm.keytab("HTTP/e1.doctor.test", tmp_path / "k2")
        keytab = tmp_path / ("k1" if enctype else "k2")
        mended(alice, doctor(alice, "--keytab", keytab, spn), "keytab", "--keytab", keytab, spn)


def test_a_keytab_that_all_can_read_or_nobody_has_is_mended(alice, tmp_path):
    keytab = alice.realm.keytab(WEB, tmp_path / "web.keytab")
    keytab.chmod(0o644)
    mended(alice, doctor(alice, "--keytab", keytab, WEB), "keytab", "--keytab", keytab, WEB)
    missing = tmp_path / "none.keytab"
    mended(alice, doctor(alice, "--keytab", missing, WEB), "keytab", "--keytab", missing, WEB)


def test_a_clock_that_is_off_is_told_with_its_seconds(realm, tmp_path):
    from support.obol import ObolClient
    late = ObolClient(realm, tmp_path, clock="-10m")
    clock = only(doctor(late, f"{WEB}") if late.login("alice").ok() else {}, "clock")
    assert clock["code"] == "KRB_AP_ERR_SKEW" and "NTP" in clock["remedy"]
    assert any(f"{s} seconds behind the KDC's" in clock["cause"] for s in range(595, 606))


def test_who_has_no_ticket_or_no_kdc_is_told_what_to_do(alice):
    alice.logout().ok()
    assert "obol login" in only(doctor(alice, WEB), "login")["remedy"]
    alice.conf.write_text(alice.conf.read_text().replace(f"127.0.0.1:{alice.realm.port}", "127.0.0.1:1"))
    found = doctor(alice)
    assert [f["probe"] for f in bad(found)] == ["KDC", "login"]
    assert "`kdc` lines" in bad(found)[0]["remedy"] and "udp 127.0.0.1:1 refused" in bad(found)[0]["cause"]


def test_a_proxy_in_between_is_no_more_after_the_command(alice):
    url = "http://web.doctor.test/"
    found = doctor(alice, url, http_proxy="http://proxy:3128")
    note = [f for f in found["findings"] if f["verdict"] == "note"]
    assert found["healthy"] and [f["probe"] for f in note if f["probe"] == "proxy"] == ["proxy"]
    name, value = next(f["command"] for f in note if f["probe"] == "proxy").removeprefix("export ").split("=")
    found = doctor(alice, url, http_proxy="http://proxy:3128", **{name: value})
    assert "proxy" not in [f["probe"] for f in found["findings"]]


@pytest.mark.parametrize("words, said", [
    (["alice"], "names no service on a host"), (["https://"], "names no host"),
    (["a", "b"], "`obol doctor` takes [SPN|URL]"),
])
def test_what_is_no_service_is_refused(alice, words, said):
    assert said in alice.run([binary(), "doctor", *words]).failed().err


def test_nothing_is_put_into_the_cache(alice):
    before = alice.cache.read_bytes()
    doctor(alice, WEB)
    doctor(alice, "HTTP/web")
    assert alice.cache.read_bytes() == before
