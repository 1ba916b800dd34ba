"""HTTP clients: one Negotiate object for requests, httpx, urllib and niquests, against real servers.

niquests is in no distribution: tests/peers/test_py_newest.py runs this file with it, and with the newest
releases of the others.
"""

import asyncio
import base64
import importlib.util
import io
import os
import threading
import urllib.error
import urllib.request

import obol
import pytest
import requests
from obol.http import BodyNotRepeatable, Negotiate
from web import certificate, serving

httpx = importlib.import_module(os.environ.get("OBOL_HTTPX", "httpx"))  # or httpx2


class Web:
    def __init__(self, desk, directory):
        self.desk = desk
        self.keytab = desk.service("HTTP/localhost")
        self.certificate = certificate(directory)

    def serve(self, **options):
        return serving(self.desk.realm.acceptor(self.keytab), **options)

    def tls(self):
        return self.serve(tls=self.certificate)


@pytest.fixture(scope="module")
def web(desk, tmp_path_factory):
    return Web(desk, tmp_path_factory.mktemp("web"))


@pytest.fixture
def me(desk):
    with desk.login(forwardable=True) as session:
        yield session


@pytest.fixture
def server(web):
    with web.serve() as server:
        yield server


def _requests(auth, url, data=None, verify=True):
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request("POST" if data else "GET", url, data=data, auth=auth, verify=verify)
        return answer.status_code, answer.content


def _httpx(auth, url, data=None, verify=True):
    with httpx.Client(auth=auth, verify=verify, trust_env=False) as client:
        answer = client.request("POST" if data else "GET", url, content=data)
        return answer.status_code, answer.content


def _httpx_async(auth, url, data=None, verify=True):
    async def main():
        async with httpx.AsyncClient(auth=auth, verify=verify, trust_env=False) as client:
            answer = await client.request("POST" if data else "GET", url, content=data)
            return answer.status_code, answer.content

    return asyncio.run(main())


