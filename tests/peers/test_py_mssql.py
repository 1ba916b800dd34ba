# test_py_mssql.py: clients of Microsoft SQL Server log in by ticket at the server of support/tds.py: python-tds of PyPI with
# obol.mssql.Auth, FreeTDS of Debian on our library; impacket with a ticket from a cache that the package wrote.
import os
import sys

import pytest

from support import pypi
from support.compat import on_ours
from support.process import ROOT, base_env, run
from support.realm import PASSWORD
from support.tds import serving

sys.path.insert(0, str(ROOT / "python"))
ENCTYPE = "aes256-cts-hmac-sha1-96"  # impacket knows no newer ones, nor does Active Directory
PYTDS = """
import sys, obol, obol.mssql, pytds
host, port, password = sys.argv[1:]
with obol.login("alice", password=password) as me:
    auth = obol.mssql.Auth(me, host, int(port))
    with pytds.connect(host, port=int(port), auth=auth, database="", login_timeout=20) as db, db.cursor() as cursor:
        cursor.execute("SELECT SUSER_SNAME()")
        print(cursor.fetchone()[0])
"""
PYTDS_OWN = """
import sys, obol.mssql, pytds
from pytds.login import KerberosAuth
host, port = sys.argv[1:]
auth = KerberosAuth(obol.mssql.spn(host, int(port)))
with pytds.connect(host, port=int(port), auth=auth, database="", login_timeout=20) as db, db.cursor() as cursor:
    cursor.execute("SELECT SUSER_SNAME()")
    print(cursor.fetchone()[0])
"""
IMPACKET = """
import sys
from impacket import tds
host, port, realm, kdc = sys.argv[1:]
client = tds.MSSQL(host, int(port))
client.connect()
logged_in = client.kerberosLogin(None, "alice", "", realm, None, None, kdcHost=kdc, useCache=True)
sys.exit(0 if logged_in else client.replies[tds.TDS_ERROR_TOKEN][0]["MsgText"].decode("utf-16-le"))
"""


class Bed:
    def __init__(self, realm, directory):
        import obol

        self.realm, self.dir = realm, directory
        self.conf = realm.krb5_conf("mit", directory / "client.conf", enctype=ENCTYPE)
        self.config = obol.Config(paths=self.conf)

    def acceptor(self, port):
        import obol
        import obol.mssql

        name = obol.mssql.spn("localhost", port)
        self.realm.add_service(name, ENCTYPE)
        return obol.Acceptor(self.realm.keytab(name, self.dir / "sql.keytab"), config=self.config)

    def env(self, base=None, **more):
        return {**(base or os.environ), "KRB5_CONFIG": str(self.conf), "KRB5CCNAME": str(self.dir / "alice.ccache"),  # impacket takes no FILE:
                "PYTHONDONTWRITEBYTECODE": "1", **more}

    def save(self, server):
        """A cache with the ticket in it, for programs that need one."""
        import obol
        import obol.mssql

        with obol.login("alice", password=PASSWORD, config=self.config) as me:
            me.ticket(obol.mssql.spn("localhost", server.port))
            me.save(f"FILE:{self.dir}/alice.ccache")

    def python(self, program, *words, packages=(), run_by=()):
        path = ":".join(map(str, [ROOT / "python", *(pypi.wheels(*packages) for _ in packages[:1])]))
        (self.dir / "program.py").write_text(program)
        return run([pypi.PYTHON, *run_by, self.dir / "program.py", *words], self.env(PYTHONPATH=path))


@pytest.fixture(scope="module")
def bed(realms, tmp_path_factory):
    return Bed(realms("obol"), tmp_path_factory.mktemp("mssql"))


@pytest.fixture(scope="module")
def server(bed):
    with serving(bed.acceptor) as server:
        yield server


def test_python_tds_logs_in_by_our_object(bed, server, judged):
    seen = bed.python(PYTDS, "localhost", server.port, PASSWORD, packages=("python-tds==1.17.1",)).ok()
    assert seen.out.split() == [bed.realm.principal("alice")] == server.logins[-1:]
    judged("python-tds 1.17", "obol.mssql.Auth, TDS 7.4", "SPNEGO", "mutual", "a query, as alice")


def test_python_tds_by_its_own_code_on_our_kerberos_module(bed, server, judged):
    bed.save(server)
    seen = bed.python(PYTDS_OWN, "localhost", server.port, packages=("python-tds==1.17.1",),
                      run_by=("-m", "obol.compat", "run")).ok()
    assert seen.out.split() == [bed.realm.principal("alice")]
    judged("python-tds 1.17", "on obol.compat.kerberos, TDS 7.4", "krb5", "mutual", "a query, as alice")


def test_freetds_logs_in_on_our_library(bed, server, judged):
    bed.save(server)
    conf = bed.dir / "freetds.conf"
    conf.write_text(f"[sql]\nhost = localhost\nport = {server.port}\ntds version = 7.4\nencryption = off\n")
    env = bed.env(on_ours(base_env()), FREETDSCONF=str(conf), HOME=str(bed.dir))
    seen = run(["/usr/bin/tsql", "-S", "sql", "-o", "q"], env, input="SELECT SUSER_SNAME()\ngo\nexit\n")
    assert bed.realm.principal("alice") in seen.out, seen
    judged("FreeTDS 1.3 (tsql)", "on ours, TDS 7.4", "krb5", "mutual", "a query, as alice")


def test_impacket_takes_the_ticket_and_is_told_what_its_login_lacks(bed, server, judged):
    # What it sends opens with the service's key; but it has none of the GSS-API's checksum (RFC 4121 4.1.1), which
    # Windows does without and MIT's library and ours do not.
    bed.save(server)
    seen = bed.python(IMPACKET, "localhost", server.port, bed.realm.name, f"127.0.0.1:{bed.realm.port}").failed()
    assert "the checksum type is not acceptable here" in seen.err, seen
    assert server.errors[-1].name == "KRB_AP_ERR_INAPP_CKSUM"
    judged("impacket 0.10 (tds)", "by a cache of obol's", "krb5 in SPNEGO", "", "refused: the authenticator has no checksum")


def test_a_server_that_is_not_registered_is_named_with_those_that_are(bed, server):
    import obol
    import obol.mssql

    with obol.login("alice", password=PASSWORD, config=bed.config) as me:
        with pytest.raises(obol.ServiceNotFound) as told:
            obol.mssql.Auth(me, "localhost", 1)
    assert told.value.spn == "MSSQLSvc/localhost:1@OBOL.TEST"  # by [domain_realm], in spite of the port


def test_a_login_for_another_service_is_refused(bed, server):
    program = PYTDS.replace("auth = obol.mssql.Auth(me, host, int(port))",
                            "auth = obol.mssql.Auth(me, host)\n    auth.context = me.initiate('HTTP/localhost')")
    bed.realm.add_service("MSSQLSvc/localhost:1433")
    count = len(server.logins)
    refused = bed.python(program, "localhost", server.port, PASSWORD, packages=("python-tds==1.17.1",)).failed()
    assert "Login failed: the service has no key for this ticket" in refused.err, refused
    assert len(server.logins) == count
