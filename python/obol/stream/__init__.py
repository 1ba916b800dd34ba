"""Any TCP protocol with logins and encryption: a socket or an asyncio stream, wrapped.

>>> import socket, threading, obol
>>> from obol import stream
>>> from obol.testing import Realm
>>> with Realm() as realm:
...     _ = realm.user("alice", "secret")
...     acceptor = realm.acceptor(realm.service("echo/localhost"))
...     ours, theirs = socket.socketpair()
...     def serve():
...         with stream.server(theirs, acceptor) as end:
...             end.sendall(f"hello {end.peer}, you said ".encode() + end.readline())
...     thread = threading.Thread(target=serve)
...     thread.start()
...     with obol.login("alice", password="secret", config=realm.config) as me:
...         with stream.client(ours, "echo/localhost", me) as end:
...             end.sendall(b"good morning\\n")
...             print(end.readline().decode().rstrip())
...     thread.join()
hello alice@OBOL.TEST, you said good morning

:func:`connect`, :func:`client` and :func:`server` are for threads, :func:`open_connection` and
:func:`start_server` for asyncio; the two kinds talk to each other.

**The protocol**, which any GSS-API library can speak. Both directions carry frames: four bytes of
length, the highest first, then so many bytes; none is empty.

1. *Login.* The client sends its first context token (RFC 4178, or bare krb5), each side answers
   with its next one until its context is established. Mutual authentication, replay detection,
   sequencing, integrity and confidentiality are asked for; a service takes no client that leaves
   one out. A side whose login fails sends the error's token, if there is one, and hangs up.
2. *Data.* Each frame is a wrap token (RFC 4121 4.2.6.2) of up to 64 KiB of the stream.
3. *End.* A wrap token of the empty message ends one direction; the other may go on. A connection
   that ends without it was cut off: :class:`Truncated`.

Sequence numbers within the tokens find frames that were left out, repeated, reordered or sent
back; whatever does not open ends the stream with an error. A login's tokens are at most 128 KiB
and eight, its time is limited; a data frame is at most 1 MiB (``max_frame``), and its length is
judged before memory is taken for it.

Over TLS a client's login is bound to the server's certificate (RFC 5929); a server says which its
certificate is, and may insist on the binding.

Raises: :class:`Truncated`, :class:`BadFrame`, :class:`StreamError`; :class:`TimeoutError`; whatever a login fails with
(:mod:`obol.session`, :mod:`obol.context`); :class:`OSError` of the connection.
Source: ``python/obol/stream/``; RFC 2743 1.1.2, RFC 4121 4.2.6.2, RFC 5929.
"""

from __future__ import annotations

from ._channel import MAX_FRAME, BadFrame, StreamError, Truncated
from ._sync import Stream, client, connect, server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._aio import (
        Reader,
        Writer,
        client_streams,
        open_connection,
        server_streams,
        start_server,
    )

__all__ = [
    "MAX_FRAME",
    "BadFrame",
    "Reader",
    "Stream",
    "StreamError",
    "Truncated",
    "Writer",
    "client",
    "client_streams",
    "connect",
    "open_connection",
    "server",
    "server_streams",
    "start_server",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import _aio  # asyncio is read by those who use it

        return getattr(_aio, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
