"""Streams against whoever sits on the wire: each trick is found out, in time, and leaves nothing open."""

import contextlib
import os
import random
import socket
import threading

import obol
import pytest
from obol import stream
from obol.stream._channel import Channel, frame
from test_hostile import mutations
from test_process import rss

SPN = "wire/localhost"


@pytest.fixture(scope="module")
def acceptor(desk):
    return desk.realm.acceptor(desk.realm.service(SPN), replay=False)


@pytest.fixture
def me(desk):
    with desk.login() as session:
        yield session


def login(me, acceptor, **options):
    """Two channels that have logged in to each other, without a network between them."""
    ends = [Channel(me.initiate(SPN), **options), Channel(acceptor.accept(), **options)]
    flows = [end.login() for end in ends]
    running, turn = [True, True], 0
    while any(running):
        token = next(flows[turn], "over")
        if token == "over":
            running[turn] = False
            turn = 1 - turn
        elif token is None:
            turn = 1 - turn
        else:
            ends[1 - turn].feed(token)
    return ends


def frames(channel, *messages):
    return [b"".join(channel.seal(message)) for message in messages]


def got(channel, *pieces):
    """What a channel gives for pieces of the network, until it wants more."""
    out = []
    for piece in pieces:
        channel.feed(piece)
        while (message := channel.message()) is not None:
            out.append(message)
            if not message:
                return out
    return out


def test_what_is_whole_is_taken(me, acceptor):
    client, server = login(me, acceptor)
    one, two, three = frames(client, b"1", b"2", b"3" * 70000)
    assert got(server, one + two[:5], two[5:] + three, client.end()) == [b"1", b"2", b"3" * 65536, b"3" * 4464, b""]
    assert server.ended and client.end() == b""


@pytest.mark.parametrize("trick, error", [
    ("repeated", obol.Replay),
    ("left out", obol.OutOfOrder),
    ("swapped", obol.OutOfOrder),
    ("sent back", obol.Error),
    ("of another stream", obol.Error),
    ("altered", obol.DecryptError),
    ("only signed", obol.DecryptError),
])  # fmt: skip
def test_tricks_with_frames(me, acceptor, trick, error):
    client, server = login(me, acceptor)
    one, two = frames(client, b"one", b"two")
    reader, sent = server, {
        "repeated": [one, one],
        "left out": [two],
        "swapped": [two, one],
        "altered": [one[:-1] + bytes([one[-1] ^ 1])],
        "only signed": [frame(client.context.wrap(b"three", encrypt=False))],
    }.get(trick)
    if trick == "sent back":
        reader, sent = client, [one]
    elif trick == "of another stream":
        sent = frames(login(me, acceptor)[0], b"one")
    elif trick == "only signed":
        got(server, one, two)
    with pytest.raises(error):
        got(reader, *sent)
    with pytest.raises(error):  # and it stays so
        reader.message()
    with pytest.raises(error):
        reader.seal(b"answer")


@pytest.mark.parametrize("established", [False, True])
@pytest.mark.parametrize("head", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x80\0\0\0", b"\0\x10\0\x01"])
def test_lengths_that_lie(me, acceptor, head, established):
    server = login(me, acceptor)[1] if established else Channel(acceptor.accept())
    server.feed(head)
    with pytest.raises(stream.BadFrame, match=f"its length is {int.from_bytes(head, 'big')}"):
        server.message() if established else next(server.login())
    assert len(server._raw) == 4  # nothing was waited for, and no memory taken


@pytest.mark.parametrize("established", [False, True])
@pytest.mark.parametrize("text", [b"GET / HTTP/1.1\r\n\r\n", b"220 mail.example.com ESMTP\r\n"])
def test_plaintext_is_named(me, acceptor, text, established):
    server = login(me, acceptor)[1] if established else Channel(acceptor.accept())
    server.feed(text)
    with pytest.raises(stream.BadFrame, match="speaks another protocol: its bytes begin with") as seen:
        server.message() if established else next(server.login())
    assert text[:16].decode().strip().split()[0] in str(seen.value)


def test_plaintext_within_a_frame_is_not_taken(me, acceptor):
    for data in (b"rm -rf /", b"\x05\x04" + b"\0" * 40, b"x" * 100000):
        server = login(me, acceptor)[1]
        with pytest.raises(obol.Error):
            got(server, frame(data))


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 30])
def test_a_stream_that_is_cut_is_not_at_its_end(me, acceptor, count):
    client, server = login(me, acceptor)
    one, two = frames(client, b"one", b"two")
    assert got(server, one + two[:count]) == [b"one"]
    server.cut()
    with pytest.raises(stream.Truncated, match="within a frame" if count else "between two frames"):
        server.message()


