# test_compat_apache.py: Debian's Apache httpd with mod_auth_gssapi, unchanged, on our library, and curl as
# its client: every way in which the module uses the GSS-API.
import base64
import json
import re

import pytest

from support.apache import curl, negotiate
from support.compat import on_ours
from support.realm import PASSWORD

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
NTLM = "TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAGAbEdAAAADw=="
# SPNEGO's first token, which offers NTLM alone.
NTLM_OFFER = base64.b64encode(bytes.fromhex("601c06062b0601050502a0123010a00e300c060a2b06010401823702020a")).decode()

TOKEN = """
import base64, gssapi, sys
mech = {"krb5": gssapi.MechType.kerberos, "spnego": gssapi.OID.from_int_seq("1.3.6.1.5.5.2")}[sys.argv[1]]
name = gssapi.Name("HTTP@localhost", gssapi.NameType.hostbased_service)
print(base64.b64encode(gssapi.SecurityContext(name=name, mech=mech, usage="initiate").step()).decode())
"""
BOUND = """
import requests, sys
from requests_kerberos import HTTPKerberosAuth, REQUIRED
auth = HTTPKerberosAuth(mutual_authentication=REQUIRED, send_cbt=True)
answer = requests.get(sys.argv[1], auth=auth, verify=sys.argv[2])
print(answer.status_code, answer.text)
"""


def token(user, mech):
    return user.run(["python3", "-c", TOKEN, mech], env=on_ours({})).ok().out.strip()


def present(user, server, path, value):
    """A token that somebody sends by hand."""
    return curl(user, server.url(path), "-H", f"Authorization: Negotiate {value}")


@KDCS
@pytest.mark.parametrize("sides", [("obol", "obol"), ("obol", "mit"), ("mit", "obol")], ids="-".join)
def test_alice_gets_in_by_ticket(apaches, logged_in, kdc, sides, judged):
    alice, server = logged_in(kdc), apaches(kdc, sides[1])
    negotiate(alice, server.url("plain"), library=sides[0]).is_for(f"alice@{server.realm.name}")
    judged("curl, Apache mod_auth_gssapi", f"curl on {sides[0]}, Apache on {sides[1]}, {kdc}'s KDC", "SPNEGO",
           "mutual", "200, as alice")


@KDCS
def test_without_a_ticket_nobody_gets_in(apaches, client, kdc):
    refused = negotiate(client("mit", kdc), apaches(kdc).url("plain")).refused()
    # curl shows what our library says: what is missing, and what to do.
    assert "there is no credential cache" in refused.told and "Log in first" in refused.told, refused


@KDCS
def test_passwords_are_checked_with_the_kdc(apaches, logged_in, kdc, judged):
    server = apaches(kdc)
    alice = logged_in(kdc)
    alice.logout()
    right = curl(alice, server.url("basic"), "--basic", "-u", f"alice:{PASSWORD}")
    right.is_for(f"alice@{server.realm.name}")
    for name, words, said in (("alice", "wrong", "the password is not right"),
                              ("nobody", PASSWORD, "has no client nobody@"),
                              ("locked", PASSWORD, "locked")):
        at = server.written()
        curl(alice, server.url("basic"), "--basic", "-u", f"{name}:{words}").refused()
        assert said in server.said(at), server.said(at)
    curl(alice, server.url("plain"), "--basic", "-u", f"alice:{PASSWORD}").refused()
    judged("Apache mod_auth_gssapi GssapiBasicAuth", f"both ends on ours, {kdc}'s KDC", "krb5", "password",
           "200, as alice")


