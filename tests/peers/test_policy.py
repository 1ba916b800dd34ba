# test_policy.py: what an administrator does to accounts, keys and the server while MIT's and Heimdal's programs
# use it: locks, devices, passwords that must be changed, new keys, a new master key, reloads, floods. Each by UDP
# and by TCP, and beside each what is refused.
import json
import os
import re
import signal
import socket
import threading
from contextlib import contextmanager

import pytest
from pyasn1.codec.der import encoder

from support.heimdal import HeimdalClient
from support.hostile import Attacker
from support.mit import MitClient
from support.obol import ObolRealm
from support.one_time import Authenticator
from support.process import free_port
from support.realm import PASSWORD, moment

WAYS = ("udp", "tcp")
MAKERS = {"mit": MitClient, "heimdal": HeimdalClient}
JUDGES = {"mit": "kinit, kvno 1.20.1 (MIT)", "heimdal": "kinit, kgetcred 7.8 (Heimdal)"}
WRONG = "Password incorrect", "Preauthentication failed"
REVOKED = "credentials have been revoked", "CLIENT LOCKED OUT"


class Administered(ObolRealm):
    """Each test has accounts of its own, made when it begins."""
    settings = ""

    def create(self):
        self.kpasswd = free_port()
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace(
            "[kdcdefaults]\n", f"[kdcdefaults]\n    kpasswd_listen = 127.0.0.1:{self.kpasswd}\n{self.settings}", 1))

    def populate(self):
        self.add_user("alice")
        self.add_service("HTTP/localhost")

    def krb5_conf(self, flavour, path, *args, **extra):
        super().krb5_conf(flavour, path, *args, **extra)
        path.write_text(path.read_text().replace("        kdc =", f"        kpasswd_server = 127.0.0.1:{self.kpasswd}\n        kdc ="))
        return path

    def policy(self, name, user, *words):
        self.admin("policy", "add", name, *words)
        self.add_user(user)
        self.admin("principal", "set", user, "--policy", name)

    def reload(self, outcome="configuration reloaded"):
        daemon = self.daemons[0]
        before = daemon.log.read_text().count(outcome)
        os.kill(daemon.process.pid, signal.SIGHUP)
        daemon.wait_until(lambda: daemon.log.read_text().count(outcome) > before, outcome)

    @contextmanager
    def configured(self, line, outcome="configuration reloaded"):
        """With a further line in kdc.conf, and what comes of it."""
        conf = self.dir / "home" / "kdc.conf"
        plain = conf.read_text()
        try:
            conf.write_text(plain.replace("[kdcdefaults]\n", f"[kdcdefaults]\n{line}", 1))
            self.reload(outcome)
            yield
        finally:
            conf.write_text(plain)
            self.reload()


@pytest.fixture(scope="module")
def realm(started):
    return started(Administered, "POLICY.TEST")


@pytest.fixture
def ways(realm, tmp_path):
    """A client that comes by UDP and one that comes by TCP: an administrator's act is seen by both."""
    def clients(maker):
        return [MAKERS[maker](realm, tmp_path / way, transport=way) for way in WAYS]
    return clients


def said(result, *texts):
    assert any(text in result.text for text in texts), str(result)


# ---- accounts

@pytest.mark.parametrize("maker,failures", [("mit", 2), ("heimdal", 4)])
def test_a_policy_locks_and_an_administrator_unlocks(realm, ways, maker, failures, judged):
    """Heimdal's kinit sends two proofs of a wrong password, with a key of another enctype each; MIT's KDC counts
    both, too."""
    name = f"locks-{maker}"
    realm.policy(name, name, "--max-failures", failures)
    udp, tcp = ways(maker)
    udp.login(name, "wrong").failed()
    tcp.login(name).ok()  # which forgets the failure
    for mine in (udp, tcp):
        said(mine.login(name, "wrong").failed(), *WRONG)
    for mine in (udp, tcp):
        said(mine.login(name).failed(), *REVOKED)
    udp.login("alice").ok()
    realm.admin("principal", "set", name, "--unlock")
    for mine in (udp, tcp):
        mine.login(name).ok()
        mine.ticket("HTTP/localhost").ok()
    judged(JUDGES[maker], "client of our KDC, udp and tcp", "lockout by policy", "", "revoked, then unlocked")


