"""What can go wrong, one class a meaning, below :class:`Error`.

Which failure has which class, number, text and remedy stands in one list in the core
(``src/base/error_list.h``); this module gives the classes and turns the core's facts into
attributes. Every exception has ``code`` (RFC 4120), ``major`` and ``minor`` (GSS-API), ``facts``
and ``remedy``, so that a handler need not read the text.

Raises: nothing of its own.
Source: ``python/obol/errors.py``, ``python/ext/errors.c``, ``src/base/error_list.h``.
"""

from __future__ import annotations

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, timedelta
    from typing import Any, Optional, TypeVar

    E = TypeVar("E", bound="Error")
    Facts = Iterable[tuple[str, str]]

__all__ = [
    "AccountExpired",
    "AccountLocked",
    "BadName",
    "BadToken",
    "BindingMismatch",
    "CertificateError",
    "ClockSkew",
    "ConfigError",
    "CredentialError",
    "DecodeError",
    "DecryptError",
    "EnctypeError",
    "Error",
    "KdcNotTrusted",
    "KdcUnreachable",
    "KeytabMismatch",
    "MutualAuthFailed",
    "NetworkError",
    "NoCredentials",
    "NotAllowedToDelegate",
    "OutOfOrder",
    "PasswordExpired",
    "PasswordNeeded",
    "PasswordRefused",
    "PolicyRefused",
    "PrincipalNotFound",
    "ProtocolError",
    "RealmNotFound",
    "Replay",
    "ReplyRejected",
    "ServiceError",
    "ServiceExpired",
    "ServiceNotFound",
    "TicketExpired",
    "WrongPassword",
    "WrongRealm",
]


class Error(Exception):
    """Anything that obol reports: what failed, the facts of this case, and what to do about it.

    ``name`` is the failure's name in the core's list, ``text`` what failed in general, ``detail``
    the sentence about this case, ``facts`` the same for programs, ``remedy`` what to do. ``token``,
    if not empty, should be sent to the other side: it tells it of the failure.
    """

    name: str
    text: str
    detail: str
    remedy: str
    facts: Mapping[str, str]
    where: str
    section: str
    token: bytes
    about = ""  # the text of classes that are not in the core's list

    def __init__(
        self,
        detail: str = "",
        *,
        name: str = "INVALID_ARGUMENT",
        facts: Facts = (),
        remedy: Optional[str] = None,
        where: str = "",
        section: str = "",
    ) -> None:
        row = _rows().get(name)
        self.name = name
        self.text = row[5] if row else name
        self.detail = detail
        self.facts = dict(facts)
        self.remedy = remedy if remedy is not None else (row[6] if row else "")
        self.where = where
        self.section = section
        self.token = b""
        super().__init__(detail)

    @property
    def code(self) -> int:
        """The number of RFC 4120 7.5.9; 60 (KRB_ERR_GENERIC) for failures that have none."""
        return self._number(1, 60)

    @property
    def minor(self) -> int:
        """The number as programs written for MIT krb5 know it: the GSS-API's minor status."""
        return self._number(2, 0)

    @property
    def major(self) -> int:
        """The GSS-API's major status: a routine error of RFC 2744 3.9.1."""
        return (self._number(3, 0) or 13) << 16

    def _number(self, column: int, otherwise: int) -> int:
        row = _rows().get(self.name)
        return int(row[column]) if row else otherwise

    def explain(self) -> str:
        """The failure for a person: what failed, every fact, what to do; several lines."""
        lines = [f"{self.text}: {self.detail}" if self.detail else self.text]
        lines += [f"  {name}: {value}" for name, value in self.facts.items()]
        if self.remedy:
            lines.append(f"  remedy: {self.remedy}")
        return "\n".join(lines)

    def __str__(self) -> str:
        head = f"{self.text}: {self.detail}" if self.detail else self.text
        return f"{head}\n  remedy: {self.remedy}" if self.remedy else head

    def __reduce__(self) -> tuple[Any, ...]:
        return (_again, (type(self), self.__dict__))

    def _fact(self, *names: str) -> str:
        for name in names:
            if name in self.facts:
                return self.facts[name]
        return ""


