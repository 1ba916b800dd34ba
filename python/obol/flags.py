"""Flags of tickets and contexts as enums; read when they are first used, since ``enum`` is slow.

Raises: nothing of its own.
Source: ``python/obol/flags.py``, RFC 4120 5.3, RFC 2743 1.2, RFC 4121 4.1.1.1.
"""

from __future__ import annotations

import enum

__all__ = ["ContextFlags", "TicketFlags"]


class TicketFlags(enum.IntFlag):
    """The flags of a ticket (RFC 4120 5.3)."""

    FORWARDABLE = 0x40000000
    FORWARDED = 0x20000000
    PROXIABLE = 0x10000000
    PROXY = 0x08000000
    MAY_POSTDATE = 0x04000000
    POSTDATED = 0x02000000
    INVALID = 0x01000000
    RENEWABLE = 0x00800000
    INITIAL = 0x00400000
    PRE_AUTHENT = 0x00200000
    HW_AUTHENT = 0x00100000
    TRANSITED_POLICY_CHECKED = 0x00080000
    OK_AS_DELEGATE = 0x00040000
    ENC_PA_REP = 0x00010000
    ANONYMOUS = 0x00008000


class ContextFlags(enum.IntFlag):
    """What an established context has (RFC 2743 1.2)."""

    DELEGATE = 1
    MUTUAL = 2
    REPLAY = 4
    SEQUENCE = 8
    CONFIDENTIALITY = 16
    INTEGRITY = 32
    ANONYMOUS = 64
    CHANNEL_BOUND = 0x800
    DCE_STYLE = 0x1000
    IDENTIFY = 0x2000
    EXTENDED_ERROR = 0x4000