def test_locks_end_and_passwords_grow_old_as_the_policy_says(tmp_path, judged):
    realm = Administered(tmp_path / "later", "LATERPOLICY.TEST")
    try:
        realm.policy("hour", "hour", "--max-failures", "1", "--lockout-duration", "1h")
        realm.policy("ever", "ever", "--max-failures", "1")
        realm.policy("aging", "aging", "--max-life", "1h")
        clients = [MitClient(realm, tmp_path / way, transport=way) for way in WAYS]
        for mine, name in zip(clients, ("hour", "ever")):
            mine.login(name, "wrong").failed()
        for mine in clients:
            for name in ("hour", "ever"):
                said(mine.login(name).failed(), *REVOKED)
            mine.login("aging").ok()
        realm.stop()
        realm.daemons.append(realm.serve(realm.port, "+2h"))
        for mine in clients:
            mine.clock = "+2h"
            mine.login("hour").ok()
            said(mine.login("ever").failed(), *REVOKED)
            said(mine.login("aging").failed(), "Password expired", "Password has expired")
    finally:
        realm.stop()
    judged("kinit 1.20.1 (MIT)", "client of our KDC, udp and tcp", "policies", "two hours later",
           "the lock ended, the one without end did not; the password expired")


def test_who_needs_a_device_brings_one(realm, ways, judged):
    name, spn = "device", "HTTP/device"
    realm.add_user(name)
    realm.add_service(spn)
    token = Authenticator(json.loads(realm.admin("otp", "add", "--json", "--hotp", name).out)["uri"])
    clients = ways("mit")
    for mine in clients:
        mine.login("alice").ok()
        mine.ticket(spn).ok()
        mine.login("alice").ok()
    realm.admin("principal", "set", "--set", "hw-auth", spn)
    realm.admin("principal", "set", "--set", "hw-auth", name)
    for mine, heimdal in zip(clients, ways("heimdal")):
        said(mine.ticket(spn).failed(), "policy")
        mine.login(name).failed()
        heimdal.login(name).failed()
        armor = f"FILE:{mine.dir}/armor"
        (mine.dir / "armor").write_bytes(mine.cache.read_bytes())
        mine.run(["kinit", "-T", armor, name], input=f"{token.code()}\n{PASSWORD}\n").ok()
        mine.ticket(spn).ok()
        assert re.search(r"Flags: \w*H", mine.tickets().ok().out)
    judged("kinit, kvno 1.20.1 (MIT)", "client of our KDC, udp and tcp", "hw-auth", "client, service",
           "refused by password, let in with a one-time password")
    judged("kinit 7.8 (Heimdal)", "client of our KDC, udp and tcp", "hw-auth", "client", "refused by password")


def test_an_account_that_ended_comes_back(realm, ways, judged):
    past = moment(days=-1).strftime("%Y-%m-%d")
    realm.add_user("ends")
    realm.add_service("HTTP/ends")
    clients = ways("mit")
    for mine in clients:
        mine.login("alice").ok()
    realm.admin("principal", "set", "HTTP/ends", "--expires", past)
    realm.admin("principal", "set", "ends", "--expires", past)
    for mine in clients:
        said(mine.ticket("HTTP/ends").failed(), "has expired")
        said(mine.run(["kinit", "-c", f"{mine.dir}/other", "ends"], input=PASSWORD + "\n").failed(), "has expired")
    realm.admin("principal", "set", "HTTP/ends", "--expires", "never")
    realm.admin("principal", "set", "ends", "--expires", "never")
    for mine in clients:
        mine.ticket("HTTP/ends").ok()
        mine.login("ends").ok()
    judged("kinit, kvno 1.20.1 (MIT)", "client of our KDC, udp and tcp", "ends of an account", "client, service",
           "told, and taken back")


def lines(*words):
    return "".join(word + "\n" for word in words)


