# test_cli_client.py: the client's commands against our own KDC: krb5.conf and the environment in all
# their forms, caches and keytabs that are not as they should be, KDCs that are not there; each
# failure with its facts and what to do.
import concurrent.futures
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.obol import binary
from support.process import free_port, run
from support.realm import PASSWORD

REALM = "OBOL.TEST"


@pytest.fixture
def user(client):
    return client("obol", "obol")


@pytest.fixture
def alice(user):
    user.login("alice").ok()
    return user


def obol(user, *words, input="", **env):
    return user.run([binary(), *words], input, env=env)


def shown(user, *words, **env):
    return json.loads(obol(user, *words, "--json", **env).ok().out)


def conf(user, text):
    """Gives the user another krb5.conf."""
    user.conf = user.dir / "other.conf"
    user.conf.write_text(text)


def defaults(user, more="", kdc=None):
    return (f"[libdefaults]\ndefault_realm = {REALM}\ndns_lookup_kdc = false\nrdns = false\n"
            f"dns_canonicalize_hostname = false\n{more}"
            f"[realms]\n{REALM} = {{\nkdc = {kdc or f'127.0.0.1:{user.realm.port}'}\n}}\n")


def login(user, name="alice", *words, password=PASSWORD, **env):
    return obol(user, "login", "--password-stdin", name, *words, input=password + "\n", **env)


def failure(result, *said):
    """The failure has its three parts, or a fact in its first line, and says this."""
    result.failed()
    assert result.status == 1, str(result)
    lines = [line for line in result.err.strip().split("\n") if not re.match(r"\S+:\d+: |KRB5_CONFIG", line)]
    assert lines[0].startswith("obol: ") and lines[-1].startswith("  remedy: "), str(result)
    for text in said:
        assert text in result.err, f"'{text}' is missing:\n{result}"


# ---- mistakes of the user

def test_a_realm_in_small_letters_is_answered_with_the_right_one(user):
    failure(login(user, "alice@obol.test"), f"did you mean the realm {REALM}?")
    failure(login(user, "alice@ELSEWHERE.TEST"), "realm ELSEWHERE.TEST", f"krb5.conf {REALM}", "kdc = host:port")


def test_an_input_that_ends_before_the_password_is_not_a_wrong_password(user):
    failure(obol(user, "login", "--password-stdin", "alice"), "the input ended before it")
    failure(obol(user, "login", "--password-fd", "77", "alice"), "Bad file descriptor")
    failure(obol(user, "login", "alice"), "there is no terminal to ask on", "--password-stdin")


@pytest.mark.parametrize("name, said", [("a@b@c", "second '@'"), ("", "empty"), ("alice@", "realm")])
def test_a_name_that_is_none_is_refused(user, name, said):
    result = login(user, name).failed()
    assert said in result.err, str(result)


@pytest.mark.parametrize("typed", ["HTTP/localhots", "http/localhost", "localhost", "HTTTP/localhost"])
def test_an_unknown_service_is_answered_with_the_one_that_is_there(alice, typed):
    home = str(alice.realm.dir / "home")
    failure(obol(alice, "ticket", typed, OBOL_HOME=home), "has no service " + typed, "did you mean HTTP/localhost?")
    # Who cannot read the realm's home is helped by what his cache holds.
    failure(obol(alice, "ticket", typed, OBOL_HOME="/nonexistent"), "has no service " + typed)
    alice.ticket("HTTP/localhost").ok()
    failure(obol(alice, "ticket", typed, OBOL_HOME="/nonexistent"), "did you mean HTTP/localhost?")


def test_a_service_of_an_unknown_realm_is_told_from_an_unknown_service(alice):
    failure(obol(alice, "ticket", "HTTP/localhost@ELSEWHERE"), "no way to the realm ELSEWHERE",
            "on the way to HTTP/localhost@ELSEWHERE")
    failure(obol(alice, "ticket", "nonesuch"), "HTTP/nonesuch, host/nonesuch")


def test_tickets_got_before_one_failed_are_shown(alice):
    result = obol(alice, "ticket", "HTTP/localhost", "HTTP/nowhere").failed()
    assert "HTTP/localhost@" in result.out and "HTTP/nowhere" in result.err, str(result)


def test_what_cannot_be_renewed_says_how_to_get_what_can(user):
    conf(user, defaults(user))
    login(user, "alice", "--lifetime", "1h").ok()
    failure(obol(user, "login", "--validate"), "is valid already")
    failure(obol(user, "login", "--renew"), "is not renewable", "--renewable 7d")
    login(user, "alice", "--renewable", "2d").ok()
    obol(user, "login", "--renew").ok()


