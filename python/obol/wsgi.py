"""Kerberos for WSGI: Flask, Django and everything else that speaks PEP 3333.

``app.wsgi_app = obol.wsgi.Negotiate(app.wsgi_app, keytab="/etc/http.keytab")`` in Flask,
``application = obol.wsgi.Negotiate(get_wsgi_application(), ...)`` in Django. A request of who has
logged in has ``environ["kerberos"]``, an :class:`Identity` (``principal``, ``groups``,
``delegated``), and ``REMOTE_USER``, which Flask and Django's RemoteUserMiddleware know.

Raises: nothing for what clients send (they are answered 401); :class:`obol.NoCredentials` where
there is no keytab.
Source: ``python/obol/wsgi.py``, ``python/obol/_gate.py``, PEP 3333, RFC 4559.
"""

from __future__ import annotations

from ._gate import Gate, Identity, close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Optional, Union

    from ._gate import StrPath
    from .acceptor import Acceptor, FileReplay, MemoryReplay
    from .config import Config
    from .keytab import Keytab
    from .names import Name

    Environ = dict[str, Any]
    Start = Callable[..., Any]

__all__ = ["Identity", "Negotiate"]


class Negotiate:
    """A WSGI application behind a login.

    :param app: the application.
    :param keytab: a keytab, its path, an ``obol.Acceptor``, or None for the system's default.
    :param service: whose keys count: "HTTP/web.example.com", "HTTP"; None: every key.
    :param require: whether a login is needed, or a function of the environ; who sends one is
        checked in any case.
    :param allow: a function of the :class:`Identity`: whether this user may come in.
    :param certificate: the TLS server's certificate (PEM or DER), for channel bindings; some
        servers tell it themselves (mod_wsgi with ExportCertData).
    :param require_binding: refuse logins that are not bound to the TLS connection.
    :param replay: as in ``obol.Acceptor``: servers of several processes share an
        ``obol.FileReplay``.
    """

    def __init__(
        self,
        app: Callable[[Environ, Start], Iterable[bytes]],
        keytab: Union[Keytab, StrPath, Acceptor, None] = None,
        *,
        service: Optional[Name] = None,
        require: Union[bool, Callable[[Environ], bool]] = True,
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

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """PEP 3333."""
        environ.pop("kerberos", None)
        value = environ.get("HTTP_AUTHORIZATION")
        fields = [] if value is None else [value]
        verdict = self._gate.check(fields, environ.get("SSL_SERVER_CERT"), environ)
        if verdict.refusal is not None:
            headers, body = verdict.answer(environ.get("HTTP_ACCEPT", ""))
            start_response("401 Unauthorized", headers)
            return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else body]
        identity = verdict.identity
        if identity is None:
            return self.app(environ, start_response)
        environ["kerberos"] = identity
        environ["REMOTE_USER"], environ["AUTH_TYPE"] = str(identity), "Negotiate"

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if verdict.challenge:
                headers = [*headers, ("WWW-Authenticate", verdict.challenge)]
            return start_response(status, headers, *more)

        try:
            return _Body(self.app(environ, start), identity)
        except BaseException:
            close(identity)
            raise


class _Body:
    """An answer whose end is the end of the request's identity."""

    def __init__(self, parts: Iterable[bytes], identity: Identity) -> None:
        self._parts, self._identity = parts, identity

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        try:
            end = getattr(self._parts, "close", None)
            if end is not None:
                end()
        finally:
            close(self._identity)
