# test_realms.py: several realms in one server: each request reaches its own realm's data, over a reload
# too, and a realm that is not served is told as such.
import json
import signal
import threading

import pytest

from support.obol import binary, obol_env
from support.process import Daemon, free_port, run

from daemon import wait_for

REALMS = ["ONE.TEST", "TWO.TEST", "THREE.TEST"]


class Realms:
    def __init__(self, directory):
        self.dir, self.port, self.log = directory, free_port(), directory / "log"
        for name in REALMS:
            self.obol(name, "realm", "create", name, "--listen", f"127.0.0.1:{self.port}")
            # The same name everywhere, with another password.
            self.obol(name, "principal", "add", "alice", "--password-stdin", input=f"secret of {name}\n")
            self.obol(name, "spn", "add", f"HTTP/www.{name.lower()}")
        self.conf = directory / REALMS[0] / "kdc.conf"
        self.plain = self.conf.read_text()
        self.serve_also(f"{directory}/{REALMS[1]} ../{REALMS[2]}")
        krb5 = directory / "krb5.conf"
        krb5.write_text(f"[libdefaults]\n default_realm = {REALMS[0]}\n dns_lookup_kdc = false\n[realms]\n" + "".join(
            f" {name} = {{\n  kdc = 127.0.0.1:{self.port}\n }}\n" for name in [*REALMS, "ELSEWHERE.TEST"]))
        self.env = {**obol_env(), "KRB5_CONFIG": str(krb5)}
        self.daemon = Daemon([binary(), "serve", "--home", directory / REALMS[0], "--workers", "2"], self.log,
                             obol_env(), self.port)

    def serve_also(self, homes, extra=""):
        self.conf.write_text(self.plain.replace(
            "[kdcdefaults]\n", f"[kdcdefaults]\n    audit_log = audit.log\n    also_serve = {homes}\n{extra}"))

    def obol(self, realm, *words, input=""):
        return run([binary(), *words, "--home", self.dir / realm], obol_env(), input).ok()

    def login(self, realm, password, cache="cc"):
        env = {**self.env, "KRB5CCNAME": f"FILE:{self.dir}/{cache}"}
        return run([binary(), "login", "--password-stdin", f"alice@{realm}"], env, password + "\n"), env

    def reload(self, text="configuration reloaded"):
        before = self.log.read_text().count(text)
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.log.read_text().count(text) > before, text)


@pytest.fixture(scope="module")
def realms(tmp_path_factory):
    r = Realms(tmp_path_factory.mktemp("realms"))
    yield r
    r.daemon.stop()


@pytest.mark.parametrize("name", REALMS)
def test_each_realm_has_its_own_accounts_and_services(realms, name):
    done, env = realms.login(name, f"secret of {name}")
    done.ok()
    run([binary(), "ticket", f"HTTP/www.{name.lower()}@{name}"], env).ok()
    other = REALMS[(REALMS.index(name) + 1) % len(REALMS)]
    realms.login(name, f"secret of {other}")[0].failed()
    run([binary(), "ticket", f"HTTP/www.{other.lower()}@{name}"], env).failed()


def test_a_realm_that_is_not_served_is_told_as_such(realms):
    refused = realms.login("ELSEWHERE.TEST", "x")[0].failed()
    assert "realm" in refused.text
    wait_for(lambda: "KDC_ERR_WRONG_REALM" in realms.log.read_text(), "the refusal")
    assert 'the request is for realm \\"ELSEWHERE.TEST\\", this is the KDC of ONE.TEST' in realms.log.read_text()


def test_logins_are_kept_in_the_store_of_their_realm(realms):
    realms.login("TWO.TEST", "secret of TWO.TEST")[0].ok()

    def last_login():
        return json.loads(realms.obol("TWO.TEST", "principal", "show", "alice", "--json").out)["last_success"]

    wait_for(lambda: last_login() not in (None, 0, "never"), "the last login")


def test_reloads_lose_no_request_of_any_realm(realms):
    failures, stop = [], threading.Event()

    def log_in(name):
        while not stop.is_set():
            done, _ = realms.login(name, f"secret of {name}", cache=f"cc-{name}")
            if done.status != 0:
                failures.append(str(done))

    threads = [threading.Thread(target=log_in, args=(name,)) for name in REALMS]
    for thread in threads:
        thread.start()
    for _ in range(3):
        realms.reload()
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures, failures[0]


