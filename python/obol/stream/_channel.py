"""The protocol of :mod:`obol.stream` without I/O: frames, the login, sealed messages.

Raises: :class:`Truncated`, :class:`BadFrame`, :class:`StreamError`; as :mod:`obol.context`.
Source: ``python/obol/stream/_channel.py``; RFC 2743 1.1.2, RFC 4121 4.2.6.2.
"""

from __future__ import annotations

import threading

from ..errors import BindingMismatch, Error, ProtocolError, failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Optional, Union

    from ..context import Context
    from ..names import Principal
    from ..session import Session

    Bytes = Union[bytes, bytearray, memoryview]

HEAD = 4
CHUNK = 1 << 16  # bytes of the stream in one frame
MAX_TOKEN = 1 << 17  # bytes of a login's token: a ticket with a PAC of hundreds of groups fits
MAX_TOKENS = 8
MAX_FRAME = 1 << 20
# Mutual, replay, sequence, confidentiality, integrity (RFC 2744 4.1): without them a frame could
# be left out or sent again.
WANTED = 2 | 4 | 8 | 16 | 32
CHANNEL_BOUND = 0x800


class StreamError(ProtocolError):
    """The other side does not keep to the protocol of the stream, or the stream is over."""

    about = "the stream cannot go on"


class Truncated(StreamError):
    """The connection ended, and the other side had not said that it was at its end: the rest of
    its data may have been kept from us."""

    about = "the stream was cut off"


class BadFrame(StreamError):
    """What came is no frame: its length is 0 or beyond the limit."""

    about = "what came is no frame of the stream"


def frame(token: bytes) -> bytes:
    """A token with its length before it."""
    return len(token).to_bytes(HEAD, "big") + token


