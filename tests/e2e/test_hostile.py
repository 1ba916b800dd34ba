# test_hostile.py: what nobody means well, against a served realm: bytes that are no request, senders
# that hoard, a machine without descriptors; and kdc.conf with mistakes. The rows of
# shared/mistakes.md that concern the daemon are here by name.
import os
import pathlib
import random
import re
import resource
import socket
import subprocess

import pytest

from daemon import ROOT, frame, read_reply, wait_for
from served import ENVIRONMENT, OBOL
from support.process import PATIENCE, which

CORPUS = ROOT / "tests" / "fuzz" / "corpus"
REQUEST = (CORPUS / "kdc" / "as-req").read_bytes()[1:]  # well-formed, for a realm that is not here


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_mit_logs_in_over_each_family_and_transport(realm, host, tcp):
    r = realm(listen="127.0.0.1:0 [::1]:0")
    done = r.kinit(host=host, tcp=tcp)
    assert done.returncode == 0, done.stderr
    assert f"from={'tcp' if tcp else 'udp'}:{host}:" in "\n".join(r.log_lines(2))


def silent(r, messages):
    """Sends datagrams and gives what came back before the answer to a last, good one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(r.address)
        before = r.counters()
        for i in range(0, len(messages), 50):  # so that no queue runs over
            for message in messages[i:i + 50]:
                sock.send(message)
            wait_for(lambda: r.counters()["udp_received"] - before["udp_received"] >=
                     min(i + 50, len(messages)), "the datagrams to be taken")
        sock.send(REQUEST)
        replies = [sock.recv(65536)]
        assert replies[0][0] == 0x7e  # KRB-ERROR: the realm is not ours
        sock.settimeout(0.2)
        with pytest.raises(socket.timeout):
            replies.append(sock.recv(65536))
        assert len(replies) == 1, replies[:2]
    after = r.counters()
    return replies[0], after["requests"]["MALFORMED"] - before["requests"]["MALFORMED"]


def test_noise_is_counted_and_never_answered(realm):
    r = realm()
    noise = random.Random(1)
    messages = [b"", b"\0"] + [noise.randbytes(noise.choice([1, 10, 100, 1400])) for _ in range(300)]
    messages += [bytes([tag]) + noise.randbytes(200) for tag in (0x6a, 0x6c) for _ in range(100)]
    _, counted = silent(r, messages)
    assert counted == len(messages)
    lines = [line for line in r.log_lines(counted) if " MALFORMED " in line]
    assert len(lines) == counted and all(" unanswered" in line and " us=" in line for line in lines)


def test_errors_and_replies_are_never_answered(realm):
    """CVE-2002-2443: two servers that answer each other's errors never stop."""
    r = realm()
    own, _ = silent(r, [])
    messages = [own] * 20 + [(CORPUS / "der" / name).read_bytes()[1:] for name in
                             ("error", "as_rep", "tgs_rep", "ap_req", "ap_rep", "priv", "safe", "cred")]
    _, counted = silent(r, messages)
    assert counted == len(messages)


def test_a_well_formed_request_gets_no_more_than_it_is_worth(realm):
    r = realm()
    assert len(r.udp(REQUEST)) <= len(REQUEST)


def test_malformed_requests_by_tcp_end_the_connection(realm):
    r = realm()
    for message in (b"\x6a\x82\xff\xff", b"GET / HTTP/1.1\r\n\r\n"[:4], b"\x30\x80" * 2000):
        with r.connect() as sock:
            sock.sendall(frame(message))
            assert sock.recv(1) == b""
    with r.connect() as sock:  # a good one keeps it
        for _ in range(2):
            sock.sendall(frame(REQUEST))
            assert read_reply(sock)[0] == 0x7e


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def limit_descriptors(pid, soft):
    hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))


def test_without_free_descriptors_everybody_who_exists_is_still_known(realm):
    """Measured with MIT (error 60) and Heimdal (error 6, "unknown principal", for a user that exists)."""
    r = realm()
    for pid in r.workers():
        limit_descriptors(pid, descriptors(pid) + 3)
    held = [r.connect() for _ in range(60)]
    wait_for(lambda: r.counters()["tcp_evicted"] > 40, "the hoarder to displace itself")
    for tcp in (False, True):
        done = r.kinit(tcp=tcp)
        assert done.returncode == 0, done.stderr
        assert "not found" in r.kinit("mallory", tcp=tcp).stderr
    assert r.counters()["tcp_failed"] > 0
    log = r.log.read_text()
    assert log.count("C_PRINCIPAL_UNKNOWN") == log.count("client=mallory")
    for sock in held:
        sock.close()


def test_a_master_key_that_cannot_be_read_is_no_unknown_principal(realm):
    r = realm()
    for pid in r.workers():  # not one is left: the file that rekey writes cannot be opened
        limit_descriptors(pid, descriptors(pid))
    r.obol("realm", "rekey")
    assert "not found" not in r.kinit().stderr
    assert "C_PRINCIPAL_UNKNOWN" not in r.log.read_text()
    for pid in r.workers():
        limit_descriptors(pid, 1024)
    done = r.kinit()
    assert done.returncode == 0, done.stderr


