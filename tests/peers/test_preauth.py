# test_preauth.py: preauthentication with unchanged clients and KDCs: SPAKE (RFC 9588), FAST with the
# encrypted challenge (RFC 6113), indicators (RFC 8129); beside each, what must not be taken. At the
# end a login is recorded and guessed at, as somebody on the way would.
import re
from pathlib import Path

import pytest

from support.capture import Relay, guess, sealed_parts
from support.heimdal import HeimdalClient, HeimdalRealm, program
from support.mit import MitClient, MitRealm
from support.obol import ObolClient, ObolRealm, binary
from support.process import run, which
from support.realm import PASSWORD, moment

GROUPS = {"edwards25519": 1, "P-256": 2, "P-384": 3, "P-521": 4}
SPAKE = r"SPAKE challenge received with group {}"
CHALLENGE = r"encrypted_challenge \(138\) \(real\) returned: 0/Success"
FAST = r"FAST reply key"


class StrictObolRealm(ObolRealm):
    """No encrypted timestamps; logins by SPAKE and by challenge have indicators."""

    def create(self):
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace(f"    {self.name} = {{", f"""    {self.name} = {{
        encrypted_timestamp = false
        spake_preauth_groups = {" ".join(GROUPS)}
        spake_preauth_indicator = pake
        encrypted_challenge_indicator = armored
        lockout_failures = 3""", 1))

    def populate(self):
        for user in ("alice", "host", "counted-udp", "counted-tcp"):
            self.add_user(user)
        for service, wanted in (("HTTP/localhost", None), ("HTTP/pake", "pake"), ("HTTP/armored", "armored")):
            self.admin("spn", "add", service)
            if wanted:
                self.admin("principal", "set", "--attribute", f"require_auth={wanted}", service)
        self.keytab("HTTP/localhost", self.dir / "http.keytab")


# A challenge of this group goes out with the first refusal (RFC 9588 4.1).
EAGER = "[kdcdefaults]\n    spake_preauth_kdc_challenge = edwards25519\n"


class EagerObolRealm(StrictObolRealm):
    def create(self):
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(EAGER + conf.read_text())


class SpakeMitRealm(MitRealm):
    def krb5_conf(self, flavour, path, *args, **extra):
        return super().krb5_conf(flavour, path, *args, **{"spake_preauth_groups": " ".join(GROUPS), **extra})

    def populate(self):
        for user in ("alice", "host"):
            self.add_user(user)
        self.add_service("HTTP/localhost")


class EagerMitRealm(SpakeMitRealm):
    def create(self):
        super().create()
        conf = self.dir / "kdc.conf"
        conf.write_text(EAGER + conf.read_text())


class PlainHeimdalRealm(HeimdalRealm):
    populate = SpakeMitRealm.populate


class PlainObolRealm(ObolRealm):
    """Timestamps are taken, too, and asked for first; the password of soon will expire in two days."""
    kind = "plain"

    def create(self):
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace(f"    {self.name} = {{", f"""    {self.name} = {{
        preauth_mechanisms = encrypted_timestamp encrypted_challenge spake""", 1))

    def populate(self):
        SpakeMitRealm.populate(self)
        self.add_user("soon")
        self.admin("principal", "set", "--password-expires", moment(days=2).strftime("%Y-%m-%d"), "soon")


KDCS = {"obol": StrictObolRealm, "plain": PlainObolRealm, "mit": SpakeMitRealm, "heimdal": PlainHeimdalRealm,
        "eager-obol": EagerObolRealm, "eager-mit": EagerMitRealm}
USERS = {"obol": ObolClient, "mit": MitClient, "heimdal": HeimdalClient}


@pytest.fixture(scope="module")
def kdc(started):
    return lambda kind: started(KDCS[kind], kind.upper() + "2.TEST")


@pytest.fixture
def user(kdc, tmp_path):
    return lambda maker, kind, **conf: USERS[maker](kdc(kind), tmp_path, **conf)


def traced(client, *args, password=PASSWORD):
    return client.run(args, input=password + "\n", env={"KRB5_TRACE": "/dev/stderr"})


def armor(client):
    """A cache with the host's ticket, made by the client's own make."""
    cache = f"FILE:{client.dir}/armor"
    env = {"KRB5CCNAME": cache}
    if client.kind == "mit":
        client.run(["kinit", "host"], input=PASSWORD + "\n", env=env).ok()
    elif client.kind == "obol":
        client.run([binary(), "login", "--password-stdin", "host"], input=PASSWORD + "\n", env=env).ok()
    else:
        # Heimdal's kinit has no SPAKE: ours gets the ticket for it where timestamps are refused.
        ObolClient(client.realm, client.dir.parent / "armor").run(
            [binary(), "login", "--password-stdin", "host"], input=PASSWORD + "\n", env=env).ok()
    return cache


