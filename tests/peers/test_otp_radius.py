# test_otp_radius.py: one-time passwords (RFC 6560) that our KDC has a RADIUS server check: a freeradius,
# unchanged, asked for MIT's kinit and for our client; and a server that is slow, silent, hostile or away.
import json
import os
import re
import signal
import socket
import threading

import pytest

from support.mit import MitClient
from support.obol import ObolClient, ObolRealm, binary
from support.one_time import CHALLENGE, REJECT, Nearby, Puppet, Radius
from support.process import free_port
from support.realm import PASSWORD
from support.tls import Authority

CODE, WRONG = "314159", "271828"
PUPPETS = ("slow", "forged", "silent", "asks", "stops", "again", "late")


class Askers(ObolRealm):
    """Its KDC asks. It has one worker, so that who holds that up holds up everybody."""

    def create(self):
        super().create()
        self.radius = Radius(self.dir, {"alice": CODE, "al": CODE, "carol": CODE, "mia": CODE}, signs=True)
        self.puppet = Puppet()
        self.nearby = Nearby(self.dir / "near.socket")
        self.secret("radius.secret", Radius.secret + "\n")
        self.secret("puppet.secret", Puppet.secret.decode())
        self.ca, self.https = Authority(self.dir), free_port()
        self.ca.issue("server").rename(self.dir / "home" / "server.pem")
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace("[kdcdefaults]", f"""[kdcdefaults]
    workers = 1
    https_listen = 127.0.0.1:{self.https}
    https_certificate = server.pem""", 1)
                        .replace(f"    {self.name} = {{", f"    {self.name} = {{\n        lockout_failures = 3", 1) + f"""
[otp]
    DEFAULT = {{
        server = 127.0.0.1:{self.radius.port}
        secret = radius.secret
        indicator = asked-outside
    }}
    second = {{
        server = 127.0.0.1:{free_port()} 127.0.0.1:{self.radius.port}
        secret = radius.secret
    }}
    away = {{
        server = 127.0.0.1:{free_port()}
        secret = radius.secret
    }}
    puppet = {{
        server = 127.0.0.1:{self.puppet.port}
        secret = puppet.secret
        timeout = 1
        retries = 1
    }}
    near = {{
        server = {self.nearby.path}
        timeout = 10
    }}
    patient = {{
        server = 127.0.0.1:{self.puppet.port}
        secret = puppet.secret
        timeout = 10
        retries = 9
    }}
""")

    def secret(self, name, text):
        path = self.dir / "home" / name
        path.write_text(text)
        path.chmod(0o600)

    def populate(self):
        for user in ("host", "alice", "bob", "carol", "mia", "nobody", "near", *PUPPETS):
            self.add_user(user)
        self.give("alice", "DEFAULT")
        self.give("bob", "second", "--code-only", "--radius-user", "al", "--indicators", "one, two")
        self.give("carol", "away", "--code-only")
        self.give("near", "near", "--code-only")
        for user in PUPPETS:
            patient = user in ("slow", "stops", "again", "late")
            self.give(user, "patient" if patient else "puppet", "--code-only")
        # As an import from MIT brings it.
        self.admin("principal", "set", "--attribute", "otp=[{}]", "mia")
        self.admin("principal", "set", "--attribute", "otp=[{\"type\": \"gone\"}]", "nobody")
        for spn, needs in (("HTTP/outside", "asked-outside"), ("HTTP/two", "two")):
            self.admin("spn", "add", spn)
            self.admin("principal", "set", "--attribute", f"require_auth={needs}", spn)

    def give(self, user, kind, *words):
        self.admin("otp", "add", "--radius", kind, *words, user)

    def failures(self, user):
        return json.loads(self.admin("principal", "show", "--json", user).out)["failures"]

    @property
    def kdc(self):
        return self.daemons[-1]

    def restart(self, workers):
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(re.sub(r"workers = \d", f"workers = {workers}", conf.read_text()))
        super().stop()
        self.start()

    def stop(self):
        super().stop()
        self.puppet.stop()
        self.nearby.stop()
        self.radius.stop()


@pytest.fixture(scope="module")
def realm(started):
    return started(Askers, "ASKS.TEST")


class Login:
    """A client of a make, with armor."""

    def __init__(self, kind, realm, directory, transport="udp"):
        self.kind = kind
        self.client = {"mit": MitClient, "obol": ObolClient}[kind](realm, directory, transport=transport)
        if transport == "https":
            self.client.conf.write_text(self.client.conf.read_text().replace(
                f"kdc = 127.0.0.1:{realm.port}", f"kdc = https://localhost:{realm.https}/KdcProxy\n"
                f"        http_anchors = FILE:{realm.ca.certificate}"))
        self.armor = f"FILE:{self.client.dir}/armor"
        words = ["kinit", "host"] if kind == "mit" else [binary(), "login", "--password-stdin", "host"]
        self.client.run(words, input=PASSWORD + "\n", env={"KRB5CCNAME": self.armor}).ok()

    def __call__(self, user, *lines):
        words = ["kinit", "-T", self.armor, user] if self.kind == "mit" else \
            [binary(), "login", "--password-stdin", "--armor-cache", self.armor, user]
        if self.kind == "mit":
            lines = reversed(lines)
        return self.client.run(words, input="".join(line + "\n" for line in lines))

    def begin(self, user, code):
        """The same in a thread, which can be waited for."""
        def work():
            thread.result = self(user, code)
        thread = threading.Thread(target=work)
        thread.start()
        return thread


