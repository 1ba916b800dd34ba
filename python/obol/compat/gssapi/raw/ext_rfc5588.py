"""Credentials into the default place (``gssapi.raw.ext_rfc5588``; RFC 5588).

Source: ``python/obol/compat/gssapi/raw/ext_rfc5588.py``.
"""

from __future__ import annotations

from .creds import Creds
from .ext_cred_store import store_cred_into
from .named_tuples import StoreCredResult
from .oids import OID


def store_cred(
    creds: Creds,
    usage: str = "both",
    mech: OID | None = None,
    overwrite: bool = False,
    set_default: bool = False,
) -> StoreCredResult:
    """Writes credentials to the default cache."""
    return store_cred_into(None, creds, usage, mech, overwrite, set_default)