def saying(pattern, result):
    assert re.search(pattern, result.text), f"'{pattern}' is missing:\n{result}"
    return result


# ---- MIT's kinit, our KDC

@pytest.mark.parametrize("group", GROUPS)
def test_kinit_logs_in_by_spake(user, group, transport, judged):
    mit = user("mit", "obol", spake_preauth_groups=group, transport=transport)
    saying(SPAKE.format(GROUPS[group]), traced(mit, "kinit", "alice").ok())
    mit.ticket("HTTP/localhost").ok()
    assert "SPAKE" in traced(mit, "kinit", "alice", password="wrong").failed().err
    judged("kinit 1.20.1 (MIT)", "client of our KDC", f"SPAKE {group}", "enc-pa-rep", "logged in")


def test_kinit_cannot_log_in_by_a_timestamp_that_the_realm_refuses(user, transport):
    mit = user("mit", "obol", preferred_preauth_types="2", spake_preauth_groups="P-256", transport=transport)
    saying(SPAKE.format(2), traced(mit, "kinit", "alice").ok())
    user("heimdal", "obol", transport=transport).login("alice").failed()


def test_kinit_logs_in_in_armor(user, transport, judged):
    mit = user("mit", "obol", transport=transport)
    cache = armor(mit)
    shown = traced(mit, "kinit", "-T", cache, "alice").ok()
    for pattern in (CHALLENGE, FAST, r"FAST negotiation: available"):
        saying(pattern, shown)
    saying(r"FAST reply key", traced(mit, "kvno", "HTTP/localhost").ok())
    mit.says("wrong password", traced(mit, "kinit", "-T", cache, "alice", password="wrong").failed())
    judged("kinit 1.20.1 (MIT)", f"client of our KDC, {transport}", "encrypted challenge",
           "FAST for AS and TGS", "logged in, ticket")


def sent(result):
    """How many messages a client's trace says that it sent."""
    return len(re.findall(r"Sending request \(|sent \d+ bytes", result.text))


def test_kinit_answers_a_challenge_that_it_did_not_ask_for(user, transport, judged):
    mit = user("mit", "eager-obol", transport=transport)
    # With a challenge the refusal is longer than what may be answered by UDP to somebody unproven.
    too_big = 1 if transport == "udp" else 0
    shown = saying(SPAKE.format(1), traced(mit, "kinit", "alice").ok())
    assert sent(shown) == 2 + too_big and ("Response too big" in shown.err) == bool(too_big), str(shown)
    mit.says("wrong password", traced(mit, "kinit", "alice", password="wrong").failed())
    # One that has not the challenge's group says which it has.
    other = user("mit", "eager-obol", transport=transport, spake_preauth_groups="P-384")
    shown = saying(SPAKE.format(3), traced(other, "kinit", "alice").ok())
    assert sent(shown) == 3 + too_big, str(shown)
    judged("kinit 1.20.1 (MIT)", f"client of our KDC, {transport}", "SPAKE", "challenge before the support",
           "logged in by two messages; by three with another group")


def test_kinit_logs_in_by_spake_in_armor(user, transport):
    mit = user("mit", "obol", preferred_preauth_types="151", transport=transport)
    shown = traced(mit, "kinit", "-T", armor(mit), "alice").ok()
    saying(SPAKE.format(1), shown)
    saying(FAST, shown)


def test_armor_of_another_realm_is_refused(user, transport):
    other = user("mit", "mit")
    cache = armor(other)
    mit = user("mit", "obol", transport=transport)
    traced(mit, "kinit", "-T", cache, "alice").failed()


def test_wrong_passwords_are_counted_once_each(user, transport):
    mit, counted = user("mit", "obol", transport=transport), f"counted-{transport}"
    armored = armor(mit)
    for args in (["kinit"], ["kinit", "-T", armored]):
        traced(mit, *args, counted, password="wrong").failed()
    traced(mit, "kinit", counted).ok()  # two failures do not lock
    for args in (["kinit"], ["kinit", "-T", armored], ["kinit"]):
        traced(mit, *args, counted, password="wrong").failed()
    mit.says("locked", traced(mit, "kinit", counted).failed())


