# test_compat_caches.py: collections of credential caches (DIR, KEYRING, KCM) that MIT's programs write
# on MIT's library are read by the same programs on ours, and by our faces; and the reverse. The KCM
# daemon is Heimdal's.
import os
import re
from pathlib import Path

import pytest

from support import heimdal
from support.compat import on_ours
from support.obol import SANITIZERS, binary
from support.process import ROOT, Daemon, base_env, run
from support.realm import PASSWORD

KINDS = pytest.mark.parametrize("kind", ["DIR", "KEYRING:user", "KEYRING:persistent", "KCM"])
WRITERS = pytest.mark.parametrize("writer,reader", [("mit", "ours"), ("ours", "mit"), ("face", "mit"), ("mit", "face")])


def client_conf(directory, socket):
    (directory / "client.conf").write_text(f"[libdefaults]\nkcm_socket = {socket}\n")
    return directory / "client.conf"


@pytest.fixture(scope="module")
def kcm(tmp_path_factory):
    directory = tmp_path_factory.mktemp("kcm")
    (directory / "krb5.conf").write_text("[libdefaults]\n")
    place, socket = directory / "place.so", directory / "socket"
    run(["gcc", "-shared", "-fPIC", "-o", place, ROOT / "tests" / "support" / "kcm_socket.c"]).ok()
    daemon = Daemon([heimdal.program("kcm"), "-c", directory / "krb5.conf"], directory / "log",
                    {**base_env(), "LD_PRELOAD": str(place), "KCM_SOCKET": str(socket)})
    while run(["klist", "-l"], {**base_env(), "KRB5_CONFIG": str(client_conf(directory, socket)),
                                "KRB5CCNAME": "KCM:"}).err:
        assert daemon.process.poll() is None, (directory / "log").read_text()
    yield socket
    daemon.stop()


def keyrings_allowed():
    return run(["keyctl", "add", "user", "obol-test", "x", "@p"]).status == 0


class Tools:
    """kinit, klist, kswitch and kdestroy of MIT's on its library or on ours, or our faces of them."""

    def __init__(self, user, name):
        self.user, self.name = user, name
        self.bin = Path(binary()).resolve().parent / "lib" / "obol" / "bin"

    def run(self, who, program, *words, input=""):
        env = {**self.user.env(), "KRB5CCNAME": self.name}
        if who == "face":
            return run([self.bin / program, *words], {**env, **SANITIZERS}, input)
        return run([f"/usr/bin/{program}", *words], on_ours(env) if who == "ours" else env, input)

    def ok(self, *words, **more):
        return self.run(*words, **more).ok().out

    def refused(self, *words):
        return self.run(*words).failed().err


@pytest.fixture
def tools(request, client, tmp_path):
    """tools(kind): the programs with an empty collection of the kind as their default."""
    made = []

    def make(kind):
        conf = {"kcm_socket": str(request.getfixturevalue("kcm"))} if kind == "KCM" else {}
        name = {"DIR": f"DIR:{tmp_path}/caches", "KEYRING:user": f"KEYRING:user:obol-{os.getpid()}",
                "KEYRING:persistent": f"KEYRING:persistent:{os.geteuid()}", "KCM": "KCM:"}[kind]
        made.append(Tools(client("mit", "obol", **conf), name))
        if kind.startswith("KEYRING") and not keyrings_allowed():
            return None
        made[-1].run("mit", "kdestroy", "-A", "-q")
        return made[-1]

    yield make
    for each in made:
        each.run("mit", "kdestroy", "-A", "-q")


def refuses_keyrings(user, name):
    """Where the machine forbids keyrings, our library says so and what to do."""
    text = run(["/usr/bin/klist"], on_ours({**user.env(), "KRB5CCNAME": name})).failed().err
    assert "this process may not use them" in text and "containers often forbid" in text


def two_logins(t, who, realm):
    t.ok(who, "kinit", "alice", input=PASSWORD + "\n")
    t.ok(who, "kinit", "-k", "-t", str(realm.dir / "http.keytab"), "HTTP/localhost")


