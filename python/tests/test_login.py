"""Sessions: logins by password, keytab and cache, tickets, refresh, and what goes wrong."""

import os
from datetime import timedelta

import obol
import pytest


def test_a_password_logs_in_and_says_until_when(desk):
    with desk.login() as me:
        assert me.principal == obol.Principal("alice@OBOL.TEST")
        assert me.valid and me.expires.tzinfo is not None
        assert me.tgt.flags & obol.TicketFlags.PRE_AUTHENT


def test_a_wrong_password_is_told_so(desk):
    with pytest.raises(obol.WrongPassword) as told:
        obol.login("alice", password="looking-glass", config=desk.realm.config)
    assert told.value.code == 24 and told.value.remedy
    assert "looking-glass" not in told.value.explain()


def test_a_function_is_asked_for_the_password_when_the_kdc_wants_one(desk):
    prompts = []

    def ask(prompt):
        prompts.append(prompt)
        return "wonderland"

    with obol.login("alice", password=ask, config=desk.realm.config) as me:
        assert me.valid
    assert prompts == ["Password for alice@OBOL.TEST: "]


def test_without_a_password_the_remedy_says_how_to_give_one(desk):
    with pytest.raises(obol.PasswordNeeded) as told:
        obol.login("alice", config=desk.realm.config)
    assert "password=" in told.value.remedy


def test_a_password_may_be_a_bytearray_that_the_caller_wipes(desk):
    word = bytearray(b"wonderland")
    with obol.login("alice", password=word, config=desk.realm.config) as me:
        word[:] = bytes(len(word))
        assert me.ticket(desk.spn)


def test_a_keytab_logs_in_with_its_first_name(desk):
    with obol.login(keytab=desk.keytab, config=desk.realm.config) as service:
        assert service.principal == obol.Principal("HTTP/web.example.com@OBOL.TEST")


def test_a_keytab_without_the_name_says_what_it_holds(desk):
    with pytest.raises(obol.KeytabMismatch) as told:
        obol.login("alice", keytab=desk.keytab, config=desk.realm.config)
    assert "HTTP/web.example.com" in told.value.explain()


def test_a_keytab_that_is_not_there_is_named(desk, tmp_path):
    with pytest.raises(obol.NoCredentials) as told:
        obol.login("alice", keytab=tmp_path / "none.keytab", config=desk.realm.config)
    assert str(tmp_path / "none.keytab") in str(told.value)


def test_an_old_keytab_is_told_from_a_wrong_password(desk):
    old = desk.realm.service("HTTP/rolled.example.com")
    desk.realm.password("HTTP/rolled.example.com")
    with pytest.raises(obol.WrongPassword) as told:
        obol.login(keytab=old, config=desk.realm.config)
    assert "extract the keytab again" in told.value.remedy


def test_an_unknown_user_is_named(desk):
    with pytest.raises(obol.PrincipalNotFound) as told:
        obol.login("nobody", password="x", config=desk.realm.config)
    assert told.value.code == 6 and "nobody@OBOL.TEST" in str(told.value)


def test_a_disabled_account_is_locked(desk):
    desk.realm.user("idle", "pw", flags="disabled")
    with pytest.raises(obol.AccountLocked):
        obol.login("idle", password="pw", config=desk.realm.config)


def test_a_password_that_must_be_changed_is_told_so(desk):
    desk.realm.user("fresh", "pw", flags="needs-change")
    with pytest.raises(obol.PasswordExpired):
        obol.login("fresh", password="pw", config=desk.realm.config)


def test_a_realm_without_kdc_says_where_it_was_looked_for():
    config = obol.Config("LOST.TEST", settings={"dns_lookup_kdc": False})
    with pytest.raises(obol.RealmNotFound) as told:
        obol.login("alice", password="x", config=config)
    assert told.value.realm == "LOST.TEST"


def test_a_dead_kdc_is_named_with_its_address(free_port):
    config = obol.Config("DEAD.TEST", {"DEAD.TEST": f"127.0.0.1:{free_port}"})
    with pytest.raises(obol.KdcUnreachable) as told:
        obol.login("alice", password="x", config=config, timeout=0.5)
    assert f"udp 127.0.0.1:{free_port}" in told.value.attempts


