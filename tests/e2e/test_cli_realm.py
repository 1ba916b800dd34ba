# test_cli_realm.py: the commands of the realm's side, as people and scripts call them: a realm from
# nothing, its principals, SPNs and keytabs, and mistakes with the words that mend them.
import json
import os
import re
import stat
import subprocess

import pytest

from support.obol import binary, obol_env
from support.process import run

REALM = "CLI.TEST"


class Home:
    """A realm in a directory of its own, and the commands on it."""

    def __init__(self, directory):
        self.path = directory / "home"

    def run(self, *words, input=""):
        return run([binary(), *words, "--home", self.path], obol_env(), input)

    def ok(self, *words, input=""):
        return self.run(*words, input=input).ok().out

    def json(self, *words, input=""):
        return json.loads(self.ok(*words, "--json", input=input))

    def refused(self, *words, input="", status=1):
        """What a command that fails says on standard error."""
        result = self.run(*words, input=input).failed()
        assert result.status == status, str(result)
        assert result.out == "" or status == 2
        return result.err


@pytest.fixture
def home(tmp_path):
    h = Home(tmp_path)
    h.ok("realm", "create", REALM, "--listen", "127.0.0.1:0")
    return h


@pytest.fixture
def alice(home):
    home.ok("principal", "add", "alice", "--password-stdin", input="wonderland\n")
    return home


def test_a_new_realm_is_its_owners_alone(home):
    assert stat.S_IMODE(os.stat(home.path).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(home.path / "master.key").st_mode) == 0o600
    assert f"realm = {REALM}" in (home.path / "kdc.conf").read_text()
    assert "127.0.0.1:0" in (home.path / "kdc.conf").read_text()


def test_a_new_realm_tells_what_to_do_next(tmp_path):
    out = Home(tmp_path).ok("realm", "create", REALM)
    assert REALM in out and "obol principal add" in out and "obol serve" in out


def test_a_realm_tells_its_sid_and_what_its_tickets_are_made_of(home):
    shown, again = home.json("realm", "show"), home.json("realm", "show")
    assert shown == again and shown["realm"] == REALM and shown["tgs_kvno"] == 1
    assert re.fullmatch(r"S-1-5-21(-\d+){3}", shown["domain_sid"])
    told = home.ok("realm", "show")
    assert shown["domain_sid"] in told and shown["tgs_enctypes"][0] in told and "10h" in told
    home.ok("principal", "password", "--random", f"krbtgt/{REALM}")
    conf = home.path / "kdc.conf"
    conf.write_text(conf.read_text().replace(f"{REALM} = {{", f"{REALM} = {{\n        domain_sid = S-1-5-21-1-2-3", 1))
    shown = home.json("realm", "show")
    assert shown["domain_sid"] == "S-1-5-21-1-2-3" and shown["tgs_kvno"] == 2


def test_what_is_no_realm_is_not_shown(home, tmp_path):
    assert "obol realm create" in Home(tmp_path / "elsewhere").refused("realm", "show")
    assert "takes no arguments" in home.refused("realm", "show", "OTHER.TEST", status=2)


def test_realm_create_gives_json(tmp_path):
    made = Home(tmp_path).json("realm", "create", REALM)
    assert made["realm"] == REALM
    assert made["master_key"] == str(tmp_path / "home" / "master.key")


def test_a_realm_that_exists_is_left_alone(home):
    before = (home.path / "master.key").read_bytes()
    err = home.refused("realm", "create", "OTHER.TEST")
    assert REALM in err and "--home" in err
    assert (home.path / "master.key").read_bytes() == before


def test_a_realm_in_small_letters_is_remarked_on(tmp_path):
    assert "capitals" in Home(tmp_path).run("realm", "create", "small.test").ok().err


def test_a_home_without_a_realm_says_how_to_make_one(tmp_path):
    err = Home(tmp_path).refused("principal", "list")
    assert "obol realm create" in err and str(tmp_path) in err


def test_a_user_is_added_and_shown(alice):
    shown = alice.json("principal", "show", "alice")
    assert shown["principal"] == f"alice@{REALM}"
    assert shown["kind"] == "user" and shown["kvno"] == 1
    assert {"requires-preauth", "no-server"} <= set(shown["flags"])
    assert [k["made_from"] for k in shown["keys"]] == ["password"] * len(shown["keys"])
    assert shown["keys"][0]["enctype"] == "aes256-cts-hmac-sha384-192"
    assert shown["expires"] is None and shown["created"].endswith("Z")
    text = alice.ok("principal", "show", "alice")
    assert re.search(r"^1 +aes256-cts-hmac-sha384-192 +password", text, re.M)
    assert "wonderland" not in text and "wonderland" not in json.dumps(shown)


