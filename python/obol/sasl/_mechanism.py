"""The two mechanisms as step machines, and their security layers.

Raises: :class:`SaslError`; as :mod:`obol.context`.
Source: ``python/obol/sasl/_mechanism.py``; RFC 4752 3, RFC 4422 3.7.
"""

from __future__ import annotations

from ..errors import ProtocolError, failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Optional

    from ..acceptor import Acceptor
    from ..context import Context
    from ..names import Principal
    from ..session import Session

    Authorize = Callable[[Principal, str], object]

__all__ = ["LAYERS", "Client", "Mechanism", "SaslError", "Server"]

BITS = {"none": 1, "integrity": 2, "confidentiality": 4}  # RFC 4752 3.3
LAYERS = ("confidentiality", "integrity", "none")  # the best first
MAXBUF = 1 << 16
LARGEST = (1 << 24) - 1  # the three octets of RFC 4752 3.1
HEAD = 4
CONF, INTEG = 16, 32


class SaslError(ProtocolError):
    """The two sides do not agree, or the other one does not keep to the mechanism."""

    about = "the SASL exchange failed"


class Mechanism:
    """What both ends have in common: the context beneath, and the layer above."""

    def __init__(
        self, context: Context, mechanism: str, layers: Sequence[str], maxbuf: int
    ) -> None:
        if mechanism not in ("GSSAPI", "GSS-SPNEGO"):
            raise ValueError(f"mechanism: 'GSSAPI' or 'GSS-SPNEGO', not {mechanism!r}")
        if not layers or not set(layers) <= set(LAYERS):
            raise ValueError(f"layers: of {', '.join(map(repr, LAYERS))}")
        if not 1024 <= maxbuf <= LARGEST:
            raise ValueError(f"maxbuf: from 1024 to {LARGEST}, not {maxbuf}")
        self.context = context
        self.mechanism = mechanism
        self.layers = tuple(layer for layer in LAYERS if layer in layers)
        self.maxbuf = maxbuf
        self.done = False
        self.layer = ""
        self._limit = maxbuf  # of buffers that we take
        self._largest = 0  # message that fits a buffer of theirs
        self._came = bytearray()

    def __repr__(self) -> str:
        state = f"with {self.peer}, layer {self.layer}" if self.done else "at its login"
        return f"<obol.sasl.{type(self).__name__} {self.mechanism} {state}>"

    @property
    def peer(self) -> Principal:
        """Who is at the other end; proved once the exchange is done."""
        return self.context.peer

    def close(self) -> None:
        """Wipes the keys."""
        self.context.close()

    # ---- for both ends

    def _possible(self, mask: int) -> tuple[str, ...]:
        """Those of our layers that the other side has, and the context."""
        flags = self.context._info[2]
        have = {"none"} | ({"integrity"} if flags & INTEG else set())
        have |= {"confidentiality"} if flags & CONF else set()
        return tuple(layer for layer in self.layers if layer in have and BITS[layer] & mask)

    def _agree(self, layer: str, theirs: int) -> None:
        self.layer, self.done = layer, True
        if layer == "none":
            return
        self._largest = self.context.wrap_limit(theirs, encrypt=layer == "confidentiality")
        if self._largest < 1:
            self.done = False
            raise failure(SaslError, "the other side takes no message at all", its_maxbuf=theirs)

    def _agree_by_flags(self) -> None:
        """GSS-SPNEGO: nothing is negotiated but the context's flags, which both ends see."""
        flags = self.context._info[2]
        layer = "confidentiality" if flags & CONF else "integrity" if flags & INTEG else "none"
        if layer not in self.layers:
            raise failure(
                SaslError,
                f"the login makes the layer {layer!r}, which is not among {self.layers}",
                "Of GSS-SPNEGO the client chooses the layer: both sides must allow the same one.",
            )
        self._limit = LARGEST
        self._agree(layer, MAXBUF)

    def _open(self, token: bytes) -> bytes:
        """A message about the layers: sealed by nobody, signed by all (RFC 4752 3.1)."""
        message = self.context.unwrap(token, require_encryption=False)
        if len(message) < HEAD:
            raise failure(SaslError, f"a message about layers has {len(message)} bytes, not 4")
        return message

    # ---- the security layer

    def encode(self, data: bytes) -> bytes:
        """Data as it goes over the connection: buffers of a length and a wrap token each."""
        self._check_done()
        if self.layer == "none":
            return bytes(data)
        encrypt, out = self.layer == "confidentiality", []
        for at in range(0, len(data), self._largest):
            token = self.context.wrap(data[at : at + self._largest], encrypt=encrypt)
            out += [len(token).to_bytes(HEAD, "big"), token]
        return b"".join(out)

    def decode(self, data: bytes) -> bytes:
        """What came over the connection, in pieces of any size: the data of all whole buffers.

        Raises: :class:`SaslError` for a length beyond ``maxbuf``; as :meth:`obol.Context.unwrap`.
        """
        self._check_done()
        if self.layer == "none":
            return bytes(data)
        came, out = self._came, []
        came += data
        while len(came) >= HEAD:
            length = int.from_bytes(came[:HEAD], "big")
            if not 0 < length <= self._limit:
                raise failure(
                    SaslError,
                    f"a buffer of the security layer has a length of {length}",
                    "Without a layer on the other side what comes is no buffer.",
                    limit=self._limit,
                    bytes=bytes(came[:16]),
                )
            if len(came) < HEAD + length:
                break
            with memoryview(came) as view, view[HEAD : HEAD + length] as token:
                encrypted = self.layer == "confidentiality"
                out.append(self.context.unwrap(token, require_encryption=encrypted))
            del came[: HEAD + length]
        return b"".join(out)

    def _check_done(self) -> None:
        if not self.done:
            raise failure(SaslError, "the login is not done: there is no layer yet")


