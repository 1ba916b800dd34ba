"""What may go wrong (``requests_kerberos.exceptions``).

Source: ``python/obol/compat/requests_kerberos/exceptions.py``.
"""

from __future__ import annotations

from requests.exceptions import RequestException  # type: ignore[import]


class MutualAuthenticationError(RequestException):  # type: ignore[misc]
    """The server did not prove itself."""


class KerberosExchangeError(RequestException):  # type: ignore[misc]
    """No token could be made; the text says why and what to do."""
