"""SASL's names of mechanisms (``gssapi.raw.ext_rfc5801``; RFC 5801).

Source: ``python/obol/compat/gssapi/raw/ext_rfc5801.py``.
"""

from __future__ import annotations

from ._call import gss
from .named_tuples import InquireSASLNameResult
from .oids import OID


def inquire_saslname_for_mech(mech: OID) -> InquireSASLNameResult:
    """A mechanism's names."""
    return InquireSASLNameResult(*gss.inquire_saslname_for_mech(mech))


def inquire_mech_for_saslname(sasl_name: bytes) -> OID:
    """The mechanism of SASL's name."""
    return OID(elements=gss.inquire_mech_for_saslname(sasl_name))
