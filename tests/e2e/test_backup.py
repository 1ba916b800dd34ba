# test_backup.py: obol realm backup copies a realm while it is served and changed; the copy is a realm.
import json
import os
import threading

import pytest

from support.obol import ObolClient, ObolRealm, binary, obol_env
from support.process import run


@pytest.fixture(scope="module")
def realm(started):
    return started(ObolRealm, "BACKUP.TEST")


def backup(realm, to, *words):
    return run([binary(), "realm", "backup", to, "--home", realm.dir / "home", *words], obol_env())


def names(home):
    shown = run([binary(), "principal", "list", "--json", "--home", home], obol_env()).ok().out
    return {p["principal"] for p in json.loads(shown)}


def test_a_copy_is_the_realm_and_serves_in_its_place(realm, tmp_path):
    home, copy = realm.dir / "home", tmp_path / "copy"
    realm.admin("pki", "ca")
    (home / "kadm5.acl").write_text("*/admin@BACKUP.TEST *\n")
    for passing in ("kdc.log", "web.rcache", "status.json"):
        (home / passing).write_text("of the daemon\n")
    said = json.loads(backup(realm, copy, "--json").ok().out)
    assert said == {"realm": "BACKUP.TEST", "directory": str(copy), "principals": len(names(home))}
    assert names(copy) == names(home)
    assert sorted(p.name for p in copy.iterdir()) == ["kadm5.acl", "kdc.conf", "master.key", "pki", "store"]
    assert sorted(p.name for p in (copy / "pki").iterdir()) == sorted(p.name for p in (home / "pki").iterdir())
    for path in copy.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    # alice logs in at the copy with her password, and her old keytab opens what it gives.
    realm.stop()
    os.rename(home, tmp_path / "lost")
    os.rename(copy, home)
    realm.start()
    alice = ObolClient(realm, tmp_path)
    alice.login("alice").ok()
    alice.ticket("HTTP/localhost").ok()
    found = alice.run([binary(), "doctor", "--no-dns", "--keytab", realm.dir / "http.keytab", "HTTP/localhost"])
    assert "opens the ticket" in found.ok().out


def test_copies_are_whole_while_the_realm_is_changed(realm, tmp_path):
    home, stop = realm.dir / "home", threading.Event()
    added = []

    def add():
        while not stop.is_set():
            name = f"busy{len(added)}"
            realm.admin("principal", "add", name, "--random")  # is never in the way of a copy, nor it in its
            added.append(f"{name}@BACKUP.TEST")
    thread = threading.Thread(target=add)
    thread.start()
    try:
        for i in range(3):
            before = list(added)
            backup(realm, tmp_path / f"copy{i}").ok()
            assert set(before) <= names(tmp_path / f"copy{i}")
    finally:
        stop.set()
        thread.join()
    assert set(added) <= names(home)


def test_what_is_there_is_not_written_over(realm, tmp_path):
    (tmp_path / "there").mkdir()
    assert "is there already" in backup(realm, tmp_path / "there").failed().err
    assert not list((tmp_path / "there").iterdir())
    assert "No such file" in backup(realm, tmp_path / "no" / "where").failed().err
    assert not (tmp_path / "there.part").exists()
    gone = run([binary(), "realm", "backup", tmp_path / "x", "--home", tmp_path / "none"], obol_env()).failed()
    assert "there is no realm database here" in gone.err and not (tmp_path / "x").exists()


def test_a_copy_that_does_not_succeed_leaves_nothing(realm, tmp_path):
    pki, aside = realm.dir / "home" / "pki", tmp_path / "aside"
    if pki.exists():
        os.rename(pki, aside)
    pki.write_text("no directory\n")
    try:
        assert "/copy.part/pki is there already" in backup(realm, tmp_path / "copy").failed().err
        assert {p.name for p in tmp_path.iterdir()} <= {"aside"}
    finally:
        pki.unlink()
        if aside.exists():
            os.rename(aside, pki)


def test_what_another_copy_was_killed_at_is_told_and_left(realm, tmp_path):
    part = tmp_path / "copy.part"
    part.mkdir()
    (part / "master.key").write_text("half\n")
    refused = backup(realm, f"{tmp_path}/copy/").failed()
    assert "copy.part is there already" in refused.err and "Remove it with all that is in it" in refused.err
    assert [p.name for p in tmp_path.iterdir()] == ["copy.part"] and (part / "master.key").exists()
    (part / "master.key").unlink()
    part.rmdir()
    backup(realm, f"{tmp_path}/copy/").ok()
    assert [p.name for p in tmp_path.iterdir()] == ["copy"]


def test_a_file_that_is_just_being_replaced_is_no_part_of_the_realm(realm, tmp_path):
    passing = realm.dir / "home" / "kdc.conf.123.new"
    passing.write_text("half\n")
    try:
        backup(realm, tmp_path / "copy").ok()
    finally:
        passing.unlink()
    assert not (tmp_path / "copy" / passing.name).exists()