def test_workers_run_as_the_user_that_was_named(realm):
    """CVE-2006-3083: rights that could not be given up must not go unnoticed."""
    r = realm()
    r.stop()
    command = [OBOL, "serve", "--home", r.home, "--user", "nobody"]
    if os.geteuid() != 0:
        done = subprocess.run(command, text=True, capture_output=True, env=ENVIRONMENT)
        assert done.returncode == 1 and "cannot become user \"nobody\"" in done.stderr
        return
    subprocess.run([which("chown"), "-R", "nobody", r.home], check=True)
    for directory in (r.home.parent, *r.home.parent.parents):  # pytest's own are its user's alone
        if directory != pathlib.Path("/"):
            directory.chmod(directory.stat().st_mode | 0o011)
    r.start("--user", "nobody")
    nobody = int(subprocess.run([which("id"), "-u", "nobody"], capture_output=True, text=True).stdout)
    for pid in [r.process.pid] + [pid for _, pid in r.children()]:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        assert re.search(rf"^Uid:(\s+{nobody}){{4}}$", status, re.M), status
    assert r.kinit().returncode == 0
    wait_for(lambda: "account=success" in r.log.read_text(), "the log line")


def test_an_unknown_user_to_run_as_is_refused(realm):
    r = realm()
    r.stop()
    done = subprocess.run([OBOL, "serve", "--home", r.home, "--user", "no-such-user"], text=True,
                          capture_output=True, env=ENVIRONMENT)
    assert done.returncode == 1 and "no-such-user" in done.stderr


# What stands in kdc.conf, whether it is a mistake (the daemon does not start) or a remark (it does),
# and what is said. The line is always the fifth.
MISTAKES = [
    ("kdcdefaults", "workers = many", "workers` is 'many'; expected a number"),
    ("kdcdefaults", "workers = 65", "expected a number from 0 to 64"),
    ("kdcdefaults", "clockskew = 5 minuts", "clockskew` is '5 minuts'; expected a duration such as 300, 5m"),
    ("kdcdefaults", "sandbox = flase", "expected true or false; did you mean 'false'?"),
    ("kdcdefaults", "log_format = jsno", "expected one of text|json; did you mean 'json'?"),
    ("kdcdefaults", "max_request = 1 Gb", "max_request` is '1 Gb'; expected a size such as 4096, 64k or 16G"),
    ("kdcdefaults", "max_udp_reply = 100", "expected a size such as 4096, 64k or 16G from 512 to 65507"),
    ("kdcdefaults", "kdc_listen = 127.0.0.1:88888", "`kdc_listen`: listen address \"127.0.0.1:88888\""),
    ("kdcdefaults", "kdc_tcp_listen = [::1:88", "`kdc_tcp_listen`: listen address \"[::1:88\""),
    ("kdcdefaults", "database = lmbd", "expected one of lmdb|memory; did you mean 'lmdb'?"),
    ("kdcdefaults", "kdc_listen 127.0.0.1:0", None),
    ("realms", "max_life = 1 year", "max_life` is '1 year'; expected a duration"),
    ("realms", "pbkdf2_iterations = 1000", "pbkdf2_iterations` is '1000'; expected 0, or a number from 32768 to 1000000"),
    ("realms", "pbkdf2_iterations = 2000000", "expected 0, or a number from 32768 to 1000000"),
    ("realms", "lockout_failures = -1", "lockout_failures` is '-1'; expected a number from 0"),
]
REMARKS = [
    ("kdcdefaults", "kdc_lsten = 127.0.0.1:0", "`kdc_lsten` is not a key of [kdcdefaults]; did you mean `kdc_listen`?"),
    ("realms", "max_lief = 1h", "did you mean `max_life`?"),
    ("realms", "supported_enctypes = aes256-cts-hmac-sha384-129 aes128-cts", "aes256-cts-hmac-sha384-129"),
    ("relams", "x = y", "[relams] is not a section of kdc.conf; did you mean [realms]?"),
]


def write_mistake(home, section, line):
    inside = {"kdcdefaults": f"[kdcdefaults]\n realm = OBOL.TEST\n log = kdc.log\n\n {line}\n",
              "realms": f"[kdcdefaults]\n realm = OBOL.TEST\n[realms]\n OBOL.TEST = {{\n {line}\n }}\n",
              "relams": f"[kdcdefaults]\n realm = OBOL.TEST\n\n\n[{section}]\n {line}\n"}[section]
    if "kdc_listen" not in line:
        inside += "[kdcdefaults]\n kdc_listen = 127.0.0.1:0\n"
    (home / "kdc.conf").write_text(inside)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("mistakes") / "home"
    subprocess.run([OBOL, "realm", "create", "OBOL.TEST", "--home", path, "--listen", "127.0.0.1:0"], check=True,
                   env=ENVIRONMENT, capture_output=True)
    return path


@pytest.mark.parametrize("section, line, said", MISTAKES, ids=[m[1] for m in MISTAKES])
def test_a_mistake_in_kdc_conf_is_named_with_file_line_and_what_was_expected(home, section, line, said):
    write_mistake(home, section, line)
    done = subprocess.run([OBOL, "serve", "--home", home], text=True, capture_output=True, timeout=20,
                          env=ENVIRONMENT)
    assert done.returncode == 1, done.stderr
    assert re.search(r"kdc\.conf:5: ", done.stderr), done.stderr
    assert said is None or said in done.stderr, done.stderr


@pytest.mark.parametrize("section, line, said", REMARKS, ids=[m[1] for m in REMARKS])
def test_a_word_that_is_not_known_is_remarked_on_with_the_nearest(home, section, line, said):
    write_mistake(home, section, line)
    ready, write = os.pipe()
    process = subprocess.Popen([OBOL, "serve", "--home", home, "--ready-fd", str(write)], pass_fds=[write],
                               text=True, stderr=subprocess.PIPE, env=ENVIRONMENT)
    os.close(write)
    assert os.read(ready, 100).startswith(b"ready")
    os.close(ready)
    process.terminate()
    said_all = process.communicate(timeout=20)[1]
    assert said in said_all and re.search(r"kdc\.conf:5: ", said_all), said_all