def test_a_postdated_ticket_says_from_when_on(user):
    user.realm.admin("principal", "add", "later", "--password-stdin", input=PASSWORD + "\n")
    text = login(user, "later", "--start", "1h", "--lifetime", "2h").ok().out
    assert "obol login --validate` from" in text and "is logged in" not in text, text
    failure(obol(user, "ticket", "HTTP/localhost"), f"krbtgt/{REALM}@{REALM} begins in ")


@pytest.mark.parametrize("words", [["login", "--lifetime", "-5", "alice"], ["login", "--start", "-1h", "alice"]])
def test_a_negative_duration_is_refused(user, words):
    result = obol(user, *words).failed()
    assert result.status == 2 and "is negative" in result.err, str(result)


# ---- krb5.conf

@pytest.mark.parametrize("text, said", [
    ("[libdefaults\n", "other.conf:1: expected ']'"),
    ("[libdefaults]\ndefault_realm OBOL\n", "other.conf:2: expected `name = value`"),
    ("[libdefaults]\n\nclockskew = 5 minuts\n", "other.conf:3: `clockskew` is '5 minuts'; expected a duration"),
    ("[libdefaults]\nforwardable = ture\n", "did you mean 'true'?"),
    ("[libdefaults]\nforwardabel = true\n", "other.conf:2: `forwardabel` is not a key of [libdefaults]; did you mean `forwardable`?"),
    ("[relams]\n", "other.conf:1: [relams] is not a section of krb5.conf; did you mean [realms]?"),
    ("[realms]\nX = {\n kcd = a\n}\n", "other.conf:3: `kcd` is not a key of [realms/*]; did you mean `kdc`?"),
    ("[realms]\nX = {\n kdc = a:99999\n}\n", "other.conf:3: `kdc` is 'a:99999'; expected host, host:port"),
    ("[libdefaults]\npermitted_enctypes = aes265-cts\n", "did you mean 'aes256-cts-hmac-sha384-192'?"),
    ("[libdefaults]\ndefault_ccache_name = FILE:/tmp/%{udi}\n", "did you mean %{uid}?"),
    ("[libdefaults]\ndefault_realm = a@b\n", "other.conf:2: `default_realm` is 'a@b'; expected the name of a realm"),
    ("[libdefaults]\n include /x\n", "`include` at the very beginning of the line"),
    ("include /nonexistent/x\n", "other.conf:1: expected a readable file to include: /nonexistent/x does not exist"),
    ("includedir /nonexistent/x\n", "other.conf:1: expected a readable directory to include"),
    ("[realms]\nX = {\n kdc = a\n", "the '{' of line 2 is never closed"),
    ("[libdefaults]\ndefault_realm = A # ours\n", "comments stand on lines of their own"),
])
def test_a_mistake_in_krb5_conf_is_named_with_its_line(user, text, said):
    conf(user, text)
    result = obol(user, "login", "--password-stdin", "alice", input="x\n").failed()
    assert said in result.err, str(result)


def test_a_configuration_that_is_not_there_is_named(user):
    user.conf = user.dir / "none.conf"
    failure(login(user), str(user.conf), "default_realm")


def test_several_files_make_one_configuration(user):
    first, second, part = user.dir / "1.conf", user.dir / "2.conf", user.dir / "d"
    part.mkdir()
    (part / "kdc.conf").write_text(f"[realms]\n{REALM} = {{\nkdc = 127.0.0.1:{user.realm.port}\n}}\n")
    (part / "kdc.conf~").write_text("nonsense of an editor\n")
    first.write_text(f"[libdefaults]\ndns_lookup_kdc = false\ndefault_realm* = {REALM}\n"
                     f"default_ccache_name = FILE:%{{TEMP}}/cc_%{{uid}}_%{{null}}x\n")
    second.write_text(f"includedir {part}\n[libdefaults]\ndefault_realm = LATER.TEST\n"
                      "ticket_lifetime = 17m\n")
    env = {"KRB5_CONFIG": f"{first}:{user.dir}/absent.conf:{second}", "KRB5CCNAME": "", "TMPDIR": str(user.dir)}
    login(user, **env).ok()
    cache = user.dir / f"cc_{os.getuid()}_x"
    held = shown(user, "tickets", **env)
    assert held["cache"] == f"FILE:{cache}" and held["principal"] == f"alice@{REALM}"
    ticket = held["tickets"][0]
    from datetime import datetime
    start, end = (datetime.fromisoformat(ticket[k].replace("Z", "+00:00")) for k in ("starttime", "endtime"))
    assert 16 * 60 <= (end - start).total_seconds() <= 18 * 60


