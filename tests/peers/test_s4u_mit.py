# test_s4u_mit.py: a service of MIT's realm acts for users of ours, where MIT's KDC itself allows it: its database is a
# directory (support/mit_ldap.py), which has the list that its own store lacks. And users called by an
# enterprise name (RFC 6806 5), as `kvno -U` does, whose realm is found by it.
import json
import re
from pathlib import Path

import pytest

from support.compat import on_ours
from support.mit_ldap import MitLdapRealm
from support.obol import binary
from support.process import ROOT
from support.trust import CLIENTS, Few, FewMit, FewObol, web

FRONT, BACK, OTHER = web("mit"), "HTTP/back.mit.two", "HTTP/other.mit.two"
OUR_FRONT, OUR_BACK, OUR_OTHER = web("obol"), "HTTP/back.obol.one", "HTTP/other.obol.one"


class OnLdap(Few, MitLdapRealm):
    conf_file, trust = FewMit.conf_file, FewMit.trust

    def populate(self):
        super().populate()
        for spn in (BACK, OTHER):
            self.add_service(spn)
            self.keytab(spn, self.dir.parent / "web.keytab")
        self.admin("modprinc", "+ok_to_auth_as_delegate", FRONT)
        self.delegate_to(FRONT, BACK)


class Realms:
    """MIT.TWO, OBOL.ONE and OBOL.FOUR, each trusting the two others."""

    def __init__(self, directory):
        self.dir, self.keytab = directory, directory / "web.keytab"
        self.mit = OnLdap(directory / "mit", "MIT.TWO")
        self.one = FewObol(directory / "one", "OBOL.ONE")
        self.four = FewObol(directory / "four", "OBOL.FOUR")
        self.all = (self.mit, self.one, self.four)
        for a in self.all:
            for b in self.all:
                if a is not b:
                    a.trust(b.name)
        with open(self.one.conf_file(), "a") as conf:
            conf.write("[domain_realm]\n    corp.example = OBOL.FOUR\n")
        for realm in (self.one, self.four):
            realm.add_user("shy")
            realm.admin("principal", "set", "shy", "--not-delegated")
            realm.admin("principal", "set", "alice", "--alias", f"alice@{'corp' if realm is self.four else 'mail'}.example")
        for spn in (OUR_BACK, OUR_OTHER):
            self.one.add_service(spn)
        self.one.keytab(OUR_BACK, self.keytab)
        self.one.admin("principal", "set", OUR_FRONT, "--trusted-to-authenticate", "--delegate-to", OUR_BACK)
        self.one.stop()
        self.one.start()

    def acting(self, kind, home, spn, directory):
        service = CLIENTS[kind](home, directory)
        head, tail = service.conf.read_text().split("[domain_realm]")
        head += "".join(f"    {r.name} = {{\n        kdc = 127.0.0.1:{r.port}\n    }}\n" for r in self.all if r is not home)
        service.conf.write_text(head + "[domain_realm]\n    .mit.two = MIT.TWO\n    .obol.one = OBOL.ONE\n" + tail)
        service.login_keytab(f"{spn}@{home.name}", str(self.keytab)).ok()
        return service

    def askers(self, home, spn, directory):
        """{who: run(words...)} of MIT's kvno on either library, and of ours."""
        mit, ours = self.acting("mit", home, spn, directory), self.acting("obol", home, spn, directory)
        face = str(Path(binary()).parent / "lib/obol/bin/kvno")
        keys = ("-k", str(self.keytab))
        return {"MIT's kvno": lambda *w: mit.run(["kvno", *keys, *w]),
                "MIT's kvno on our library": lambda *w: mit.run(["kvno", *keys, *w], env=on_ours(mit.env())),
                "our kvno": lambda *w: ours.run([face, *keys, *w])}

    def stop(self):
        for realm in self.all:
            realm.stop()


@pytest.fixture(scope="module")
def realms_of_both(tmp_path_factory):
    realms = Realms(tmp_path_factory.mktemp("granted"))
    yield realms
    realms.stop()


# The package obol: who is named by the ticket that a service gets for its user towards another.
PROGRAM = """
import json, sys, obol
name, keytab, user, target = sys.argv[1:]
try:
    with obol.login(name, keytab=keytab, forwardable=True) as service, service.impersonate(user) as acting:
        print(json.dumps({"user": str(acting.user), "client": str(acting.ticket(target).client)}))
except obol.Error as error:
    print(json.dumps({"failed": type(error).__name__}))
"""
USERS = ("alice@OBOL.ONE", "alice@OBOL.FOUR", "alice@MIT.TWO")


def test_mits_kdc_lets_its_service_act_for_our_user(realms_of_both, tmp_path, judged):
    for who, ask in realms_of_both.askers(realms_of_both.mit, FRONT, tmp_path).items():
        for user in USERS:
            said = ask("-I", user, "-P", f"{BACK}@MIT.TWO").ok().out
            assert re.search(rf"{BACK}@MIT.TWO: kvno = \d+, keytab entry valid", said), said
            judged("MIT krb5kdc on slapd, of service and target", f"Obol's KDC, of the user; {who}", "krb5",
                   "S4U2Self, S4U2Proxy", user)
        refused = ask("-I", USERS[0], "-P", f"{OTHER}@MIT.TWO").failed()
        assert "constrained delegation" in refused.err.lower(), refused
        ask("-I", "shy@OBOL.ONE", f"{FRONT}@MIT.TWO").ok()
        ask("-I", "shy@OBOL.ONE", "-P", f"{BACK}@MIT.TWO").failed()
        ask("-I", "nobody@OBOL.ONE", f"{FRONT}@MIT.TWO").failed()


