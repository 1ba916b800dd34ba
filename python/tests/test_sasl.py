"""SASL: both ends, every layer, names to act as, and whoever does not keep to it."""

import asyncio
import base64
import contextlib
import os
import random
import smtplib
import socket
import socketserver
import threading

import obol
import pytest
from obol import sasl
from test_hostile import mutations

SPN = "sasl/localhost"
MECHANISMS = ("GSSAPI", "GSS-SPNEGO")


@pytest.fixture(scope="module")
def acceptor(desk):
    return desk.realm.acceptor(desk.realm.service(SPN))


@pytest.fixture
def me(desk):
    with desk.login(forwardable=True) as session:
        yield session


def meet(client, server, initial=True):
    """The whole exchange, as a protocol carries it."""
    challenge = server.step(client.step() if initial else None)
    while not server.done:
        challenge = server.step(client.step(challenge))
    if challenge:
        assert client.step(challenge) == b""
    assert client.done
    return client, server


def pair(me, acceptor, mechanism="GSSAPI", theirs=sasl.LAYERS, ours=sasl.LAYERS, **options):
    client = sasl.client(SPN, me, mechanism, layers=ours, **options)
    return meet(client, sasl.Server(acceptor, mechanism, layers=theirs))


@pytest.mark.parametrize("initial", [True, False])
@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("layer", sasl.LAYERS)
def test_each_layer_carries_data(desk, me, acceptor, mechanism, layer, initial):
    client = sasl.client(SPN, me, mechanism, layers=(layer,))
    server = sasl.Server(acceptor, mechanism)
    meet(client, server, initial)
    assert client.layer == server.layer == layer
    assert server.peer == desk.user and server.user == str(desk.user) and client.peer.host == "localhost"
    data = os.urandom(300_000)
    for one, other in ((client, server), (server, client)):
        sent = one.encode(data)
        assert (data in sent) == (layer == "none")
        got, draw = b"", random.Random(1)
        while sent:
            step = draw.randint(1, 50_000)
            got += other.decode(sent[:step])
            sent = sent[step:]
        assert got == data


@pytest.mark.parametrize("theirs, ours, layer", [
    (("none", "integrity"), sasl.LAYERS, "integrity"),
    (sasl.LAYERS, ("none", "integrity"), "integrity"),
    (("none",), sasl.LAYERS, "none"),
])  # fmt: skip
def test_the_best_layer_of_both_is_taken(me, acceptor, theirs, ours, layer):
    client, server = pair(me, acceptor, theirs=theirs, ours=ours)
    assert client.layer == server.layer == layer
    assert layer in repr(client) and "alice" in repr(server)


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_without_a_common_layer_there_is_no_login(me, acceptor, mechanism):
    with pytest.raises(sasl.SaslError, match="layer"):
        pair(me, acceptor, mechanism, theirs=("confidentiality",), ours=("none",))


def test_buffers_keep_to_what_the_other_side_takes(me, acceptor):
    client = sasl.client(SPN, me, maxbuf=5000)
    server = sasl.Server(acceptor, maxbuf=2000)
    meet(client, server)
    for one, other, limit in ((client, server, 2000), (server, client, 5000)):
        sent = one.encode(b"x" * 20_000)
        lengths, at = [], 0
        while at < len(sent):
            lengths.append(int.from_bytes(sent[at : at + 4], "big"))
            at += 4 + lengths[-1]
        assert limit - 32 < max(lengths) <= limit and other.decode(sent) == b"x" * 20_000


def test_acting_as_another(desk, me, acceptor):
    def login(authzid, **options):
        client = sasl.client(SPN, me, authzid=authzid)
        return meet(client, sasl.Server(acceptor, **options))[1]

    asked = []
    assert login("dn:cn=Bär", authorize=lambda *both: asked.append(both) or True).user == "dn:cn=Bär"
    assert asked == [(desk.user, "dn:cn=Bär")]
    assert login("alice@OBOL.TEST").user == "alice@OBOL.TEST"
    for options in ({}, {"authorize": lambda *both: False}):
        with pytest.raises(sasl.SaslError, match="alice@OBOL.TEST may not act as 'bob'"):
            login("bob", **options)


