# realm.py: a realm of any make, with the same people and services in it, so that a test can be
# written once and run against each KDC.
import hashlib
import os
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from .process import free_port

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Enctype:
    """An enctype: its name in MIT, Heimdal's name (None: not implemented), whether Java has it."""
    name: str
    number: int
    heimdal: str
    java: bool

    def name_in(self, kind):
        if kind == "obol" and self.name == "arcfour-hmac":
            return "rc4-hmac"
        return self.heimdal if kind == "heimdal" else self.name


ENCTYPES = {e.name: e for e in (
    Enctype("aes256-cts-hmac-sha384-192", 20, "aes256-cts-hmac-sha384-192", True),
    Enctype("aes128-cts-hmac-sha256-128", 19, "aes128-cts-hmac-sha256-128", True),
    Enctype("aes256-cts-hmac-sha1-96", 18, "aes256-cts-hmac-sha1-96", True),
    Enctype("aes128-cts-hmac-sha1-96", 17, "aes128-cts-hmac-sha1-96", True),
    Enctype("camellia256-cts-cmac", 26, None, False),
    Enctype("camellia128-cts-cmac", 25, None, False),
    Enctype("arcfour-hmac", 23, "arcfour-hmac-md5", True),
)}
DEFAULT = "aes256-cts-hmac-sha384-192"


def moment(**delta):
    return datetime.now(timezone.utc) + timedelta(**delta)


class Realm:
    """A realm in a directory of its own; subclasses know how their make is administered."""
    kind = ""
    enctypes = tuple(ENCTYPES)
    # Where the names of a realm that several files of tests share are written down; see share().
    names = None

    def __init__(self, directory, name):
        self.dir = Path(directory)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.port = free_port()
        self.daemons = []
        self.create()
        self.populate()
        self.start()

    def populate(self):
        """alice may do all; expired, locked and late show the refusals; a service for each enctype."""
        self.add_user("alice")
        self.add_user("expired")
        self.expire("expired")
        self.add_user("locked")
        self.lock("locked")
        self.add_user("late")
        self.expire_password("late")
        self.add_service("HTTP/localhost")
        for enctype in self.enctypes:
            self.add_service(self.service_of(enctype), enctype)
        self.keytab("HTTP/localhost", self.dir / "http.keytab")
        self.keytab("alice", self.dir / "alice.keytab")

    def share(self, names):
        """From now on a name belongs to the file of tests that adds it, written below names (a directory
        that the processes of a run share): which files meet in one process differs from run to run,
        and that two of them add the same name has to show in each."""
        self.names = Path(names)
        self.names.mkdir(parents=True, exist_ok=True)

    def claim(self, name, owner=None):
        if self.names is None:
            return
        here = owner or os.environ["PYTEST_CURRENT_TEST"].split("::")[0]
        place = self.names / hashlib.sha256(name.encode()).hexdigest()
        try:
            place.symlink_to(here)  # made and filled in one step
        except FileExistsError:
            there = os.readlink(place)
            assert there == here, f"{name} is added to the shared realm by {there} and by {here}: rename one"

    def add_user(self, name, password=PASSWORD):
        self.claim(name)
        self.make_user(name, password)

    def add_service(self, spn, enctype=None, owner=None):
        """owner is the set-up that adds it, where several files of tests share that one too."""
        self.claim(spn, owner)
        self.make_service(spn, enctype)

    def service_of(self, enctype):
        """The SPN of the service that has a key of this enctype only."""
        return f"host/{enctype}.obol.test"

    def principal(self, name):
        return f"{name}@{self.name}"

    def start(self):
        self.daemons.append(self.serve(self.port))

    def stop(self):
        for daemon in self.daemons:
            daemon.stop()
        self.daemons.clear()

    def skewed(self):
        """The port of a second KDC on the same database whose clock is ten minutes ahead."""
        port = free_port()
        self.daemons.append(self.serve(port, clock="+10m"))
        return port

    def krb5_conf(self, flavour, path, enctype=None, transport="udp", port=None, **extra):
        """Writes the client's krb5.conf for a make of client (mit, heimdal, obol, java)."""
        kdc = f"127.0.0.1:{port or self.port}"
        defaults = {"default_realm": self.name, "dns_lookup_kdc": "false", "dns_lookup_realm": "false",
                    "rdns": "false", "dns_canonicalize_hostname": "false",
                    "allow_weak_crypto": "true", "allow_rc4": "true",
                    "forwardable": "true", "ticket_lifetime": "8h"}
        if flavour == "heimdal":
            # Of "any" it begins with UDP and goes on by TCP where the reply is too long.
            kdc = kdc if transport == "any" else f"{transport}/{kdc}"
        else:
            defaults["udp_preference_limit"] = "1" if transport == "tcp" else "32700"
        if enctype:
            name = ENCTYPES[enctype].heimdal if flavour == "heimdal" else enctype
            keys = {"heimdal": ("default_etypes", "default_as_etypes", "default_tgs_etypes", "permitted_enctypes")}
            for key in keys.get(flavour, ("default_tkt_enctypes", "default_tgs_enctypes", "permitted_enctypes")):
                defaults[key] = name
        defaults.update(extra)
        lines = ["[libdefaults]"] + [f"    {k} = {v}" for k, v in defaults.items()]
        lines += ["[realms]", f"    {self.name} = {{", f"        kdc = {kdc}", "    }",
                  "[domain_realm]", f"    localhost = {self.name}", f"    .obol.test = {self.name}"]
        Path(path).write_text("\n".join(lines) + "\n")
        return Path(path)