@KINDS
@WRITERS
def test_a_collection_is_seen_alike(realms, client, tools, kind, writer, reader, judged):
    realm, t = realms("obol"), tools(kind)
    if t is None:
        return refuses_keyrings(client("mit", "obol"), "KEYRING:user:x")
    two_logins(t, writer, realm)
    listed = t.ok(writer, "klist", "-l")
    rows = re.findall(r"^(\S+)@\S+ +(\S+)$", listed, re.M)
    assert [who for who, _ in rows] == ["HTTP/localhost", "alice"], listed  # the last login is in use
    assert all(name.startswith(kind.split(":")[0] + ":") for _, name in rows)
    for options in (["-l"], ["-A"], ["-A", "-e", "-f"], ["-A", "-C"], []):
        assert t.ok(reader, "klist", *options) == t.ok(writer, "klist", *options), options
    # The reader takes the other into use, and the writer sees it.
    t.ok(reader, "kswitch", "-p", f"alice@{realm.name}")
    assert f"Default principal: alice@{realm.name}" in t.ok(writer, "klist")
    t.ok(reader, "kswitch", "-c", rows[0][1])
    assert "Default principal: HTTP/localhost@" in t.ok(writer, "klist")
    assert re.search("not found|none of 2 caches", t.refused(reader, "kswitch", "-p", f"nobody@{realm.name}"))
    # A login again finds its own cache, whoever made it.
    t.ok(reader, "kinit", "alice", input=PASSWORD + "\n")
    assert sorted(re.findall(r" (\S+)$", t.ok(writer, "klist", "-l"), re.M)[2:]) == sorted(name for _, name in rows)
    t.ok(reader, "kdestroy", "-q", "-p", f"alice@{realm.name}")
    assert "alice" not in t.ok(writer, "klist", "-l")
    t.ok(reader, "kdestroy", "-A")
    assert "HTTP" not in t.run(writer, "klist", "-l").out
    t.refused(writer, "klist")
    if "face" not in (writer, reader):
        judged("MIT kinit, klist, kswitch, kdestroy", f"{kind} written on {writer}, read on {reader}", "krb5", "",
               "the same lists")


@KINDS
def test_tickets_are_fetched_into_a_collection_by_both(realms, client, tools, kind):
    t = tools(kind)
    if t is None:
        return refuses_keyrings(client("mit", "obol"), "KEYRING:user:x")
    two_logins(t, "ours", realms("obol"))
    t.ok("mit", "kvno", "HTTP/localhost")
    t.ok("ours", "kvno", realms("obol").service_of("aes256-cts-hmac-sha1-96"))
    for who in ("mit", "ours", "face"):
        shown = t.ok(who, "klist")
        assert "HTTP/localhost@" in shown and "host/aes256-cts-hmac-sha1-96" in shown


def test_a_wrong_password_leaves_the_collection_as_it_was(realms, tools):
    t = tools("DIR")
    t.ok("face", "kinit", "alice", input=PASSWORD + "\n")
    before = sorted(os.listdir(t.name[4:]))
    t.run("face", "kinit", "late", input="wrong\n").failed()
    assert sorted(os.listdir(t.name[4:])) == before
    assert "alice" in t.ok("mit", "klist")


def test_obol_switches_and_shows_all(realms, tools):
    realm, t = realms("obol"), tools("DIR")
    two_logins(t, "mit", realm)
    env = {**t.user.env(), **SANITIZERS, "KRB5CCNAME": t.name}
    shown = run([binary(), "tickets", "--all"], env).ok().out
    assert shown.index("HTTP/localhost@") < shown.index("alice@")
    assert "In use now: the tickets of alice@" in run([binary(), "switch", "alice"], env).ok().out
    assert "Default principal: alice@" in t.ok("mit", "klist")
    refused = run([binary(), "switch", "nobody"], env).failed().err
    assert f"none of 2 caches is of nobody@{realm.name}" in refused
    assert run([binary(), "logout", "--all"], env).ok().out.count("is destroyed") == 2
    assert "no cache with tickets" in run([binary(), "tickets", "--all"], env).failed().err


def test_without_the_daemon_programs_are_told_what_to_do(client, tmp_path):
    user = client("mit", "obol", kcm_socket=str(tmp_path / "none"))
    text = run(["/usr/bin/klist"], on_ours({**user.env(), "KRB5CCNAME": "KCM:"})).failed().err
    assert "KCM's socket" in text and "Start the daemon" in text
