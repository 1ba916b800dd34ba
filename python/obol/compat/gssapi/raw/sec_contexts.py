"""Contexts (``gssapi.raw.sec_contexts``; RFC 2744 5.1, 5.19 ...).

Source: ``python/obol/compat/gssapi/raw/sec_contexts.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from obol._core import GssContext as SecurityContext

from . import _call
from ._call import gss
from .chan_bindings import ChannelBindings, flat
from .creds import Creds
from .named_tuples import AcceptSecContextResult, InitSecContextResult, InquireContextResult
from .names import Name
from .oids import OID
from .types import IntEnumFlagSet, RequirementFlag

__all__ = [
    "SecurityContext",
    "accept_sec_context",
    "context_time",
    "delete_sec_context",
    "export_sec_context",
    "import_sec_context",
    "init_sec_context",
    "inquire_context",
    "process_context_token",
]

_USUAL = RequirementFlag.mutual_authentication | RequirementFlag.out_of_sequence_detection


def init_sec_context(
    target_name: Name,
    creds: Creds | None = None,
    context: SecurityContext | None = None,
    mech: OID | None = None,
    flags: IntEnumFlagSet | Iterable[int] | int | None = None,
    lifetime: int | None = None,
    channel_bindings: ChannelBindings | None = None,
    input_token: bytes | None = None,
) -> InitSecContextResult:
    """A step of the end that logs in; without ``context`` the first one.

    Raises: :class:`GSSError`, whose ``token`` is to be sent if it is not None.
    """
    asked = int(IntEnumFlagSet(RequirementFlag, flags or _USUAL))
    return _initiate(
        target_name, creds, context, mech, asked, lifetime, channel_bindings, input_token
    )


def _initiate(
    target_name: Name,
    creds: Creds | None,
    context: SecurityContext | None,
    mech: OID | None,
    asked: int,
    lifetime: int | None,
    channel_bindings: ChannelBindings | None,
    input_token: bytes | None,
) -> InitSecContextResult:
    """The same with the flags as they are: none are none."""
    if target_name is None:
        raise TypeError("a name is wanted here, not None")
    context = SecurityContext() if context is None else context
    used, got, token, seconds, more = gss.init_sec_context(
        context,
        target_name,
        creds,
        mech,
        asked,
        _call.lifetime(lifetime),
        flat(channel_bindings),
        None if input_token is None else _call.octets(input_token),
    )
    return InitSecContextResult(
        context,
        OID(elements=used),
        IntEnumFlagSet(RequirementFlag, got),
        token or None,
        seconds,
        more,
    )


def accept_sec_context(
    input_token: bytes,
    acceptor_creds: Creds | None = None,
    context: SecurityContext | None = None,
    channel_bindings: ChannelBindings | None = None,
) -> AcceptSecContextResult:
    """A step of the service's end; without ``context`` the first one.

    Raises: :class:`GSSError`, whose ``token`` is to be sent if it is not None.
    """
    context = SecurityContext() if context is None else context
    client, mech, token, flags, seconds, delegated, more = gss.accept_sec_context(
        context, acceptor_creds, _call.octets(input_token), flat(channel_bindings)
    )
    return AcceptSecContextResult(
        context,
        client if client is not None else Name(),
        _call.oid(mech),
        token or None,
        IntEnumFlagSet(RequirementFlag, flags),
        seconds,
        delegated,
        more,
    )


def inquire_context(
    context: SecurityContext,
    initiator_name: bool = True,
    target_name: bool = True,
    lifetime: bool = True,
    mech: bool = True,
    flags: bool = True,
    locally_init: bool = True,
    complete: bool = True,
) -> InquireContextResult:
    """What a context is; what is False is not told."""
    initiator, target, seconds, used, got, local, done = gss.inquire_context(context)
    return InquireContextResult(
        initiator if initiator_name else None,
        target if target_name else None,
        seconds if lifetime else None,
        _call.oid(used) if mech else None,
        IntEnumFlagSet(RequirementFlag, got) if flags else None,
        local if locally_init else None,
        done if complete else None,
    )


def context_time(context: SecurityContext) -> int:
    """The seconds that a context lasts."""
    return gss.context_time(context)


def process_context_token(context: SecurityContext, token: bytes) -> None:
    """Takes a token that came out of turn (RFC 2744 5.29)."""
    gss.process_context_token(context, _call.octets(token))


def import_sec_context(token: bytes) -> SecurityContext:
    """A context that another process exported."""
    return gss.import_sec_context(_call.octets(token))


def export_sec_context(context: SecurityContext) -> bytes:
    """A context as bytes, which are secret; it is not to be used again."""
    return gss.export_sec_context(context)


def delete_sec_context(context: SecurityContext, local_only: bool = True) -> bytes:
    """Gives the context's memory back before Python would. There is no token for the other end."""
    gss.delete_sec_context(context)
    return b""
