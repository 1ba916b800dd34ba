# test_otp.py: one-time passwords (RFC 6560) with unchanged programs: MIT's kinit and our KDC, which
# checks the codes itself; our client and MIT's KDC, which asks a freeradius. The codes are made by
# support/one_time.py. Beside each login stands what must not be taken.
import json

import pytest

from support import qr
from support.compat import compile_on_mit, on_ours
from support.mit import MitClient, MitRealm
from support.obol import ObolClient, ObolRealm, binary
from support.one_time import REJECT, Authenticator, Nearby, Radius
from support.process import ROOT, run
from support.realm import PASSWORD

USERS = ("counts", "timed-udp", "timed-tcp", "locked-udp", "locked-tcp", "fresh", "responder")


class TokenRealm(ObolRealm):
    def create(self):
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace(f"    {self.name} = {{", f"""    {self.name} = {{
        otp_indicator = two-factors
        lockout_failures = 3""", 1))

    def populate(self):
        self.tokens = {}
        for user in ("host", *USERS):
            self.add_user(user)
        for user in USERS:
            self.enrol(user, *([] if user.startswith("timed") else ["--hotp"]))
        self.admin("spn", "add", "HTTP/two")
        self.admin("principal", "set", "--attribute", "require_auth=two-factors", "HTTP/two")

    def enrol(self, user, *words):
        shown = json.loads(self.admin("otp", "add", "--json", *words, user).out)
        self.tokens[user] = Authenticator(shown["uri"])


class RadiusRealm(MitRealm):
    """alice logs in by what a freeradius says of her code, bob by what a server at a socket says."""

    def create(self):
        self.nearby = Nearby(self.dir / "near.socket")
        self.radius = Radius(self.dir, {"alice": "314159"})
        super().create()
        (self.dir / "radius.secret").write_text(Radius.secret + "\n")
        conf = self.dir / "kdc.conf"
        conf.write_text(conf.read_text() + f"""
[otp]
    DEFAULT = {{
        server = 127.0.0.1:{self.radius.port}
        secret = {self.dir}/radius.secret
        strip_realm = true
        timeout = 5
    }}
    near = {{
        server = {self.nearby.path}
    }}
""")

    def populate(self):
        for user in ("host", "alice", "bob"):
            self.add_user(user)
        self.admin("setstr", "bob", "otp", '"[{""type"":""near""}]"')
        self.admin("setstr", "alice", "otp", "[{}]")
        self.add_service("HTTP/localhost")

    def stop(self):
        super().stop()
        self.radius.stop()
        self.nearby.stop()


REALMS = {"obol": TokenRealm, "mit": RadiusRealm}
CLIENTS = {"obol": ObolClient, "mit": MitClient}


@pytest.fixture(scope="module")
def realm_of(started):
    return lambda kind: started(REALMS[kind], kind.upper() + "OTP.TEST")


class Login:
    """A client with armor, of a make."""

    def __init__(self, kind, realm, directory, **conf):
        self.kind, self.client = kind, CLIENTS[kind](realm, directory, **conf)
        self.armor = f"FILE:{self.client.dir}/armor"
        words = ["kinit", "host"] if kind == "mit" else [binary(), "login", "--password-stdin", "host"]
        self.client.run(words, input=PASSWORD + "\n", env={"KRB5CCNAME": self.armor}).ok()

    def __call__(self, user, *lines):
        """The answers: the password, if one is asked for, and the code."""
        words = ["kinit", "-T", self.armor, user] if self.kind == "mit" else \
            [binary(), "login", "--password-stdin", "--armor-cache", self.armor, user]
        if self.kind == "mit":
            lines = reversed(lines)  # which asks for the code first
        return self.client.run(words, input="".join(line + "\n" for line in lines))


@pytest.fixture
def login(realm_of, tmp_path):
    return lambda kind, realm, **conf: Login(kind, realm_of(realm), tmp_path, **conf)


