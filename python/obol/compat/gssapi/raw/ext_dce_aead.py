"""Messages with data that is signed beside them (``gssapi.raw.ext_dce_aead``).

Source: ``python/obol/compat/gssapi/raw/ext_dce_aead.py``.
"""

from __future__ import annotations

from ._call import gss
from .named_tuples import UnwrapResult, WrapResult
from .sec_contexts import SecurityContext


def wrap_aead(
    context: SecurityContext,
    message: bytes,
    associated: bytes | None = None,
    confidential: bool = True,
    qop: int | None = None,
) -> WrapResult:
    """A message as a token, which is right with the associated data only."""
    return WrapResult(*gss.wrap(context, message, confidential, qop or 0, associated, True))


def unwrap_aead(
    context: SecurityContext, message: bytes, associated: bytes | None = None
) -> UnwrapResult:
    """The message of a token.

    Raises: :class:`GSSError`, also where the associated data is another.
    """
    return UnwrapResult(*gss.unwrap(context, message, associated, True))
