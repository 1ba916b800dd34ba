"""Kerberos for ASGI: Starlette, FastAPI, Django and everything else that speaks ASGI 3.

``app = obol.asgi.Negotiate(app, keytab="/etc/http.keytab")``, or
``app.add_middleware(obol.asgi.Negotiate, keytab=...)`` in Starlette and FastAPI. A request (and a
websocket) of who has logged in has ``scope["kerberos"]``, an :class:`Identity` (``principal``,
``groups``, ``delegated``), which also is ``scope["user"]``: ``request.user`` in Starlette.

Raises: nothing for what clients send (they are answered 401); :class:`obol.NoCredentials` where
there is no keytab.
Source: ``python/obol/asgi.py``, ``python/obol/_gate.py``, RFC 4559.
"""

from __future__ import annotations

from ._gate import Gate, Identity, Verdict, close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, Optional, Union

    from ._gate import StrPath
    from .acceptor import Acceptor, FileReplay, MemoryReplay
    from .config import Config
    from .keytab import Keytab
    from .names import Name

    Scope = dict[str, Any]
    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

__all__ = ["Identity", "Negotiate"]


class Nobody:
    """``scope["user"]`` of a request without a login, where none is needed."""

    is_authenticated = False
    display_name = identity = ""


class Negotiate:
    """An ASGI application behind a login; the parameters are those of
    :class:`obol.wsgi.Negotiate`, but ``require`` and the like get the scope.

    Servers that tell their certificate (the ASGI extension "tls") need no ``certificate``.
    """

    def __init__(
        self,
        app: Callable[[Scope, Receive, Send], Awaitable[Any]],
        keytab: Union[Keytab, StrPath, Acceptor, None] = None,
        *,
        service: Optional[Name] = None,
        require: Union[bool, Callable[[Scope], bool]] = True,
        allow: Optional[Callable[[Identity], bool]] = None,
        certificate: Union[bytes, str, None] = None,
        require_binding: bool = False,
        replay: Union[MemoryReplay, FileReplay, None, bool] = None,
        config: Optional[Config] = None,
    ) -> None:
        self.app = app
        self._gate = Gate(
            keytab, service=service, require=require, certificate=certificate,
            require_binding=require_binding, replay=replay, config=config, allow=allow,
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        extensions = scope.get("extensions") or {}
        certificate = (extensions.get("tls") or {}).get("server_cert")
        verdict = self._gate.check(_fields(scope, b"authorization"), certificate, scope)
        if verdict.refusal is not None:
            await _refuse(scope, receive, send, verdict)
            return
        identity = verdict.identity
        inner = {**scope, "user": identity or Nobody()}
        inner.pop("kerberos", None)
        if identity is not None:
            inner["kerberos"] = identity
        field = (b"www-authenticate", verdict.challenge.encode("ascii"))

        async def sent(message: dict[str, Any]) -> None:
            if verdict.challenge and message["type"] in ("http.response.start", "websocket.accept"):
                message = {**message, "headers": [*message.get("headers", ()), field]}
            await send(message)

        try:
            await self.app(inner, receive, sent)
        finally:
            close(identity)


def _fields(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for field, value in scope["headers"] if field.lower() == name]


async def _refuse(scope: Scope, receive: Receive, send: Send, verdict: Verdict) -> None:
    kind = "http.response"
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            await send({"type": "websocket.close", "code": 1008})  # the server answers 403
            return
        kind = "websocket.http.response"
    fields, body = verdict.answer(",".join(_fields(scope, b"accept")))
    headers = [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in fields]
    if scope.get("method") == "HEAD":
        body = b""
    await send({"type": f"{kind}.start", "status": 401, "headers": headers})
    await send({"type": f"{kind}.body", "body": body})
