"""Credentials from and into named places (``gssapi.raw.ext_cred_store``).

The keys of a store: ``ccache``, ``keytab``, ``client_keytab``, ``rcache``, ``password``,
``verify``.

Source: ``python/obol/compat/gssapi/raw/ext_cred_store.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import _call
from ._call import Store, gss
from .creds import Creds, _acquire, _add
from .named_tuples import AcquireCredResult, AddCredResult, StoreCredResult
from .names import Name
from .oids import OID


def acquire_cred_from(
    store: Store | None = None,
    name: Name | None = None,
    lifetime: int | None = None,
    mechs: Iterable[OID] | None = None,
    usage: str = "both",
) -> AcquireCredResult:
    """Credentials of the places named."""
    return _acquire(name, lifetime, mechs, usage, store=store)


def add_cred_from(
    store: Store | None,
    input_creds: Creds | None,
    name: Name,
    mech: OID,
    usage: str = "both",
    init_lifetime: int | None = None,
    accept_lifetime: int | None = None,
) -> AddCredResult:
    """The same, added to other credentials."""
    return _add(input_creds, name, mech, usage, init_lifetime, accept_lifetime, store=store)


def store_cred_into(
    store: Store | None,
    creds: Creds,
    usage: str = "both",
    mech: OID | None = None,
    overwrite: bool = False,
    set_default: bool = False,
) -> StoreCredResult:
    """Writes credentials to the places named."""
    mechs, number = gss.store_cred(
        creds, _call.usage(usage), mech, overwrite, set_default, _call.places(store)
    )
    return StoreCredResult(_call.oids(mechs), _call.usage_name(number))
