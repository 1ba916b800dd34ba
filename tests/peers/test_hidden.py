# test_hidden.py: `hide_unknown_users`: what MIT's kinit is told about a name is the same whether there is such a
# client, and of whichever kind; a realm as it is made, but for that setting and certificates.
import re

import pytest

from support.mit import MitClient
from support.pkinit import PkinitRealm, by_certificate, kinit, saying
from support.realm import PASSWORD

TRANSPORTS = ("udp", "tcp")
# Names as long as `ghost`, which there is not, since a reply by UDP is as long as its request allows.
KINDS = {"alice": [], "loose": ["--clear", "requires-preauth"], "stick": ["--set", "hw-auth"],
         "tight": ["--set", "locked"], "taken": ["--set", "disabled"], "gonee": ["--expires", "2020-01-01"],
         "guess": [], "drawn": None, "empty": None, "serve": None}
TOLD = re.compile(r"Received error from KDC: \S+|Processing preauth types: .*|Selected etype info: .*|"
                  r"Decrypt integrity check failed|kinit: .*")


class SilentRealm(PkinitRealm):
    setting = "hide_unknown_users = true\n        lockout_failures = 2"

    def create(self):
        self.admin("realm", "create", self.name, "--listen", f"127.0.0.1:{self.port}")
        self.pki = self.dir / "home" / "pki"
        self.certificates()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(re.sub(rf"^(\s*{self.name} = {{)$", rf"""\1
        pkinit_identity = FILE:{self.pki}/kdc.pem,{self.pki}/kdc.key
        pkinit_anchors = FILE:{self.pki}/ca.pem
        {self.setting}""", conf.read_text(), 1, re.M))

    def certificates(self):
        for words in (["ca"], ["kdc"], *(["user", name] for name in ("empty", "ghost", "tight"))):
            self.admin("pki", *words)

    def populate(self):
        for name, flags in KINDS.items():
            if flags is None:
                self.admin("principal", "add", {"drawn": "--random", "empty": "--no-keys", "serve": "--service"}[name], name)
                continue
            self.add_user(name)
            if flags:
                self.admin("principal", "set", *flags, name)


@pytest.fixture(scope="module")
def silent(tmp_path_factory):
    realm = SilentRealm(tmp_path_factory.mktemp("silent"), "SILENT.TEST")
    client = MitClient(realm, tmp_path_factory.mktemp("client"))
    for _ in range(3):  # it is locked after two
        kinit(client, "guess", password="wrong\n").failed()
    kinit(client, "guess", password=PASSWORD + "\n").failed()
    yield realm
    realm.stop()


def told(client, name):
    return [line.replace(name, "NAME") for line in TOLD.findall(kinit(client, name, password="wrong\n").failed().text)]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_mits_kinit_is_told_the_same_of_each_name(silent, tmp_path, transport, judged):
    client = MitClient(silent, tmp_path, transport=transport)
    expected = told(client, "ghost")
    assert len(expected) > 3, expected
    for name in KINDS:
        assert told(client, name) == expected, name
    kinit(client, "loose", password=PASSWORD + "\n").ok()
    judged("kinit 1.20.1 (MIT)", "client of our KDC", f"hide_unknown_users, {transport}", f"{len(KINDS)} kinds of accounts",
           "told nothing")


def test_a_certificate_lets_those_in_who_are_there(silent, tmp_path):
    client = MitClient(silent, tmp_path, pkinit_anchors=f"FILE:{silent.pki}/ca.pem")
    by_certificate(client, "empty").ok()
    for name in ("ghost", "tight"):
        saying("not found in Kerberos database", by_certificate(client, name).failed())
