"""ldap3 with logins by ticket: GSSAPI and GSS-SPNEGO, signed or sealed, and bound to TLS.

``connection = ldap3.Connection(server)``, ``obol.ldap3.bind(connection, session)``, and go on with
``connection.search`` and all else. What ldap3 itself has for Kerberos needs another library, knows
no security layer and takes no session.

Raises: :class:`obol.sasl.SaslError`, with LDAP's result; as :mod:`obol.sasl`; ldap3's own errors.
Source: ``python/obol/ldap3.py``; RFC 4513 5.2.1, RFC 4752.
"""

from __future__ import annotations

from .binding import tls_binding
from .errors import failure
from .sasl import LAYERS, SaslError, wrap_socket
from .sasl import client as sasl_client

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Optional

    from .names import Name
    from .session import Session

__all__ = ["bind"]

SUCCESS, IN_PROGRESS = 0, 14  # RFC 4511 4.1.9


def bind(
    connection: Any,
    session: Optional[Session] = None,
    *,
    mechanism: str = "GSSAPI",
    layers: Optional[Sequence[str]] = None,
    target: Optional[Name] = None,
    authzid: str = "",
    bind_tls: bool = True,
    maxbuf: int = 1 << 20,
) -> None:
    """Logs an ``ldap3.Connection`` of the strategy SYNC in; it is opened if it is not open yet.

    :param session: in whose name; None: :func:`obol.default`.
    :param layers: as for :func:`obol.sasl.client`; None: over TLS no layer, else the best one.
    :param target: the service; None: ``ldap/`` and the server's host.
    :param bind_tls: over TLS, tie the login to the server's certificate (RFC 5929).

    Raises: see :mod:`obol.ldap3`.
    """
    if connection.closed:
        connection.open(read_server_info=False)
    secured = hasattr(connection.socket, "getpeercert")
    if layers is None:
        layers = ("none",) if secured else LAYERS
    channel = tls_binding(connection.socket) if secured and bind_tls else None
    client = sasl_client(
        target or f"ldap/{connection.server.host}", session, mechanism,
        layers=layers, authzid=authzid, channel=channel, maxbuf=maxbuf,
    )  # fmt: skip
    with connection.connection_lock:
        connection.sasl_in_progress = True
        try:
            _exchange(connection, client)
        finally:
            connection.sasl_in_progress = False
        connection.socket = wrap_socket(connection.socket, client)
        connection.authentication, connection.sasl_mechanism = "SASL", mechanism
        connection.bound = True
    connection.refresh_server_info()


def _exchange(connection: Any, client: Any) -> None:
    from importlib import import_module

    operation = import_module("ldap3.operation.bind").bind_operation
    token = client.step()
    while True:
        request = operation(connection.version, "SASL", None, None, client.mechanism, token)
        sent = connection.send("bindRequest", request, None)
        connection.post_send_single_response(sent)
        result = connection.result
        if result["result"] not in (SUCCESS, IN_PROGRESS):
            raise failure(
                SaslError,
                f"{connection.server.host} refuses the bind: {result['description']}"
                + (f": {result['message']}" if result["message"] else ""),
                result=result["result"],
            )
        challenge = result["saslCreds"] or b""
        if result["result"] == SUCCESS and client.done and not challenge:
            return
        token = client.step(challenge)
        if result["result"] == SUCCESS:
            break
    if not client.done:
        raise failure(SaslError, f"{client.peer} ends the login before it has proved itself")
