"""The :class:`Negotiate` object: what is common to all HTTP clients.

Raises: as :mod:`obol.session` and :mod:`obol.context`; :class:`BodyNotRepeatable`.
Source: ``python/obol/http/_negotiate.py``, ``python/obol/http/_flow.py``, RFC 4559, RFC 5929.
"""

from __future__ import annotations

import sys
import threading

from .. import _flows
from ..binding import end_point
from ..errors import Error
from ..session import SessionBase, make_context
from . import _flow
from ._headers import origin_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator
    from typing import Any, Literal, Optional, Union

    from ..config import Config
    from ..context import Context

    Flow = Generator[tuple[Any, ...], Any, None]

__all__ = ["BodyNotRepeatable", "Negotiate"]

REMEMBERED = 1024  # origins
PROBE_TIMEOUT = 10.0


class BodyNotRepeatable(Error):
    """The server wants a login, and the request's body, a stream, is used up.

    Raises: nothing of its own; a client raises it in place of sending half a request.
    """

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url} asks for another login, and the body of the request was a stream that cannot "
            "be read again",
            name="INVALID_ARGUMENT",
            facts=[("url", url)],
            remedy="Give the body as bytes or as an open file, or make a small request to this "
            "origin first.",
        )


class Known:
    """What is remembered of an origin that took a login."""

    __slots__ = ("binding",)

    def __init__(self, binding: Optional[bytes]) -> None:
        self.binding = binding


