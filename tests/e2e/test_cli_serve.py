# test_cli_serve.py: what is made of a realm: keytabs that MIT reads, a KDC that MIT's kinit logs in
# to, and the page that only a ticket opens.
import json
import os
import re
import select
import signal
import stat
import subprocess

import pytest

from support.obol import binary, obol_env
from support.process import base_env, free_port, run, which

REALM = "SERVE.TEST"
SPN = "HTTP/localhost"


class Running:
    """A command that serves until it is stopped; `ready` is what it wrote to --ready-fd."""

    def __init__(self, directory, *words):
        self.errors = directory / f"{words[0]}.err"
        self.output = directory / f"{words[0]}.out"
        ready, write = os.pipe()
        with open(self.errors, "wb") as errors, open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [binary(), *map(str, words), "--ready-fd", str(write)], env=obol_env(),
                pass_fds=[write], stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        os.close(write)
        heard = select.select([ready], [], [], 30)[0]
        self.ready = os.read(ready, 4096).decode() if heard else ""
        os.close(ready)
        if not self.ready:
            self.process.kill()
            self.process.wait()
            raise AssertionError(self.errors.read_text())

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(20)


class Home:
    def __init__(self, directory):
        self.directory = directory
        self.path = directory / "home"
        self.keytab = directory / "http.keytab"

    def run(self, *words, input=""):
        return run([binary(), *words, "--home", self.path], obol_env(), input)

    def ok(self, *words, input=""):
        return self.run(*words, input=input).ok().out

    def client(self, port):
        """The environment of a client of this realm."""
        conf = self.directory / "krb5.conf"
        conf.write_text(f"[libdefaults]\n default_realm = {REALM}\n rdns = false\n"
                        " dns_canonicalize_hostname = false\n"
                        f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{port}\n }}\n"
                        f"[domain_realm]\n localhost = {REALM}\n")
        return {**base_env(), "KRB5_CONFIG": str(conf),
                "KRB5CCNAME": f"FILE:{self.directory}/cc"}


@pytest.fixture
def home(tmp_path):
    h = Home(tmp_path)
    h.ok("realm", "create", REALM, "--listen", "127.0.0.1:0")
    h.ok("principal", "add", "alice", "--password-stdin", input="wonderland\n")
    h.ok("spn", "add", SPN)
    h.ok("keytab", "create", h.keytab, SPN)
    return h


@pytest.fixture
def kdc(home):
    running = Running(home.directory, "serve", "--workers", "1", "--home", home.path)
    yield running
    running.stop()


def port_of(running):
    return int(re.search(r":(\d+)", running.ready).group(1))


def listed(keytab):
    return json.loads(run([binary(), "keytab", "list", keytab, "--json"], obol_env()).ok().out)["entries"]


def entries(text):
    return {(e["kvno"], e["enctype"]) for e in json.loads(text)["entries"]}


def test_a_keytab_is_its_owners_and_mit_reads_it(home):
    assert stat.S_IMODE(os.stat(home.keytab).st_mode) == 0o600
    shown = run([which("klist"), "-k", "-e", home.keytab], base_env()).ok().out
    assert f"{SPN}@{REALM} (aes256-cts-hmac-sha384-192)" in shown


def test_a_keytab_made_twice_is_the_same_twice(home):
    before = home.keytab.read_bytes()
    home.ok("keytab", "create", home.directory / "again.keytab", SPN)
    assert (home.directory / "again.keytab").read_bytes() == before
    before = listed(home.keytab)
    home.ok("keytab", "create", home.keytab, SPN)
    assert len(before) == 4 and sorted(listed(home.keytab), key=str) == sorted(before, key=str)


def test_rotation_makes_new_keys_and_keeps_old_ones_on_demand(home):
    written = entries(home.ok("keytab", "create", home.keytab, SPN, "--rotate", "--keep-old", "1", "--json"))
    assert {kvno for kvno, _ in written} == {1, 2}
    fresh = home.directory / "fresh.keytab"
    assert {kvno for kvno, _ in entries(home.ok("keytab", "create", fresh, SPN, "--rotate", "--json"))} == {3}


def test_a_keytab_holds_an_alias_under_its_own_name(home):
    home.ok("spn", "add", "HTTP/www.serve.test", SPN)
    home.ok("keytab", "create", home.directory / "www.keytab", "HTTP/www.serve.test")
    assert {e["principal"] for e in listed(home.directory / "www.keytab")} == {f"HTTP/www.serve.test@{REALM}"}


def test_an_unknown_spn_makes_no_keytab_and_rotates_nothing(home):
    path = home.directory / "none.keytab"
    err = home.run("keytab", "create", path, SPN, "HTTP/localhots", "--rotate").failed().err
    assert "did you mean HTTP/localhost?" in err
    assert not path.exists()
    assert json.loads(home.ok("principal", "show", SPN, "--json"))["kvno"] == 1