def test_a_password_can_come_from_a_descriptor(home):
    read, write = os.pipe()
    os.write(write, b"from a pipe\n")
    os.close(write)
    subprocess.run([binary(), "principal", "add", "bob", "--password-fd", str(read), "--home", home.path],
                   env=obol_env(), pass_fds=[read], check=True, capture_output=True)
    os.close(read)
    assert home.json("principal", "show", "bob")["kvno"] == 1


def test_an_empty_password_is_refused(home):
    assert "empty" in home.refused("principal", "add", "bob", "--password-stdin", input="\n")
    home.refused("principal", "show", "bob")


def test_without_a_terminal_a_password_is_asked_for_by_name_of_the_option(home):
    assert "--password-stdin" in home.refused("principal", "add", "bob")


def test_a_name_that_is_taken_is_refused_before_the_password_is_read(alice):
    err = alice.refused("principal", "add", "alice")
    assert f"alice@{REALM}" in err and "obol principal set" in err


def test_an_unknown_principal_is_answered_with_the_nearest_name(alice):
    assert "did you mean alice?" in alice.refused("principal", "show", "alcie")
    assert "obol principal list" in alice.refused("principal", "show", "zzzzzzzz")


def test_principals_are_listed_by_pattern(alice):
    alice.ok("principal", "add", "HTTP/web.cli.test", "--service")
    everybody = [p["principal"] for p in alice.json("principal", "list")]
    assert {f"alice@{REALM}", f"HTTP/web.cli.test@{REALM}", f"krbtgt/{REALM}@{REALM}"} <= set(everybody)
    assert [p["principal"] for p in alice.json("principal", "list", "a*")] == [f"alice@{REALM}"]
    assert alice.ok("principal", "list", "--names", "HTTP/*") == f"HTTP/web.cli.test@{REALM}\n"
    assert alice.json("principal", "list", "nobody*") == []
    table = alice.ok("principal", "list", "a*").splitlines()
    assert table[0].split()[:3] == ["Principal", "Kind", "kvno"] and table[1].startswith("alice@")


def test_flags_times_and_attributes_are_set_and_cleared(alice):
    shown = alice.json("principal", "set", "alice", "--set", "disabled", "--max-life", "4h",
                       "--expires", "2030-01-31T10:00:00Z", "--attribute", "mail=a@b", "--lock")
    assert {"disabled", "locked"} <= set(shown["flags"])
    assert shown["max_life"] == 4 * 3600 and shown["expires"] == "2030-01-31T10:00:00Z"
    assert shown["attributes"] == [{"name": "mail", "value": "a@b"}]
    shown = alice.json("principal", "set", "alice", "--clear", "disabled", "--max-life", "default",
                       "--expires", "never", "--attribute", "mail=", "--unlock")
    assert not {"disabled", "locked"} & set(shown["flags"])
    assert shown["max_life"] == 0 and shown["expires"] is None and shown["attributes"] == []


def test_tokens_of_one_time_passwords_come_are_listed_and_go(alice):
    shown = alice.ok("otp", "add", "alice", "--label", "phone")
    uri = re.search(r"otpauth://totp/alice@CLI\.TEST\?secret=([A-Z2-7]{32})&issuer=CLI\.TEST"
                    r"&algorithm=SHA1&digits=6&period=30\n", shown)
    assert uri and shown.count("\u2588") > 100, shown
    more = alice.json("otp", "add", "alice", "--hotp", "--digits", "8", "--hash", "256", "--code-only")
    assert more["number"] == 2 and "otpauth://hotp/" in more["uri"] and "counter=0" in more["uri"]
    listed = alice.json("otp", "list", "alice")
    assert [(t["label"], t["kind"], t["digits"], t["sha"]) for t in listed] == \
        [("phone", "totp", 6, 1), ("token 2", "hotp", 8, 256)]
    # The secret is shown once: neither the list nor the principal has it, or bytes that hold it.
    for words in (["otp", "list", "alice"], ["principal", "show", "alice"], ["principal", "show", "alice", "--json"]):
        assert uri[1] not in alice.ok(*words) and "obol.tokens" not in alice.ok(*words)
    assert "One-time codes" in alice.ok("principal", "show", "alice")
    assert "phone already" in alice.refused("otp", "add", "alice", "--label", "phone")
    assert "no token purse" in alice.refused("otp", "delete", "alice", "purse")
    assert "reserved" in alice.refused("principal", "set", "alice", "--attribute", "obol.tokens=x")
    alice.ok("otp", "delete", "alice", "phone")
    assert "its password alone" in alice.ok("otp", "delete", "alice", "2")
    assert alice.json("otp", "list", "alice") == []