def test_kinit_takes_mechanisms_in_the_order_of_kdc_conf(user, transport, judged):
    plain = traced(user("mit", "plain", transport=transport), "kinit", "alice").ok()
    saying(r"Processing preauth types: .*PA-ENC-TIMESTAMP \(2\), PA-SPAKE \(151\)", plain)
    saying(r"encrypted_timestamp \(2\) \(real\) returned: 0/Success", plain)
    saying('Selected etype info: .*salt "PLAIN2.TESTalice"', plain)
    strict = traced(user("mit", "obol", transport=transport), "kinit", "alice").ok()
    assert "PA-ENC-TIMESTAMP" not in strict.text
    saying(SPAKE.format(1), strict)
    judged("kinit 1.20.1 (MIT)", f"client of our KDC, {transport}", "METHOD-DATA", "preauth_mechanisms, salt", "the first of the list")


def test_kinit_warns_of_a_password_that_will_expire(user, transport, judged):
    mit = user("mit", "plain", transport=transport)
    saying(r"Warning: Your password will expire in", traced(mit, "kinit", "soon").ok())
    assert "Warning" not in traced(mit, "kinit", "alice").ok().text
    judged("kinit 1.20.1 (MIT)", f"client of our KDC, {transport}", "last-req, key-expiration", "", "warns of the password's end")


# ---- Heimdal's kinit, our KDC

# That of 7.8 knows no encrypted challenge and sends timestamps in its armor; whose reply it cannot
# open if FAST strengthens the key. The strict realm therefore has nothing to offer to it.
def test_heimdals_kinit_logs_in_in_armor(user, transport, judged):
    def words(client):
        return [program("kinit.heimdal"), "--password-file=STDIN", f"--fast-armor-cache={armor(client)}", "alice"]
    heimdal, strict = (user("heimdal", kind, transport=transport) for kind in ("plain", "obol"))
    heimdal.run(words(heimdal), input=PASSWORD + "\n").ok()
    heimdal.ticket("HTTP/localhost").ok()
    heimdal.run(words(heimdal), input="wrong\n").failed()
    strict.run(words(strict), input=PASSWORD + "\n").failed()
    judged("kinit 7.8 (Heimdal)", f"client of our KDC, {transport}", "encrypted timestamp", "FAST", "logged in, ticket")


# ---- our client, their KDCs

@pytest.mark.parametrize("group", GROUPS)
def test_ours_logs_in_to_mits_kdc_by_spake(user, group, transport, judged):
    ours = user("obol", "mit", spake_preauth_groups=group, transport=transport)
    ours.login("alice").ok()
    shown = ours.run([binary(), "tickets", "--config"]).ok()
    assert re.search(r"pa_type\s.*151", shown.out), str(shown)
    ours.ticket("HTTP/localhost").ok()
    ours.says("wrong password", ours.login("alice", "wrong").failed())
    judged("krb5kdc 1.20.1 (MIT)", f"KDC of our client, {transport}", f"SPAKE {group}", "", "logged in, ticket")


def test_ours_answers_a_challenge_that_it_did_not_ask_for(user, transport, judged):
    words = [binary(), "login", "--password-stdin", "alice"]
    ours = user("obol", "eager-mit", transport=transport)
    shown = traced(ours, *words).ok()
    assert sent(shown) == 2, str(shown)
    assert re.search(r"pa_type\s.*151", ours.run([binary(), "tickets", "--config"]).ok().out)
    ours.says("wrong password", ours.login("alice", "wrong").failed())
    other = user("obol", "eager-mit", transport=transport, spake_preauth_groups="P-384")
    assert sent(traced(other, *words).ok()) == 3
    judged("krb5kdc 1.20.1 (MIT)", f"KDC of our client, {transport}", "SPAKE", "challenge before the support",
           "logged in by two messages; by three with another group")


@pytest.mark.parametrize("kind", ["mit", "heimdal", "obol"])
def test_ours_logs_in_in_armor(user, kind, transport, judged):
    ours = user("obol", kind, transport=transport)
    words = [binary(), "login", "--password-stdin", "--armor-cache", armor(ours), "alice"]
    ours.run(words, input=PASSWORD + "\n").ok()
    shown = ours.run([binary(), "tickets", "--config"]).ok()
    assert re.search(r"pa_type\s.*138", shown.out), str(shown)
    ours.ticket("HTTP/localhost").ok()
    ours.says("wrong password", ours.run(words, input="wrong\n").failed())
    judged({"mit": "krb5kdc 1.20.1 (MIT)", "heimdal": "kdc 7.8 (Heimdal)", "obol": "ours"}[kind],
           f"KDC of our client, {transport}", "encrypted challenge", "FAST", "logged in, ticket")


