"""What calls give (``gssapi.raw.named_tuples``).

Source: ``python/obol/compat/gssapi/raw/named_tuples.py``.
"""

from __future__ import annotations

from typing import NamedTuple, Optional

from obol._core import GssContext, GssCreds, GssName

from .oids import OID
from .types import IntEnumFlagSet


class AcquireCredResult(NamedTuple):
    """A credential, its mechanisms, and the seconds that it lasts (None: without end)."""

    creds: GssCreds
    mechs: set[OID]
    lifetime: Optional[int]


class AddCredResult(NamedTuple):
    """The same after one mechanism was added; None for creds that were changed in place."""

    creds: Optional[GssCreds]
    mechs: set[OID]
    init_lifetime: Optional[int]
    accept_lifetime: Optional[int]


class InquireCredResult(NamedTuple):
    """About a credential; None is what was not asked for."""

    name: Optional[GssName]
    lifetime: Optional[int]
    usage: Optional[str]
    mechs: Optional[set[OID]]


class InquireCredByMechResult(NamedTuple):
    """About one mechanism's part of a credential."""

    name: Optional[GssName]
    init_lifetime: Optional[int]
    accept_lifetime: Optional[int]
    usage: Optional[str]


class StoreCredResult(NamedTuple):
    """What was stored."""

    mechs: set[OID]
    usage: str


class DisplayNameResult(NamedTuple):
    """A name's text and its type."""

    name: bytes
    name_type: Optional[OID]


class InquireNameResult(NamedTuple):
    """The attributes of a name, and whose it is."""

    attrs: list[bytes]
    is_mech_name: bool
    mech: Optional[OID]


class GetNameAttributeResult(NamedTuple):
    """An attribute of a name."""

    values: list[bytes]
    display_values: list[bytes]
    authenticated: bool
    complete: bool


class WrapResult(NamedTuple):
    """A token, and whether it is sealed."""

    message: bytes
    encrypted: bool


class UnwrapResult(NamedTuple):
    """A message, whether it was sealed, and the quality of protection."""

    message: bytes
    encrypted: bool
    qop: int


class IOVUnwrapResult(NamedTuple):
    """Whether a message in parts was sealed, and the quality of protection."""

    encrypted: bool
    qop: int


class InitSecContextResult(NamedTuple):
    """A step of the initiator's."""

    context: GssContext
    mech: OID
    flags: IntEnumFlagSet
    token: Optional[bytes]
    lifetime: Optional[int]
    more_steps: bool


class AcceptSecContextResult(NamedTuple):
    """A step of the acceptor's."""

    context: GssContext
    initiator_name: GssName
    mech: Optional[OID]
    token: Optional[bytes]
    flags: IntEnumFlagSet
    lifetime: Optional[int]
    delegated_creds: Optional[GssCreds]
    more_steps: bool


class InquireContextResult(NamedTuple):
    """About a context; None is what was not asked for."""

    initiator_name: Optional[GssName]
    target_name: Optional[GssName]
    lifetime: Optional[int]
    mech: Optional[OID]
    flags: Optional[IntEnumFlagSet]
    locally_init: Optional[bool]
    complete: Optional[bool]


class InquireAttrsResult(NamedTuple):
    """The attributes of a mechanism, and those that it knows of."""

    mech_attrs: set[OID]
    known_mech_attrs: set[OID]


class DisplayAttrResult(NamedTuple):
    """What an attribute is."""

    name: bytes
    short_desc: bytes
    long_desc: bytes


class InquireSASLNameResult(NamedTuple):
    """A mechanism's names."""

    sasl_mech_name: bytes
    mech_name: bytes
    mech_description: bytes


class Rfc1964KeyData(NamedTuple):
    """The key of a context whose tokens are those of RFC 1964."""

    sign_alg: int
    seal_alg: int
    key_type: int
    key: bytes


class CfxKeyData(NamedTuple):
    """The keys of a context whose tokens are those of RFC 4121."""

    ctx_key_type: int
    ctx_key: bytes
    acceptor_subkey_type: Optional[int]
    acceptor_subkey: Optional[bytes]
