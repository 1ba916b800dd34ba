"""Kerberos for aiohttp: :class:`Client` for its client, :func:`negotiate` for its server.

``client = obol.aiohttp.Client(session, auth)`` has the methods of an ``aiohttp.ClientSession``
that make requests, with ``auth`` an :class:`obol.http.Negotiate`. ``web.Application(middlewares=
[obol.aiohttp.negotiate("/etc/http.keytab")])`` puts a server behind a login.

Raises: as :mod:`obol.http`.
Source: ``python/obol/aiohttp.py``, ``python/obol/http/_flow.py``, ``python/obol/_gate.py``.
"""

from __future__ import annotations

import asyncio
import importlib

from ._gate import Gate, Identity, close
from .http import _flow
from .http._negotiate import BodyNotRepeatable, Negotiate, binding_of, probe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
    from typing import Any, Optional, Union

    from ._gate import StrPath
    from .acceptor import Acceptor, FileReplay, MemoryReplay
    from .config import Config
    from .keytab import Keytab
    from .names import Name

__all__ = ["Client", "Identity", "Negotiate", "negotiate"]

REDIRECTS = 10


class _Pending:
    """A request that is awaited, or entered with ``async with``, which releases its answer."""

    def __init__(self, answer: Awaitable[Any]) -> None:
        self._coming = answer
        self._answer: Any = None

    def __await__(self) -> Generator[Any, None, Any]:
        return self._coming.__await__()

    async def __aenter__(self) -> Any:
        self._answer = await self._coming
        return self._answer

    async def __aexit__(self, *unused: object) -> None:
        self._answer.release()


class Client:
    """Makes the requests of an ``aiohttp.ClientSession``, logged in.

    Options are aiohttp's: ``proxy=`` is logged in to as well, for https before the tunnel is made.
    Redirects are followed by a login at each place.
    """

    def __init__(self, session: Any, auth: Optional[Negotiate] = None) -> None:
        self.session = session
        self.auth = auth if auth is not None else Negotiate()

    def request(self, method: str, url: Any, **options: Any) -> _Pending:
        """As ``ClientSession.request``."""
        return _Pending(self._request(method, str(url), options))

    def get(self, url: Any, **options: Any) -> _Pending:
        """GET."""
        return self.request("GET", url, **options)

    def head(self, url: Any, **options: Any) -> _Pending:
        """HEAD, which follows no redirects."""
        return self.request("HEAD", url, **{"allow_redirects": False, **options})

    def post(self, url: Any, **options: Any) -> _Pending:
        """POST."""
        return self.request("POST", url, **options)

    def put(self, url: Any, **options: Any) -> _Pending:
        """PUT."""
        return self.request("PUT", url, **options)

    def patch(self, url: Any, **options: Any) -> _Pending:
        """PATCH."""
        return self.request("PATCH", url, **options)

    def delete(self, url: Any, **options: Any) -> _Pending:
        """DELETE."""
        return self.request("DELETE", url, **options)

    async def _request(self, method: str, url: str, options: dict[str, Any]) -> Any:
        begun = url
        follow = options.pop("allow_redirects", True)
        left: int = options.pop("max_redirects", REDIRECTS)
        while True:
            answer = await self._one(method, url, options, begun)
            place = answer.headers.get("Location")
            if not (follow and place and left and answer.status in (301, 302, 303, 307, 308)):
                return answer
            left -= 1
            answer.release()
            url = str(answer.url.join(type(answer.url)(place)))
            options.pop("params", None)
            if answer.status < 307 and method != "HEAD":
                method = "GET"
                options = {k: v for k, v in options.items() if k not in ("data", "json")}

    async def _one(self, method: str, url: str, options: dict[str, Any], begun: str) -> Any:
        """A request at one place, until its answer is final."""
        auth, options = self.auth, dict(options)
        given = dict(options.pop("headers", None) or {})
        data: Any = options.get("data")
        proxy = str(options.get("proxy") or auth.proxy)
        start = _position(data)
        streams = hasattr(data, "__anext__") or hasattr(data, "__next__")
        repeatable = start is not None or not streams
        if start is not None:
            given.setdefault("Content-Length", str(data.seek(0, 2) - start))
        tunnel = bool(proxy) and url.lower().startswith("https:")
        gate = proxy if tunnel else ""
        flow = _flow.request(auth, url, repeatable=repeatable, proxy=gate, begun=begun)
        headers = await auth.advance_async(flow, None)
        first = True
        while headers is not None:
            if not first and not repeatable:
                raise BodyNotRepeatable(url)
            if start is not None:
                options["data"] = _chunks(data, start)
            first = False
            if tunnel and "Proxy-Authorization" in headers:
                token = headers.pop("Proxy-Authorization")
                options["proxy_headers"] = {"Proxy-Authorization": token}
            given.update(headers)
            answer = await self.session.request(
                method, url, headers=given, allow_redirects=False, **options
            )
            reply = await _reply(answer, auth, proxy)
            headers = await auth.advance_async(flow, reply)
            if headers is not None:
                await answer.read()
                answer.release()
        return answer


