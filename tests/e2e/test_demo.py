# test_demo.py: `./dev run` (tools/demo.py): what it shows, that the realm it leaves up can be used with
# exactly the lines that it prints, that it stops without a trace, and that its exit status is 0 only
# if every step worked: each step is broken in turn by a program put in front of the real one.
import ctypes
import os
import re
import select
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from support.obol import SANITIZERS, binary
from support.process import ROOT

PYTHON = "/usr/bin/python3"
DEMO = ROOT / "tools" / "demo.py"


def environment(tmp_path, **more):
    temporary = tmp_path / "t"
    temporary.mkdir(exist_ok=True)
    return {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8", "TMPDIR": str(temporary),
            "PYTHONDONTWRITEBYTECODE": "1", **{k: os.environ.get(k, v) for k, v in SANITIZERS.items()}, **more}


def run(tmp_path, obol=None, **more):
    """(exit status, what it printed) of `./dev run --once`, after which nothing may be left."""
    done = subprocess.run([PYTHON, DEMO, "--obol", obol or binary(), "--once"], capture_output=True, text=True,
                          env=environment(tmp_path, **more), timeout=300)
    assert done.stderr == "", done.stderr
    assert_nothing_left(tmp_path)
    return done.returncode, done.stdout


def assert_nothing_left(tmp_path):
    assert list((tmp_path / "t").iterdir()) == []
    mark = f"TMPDIR={tmp_path}/t".encode()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            left = mark in entry.read_bytes().split(b"\0")
        except OSError:
            continue  # it is gone, or another user's
        assert not left, (entry.parent / "cmdline").read_bytes()


def program(path, text):
    """An executable script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/bash\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_flow_names_each_message_with_its_size_enctype_keys_and_lifetimes(tmp_path):
    code, out = run(tmp_path)
    assert code == 0, out
    heads = re.findall(r"^  (alice (?:──▶|◀──) \S+)  (\S+) +\d+ bytes, (.+)$", out, re.M)
    assert heads == [
        ("alice ──▶ KDC", "AS-REQ", "UDP"), ("alice ◀── KDC", "KRB-ERROR", "UDP"),
        ("alice ──▶ KDC", "AS-REQ", "UDP"), ("alice ◀── KDC", "AS-REP", "UDP"),
        # The PAC makes of these what a client does not send by UDP.
            ("alice ──▶ KDC", "TGS-REQ", "TCP"), ("alice ◀── KDC", "TGS-REP", "TCP"),
        ("alice ──▶ HTTP/localhost", "AP-REQ", "SPNEGO in HTTP"),
        ("alice ◀── HTTP/localhost", "AP-REP", "SPNEGO in HTTP")]
    sealed = re.findall(r"┏ (.{11}) \d+ bytes, (\S+)\n    ┃ sealed with ([^,]+),", out)
    assert {enctype for _, enctype, _ in sealed} == {"aes256-cts-hmac-sha384-192"}
    assert [(part.strip(), key) for part, _, key in sealed] == [
        ("time of day", "alice's key"),
        ("TGT", "the KDC's key"), ("for alice", "alice's key"),
        ("TGT", "the KDC's key"), ("proof", "session key A"),
        ("ticket", "the service's key"), ("for alice", "one-time key"),
        ("ticket", "the service's key"), ("proof", "session key B"),
        ("proof", "session key B")]
    assert len(re.findall(r" valid +\d+ \w+ [\d:]+ → \d+ \w+ [\d:]+ UTC: 10 h; renewable for 24 h", out)) == 4
    for text in ("the password stayed here", "mutual:", "python3-requests-kerberos", "curl --negotiate"):
        assert text in out
    assert "\033" not in out and max(map(len, out.splitlines())) <= 92


def test_it_shows_itself_without_utf8_too(tmp_path):
    code, out = run(tmp_path, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert code == 0 and out.isascii() and "alice --> KDC  AS-REQ" in out, out


def test_the_callers_kerberos_and_proxy_settings_are_not_those_of_the_demonstration(tmp_path):
    nowhere = "http://127.0.0.1:1"
    code, out = run(tmp_path, KRB5_CONFIG="/nowhere", KRB5CCNAME="FILE:/nowhere", KRB5_KTNAME="/nowhere",
                    OBOL_HOME="/nowhere", http_proxy=nowhere, HTTP_PROXY=nowhere, ALL_PROXY=nowhere)
    assert code == 0, out


# ---- every step, broken

@pytest.mark.parametrize("words", ["realm create", "principal add", "spn add", "keytab create", "serve", "web",
                                   "login", "ticket", "token", "decode"])
def test_a_command_that_fails_is_the_end_of_it(tmp_path, words):
    obol = program(tmp_path / "obol", f"""
        case "$*" in {words.replace(" ", "?")}*) echo "it is broken" >&2; exit 3 ;; esac
        exec {binary()} "$@"
        """)
    code, out = run(tmp_path, obol)
    assert code == 1 and "✗" in out and "it is broken" in out, out


# Ends the server whose process id is in a file, and waits until it has (its parent may not have looked).
END = """
        kill $(cat {pid})
        until [[ "$(sed -n '/^State:/p' /proc/$(cat {pid})/status 2>&1)" =~ Z|^$ ]]; do :; done
        """


@pytest.mark.parametrize("server,before,complaint", [
    ("serve", "login", "127.0.0.1"), ("serve", "ticket", "127.0.0.1"), ("web", "token", "could not be fetched")])
def test_a_server_that_dies_is_the_end_of_it(tmp_path, server, before, complaint):
    pid = tmp_path / "pid"
    obol = program(tmp_path / "obol", f"""
        case "$1" in
        {server}) echo $$ >{pid} ;;
        {before}) {END.format(pid=pid)} ;;
        esac
        exec {binary()} "$@"
        """)
    code, out = run(tmp_path, obol)
    assert code == 1 and "✗" in out and complaint in out, out


WEB = """
        if [ "$1" = web ]; then
            exec {python} {script} "$@"
        fi
        exec {obol} "$@"
        """
# A web service in the place of ours: `answer(authorization)` gives status and WWW-Authenticate.
FAKE_WEB = """
import http.server, os, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, negotiate = answer(self.headers.get("Authorization"))
        self.send_response(status)
        if negotiate:
            self.send_header("WWW-Authenticate", negotiate)
        self.end_headers()
        self.wfile.write(b"You are alice@OBOL.TEST")
    def log_message(self, *_):
        pass
