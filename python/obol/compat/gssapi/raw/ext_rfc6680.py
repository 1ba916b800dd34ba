"""Attributes of names (``gssapi.raw.ext_rfc6680``; RFC 6680).

Source: ``python/obol/compat/gssapi/raw/ext_rfc6680.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import _call
from ._call import gss
from .named_tuples import GetNameAttributeResult, InquireNameResult
from .names import Name
from .oids import OID


def display_name_ext(name: Name, name_type: OID) -> bytes:
    """A name as another type's text."""
    return gss.display_name_ext(name, name_type)


def inquire_name(name: Name, mech_name: bool = True, attrs: bool = True) -> InquireNameResult:
    """What a name is."""
    is_mech, mech, names = gss.inquire_name(name)
    return InquireNameResult(
        names if attrs else [], is_mech and mech_name, _call.oid(mech) if mech_name else None
    )


def get_name_attribute(name: Name, attr: bytes, more: object = None) -> GetNameAttributeResult:
    """All values of an attribute."""
    values, shown, place = [], [], -1
    authenticated = complete = False
    while place != 0:
        authenticated, complete, value, text, place = gss.get_name_attribute(name, attr, place)
        values.append(value)
        shown.append(text)
    return GetNameAttributeResult(values, shown, authenticated, complete)


def set_name_attribute(
    name: Name, attr: bytes, value: Sequence[bytes], complete: bool = False
) -> None:
    """Adds values of an attribute."""
    for number, one in enumerate(value, 1):
        gss.set_name_attribute(name, complete and number == len(value), attr, one)


def delete_name_attribute(name: Name, attr: bytes) -> None:
    """Takes an attribute off."""
    gss.delete_name_attribute(name, attr)


def export_name_composite(name: Name) -> bytes:
    """A name with its attributes as bytes."""
    return gss.export_name_composite(name)