def _urllib(auth, url, data=None, verify=True):
    import ssl

    context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
    opener = urllib.request.build_opener(
        auth.urllib(), urllib.request.HTTPSHandler(context=context), urllib.request.ProxyHandler({})
    )
    try:
        with opener.open(url, data=data, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _niquests(auth, url, data=None, verify=True):
    import niquests

    with niquests.Session() as session:
        session.trust_env = False
        answer = session.request("POST" if data else "GET", url, data=data, auth=auth, verify=verify)
        return answer.status_code, answer.content


def _niquests_async(auth, url, data=None, verify=True):
    import niquests

    async def main():
        async with niquests.AsyncSession() as session:
            session.trust_env = False
            method = "POST" if data else "GET"
            answer = await session.request(method, url, data=data, auth=auth.niquests_async(), verify=verify)
            return answer.status_code, answer.content

    return asyncio.run(main())


NIQUESTS = [_niquests, _niquests_async] if importlib.util.find_spec("niquests") else []
CLIENTS = pytest.mark.parametrize("fetch", [_requests, _httpx, _httpx_async, _urllib, *NIQUESTS])
HI = b"alice@OBOL.TEST:"


@CLIENTS
def test_every_client_logs_in_and_remembers_the_origin(fetch, server, me):
    auth = Negotiate(me)
    assert fetch(auth, server.url + "/x") == (200, HI)
    assert server.counts() == (2, 1)
    for _ in range(3):
        assert fetch(auth, server.url + "/y", b"body") == (200, HI + b"body")
    assert server.counts() == (3, 3) and server.errors == []
    auth.forget()
    assert fetch(auth, server.url, b"body") == (200, HI + b"body")
    assert server.counts() == (2, 1)


@CLIENTS
def test_every_client_preempts_for_ever_when_asked(fetch, server, me):
    auth = Negotiate(me, preempt=True)
    for path in ("/open", "/x", "/open"):
        assert fetch(auth, server.url + path) == (200, HI)
    assert server.counts() == (3, 3)


@CLIENTS
def test_nobody_logs_in_where_nobody_asks(fetch, server, me):
    assert fetch(Negotiate(me), server.url + "/open") == (200, b"None:")
    assert server.counts() == (1, 0)


@CLIENTS
@pytest.mark.parametrize("preempt", [False, True])
def test_every_client_binds_its_login_to_the_tls_connection(fetch, web, me, preempt):
    with web.tls() as server:
        auth = Negotiate(me, preempt=preempt)
        for _ in range(3):
            assert fetch(auth, server.url, verify=str(web.certificate)) == (200, HI)
        assert server.counts() == ((3, 3) if preempt else (4, 3)) and server.errors == []
        assert all(context.channel_bound for context in server.contexts)
        assert fetch(Negotiate(me, bind_tls=False), server.url, verify=str(web.certificate))[0] == 401
        assert "no binding" in server.errors


@CLIENTS
def test_a_certificate_that_changes_is_bound_anew(fetch, web, me):
    with web.tls() as server:
        auth = Negotiate(me)
        assert fetch(auth, server.url, verify=str(web.certificate))[0] == 200
        for known in auth._known.values():
            known.binding = b"tls-server-end-point:of another certificate"
        assert fetch(auth, server.url, verify=str(web.certificate)) == (200, HI)
        assert isinstance(server.errors[0], obol.BindingMismatch)


@CLIENTS
@pytest.mark.parametrize("token", ["Negotiate", "Negotiate YQ==", "Negotiate !", ""])
def test_a_server_that_proves_nothing(fetch, web, me, token):
    def script(handler):
        if "Authorization" in handler.headers:
            return 200, [("WWW-Authenticate", token)] if token else [], b"hello"
        return 401, [("WWW-Authenticate", "Negotiate")], b""

    with web.serve(script=script) as server:
        with pytest.raises(obol.Error) as told:
            fetch(Negotiate(me, mutual="required"), server.url)
        if token in ("", "Negotiate"):
            assert isinstance(told.value, obol.MutualAuthFailed) and told.value.facts["status"] == "200"
            assert fetch(Negotiate(me), server.url) == (200, b"hello")
        else:
            with pytest.raises(obol.Error):
                fetch(Negotiate(me), server.url)
        assert fetch(Negotiate(me, mutual="off"), server.url) == (200, b"hello")


@CLIENTS
def test_a_server_that_never_has_enough(fetch, web, me):
    def script(handler):
        return 401, [("WWW-Authenticate", "Negotiate")], b"no"

    with web.serve(script=script) as server:
        assert fetch(Negotiate(me, mutual="required"), server.url) == (401, b"no")
        assert server.counts() == (2, 1)
        assert fetch(Negotiate(me, preempt=True), server.url) == (401, b"no")
        assert server.counts() == (2, 2)


@CLIENTS
def test_the_true_server_passes_where_proof_is_required(fetch, server, me):
    assert fetch(Negotiate(me, mutual="required"), server.url) == (200, HI)
    assert fetch(Negotiate(me, mutual="off"), server.url) == (200, HI)


@CLIENTS
def test_a_service_without_spn_is_told_with_its_derivation(fetch, server, me):
    url = server.url.replace("localhost", "127.0.0.1")
    with pytest.raises(obol.ServiceNotFound) as told:
        fetch(Negotiate(me), url)
    assert told.value.spn.startswith("HTTP/127.0.0.1") and "of the URL" in told.value.derivation[0]
    assert fetch(Negotiate(me, spn="HTTP/localhost"), url) == (200, HI)
    assert fetch(Negotiate(me, spn=lambda host: "HTTP/localhost"), url) == (200, HI)


@CLIENTS
def test_a_service_with_new_keys_is_asked_for_with_a_new_ticket(fetch, desk, me):
    desk.realm.user("dave")
    with desk.realm.login("dave") as dave:
        name = f"HTTP/keys{fetch.__name__.replace('_', '-')}.example.com"
        auth = Negotiate(dave, spn=name)
        desk.realm.service(name)
        dave.ticket(name)
        desk.realm.password(name)
        with serving(desk.realm.acceptor(desk.realm.keytab(name))) as server:
            assert fetch(auth, server.url) == (200, b"dave@OBOL.TEST:")
            assert isinstance(server.errors[0], obol.KeytabMismatch)
    desk.realm.delete("dave")


@CLIENTS
def test_the_clock_that_is_off_is_told(fetch, desk, server):
    with desk.realm.login("alice", "wonderland", lifetime=86400) as me:
        auth = Negotiate(me)
        assert fetch(auth, server.url)[0] == 200
        ahead = obol.Clock()
        ahead.offset = 3600
        config = desk.realm.config_at(ahead)
        server.acceptor = desk.realm.acceptor(server.acceptor.keytab, config=config)
        with pytest.raises(obol.ClockSkew):
            fetch(auth, server.url)


@CLIENTS
def test_the_login_is_delegated_when_asked(fetch, server, me):
    assert fetch(Negotiate(me, delegate=True), server.url) == (200, HI)
    with server.contexts[-1].delegated as session:
        assert str(session.principal) == "alice@OBOL.TEST"
    assert fetch(Negotiate(me), server.url) == (200, HI)
    assert server.contexts[-1].delegated is None


# ---- bodies


@pytest.mark.parametrize("fetch", [_requests, _httpx, _urllib, *NIQUESTS])
def test_a_file_is_sent_again_from_where_it_began(fetch, server, me):
    data = io.BytesIO(b"skip this, send that" * 1000)
    data.seek(0 if fetch is _httpx else 11)  # httpx itself states the whole length always
    want = data.getvalue()[data.tell():]
    if fetch is _urllib:
        request = urllib.request.Request(server.url, data=data, headers={"Content-Length": str(len(want))})
        opener = urllib.request.build_opener(Negotiate(me).urllib(), urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=20) as answer:
            got = answer.read()
    else:
        got = fetch(Negotiate(me), server.url, data)[1]
    assert got == HI + want
    assert server.counts() == (2, 1)


@pytest.mark.parametrize("fetch", [_requests, _httpx, *NIQUESTS])
def test_a_stream_goes_out_with_its_login(fetch, server, me):
    assert fetch(Negotiate(me), server.url, (b for b in (b"one", b"two"))) == (200, HI + b"onetwo")
    assert server.counts() == (1, 1)


def test_an_async_stream_goes_out_with_its_login(server, me):
    async def stream():
        yield b"one"
        yield b"two"

    assert _httpx_async(Negotiate(me), server.url, stream()) == (200, HI + b"onetwo")
    assert server.counts() == (1, 1)


@pytest.mark.parametrize("fetch", [_requests, _httpx, *NIQUESTS])
def test_a_stream_that_is_used_up_is_told(fetch, web, me):
    def script(handler):
        return 401, [("WWW-Authenticate", "Negotiate")], b""

    with web.serve(script=script) as server, pytest.raises(BodyNotRepeatable) as told:
        fetch(Negotiate(me), server.url, (b for b in (b"one", b"two")))
    assert told.value.facts["url"].startswith(server.url) and "open file" in told.value.remedy


# ---- requests only


def test_requests_follows_a_redirect_with_a_new_login(server, me):
    assert _requests(Negotiate(me), server.url + "/move") == (200, HI)
    assert _requests(Negotiate(me), server.url + "/move") == (200, HI)
    assert not any(isinstance(error, obol.Replay) for error in server.errors)


@pytest.mark.parametrize("kind", ["sync", "async", "urllib"])
def test_other_clients_follow_a_redirect_with_a_new_login(server, me, kind):
    options = {"auth": Negotiate(me), "trust_env": False, "follow_redirects": True}

    async def main():
        async with httpx.AsyncClient(**options) as client:
            return [(await client.get(server.url + "/move")).content for _ in range(2)]

    if kind == "async":
        got = asyncio.run(main())
    elif kind == "sync":
        with httpx.Client(**options) as client:
            got = [client.get(server.url + "/move").content for _ in range(2)]
    else:
        got = [_urllib(options["auth"], server.url + "/move")[1] for _ in range(2)]
    assert got == [HI, HI]


@CLIENTS
def test_a_redirect_elsewhere_gets_a_login_and_no_tgt(fetch, web, me):
    def away(handler):
        return 302, [("Location", there.url + "/x")], b""

    auth = Negotiate(me, delegate=True, spn="HTTP/localhost")
    with web.serve() as there, web.serve(script=away) as here:
        url = here.url.replace("localhost", "127.0.0.1")
        if fetch in (_requests, _urllib, *NIQUESTS):
            assert fetch(auth, url) == (200, HI)
        elif fetch is _httpx:
            with httpx.Client(auth=auth, trust_env=False, follow_redirects=True) as client:
                assert client.get(url).content == HI
        else:

            async def main():
                options = {"auth": auth, "trust_env": False, "follow_redirects": True}
                async with httpx.AsyncClient(**options) as client:
                    return (await client.get(url)).content

            assert asyncio.run(main()) == HI
        assert there.contexts[-1].delegated is None


def test_requests_keeps_the_history(server, me):
    with requests.Session() as session:
        session.trust_env = False
        session.auth = Negotiate(me)
        first = session.get(server.url)
        assert [r.status_code for r in first.history] == [401] and first.ok
        assert session.get(server.url).history == []


def test_threads_share_an_object(web, me):
    failures = []

    def work(auth, url):
        try:
            with requests.Session() as session:
                session.trust_env, session.auth = False, auth
                for number in range(50):
                    answer = session.post(url, data=str(number))
                    if answer.content != HI + str(number).encode():
                        failures.append(answer.content)
        except Exception as error:
            failures.append(error)

    with web.serve() as server:
        auth = Negotiate(me, mutual="required")
        threads = [threading.Thread(target=work, args=(auth, server.url)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == [] and server.errors == []


def test_tasks_share_an_object(server, me):
    auth = Negotiate(me, mutual="required")

    async def main():
        async with httpx.AsyncClient(auth=auth, trust_env=False, timeout=30) as client:
            return await asyncio.gather(*(client.get(f"{server.url}/{i}") for i in range(60)))

    assert [a.content for a in asyncio.run(main())] == [HI] * 60


def test_a_session_of_asyncio_serves_both_worlds(desk, server):
    async def main():
        async with obol.aio.login("alice", password="wonderland", config=desk.realm.config) as me:
            auth = Negotiate(me)
            async with httpx.AsyncClient(auth=auth, trust_env=False) as client:
                assert (await client.get(server.url)).content == HI
            return await asyncio.get_running_loop().run_in_executor(None, _requests, auth, server.url)

    assert asyncio.run(main()) == (200, HI)


# ---- proxies


def test_requests_logs_in_to_a_proxy_and_to_what_is_behind_it(web, me):
    with web.serve(proxy=True) as proxy, requests.Session() as session:
        session.trust_env, session.auth = False, Negotiate(me)
        session.proxies = {"http": proxy.url}
        for _ in range(2):
            answer = session.get("http://localhost/x")
            assert (answer.status_code, answer.content) == (200, HI)
        assert not any(isinstance(error, obol.Replay) for error in proxy.errors)


def through(transport, proxy):
    """httpx's arguments for a proxy, as every version of it takes them."""
    return {"transport": transport(proxy=httpx.Proxy(proxy.url))}


@pytest.mark.parametrize("fetch", ["sync", "async", "urllib"])
def test_other_clients_log_in_to_a_proxy(web, me, fetch):
    with web.serve(proxy=True) as proxy:
        auth = Negotiate(me, proxy=proxy.url)
        if fetch == "urllib":
            handler = urllib.request.ProxyHandler({"http": proxy.url})
            opener = urllib.request.build_opener(auth.urllib(), handler)
            with opener.open("http://localhost/x", timeout=20) as answer:
                assert answer.read() == HI
        elif fetch == "sync":
            with httpx.Client(auth=auth, **through(httpx.HTTPTransport, proxy), trust_env=False) as client:
                assert client.get("http://localhost/x").content == HI
        else:

            async def main():
                async with httpx.AsyncClient(auth=auth, **through(httpx.AsyncHTTPTransport, proxy), trust_env=False) as client:
                    return (await client.get("http://localhost/x")).content

            assert asyncio.run(main()) == HI


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_httpx_begins_tunnels_with_a_login(web, me, kind):
    async def fetch(auth, proxy, urls):
        made = auth.httpx_async_transport(proxy, library=httpx.__name__, verify=str(web.certificate))
        async with httpx.AsyncClient(trust_env=False, transport=made, auth=auth) as client:
            return [answer.content for answer in await asyncio.gather(*map(client.get, urls))]

    def fetch_sync(auth, proxy, urls):
        made = auth.httpx_transport(proxy, library=httpx.__name__, verify=str(web.certificate))
        with httpx.Client(trust_env=False, transport=made, auth=auth) as client:
            return [client.get(url).content for url in urls]

    def run(*args):
        return asyncio.run(fetch(*args)) if kind == "async" else fetch_sync(*args)

    with web.serve(proxy=True) as proxy, web.tls() as server:
        proxy.behind = server.server_address
        secure, plain = [server.url + "/x"] * 3, ["http://localhost/x"]
        assert run(Negotiate(me, proxy=proxy.url), proxy.url, secure + plain) == [HI] * 4
        tunnels = [headers["Proxy-Authorization"] for c, _, headers in proxy.seen if c == "CONNECT"]
        assert len(set(tunnels)) == len(tunnels) >= 1  # no token twice
        assert not any(isinstance(error, obol.Replay) for error in proxy.errors)
    with pytest.raises(obol.ServiceNotFound):
        run(Negotiate(me, spn="HTTP/nobody"), "http://localhost:1", secure)
    with web.serve() as proxy, httpx.Client(**through(httpx.HTTPTransport, proxy), trust_env=False) as client:
        with pytest.raises(httpx.ProxyError, match="407"):
            client.get("https://localhost:1/")


def test_httpx_whose_insides_are_others_is_told_at_once(me, monkeypatch):
    class Pool:
        pass

    made = httpx.HTTPTransport.__init__

    def init(self, **options):
        made(self, **options)
        self._pool = Pool()

    monkeypatch.setattr(httpx.HTTPTransport, "__init__", init)
    with pytest.raises(obol.Error, match="keeps a proxy's headers elsewhere: Pool") as told:
        Negotiate(me).httpx_transport("http://localhost:1", library=httpx.__name__)
    assert told.value.name == "UNSUPPORTED" and "requests" in told.value.remedy


@pytest.mark.parametrize("fetch", ["requests", "urllib", *["niquests"] * bool(NIQUESTS)])
def test_tunnels_begin_with_a_login(web, me, fetch):
    import ssl

    with web.serve() as proxy, web.tls() as server:
        proxy.behind = server.server_address
        for _ in range(2):
            if fetch.endswith("requests"):
                with importlib.import_module(fetch).Session() as session:
                    auth = session.auth = Negotiate(me)
                    session.trust_env = False
                    adapter = auth.requests_adapter if fetch == "requests" else auth.niquests_adapter
                    session.mount("https://", adapter())
                    session.proxies = {"https": proxy.url}
                    assert session.get(server.url, verify=str(web.certificate)).content == HI
            else:
                opener = urllib.request.build_opener(
                    Negotiate(me, proxy=proxy.url).urllib(),
                    urllib.request.ProxyHandler({"https": proxy.url}),
                    urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(web.certificate))),
                )
                with opener.open(server.url, timeout=20) as answer:
                    assert answer.read() == HI
        assert proxy.errors == [] and all(c == "CONNECT" for c, _, _ in proxy.seen)
    with web.serve() as proxy, requests.Session() as session:
        session.trust_env, session.proxies = False, {"https": proxy.url}
        with pytest.raises(requests.exceptions.ProxyError, match="407"):
            session.get("https://localhost:1/")


# ---- errors


def test_there_is_no_default(tmp_path, monkeypatch, server):
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path / 'none'}")
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", str(tmp_path / "none.keytab"))
    with pytest.raises(obol.NoCredentials) as told:
        _requests(Negotiate(config=obol.Config("OBOL.TEST", {})), server.url)
    assert told.value.tried


def test_wrong_arguments_are_told_at_once(me):
    with pytest.raises(ValueError, match="required"):
        Negotiate(me, mutual="yes")
    with pytest.raises(TypeError, match="Session"):
        Negotiate("alice")


def test_a_token_for_any_client(me, server):
    request = urllib.request.Request(server.url, headers={"Authorization": Negotiate(me).token_for(server.url)})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as answer:
        assert answer.read() == HI
    assert base64.b64decode(Negotiate(me).token_for(server.url)[10:])[0] == 0x60
