"""Streams for threads: :class:`Stream` is used like a socket.

Raises: as :mod:`obol.stream`.
Source: ``python/obol/stream/_sync.py``.
"""

from __future__ import annotations

import io
import select
import socket
import ssl
import threading
import time

from ..binding import tls_binding
from ..errors import failure
from ._channel import MAX_FRAME, Channel, End, StreamError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import IO, Any, Optional, TypeVar, Union

    from ..acceptor import Acceptor
    from ..names import Name
    from ..session import Session
    from ._channel import Bytes

    T = TypeVar("T")

RECEIVE = 1 << 17
LOGIN_TIMEOUT = 30.0
LINGER = 30.0  # how long close() waits for room for the stream's end, where there is no time-out
LINE = 1 << 16


class Deadline:
    """When an operation must be over; it lasts for all of its parts."""

    __slots__ = ("_end",)

    def __init__(self, seconds: Optional[float]) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self, what: str) -> Optional[float]:
        """Milliseconds, as poll wants them.

        Raises: :class:`TimeoutError`.
        """
        if self._end is None:
            return None
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the deadline passed while {what}")
        return left * 1000


class _Wire:
    """A socket that does not block, read and written by deadlines."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.secured = isinstance(sock, ssl.SSLSocket)
        self._tls = threading.Lock()  # OpenSSL takes one call at a time

    def _wait(self, event: int, deadline: Deadline, what: str) -> None:
        poll = select.poll()
        poll.register(self.sock, event)
        while not poll.poll(deadline.left(what)):
            pass

    def _patiently(self, work: Callable[[], T], event: int, deadline: Deadline, what: str) -> T:
        while True:
            try:
                if self.secured:
                    with self._tls:
                        return work()
                return work()
            except ssl.SSLWantReadError:
                event = select.POLLIN
            except ssl.SSLWantWriteError:
                event = select.POLLOUT
            except BlockingIOError:
                pass
            self._wait(event, deadline, what)

    def receive(self, scratch: memoryview, deadline: Deadline) -> int:
        def work() -> int:
            return self.sock.recv_into(scratch)

        try:
            return self._patiently(work, select.POLLIN, deadline, "data was waited for")
        except ssl.SSLEOFError:  # TLS was cut off; whether the stream was, its frames tell
            return 0

    def send(self, data: memoryview, deadline: Deadline) -> None:
        while data:
            part = data

            def work() -> int:
                return self.sock.send(part)

            sent = self._patiently(work, select.POLLOUT, deadline, "data was being sent")
            data = data[sent:]


class _File(io.RawIOBase):
    """The file beneath ``makefile``."""

    def __init__(self, stream: Stream, mode: str) -> None:
        self._stream, self._mode = stream, mode

    def readable(self) -> bool:
        return "r" in self._mode

    def writable(self) -> bool:
        return "w" in self._mode

    def readinto(self, buffer: Any) -> int:
        return self._stream.recv_into(buffer)

    def write(self, data: Any) -> int:
        with memoryview(data) as view:
            self._stream.sendall(view)
            return view.nbytes

    def fileno(self) -> int:
        return self._stream.fileno()


class Stream(End):
    """An authenticated and sealed connection, with a socket's methods; :func:`client`,
    :func:`connect` and :func:`server` make it.

    One thread may read while another writes. ``with`` closes it: with the sealed end of the
    stream, or after an exception without it, so that the other side does not take half of the data
    for the whole. The socket belongs to the stream.
    """

    def __init__(self, sock: socket.socket, channel: Channel, timeout: Optional[float]) -> None:
        self._wire = _Wire(sock)
        self._channel = channel
        self._timeout = timeout
        self._scratch = memoryview(bytearray(RECEIVE))
        self._reading, self._writing = threading.Lock(), threading.Lock()
        self._closed = False

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, kind: object, *unused: object) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __repr__(self) -> str:
        if not self._channel.established:
            return "<obol.stream.Stream before its login>"
        return f"<obol.stream.Stream with {self.peer}{' closed' if self._closed else ''}>"

    # ---- the connection

    @property
    def socket(self) -> socket.socket:
        """The socket beneath; do not read or write it."""
        return self._wire.sock

    def fileno(self) -> int:
        """The socket's number; after it is ready :meth:`pending` data may still be there."""
        return self._wire.sock.fileno()

    def pending(self) -> int:
        """How many bytes :meth:`recv` gives without looking at the network."""
        return len(self._channel.plain)

    def settimeout(self, timeout: Optional[float]) -> None:
        """Seconds for each whole operation; None: without limit."""
        self._timeout = timeout

    def gettimeout(self) -> Optional[float]:
        """What :meth:`settimeout` set."""
        return self._timeout

    # ---- reading

    def _receive(self, deadline: Deadline) -> None:
        if self._closed:
            raise failure(StreamError, "the stream was closed")
        count = self._wire.receive(self._scratch, deadline)
        if count:
            self._channel.feed(self._scratch[:count])
        else:
            self._channel.cut()

    def _read(self, flow: Generator[None, None, bytes], timeout: Optional[float]) -> bytes:
        deadline = Deadline(self._timeout if timeout is None else timeout)
        with self._reading:
            while True:
                try:
                    next(flow)
                except StopIteration as stop:
                    value: bytes = stop.value
                    return value
                self._receive(deadline)

    def recv(self, size: int, *, timeout: Optional[float] = None) -> bytes:
        """What has come, up to ``size`` bytes; ``b""``: the other side is at its end, and said so.

        Raises: :class:`Truncated` if it had not; :class:`TimeoutError`, after which the stream is
        as good as before.
        """
        if size < 0:
            raise ValueError("recv takes a size; read() reads to the end")
        return self._read(self._channel.reading(size), timeout)

    def recv_into(self, buffer: Any, size: int = 0, *, timeout: Optional[float] = None) -> int:
        """As :meth:`recv`, into a buffer; how many bytes."""
        with memoryview(buffer) as view, view.cast("B") as room:
            data = self.recv(min(size, len(room)) or len(room), timeout=timeout)
            room[: len(data)] = data
            return len(data)

    def read(self, size: int = -1, *, timeout: Optional[float] = None) -> bytes:
        """``size`` bytes, fewer only at the other side's end; below 0: all until there."""
        return self._read(self._channel.reading_until(size), timeout)

    def readexactly(self, size: int, *, timeout: Optional[float] = None) -> bytes:
        """``size`` bytes.

        Raises: :class:`EOFError` if the other side ends before.
        """
        data = self.read(size, timeout=timeout)
        if len(data) < size:
            raise EOFError(f"the stream ended after {len(data)} of {size} bytes")
        return data

    def readline(self, limit: int = LINE, *, timeout: Optional[float] = None) -> bytes:
        """A line with its b"\\n"; without it at the stream's end, or after ``limit`` bytes."""
        return self._read(self._channel.reading_line(b"\n", limit), timeout)

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    # ---- writing

    def _write(self, data: bytes, deadline: Deadline) -> None:
        if self._closed:
            raise failure(StreamError, "the stream was closed")
        try:
            with memoryview(data) as view:
                self._wire.send(view, deadline)
        except BaseException as error:  # half a frame may have gone out
            self._channel.fail(error, writing=True)
            raise

    def sendall(self, data: Bytes, *, timeout: Optional[float] = None) -> None:
        """Sends data.

        Raises: :class:`TimeoutError`, after which nothing more can be sent.
        """
        deadline = Deadline(self._timeout if timeout is None else timeout)
        with self._writing, memoryview(data) as whole, whole.cast("B") as view:
            for at in range(0, len(view), MAX_FRAME):
                with view[at : at + MAX_FRAME] as part:
                    self._write(b"".join(self._channel.seal(part)), deadline)

    def send(self, data: Bytes, *, timeout: Optional[float] = None) -> int:
        """As :meth:`sendall`; how many bytes, which is always all."""
        self.sendall(data, timeout=timeout)
        return memoryview(data).nbytes

    def send_eof(self, *, timeout: Optional[float] = None) -> None:
        """Tells the other side, under seal, that no more data comes; reading goes on."""
        deadline = Deadline(self._timeout if timeout is None else timeout)
        with self._writing:
            self._write(self._channel.end(), deadline)

    def shutdown(self, how: int) -> None:
        """As a socket's: ``SHUT_WR`` is :meth:`send_eof`. The others have no meaning here."""
        if how != socket.SHUT_WR:
            raise ValueError("a stream is shut down for writing (SHUT_WR), or closed")
        self.send_eof()

    def makefile(
        self,
        mode: str = "r",
        buffering: int = -1,
        *,
        encoding: Optional[str] = None,
        errors: Optional[str] = None,
        newline: Optional[str] = None,
    ) -> IO[Any]:
        """A file over the stream, as :meth:`socket.socket.makefile` makes it; closing it leaves
        the stream open."""
        if not set(mode) <= set("rwb") or not set(mode) & set("rw"):
            raise ValueError(f"mode: of 'r', 'w' and 'b', not {mode!r}")
        raw, size = _File(self, mode), io.DEFAULT_BUFFER_SIZE if buffering < 0 else buffering
        made: Any = raw
        if size == 0:
            if "b" not in mode:
                raise ValueError("text needs a buffer")
        elif "r" in mode and "w" in mode:
            made = io.BufferedRWPair(raw, raw, size)
        else:
            made = io.BufferedReader(raw, size) if "r" in mode else io.BufferedWriter(raw, size)
        if "b" not in mode:
            made = io.TextIOWrapper(made, encoding or "utf-8", errors, newline)
        return made  # type: ignore[no-any-return]

    # ---- the end

    def close(self) -> None:
        """Sends the sealed end, if it was not sent, and closes the connection; twice is fine."""
        if self._closed:
            return
        try:
            if self._channel.established and not self._channel.failed:
                self.send_eof(timeout=LINGER if self._timeout is None else None)
        except (OSError, StreamError):  # whoever is not there any more misses nothing
            pass
        finally:
            self.abort()

    def abort(self) -> None:
        """Closes the connection at once: the other side sees that the stream was cut off."""
        self._closed = True
        self._wire.sock.close()
        self._channel.close()

    def _login(self, timeout: Optional[float], require_binding: bool = False) -> Stream:
        deadline = Deadline(timeout)
        flow = self._channel.login(require_binding)
        try:
            for token in flow:
                if token is None:
                    self._receive(deadline)
                else:
                    self._write(token, deadline)
        except BaseException:
            flow.close()
            self.abort()
            raise
        return self


