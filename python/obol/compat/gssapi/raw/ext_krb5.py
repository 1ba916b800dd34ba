"""Kerberos' own (``gssapi.raw.ext_krb5``).

Source: ``python/obol/compat/gssapi/raw/ext_krb5.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from ._call import Store, gss
from .creds import Creds
from .ext_cred_store import acquire_cred_from
from .named_tuples import CfxKeyData, Rfc1964KeyData
from .sec_contexts import SecurityContext


class Krb5LucidContext:
    """A context's state laid open."""


class Krb5LucidContextV1(Krb5LucidContext):
    """Version 1 of it. The keys are secret."""

    version = 1

    def __init__(self, context: SecurityContext, version: int) -> None:
        (
            self.is_initiator,
            self.endtime,
            self.send_seq,
            self.recv_seq,
            self.protocol,
            self._keys,
        ) = gss.krb5_export_lucid(context, version)

    @property
    def rfc1964_kd(self) -> Rfc1964KeyData | None:
        """The key, where tokens are those of RFC 1964."""
        if self.protocol != 0:
            return None
        sign_alg, seal_alg, key = self._keys
        return Rfc1964KeyData(sign_alg, seal_alg, *key)

    @property
    def cfx_kd(self) -> CfxKeyData | None:
        """The keys, where tokens are those of RFC 4121."""
        if self.protocol != 1:
            return None
        key, subkey = self._keys
        return CfxKeyData(*key, *(subkey or (None, None)))


def krb5_ccache_name(name: bytes | None) -> bytes | None:
    """Names this thread's default cache; gives the name before."""
    return gss.krb5_ccache_name(name)


def krb5_export_lucid_sec_context(context: SecurityContext, version: int) -> Krb5LucidContextV1:
    """A context laid open; it is not to be used again."""
    return Krb5LucidContextV1(context, version)


def krb5_extract_authtime_from_sec_context(context: SecurityContext) -> int:
    """When the client logged in, in seconds of 1970."""
    return gss.krb5_authtime(context)


def krb5_extract_authz_data_from_sec_context(context: SecurityContext, ad_type: int) -> bytes:
    """Authorization data of a type."""
    return gss.krb5_authz_data(context, int(ad_type))


def krb5_import_cred(
    cred_handle: Creds,
    cache: bytes | str | int | None = None,
    keytab_principal: int | None = None,
    keytab: bytes | str | int | None = None,
) -> None:
    """Puts the credentials of a cache or a keytab into ``cred_handle``.

    Here both are names. What a program has at an address is another library's.

    Raises: :class:`ValueError` without either, :class:`TypeError` for an address.
    """
    if not cache and not keytab:
        raise ValueError("a cache or a keytab is wanted")
    if isinstance(cache, int) or isinstance(keytab, int) or keytab_principal:
        raise TypeError(
            "this GSS-API is in obol's own extension, which knows no other library's objects:"
            " give the cache's or the keytab's name"
        )
    store: Store = {key: name for key, name in (("ccache", cache), ("keytab", keytab)) if name}
    usage = "both" if cache and keytab else "initiate" if cache else "accept"
    made = acquire_cred_from(store, usage=usage).creds
    gss.move_cred(cred_handle, made)


def krb5_get_tkt_flags(context: SecurityContext) -> int:
    """The flags of the client's ticket (RFC 4120 2)."""
    return gss.krb5_ticket_flags(context)


def krb5_set_allowable_enctypes(cred_handle: Creds, ktypes: Iterable[int]) -> None:
    """Limits the enctypes of contexts that are begun with a credential."""
    gss.krb5_set_enctypes(cred_handle, tuple(ktypes))
