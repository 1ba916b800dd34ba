"""WSGI: logins at Flask, Django and a bare application, on a real server."""

import base64
import contextlib
import json
import logging
import threading
import wsgiref.simple_server

import httpx
import obol
import obol.wsgi
import pytest
from obol.http import Negotiate

NTLM = base64.b64encode(b"NTLMSSP\0\1\0\0\0\7\x82\x08\xa2" + bytes(24)).decode()


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *unused):
        pass


@contextlib.contextmanager
def serving(app):
    with wsgiref.simple_server.make_server("127.0.0.1", 0, app, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def bare(environ, start_response):
    """Says who came, to whom, and with what."""
    identity = environ.get("kerberos")
    delegated = identity.delegated if identity else None
    told = {
        "user": environ.get("REMOTE_USER"),
        "type": environ.get("AUTH_TYPE"),
        "principal": str(identity and identity.principal),
        "delegated": str(delegated and delegated.principal),
        "groups": identity.groups if identity else [],
        "bound": bool(identity and identity.channel_bound),
        "path": environ["PATH_INFO"],
    }
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(told).encode()]


@pytest.fixture
def client(desk):
    """httpx, logged in as alice, with a WSGI application in place of a network."""
    with contextlib.ExitStack() as stack:
        me = stack.enter_context(desk.login(forwardable=True))

        def make(app, **options):
            options.setdefault("spn", desk.spn)
            auth = Negotiate(me, **options)
            transport = httpx.WSGITransport(app=app)
            return stack.enter_context(httpx.Client(transport=transport, auth=auth, base_url="http://web"))

        yield make


def protect(desk, app=bare, **options):
    return obol.wsgi.Negotiate(app, desk.keytab, config=desk.realm.config, **options)


def test_a_user_and_his_delegated_session_come_with_the_request(desk, client):
    told = client(protect(desk), mutual="required", delegate=True).get("/x").json()
    assert told["user"] == told["principal"] == told["delegated"] == "alice@OBOL.TEST"
    assert (told["type"], told["path"], told["bound"]) == ("Negotiate", "/x", False)
    assert client(protect(desk)).get("/").json()["delegated"] == "None"


def test_flask_on_a_real_server(desk):
    import flask

    app = flask.Flask("shop")

    @app.route("/me", methods=["GET", "POST"])
    def me():
        return f"{flask.request.remote_user} {flask.request.environ['kerberos'].principal.primary} " + (
            flask.request.get_data(as_text=True)
        )

    app.wsgi_app = protect(desk, app.wsgi_app)
    with serving(app) as url, desk.login() as me_, httpx.Client(trust_env=False) as plain:
        auth = Negotiate(me_, spn=desk.spn, mutual="required")
        for _ in range(3):
            assert plain.post(url + "/me", content="hi", auth=auth).text == "alice@OBOL.TEST alice hi"
        assert plain.get(url + "/me").status_code == 401
        assert plain.get(url + "/nowhere", auth=auth).status_code == 404


def test_django_on_a_real_server(desk):
    import django
    from django.conf import settings
    from django.http import HttpResponse
    from django.urls import path

    def me(request):
        return HttpResponse(f"{request.META['REMOTE_USER']} {request.environ['kerberos']}")

    if not settings.configured:
        settings.configure(
            ROOT_URLCONF=type("urls", (), {"urlpatterns": [path("me", me)]}),
            ALLOWED_HOSTS=["127.0.0.1"],
            SECRET_KEY="of a test",
        )
        django.setup()
    from django.core.wsgi import get_wsgi_application

    with serving(protect(desk, get_wsgi_application())) as url, desk.login() as alice:
        answer = httpx.get(url + "/me", auth=Negotiate(alice, spn=desk.spn), trust_env=False)
        assert answer.text == "alice@OBOL.TEST alice@OBOL.TEST"
        assert httpx.get(url + "/me", trust_env=False).status_code == 401


def test_raw_krb5_tokens_are_taken(desk, client):
    with desk.login() as me:
        token = base64.b64encode(me.initiate(desk.spn, mech="krb5").step()).decode()
    plain = httpx.Client(transport=httpx.WSGITransport(app=protect(desk)), base_url="http://web")
    answer = plain.get("/", headers={"Authorization": f"Negotiate {token}"})
    assert answer.json()["user"] == "alice@OBOL.TEST"
    again = plain.get("/", headers={"Authorization": f"Negotiate {token}"})
    assert again.status_code == 401 and again.headers["WWW-Authenticate"].startswith("Negotiate ")


@pytest.mark.parametrize("accept", ["text/html", "application/json", "*/*"])
def test_a_refusal_says_what_and_what_to_do(desk, accept):
    plain = httpx.Client(transport=httpx.WSGITransport(app=protect(desk)), base_url="http://web")
    answer = plain.get("/", headers={"Accept": accept})
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Negotiate"
    if "json" in accept:
        assert answer.json()["error"] == "LoginNeeded" and "kinit" in answer.json()["remedy"]
    else:
        assert answer.headers["Content-Type"].startswith("text/plain") and "kinit" in answer.text
    assert plain.head("/").content == b""


