"""python-gssapi's interface on obol's own core.

As ``gssapi`` has it: :class:`Name`, :class:`Credentials`, :class:`SecurityContext`, and the calls one
by one in ``raw``. The environment means what it means to programs of MIT's library (KRB5_CONFIG,
KRB5CCNAME, KRB5_KTNAME ...). :func:`obol.compat.install` gives it the original's name.

Raises: :class:`exceptions.GSSError` and the classes below it.
Source: ``python/obol/compat/gssapi``, on ``python/ext/gss*.c`` and ``src/gssapi``.
"""

from __future__ import annotations

from ._utils import set_encoding
from .creds import Credentials
from .mechs import Mechanism
from .names import Name
from .raw.oids import OID
from .raw.types import AddressType, IntEnumFlagSet, MechType, NameType, RequirementFlag
from .sec_contexts import SecurityContext

__all__ = [
    "AddressType",
    "Credentials",
    "IntEnumFlagSet",
    "MechType",
    "Mechanism",
    "Name",
    "NameType",
    "OID",
    "RequirementFlag",
    "SecurityContext",
    "set_encoding",
]
