"""Attributes of mechanisms (``gssapi.raw.ext_rfc5587``; RFC 5587).

Source: ``python/obol/compat/gssapi/raw/ext_rfc5587.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import _call
from ._call import gss
from .named_tuples import DisplayAttrResult, InquireAttrsResult
from .oids import OID


def indicate_mechs_by_attrs(
    desired_mech_attrs: Iterable[OID] | None = None,
    except_mech_attrs: Iterable[OID] | None = None,
    critical_mech_attrs: Iterable[OID] | None = None,
) -> set[OID]:
    """The mechanisms that have some attributes, have not others, and know others."""
    return _call.oids(
        gss.indicate_mechs_by_attrs(desired_mech_attrs, except_mech_attrs, critical_mech_attrs)
    )


def inquire_attrs_for_mech(mech: OID | None) -> InquireAttrsResult:
    """A mechanism's attributes, and those that it knows of."""
    attrs, known = gss.inquire_attrs_for_mech(mech)
    return InquireAttrsResult(_call.oids(attrs), _call.oids(known))


def display_mech_attr(attr: OID | None) -> DisplayAttrResult:
    """What an attribute is."""
    return DisplayAttrResult(*gss.display_mech_attr(attr))
