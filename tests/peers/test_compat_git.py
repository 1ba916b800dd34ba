# test_compat_git.py: Debian's git, unchanged, over HTTP: clone and push by ticket, with libcurl-gnutls and our
# library at one end, Apache and git-http-backend at the other.
import pytest

from support.compat import on_ours
from support.process import run

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
GIT = ["git", "-c", "http.emptyAuth=true", "-c", "user.name=alice", "-c", "user.email=alice@obol.test"]


def git(user, *words, library="obol"):
    env = {"HOME": str(user.dir), "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CURL_VERBOSE": "1",
           "GIT_TRACE_CURL_NO_DATA": "1"}
    return user.run([*GIT, *words], env=on_ours(env) if library == "obol" else env)


@KDCS
@pytest.mark.parametrize("library", ["obol", "mit"])
def test_clone_and_push(apaches, logged_in, kdc, library, judged):
    alice, server = logged_in(kdc), apaches(kdc)
    url = server.url("git/obol.git")
    for number in range(2):  # the second has something to fetch
        work = alice.dir / f"work-{library}-{number}"
        git(alice, "clone", "-q", url, work, library=library).ok()
        (work / f"{library}-{number}").write_bytes(bytes(range(256)) * 8192)  # more than http.postBuffer
        git(alice, "-C", work, "add", ".").ok()
        git(alice, "-C", work, "commit", "-q", "-m", f"{library} {number}").ok()
        pushed = git(alice, "-C", work, "-c", "core.compression=0", "push", "-q", url, "HEAD:main", library=library).ok()
        assert "Authorization: Negotiate" in pushed.err, pushed
    told = run(["git", "-c", "safe.directory=*", "-C", server.dir / "git" / "obol.git", "log", "--format=%s", "main"]).ok()
    assert told.out.split("\n")[:2] == [f"{library} 1", f"{library} 0"], told
    judged("git, Apache git-http-backend", f"git on {library}, Apache on ours, {kdc}'s KDC", "SPNEGO", "mutual",
           "clone and push")


@KDCS
def test_without_a_ticket_there_is_no_clone(apaches, client, kdc):
    nobody, server = client("mit", kdc), apaches(kdc)
    refused = git(nobody, "clone", server.url("git/obol.git"), nobody.dir / "work").failed()
    assert "could not read Username" in refused.err and "terminal prompts disabled" in refused.err, refused
    assert "Log in first" in refused.err, refused
    assert not (nobody.dir / "work" / ".git").exists()
