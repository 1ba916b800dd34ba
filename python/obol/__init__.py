"""Kerberos for Python: logins, tickets, contexts, without a system's Kerberos.

>>> import obol
>>> from obol.testing import Realm
>>> with Realm() as realm:
...     _ = realm.user("alice", "secret")
...     with obol.login("alice", password="secret", config=realm.config) as me:
...         print(me.principal)
alice@OBOL.TEST

Raises: everything that goes wrong is an :class:`obol.Error`.
Source: ``python/obol/__init__.py``; ``python/README.md`` says which module does what.
"""

from __future__ import annotations

from ._login import change_password, default, load, login
from .acceptor import Acceptor, FileReplay, MemoryReplay
from .binding import tls_binding
from .config import Clock, Config
from .context import Context, Pac
from .errors import *  # noqa: F403
from .errors import __all__ as _errors
from .keytab import Keytab, KeytabEntry
from .names import Principal
from .session import Event, Session
from .tickets import Ticket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from . import aio as aio
    from . import testing as testing
    from .flags import ContextFlags, TicketFlags
    from .http import Negotiate

__version__ = "0.1.0"
__all__ = [  # noqa: PLE0604
    "Acceptor",
    "Clock",
    "Config",
    "Context",
    "ContextFlags",
    "Event",
    "FileReplay",
    "Keytab",
    "KeytabEntry",
    "MemoryReplay",
    "Negotiate",
    "Pac",
    "Principal",
    "Session",
    "Ticket",
    "TicketFlags",
    "change_password",
    "decode",
    "default",
    "load",
    "login",
    "tls_binding",
    *_errors,
]

# Modules that are read when they are first used: most programs need few of them.
_LAZY = ("aio", "aiohttp", "asgi", "fastapi", "http", "ldap3", "mssql", "sasl", "stream", "testing", "wsgi", "compat")


def __getattr__(name: str) -> Any:
    if name in ("ContextFlags", "TicketFlags"):
        from . import flags

        return getattr(flags, name)
    if name == "Negotiate":
        from .http import Negotiate

        return Negotiate
    if name in _LAZY:
        import importlib

        try:
            return importlib.import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def decode(message: bytes) -> dict[str, object]:
    """A Kerberos message (AS-REQ, ticket, KRB-ERROR ...) as nested dicts, sealed parts as they are.

    Raises: :class:`obol.DecodeError`.
    """
    import json

    from . import _core

    tree: dict[str, object] = json.loads(_core.decode_message(message, True))
    return tree
