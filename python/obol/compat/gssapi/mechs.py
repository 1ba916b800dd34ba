"""Mechanisms (``gssapi.mechs``).

Source: ``python/obol/compat/gssapi/mechs.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar, Union

from . import _utils
from .raw import ext_rfc5587 as rfc5587
from .raw import ext_rfc5801 as rfc5801
from .raw import misc
from .raw import names as raw_names
from .raw.oids import OID

Self = TypeVar("Self", bound="Mechanism")
_Attrs = Union[OID, Iterable[OID], None]


def _as_set(attrs: _Attrs) -> Iterable[OID] | None:
    return {attrs} if isinstance(attrs, OID) else attrs


class Mechanism(OID):
    """A mechanism: an OID that knows what it is."""

    __slots__ = ()

    @property
    def name_types(self) -> set[OID]:
        """The name types that it knows."""
        return misc.inquire_names_for_mech(self)

    def __str__(self) -> str:
        name = rfc5801.inquire_saslname_for_mech(self).mech_name
        return name.decode(_utils._get_encoding()) or self.dotted_form

    def __repr__(self) -> str:
        return f"<Mechanism {self} ({self.dotted_form})>"

    @property
    def sasl_name(self) -> str:
        """SASL's name of it (RFC 5801)."""
        return rfc5801.inquire_saslname_for_mech(self).sasl_mech_name.decode()

    @property
    def description(self) -> str:
        """What it is."""
        return rfc5801.inquire_saslname_for_mech(self).mech_description.decode()

    @property
    def known_attrs(self) -> set[OID]:
        """The attributes that it knows of (RFC 5587)."""
        return rfc5587.inquire_attrs_for_mech(self).known_mech_attrs

    @property
    def attrs(self) -> set[OID]:
        """The attributes that it has."""
        return rfc5587.inquire_attrs_for_mech(self).mech_attrs

    @classmethod
    def all_mechs(cls: type[Self]) -> Iterator[Self]:
        """All there are."""
        return (cls(mech) for mech in misc.indicate_mechs())

    @classmethod
    def from_name(cls: type[Self], name: raw_names.Name) -> Iterator[Self]:
        """Those that may know a name."""
        return (cls(mech) for mech in misc.inquire_mechs_for_name(name))

    @classmethod
    def from_sasl_name(cls: type[Self], name: bytes | str | None = None) -> Self:
        """The one of SASL's name."""
        return cls(rfc5801.inquire_mech_for_saslname(_utils.to_bytes(name or b"")))

    @classmethod
    def from_attrs(
        cls: type[Self],
        desired_attrs: _Attrs = None,
        except_attrs: _Attrs = None,
        critical_attrs: _Attrs = None,
    ) -> Iterator[Self]:
        """Those that have some attributes, have not others, and know others."""
        found = rfc5587.indicate_mechs_by_attrs(
            _as_set(desired_attrs), _as_set(except_attrs), _as_set(critical_attrs)
        )
        return (cls(mech) for mech in found)
