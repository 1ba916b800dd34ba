# test_py_asyncpg.py: asyncpg of PyPI, unchanged, logs in at Debian's PostgreSQL by ticket: it asks the module `gssapi` for
# tokens, which is obol.compat.gssapi here. The server is on MIT's library, the KDC ours.
import json
import os
import sys
from contextlib import ExitStack

import pytest

from support import pypi
from support.obol import ObolRealm
from support.postgres import postgres_start
from support.process import ROOT, run
from support.realm import PASSWORD
from support.service import Service

sys.path.insert(0, str(ROOT / "python"))
HBA = "local all all trust\nhost all all 127.0.0.1/32 gss include_realm=0 krb_realm=OBOL.TEST\n"
PROGRAM = """
import asyncio, json, sys, asyncpg
port, role, service = sys.argv[1:]
state = "SELECT current_user, gss_authenticated, principal FROM pg_stat_gssapi WHERE pid = pg_backend_pid()"
async def main():
    where = {"host": "localhost", "port": int(port), "user": role, "database": "postgres", "ssl": False,
             "krbsrvname": service}
    async with asyncpg.create_pool(min_size=4, max_size=4, **where) as pool:
        rows = await asyncio.gather(*(pool.fetchrow(state) for _ in range(12)))
    print(json.dumps([list(row) for row in rows]))
asyncio.run(main())
"""


class Postgres(ObolRealm):
    """A realm of this file alone: the servers of other files are postgres/localhost too."""

    def populate(self):
        self.add_user("alice")
        self.add_service("postgres/localhost")


class Bed:
    def __init__(self, realm, service, directory):
        import obol

        self.realm, self.server, self.dir = realm, service, directory
        self.conf = realm.krb5_conf("mit", directory / "client.conf")
        with obol.login("alice", password=PASSWORD, config=obol.Config(paths=self.conf)) as alice:
            self.cache = alice.save(f"FILE:{directory}/alice.ccache")
        (directory / "program.py").write_text(PROGRAM)

    def run(self, role="alice", service="postgres", cache=""):
        env = {**os.environ, "KRB5_CONFIG": str(self.conf), "KRB5CCNAME": cache or self.cache,
               "PYTHONPATH": f"{ROOT / 'python'}:{pypi.wheels('asyncpg==0.32.0')}", "PYTHONDONTWRITEBYTECODE": "1"}
        return run([pypi.PYTHON, "-m", "obol.compat", "run", self.dir / "program.py", self.server.port, role, service],
                   env, timeout=60)


@pytest.fixture(scope="module")
def bed(tmp_path_factory):
    realm = Postgres(tmp_path_factory.mktemp("realm"), "OBOL.TEST")
    with ExitStack() as ends:
        ends.callback(realm.stop)
        service = ends.enter_context(Service("mit", [realm]))
        service.take_keys("postgres/localhost")
        postgres_start(service, HBA, ["alice", "boss"])
        yield Bed(realm, service, tmp_path_factory.mktemp("asyncpg"))


def test_a_pool_of_connections_logs_in_by_ticket(bed, judged):
    alice = bed.realm.principal("alice")
    assert json.loads(bed.run().ok().out) == [["alice", True, alice]] * 12
    judged("asyncpg 0.32", "on obol.compat.gssapi, PostgreSQL 15 on mit, our KDC", "krb5", "", "a pool, as alice")


def test_another_role_is_refused(bed):
    assert 'GSSAPI authentication failed for user "boss"' in bed.run(role="boss").failed().err


def test_what_is_missing_is_named(bed):
    assert "postgresql/localhost" in bed.run(service="postgresql").failed().err
    nothing = f"FILE:{bed.dir}/nothing"
    refused = bed.run(cache=nothing).failed()
    assert nothing in refused.err and "Log in first" in refused.err, refused
