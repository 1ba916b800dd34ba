"""Credentials (``gssapi.creds``).

Source: ``python/obol/compat/gssapi/creds.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from . import _utils
from .names import Name
from .raw import creds as raw
from .raw import ext_cred_imp_exp, ext_cred_store, ext_s4u
from .raw import names as raw_names
from .raw._call import Store
from .raw.named_tuples import (
    AcquireCredResult,
    InquireCredByMechResult,
    InquireCredResult,
    StoreCredResult,
)
from .raw.oids import OID

Self = TypeVar("Self", bound="Credentials")


def _encoded(store: Store) -> Store:
    return {_utils.to_bytes(key): _utils.to_bytes(value) for key, value in store.items()}


class Credentials(raw.Creds):
    """Credentials: acquired, of an exported token, or of credentials of ``raw``.

    ``store`` names places: ``{"ccache": "FILE:/tmp/x", "keytab": "/etc/x"}``; see
    :mod:`raw.ext_cred_store`.

    Raises: :class:`MissingCredentialsError`, :class:`ExpiredCredentialsError` and others.
    """

    __slots__ = ()

    def __new__(
        cls: type[Self],
        base: raw.Creds | None = None,
        token: bytes | None = None,
        name: raw_names.Name | None = None,
        lifetime: int | None = None,
        mechs: Iterable[OID] | None = None,
        usage: str = "both",
        store: Store | None = None,
    ) -> Self:
        if base is None and token is not None:
            base = ext_cred_imp_exp.import_cred(token)
        elif base is None:
            base = cls.acquire(name, lifetime, mechs, usage, store=store).creds
        return super().__new__(cls, base)

    @property
    def name(self) -> Name | None:
        """Whose they are."""
        return self.inquire().name  # type: ignore[return-value]

    @property
    def lifetime(self) -> int | None:
        """The seconds that they last."""
        return self.inquire(name=False).lifetime

    @property
    def mechs(self) -> set[OID] | None:
        """The mechanisms that they are for."""
        return self.inquire(name=False).mechs

    @property
    def usage(self) -> str | None:
        """What they are for: initiate, accept, both."""
        return self.inquire(name=False).usage

    @classmethod
    def acquire(
        cls,
        name: raw_names.Name | None = None,
        lifetime: int | None = None,
        mechs: Iterable[OID] | None = None,
        usage: str = "both",
        store: Store | None = None,
    ) -> AcquireCredResult:
        """Acquires credentials; gives them with their mechanisms and lifetime."""
        if store is None:
            got = raw.acquire_cred(name, lifetime, mechs, usage)
        else:
            got = ext_cred_store.acquire_cred_from(_encoded(store), name, lifetime, mechs, usage)
        return got._replace(creds=cls(base=got.creds))

    def store(
        self,
        store: Store | None = None,
        usage: str = "both",
        mech: OID | None = None,
        overwrite: bool = False,
        set_default: bool = False,
    ) -> StoreCredResult:
        """Writes them to the places named, or to the default cache."""
        return ext_cred_store.store_cred_into(
            None if store is None else _encoded(store), self, usage, mech, overwrite, set_default
        )

    def impersonate(
        self: Self,
        name: raw_names.Name,
        lifetime: int | None = None,
        mechs: Iterable[OID] | None = None,
        usage: str = "initiate",
    ) -> Self:
        """Credentials of another, by the KDC's leave (S4U)."""
        made = ext_s4u.acquire_cred_impersonate_name(self, name, lifetime, mechs, usage)
        return type(self)(base=made.creds)

    def inquire(
        self, name: bool = True, lifetime: bool = True, usage: bool = True, mechs: bool = True
    ) -> InquireCredResult:
        """What they are; what is False is not told."""
        got = raw.inquire_cred(self, name, lifetime, usage, mechs)
        return got._replace(name=None if got.name is None else Name(got.name))

    def inquire_by_mech(
        self,
        mech: OID,
        name: bool = True,
        init_lifetime: bool = True,
        accept_lifetime: bool = True,
        usage: bool = True,
    ) -> InquireCredByMechResult:
        """What one mechanism has of them."""
        got = raw.inquire_cred_by_mech(self, mech, name, init_lifetime, accept_lifetime, usage)
        return got._replace(name=None if got.name is None else Name(got.name))

    def add(
        self: Self,
        name: raw_names.Name,
        mech: OID,
        usage: str = "both",
        init_lifetime: int | None = None,
        accept_lifetime: int | None = None,
        impersonator: raw.Creds | None = None,
        store: Store | None = None,
    ) -> Self:
        """A copy with one more mechanism.

        Raises: :class:`ValueError` for a store and an impersonator at once.
        """
        if store is not None and impersonator is not None:
            raise ValueError("credentials are of a store or of an impersonator, not of both")
        made = raw._add(
            self,
            name,
            mech,
            usage,
            init_lifetime,
            accept_lifetime,
            None if store is None else _encoded(store),
            impersonator=impersonator,
        )
        return type(self)(base=made.creds)

    def export(self) -> bytes:
        """Credentials as bytes, which are secret."""
        return ext_cred_imp_exp.export_cred(self)

    def __reduce__(self: Self) -> tuple[type[Self], tuple[None, bytes]]:
        return type(self), (None, self.export())
