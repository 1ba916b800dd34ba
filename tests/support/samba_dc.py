# samba_dc.py: a domain controller of Samba (Debian's, with the Heimdal inside it) that is nothing but a KDC: in a
# directory of its own, at a high port of 127.0.0.1, and root only in a name space of users.
import json
import os
import re

from .process import ROOT, Daemon, base_env, run, which
from .realm import PASSWORD, Realm

AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--map-root-user"]
# Nothing here outlives the test, so nothing need reach a disk.
ENV = {"TDB_NO_FSYNC": "1"}


class SambaRealm(Realm):
    """What is asked of it before start() is in the domain; Samba is not told of more while it runs."""
    kind = "samba"

    def create(self):
        self.wanted = {"realm": self.name, "password": PASSWORD + " 1 Aa", "users": [], "trusts": []}

    def populate(self):
        """Overridden by what a test needs."""

    def make_user(self, name, password):
        self.wanted["users"].append({"name": name, "password": password, "set": {}})

    def make_service(self, spn, enctype):
        """An account named after the service's host."""
        self.make_user(re.split(r"[/.]", spn)[1], PASSWORD)
        self.set(re.split(r"[/.]", spn)[1], servicePrincipalName=spn)

    def set(self, name, **values):
        next(u for u in self.wanted["users"] if u["name"] == name)["set"].update(values)

    def trust(self, realm, sid, secret):
        self.wanted["trusts"].append({"realm": realm, "sid": sid, "secret": secret})

    def env(self):
        return {**base_env(), **ENV}

    def start(self):
        run([*AS_ROOT, "/usr/bin/python3", ROOT / "tests/support/samba_domain.py", self.dir], self.env(),
            json.dumps(self.wanted)).ok()
        self.conf = self.dir / "etc/smb.conf"
        text = self.conf.read_text().split("[homes]")[0]
        text = re.sub(r"server services = .*", "server services = kdc", text)
        text = re.sub(r"log file = .*", f"log file = {self.dir}/log", text)
        folders = "".join(f"\t{what} = {self.dir}/{what.split()[0]}\n" for what in (
            "pid directory", "ncalrpc dir", "winbindd socket directory", "ntp signd socket directory"))
        self.conf.write_text(f"{text}\tkrb5 port = {self.port}\n\tkpasswd port = 0\n\tinterfaces = 127.0.0.1/8\n"
                             f"\tbind interfaces only = yes\n{folders}")
        super().start()

    def keytab(self, name, path):
        run([*AS_ROOT, which("samba-tool"), "domain", "exportkeytab", path, f"--principal={name}", "-s", self.conf],
            self.env()).ok()
        return path

    def serve(self, port, clock=None):
        return Daemon([*AS_ROOT, which("samba"), "-i", "-M", "single", "-s", self.conf, "--debug-stdout", "-d3"],
                      self.dir / "kdc.log", self.env(), port)
