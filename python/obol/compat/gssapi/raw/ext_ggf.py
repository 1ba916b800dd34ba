"""What an OID names (``gssapi.raw.ext_ggf``; the Global Grid Forum's GFD.24).

Source: ``python/obol/compat/gssapi/raw/ext_ggf.py``.
"""

from __future__ import annotations

from ._call import gss
from .creds import Creds
from .oids import OID
from .sec_contexts import SecurityContext


def inquire_cred_by_oid(cred_handle: Creds, desired_aspect: OID) -> list[bytes]:
    """What a credential knows."""
    return gss.inquire_cred_by_oid(cred_handle, desired_aspect)


def inquire_sec_context_by_oid(context: SecurityContext, desired_aspect: OID) -> list[bytes]:
    """What a context knows."""
    return gss.inquire_sec_context_by_oid(context, desired_aspect)


def set_sec_context_option(
    desired_aspect: OID, context: SecurityContext | None = None, value: bytes | None = None
) -> SecurityContext:
    """Sets an option of a context, or of one that it makes."""
    context = SecurityContext() if context is None else context
    gss.set_sec_context_option(context, desired_aspect, value)
    return context
