# test_compat_ldap.py: Debian's OpenLDAP, unchanged, slapd and its clients, with cyrus-sasl on our library:
# the mechanisms GSSAPI and GSS-SPNEGO, without a layer, with integrity and with confidentiality.
import re
from contextlib import ExitStack

import pytest

from support.compat import on_ours
from support.process import free_port
from support.realm import PASSWORD
from support.service import LIBRARIES, SIDES, Keytab, Service

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
BASE = "dc=obol,dc=test"
CONF = """include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {dir}/slapd.pid
sasl-host localhost
sasl-realm OBOL.TEST
authz-regexp uid=([^,]+),cn=([^,]+),cn=gss[^,]*,cn=auth ou=$1,ou=$2,{base}
sizelimit unlimited
database mdb
suffix {base}
directory {dir}/db
maxsize 67108864
dbnosync
access to dn.subtree=ou=sealed,{base} by users sasl_ssf=56 read by * none
access to dn.subtree=ou=big,{base} by dn.exact=ou=alice,ou=obol.test,{base} write by * none
access to * by users read by anonymous auth
"""
MANY, LONG = 1500, 2000


def tree():
    yield f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: obol\ndc: obol\n"
    yield f"dn: ou=many,{BASE}\nobjectClass: organizationalUnit\nou: many\n"
    for name in ("sealed", "big"):
        yield f"dn: ou={name},{BASE}\nobjectClass: organizationalUnit\nou: {name}\n"
    for i in range(MANY):
        yield f"dn: ou={i},ou=many,{BASE}\nobjectClass: organizationalUnit\nou: {i}\ndescription: {text(i)}\n"


