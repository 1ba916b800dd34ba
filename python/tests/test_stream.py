"""Streams: both kinds of callers, to each other, over sockets and TLS, and with another GSS library."""

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading

import obol
import pytest
from obol import stream
from web import certificate

SPN = "echo/localhost"


@pytest.fixture(scope="module")
def acceptor(desk):
    return desk.realm.acceptor(desk.realm.service(SPN))


@pytest.fixture(scope="module")
def other(desk):
    """A service whose keys nobody here has."""
    desk.realm.service("other/localhost")
    return "other/localhost"


@pytest.fixture
def me(desk):
    with desk.login(forwardable=True) as session:
        yield session


@contextlib.contextmanager
def background(work, *args):
    """Work on a thread, whose failure fails the test."""
    failures = []

    def guarded() -> None:
        try:
            work(*args)
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    yield failures
    thread.join(20)
    assert not thread.is_alive() and failures == []


def echo(sock, acceptor, **options):
    with stream.server(sock, acceptor, **options) as end:
        while data := end.recv(100000):
            end.sendall(data)
    assert str(end.peer) == "alice@OBOL.TEST" and repr(end).endswith("closed>")


@contextlib.contextmanager
def pair(me, acceptor, handle=echo, theirs={}, **options):
    """A client's stream to a handler on a thread."""
    ours, other = socket.socketpair()
    with background(lambda: handle(other, acceptor, **theirs)):
        with stream.client(ours, SPN, me, **options) as end:
            yield end


@pytest.mark.parametrize("encrypt", [True, False])
@pytest.mark.parametrize("mech", ["spnego", "krb5"])
def test_data_goes_both_ways(me, acceptor, encrypt, mech):
    with pair(me, acceptor, theirs={"encrypt": encrypt}, encrypt=encrypt, mech=mech) as end:
        for size in (1, 65535, 65536, 65537, 3_000_000):
            data = os.urandom(size)
            with background(end.sendall, data):
                assert end.readexactly(size) == data
        end.send_eof()
        assert end.read() == b"" == end.recv(1)


def test_each_side_knows_the_other(desk, me, acceptor):
    seen = {}

    def serve(sock, acceptor):
        with stream.server(sock, acceptor) as end, end.delegated as theirs:
            seen.update(peer=end.peer, ticket=theirs.ticket(desk.spn).client, pac=end.context.pac.account)
            end.sendall(b"seen")

    with pair(me, acceptor, serve, delegate=True) as end:
        assert end.read() == b"seen"
        assert str(end.peer) == "echo/localhost@OBOL.TEST" and end.context.expires == me.expires
        assert "echo/localhost" in repr(end)
    assert seen == {"peer": desk.user, "ticket": desk.user, "pac": "alice"}


def test_lines_and_files(me, acceptor):
    with pair(me, acceptor) as end:
        with end.makefile("w", encoding="utf-8", newline="\n") as out:
            out.write("erste Zeile: äöü\nzweite\n")
        with end.makefile("rb") as lines:
            assert lines.readline() == "erste Zeile: äöü\n".encode()
            assert lines.read(7) == b"zweite\n"
        both = end.makefile("rwb", 0)
        assert both.write(b"abc\nd") == 5 and both.read(1) == b"a"
        assert end.readline() == b"bc\n"
        assert end.readline(1) == b"d" and end.pending() == 0
        end.sendall(b"x\ny\nz")
        end.shutdown(socket.SHUT_WR)
        assert list(end) == [b"x\n", b"y\n", b"z"]
        with pytest.raises(EOFError):
            end.readexactly(1)
        with pytest.raises(stream.StreamError, match="behind the end"):
            end.sendall(b"more")


def test_one_side_ends_and_the_other_goes_on(me, acceptor):
    def serve(sock, acceptor):
        with stream.server(sock, acceptor) as end:
            end.send_eof()
            assert end.read() == b"the rest" * 100000

    with pair(me, acceptor, serve) as end:
        assert end.recv(10) == b""
        end.sendall(b"the rest" * 100000)


def test_an_exception_cuts_the_stream_off(me, acceptor):
    def serve(sock, acceptor):
        with contextlib.suppress(KeyError), stream.server(sock, acceptor) as end:
            end.sendall(b"half of ")
            raise KeyError("the other half")

    with pair(me, acceptor, serve) as end:
        assert end.recv(100) == b"half of "
        with pytest.raises(stream.Truncated, match="between two frames") as seen:
            end.read()
        assert "do not take what came for the whole" in seen.value.remedy
        with pytest.raises(stream.Truncated):
            end.sendall(b"?")


