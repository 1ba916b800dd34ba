"""aiohttp: its client logs in to real servers, its server takes logins."""

import asyncio
import io
import ssl

import aiohttp
import obol
import obol.aiohttp
import pytest
from aiohttp import web
from obol.http import BodyNotRepeatable, Negotiate
from web import certificate, serving

HI = "alice@OBOL.TEST:"


@pytest.fixture(scope="module")
def keytab(desk):
    return desk.realm.service("HTTP/aio.example.com")


@pytest.fixture
def me(desk):
    with desk.login(forwardable=True) as session:
        yield session


def auth_of(me, **options):
    return Negotiate(me, spn="HTTP/aio.example.com", **options)


def run(auth, work):
    async def main():
        async with aiohttp.ClientSession() as session:
            return await work(obol.aiohttp.Client(session, auth))

    return asyncio.run(main())


def test_the_client_logs_in_and_remembers(desk, keytab, me):
    async def work(client):
        async with client.get(server.url + "/x") as answer:
            assert await answer.text() == HI
        answer = await client.post(server.url, data=b"body")
        return await answer.text()

    with serving(desk.realm.acceptor(keytab)) as server:
        assert run(auth_of(me, mutual="required"), work) == HI + "body"
        assert server.counts() == (3, 2) and server.errors == []


def test_the_client_binds_its_login(desk, keytab, me, tmp_path):
    pem = certificate(tmp_path)
    context = ssl.create_default_context(cafile=str(pem))

    async def work(client):
        return [(await client.get(server.url, ssl=context)).status for _ in range(3)]

    with serving(desk.realm.acceptor(keytab), tls=pem) as server:
        for preempt in (False, True):
            assert run(auth_of(me, preempt=preempt), work) == [200] * 3
        assert server.errors == [] and all(c.channel_bound for c in server.contexts)
        assert run(auth_of(me, bind_tls=False), work) == [401] * 3


def test_bodies_are_sent_again_or_told(desk, keytab, me):
    async def stream():
        yield b"one"
        yield b"two"

    async def work(client):
        file = io.BytesIO(b"skip" + b"of a file" * 1000)
        file.seek(4)
        answer = await client.post(server.url, data=file)
        assert await answer.text() == HI + "of a file" * 1000
        assert server.seen[-1][2]["Content-Length"] == "9000" and not file.closed
        client.auth.forget()
        answer = await client.post(server.url, data=stream())
        assert await answer.text() == HI + "onetwo"
        server.script = lambda handler: (401, [("WWW-Authenticate", "Negotiate")], b"")
        with pytest.raises(BodyNotRepeatable):
            await client.post(server.url, data=stream())

    with serving(desk.realm.acceptor(keytab)) as server:
        run(auth_of(me), work)


def test_redirects_are_followed_by_a_new_login(desk, keytab, me):
    async def work(client):
        async with client.get(server.url + "/move") as answer:
            return answer.url.path, await answer.text()

    with serving(desk.realm.acceptor(keytab)) as server:
        assert run(auth_of(me), work) == ("/moved", HI)
        assert server.errors == []


@pytest.mark.parametrize("tunnel", [False, True])
def test_proxies_are_logged_in_to(desk, keytab, me, tmp_path, tunnel):
    pem = certificate(tmp_path)
    context = ssl.create_default_context(cafile=str(pem))

    async def work(client):
        url = server.url if tunnel else "http://aio.example.com/x"
        for _ in range(2):
            async with client.get(url, proxy=proxy.url, ssl=context) as answer:
                assert await answer.text() == HI

    acceptor = desk.realm.acceptor(keytab)
    with serving(acceptor, proxy=not tunnel) as proxy, serving(acceptor, tls=pem) as server:
        proxy.behind, server.binding = server.server_address, None
        run(auth_of(me), work)
        assert not any(isinstance(error, obol.Replay) for error in proxy.errors)


def test_a_server_that_proves_nothing(desk, keytab, me):
    def script(handler):
        if "Authorization" in handler.headers:
            return 200, [], b"hello"
        return 401, [("WWW-Authenticate", "Negotiate")], b""

    async def work(client):
        return await (await client.get(server.url)).text()

    with serving(None, script=script) as server:
        assert run(auth_of(me), work) == "hello"
        with pytest.raises(obol.MutualAuthFailed):
            run(auth_of(me, mutual="required"), work)


def application(desk, keytab, **options):
    async def home(request):
        kerberos = request.get("kerberos")
        if request.path == "/gone":
            raise web.HTTPGone()
        delegated = kerberos.delegated if kerberos else None
        return web.json_response(
            {"me": kerberos and str(kerberos.principal), "delegated": str(delegated and delegated.principal)}
        )

    options.setdefault("config", desk.realm.config)
    app = web.Application(middlewares=[obol.aiohttp.negotiate(keytab, **options)])
    app.router.add_get("/{path:.*}", home)
    return app


def at_server(app, auth, work):
    """Runs aiohttp's server and client on one loop."""

    async def main():
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
        try:
            async with aiohttp.ClientSession() as session:
                return await work(obol.aiohttp.Client(session, auth), url)
        finally:
            await runner.cleanup()

    return asyncio.run(main())


def test_the_server_takes_logins(desk, keytab, me):
    async def work(client, url):
        answer = await client.get(url)
        assert await answer.json() == {"me": "alice@OBOL.TEST", "delegated": "alice@OBOL.TEST"}
        assert (await client.get(url + "/gone")).status == 410
        return await asyncio.gather(*(client.get(f"{url}/{i}") for i in range(20)))

    auth = auth_of(me, mutual="required", delegate=True)
    assert {a.status for a in at_server(application(desk, keytab), auth, work)} == {200}


@pytest.mark.parametrize("value", [None, "Negotiate !", "Negotiate YWJj", "Negotiate TlRMTVNTUAABAAAA"])
def test_the_server_refuses_and_says_why(desk, keytab, value):
    async def work(client, url):
        headers = {"Accept": "application/json", **({"Authorization": value} if value else {})}
        async with client.session.get(url, headers=headers) as answer:
            assert answer.status == 401 and answer.headers["WWW-Authenticate"].startswith("Negotiate")
            told = await answer.json()
            assert told["remedy"] and ("NTLM" in told["detail"]) == ("TlRM" in (value or ""))

    at_server(application(desk, keytab), None, work)


def test_the_server_may_let_others_in(desk, keytab):
    async def work(client, url):
        async with client.session.get(url + "/health") as answer:
            assert (await answer.json())["me"] is None
        async with client.session.get(url + "/x") as answer:
            assert answer.status == 401

    at_server(application(desk, keytab, require=lambda request: request.path != "/health"), None, work)
