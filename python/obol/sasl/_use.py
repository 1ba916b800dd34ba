"""SASL put to use: clients of a session, sockets with a security layer, smtplib.

Raises: as :mod:`obol.sasl`.
Source: ``python/obol/sasl/_use.py``; RFC 4752, RFC 4954.
"""

from __future__ import annotations

from ..context import Context
from ..errors import failure
from ..session import make_context
from ._mechanism import CONF, INTEG, LAYERS, MAXBUF, Client, SaslError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Any, Optional

    from ..names import Name
    from ..session import Session, SessionBase
    from ._mechanism import Mechanism

__all__ = ["LayeredSocket", "client", "client_async", "smtp_login", "wrap_socket"]

RECEIVE = 1 << 16


def _flow(
    session: SessionBase,
    target: Name,
    mechanism: str,
    layers: Sequence[str],
    channel: Optional[bytes],
    delegate: bool,
) -> Generator[Any, Any, Context]:
    # For GSS-SPNEGO the flags are the choice of the layer (MS-ADTS 5.1.1.1.2).
    best = next((layer for layer in LAYERS if layer in layers), "")
    protect = {"confidentiality": CONF | INTEG, "integrity": INTEG}.get(best, 0)
    mech = "spnego"
    if mechanism == "GSSAPI":
        mech, protect = "krb5", CONF | INTEG
    make = make_context(channel, True, delegate, mech, True, protect)
    return (yield from session._initiate_flow(target, False, delegate, make))


def client(
    target: Name,
    session: Optional[Session] = None,
    mechanism: str = "GSSAPI",
    *,
    layers: Sequence[str] = LAYERS,
    authzid: str = "",
    maxbuf: int = MAXBUF,
    channel: Optional[bytes] = None,
    delegate: bool = False,
    timeout: Optional[float] = None,
) -> Client:
    """A client's end for a service: "ldap/dc.example.com", "imap/mail.example.com".

    :param session: in whose name; None: :func:`obol.default`.
    :param layers: of "confidentiality", "integrity" and "none" those that will do. Over TLS
        ("none",) is usual: some servers refuse a second layer.
    :param channel: channel bindings, see :func:`obol.tls_binding`.
    :param delegate: hand the user's TGT on.

    Raises: see :mod:`obol.sasl`.
    """
    if session is None:
        from .._login import default

        session = default()
    flow = _flow(session, target, mechanism, layers, channel, delegate)
    context: Context = session._run(flow, timeout)
    return Client(context, mechanism, layers=layers, authzid=authzid, maxbuf=maxbuf)


async def client_async(
    target: Name,
    session: SessionBase,
    mechanism: str = "GSSAPI",
    *,
    layers: Sequence[str] = LAYERS,
    authzid: str = "",
    maxbuf: int = MAXBUF,
    channel: Optional[bytes] = None,
    delegate: bool = False,
    timeout: Optional[float] = None,
) -> Client:
    """As :func:`client`, on asyncio's event loop; what it gives never waits."""
    from ..aio import _run

    flow = _flow(session, target, mechanism, layers, channel, delegate)
    limit = session.timeout if timeout is None else timeout
    context: Context = await _run(flow, session.config, limit)
    return Client(context, mechanism, layers=layers, authzid=authzid, maxbuf=maxbuf)


class LayeredSocket:
    """A socket whose data goes through a security layer; what is not named here is the socket's."""

    def __init__(self, sock: Any, mechanism: Mechanism) -> None:
        self._sock, self._mechanism = sock, mechanism
        self._plain = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def sendall(self, data: bytes) -> None:
        """Sends data."""
        self._sock.sendall(self._mechanism.encode(data))

    def send(self, data: bytes) -> int:
        """As :meth:`sendall`; how many bytes, which is always all."""
        self.sendall(data)
        return len(data)

    def recv(self, size: int) -> bytes:
        """What has come, up to ``size`` bytes; ``b""``: the connection has ended. SASL has no
        sealed end: that all came, the protocol above must know.

        Raises: :class:`SaslError`, :class:`obol.DecryptError`, :class:`obol.OutOfOrder`.
        """
        while not self._plain:
            data = self._sock.recv(RECEIVE)
            if not data:
                return b""
            self._plain += self._mechanism.decode(data)
        taken = bytes(self._plain[:size])
        del self._plain[:size]
        return taken

    def close(self) -> None:
        """Closes the connection and wipes the keys."""
        self._sock.close()
        self._mechanism.close()


def wrap_socket(sock: Any, mechanism: Mechanism) -> Any:
    """The socket with the layer that was agreed on; the socket itself where that is "none".

    Nothing of the other side's data may have been read beyond the login.
    """
    mechanism._check_done()
    return sock if mechanism.layer == "none" else LayeredSocket(sock, mechanism)


def smtp_login(smtp: Any, mechanism: Client) -> None:
    """Logs in at a mail server (RFC 4954); ``smtp`` is an ``smtplib.SMTP`` after its EHLO.

    Raises: :class:`SaslError` with the server's words.
    """
    import base64

    token = base64.b64encode(mechanism.step()).decode()
    code, text = smtp.docmd("AUTH", f"{mechanism.mechanism} {token}")
    while code == 334:
        try:
            challenge = base64.b64decode(text, validate=True)
        except ValueError:
            raise failure(SaslError, f"the mail server's challenge is no base64: {text[:64]!r}") from None
        answer = mechanism.step(challenge)
        code, text = smtp.docmd(base64.b64encode(answer).decode())
    if code != 235 or not mechanism.done:
        raise failure(SaslError, f"the mail server says {code} {text.decode('utf-8', 'replace')}")
