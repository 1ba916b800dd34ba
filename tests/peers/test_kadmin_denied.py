# test_kadmin_denied.py: who sits between kadmin and its server lets a call through and puts a denial, which nothing
# signs (RFC 5531 9), in the place of its answer: MIT krb5's kadmin puts the call again, ours only what changes nothing.
import socket
import struct
import threading

import pytest

from support.process import run
from test_kadmin_remote import KADMIN, REALM, Realm, record, reply_of

CREDPROBLEM = 13


class Between:
    """A relay to kadmind that denies the given replies, counted over all connections."""

    def __init__(self, port, denied):
        self.to, self.denied, self.count, self.lock = port, denied, 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.relay, args=(client,), daemon=True).start()

    def relay(self, client):
        with client, socket.create_connection(("127.0.0.1", self.to)) as server, \
                client.makefile("rb") as asked, server.makefile("rb") as answered:
            while call := reply_of(asked):
                server.sendall(record(call))
                reply = reply_of(answered)
                with self.lock:
                    self.count += 1
                    deny = self.count in self.denied
                client.sendall(record(call[:4] + struct.pack(">IIII", 1, 1, 1, CREDPROBLEM) if deny else reply))

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def denying(started):
    """A function: what a kadmin says by way of a relay that denies the replies from the third on (behind those that
    make the session), and the version that the keys of `victim` have then."""
    realm, relays = started(Realm, REALM), []
    if "victim@" not in realm.obol("principal", "list").out:
        realm.kadmin("boss", "addprinc -randkey victim").ok()

    def ask(whose, query, denied):
        relays.append(Between(realm.port, denied))
        return run([KADMIN[whose], "-p", "boss", "-w", "boss-pw", "-s", f"127.0.0.1:{relays[-1].port}", "-q", query], realm.env)

    def kvno():
        return max(int(line.split()[2].rstrip(",")) for line in realm.kadmin("boss", "getprinc victim").out.splitlines()
                   if line.startswith("Key: vno"))
    yield ask, kvno
    for relay in relays:
        relay.close()


FROM_THE_THIRD = range(3, 100)


def test_a_change_is_put_once_by_ours(denying, judged):
    ask, kvno = denying
    before = kvno()
    said = ask("ours", "cpw -randkey victim", FROM_THE_THIRD).failed().err
    assert "RPCSEC_GSS_CREDPROBLEM" in said and "may have been done" in said and "get_principal" in said, said
    assert kvno() == before + 1
    ask("mits", "cpw -randkey victim", FROM_THE_THIRD)
    assert kvno() > before + 2  # and so it is done again
    judged("kadmin 1.20.1 (MIT)", "administration", "denial by who sits between", "cpw -randkey", "MIT's repeats it, ours does not")


def test_what_changes_nothing_is_asked_again_once(denying):
    ask, _ = denying
    assert f"Principal: victim@{REALM}" in ask("ours", "getprinc victim", [3]).ok().out
    # The third, and what stands third in the new session.
    assert "RPCSEC_GSS_CREDPROBLEM" in ask("ours", "getprinc victim", [3, 5]).failed().err
