# test_cli_policy.py: password policies at the command line: made, shown, changed, given to a user,
# enforced with the rule in the refusal, removed; and mistakes with the words that mend them.
import pytest

from test_cli_realm import home, alice  # noqa: F401


@pytest.fixture
def staff(alice):
    alice.ok("policy", "add", "staff", "--min-length", "10", "--history", "3", "--max-life", "90d",
             "--max-failures", "5", "--lockout-duration", "15m")
    alice.ok("principal", "set", "alice", "--policy", "staff")
    return alice


def test_a_policy_is_shown_as_it_was_made(staff):
    assert staff.json("policy", "show", "staff") == {
        "policy": "staff", "min_length": 10, "min_classes": 1, "history": 3, "dictionary": True,
        "similar": True, "min_life": 0, "max_life": 90 * 86400, "max_failures": 5,
        "failure_interval": 0, "lockout_duration": 900, "allowed_keysalts": ""}
    assert "90d" in staff.ok("policy", "list")
    assert staff.json("policy", "list") == ["staff"]
    assert staff.json("policy", "list", "x*") == []


def test_a_refused_password_names_its_rule(staff):
    def refused(password):
        return staff.refused("principal", "password", "alice", "--password-stdin", input=password + "\n")
    assert "5 characters; 10 at least" in refused("short")
    assert "too like the name" in refused("alice12345")
    staff.ok("principal", "password", "alice", "--password-stdin", input="long enough\n")
    assert "one of the last 3" in refused("wonderland")
    assert staff.json("principal", "show", "alice")["password_expires"]


def test_a_dictionary_is_read_from_kdc_conf(staff):
    conf = staff.path / "kdc.conf"
    conf.write_text(conf.read_text().replace("CLI.TEST = {", "CLI.TEST = {\n        dict_file = words", 1))
    said = staff.refused("principal", "password", "alice", "--password-stdin", input="watermelon seeds\n")
    assert "dict_file" in said
    (staff.path / "words").write_text("strawberries\nWatermelon Seeds\n")
    said = staff.refused("principal", "password", "alice", "--password-stdin", input="watermelon seeds\n")
    assert "word of the dictionary" in said
    staff.ok("principal", "password", "alice", "--password-stdin", input="watermelon stones\n")


def test_a_policy_is_changed_and_removed(staff):
    assert staff.json("policy", "set", "staff", "--min-length", "4", "--max-life", "none")["max_life"] == 0
    staff.ok("principal", "password", "alice", "--password-stdin", input="four\n")
    assert staff.json("policy", "remove", "staff") == {"removed": "staff"}
    assert "there is no such policy" in staff.refused("policy", "show", "staff")
    staff.ok("principal", "password", "alice", "--password-stdin", input="x\n")


def test_mistakes_are_told(staff):
    assert "exists already" in staff.refused("policy", "add", "staff")
    assert "nothing is to be changed" in staff.refused("policy", "set", "staff", status=2)
    assert "expected a duration" in staff.refused("policy", "set", "staff", "--max-life", "x", status=2)
    assert "at most 5" in staff.refused("policy", "set", "staff", "--min-classes", "6", status=2)
    assert "yes or no" in staff.refused("policy", "set", "staff", "--similar", "maybe", status=2)
    assert "min-life is longer" in staff.refused("policy", "set", "staff", "--min-life", "100d")
    assert "not an enctype" in staff.refused("policy", "set", "staff", "--allowed-keysalts", "aes999")
    assert "no such policy" in staff.refused("policy", "remove", "nothing")
    assert "no such policy" in staff.refused("principal", "set", "alice", "--policy", "stuff")
    assert "no such policy" in staff.refused("principal", "add", "bob", "--random", "--policy", "stuff")


def test_old_keys_are_kept_and_purged(alice):
    def kvnos():
        return sorted({k["kvno"] for k in alice.json("principal", "show", "alice")["keys"]})
    for n in range(2):
        alice.ok("principal", "password", "alice", "--keep-old", "5", "--password-stdin", input=f"new {n}\n")
    assert kvnos() == [1, 2, 3]
    alice.ok("principal", "purge", "alice", "--keep-from", "2")
    assert kvnos() == [2, 3]
    assert "no key would be left" in alice.refused("principal", "purge", "alice", "--keep-from", "4")
    assert alice.json("principal", "purge", "alice")["removed"] == 4
    assert kvnos() == [3]
