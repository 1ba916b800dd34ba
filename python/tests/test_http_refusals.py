"""What goes wrong with HTTP, at every client: the right exception, and no descriptor or thread stays behind."""

import base64
import gc
import os
import threading
import time

import obol
import pytest
import test_http
from obol.http import Negotiate
from obol.testing import Realm
from test_http import CLIENTS, Web, serving


@pytest.fixture(scope="module")
def web(desk, tmp_path_factory):
    return Web(desk, tmp_path_factory.mktemp("refusals"))


def open_now():
    return len(os.listdir("/proc/self/fd")), threading.active_count()


def once(fetch, make, kind, url):
    """The exception of a request, without what its traceback keeps alive."""
    with pytest.raises(kind) as told:
        fetch(make(), url, verify=False)  # reading the certificates of CAs takes longer than all else
    error = one = told.value
    while one is not None:
        one.__traceback__ = None
        one = one.__context__ or one.__cause__
    return error


def refused(fetch, make, kind, url):
    """The exception of a request; two more like it leave nothing that the first did not."""
    error = once(fetch, make, kind, url)
    gc.collect()
    before = open_now()
    for _ in range(2):
        once(fetch, make, kind, url)
    gc.collect()
    # The KDC and the web server are this process, too, and notice a moment later that a client has gone.
    end = time.monotonic() + 90
    while any(now > then for now, then in zip(open_now(), before)):
        assert time.monotonic() < end, (before, open_now())
        time.sleep(0.02)
    assert error.remedy and error.explain()
    return error


@CLIENTS
def test_expired_credentials(fetch, desk, web, clock):
    with desk.login(lifetime=600) as me, web.serve() as server:
        clock.offset = 3600
        assert "alice" in refused(fetch, lambda: Negotiate(me), obol.TicketExpired, server.url).detail


@CLIENTS
def test_missing_credentials(fetch, web, tmp_path, monkeypatch):
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/none")
    monkeypatch.setenv("KRB5_CLIENT_KTNAME", f"{tmp_path}/none.keytab")
    config = obol.Config("OBOL.TEST", {})
    with web.serve() as server:
        error = refused(fetch, lambda: Negotiate(config=config), obol.NoCredentials, server.url)
    assert [place for place, _ in error.tried] == [f"FILE:{tmp_path}/none", f"{tmp_path}/none.keytab"]


@CLIENTS
def test_foreign_credentials(fetch, web):
    """A user of a realm whose KDC does not know the service, or knows another key of its name."""
    with Realm("ELSEWHERE.TEST") as other, web.serve() as server:
        other.user("alice", "pw")
        with other.login("alice", "pw") as me:
            me.suggest = False
            refused(fetch, lambda: Negotiate(me), obol.ServiceNotFound, server.url)
            other.service("HTTP/localhost")
            error = refused(fetch, lambda: Negotiate(me), obol.KeytabMismatch, server.url)
        assert "HTTP/localhost@ELSEWHERE.TEST refused the ticket" in error.detail and "keytab" in error.remedy
        assert server.errors and all("ELSEWHERE.TEST" in seen.explain() for seen in server.errors)


@CLIENTS
def test_a_wrong_spn(fetch, desk, web):
    with desk.login() as me, web.serve() as server:
        me.suggest = False
        error = refused(fetch, lambda: Negotiate(me, spn="HTTP/nobody.example.com"), obol.ServiceNotFound, server.url)
        assert error.spn == "HTTP/nobody.example.com" and error.derivation
        refused(fetch, lambda: Negotiate(me, spn="a/b/c/d@"), obol.Error, server.url)


@CLIENTS
def test_clocks_that_differ(fetch, desk, web):
    late = obol.Clock()
    late.offset = -3600
    acceptor = obol.Acceptor(web.keytab, config=desk.realm.config_at(late))
    with desk.login() as me, serving(acceptor) as server:
        error = refused(fetch, lambda: Negotiate(me), obol.ClockSkew, server.url)
    assert error.local > error.remote


@CLIENTS
def test_a_dead_kdc(fetch, desk, web, free_port):
    with desk.login() as me, web.serve() as server:
        me.config = obol.Config("OBOL.TEST", {"OBOL.TEST": f"127.0.0.1:{free_port}"}, clock=desk.realm.clock)
        error = refused(fetch, lambda: Negotiate(me, timeout=0.3), obol.KdcUnreachable, server.url)
    assert error.realm == "OBOL.TEST" and error.attempts


HOSTILE = {
    "no base64": ("Negotiate !", obol.DecodeError),
    "not whole": ("Negotiate YQ", obol.DecodeError),
    "parameters": ("Negotiate a=b", obol.DecodeError),
    "two tokens": ("Negotiate YQ==, Negotiate Yg==", obol.DecodeError),
    "another mechanism": ("Negotiate " + base64.b64encode(b"NTLMSSP\0\2\0\0\0" + bytes(40)).decode(), obol.BadToken),
    "half a token": ("Negotiate " + base64.b64encode(b"\x60\x82\x01").decode(), obol.Error),
    "a length that lies": ("Negotiate " + base64.b64encode(b"\xa1\x84\xff\xff\xff\xff" + bytes(40)).decode(), obol.Error),
    "a refusal": ("Negotiate " + base64.b64encode(bytes.fromhex("a1073005a0030a0102")).decode(), obol.Error),
}


@CLIENTS
@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_headers_and_tokens(fetch, desk, web, case):
    field, kind = HOSTILE[case]

    def script(handler):
        with_login = "Authorization" in handler.headers
        return 200 if with_login else 401, [("WWW-Authenticate", field if with_login else "Negotiate")], b"no"

    with desk.login() as me, web.serve(script=script) as server:
        refused(fetch, lambda: Negotiate(me, mutual="required"), kind, server.url)


def test_every_client_is_here():
    assert {"_requests", "_httpx", "_httpx_async", "_urllib"} <= {one.__name__ for one in CLIENTS.args[1]}
    assert test_http.NIQUESTS == [one for one in CLIENTS.args[1] if "niquests" in one.__name__]