@pytest.mark.parametrize("library", ["obol", "mit"])
def test_the_kdc_says_to_which_services_curl_delegates(apaches, logged_in, library, judged):
    """RFC 5896: --delegation policy follows the flag ok-as-delegate of the service's ticket."""
    server = apaches("obol")
    for mark, passed in (("--set", True), ("--clear", False)):
        server.realm.admin("principal", "set", "HTTP/localhost", mark, "ok-as-delegate")
        alice = logged_in("obol")
        seen = negotiate(alice, server.url("delegated"), "--delegation", "policy", library=library)
        seen.is_for(f"alice@{server.realm.name}")
        assert ("KRB5CCNAME=\n" not in seen.body) == passed, seen
    judged("curl --delegation policy", f"curl on {library}, Obol's KDC", "SPNEGO", "ok-as-delegate", "delegates where it is set")


@KDCS
@pytest.mark.parametrize("library", ["obol", "mit"])
def test_a_delegated_ticket_is_used_by_the_service(apaches, logged_in, kdc, library, judged):
    alice, server = logged_in(kdc), apaches(kdc)
    seen = negotiate(alice, server.url("delegated"), "--delegation", "always", library=library)
    seen.is_for(f"alice@{server.realm.name}")
    assert re.search(r"KRB5CCNAME=FILE:\S+/caches/alice@", seen.body), seen
    assert f"host/behind.obol.test@{server.realm.name}: kvno = " in seen.body, seen
    judged("curl, Apache mod_auth_gssapi", f"curl on {library}, Apache on ours, {kdc}'s KDC", "SPNEGO",
           "mutual, delegation", "kvno of another service in the CGI")
    kept = negotiate(alice, server.url("delegated"), library=library).is_for(f"alice@{server.realm.name}")
    assert "KRB5CCNAME=\n" in kept.body, kept
    by_password = curl(alice, server.url("delegated"), "--basic", "-u", f"alice:{PASSWORD}")
    assert f"host/behind.obol.test@{server.realm.name}: kvno = " in by_password.body, by_password


@KDCS
def test_a_session_goes_on_without_a_ticket(apaches, logged_in, kdc, judged):
    alice, server = logged_in(kdc), apaches(kdc)
    jar = alice.dir / "cookies"
    negotiate(alice, server.url("session"), "-c", jar).is_for(f"alice@{server.realm.name}")
    alice.logout()
    curl(alice, server.url("session"), "-b", jar).is_for(f"alice@{server.realm.name}")
    curl(alice, server.url("session")).refused()
    text = jar.read_text()
    value = re.search(r"MagBearerToken=(\S+)", text).group(1)
    # No digit of an escaped byte: a cookie that ends there, shorter than its checksum, crashes
    # mod_auth_gssapi, on MIT krb5's library too.
    at = next(i for i in range(20, len(value)) if "%" not in value[i - 2:i + 1])
    altered = value[:at] + ("B" if value[at] != "B" else "C") + value[at + 1:]
    jar.write_text(text.replace(value, altered))
    curl(alice, server.url("session"), "-b", jar).refused()
    judged("Apache mod_auth_gssapi GssapiUseSessions", f"both ends on ours, {kdc}'s KDC", "SPNEGO", "mutual",
           "cookie kept, altered cookie refused")


@KDCS
def test_a_named_acceptor_takes_no_other_tickets(apaches, logged_in, kdc):
    alice, server = logged_in(kdc), apaches(kdc)
    named = server.url("named", "named.obol.test")
    negotiate(alice, named, port=server.port).is_for(f"alice@{server.realm.name}")
    at = server.written()
    negotiate(alice, server.url("named")).refused()
    assert "is another name than the one that is accepted for" in server.said(at), server.said(at)
    assert "Ask for the service as HTTP@named.obol.test" in server.said(at), server.said(at)