def test_a_keytab_comes_from_the_environment_or_the_configuration(user):
    keytab = str(user.realm.dir / "http.keytab")
    for words, env in ((["--use-keytab"], {"KRB5_KTNAME": keytab}),
                       (["--use-keytab"], {"KRB5_KTNAME": f"FILE:{keytab}"}),
                       (["--client-keytab"], {"KRB5_CLIENT_KTNAME": keytab})):
        assert f"HTTP/localhost@{REALM}" in obol(user, "login", *words, **env).ok().out
    conf(user, defaults(user, f"default_keytab_name = {keytab}\ndefault_client_keytab_name = FILE:{keytab}\n"))
    for words in (["--use-keytab"], ["--client-keytab"]):
        assert f"HTTP/localhost@{REALM}" in obol(user, "login", *words).ok().out
    assert f"HTTP/localhost@{REALM}" in obol(user, "keytab", "list").ok().out
    failure(obol(user, "login", "--use-keytab", KRB5_KTNAME="/nonexistent/x"), "/nonexistent/x", "obol keytab create")


def test_a_trace_shows_each_message_and_no_secret(user):
    trace = user.dir / "trace"
    login(user, KRB5_TRACE=str(trace)).ok()
    text = trace.read_text()
    assert len(re.findall(r"sent \d+ bytes to udp 127.0.0.1:", text)) == 3, text
    assert len(re.findall(r"received \d+ bytes from udp 127.0.0.1:", text)) == 3, text
    assert PASSWORD not in text
    assert "cannot be written" in login(user, KRB5_TRACE="/nonexistent/x").ok().err


# ---- KDCs

def silent_udp():
    s = socket.socket(type=socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    return s, s.getsockname()[1]


def test_a_kdc_that_is_down_is_named_with_each_attempt(user):
    port = free_port()
    conf(user, defaults(user, kdc=f"127.0.0.1:{port}"))
    failure(login(user), f"udp 127.0.0.1:{port} refused: nothing listens there", f"tcp 127.0.0.1:{port} refused",
            "Check that the KDC runs")


def test_a_name_that_the_dns_does_not_know_is_named(user):
    conf(user, defaults(user, kdc="kdc.invalid"))
    failure(login(user), "does not resolve kdc.invalid", "/etc/hosts")


def test_the_next_kdc_answers_for_one_that_is_dead_silent_or_unknown(user):
    quiet, port = silent_udp()
    with quiet:
        for dead in (f"127.0.0.1:{free_port()}", f"udp/127.0.0.1:{port}", "kdc.invalid"):
            conf(user, defaults(user, kdc=f"{dead}\nkdc = 127.0.0.1:{user.realm.port}"))
            login(user).ok()
            user.ticket("HTTP/localhost").ok()


def test_a_kdc_that_nobody_can_ask_by_udp_is_asked_by_tcp(user):
    trace = user.dir / "trace"
    conf(user, defaults(user, kdc=f"tcp/127.0.0.1:{user.realm.port}"))
    login(user, KRB5_TRACE=str(trace)).ok()
    assert "to tcp 127.0.0.1:" in trace.read_text() and "udp" not in trace.read_text()


def test_one_that_never_answers_ends_with_the_time_that_was_set(user):
    quiet, port = silent_udp()
    with quiet:
        conf(user, defaults(user, "request_timeout = 1\n", kdc=f"udp/127.0.0.1:{port}"))
        failure(login(user), f"udp 127.0.0.1:{port} no answer")


@pytest.mark.parametrize("clock, side", [("+10m", "behind"), ("-10m", "ahead of")])
def test_a_clock_ten_minutes_off_is_followed_or_named(user, clock, side):
    user.clock = clock
    assert f"seconds {side} this one" in login(user).ok().out
    user.ticket("HTTP/localhost").ok()
    conf(user, defaults(user, "kdc_timesync = false\n"))
    failure(login(user), f"s {side} ours", "NTP")
    # SPAKE holds no time, so that the client finds out; an encrypted timestamp is refused by the KDC.
    conf(user, defaults(user, "kdc_timesync = false\npreferred_preauth_types = 2\n"))
    failure(login(user), f"s {side} ours", "NTP", "KRB-ERROR 37")


# ---- caches

def test_a_cache_that_is_not_there_empty_or_foreign_says_what_to_do(user):
    (user.dir / "empty").touch()
    (user.dir / "junk").write_text("hello")
    for name, said in (("none", "No such file"), ("empty", "is empty"), ("junk", "begins with 68 65"),
                       ("/dev/null", "is not a regular file"), (str(user.dir), "is not a regular file")):
        failure(obol(user, "tickets", "-c", user.dir / name), said, str(user.dir / name))


@pytest.mark.parametrize("name, said", [("DISK:/x", "there are FILE, DIR, KEYRING, KCM and MEMORY"), ("file:/x", "did you mean FILE?"),
                                        ("MEMRY:x", "did you mean MEMORY?"), ("FILE:", "wants the name of a file")])
def test_a_kind_of_cache_that_is_not_there_is_answered_with_those_that_are(user, name, said):
    result = obol(user, "tickets", "-c", name).failed()
    assert said in result.err and "--cache" in result.err, str(result)
    assert "named by KRB5CCNAME" in obol(user, "tickets", KRB5CCNAME=name).failed().err
    conf(user, defaults(user, f"default_ccache_name = {name}\n"))
    assert "default_ccache_name of krb5.conf" in obol(user, "tickets", KRB5CCNAME="").failed().err


def test_a_cache_in_a_place_that_is_not_there_is_told_after_no_harm(user):
    failure(login(user, "alice", "-c", "/nonexistent/cc"), "its directory does not exist")
    failure(login(user, "alice", "-c", "/dev/null"), "is not a regular file")
    assert not os.path.isfile("/dev/null")


def test_a_memory_cache_is_remarked_on(user):
    assert "go when this one ends" in login(user, "alice", "-c", "MEMORY:x").ok().err


def test_a_cut_cache_shows_what_is_whole(alice):
    alice.ticket("HTTP/localhost").ok()
    whole = alice.cache.read_bytes()
    alice.cache.write_bytes(whole[:-7])
    text = obol(alice, "tickets").ok().out
    assert "krbtgt/" in text and "HTTP/localhost" not in text and "cut off" in text, text
    alice.ticket("HTTP/localhost").ok()
    assert "HTTP/localhost" in obol(alice, "tickets").ok().out


def as_nobody(user, *words, **env):
    """Runs obol as a user who owns nothing; as whoever we are if that is not root."""
    if os.getuid() != 0:
        return obol(user, *words, **env)
    with tempfile.TemporaryDirectory(prefix="obol-nobody-") as place:
        os.chmod(place, 0o755)
        copy, configuration = shutil.copy(binary(), place), Path(shutil.copy(user.conf, place))
        configuration.chmod(0o644)
        return user.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", copy, *words],
                        PASSWORD + "\n", env={"KRB5_CONFIG": str(configuration), **env})


