# test_server.py: the daemon: processes, sockets, limits, logs. A stub stands for the KDC
# (tests/server/stub_server.c): the first byte of a request tells it what to do.
import json
import os
import re
import resource
import signal
import socket
import struct
import time

import pytest

from daemon import Daemon, frame, read_exactly, read_reply, wait_for
from support.process import PATIENCE


def answers(d, request):
    try:
        return d.udp(request, timeout=0.5) == request
    except socket.timeout:
        return False


def both_loopbacks():
    return ("127.0.0.1:0", "[::1]:0")


def test_udp_and_tcp_answer_on_both_families_on_one_free_port(daemon):
    d = daemon(listen=both_loopbacks())
    assert [host for host, _ in d.addresses] == ["127.0.0.1", "::1"]
    assert d.addresses[0][1] == d.addresses[1][1] != 0
    for address in d.addresses:
        assert d.udp(b"Ehello", address) == b"Ehello"
        assert d.tcp(b"Ehello", address) == b"Ehello"


def test_replies_leave_from_the_address_that_was_asked(daemon):
    d = daemon(listen=["*:0"])
    port = d.addresses[0][1]
    for host in ("127.0.0.1", "127.1.2.3", "::1"):
        assert d.udp(b"Ex", (host, port)) == b"Ex"  # a connected socket takes it from there only


def test_a_port_in_use_is_refused(daemon, tmp_path):
    d = daemon()
    other = tmp_path / "other"
    other.mkdir()
    second = Daemon(other, listen=[f"127.0.0.1:{d.address[1]}"])
    assert second.process.wait(10) == 1
    assert "Address already in use" in second.errors.read_text()


def test_all_workers_serve(daemon):
    d = daemon()
    pids = {int(d.udp(b"P")) for _ in range(60)}
    assert pids == set(d.workers()) and len(pids) == 2


@pytest.mark.parametrize("cores", [1, len(os.sched_getaffinity(0))], ids=["one", "all"])
def test_there_is_a_worker_for_each_core_that_may_be_used(daemon, cores):
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(mine)[:cores])
    try:
        d = daemon(workers=0)
    finally:
        os.sched_setaffinity(0, mine)
    assert len(d.workers()) == cores


def test_many_datagrams_are_all_answered(daemon):
    d = daemon()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(d.address)
        for start in range(0, 1000, 100):  # more would not fit this socket's own queue
            requests = {b"E%d" % i for i in range(start, start + 100)}
            for request in requests:
                sock.send(request)
            assert {sock.recv(100) for _ in range(100)} == requests


def test_a_reply_too_big_for_udp_is_refused_and_comes_by_tcp(daemon):
    d = daemon()
    assert d.udp(b"B") == b"refused KRB_ERR_RESPONSE_TOO_BIG"
    assert d.tcp(b"B") == b"b" * 10000
    assert any("KRB_ERR_RESPONSE_TOO_BIG" in line for line in d.log_lines(2))


def test_the_limit_of_udp_replies_is_configured(daemon):
    d = daemon(udp_max=20000)
    assert d.udp(b"B") == b"b" * 10000


@pytest.mark.parametrize("garbage", [b"", b"\0", b"garbage", b"z" * 60000],
                         ids=["empty", "zero", "word", "large"])
def test_garbage_over_udp_is_not_answered_with_more_bytes_than_sent(daemon, garbage):
    d = daemon()
    with pytest.raises(socket.timeout):
        d.udp(garbage, timeout=0.3)
    assert d.udp(b"Ealive") == b"Ealive"


def test_one_connection_carries_many_requests(daemon):
    d = daemon()
    with d.connect() as sock:
        for i in range(100):
            sock.sendall(frame(b"E%d" % i))
            assert read_reply(sock) == b"E%d" % i


def test_pipelined_requests_in_any_pieces_are_answered_in_order(daemon):
    d = daemon()
    stream = b"".join(frame(b"E%d" % i) for i in range(50))
    with d.connect() as sock:
        for at in range(0, len(stream), 7):
            sock.sendall(stream[at:at + 7])
        assert [read_reply(sock) for _ in range(50)] == [b"E%d" % i for i in range(50)]