class ConfigError(Error):
    """krb5.conf (or what was given in its place) has a mistake, or says too little."""


class BadName(Error):
    """A principal's name or an SPN cannot be read."""


class NetworkError(Error):
    """No KDC could be asked."""

    @property
    def realm(self) -> str:
        """The realm whose KDC was to be asked."""
        return self._fact("realm") or self.detail.split(":", 1)[0].split(" ", 1)[0]


class KdcUnreachable(NetworkError):
    """KDCs of the realm are known, and none answered."""

    @property
    def attempts(self) -> Mapping[str, str]:
        """Each address with its protocol ("udp 192.0.2.1:88"), and what became of it."""
        return {n: v for n, v in self.facts.items() if n.startswith(("udp ", "tcp "))}


class RealmNotFound(NetworkError):
    """Neither krb5.conf nor the DNS names a KDC of the realm."""

    @property
    def tried(self) -> Mapping[str, str]:
        """Where a KDC of the realm was looked for, and what was found instead."""
        return self.facts


class CredentialError(Error):
    """Who wants to log in, or to use his tickets, cannot."""


class NoCredentials(CredentialError):
    """There are no tickets, and nothing to get some with."""

    @property
    def tried(self) -> list[tuple[str, str]]:
        """Every place that was looked at, and what it held."""
        return list(self.facts.items())


class WrongPassword(CredentialError):
    """The KDC does not take the password, the one-time code, or the key of the keytab."""


class PasswordNeeded(CredentialError):
    """A password, a one-time code, the passphrase of a key or the PIN of a card is asked for: none was given."""


class CertificateError(CredentialError):
    """The certificate or its key cannot be used, or the KDC does not take it (RFC 4556)."""


class PasswordExpired(CredentialError):
    """The password is right and too old: it must be changed first."""


class AccountLocked(CredentialError):
    """The account is locked, or its credentials were revoked."""


class AccountExpired(CredentialError):
    """The account is not valid any more, or not yet."""


class TicketExpired(CredentialError):
    """The ticket was good once."""


class PrincipalNotFound(CredentialError):
    """The KDC knows no client of this name."""


class WrongRealm(CredentialError):
    """The client belongs to another realm than the one that was asked."""


class ServiceError(Error):
    """The service cannot be reached by ticket, or cannot take the one that came."""


class ServiceNotFound(ServiceError):
    """The KDC knows no service of this name.

    ``spn`` is the name that was asked for last, ``asked_as`` what the caller wrote, ``derivation``
    how the one came from the other, step by step, ``similar`` names that the KDC does know.
    ``canonicalized_from`` is the host as it was written where the DNS was asked for its canonical
    name, else "".
    """

    spn: str = ""
    asked_as: str = ""
    canonicalized_from: str = ""
    derivation: tuple[str, ...] = ()
    similar: tuple[str, ...] = ()


class ServiceExpired(ServiceError):
    """The service's account is locked, has expired or is not valid yet."""


class KeytabMismatch(ServiceError):
    """The keytab holds no key for the ticket (or for the name that was asked for)."""

    @property
    def spn(self) -> str:
        """The service that the ticket is for."""
        return self._fact("principal wanted", "service of the ticket", "service")

    @property
    def kvno(self) -> Optional[int]:
        """The key version that the ticket is sealed with."""
        word = self._fact("kvno in ticket", "kvno wanted")
        return int(word) if word.isdigit() else None

    @property
    def etype(self) -> str:
        """The enctype that the ticket is sealed with, by name."""
        word = self._fact("enctype in ticket", "enctype wanted").partition(" ")[0]
        if not word.isdigit():
            return word
        from .tickets import enctype_name

        return enctype_name(int(word))

    @property
    def available(self) -> str:
        """What the keytab holds instead."""
        return self._fact("keytab holds")

    @property
    def keytab(self) -> str:
        """The keytab's file."""
        return self._fact("keytab")


class PolicyRefused(Error):
    """The KDC knows both sides and refuses what was asked for."""