@KDCS
def test_mechanisms_are_chosen(apaches, logged_in, kdc, judged):
    alice, server = logged_in(kdc), apaches(kdc)
    who = f"alice@{server.realm.name}"
    negotiate(alice, server.url("krb5")).is_for(who)
    for path in ("plain", "krb5"):
        present(alice, server, path, token(alice, "krb5")).is_for(who)
        at = server.written()
        present(alice, server, path, NTLM_OFFER).refused()
        assert "mechanisms offered NTLM. The client must send Kerberos" in server.said(at), server.said(at)
    judged("python3-gssapi, Apache mod_auth_gssapi", f"both ends on ours, {kdc}'s KDC", "krb5 without SPNEGO", "",
           "200, as alice")


@KDCS
def test_what_is_no_token_is_refused(apaches, logged_in, kdc):
    alice, server = logged_in(kdc), apaches(kdc)
    good = token(alice, "spnego")
    half = base64.b64encode(base64.b64decode(good)[:200]).decode()
    for bad in (base64.b64encode(b"nonsense").decode(), half, NTLM):
        at = server.written()
        present(alice, server, "plain", bad).refused()
        assert "gss_accept_sec_context() failed" in server.said(at), (bad, server.said(at))
    present(alice, server, "plain", "!").refused()
    present(alice, server, "plain", good).is_for(f"alice@{server.realm.name}")
    at = server.written()
    present(alice, server, "plain", good).refused()
    assert "replay" in server.said(at), server.said(at)


@KDCS
def test_the_log_says_what_the_keytab_lacks(apaches, logged_in, kdc):
    alice, server = logged_in(kdc), apaches(kdc)
    for name, facts, remedy in (
            ("stale", r"kvno wanted 2; enctype wanted aes256\S+ \(20\); keytab /\S+; keytab holds kvno 1 aes256",
             "clients must get a fresh ticket after a key change"),
            ("wrong", r"kvno in ticket 1; enctype in ticket 20; service HTTP/wrong.obol.test@\S+; keytab /\S+",
             "extract the keytab again"),
            ("elsewhere", r"keytab holds HTTP/localhost@\S+, HTTP/named.obol.test@\S+",
             r"obol keytab create \S+ HTTP/elsewhere.obol.test@")):
        at = server.written()
        negotiate(alice, server.url("plain", f"{name}.obol.test"), port=server.port).refused()
        assert re.search(facts, server.said(at)) and re.search(remedy, server.said(at)), server.said(at)


@KDCS
def test_names_are_mapped_and_their_attributes_shown(apaches, logged_in, kdc):
    alice, server = logged_in(kdc), apaches(kdc)
    mapped = negotiate(alice, server.url("local")).is_for("alice")
    assert f"GSS_NAME=alice@{server.realm.name}\n" in mapped.body, mapped
    seen = negotiate(alice, server.url("attributes")).is_for(f"alice@{server.realm.name}")
    shown = json.loads(re.search(r"GSS_NAME_ATTRS_JSON=(.*)", seen.body).group(1))
    assert shown["name"] == f"alice@{server.realm.name}"
    if kdc == "mit":  # whose tickets carry a PAC; the file is the client's name in UTF-16
        info = base64.b64decode(shown["attributes"]["urn:mspac:client-info"]["values"][0]["raw"])
        assert "alice".encode("utf-16-le") in info


# What a page that acts for its user says: his ticket for this service is in the cache, with the service's own TGT.
ACTS = (r"KRB5CCNAME=FILE:\S+/caches/alice@[\s\S]*Default principal: alice@[\s\S]*  HTTP/localhost@[\s\S]*"
        r"  krbtgt/\S+\n\s+for client HTTP/localhost@")


@KDCS
def test_a_user_s_ticket_is_evidence_for_a_service_that_acts_for_him(apaches, logged_in, kdc, judged):
    """GssapiUseS4U2Proxy. MIT's KDC with its own database grants no ticket for it, and says so."""
    alice, server = logged_in(kdc), apaches(kdc)
    seen = negotiate(alice, server.url("s4u")).is_for(f"alice@{server.realm.name}")
    assert re.search(ACTS, seen.body), seen
    assert f"acts for alice@{server.realm.name}" in seen.body, seen
    assert "let the KDC allow HTTP/localhost@" in seen.body and "towards HTTP/named.obol.test@" in seen.body, seen
    judged("Apache mod_auth_gssapi GssapiUseS4U2Proxy", f"both ends on ours, {kdc}'s KDC", "SPNEGO",
           "mutual, ticket as evidence", "kept; the KDC's refusal explained")


