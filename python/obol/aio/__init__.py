"""The same sessions for asyncio: every wait is the event loop's, so all can be cancelled.

>>> import asyncio, obol
>>> from obol.testing import Realm
>>> async def main(realm):
...     async with obol.aio.login("alice", password="secret", config=realm.config) as me:
...         return str((await me.ticket("HTTP/web")).spn)
>>> with Realm() as realm:
...     _ = realm.user("alice", "secret"), realm.service("HTTP/web")
...     print(asyncio.run(main(realm)))
HTTP/web@OBOL.TEST

No thread is used, but for names that the DNS must resolve: KDCs that krb5.conf names by an address
need none. Key derivation from a password takes its milliseconds on the loop.

Raises: as :mod:`obol.session`; :class:`asyncio.CancelledError` when cancelled.
Source: ``python/obol/aio/__init__.py``, ``python/obol/aio/_transport.py``.
"""

from __future__ import annotations

import asyncio
import inspect
import time

from .. import _flows
from .._flows import secret_of
from .._login import default as _default
from .._login import forget_password, password_flow, prepare
from .._login import load as _load
from ..config import system
from ..context import Context
from ..errors import Error, NoCredentials
from ..names import Principal
from ..session import Event, SessionBase, make_context, share
from ..tickets import Ticket
from ._transport import exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from datetime import timedelta
    from typing import Any, Optional, Union

    from ..config import Config
    from ..keytab import Keytab
    from ..names import Name
    from .._login import Anchors, Certificate, Password, StrPath

__all__ = ["Login", "Session", "change_password", "default", "load", "login"]


async def _run(flow: Generator[Any, Any, Any], config: Config, timeout: float) -> Any:
    """Drives a flow of :mod:`obol._flows` on the event loop."""
    usual = float(config.settings["request_timeout"]) or 30.0
    deadline = time.monotonic() + (timeout or usual)
    step: Callable[[Any], Any] = flow.send
    answer: Any = None
    while True:
        try:
            want = step(answer)
        except StopIteration as stop:
            return stop.value
        try:
            if want[0] == "ask":
                answer = want[1](want[2])
                answer = await answer if inspect.isawaitable(answer) else answer
            elif want[0] == "kpasswd":
                answer = await exchange(config, want[1], want[2], False, deadline, True)
            else:
                answer = await exchange(config, want[1], want[2], want[3], deadline)
            step = flow.send
        except BaseException as error:
            step, answer = flow.throw, error