def test_what_our_client_says_of_armor_that_does_not_fit(user):
    ours = user("obol", "obol")
    refused = ours.run([binary(), "login", "--password-stdin", "--armor-cache", "FILE:/nonexistent", "alice"],
                       input=PASSWORD + "\n").failed()
    saying(r"no credential cache.*\n.*|No such file", refused)


def test_our_kinit_takes_armor_as_mits_does(user):
    ours = user("obol", "mit")
    kinit = Path(binary()).parent / "lib" / "obol" / "bin" / "kinit"
    ours.run([kinit, "-T", armor(ours), "alice"], input=PASSWORD + "\n").ok()
    assert re.search(r"pa_type\s.*138", ours.run([binary(), "tickets", "--config"]).ok().out)
    ours.run([kinit, "-T", "FILE:/nonexistent", "alice"], input=PASSWORD + "\n").failed()


# ---- indicators

def test_services_get_the_login_that_they_require(user, transport):
    mit = user("mit", "obol", transport=transport)
    mit.login("alice").ok()
    mit.ticket("HTTP/pake").ok()
    assert "policy" in mit.ticket("HTTP/armored").failed().text
    traced(mit, "kinit", "-T", armor(mit), "alice").ok()
    mit.ticket("HTTP/armored").ok()
    assert "policy" in mit.ticket("HTTP/pake").failed().text


ACCEPTOR = """
import gssapi
service = gssapi.Name("HTTP@localhost", gssapi.NameType.hostbased_service)
initiator = gssapi.SecurityContext(name=service, usage="initiate")
acceptor = gssapi.SecurityContext(creds=gssapi.Credentials(usage="accept", name=service), usage="accept")
acceptor.step(initiator.step())
print(sorted(acceptor.initiator_name.attributes[b"auth-indicators"].values))
"""


def test_mits_acceptor_reads_the_indicators_of_our_kdc(user, transport, judged):
    mit = user("mit", "obol", transport=transport)
    mit.login("alice").ok()
    shown = mit.run(["/usr/bin/python3", "-c", ACCEPTOR],
                    env={"KRB5_KTNAME": str(mit.realm.dir / "http.keytab")}).ok()
    assert shown.out.strip() == "[b'pake']", str(shown)
    mit.run(["kdestroy"]).ok()
    traced(mit, "kinit", "-T", armor(mit), "alice").ok()
    shown = mit.run(["/usr/bin/python3", "-c", ACCEPTOR], env={"KRB5_KTNAME": str(mit.realm.dir / "http.keytab")}).ok()
    assert shown.out.strip() == "[b'armored']", str(shown)
    judged("libgssapi_krb5 1.20.1 (MIT)", f"acceptor of our ticket, {transport}", "auth-indicators", "CAMMAC", "pake, armored")


# ---- a recorded login

class WeakRealm(ObolRealm):
    """A user whose password is in john's list of words."""

    def populate(self):
        self.admin("principal", "add", "--password-stdin", "--enctype", "aes128-cts-hmac-sha256-128", "victim",
                   input="dragon\n")


@pytest.fixture(scope="module")
def recorded(started):
    realm = started(WeakRealm, "WEAK.TEST")
    relay = Relay(realm.port)
    yield realm, relay
    relay.stop()


def words_of_john(tmp_path, first):
    """Debian's john has no format of Kerberos 5, so it supplies the words, and capture.py tries them."""
    done = run([which("john"), "--stdout", "--wordlist=/usr/share/john/password.lst"],
               {"HOME": str(tmp_path), "PATH": "/usr/bin:/usr/sbin"}).ok()
    return [word.encode() for word in done.out.split("\n") if word][:first]


SALT = b"WEAK.TESTvictim"


def record(recorded, tmp_path, **conf):
    realm, relay = recorded
    relay.messages.clear()
    mit = MitClient(realm, tmp_path, port=relay.port, **conf)
    mit.login("victim", "dragon").ok()
    return list(relay.messages)


def test_a_recorded_timestamp_gives_the_password_away(recorded, tmp_path, judged):
    messages = record(recorded, tmp_path, preferred_preauth_types="2")
    assert guess(messages, SALT, words_of_john(tmp_path, 100)) == b"dragon"
    judged("john 1.9.0", "on a recorded login", "encrypted timestamp", "100 words", "the password")


def test_a_recorded_login_by_spake_gives_nothing_away(recorded, tmp_path, judged):
    messages = record(recorded, tmp_path)
    assert any(sealed_parts(m) for m in messages)
    # Not even who has the password sees it in the recording.
    assert guess(messages, SALT, words_of_john(tmp_path, 100)) is None
    assert guess(messages, SALT, [b"dragon"]) is None
    judged("john 1.9.0", "on a recorded login", "SPAKE", "100 words", "nothing to try them on")
