"""What the WSGI and ASGI middlewares share: one request's login, without I/O.

Raises: nothing for what clients send: a refusal is a :class:`Verdict`.
Source: ``python/obol/_gate.py``, RFC 4559 4, RFC 9110 11.6, RFC 5929 4.
"""

from __future__ import annotations

from .acceptor import Acceptor
from .binding import tls_binding
from .errors import BadToken, BindingMismatch, Error, ServiceError
from .http._headers import authorization, parse_authorization

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from typing import Any, Optional, Union

    from .acceptor import FileReplay, MemoryReplay
    from .config import Config
    from .context import Context, Pac
    from .keytab import Keytab
    from .names import Name, Principal
    from .session import Session

    StrPath = Union[str, os.PathLike[str]]

__all__ = ["Gate", "Identity", "Verdict"]

WANTED = (
    "a login is needed",
    "Log in with Kerberos: run kinit, and use a client that knows Negotiate (curl --negotiate -u :, "
    "a browser that trusts this site with it).",
)
NTLM = (
    "the client sent an NTLM token, and this service takes Kerberos only",
    "Clients fall back to NTLM where they get no Kerberos ticket: use the host's full name and no IP "
    "address, see that the service HTTP/that-host exists in the realm, and log in to the realm.",
)
UNBOUND = (
    "the login is not bound to its TLS connection",
    "Use a client that sends channel bindings (tls-server-end-point), and no proxy that ends TLS.",
)


class Identity:
    """Who makes a request. ``principal``, ``groups`` and ``delegated`` are what most need.

    It also is what Starlette calls a user: ``is_authenticated``, ``display_name``, ``identity``.
    """

    __slots__ = ("_session", "context", "principal")

    is_authenticated = True

    def __init__(self, context: Context) -> None:
        self.context = context
        self.principal: Principal = context.peer
        self._session: Optional[Session] = None

    @property
    def groups(self) -> list[str]:
        """The SIDs of the user's groups, of the ticket's PAC."""
        return self.context.groups

    @property
    def pac(self) -> Optional[Pac]:
        """The ticket's PAC: account, domain, groups."""
        return self.context.pac

    @property
    def indicators(self) -> list[str]:
        """How the user logged in, as the KDC says (RFC 8129)."""
        return self.context.indicators

    @property
    def delegated(self) -> Optional[Session]:
        """A session in the user's name, if the client handed one on; closed with the request.

        ``identity.context.delegated`` gives one that lives on.
        """
        if self._session is None:
            self._session = self.context.delegated
        return self._session

    @property
    def channel_bound(self) -> bool:
        """Whether the login is bound to its TLS connection."""
        return self.context.channel_bound

    @property
    def display_name(self) -> str:
        """The principal as text."""
        return str(self.principal)

    identity = display_name

    def close(self) -> None:
        """Ends what belongs to the request; the middleware calls it."""
        if self._session is not None:
            self._session.close()
        self.context.close()

    def __str__(self) -> str:
        return str(self.principal)

    def __repr__(self) -> str:
        return f"<obol Identity {self.principal}>"


class Verdict:
    """``identity`` or None; ``refusal``: (what, remedy, name) of an answer 401; ``challenge``: the
    value of WWW-Authenticate."""

    __slots__ = ("challenge", "identity", "refusal")

    def __init__(
        self,
        identity: Optional[Identity] = None,
        refusal: Optional[tuple[str, str, str]] = None,
        challenge: str = "",
    ) -> None:
        self.identity, self.refusal, self.challenge = identity, refusal, challenge

    def answer(self, accept: str) -> tuple[list[tuple[str, str]], bytes]:
        """Headers and body of the answer 401: JSON where the client takes it, else plain text."""
        assert self.refusal is not None
        what, remedy, name = self.refusal
        if "json" in accept.lower():
            import json

            kind = "application/json"
            text = json.dumps({"error": name, "detail": what, "remedy": remedy})
        else:
            kind, text = "text/plain; charset=utf-8", f"401: {what}\nremedy: {remedy}\n"
        body = text.encode()
        fields = [
            ("WWW-Authenticate", self.challenge),
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ]
        return fields, body