@pytest.mark.parametrize("kind", ["mit", "obol"])
def test_password_and_code_log_in_to_our_kdc(login, realm_of, kind, transport, judged):
    mine, token = login(kind, "obol", transport=transport), realm_of("obol").tokens["counts"]
    first = token.code()
    mine("counts", PASSWORD, first).ok()
    mine.client.ticket("HTTP/two").ok()
    mine("counts", PASSWORD, first).failed()
    mine("counts", PASSWORD, token.code()).ok()
    mine("counts", "wrong", token.code()).failed()
    mine("counts", PASSWORD, token.code()).ok()
    judged("kinit 1.20.1 (MIT)" if kind == "mit" else "ours", "client of our KDC", "one-time password",
           "HOTP and password, FAST", "logged in; a used code refused")


def test_a_reader_reads_the_code_that_is_drawn_at_enrolment(realm_of, login, transport, judged):
    realm, user = realm_of("obol"), f"drawn-{transport}"
    realm.add_user(user)
    shown = realm.admin("otp", "add", "--hotp", user).out
    uris = qr.read(shown)
    assert len(uris) == 1 and uris[0] + "\n" in shown, (uris, shown)
    token, mine = Authenticator(uris[0]), login("mit", "obol", transport=transport)
    mine(user, PASSWORD, token.code()).ok()
    assert qr.read(shown.replace("\u2580", "\u2588").replace("\u2584", "\u2588")) == []
    judged("zbar 0.23", "authenticator of our enrolment", "QR code", "half blocks in a terminal", "its codes log in")


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = compile_on_mit(ROOT / "tests" / "peers" / "compat_gic.c", tmp_path_factory.mktemp("gic") / "gic",
                          ["libkrb5.so.3"])
    return lambda mine, side, user, *words: run([path, user, f"armor={mine.armor}", *words], on_ours(
        mine.client.env()) if side == "obol" else mine.client.env()).ok()


def answers(said):
    """What the program was told, without the question for a password that MIT's library asks along with it."""
    return [line for line in said.out.splitlines() if line != "asked: password"]


def test_a_program_gives_a_code_by_its_responder_or_prompter(login, program, judged):
    mine = login("mit", "mit")
    for words in (["otp=314159"], ["otp=314159", "pin="], ["otp=271828"], ["prompt=314159"], ["prompt=271828"],
                  ["otp=271828", "token=7", "prompt=314159"]):
        theirs, ours = (answers(program(mine, side, "alice", *words)) for side in ("mit", "obol"))
        assert ours == theirs and "asked: otp" in ours and "unasked: 22" in ours, (words, theirs, ours)
        right = words[-1] in ("otp=314159", "prompt=314159", "pin=")
        assert ours[-1] == ("logged in,  initial, addresses:" if right else "code -1765328360"), words
        assert ("prompt: Enter OTP Token Value (1, 4)" in ours) == words[-1].startswith("prompt")
    judged("krb5_responder_otp_*", "the same program", "one-time password", "responder and prompter", "the same on both")


def test_a_program_gives_the_pin_beside_the_code(login, realm_of, program, judged):
    mine, token = login("mit", "obol"), realm_of("obol").tokens["responder"]
    for side in ("mit", "obol"):
        said = program(mine, side, "responder", f"otp={token.code()}", f"pin={PASSWORD}").out
        assert "logged in" in said and "flags 11," in said.replace("flags 7,", "flags 11,"), said
        used = token.code()
        said = program(mine, side, "responder", f"prompt={used},{PASSWORD}").out
        assert "prompt: OTP Token PIN (1, 4)" in said and "logged in" in said
        for words in ([f"otp={used}", f"pin={PASSWORD}"], [f"otp={token.code()}", "pin=wrong"]):
            assert "code -1765328360" in program(mine, side, "responder", *words).out, words
        assert "logged in" in program(mine, side, "responder", f"otp={token.code()}", f"pin={PASSWORD}").out
    judged("krb5_responder_otp_*", "the same program", "our KDC", "a PIN", "logged in; wrong PIN, used code refused")


