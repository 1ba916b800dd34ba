"""requests and niquests: a request's login by its hooks, and proxies' logins for tunnels.

Nothing of a request is kept in the auth object: its flow hangs on the prepared request.

Raises: as :mod:`obol.http`.
Source: ``python/obol/http/_requests.py``.
"""

from __future__ import annotations

import importlib

from . import _flow
from ..binding import end_point
from ._negotiate import BodyNotRepeatable, binding_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Optional

    from ._negotiate import Negotiate

_FLOW = "_obol_flow"


def prepare(auth: Negotiate, request: Any) -> Any:
    """What ``requests`` calls with each request before it is sent."""
    flow = _flow.request(auth, request.url, repeatable=_repeatable(request))
    headers = auth.advance(flow, None)
    request.headers.update(headers or {})
    setattr(request, _FLOW, flow)
    begun = request.url
    request.register_hook(
        "response", lambda response, **sent: _answered(auth, response, sent, begun)
    )
    return request


def _repeatable(request: Any) -> bool:
    body = request.body
    if body is None or isinstance(body, (str, bytes, bytearray)):
        return True
    return isinstance(getattr(request, "_body_position", None), int) and hasattr(body, "seek")


def _binding(response: Any) -> Optional[bytes]:
    """That of the connection, wherever this version of urllib3 keeps it; niquests tells it."""
    if hasattr(response, "conn_info"):
        der = getattr(response.conn_info, "certificate_der", None)
        return end_point(der) if der else None
    raw = response.raw
    connection = getattr(raw, "_connection", None) or getattr(raw, "connection", None)
    found = binding_of(getattr(connection, "sock", None))
    if found is None:
        body = getattr(getattr(raw, "_fp", None), "fp", None)
        found = binding_of(getattr(getattr(body, "raw", None), "_sock", None))
    return found


def _reply(response: Any, sent: dict[str, Any]) -> _flow.Reply:
    raw: Any = getattr(response.raw, "headers", None)

    def fields(name: str) -> Sequence[str]:
        if hasattr(raw, "getlist"):
            found: Sequence[str] = raw.getlist(name)
            return found
        value = response.headers.get(name)
        return [] if value is None else [value]

    proxy = ""
    if sent.get("proxies"):
        utils: Any = importlib.import_module(f"{_library(response)}.utils")
        proxy = utils.select_proxy(response.request.url, sent["proxies"]) or ""
    return _flow.Reply(response.status_code, fields, _binding(response), proxy)


def _library(response: Any) -> str:
    """requests, or a fork of it (niquests)."""
    name: str = type(response).__module__
    return name.partition(".")[0]


def _answered(auth: Negotiate, response: Any, sent: dict[str, Any], begun: str) -> Any:
    """The hook: goes on with the flow of the answered request until its answer is final."""
    flow, reply = _flow_of(auth, response, sent, begun)
    headers = auth.advance(flow, reply)
    while headers is not None:
        if not _repeatable(response.request):
            response.close()
            raise BodyNotRepeatable(response.request.url)
        response.content  # noqa: B018  what is left of the answer stands before the next one
        response.close()
        request = _copy(response, headers)
        again = response.connection.send(request, **sent)
        response = _joined(response, again, request)
        headers = auth.advance(flow, _reply(response, sent))
    return response


def _flow_of(auth: Negotiate, response: Any, sent: dict[str, Any], begun: str) -> tuple[Any, Any]:
    """(flow, reply) with which to go on behind an answer."""
    flow = response.request.__dict__.pop(_FLOW, None)
    reply: Optional[_flow.Reply] = _reply(response, sent)
    if flow is None:  # a redirect: requests copies hooks, and no flow
        flow = _flow.request(auth, response.request.url, first=reply, begun=begun)
        reply = None
    if getattr(response, "is_redirect", False):
        # The next request must not carry a token that is used up.
        response.request.headers.pop("Authorization", None)
    return flow, reply


def _copy(response: Any, headers: dict[str, str]) -> Any:
    """The request that was answered, to be sent again with its body from the start."""
    before = response.request
    request = before.copy()
    position = getattr(before, "_body_position", None)
    if isinstance(position, int) and hasattr(request.body, "seek"):
        request.body.seek(position)
    cookies: Any = importlib.import_module(f"{_library(response)}.cookies")
    cookies.extract_cookies_to_jar(request._cookies, before, response.raw)
    request.headers.pop("Cookie", None)
    request.prepare_cookies(request._cookies)
    request.headers.update(headers)
    return request


def _joined(response: Any, again: Any, request: Any) -> Any:
    again.history.append(response)
    again.request = request
    return again


class AsyncAuth:
    """``auth=`` of ``niquests.AsyncSession``: nothing that waits holds the event loop up."""

    def __init__(self, auth: Negotiate) -> None:
        self._auth = auth

    async def __call__(self, request: Any) -> Any:
        auth, begun = self._auth, request.url
        flow = _flow.request(auth, begun, repeatable=_repeatable(request))
        request.headers.update(await auth.advance_async(flow, None) or {})
        setattr(request, _FLOW, flow)

        async def answered(response: Any, **sent: Any) -> Any:
            return await _answered_async(auth, response, sent, begun)

        request.register_hook("response", answered)
        return request


async def _answered_async(
    auth: Negotiate, response: Any, sent: dict[str, Any], begun: str
) -> Any:
    flow, reply = _flow_of(auth, response, sent, begun)
    headers = await auth.advance_async(flow, reply)
    while headers is not None:
        if not _repeatable(response.request):
            await _awaited(response.close())
            raise BodyNotRepeatable(response.request.url)
        await _awaited(response.content)
        await _awaited(response.close())
        request = _copy(response, headers)
        again = await response.connection.send(request, **sent)
        response = _joined(response, again, request)
        headers = await auth.advance_async(flow, _reply(response, sent))
    return response


async def _awaited(value: Any) -> None:
    """niquests' answers are read and closed by awaiting where they are streams."""
    if hasattr(value, "__await__"):
        await value


class _Tunnel(dict[str, str]):
    """Headers of a CONNECT request: a token is made when they are read, for each tunnel anew."""

    def __init__(self, auth: Negotiate, proxy: str, rest: dict[str, str]) -> None:
        super().__init__(rest)
        self["Proxy-Authorization"] = ""
        self._auth, self._proxy = auth, proxy

    def items(self) -> Any:
        fresh = dict(super().items())
        fresh["Proxy-Authorization"] = self._auth.token_for(self._proxy)
        return fresh.items()

    def copy(self) -> _Tunnel:
        return self


def adapter(auth: Negotiate, options: dict[str, Any], library: str = "requests") -> Any:
    """An adapter of ``requests`` (or niquests) whose tunnels through proxies begin with a login."""
    adapters: Any = importlib.import_module(f"{library}.adapters")

    def proxy_headers(self: Any, proxy: str) -> dict[str, str]:
        return _Tunnel(auth, proxy, adapters.HTTPAdapter.proxy_headers(self, proxy))

    kind = type("NegotiateAdapter", (adapters.HTTPAdapter,), {"proxy_headers": proxy_headers})
    return kind(**options)
