"""Credentials by password added to others (``gssapi.raw.ext_password_add``).

Source: ``python/obol/compat/gssapi/raw/ext_password_add.py``.
"""

from __future__ import annotations

from .creds import Creds, _add
from .named_tuples import AddCredResult
from .names import Name
from .oids import OID


def add_cred_with_password(
    input_cred: Creds | None,
    name: Name,
    mech: OID,
    password: bytes,
    usage: str = "initiate",
    init_lifetime: int | None = None,
    accept_lifetime: int | None = None,
) -> AddCredResult:
    """Logs in by password; the tickets stay in memory."""
    return _add(input_cred, name, mech, usage, init_lifetime, accept_lifetime, password=password)
