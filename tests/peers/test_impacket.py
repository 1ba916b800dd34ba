# test_impacket.py: impacket's getST gets tickets in the names of others (S4U2Self, S4U2Proxy) where the
# realm's lists allow it. It leaves the checksum of its requests out, so only a realm with
# `require_body_checksum = false` serves it at all.
import pytest

from support.impacket_realm import ImpacketRealm
from support.process import ROOT, base_env, run
from support.realm import PASSWORD

GETST = "/usr/share/doc/python3-impacket/examples/getST.py"
BACK, OTHER = "HTTP/back.impacket.test", "HTTP/other.impacket.test"


class Few(ImpacketRealm):
    def populate(self):
        self.add_user("alice")
        self.add_user("shy")
        self.add_user("front")
        for spn in (BACK, OTHER):
            self.add_service(spn)
        # A service account as Windows has them: a user's name, and a password.
        self.admin("principal", "set", "front", "--clear", "no-server", "--delegate-to", BACK,
                   "--trusted-to-authenticate")
        self.admin("principal", "set", "shy", "--protected")


class Lenient(Few):
    more = "\n        require_body_checksum = false"


@pytest.fixture(scope="module")
def lenient(started):
    return started(Lenient, "IMPACKET.TEST")


def get_st(realm, directory, user, spn, *more):
    """getST's result, and the cache that it wrote."""
    done = run(["/usr/bin/python3", ROOT / "tests" / "support" / "impacket_at.py", realm.port,
                GETST, *more, "-spn", spn, "-impersonate", user, "-dc-ip", "127.0.0.1", f"{realm.name}/front:{PASSWORD}"],
               base_env(), cwd=directory)
    return done, directory / f"{user}.ccache"


def test_it_acts_where_the_list_says_and_nowhere_else(lenient, tmp_path, judged):
    done, cache = get_st(lenient, tmp_path, "alice", BACK)
    assert "Saving ticket in alice.ccache" in done.out, str(done)
    listed = run(["klist", "-f", cache], base_env()).ok().out
    assert "Default principal: alice@IMPACKET.TEST" in listed and BACK in listed
    judged("impacket getST", "Obol's KDC", "krb5", "S4U2Self, S4U2Proxy", "a ticket in alice's name")
    done, cache = get_st(lenient, tmp_path, "alice", OTHER)
    assert "KDC_ERR_BADOPTION" in done.text and "Saving ticket" not in done.out, str(done)
    done, cache = get_st(lenient, tmp_path, "shy", BACK)
    assert "KDC_ERR_BADOPTION" in done.text and not cache.exists(), str(done)


def test_the_bronze_bit_does_not_make_a_ticket_forwardable(lenient, tmp_path, judged):
    """CVE-2020-17049: getST rewrites the user's ticket with the service's own key."""
    done, cache = get_st(lenient, tmp_path, "shy", BACK, "-force-forwardable")
    assert "Forcing the service ticket to be forwardable" in done.text, str(done)
    assert "KRB_AP_ERR_MODIFIED" in done.text and not cache.exists(), str(done)
    judged("impacket getST -force-forwardable", "Obol's KDC", "krb5", "the bronze bit", "refused: ticket signature")


def test_it_is_refused_where_checksums_are_asked_for(started, tmp_path):
    done, cache = get_st(started(Few, "IMPACKET.TEST"), tmp_path, "alice", BACK)
    assert "KRB_AP_ERR_INAPP_CKSUM" in done.text and not cache.exists(), str(done)
