# test_serve.py: obol serve: the KDC as a daemon, over a realm of its own. The client is MIT's, and
# raw sockets where no client would behave so.
import json
import os
import re
import signal
import subprocess
import time

import pytest

from daemon import frame, read_reply, wait_for
from served import ENVIRONMENT, OBOL


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_a_login_works_and_the_log_tells_it(realm, tcp):
    r = realm()
    done = r.kinit(tcp=tcp)
    assert done.returncode == 0, done.stderr
    lines = "\n".join(r.log_lines(3))
    assert " AS KDC_ERR_PREAUTH_REQUIRED client=alice@OBOL.TEST" in lines
    assert " AS ok client=alice@OBOL.TEST server=krbtgt/OBOL.TEST@OBOL.TEST" in lines
    assert f"from={'tcp' if tcp else 'udp'}:127.0.0.1:" in lines
    assert "account=success" in lines


def test_a_wrong_password_is_told_with_its_facts(realm):
    r = realm()
    done = r.kinit(password="hunter2hunter2")
    assert "Password incorrect" in done.stderr, done.stderr
    wait_for(lambda: "account=failure" in r.log.read_text(), "the failure")
    line = next(line for line in r.log.read_text().splitlines() if "account=failure" in line)
    assert " AS KDC_ERR_PREAUTH_FAILED client=alice@OBOL.TEST" in line
    assert 'section="RFC 4120' in line and "kvno" in line
    assert "hunter2" not in r.log.read_text()


def test_a_reply_too_big_for_udp_makes_the_client_come_by_tcp(realm):
    r = realm(defaults=" max_udp_reply = 512")
    done = r.kinit()
    assert done.returncode == 0, done.stderr
    lines = "\n".join(r.log_lines(4))
    assert "KRB_ERR_RESPONSE_TOO_BIG" in lines and "from=tcp:" in lines


def test_last_login_and_failures_reach_the_store(realm):
    r = realm()
    assert r.kinit(password="wrong").returncode != 0

    def shown():
        return json.loads(r.obol("principal", "show", "alice", "--json"))

    wait_for(lambda: shown()["failures"] == 1, "the failure")
    assert r.kinit().returncode == 0
    wait_for(lambda: shown()["failures"] == 0 and shown()["last_success"], "the success")


def test_an_account_locks_after_failures_whichever_worker_saw_them(realm):
    r = realm(realm="  lockout_failures = 4\n  lockout_duration = 1h")
    for _ in range(4):
        assert r.kinit(password="wrong").returncode != 0
    assert "revoked" in r.kinit().stderr
    r.stop()
    r.start()  # it is in the store by now
    assert "revoked" in r.kinit().stderr


def test_the_log_tells_of_an_unknown_client_that_the_client_does_not_hear_of(realm):
    r = realm(realm="  hide_unknown_users = true")
    done = r.kinit("mallory")
    assert "not found" not in done.stderr
    wait_for(lambda: "client=mallory@OBOL.TEST" in r.log.read_text() and
             'reason="there is no such client; it was answered as if there were"' in r.log.read_text(), "the line")


def test_a_killed_worker_is_replaced_and_logins_go_on(realm):
    r = realm()
    for pid in r.workers():
        os.kill(pid, signal.SIGKILL)
    assert r.kinit().returncode == 0
    assert r.counters()["worker_restarts"] == 2


def test_a_principal_made_while_it_serves_can_log_in_at_once(realm):
    r = realm()
    assert r.kinit("bob", "secret").returncode != 0
    r.obol("principal", "add", "bob", password="secret")
    assert r.kinit("bob", "secret").returncode == 0
    r.obol("principal", "password", "bob", password="another")
    assert r.kinit("bob", "secret").returncode != 0
    assert r.kinit("bob", "another").returncode == 0


def test_sighup_takes_a_new_lifetime_and_refuses_a_mistake_by_file_and_line(realm):
    r = realm()
    r.configure(realm="  max_life = 5 oranges")
    r.signal(signal.SIGHUP)
    r.wait_for_error("reload refused, the old configuration stays")
    assert re.search(r"kdc\.conf:\d+: .*max_life", r.errors.read_text())
    assert r.kinit().returncode == 0
    r.configure(realm="  max_life = 1h")
    r.signal(signal.SIGHUP)
    r.wait_for_error("configuration reloaded")
    assert r.kinit().returncode == 0
    listed = subprocess.run(["klist", "-c", r.directory / "cc"], text=True, capture_output=True,
                            env={"PATH": os.environ["PATH"], "TZ": "UTC", "LC_ALL": "C"}).stdout
    start, end = re.search(r"(\S+ \S+)  (\S+ \S+)  krbtgt", listed).groups()
    form = "%m/%d/%y %H:%M:%S"
    life = time.mktime(time.strptime(end, form)) - time.mktime(time.strptime(start, form))
    assert life == 3600


@pytest.mark.parametrize("garbage", [b"\x6a", b"\x6a\x84\xff\xff\xff\xff", b"\x6a\x82" + b"0" * 500,
                                     b"\x30\x80" * 400, b"GET / HTTP/1.0\r\n\r\n", b"\0" * 1500],
                         ids=["tag", "length", "body", "nested", "http", "zeros"])
def test_garbage_is_never_answered_with_more_bytes_than_it_has(realm, garbage):
    r = realm()
    try:
        assert len(r.udp(garbage, timeout=0.4)) <= len(garbage)
    except TimeoutError:
        pass
    with r.connect() as sock:
        sock.sendall(frame(garbage))
        sock.shutdown(1)
        while sock.recv(4096):
            pass
    assert r.kinit().returncode == 0


def test_a_request_longer_than_the_limit_gets_a_krb_error(realm):
    r = realm(defaults=" max_request = 2k")
    with r.connect() as sock:
        sock.sendall(b"\x00\x00\x08\x01")
        reply = read_reply(sock)
        assert reply[0] == 0x7e  # KRB-ERROR
        assert b"\xa6\x03\x02\x01\x3d" in reply  # error-code 61, KRB_ERR_FIELD_TOOLONG
        assert sock.recv(1) == b""


def test_it_does_not_start_on_a_home_without_a_realm(tmp_path):
    done = subprocess.run([OBOL, "serve", "--home", tmp_path], text=True, capture_output=True,
                          timeout=20, env=ENVIRONMENT)
    assert done.returncode == 1
    assert "realm create" in done.stderr