def test_who_must_change_a_password_does_so_at_kinit(realm, ways, judged):
    """The second time by TCP; between the two it may be changed only by the administrator's order."""
    realm.policy("musts", "must", "--min-length", "12", "--min-life", "1d")
    old = PASSWORD
    for mine in ways("mit"):
        new = f"long enough by {mine.dir.parent.name}"
        realm.admin("principal", "set", "must", "--set", "needs-change")
        said(mine.run(["kinit", "must"], input=lines(old, "short", "short", new, new)).ok(), "12 at least")
        said(mine.login("must", old).failed(), *WRONG)
        mine.ticket("HTTP/localhost").ok()
        said(mine.run(["kpasswd", "must"], input=lines(new, *["another long one"] * 2)).failed(), "too recently")
        old = new
    judged("kinit, kpasswd 1.20.1 (MIT)", "client of our KDC and kpasswd, udp and tcp", "must-change",
           "min-length, min-life", "changed by the rule, then too recently")


def test_keys_that_are_locked_down_are_not_changed_over_the_network(realm, ways, judged):
    realm.add_user("down")
    realm.admin("principal", "set", "down", "--set", "lockdown-keys")
    clients = ways("mit")
    for mine in clients:
        mine.run(["kpasswd", "down"], input=lines(PASSWORD, "another one", "another one")).failed()
        mine.login("down").ok()
    realm.admin("principal", "set", "down", "--clear", "lockdown-keys")
    old = PASSWORD
    for mine, new in zip(clients, ("another one", "one more of it")):
        mine.run(["kpasswd", "down"], input=lines(old, new, new)).ok()
        mine.login("down", new).ok()
        old = new
    judged("kpasswd 1.20.1 (MIT)", "client of our kpasswd, udp and tcp", "lockdown-keys", "", "refused; taken when cleared")


# ---- keys

def test_a_services_new_keys_leave_its_tickets_good(realm, ways, judged):
    """kvno -k opens the tickets with the keytab."""
    spn, clients = "HTTP/rolls", ways("mit")
    realm.add_service(spn)
    old, both, new = (clients[0].dir / name for name in ("old.keytab", "both.keytab", "new.keytab"))
    realm.keytab(spn, old)
    for mine in clients:
        mine.login("alice").ok()
        said(mine.run(["kvno", "-k", old, spn]).ok(), "kvno = 1, keytab entry valid")
    realm.admin("principal", "password", "--random", "--keep-old", "1", spn)
    realm.keytab(spn, both)
    realm.admin("principal", "purge", spn)
    realm.keytab(spn, new)
    for mine in clients:
        said(mine.run(["kvno", "-k", both, spn]).ok(), "kvno = 1, keytab entry valid")
        mine.run(["kvno", "-k", new, spn]).failed()
        mine.login("alice").ok()
        for keytab in (both, new):
            said(mine.run(["kvno", "-k", keytab, spn]).ok(), "kvno = 2, keytab entry valid")
        mine.run(["kvno", "-k", old, spn]).failed()
    judged("kvno -k 1.20.1 (MIT)", "client of our KDC, udp and tcp", "new keys of a service", "kept, purged",
           "tickets open while the old keys are kept")


def test_new_keys_of_the_tgs_leave_tickets_good_until_the_purge(realm, ways, judged):
    clients = ways("mit") + ways("heimdal")
    spns = [f"HTTP/tgs-{n}" for n in range(2)]
    for spn in spns:
        realm.add_service(spn)
    for mine in clients:
        mine.login("alice").ok()
    tgs = f"krbtgt/{realm.name}"
    realm.admin("principal", "password", "--random", "--keep-old", "1", tgs)
    fresh = MitClient(realm, clients[0].dir / "fresh")
    fresh.login("alice").ok()
    for mine in clients:
        mine.ticket(spns[0]).ok()
    realm.admin("principal", "purge", tgs)
    fresh.ticket(spns[1]).ok()
    for mine in clients:
        mine.ticket(spns[1]).failed()
        mine.login("alice").ok()
        mine.ticket(spns[1]).ok()
    for maker in MAKERS:
        judged(JUDGES[maker], "client of our KDC, udp and tcp", "new keys of krbtgt", "kept, purged", "good until the purge")


class Busy(threading.Thread):
    """Logs in and takes a ticket with one client until it is told to stop."""

    def __init__(self, client):
        super().__init__()
        self.client, self.done, self.wanted, self.lost = client, 0, True, []

    def run(self):
        while self.wanted:
            for result in (self.client.login("alice"), self.client.ticket("HTTP/localhost")):
                if result.status:
                    self.lost.append(str(result))
            self.done += 1


