"""Sessions: who is logged in, with which tickets. ``obol.login`` and its like make them.

Tickets stay in memory that is wiped when the session is closed; nothing is written unless
:meth:`SessionBase.save` is called. A session may be shared between threads; a forked child has its
own copy.

Raises: :class:`obol.WrongPassword`, :class:`obol.PasswordNeeded`, :class:`obol.PasswordExpired`,
:class:`obol.CertificateError`, :class:`obol.KdcNotTrusted`,
:class:`obol.PasswordRefused`, :class:`obol.AccountLocked`, :class:`obol.PrincipalNotFound`, :class:`obol.NoCredentials`,
:class:`obol.ServiceNotFound`, :class:`obol.KdcUnreachable`, :class:`obol.RealmNotFound`,
:class:`obol.ClockSkew`, :class:`obol.TicketExpired`, :class:`obol.NotAllowedToDelegate`.
Source: ``python/obol/session.py``, ``python/obol/_flows.py``, ``src/net/login.c``,
``src/net/ticket.c``.
"""

from __future__ import annotations

import os

from . import _core, _flows
from .acceptor import Acceptor
from .context import Context
from ._flows import secret_of
from .errors import (
    Error,
    NoCredentials,
    NotAllowedToDelegate,
    PasswordExpired,
    PasswordNeeded,
    TicketExpired,
)
from .keytab import Keytab
from .names import Principal, wire
from .tickets import Ticket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from datetime import datetime, timedelta
    from typing import Any, Optional, TypeVar, Union

    from .acceptor import FileReplay, MemoryReplay
    from .config import Config
    from .names import Name

    StrPath = Union[str, os.PathLike[str]]
    Password = Union[str, bytes, bytearray, Callable[[str], Any]]
    S = TypeVar("S", bound="SessionBase")

__all__ = ["Event", "Session", "SessionBase"]

MARGIN = 60  # seconds before its end at which a ticket is not used any more
PROTECT = 16 | 32  # confidentiality and integrity (RFC 2744 4.1)


class Event:
    """What happened to a session: ``kind`` is "login", "refreshed", "failed" or "ticket"."""

    __slots__ = ("error", "kind", "session", "ticket")

    def __init__(
        self,
        kind: str,
        session: SessionBase,
        ticket: Optional[Ticket] = None,
        error: Optional[Error] = None,
    ) -> None:
        self.kind, self.session, self.ticket, self.error = kind, session, ticket, error

    def __repr__(self) -> str:
        about = self.error if self.error is not None else self.ticket
        return f"<obol.Event {self.kind} {about!r}>"


class Acting:
    """For whom a session acts, and the ticket that shows it (MS-SFU)."""

    __slots__ = ("evidence", "service", "user")

    def __init__(self, user: Principal, service: Principal, evidence: Ticket) -> None:
        self.user, self.service, self.evidence = user, service, evidence


