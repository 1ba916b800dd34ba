"""ASGI: logins at Starlette, FastAPI and a bare application; one on a real server."""

import asyncio
import base64
import contextlib
import json
import socket
import threading

import httpx
import obol
import obol.asgi
import pytest
from obol.http import Negotiate


async def bare(scope, receive, send):
    identity = scope.get("kerberos")
    delegated = identity.delegated if identity else None
    told = {
        "principal": str(identity and identity.principal),
        "delegated": str(delegated and delegated.principal),
        "bound": bool(identity and identity.channel_bound),
    }
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


def protect(desk, app=bare, **options):
    return obol.asgi.Negotiate(app, desk.keytab, config=desk.realm.config, **options)


def fetch(app, *paths, auth=None, **options):
    """The answers of an application to requests, one after another."""

    async def main():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, auth=auth, base_url="http://web") as client:
            return [await client.get(path, **options) for path in paths]

    return asyncio.run(main())


@pytest.fixture
def auth(desk):
    with desk.login(forwardable=True) as me:
        yield lambda **options: Negotiate(me, spn=desk.spn, **options)


def test_a_user_and_his_delegated_session_come_with_the_request(desk, auth):
    answer = fetch(protect(desk), "/", auth=auth(mutual="required", delegate=True))[0]
    assert answer.json() == {"principal": "alice@OBOL.TEST", "delegated": "alice@OBOL.TEST", "bound": False}


def test_starlette(desk, auth):
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def me(request):
        kerberos = request.scope["kerberos"]
        return PlainTextResponse(f"{request.user.display_name} {kerberos.principal.primary}")

    app = Starlette(routes=[Route("/me", me)])
    app.add_middleware(obol.asgi.Negotiate, keytab=desk.keytab, config=desk.realm.config)
    first, second, nowhere = fetch(app, "/me", "/me", "/nowhere", auth=auth(mutual="required"))
    assert first.text == second.text == "alice@OBOL.TEST alice" and nowhere.status_code == 404
    assert fetch(app, "/me")[0].status_code == 401


def fastapi_app(desk):
    import fastapi

    app = fastapi.FastAPI()
    app.add_middleware(
        obol.asgi.Negotiate, keytab=desk.keytab, config=desk.realm.config,
        require=lambda scope: scope["path"] != "/health",
    )  # fmt: skip

    def user(request: fastapi.Request) -> obol.asgi.Identity:
        return request.scope["kerberos"]

    @app.get("/me")
    async def me(who=fastapi.Depends(user)):
        return {"me": str(who.principal)}

    @app.get("/health")
    def health(request: fastapi.Request):
        return {"logged_in": request.user.is_authenticated}

    return app


def test_fastapi(desk, auth):
    app = fastapi_app(desk)
    assert fetch(app, "/me", auth=auth())[0].json() == {"me": "alice@OBOL.TEST"}
    health, me = fetch(app, "/health", "/me")
    assert health.json() == {"logged_in": False} and me.status_code == 401
    assert fetch(app, "/health", auth=auth(preempt=True))[0].json() == {"logged_in": True}


@contextlib.contextmanager
def serving(app):
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        server.install_signal_handlers = lambda: None
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_a_real_server(desk, auth):
    with serving(fastapi_app(desk)) as url, httpx.Client(trust_env=False) as client:
        kept = auth(mutual="required")
        for _ in range(3):
            assert client.get(url + "/me", auth=kept).json() == {"me": "alice@OBOL.TEST"}
        assert client.get(url + "/me").status_code == 401


@pytest.mark.parametrize("value", ["Negotiate", "Negotiate !", "Negotiate YWJj", "Negotiate TlRMTVNTUAABAAAA"])
def test_headers_that_are_wrong_are_answered_401(desk, value):
    answer = fetch(protect(desk), "/", headers={"Authorization": value, "Accept": "application/json"})[0]
    assert answer.status_code == 401 and answer.headers["www-authenticate"].startswith("Negotiate")
    assert answer.json()["remedy"]
    assert ("NTLM" in answer.text) == ("TlRM" in value)


def test_two_headers_are_no_login(desk, auth):
    token = auth().token_for("http://web")
    fields = [("Authorization", "Basic dTpw"), ("Authorization", token)]
    assert fetch(protect(desk), "/", headers=fields)[0].status_code == 401


def test_the_servers_certificate_counts_without_being_named(desk, tmp_path):
    from web import certificate

    pem = certificate(tmp_path).read_text()

    def app(required):
        inner = protect(desk, require_binding=required)

        async def told(scope, receive, send):
            scope = {**scope, "extensions": {"tls": {"server_cert": pem}}}
            await inner(scope, receive, send)

        return told

    with desk.login() as me:
        for channel, required, status in (
            (obol.tls_binding(certificate=pem), True, 200),
            (None, True, 401),
            (None, False, 200),
            (b"tls-server-end-point:other", False, 401),
        ):
            token = base64.b64encode(me.initiate(desk.spn, channel=channel).step()).decode()
            answer = fetch(app(required), "/", headers={"Authorization": f"Negotiate {token}"})[0]
            assert answer.status_code == status
            assert status != 200 or answer.json()["bound"] == (channel is not None)


def socket_talk(app, headers, extensions):
    sent = []

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "headers": headers, "extensions": extensions}
    asyncio.run(app(scope, receive, send))
    return sent


def test_websockets_are_behind_the_login_too(desk, auth):
    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept", "subprotocol": str(scope["kerberos"])})

    protected = protect(desk, app)
    token = auth().token_for("http://web").encode()
    accepted = socket_talk(protected, [(b"authorization", token)], {})[0]
    assert accepted["subprotocol"] == "alice@OBOL.TEST"
    assert accepted["headers"][0][0] == b"www-authenticate"
    assert socket_talk(protected, [], {}) == [{"type": "websocket.close", "code": 1008}]
    start, body = socket_talk(protected, [], {"websocket.http.response": {}})
    assert start["status"] == 401 and b"kinit" in body["body"]


def test_what_is_no_request_passes(desk):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["type"])

    asyncio.run(protect(desk, app)({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]


def test_a_session_of_the_request_ends_with_it(desk, auth):
    kept = []

    async def app(scope, receive, send):
        kept.append((scope["kerberos"].delegated, scope["kerberos"].context))
        await bare(scope, receive, send)
        assert not kept[-1][0].closed

    assert fetch(protect(desk, app), "/", auth=auth(delegate=True))[0].is_success
    assert kept[0][0].closed and kept[0][1].closed


def test_tasks_share_the_middleware(desk, auth):
    async def main():
        transport = httpx.ASGITransport(app=protect(desk))
        async with httpx.AsyncClient(transport=transport, auth=auth(), base_url="http://web") as client:
            return await asyncio.gather(*(client.get("/") for _ in range(40)))

    assert {a.json()["principal"] for a in asyncio.run(main())} == {"alice@OBOL.TEST"}
