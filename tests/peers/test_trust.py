# test_trust.py: three realms, Obol's, MIT's and Heimdal's, in a row, in each order: the user of each
# reaches the service of each (RFC 4120 1.2, 3.3.3.2); referrals (RFC 6806 7, 8) lead there too.
import re

import pytest

from support.heimdal import program
from support.realm import PASSWORD
from support.trust import NAMES, FewObol, Three, web


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    realms = Three(tmp_path_factory.mktemp("three"))
    yield realms
    realms.stop()


@pytest.fixture(params=["udp", "tcp"])
def over(three, request):
    """three.client(...), whose messages go by UDP, and once more by TCP."""
    return lambda kind, home, directory: three.client(kind, home, directory, request.param)


ORDERS = pytest.mark.parametrize("middle", list(NAMES))


def flags(listed, spn):
    found = re.search(rf"{spn}@.*\n(?:\s+.*\n)*?\s+Flags: (\w*)", listed) or re.search(rf"{spn}@[^\n]*\n[^\n]*Flags: (\w*)", listed)
    assert found, listed
    return found.group(1)


@ORDERS
@pytest.mark.parametrize("home", list(NAMES))
def test_the_user_of_each_reaches_the_service_of_each(three, over, home, middle, tmp_path, judged):
    three.between(middle)
    user = over("mit", home, tmp_path)
    user.login("alice").ok()
    wanted = [f"{web(kind)}@{realm}" for kind, realm in NAMES.items()]
    said = user.run(["kvno", "-k", str(three.keytab), *wanted]).ok().out
    assert said.count("keytab entry valid") == 3, said
    listed = user.run(["klist", "-f"]).ok().out
    for kind, realm in NAMES.items():
        assert "T" in flags(listed, web(kind)), listed  # the KDC has checked the path
    ends = [k for k in NAMES if k != middle]
    judged("MIT kvno", "-".join([ends[0], middle, ends[1]]), "krb5", f"user of {home}", "reaches all three services")


@ORDERS
def test_heimdals_and_our_clients_take_the_same_ways(three, over, middle, tmp_path, judged):
    three.between(middle)
    for home in (k for k in NAMES if k != middle):
        target = next(k for k in NAMES if k not in (home, middle))
        wanted = f"{web(target)}@{NAMES[target]}"
        for kind in ("heimdal", "obol"):
            user = over(kind, home, tmp_path / home)
            user.login("alice").ok()
            user.ticket(wanted).ok()
            assert re.search(rf"{re.escape(web(target))}@", user.tickets().ok().text)
            judged(f"{kind} client", "-".join([home, middle, target]), "krb5", "", "a ticket")


def test_a_host_of_another_realm_is_referred_there(three, over, tmp_path, judged):
    three.between("obol")
    for kind in ("mit", "heimdal", "obol"):
        user = over(kind, "obol", tmp_path)
        user.login("alice").ok()
        for target in ("mit", "heimdal"):
            spn = web(target)
            asks = {"mit": ["kvno", "-S", "HTTP", spn.removeprefix("HTTP/")],
                    "heimdal": [program("kgetcred"), "--canonicalize", "--hostbased", "HTTP", spn.removeprefix("HTTP/")]}
            (user.run(asks[kind]) if kind in asks else user.ticket(spn)).ok()
            listed = user.tickets().ok().text
            # MIT's cache has the ticket under the name asked for, and says whose it is.
            assert spn in listed and (NAMES[target] in listed), listed
        judged(f"{kind} client", "Obol's KDC", "krb5", "host referral", "HTTP of both other realms")


def test_a_user_of_another_realm_is_told_where_to_log_in(three, over, tmp_path, judged):
    three.between("obol")
    user = over("mit", "obol", tmp_path)
    user.run(["kinit", "-C", "-E", "alice@HEIMDAL.THREE"], input=PASSWORD + "\n").ok()
    assert "Default principal: alice@HEIMDAL.THREE" in user.tickets().ok().out.replace("\\@HEIMDAL.THREE", "")
    judged("MIT kinit -E", "Obol's KDC", "krb5", "WRONG_REALM", "logs in to HEIMDAL.THREE")
    assert "not found in Kerberos database" in user.run(["kinit", "-C", "-E", "alice@nowhere.test"], input="x\n").failed().err


def acts_for(service, spn, user, keytab):
    said = service.run(["kvno", "-k", str(keytab), "-I", user, spn]).ok().out
    assert "keytab entry valid" in said, said
    assert f"for client {user}" in service.run(["klist"]).ok().out
    service.run(["kvno", "-I", user.replace("alice", "nobody"), spn]).failed()
    return said.strip()


def test_a_service_of_mits_realm_gets_a_ticket_for_our_user(three, over, tmp_path, judged):
    """MS-SFU 3.2.5.1.2. The other way round MIT's KDC has no referral for a service named with its realm."""
    three.between("obol")
    spn = f"{web('mit')}@MIT.TWO"
    service = over("mit", "mit", tmp_path)
    service.login_keytab(spn, three.keytab).ok()
    said = acts_for(service, spn, "alice@OBOL.ONE", three.keytab)
    judged("MIT kvno -I, MIT's KDC", "Obol's KDC, of the user", "krb5", "S4U2Self across realms", said)


def test_our_service_gets_a_ticket_for_a_user_of_another_realm(three, over, tmp_path, judged):
    four = FewObol(tmp_path / "four", "OBOL.FOUR")
    try:
        four.trust("OBOL.ONE")
        three.realms["obol"].trust("OBOL.FOUR")
        service = over("mit", "obol", tmp_path)
        conf = service.conf.read_text()
        service.conf.write_text(conf.replace("[capaths]", f"    OBOL.FOUR = {{\n        kdc = 127.0.0.1:{four.port}\n    }}\n[capaths]"))
        spn = f"{web('obol')}@OBOL.ONE"
        service.login_keytab(spn, three.keytab).ok()
        said = acts_for(service, spn, "alice@OBOL.FOUR", three.keytab)
        judged("MIT kvno -I", "Obol's KDCs, of user and service", "krb5", "S4U2Self across realms", said)
    finally:
        three.realms["obol"].distrust("OBOL.FOUR")
        four.stop()
