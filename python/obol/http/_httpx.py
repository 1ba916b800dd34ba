"""httpx: a request's login as its own auth flows, sync and async; and transports whose tunnels
through a proxy begin with a login.

Raises: as :mod:`obol.http`.
Source: ``python/obol/http/_httpx.py``.
"""

from __future__ import annotations

import importlib
import threading

from ..errors import Error
from . import _flow
from ._negotiate import BodyNotRepeatable, binding_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator
    from typing import Any

    from ._negotiate import Negotiate


class _Body:
    """The body of a request: whether it can be sent again, and from where."""

    def __init__(self, request: Any) -> None:
        self.request = request
        source: Any = getattr(request.stream, "_stream", None)  # bytes and forms have none
        self.source, self.start = source, 0
        self.repeatable = source is None or not hasattr(source, "__next__")
        if hasattr(source, "__anext__"):
            self.repeatable = False
        if hasattr(source, "read"):
            try:
                self.start, self.repeatable = source.tell(), True
            except (AttributeError, OSError):
                self.repeatable = False

    def rewind(self) -> None:
        """Before the request is sent again."""
        if not self.repeatable:
            raise BodyNotRepeatable(str(self.request.url))
        if hasattr(self.source, "read"):
            self.source.seek(self.start)


def _reply(response: Any) -> _flow.Reply:
    stream = response.extensions.get("network_stream")
    secured = stream.get_extra_info("ssl_object") if stream is not None else None
    return _flow.Reply(response.status_code, response.headers.get_list, binding_of(secured))


def _redirected(auth: Negotiate, response: Any, begun: str) -> tuple[Any, _Body, Any]:
    """httpx followed redirects beneath the flow, with a token that is used up or with none: the
    request that was answered begins anew."""
    request = response.request
    flow = _flow.request(auth, str(request.url), first=_reply(response), begun=begun)
    return request, _Body(request), flow


def sync_flow(auth: Negotiate, request: Any) -> Generator[Any, Any, None]:
    """What ``httpx.Client`` drives."""
    body, begun = _Body(request), str(request.url)
    flow = _flow.request(auth, str(request.url), repeatable=body.repeatable)
    headers = auth.advance(flow, None)
    first = True
    while headers is not None:
        if not first:
            body.rewind()
        request.headers.update(headers)
        response = yield request
        if response.status_code in (401, 407):
            response.read()
        first = False
        if response.request is not request:
            request, body, flow = _redirected(auth, response, begun)
            headers = auth.advance(flow, None)
        else:
            headers = auth.advance(flow, _reply(response))


async def async_flow(auth: Negotiate, request: Any) -> AsyncGenerator[Any, Any]:
    """What ``httpx.AsyncClient`` drives."""
    body, begun = _Body(request), str(request.url)
    flow = _flow.request(auth, str(request.url), repeatable=body.repeatable)
    headers = await auth.advance_async(flow, None)
    first = True
    while headers is not None:
        if not first:
            body.rewind()
        request.headers.update(headers)
        response = yield request
        if response.status_code in (401, 407):
            await response.aread()
        first = False
        if response.request is not request:
            request, body, flow = _redirected(auth, response, begun)
            headers = await auth.advance_async(flow, None)
        else:
            headers = await auth.advance_async(flow, _reply(response))


def transport(
    auth: Negotiate, proxy: str, options: dict[str, Any], name: str, library: str
) -> Any:
    """A transport of httpx, of the class with this name, through a proxy that wants a login before it
    makes a tunnel. The ticket is got before a request, each tunnel has a token of its own."""
    httpx: Any = importlib.import_module(library)
    base: Any = getattr(httpx, name)

    def handle_request(self: Any, request: Any) -> Any:
        auth.ready(proxy)
        return base.handle_request(self, request)

    async def handle_async_request(self: Any, request: Any) -> Any:
        await auth.ready_async(proxy)
        return await base.handle_async_request(self, request)

    methods = {"handle_request": handle_request, "handle_async_request": handle_async_request}
    wanted = {n: method for n, method in methods.items() if hasattr(base, n)}
    kind: Any = type("Negotiate" + name, (base,), wanted)
    made: Any = kind(proxy=httpx.Proxy(proxy), **options)
    _with_tokens(auth, proxy, made._pool)
    return made


def _with_tokens(auth: Negotiate, proxy: str, pool: Any) -> None:
    """httpcore keeps the headers of a proxy for all connections: they are made anew for each. What
    goes to the proxy without a tunnel has its login from the flow of the request."""
    create: Any = getattr(pool, "create_connection", None)
    given: Any = getattr(pool, "_proxy_headers", None)
    if not callable(create) or not isinstance(given, (list, tuple)):
        raise _unknown(pool)
    lock = threading.Lock()

    def create_connection(origin: Any) -> Any:
        with lock:
            login = []
            if origin.scheme != b"http":
                login = [(b"Proxy-Authorization", auth.token_for(proxy).encode())]
            pool._proxy_headers = [*given, *login]
            made = create(origin)
        if login and login[0] not in (getattr(made, "_proxy_headers", None) or ()):
            raise _unknown(pool)
        return made

    pool.create_connection = create_connection


def _unknown(pool: Any) -> Error:
    """httpx has no public place for a header that each tunnel gets anew; where the one that is known
    has gone, that is said rather than a tunnel tried without a login."""
    name = type(pool).__module__.partition(".")[0]
    version = getattr(importlib.import_module(name), "__version__", "of an unknown version")
    return Error(
        f"{name} {version} keeps a proxy's headers elsewhere: {type(pool).__name__} has no usable "
        "create_connection and _proxy_headers",
        name="UNSUPPORTED",
        remedy="Use requests, urllib or obol.aiohttp for https through this proxy; or httpx 0.23 to 0.28 "
        "with httpcore 0.16 to 1.0, or httpx2.",
    )
