"""Credentials (``gssapi.raw.creds``; RFC 2744 5.2, 5.3, 5.21, 5.22).

Source: ``python/obol/compat/gssapi/raw/creds.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from obol._core import GssCreds as Creds

from . import _call
from ._call import gss
from .named_tuples import (
    AcquireCredResult,
    AddCredResult,
    InquireCredByMechResult,
    InquireCredResult,
)
from .names import Name
from .oids import OID

__all__ = [
    "Creds",
    "acquire_cred",
    "add_cred",
    "inquire_cred",
    "inquire_cred_by_mech",
    "release_cred",
]


def acquire_cred(
    name: Name | None = None,
    lifetime: int | None = None,
    mechs: Iterable[OID] | None = None,
    usage: str = "both",
) -> AcquireCredResult:
    """Credentials of the default places: cache, client keytab, keytab."""
    return _acquire(name, lifetime, mechs, usage)


def _acquire(
    name: Name | None,
    lifetime: int | None,
    mechs: Iterable[OID] | None,
    usage: str,
    store: _call.Store | None = None,
    password: bytes | None = None,
    impersonator: Creds | None = None,
) -> AcquireCredResult:
    creds, got, seconds = gss.acquire_cred(
        name,
        _call.lifetime(lifetime),
        mechs,
        _call.usage(usage),
        _call.places(store),
        password,
        impersonator,
    )
    return AcquireCredResult(creds, _call.oids(got), seconds)


def add_cred(
    input_cred: Creds | None,
    name: Name,
    mech: OID,
    usage: str = "initiate",
    init_lifetime: int | None = None,
    accept_lifetime: int | None = None,
    mutate_input: bool = False,
) -> AddCredResult:
    """Credentials of one more mechanism: in a copy, or in place."""
    return _add(input_cred, name, mech, usage, init_lifetime, accept_lifetime, mutate=mutate_input)


def _add(
    creds: Creds | None,
    name: Name,
    mech: OID,
    usage: str,
    init_lifetime: int | None,
    accept_lifetime: int | None,
    store: _call.Store | None = None,
    password: bytes | None = None,
    impersonator: Creds | None = None,
    mutate: bool = False,
) -> AddCredResult:
    made, got, initiate, accept = gss.add_cred(
        creds,
        name,
        mech,
        _call.usage(usage),
        _call.lifetime(init_lifetime),
        _call.lifetime(accept_lifetime),
        _call.places(store),
        password,
        impersonator,
        mutate,
    )
    return AddCredResult(made, _call.oids(got), initiate, accept)


def inquire_cred(
    creds: Creds, name: bool = True, lifetime: bool = True, usage: bool = True, mechs: bool = True
) -> InquireCredResult:
    """What a credential is; what is False is not told."""
    owner, seconds, number, got = gss.inquire_cred(_wanted(creds))
    return InquireCredResult(
        owner if name else None,
        seconds if lifetime else None,
        _call.usage_name(number) if usage else None,
        _call.oids(got) if mechs else None,
    )


def inquire_cred_by_mech(
    creds: Creds,
    mech: OID,
    name: bool = True,
    init_lifetime: bool = True,
    accept_lifetime: bool = True,
    usage: bool = True,
) -> InquireCredByMechResult:
    """What one mechanism has of a credential; what is False is not told."""
    owner, initiate, accept, number = gss.inquire_cred_by_mech(_wanted(creds), mech)
    return InquireCredByMechResult(
        owner if name else None,
        initiate if init_lifetime else None,
        accept if accept_lifetime else None,
        _call.usage_name(number) if usage else None,
    )


def release_cred(creds: Creds) -> None:
    """Gives the credential's memory back before Python would."""
    gss.release_cred(creds)


def _wanted(creds: Creds) -> Creds:
    if creds is None:
        raise TypeError("credentials are wanted here, not None")
    return creds
