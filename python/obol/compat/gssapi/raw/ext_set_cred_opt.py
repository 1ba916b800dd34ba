"""Options of credentials (``gssapi.raw.ext_set_cred_opt``).

Source: ``python/obol/compat/gssapi/raw/ext_set_cred_opt.py``.
"""

from __future__ import annotations

from ._call import gss
from .creds import Creds
from .oids import OID


def set_cred_option(
    desired_aspect: OID, creds: Creds | None = None, value: bytes | None = None
) -> Creds:
    """Sets an option of a credential, or of one that it makes."""
    creds = Creds() if creds is None else creds
    gss.set_cred_option(creds, desired_aspect, value)
    return creds
