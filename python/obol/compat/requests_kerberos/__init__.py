"""requests-kerberos's interface on obol's own core.

>>> import requests
>>> from obol.compat.requests_kerberos import HTTPKerberosAuth
>>> requests.get(url, auth=HTTPKerberosAuth())  # doctest: +SKIP

Other than the original's, one auth object may serve several threads, ``force_preemptive`` lasts for
more than one request, and no other package is needed but requests. New programs are better off with
:class:`obol.http.Negotiate`.

Source: ``python/obol/compat/requests_kerberos``.
"""

from __future__ import annotations

import logging

from .exceptions import KerberosExchangeError, MutualAuthenticationError
from .kerberos_ import DISABLED, OPTIONAL, REQUIRED, HTTPKerberosAuth

__all__ = [
    "DISABLED",
    "HTTPKerberosAuth",
    "KerberosExchangeError",
    "MutualAuthenticationError",
    "OPTIONAL",
    "REQUIRED",
]
__version__ = "0.15.0"  # whose interface this is

logging.getLogger(__name__).addHandler(logging.NullHandler())