class Client(Mechanism):
    """The client's end, over a context of :meth:`obol.Session.initiate`; :func:`client` makes both.

    ``step()`` gives the initial response, ``step(challenge)`` the next one. When the server says
    that the login succeeded, ``done`` must be true (after a step with the data of that success, if
    it has some): else the server has not proved itself, and nothing may be sent.

    :param layers: those that will do; the best that the server has is taken.
    :param authzid: act as another user, in the words of the protocol (LDAP: "dn:...", "u:...").
    :param maxbuf: the longest buffer that the server may send.
    """

    def __init__(
        self,
        context: Context,
        mechanism: str = "GSSAPI",
        *,
        layers: Sequence[str] = LAYERS,
        authzid: str = "",
        maxbuf: int = MAXBUF,
    ) -> None:
        super().__init__(context, mechanism, layers, maxbuf)
        self.authzid = authzid
        self._begun = self._offered = False

    def step(self, challenge: Optional[bytes] = None) -> bytes:
        """Takes a challenge (none, or an empty one, at first); the response to be sent.

        Raises: :class:`SaslError` if there is no layer that both sides have.
        """
        if self.done:
            return self._asked_on(challenge or b"")
        if not self.context.done:
            token = self.context.step(challenge if self._begun else None)
            self._begun = True
            if self.context.done and self.mechanism == "GSS-SPNEGO":
                self._agree_by_flags()
            return token
        return self._choose(challenge or b"")

    def __call__(self, challenge: bytes = b"") -> bytes:
        """As :meth:`step`: what ``imaplib.IMAP4.authenticate`` calls."""
        return self.step(challenge)

    def _asked_on(self, challenge: bytes) -> bytes:
        """dovecot offers layers behind a login by SPNEGO too, as if it were one by GSSAPI."""
        if self.mechanism != "GSS-SPNEGO" or self._offered or not challenge:
            raise failure(SaslError, "the login is done, and yet the server asks on")
        self.done = False
        return self._choose(challenge)

    def _choose(self, challenge: bytes) -> bytes:
        """The server's offer of layers is answered (RFC 4752 3.1). Its size, where it offers none,
        should be 0, and with Java's servers is not."""
        self._offered = True
        offer = self._open(challenge)
        possible = self._possible(offer[0])
        if not possible:
            offered = [layer for layer in LAYERS if BITS[layer] & offer[0]]
            raise failure(
                SaslError,
                f"{self.peer} offers the layers {offered}, and {self.layers} are asked for",
                "Allow one of the server's layers, or have the server offer one of ours.",
            )
        layer = possible[0]
        answer = bytes([BITS[layer]]) + (0 if layer == "none" else self.maxbuf).to_bytes(3, "big")
        token = self.context.wrap(answer + self.authzid.encode(), encrypt=False)
        self._agree(layer, int.from_bytes(offer[1:HEAD], "big"))
        return token