def test_users_called_by_an_enterprise_name_are_found_in_their_realms(realms_of_both, tmp_path, judged):
    """kvno -U: corp.example is OBOL.FOUR's; mail.example is nobody's, and one of OBOL.ONE has it. MIT's KDC in its own
    stores refers to no other realm."""
    front = f"{OUR_FRONT}@OBOL.ONE"
    for who, ask in realms_of_both.askers(realms_of_both.one, OUR_FRONT, tmp_path).items():
        for mail, realm in (("alice@mail.example", "OBOL.ONE"), ("alice@corp.example", "OBOL.FOUR")):
            said = ask("-U", mail, front).ok().out
            assert f"{front}: kvno = 1, keytab entry valid" in said, said
            said = ask("-U", mail, "-P", f"{OUR_BACK}@OBOL.ONE").ok().out
            assert f"{OUR_BACK}@OBOL.ONE: kvno = 1" in said, said
            judged(who, f"Obol's KDCs, of service and user ({realm})", "krb5", "S4U2Self by an enterprise name, S4U2Proxy", mail)
        for user in ("nobody@corp.example", "alice@none.example"):
            said = "not found in Kerberos database" if who == "MIT's kvno" else "the client is not known to the KDC"
            assert said in ask("-U", user, front).failed().err
    ours = realms_of_both.acting("obol", realms_of_both.one, OUR_FRONT, tmp_path)
    shown = ours.run([binary(), "ticket", "--for", "alice@corp.example", "-E", f"{OUR_BACK}@OBOL.ONE", "--json"]).ok().out
    assert json.loads(shown)[0]["client"] == "alice@OBOL.FOUR", shown
    ours.run([binary(), "ticket", "--for", "alice@corp.example", f"{OUR_BACK}@OBOL.ONE"]).failed()


@pytest.mark.parametrize("library", ["mit", "obol"])
def test_python_gssapi_acts_for_users_of_other_realms(realms_of_both, tmp_path, library, judged):
    """gss_acquire_cred_impersonate_name, and the credential of a user who comes with a ticket of his own."""
    for home, spn, towards, other in ((realms_of_both.one, OUR_FRONT, f"{OUR_BACK}@OBOL.ONE", "HTTP@www.mit.two"),
                                      (realms_of_both.mit, FRONT, f"{BACK}@MIT.TWO", "HTTP@www.obol.one")):
        service = realms_of_both.acting("mit", home, spn, tmp_path / spn.replace("/", "-"))
        env = {**service.env(), "KRB5_KTNAME": str(realms_of_both.keytab)}

        def act(user, target):
            said = service.run(["/usr/bin/python3", ROOT / "tests/support/gss_acts.py", realms_of_both.keytab, user, target,
                                realms_of_both.keytab], env=on_ours(env) if library == "obol" else env).ok()
            return json.loads(said.out)
        # MIT's KDC of the user has no referral back to a service named with its realm.
        for user in USERS if home is realms_of_both.mit else USERS[:2]:
            said = act(user, towards)
            assert (said["held"], said["client"]) == (user, user), said
            judged(f"python-gssapi on {library}'s library", f"{home.name}'s service", "krb5", "impersonate, S4U2Proxy", user)
        for user in USERS:
            guest = CLIENTS["mit"](next(r for r in realms_of_both.all if r.name == user.split("@")[1]), tmp_path / home.name / user)
            guest.conf.write_text(service.conf.read_text())
            guest.login(user).ok()
            said = act(f"cache:{guest.cache}", towards)
            assert (said["held"], said["client"]) == (user, user), said
            judged(f"python-gssapi on {library}'s library", f"{home.name}'s service", "krb5", "delegated by S4U2Proxy", user)
        assert "failed" in act(f"cache:{guest.cache}", other)
        assert "failed" in act("shy@OBOL.ONE", towards)
        assert "failed" in act("nobody@OBOL.FOUR", towards)


def test_the_package_obol_acts_for_users_of_other_realms(realms_of_both, tmp_path, judged):
    for home, spn, towards, other in ((realms_of_both.one, OUR_FRONT, f"{OUR_BACK}@OBOL.ONE", f"{OUR_OTHER}@OBOL.ONE"),
                                      (realms_of_both.mit, FRONT, f"{BACK}@MIT.TWO", f"{OTHER}@MIT.TWO")):
        service = realms_of_both.acting("mit", home, spn, tmp_path / spn.replace("/", "-"))

        def act(user, target):
            words = ["/usr/bin/python3", "-c", PROGRAM, f"{spn}@{home.name}", realms_of_both.keytab, user, target]
            return json.loads(service.run(words, env={"PYTHONPATH": str(ROOT / "python")}).ok().out)
        for user in USERS[:2]:
            assert act(user, towards) == {"user": user, "client": user}
        judged("MIT krb5kdc on slapd" if home is realms_of_both.mit else "Obol's KDCs", f"the package obol, {home.name}'s service",
               "krb5", "impersonate, S4U2Proxy", "users of two realms")
        assert act(USERS[0], other) == {"failed": "NotAllowedToDelegate"}
        assert act("nobody@OBOL.FOUR", towards) == {"failed": "PrincipalNotFound"}
