"""Tickets as values: :class:`Ticket`.

Raises: nothing of its own.
Source: ``python/obol/tickets.py``, ``python/ext/cred.c``, RFC 4120 5.3.
"""

from __future__ import annotations

from . import _core
from .names import Principal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Optional

    from .flags import TicketFlags

__all__ = ["Ticket", "enctype_name", "enctype_number"]


_enctypes: dict[int, str] = {}


def enctype_name(number: int) -> str:
    """The name of an encryption type, "etype 99" for one that is not known."""
    if not _enctypes:
        _enctypes.update((row[0], row[1]) for row in _core.enctype_rows())
    return _enctypes.get(number, f"etype {number}")


def enctype_number(name: str) -> int:
    """The number of an encryption type by its name or an alias ("aes256-sha2").

    Raises: :class:`ValueError`.
    """
    number = _core.enctype_number(name)
    if number < 0:
        raise ValueError(f"there is no encryption type {name!r}")
    return number


def moment(seconds: int) -> datetime:
    """Seconds since 1970 as an aware datetime."""
    from datetime import datetime, timezone

    return datetime.fromtimestamp(seconds, timezone.utc)


class Ticket:
    """A ticket with its session key (which is not shown); immutable, wiped when it goes."""

    __slots__ = ("_core", "_times")

    def __init__(self, core: _core.Cred) -> None:
        self._core = core
        self._times = core.times

    @property
    def spn(self) -> Principal:
        """The service that the ticket is for."""
        return Principal(self._core.server)

    @property
    def client(self) -> Principal:
        """Whom the ticket names."""
        return Principal(self._core.client)

    @property
    def authenticated(self) -> datetime:
        """When the client logged in."""
        return moment(self._times[0])

    @property
    def starts(self) -> datetime:
        """From when on it is valid."""
        return moment(self._times[1])

    @property
    def expires(self) -> datetime:
        """Until when it is valid."""
        return moment(self._times[2])

    @property
    def renewable_until(self) -> Optional[datetime]:
        """Until when it can be renewed, None if it cannot."""
        return moment(self._times[3]) if self._times[3] else None

    @property
    def flags(self) -> TicketFlags:
        """Its flags."""
        from .flags import TicketFlags

        return TicketFlags(self._core.flags & 0x7FFD8000)

    @property
    def etype(self) -> str:
        """The enctype that the ticket is sealed with: the service's key."""
        return enctype_name(self._core.sealed[0])

    @property
    def kvno(self) -> int:
        """The version of the service's key that it is sealed with."""
        return self._core.sealed[1]

    @property
    def key_etype(self) -> str:
        """The enctype of its session key."""
        return enctype_name(self._core.key_etype)

    @property
    def der(self) -> bytes:
        """The Ticket as it goes over the wire; without the service's key nobody can read it."""
        return self._core.der

    def valid_at(self, seconds: float) -> bool:
        """Whether it is valid at a time (seconds since 1970) by its own words."""
        return self._times[1] <= seconds + 300 and seconds < self._times[2]

    def __repr__(self) -> str:
        return f"<obol.Ticket {self.spn} for {self.client} until {self.expires:%Y-%m-%d %H:%M:%S}Z>"
