# mit_ldap.py: a realm of MIT krb5 whose database is a directory (Debian's krb5-kdc-ldap on slapd, both
# unchanged, on a socket in the realm's own folder). Unlike MIT's own store it keeps the list of the
# services towards which one may act for users: krbAllowedToDelegateTo.
import gzip
from urllib.parse import quote

from .mit import MitRealm
from .process import Daemon, run, which

SCHEMA = "/usr/share/doc/krb5-kdc-ldap/kerberos.schema.gz"
BASE, SECRET = "o=realm", "whoever reads it"
CONF = """include /etc/ldap/schema/core.schema
include {dir}/kerberos.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {dir}/slapd.pid
database mdb
suffix {base}
rootdn cn=root,{base}
rootpw "{secret}"
directory {dir}/directory
maxsize 16777216
dbnosync
"""


class MitLdapRealm(MitRealm):
    """add_user and the rest are MIT's kadmin.local, as ever."""

    def create(self):
        self.socket = f"ldapi://{quote(f'{self.dir}/ldapi', safe='')}"
        (self.dir / "kerberos.schema").write_bytes(gzip.open(SCHEMA).read())
        (self.dir / "directory").mkdir()
        conf = self.dir / "slapd.conf"
        conf.write_text(CONF.format(dir=self.dir, base=BASE, secret=SECRET))
        slapd = which("slapd")
        run([slapd, "-T", "add", "-q", "-f", conf],
            input=f"dn: {BASE}\nobjectClass: organization\no: realm\n").ok()
        self.directory = Daemon([slapd, "-d", "stats", "-f", conf, "-h", self.socket], self.dir / "slapd.log")
        self.directory.wait_text("slapd starting")
        super().create()

    def create_database(self):
        with open(self.dir / "kdc.conf", "a") as conf:
            conf.write(f"""
[dbmodules]
    ldap = {{
        db_library = kldap
        ldap_kerberos_container_dn = cn=krbcontainer,{BASE}
        ldap_kdc_dn = cn=root,{BASE}
        ldap_kadmind_dn = cn=root,{BASE}
        ldap_service_password_file = {self.dir}/service.passwords
        ldap_servers = {self.socket}
    }}
""")
        text = (self.dir / "kdc.conf").read_text()
        (self.dir / "kdc.conf").write_text(text.replace(f"        database_name = {self.dir}/principal\n",
                                                        "        database_module = ldap\n"))
        root = ["-D", f"cn=root,{BASE}"]
        run([which("kdb5_ldap_util"), "stashsrvpw", "-f", self.dir / "service.passwords", f"cn=root,{BASE}"],
            self.env(), f"{SECRET}\n{SECRET}\n").ok()
        run([which("kdb5_ldap_util"), *root, "-w", SECRET, "create", "-r", self.name, "-s", "-P", "master",
             "-subtrees", BASE], self.env()).ok()

    def delegate_to(self, service, *towards):
        """The list of a service: those towards which it may act."""
        dn = f"krbPrincipalName={service}@{self.name},cn={self.name},cn=krbcontainer,{BASE}"
        lines = "".join(f"krbAllowedToDelegateTo: {spn}@{self.name}\n" for spn in towards)
        run([which("ldapmodify"), "-x", "-H", self.socket, "-D", f"cn=root,{BASE}", "-w", SECRET],
            input=f"dn: {dn}\nchangetype: modify\nadd: krbAllowedToDelegateTo\n{lines}").ok()

    def stop(self):
        super().stop()
        self.directory.stop()
