"""Servers that nobody here wrote, with keys of a realm of obol.testing, on the system's libraries."""

import contextlib
import os
import sys
from pathlib import Path

from web import certificate

TREE = Path(os.environ.get("OBOL_TREE", Path(__file__).parents[2]))
sys.path.insert(0, str(TREE / "tests"))

from support.dovecot import dovecot_start, mailbox  # noqa: E402
from support.postgres import postgres_start  # noqa: E402
from support.process import free_port  # noqa: E402
from support.service import Service  # noqa: E402

BASE = "dc=obol,dc=test"
SLAPD = """include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
sasl-host localhost
sasl-realm OBOL.TEST
sasl-cbinding tls-endpoint
authz-regexp uid=([^,]+),cn=([^,]+),cn=gss[^,]*,cn=auth ou=$1,{base}
TLSCertificateFile {dir}/tls.pem
TLSCertificateKeyFile {dir}/tls.pem
database mdb
suffix {base}
directory {dir}/db
maxsize 16777216
dbnosync
access to dn.subtree=ou=sealed,{base} by users sasl_ssf=56 read by * none
access to dn.subtree=ou=signed,{base} by users sasl_ssf=1 read by * none
access to * by users write by anonymous auth
"""
HBA = "local all all trust\nhostgssenc all all 127.0.0.1/32 gss include_realm=0 krb_realm=OBOL.TEST\n"


class Keys:
    """A realm of obol.testing, as the servers of tests/support want one."""

    kind = "python"

    def __init__(self, realm):
        self.realm, self.name, self.port = realm, realm.name, realm.port

    def keytab(self, spn, path):
        self.realm.service(spn).add_to(path)
        return path


@contextlib.contextmanager
def slapd(realm):
    """OpenLDAP's slapd with three entries; it listens for ldap and ldaps."""
    with Service("mit", [Keys(realm)]) as service:
        service.take_keys("ldap/localhost")
        service.folder("db")
        service.certificate = service.own(certificate(service.dir).rename(service.dir / "tls.pem"))
        conf = service.write("slapd.conf", SLAPD.format(dir=service.dir, base=BASE))
        ldif = f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: obol\ndc: obol\n"
        for name in ("sealed", "signed", "open"):
            ldif += f"\ndn: ou={name},{BASE}\nobjectClass: organizationalUnit\nou: {name}\n"
        binary = service.program("/usr/sbin/slapd")
        service.run([binary, "-T", "add", "-q", "-f", conf], ldif).ok()
        service.port, service.tls_port = free_port(), free_port()
        urls = f"ldap://127.0.0.1:{service.port} ldaps://127.0.0.1:{service.tls_port}"
        service.start([binary, "-d", "stats", "-f", conf, "-h", urls], service.port)
        yield service


@contextlib.contextmanager
def dovecot(realm):
    """dovecot, which has a letter for alice."""
    with Service("mit", [Keys(realm)]) as service:
        service.take_keys("imap/localhost")
        mailbox(service, "alice", "Subject: a letter\n\nhello\n")
        dovecot_start(service, "gssapi gss-spnego")
        yield service


@contextlib.contextmanager
def postgres(realm):
    """PostgreSQL, which lets the role alice in by her ticket, over a channel that it seals."""
    with Service("mit", [Keys(realm)]) as service:
        service.take_keys("postgres/localhost")
        postgres_start(service, HBA, ["alice"])
        yield service