@pytest.mark.parametrize("kind", ["mit", "obol"])
def test_the_password_alone_is_not_enough(login, kind):
    mine = login(kind, "obol")
    refused = mine.client.login("fresh").failed()
    assert kind == "mit" or "--armor-cache" in refused.text, str(refused)
    mine("fresh", PASSWORD, "").failed()


def test_a_code_of_time_logs_in_once(login, realm_of, transport, judged):
    user = f"timed-{transport}"
    mine, token = login("mit", "obol", transport=transport), realm_of("obol").tokens[user]
    code = token.code()
    mine(user, PASSWORD, code).ok()
    mine(user, PASSWORD, code).failed()
    judged("kinit 1.20.1 (MIT)", "client of our KDC", "one-time password", "TOTP and password, FAST", "logged in")


def test_guesses_lock_the_account(login, realm_of, transport):
    user = f"locked-{transport}"
    mine, token = login("mit", "obol", transport=transport), realm_of("obol").tokens[user]
    for guess in ("000000", "111111", "222222"):
        mine(user, PASSWORD, guess).failed()
    mine.client.says("locked", mine(user, PASSWORD, token.code()).failed())


def test_what_was_used_stays_used_over_a_restart_and_a_new_master_key(started, tmp_path):
    realm = started(TokenRealm, "RESTART.TEST")
    mine, token = Login("obol", realm, tmp_path), realm.tokens["fresh"]
    used = token.code()
    mine("fresh", PASSWORD, used).ok()
    realm.admin("realm", "rekey")
    realm.stop()
    realm.start()
    mine("fresh", PASSWORD, used).failed()
    mine("fresh", PASSWORD, token.code()).ok()


def test_a_code_that_was_right_in_vain_stays_used_too(started, tmp_path):
    realm = started(TokenRealm, "VAIN.TEST")
    mine, token = Login("obol", realm, tmp_path), realm.tokens["fresh"]
    used = token.code()
    realm.expire_password("fresh")
    assert "expired" in mine("fresh", PASSWORD, used).failed().text
    realm.stop()
    realm.admin("principal", "set", "--password-expires", "never", "fresh")
    shown = json.loads(realm.admin("principal", "show", "--json", "fresh").out)
    assert shown["failures"] == 0, "it was no failure"
    realm.start()
    mine("fresh", PASSWORD, used).failed()
    mine("fresh", PASSWORD, token.code()).ok()


def test_our_client_logs_in_to_mits_kdc_behind_radius(login, transport, judged):
    mine = login("obol", "mit", transport=transport)
    mine("alice", "314159").ok()
    mine.client.ticket("HTTP/localhost").ok()
    refused = mine("alice", "271828").failed()
    assert "one-time code" in refused.text, str(refused)
    judged("krb5kdc 1.20.1 (MIT), freeradius 3.2", "KDC of our client", "one-time password", "RADIUS, FAST",
           "logged in; a wrong code refused")


def test_our_servers_at_sockets_are_such_that_mits_kdc_asks_them_too(login, realm_of, transport, judged):
    """That the server by which test_otp_radius.py judges our KDC speaks as one for MIT's."""
    mine, nearby = login("obol", "mit", transport=transport), realm_of("mit").nearby
    nearby.answers["bob"] = lambda request: [nearby.reply(request, signed=False) if nearby.asked["bob"][-1][2] == "314159"
                                             else nearby.reply(request, REJECT, signed=False)]
    mine("bob", "314159").ok()
    mine("bob", "271828").failed()
    judged("krb5kdc 1.20.1 (MIT)", "KDC of our client", "one-time password", "RADIUS at a socket, FAST",
           "logged in; a wrong code refused")