def test_a_reload_takes_a_realm_away_and_a_bad_one_is_refused(realms):
    realms.serve_also(f"../{REALMS[1]}")
    realms.reload()
    realms.login("TWO.TEST", "secret of TWO.TEST")[0].ok()
    realms.login("THREE.TEST", "secret of THREE.TEST")[0].failed()
    realms.serve_also(f"../{REALMS[1]} ../nowhere")
    realms.reload("reload refused")
    realms.login("TWO.TEST", "secret of TWO.TEST")[0].ok()
    realms.serve_also(f"../{REALMS[1]} ../{REALMS[1]}")
    realms.reload("the realm TWO.TEST is served already")
    realms.serve_also(f"../{REALMS[1]} ../{REALMS[2]}")
    realms.reload()
    realms.login("THREE.TEST", "secret of THREE.TEST")[0].ok()


def test_a_reload_tells_what_is_odd_in_the_flags_of_new_principals(realms):
    second = realms.dir / REALMS[1] / "kdc.conf"
    plain = second.read_text()
    try:
        second.write_text(plain.replace("    }", "        default_principal_flags = +preauth -service\n    }", 1))
        realms.reload()
    finally:
        second.write_text(plain)
    line = next(line for line in realms.log.read_text().splitlines() if "default_principal_flags" in line)
    assert line.startswith(f"obol: {realms.dir}") and "'-service' takes all new principals, services too" in line
    assert line.endswith("leave it out")


@pytest.fixture
def two(tmp_path):
    """A function that begins to serve two realms, the second of which says these words about its address."""
    port, daemons = free_port(), []

    def obol(realm, *words):
        run([binary(), *words, "--home", tmp_path / realm], obol_env()).ok()

    def begin(second=None, first="127.0.0.1"):
        obol("ONE.TEST", "realm", "create", "ONE.TEST", "--listen", f"{first}:{port}")
        obol("TWO.TEST", "realm", "create", "TWO.TEST", *(["--listen", f"{second}:{port}"] if second else []))
        conf = tmp_path / "ONE.TEST" / "kdc.conf"
        conf.write_text(conf.read_text().replace("[kdcdefaults]\n", "[kdcdefaults]\n    also_serve = ../TWO.TEST\n"))
        words = [binary(), "serve", "--home", conf.parent, "--workers", "1"]
        daemons.append(Daemon(words, tmp_path / "log", obol_env()))
        return daemons[0], port
    yield begin
    for daemon in daemons:
        daemon.stop()


def test_a_further_realm_with_the_default_address_adds_none(two):
    """Its port of 88 is root's, and somebody else may serve there."""
    daemon, port = two()
    daemon.wait_text(f"serving on 127.0.0.1:{port}, UDP and TCP,")


@pytest.mark.parametrize("first, second", [("127.0.0.1", "0.0.0.0"), ("0.0.0.0", "127.0.0.1")])
def test_a_realm_at_all_addresses_and_one_at_one_of_them_are_served_together(two, first, second):
    daemon, port = two(second, first)
    daemon.wait_text(f"serving on 0.0.0.0:{port}, UDP and TCP,")


def test_an_address_of_a_further_realm_that_cannot_be_had_is_told_with_the_realm(two):
    daemon, port = two("192.0.2.1")
    assert daemon.process.wait() == 1
    assert f"listen address 192.0.2.1:{port}, of the realm TWO.TEST: Cannot assign" in daemon.log.read_text()


def test_a_reload_that_goes_back_to_the_bound_addresses_is_told_nothing(realms):
    told = "listen addresses and the number of workers change only at a restart"
    bound, before = realms.conf.read_text(), realms.log.read_text().count(told)
    try:
        realms.conf.write_text(bound.replace(f":{realms.port}", f":{free_port()}"))
        realms.reload()
    finally:
        realms.conf.write_text(bound)
        realms.reload()
    assert realms.log.read_text().count(told) == before + 1
    realms.login("ONE.TEST", "secret of ONE.TEST")[0].ok()
