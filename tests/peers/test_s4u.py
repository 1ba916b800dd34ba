# test_s4u.py: a service acts for its users (MS-SFU) as MIT's kvno asks for it, on MIT's library and on
# ours: S4U2Self (-U), and S4U2Proxy by the service's list and by the target's (-U -P).
import re

import pytest

from support.compat import on_ours

FRONT, BACK, OTHER = "HTTP/front.obol.test", "HTTP/back.obol.test", "HTTP/other.obol.test"
LIBRARY = pytest.mark.parametrize("library", ["mit", "obol"])


@pytest.fixture(scope="module")
def services(realms):
    """FRONT may act for users towards BACK; OTHER lets it."""
    realm = realms("obol")
    for spn in (FRONT, BACK, OTHER):
        realm.add_service(spn)
        realm.keytab(spn, realm.dir / spn.replace("/", "-"))
    realm.admin("principal", "set", FRONT, "--trusted-to-authenticate", "--delegate-to", BACK)
    realm.admin("principal", "set", OTHER, "--delegate-from", FRONT)
    realm.add_user("shy")
    realm.admin("principal", "set", "shy", "--not-delegated")
    return realm


@pytest.fixture
def kvno(services, over, library):
    """kvno(options...) run by FRONT with a ticket of its own."""
    user = over("mit", "obol")
    user.run(["kinit", "-f", "-k", "-t", str(services.dir / FRONT.replace("/", "-")), FRONT]).ok()

    def run(*words, key=None):
        keytab = ["-k", str(services.dir / key.replace("/", "-"))] if key else []
        env = on_ours(user.env()) if library == "obol" else {}
        return user.run(["kvno", *keytab, *words], env=env)
    run.klist = lambda: user.run(["klist", "-f"]).ok().out
    return run


@LIBRARY
def test_a_service_gets_a_ticket_to_itself_for_a_user(kvno, services, library, judged):
    said = kvno("-U", "alice", FRONT, key=FRONT).ok().out
    assert f"{FRONT}@OBOL.TEST: kvno = " in said and "keytab entry valid" in said
    assert re.search(r"for client alice@OBOL.TEST, Flags: F", kvno.klist())
    judged("MIT kvno -U", f"service, Obol's KDC, {library}'s library", "krb5", "S4U2Self", said.strip())


@LIBRARY
def test_a_service_acts_towards_those_it_may(kvno, services, library, judged):
    said = kvno("-U", "alice", "-P", BACK, key=FRONT).ok().out
    assert f"{BACK}@OBOL.TEST: kvno = " in said
    judged("MIT kvno -P", f"service, Obol's KDC, {library}'s library", "krb5", "S4U2Proxy", said.strip())
    assert f"{OTHER}@OBOL.TEST: kvno = " in kvno("-U", "alice", "-P", OTHER, key=FRONT).ok().out
    refused = kvno("-U", "alice", "-P", "HTTP/localhost", key=FRONT).failed()
    assert "constrained delegation failed" in refused.err
    if library == "obol":
        assert re.search(rf"let the KDC allow {FRONT}@\S+ to act for users towards HTTP/localhost@", refused.err), refused


@LIBRARY
def test_users_that_are_not_there_or_not_delegated_are_not_acted_for(kvno):
    kvno("-U", "nobody", FRONT).failed()
    kvno("-U", "locked", FRONT).failed()
    kvno("-U", "shy", FRONT).ok()
    kvno("-U", "shy", "-P", BACK, key=FRONT).failed()
    kvno("-U", "shy", "-P", OTHER, key=FRONT).failed()