def text(i):
    return f"{i} " + f"{i * 7919:07d}" * (LONG // 7)


class Slapd(Service):
    def begin(self, ldif):
        binary = self.program("/usr/sbin/slapd")
        self.folder("db")
        conf = self.write("slapd.conf", CONF.format(dir=self.dir, base=BASE))
        self.run([binary, "-T", "add", "-q", "-f", conf], ldif).ok()
        self.port = free_port()
        self.start([binary, "-d", "stats", "-f", conf, "-h", f"ldap://127.0.0.1:{self.port}"], self.port)
        return self


@pytest.fixture(scope="module")
def slapd(realms):
    """slapd(library) is a running server on that library, which takes tickets of both realms."""
    both, started, ldif = [realms("obol"), realms("mit")], {}, "\n".join(tree())
    for realm in both:
        realm.add_service("ldap/localhost")
    with ExitStack() as stack:
        for library in LIBRARIES:
            started[library] = stack.enter_context(Slapd(library, both))
            started[library].take_keys("ldap/localhost")
            started[library].begin(ldif)
        yield started.get


class Ldap:
    """alice of a realm, who has a ticket, at the command line."""

    def __init__(self, user, library):
        self.user, self.env = user, on_ours({}) if library == "obol" else {}
        user.run(["kinit", "alice"], input=PASSWORD + "\n").ok()

    def __call__(self, server, mech, ssf, command, *words):
        return self.user.run([command, "-H", f"ldap://localhost:{server.port}", "-Y", mech, "-N", "-O",
                              ssf, *words], env={**self.env, "LDAPNOINIT": "1"})


@pytest.fixture
def ldap(client):
    return lambda kdc, library: Ldap(client("mit", kdc), library)


def who(kdc):
    """alice as slapd writes her: the realm is told apart only where it is not the server's own."""
    return f"ou=alice,ou=obol.test,{BASE}" if kdc == "obol" else f"ou=alice@mit.test,ou=obol.test,{BASE}"


# With GSS-SPNEGO cyrus-sasl takes a layer that seals or none, on any library: there is none to choose.
LAYERS = {"GSSAPI": {"minssf=0,maxssf=0": 0, "minssf=1,maxssf=1": 1, "minssf=56": 256},
          "GSS-SPNEGO": {"minssf=0,maxssf=0": 0, "minssf=56": 256}}


@pytest.mark.parametrize("mech", LAYERS)
@pytest.mark.parametrize("sides", SIDES, ids="-".join)
@KDCS
def test_alice_is_known_through_each_layer(slapd, ldap, judged, kdc, sides, mech):
    ask, server = ldap(kdc, sides[0]), slapd(sides[1])
    for option, ssf in LAYERS[mech].items():
        seen = ask(server, mech, option, "ldapwhoami").ok()
        assert f"SASL SSF: {ssf}\n" in seen.err, seen
        assert seen.out == f"dn:{who(kdc)}\n", seen
    judged("OpenLDAP 2.5", f"ldapwhoami on {sides[0]}, slapd on {sides[1]}, {kdc}'s KDC", mech,
           "ssf " + ", ".join(map(str, LAYERS[mech].values())), "known as alice")


# With GSS-SPNEGO cyrus-sasl makes messages of any length, and slapd takes but 64 KiB at once.
WRITTEN = {"GSSAPI": 300000, "GSS-SPNEGO": 50000}


@pytest.mark.parametrize("mech", LAYERS)
@pytest.mark.parametrize("sides", SIDES, ids="-".join)
def test_megabytes_are_found_and_written_through_each_layer(slapd, ldap, judged, sides, mech):
    ask, server = ldap("obol", sides[0]), slapd(sides[1])
    for option, ssf in LAYERS[mech].items():
        got = ask(server, mech, option, "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-b", f"ou=many,{BASE}",
                  "-s", "one", "description").ok()
        values = re.findall(r"^description: (.*)$", got.out, re.M)
        assert values == [text(i) for i in range(MANY)]
        big = f"{ssf} of ssf " + "0123456789" * (WRITTEN[mech] // 10)
        ask(server, mech, option, "ldapmodify", "-f", write_change(ask.user.dir, big)).ok()
        back = ask(server, mech, "minssf=0,maxssf=0", "ldapsearch", "-LLL", "-o", "ldif-wrap=no", "-s", "base",
                   "-b", f"ou=big,{BASE}", "description").ok()
        assert f"description: {big}\n" in back.out
    judged("OpenLDAP 2.5", f"ldapsearch on {sides[0]}, slapd on {sides[1]}", mech,
           "ssf " + ", ".join(map(str, LAYERS[mech].values())), f"{len(got.out) >> 20} MiB found")


def write_change(directory, value):
    path = directory / "change.ldif"
    path.write_text(f"dn: ou=big,{BASE}\nchangetype: modify\nreplace: description\ndescription: {value}\n")
    return path


def test_what_asks_for_a_seal_is_shown_through_one_only(slapd, ldap):
    ask, server = ldap("obol", "obol"), slapd("obol")

    def dns(option):
        return re.findall("^dn: .*", ask(server, "GSSAPI", option, "ldapsearch", "-LLL", "-b", f"ou=sealed,{BASE}",
                                         "ou").out, re.M)
    assert dns("minssf=56") == [f"dn: ou=sealed,{BASE}"]
    assert dns("minssf=1,maxssf=1") == dns("minssf=0,maxssf=0") == []


@pytest.mark.parametrize("mech", LAYERS)
def test_a_layer_that_is_beyond_the_keys_is_refused(slapd, ldap, mech):
    refused = ldap("obol", "obol")(slapd("obol"), mech, "minssf=512", "ldapwhoami").failed()
    assert "No worthy mechs found" in refused.err, refused


@pytest.mark.parametrize("mech", LAYERS)
def test_without_a_ticket_nobody_is_known(slapd, ldap, judged, mech):
    ask = ldap("obol", "obol")
    ask.user.logout().ok()
    refused = ask(slapd("obol"), mech, "minssf=0", "ldapwhoami").failed()
    assert f"there is no credential cache: {ask.user.cache}" in refused.err, refused
    assert "Log in first: obol login NAME (or kinit NAME)." in refused.err, refused
    judged("OpenLDAP 2.5", "ldapwhoami on ours", mech, "no ticket", "there is no credential cache: FILE")


@pytest.mark.parametrize("mech", LAYERS)
def test_a_server_with_another_key_refuses_and_says_why(slapd, ldap, judged, mech):
    ask, server, seen = ldap("obol", "obol"), slapd("obol"), len(slapd("obol").log())
    with Keytab(server, "other keys"):
        refused = ask(server, mech, "minssf=0", "ldapwhoami").failed()
    assert "Invalid credentials" in refused.err, refused
    for part in ("the ticket for ldap/localhost@OBOL.TEST (enctype 20, kvno 1) opens with none of the",
                 f"service ldap/localhost@OBOL.TEST; keytab {server.keytab}",
                 "The keytab's key is not the one in the KDC: extract the keytab again."):
        assert part in server.log(seen), server.log(seen)
    judged("OpenLDAP 2.5", "slapd on ours", mech, "another key", "the ticket ... opens with none of the keys")


@pytest.mark.parametrize("mech", LAYERS)
def test_a_server_without_a_keytab_refuses_and_says_why(slapd, ldap, mech):
    ask, server, seen = ldap("obol", "obol"), slapd("obol"), len(slapd("obol").log())
    with Keytab(server, "missing"):
        ask(server, mech, "minssf=0", "ldapwhoami").failed()
    assert f"there is no keytab: {server.keytab}" in server.log(seen), server.log(seen)
    assert "Create one: obol keytab create FILE SPN" in server.log(seen)
