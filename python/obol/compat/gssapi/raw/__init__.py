"""The calls of the GSS-API one by one (``gssapi.raw``): all of them are here by name.

``names``, ``creds``, ``sec_contexts``, ``message`` and ``misc`` are RFC 2744; a module ``ext_x`` is
an extension, and all of those are there.

Source: ``python/obol/compat/gssapi/raw/__init__.py``.
"""

from __future__ import annotations

from . import mech_krb5 as mech_krb5
from .chan_bindings import ChannelBindings as ChannelBindings
from .creds import *  # noqa: F403
from .exceptions import *  # noqa: F403
from .ext_cred_imp_exp import *  # noqa: F403
from .ext_cred_store import *  # noqa: F403
from .ext_dce import *  # noqa: F403
from .ext_dce_aead import *  # noqa: F403
from .ext_ggf import *  # noqa: F403
from .ext_iov_mic import *  # noqa: F403
from .ext_krb5 import *  # noqa: F403
from .ext_password import *  # noqa: F403
from .ext_password_add import *  # noqa: F403
from .ext_rfc4178 import *  # noqa: F403
from .ext_rfc5587 import *  # noqa: F403
from .ext_rfc5588 import *  # noqa: F403
from .ext_rfc5801 import *  # noqa: F403
from .ext_rfc6680 import *  # noqa: F403
from .ext_rfc6680_comp_oid import *  # noqa: F403
from .ext_s4u import *  # noqa: F403
from .ext_set_cred_opt import *  # noqa: F403
from .message import *  # noqa: F403
from .misc import *  # noqa: F403
from .named_tuples import *  # noqa: F403
from .names import *  # noqa: F403
from .oids import *  # noqa: F403
from .sec_contexts import *  # noqa: F403
from .types import *  # noqa: F403
