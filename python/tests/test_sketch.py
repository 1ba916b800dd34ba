"""The sketch of the API that users of Kerberos from Python would want, line by line as it was written: no
`config=` anywhere, the system's krb5.conf is that of a realm EXAMPLE.COM."""

import asyncio
import datetime
import ssl
import threading
from pathlib import Path
from types import SimpleNamespace

import fastapi
import httpx
import obol
import obol.config
import pytest
import requests
from obol.testing import Realm
from web import certificate, serving


@pytest.fixture(scope="module")
def kept():
    """The realm that krb5.conf names, with all that the sketch speaks of."""
    with Realm("EXAMPLE.COM") as made:
        made.user("alice", "secret")
        made.user("bob", "builder")
        keys = {spn: made.service(spn) for spn in ("HTTP/web.example.com", "HTTP/localhost", "ldap/dc.example.com",
                                                   "ldap/other.example.com", "host/server.example.com")}  # fmt: skip
        made.allow_delegation("HTTP/web.example.com", "ldap/dc.example.com")
        yield SimpleNamespace(realm=made, keys=keys)


@pytest.fixture
def system(kept, tmp_path, monkeypatch):
    """The machine: krb5.conf, a cache, keytabs at their places, and a working directory."""
    for name in ("KRB5_CONFIG", "KRB5CCNAME"):
        monkeypatch.setenv(name, kept.realm.environment()[name])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(obol.config, "_system", None)
    etc = tmp_path / "etc"
    etc.mkdir()
    kept.keys["HTTP/web.example.com"].add_to(etc / "http.keytab")
    kept.keys["host/server.example.com"].add_to(etc / "app.keytab")
    kept.etc, kept.tmp = etc, tmp_path
    yield kept
    kept.realm.clock.offset = 0


def getpass(prompt):
    assert prompt == "Password for alice@EXAMPLE.COM: "
    return "secret"


def test_logins(system):
    with obol.login("alice@EXAMPLE.COM", password=getpass, renewable=datetime.timedelta(days=7)) as me:
        assert me.principal == obol.Principal("alice@EXAMPLE.COM")
        assert me.expires.tzinfo is datetime.timezone.utc
        assert me.expires < me.renewable and me.renewable == me.renewable_until
        t = me.ticket("HTTP/web.example.com")
        assert str(t.spn) == "HTTP/web.example.com@EXAMPLE.COM" and t.etype == "aes256-cts-hmac-sha1-96"
        assert t.expires <= me.expires and obol.TicketFlags.PRE_AUTHENT in t.flags
        assert list(system.tmp.iterdir()) == [system.etc]  # in memory; nothing written
        me.save("FILE:alice.ccache")
        me.save()
    with obol.login("alice@EXAMPLE.COM", password=getpass) as me:
        assert me.renewable is None
    svc = obol.login(keytab=system.etc / "app.keytab", refresh=True)
    assert svc.principal.primary == "host"
    svc.close()
    assert obol.load("alice.ccache").principal == obol.default().principal == obol.Principal("alice@EXAMPLE.COM")


def tls_pair(pem):
    """Both ends of a TLS connection."""
    import socket

    ends = socket.socketpair()
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=pem)
    server.load_cert_chain(pem)
    made = []
    thread = threading.Thread(target=lambda: made.append(server.wrap_socket(ends[0], server_side=True)))
    thread.start()
    sock = client.wrap_socket(ends[1], server_hostname="localhost")
    thread.join()
    return sock, made[0]


@pytest.mark.parametrize("delegate", [False, True])
def test_any_protocol(system, delegate):
    pem = certificate(system.tmp)
    sock, other = tls_pair(pem)
    with sock, other, obol.login("alice", password=getpass, forwardable=True) as me:
        svc = obol.login(keytab=Path(system.etc / "app.keytab"), refresh=True)
        a = me.initiate("host@server.example.com", mutual=True, delegate=delegate, channel=obol.tls_binding(sock))
        b = svc.accept(channel=obol.tls_binding(certificate=pem.read_bytes()), replay=obol.MemoryReplay())
        reply = b.step(a.step())
        assert reply and b.done and not a.done
        a.step(reply)
        assert a.done and b.peer == obol.Principal("alice@EXAMPLE.COM")
        assert repr(b.peer) == "Principal('alice@EXAMPLE.COM')"
        data = b.unwrap(a.wrap(b"secret"))
        assert data == b"secret"
        b.verify(b"in the open", a.sign(b"in the open"))
        assert (b.delegated is None) is not delegate
        if delegate:
            assert b.delegated.ticket("ldap/dc.example.com").client == b.peer
        svc.close()