def test_clocks_that_differ_are_put_right_as_kdc_timesync_says(desk):
    late = obol.Clock()
    late.offset = -3600
    with desk.login(config=desk.realm.config_at(late)) as me:
        client = me.initiate(desk.spn)
        service = desk.acceptor().accept()
        client.step(service.step(client.step()))
        assert client.done


def test_a_service_whose_clock_is_off_names_the_difference(desk):
    early = obol.Clock()
    early.offset = 3600
    acceptor = desk.acceptor(config=desk.realm.config_at(early))
    with desk.login() as me:
        client = me.initiate(desk.spn)
    with pytest.raises(obol.ClockSkew) as told:
        acceptor.accept().step(client.step())
    assert told.value.code == 37
    assert abs(told.value.seconds) in range(3598, 3603)
    assert told.value.token  # tells the client
    with pytest.raises(obol.ClockSkew) as heard:
        client.step(told.value.token)
    assert heard.value.seconds in range(3590, 3610)


# ---- tickets


def test_a_ticket_says_what_it_is(desk):
    with desk.login() as me:
        ticket = me.ticket(desk.spn)
        assert str(ticket.spn) == "HTTP/web.example.com@OBOL.TEST"
        assert ticket.client == me.principal and ticket.kvno == 1
        assert ticket.etype == "aes256-cts-hmac-sha1-96"
        assert me.ticket("http://WEB.example.com:8080/path").spn == me.ticket("HTTP@web.example.com").spn == ticket.spn
        assert str(me.ticket("https://WEB.example.com:8443/x").spn) == str(ticket.spn)


def test_the_same_ticket_is_asked_for_once(desk):
    with desk.login() as me:
        first = me.ticket(desk.spn)
        desk.realm.requests
        assert me.ticket(desk.spn) is first
        assert desk.realm.requests == []
        me.ticket(desk.spn, fresh=True)
        assert [r.kind for r in desk.realm.requests] == ["TGS"]


def test_a_service_that_is_missing_shows_how_its_name_came_about_and_what_there_is(desk):
    desk.realm.service("HTTP/portal.example.com")
    with desk.login() as me, pytest.raises(obol.ServiceNotFound) as told:
        me.ticket("HTTPS/portal.example.com")
    error = told.value
    assert error.spn == "HTTPS/portal.example.com" and error.asked_as == "HTTPS/portal.example.com"
    assert error.similar == ("HTTP/portal.example.com",)
    assert any("portal.example.com" in step for step in error.derivation)
    assert "HTTP/portal.example.com" in error.remedy


def test_a_name_that_is_none_is_refused(desk):
    with desk.login() as me, pytest.raises(obol.BadName):
        me.ticket("HTTP/")


def test_a_closed_session_gives_nothing(desk):
    me = desk.login()
    me.ticket(desk.spn)
    me.close()
    assert me.closed and not me.valid
    with pytest.raises(obol.NoCredentials, match="closed"):
        me.ticket(desk.spn)
    me.close()


def test_an_expired_session_says_when(desk, clock):
    with desk.login(lifetime=timedelta(hours=1)) as me:
        clock.advance(hours=2)
        assert not me.valid
        with pytest.raises(obol.TicketExpired):
            me.ticket(desk.spn)


def test_a_session_with_refresh_logs_in_again_before_its_end(desk, clock):
    events = []
    with desk.login(refresh=True, lifetime=3600, on_event=events.append) as me:
        first = me.expires
        me.ticket(desk.spn)
        clock.advance(minutes=50)
        me.ticket(desk.spn)
        assert me.expires > first
    assert [e.kind for e in events] == ["login", "ticket", "refreshed", "ticket"]


def test_a_refresh_that_fails_is_told_and_the_old_tickets_serve_on(desk, clock):
    desk.realm.user("leaver", "pw")
    events = []
    me = obol.login(
        "leaver", password="pw", refresh=True, lifetime=3600, config=desk.realm.config,
        on_event=events.append,
    )
    me.ticket(desk.spn)
    desk.realm.change("leaver", flags="disabled")
    clock.advance(minutes=50)
    assert me.ticket(desk.spn)
    assert events[-1].kind == "failed" and isinstance(events[-1].error, obol.AccountLocked)
    clock.advance(minutes=20)
    with pytest.raises(obol.AccountLocked):
        me.ticket(desk.spn)
    me.close()


