"""Contexts: both ends of a login by token, and the protection of messages."""

import threading

import obol
import pytest
from conftest import meet


def test_both_ends_learn_who_the_other_is(desk):
    client, service = desk.pair()
    assert service.peer == desk.user and str(client.peer) == "HTTP/web.example.com@OBOL.TEST"
    assert client.is_initiator and not service.is_initiator
    for flag in (obol.ContextFlags.MUTUAL, obol.ContextFlags.CONFIDENTIALITY):
        assert client.flags & flag and service.flags & flag


@pytest.mark.parametrize("mech", ["spnego", "krb5"])
@pytest.mark.parametrize("mutual", [True, False])
def test_messages_go_both_ways(desk, mech, mutual):
    client, service = desk.pair(mech=mech, mutual=mutual)
    assert client.spnego == service.spnego == (mech == "spnego")
    for size in (0, 1, 64, 5000, 200_000):
        message = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
        token = client.wrap(message)
        assert message == service.unwrap(token)
        assert size < 64 or message not in token
        assert client.unwrap(service.wrap(bytearray(message))) == message
        service.verify(message, client.sign(memoryview(message)))


def test_a_message_that_was_altered_is_refused(desk):
    client, service = desk.pair()
    token = bytearray(client.wrap(b"pay 10"))
    token[-1] ^= 1
    with pytest.raises(obol.DecryptError):
        service.unwrap(bytes(token))
    with pytest.raises(obol.DecryptError):
        service.verify(b"pay 99", client.sign(b"pay 10"))
    with pytest.raises(obol.BadToken):
        service.unwrap(b"no token at all, but long enough to be one")


def test_what_is_only_signed_is_taken_only_by_who_says_so(desk):
    client, service = desk.pair()
    token = client.wrap(b"public", encrypt=False)
    assert b"public" in token
    with pytest.raises(obol.DecryptError, match="not encrypted"):
        service.unwrap(token)
    token = client.wrap(b"public", encrypt=False)
    with pytest.raises(obol.OutOfOrder):  # the one before was not taken
        client, service = desk.pair()
        client.wrap(b"lost")
        service.unwrap(client.wrap(b"behind"))
    client, service = desk.pair()
    assert service.unwrap(client.wrap(b"public", encrypt=False), require_encryption=False) == b"public"


def test_a_message_that_comes_twice_is_a_replay(desk):
    client, service = desk.pair()
    token = client.wrap(b"once")
    assert service.unwrap(token) == b"once"
    with pytest.raises(obol.Replay):
        service.unwrap(token)


def test_a_login_that_comes_twice_is_a_replay(desk):
    acceptor = desk.acceptor()
    with desk.login() as me:
        token = me.initiate(desk.spn).step()
    acceptor.accept().step(token)
    with pytest.raises(obol.Replay):
        acceptor.accept().step(token)
    careless = desk.acceptor(replay=False)
    careless.accept().step(token)
    careless.accept().step(token)


def test_a_replay_file_is_shared(desk, tmp_path):
    with desk.login() as me:
        token = me.initiate(desk.spn).step()
    desk.acceptor(replay=obol.FileReplay(tmp_path / "rcache")).accept().step(token)
    with pytest.raises(obol.Replay):
        desk.acceptor(replay=obol.FileReplay(tmp_path / "rcache")).accept().step(token)


def test_the_wrong_service_cannot_take_a_login(desk):
    other = desk.realm.service("HTTP/other.example.com")
    with desk.login() as me:
        token = me.initiate(desk.spn).step()
    with pytest.raises(obol.KeytabMismatch) as told:
        desk.realm.acceptor(other).accept().step(token)
    assert told.value.spn == "HTTP/web.example.com@OBOL.TEST" and told.value.kvno == 1
    assert "HTTP/other.example.com" in told.value.available


def test_an_old_keytab_names_both_versions(desk):
    old = desk.realm.service("HTTP/rekeyed.example.com")
    desk.realm.password("HTTP/rekeyed.example.com")
    with desk.login() as me:
        token = me.initiate("HTTP/rekeyed.example.com").step()
    acceptor = desk.realm.acceptor(old, service="HTTP/rekeyed.example.com")
    with pytest.raises(obol.KeytabMismatch) as told:
        acceptor.accept().step(token)
    assert told.value.kvno == 2 and told.value.available.startswith("kvno 1 ")


def test_a_keytab_of_another_enctype_is_named_with_that_of_the_ticket(desk):
    spn = "HTTP/rc4only.example.com"
    desk.realm.service(spn)
    key = obol.KeytabEntry.from_password(f"{spn}@OBOL.TEST", "x", etype="arcfour-hmac")
    with desk.login() as me:
        token = me.initiate(spn).step()
    with pytest.raises(obol.KeytabMismatch) as told:
        desk.realm.acceptor(obol.Keytab(entries=[key])).accept().step(token)
    error = told.value
    assert (error.spn, error.kvno, error.etype) == (f"{spn}@OBOL.TEST", 1, "aes256-cts-hmac-sha1-96")
    assert error.available == "kvno 1 rc4-hmac" and error.keytab and error.remedy