def test_bindings_and_delegation(desk, acceptor, me):
    client = sasl.client(SPN, me, channel=b"tls:1", delegate=True)
    server = sasl.Server(acceptor, channel=b"tls:1")
    meet(client, server)
    assert server.context.channel_bound
    with server.delegated as theirs:
        assert theirs.ticket(desk.spn).client == desk.user
    with pytest.raises(obol.BindingMismatch):
        meet(sasl.client(SPN, me, channel=b"tls:1"), sasl.Server(acceptor, channel=b"tls:2"))


def test_asyncio(me, acceptor):
    client = asyncio.run(sasl.client_async(SPN, obol.aio.Session.of(me)))
    assert meet(client, sasl.Server(acceptor))[1].layer == "confidentiality"


def test_the_server_must_prove_itself(me, acceptor):
    client = sasl.client(SPN, me)
    client.step()
    assert not client.done
    with pytest.raises(sasl.SaslError, match="not done"):
        client.encode(b"secret")
    with pytest.raises(sasl.SaslError, match="not done"):
        sasl.wrap_socket(None, client)


def test_gssapi_is_not_negotiated(me, acceptor):
    context = me.initiate(SPN)  # SPNEGO
    with pytest.raises(sasl.SaslError, match="takes krb5"):
        meet(sasl.Client(context), sasl.Server(acceptor))


def offered(me, acceptor):
    """Both ends, just before the server's offer of layers is answered."""
    client, server = sasl.client(SPN, me), sasl.Server(acceptor)
    offer = server.step(client.step(server.step(client.step())))
    return client, server, offer


@pytest.mark.parametrize("message", [b"", b"\1", b"\7\0\0", b"\0\0\0\0", b"\x08\0\xff\xff"])
def test_wrong_offers_and_choices(me, acceptor, message):
    client, server, offer = offered(me, acceptor)
    client.context.unwrap(offer, require_encryption=False)
    with pytest.raises(sasl.SaslError):
        client.step(server.context.wrap(message, encrypt=False))
    client, server, _ = offered(me, acceptor)
    with pytest.raises(sasl.SaslError):
        server.step(client.context.wrap(message, encrypt=False))
    assert not client.done and not server.done


@pytest.mark.parametrize("choice", [b"\6\0\xff\xff", b"\4\0\0\0", b"\4\0\0\1", b"\4\0\xff\xff\xff", b"\4\0\xff\xffa\0b"])
def test_choices_that_are_none(me, acceptor, choice):
    client, server, _ = offered(me, acceptor)
    with pytest.raises(sasl.SaslError):
        server.step(client.context.wrap(choice, encrypt=False))
    assert not server.done


def test_an_offer_must_be_signed(me, acceptor):
    client, _, offer = offered(me, acceptor)
    with pytest.raises(obol.Error):
        client.step(offer[:-1] + bytes([offer[-1] ^ 1]))
    client, server, _ = offered(me, acceptor)
    with pytest.raises(obol.Error):
        client.step(b"\1\0\0\0")
    with pytest.raises(sasl.SaslError, match="bytes came where an empty response is due"):
        server = sasl.Server(acceptor)
        server.step(sasl.client(SPN, me).step())
        server.step(b"more")


def test_who_goes_on_is_told(me, acceptor):
    client, server = pair(me, acceptor)
    for step in (client.step, server.step):
        with pytest.raises(sasl.SaslError, match="the login is done"):
            step(b"x")


@pytest.mark.parametrize("data", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"0\x84\0\0\0\x10", b"\0\1\0\1"])
def test_lengths_of_buffers_that_lie(me, acceptor, data):
    _, server = pair(me, acceptor)
    with pytest.raises(sasl.SaslError, match="has a length of"):
        server.decode(data)


def test_tricks_with_buffers(me, acceptor):
    def fresh():
        client, server = pair(me, acceptor)
        return client, server, client.encode(b"one"), client.encode(b"two")

    client, server, one, two = fresh()
    for trick, error in (
        (lambda: one + one, obol.Replay),
        (lambda: two, obol.OutOfOrder),
        (lambda: one[:-1] + bytes([one[-1] ^ 1]), obol.DecryptError),
    ):
        client, server, one, two = fresh()
        with pytest.raises(error):
            server.decode(trick())
    client, server, one, two = fresh()
    with pytest.raises(obol.Error):
        client.decode(one)  # its own
    signed = client.context.wrap(b"three", encrypt=False)
    server.decode(one + two)
    with pytest.raises(obol.DecryptError, match="signed but not encrypted"):
        server.decode(len(signed).to_bytes(4, "big") + signed)


