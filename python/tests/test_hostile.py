"""Bytes from strangers: whatever comes, the answer is an obol.Error, and nothing stays open.

The parsers have fuzz targets of their own (tests/fuzz); this walks the same bytes through Python.
"""

import os
import random

import obol
import pytest

COUNT = 300 if os.environ.get("OBOL_SANITIZED") else 1000


def mutations(good, count=COUNT):
    """Altered copies of good bytes: flipped, cut, doubled, filled; the same ones in every run."""
    draw = random.Random(len(good))
    for _ in range(count):
        bad = bytearray(good)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(bad))
            kind = draw.randrange(4)
            if kind == 0:
                bad[at] ^= 1 << draw.randrange(8)
            elif kind == 1:
                bad[at] = draw.choice((0, 1, 0x7F, 0x80, 0xFF))
            elif kind == 2:
                del bad[at : at + draw.randint(1, 8)]
            else:
                bad[at:at] = bad[at : at + draw.randint(1, 64)]
            if not bad:
                bad = bytearray(b"\0")
        if bytes(bad) != good:
            yield bytes(bad)


def survives(function, data):
    """Whether the bytes are taken; anything but an obol.Error fails the test."""
    try:
        function(data)
    except obol.Error as error:
        assert str(error) and error.explain()
        return False
    return True


@pytest.mark.parametrize("mech", ["spnego", "krb5"])
def test_tokens_to_a_service(desk, mech):
    acceptor = desk.acceptor(replay=False)
    with desk.login() as me:
        token = me.initiate(desk.spn, mech=mech).step()
    before = len(os.listdir("/proc/self/fd"))
    for bad in mutations(token):
        context = acceptor.accept()
        try:
            context.step(bad)
        except obol.Error:
            assert context.closed and not context.done
        if context.done:  # altered where nothing is said: he is alice all the same
            assert context.peer == desk.user
    assert len(os.listdir("/proc/self/fd")) <= before  # the test KDC may have closed one meanwhile


def test_answers_to_a_client(desk):
    acceptor = desk.acceptor(replay=False)
    with desk.login() as me:
        for bad in mutations(b"x" * 200, 50):
            client = me.initiate(desk.spn)
            acceptor.accept().step(client.step())
            assert not survives(client.step, bad)
        for _ in range(COUNT // 10):
            client = me.initiate(desk.spn)
            answer = acceptor.accept().step(client.step())
            bad = next(mutations(answer, 2))
            survives(client.step, bad)


def test_messages(desk):
    client, service = desk.pair(sequence=False)
    token = client.wrap(b"attack at dawn")
    for bad in mutations(token):
        assert not survives(service.unwrap, bad)
    mic = client.sign(b"attack at dawn")
    for bad in mutations(mic):
        assert not survives(lambda m: service.verify(b"attack at dawn", m), bad)
    assert service.unwrap(token) == b"attack at dawn"


def test_exported_contexts(desk):
    _, service = desk.pair()
    for bad in mutations(service.export()):
        survives(obol.Context.from_export, bad)


def test_keytabs_and_caches(desk, tmp_path):
    for bad in mutations(desk.keytab.to_bytes()):
        survives(lambda data: list(obol.Keytab(data=data)), bad)
    path = tmp_path / "cc"
    with desk.login() as me:
        me.ticket(desk.spn)
        me.save(f"FILE:{path}")
    for bad in mutations(path.read_bytes(), COUNT // 2):
        path.write_bytes(bad)
        survives(lambda _: obol.load(f"FILE:{path}", config=desk.realm.config).close(), bad)


def test_replies_of_a_kdc(desk):
    """A login whose KDC answers with altered replies; each is a login of its own."""
    from obol import _core

    secret = _core.Secret(b"wonderland")
    config = desk.realm.config._core

    def login(spoil):
        machine = _core.Login(config, b"alice", _core.Cache(config, None), password=secret)
        want = machine.step(None)
        while want is not None:
            reply = config.exchange(want[1], want[2], want[3], 0)
            want = machine.step(spoil(reply))
        return machine.result

    assert login(lambda reply: reply)
    for seed in range(COUNT // 10):
        draw = random.Random(seed)

        def spoil(reply, draw=draw):
            bad = bytearray(reply)
            bad[draw.randrange(len(bad))] ^= 1 << draw.randrange(8)
            return bytes(bad)

        survives(lambda _, spoil=spoil: login(spoil), b"")


def test_messages_to_decode_and_names(desk):
    with desk.login() as me:
        der = me.ticket(desk.spn).der
    for bad in mutations(der):
        survives(obol.decode, bad)
        survives(obol.Principal, bad.decode("latin-1"))
    for text in ("\0", "a\0b@R", "é/ü@Ä", "\ud800", "a" * 100_000):
        try:
            obol.Principal(text, "R")
        except (obol.Error, UnicodeEncodeError, ValueError):
            pass


def test_wrong_types_are_type_errors(desk):
    client, _ = desk.pair()
    for call in (
        lambda: client.wrap("text"),
        lambda: client.unwrap(None),
        lambda: client.sign(5),
        lambda: obol.Keytab(data="text"),
        lambda: obol.Context(),
        lambda: obol.login(5, password="x"),
        lambda: obol.decode(None),
    ):
        with pytest.raises((TypeError, obol.Error)):
            call()
