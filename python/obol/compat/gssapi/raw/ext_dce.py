"""Messages in parts (``gssapi.raw.ext_dce``; MS-KILE 3.4.5.4).

Source: ``python/obol/compat/gssapi/raw/ext_dce.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple, Optional, Union, overload

from ._call import gss
from .named_tuples import IOVUnwrapResult
from .sec_contexts import SecurityContext

_ALLOCATE = 0x10000
_WRAP, _UNWRAP, _WRAP_LENGTH = range(3)


class IOVBufferType(IntEnum):
    """What a part is."""

    empty = 0
    data = 1
    header = 2
    mech_params = 3
    trailer = 7
    padding = 9
    stream = 10
    sign_only = 11
    mic_token = 12


class IOVBuffer(NamedTuple):
    """A part; ``allocate`` is None once the library has made its bytes."""

    type: IOVBufferType
    allocate: Optional[bool]
    value: Optional[bytes]


_Part = Union[bytes, IOVBufferType, tuple[IOVBufferType, Union[bytes, bool, None]], IOVBuffer]


class IOV(Sequence[IOVBuffer]):
    """The parts of a message: bytes, types, ``(type, bytes)``, ``(type, allocate, bytes)``.

    ``std_layout`` puts a header before them, padding and a trailer behind.
    """

    AUTO_ALLOC_BUFFERS = {
        IOVBufferType.header,
        IOVBufferType.padding,
        IOVBufferType.trailer,
        IOVBufferType.mic_token,
    }

    def __init__(self, *args: _Part, std_layout: bool = True, auto_alloc: bool = True) -> None:
        parts: list[_Part] = list(args)
        if std_layout:
            parts = [IOVBufferType.header, *parts, IOVBufferType.padding, IOVBufferType.trailer]
        self._parts = [self._part(part, auto_alloc) for part in parts]

    def _part(self, part: _Part, auto_alloc: bool) -> IOVBuffer:
        if isinstance(part, bytes):
            return IOVBuffer(IOVBufferType.data, False, part)
        if isinstance(part, IOVBufferType):
            return IOVBuffer(part, part in self.AUTO_ALLOC_BUFFERS and auto_alloc, None)
        if not 2 <= len(part) <= 3:
            raise ValueError("a part of a message is a type, an allocate flag and bytes")
        kind, what = IOVBufferType(part[0]), part[1]
        if len(part) == 3:
            return IOVBuffer(*part)
        if kind in self.AUTO_ALLOC_BUFFERS and not isinstance(what, bytes):
            return IOVBuffer(kind, what, None)
        return IOVBuffer(kind, False, what)  # type: ignore[arg-type]

    def _call(
        self, call: int, context: SecurityContext, conf: bool = False, qop: int | None = None
    ) -> tuple[bool, int]:
        """Makes a call, and takes the parts as it leaves them."""
        given = [(part.type | (_ALLOCATE if part.allocate else 0), part.value) for part in self]
        parts, used, quality = gss.iov(call, context, given, conf, qop or 0)
        self._parts = [
            IOVBuffer(
                old.type,
                None if made else old.allocate,
                # A length is how much room a part is to have.
                bytes(value) if isinstance(value, int) else value,
            )
            for old, (made, value) in zip(self._parts, parts)
        ]
        return used, quality

    @overload
    def __getitem__(self, index: int) -> IOVBuffer: ...

    @overload
    def __getitem__(self, index: slice) -> list[IOVBuffer]: ...

    def __getitem__(self, index: int | slice) -> IOVBuffer | list[IOVBuffer]:
        return self._parts[index]

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator[IOVBuffer]:
        return iter(self._parts)

    def __repr__(self) -> str:
        return f"<{type(self).__module__}.{type(self).__name__} {self._parts!r}>"

    def __str__(self) -> str:
        def shown(part: IOVBuffer) -> str:
            name = part.type.name.upper()
            if part.value is None:
                return f"{name}({'allocate' if part.allocate else 'empty'})"
            return f"{name}({part.value!r}{', allocated' if part.allocate is None else ''})"

        return f"<IOV {' | '.join(map(shown, self))}>"


def wrap_iov(
    context: SecurityContext, message: IOV, confidential: bool = True, qop: int | None = None
) -> bool:
    """Protects a message in place; gives whether it is sealed."""
    return message._call(_WRAP, context, confidential, qop)[0]


def unwrap_iov(context: SecurityContext, message: IOV) -> IOVUnwrapResult:
    """Opens a message in place.

    Raises: :class:`GSSError`, and of it SupplementaryError for one out of its turn.
    """
    return IOVUnwrapResult(*message._call(_UNWRAP, context))


def wrap_iov_length(
    context: SecurityContext, message: IOV, confidential: bool = True, qop: int | None = None
) -> bool:
    """Gives header, padding and trailer the room that they need; whether it will be sealed."""
    return message._call(_WRAP_LENGTH, context, confidential, qop)[0]