def test_replies_that_are_not_fetched_stop_no_other_client(daemon):
    d = daemon(workers=1, request_ms=1500)
    with d.connect() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(0.5)
        try:
            for _ in range(200):
                sock.sendall(frame(b"B") * 100)  # ten kilobytes each come back
        except socket.timeout:
            pass
        assert d.tcp(b"Eother") == b"Eother"
        assert d.udp(b"Eother") == b"Eother"
        sizes = [int(open(f"/proc/{pid}/statm").read().split()[1]) * 4096 for pid in d.workers()]
        wait_for(lambda: d.counters()["tcp_timed_out"] == 1, "the deadline of the writer")
    assert max(sizes) < 200 << 20  # the sanitizer's own memory is most of it


def test_a_slow_reader_gets_everything(daemon):
    d = daemon(workers=1)
    with d.connect() as sock:
        sock.sendall(frame(b"B") * 1000)  # ten megabytes come back: more than the system holds
        wait_for(lambda: len(sock.recv(1 << 20, socket.MSG_PEEK)) >= 100000, "replies that wait")
        for _ in range(1000):
            assert read_reply(sock) == b"b" * 10000


@pytest.mark.parametrize("length", [0x80000000, 0xffffffff, 65537, 1 << 30])
def test_a_lying_length_is_refused_and_the_connection_closed(daemon, length):
    d = daemon()
    with d.connect() as sock:
        sock.sendall(struct.pack(">I", length) + b"x" * 3000)
        assert read_reply(sock) == b"refused KRB_ERR_FIELD_TOOLONG"
        assert sock.recv(1) == b""
    assert "KRB_ERR_FIELD_TOOLONG" in d.log_lines(1)[0]


def test_a_length_of_zero_closes_the_connection(daemon):
    d = daemon()
    with d.connect() as sock:
        sock.sendall(struct.pack(">I", 0))
        assert sock.recv(1) == b""


def test_a_request_that_never_ends_is_closed_at_its_deadline(daemon):
    d = daemon(request_ms=400)
    with d.connect() as sock:
        sock.sendall(struct.pack(">I", 100))
        start = time.monotonic()
        with pytest.raises((ConnectionError, EOFError)):
            while time.monotonic() < start + PATIENCE:
                sock.sendall(b"x")  # a byte now and then does not move the deadline
                sock.settimeout(0.05)
                try:
                    read_exactly(sock, 1)
                except socket.timeout:
                    pass
        assert time.monotonic() - start > 0.3


def test_a_connection_without_a_request_is_closed_and_an_idle_one_later(daemon):
    d = daemon(request_ms=300, idle_ms=3000)
    with d.connect() as silent, d.connect() as kept:
        kept.sendall(frame(b"Ex"))
        assert read_reply(kept) == b"Ex"
        assert silent.recv(1) == b""
        start = time.monotonic()
        kept.sendall(frame(b"Ey"))  # which is still open
        assert read_reply(kept) == b"Ey"
        assert kept.recv(1) == b""
        assert time.monotonic() - start > 2.5


def test_half_open_connections_hold_up_nobody(daemon):
    """mistakes.md I: MIT serves 45 connections at once, and idle ones stay."""
    d = daemon(workers=1)
    held = [d.connect() for _ in range(100)]
    for sock in held:
        sock.sendall(struct.pack(">I", 1000) + b"half")
    assert d.tcp(b"Enow") == b"Enow"
    assert d.udp(b"Enow") == b"Enow"
    for sock in held:
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):  # none had to go for it
            sock.recv(1)
        sock.close()


def test_a_thousand_connections_are_all_served(daemon):
    d = daemon(connections=3000, per_source=3000)
    held = [d.connect() for _ in range(1000)]
    for i, sock in enumerate(held):
        sock.sendall(frame(b"E%d" % i))
    for i, sock in enumerate(held):
        assert read_reply(sock) == b"E%d" % i
    assert d.counters()["tcp_open"] == 1000
    for sock in held:
        sock.close()
    wait_for(lambda: d.counters()["tcp_open"] == 0, "all connections closed")


