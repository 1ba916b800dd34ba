# test_cli_json.py: whatever a command does, --json makes standard output one value of JSON: each row of the
# table of commands is run once with it.
import json
import signal
import subprocess

import pytest

from support.obol import PASSWORD, ObolClient, ObolRealm, binary, obol_env
from support.process import free_port, run

REALM, SPN = "JSON.TEST", "HTTP/web.json.test"

# In the order in which one rests on another: with the words behind each, and what it reads.
HOME = {
    "realm create": "JSON.TEST --home {dir}/other --listen 127.0.0.1:{port}",
    "realm show": "", "status": "",
    "policy add": "staff", "policy list": "", "policy show": "staff", "policy set": "staff --min-length 3",
    "principal add": "bob --policy staff --password-stdin < a password\n",
    "principal list": "", "principal show": "bob", "principal set": "bob --max-life 4h",
    "principal password": "bob --random --keep-old 1", "principal purge": "bob",
    "principal load": "< new1\tnone\n", "otp add": "bob", "otp list": "bob", "otp delete": "bob {token}",
    "policy remove": "staff",
    "spn add": "HTTP/also.json.test", "spn list": "", "spn delete": "HTTP/also.json.test",
    "keytab create": "{dir}/web.keytab " + SPN, "keytab list": "{dir}/web.keytab",
    "pki ca": "", "pki kdc": "", "pki user": "bob", "pki revoke": "{home}/pki/bob.pem",
    "realm trust add": "FAR.TEST --password-stdin < a password that is long\n",
    "realm trust list": "", "realm trust show": "FAR.TEST", "realm trust remove": "FAR.TEST",
    "realm rekey": "", "realm backup": "{dir}/copy", "realm export": "{dir}/dump",
    "realm import": "{dir}/dump --stash {dir}/dump.stash --home {dir}/other", "principal delete": "bob",
}
USER = {
    "login": "alice --password-stdin < " + PASSWORD + "\n",
    "tickets": "", "ticket": SPN, "token": SPN, "doctor": "--no-dns " + SPN, "switch": "alice",
    "logout": "",
    "decode": "{dir}/web.keytab", "help": "", "completion": "bash", "version": "",
}
ELSEWHERE = {"passwd"}  # tests/peers/test_kpasswd.py, where there is a service for it
STAY = {"serve": "--home {dir}/other", "web": "--keytab {dir}/web.keytab --port 0"}  # until they are ended


@pytest.fixture(scope="module")
def realm(started):
    realm = started(ObolRealm, REALM)
    realm.admin("spn", "add", SPN)
    return realm


@pytest.fixture
def alice(realm, tmp_path):
    return ObolClient(realm, tmp_path)


def words_of(command, line, **facts):
    words, _, given = line.format(**facts).partition("< ")
    return [binary(), *command.split(), *words.split(), "--json"], given


def test_every_command_is_tried():
    table = {c["name"] for c in json.loads(run([binary(), "help", "--json"], obol_env()).ok().out)}
    assert table == {*HOME, *USER, *STAY, *ELSEWHERE}


def test_what_every_command_shows_is_one_value_of_json(realm, alice, tmp_path):
    (tmp_path / "caches").mkdir(mode=0o700)
    env = {"OBOL_HOME": str(realm.dir / "home"), "KRB5CCNAME": f"DIR:{tmp_path}/caches"}
    facts = {"dir": tmp_path, "home": realm.dir / "home", "port": free_port()}
    for command, line in {**HOME, **USER}.items():
        words, given = words_of(command, line, **facts)
        result = alice.run(words, input=given, env=env)
        assert result.out, str(result)
        shown = json.loads(result.out)
        if command == "otp add":
            facts["token"] = shown["number"]
        # Without a service's answer the token stands alone.
        assert result.status == 0 or command == "token" and "MUTUAL_FAILED" in result.err, (command, str(result))
    for command, line in STAY.items():
        words, _ = words_of(command, line, **facts)
        process = subprocess.Popen(words, env={**obol_env(), "KRB5_CONFIG": str(alice.conf)}, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            begun = process.stderr.readline() if command == "serve" else process.stdout.readline()
        finally:
            process.send_signal(signal.SIGTERM)
            rest, complaints = process.communicate(timeout=60)
        assert "serving on" in begun or json.loads(begun)["url"]
        assert all(json.loads(line) for line in rest.splitlines()) and process.returncode == 0, rest + complaints


def test_what_every_command_fails_with_is_one_value_of_json(tmp_path):
    for command in json.loads(run([binary(), "help", "--json"], obol_env()).ok().out):
        failed = run([binary(), *command["name"].split(), "--no-such-option", "--json"], obol_env()).failed()
        assert json.loads(failed.err)["error"] == "USAGE" and failed.out == "", command["name"]