class Channel:
    """One end of a stream: bytes of the network in and out, the data beside them.

    ``feed`` takes what came, ``cut`` that nothing comes any more; ``message`` gives what has come
    in whole frames. Reading and writing may go on in two threads.
    """

    def __init__(self, context: Context, *, encrypt: bool = True, max_frame: int = MAX_FRAME) -> None:
        self.context = context
        self.encrypt, self.max_frame = encrypt, max_frame
        self.established = False
        self.ended = False  # the other side's sealed end has come
        self.finished = False  # ours was made
        self.peer: Optional[Principal] = None
        self.plain = bytearray()  # opened, and not taken yet
        self._raw = bytearray()
        self._cut = False
        self._error: Optional[BaseException] = None
        self._unwritable: Optional[BaseException] = None
        self._lock = threading.Lock()  # a context belongs to one at a time

    # ---- frames

    def feed(self, data: Bytes) -> None:
        """Takes bytes of the network."""
        self._raw += data

    def cut(self) -> None:
        """The network gives no more."""
        self._cut = True

    @property
    def lacking(self) -> int:
        """How many bytes the frame that has begun still needs; of one that has not: 0."""
        if len(self._raw) < HEAD:
            return 0
        return max(0, HEAD + int.from_bytes(self._raw[:HEAD], "big") - len(self._raw))

    def _length(self, limit: int) -> int:
        """The length of the frame that has come in whole; 0: it has not."""
        raw = self._raw
        if len(raw) >= HEAD:
            length = int.from_bytes(raw[:HEAD], "big")
            if not 0 < length <= limit:
                raise self._bad_length(length, limit)
            if len(raw) >= HEAD + length:
                return length
        if self._cut:
            where = "within a frame" if raw else "between two frames"
            if not self.established:
                where = "before the login was over"
            raise failure(
                Truncated,
                f"the connection ended {where}",
                "The other side crashed or gave up, or somebody cut the connection: do not take what "
                "came for the whole.",
                bytes_of_the_last_frame=len(raw),
            )
        return 0

    def _bad_length(self, length: int, limit: int) -> BadFrame:
        head = bytes(self._raw[:16])
        if length and all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
            return failure(
                BadFrame,
                f"the other side speaks another protocol: its bytes begin with {head!r}",
                "Connect to the port of the service that takes logins by ticket; on the other side, "
                "wrap the connection too.",
            )
        return failure(BadFrame, f"its length is {length}", length=length, limit=limit)

    # ---- the login

    def login(self, require_binding: bool = False) -> Generator[Optional[bytes], None, None]:
        """The login: yields bytes to be sent, or None when more must be fed first."""
        context = self.context
        token = context.step() if context.is_initiator else b""
        for _ in range(MAX_TOKENS):
            if token:
                yield frame(token)
            if context.done:
                break
            while not (length := self._length(MAX_TOKEN)):
                yield None
            came = bytes(self._raw[HEAD : HEAD + length])
            del self._raw[: HEAD + length]
            try:
                token = context.step(came)
            except Error as error:
                if error.token:
                    yield frame(error.token)
                raise
        self._check(require_binding)
        self.peer = context.peer
        self.established = True

    def _check(self, require_binding: bool) -> None:
        """What both sides must have agreed on."""
        context = self.context
        if not context.done:
            raise failure(StreamError, f"the login is not over after {MAX_TOKENS} tokens")
        flags = context._info[2]
        if flags & WANTED != WANTED:
            raise failure(
                StreamError,
                "the context leaves out mutual authentication, sequencing, integrity or "
                "confidentiality",
                "The client must ask for all of them.",
                flags=f"{flags:#x}",
            )
        if require_binding and not flags & CHANNEL_BOUND:
            raise BindingMismatch(
                f"{context.peer} did not bind the login to this TLS connection",
                name="KRB_AP_ERR_BADMATCH",
            )

    # ---- data

    def fail(self, error: BaseException, *, writing: bool = False) -> None:
        """The stream is over, or no more can be written: who tries it again is told why."""
        if not writing and self._error is None:
            self._error = error
        if self._unwritable is None:
            self._unwritable = error

    def close(self) -> None:
        """Wipes the keys."""
        with self._lock:
            self.context.close()

    @property
    def failed(self) -> bool:
        """Whether nothing more can be written, by a failure."""
        return self._unwritable is not None

    def message(self) -> Optional[bytes]:
        """The data of the next frame; None: more must be fed first. ``b""``: the stream's end."""
        if self.ended:
            return b""
        _again(self._error)
        try:
            length = self._length(self.max_frame)
            if not length:
                return None
            with memoryview(self._raw) as view, view[HEAD : HEAD + length] as token, self._lock:
                opened = self.context.unwrap(token, require_encryption=self.encrypt)
        except Error as error:
            self.fail(error)
            raise
        del self._raw[: HEAD + length]
        self.ended = not opened
        return opened

    def more(self) -> Optional[bool]:
        """Opens one frame into ``plain``; False at the end, None: more must be fed first."""
        opened = self.message()
        if not opened:
            return None if opened is None else False
        self.plain += opened
        return True

    def take(self, size: int) -> bytes:
        """Up to so many bytes of ``plain``; below 0: all."""
        plain = self.plain
        if size < 0 or size >= len(plain):
            taken = bytes(plain)
            plain.clear()
        else:
            with memoryview(plain) as view:
                taken = bytes(view[:size])
            del plain[:size]
        return taken

    def seal(self, data: Bytes) -> list[bytes]:
        """The frames of some data."""
        _again(self._unwritable)
        if self.finished:
            raise failure(StreamError, "data behind the end that was sent")
        frames: list[bytes] = []
        wrap, encrypt = self.context.wrap, self.encrypt
        with memoryview(data) as whole, whole.cast("B") as view, self._lock:
            for at in range(0, len(view), CHUNK):
                token = wrap(view[at : at + CHUNK], encrypt=encrypt)
                frames.append(len(token).to_bytes(HEAD, "big"))
                frames.append(token)
        return frames

    def end(self) -> bytes:
        """The sealed end of our direction; b"" if it was made before."""
        if self.finished:
            return b""
        _again(self._unwritable)
        with self._lock:
            token = self.context.wrap(b"", encrypt=self.encrypt)
        self.finished = True
        return frame(token)

    # ---- reading, for both kinds of callers: yields when more must be fed

    def reading(self, size: int) -> Generator[None, None, bytes]:
        """What has come, up to so many bytes; at least one but at the end."""
        if size == 0:
            return b""
        while not self.plain:
            opened = self.message()
            if opened is None:
                yield
            elif len(opened) <= size or not opened:
                return opened  # as it came, without a copy
            else:
                self.plain += opened
        return self.take(size)

    def reading_until(self, size: int) -> Generator[None, None, bytes]:
        """So many bytes, fewer only at the end; below 0: all until the end."""
        while size < 0 or len(self.plain) < size:
            went = self.more()
            if went is None:
                yield
            elif not went:
                break
        return self.take(size)

    def reading_line(self, separator: bytes, limit: int) -> Generator[None, None, bytes]:
        """A line with its separator: up to ``limit`` bytes, or what is left before the end."""
        searched = 0
        while len(self.plain) < limit:
            found = self.plain.find(separator, searched)
            if found >= 0:
                return self.take(min(limit, found + len(separator)))
            searched = max(0, len(self.plain) - len(separator) + 1)
            went = self.more()
            if went is None:
                yield
            elif not went:
                return self.take(limit)
        found = self.plain.find(separator, searched, limit)
        return self.take(found + len(separator) if found >= 0 else limit)


def _again(error: Optional[BaseException]) -> None:
    """Raises what the stream failed with before."""
    if error is None:
        return
    if isinstance(error, Error):
        raise error
    raise failure(StreamError, f"an earlier operation was broken off: {error!r}") from error


class End:
    """What all kinds of ends know of the other side."""

    _channel: Channel

    @property
    def context(self) -> Context:
        """The login: ``context.client``, ``.expires``, ``.ticket_flags``, ``.pac``, ``.groups``,
        ``.indicators``, ``.channel_bound``, ``.delegated`` and so on (:class:`obol.Context`).
        Closing the stream closes it."""
        return self._channel.context

    @property
    def peer(self) -> Principal:
        """Who is at the other end; still known when the stream is closed."""
        assert self._channel.peer is not None
        return self._channel.peer

    @property
    def delegated(self) -> Optional[Session]:
        """A session in the client's name if he handed one on, to be closed by the caller."""
        return self._channel.context.delegated
