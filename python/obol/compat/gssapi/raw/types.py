"""Numbers and name types of the GSS-API (``gssapi.raw.types``).

Source: ``python/obol/compat/gssapi/raw/types.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSet
from enum import IntEnum
from typing import Any, TypeVar, Union

from .oids import OID

Flags = TypeVar("Flags", bound=IntEnum)
_Given = Union["GenericFlagSet", int, Iterable[int], None]


class NameType:
    """What the text of a name is (RFC 2744 4, RFC 1964 2.1)."""

    hostbased_service = OID.from_int_seq("1.2.840.113554.1.2.1.4")
    user = OID.from_int_seq("1.2.840.113554.1.2.1.1")
    machine_uid = OID.from_int_seq("1.2.840.113554.1.2.1.2")
    string_uid = OID.from_int_seq("1.2.840.113554.1.2.1.3")
    anonymous = OID.from_int_seq("1.3.6.1.5.6.3")
    export = OID.from_int_seq("1.3.6.1.5.6.4")
    composite_export = OID.from_int_seq("1.3.6.1.5.6.6")
    kerberos_principal = OID.from_int_seq("1.2.840.113554.1.2.2.1")
    krb5_nt_principal_name = kerberos_principal


class MechType:
    """Mechanisms."""

    kerberos = OID.from_int_seq("1.2.840.113554.1.2.2")


class RequirementFlag(IntEnum):
    """What a context does, asked for and granted (RFC 2744 5.19)."""

    delegate_to_peer = 1
    mutual_authentication = 2
    replay_detection = 4
    out_of_sequence_detection = 8
    confidentiality = 16
    integrity = 32
    anonymity = 64
    protection_ready = 128
    transferable = 256
    channel_bound = 2048
    dce_style = 0x1000
    identify = 0x2000
    extended_error = 0x4000
    ok_as_delegate = 32768


class AddressType(IntEnum):
    """Kinds of addresses in channel bindings (RFC 2744 3.11)."""

    local = 1
    ip = 2
    arpanet = 3
    pup = 4
    chaos = 5
    xerox_ns = 6
    nbs = 7
    ecma = 8
    datakit = 9
    ccitt = 10
    ibm_sna = 11
    decnet = 12
    dli = 13
    lat = 14
    hyperchannel = 15
    appletalk = 16
    bisync = 17
    dss = 18
    osi_tp4 = 19
    x25 = 21
    null = 255


class GenericFlagSet(MutableSet[Any]):
    """Bits as a set of numbers."""

    __slots__ = ("_val",)
    MAX_VAL = 1 << 31

    def __init__(self, flags: _Given = None) -> None:
        self._val = 0
        if isinstance(flags, (GenericFlagSet, int)):
            self._val = int(flags)
        else:
            for flag in flags or ():
                self._val |= flag

    def _like(self, value: int) -> GenericFlagSet:
        return GenericFlagSet(value)

    def __contains__(self, flag: object) -> bool:
        return isinstance(flag, int) and bool(self._val & flag)

    def __iter__(self) -> Iterator[Any]:
        return (1 << bit for bit in range(31) if self._val >> bit & 1)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def add(self, value: int) -> None:
        self._val |= value

    def discard(self, value: int) -> None:
        self._val &= ~value

    # With a number the result is a number; with a set it is a set.
    def __and__(self, other: Any) -> Any:
        return self._val & other if isinstance(other, int) else self._like(self._val & _bits(other))

    def __or__(self, other: Any) -> Any:
        return self._val | other if isinstance(other, int) else self._like(self._val | _bits(other))

    def __xor__(self, other: Any) -> Any:
        return self._val ^ other if isinstance(other, int) else self._like(self._val ^ _bits(other))

    def __sub__(self, other: Any) -> Any:
        return self._like(self._val & ~_bits(other))

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __int__(self) -> int:
        return self._val

    __index__ = __int__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GenericFlagSet) and self._val == other._val

    __hash__ = None  # type: ignore[assignment] # it changes

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._val:032b}>"


class IntEnumFlagSet(GenericFlagSet):
    """Bits as a set of an enumeration's members."""

    __slots__ = ("_enum",)

    def __init__(self, enum: type[Flags], flags: _Given = None) -> None:
        if not issubclass(enum, IntEnum):
            raise TypeError(f"{enum!r} is no IntEnum")
        self._enum: type[IntEnum] = enum
        super().__init__(flags)

    def _like(self, value: int) -> IntEnumFlagSet:
        return IntEnumFlagSet(self._enum, value)

    def __iter__(self) -> Iterator[Any]:
        for value in super().__iter__():
            try:
                yield self._enum(value)
            except ValueError:  # a bit that has no name yet
                yield value

    def __and__(self, other: Any) -> Any:
        return other in self if isinstance(other, self._enum) else super().__and__(other)

    def __or__(self, other: Any) -> Any:
        if isinstance(other, self._enum):
            return self._like(self._val | other)
        return super().__or__(other)

    def __xor__(self, other: Any) -> Any:
        if isinstance(other, self._enum):
            return self._like(self._val ^ other)
        return super().__xor__(other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __repr__(self) -> str:
        names = ", ".join(getattr(flag, "name", str(flag)) for flag in self)
        return f"{type(self).__name__}({self._enum.__name__}, [{names}])"


def _bits(flags: Iterable[int]) -> int:
    return int(flags) if isinstance(flags, GenericFlagSet) else int(GenericFlagSet(flags))