@pytest.mark.parametrize("words, said", [
    (["--exires", "never"], "did you mean --expires?"),
    (["--set", "disbled"], "did you mean disabled?"),
    (["--set", "zzz"], "requires-preauth"),
    (["--max-life", "soon"], "--max-life"),
    (["--expires", "someday"], "2026-12-31"),
    (["--attribute", "novalue"], "NAME=VALUE"),
    (["--set", "disabled", "--clear", "disabled"], "both set and cleared"),
    (["--lock", "--unlock"], "exclude"),
    ([], "nothing is to be changed"),
], ids=lambda p: " ".join(p) if isinstance(p, list) else "")
def test_a_mistake_is_named_with_what_was_expected(alice, words, said):
    before = alice.json("principal", "show", "alice")
    assert said in alice.refused("principal", "set", "alice", *words, status=2)
    assert alice.json("principal", "show", "alice") == before


def test_an_unknown_enctype_is_answered_with_the_nearest(home):
    err = home.refused("principal", "add", "bob", "--random", "--enctype", "aes256-cts-hmac-sha1-69", status=2)
    assert "did you mean aes256-cts-hmac-sha1-96?" in err


def test_a_weak_enctype_is_remarked_on(home):
    assert "weak" in home.run("principal", "add", "bob", "--random", "-e", "arcfour-hmac").ok().err
    assert [k["enctype_number"] for k in home.json("principal", "show", "bob")["keys"]] == [23]


def test_a_new_password_makes_a_new_version(alice):
    assert alice.json("principal", "password", "alice", "--password-stdin", input="x2\n")["kvno"] == 2
    assert {k["kvno"] for k in alice.json("principal", "show", "alice")["keys"]} == {2}
    alice.ok("principal", "password", "alice", "--random", "--keep-old", "1")
    assert {k["kvno"] for k in alice.json("principal", "show", "alice")["keys"]} == {2, 3}


def test_principals_are_deleted_all_or_none(alice):
    alice.ok("principal", "add", "bob", "--random")
    alice.refused("principal", "delete", "bob", "nobody")
    alice.ok("principal", "show", "bob")
    assert alice.json("principal", "delete", "alice", "bob") == {"deleted": [f"alice@{REALM}", f"bob@{REALM}"]}
    alice.refused("principal", "show", "alice")


def test_the_realms_own_service_cannot_be_deleted(home):
    assert "krbtgt" in home.refused("principal", "delete", f"krbtgt/{REALM}")


def test_many_principals_come_a_line_each(home):
    lines = "# people\nuser1\trandom\nuser2\tpassword=secret\tmax-life=3600\nHTTP/many\trandom\n"
    assert home.json("principal", "load", input=lines) == {"principals": 3, "skipped": 0, "lines": 4}
    assert home.json("principal", "show", "user2")["max_life"] == 3600
    assert home.json("principal", "show", "HTTP/many")["kind"] != "user"
    assert "user1" in home.refused("principal", "load", input=lines)
    again = home.json("principal", "load", "--skip-existing", input=lines + "user3\tnone\n")
    assert again == {"principals": 1, "skipped": 3, "lines": 5}


def test_a_mistake_in_a_load_names_its_line(home):
    err = home.refused("principal", "load", "--fast", input="user1\trandom\nuser2\tsecret\n")
    assert "line 2" in err and "random" in err


def test_an_spn_is_a_service_or_a_further_name_of_one(home):
    made = home.json("spn", "add", "HTTP/web.cli.test")
    assert made == {"spn": "HTTP/web.cli.test", "account": f"HTTP/web.cli.test@{REALM}",
                    "alias": False, "kvno": 1}
    assert home.json("spn", "add", "HTTP/www.cli.test", "HTTP/web.cli.test")["alias"]
    listed = {s["spn"]: s["alias"] for s in home.json("spn", "list", "HTTP/*")}
    assert listed == {f"HTTP/web.cli.test@{REALM}": False, f"HTTP/www.cli.test@{REALM}": True}
    assert home.json("principal", "show", "HTTP/www.cli.test")["principal"] == f"HTTP/web.cli.test@{REALM}"
    assert home.json("spn", "delete", "HTTP/www.cli.test")["alias"]
    assert not home.json("spn", "delete", "HTTP/web.cli.test")["alias"]
    assert home.json("spn", "list", "HTTP/*") == []


def test_an_spn_of_an_account_with_a_password_wants_consent(alice):
    assert "guess" in alice.refused("spn", "add", "HTTP/a.cli.test", "alice")
    alice.ok("spn", "add", "HTTP/a.cli.test", "alice", "--allow-password-keys")


def test_each_command_tells_about_itself(tmp_path):
    for words in ("realm create", "realm show", "realm rekey", "principal add", "principal list", "principal show",
                  "principal set", "principal password", "principal delete", "principal load", "spn add", "spn list",
                  "spn delete"):
        told = run([binary(), *words.split(), "--help"], obol_env()).ok().out
        assert f"obol {words}" in told and "--json" in told and "--home" in told