def test_a_service_that_may_act_for_its_user_does(apaches, logged_in, judged):
    """The same, and our KDC was told to let it: the page asks another one, as alice (S4U2Proxy)."""
    alice, server = logged_in("obol"), apaches("obol")
    server.realm.admin("principal", "set", "HTTP/localhost", "--delegate-to", "HTTP/named.obol.test")
    try:
        seen = negotiate(alice, server.url("s4u")).is_for("alice@OBOL.TEST")
    finally:
        server.realm.admin("principal", "set", "HTTP/localhost", "--no-delegate-to", "HTTP/named.obol.test")
    assert "let the KDC allow" not in seen.body and seen.body.count("REMOTE_USER=alice@OBOL.TEST") == 2, seen
    judged("Apache mod_auth_gssapi GssapiUseS4U2Proxy", "both ends on ours, obol's KDC", "SPNEGO",
           "mutual, S4U2Proxy", "another page opened as alice")


@KDCS
def test_a_user_without_a_ticket_is_impersonated(apaches, client, kdc, judged):
    """GssapiImpersonate (S4U2Self)."""
    nobody, server = client("mit", kdc), apaches(kdc)
    seen = curl(nobody, server.url("impersonate"), "--basic", "-u", f"alice:{PASSWORD}")
    seen.is_for(f"alice@{server.realm.name}")
    assert "AUTH_TYPE=Impersonate" in seen.body and re.search(ACTS, seen.body), seen
    curl(nobody, server.url("impersonate"), "--basic", "-u", "alice:wrong").refused()
    judged("Apache mod_auth_gssapi GssapiImpersonate", f"on ours, {kdc}'s KDC", "krb5", "S4U2Self", "as alice")


@KDCS
def test_tls_with_channel_bindings(apaches, logged_in, kdc, judged):
    """requests-kerberos binds its token to the TLS channel; mod_auth_gssapi 1.6.4 has no bindings to hold it
    to, and such an acceptor takes both."""
    alice, server = logged_in(kdc), apaches(kdc)
    url = f"https://localhost:{server.tls_port}/tls"
    seen = alice.run(["python3", "-c", BOUND, url, server.dir / "tls.pem"], env=on_ours({})).ok()
    assert seen.out.startswith("200 ") and f"REMOTE_USER=alice@{server.realm.name}" in seen.out, seen
    judged("python3-requests-kerberos, Apache over TLS", f"both ends on ours, {kdc}'s KDC", "SPNEGO",
           "mutual, channel bindings sent", "200, as alice")
    negotiate(alice, url, "--cacert", server.dir / "tls.pem").is_for(f"alice@{server.realm.name}")
    at = server.written()
    negotiate(alice, server.url("tls")).refused()
    assert "Not a TLS connection" in server.said(at)


@KDCS
def test_many_clients_at_once(apaches, logged_in, kdc):
    """The server's threads share credentials, keytab and replay cache; each login is its own."""
    alice, server = logged_in(kdc), apaches(kdc)
    urls = [word for n in range(40) for word in ("-o", alice.dir / f"page-{n}", f"{server.url('plain')}?{n}")]
    done = alice.run(["curl", "-sS", "-Z", "--parallel-max", "8", "--negotiate", "-u", ":", "-w", "%{http_code}\n",
                      *urls], env=on_ours({})).ok()
    assert done.out.split() == ["200"] * 40, done
    for n in range(40):
        assert f"REMOTE_USER=alice@{server.realm.name}\n" in (alice.dir / f"page-{n}").read_text()