@pytest.fixture
def busy(realm, tmp_path):
    """busy(act) acts while MIT's and Heimdal's clients log in by UDP and by TCP: each has been served before,
    and once more after it."""
    threads = [Busy(make(realm, tmp_path / way, transport=way)) for way in WAYS for make in MAKERS.values()]

    def round_of_all():
        seen = [thread.done for thread in threads]
        realm.daemons[0].wait_until(
            lambda: all(thread.done > before or thread.lost for thread, before in zip(threads, seen)), "no logins")

    def during(*acts):
        for thread in threads:
            thread.start()
        try:
            round_of_all()
            for act in acts:
                act()
            round_of_all()
        finally:
            for thread in threads:
                thread.wanted = False
            for thread in threads:
                thread.join()
        assert [lost for thread in threads for lost in thread.lost] == []
    return during


def test_new_master_keys_and_reloads_are_noticed_by_nobody(realm, busy, ways, judged):
    clients = ways("mit")
    for mine in clients:
        mine.login("alice").ok()
    shown = []

    def rekey():
        shown.append(json.loads(realm.admin("realm", "rekey", "--json").out)["master_key_version"])
    busy(rekey, realm.reload, rekey, realm.reload)
    assert shown == [2, 3]
    for mine in clients:
        mine.ticket("HTTP/localhost").ok()  # by a ticket of before
        said(mine.login("alice", "wrong").failed(), *WRONG)
    judged("MIT 1.20.1, Heimdal 7.8", "clients of our KDC, udp and tcp", "new master keys, reloads", "meanwhile",
           "not one login failed")


def test_a_reload_with_an_error_in_it_changes_nothing(realm, ways):
    with realm.configured("[realms\n", "reload refused"):
        for mine in ways("mit"):
            mine.login("alice").ok()
            mine.ticket("HTTP/localhost").ok()


@contextmanager
def flood(realm, name, pause=0.0005):
    """Logins in a name without a proof, by UDP, one from each source in turn, as long as it lasts."""
    message = encoder.encode(Attacker(realm.name, realm.port, "udp").as_req(name, []))
    over = threading.Event()
    sources = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(60)]

    def send():
        while not over.wait(pause):
            source = sources.pop(0)
            source.sendto(message, ("127.0.0.1", realm.port))
            sources.append(source)
    for number, source in enumerate(sources):
        source.bind((f"127.0.0.{number + 2}", 0))
        for _ in range(5):
            source.sendto(message, ("127.0.0.1", realm.port))
    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        for source in sources:
            source.close()


def test_a_flood_in_ones_name_locks_nobody_out(realm, ways, judged):
    """Anybody can forge the sender of a request by UDP. alice is sent on to TCP, where she is served."""
    mit, tcp = ways("mit")
    heimdal = HeimdalClient(realm, mit.dir / "any", transport="any")
    with realm.configured("    account_rate = 2\n"), flood(realm, "alice"):
        shown = mit.run(["kinit", "alice"], input=PASSWORD + "\n", env={"KRB5_TRACE": "/dev/stderr"}).ok()
        said(shown, "too big for UDP")
        heimdal.login("alice").ok()
        tcp.login("alice").ok()
        said(tcp.login("alice", "wrong").failed(), *WRONG)
    judged("kinit 1.20.1 (MIT), 7.8 (Heimdal)", "client of our KDC", "account_rate", "a flood in the user's name",
           "logged in, by TCP")


def test_who_comes_by_tcp_is_served_during_a_flood_by_udp(realm, ways, judged):
    """A KDC without rates, which is sent datagrams as fast as they can be made."""
    _, tcp = ways("mit")
    heimdal = HeimdalClient(realm, tcp.dir / "tcp", transport="tcp")
    with flood(realm, "alice", pause=0):
        for mine in (tcp, heimdal):
            mine.login("alice").ok()
            mine.ticket("HTTP/localhost").ok()
    judged("kinit 1.20.1 (MIT), 7.8 (Heimdal)", "client of our KDC, tcp", "a flood by UDP", "no rates", "logged in, ticket")
