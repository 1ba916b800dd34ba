"""urllib: a handler for ``urllib.request.build_opener``.

Each request of urllib has a connection of its own; a login of Kerberos needs no more. Over a proxy
the tunnel for https begins with a login when ``Negotiate(proxy=...)`` names the proxy.

Raises: as :mod:`obol.http`.
Source: ``python/obol/http/_urllib.py``.
"""

from __future__ import annotations

import urllib.request

from . import _flow
from ._negotiate import BodyNotRepeatable, binding_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ._negotiate import Negotiate


class Handler(urllib.request.BaseHandler):
    """Logs in where a server or a proxy asks for it. May be shared between threads."""

    handler_order = 450  # behind ProxyHandler, before those that open connections

    def __init__(self, auth: Negotiate) -> None:
        self._auth = auth

    def http_open(self, request: Any) -> None:
        """Begins a request's flow; the next handler opens it."""
        auth = self._auth
        tunnel = getattr(request, "_tunnel_host", None)
        if tunnel and auth.proxy:
            request.add_unredirected_header("Proxy-Authorization", auth.token_for(auth.proxy))
        if hasattr(request, "_obol_flow"):
            return
        data = request.data
        request._obol_start = _position(data)
        plain = data is None or isinstance(data, bytes)
        request._obol_repeatable = plain or request._obol_start is not None
        url = request.full_url
        # A redirect makes another request, which still names the first one's host.
        begun = f"{request.type}://{request.origin_req_host}"
        same = request.origin_req_host == _host(url)
        flow = _flow.request(
            auth, url, repeatable=request._obol_repeatable, begun="" if same else begun
        )
        for name, value in (auth.advance(flow, None) or {}).items():
            request.add_unredirected_header(name, value)
        request._obol_flow = flow

    https_open = http_open

    def http_response(self, request: Any, response: Any) -> Any:
        """Goes on with the flow."""
        flow = request.__dict__.get("_obol_flow")
        if flow is None:
            return response
        headers = self._auth.advance(flow, _reply(request, response))
        if not headers:
            return response
        if not request._obol_repeatable:
            response.close()
            raise BodyNotRepeatable(request.full_url)
        if request._obol_start is not None:
            request.data.seek(request._obol_start)
        for name, value in headers.items():
            request.add_unredirected_header(name, value)
        response.read()
        response.close()
        return self.parent.open(request, timeout=request.timeout)

    https_response = http_response


def _host(url: str) -> Any:
    return urllib.request.Request(url).origin_req_host


def _position(data: Any) -> Any:
    try:
        return data.tell() if hasattr(data, "read") else None
    except OSError:
        return None


def _reply(request: Any, response: Any) -> _flow.Reply:
    def fields(name: str) -> Sequence[str]:
        found: Sequence[str] = response.headers.get_all(name) or ()
        return found

    body = getattr(response, "fp", None)
    secured = getattr(getattr(body, "raw", None), "_sock", None)
    proxy = ""
    if request.has_proxy() and not getattr(request, "_tunnel_host", None):
        proxy = f"http://{request.host}"
    return _flow.Reply(response.status, fields, binding_of(secured), proxy)
