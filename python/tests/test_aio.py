"""asyncio: the same sessions on an event loop, cancellable, with deadlines and without threads."""

import asyncio
import threading
import time

import obol
import obol.aio
import pytest
from conftest import meet


def test_a_login_and_a_context_on_the_loop(desk):
    async def main():
        async with obol.aio.login("alice", password="wonderland", config=desk.realm.config) as me:
            assert me.principal == desk.user
            client, service = meet(await me.initiate(desk.spn), desk.acceptor().accept())
            assert service.peer == desk.user
            return me

    assert asyncio.run(main()).closed


def test_a_login_can_be_awaited_and_its_password_asked_for_by_a_coroutine(desk):
    async def ask(prompt):
        await asyncio.sleep(0)
        return "wonderland"

    async def main():
        me = await obol.aio.login("alice", password=ask, config=desk.realm.config)
        ticket = await me.ticket(desk.spn)
        me.close()
        return ticket

    assert asyncio.run(main()).client == desk.user


def test_no_thread_is_used_for_a_kdc_with_an_address(desk):
    async def main():
        async with obol.aio.login("alice", password="wonderland", config=desk.realm.config) as me:
            await me.ticket(desk.spn)

    before = set(threading.enumerate())
    asyncio.run(main())
    assert set(threading.enumerate()) == before


def test_many_tasks_share_a_session(desk):
    names = desk.realm.service(*(f"HTTP/n{i}.example.com" for i in range(20)))

    async def main():
        async with obol.aio.login("alice", password="wonderland", config=desk.realm.config) as me:
            return await asyncio.gather(
                *(me.ticket(f"HTTP/n{i % 20}.example.com") for i in range(60))
            )

    assert len(asyncio.run(main())) == 60 and len(names) == 20


def test_errors_are_those_of_the_synchronous_session(desk):
    async def main():
        with pytest.raises(obol.WrongPassword):
            await obol.aio.login("alice", password="x", config=desk.realm.config)
        async with obol.aio.login("alice", password="wonderland", config=desk.realm.config) as me:
            with pytest.raises(obol.ServiceNotFound):
                await me.ticket("HTTP/nowhere.example.com")

    asyncio.run(main())


def test_a_dead_kdc_keeps_to_the_deadline_and_is_named(free_port):
    config = obol.Config("DEAD.TEST", {"DEAD.TEST": f"127.0.0.1:{free_port}"})

    async def main():
        with pytest.raises(obol.KdcUnreachable) as told:
            await obol.aio.login("alice", password="x", config=config, timeout=0.3)
        return told.value

    start = time.monotonic()
    error = asyncio.run(main())
    assert time.monotonic() - start < 25  # a login has half a minute else
    assert f"udp 127.0.0.1:{free_port}" in error.attempts and error.realm == "DEAD.TEST"


def test_the_next_kdc_is_asked_when_one_is_dead(desk, free_port):
    config = obol.Config(
        "OBOL.TEST", {"OBOL.TEST": [f"tcp/127.0.0.1:{free_port}", desk.realm.kdc]}
    )

    async def main():
        async with obol.aio.login("alice", password="wonderland", config=config) as me:
            return me.valid

    assert asyncio.run(main())


def test_a_cancelled_login_leaves_nothing_open():
    import os
    import socket

    kdc = socket.socket(type=socket.SOCK_DGRAM)  # hears what it is asked, and says nothing
    kdc.bind(("127.0.0.1", 0))
    kdc.setblocking(False)
    config = obol.Config("DEAD.TEST", {"DEAD.TEST": f"udp/127.0.0.1:{kdc.getsockname()[1]}"})

    async def main():
        before = len(os.listdir("/proc/self/fd"))
        task = asyncio.ensure_future(
            obol.aio.login("alice", password="x", config=config).__aenter__()
        )
        await asyncio.get_running_loop().sock_recv(kdc, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        return len(os.listdir("/proc/self/fd")) - before

    with kdc:
        assert asyncio.run(main()) == 0


def test_a_reply_that_does_not_fit_a_datagram_comes_by_tcp(desk):
    from obol.aio import _transport

    async def main():
        deadline = time.monotonic() + 5
        request = bytes.fromhex("30030201")  # nothing that the KDC answers
        with pytest.raises(obol.KdcUnreachable):
            await _transport.exchange(
                desk.realm.config, "OBOL.TEST", request, True, time.monotonic() + 0.3
            )
        me = desk.login()
        machine = obol._core.Fetch(
            desk.realm.config._core, me._open_cache(), service=desk.spn.encode(), no_cached=True
        )
        want = machine.step(None)
        reply = await _transport.exchange(desk.realm.config, want[1], want[2], True, deadline)
        assert machine.step(reply) is None
        me.close()

    asyncio.run(main())


def test_a_kept_session_is_refreshed_by_its_task(desk, clock, tmp_path):
    cache = f"FILE:{tmp_path / 'cc'}"

    async def main():
        refreshed = asyncio.Event()
        me = await obol.aio.login(
            "alice", password="wonderland", config=desk.realm.config, lifetime=3600,
            refresh=True, on_event=lambda e: e.kind == "refreshed" and refreshed.set(),
        )
        clock.advance(minutes=50)
        task = asyncio.ensure_future(me.keep_fresh(save=cache))
        await asyncio.wait_for(refreshed.wait(), 5)
        await asyncio.sleep(0)
        task.cancel()
        me.close()

    asyncio.run(main())
    with obol.load(cache, config=desk.realm.config) as again:
        assert again.valid


def test_a_synchronous_session_lends_its_tickets(desk):
    async def main():
        with desk.login() as me:
            async with obol.aio.Session.of(me) as lent:
                assert (await lent.ticket(desk.spn)).client == desk.user
            assert me.valid

    asyncio.run(main())
