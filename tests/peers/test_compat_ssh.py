# test_compat_ssh.py: Debian's OpenSSH, unchanged, with its client and its server on our library: login by
# ticket, delegation, key exchange by GSS-API.
import getpass
import os
import re

import pytest

from support.compat import on_ours
from support.process import Daemon, free_port, run

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
ACCOUNT = getpass.getuser()


def start_sshd(directory, user, keytab, library):
    port = free_port()
    key, conf = directory / "host_key", directory / "sshd_config"
    if not key.exists():
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]).ok()
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # where the server's unprivileged part lives
    conf.write_text(f"""Port {port}
ListenAddress 127.0.0.1
HostKey {key}
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
PubkeyAuthentication no
KbdInteractiveAuthentication no
GSSAPIAuthentication yes
GSSAPIKeyExchange yes
GSSAPIStrictAcceptorCheck no
LogLevel DEBUG
""")
    env = {**user.env(), "KRB5_KTNAME": str(keytab)}
    return port, Daemon(["/usr/sbin/sshd", "-D", "-e", "-f", conf], directory / "sshd.log",
                        on_ours(env) if library == "obol" else env, port)


def ssh(user, port, command, library="obol", **options):
    words = {"GSSAPIAuthentication": "yes", "GSSAPIDelegateCredentials": "yes", "BatchMode": "yes",
             "PreferredAuthentications": "gssapi-keyex,gssapi-with-mic", "StrictHostKeyChecking": "no",
             "UserKnownHostsFile": str(user.dir / "known_hosts"), **options}
    settings = [word for name, value in words.items() for word in ("-o", f"{name}={value}")]
    return user.run(["ssh", "-v", "-F", "none", "-p", port, *settings, f"{ACCOUNT}@localhost", command],
                    env=on_ours({}) if library == "obol" else {})


@pytest.fixture(scope="session")
def host_keytabs(realms, tmp_path_factory):
    made = {}

    def keytab(kdc):
        if kdc not in made:
            realms(kdc).add_service("host/localhost")
            made[kdc] = realms(kdc).keytab("host/localhost", tmp_path_factory.mktemp("ssh") / "host.keytab")
        return made[kdc]
    return keytab


@pytest.fixture
def logged_in(realms, client):
    """alice of a realm, whom auth_to_local gives the account that the test runs as."""
    def user(kdc):
        alice = client("mit", kdc)
        conf, realm = alice.conf, realms(kdc).name
        # Sections of one name are one, and so are the realm's two subsections.
        conf.write_text(conf.read_text() + f"""
[realms]
    {realm} = {{
        auth_to_local = RULE:[1:$1@$0](^alice@{re.escape(realm)}$)s/.*/{ACCOUNT}/
    }}
""")
        alice.run(["kinit", "-f", "alice"], input="correct horse battery\n").ok()
        return alice
    return user


@KDCS
@pytest.mark.parametrize("sides", [("obol", "obol"), ("obol", "mit"), ("mit", "obol")], ids="-".join)
def test_alice_logs_in_by_ticket_and_takes_it_along(logged_in, host_keytabs, tmp_path, kdc, sides, judged):
    alice = logged_in(kdc)
    port, server = start_sshd(tmp_path, alice, host_keytabs(kdc), sides[1])
    try:
        seen = ssh(alice, port, "klist -f", sides[0]).ok()
    finally:
        server.stop()
    assert "Authenticated to localhost" in seen.err and "gssapi-with-mic" in seen.err, seen
    # The ticket that came along, as MIT's klist shows it in the session.
    assert re.search(r"Default principal: alice@\S+", seen.out), str(seen) + server.log.read_text()
    assert re.search(r"Flags: F\w*f|Flags: \w*f", seen.out), seen
    judged("OpenSSH", f"ssh on {sides[0]}, sshd on {sides[1]}, {kdc}'s KDC", "krb5", "mutual, delegation",
           "gssapi-with-mic, ticket forwarded")


@KDCS
def test_keys_are_exchanged_by_gssapi(logged_in, host_keytabs, tmp_path, kdc, judged):
    alice = logged_in(kdc)
    port, server = start_sshd(tmp_path, alice, host_keytabs(kdc), "obol")
    try:
        seen = ssh(alice, port, "echo here", GSSAPIKeyExchange="yes").ok()
    finally:
        server.stop()
    assert seen.out.strip() == "here"
    exchange = re.search(r"kex: algorithm: (gss-\S+)", seen.err)
    assert exchange and "gssapi-keyex" in seen.err, seen
    judged("OpenSSH", f"ssh and sshd on ours, {kdc}'s KDC", "krb5", "mutual, key exchange", exchange.group(1)[:26])


def test_without_a_ticket_nobody_gets_in(logged_in, host_keytabs, tmp_path):
    alice = logged_in("obol")
    port, server = start_sshd(tmp_path, alice, host_keytabs("obol"), "obol")
    try:
        alice.logout()
        refused = ssh(alice, port, "echo here").failed()
    finally:
        server.stop()
    assert "Permission denied" in refused.err and "here" not in refused.out


def test_another_account_is_refused(logged_in, host_keytabs, tmp_path):
    alice = logged_in("obol")
    alice.conf.write_text(alice.conf.read_text().replace(f"s/.*/{ACCOUNT}/", "s/.*/nobody-at-all/"))
    port, server = start_sshd(tmp_path, alice, host_keytabs("obol"), "obol")
    try:
        refused = ssh(alice, port, "echo here").failed()
    finally:
        server.stop()
    assert "Permission denied" in refused.err