def test_a_file_that_cannot_be_made_rotates_nothing(home):
    err = home.run("keytab", "create", home.directory / "no" / "x.keytab", SPN, "--rotate").failed().err
    assert "directory" in err
    assert json.loads(home.ok("principal", "show", SPN, "--json"))["kvno"] == 1


def test_options_of_new_keys_want_rotation(home):
    result = home.run("keytab", "create", home.keytab, SPN, "--keep-old", "1").failed()
    assert result.status == 2 and "--rotate" in result.err


def test_a_keytab_that_is_not_named_is_that_of_the_environment(home):
    env = {**obol_env(), **home.client(1), "KRB5_KTNAME": f"FILE:{home.keytab}"}
    result = run([binary(), "keytab", "list"], env).ok()
    assert SPN in result.out and str(home.keytab) in result.out and result.err == ""


@pytest.mark.parametrize("content, said", [(None, "no keytab"), (b"not a keytab", "malformed")])
def test_a_keytab_that_is_none_is_refused(home, content, said):
    path = home.directory / "odd.keytab"
    if content:
        path.write_bytes(content)
    assert said in run([binary(), "keytab", "list", path], obol_env()).failed().err


def test_mit_logs_in_and_gets_a_service_ticket(home, kdc):
    env = home.client(port_of(kdc))
    run([which("kinit"), "alice"], env, "wonderland\n").ok()
    run([which("kvno"), "-k", home.keytab, f"{SPN}@{REALM}"], env).ok()
    assert f"{SPN}@{REALM}" in run([which("klist")], env).ok().out


def test_mit_is_told_of_a_wrong_password_and_an_unknown_user(home, kdc):
    env = home.client(port_of(kdc))
    assert "incorrect" in run([which("kinit"), "alice"], env, "looking glass\n").failed().err
    assert "not found" in run([which("kinit"), "nobody"], env, "x\n").failed().err


def test_mit_logs_in_by_keytab(home, kdc):
    keytab = home.directory / "alice.keytab"
    home.ok("keytab", "create", keytab, "alice")
    run([which("kinit"), "-k", "-t", keytab, "alice"], home.client(port_of(kdc))).ok()


def test_a_running_kdc_sees_changes_at_once(home, kdc):
    env = home.client(port_of(kdc))
    run([which("kinit"), "alice"], env, "wonderland\n").ok()
    home.ok("principal", "set", "alice", "--lock")
    assert "revoked" in run([which("kinit"), "alice"], env, "wonderland\n").failed().err
    home.ok("principal", "set", "alice", "--unlock")
    run([which("kinit"), "alice"], env, "wonderland\n").ok()


def test_the_daemon_ends_in_order(home, kdc):
    assert kdc.stop() == 0


def test_the_command_line_says_where_to_listen(home):
    running = Running(home.directory, "serve", "--workers", "1", "--listen", "127.0.0.1:0", "--listen",
                      "[::1]:0", "--home", home.path)
    try:
        assert len(re.findall(r"127\.0\.0\.1:\d+|\[::1\]:\d+", running.ready)) == 2
    finally:
        assert running.stop() == 0


def test_a_port_takes_the_place_of_those_of_kdc_conf(home):
    port = free_port()
    running = Running(home.directory, "serve", "--workers", "1", "--port", port, "--home", home.path)
    try:
        assert f"127.0.0.1:{port}" in running.ready
    finally:
        assert running.stop() == 0


def test_a_home_without_a_realm_is_not_served(tmp_path):
    err = run([binary(), "serve", "--home", tmp_path / "nowhere"], obol_env()).failed().err
    assert "obol realm create" in err


def test_only_a_ticket_opens_the_page(home, kdc):
    env = home.client(port_of(kdc))
    web = Running(home.directory, "web", "--keytab", home.keytab, "--service", SPN, "--rcache",
                  home.directory / "rcache")
    try:
        url = re.search(r"http://127\.0\.0\.1:\d+/", web.ready).group(0)
        assert url in web.output.read_text()
        page = url.replace("127.0.0.1", "localhost")
        curl = [which("curl"), "-s", "-o", "/dev/stdout", "-w", "%{http_code}", "--negotiate", "-u", ":", page]
        assert run(curl, env).ok().out.endswith("401")
        run([which("kinit"), "alice"], env, "wonderland\n").ok()
        opened = run(curl, env).ok().out
        assert opened.endswith("200") and f"alice@{REALM}" in opened
    finally:
        assert web.stop(signal.SIGINT) == 0


def test_keytab_web_and_serve_tell_about_themselves():
    for words in ("keytab create", "keytab list", "web", "serve"):
        told = run([binary(), *words.split(), "--help"], obol_env()).ok().out
        assert f"obol {words}" in told and "--json" in told


def test_a_page_for_a_service_without_a_key_is_not_served(home):
    err = run([binary(), "web", "--keytab", home.keytab, "--service", "HTTP/other"], obol_env()).failed().err
    assert "HTTP/other" in err and SPN in err
