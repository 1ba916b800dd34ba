"""Passwords changed: by those who know the old one, expired ones, and what the realm refuses."""

import asyncio
import itertools
import subprocess
from datetime import datetime, timezone

import obol
import pytest
from obol._flows import _password_refused

NUMBERS = itertools.count()
PAST = datetime(2020, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def user(desk, request):
    """A user of the test's own, with the password "old"."""
    name = f"user{next(NUMBERS)}"
    desk.realm.user(name, "old", password_expires=getattr(request, "param", None))
    return name


def can_log_in(realm, name, password):
    try:
        realm.login(name, password).close()
    except obol.WrongPassword:
        return False
    return True


def changed(realm, name, new="new"):
    return can_log_in(realm, name, new) and not can_log_in(realm, name, "old")


@pytest.mark.parametrize("new", ["new", b"new", bytearray(b"new"), lambda prompt: "new"])
def test_whoever_knows_it_changes_it(realm, user, new):
    realm.requests  # noqa: B018  they are forgotten when they are read
    obol.change_password(user, "old", new, config=realm.config)
    assert [(r.kind, r.client, r.ok) for r in realm.requests if r.kind == "KPASSWD"] == [
        ("KPASSWD", f"{user}@OBOL.TEST", True)
    ]
    assert changed(realm, user)


def test_prompts_name_the_user(realm, user):
    asked = []

    def ask(prompt):
        asked.append(prompt)
        return "new" if prompt.startswith("New") else "old"

    obol.change_password(user, ask, ask, config=realm.config)
    assert asked == [f"Password for {user}@OBOL.TEST: ", f"New password for {user}@OBOL.TEST: "]


def test_a_session_changes_its_own(realm, user):
    with realm.login(user, "old") as me:
        with pytest.raises(obol.PasswordNeeded, match="does not keep its password") as seen:
            me.change_password("new")
        assert seen.value.remedy == "Pass old=..., or log in with refresh=True."
        me.change_password("new", old="old")
        assert me.valid and changed(realm, user)


def test_a_session_that_refreshes_itself_goes_on_with_the_new_one(realm, user):
    with realm.login(user, "old", refresh=True) as me:
        me.change_password("new")
        me.refresh()
        me.change_password("newer", old=lambda prompt: "new")
        me.refresh()
        assert changed(realm, user, "newer")


@pytest.mark.parametrize("user", [PAST], indirect=True)
def test_an_expired_one_is_changed_on_the_way(realm, user):
    with pytest.raises(obol.PasswordExpired) as seen:
        realm.login(user, "old")
    assert seen.value.code == 23
    with realm.login(user, "old", new_password=lambda prompt: "new") as me:
        assert me.valid and me._source.secret is None  # it is not kept
    assert changed(realm, user)


@pytest.mark.parametrize("user", [PAST], indirect=True)
def test_an_expired_one_is_changed_without_a_login(realm, user):
    obol.change_password(user, "old", "new", config=realm.config)
    assert changed(realm, user)


@pytest.mark.parametrize("user", [PAST], indirect=True)
def test_asyncio_changes_an_expired_one(realm, user):
    async def new(prompt):
        return "new"

    async def main():
        async with obol.aio.login(user, password="old", new_password=new, config=realm.config) as me:
            await me.change_password("newer", old="new")
        await obol.aio.change_password(user, "newer", "newest", config=realm.config)

    asyncio.run(main())
    assert changed(realm, user, "newest")


def test_a_wrong_one_changes_nothing(realm, user):
    with pytest.raises(obol.WrongPassword):
        obol.change_password(user, "wrong", "new", config=realm.config)
    with realm.login(user, "old") as me, pytest.raises(obol.WrongPassword):
        me.change_password("new", old="wrong")
    with pytest.raises(obol.PrincipalNotFound):
        obol.change_password("nobody-here", "old", "new", config=realm.config)
    assert can_log_in(realm, user, "old")


def test_what_the_realm_refuses_is_told(realm, user):
    with pytest.raises(obol.PasswordRefused, match=f"that of {user}@OBOL.TEST: ") as seen:
        obol.change_password(user, "old", "", config=realm.config)
    error = seen.value
    assert error.result == 4 and "not acceptable" in error.reason and "Choose another" in error.remedy
    assert isinstance(error, obol.PolicyRefused) and can_log_in(realm, user, "old")
    with pytest.raises(obol.PasswordRefused) as other:
        asyncio.run(obol.aio.change_password(user, "old", "", config=realm.config))
    assert other.value.reason == error.reason


def test_a_policy_of_active_directory_is_read():
    policy = bytes(2) + b"".join(n.to_bytes(4, "big") for n in (12, 24, 1)) + bytes(8)
    policy += (864000000000).to_bytes(8, "big")
    reason = "it needs 12 characters, of three kinds, unlike the last 24, and 1 days must pass between two changes"
    assert _password_refused("alice", 4, policy).reason == reason
    for blob in (bytes(2), bytes(29), b"\0\0" + b"x" * 40):
        assert _password_refused("alice", 4, blob).reason == ""


@pytest.mark.parametrize("reply", [b"", b"\0\6\0\1\0\0", b"x" * 100, b"\0\x08\0\1\0\0ab", b"\xff" * 30])
def test_answers_that_are_none(realm, user, reply):
    flow = obol._login.password_flow(realm.config, user, "old", "new")
    want = flow.send(None)
    while want[0] != "kpasswd":
        want = flow.send(realm.config._core.exchange(want[1], want[2], want[3], 0, False))
    with pytest.raises(obol.Error):
        flow.send(reply)


def test_an_answer_that_is_altered_is_refused(realm, user):
    for at in (1, 30, -1):
        flow = obol._login.password_flow(realm.config, user, "old", "old")
        want = flow.send(None)
        while want[0] != "kpasswd":
            want = flow.send(realm.config._core.exchange(want[1], want[2], want[3], 0, False))
        reply = bytearray(realm.config._core.exchange(want[1], want[2], False, 0, True))
        reply[at] ^= 1
        with pytest.raises(obol.Error):
            flow.send(bytes(reply))


def test_nobody_answers(free_port):
    dead = obol.Config(text=f"[realms]\nDEAD.TEST = {{\nkdc = 127.0.0.1:{free_port}\n}}\n")
    with pytest.raises(obol.KdcUnreachable):
        obol.change_password("alice@DEAD.TEST", "old", "new", config=dead, timeout=0.2)


def test_another_kpasswd_changes_it_at_our_kdc(realm, user):
    env = {k: v for k, v in realm.environment().items() if k != "LD_PRELOAD"}
    done = subprocess.run(["/usr/bin/kpasswd", user], env=env, input="old\nnew\nnew\n", capture_output=True, text=True)
    assert done.returncode == 0 and "Password changed" in done.stdout, done
    assert changed(realm, user)