def answer(authorization):
{answer}
server = http.server.HTTPServer(("127.0.0.1", 0), Page)
os.write(int(sys.argv[sys.argv.index("--ready-fd") + 1]), b"ready http://127.0.0.1:%d/\\n" % server.server_port)
server.serve_forever()
"""


@pytest.mark.parametrize("answer,complaint", [
    ("return 200, None", "without a ticket the page answered 200"),
    ("return 401, 'Basic'", "without a ticket the page answered 401"),
    ("return (200, None) if authorization else (401, 'Negotiate')", "the service sent no proof"),
    ("return (403, None) if authorization else (401, 'Negotiate')", "the page answered 403"),
    ("return (200, authorization) if authorization else (401, 'Negotiate')", ""),  # our own token, reflected
])
def test_a_service_that_proves_nothing_is_the_end_of_it(tmp_path, answer, complaint):
    script = tmp_path / "web.py"
    script.write_text(FAKE_WEB.replace("{answer}", "    " + answer))
    obol = program(tmp_path / "obol", WEB.format(python=PYTHON, script=script, obol=binary()))
    code, out = run(tmp_path, obol)
    assert code == 1 and "✗" in out and complaint in out, out


def test_a_password_on_the_wire_is_the_end_of_it(tmp_path):
    obol = program(tmp_path / "obol", f"""
        [ "$1" = login ] || exec {binary()} "$@"
        read -r password
        port=$(sed -n 's/.*kdc = 127.0.0.1:\\([0-9]*\\).*/\\1/p' "$KRB5_CONFIG")
        printf 'my password is %s!' "$password" >/dev/udp/127.0.0.1/$port
        exec {binary()} "$@" <<<"$password"
        """)
    code, out = run(tmp_path, obol)
    assert code == 1 and "✗ the password went over the wire, from alice to KDC" in out, out


@pytest.mark.parametrize("text,complaint", [
    (None, "curl is not installed"), ("exit 7", "exit status 7"), ("echo hello", "curl --negotiate did not get")])
def test_curl_that_is_missing_or_fails_is_the_end_of_it(tmp_path, text, complaint):
    path = tmp_path / "bin"
    path.mkdir()
    for name in ("bash", "python3"):
        (path / name).symlink_to(shutil.which(name, path="/usr/bin"))
    if text:
        program(path / "curl", text + "\n")
    code, out = run(tmp_path, PATH=str(path))
    assert code == 1 and "✗" in out and complaint in out, out


@pytest.mark.parametrize("module,complaint", [
    ("raise ImportError('broken')", "/usr/bin/python3"),
    ("def HTTPKerberosAuth():\n    return None", "did not get the page")])
def test_requests_that_fail_are_the_end_of_it(tmp_path, module, complaint):
    (tmp_path / "requests_kerberos.py").write_text(module)
    code, out = run(tmp_path, PYTHONPATH=str(tmp_path))
    assert code == 1 and "✗" in out and complaint in out, out


# ---- the realm that stays up

class Running:
    """`./dev run` without --once, up to its last line; what it printed is in `out`."""

    def __init__(self, tmp_path, obol=None):
        self.child = subprocess.Popen([PYTHON, DEMO, "--obol", obol or binary()], stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, text=True, env=environment(tmp_path))
        self.out = ""
        while "principal list" not in self.out:
            line = self.child.stdout.readline()
            assert line, self.out
            self.out += line

    def end(self, number):
        self.child.send_signal(number)
        return self.wait()

    def wait(self):
        self.out += self.child.communicate(timeout=60)[0]
        return self.child.returncode


def test_the_lines_for_another_terminal_work_as_they_are(tmp_path):
    demo = Running(tmp_path)
    lines = demo.out[demo.out.index("    export "):]
    done = subprocess.run(["/bin/bash", "-e"], input=lines.replace("kinit alice ", "kinit alice <<<\"$PASSWORD\" "),
                          capture_output=True, text=True, timeout=60,
                          env=environment(tmp_path, PASSWORD=re.search(r"password is: (.*)", lines).group(1)))
    code = demo.end(signal.SIGINT)
    assert done.returncode == 0, done.stdout + done.stderr
    before, after = done.stdout.split("You are <strong>alice@OBOL.TEST</strong>")
    assert "krbtgt/OBOL.TEST@OBOL.TEST" in before and "HTTP/localhost@" not in before
    assert "HTTP/localhost@" in after and "alice@OBOL.TEST" in after
    assert code == 0, demo.out
    assert_nothing_left(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_without_a_trace(tmp_path, number):
    assert Running(tmp_path).end(number) == 0
    assert_nothing_left(tmp_path)


def test_a_signal_that_another_thread_takes_stops_it_too(tmp_path):
    demo = Running(tmp_path)
    threads = [int(t) for t in os.listdir(f"/proc/{demo.child.pid}/task")]
    relay = next(t for t in threads if t != demo.child.pid)
    assert ctypes.CDLL(None).tgkill(demo.child.pid, relay, signal.SIGINT) == 0
    assert demo.wait() == 0 and "Traceback" not in demo.out, demo.out
    assert_nothing_left(tmp_path)


def test_a_terminal_that_closes_sends_more_than_one_signal(tmp_path):
    demo = Running(tmp_path)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGINT):
        demo.child.send_signal(number)
    assert demo.wait() == 0 and "Traceback" not in demo.out, demo.out
    assert_nothing_left(tmp_path)


def test_a_reader_who_has_seen_enough_gets_no_traceback(tmp_path):
    done = subprocess.run(["/bin/bash", "-c", f"{PYTHON} {DEMO} --obol {binary()} --once | head -n 1"],
                          capture_output=True, text=True, env=environment(tmp_path), timeout=60)
    assert done.stderr == "" and done.stdout == "\n"
    assert_nothing_left(tmp_path)


@pytest.fixture
def with_kdc(tmp_path):
    """`./dev run` with its KDC's process id."""
    pid = tmp_path / "pid"
    demo = Running(tmp_path, program(tmp_path / "obol", f"""
        [ "$1" != serve ] || echo $$ >{pid}
        exec {binary()} "$@"
        """))
    return demo, int(pid.read_text())


def test_a_server_that_dies_later_is_told(tmp_path, with_kdc):
    demo, kdc = with_kdc
    os.kill(kdc, signal.SIGTERM)
    assert demo.wait() == 1 and "obol serve ended" in demo.out, demo.out
    assert_nothing_left(tmp_path)


def test_servers_end_with_a_demonstration_that_was_killed(with_kdc):
    demo, kdc = with_kdc
    server = os.pidfd_open(kdc)
    assert demo.end(signal.SIGKILL) == -signal.SIGKILL
    assert select.select([server], [], [], 30)[0], "the KDC still runs"


def test_stopping_it_early_is_no_success(tmp_path):
    obol = program(tmp_path / "obol", f"""
        [ "$1" != ticket ] || kill -INT $PPID
        exec {binary()} "$@"
        """)
    code, out = run(tmp_path, obol)
    assert code == 130 and "stopped before the end" in out, out