def test_an_acceptor_may_take_one_service_of_its_keytab_only(desk):
    keytab = desk.realm.service("HTTP/a.example.com", "ldap/a.example.com")
    with desk.login() as me:
        http, ldap = me.initiate("HTTP/a.example.com"), me.initiate("ldap/a.example.com")
        meet(http, desk.realm.acceptor(keytab, service="HTTP").accept())
        with pytest.raises(obol.Error):
            desk.realm.acceptor(keytab, service="HTTP").accept().step(ldap.step())
        meet(me.initiate("ldap/a.example.com"), desk.realm.acceptor(keytab).accept())


def test_channel_bindings_must_be_the_same(desk):
    with desk.login() as me:
        client = me.initiate(desk.spn, channel=b"tls-server-end-point:one")
        service = desk.acceptor().accept(channel=b"tls-server-end-point:one")
        meet(client, service)
        assert service.channel_bound
        client = me.initiate(desk.spn, channel=b"tls-server-end-point:one")
        with pytest.raises(obol.BindingMismatch):
            desk.acceptor().accept(channel=b"tls-server-end-point:two").step(client.step())


def test_an_impostor_does_not_pass_for_the_service(desk):
    with desk.login() as me:
        client, other = me.initiate(desk.spn), me.initiate(desk.spn)
        client.step()
        reply = desk.acceptor().accept().step(other.step())
    with pytest.raises(obol.Error):
        client.step(reply)
    assert client.closed and not client.done


@pytest.mark.parametrize(
    "token", [b"", b"NTLMSSP\0\1\0\0\0\7\x82\x08\xa2" + bytes(24), b"\x60\x03\x06\x01\x2a", b"x" * 2000]
)
def test_tokens_that_are_none_are_refused(desk, token):
    context = desk.acceptor().accept()
    if not token:
        assert context.step(token)  # asks for SPNEGO's hints
        return
    with pytest.raises(obol.Error) as told:
        context.step(token)
    assert context.closed
    assert (getattr(told.value, "kind", "") == "NTLM") == token.startswith(b"NTLM")


def test_a_context_that_is_not_done_protects_nothing(desk):
    with desk.login() as me:
        client = me.initiate(desk.spn)
    with pytest.raises(obol.Error, match="not established"):
        client.wrap(b"x")
    client, _ = desk.pair()
    with pytest.raises(obol.Error, match="established"):
        client.step(b"more")
    client.close()
    with pytest.raises(obol.Error):
        client.wrap(b"x")


def test_an_exported_context_goes_on_elsewhere(desk):
    client, service = desk.pair()
    copy = obol.Context.from_export(service.export())
    assert copy.peer == desk.user
    assert copy.unwrap(client.wrap(b"on")) == b"on"
    with pytest.raises(obol.BadToken):
        obol.Context.from_export(b"no context")


def test_a_delegated_session_acts_as_the_user(desk):
    desk.realm.service("ldap/dc.example.com")
    with desk.login(forwardable=True) as me:
        client, service = meet(me.initiate(desk.spn, delegate=True), desk.acceptor().accept())
    assert service.flags & obol.ContextFlags.DELEGATE
    with service.delegated as bob:
        assert bob.principal == desk.user
        assert bob.ticket("ldap/dc.example.com").client == desk.user
    _, plain = desk.pair()
    assert plain.delegated is None


def test_a_ticket_that_is_not_forwardable_is_named_before_it_fails(desk):
    with desk.login() as me, pytest.raises(obol.NotAllowedToDelegate) as told:
        me.initiate(desk.spn, delegate=True)
    assert "forwardable=True" in told.value.remedy


def test_a_session_by_keytab_accepts_with_it(desk):
    with obol.login(keytab=desk.keytab, config=desk.realm.config) as server, desk.login() as me:
        _, service = meet(me.initiate(desk.spn), server.accept())
        assert service.peer == desk.user
        with pytest.raises(obol.NoCredentials):
            me.accept()


def test_wrap_limit_keeps_its_word(desk):
    client, _ = desk.pair()
    for size in (100, 1500, 65536):
        limit = client.wrap_limit(size)
        assert len(client.wrap(b"x" * limit)) <= size < len(client.wrap(b"x" * (limit + 1)))


def test_both_ends_compute_the_same_bytes(desk):
    client, service = desk.pair()
    assert client.prf(b"label", 48) == service.prf(b"label", 48) != client.prf(b"other", 48)


def test_threads_share_a_session_and_an_acceptor(desk):
    acceptor, failures = desk.acceptor(), []
    me = desk.login()

    def work():
        try:
            for _ in range(50):
                client, service = meet(me.initiate(desk.spn), acceptor.accept())
                assert service.unwrap(client.wrap(b"x" * 100_000)) == b"x" * 100_000
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    me.close()


def test_a_ticket_without_pac_and_indicators_proves_none(desk):
    client, service = desk.pair()
    assert service.indicators == [] and client.pac is None and client.groups == []
    if service.pac is not None:  # the KDC gave one: it is of this very user
        assert service.pac.account == "alice" and service.groups == service.pac.groups