class PasswordRefused(PolicyRefused):
    """The realm does not take the new password. ``result`` is its number (RFC 3244 2; 4: it is not
    acceptable), ``reason`` what the realm says about it."""

    about = "the password was not changed"
    result: int = 0
    reason: str = ""


class NotAllowedToDelegate(PolicyRefused):
    """The KDC does not let ``service`` act for ``user`` towards ``spn``."""

    service: str = ""
    user: str = ""
    spn: str = ""


class ClockSkew(Error):
    """The clocks differ by more than is allowed. ``local`` is ours, ``remote`` the other side's,
    ``difference`` the other side's minus ours."""

    @property
    def local(self) -> Optional[datetime]:
        """What our clock said."""
        return self._clock("our clock")

    @property
    def remote(self) -> Optional[datetime]:
        """What the clock of the KDC, of the service or of the client said."""
        return self._clock("clock of the KDC", "clock of the service", "clock of the client")

    def _clock(self, *names: str) -> Optional[datetime]:
        from datetime import datetime

        try:
            return datetime.fromisoformat(self._fact(*names).replace("Z", "+00:00"))
        except ValueError:
            return None

    @property
    def seconds(self) -> Optional[int]:
        """The difference in seconds, if the other side told it."""
        if self.local is not None and self.remote is not None:
            return round((self.remote - self.local).total_seconds())
        word = self._fact(
            "clock of the KDC minus ours", "service's clock minus ours", "skew in seconds"
        ).split(" ", 1)[0]
        try:
            return int(word)
        except ValueError:
            return None

    @property
    def difference(self) -> Optional[timedelta]:
        """The same as a :class:`datetime.timedelta`."""
        from datetime import timedelta

        return None if self.seconds is None else timedelta(seconds=self.seconds)


class EnctypeError(Error):
    """The two sides have no encryption type in common, or one is not allowed."""


class DecodeError(Error):
    """The bytes are not what they should be."""


class DecryptError(Error):
    """A sealed message does not open: it was altered, or made with another key."""


class ProtocolError(Error):
    """The other side did what the protocol does not allow."""


class ReplyRejected(ProtocolError):
    """A reply does not belong to the request: somebody on the way altered it."""


class KdcNotTrusted(ProtocolError):
    """The KDC's certificate does not come from a CA that is trusted with it, or is not a KDC's."""


class MutualAuthFailed(ProtocolError):
    """The service did not prove that it holds the key of its name."""


class BadToken(ProtocolError):
    """A token cannot be used. ``kind`` says what it is, where that is known ("NTLM")."""

    @property
    def kind(self) -> str:
        """"NTLM" for a token of that mechanism, else ""."""
        return "NTLM" if "NTLM" in self.detail else ""


class BindingMismatch(ProtocolError):
    """The login belongs to another TLS connection: a proxy in between, or somebody relays it."""


class Replay(ProtocolError):
    """This very message came before."""


class OutOfOrder(ProtocolError):
    """Messages of a context are missing, or came in another order than they were sent."""


def failure(kind: type[E], detail: str, remedy: str = "", **facts: object) -> E:
    """A failure that the core does not know: its general text is ``about`` of its class."""
    rows = [(name.replace("_", " "), str(value)) for name, value in facts.items()]
    error = kind(detail, name="KRB_ERR_GENERIC", facts=rows, remedy=remedy)
    error.text = kind.about
    return error


_table: dict[str, tuple[str, int, int, int, str, str, str]] = {}


def _rows() -> dict[str, tuple[str, int, int, int, str, str, str]]:
    if not _table:
        _table.update((row[0], row) for row in _core.error_rows())
    return _table


def _again(kind: type[Error], state: dict[str, Any]) -> Error:
    error = kind(state["detail"], name=state["name"])
    error.__dict__.update(state)
    return error


def make(
    name: str, detail: str, facts: Facts, remedy: str, where: str = "", section: str = ""
) -> Error:
    """The exception of a failure of the core; the core calls it."""
    row = _rows().get(name)
    kind = globals().get(row[4], Error) if row else Error
    error: Error = kind(
        detail, name=name, facts=facts, remedy=remedy, where=where, section=section
    )
    return error


_core.set_error_factory(make)