def test_a_file_of_another_user_is_named_with_its_owner(user):
    # /etc/shadow is there on every Debian, and root's alone.
    failure(as_nobody(user, "tickets", "-c", "/etc/shadow"), "/etc/shadow belongs to user 0 and has mode 640")
    failure(as_nobody(user, "keytab", "list", "/etc/shadow"), "/etc/shadow belongs to user 0 and has mode 640")
    failure(as_nobody(user, "realm", "create", "X", "--home", "/var/lib/obol-test"), "Permission denied", "--home ~/realm")


def small_files(limit):
    """For preexec_fn: files of this process end at so many bytes, as on a disk that is full."""
    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return limited


def test_a_full_disk_leaves_the_old_cache_and_no_half_new_one(alice):
    before = alice.cache.read_bytes()
    for words in (["login", "--password-stdin", "alice"], ["ticket", "HTTP/localhost"]):
        done = subprocess.run([binary(), *words], input=PASSWORD + "\n", text=True, capture_output=True,
                              env=alice.env(), preexec_fn=small_files(len(before)))
        if words[0] == "login":
            assert done.returncode == 0, done.stderr  # as long as the one before
            before = alice.cache.read_bytes()
            continue
        assert done.returncode == 1 and "the credential cache cannot be read or written" in done.stderr, done.stderr
        assert alice.cache.read_bytes() == before
    done = subprocess.run([binary(), "login", "--password-stdin", "alice"], input=PASSWORD + "\n", text=True,
                          capture_output=True, env=alice.env(), preexec_fn=small_files(100))
    assert done.returncode == 1 and str(alice.cache) in done.stderr, done.stderr
    assert alice.cache.read_bytes() == before
    assert [p.name for p in alice.dir.iterdir() if p.name.startswith("cc")] == ["cc"]


def test_a_full_disk_leaves_no_half_keytab(user):
    keytab = user.dir / "new.keytab"
    done = subprocess.run([binary(), "keytab", "create", keytab, "HTTP/localhost", "--home", user.realm.dir / "home"],
                          capture_output=True, text=True, env=user.env(), preexec_fn=small_files(60))
    assert done.returncode == 1 and str(keytab) in done.stderr, done.stderr
    assert not keytab.exists()


