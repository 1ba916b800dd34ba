# test_compat_postgresql.py: Debian's PostgreSQL 15, unchanged, its server and its psql (libpq) on our library:
# login by ticket, names mapped, and the channel encrypted by the GSS-API (gssencmode). Delegation came with
# PostgreSQL 16: here there is none to ask for.
import hashlib
import shutil
from contextlib import ExitStack

import pytest

from support.compat import on_ours
from support.process import free_port
from support.realm import PASSWORD
from support.service import LIBRARIES, SIDES, Keytab, Service

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
BIN = "/usr/lib/postgresql/15/bin"
HBA = """local all all trust
hostgssenc all alice 127.0.0.1/32 gss include_realm=0 krb_realm=OBOL.TEST
hostnogssenc all plain 127.0.0.1/32 gss include_realm=1 map=people
host all clerk,boss 127.0.0.1/32 gss include_realm=1 map=people
"""
IDENT = r"""people /^alice@(OBOL|MIT)\.TEST$ clerk
people /^alice@(OBOL|MIT)\.TEST$ plain
"""
SPNS = ("postgres/localhost", "postgres/localhost:5499")
STATE = "SELECT gss_authenticated, encrypted, principal FROM pg_stat_gssapi WHERE pid = pg_backend_pid()"


class Postgres(Service):
    def begin(self, cluster):
        shutil.copytree(cluster, self.dir / "data", copy_function=self.copy)
        self.own(self.dir / "data").chmod(0o700)
        for folder in (self.dir / "data").rglob("*/"):
            self.own(folder)
        self.port = free_port()
        self.start([f"{BIN}/postgres", "-D", self.dir / "data", "-p", self.port, "-k", self.dir,
                    "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "log_connections=on",
                    "-c", "shared_buffers=8MB", "-c", "autovacuum=off", "-c", "jit=off",
                    "-c", f"krb_server_keyfile={self.keytab}"], self.port)
        return self

    def copy(self, source, target):
        return self.own(shutil.copy(source, target))


def begin_cluster(service):
    """A new cluster with its roles, of which each server takes a copy."""
    cluster = service.dir / "data"
    service.run([f"{BIN}/initdb", "-D", cluster, "-U", "owner", "-A", "trust", "-N", "--locale=C",
                 "--no-instructions"]).ok()
    (cluster / "pg_hba.conf").write_text(HBA)
    (cluster / "pg_ident.conf").write_text(IDENT)
    roles = "".join(f"CREATE ROLE {name} LOGIN\n" for name in ("alice", "clerk", "plain", "boss"))
    service.run([f"{BIN}/postgres", "--single", "-D", cluster, "postgres"], roles).ok()
    return cluster


@pytest.fixture(scope="module")
def postgres(realms):
    """postgres(library) is a running server on that library, which takes tickets of both realms."""
    both, started = [realms("obol"), realms("mit")], {}
    for realm in both:
        for spn in SPNS:
            realm.add_service(spn)
    with ExitStack() as stack:
        cluster = begin_cluster(stack.enter_context(Service("mit", both)))
        for library in LIBRARIES:
            started[library] = stack.enter_context(Postgres(library, both))
            started[library].take_keys(*SPNS)
            started[library].begin(cluster)
        yield started.get


class Psql:
    """alice of a realm, who has a ticket, at psql."""

    def __init__(self, user, library):
        self.user, self.env = user, on_ours({}) if library == "obol" else {}
        user.run(["kinit", "alice"], input=PASSWORD + "\n").ok()

    def __call__(self, server, sql, role="clerk", mode="require", host="localhost"):
        where = f"host={host} hostaddr=127.0.0.1 port={server.port} dbname=postgres user={role} gssencmode={mode}"
        return self.user.run([f"{BIN}/psql", "-X", "-A", "-t", "-q", "-f", "-", where], sql,
                             env={**self.env, "HOME": str(self.user.dir)})


@pytest.fixture
def psql(client):
    return lambda kdc, library: Psql(client("mit", kdc), library)


@KDCS
@pytest.mark.parametrize("sides", SIDES, ids="-".join)
def test_alice_is_let_in_over_an_encrypted_channel_and_without(postgres, psql, realms, judged, kdc, sides):
    ask, server = psql(kdc, sides[0]), postgres(sides[1])
    alice = realms(kdc).principal("alice")
    who = f"psql on {sides[0]}, server on {sides[1]}, {kdc}'s KDC"
    assert ask(server, STATE).ok().out == f"t|t|{alice}\n"
    assert ask(server, STATE, mode="disable").ok().out == f"t|f|{alice}\n"
    assert f'identity="{alice}" method=gss' in server.log()
    judged("PostgreSQL 15", who, "krb5", "gssencmode require, disable", "encrypted, clear, as alice")


