"""What SPNEGO may choose (``gssapi.raw.ext_rfc4178``; RFC 4178 C).

Source: ``python/obol/compat/gssapi/raw/ext_rfc4178.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from ._call import gss
from .creds import Creds
from .oids import OID


def set_neg_mechs(cred_handle: Creds, mech_set: Iterable[OID]) -> None:
    """Names the mechanisms that SPNEGO may choose with a credential."""
    gss.set_neg_mechs(cred_handle, list(mech_set))