def client(
    sock: socket.socket,
    target: Name,
    session: Optional[Session] = None,
    *,
    delegate: bool = False,
    encrypt: bool = True,
    bind_tls: bool = True,
    mech: str = "spnego",
    max_frame: int = MAX_FRAME,
    timeout: Optional[float] = LOGIN_TIMEOUT,
) -> Stream:
    """Logs in over a connected socket (plain, or TLS after its handshake).

    :param target: the service: "echo/server.example.com".
    :param session: in whose name; None: :func:`obol.default`.
    :param delegate: hand the user's TGT on.
    :param encrypt: False: frames are signed only, and readable on the way; both ends must say so.
    :param bind_tls: over TLS, tie the login to the server's certificate (RFC 5929).
    :param timeout: seconds for the whole login; afterwards the socket's own time-out counts.

    Raises: see :mod:`obol.stream`. After a failure the socket is closed.
    """
    after = sock.gettimeout() or None
    try:
        if session is None:
            from .._login import default

            session = default()
        channel = None
        if bind_tls and isinstance(sock, ssl.SSLSocket):
            channel = tls_binding(sock)
        context = session.initiate(
            target, channel=channel, delegate=delegate, mech=mech, timeout=timeout
        )
    except BaseException:
        sock.close()
        raise
    end = Channel(context, encrypt=encrypt, max_frame=max_frame)
    return Stream(sock, end, after)._login(timeout)


