"""Streams for asyncio: pairs of :class:`Reader` and :class:`Writer`, with the methods of asyncio's.

Raises: as :mod:`obol.stream`; :class:`asyncio.CancelledError`; :class:`asyncio.IncompleteReadError`.
Source: ``python/obol/stream/_aio.py``.
"""

from __future__ import annotations

import asyncio
import logging

from ..aio import _run
from ..binding import tls_binding
from ..errors import Error, failure
from ..session import SessionBase, make_context
from ._channel import MAX_FRAME, Channel, End, StreamError
from ._sync import LOGIN_TIMEOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterable
    from typing import Any, Optional, Union

    from ..acceptor import Acceptor
    from ..context import Context
    from ..names import Name
    from ._channel import Bytes

    Connected = Callable[["Reader", "Writer"], Union[Awaitable[object], object]]

RECEIVE = 1 << 18
LINE = 1 << 16
log = logging.getLogger("obol")


class _Half(End):
    """What the two halves of a stream's end have in common."""

    def __init__(
        self, channel: Channel, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._channel, self._from, self._to = channel, reader, writer

    def __repr__(self) -> str:
        return f"<obol.stream.{type(self).__name__} with {self.peer}>"


class Reader(_Half):
    """The reading half, as an :class:`asyncio.StreamReader`. A read that is cancelled loses nothing."""

    async def _read(self, flow: Generator[None, None, bytes]) -> bytes:
        while True:
            try:
                next(flow)
            except StopIteration as stop:
                value: bytes = stop.value
                return value
            await _receive(self._channel, self._from)

    async def read(self, size: int = -1) -> bytes:
        """What has come, up to ``size`` bytes; below 0: all until the end.

        ``b""``: the other side is at its end, and said so under seal.

        Raises: :class:`Truncated` if it had not.
        """
        if size < 0:
            return await self._read(self._channel.reading_until(-1))
        return await self._read(self._channel.reading(size))

    async def readexactly(self, size: int) -> bytes:
        """``size`` bytes.

        Raises: :class:`asyncio.IncompleteReadError` if the other side ends before.
        """
        data = await self._read(self._channel.reading_until(size))
        if len(data) < size:
            raise asyncio.IncompleteReadError(data, size)
        return data

    async def readuntil(self, separator: bytes = b"\n", *, limit: int = LINE) -> bytes:
        """Data up to a separator, which is part of it.

        Raises: :class:`asyncio.IncompleteReadError` at the end;
        :class:`asyncio.LimitOverrunError` after ``limit`` bytes, which are gone.
        """
        data = await self._read(self._channel.reading_line(separator, limit))
        if data.endswith(separator):
            return data
        if len(data) == limit:
            raise asyncio.LimitOverrunError("the separator is not within the limit", limit)
        raise asyncio.IncompleteReadError(data, None)

    async def readline(self, *, limit: int = LINE) -> bytes:
        """A line with its b"\\n"; without it at the stream's end.

        Raises: :class:`ValueError` for a line of more than ``limit`` bytes.
        """
        data = await self._read(self._channel.reading_line(b"\n", limit))
        if len(data) == limit and not data.endswith(b"\n"):
            raise ValueError(f"a line has more than {limit} bytes")
        return data

    def at_eof(self) -> bool:
        """Whether the other side's sealed end has been read."""
        return self._channel.ended and not self._channel.plain

    def __aiter__(self) -> Reader:
        return self

    async def __anext__(self) -> bytes:
        line = await self.readline()
        if not line:
            raise StopAsyncIteration
        return line


class Writer(_Half):
    """The writing half, as an :class:`asyncio.StreamWriter`.

    ``async with`` closes the stream: with its sealed end, or after an exception without it.
    """

    async def __aenter__(self) -> Writer:
        return self

    async def __aexit__(self, kind: object, *unused: object) -> None:
        if kind is None:
            self.close()
            await self.wait_closed()
        else:
            self.abort()

    def write(self, data: Bytes) -> None:
        """Sends data; :meth:`drain` waits until there is room for more."""
        self._to.writelines(self._channel.seal(data))

    def writelines(self, data: Iterable[Bytes]) -> None:
        """Sends several pieces of data."""
        self.write(b"".join(data))

    async def drain(self) -> None:
        """Waits until the other side has taken enough of what was written."""
        await self._to.drain()

    def can_write_eof(self) -> bool:
        """Always: the end is a message."""
        return True

    def write_eof(self) -> None:
        """Tells the other side, under seal, that no more data comes; reading goes on."""
        end = self._channel.end()
        if end:
            self._to.write(end)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As the transport's: "peername", "sslcontext" ...; and "context", "peer" of the login."""
        if name in ("context", "peer"):
            return getattr(self, name)
        return self._to.get_extra_info(name, default)

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._to.is_closing()

    def close(self) -> None:
        """Sends the sealed end, if it was not sent, and closes the connection."""
        if not self._channel.failed and not self._to.is_closing():
            self.write_eof()
        self._to.close()

    async def wait_closed(self) -> None:
        """Waits until the connection is closed."""
        try:
            await self._to.wait_closed()
        except OSError:  # whoever is not there any more misses nothing
            pass

    def abort(self) -> None:
        """Closes the connection at once: the other side sees that the stream was cut off."""
        self._channel.fail(failure(StreamError, "the stream was aborted"))
        self._to.transport.abort()


async def _receive(channel: Channel, reader: asyncio.StreamReader) -> None:
    data = await reader.read(RECEIVE)
    if data:
        channel.feed(data)
    else:
        channel.cut()


async def _exchange(
    channel: Channel,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    require_binding: bool,
) -> tuple[Reader, Writer]:
    flow = channel.login(require_binding)
    try:
        for token in flow:
            if token is None:
                await _receive(channel, reader)
            else:
                writer.write(token)
                await writer.drain()
    except Error:
        writer.close()  # what was written, the error's token, still goes out
        raise
    finally:
        flow.close()
    return Reader(channel, reader, writer), Writer(channel, reader, writer)


async def _within(
    timeout: Optional[float], writer: asyncio.StreamWriter, work: Awaitable[tuple[Reader, Writer]]
) -> tuple[Reader, Writer]:
    """A login within its time; after a failure the connection is closed."""
    try:
        return await asyncio.wait_for(work, timeout)
    except asyncio.TimeoutError:
        writer.transport.abort()
        raise TimeoutError(f"the login took more than {timeout:g} seconds") from None
    except Error:
        writer.close()
        raise
    except BaseException:
        writer.transport.abort()
        raise


async def _begin(
    session: Optional[SessionBase],
    target: Name,
    channel: Optional[bytes],
    delegate: bool,
    mech: str,
) -> Context:
    if session is None:
        from .._login import default

        session = await asyncio.get_running_loop().run_in_executor(None, default)
    make = make_context(channel, True, delegate, mech, True)
    flow = session._initiate_flow(target, False, delegate, make)
    context: Context = await _run(flow, session.config, session.timeout)
    return context


async def client_streams(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    target: Name,
    session: Optional[SessionBase] = None,
    *,
    delegate: bool = False,
    encrypt: bool = True,
    bind_tls: bool = True,
    mech: str = "spnego",
    max_frame: int = MAX_FRAME,
    timeout: Optional[float] = LOGIN_TIMEOUT,
) -> tuple[Reader, Writer]:
    """Logs in over asyncio's streams; the parameters are those of :func:`obol.stream.client`.

    :param session: an ``obol.aio.Session`` or an ``obol.Session``.
    """

    async def work() -> tuple[Reader, Writer]:
        secured = writer.get_extra_info("ssl_object")
        channel = tls_binding(secured) if bind_tls and secured is not None else None
        context = await _begin(session, target, channel, delegate, mech)
        end = Channel(context, encrypt=encrypt, max_frame=max_frame)
        return await _exchange(end, reader, writer, False)

    return await _within(timeout, writer, work())


async def open_connection(
    host: str,
    port: int,
    target: Name,
    session: Optional[SessionBase] = None,
    *,
    delegate: bool = False,
    encrypt: bool = True,
    bind_tls: bool = True,
    mech: str = "spnego",
    max_frame: int = MAX_FRAME,
    timeout: Optional[float] = LOGIN_TIMEOUT,
    **options: Any,
) -> tuple[Reader, Writer]:
    """Connects and logs in; ``options`` are those of :func:`asyncio.open_connection` (``ssl=``).

    >>> async def greet(me):
    ...     reader, writer = await stream.open_connection("localhost", 7000, "echo/localhost", me)
    ...     async with writer:
    ...         writer.write(b"hello")
    ...         writer.write_eof()
    ...         return await reader.read()
    """
    options.setdefault("limit", RECEIVE)
    connecting = asyncio.open_connection(host, port, **options)
    try:
        reader, writer = await asyncio.wait_for(connecting, timeout)
    except asyncio.TimeoutError:
        raise TimeoutError(f"no connection to {host}:{port} within {timeout:g} seconds") from None
    return await client_streams(
        reader, writer, target, session,
        delegate=delegate, encrypt=encrypt, bind_tls=bind_tls, mech=mech, max_frame=max_frame,
        timeout=timeout,
    )  # fmt: skip


async def server_streams(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    acceptor: Acceptor,
    *,
    encrypt: bool = True,
    certificate: Union[bytes, str, None] = None,
    require_binding: bool = False,
    max_frame: int = MAX_FRAME,
    timeout: Optional[float] = LOGIN_TIMEOUT,
) -> tuple[Reader, Writer]:
    """Takes a login over asyncio's streams; the parameters are those of
    :func:`obol.stream.server`."""
    channel = tls_binding(certificate=certificate) if certificate is not None else None
    end = Channel(acceptor.accept(channel=channel), encrypt=encrypt, max_frame=max_frame)
    return await _within(timeout, writer, _exchange(end, reader, writer, require_binding))


async def start_server(
    connected: Connected,
    host: Optional[str] = None,
    port: Optional[int] = None,
    *,
    acceptor: Acceptor,
    encrypt: bool = True,
    certificate: Union[bytes, str, None] = None,
    require_binding: bool = False,
    max_frame: int = MAX_FRAME,
    timeout: Optional[float] = LOGIN_TIMEOUT,
    **options: Any,
) -> asyncio.AbstractServer:
    """A server as :func:`asyncio.start_server` makes it, whose handler is called for those who have
    logged in: ``connected(reader, writer)`` with ``writer.peer``.

    Whose login fails is hung up on, and the reason goes to the log "obol". A handler's exception
    cuts its stream off.
    """

    async def begun(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            ends = await server_streams(
                reader, writer, acceptor,
                encrypt=encrypt, certificate=certificate, require_binding=require_binding,
                max_frame=max_frame, timeout=timeout,
            )  # fmt: skip
        except (Error, OSError) as error:
            log.warning("login from %s: %s", writer.get_extra_info("peername"), error)
            return
        try:
            result = connected(*ends)
            if asyncio.iscoroutine(result):
                await result
        except BaseException:
            ends[1].abort()
            raise

    options.setdefault("limit", RECEIVE)
    return await asyncio.start_server(begun, host, port, **options)