def test_one_sender_displaces_its_own_oldest_connection(daemon):
    """mistakes.md I: bounds for each sender, not only for all."""
    d = daemon(workers=1, per_source=10)
    with d.connect(("127.0.0.1", d.address[1])) as busy:
        held = []
        for i in range(30):
            held.append(d.connect())
            busy.sendall(frame(b"E%d" % i))  # what is used stays
            assert read_reply(busy) == b"E%d" % i
        wait_for(lambda: d.counters()["tcp_evicted"] == 21, "the last one to be taken in")
        assert d.counters()["tcp_open"] == 10
        assert held[0].recv(1) == b""
        for sock in held:
            sock.close()


def test_when_all_places_are_taken_the_idlest_makes_room(daemon):
    d = daemon(workers=1, connections=10)
    held = [d.connect() for _ in range(40)]
    assert d.tcp(b"Ein") == b"Ein"
    assert d.counters()["tcp_open"] <= 10
    for sock in held:
        sock.close()


@pytest.mark.parametrize("senders, displaced", [(300, False), (1500, True)])
def test_halves_of_large_requests_do_not_take_all_memory(daemon, senders, displaced):
    d = daemon(workers=1, connections=4000, per_source=4000, request_ms=60000)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    held = []
    try:
        for _ in range(senders):
            held.append(d.connect())
            held[-1].sendall(struct.pack(">I", 65000) + b"x" * 60000)
        assert d.tcp(b"Eother") == b"Eother"
        if displaced:
            wait_for(lambda: d.counters()["tcp_evicted"] > senders / 4, "the oldest to go")
        else:
            assert d.counters()["tcp_evicted"] == 0
        held[-1].sendall(b"x" * 4999 + b"x")  # the newest is not the one that goes
        assert d.tcp(b"Eother") == b"Eother"
    finally:
        for sock in held:
            sock.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_killed_worker_is_replaced_at_once_and_no_datagram_is_lost(daemon):
    """CVE-2010-4022: the end of a child ended the service."""
    d = daemon(workers=1)
    for _ in range(3):
        before = d.workers()
        with pytest.raises(socket.timeout):
            d.udp(b"K", timeout=0.01)
        wait_for(lambda: d.workers() not in (before, []), "the new worker")
        assert d.udp(b"Eback") == b"Eback"
    assert "starts again in" not in d.errors.read_text()  # there was no pause
    assert d.counters()["worker_restarts"] == 3
    assert "ended by signal 9" in d.errors.read_text()


def test_an_answer_waits_for_no_costly_requests_behind_it(daemon):
    """Three requests of 2 ms each and the worker's end come out of the socket in one batch: the three are answered."""
    d = daemon(workers=1)
    [worker] = d.workers()
    os.kill(worker, signal.SIGSTOP)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(d.address)
        for request in (b"L1", b"L2", b"L3", b"K"):
            sock.send(request)
        os.kill(worker, signal.SIGCONT)
        assert [sock.recv(100) for _ in range(3)] == [b"L1", b"L2", b"L3"]


def test_a_worker_that_cannot_stay_up_is_started_with_pauses(daemon):
    d = daemon(workers=1)
    deaths = 0
    while "starts again in 200 ms" not in d.errors.read_text():
        deaths += 1
        assert deaths < 100, d.errors.read_text()
        with pytest.raises(socket.timeout):
            d.udp(b"K", timeout=0.01)
        wait_for(lambda: d.errors.read_text().count("was ended by signal 9") == deaths, "the end")
    assert "starts again in 50 ms" in d.errors.read_text() and "starts again in 100 ms" in d.errors.read_text()
    assert d.counters()["worker_restarts"] == deaths >= 6  # three are free
    wait_for(lambda: answers(d, b"Eback"), "an answer")


