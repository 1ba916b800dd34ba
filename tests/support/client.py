# client.py: what a client of any make can do in a test: log in, show, fetch a ticket, log out.
# A client lives in a directory of its own with its krb5.conf and its cache.
import re
from pathlib import Path

from .process import base_env, faketime, run


class Client:
    kind = ""
    errors = {}  # what this make says to a person: {case: regular expression}

    def __init__(self, realm, directory, enctype=None, transport="udp", clock=None, port=None, **conf):
        self.realm = realm
        self.dir = Path(directory) / f"{self.kind}-{realm.kind}"
        self.dir.mkdir(parents=True, exist_ok=True)
        self.cache = self.dir / "cc"
        self.conf = realm.krb5_conf(self.kind, self.dir / "krb5.conf", enctype, transport, port, **conf)
        self.clock = clock

    def env(self):
        env = {**base_env(), "KRB5_CONFIG": str(self.conf), "KRB5CCNAME": f"FILE:{self.cache}",
               "KRB5RCACHEDIR": str(self.dir)}
        return faketime(env, self.clock) if self.clock else env

    def run(self, args, input="", **more):
        return run(args, {**self.env(), **more.pop("env", {})}, input, **more)

    def says(self, case, result):
        """The result shows what this make says in such a case."""
        assert re.search(self.errors[case], result.text), f"{self.kind} should say '{self.errors[case]}':\n{result}"
