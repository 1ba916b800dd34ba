"""Credentials in the name of others (``gssapi.raw.ext_s4u``; MS-SFU).

Source: ``python/obol/compat/gssapi/raw/ext_s4u.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from .creds import Creds, _acquire, _add
from .named_tuples import AcquireCredResult, AddCredResult
from .names import Name
from .oids import OID


def acquire_cred_impersonate_name(
    impersonator_cred: Creds,
    name: Name,
    lifetime: int | None = None,
    mechs: Iterable[OID] | None = None,
    usage: str = "initiate",
) -> AcquireCredResult:
    """A credential of ``name``, by the leave that the KDC gives the impersonator."""
    return _acquire(name, lifetime, mechs, usage, impersonator=impersonator_cred)


def add_cred_impersonate_name(
    input_cred: Creds | None,
    impersonator_cred: Creds,
    name: Name,
    mech: OID,
    usage: str = "initiate",
    init_lifetime: int | None = None,
    accept_lifetime: int | None = None,
) -> AddCredResult:
    """The same, added to other credentials."""
    return _add(
        input_cred,
        name,
        mech,
        usage,
        init_lifetime,
        accept_lifetime,
        impersonator=impersonator_cred,
    )
