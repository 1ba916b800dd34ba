# test_samba.py: Samba's `net ads password` (its own Heimdal inside) changes and sets passwords by RFC 3244 at our service.
# It takes a host for a KDC that says by LDAP over UDP to be a domain controller: tests/support/cldap.py says so, at port
# 389 of a network of the test's own. What it asks next, tickets and passwords, it asks of `obol serve`.
import pytest

from support.obol import binary, obol_env
from support.process import ROOT, Daemon, base_env, run

REALM = "SAMBA.TEST"
ALONE = ["unshare", "--map-root-user", "--net", "sh", "-c", "ip link set lo up && echo ready && exec sleep infinity"]


class Realm:
    def __init__(self, directory):
        self.dir, self.home = directory, directory / "home"
        self.obol("realm", "create", REALM, "--listen", "127.0.0.1:88")
        conf = self.home / "kdc.conf"
        conf.write_text(conf.read_text().replace(
            "[kdcdefaults]\n", "[kdcdefaults]\n    kpasswd_listen = 127.0.0.1:464\n"))
        (self.home / "kadm5.acl").write_text(f"joe@{REALM} c *\n")
        self.obol("policy", "add", "staff", "--min-length", "12")
        for name in ("alice", "joe", "eve"):
            self.obol("principal", "add", name, "--password-stdin", input=f"{name}'s\n")
        (directory / "krb5.conf").write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
            f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1\n  kpasswd_server = 127.0.0.1\n }}\n")
        places = "".join(f" {what} = {directory}\n" for what in (
            "private dir", "lock directory", "state directory", "cache directory", "pid directory"))
        (directory / "smb.conf").write_text(
            f"[global]\n realm = {REALM}\n workgroup = SAMBA\n security = ads\n netbios name = HERE\n"
            f" log file = {directory}/smb.log\n client use kerberos = required\n{places}")
        self.env = {**base_env(), "KRB5_CONFIG": f"{directory}/krb5.conf"}
        self.daemons = []
        holder = self.daemon(ALONE, "holder", "ready")
        self.inside = ["nsenter", "--preserve-credentials", "--user", "--net", "--target",
                       str(holder.process.pid)]
        self.daemon([*self.inside, "/usr/bin/python3", ROOT / "tests/support/cldap.py", REALM.lower()],
                    "cldap", "ready")
        kdc = self.daemon([*self.inside, binary(), "serve", "--home", self.home, "--workers", "1"],
                          "serve", "serving on 127.0.0.1:88", obol_env())
        kdc.wait_text("serving on 127.0.0.1:464")
        self.kdc = kdc

    def daemon(self, words, name, text, env=None):
        daemon = Daemon(words, self.dir / f"{name}.log", env)
        self.daemons.append(daemon)
        daemon.wait_text(text)
        return daemon

    def obol(self, *words, input=""):
        return run([binary(), *words, "--home", self.home], obol_env(), input).ok()

    def net(self, admin, password, whose, fresh):
        """What `net ads password` says: its status is 0 also where it fails."""
        return run([*self.inside, "net", "ads", "password", f"{whose}@{REALM}", fresh, "-U",
                    f"{admin}@{REALM}%{password}", "-S", "127.0.0.1", "-s", self.dir / "smb.conf"], self.env).text

    def logs_in(self, who, password):
        return run([*self.inside, "kinit", "-c", f"{self.dir}/check", who], self.env, password + "\n").status == 0

    def stop(self):
        for daemon in reversed(self.daemons):
            daemon.stop()


@pytest.fixture(scope="module")
def realm(tmp_path_factory):
    r = Realm(tmp_path_factory.mktemp("samba"))
    yield r
    r.stop()


def test_ones_own_password_is_changed(realm, judged):
    assert "completed" in realm.net("alice", "alice's", "alice", "alice's new one")
    assert realm.logs_in("alice", "alice's new one") and not realm.logs_in("alice", "alice's")
    realm.kdc.wait_text(f"KPASSWD ok client=alice@{REALM} server=alice@{REALM}")
    judged("Samba 4.17 net ads password", "kpasswd client, our KDC", "RFC 3244", "change", "changed")


def test_a_wrong_password_changes_nothing(realm):
    assert "Preauthentication failed" in realm.net("eve", "guess", "eve", "eve's new one")
    assert realm.logs_in("eve", "eve's") and not realm.logs_in("eve", "eve's new one")


def test_a_password_against_the_policy_is_refused(realm):
    realm.obol("principal", "set", "eve", "--policy", "staff")
    said = realm.net("eve", "eve's", "eve", "short")
    assert "KDC policy rejects" in said
    realm.kdc.wait_text("12 at least are asked for")
    assert realm.logs_in("eve", "eve's")


# Samba buys the ticket for another's password with a TGT, as Active Directory lets it. Here, as with MIT krb5, this
# service's tickets are for a password that was just typed, until the administrator says otherwise.
def test_anothers_password_is_set_by_a_tgt_where_the_administrator_allows_both(realm, judged):
    assert "KDC policy" in realm.net("joe", "joe's", "eve", "what joe wants")
    realm.obol("principal", "set", "kadmin/changepw", "--clear", "no-tgt-based")
    assert "completed" in realm.net("joe", "joe's", "eve", "what joe wants")
    assert realm.logs_in("eve", "what joe wants") and not realm.logs_in("eve", "eve's")
    assert "completed" not in realm.net("eve", "what joe wants", "joe", "what eve wants")
    assert realm.logs_in("joe", "joe's") and not realm.logs_in("joe", "what eve wants")
    judged("Samba 4.17 net ads password", "kpasswd client, our KDC", "RFC 3244", "set", "set, or not permitted")
