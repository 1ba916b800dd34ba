"""Microsoft SQL Server: the names of its services, and logins of python-tds.

>>> import obol.mssql
>>> obol.mssql.spn("db.example.com")
'MSSQLSvc/db.example.com:1433'
>>> obol.mssql.spn("db.example.com", instance="SALES")
'MSSQLSvc/db.example.com:SALES'

``pytds.connect(host, auth=obol.mssql.Auth(session, host))``. Programs that log in by the system's
library (pyodbc and pymssql on FreeTDS, Microsoft's ODBC driver, impacket) take a cache:
``session.ticket(obol.mssql.spn(host)); session.save("FILE:...")``, and its name as KRB5CCNAME.

Raises: as :mod:`obol.session`; :class:`obol.ServiceNotFound` names the SPNs that are registered.
Source: ``python/obol/mssql.py``; MS-TDS 2.2.6.4 and 3.2.5.2, MS-SQLR.
"""

from __future__ import annotations

from .errors import BadName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional

    from .session import Session

__all__ = ["Auth", "spn"]


def spn(host: str, port: int = 1433, *, instance: str = "") -> str:
    """The SPN of an instance at a port, or of a named one: both are registered for a server.

    :param host: in full, as it stands in the SPN; ``host,port``, ``host:port`` and
        ``host\\instance``, as connection strings have them, are read too.

    Raises: :class:`obol.BadName` for what names no host or no port.
    """
    text = host[4:] if host.lower().startswith("tcp:") else host
    text, _, number = text.replace(":", ",").partition(",")
    text, _, named = text.partition("\\")
    name, instance = text.strip().rstrip(".").lower(), instance or named.strip()
    if number:
        if not number.strip().isdigit():
            raise BadName(f"{host!r}: {number!r} is no port", name="NAME_MALFORMED")
        port = int(number)
    if not name or not 0 < port < 65536 or any(c in name + instance for c in "/@: "):
        raise BadName(f"{host!r} with port {port} names no SQL Server", name="NAME_MALFORMED")
    # A port that is given counts more than the instance: who knows the port asks no browser (MS-SQLR).
    return f"MSSQLSvc/{name}:{instance if instance and not number else port}"


class Auth:
    """``auth=`` of ``pytds.connect``: a login by ticket in the LOGIN7 packet's SSPI field.

    Good for one connection, as are pytds' own. The ticket is got at once.

    :param channel: channel bindings, see :func:`obol.tls_binding`.
    :param delegate: hand the user's TGT on, for linked servers.

    Raises: as :mod:`obol.mssql`.
    """

    def __init__(
        self,
        session: Session,
        host: str,
        port: int = 1433,
        *,
        instance: str = "",
        channel: Optional[bytes] = None,
        delegate: bool = False,
    ) -> None:
        target = spn(host, port, instance=instance)
        self.context = session.initiate(target, channel=channel, delegate=delegate)

    def create_packet(self) -> bytes:
        """The first token."""
        return self.context.step()

    def handle_next(self, packet: bytes) -> Optional[bytes]:
        """The answer to a token of the server's, None where nothing is to be sent."""
        return self.context.step(packet) or None

    def close(self) -> None:
        """Wipes the keys."""
        self.context.close()