def ended(thread):
    thread.join(60)
    assert not thread.is_alive()
    return thread.result


@pytest.mark.parametrize("transport", ["udp", "tcp", "https"])
@pytest.mark.parametrize("kind", ["mit", "obol"])
def test_what_freeradius_takes_logs_in(realm, tmp_path, kind, transport, judged):
    mine = Login(kind, realm, tmp_path, transport=transport)
    mine("alice", PASSWORD, CODE).ok()
    mine.client.ticket("HTTP/outside").ok()
    mine.client.ticket("HTTP/two").failed()
    mine("alice", PASSWORD, WRONG).failed()
    mine("alice", "wrong", CODE).failed()
    mine("alice", PASSWORD, CODE).ok()
    judged("kinit 1.20.1 (MIT), freeradius 3.2" if kind == "mit" else "ours, freeradius 3.2", "client of our KDC",
           "one-time password", f"RADIUS and password, FAST, {transport}", "logged in; a wrong code refused")


def test_the_next_server_is_asked_as_another_user(realm, tmp_path):
    mine = Login("mit", realm, tmp_path)
    mine("bob", CODE).ok()
    mine.client.ticket("HTTP/two").ok()
    mine.client.ticket("HTTP/outside").failed()


def test_the_attribute_of_mits_kdc_is_understood(realm, tmp_path, judged):
    mine = Login("mit", realm, tmp_path)
    mine("mia", CODE).ok()
    mine.client.ticket("HTTP/outside").ok()
    mine("mia", WRONG).failed()
    assert "attribute otp" in realm.admin("otp", "list", "mia").out
    Login("obol", realm, tmp_path)("nobody", CODE).failed()
    realm.kdc.wait_text("of the type gone, and [otp] of kdc.conf has none")
    judged("kinit 1.20.1 (MIT), freeradius 3.2", "client of our KDC", "one-time password",
           "RADIUS, MIT's attribute, FAST", "logged in; a wrong code refused")


def test_guesses_lock_the_account(realm, tmp_path):
    mine = Login("obol", realm, tmp_path)
    for _ in range(3):
        mine("mia", WRONG).failed()
    assert "locked" in mine("mia", CODE).failed().text
    realm.admin("principal", "set", "--unlock", "mia")
    mine("mia", CODE).ok()


# Told that the KDC cannot serve, MIT's kinit looks for another one for half a minute: so it is not asked.
def test_a_server_that_is_away_is_nobodys_failure(realm, tmp_path):
    mine = Login("obol", realm, tmp_path)
    for _ in range(2):
        assert "cannot serve now" in mine("carol", CODE).failed().text
    realm.kdc.wait_text("Connection refused; look at `server` and `secret` in [otp]")
    assert realm.failures("carol") == 0


@pytest.mark.parametrize("kind", ["mit", "obol"])
def test_a_server_at_a_socket_of_this_machine_is_asked(realm, tmp_path, kind, judged):
    mine, nearby = Login(kind, realm, tmp_path), realm.nearby

    def answer(request):
        right = nearby.asked["near"][-1][2] == CODE
        return [nearby.reply(request, signed=False) if right else nearby.reply(request, REJECT)]
    nearby.answers["near"] = answer
    before = len(nearby.asked.get("near", ()))
    mine("near", CODE).ok()
    mine("near", WRONG).failed()
    mine("near", CODE).ok()
    assert len(nearby.asked["near"]) == before + 3
    # The server is started anew: the KDC connects again.
    nearby.stop()
    nearby.open()
    mine("near", CODE).ok()
    # What another one says, or nobody could have asked, counts for nothing.
    nearby.answers["near"] = lambda request: [nearby.reply(request, secret=b"guessed"), nearby.reply(request, REJECT)]
    mine("near", CODE).failed()
    nearby.answers["near"] = lambda request: [b"\2\0\0\3"]
    if kind == "obol":  # MIT's kinit looks for another KDC
        assert "cannot serve now" in mine("near", CODE).failed().text
        realm.kdc.wait_text("closed its socket, or what it sends is no RADIUS")
        nearby.stop()
        assert "cannot serve now" in mine("near", CODE).failed().text
        realm.kdc.wait_text("near.socket: No such file or directory")
        nearby.open()
    nearby.answers["near"] = answer
    mine("near", CODE).ok()
    realm.admin("principal", "set", "--unlock", "near")
    judged("kinit 1.20.1 (MIT)" if kind == "mit" else "ours", "client of our KDC", "one-time password",
           "RADIUS at a socket, FAST", "logged in; a wrong code refused")


