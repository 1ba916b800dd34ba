"""obol.testing: a realm of one's own in a moment."""

import os
import subprocess
import sys
import time
from pathlib import Path

import obol
import pytest
from obol import _flows
from obol.testing import Realm

DISABLE_TRANSITED_CHECK = 1 << 5  # RFC 4120 5.4.1, bit 26


def test_a_realm_with_user_service_and_keytab_is_up_in_50_ms():
    Realm().close()
    best = 1.0
    for _ in range(10):  # the machine may be busy: the best of ten
        start = time.perf_counter()
        with Realm() as realm:
            realm.user("alice", "secret")
            realm.service("HTTP/localhost")
            best = min(best, time.perf_counter() - start)
    assert best < 0.050


def test_realms_live_beside_each_other(obol_realm_factory):
    realms = [obol_realm_factory(f"R{i}.TEST") for i in range(8)]
    for i, realm in enumerate(realms):
        realm.user("alice", f"secret {i}")
    assert len({realm.port for realm in realms}) == 8
    for i, realm in enumerate(realms):
        with realm.login("alice", f"secret {i}") as me:
            assert me.principal.realm == f"R{i}.TEST"
        with pytest.raises(obol.WrongPassword):
            realm.login("alice", f"secret {i + 1}")


def test_other_programs_use_it(obol_realm_factory, tmp_path):
    realm = obol_realm_factory()
    realm.user("alice", "secret")
    realm.service("HTTP/web.example.com")
    environment = realm.environment(LC_ALL="C")
    environment.pop("LD_PRELOAD", None)
    subprocess.run(["kinit", "alice"], input=b"secret\n", env=environment, check=True)
    subprocess.run(["kvno", "HTTP/web.example.com"], env=environment, check=True)
    with obol.load(environment["KRB5CCNAME"], config=realm.config) as me:
        assert "HTTP/web.example.com@OBOL.TEST" in [str(t.spn) for t in me.tickets]
    wrong = subprocess.run(["kinit", "alice"], input=b"wrong\n", env=environment)
    assert wrong.returncode != 0


def test_its_clock_moves_all_of_it(obol_realm_factory):
    realm = obol_realm_factory()
    realm.user("alice", "secret")
    keytab = realm.service("HTTP/web.example.com")
    me = realm.login("alice", "secret", lifetime=3600)
    client = me.initiate("HTTP/web.example.com")
    with realm.clock.ahead(hours=2):
        assert not me.valid
        with pytest.raises(obol.TicketExpired):
            realm.acceptor(keytab).accept().step(client.step())
    assert me.valid
    me.close()


def test_it_tells_what_was_asked(obol_realm_factory):
    realm = obol_realm_factory()
    realm.user("alice", "secret")
    realm.login("alice", "secret").close()
    with pytest.raises(obol.WrongPassword):
        realm.login("alice", "wrong")
    asked = realm.requests  # how many it takes is the preauthentication's affair
    assert {r.kind for r in asked} == {"AS"} and [r.ok for r in asked].count(True) == 1
    assert asked[0].result == "KDC_ERR_PREAUTH_REQUIRED" and not asked[-1].ok
    assert asked[-1].client == "alice@OBOL.TEST"
    assert realm.requests == []


def test_names_are_added_changed_and_removed(obol_realm_factory):
    realm = obol_realm_factory()
    realm.user("alice", "secret")
    with pytest.raises(obol.Error, match="taken"):
        realm.user("alice", "secret")
    realm.password("alice", "other")
    realm.login("alice", "other").close()
    realm.service("HTTP/web.example.com")
    realm.alias("HTTP/www.example.com", "HTTP/web.example.com")
    with realm.login("alice", "other") as me:
        assert me.ticket("HTTP/www.example.com")
    realm.delete("alice")
    with pytest.raises(obol.PrincipalNotFound):
        realm.login("alice", "other")
    with pytest.raises(ValueError, match="flag"):
        realm.user("bob", flags="no-such-flag")


def test_realms_that_trust_each_other_reach_their_services(obol_realm_factory):
    one, two = obol_realm_factory("ONE.TEST"), obol_realm_factory("TWO.TEST")
    one.user("alice", "secret")
    keytab = two.service("HTTP/web.two.test")
    stranger = one.login("alice", "secret")
    with pytest.raises(obol.Error):
        stranger.ticket("HTTP/web.two.test@TWO.TEST")
    one.trust(two)
    with one.login("alice", "secret") as me:
        client = me.initiate("HTTP/web.two.test@TWO.TEST")
        service = two.acceptor(keytab).accept()
        client.step(service.step(client.step()))
        assert str(service.peer) == "alice@ONE.TEST"
    stranger.close()


def test_a_service_looks_at_the_realms_between_where_no_kdc_has(obol_realm_factory):
    one, middle, two = (obol_realm_factory(name) for name in ("ONE.ALL.TEST", "ALL.TEST", "TWO.ALL.TEST"))
    one.user("alice", "secret")
    keytab = two.service("HTTP/web.two.test")
    spn = "HTTP/web.two.test@TWO.ALL.TEST"
    one.trust(middle)
    middle.trust(two)
    direct = "[capaths]\nONE.ALL.TEST = {\nTWO.ALL.TEST = .\n}\n"
    with obol.login("alice@ONE.ALL.TEST", password="secret", config=two.config) as me:
        me._run(_flows._fetch(me, service=_flows.wire(spn), options=DISABLE_TRANSITED_CHECK))
        client = me.initiate(spn)
        client.step(two.acceptor(keytab).accept().step(client.step()))
        strict = obol.Acceptor(keytab, config=obol.Config(text=two.krb5_conf + direct, clock=two.clock))
        with pytest.raises(obol.Error, match="came through ALL.TEST, which is not on the way"):
            strict.accept().step(me.initiate(spn).step())


def test_a_closed_realm_answers_nobody(obol_realm_factory):
    realm = obol_realm_factory()
    realm.user("alice", "secret")
    realm.close()
    with pytest.raises(obol.KdcUnreachable):
        realm.login("alice", "secret", timeout=0.2)
    realm.close()


def test_the_plugin_gives_fixtures(tmp_path, realm):
    assert realm.config.default_realm == "OBOL.TEST"
    (tmp_path / "test_own.py").write_text(
        "def test_sso(realm, obol_realm_factory):\n"
        "    realm.user('carol', 'pw')\n"
        "    with realm.login('carol', 'pw') as me, realm.clock.ahead(hours=1):\n"
        "        assert me.valid\n"
        "    assert obol_realm_factory('B.TEST').name == 'B.TEST'\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "obol.testing.plugin",
         str(tmp_path)],
        capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(obol.__file__).parents[1])},
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout + done.stderr
