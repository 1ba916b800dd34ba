# trust.py: realms of three makes that trust each other in a row, in whatever order: which of them is
# in the middle is changed while their KDCs run.
from pathlib import Path

from .heimdal import HeimdalClient, HeimdalRealm
from .mit import MitClient, MitRealm
from .obol import ObolClient, ObolRealm

NAMES = {"obol": "OBOL.ONE", "mit": "MIT.TWO", "heimdal": "HEIMDAL.THREE"}
SECRET = "shared between two realms"
CLIENTS = {"mit": MitClient, "heimdal": HeimdalClient, "obol": ObolClient}
ENCTYPE = "aes256-cts-hmac-sha1-96"


def web(kind):
    return f"HTTP/www.{NAMES[kind].lower()}"


def capaths():
    """From each realm to each other one the third may vouch."""
    lines = ["[capaths]"]
    for a, realm in NAMES.items():
        others = [k for k in NAMES if k != a]
        lines += [f"    {realm} = {{", *(f"        {NAMES[b]} = {NAMES[others[1 - i]]}" for i, b in enumerate(others)),
                  "    }"]
    return "\n".join(lines) + "\n"


class Few:
    """A realm with alice and a web server only."""

    def populate(self):
        with open(self.conf_file(), "a") as conf:
            conf.write(capaths())
        self.add_user("alice")
        self.add_service(web(self.kind))
        self.keytab(web(self.kind), self.dir.parent / "web.keytab")


class FewMit(Few, MitRealm):
    def conf_file(self):
        return self.dir / "krb5.conf"

    def trust(self, other):
        for name in (f"krbtgt/{other}@{self.name}", f"krbtgt/{self.name}@{other}"):
            self.admin("addprinc", "-pw", SECRET, "-e", ENCTYPE + ":normal", name)

    def distrust(self, other):
        for name in (f"krbtgt/{other}@{self.name}", f"krbtgt/{self.name}@{other}"):
            self.admin("delprinc", "-force", name)


class FewHeimdal(Few, HeimdalRealm):
    def conf_file(self):
        return self.dir / "kdc.conf"

    def trust(self, other):
        for name in (f"krbtgt/{other}@{self.name}", f"krbtgt/{self.name}@{other}"):
            self.admin("add", "--password=" + SECRET, "--use-defaults", name)
            self.admin("del_enctype", name, "aes256-cts-hmac-sha384-192", "aes128-cts-hmac-sha256-128",
                       "aes128-cts-hmac-sha1-96", "arcfour-hmac-md5")

    def distrust(self, other):
        self.admin("delete", f"krbtgt/{other}@{self.name}", f"krbtgt/{self.name}@{other}")


class FewObol(Few, ObolRealm):
    def conf_file(self):
        return self.dir / "home" / "kdc.conf"

    def trust(self, other):
        self.admin("realm", "trust", "add", other, "--enctype", ENCTYPE, "--password-stdin", input=SECRET + "\n")

    def distrust(self, other):
        self.admin("realm", "trust", "remove", other)


class Three:
    """The realms, each trusting both others but for the pair that `between` keeps apart."""

    def __init__(self, directory):
        self.dir = Path(directory)
        made = {"obol": FewObol, "mit": FewMit, "heimdal": FewHeimdal}
        self.realms = {kind: made[kind](self.dir / kind, NAMES[kind]) for kind in NAMES}
        for a in NAMES:
            for b in NAMES:
                if a != b:
                    self.realms[a].trust(NAMES[b])
        self.apart = ()

    def between(self, middle):
        """`middle` stands between the two others."""
        apart = tuple(k for k in NAMES if k != middle)
        if apart == self.apart:
            return
        for a, b in (self.apart, self.apart[::-1]) if self.apart else ():
            self.realms[a].trust(NAMES[b])
        for a, b in (apart, apart[::-1]):
            self.realms[a].distrust(NAMES[b])
        self.apart = apart

    def client(self, kind, home, directory, transport="udp"):
        """A client of a make whose own realm is `home`."""
        realm = self.realms[home]
        client = CLIENTS[kind](realm, directory, transport=transport)
        kdc = f"kdc = {transport}/127.0.0.1:" if kind == "heimdal" else "kdc = 127.0.0.1:"
        text = client.conf.read_text()
        head, _ = text.split("[domain_realm]")
        head += "".join(f"    {r.name} = {{\n        {kdc}{r.port}\n    }}\n"
                        for r in self.realms.values() if r is not realm)
        client.conf.write_text(head + capaths())
        return client

    @property
    def keytab(self):
        return self.dir / "web.keytab"

    def stop(self):
        for realm in self.realms.values():
            realm.stop()