def test_http_clients(system):
    acceptor = obol.Acceptor(system.keys["HTTP/localhost"])
    with obol.login("alice", password=getpass) as me, serving(acceptor) as server:
        me.save()
        for auth in (obol.Negotiate(me, preempt=True, delegate=False, bind_tls=True), obol.Negotiate(preempt=True)):
            with httpx.Client(auth=auth, trust_env=False) as client:
                assert client.get(server.url).text == "alice@EXAMPLE.COM:"

            async def main(auth=auth):
                async with httpx.AsyncClient(auth=auth, trust_env=False) as client:
                    return (await client.get(server.url)).text

            assert asyncio.run(main()) == "alice@EXAMPLE.COM:"
            with requests.Session() as session:
                session.trust_env, session.auth = False, auth
                assert session.get(server.url).text == "alice@EXAMPLE.COM:"
            assert server.counts() == (3, 3)


def test_servers(system):
    app = fastapi.FastAPI()

    @app.get("/me")
    def me_page(request: fastapi.Request, who: obol.asgi.Identity = fastapi.Depends(obol.fastapi.user)):
        kerberos = request.scope["kerberos"]
        assert who is kerberos
        delegated = kerberos.delegated
        return [str(kerberos.principal), kerberos.groups, str(delegated.principal) if delegated else None]

    @app.get("/health")
    def health(who=fastapi.Depends(obol.fastapi.optional_user)):
        return who and str(who)

    @app.get("/health/private")
    def private(who=fastapi.Depends(obol.fastapi.user)):
        return str(who)

    app = obol.asgi.Negotiate(
        app, keytab=str(system.etc / "http.keytab"), require=lambda scope: not scope["path"].startswith("/health")
    )
    with obol.login("alice", password=getpass, forwardable=True) as me:

        async def ask(path, auth=None):
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, auth=auth, base_url="http://web.example.com") as web:
                return await web.get(path)

        name, groups, delegated = asyncio.run(ask("/me", obol.Negotiate(me))).json()
        assert name == "alice@EXAMPLE.COM" and groups and delegated is None
        told = asyncio.run(ask("/me", obol.Negotiate(me, delegate=True))).json()
        assert told[2] == "alice@EXAMPLE.COM"
        assert asyncio.run(ask("/me")).status_code == 401
        assert asyncio.run(ask("/health")).json() is None
        assert asyncio.run(ask("/health/private", obol.Negotiate(me, preempt=True))).json() == "alice@EXAMPLE.COM"
        refused = asyncio.run(ask("/health/private"))
        assert refused.status_code == 401 and refused.headers["www-authenticate"] == "Negotiate"
        assert "kinit" in refused.text
        # Where the route asks for a login and the middleware does not, a client still logs in.
        answered = asyncio.run(ask("/health/private", obol.Negotiate(me)))
        assert answered.json() == "alice@EXAMPLE.COM"


def test_a_websocket_of_fastapi_has_its_user_or_is_closed(system):
    from starlette.testclient import TestClient
    from starlette.websockets import WebSocketDisconnect

    app = fastapi.FastAPI()

    @app.websocket("/ws")
    async def talk(socket: fastapi.WebSocket, who=fastapi.Depends(obol.fastapi.user)):
        await socket.accept()
        await socket.send_text(str(who))
        await socket.close()

    app = obol.asgi.Negotiate(app, keytab=system.etc / "http.keytab", require=False)
    with obol.login("alice", password=getpass) as me:
        token = obol.Negotiate(me).token_for("http://web.example.com/")
        with TestClient(app).websocket_connect("/ws", headers={"Authorization": token}) as socket:
            assert socket.receive_text() == "alice@EXAMPLE.COM"
    with pytest.raises(WebSocketDisconnect) as closed, TestClient(app).websocket_connect("/ws"):
        pass
    assert closed.value.code == 1008


def test_delegation_and_protocol_transition(system):
    with obol.login(keytab=system.etc / "http.keytab", forwardable=True) as svc:
        as_bob = svc.impersonate("bob@EXAMPLE.COM")
        ldap = as_bob.ticket("ldap/dc.example.com")
        assert ldap.client == obol.Principal("bob@EXAMPLE.COM")
        with pytest.raises(obol.NotAllowedToDelegate) as told:
            as_bob.ticket("ldap/other.example.com")
        assert told.value.service.startswith("HTTP/web.") and told.value.spn.startswith("ldap/other.")