def test_deadlines_hold_and_lose_nothing(me, acceptor):
    go = threading.Event()

    def serve(sock, acceptor):
        with stream.server(sock, acceptor) as end:
            go.wait(20)
            end.sendall(b"late\n")

    with pair(me, acceptor, serve) as end:
        end.settimeout(0.01)
        for read in (lambda: end.recv(10), end.readline, end.read, end.makefile("rb").read):
            with pytest.raises(TimeoutError):
                read()
        go.set()
        assert end.readline(timeout=20) == b"late\n"
        assert end.gettimeout() == 0.01


def test_a_reader_who_does_not_read_stops_the_writer(me, acceptor):
    done = threading.Event()

    def serve(sock, acceptor):
        stream.server(sock, acceptor)
        done.wait(20)
        sock.close()

    with pair(me, acceptor, serve, timeout=20) as end:
        with pytest.raises(TimeoutError):
            end.sendall(b"x" * 20_000_000, timeout=0.05)
        with pytest.raises(stream.StreamError, match="an earlier operation was broken off"):
            end.sendall(b"x")
        done.set()


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    pem = certificate(tmp_path_factory.mktemp("tls"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return pem.read_text(), server, ssl.create_default_context(cafile=str(pem))


@pytest.mark.parametrize("bound", [True, False])
def test_over_tls_the_login_is_bound(me, acceptor, tls, bound):
    pem, server, client = tls
    ours, other = socket.socketpair()
    seen = []

    def serve():
        sock = server.wrap_socket(other, server_side=True)
        try:
            with stream.server(sock, acceptor, certificate=pem, require_binding=True) as end:
                seen.append(end.context.channel_bound)
                while data := end.recv(100000):
                    end.sendall(data)
        except obol.BindingMismatch as error:
            seen.append(str(error))

    with background(serve):
        sock = client.wrap_socket(ours, server_hostname="localhost")
        with contextlib.suppress(stream.Truncated, OSError):
            with stream.client(sock, SPN, me, bind_tls=bound) as end:
                data = os.urandom(1_000_000) if bound else end.recv(1)  # hung up on
                with background(end.sendall, data):
                    assert end.readexactly(len(data)) == data
    assert seen == [True] or (not bound and "did not bind the login" in seen[0])


def test_failed_logins_say_why(me, acceptor, other):
    def refuse(sock, acceptor):
        with pytest.raises(obol.KeytabMismatch):
            stream.server(sock, acceptor)

    ours, theirs = socket.socketpair()
    with background(refuse, theirs, acceptor):
        with pytest.raises(obol.Error, match="keytab"):
            stream.client(ours, other, me)
    assert ours.fileno() == theirs.fileno() == -1
    ours, theirs = socket.socketpair()
    with pytest.raises(obol.ServiceNotFound):
        stream.client(ours, "nobody/localhost", me)
    assert ours.fileno() == -1
    theirs.close()


# ---- asyncio


async def async_echo(reader, writer):
    async with writer:
        while data := await reader.read(100000):
            writer.write(data)
            await writer.drain()


@contextlib.asynccontextmanager
async def served(acceptor, handle=async_echo, **options):
    server = await stream.start_server(handle, "127.0.0.1", 0, acceptor=acceptor, **options)
    async with server:
        yield server.sockets[0].getsockname()[1]


def test_asyncio_to_asyncio(me, acceptor):
    async def main():
        async with served(acceptor) as port:
            reader, writer = await stream.open_connection("127.0.0.1", port, SPN, obol.aio.Session.of(me))
            async with writer:
                data = os.urandom(2_000_000)
                writer.write(data)
                writer.writelines([b"line 1\n", b"line 2\n", b"a;b"])
                writer.write_eof()
                assert await reader.readexactly(len(data)) == data
                assert await reader.readline() == b"line 1\n"
                assert [line async for line in reader] == [b"line 2\n", b"a;b"]
                assert reader.at_eof() and writer.can_write_eof()
                assert str(writer.peer) == str(writer.get_extra_info("peer")) == "echo/localhost@OBOL.TEST"
                with pytest.raises(asyncio.IncompleteReadError):
                    await reader.readexactly(1)

    asyncio.run(main())


def test_asyncio_reads_up_to_separators_and_limits(me, acceptor):
    async def main():
        async with served(acceptor) as port:
            reader, writer = await stream.open_connection("127.0.0.1", port, SPN, me)
            async with writer:
                writer.write(b"a;b" + b"x" * 100)
                assert await reader.readuntil(b";") == b"a;"
                with pytest.raises(asyncio.LimitOverrunError):
                    await reader.readuntil(b";", limit=50)
                with pytest.raises(ValueError):
                    await reader.readline(limit=20)
                writer.write_eof()
                with pytest.raises(asyncio.IncompleteReadError):
                    await reader.readuntil(b";")

    asyncio.run(main())


def test_asyncio_over_tls(me, acceptor, tls):
    pem, server, client = tls

    async def main():
        async def bound(reader, writer):
            assert writer.context.channel_bound
            await async_echo(reader, writer)

        options = {"ssl": server, "certificate": pem, "require_binding": True}
        async with served(acceptor, bound, **options) as port:
            reader, writer = await stream.open_connection(
                "127.0.0.1", port, SPN, me, ssl=client, server_hostname="localhost"
            )
            async with writer:
                writer.write(b"hello")
                assert await reader.read(10) == b"hello"

    asyncio.run(main())


def test_asyncio_cancels_and_goes_on(me, acceptor):
    async def main():
        async with served(acceptor) as port:
            reader, writer = await stream.open_connection("127.0.0.1", port, SPN, me)
            for _ in range(3):
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(reader.readexactly(6), 0.01)
                writer.write(b"ab")
            assert await reader.readexactly(6) == b"ababab"
            writer.abort()
            with pytest.raises(obol.Error):
                await reader.read()

    asyncio.run(main())


def test_asyncio_servers_hang_up_on_those_who_fail(me, acceptor, other, caplog):
    async def broken(reader, writer):
        writer.write(b"half of ")
        raise KeyError("the other half")

    async def main():
        async with served(acceptor) as port:
            with pytest.raises(obol.Error, match="keytab"):
                await stream.open_connection("127.0.0.1", port, other, me)
            begun = await asyncio.open_connection("127.0.0.1", port)
            begun[1].close()
        async with served(acceptor, timeout=0.05) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""  # hung up on: it sent nothing
            writer.close()
        async with served(acceptor, broken) as port:
            asyncio.get_running_loop().set_exception_handler(lambda *unused: None)
            reader, writer = await stream.open_connection("127.0.0.1", port, SPN, me)
            with pytest.raises((stream.Truncated, ConnectionError)):
                await reader.read()
            writer.abort()

    asyncio.run(main())
    assert "the ticket is for another service" in caplog.text and "took more than 0.05 seconds" in caplog.text


def test_a_thread_talks_to_asyncio(me, acceptor):
    async def main():
        async with served(acceptor) as port:

            def talk():
                with stream.connect(("127.0.0.1", port), SPN, me) as end:
                    end.sendall(b"ping\n")
                    return end.readline()

            assert await asyncio.get_running_loop().run_in_executor(None, talk) == b"ping\n"

    asyncio.run(main())


# ---- another library: python3-gssapi on MIT's, by the protocol that the documentation tells

THEIRS = """
import socket, struct, sys
import gssapi
flags = gssapi.RequirementFlag
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))

def send(token):
    sock.sendall(struct.pack(">I", len(token)) + token)

def receive(count):
    data = b""
    while len(data) < count:
        data += sock.recv(count - len(data))
    return data

def frame():
    return receive(struct.unpack(">I", receive(4))[0])

context = gssapi.SecurityContext(
    name=gssapi.Name("echo@localhost", gssapi.NameType.hostbased_service), usage="initiate",
    flags=flags.mutual_authentication | flags.replay_detection | flags.confidentiality
    | flags.integrity | flags.out_of_sequence_detection)
token = context.step()
while token:
    send(token)
    token = None if context.complete else context.step(frame())
send(context.wrap(b"from MIT's library", True).message)
send(context.wrap(b"", True).message)
got = b""
while data := context.unwrap(frame()).message:
    got += data
print(got.decode())
"""


def test_another_gss_library_speaks_it(desk, me, acceptor):
    me.ticket(SPN)
    env = desk.realm.environment()
    me.save(env["KRB5CCNAME"])
    env = {k: v for k, v in env.items() if k != "LD_PRELOAD"}
    with socket.create_server(("127.0.0.1", 0)) as listening, background(
        lambda: echo(listening.accept()[0], acceptor)
    ):
        port = str(listening.getsockname()[1])
        done = subprocess.run([sys.executable, "-c", THEIRS, port], env=env, capture_output=True, text=True)
        assert done.stdout == "from MIT's library\n", done.stderr