class SessionBase:
    """What the synchronous :class:`Session` and :class:`obol.aio.Session` have in common."""

    suggest = True  # look for similar names when a service is not found

    def __init__(
        self,
        config: Config,
        principal: Principal,
        cache: _core.Cache,
        *,
        source: Optional[_flows.Source] = None,
        refresh: bool = False,
        on_event: Optional[Callable[[Event], object]] = None,
        timeout: float = 0,
    ) -> None:
        self.config = config
        self.timeout = timeout
        self._principal = principal
        self._cache: Optional[_core.Cache] = cache
        self._source = source
        self._refresh = refresh
        self._on_event = on_event
        self._tickets: dict[tuple[str, bool], Ticket] = {}
        self._forwarded: Optional[Ticket] = None
        self._tgt: Optional[Ticket] = None
        self._offset = 0
        self._acting: Optional[Acting] = None

    # ---- values

    @property
    def principal(self) -> Principal:
        """Who is logged in."""
        return self._principal

    @property
    def user(self) -> Principal:
        """In whose name tickets are got: the principal, or whom the session acts for."""
        return self._acting.user if self._acting else self._principal

    @property
    def tgt(self) -> Optional[Ticket]:
        """The ticket that others are got with; None for a session that has tickets only."""
        return self._tgt

    @property
    def expires(self) -> Optional[datetime]:
        """When the session ends unless it is refreshed."""
        return self._tgt.expires if self._tgt else None

    @property
    def renewable_until(self) -> Optional[datetime]:
        """Until when :meth:`renew` works; None: not at all."""
        return self._tgt.renewable_until if self._tgt else None

    @property
    def renewable(self) -> Optional[datetime]:
        """The same as :attr:`renewable_until`: None, which is false, where it cannot be renewed."""
        return self.renewable_until

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._cache is None

    @property
    def valid(self) -> bool:
        """Whether its TGT is good at this moment."""
        return self._tgt is not None and self._left(self._tgt) > 0

    @property
    def tickets(self) -> list[Ticket]:
        """All tickets that it holds."""
        return [Ticket(cred) for cred in self._open_cache().read()[1]]

    def __repr__(self) -> str:
        state = "closed" if self.closed else f"until {self.expires}"
        acting = f" for {self._acting.user}" if self._acting else ""
        return f"<obol {type(self).__name__} {self._principal}{acting} {state}>"

    # ---- what needs no KDC

    def close(self) -> None:
        """Wipes the tickets and the password. A closed session does nothing any more."""
        if self._cache is not None:
            self._cache.close()
        if self._source is not None:
            self._source.clear()
        self._cache = None
        self._tickets.clear()
        self._tgt = self._forwarded = None

    def save(self, cache: str = "") -> str:
        """Writes the tickets to a cache, for programs that need one; "": the system's default.

        The cache's full name, as KRB5CCNAME takes it.
        """
        client, creds, _, offset = self._open_cache().read()
        target = _core.Cache(self.config._core, cache)
        try:
            target.initialize(wire(client), creds, offset)
            return target.name
        finally:
            target.close()

    def accept(
        self,
        *,
        channel: Optional[bytes] = None,
        replay: Union[MemoryReplay, FileReplay, None, bool] = None,
        service: Optional[Name] = None,
    ) -> Context:
        """A service's end of a login, with the keytab that this session logged in with.

        :class:`Acceptor` does the same without a session.
        """
        source = self._source
        if source is None or source.keytab is None:
            raise NoCredentials(
                f"{self._principal} did not log in with a keytab, so it has no key to accept with",
                name="KEYTAB_NOT_FOUND",
                remedy="Use obol.Acceptor(keytab).",
            )
        keytab = Keytab.__new__(Keytab)
        keytab._core = source.keytab
        acceptor = self.__dict__.get("_acceptor")
        if acceptor is None or replay is not None or service is not None:
            acceptor = Acceptor(keytab, service=service, replay=replay, config=self.config)
            if replay is None and service is None:
                self.__dict__["_acceptor"] = acceptor
        context = acceptor.accept(channel=channel)
        assert isinstance(context, Context)
        return context

    # ---- for the two kinds of sessions

    def _open_cache(self) -> _core.Cache:
        if self._cache is None:
            raise NoCredentials("the session was closed", name="CCACHE_NOT_FOUND")
        return self._cache

    def _left(self, ticket: Ticket) -> float:
        now = self.config._core.clock.now_us() / 1e6 + self._offset
        return ticket._times[2] - now

    def _emit(
        self, kind: str, ticket: Optional[Ticket] = None, error: Optional[Error] = None
    ) -> None:
        event = Event(kind, self, ticket, error)
        if self._on_event is not None:
            self._on_event(event)
        if kind == "failed":
            from ._log import log

            log().warning("%s: refresh failed: %s", self._principal, error)

    def _cached(self, key: tuple[str, bool]) -> Optional[Ticket]:
        ticket = self._tickets.get(key)
        if ticket is None or self._left(ticket) > MARGIN:
            return ticket
        del self._tickets[key]
        return None

    def _login_flow(self, kind: str) -> Generator[Any, Any, None]:
        assert self._source is not None
        source = self._source
        who = (self.config, self._open_cache(), source.anonymous or str(self._principal))
        try:
            result = yield from _flows.login(*who, source)
        except PasswordExpired:
            if source.new is None:
                raise
            yield from self._change_flow(source, source.new)
            result = yield from _flows.login(*who, source)
        self._tgt, self._offset = result[0], result[1]
        self._principal = self._tgt.client
        self._tickets.clear()
        self._forwarded = None
        self._emit(kind, self._tgt)

    def _change_flow(self, source: _flows.Source, new: Any) -> Generator[Any, Any, None]:
        """A new password; the session logs in with it from now on, if it has one."""
        who = str(self._principal)
        fresh = yield from _flows.change_password(self.config, who, source, new)
        own = self._source
        if own is not None and (own is source or own.secret is not None):
            own.secret = fresh

    def _old_password(self, old: Optional[Password]) -> _flows.Source:
        if old is not None:
            return _flows.Source(ask=old) if callable(old) else _flows.Source(secret=secret_of(old))
        if self._source is None or self._source.secret is None:
            raise PasswordNeeded(
                f"the session of {self._principal} does not keep its password",
                name="PASSWORD_NEEDED",
                remedy="Pass old=..., or log in with refresh=True.",
            )
        return self._source

    def _ticket_flow(
        self, target: Name, canonicalize: bool, fresh: bool
    ) -> Generator[Any, Any, Ticket]:
        key = (str(target), canonicalize)
        if self._stale():
            yield from self._refresh_flow()
        found = None if fresh else self._cached(key)
        if found is None:
            found = yield from _flows.ticket(self, target, canonicalize, fresh)
            self._tickets[key] = found
            self._emit("ticket", found)
        return found

    def _stale(self) -> bool:
        return self._expired() or (self._refresh and self.due())

    def _expired(self) -> bool:
        return self._tgt is not None and self._left(self._tgt) <= 0

    def due(self) -> bool:
        """Whether it is time to refresh: a quarter of the TGT's life, or a minute, is left."""
        if self._tgt is None:
            return False
        life = self._tgt._times[2] - self._tgt._times[1]
        return self._left(self._tgt) < max(MARGIN, life / 4)

    def next_refresh(self) -> float:
        """In how many seconds a refresh is due; an hour at most, 0: now."""
        if self._tgt is None or self.due():
            return 0.0
        life = self._tgt._times[2] - self._tgt._times[1]
        return max(1.0, min(self._left(self._tgt) - max(MARGIN, life / 4), 3600.0))

    def _refresh_flow(self, force: bool = False) -> Generator[Any, Any, None]:
        """Gets a new TGT if it is due: by a login, by renewal, or from the cache."""
        if not force and not self.due():
            return
        try:
            yield from self._again_flow()
        except Error as error:
            self._emit("failed", self._tgt, error)
            if force or self._expired():
                raise

    def _again_flow(self) -> Generator[Any, Any, None]:
        source = self._source
        if source is not None and source.again:
            yield from self._login_flow("refreshed")
        elif source is not None and source.cache is not None and self._reread(source.cache):
            self._emit("refreshed", self._tgt)
        elif self._tgt is not None and self._tgt.renewable_until and not self._expired():
            self._tgt = yield from _flows.renew(self)
            self._tickets.clear()
            self._emit("refreshed", self._tgt)
        elif self._expired():
            raise TicketExpired(
                f"that of {self._principal} ended at {self.expires}",
                name="CRED_EXPIRED",
                remedy="Log in again; a session with refresh=True and a keytab does so by itself.",
            )

    def _reread(self, name: str) -> bool:
        """Takes over what somebody else has put into the cache meanwhile; whether it is better."""
        before = self._tgt
        try:
            other = _core.Cache(self.config._core, name)
            fill(self, other.read())
        except Error:
            return False
        return self._tgt is not None and (
            before is None or self._tgt._times[2] > before._times[2]
        )

    def _forward_flow(self) -> Generator[Any, Any, Ticket]:
        if self._tgt is not None and not self._tgt._core.flags & _flows.FORWARDABLE:
            raise NotAllowedToDelegate(
                f"the TGT of {self._principal} is not forwardable",
                name="KDC_ERR_BADOPTION",
                remedy="Log in with obol.login(..., forwardable=True), or kinit -f; the realm may "
                "forbid it for this user.",
            )
        if self._forwarded is None or self._left(self._forwarded) <= MARGIN:
            self._forwarded = yield from _flows.forwarded(self)
        return self._forwarded

    def _initiate_flow(
        self, target: Name, canonicalize: bool, delegate: bool, make: Callable[..., Context]
    ) -> Generator[Any, Any, Context]:
        ticket = yield from self._ticket_flow(target, canonicalize, False)
        forwarded = None
        if delegate:
            forwarded = yield from self._forward_flow()
        return make(self, ticket, forwarded)

    def _acting_as(self: S, user: Principal, evidence: Ticket) -> S:
        other = type(self)(
            self.config, self._principal, self._open_cache(), timeout=self.timeout
        )
        share(other, self)
        other._acting = Acting(user, self._principal, evidence)
        return other


