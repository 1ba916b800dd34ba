# test_rekey.py: obol realm rekey: the master key is replaced while the KDC serves, and whenever the
# command is killed the realm is usable.
import itertools
import json
import os
import signal
import subprocess
import threading

import pytest

from daemon import ROOT, wait_for
from served import ENVIRONMENT, OBOL, Realm

USERS = 1500


@pytest.fixture(scope="module")
def lines():
    """Principals with ready keys, as a load takes them."""
    return "".join(f"user{i}\tkey=aes256-cts-hmac-sha1-96:{i:064x}\n" for i in range(USERS))


@pytest.fixture
def realm(tmp_path, lines):
    r = Realm(tmp_path)
    r.obol("principal", "load", "--fast", password=lines, stdin_option=False)
    yield r
    r.stop()


def master_of(r, name):
    shown = json.loads(r.obol("principal", "show", name, "--json"))
    return {key["master_key"] for key in shown["keys"]}


def leftovers(r):
    return sorted(p.name for p in r.home.iterdir() if p.name.startswith("master.key"))


def test_a_new_master_key_seals_everything_and_changes_no_key(realm):
    keytab, again = realm.directory / "kt", realm.directory / "again"
    realm.obol("keytab", "create", keytab, "krbtgt/OBOL.TEST", "user7")
    before = (realm.home / "master.key").read_bytes()
    done = json.loads(realm.obol("realm", "rekey", "--json"))
    assert done == {"realm": "OBOL.TEST", "master_key_version": 2, "principals": USERS + 4}
    assert master_of(realm, "alice") == master_of(realm, "user7") == {2}
    realm.obol("keytab", "create", again, "krbtgt/OBOL.TEST", "user7")
    assert again.read_bytes() == keytab.read_bytes()
    after = (realm.home / "master.key").read_bytes()
    assert len(after) == len(before) and before[14:46] not in after
    said = realm.obol("realm", "rekey")
    assert "Master key 3 of OBOL.TEST" in said and f"{USERS + 4} principals" in said
    assert realm.kinit().returncode == 0


def test_the_old_master_key_opens_nothing_any_more(realm):
    before = (realm.home / "master.key").read_bytes()
    realm.obol("realm", "rekey")
    (realm.home / "master.key").write_bytes(before)
    done = subprocess.run([OBOL, "principal", "show", "alice", "--home", realm.home], text=True,
                          capture_output=True, env=ENVIRONMENT)
    assert done.returncode == 1 and "version 2" in done.stderr and "master.key" in done.stderr


def test_it_tells_about_itself_and_takes_no_arguments(tmp_path):
    told = subprocess.run([OBOL, "realm", "rekey", "--help"], text=True, capture_output=True).stdout
    assert "obol realm rekey" in told and "--json" in told
    wrong = subprocess.run([OBOL, "realm", "rekey", "X", "--home", tmp_path], text=True, capture_output=True)
    assert wrong.returncode == 2
    nowhere = subprocess.run([OBOL, "realm", "rekey", "--home", tmp_path], text=True, capture_output=True)
    assert nowhere.returncode == 1 and "obol realm create" in nowhere.stderr


def test_logins_go_on_before_during_and_after(realm):
    results, go_on = [], threading.Event()

    def log_in():
        while not go_on.is_set():
            results.append(realm.kinit(cache=f"cc{threading.get_ident()}"))

    clients = [threading.Thread(target=log_in) for _ in range(2)]
    for client in clients:
        client.start()
    wait_for(lambda: len(results) > 3, "logins before it")
    for version in range(2, 7):
        assert json.loads(realm.obol("realm", "rekey", "--json"))["master_key_version"] == version
        realm.obol("principal", "password", "user1", "--random")  # an administrator works meanwhile
    seen = len(results)
    wait_for(lambda: len(results) > seen + 3, "logins after it")
    go_on.set()
    for client in clients:
        client.join()
    assert [r.stderr for r in results if r.returncode != 0] == []
    assert realm.counters()["worker_restarts"] == 0
    assert "MASTER_KEY" not in realm.log.read_text()


@pytest.fixture(scope="module")
def kill_at(tmp_path_factory):
    """The environment in which a program is killed before its n-th call that changes a file."""
    library = tmp_path_factory.mktemp("kill_at") / "kill_at.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", library, ROOT / "tests/support/kill_at.c"],
                   check=True)
    asan = ENVIRONMENT["ASAN_OPTIONS"] + ":verify_asan_link_order=0"
    return lambda n: {**ENVIRONMENT, "LD_PRELOAD": str(library), "ASAN_OPTIONS": asan, "KILL_AT": str(n)}


def test_killed_at_any_moment_it_leaves_a_realm_that_works(realm, kill_at):
    keytab, again = realm.directory / "kt", realm.directory / "again"
    realm.obol("keytab", "create", keytab, "alice", "user7", "krbtgt/OBOL.TEST")
    for moment in itertools.count(1):
        done = subprocess.run([OBOL, "realm", "rekey", "--home", realm.home], env=kill_at(moment),
                              stdout=subprocess.DEVNULL)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        realm.obol("keytab", "create", again, "alice", "user7", "krbtgt/OBOL.TEST")
        assert again.read_bytes() == keytab.read_bytes()
        os.unlink(again)
        assert moment % 3 or realm.kinit().returncode == 0
        last = json.loads(realm.obol("realm", "rekey", "--json"))["master_key_version"]  # completes it
        assert leftovers(realm) == ["master.key"]
        assert len((realm.home / "master.key").read_bytes()) == 50  # one version
    assert moment > 15
    assert master_of(realm, "alice") == master_of(realm, "user1499") == {last + 1}
    realm.stop()
    realm.start()
    assert realm.kinit().returncode == 0