class Gate:
    """Checks logins; may be shared between threads and tasks. The parameters are those of
    :class:`obol.wsgi.Negotiate`."""

    def __init__(
        self,
        keytab: Union[Keytab, StrPath, Acceptor, None],
        *,
        service: Optional[Name],
        require: Union[bool, Callable[[Any], bool]],
        certificate: Union[bytes, str, None],
        require_binding: bool,
        replay: Union[MemoryReplay, FileReplay, None, bool],
        config: Optional[Config],
        allow: Optional[Callable[[Identity], bool]],
    ) -> None:
        if isinstance(keytab, Acceptor):
            self._acceptor = keytab
        else:
            self._acceptor = Acceptor(keytab, service=service, replay=replay, config=config)
        self._require, self._allow = require, allow
        self._binding = tls_binding(certificate=certificate) if certificate is not None else None
        self._require_binding = require_binding

    def check(
        self, fields: Sequence[str], certificate: Union[bytes, str, None], about: Any
    ) -> Verdict:
        """The verdict on a request with these ``Authorization`` fields.

        :param certificate: the server's, where the server above tells it.
        :param about: the environ or scope, for ``require``.
        """
        require = self._require(about) if callable(self._require) else self._require
        token = b""
        try:
            if len(fields) > 1:
                raise BadToken("more than one Authorization header", name="TOKEN_MALFORMED")
            if fields:
                token = parse_authorization(fields[0])[1]
        except Error as error:
            return _refused(error)
        if not token:
            if require:
                return Verdict(None, (*WANTED, "LoginNeeded"), "Negotiate")
            return Verdict()
        try:
            return self._login(token, self._channel(certificate))
        except Error as error:
            return _refused(error)

    def _channel(self, certificate: Union[bytes, str, None]) -> Optional[bytes]:
        if self._binding is not None or not certificate:
            return self._binding
        try:
            return tls_binding(certificate=certificate)
        except ValueError:
            return None

    def _login(self, token: bytes, channel: Optional[bytes]) -> Verdict:
        context = self._acceptor.accept(channel=channel)
        answer = context.step(token)
        if not context.done:
            # HTTP has no place for the rest of a negotiation: each request stands for itself.
            context.close()
            raise BadToken(
                "the token begins a negotiation of several steps",
                name="TOKEN_MALFORMED",
                remedy="The client must put its Kerberos token first.",
            )
        if self._require_binding and not context.channel_bound:
            context.close()
            raise BindingMismatch(UNBOUND[0], name="BAD_BINDINGS", remedy=UNBOUND[1])
        identity = Identity(context)
        if self._allow is not None and not self._allow(identity):
            name = str(identity)
            identity.close()
            remedy = "Log in as somebody whom this service serves."
            return Verdict(None, (f"{name} may not use this", remedy, "NotAllowed"), "Negotiate")
        return Verdict(identity, None, authorization(answer) if answer else "")


def _refused(error: Error) -> Verdict:
    """The client learns what failed and its remedy; the facts, which name keys, go to the log."""
    from ._log import log

    log().warning("login refused: %s", error.explain())
    what, remedy = error.text, error.remedy
    if not remedy or isinstance(error, ServiceError):
        remedy = f"{remedy} The service's log tells more.".strip()
    if isinstance(error, BadToken) and error.kind == "NTLM":
        what, remedy = NTLM
    elif isinstance(error, BindingMismatch):
        what, remedy = UNBOUND if error.detail == UNBOUND[0] else (what, remedy)
    return Verdict(None, (what, remedy, type(error).__name__), authorization(error.token))


def close(identity: Optional[Identity]) -> None:
    """Ends an identity with its request."""
    if identity is not None:
        identity.close()
