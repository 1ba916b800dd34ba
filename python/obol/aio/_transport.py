"""One request carried to the KDCs of a realm on an event loop (RFC 4120 7.2).

The same order and pauses as ``src/net/transport.c``: each address has a second's lead, all stay
open until one answers, UDP is sent again after pauses that double, and what the KDC refuses for its
size goes by TCP. Cancelling it closes every socket.

Raises: :class:`obol.KdcUnreachable` with each address and what became of it.
Source: ``python/obol/aio/_transport.py``.
"""

from __future__ import annotations

import asyncio
import time

from .. import _core
from ..errors import KdcUnreachable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

    from ..config import Config

    Server = tuple[str, int, int, Optional[str]]

UDP, TCP = 1, 2
KDC, KPASSWD = 0, 2  # enum net_service
LEAD = 1.0  # seconds that an address has before the next is tried as well
PAUSES = (2.0, 4.0)  # before UDP is sent again
REPLY_MAX = 1 << 20
DATAGRAM_MAX = 65507
TAKE, PASS = 0, 1  # what judge_reply says; 2: it is no reply at all


class _Datagram(asyncio.DatagramProtocol):
    def __init__(self, done: asyncio.Future[bytes], kpasswd: bool) -> None:
        self.done, self.kpasswd = done, kpasswd

    def datagram_received(self, data: bytes, addr: object) -> None:
        if not self.done.done() and _core.judge_reply(data, self.kpasswd) in (TAKE, PASS):
            self.done.set_result(data)

    def error_received(self, exc: Exception) -> None:
        if not self.done.done():
            self.done.set_exception(exc)


async def _udp(server: Server, message: bytes, kpasswd: bool) -> bytes:
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Datagram(done, kpasswd), remote_addr=(server[0], server[1])
    )
    try:
        for pause in (*PAUSES, None):
            transport.sendto(message)
            try:
                return await asyncio.wait_for(asyncio.shield(done), pause)
            except asyncio.TimeoutError:
                continue
        raise AssertionError("the last wait has no limit")
    finally:
        transport.close()
        done.cancel()


async def _tcp(server: Server, message: bytes, kpasswd: bool) -> bytes:
    reader, writer = await asyncio.open_connection(server[0], server[1])
    try:
        writer.write(len(message).to_bytes(4, "big") + message)
        length = int.from_bytes(await reader.readexactly(4), "big")
        if length > REPLY_MAX:
            raise OSError(f"it announces a reply of {length} bytes")
        reply = await reader.readexactly(length)
        if _core.judge_reply(reply, kpasswd) not in (TAKE, PASS):
            raise OSError("its reply is none")
        return reply
    finally:
        writer.close()


def _attempts(
    servers: list[Server], message: bytes, tcp: bool, limit: int
) -> list[tuple[int, Server]]:
    def by(protocol: int) -> list[tuple[int, Server]]:
        return [(protocol, server) for server in servers if server[2] & protocol]

    if tcp:
        return by(TCP)
    if len(message) > DATAGRAM_MAX:
        return by(TCP)
    return by(TCP) + by(UDP) if len(message) > limit else by(UDP) + by(TCP)


class _Race:
    """All attempts at one request; the first good reply wins."""

    def __init__(self, message: bytes, deadline: float, kpasswd: bool) -> None:
        self.message, self.deadline, self.kpasswd = message, deadline, kpasswd
        self.tasks: dict[asyncio.Task[bytes], str] = {}
        self.failures: dict[str, str] = {}
        self.passed: Optional[bytes] = None

    def start(self, protocol: int, server: Server) -> None:
        carry = _udp if protocol == UDP else _tcp
        host = f"[{server[0]}]" if ":" in server[0] else server[0]
        name = f"{'udp' if protocol == UDP else 'tcp'} {host}:{server[1]}"
        self.tasks[asyncio.ensure_future(carry(server, self.message, self.kpasswd))] = name

    async def wait(self, seconds: float) -> Optional[bytes]:
        """A reply that came within the time, or None: nothing yet, or nothing any more."""
        until = min(time.monotonic() + seconds, self.deadline)
        while self.tasks and (left := until - time.monotonic()) > 0:
            done, _ = await asyncio.wait(
                self.tasks, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                reply = self.take(task)
                if reply is not None:
                    return reply
            if done:
                return None
        return None

    def take(self, task: asyncio.Task[bytes]) -> Optional[bytes]:
        name = self.tasks.pop(task)
        error = task.exception()
        if error is not None:
            self.failures[name] = str(error) or type(error).__name__
            return None
        reply = task.result()
        if _core.judge_reply(reply, self.kpasswd) == PASS:
            self.passed = reply
            self.failures[name] = "it cannot serve now"
            return None
        return reply

    async def end(self) -> None:
        for task, name in self.tasks.items():
            self.failures.setdefault(name, "no answer")
            task.cancel()
        if self.tasks:
            await asyncio.gather(*self.tasks, return_exceptions=True)


async def _locate(config: Config, realm: str, service: int) -> list[Server]:
    found = config._core.locate(realm, True, service)
    if found is None:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(None, config._core.locate, realm, False, service)
    assert found is not None
    return found


async def exchange(
    config: Config, realm: str, message: bytes, tcp: bool, deadline: float, kpasswd: bool = False
) -> bytes:
    """The reply of a KDC of the realm, or of the service that changes its passwords; ``deadline``
    is of :func:`time.monotonic`."""
    place = _locate(config, realm, KPASSWD if kpasswd else KDC)
    servers = await asyncio.wait_for(place, max(0.001, deadline - time.monotonic()))
    if any(port == 0 for _, port, _, _ in servers):
        # Proxies (https://) and sockets of this machine: the core knows how, a thread waits for it.
        left = max(1, int((deadline - time.monotonic()) * 1000))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            None, config._core.exchange, realm, message, tcp, left, kpasswd
        )
    limit = int(config.settings["udp_preference_limit"])
    attempts = _attempts(servers, message, tcp, limit)
    race = _Race(message, deadline, kpasswd)
    try:
        for protocol, server in attempts:
            race.start(protocol, server)
            reply = await race.wait(LEAD)
            if reply is not None:
                return reply
        while race.tasks and time.monotonic() < deadline:
            reply = await race.wait(deadline - time.monotonic())
            if reply is not None:
                return reply
    finally:
        await race.end()
    if race.passed is not None:
        return race.passed
    raise _unreachable(realm, race.failures)


def _unreachable(realm: str, failures: dict[str, str]) -> KdcUnreachable:
    facts: list[tuple[str, Any]] = [("realm", realm), *failures.items()]
    return KdcUnreachable(
        f"{realm}: {len(failures)} attempts, none of them answered",
        name="KDC_UNREACHABLE",
        facts=facts,
        where="exchange",
    )
