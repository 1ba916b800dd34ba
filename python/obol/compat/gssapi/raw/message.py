"""Messages (``gssapi.raw.message``; RFC 2744 5.15, 5.32 to 5.36).

Source: ``python/obol/compat/gssapi/raw/message.py``.
"""

from __future__ import annotations

from . import _call
from ._call import gss
from .named_tuples import UnwrapResult, WrapResult
from .sec_contexts import SecurityContext


def get_mic(context: SecurityContext, message: bytes, qop: int | None = None) -> bytes:
    """A signature."""
    return gss.get_mic(context, _call.octets(message), qop or 0)


def verify_mic(context: SecurityContext, message: bytes, token: bytes) -> int:
    """The quality of protection of a signature that is right.

    Raises: :class:`GSSError`, and of it SupplementaryError for one out of its turn.
    """
    return gss.verify_mic(context, _call.octets(message), _call.octets(token))


def wrap_size_limit(
    context: SecurityContext, output_size: int, confidential: bool = True, qop: int | None = None
) -> int:
    """The most bytes whose token is of ``output_size``."""
    return gss.wrap_size_limit(context, output_size, confidential, qop or 0)


def wrap(
    context: SecurityContext, message: bytes, confidential: bool = True, qop: int | None = None
) -> WrapResult:
    """A message as a token."""
    return WrapResult(
        *gss.wrap(context, _call.octets(message), confidential, qop or 0, None, False)
    )


def unwrap(context: SecurityContext, message: bytes) -> UnwrapResult:
    """The message of a token.

    Raises: :class:`GSSError`, and of it SupplementaryError for one out of its turn.
    """
    return UnwrapResult(*gss.unwrap(context, _call.octets(message), None, False))