def test_asyncio(system):
    kt = system.realm.keytab("alice")

    async def main():
        async with obol.aio.login("alice@EXAMPLE.COM", keytab=kt, timeout=5) as me:
            t = await me.ticket("HTTP/web.example.com")
            return t.spn.host

    assert asyncio.run(main()) == "web.example.com"


def test_tests(realm):
    realm.user("sketch", "pw")
    kt = realm.service("HTTP/sketch.example.com")
    with realm.login("sketch", "pw", lifetime=3600) as me:
        with realm.clock.ahead(hours=1):
            assert not me.valid
        assert me.valid and len(kt) == 1


# ---- the exceptions: each with the attributes that it should have


def raised(kind, call):
    with pytest.raises(kind) as told:
        call()
    error = told.value
    assert isinstance(error.code, int) and isinstance(error.major, int) and isinstance(error.minor, int)
    assert error.remedy
    return error


def test_exceptions_have_their_place_and_attributes(system, free_port):
    for kind in (obol.NoCredentials, obol.WrongPassword, obol.AccountLocked, obol.PasswordExpired, obol.TicketExpired):
        assert issubclass(kind, obol.CredentialError) and issubclass(kind, obol.Error)
    raised(obol.WrongPassword, lambda: obol.login("alice", password="wrong"))
    with obol.login("alice", password="secret") as me:
        missing = raised(obol.ServiceNotFound, lambda: me.ticket("nfs@LocalHost", canonicalize=True))
        assert missing.canonicalized_from == "LocalHost" and missing.spn.startswith("nfs/")
        missing = raised(obol.ServiceNotFound, lambda: me.ticket("https://nowhere.example.com/x"))
        assert missing.spn == "HTTP/nowhere.example.com" and missing.asked_as == "https://nowhere.example.com/x"
        assert missing.canonicalized_from == "" and missing.similar == ()
        token = me.initiate("HTTP/web.example.com", mech="krb5").step()
        bound = me.initiate("HTTP/web.example.com", channel=b"a connection").step()
    dead = obol.Config("DEAD.COM", {"DEAD.COM": f"127.0.0.1:{free_port}"})
    unreachable = raised(obol.KdcUnreachable, lambda: obol.login("a@DEAD.COM", password="x", config=dead, timeout=0.5))
    assert unreachable.realm == "DEAD.COM" and any(str(free_port) in place for place in unreachable.attempts)
    nowhere = obol.Config("X.COM", settings={"dns_lookup_kdc": False})
    lost = raised(obol.RealmNotFound, lambda: obol.login("a@X.COM", password="x", config=nowhere))
    assert lost.realm == "X.COM" and lost.tried is not None
    service = obol.Acceptor(system.keys["HTTP/web.example.com"])
    service.accept().step(token)
    raised(obol.Replay, lambda: service.accept().step(token))
    raised(obol.BindingMismatch, lambda: service.accept(channel=b"another").step(bound))
    ntlm = raised(obol.BadToken, lambda: service.accept().step(b"NTLMSSP\0\1\0\0\0" + bytes(24)))
    assert ntlm.kind == "NTLM"
    other = obol.Acceptor(system.keys["ldap/dc.example.com"])
    mismatch = raised(obol.KeytabMismatch, lambda: other.accept().step(token))
    assert mismatch.spn.startswith("HTTP/web.") and mismatch.kvno == 1
    assert mismatch.etype == "aes256-cts-hmac-sha1-96" and "ldap/dc" in mismatch.available


def test_clock_skew_has_both_clocks(system):
    late = obol.Clock()
    late.offset = -3600
    service = obol.Acceptor(system.keys["HTTP/web.example.com"], config=system.realm.config_at(late))
    with obol.login("alice", password="secret") as me:
        client = me.initiate("HTTP/web.example.com")
        skew = raised(obol.ClockSkew, lambda: service.accept().step(client.step()))
        heard = raised(obol.ClockSkew, lambda: client.step(skew.token))
    hour = datetime.timedelta(hours=1)
    assert abs(skew.remote - skew.local - hour) < hour / 60 and skew.difference == skew.remote - skew.local
    assert abs(heard.remote - heard.local + hour) < hour / 60 and heard.seconds < 0


def test_the_logger_is_silent_until_somebody_listens(system, capfd):
    service = obol.asgi.Negotiate(None, keytab=system.etc / "http.keytab")
    verdict = service._gate.check(["Negotiate YWJj"], None, {})
    assert verdict.refusal and capfd.readouterr().err == ""