def test_the_other_worker_serves_while_one_is_dead(daemon):
    d = daemon(workers=2)
    os.kill(d.workers()[0], signal.SIGKILL)
    answered = 0
    for i in range(20):
        answered += d.udp(b"E%d" % i) == b"E%d" % i
    assert answered == 20


def test_children_end_when_the_parent_is_killed(daemon):
    d = daemon()
    pids = [pid for _, pid in d.children()]
    assert len(pids) == 4
    d.process.kill()
    d.process.wait()
    wait_for(lambda: not any(os.path.exists(f"/proc/{pid}") and
                             open(f"/proc/{pid}/stat").read().split()[2] != "Z" for pid in pids), "the end of the children")


def test_sighup_takes_a_good_configuration_without_losing_a_request(daemon):
    d = daemon()
    assert d.udp(b"C") == b"first"
    d.write_config(mark="second")
    d.signal(signal.SIGHUP)
    def asked():
        assert d.udp(b"C") in (b"first", b"second")
        assert d.tcp(b"C") in (b"first", b"second")
        return "configuration reloaded" in d.errors.read_text()
    wait_for(asked, "the reload")
    wait_for(lambda: len(d.workers()) == 2, "the old workers to end")
    assert {d.udp(b"C") for _ in range(20)} == {b"second"}
    assert d.counters()["reloads"] == 1


@pytest.mark.parametrize("change", [{"nonsense": "1"}, {"mark": "unusable"}])
def test_sighup_refuses_a_bad_configuration_and_says_why(daemon, change):
    d = daemon()
    d.write_config(**change)
    d.signal(signal.SIGHUP)
    d.wait_for_error("reload refused, the old configuration stays")
    assert d.udp(b"C") == b"first"
    assert d.counters()["reloads_refused"] == 1


def test_several_reloads_in_a_row_leave_one_set_of_workers(daemon):
    d = daemon()
    for i in range(3):
        d.write_config(mark=f"mark{i}")
        d.signal(signal.SIGHUP)
        wait_for(lambda: d.errors.read_text().count("configuration reloaded") == i + 1,
                 "the reload")
    wait_for(lambda: len(d.workers()) == 2, "the old workers to end")
    assert d.udp(b"C") == b"mark2"


def test_sigterm_answers_what_is_in_flight_and_ends_with_0(daemon):
    d = daemon(workers=1)
    with d.connect() as sock:
        sock.sendall(frame(b"W"))
        d.wait_for_error("the stub is at work")
        d.signal(signal.SIGTERM)
        assert read_reply(sock) == b"W"
    assert d.process.wait(10) == 0
    assert "AS ok" in d.log.read_text()
    assert json.loads(d.status.read_text())["requests"]["AS"] == 1


def test_sigint_ends_it_too(daemon):
    d = daemon()
    d.signal(signal.SIGINT)
    assert d.process.wait(10) == 0


def test_the_log_tells_who_what_and_why_as_text(daemon):
    d = daemon(workers=1)
    d.udp(b"Ealice@R")
    d.udp(b"Feve\n\x1b[2J@R")
    ok, failed = d.log_lines(2)
    assert " AS ok client=alice@R from=udp:127.0.0.1:" in ok
    assert " AS KDC_ERR_PREAUTH_FAILED client=\"eve\\u000a\\u001b[2J@R\"" in failed
    assert "stage=\"check proof\" section=\"RFC 4120 3.1.3\"" in failed
    assert "reason=\"no key \\\"opens\\\" it\"" in failed


def test_the_log_tells_the_same_as_json(daemon):
    d = daemon(json="yes")
    d.tcp(b"Feve\n@R")
    line = json.loads(d.log_lines(1)[0])
    assert line["client"] == "eve\n@R"
    assert line["result"] == "KDC_ERR_PREAUTH_FAILED"
    assert line["transport"] == "tcp" and line["address"] == "127.0.0.1"
    assert line["stage"] == "check proof" and line["us"] >= 0


def test_every_request_has_its_line(daemon):
    d = daemon()
    with d.connect() as sock:
        for i in range(2000):
            sock.sendall(frame(b"E%d" % i))
            read_reply(sock)
    assert len(d.log_lines(2000)) == 2000
    assert d.counters()["log_lost"] == 0


