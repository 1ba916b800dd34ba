# test_reload.py: SIGHUP: new workers take the sockets and the connections of the old ones, and no
# client notices. A stub stands for the KDC, as in test_server.py.
import os
import signal
import socket
import threading
import time

import pytest

from daemon import frame, read_reply, wait_for
from support.process import PATIENCE


def reloads(d):
    return d.errors.read_text().count("configuration reloaded")


def reload(d, times=1):
    """Reloads, each time when the one before is done."""
    before = reloads(d)
    for i in range(times):
        d.signal(signal.SIGHUP)
        wait_for(lambda: reloads(d) > before + i, "the reload")


class Client(threading.Thread):
    """Asks until it is told to stop; `lost` says what went wrong, and how often."""

    def __init__(self, ask):
        super().__init__()
        self.ask, self.answered, self.lost, self.wanted = ask, 0, [], True

    def run(self):
        while self.wanted:
            try:
                assert self.ask() == b"Ex"
                self.answered += 1
            except (OSError, EOFError, AssertionError) as failure:
                self.lost.append(repr(failure))


def test_reloads_lose_no_connection_and_no_datagram(daemon):
    d = daemon(per_source=4000)
    kept = [d.connect() for _ in range(8)]

    def by_new_connection(over):
        with d.connect() as sock:
            until = min(reloads(d) + over, 30)  # it is open and silent over so many
            wait_for(lambda: reloads(d) >= until, "the reloads")
            sock.sendall(frame(b"Ex"))
            return read_reply(sock)

    def by_kept_connection(sock):
        request = frame(b"Ex")
        sock.sendall(request[:3])
        assert d.udp(b"Ex") == b"Ex"  # meanwhile
        sock.sendall(request[3:])
        return read_reply(sock)

    clients = [Client(lambda over=over: by_new_connection(over))
               for over in [0] * 8 + [1] * 4 + [8] * 8]
    clients += [Client(lambda sock=sock: by_kept_connection(sock)) for sock in kept]
    clients += [Client(lambda: d.udp(b"Ex")) for _ in range(4)]
    for client in clients:
        client.start()
    reload(d, 30)
    for client in clients:
        client.wanted = False
    for client in clients:
        client.join()
    for sock in kept:
        sock.close()
    assert [lost for client in clients for lost in client.lost] == []
    assert all(client.answered for client in clients)
    assert d.counters()["tcp_handed_on"] > 0


@pytest.mark.parametrize("sent", [b"", frame(b"Efirst") + frame(b"E" + b"x" * 1000)[:500],
                                  frame(b"E" + b"x" * 60000)[:50000]],
                         ids=["silent", "half", "large"])
def test_a_connection_goes_on_after_reloads_where_it_was(daemon, sent):
    d = daemon()
    stream = sent + frame(b"Elast")
    if sent:
        whole = {500: 1000, 50000: 60000}[len(sent) - (10 if b"first" in sent else 0)]
        stream = sent + b"x" * (whole + 5 - (len(sent) - (10 if b"first" in sent else 0))) + frame(b"Elast")
    with d.connect() as sock:
        sock.sendall(sent)
        reload(d, 3)
        sock.sendall(stream[len(sent):])
        replies = []
        while not replies or replies[-1] != b"Elast":
            replies.append(read_reply(sock))
        assert b"".join(frame(reply) for reply in replies) == stream
    assert d.counters()["tcp_accepted"] == 1


def test_a_deadline_holds_over_a_reload(daemon):
    d = daemon(request_ms=3000)
    with d.connect() as sock:
        start = time.monotonic()
        sock.sendall(b"\0")
        reload(d)
        d.write_config(request_ms=1000 * 2 * PATIENCE)
        reload(d)
        assert sock.recv(1) == b""  # no reload began it anew: it would outlast our patience
        assert time.monotonic() - start > 2.5


def test_a_worker_that_dies_while_a_reload_waits_is_replaced_at_once(daemon):
    d = daemon(workers=1)
    hung = d.workers()[0]
    os.kill(hung, signal.SIGSTOP)
    reload(d)  # it cannot finish; the next reload waits for it, and ends it after a while
    d.signal(signal.SIGHUP)
    with pytest.raises(socket.timeout):
        d.udp(b"K", timeout=0.1)
    assert d.udp(b"Eback", timeout=2.5) == b"Eback"  # the hung one is given three seconds
    wait_for(lambda: d.errors.read_text().count("configuration reloaded") == 2, "the reload")
    assert hung not in d.workers()