class Negotiate:
    """Kerberos logins for HTTP clients; one object for requests, niquests, httpx and httpx2 (sync and
    async) and urllib.

    ``requests.get(url, auth=auth)``, ``httpx.Client(auth=auth)``, ``httpx.AsyncClient(auth=auth)``,
    ``urllib.request.build_opener(auth.urllib())``. It may be shared between threads and tasks:
    what belongs to one request stays with that request.

    :param session: an ``obol.Session`` or ``obol.aio.Session``; None: :func:`obol.default` when it
        is first needed.
    :param mutual: "optional": a token of the server's must be right where there is one;
        "required": there must be one; "off": none is looked at.
    :param delegate: hand the user's TGT on to the service.
    :param preempt: send a login with every request, without waiting for a challenge. Without it
        that is done at origins that took one before.
    :param bind_tls: tie logins to the TLS connection (tls-server-end-point, RFC 5929).
    :param spn: the service's name in place of HTTP/host, or a function of the host.
    :param canonicalize: ask the DNS for the host's canonical name.
    :param proxy: the proxy's URL, for clients that do not tell it (httpx).
    :param timeout: seconds for tickets; None: the session's.
    """

    def __init__(
        self,
        session: Optional[SessionBase] = None,
        *,
        mutual: Literal["required", "optional", "off"] = "optional",
        delegate: bool = False,
        preempt: bool = False,
        bind_tls: bool = True,
        spn: Union[str, Callable[[str], str], None] = None,
        canonicalize: bool = False,
        proxy: str = "",
        config: Optional[Config] = None,
        timeout: Optional[float] = None,
    ) -> None:
        if mutual not in ("required", "optional", "off"):
            raise ValueError(f"mutual: 'required', 'optional' or 'off', not {mutual!r}")
        if session is not None and not isinstance(session, SessionBase):
            raise TypeError(f"session: an obol.Session, not {type(session).__name__}")
        self.mutual, self.delegate, self.preempt = mutual, delegate, preempt
        self.bind_tls, self.spn, self.canonicalize = bind_tls, spn, canonicalize
        self.proxy, self.timeout = proxy, timeout
        self._session, self._config = session, config
        self._lock = threading.Lock()
        self._known: dict[str, Known] = {}

    def __repr__(self) -> str:
        who = self._session.user if self._session is not None else "the system's default"
        return f"<obol.http.Negotiate as {who}>"

    # httpx asks isinstance(auth, httpx.Auth), and httpx2, which goes on with it, for its own; neither
    # is imported for the sake of an answer.
    @property
    def __class__(self) -> type:
        found = (getattr(sys.modules.get(name), "Auth", None) for name in ("httpx", "httpx2"))
        bases = tuple(base for base in found if base is not None)
        return _httpx_kind(type(self), bases) if bases else type(self)

    @__class__.setter
    def __class__(self, kind: type) -> None:
        raise TypeError("the class of a Negotiate object does not change")

    # ---- for the flows

    def known(self, url: str) -> Optional[Known]:
        """What is remembered of a URL's origin."""
        return self._known.get(origin_of(url))

    def learned(self, url: str, binding: Optional[bytes], took_login: bool) -> None:
        """Remembers an origin that took a login."""
        if not took_login:
            return
        with self._lock:
            self._known[origin_of(url)] = Known(binding)
            while len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]

    def forget(self) -> None:
        """Forgets what is remembered of origins."""
        with self._lock:
            self._known.clear()

    def wanted(self, url: str, binding: Optional[bytes], fresh: bool) -> tuple[Any, ...]:
        """(target, binding, fresh) of a context for a URL."""
        target = origin_of(url)
        if callable(self.spn):
            target = self.spn(target.split("://", 1)[1])
        elif self.spn:
            target = self.spn
        return target, binding if self.bind_tls else None, fresh

    def _context_flow(
        self, session: SessionBase, target: str, binding: Optional[bytes], fresh: bool,
        delegate: bool,
    ) -> Generator[Any, Any, Context]:
        make = make_context(binding, self.mutual != "off", delegate, "spnego", False)
        if fresh:
            yield from session._ticket_flow(target, self.canonicalize, True)
        flow = session._initiate_flow(target, self.canonicalize, delegate, make)
        return (yield from flow)

    @property
    def session(self) -> SessionBase:
        """In whose name it logs in.

        Raises: :class:`obol.NoCredentials` if there is no default.
        """
        if self._session is None:
            from .._login import default

            with self._lock:
                if self._session is None:
                    self._session = default(config=self._config)
        return self._session

    # ---- drivers: from one "send" to the next

    def advance(self, flow: Flow, reply: Optional[_flow.Reply]) -> Optional[dict[str, str]]:
        """Drives a flow until it wants to send: the headers; None when it has ended."""
        step: Callable[[Any], tuple[Any, ...]] = flow.send
        answer: Any = reply
        while True:
            try:
                want = step(answer)
            except StopIteration:
                return None
            if want[0] == "send":
                headers: dict[str, str] = want[1]
                return headers
            try:
                step, answer = flow.send, self._serve(want)
            except BaseException as error:
                step, answer = flow.throw, error

    def _serve(self, want: tuple[Any, ...]) -> Any:
        if want[0] == "probe":
            return probe(want[1])
        session = self.session
        timeout = session.timeout if self.timeout is None else self.timeout
        return _flows.run(self._context_flow(session, *want[1:]), session.config, timeout)

    async def advance_async(
        self, flow: Flow, reply: Optional[_flow.Reply]
    ) -> Optional[dict[str, str]]:
        """As :meth:`advance`, on asyncio's event loop."""
        step: Callable[[Any], tuple[Any, ...]] = flow.send
        answer: Any = reply
        while True:
            try:
                want = step(answer)
            except StopIteration:
                return None
            if want[0] == "send":
                headers: dict[str, str] = want[1]
                return headers
            try:
                step, answer = flow.send, await self._serve_async(want)
            except BaseException as error:
                step, answer = flow.throw, error

    async def _serve_async(self, want: tuple[Any, ...]) -> Any:
        import asyncio

        from ..aio import _run
        from ..names import target_of

        loop = asyncio.get_running_loop()
        if want[0] == "probe":
            return await loop.run_in_executor(None, probe, want[1])
        session = self._session
        if session is None:
            session = await loop.run_in_executor(None, lambda: self.session)
        if self.canonicalize:
            await loop.run_in_executor(None, target_of, session.config, want[1], True)
        timeout = session.timeout if self.timeout is None else self.timeout
        return await _run(self._context_flow(session, *want[1:]), session.config, timeout)

    # ---- the clients

    def __call__(self, request: Any) -> Any:
        """requests: prepares a request (``auth=`` of its functions)."""
        from ._requests import prepare

        return prepare(self, request)

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        """httpx: the flow of a request of ``httpx.Client``."""
        from ._httpx import sync_flow

        return sync_flow(self, request)

    def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        """httpx: the flow of a request of ``httpx.AsyncClient``."""
        from ._httpx import async_flow

        return async_flow(self, request)

    def urllib(self) -> Any:
        """A handler for ``urllib.request.build_opener``."""
        from ._urllib import Handler

        return Handler(self)

    def requests_adapter(self, **options: Any) -> Any:
        """requests: an adapter that logs in to proxies before a tunnel is made for https
        (``session.mount("https://", auth.requests_adapter())``)."""
        from ._requests import adapter

        return adapter(self, options)

    def niquests_async(self) -> Any:
        """niquests: ``auth=`` of ``niquests.AsyncSession``, whose callables must be coroutine
        functions. ``niquests.Session`` takes this object itself, as requests does."""
        from ._requests import AsyncAuth

        return AsyncAuth(self)

    def niquests_adapter(self, **options: Any) -> Any:
        """As :meth:`requests_adapter`, for ``niquests.Session``."""
        from ._requests import adapter

        return adapter(self, options, "niquests")

    def httpx_transport(self, proxy: str, *, library: str = "httpx", **options: Any) -> Any:
        """httpx: a transport for ``httpx.Client(auth=auth, transport=...)`` that logs in to the proxy
        before a tunnel is made for https; ``options`` are those of ``httpx.HTTPTransport``.

        :param library: "httpx" or "httpx2".
        """
        from ._httpx import transport

        return transport(self, proxy, options, "HTTPTransport", library)

    def httpx_async_transport(self, proxy: str, *, library: str = "httpx", **options: Any) -> Any:
        """As :meth:`httpx_transport`, for ``httpx.AsyncClient``."""
        from ._httpx import transport

        return transport(self, proxy, options, "AsyncHTTPTransport", library)

    def ready(self, url: str) -> None:
        """Gets the ticket for a URL's host, so that :meth:`token_for` need not wait."""
        session = self.session
        timeout = session.timeout if self.timeout is None else self.timeout
        _flows.run(self._ready_flow(session, url), session.config, timeout)

    async def ready_async(self, url: str) -> None:
        """As :meth:`ready`, on asyncio's event loop."""
        from ..aio import _run

        session = self.session
        timeout = session.timeout if self.timeout is None else self.timeout
        await _run(self._ready_flow(session, url), session.config, timeout)

    def _ready_flow(self, session: SessionBase, url: str) -> Generator[Any, Any, Any]:
        return session._ticket_flow(self.wanted(url, None, False)[0], self.canonicalize, False)

    def token_for(self, url: str) -> str:
        """The value of an ``Authorization`` or ``Proxy-Authorization`` header with a new token,
        for clients that no adapter is here for; good for one request."""
        from ._headers import authorization

        context = self._serve(("context", *self.wanted(url, None, False), False))
        try:
            return authorization(context.step())
        finally:
            context.close()