def test_frames_beyond_the_limit_are_refused(me, acceptor):
    client, server = login(me, acceptor, max_frame=1000)
    assert got(server, *frames(client, b"x" * 900)) == [b"x" * 900]
    with pytest.raises(stream.BadFrame, match="its length is 1072"):
        got(server, *frames(client, b"x" * 1000))


def test_a_client_must_ask_for_all_that_protects(me, acceptor):
    for options in ({"sequence": False}, {"mutual": False}):
        server, context = Channel(acceptor.accept()), me.initiate(SPN, mech="krb5", **options)
        server.feed(frame(context.step()))
        with pytest.raises(stream.StreamError, match="leaves out mutual authentication"):
            for _ in server.login():
                pass
        assert not server.established


def test_a_login_that_is_sent_again_is_refused(desk, me, acceptor):
    remembers = desk.realm.acceptor(desk.realm.keytab(SPN))  # the other one has no memory
    token = frame(me.initiate(SPN).step())
    for again in (False, True):
        server = Channel(remembers.accept())
        server.feed(token)
        flow = server.login()
        answer = next(flow)
        assert answer
        if not again:
            assert list(flow) == [] and server.established
            continue
        with pytest.raises(obol.Replay):
            next(flow)


def test_altered_data_never_comes_through(me, acceptor):
    draw = random.Random(4)
    for _ in range(60):
        client, server = login(me, acceptor)
        messages = [b"%d" % i * draw.randint(1, 50) for i in range(8)]
        good = b"".join(frames(client, *messages)) + client.end()
        seen, at, bad = [], 0, next(mutations(good, 1))
        with contextlib.suppress(obol.Error):
            while at < len(bad):
                step = draw.randint(1, 200)
                seen += got(server, bad[at : at + step])
                at += step
            server.cut()
            seen.append(server.message())
        assert seen == messages[: len(seen)]  # a part from the start, without the end
        assert server.failed and not server.ended


def test_altered_logins(me, acceptor):
    token = frame(me.initiate(SPN).step())
    before = len(os.listdir("/proc/self/fd"))
    for bad in mutations(token):
        server = Channel(acceptor.accept())
        server.feed(bad)
        server.cut()
        with contextlib.suppress(obol.Error):
            for _ in server.login():
                pass
        if server.established:  # altered where nothing is said: she is alice all the same
            assert str(server.context.peer) == "alice@OBOL.TEST"
    assert len(os.listdir("/proc/self/fd")) <= before


def test_whoever_sends_slowly_has_no_more_time(acceptor):
    ours, other = socket.socketpair()
    stop = threading.Event()

    def drip():
        ours.sendall(frame(b"x" * 1000)[:4])
        with contextlib.suppress(OSError):
            while not stop.wait(0.005):
                ours.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(TimeoutError):
        stream.server(other, acceptor, timeout=0.1)
    assert other.fileno() == -1
    stop.set()
    thread.join()
    ours.close()


def test_a_service_that_hangs_up_or_says_nothing(me):
    ours, other = socket.socketpair()
    me.ticket(SPN)
    with pytest.raises(TimeoutError):
        stream.client(ours, SPN, me, timeout=0.05)
    other.close()
    ours, other = socket.socketpair()
    other.shutdown(socket.SHUT_WR)
    with pytest.raises(stream.Truncated, match="before the login was over"):
        stream.client(ours, SPN, me)
    assert ours.fileno() == -1
    other.close()


def test_many_streams_leave_nothing_behind(me, acceptor):
    def once(number):
        ours, other = socket.socketpair()
        thread = threading.Thread(target=take, args=(other, number % 3))
        thread.start()
        with contextlib.suppress(obol.Error, OSError), stream.client(ours, SPN, me) as end:
            end.sendall(b"x" * 100_000)
            end.send_eof()
            end.read()
        thread.join()

    def take(sock, kind):
        if kind == 2:
            return sock.close()
        with contextlib.suppress(KeyError, OSError), stream.server(sock, acceptor) as end:
            end.read(1000 if kind else -1)
            if kind:
                raise KeyError("it gives up")

    def held():
        return len(os.listdir("/proc/self/fd")), threading.active_count()

    for number in range(30):
        once(number)
    before, size = held(), rss()
    for number in range(300):
        once(number)
    assert held() <= before
    assert rss() - size < 4 << 20 or os.environ.get("OBOL_SANITIZED")  # which keeps what was freed