def test_a_rotated_log_is_opened_again_on_sighup(daemon):
    d = daemon()
    d.udp(b"Eone")
    d.log_lines(1)
    d.log.rename(d.directory / "log.1")
    d.signal(signal.SIGHUP)
    d.wait_for_error("configuration reloaded")
    d.udp(b"Etwo")
    assert "client=two" in d.log_lines(1)[0]


def test_a_killed_log_writer_is_replaced_and_loses_nothing_that_was_queued(daemon):
    d = daemon()
    os.kill(dict((name, pid) for name, pid in d.children())["obol-log"], signal.SIGKILL)
    for i in range(20):
        d.udp(b"E%d" % i)
    assert len(d.log_lines(20)) == 20


def test_logins_are_kept_in_groups_by_a_process_of_their_own(daemon, tmp_path):
    kept = tmp_path / "kept"
    d = daemon(keep=kept, keep_ms=200)
    for i in range(50):
        d.udp(b"F%d" % i)
    d.udp(b"Ex")  # means nothing for any account
    # The file stands a moment before its first line does.
    wait_for(lambda: kept.exists() and kept.read_text().endswith(" 50\n"), "50 failures")
    assert kept.read_text().splitlines()[-1] == "50 50"
    assert len(kept.read_text().splitlines()) < 10
    d.udp(b"Flast")
    d.stop()
    assert kept.read_text().splitlines()[-1] == "51 51"


def test_the_counters_tell_what_happened(daemon):
    d = daemon()
    d.udp(b"Ex")
    d.tcp(b"Fx")
    with pytest.raises(socket.timeout):
        d.udp(b"?", timeout=0.1)
    wait_for(lambda: d.counters()["requests"]["MALFORMED"] == 1, "the garbage to be counted")
    c = d.counters()
    assert {kind: n for kind, n in c["requests"].items() if n} == {"AS": 2, "MALFORMED": 1}
    assert c["results"] == {"ok": 1, "KDC_ERR_PREAUTH_FAILED": 1, "DER_MALFORMED": 1}
    assert c["udp_received"] == 2 and c["udp_silent"] == 1 and c["tcp_requests"] == 1
    assert sum(c["at_most_us"].values()) == 3