_kinds: dict[tuple[type, ...], type] = {}


def _httpx_kind(kind: type, bases: tuple[type, ...]) -> type:
    found = _kinds.get((kind, *bases))
    if found is None:
        found = _kinds[(kind, *bases)] = type(kind.__name__, (kind, *bases), {"__doc__": kind.__doc__})
    return found


def binding_of(connection: Any) -> Optional[bytes]:
    """The binding of a client's TLS connection; None for what is none, or is closed already."""
    certificate = getattr(connection, "getpeercert", None)
    if certificate is None:
        return None
    try:
        der = certificate(True)
    except (OSError, ValueError, TypeError):
        return None
    return end_point(der) if der else None


def probe(url: str) -> Optional[bytes]:
    """The binding of a server's certificate, by a connection of its own.

    For a login before the first answer of an origin. Nothing is sent over it and its certificate is
    not checked: a wrong one makes a login that the server refuses. None if it does not answer; the
    request itself will tell why.
    """
    import socket
    import ssl

    host = origin_of(url).split("://", 1)[1]
    port = 443
    if not host.endswith("]") and ":" in host:
        host, _, number = host.rpartition(":")
        port = int(number) if number.isdigit() else 443
    host = host.strip("[]")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((host, port), PROBE_TIMEOUT) as plain:
            with context.wrap_socket(plain, server_hostname=host) as secured:
                return binding_of(secured)
    except OSError:
        return None