@pytest.mark.parametrize("sides", SIDES, ids="-".join)
def test_megabytes_go_through_the_encrypted_channel_both_ways(postgres, psql, judged, sides):
    ask, server = psql("obol", sides[0]), postgres(sides[1])
    got = ask(server, "SELECT md5(i::text) FROM generate_series(1, 100000) i").ok().out
    want = "".join(hashlib.md5(str(i).encode()).hexdigest() + "\n" for i in range(1, 100001))
    assert got == want
    text = got.replace("\n", "")
    sent = ask(server, f"SELECT md5('{text}')").ok().out
    assert sent == hashlib.md5(text.encode()).hexdigest() + "\n"
    judged("PostgreSQL 15", f"psql on {sides[0]}, server on {sides[1]}", "krb5", "confidentiality",
           f"{len(got) >> 20} MiB each way")


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_service_may_have_a_port_in_its_name(postgres, psql, library):
    ask, server = psql("obol", library), postgres("obol")
    assert ask(server, STATE, host="localhost:5499").ok().out.startswith("t|t|")
    refused = ask(server, STATE, host="localhost:5498", mode="disable").failed()
    if library == "obol":
        assert "postgres/localhost:5498@OBOL.TEST" in refused.err, refused


def test_a_realm_is_asked_for_and_another_is_not_taken(postgres, psql):
    server = postgres("obol")
    assert psql("obol", "obol")(server, STATE, role="alice").ok().out == "t|t|alice@OBOL.TEST\n"
    seen = len(server.log())
    refused = psql("mit", "obol")(server, STATE, role="alice").failed()
    assert 'GSSAPI authentication failed for user "alice"' in refused.err, refused
    assert "krb_realm=OBOL.TEST" in server.log(seen)


def test_a_role_that_alice_is_not_mapped_to_is_refused(postgres, psql):
    server = postgres("obol")
    seen = len(server.log())
    refused = psql("obol", "obol")(server, STATE, role="boss").failed()
    assert 'GSSAPI authentication failed for user "boss"' in refused.err, refused
    assert 'no match in usermap "people" for user "boss" authenticated as "alice@OBOL.TEST"' in server.log(seen)


def test_without_a_ticket_nobody_gets_in(postgres, psql, judged):
    ask, server = psql("obol", "obol"), postgres("obol")
    ask.user.logout().ok()
    # libpq asks whether there is a ticket, and has no words of ours for it.
    assert "GSSAPI encryption required but was impossible" in ask(server, STATE).failed().err
    refused = ask(server, STATE, mode="disable").failed().err
    assert f"there is no credential cache: {ask.user.cache}" in refused and "Log in first: " in refused
    judged("PostgreSQL 15", "psql on ours", "krb5", "no ticket", "there is no credential cache: FILE")


@pytest.mark.parametrize("mode", ["require", "disable"])
def test_a_server_with_another_key_refuses_and_says_why(postgres, psql, judged, mode):
    ask, server, seen = psql("obol", "obol"), postgres("obol"), len(postgres("obol").log())
    with Keytab(server, "other keys"):
        refused = ask(server, STATE, "plain" if mode == "disable" else "clerk", mode).failed()
    facts = "the ticket for postgres/localhost@OBOL.TEST (enctype 20, kvno 1) opens with none of the"
    assert facts in server.log(seen), server.log(seen)
    if mode == "disable": # the server sends its KRB-ERROR, from which the client tells what to do
        assert "The keytab's key is not the one in the KDC: extract the keytab again." in refused.err
        judged("PostgreSQL 15", "server on ours", "krb5", "another key", "the ticket ... opens with none of the keys")
    assert ask(server, STATE).ok().out == "t|t|alice@OBOL.TEST\n"


@pytest.mark.parametrize("mode", ["require", "disable"])
def test_a_server_without_a_keytab_refuses_and_says_so(postgres, psql, mode):
    ask, server, seen = psql("obol", "obol"), postgres("obol"), len(postgres("obol").log())
    with Keytab(server, "missing"):
        ask(server, STATE, "plain" if mode == "disable" else "clerk", mode).failed()
    assert f"there is no keytab: {server.keytab}" in server.log(seen), server.log(seen)
