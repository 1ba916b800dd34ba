"""Security contexts: logins by token for any protocol, and messages protected after them.

A context never waits for a network: bytes in, bytes out. The ticket that a client's end needs was
got before, by the session that made it. A context belongs to one thread or task at a time.

Raises: :class:`obol.BadToken`, :class:`obol.KeytabMismatch`, :class:`obol.ClockSkew`,
:class:`obol.Replay`, :class:`obol.MutualAuthFailed`, :class:`obol.BindingMismatch`,
:class:`obol.TicketExpired`, :class:`obol.DecryptError`, :class:`obol.OutOfOrder`.
Source: ``python/obol/context.py``, ``python/ext/context.c``, ``src/gss/initiator.c``,
``src/gss/acceptor.c``, ``src/gss/message.c``.
"""

from __future__ import annotations

from . import _core
from .names import Principal
from .tickets import Ticket, enctype_name, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any, Optional

    from .flags import ContextFlags, TicketFlags
    from .session import Session, SessionBase

__all__ = ["Context", "Pac"]


class Pac:
    """What a KDC of Active Directory's kind says about a client (MS-PAC): account and groups.

    Only a PAC whose signature by the service's key is good, and which is of this very login, is
    ever shown.
    """

    __slots__ = ("_values",)

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    @property
    def raw(self) -> bytes:
        """The PAC's bytes."""
        raw: bytes = self._values["raw"]
        return raw

    @property
    def account(self) -> str:
        """The account's name without its domain."""
        return str(self._values.get("account", ""))

    @property
    def full_name(self) -> str:
        """The person's name, "" if it is not said."""
        return str(self._values.get("full_name", ""))

    @property
    def domain(self) -> str:
        """The domain's short name."""
        return str(self._values.get("domain", ""))

    @property
    def upn(self) -> str:
        """The user's principal name as people write it, "" if it is not said."""
        return str(self._values.get("upn", ""))

    @property
    def sid(self) -> str:
        """The account's security identifier: "S-1-5-21-...-1104"."""
        return str(self._values.get("sid") or "")

    @property
    def primary_group(self) -> str:
        """The security identifier of the account's first group."""
        return str(self._values.get("primary_group") or "")

    @property
    def groups(self) -> list[str]:
        """The security identifiers of all groups, of the domain and of others."""
        return list(self._values.get("groups", ()))

    def __repr__(self) -> str:
        return f"<obol.Pac {self.domain}\\{self.account} {self.sid} in {len(self.groups)} groups>"


class Context(_core.Context):
    """One end of a login by token; made by ``session.initiate`` and ``acceptor.accept``.

    Step it with what the other side sent until ``done``; then ``wrap``, ``unwrap``, ``sign`` and
    ``verify`` protect messages:

    - ``wrap(message, *, encrypt=True) -> bytes``
    - ``unwrap(token, *, require_encryption=True) -> bytes`` refuses what was only signed
    - ``sign(message) -> bytes`` and ``verify(message, mic)``, which raises
    - ``wrap_limit(size) -> int``: the longest message whose token has that many bytes
    - ``close()`` wipes its keys; so does the end of the object.
    """

    _session: Optional[SessionBase] = None
    _config: object = None

    def step(self, token: Optional[bytes] = None) -> bytes:
        """Takes the other side's token (none at a client's first step); what is to be sent back.

        ``b""`` if nothing is. After a failure the exception's ``token``, if not empty, tells the
        other side.
        """
        return self._step(token)

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    @property
    def client(self) -> Principal:
        """Who began the context."""
        return Principal(self._info[0])

    @property
    def service(self) -> Principal:
        """The service, by the name in its ticket."""
        return Principal(self._info[1])

    @property
    def peer(self) -> Principal:
        """Who is at the other end."""
        return self.service if self.is_initiator else self.client

    @property
    def flags(self) -> ContextFlags:
        """What is in force."""
        from .flags import ContextFlags

        return ContextFlags(self._info[2] & 0x787F)

    @property
    def expires(self) -> datetime:
        """When the ticket beneath it ends."""
        return moment(self._info[3])

    @property
    def authenticated(self) -> datetime:
        """When the client logged in."""
        return moment(self._info[4])

    @property
    def ticket_flags(self) -> TicketFlags:
        """The flags of the client's ticket."""
        from .flags import TicketFlags

        return TicketFlags(self._info[5] & 0x7FFD8000)

    @property
    def etype(self) -> str:
        """The enctype that protects messages."""
        return enctype_name(self._info[6])

    @property
    def spnego(self) -> bool:
        """Whether the two sides negotiated (RFC 4178), or spoke krb5 at once."""
        return self._info[8]

    @property
    def channel_bound(self) -> bool:
        """Whether both ends stated the same channel bindings."""
        return bool(self._info[2] & 0x800)

    @property
    def authorization_data(self) -> list[tuple[int, bytes]]:
        """The authorization data of the client's ticket: type and bytes (a service's end only)."""
        return self._authdata

    @property
    def pac(self) -> Optional[Pac]:
        """Account and groups of the client, where the KDC said so and it is proved (MS-PAC)."""
        values = self._pac
        return Pac(values) if values is not None else None

    @property
    def groups(self) -> list[str]:
        """The client's groups of the PAC; empty without one."""
        pac = self.pac
        return pac.groups if pac is not None else []

    @property
    def indicators(self) -> list[str]:
        """How the client logged in, in the KDC's words, where it is proved (RFC 8129)."""
        return self._indicators

    @property
    def delegated(self) -> Optional[Session]:
        """A session in the client's name, if the client handed one on; else None.

        Each call makes a session of its own, to be closed by the caller.
        """
        creds = self._delegated
        if not creds:
            return None
        from .session import Session, of_creds

        assert self._session is not None or self._config is not None
        return of_creds(Session, self._config, creds[0].client, creds)

    @property
    def evidence(self) -> Optional[Ticket]:
        """The ticket with which the client came, for ``session.on_behalf_of`` (S4U2Proxy)."""
        cred = self._evidence
        return Ticket(cred) if cred is not None else None

    def export(self) -> bytes:
        """The context as bytes, for another process of the same host; they hold its keys."""
        return self._export()

    @classmethod
    def from_export(cls, data: bytes) -> Context:
        """The context of :meth:`export`.

        Raises: :class:`obol.BadToken`.
        """
        return cls._import(data)

    def prf(self, data: bytes, length: int, *, partial: bool = False) -> bytes:
        """Bytes that only the two ends can compute (RFC 4401)."""
        return self._prf(partial, data, length)