def connect(
    address: tuple[str, int],
    target: Name,
    session: Optional[Session] = None,
    *,
    timeout: Optional[float] = LOGIN_TIMEOUT,
    **options: Any,
) -> Stream:
    """Connects by TCP and logs in: :func:`client` over :func:`socket.create_connection`."""
    sock = socket.create_connection(address, timeout)
    sock.settimeout(None)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client(sock, target, session, timeout=timeout, **options)


def server(
    sock: socket.socket,
    acceptor: Acceptor,
    *,
    encrypt: bool = True,
    certificate: Union[bytes, str, None] = None,
    require_binding: bool = False,
    max_frame: int = MAX_FRAME,
    timeout: Optional[float] = LOGIN_TIMEOUT,
) -> Stream:
    """Takes a login over an accepted socket.

    :param acceptor: an :class:`obol.Acceptor`.
    :param encrypt: as the client's.
    :param certificate: over TLS, the server's own certificate (PEM or DER): bindings that clients
        state are checked against it.
    :param require_binding: refuse a client that states none.
    :param timeout: seconds for the whole login, however slowly the client sends; afterwards the
        socket's own time-out counts.

    Raises: see :mod:`obol.stream`. After a failure the socket is closed.
    """
    after = sock.gettimeout() or None
    try:
        channel = tls_binding(certificate=certificate) if certificate is not None else None
        context = acceptor.accept(channel=channel)
    except BaseException:
        sock.close()
        raise
    end = Channel(context, encrypt=encrypt, max_frame=max_frame)
    return Stream(sock, end, after)._login(timeout, require_binding)
