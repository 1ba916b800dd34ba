"""Names (``gssapi.raw.names``; RFC 2744 5.11, 5.12, 5.4 ...).

Source: ``python/obol/compat/gssapi/raw/names.py``.
"""

from __future__ import annotations

from obol._core import GssName as Name

from . import _call
from ._call import gss
from .named_tuples import DisplayNameResult
from .oids import OID

__all__ = [
    "Name",
    "canonicalize_name",
    "compare_name",
    "display_name",
    "duplicate_name",
    "export_name",
    "import_name",
    "release_name",
]


def import_name(name: bytes, name_type: OID | None = None) -> Name:
    """A name of its text, or of what :func:`export_name` gave."""
    return gss.import_name(_call.octets(name), name_type)


def display_name(name: Name, name_type: bool = True) -> DisplayNameResult:
    """A name's text and, if asked for, the type of it."""
    text, shown = gss.display_name(_wanted(name))
    return DisplayNameResult(text, _call.oid(shown) if name_type else None)


def compare_name(name1: Name | None = None, name2: Name | None = None) -> bool:
    """Whether two names are of the same; None is equal to None only."""
    if name1 is None or name2 is None:
        return name1 is name2
    return gss.compare_name(name1, name2)


def export_name(name: Name) -> bytes:
    """A mechanism's name as bytes, to be compared and kept."""
    return gss.export_name(_wanted(name))


def canonicalize_name(name: Name, mech: OID) -> Name:
    """The name as a mechanism has it."""
    return gss.canonicalize_name(_wanted(name), mech)


def duplicate_name(name: Name) -> Name:
    """A copy."""
    return gss.duplicate_name(_wanted(name))


def release_name(name: Name) -> None:
    """Gives the name's memory back before Python would."""
    gss.release_name(name)


def _wanted(name: Name) -> Name:
    if name is None:
        raise TypeError("a name is wanted here, not None")
    return name
