# test_no_pac.py: a realm without PACs (disable_pac), as services have it that read none. Nothing that stands on a PAC
# elsewhere may ask for one there: a TGT beside the presented one, for a ticket to its owner or as the armor of FAST.
import pytest

from support import newer
from support.heimdal import HeimdalClient, program
from support.mit import MitClient
from support.newer import NewerMitClient
from support.obol import ObolRealm
from support.realm import PASSWORD

SPN = "HTTP/localhost"
MAKES = {"MIT": MitClient, "MIT 1.22": NewerMitClient}


class WithoutPac(ObolRealm):
    def create(self):
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text().replace(f"    {self.name} = {{", f"    {self.name} = {{\n        disable_pac = true", 1))

    def populate(self):
        self.add_user("alice")
        self.add_user("host")
        self.add_service(SPN)
        self.keytab(SPN, self.dir / "http.keytab")


@pytest.fixture
def plain(started, transport, tmp_path):
    realm = started(WithoutPac, "PLAIN.TEST")
    return lambda make: make(realm, tmp_path, transport=transport)


def armor(user):
    """A TGT of somebody else's; Heimdal's wants it for its owner's eyes only."""
    user.login("host").ok()
    kept = user.dir / "armor.cc"
    kept.touch(0o600)
    kept.write_bytes(user.cache.read_bytes())
    return kept


@pytest.mark.parametrize("make", MAKES)
def test_mits_client_gets_every_ticket_but_that_of_whom_it_acts_for(plain, make, transport, judged):
    user = plain(MAKES[make])
    beside = armor(user)
    user.run(["kinit", "-f", "-T", str(beside), "alice"], input=PASSWORD + "\n").ok()
    assert "FAST" in user.run(["klist", "-C"]).ok().out.upper()
    user.ticket(SPN).ok()
    user.run(["kvno", "--u2u", str(beside), "host"]).ok()
    user.run(["kvno", "alice"]).failed()
    user.run(["kinit", "-k", "-t", str(user.realm.dir / "http.keytab"), SPN]).ok()
    user.run(["kvno", "-U", "alice", SPN]).failed()
    judged(f"{newer.version() if make != 'MIT' else 'MIT'} kinit -T, kvno --u2u", "Obol's KDC, disable_pac", "krb5",
           f"FAST, user-to-user, {transport}", "served")


def test_heimdals_client_logs_in_in_armor(plain, transport, judged):
    user = plain(HeimdalClient)
    beside = armor(user)
    user.run([program("kinit.heimdal"), "--password-file=STDIN", f"--fast-armor-cache=FILE:{beside}", "alice"],
             input=PASSWORD + "\n").ok()
    user.ticket(SPN).ok()
    judged("Heimdal kinit --fast-armor-cache", "Obol's KDC, disable_pac", "krb5", f"FAST, {transport}", "served")
