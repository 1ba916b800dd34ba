"""Object identifiers (``gssapi.raw.oids``): values, compared by what they are.

Source: ``python/obol/compat/gssapi/raw/oids.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Self = TypeVar("Self", bound="OID")


class OID:
    """An object identifier: ``OID(elements=contents of its DER encoding)``.

    Raises: :class:`TypeError` for a copy of another one and elements at once.
    """

    __slots__ = ("_der",)
    _der: bytes

    def __new__(cls: type[Self], cpy: OID | None = None, elements: bytes | None = None) -> Self:
        if cpy is not None and elements is not None:
            raise TypeError("an OID is of another one or of elements, not of both")
        self = object.__new__(cls)
        self._der = cpy._der if cpy is not None else bytes(elements or b"")
        return self

    @classmethod
    def from_int_seq(cls: type[Self], integer_sequence: str | Iterable[int | str]) -> Self:
        """An OID of ``"1.2.840"`` or ``[1, 2, 840]``.

        Raises: :class:`ValueError` for fewer than two numbers, or some that are none.
        """
        if isinstance(integer_sequence, str):
            integer_sequence = integer_sequence.split(".")
        first, *numbers = [int(number) for number in integer_sequence]
        if not numbers:
            raise ValueError("an OID has two numbers at least")
        if min(first, *numbers) < 0 or first > 2:
            raise ValueError(f"{first}.{'.'.join(map(str, numbers))} is no OID")
        numbers[0] += first * 40  # X.690 8.19.4: the first two are one
        return cls(elements=b"".join(_base128(number) for number in numbers))

    def __bytes__(self) -> bytes:
        return self._der

    @property
    def dotted_form(self) -> str:
        """As people write it: ``1.2.840.113554.1.2.2``."""
        numbers, value = [], 0
        for byte in self._der:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2) if numbers else 0
        head = [first, numbers[0] - first * 40] if numbers else []
        return ".".join(map(str, head + numbers[1:]))

    def __repr__(self) -> str:
        return f"<OID {self.dotted_form}>"

    def __hash__(self) -> int:
        return hash(self._der)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, OID):
            return NotImplemented
        return self._der == other._der

    def __reduce__(self) -> tuple[type[OID], tuple[None, bytes]]:
        return type(self), (None, self._der)


def _base128(number: int) -> bytes:
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))