def test_a_renewable_session_is_renewed(desk, clock):
    with desk.login(lifetime=3600, renewable=timedelta(days=1)) as me:
        before = me.expires
        clock.advance(minutes=30)
        me.renew()
        assert me.expires > before


def test_a_session_that_is_not_renewable_says_so(desk):
    with desk.login() as me:
        with pytest.raises(obol.PolicyRefused) as told:
            me.renew()
    assert "not renewable" in str(told.value)


def test_a_thread_keeps_a_session_fresh_and_its_cache_written(desk, clock, tmp_path):
    name, pauses = f"FILE:{tmp_path / 'cc'}", []

    def wait(seconds):
        pauses.append(seconds)
        if len(pauses) == 2:
            clock.advance(minutes=50)
        return len(pauses) > 3

    with desk.login(lifetime=3600, refresh=True) as me:
        first = me.expires
        me.keep_fresh(wait, save=name)
        assert me.expires > first
    assert pauses[0] == 0 and 2000 < pauses[1] < 3600 and pauses[2] == 0
    assert obol.load(name, config=desk.realm.config).valid


# ---- caches


def test_a_saved_cache_is_loaded_again(desk, tmp_path):
    name = f"FILE:{tmp_path / 'cc'}"
    with desk.login() as me:
        me.ticket(desk.spn)
        assert me.save(name) == name
    assert os.stat(tmp_path / "cc").st_mode & 0o777 == 0o600
    with obol.load(name, config=desk.realm.config) as again:
        assert again.principal == desk.user
        desk.realm.requests
        assert again.ticket(desk.spn)
        assert desk.realm.requests == []


def keyrings_allowed():
    """Whether this kernel and container let a process have a key ring."""
    import ctypes
    import platform

    number = {"x86_64": 250, "aarch64": 219}[platform.machine()]  # keyctl(2)
    process, create = ctypes.c_long(-2), ctypes.c_long(1)
    return ctypes.CDLL(None).syscall(ctypes.c_long(number), ctypes.c_long(0), process, create) > 0


@pytest.mark.parametrize("kind", ["DIR", "KEYRING:process", "MEMORY"])
def test_collections_and_key_rings_hold_sessions_too(desk, tmp_path, kind):
    place = tmp_path if kind == "DIR" else f"obol-{os.getpid()}"
    with desk.login() as me:
        me.ticket(desk.spn)
        if kind.startswith("KEYRING") and not keyrings_allowed():
            with pytest.raises(obol.NoCredentials):
                me.save(f"{kind}:{place}")
            return
        name = me.save(f"{kind}:{place}")
    with obol.load(name, config=desk.realm.config) as again:
        assert sorted(str(t.spn).split("/")[0] for t in again.tickets) == ["HTTP", "krbtgt"]


def test_a_cache_that_is_renewed_by_others_is_read_again(desk, tmp_path, clock):
    name = f"FILE:{tmp_path / 'cc'}"
    with desk.login(lifetime=3600) as me:
        me.save(name)
    with obol.load(name, config=desk.realm.config) as again:
        clock.advance(minutes=55)
        with desk.login() as me:
            me.save(name)
        assert again.ticket(desk.spn) and again.valid


def test_without_credentials_every_place_is_listed(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'none'}")
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(tmp_path / "client.keytab"))
    with pytest.raises(obol.NoCredentials) as told:
        obol.default(config=desk.realm.config)
    places = [place for place, _ in told.value.tried]
    assert places == [f"FILE:{tmp_path / 'none'}", str(tmp_path / "client.keytab")]


def test_the_default_is_the_systems_cache_then_the_client_keytab(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'cc'}")
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(tmp_path / "client.keytab"))
    desk.keytab.add_to(tmp_path / "client.keytab")
    with obol.default(config=desk.realm.config) as service:
        assert service.principal.primary == "HTTP"
    with desk.login() as me:
        me.save()
    with obol.default(config=desk.realm.config) as me:
        assert me.principal == desk.user
