"""docs/recipes.md runs as it stands, with a slapd and a PostgreSQL of its own."""

import servers
from obol.testing import Realm
from test_docs import run


def test_the_recipes_run_and_print_what_they_say(tmp_path, monkeypatch):
    with Realm() as realm:
        realm.user("alice", "secret")
        for name in ("KRB5_CONFIG", "KRB5CCNAME"):
            monkeypatch.setenv(name, realm.environment()[name])
        keytab = realm.service("HTTP/web.example.com")
        with servers.slapd(realm) as slapd, servers.postgres(realm) as postgres:
            with realm.login("alice", "secret", forwardable=True) as alice:
                run("recipes.md", {"realm": realm, "keytab": keytab, "tmp_path": tmp_path, "alice": alice,
                                   "slapd": slapd, "postgres": postgres})  # fmt: skip
