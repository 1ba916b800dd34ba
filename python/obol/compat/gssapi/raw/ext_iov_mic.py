"""Signatures of messages in parts (``gssapi.raw.ext_iov_mic``).

Source: ``python/obol/compat/gssapi/raw/ext_iov_mic.py``.
"""

from __future__ import annotations

from .ext_dce import IOV
from .sec_contexts import SecurityContext

_MIC, _MIC_LENGTH, _VERIFY = range(3, 6)


def get_mic_iov(context: SecurityContext, message: IOV, qop: int | None = None) -> None:
    """Puts a signature into the part that is for it."""
    message._call(_MIC, context, qop=qop)


def get_mic_iov_length(context: SecurityContext, message: IOV, qop: int | None = None) -> None:
    """Gives the part for the signature the room that it needs."""
    message._call(_MIC_LENGTH, context, qop=qop)


def verify_mic_iov(context: SecurityContext, message: IOV, qop: int | None = None) -> int:
    """The quality of protection of a signature that is right.

    Raises: :class:`GSSError`, and of it SupplementaryError for one out of its turn.
    """
    return message._call(_VERIFY, context)[1]