class Session(SessionBase):
    """A session whose waiting methods are coroutines; its values are those of ``obol.Session``."""

    async def __aenter__(self) -> Session:
        return self

    async def __aexit__(self, *unused: object) -> None:
        self.close()

    async def _run(self, flow: Generator[Any, Any, Any], timeout: Optional[float]) -> Any:
        return await _run(flow, self.config, self.timeout if timeout is None else timeout)

    @classmethod
    def of(cls, session: SessionBase) -> Session:
        """A session for asyncio with the tickets of another one, which it does not close."""
        other = cls(
            session.config,
            session.principal,
            session._open_cache(),
            source=session._source,
            refresh=session._refresh,
            timeout=session.timeout,
        )
        share(other, session)
        other._acting = session._acting
        return other

    async def ticket(
        self,
        target: Name,
        *,
        canonicalize: bool = False,
        fresh: bool = False,
        timeout: Optional[float] = None,
    ) -> Ticket:
        """As :meth:`obol.Session.ticket`."""
        if canonicalize:
            await self._resolve(target)
        ticket = await self._run(self._ticket_flow(target, canonicalize, fresh), timeout)
        assert isinstance(ticket, Ticket)
        return ticket

    async def _resolve(self, target: Name) -> None:
        """Has the DNS asked by a thread; the flow's own question is then answered from its cache."""
        from ..names import target_of

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, target_of, self.config, target, True)

    async def initiate(
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
        """As :meth:`obol.Session.initiate`; the context itself never waits."""
        if canonicalize:
            await self._resolve(target)
        make = make_context(channel, mutual, delegate, mech, sequence)
        flow = self._initiate_flow(target, canonicalize, delegate, make)
        context = await self._run(flow, timeout)
        assert isinstance(context, Context)
        return context

    async def impersonate(self, user: Name, *, timeout: Optional[float] = None) -> Session:
        """As :meth:`obol.Session.impersonate`."""
        name = Principal(user, self._principal.realm)
        evidence = await self._run(_flows.evidence(self, name), timeout)
        return self._acting_as(name, evidence)

    def on_behalf_of(self, context: Context) -> Session:
        """As :meth:`obol.Session.on_behalf_of`."""
        evidence = context.evidence
        if evidence is None:
            raise NoCredentials("the context is not a service's end", name="CRED_NOT_FOUND")
        return self._acting_as(context.client, evidence)

    async def change_password(
        self, new: Password, *, old: Optional[Password] = None, timeout: Optional[float] = None
    ) -> None:
        """As :meth:`obol.Session.change_password`."""
        word = new if callable(new) else secret_of(new)
        await self._run(self._change_flow(self._old_password(old), word), timeout)

    async def refresh(self, *, timeout: Optional[float] = None) -> None:
        """As :meth:`obol.Session.refresh`."""
        await self._run(self._refresh_flow(force=True), timeout)

    async def renew(self, *, timeout: Optional[float] = None) -> None:
        """As :meth:`obol.Session.renew`."""
        self._tgt = await self._run(_flows.renew(self), timeout)
        self._tickets.clear()

    async def keep_fresh(self, *, save: str = "", retry: float = 60) -> None:
        """Refreshes the session in time, for ever: run it as a task and cancel it at the end.

        :param save: a cache that is written after each refresh, for programs that need one.
        :param retry: seconds after which a failed refresh is tried again.
        """
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            pause = self.next_refresh()
            if pause:
                continue
            try:
                await self.refresh()
                if save:
                    self.save(save)
            except Error:
                pause = retry


class Login:
    """A login that has not been done yet: ``await`` it, or enter it with ``async with``."""

    def __init__(self, start: Callable[[], Awaitable[Session]]) -> None:
        self._start = start
        self._session: Optional[Session] = None

    def __await__(self) -> Generator[Any, None, Session]:
        return self._start().__await__()

    async def __aenter__(self) -> Session:
        self._session = await self._start()
        return self._session

    async def __aexit__(self, *unused: object) -> None:
        if self._session is not None:
            self._session.close()


def login(
    principal: Optional[Name] = None,
    *,
    password: Optional[Password] = None,
    keytab: Union[Keytab, StrPath, None] = None,
    certificate: Optional[Certificate] = None,
    anchors: Optional[Anchors] = None,
    anonymous: bool = False,
    armor: Optional[SessionBase] = None,
    code: Optional[Password] = None,
    config: Optional[Config] = None,
    lifetime: Union[timedelta, float, None] = None,
    renewable: Union[timedelta, float, None] = None,
    forwardable: Optional[bool] = None,
    refresh: bool = False,
    on_event: Optional[Callable[[Event], object]] = None,
    new_password: Optional[Password] = None,
    timeout: float = 0,
) -> Login:
    """As :func:`obol.login`: ``await`` it, or ``async with``. ``password`` and ``code`` may be
    coroutine functions, which are given the prompt; ``armor`` may be a session of either kind."""
    options = {"lifetime": lifetime, "renewable": renewable, "forwardable": forwardable}
    means = {"certificate": certificate, "anchors": anchors, "anonymous": anonymous, "code": code}

    async def start() -> Session:
        session = prepare(
            Session, principal, password, keytab, config, options, means, armor, new_password,
            refresh=refresh, on_event=on_event, timeout=timeout,
        )  # fmt: skip
        try:
            await session._run(session._login_flow("login"), None)
        except BaseException:
            session.close()
            raise
        finally:
            forget_password(session, refresh)
        return session

    return Login(start)


async def change_password(
    principal: Name,
    old: Password,
    new: Password,
    *,
    config: Optional[Config] = None,
    timeout: float = 0,
) -> None:
    """As :func:`obol.change_password`."""
    config = config or system()
    await _run(password_flow(config, principal, old, new), config, timeout)


async def default(*, config: Optional[Config] = None) -> Session:
    """As :func:`obol.default`."""
    loop = asyncio.get_running_loop()
    chosen = config or system()
    return Session.of(await loop.run_in_executor(None, lambda: _default(config=chosen)))


async def load(cache: str = "", *, config: Optional[Config] = None) -> Session:
    """As :func:`obol.load`."""
    return Session.of(_load(cache, config=config))