def test_many_programs_use_one_cache_at_once(alice):
    services = [alice.realm.service_of(e) for e in alice.realm.enctypes] + ["HTTP/localhost"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for result in pool.map(alice.ticket, services):
            result.ok()
    held = [t["server"] for t in shown(alice, "tickets")["tickets"]]
    assert sorted(held) == sorted(alice.realm.principal(s) for s in services + [f"krbtgt/{REALM}"])


def test_logout_is_the_end_of_the_tickets(alice):
    assert shown(alice, "logout") == {"destroyed": f"FILE:{alice.cache}"}
    assert not alice.cache.exists()
    failure(obol(alice, "logout"), "there is no credential cache")
    assert obol(alice, "tickets", "--check").status == 1


# ---- keytabs

def test_a_keytab_without_the_name_says_which_it_has(user):
    keytab = user.realm.dir / "http.keytab"
    result = obol(user, "login", "--keytab", keytab, "alice")
    failure(result, f"has the names HTTP/localhost@{REALM}", "obol keytab create")
    assert result.err.count("enctype wanted") == 1, str(result)


def test_a_keytab_whose_keys_were_changed_since_is_called_old(user):
    user.realm.admin("spn", "add", "old/localhost")
    keytab = user.realm.keytab("old/localhost", user.dir / "old.keytab")
    user.realm.admin("keytab", "create", user.dir / "new.keytab", "old/localhost", "--rotate")
    failure(obol(user, "login", "--keytab", keytab, "old/localhost"), "does not take the key of old/localhost",
            "kvno 1, from", "extract the keytab again")
    obol(user, "login", "--keytab", user.dir / "new.keytab", "old/localhost").ok()


def test_a_keytab_that_others_can_read_is_remarked_on(user):
    keytab = user.realm.keytab("HTTP/localhost", user.dir / "open.keytab")
    keytab.chmod(0o644)
    words = [binary(), "keytab", "create", keytab, "HTTP/localhost", "--home", user.realm.dir / "home"]
    assert f"chmod 600 {keytab}" in run(words, user.env()).ok().err


# ---- JSON and secrets

def test_json_of_each_command_is_whole(user):
    result = json.loads(login(user, "alice", "--json").ok().out)
    assert result["client"] == f"alice@{REALM}" and result["valid"] and "initial" in result["flags"]
    ticket = shown(user, "ticket", "HTTP/localhost")[0]
    assert ticket["server"] == f"HTTP/localhost@{REALM}" and ticket["kvno"] == 1 and not ticket["from_cache"]
    assert shown(user, "ticket", "HTTP/localhost", "--cached-only")[0]["from_cache"]
    held = shown(user, "tickets", "--config")
    assert [t["server"] for t in held["tickets"]] == [f"krbtgt/{REALM}@{REALM}", f"HTTP/localhost@{REALM}"]
    assert {c["key"] for c in held["config"]} == {"pa_type", "fast_avail"}
    assert shown(user, "decode", user.cache)["principal"] == f"alice@{REALM}"
    entries = shown(user, "decode", user.realm.dir / "http.keytab")["keytab"]
    assert all("key" not in e for e in entries) and len(entries) == len(user.realm.enctypes)
    failed = json.loads(obol(user, "ticket", "HTTP/nowhere", "--json").failed().err)
    assert failed["error"] == "KDC_ERR_S_PRINCIPAL_UNKNOWN" and failed["krb_error"] == 7
    assert failed["facts"]["service"] == f"HTTP/nowhere@{REALM}" and failed["remedy"]


def test_a_password_is_nowhere_in_what_is_written(user):
    for result in (login(user), login(user, password="not " + PASSWORD), login(user, "nobody")):
        assert PASSWORD not in result.text
    assert PASSWORD.encode() not in user.cache.read_bytes()


def test_a_token_is_decoded_with_the_keytab_of_its_service(alice):
    token = subprocess.run([binary(), "token", "HTTP/localhost"], input="", capture_output=True, text=True,
                           env=alice.env()).stdout.split("\n")[0]
    sealed = obol(alice, "decode", f"Authorization: Negotiate {token}").ok().out
    assert "SPNEGO" in sealed and "alice" not in sealed, sealed
    opened = obol(alice, "decode", "--keytab", alice.realm.dir / "http.keytab", token).ok().out
    assert "alice" in opened and "Ticket" in opened, opened
