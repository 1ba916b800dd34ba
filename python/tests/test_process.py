"""The package in its process: what it costs, what it shows, what it leaves behind."""

import gc
import os
import resource
import select
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import obol
import pytest
from conftest import meet
from obol import _core

SANITIZED = bool(os.environ.get("OBOL_SANITIZED"))
TREE = Path(os.environ.get("OBOL_TREE", Path(__file__).parents[2]))


def test_import_obol_takes_less_than_15_ms(tmp_path):
    code = (
        "import time; t = time.process_time(); import obol\n"
        "print((time.process_time() - t) * 1e3)"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE",)}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path)
    run = [
        float(subprocess.check_output([sys.executable, "-S", "-c", code], env=environment))
        for _ in range(8)
    ]
    assert min(run) < (150 if SANITIZED else 15)


def test_the_import_brings_no_heavy_modules():
    code = "import sys, obol; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-S", "-c", code], text=True).split()
    heavy = {"enum", "asyncio", "typing", "dataclasses", "logging", "ssl", "socket", "json", "pathlib"}
    assert not heavy & set(modules)


def test_the_extension_shows_its_init_function_only():
    shown = subprocess.check_output(["nm", "-D", "--defined-only", _core.__file__], text=True)
    assert [line.split()[-1] for line in shown.splitlines()] == ["PyInit__core"]


def test_the_extension_needs_no_kerberos():
    shown = subprocess.check_output(["readelf", "-d", _core.__file__], text=True)
    needed = {line.split("[")[1].split(".so")[0] for line in shown.splitlines() if "NEEDED" in line}
    assert needed <= {"libc", "libcrypto", "libresolv", "libasan", "libubsan", "ld-linux-x86-64"}


def test_it_lives_beside_mits_library_in_one_process(desk, tmp_path):
    """python3-gssapi on MIT's library takes a login that obol began, both in this process."""
    desk.keytab.add_to(tmp_path / "http.keytab")
    code = f"""
import sys; sys.path.append("/usr/lib/python3/dist-packages")
import gssapi, obol
kdc = obol.Config("OBOL.TEST", {{"OBOL.TEST": {desk.realm.kdc!r}}})
with obol.login("alice", password="wonderland", config=kdc) as me:
    client = me.initiate({desk.spn!r})
server = gssapi.SecurityContext(creds=gssapi.Credentials(usage="accept"), usage="accept")
client.step(server.step(client.step()))
assert str(server.initiator_name) == "alice@OBOL.TEST", server.initiator_name
assert server.unwrap(client.wrap(b"x")).message == b"x"
print("both")
"""
    environment = desk.realm.environment(KRB5_KTNAME=str(tmp_path / "http.keytab"))
    done = subprocess.run(
        ["/usr/bin/python3", "-c", code], env=environment, capture_output=True, text=True
    )
    assert done.stdout == "both\n", done.stderr


def fds():
    return len(os.listdir("/proc/self/fd"))


def rss():
    gc.collect()  # what is garbage already counts for nothing
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


def test_10000_logins_and_contexts_leave_nothing_behind(desk):
    """The first tenth fills caches and pools; after it memory stays where it is."""
    keytab, acceptor = desk.keytab, desk.acceptor(replay=False)
    count = 500 if SANITIZED else 10_000

    def once():
        with obol.login(keytab=keytab, config=desk.realm.config) as me:
            client, service = meet(me.initiate(desk.spn), acceptor.accept())
            assert service.unwrap(client.wrap(b"x")) == b"x"
            with pytest.raises(obol.ServiceNotFound):
                me.suggest = False
                me.ticket("HTTP/none")

    for _ in range(count // 10):
        once()
    memory, files = rss(), fds()
    for _ in range(count):
        once()
    # A connection that the KDC's thread is about to close may count on either side.
    assert fds() <= files + 1
    assert rss() - memory < (64 << 20 if SANITIZED else 4 << 20)


def test_realms_leave_nothing_behind(obol_realm_factory):
    from obol.testing import Realm

    Realm().close()
    files, threads = fds(), threading.active_count()
    for _ in range(20):
        Realm().close()
    assert (fds(), threading.active_count()) == (files, threads)
    del Realm


def test_a_forked_child_uses_what_its_parent_has(desk):
    me, acceptor = desk.login(), desk.acceptor()
    me.ticket(desk.spn)
    child = os.fork()
    if child == 0:
        try:
            client, service = meet(me.initiate(desk.spn), acceptor.accept())
            fresh = me.ticket(desk.spn, fresh=True)  # the parent's thread is the KDC
            with pytest.raises(obol.Error, match="fork"):
                desk.realm.user("child")
            me.close()
            os._exit(0 if service.peer == desk.user and fresh else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert me.ticket(desk.spn, fresh=True)
    me.close()


def test_waiting_for_a_kdc_lets_other_threads_run(desk):
    """This thread carries the messages of a login that waits in another: if it could not run, the KDC were dead."""
    with socket.socket(type=socket.SOCK_DGRAM) as front, socket.socket(type=socket.SOCK_DGRAM) as back:
        front.bind(("127.0.0.1", 0))
        back.connect(("127.0.0.1", desk.realm.port))
        config = obol.Config("OBOL.TEST", {"OBOL.TEST": f"127.0.0.1:{front.getsockname()[1]}"})
        with ThreadPoolExecutor(1) as pool:
            login = pool.submit(desk.login, config=config)
            while not login.done():
                if select.select([front], [], [], 0.05)[0]:
                    request, client = front.recvfrom(65536)
                    back.send(request)
                    front.sendto(back.recv(65536), client)
            with login.result() as me:
                assert me.valid


def test_a_signal_breaks_the_wait_off(free_port):
    code = f"""
import obol, signal
def alarm(*unused): raise TimeoutError("rang")
signal.signal(signal.SIGALRM, alarm); signal.setitimer(signal.ITIMER_REAL, 0.2)
config = obol.Config("DEAD.TEST", {{"DEAD.TEST": "127.0.0.1:{free_port}"}})
try: obol.login("alice", password="x", config=config, timeout=3600)
except TimeoutError as error: print(error)
"""
    told = subprocess.check_output([sys.executable, "-c", code], text=True, timeout=300)
    assert told == "rang\n"


def test_the_examples_of_the_docstrings_run():
    import doctest

    import obol.aio
    import obol.names

    for module in (obol, obol.aio, obol.names):
        result = doctest.testmod(module)
        assert result.attempted and not result.failed