def test_readiness_is_told_to_a_service_manager(tmp_path, daemon, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        path = str(tmp_path / "notify")
        manager.bind(path)
        manager.settimeout(PATIENCE)
        monkeypatch.setenv("NOTIFY_SOCKET", path)
        d = daemon()
        assert manager.recv(100) == b"READY=1"
        d.signal(signal.SIGHUP)
        assert manager.recv(100).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
        assert manager.recv(100) == b"READY=1"
        d.stop()
        assert manager.recv(100) == b"STOPPING=1"


def test_an_audit_log_has_every_request_while_the_log_has_failures(daemon, tmp_path):
    audit = tmp_path / "audit"
    d = daemon(workers=1, audit=audit, failures_only="yes")
    d.udp(b"Ealice@R")
    d.udp(b"Feve@R")
    assert "client=eve@R" in d.log_lines(1)[0]
    assert len(d.log.read_text().splitlines()) == 1
    clients = [json.loads(line)["client"] for line in audit.read_text().splitlines()]
    assert clients == ["alice@R", "eve@R"]


def test_tcp_can_have_addresses_of_its_own(daemon):
    d = daemon(tcp_listen="127.0.0.2:0")
    assert "127.0.0.1:" in d.ready_line and "/udp" in d.ready_line and "/tcp" in d.ready_line
    port = d.addresses[0][1]
    assert d.udp(b"Ex", ("127.0.0.1", port)) == b"Ex"
    assert d.tcp(b"Ex", ("127.0.0.2", port)) == b"Ex"
    with pytest.raises(ConnectionRefusedError):
        d.tcp(b"Ex", ("127.0.0.1", port))


def test_lines_that_find_no_room_are_counted_and_the_loss_is_logged(daemon):
    d = daemon(workers=1)
    scribe = dict(d.children())["obol-log"]
    os.kill(scribe, signal.SIGSTOP)
    with d.connect() as sock:
        for _ in range(300):  # pipelined, and each line is long
            sock.sendall(frame(b"E" + b"x" * 900) * 20)
            for _ in range(20):
                read_reply(sock)
    os.kill(scribe, signal.SIGCONT)
    wait_for(lambda: "log lines were lost" in d.log.read_text(), "the line that tells the loss")
    lost = int(re.search(r"(\d+) log lines were lost", d.log.read_text()).group(1))
    assert lost == d.counters()["log_lost"] > 0
    assert d.log.read_text().count(" AS ok ") == 6000 - lost


def test_logins_that_find_no_room_are_counted_and_told(daemon, tmp_path):
    kept = tmp_path / "kept"
    d = daemon(workers=1, keep=kept, keep_ms=50, log="/dev/null")
    keeper = dict(d.children())["obol-keeper"]
    os.kill(keeper, signal.SIGSTOP)
    with d.connect() as sock:
        for _ in range(300):
            sock.sendall(frame(b"F" + b"x" * 900) * 20)
            for _ in range(20):
                read_reply(sock)
    lost = d.counters()["logins_lost"]
    assert 0 < lost < 6000
    os.kill(keeper, signal.SIGCONT)
    d.wait_for_error(f"obol: {lost} logins and failures are not stored")
    wait_for(lambda: kept.exists() and kept.read_text().split()[-2:] == [str(6000 - lost)] * 2, "what there was room for")


def test_a_store_that_takes_no_logins_is_told_of_once_and_when_it_does_again(daemon, tmp_path):
    kept = tmp_path / "gone" / "kept"
    d = daemon(workers=1, keep=kept, keep_ms=20)
    for i in range(3):
        d.udp(b"Feve%d@R" % i)
        d.wait_for_error(f"login times are not stored: an input or output operation failed: {kept}")
    kept.parent.mkdir()
    d.udp(b"Feve@R")
    d.wait_for_error("login times are stored again")
    assert d.errors.read_text().count("login times are not stored") == 1
    assert kept.read_text().split()[0] == "4"


def test_a_line_that_the_disk_cuts_harms_no_other_and_the_loss_is_told(daemon, tmp_path):
    audit = tmp_path / "audit"
    d = daemon(workers=1, log="/dev/null", audit=audit)
    d.udp(b"Ealice@R")
    wait_for(lambda: audit.exists() and "alice" in audit.read_text(), "the first line")
    scribe = dict(d.children())["obol-log"]
    limits = resource.prlimit(scribe, resource.RLIMIT_FSIZE)
    resource.prlimit(scribe, resource.RLIMIT_FSIZE, (audit.stat().st_size + 20, limits[1]))
    for i in range(5):
        assert d.udp(b"Ebob%d@R" % i) == b"Ebob%d@R" % i
    d.wait_for_error(f"the audit log {audit} cannot be written: File too large")
    wait_for(lambda: d.counters()["log_unwritten"] == 5, "the count of lines")
    resource.prlimit(scribe, resource.RLIMIT_FSIZE, limits)
    wait_for(lambda: "5 log lines were lost" in audit.read_text(), "the line that tells the loss")
    d.wait_for_error(f"the audit log {audit} is written again")
    d.udp(b"Ecarol@R")
    wait_for(lambda: "carol" in audit.read_text(), "the last line")
    first, cut, *rest = audit.read_text().splitlines()
    assert len(cut) <= 20 and json.loads(first)["client"] == "alice@R"
    assert [json.loads(line).get("client") for line in rest] == [None, "carol@R"]


def test_a_full_disk_stops_no_request(daemon):
    d = daemon(log="/dev/full")
    for i in range(50):
        assert d.udp(b"E%d" % i) == b"E%d" % i
    d.wait_for_error("the log /dev/full cannot be written: No space left on device")
    assert d.tcp(b"Ealive") == b"Ealive"
