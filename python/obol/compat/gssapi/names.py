"""Names (``gssapi.names``).

Source: ``python/obol/compat/gssapi/names.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import Any, TypeVar

from ._utils import _get_encoding, to_bytes
from .raw import ext_rfc6680 as rfc6680
from .raw import names as raw
from .raw.named_tuples import GetNameAttributeResult, InquireNameResult
from .raw.oids import OID
from .raw.types import NameType

Self = TypeVar("Self", bound="Name")


class Name(raw.Name):
    """A name: of text and a type, of an exported token, or of a name of ``raw``.

    ``composite=True`` takes a token of a name with attributes (RFC 6680).

    Raises: :class:`BadNameError`, :class:`BadNameTypeError`, :class:`BadMechanismError`.
    """

    __slots__ = ()

    def __new__(
        cls: type[Self],
        base: raw.Name | bytes | str | None = None,
        name_type: OID | None = None,
        token: bytes | None = None,
        composite: bool = False,
    ) -> Self:
        if token is not None:
            kind = NameType.composite_export if composite else NameType.export
            return super().__new__(cls, raw.import_name(token, kind))
        if isinstance(base, raw.Name):
            return super().__new__(cls, base)
        if base is None:
            raise TypeError("a name is of text, of a token or of another name")
        return super().__new__(cls, raw.import_name(to_bytes(base), name_type))

    def __str__(self) -> str:
        return bytes(self).decode(_get_encoding())

    def __bytes__(self) -> bytes:
        return raw.display_name(self, name_type=False).name

    def __repr__(self) -> str:
        shown = raw.display_name(self)
        return f"Name({shown.name!r}, {shown.name_type})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, raw.Name):
            return NotImplemented
        return raw.compare_name(self, other)

    __hash__ = None  # type: ignore[assignment] # as the original's: names of one thing may differ

    def display_as(self, name_type: OID) -> str:
        """The name as another type's text.

        Raises: :class:`OperationUnavailableError`.
        """
        return rfc6680.display_name_ext(self, name_type).decode(_get_encoding())

    @property
    def name_type(self) -> OID | None:
        """What its text is."""
        return raw.display_name(self).name_type

    def export(self, composite: bool = False) -> bytes:
        """A mechanism's name as bytes, with its attributes if asked for.

        Raises: :class:`MechanismNameRequiredError`.
        """
        return rfc6680.export_name_composite(self) if composite else raw.export_name(self)

    def canonicalize(self: Self, mech: OID) -> Self:
        """The name as a mechanism has it."""
        return type(self)(raw.canonicalize_name(self, mech))

    def __copy__(self: Self) -> Self:
        return type(self)(raw.duplicate_name(self))

    def __deepcopy__(self: Self, memo: dict[int, Any]) -> Self:
        return self.__copy__()

    def _inquire(self, **wanted: bool) -> InquireNameResult:
        return rfc6680.inquire_name(
            self,
            mech_name=wanted.get("mech_name", not wanted),
            attrs=wanted.get("attrs", not wanted),
        )

    @property
    def is_mech_name(self) -> bool:
        """Whether it is one mechanism's name."""
        return self._inquire(mech_name=True).is_mech_name

    @property
    def mech(self) -> OID | None:
        """That mechanism."""
        return self._inquire(mech_name=True).mech

    @property
    def attributes(self) -> Attributes:
        """Its attributes (RFC 6680), which may be set and deleted."""
        return Attributes(self)


class Attributes(MutableMapping[Any, Any]):
    """The attributes of a name. One value may be set as it is, several as a list."""

    def __init__(self, name: Name) -> None:
        self._name = name

    def __getitem__(self, key: bytes | str) -> GetNameAttributeResult:
        return rfc6680.get_name_attribute(self._name, to_bytes(key))

    def __setitem__(self, key: bytes | str, value: Any) -> None:
        values: list[Any]
        complete = False
        if isinstance(value, GetNameAttributeResult):
            values, complete = value.values, value.complete
        elif isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], bool):
            values, complete = [value[0]], value[1]
        elif isinstance(value, Iterable) and not isinstance(value, (bytes, str)):
            values = list(value)
        else:
            values = [value]
        rfc6680.delete_name_attribute(self._name, to_bytes(key))
        rfc6680.set_name_attribute(self._name, to_bytes(key), values, complete)

    def __delitem__(self, key: bytes | str) -> None:
        rfc6680.delete_name_attribute(self._name, to_bytes(key))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._name._inquire(attrs=True).attrs)

    def __len__(self) -> int:
        return len(self._name._inquire(attrs=True).attrs)