@pytest.mark.parametrize("wrapped", [False, True])
def test_ntlm_is_recognised_and_explained(desk, wrapped):
    token = NTLM
    if wrapped:  # SPNEGO whose only mechanism is NTLMSSP, with its token
        ntlm = base64.b64decode(NTLM)
        oid = bytes.fromhex("060a2b06010401823702020a")

        def tlv(tag, body):
            return bytes([tag, len(body)]) + body

        inner = tlv(0xA0, tlv(0x30, oid)) + tlv(0xA2, tlv(0x04, ntlm))
        init = bytes.fromhex("06062b0601050502") + tlv(0xA0, tlv(0x30, inner))
        token = base64.b64encode(tlv(0x60, init)).decode()
    plain = httpx.Client(transport=httpx.WSGITransport(app=protect(desk)), base_url="http://web")
    answer = plain.get("/", headers={"Authorization": f"Negotiate {token}"})
    assert answer.status_code == 401 and "NTLM" in answer.text and "full name" in answer.text


@pytest.mark.parametrize(
    "value", ["Negotiate", "Negotiate !", "Negotiate YQ", "Negotiate YWJj", "\x00", "", "Negotiate " + "A" * 300_000]
)
def test_headers_that_are_wrong_are_answered_401(desk, value):
    answers = []
    app = protect(desk)
    body = app(
        {"HTTP_AUTHORIZATION": value, "REQUEST_METHOD": "GET", "PATH_INFO": "/"},
        lambda status, headers: answers.append((status, dict(headers))),
    )
    assert answers[0][0].startswith("401") and answers[0][1]["WWW-Authenticate"].startswith("Negotiate")
    assert b"remedy" in b"".join(body)


def test_facts_about_keys_go_to_the_log_and_not_to_the_client(desk, client, caplog):
    other = desk.realm.service("HTTP/elsewhere.example.com")
    app = obol.wsgi.Negotiate(bare, other, config=desk.realm.config)
    with caplog.at_level(logging.WARNING, "obol"), desk.login() as me:
        token = Negotiate(me, spn=desk.spn).token_for("http://web")
        plain = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://web")
        answer = plain.get("/", headers={"Authorization": token})
    assert answer.status_code == 401 and "elsewhere" not in answer.text
    assert "log tells more" in answer.text
    assert "elsewhere.example.com" in caplog.text and "HTTP/web.example.com" in caplog.text


def test_a_login_may_be_needed_in_places_only(desk, client):
    app = protect(desk, require=lambda environ: environ["PATH_INFO"] != "/health")
    plain = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://web")
    assert plain.get("/health").json()["user"] is None
    assert plain.get("/x").status_code == 401
    assert plain.get("/health", headers={"Authorization": "Basic dTpw"}).json()["user"] is None
    assert client(app, preempt=True).get("/health").json()["user"] == "alice@OBOL.TEST"


def test_users_may_be_chosen(desk, client):
    assert client(protect(desk, allow=lambda who: who.principal.primary == "alice")).get("/").is_success
    answer = client(protect(desk, allow=lambda who: who.principal.primary == "bob")).get("/")
    assert answer.status_code == 401 and "alice@OBOL.TEST may not use this" in answer.text


def test_bindings_are_enforced_when_asked(desk, tmp_path):
    from web import certificate

    pem = certificate(tmp_path).read_text()
    app = protect(desk, certificate=pem, require_binding=True)
    plain = httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://web")
    with desk.login() as me:
        for channel, status in (
            (obol.tls_binding(certificate=pem), 200),
            (None, 401),
            (b"tls-server-end-point:of another", 401),
        ):
            token = base64.b64encode(me.initiate(desk.spn, channel=channel).step()).decode()
            answer = plain.get("/", headers={"Authorization": f"Negotiate {token}"})
            assert answer.status_code == status
            assert (answer.json()["bound"] if status == 200 else "TLS" in answer.text)


def test_a_session_of_the_request_ends_with_it(desk, client):
    kept = []

    def app(environ, start_response):
        kept.append((environ["kerberos"].delegated, environ["kerberos"].context))
        start_response("200 OK", [])
        yield b"still "
        assert not kept[0][0].closed
        yield b"here"

    assert client(protect(desk, app), delegate=True).get("/").text == "still here"
    assert kept[0][0].closed and kept[0][1].closed


def test_an_application_that_fails_ends_it_too(desk, client):
    kept = []

    def app(environ, start_response):
        kept.append(environ["kerberos"].context)
        raise KeyError("of the application")

    with pytest.raises(KeyError):
        client(protect(desk, app)).get("/")
    assert kept[0].closed


def test_a_client_cannot_bring_an_identity(desk):
    app = protect(desk, require=False)
    environ = {"kerberos": "root", "REQUEST_METHOD": "GET", "PATH_INFO": "/"}
    told = json.loads(b"".join(app(environ, lambda *unused: None)))
    assert told["principal"] == "None"
