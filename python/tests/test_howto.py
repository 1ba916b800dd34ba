"""docs/recipes.md runs as it stands, with a slapd and a PostgreSQL of its own; the double hop to that database, too."""

import subprocess

import pytest
import servers
from obol.testing import Realm
from test_docs import run


@pytest.fixture(scope="module")
def kept():
    with Realm() as realm:
        realm.user("alice", "secret")
        keytab = realm.service("HTTP/web.example.com")
        with servers.slapd(realm) as slapd, servers.postgres(realm) as postgres:
            yield realm, keytab, slapd, postgres


def test_the_recipes_run_and_print_what_they_say(kept, tmp_path, monkeypatch):
    realm, keytab, slapd, postgres = kept
    for name in ("KRB5_CONFIG", "KRB5CCNAME"):
        monkeypatch.setenv(name, realm.environment()[name])
    with realm.login("alice", "secret", forwardable=True) as alice:
        run("recipes.md", {"realm": realm, "keytab": keytab, "tmp_path": tmp_path, "alice": alice,
                           "slapd": slapd, "postgres": postgres})  # fmt: skip


def test_a_delegated_session_reaches_the_database(kept, tmp_path):
    realm, keytab, _, postgres = kept
    with realm.login("alice", "secret", forwardable=True) as alice:
        client = alice.initiate("HTTP/web.example.com", delegate=True)
    service = realm.acceptor(keytab).accept()
    client.step(service.step(client.step()))
    with service.delegated as user:
        cache = user.save(f"FILE:{tmp_path}/delegated")
    code = (
        f"import psycopg2; c = psycopg2.connect('host=localhost port={postgres.port} user=alice dbname=postgres "
        "gssencmode=require').cursor()\n"
        "c.execute('SELECT principal FROM pg_stat_gssapi WHERE pid = pg_backend_pid()'); print(c.fetchone()[0])"
    )
    env = realm.environment(KRB5CCNAME=cache)
    env.pop("LD_PRELOAD", None)
    done = subprocess.run(["/usr/bin/python3", "-c", code], env=env, capture_output=True, text=True)
    assert done.stdout == "alice@OBOL.TEST\n", done.stderr