def test_altered_messages_of_every_step(me, acceptor):
    for mechanism in MECHANISMS:
        for turn in range(3):
            for number in range(20):
                client = sasl.client(SPN, me, mechanism)
                server = sasl.Server(acceptor, mechanism)
                with contextlib.suppress(obol.Error):
                    step, message = 0, client.step()
                    while not server.done:
                        if step == turn and message:
                            message = list(mutations(message, number + 1))[-1]
                        message = (client, server)[step % 2 == 0].step(message)
                        step += 1
                if server.done:
                    assert str(server.peer) == "alice@OBOL.TEST" and server.layer in sasl.LAYERS


def test_a_socket_with_a_layer(me, acceptor):
    ours, theirs = socket.socketpair()
    client, server = pair(me, acceptor)
    one, other = sasl.wrap_socket(ours, client), sasl.wrap_socket(theirs, server)
    data = os.urandom(200_000)
    thread = threading.Thread(target=one.sendall, args=(data,))
    thread.start()
    got = b""
    while len(got) < len(data):
        piece = other.recv(1000)
        assert 0 < len(piece) <= 1000
        got += piece
    thread.join()
    assert got == data and other.send(b"bye") == 3 and one.recv(10) == b"bye"
    assert one.fileno() == ours.fileno() and one.gettimeout() is None
    other.close()
    assert one.recv(10) == b""
    one.close()
    assert ours.fileno() == -1
    client, server = pair(me, acceptor, ours=("none",))
    assert sasl.wrap_socket(ours, client) is ours


def test_arguments(me, acceptor):
    for options in ({"layers": ()}, {"layers": ("seal",)}, {"maxbuf": 100}, {"maxbuf": 1 << 24},
                    {"mechanism": "PLAIN"}):  # fmt: skip
        with pytest.raises(ValueError):
            sasl.Server(acceptor, **options)


# ---- smtplib, with a mail server of this file's


class Smtp(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 localhost\r\n")
        assert self.rfile.readline().lower().startswith(b"ehlo")
        self.wfile.write(b"250-localhost\r\n250 AUTH GSSAPI\r\n")
        verb, mechanism, initial = self.rfile.readline().decode().split()
        assert (verb, mechanism) == ("AUTH", "GSSAPI")
        server = sasl.Server(self.server.acceptor, layers=("none",))
        try:
            challenge = server.step(base64.b64decode(initial))
            while not server.done:
                self.wfile.write(b"334 " + base64.b64encode(challenge) + b"\r\n")
                challenge = server.step(base64.b64decode(self.rfile.readline()))
        except obol.Error:
            self.wfile.write(b"535 5.7.8 who are you\r\n")
        else:
            self.wfile.write(f"235 hello {server.user}\r\n".encode())
        self.rfile.readline()


@contextlib.contextmanager
def smtp_server(acceptor):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp) as server:
        server.daemon_threads, server.acceptor = True, acceptor
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.parametrize("text", [b"?", b"YIGf", b"", b"a" * 3])
def test_challenges_of_a_mail_server_that_are_none(me, text):
    class Server:
        def docmd(self, verb, rest=""):
            return 334, text

    with pytest.raises(obol.Error):
        sasl.smtp_login(Server(), sasl.client(SPN, me))


def test_smtplib(desk, me, acceptor):
    def login(acceptor, layers):
        with smtp_server(acceptor) as port:
            smtp = smtplib.SMTP("127.0.0.1", port, local_hostname="localhost")
            try:
                smtp.ehlo()
                sasl.smtp_login(smtp, sasl.client(SPN, me, layers=layers))
            finally:
                smtp.close()

    login(acceptor, ("none",))
    with pytest.raises(sasl.SaslError, match="offers the layers"):
        login(acceptor, ("confidentiality",))
    with pytest.raises(sasl.SaslError, match="535 5.7.8 who are you"):
        login(desk.realm.acceptor(desk.keytab), ("none",))
