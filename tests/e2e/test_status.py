# test_status.py: obol status, and the figures as Prometheus reads them.
import contextlib
import json
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.obol import binary, obol_env
from support.process import Daemon, free_port, run

from daemon import wait_for

REALM = "STATUS.TEST"


class Realm:
    def __init__(self, directory):
        self.dir, self.home, self.port, self.metrics = directory, directory / "home", free_port(), free_port()
        self.obol("realm", "create", REALM, "--listen", f"127.0.0.1:{self.port}")
        conf = self.home / "kdc.conf"
        conf.write_text(conf.read_text().replace(
            "[kdcdefaults]\n", f"[kdcdefaults]\n    metrics_listen = 127.0.0.1:{self.metrics}\n"))
        self.obol("principal", "add", "alice", "--password-stdin", input="secret\n")
        krb5 = directory / "krb5.conf"
        krb5.write_text(f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
                        f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{self.port}\n }}\n")
        self.env = {**obol_env(), "KRB5_CONFIG": str(krb5), "KRB5CCNAME": f"FILE:{directory}/cc"}
        self.log = directory / "log"
        self.daemon = Daemon([binary(), "serve", "--home", self.home, "--workers", "2"], self.log, obol_env(),
                             self.port)
        self.daemon.wait_port(self.metrics)

    def obol(self, *words, input=""):
        return run([binary(), *words, "--home", self.home], obol_env(), input)

    def status(self):
        return json.loads(self.obol("status", "--json").ok().out)

    def page(self, path="/metrics"):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}{path}", timeout=10) as answer:
            return answer.read().decode()

    def login(self, password="secret"):
        return run([binary(), "login", "--password-stdin", "alice"], self.env, password + "\n")


@pytest.fixture(scope="module")
def realm(tmp_path_factory):
    r = Realm(tmp_path_factory.mktemp("status"))
    yield r
    r.daemon.stop()


def test_status_counts_what_happened(realm):
    before = realm.status()
    realm.login().ok()
    realm.login("wrong").failed()
    after = realm.status()
    assert after["requests"]["AS"] >= before["requests"]["AS"] + 4
    assert after["results"]["ok"] == before["results"].get("ok", 0) + 1
    assert after["transports"]["udp"] > before["transports"]["udp"]
    assert any(o["kind"] == "AS" and o["result"] == "KDC_ERR_PREAUTH_FAILED" and o["stage"] == "preauthenticate"
               for o in after["outcomes"])
    assert after["workers"] == 2 and after["store_bytes"] > 0
    assert after["record_lookups"] > after["records_decoded"] > 0
    assert sum(after["at_most_us"].values()) == sum(after["requests"].values())


def test_status_is_a_table_for_people(realm):
    text = realm.obol("status").ok().out
    for word in ("serving", "2 workers", "requests", "latency", "records", "queue", "store"):
        assert word in text


def test_a_home_that_nobody_serves_says_so(realm, tmp_path):
    refused = run([binary(), "status", "--home", tmp_path], obol_env()).failed()
    assert "nobody serves" in refused.text and "obol serve" in refused.text


@pytest.mark.parametrize("answer, told", [
    (b"", "it closed the connection without a word"),
    (b"SSH-2.0-OpenSSH\r\n\r\n", "what it says is no HTTP"),
    (b"HTTP/1.0 500 Not today\r\n\r\n", "HTTP status 500"),
    (b"HTTP/1.0 200 OK\r\n", "HTTP status 200"),
    (bytes(2 * 1024 * 1024), "it is longer than any that a daemon gives")],
    ids=["nothing", "no HTTP", "a refusal", "cut off", "too long"])
def test_what_is_no_daemon_is_told_as_what_it_is(tmp_path, answer, told):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "status.sock"))
        listening.listen()

        def serve():
            with listening.accept()[0] as s, contextlib.suppress(OSError):
                s.recv(4096)
                s.sendall(answer)

        with ThreadPoolExecutor() as pool:
            served = pool.submit(serve)
            refused = run([binary(), "status", "--home", tmp_path], obol_env()).failed()
            served.result()
    assert str(tmp_path) in refused.text and told in " ".join(refused.text.split())


def test_prometheus_reads_the_figures(realm):
    realm.login().ok()
    # Its own parser, in Debian's Python: a program of its own.
    families = subprocess.run(
        ["/usr/bin/python3", "-c", "import sys, json\n"
         "from prometheus_client.parser import text_string_to_metric_families as read\n"
         "print(json.dumps([[f.name, f.type, [[s.name, s.labels, s.value] for s in f.samples]]"
         " for f in read(sys.stdin.read())]))"],
        input=realm.page(), capture_output=True, text=True, check=True).stdout
    found = {name: (kind, samples) for name, kind, samples in json.loads(families)}
    kind, samples = found["obol_requests"]
    assert kind == "counter"
    assert any(labels == {"type": "AS", "result": "ok", "stage": ""} and value >= 1
               for _, labels, value in samples)
    kind, samples = found["obol_request_duration_seconds"]
    assert kind == "histogram"
    buckets = [value for name, _, value in samples if name.endswith("_bucket")]
    assert buckets == sorted(buckets) and buckets[-1] == samples[-1][2]
    assert found["obol_workers"][1][0][2] == 2
    assert all(re.fullmatch(r"obol_[a-z_]+", name) for name in found)


def test_prometheus_own_tool_finds_nothing_to_complain_of(realm):
    realm.login().ok()
    page = realm.page()
    said = run(["promtool", "check", "metrics"], input=page).ok()
    assert said.text == ""
    # It does complain of what is against its rules.
    run(["promtool", "check", "metrics"], input=page.replace("obol_reloads_total", "obol_reloads")).failed()


def test_there_is_nothing_else_on_that_port(realm):
    for path in ("/", "/metrics/", "/../metrics", "/status.sock"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            realm.page(path)
        assert refused.value.code == 404
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{realm.metrics}/metrics", data=b"x", timeout=10)
    assert refused.value.code == 405
    assert refused.value.headers["Allow"] == "GET, HEAD"  # RFC 9110 15.5.6


def test_the_figures_outlive_a_reload_and_the_socket_is_the_owners(realm):
    assert (realm.home / "status.sock").stat().st_mode & 0o777 == 0o600
    before = realm.status()
    realm.daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "configuration reloaded" in realm.log.read_text(), "the reload")
    after = realm.status()
    assert after["reloads"] == before["reloads"] + 1
    assert after["requests"]["AS"] >= before["requests"]["AS"]
    realm.daemon.stop()
    assert not (realm.home / "status.sock").exists()
