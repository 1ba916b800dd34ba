"""SASL by ticket: the mechanisms GSSAPI (RFC 4752) and GSS-SPNEGO, for LDAP, IMAP, SMTP, Kafka and
whatever else speaks SASL (RFC 4422).

Step objects without I/O: :class:`Client` and :class:`Server` take the other side's bytes and give
what is to be sent. After the login :meth:`Mechanism.encode` and :meth:`Mechanism.decode` put data
through the security layer that the two agreed on.

>>> import obol
>>> from obol import sasl
>>> from obol.testing import Realm
>>> with Realm() as realm:
...     _ = realm.user("alice", "secret")
...     acceptor = realm.acceptor(realm.service("imap/mail.example.com"))
...     with obol.login("alice", password="secret", config=realm.config) as me:
...         client = sasl.client("imap/mail.example.com", me)
...     server = sasl.Server(acceptor)
...     challenge = server.step(client.step())
...     while not server.done:
...         challenge = server.step(client.step(challenge))
...     print(server.peer, server.layer, server.decode(client.encode(b"hello")))
alice@OBOL.TEST confidentiality b'hello'

- imaplib: ``imap.authenticate("GSSAPI", sasl.client("imap/host", me, layers=("none",)))``
- smtplib: ``sasl.smtp_login(smtp, sasl.client("smtp/host", me, layers=("none",)))``
- ldap3: :func:`obol.ldap3.bind`
- any socket, once the login is done: ``sasl.wrap_socket(sock, client)``

Raises: :class:`SaslError`; whatever a login fails with (:mod:`obol.session`, :mod:`obol.context`).
Source: ``python/obol/sasl/``; RFC 4752, RFC 4422, MS-ADTS 5.1.1.1.2.
"""

from __future__ import annotations

from ._mechanism import LAYERS, Client, Mechanism, SaslError, Server
from ._use import LayeredSocket, client, client_async, smtp_login, wrap_socket

__all__ = [
    "LAYERS",
    "Client",
    "LayeredSocket",
    "Mechanism",
    "SaslError",
    "Server",
    "client",
    "client_async",
    "smtp_login",
    "wrap_socket",
]
