"""Credentials as bytes (``gssapi.raw.ext_cred_imp_exp``), which are secret.

Source: ``python/obol/compat/gssapi/raw/ext_cred_imp_exp.py``.
"""

from __future__ import annotations

from . import _call
from ._call import gss
from .creds import Creds


def export_cred(creds: Creds) -> bytes:
    """Credentials as bytes, for another process of this machine."""
    return gss.export_cred(creds)


def import_cred(token: bytes) -> Creds:
    """The reverse."""
    return gss.import_cred(_call.octets(token))
