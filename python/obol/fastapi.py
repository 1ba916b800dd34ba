"""FastAPI: who makes a request, as a dependency.

``app.add_middleware(obol.asgi.Negotiate, keytab="/etc/http.keytab")``, then
``def page(who: obol.asgi.Identity = Depends(obol.fastapi.user))``. Works for websockets, too, and in
Starlette wherever there is a request.

Raises: 401 where a login is needed and the request has none: where ``require=`` of the middleware
let it in.
Source: ``python/obol/fastapi.py``, ``python/obol/asgi.py``.
"""

from __future__ import annotations

from ._gate import WANTED, Identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    HTTPConnection = Any
else:
    from starlette.requests import HTTPConnection

__all__ = ["optional_user", "user"]


def optional_user(connection: HTTPConnection) -> Optional[Identity]:
    """Who has logged in; None where nobody has and ``require=`` of the middleware lets him in."""
    found: Optional[Identity] = connection.scope.get("kerberos")
    return found


def user(connection: HTTPConnection) -> Identity:
    """Who has logged in: ``principal``, ``groups``, ``delegated``, ``pac``, ``indicators``.

    Raises: the answer 401, or a websocket's close with 1008, where nobody has.
    """
    found = optional_user(connection)
    if found is not None:
        return found
    import importlib

    exceptions: Any = importlib.import_module("starlette.exceptions")
    if connection.scope["type"] == "websocket":
        raise exceptions.WebSocketException(1008, WANTED[0])
    raise exceptions.HTTPException(401, f"{WANTED[0]}. {WANTED[1]}", {"WWW-Authenticate": "Negotiate"})
