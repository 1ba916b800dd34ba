"""pyspnego's interface for Kerberos, on obol's own core: ``client`` and ``server``.

NTLM and CredSSP, which are not Kerberos, are not here.

Raises: :class:`exceptions.SpnegoError` and the classes below it.
Source: ``python/obol/compat/spnego``, on ``obol.compat.gssapi``.
"""

from __future__ import annotations

from . import channel_bindings as channel_bindings
from . import exceptions as exceptions
from ._context import ContextProxy, ContextReq, client, server
from .exceptions import NegotiateOptions, SpnegoError

__all__ = [
    "ContextProxy",
    "ContextReq",
    "NegotiateOptions",
    "SpnegoError",
    "channel_bindings",
    "client",
    "exceptions",
    "server",
]