async def _chunks(file: Any, start: int) -> AsyncGenerator[bytes, None]:
    """A file from a place on; aiohttp closes a file that it has sent, and no generator's."""
    loop = asyncio.get_running_loop()
    file.seek(start)
    while data := await loop.run_in_executor(None, file.read, 65536):
        yield data


def _position(data: Any) -> Optional[int]:
    try:
        return int(data.tell()) if hasattr(data, "read") else None
    except (AttributeError, OSError):
        return None


async def _reply(answer: Any, auth: Negotiate, proxy: str) -> _flow.Reply:
    """The answer for the flow. aiohttp gives a connection back before it shows a short answer: then
    the certificate is asked for again."""
    connection = answer.connection
    transport = getattr(connection, "transport", None)
    binding = binding_of(transport.get_extra_info("ssl_object")) if transport else None
    secured = answer.url.scheme in ("https", "wss")
    if binding is None and secured and auth.bind_tls and answer.status == 401 and not proxy:
        known = auth.known(str(answer.url))
        loop = asyncio.get_running_loop()
        binding = await loop.run_in_executor(None, probe, str(answer.url))
        binding = binding or (known.binding if known is not None else None)
    elif binding is None and secured:
        known = auth.known(str(answer.url))
        binding = known.binding if known is not None else None

    def fields(name: str) -> list[str]:
        found: list[str] = answer.headers.getall(name, [])
        return found

    return _flow.Reply(answer.status, fields, binding, proxy)


def negotiate(
    keytab: Union[Keytab, StrPath, Acceptor, None] = None,
    *,
    service: Optional[Name] = None,
    require: Union[bool, Callable[[Any], bool]] = True,
    allow: Optional[Callable[[Identity], bool]] = None,
    certificate: Union[bytes, str, None] = None,
    require_binding: bool = False,
    replay: Union[MemoryReplay, FileReplay, None, bool] = None,
    config: Optional[Config] = None,
) -> Callable[[Any, Callable[[Any], Awaitable[Any]]], Awaitable[Any]]:
    """A middleware of ``aiohttp.web``: ``request["kerberos"]`` is the :class:`Identity`.

    The parameters are those of :class:`obol.wsgi.Negotiate`; functions get the request. The
    service's token is on answers that a handler returns or raises, not on those it has begun to
    send itself.
    """
    gate = Gate(
        keytab, service=service, require=require, certificate=certificate,
        require_binding=require_binding, replay=replay, config=config, allow=allow,
    )  # fmt: skip
    web: Any = importlib.import_module("aiohttp.web")

    async def middleware(request: Any, handler: Callable[[Any], Awaitable[Any]]) -> Any:
        fields = request.headers.getall("Authorization", [])
        verdict = gate.check(fields, None, request)
        if verdict.refusal is not None:
            headers, body = verdict.answer(request.headers.get("Accept", ""))
            kept = [(name, value) for name, value in headers if name != "Content-Length"]
            return web.Response(status=401, headers=kept, body=body)
        identity = verdict.identity
        if identity is not None:
            request["kerberos"] = identity
        try:
            return _proved(await handler(request), verdict.challenge)
        except web.HTTPException as answer:
            _proved(answer, verdict.challenge)
            raise
        finally:
            close(identity)

    return web.middleware(middleware)  # type: ignore[no-any-return]


def _proved(answer: Any, challenge: str) -> Any:
    if challenge and not answer.prepared:
        answer.headers.add("WWW-Authenticate", challenge)
    return answer
