"""Credentials by password (``gssapi.raw.ext_password``).

Source: ``python/obol/compat/gssapi/raw/ext_password.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from .creds import _acquire
from .named_tuples import AcquireCredResult
from .names import Name
from .oids import OID


def acquire_cred_with_password(
    name: Name,
    password: bytes,
    lifetime: int | None = None,
    mechs: Iterable[OID] | None = None,
    usage: str = "initiate",
) -> AcquireCredResult:
    """Logs in by password; the tickets stay in memory."""
    return _acquire(name, lifetime, mechs, usage, password=password)