def share(other: SessionBase, session: SessionBase) -> None:
    """Makes another session of the same tickets: it has a cache of its own to close."""
    client, creds, _, offset = session._open_cache().read()
    other._cache = _core.Cache(session.config._core, None)
    other._cache.initialize(wire(client), creds, offset)
    other._tgt, other._offset = session._tgt, session._offset


def make_context(
    channel: Optional[bytes],
    mutual: bool,
    delegate: bool,
    mech: str,
    sequence: bool,
    protect: int = PROTECT,
) -> Callable[[SessionBase, Ticket, Optional[Ticket]], Context]:
    """What makes a client's end of a ticket."""
    if mech not in ("spnego", "krb5"):
        raise ValueError(f"mech: 'spnego' or 'krb5', not {mech!r}")
    flags = (2 if mutual else 0) | (1 if delegate else 0) | (12 if sequence else 0) | protect

    def make(session: SessionBase, ticket: Ticket, forwarded: Optional[Ticket]) -> Context:
        context = Context._initiate(
            session.config._core,
            session._offset,
            ticket._core,
            forwarded._core if forwarded is not None else None,
            flags,
            mech == "spnego",
            channel,
        )
        context._config = session.config
        return context

    return make


class Session(SessionBase):
    """A session for synchronous code; waiting lets other threads run."""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def _run(self, flow: Generator[Any, Any, Any], timeout: Optional[float] = None) -> Any:
        return _flows.run(flow, self.config, self.timeout if timeout is None else timeout)

    def ticket(
        self,
        target: Name,
        *,
        canonicalize: bool = False,
        fresh: bool = False,
        timeout: Optional[float] = None,
    ) -> Ticket:
        """A ticket for a service: "HTTP/web.example.com", "HTTP@web", "https://web/x", a Principal.

        :param canonicalize: ask the DNS for the host's canonical name (:mod:`obol.names`).
        :param fresh: ask the KDC even if there is a ticket already.
        """
        key = (str(target), canonicalize)
        found = None if fresh or self._stale() else self._cached(key)
        if found is not None:
            return found
        ticket = self._run(self._ticket_flow(target, canonicalize, fresh), timeout)
        assert isinstance(ticket, Ticket)
        return ticket

    def initiate(
        self,
        target: Name,
        *,
        channel: Optional[bytes] = None,
        mutual: bool = True,
        delegate: bool = False,
        mech: str = "spnego",
        sequence: bool = True,
        canonicalize: bool = False,
        timeout: Optional[float] = None,
    ) -> Context:
        """The client's end of a login at a service; its first ``step()`` gives the token to send.

        :param channel: channel bindings, see :func:`obol.tls_binding`.
        :param mutual: the service must prove that it holds the key of its name.
        :param delegate: hand a TGT on, so that the service can act as the user everywhere.
        :param mech: "spnego", or "krb5" for protocols that do not negotiate.
        :param sequence: notice lost, repeated and reordered messages.
        """
        make = make_context(channel, mutual, delegate, mech, sequence)
        if not delegate and not self._stale():
            found = self._cached((str(target), canonicalize))
            if found is not None:
                return make(self, found, None)
        context = self._run(
            self._initiate_flow(target, canonicalize, delegate, make), timeout
        )
        assert isinstance(context, Context)
        return context

    def impersonate(self, user: Name, *, timeout: Optional[float] = None) -> Session:
        """A session in a user's name, whom this service has authenticated by other means (S4U2Self).

        Its tickets need the KDC's leave to delegate (S4U2Proxy).
        """
        name = Principal(user, self._principal.realm)
        evidence = self._run(_flows.evidence(self, name), timeout)
        return self._acting_as(name, evidence)

    def on_behalf_of(self, context: Context) -> Session:
        """A session in the name of the client of an accepted context (S4U2Proxy)."""
        evidence = context.evidence
        if evidence is None:
            raise NoCredentials("the context is not a service's end", name="CRED_NOT_FOUND")
        return self._acting_as(context.client, evidence)

    def change_password(
        self, new: Password, *, old: Optional[Password] = None, timeout: Optional[float] = None
    ) -> None:
        """Changes the password of whom the session belongs to; its tickets stay good.

        :param new: the new one, or a function that is called with a prompt.
        :param old: the present one, which the realm wants to see again; None: the one that a
            session with ``refresh=True`` keeps.

        Raises: :class:`obol.PasswordRefused` with the realm's reason, :class:`obol.WrongPassword`.
        """
        word = new if callable(new) else secret_of(new)
        self._run(self._change_flow(self._old_password(old), word), timeout)

    def refresh(self, *, timeout: Optional[float] = None) -> None:
        """Gets a new TGT now: by keytab, certificate or kept password, from the cache, or by renewal."""
        self._run(self._refresh_flow(force=True), timeout)

    def renew(self, *, timeout: Optional[float] = None) -> None:
        """Renews the TGT, which must be renewable."""
        self._tgt = self._run(_flows.renew(self), timeout)
        self._tickets.clear()

    def keep_fresh(
        self, wait: Callable[[float], object], *, save: str = "", retry: float = 60
    ) -> None:
        """Refreshes the session in time until it is told to end: for a thread of the caller's.

        :param wait: waits so many seconds and says whether to end: ``stop.wait`` of a
            :class:`threading.Event`.
        :param save: a cache that is written after each refresh, for programs that need one.
        :param retry: seconds after which a failed refresh is tried again.
        """
        pause = 0.0
        while not wait(pause):
            pause = self.next_refresh()
            if pause:
                continue
            try:
                self.refresh()
                if save:
                    self.save(save)
            except Error:
                pause = retry


# ---- sessions of tickets that are there already


def fill(session: SessionBase, content: tuple[str, list[_core.Cred], Any, Optional[int]]) -> None:
    """Makes a session that of a cache's content."""
    client, creds, _, offset = content
    session._principal = Principal(client)
    session._open_cache().initialize(wire(client), creds, offset)
    session._offset = offset or 0
    realm = session._principal.realm
    tgts = [c for c in creds if c.server == f"krbtgt/{realm}@{realm}"]
    session._tgt = Ticket(max(tgts, key=lambda c: c.times[2])) if tgts else None
    session._tickets.clear()


def of_creds(kind: type[S], config: Any, client: str, creds: list[_core.Cred]) -> S:
    """A session of tickets, the TGT among them."""
    session = kind(config, Principal(client), _core.Cache(config._core, None))
    fill(session, (client, creds, None, None))
    return session