class Server(Mechanism):
    """The server's end.

    ``step(response)`` gives the next challenge. When ``done`` is true after it, the login succeeded
    (what the step gave then goes with the success, if it is not empty): ``peer`` is who logged in,
    ``user`` whom he acts as. A failure raises.

    :param layers: those that are offered.
    :param authorize: called with the principal and a name that is not his own; says whether he may
        act as that. Without it nobody may.
    """

    def __init__(
        self,
        acceptor: Acceptor,
        mechanism: str = "GSSAPI",
        *,
        layers: Sequence[str] = LAYERS,
        maxbuf: int = MAXBUF,
        channel: Optional[bytes] = None,
        authorize: Optional[Authorize] = None,
    ) -> None:
        super().__init__(acceptor.accept(channel=channel), mechanism, layers, maxbuf)
        self.authzid = ""
        self._authorize = authorize
        self._step: Callable[[bytes], bytes] = self._token

    @property
    def user(self) -> str:
        """Whom the client acts as: the name that he asked for, else his own."""
        return self.authzid or str(self.peer)

    @property
    def delegated(self) -> Optional[Session]:
        """A session in the client's name if he handed one on, to be closed by the caller."""
        return self.context.delegated

    def step(self, response: Optional[bytes] = None) -> bytes:
        """Takes a response (none: the client sent no initial one); the challenge to be sent.

        Raises: :class:`SaslError`; as :mod:`obol.context`.
        """
        if self.done:
            raise failure(SaslError, "the login is done, and yet the client goes on")
        return self._step(response or b"")

    def _token(self, response: bytes) -> bytes:
        if not response:
            return b""  # a challenge that asks for the client's first token
        token = self.context.step(response)
        if not self.context.done:
            return token
        if self.mechanism == "GSS-SPNEGO":
            self._agree_by_flags()
            return token
        if self.context.spnego:
            raise failure(
                SaslError, "a SPNEGO token came", "The mechanism GSSAPI takes krb5 (RFC 4752 3.1)."
            )
        self._step = self._offer
        return token or self._offer(b"")

    def _offer(self, response: bytes) -> bytes:
        """The layers that we have (RFC 4752 3.2)."""
        if response:
            raise failure(SaslError, f"{len(response)} bytes came where an empty response is due")
        mask = sum(BITS[layer] for layer in self._possible(7))
        size = self.maxbuf if mask != BITS["none"] else 0
        self._step = self._chosen
        return self.context.wrap(bytes([mask]) + size.to_bytes(3, "big"), encrypt=False)

    def _chosen(self, response: bytes) -> bytes:
        """The client's choice (RFC 4752 3.2)."""
        choice = self._open(response)
        chosen = [layer for layer in self._possible(7) if BITS[layer] == choice[0]]
        if not chosen:
            raise failure(
                SaslError,
                f"the client chose {choice[0]:#x}, which is not one of the layers {self.layers}",
            )
        self._act_as(choice[HEAD:])
        self._agree(chosen[0], int.from_bytes(choice[1:HEAD], "big"))
        return b""

    def _act_as(self, raw: bytes) -> None:
        try:
            authzid = raw.decode("utf-8")
        except UnicodeDecodeError:
            authzid = "\0"
        if "\0" in authzid:
            raise failure(SaslError, "the name to act as is not valid", bytes=raw[:64])
        if authzid in ("", str(self.peer)):
            return
        if self._authorize is None or not self._authorize(self.peer, authzid):
            raise failure(
                SaslError,
                f"{self.peer} may not act as {authzid!r}",
                "Pass authorize=... to obol.sasl.Server, or log in as that user.",
            )
        self.authzid = authzid