def test_forged_replies_are_passed_over(realm, tmp_path):
    mine, puppet = Login("obol", realm, tmp_path), realm.puppet

    def forged(request):
        with socket.socket(type=socket.SOCK_DGRAM) as other:  # from elsewhere, though it knows the secret
            other.bind(("127.0.0.1", 0))
            other.sendto(puppet.reply(request), ("127.0.0.1", realm.asker_port))
        return [puppet.reply(request, secret=b"guessed"), puppet.reply(request, signed=False),
                puppet.reply(request, ident=request[1] ^ 1), puppet.reply(request)[:-1], b"\2", b""]
    realm.asker_port = 9  # where datagrams are thrown away
    puppet.answers["forged"] = forged
    mine("forged", CODE).failed()
    realm.kdc.wait_text("did not answer 2 requests in 1.0 s")
    realm.kdc.wait_text("dropped, of the last: it")
    assert realm.failures("forged") == 0
    puppet.answers["forged"] = lambda request: [*forged(request), puppet.reply(request, REJECT)]
    mine("forged", CODE).failed()
    puppet.answers["forged"] = lambda request: [*forged(request), puppet.reply(request)]
    mine("forged", CODE).ok()
    assert {code for _, _, code in puppet.asked["forged"]} == {CODE}


def test_a_question_back_is_no_login_and_no_failure(realm, tmp_path):
    mine, puppet = Login("mit", realm, tmp_path), realm.puppet
    puppet.answers["asks"] = lambda request: [puppet.reply(request, CHALLENGE, attributes=b"\x12\x0bwhich one")]
    mine("asks", CODE).failed()
    realm.kdc.wait_text("asks a question back, which a login by Kerberos cannot carry: which one")
    assert realm.failures("asks") == 0


class Held:
    """The puppet's answer to a user, which waits until it is let go; how often it was asked."""

    def __init__(self, puppet, user):
        self.puppet, self.user, self.go = puppet, user, threading.Event()
        self.came = threading.Event()
        puppet.answers[user] = self.answer
        puppet.asked.pop(user, None)

    def answer(self, request):
        self.came.set()
        return [self.puppet.reply(request)] if self.go.is_set() else []

    def wait_asked(self, times):
        """Until so many datagrams came."""
        end = threading.Event()
        for _ in range(600):
            if len(self.puppet.asked.get(self.user, ())) >= times:
                return
            end.wait(0.05)
        raise AssertionError(f"{self.user} was asked about {self.puppet.asked.get(self.user)}")

    def questions(self):
        return len({authenticator for _, authenticator, _ in self.puppet.asked[self.user]})


@pytest.mark.parametrize("kind,transport", [("mit", "udp"), ("obol", "tcp"), ("obol", "https")])
def test_nobody_waits_for_a_slow_server_but_who_asked(realm, tmp_path, kind, transport):
    mine, held = Login(kind, realm, tmp_path, transport=transport), Held(realm.puppet, "slow")
    waits = mine.begin("slow", CODE)
    held.wait_asked(1)
    # The one worker and the one proxy serve others meanwhile; the client sends its request again, and again.
    Login(kind, realm, tmp_path / "other", transport=transport)
    held.wait_asked(4 if transport == "https" else 2)  # the proxy gives up a worker that is silent for two seconds
    held.go.set()
    ended(waits).ok()
    assert held.questions() == 1


def test_copies_of_a_request_ask_once_over_workers_and_transports(realm, tmp_path):
    realm.restart(workers=2)
    mine, held = Login("mit", realm, tmp_path), Held(realm.puppet, "again")
    waits = mine.begin("again", CODE)  # after a second it comes by TCP, too
    held.wait_asked(3)
    held.go.set()
    ended(waits).ok()
    assert held.questions() == 1
    # A reload: the worker that asked finishes, its successor serves.
    held = Held(realm.puppet, "late")
    waits = mine.begin("late", CODE)
    held.wait_asked(1)
    os.kill(realm.kdc.process.pid, signal.SIGHUP)
    realm.kdc.wait_text("configuration reloaded")
    held.go.set()
    ended(waits).ok()
    assert held.questions() == 1
    # The end of the daemon waits for no RADIUS server.
    held = Held(realm.puppet, "stops")
    waits = Login("obol", realm, tmp_path).begin("stops", CODE)
    held.wait_asked(1)
    kdc = realm.kdc
    realm.restart(workers=1)
    assert kdc.process.returncode == 0
    log = kdc.log.read_text()
    assert "the KDC ended before a RADIUS server answered" in log, log
    held.go.set()
    ended(waits)


def test_a_secret_that_others_may_read_is_refused(realm):
    secret = realm.dir / "home" / "puppet.secret"
    secret.chmod(0o640)
    os.kill(realm.kdc.process.pid, signal.SIGHUP)
    realm.kdc.wait_text("reload refused")
    secret.chmod(0o600)
    assert "has mode 640: others than its owner may read or change it" in realm.kdc.log.read_text()
