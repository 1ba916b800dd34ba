"""How arguments and results pass between python-gssapi's interface and the C core.

Source: ``python/obol/compat/gssapi/raw/_call.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Union

from obol import _core

from .oids import OID

gss = _core.gss
INDEFINITE = 0xFFFFFFFF
_USAGES = {"both": 0, "initiate": 1, "accept": 2}
Store = Mapping[Union[bytes, str], Union[bytes, str]]


def oid(der: bytes | None) -> OID | None:
    """An OID of its contents."""
    return None if der is None else OID(elements=der)


def oids(ders: Iterable[bytes]) -> set[OID]:
    """OIDs of their contents."""
    return {OID(elements=der) for der in ders}


def lifetime(seconds: int | None) -> int:
    """A time that is asked for; None is without end."""
    return INDEFINITE if seconds is None else int(seconds)


def usage(name: str) -> int:
    """What a credential is for, as a number.

    Raises: :class:`ValueError`.
    """
    if name not in _USAGES:
        raise ValueError(f'the usage "{name}" is none of {", ".join(_USAGES)}')
    return _USAGES[name]


def usage_name(number: int) -> str:
    """The reverse."""
    return next(name for name, value in _USAGES.items() if value == number)


def places(store: Store | None) -> tuple[bytes, ...] | None:
    """A store's places, flat."""
    if store is None:
        return None
    return tuple(
        part.encode() if isinstance(part, str) else part for pair in store.items() for part in pair
    )


def octets(data: bytes) -> bytes:
    """Bytes of what may be a bytearray or a view; text is refused.

    Raises: :class:`TypeError`.
    """
    if isinstance(data, (str, int)) or data is None:
        raise TypeError(f"bytes are wanted here, not {type(data).__name__}")
    return bytes(data)
