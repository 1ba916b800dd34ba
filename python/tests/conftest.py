"""What the package's tests share. The fixtures `realm` and `obol_realm_factory` are the package's
own: obol/testing/plugin.py."""

import functools

import obol
import pytest


class Desk:
    """A realm with a user, a service and its keytab, made once for all tests."""

    def __init__(self, realm):
        self.realm = realm
        self.user = realm.user("alice", "wonderland")
        self.spn = "HTTP/web.example.com"
        self.keytab = realm.service(self.spn)

    @functools.cache
    def service(self, spn):
        """A further service's keytab. Which files share a process differs from run to run: the first adds it."""
        return self.realm.service(spn)

    def login(self, **more):
        more.setdefault("config", self.realm.config)
        return obol.login("alice", password="wonderland", **more)

    def acceptor(self, **more):
        return self.realm.acceptor(self.keytab, **more)

    def pair(self, acceptor=None, **options):
        """Both ends of an established context."""
        with self.login() as me:
            client = me.initiate(self.spn, **options)
        service = (acceptor or self.acceptor()).accept()
        return meet(client, service)


def meet(client, service):
    token = client.step()
    while token:
        token = service.step(token)
        if token:
            token = client.step(token)
    assert client.done and service.done
    return client, service


@pytest.fixture(scope="session")
def desk(_obol_session_realm):
    return Desk(_obol_session_realm)


@pytest.fixture(autouse=True)
def clock(_obol_session_realm):
    """The shared realm's clock, put back after each test."""
    yield _obol_session_realm.clock
    _obol_session_realm.clock.offset = 0


def _both():
    """UDP and TCP sockets bound to one port; None if another program has it for TCP."""
    import socket

    udp, tcp = socket.socket(type=socket.SOCK_DGRAM), socket.socket()
    udp.bind(("127.0.0.1", 0))
    try:
        tcp.bind(udp.getsockname())
    except OSError:
        udp.close()
        tcp.close()
        return None
    return udp, tcp


@pytest.fixture
def free_port():
    """A port of 127.0.0.1 where nobody answers: both protocols stay bound, and nobody listens."""
    pair = None
    while pair is None:
        pair = _both()
    yield pair[0].getsockname()[1]
    for one in pair:
        one.close()
