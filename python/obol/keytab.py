"""Keytabs: the long-term keys of services, and of clients that have no password.

Raises: :class:`obol.NoCredentials` where there is no keytab or it cannot be read,
:class:`obol.KeytabMismatch` where it lacks a key.
Source: ``python/obol/keytab.py``, ``python/ext/keytab.c``, ``src/cred/keytab.c``.
"""

from __future__ import annotations

import os

from . import _core
from .names import Principal, wire
from .tickets import enctype_name, enctype_number, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from typing import Optional, Union

    from .names import Name

    StrPath = Union[str, os.PathLike[str]]

__all__ = ["Keytab", "KeytabEntry"]


class KeytabEntry:
    """One key: whose, its version and enctype, when it was written; the key itself is hidden."""

    __slots__ = ("_row", "key")

    def __init__(self, row: tuple[str, int, int, int], key: bytes) -> None:
        self._row = row
        self.key = key

    @classmethod
    def from_password(
        cls,
        principal: Name,
        password: Union[str, bytes],
        *,
        kvno: int = 1,
        etype: str = "aes256-cts-hmac-sha384-192",
        salt: Optional[str] = None,
        iterations: int = 0,
    ) -> KeytabEntry:
        """The key that a KDC derives from a password, with the default salt unless one is given."""
        import time

        name = Principal(principal)
        grain = salt if salt is not None else name.realm + "".join(name.components)
        word = password.encode() if isinstance(password, str) else bytes(password)
        number = enctype_number(etype)
        key = _core.string_to_key(number, word, grain.encode(), iterations)
        return cls((str(name), kvno, number, int(time.time())), key)

    @property
    def principal(self) -> Principal:
        """Whose key it is."""
        return Principal(self._row[0])

    @property
    def kvno(self) -> int:
        """The key's version."""
        return self._row[1]

    @property
    def etype(self) -> str:
        """The key's encryption type."""
        return enctype_name(self._row[2])

    @property
    def written(self) -> datetime:
        """When it was put into the keytab."""
        return moment(self._row[3])

    def _tuple(self) -> tuple[bytes, int, int, int, bytes]:
        return (wire(self._row[0]), *self._row[1:], self.key)

    def __repr__(self) -> str:
        return f"<obol.KeytabEntry {self._row[0]} kvno {self.kvno} {self.etype}>"


class Keytab:
    """A keytab, read once: it does not follow later changes of its file.

    ``Keytab("/etc/http.keytab")`` reads a file, ``Keytab()`` the system's default,
    ``Keytab(data=...)`` bytes, ``Keytab(entries=[...])`` makes one in memory.

    Raises: :class:`obol.NoCredentials`.
    """

    __slots__ = ("_core",)

    def __init__(
        self,
        path: Optional[StrPath] = None,
        *,
        data: Optional[bytes] = None,
        entries: Optional[Iterable[KeytabEntry]] = None,
    ) -> None:
        if entries is not None:
            data = _core.keytab_bytes([entry._tuple() for entry in entries])
        if path is None and data is None:
            from .config import system

            path = system()._core.default_names()[1]
        name = os.fspath(path) if path is not None else "a keytab in memory"
        for kind in ("FILE:", "WRFILE:"):
            if name.startswith(kind):
                name = name[len(kind) :]
        self._core = _core.Keytab(name, data)

    @property
    def path(self) -> str:
        """The file that it was read from, or what it is called in errors."""
        return self._core.path

    @property
    def entries(self) -> list[KeytabEntry]:
        """All keys, in the order of the file."""
        rows = self._core.entries()
        return [KeytabEntry(row, self._core.key(i)) for i, row in enumerate(rows)]

    @property
    def principals(self) -> list[Principal]:
        """The names that it holds keys of, each once."""
        return [Principal(name) for name in dict.fromkeys(r[0] for r in self._core.entries())]

    def to_bytes(self) -> bytes:
        """The keytab as a file's bytes."""
        return _core.keytab_bytes([entry._tuple() for entry in self.entries])

    def add_to(self, path: StrPath) -> None:
        """Adds its keys to a file (made with mode 0600), under the lock that MIT krb5 takes too."""
        _core.keytab_add(os.fspath(path), [entry._tuple() for entry in self.entries])

    @staticmethod
    def remove(path: StrPath, principal: Name, *, kvno: int = 0, etype: str = "") -> int:
        """Wipes keys of a name from a file; how many. ``kvno`` 0 and ``etype`` "" mean all."""
        number = enctype_number(etype) if etype else 0
        return _core.keytab_remove(os.fspath(path), wire(str(principal)), kvno, number)

    def __iter__(self) -> Iterator[KeytabEntry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self._core.entries())

    def __repr__(self) -> str:
        return f"<obol.Keytab {self.path!r} with {len(self)} keys>"


def keytab_of(value: Union[Keytab, StrPath]) -> Keytab:
    """A keytab as callers may write it: the object, or a path."""
    return value if isinstance(value, Keytab) else Keytab(value)
