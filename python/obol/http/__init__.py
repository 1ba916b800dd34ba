"""Kerberos for HTTP clients: one :class:`Negotiate` object for requests, httpx and urllib.

>>> import obol, obol.http
>>> from obol.testing import Realm
>>> with Realm() as realm:
...     _ = realm.user("alice", "secret"), realm.service("HTTP/web.example.com")
...     with obol.login("alice", password="secret", config=realm.config) as me:
...         auth = obol.http.Negotiate(me)
...         print(auth.token_for("https://web.example.com/")[:13])
Negotiate YII

The libraries are not imported by this package: what is used is there already.

Raises: whatever a login fails with (:mod:`obol.session`, :mod:`obol.context`);
:class:`obol.MutualAuthFailed`; :class:`BodyNotRepeatable`; :class:`obol.DecodeError` for headers
that are wrong.
Source: ``python/obol/http/``; RFC 4559, RFC 9110 11, RFC 5929.
"""

from __future__ import annotations

from ._headers import Challenge, challenges, negotiate_token, parse_authorization
from ._negotiate import BodyNotRepeatable, Negotiate

__all__ = [
    "BodyNotRepeatable",
    "Challenge",
    "Negotiate",
    "challenges",
    "negotiate_token",
    "parse_authorization",
]
