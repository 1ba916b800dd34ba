"""A service's end: :class:`Acceptor` takes logins with the keys of a keytab.

Raises: :class:`obol.NoCredentials` where there is no keytab; what a login fails with stands at
:mod:`obol.context`.
Source: ``python/obol/acceptor.py``, ``python/ext/context.c``, ``python/ext/replay.c``,
``src/gss/acceptor.c``, ``src/krb/ap_accept.c``.
"""

from __future__ import annotations

import os

from . import _core
from .config import system
from .context import Context
from .keytab import Keytab, keytab_of
from .names import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional, Union

    from .config import Config
    from .names import Name

    StrPath = Union[str, os.PathLike[str]]

__all__ = ["Acceptor", "FileReplay", "MemoryReplay"]


class MemoryReplay:
    """A replay cache in the memory of this process (RFC 4120 3.2.3)."""

    __slots__ = ("_core",)

    def __init__(self, *, clockskew: int = 300) -> None:
        self._core = _core.Replay(None, 2 * clockskew)

    def __len__(self) -> int:
        return self._core.count


class FileReplay:
    """A replay cache that all processes of a user share: one file."""

    __slots__ = ("_core",)

    def __init__(self, path: StrPath, *, clockskew: int = 300) -> None:
        self._core = _core.Replay(os.fspath(path), 2 * clockskew)


class Acceptor:
    """Takes logins; may be shared between threads and tasks.

    :param keytab: a :class:`Keytab`, its path, or None for the system's default.
    :param service: whose keys count: "HTTP/web.example.com", or "HTTP" for that service under any
        host name; None: every key of the keytab.
    :param replay: where replays are remembered; None: in the memory of this process;
        ``False``: nowhere (only behind TLS with channel bindings, or for messages that are safe
        to repeat).
    """

    def __init__(
        self,
        keytab: Union[Keytab, StrPath, None] = None,
        *,
        service: Optional[Name] = None,
        replay: Union[MemoryReplay, FileReplay, None, bool] = None,
        config: Optional[Config] = None,
    ) -> None:
        self.keytab = Keytab() if keytab is None else keytab_of(keytab)
        self.config = config or system()
        self.service = str(service) if service is not None else ""
        if replay is None or replay is True:
            replay = MemoryReplay(clockskew=int(self.config.settings["clockskew"]))
        self._replay = replay._core if replay is not False else None

    def accept(self, *, channel: Optional[bytes] = None) -> Context:
        """The service's end of one login; ``channel`` is checked if the client states bindings.

        Step it with the client's first token.
        """
        context = Context._accept(
            self.config._core, self.keytab._core, self._replay, wire(self.service), channel
        )
        context._config = self.config
        return context

    def __repr__(self) -> str:
        return f"<obol.Acceptor {self.service or 'any service'} with {self.keytab.path!r}>"
