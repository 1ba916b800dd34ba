# test_compat_krb5.py: programs that use libkrb5, from Debian and unchanged, on our library: MIT's own
# klist, kvno and kdestroy, and a client and service that authenticate across makes.
import re
import socket
import subprocess

import pytest

from support.compat import compile_on_mit, directory, libraries, on_ours
from support.process import ROOT

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])


@pytest.mark.parametrize("program", ["klist", "kvno", "kdestroy"])
def test_the_program_gets_our_library(program):
    loaded = libraries(f"/usr/bin/{program}")
    ours = {name: file for name, file in loaded.items() if file.startswith(directory())}
    assert "libkrb5.so.3" in ours
    # One file serves all names: nothing of MIT's but its helper library is loaded.
    assert not [name for name in loaded if name.startswith(("libgssapi", "libk5crypto")) and name not in ours]


@KDCS
def test_klist_shows_on_ours_what_it_shows_on_mits(client, kdc, judged):
    user = client("mit", kdc)
    user.login("alice").ok()
    user.ticket("HTTP/localhost").ok()
    for options in ([], ["-e", "-f"], ["-C"], ["-l"], ["-A"], ["-a", "-n"]):
        theirs = user.run(["klist", *options]).ok()
        ours = user.run(["klist", *options], env=on_ours()).ok()
        assert ours.out == theirs.out, options
    assert user.run(["klist", "-s"], env=on_ours()).status == 0
    judged("MIT klist", f"client, {kdc}'s KDC", "krb5", "", "shows what it shows on MIT's library")


@KDCS
def test_klist_shows_keytabs_on_ours_as_on_mits(realms, client, kdc):
    user, realm = client("mit", kdc), realms(kdc)
    for keytab in ("http.keytab", "alice.keytab"):
        for options in (["-k"], ["-k", "-e", "-t"], ["-k", "-K"]):
            command = ["klist", *options, str(realm.dir / keytab)]
            assert user.run(command, env=on_ours()).ok().out == user.run(command).ok().out


@KDCS
def test_kvno_fetches_tickets_on_ours(client, kdc, judged):
    user = client("mit", kdc)
    user.login("alice").ok()
    asked = user.run(["kvno", "HTTP/localhost"], env=on_ours()).ok()
    assert re.search(r"HTTP/localhost@\S+: kvno = [1-9]", asked.out)
    assert "HTTP/localhost@" in user.tickets().ok().out
    refused = user.run(["kvno", "HTTP/nowhere.obol.test"], env=on_ours()).failed()
    assert "the service is not known to the KDC" in refused.err
    judged("MIT kvno", f"client, {kdc}'s KDC", "krb5", "", asked.out.strip())


def test_kdestroy_destroys_on_ours(client):
    user = client("mit", "obol")
    user.login("alice").ok()
    user.run(["kdestroy"], env=on_ours()).ok()
    user.tickets().failed()
    assert "there is no credential cache" in user.run(["klist"], env=on_ours()).failed().err


@pytest.fixture(scope="session")
def compat_ap(tmp_path_factory):
    return compile_on_mit(ROOT / "tests" / "peers" / "compat_ap.c", tmp_path_factory.mktemp("ap") / "compat_ap",
                          ["libkrb5.so.3", "libk5crypto.so.3"])


def exchange(program, user, service, keytab, sides, verbs=("client", "server")):
    """Runs both ends over a socket; `sides` says which run on ours."""
    ends = socket.socketpair()
    envs = [{**user.env(), "KRB5_KTNAME": str(keytab), **(on_ours({}) if side == "obol" else {})} for side in sides]
    commands = [[program, verbs[0], service], [program, verbs[1]]]
    running = [subprocess.Popen(c, env=e, stdin=s, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
               for c, e, s in zip(commands, envs, ends)]
    for end in ends:
        end.close()
    results = [p.communicate(timeout=60) for p in running]
    assert [p.returncode for p in running] == [0, 0], results
    return [dict(line.split(" ", 1) for line in out.splitlines()) for out, _ in results]


@KDCS
@pytest.mark.parametrize("sides", [("obol", "mit"), ("mit", "obol"), ("obol", "obol")], ids="-".join)
@pytest.mark.parametrize("enctype", ["aes256-cts-hmac-sha384-192", "aes128-cts-hmac-sha1-96",
                                     "camellia256-cts-cmac"])
def test_client_and_service_authenticate_across_makes(realms, client, compat_ap, tmp_path, kdc, sides, enctype, judged):
    realm, user = realms(kdc), client("mit", kdc, enctype=enctype)
    service = realm.service_of(enctype)
    keytab = realm.keytab(service, tmp_path / "service.keytab")
    user.login("alice").ok()
    asking, serving = exchange(compat_ap, user, service, keytab, sides)
    assert serving["client"] == f"alice@{realm.name}" and serving["mutual"] == "1"
    assert serving["priv"] == "secret" and asking["safe"] == "checked."
    assert serving["subkey"] == asking["session"]
    judged("krb5_mk_req, krb5_rd_req", f"client on {sides[0]}, service on {sides[1]}, {kdc}'s KDC", "krb5",
           "mutual, priv, safe", enctype)


@pytest.mark.parametrize("sides", [("obol", "mit"), ("mit", "obol"), ("obol", "obol")], ids="-".join)
def test_sendauth_and_recvauth_meet_across_makes(realms, client, compat_ap, sides, judged):
    realm, user = realms("obol"), client("mit", "obol")
    user.login("alice").ok()
    asking, serving = exchange(compat_ap, user, "HTTP/localhost", realm.dir / "http.keytab", sides,
                               ("send", "receive"))
    assert asking["proved"] == "1" and serving["client"] == f"alice@{realm.name}"
    judged("krb5_sendauth, krb5_recvauth", f"client on {sides[0]}, service on {sides[1]}, obol's KDC", "krb5",
           "mutual", serving["client"])


def test_the_service_refuses_a_ticket_for_another(realms, client, compat_ap):
    realm, user = realms("obol"), client("mit", "obol")
    user.login("alice").ok()
    with pytest.raises(AssertionError, match="rd_req: .*the ticket is for another service"):
        exchange(compat_ap, user, realm.service_of("aes256-cts-hmac-sha1-96"), realm.dir / "http.keytab",
                 ("mit", "obol"))


def test_everything_is_bound_at_start():
    """A program that binds all names when it starts finds them, but for those left out by intent."""
    missing = {}
    for program in ("/usr/bin/klist", "/usr/bin/kvno", "/usr/bin/kdestroy", "/usr/bin/kswitch",
                    "/usr/bin/kpasswd", "/usr/bin/ssh", "/usr/sbin/sshd", "/usr/bin/curl"):
        done = subprocess.run([program, "-?"], env=on_ours({"LD_BIND_NOW": "1", "PATH": "/usr/bin"}),
                              capture_output=True, text=True)
        missing[program] = re.findall(r"undefined symbol: (\S+)", done.stderr)
    assert not any(missing.values()), missing


def test_kvno_acts_for_a_user_on_ours(realms, client, judged):
    realm, service = realms("mit"), client("mit", "mit")
    service.login_keytab("HTTP/localhost", realm.dir / "http.keytab").ok()
    command = ["kvno", "-U", "alice", "HTTP/localhost"]
    ours = service.run(command, env=on_ours()).ok()
    assert "HTTP/localhost@" in ours.out
    assert re.search(r"for client alice@\S+", service.run(["klist"]).ok().out)
    judged("MIT kvno -U", "service, mit's KDC", "krb5", "S4U2Self", ours.out.strip())
