# test_compat_go.py: gokrb5, Go's own Kerberos, as the other end: it logs in at our KDC and brings its
# tokens to services on our library, and our library's programs go to its HTTP service.
import base64
import urllib.error
import urllib.request

import pytest

from support import ends
from support.compat import on_ours
from support.go import GoEnd
from support.mit import MitClient
from support.obol import ObolRealm, serve_page
from support.process import ROOT, faketime, run
from support.realm import ENCTYPES, PASSWORD

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])
AES = [name for name in ENCTYPES if name.startswith("aes")]
PYTHON = ["/usr/bin/python3", ROOT / "tests" / "support" / "ends_gssapi.py"]


@pytest.fixture(scope="session")
def go():
    end = GoEnd()
    yield end
    end.stop()


@pytest.fixture(scope="session")
def services(realms, tmp_path_factory):
    """services("obol") is a service of that realm on our library, which has all keys."""
    made = {}

    def service(kdc):
        if kdc not in made:
            realm = realms(kdc)
            keytab = realm.dir / "go.keytab"
            for name in ("HTTP/localhost", *map(realm.service_of, AES)):
                realm.keytab(name, keytab)
            user = MitClient(realm, tmp_path_factory.mktemp("go"))
            made[kdc] = ends.End(PYTHON, on_ours({**user.env(), "KRB5_KTNAME": str(keytab)}))
        return made[kdc]
    yield service
    for end in made.values():
        end.stop()


@pytest.fixture
def logged_in(realms, go, tmp_path):
    """Logs alice in by gokrb5."""
    def login(kdc, enctype=None, source=f"password={PASSWORD}", name="alice"):
        realm = realms(kdc)
        conf = realm.krb5_conf("mit", tmp_path / "krb5.conf", enctype)
        go.ask("login", str(conf), name, realm.name, source)
        return realm
    return login


@KDCS
@pytest.mark.parametrize("enctype", AES)
@pytest.mark.parametrize("secret", ["password", "keytab"])
def test_a_login_and_a_service_on_our_library(logged_in, realms, go, services, kdc, enctype, secret, judged):
    source = f"keytab={realms(kdc).dir}/alice.keytab" if secret == "keytab" else f"password={PASSWORD}"
    realm = logged_in(kdc, enctype, source)
    assert go.ask("ticket", realm.service_of(enctype)) == [str(ENCTYPES[enctype].number)] * 2
    service = services(kdc)
    service.accept()
    token = base64.b64decode(go.ask("token", realm.service_of(enctype))[0])
    service.step(token)
    facts = service.facts()
    assert facts.client == realm.principal("alice"), facts
    assert facts.service == realm.principal(realm.service_of(enctype)), facts
    judged("gokrb5", f"client, {kdc}'s KDC", "SPNEGO", enctype, "as alice, to a service on ours")
    # The same token again is a replay, and one for another key is refused.
    service.accept()
    assert "the request is a replay" in ends.refuses(service, "step", token)


@KDCS
def test_our_library_says_why_it_refuses_its_tokens(client, logged_in, go, kdc):
    realm = logged_in(kdc)
    token = base64.b64decode(go.ask("token", "HTTP/localhost")[0])
    env = on_ours({**client("mit", kdc).env(), "KRB5_KTNAME": str(realm.dir / "http.keytab")})
    for other, facts in (({**env, "KRB5_KTNAME": str(realm.dir / "alice.keytab")},
                          (realm.principal("HTTP/localhost"), realm.principal("alice"), "alice.keytab")),
                         (faketime(env, "+1h"), ("the clocks differ", "300 are allowed"))):
        service = ends.End(PYTHON, other)
        service.accept()
        text = ends.refuses(service, "step", token)
        service.stop()
        for fact in facts:
            assert fact in text, text


@pytest.mark.parametrize("maker", ["mit", "obol"])
def test_a_cache_of_ours(client, logged_in, realms, go, services, maker):
    user = client(maker, "obol")
    user.login("alice").ok()
    realm = logged_in("obol", source=f"cache={user.cache}")
    service = services("obol")
    service.accept()
    service.step(base64.b64decode(go.ask("token", "HTTP/localhost")[0]))
    assert service.facts().client == realm.principal("alice")


@KDCS
@pytest.mark.parametrize("name, said", [("nobody", "KDC_ERR_C_PRINCIPAL_UNKNOWN"), ("expired", "KDC_ERR_NAME_EXP"),
                                        ("locked", "KDC_ERR_CLIENT_REVOKED")])
def test_it_hears_why_it_is_refused(logged_in, kdc, name, said):
    with pytest.raises(ends.Refused, match=said):
        logged_in(kdc, name=name)


@KDCS
def test_it_hears_of_a_wrong_password_and_of_an_unknown_service(logged_in, go, kdc):
    with pytest.raises(ends.Refused, match="KDC_ERR_PREAUTH_FAILED"):
        logged_in(kdc, source="password=wrong")
    logged_in(kdc)
    with pytest.raises(ends.Refused, match="KDC_ERR_S_PRINCIPAL_UNKNOWN"):
        go.ask("ticket", "HTTP/nowhere.obol.test")


@KDCS
def test_it_opens_our_page(logged_in, go, tmp_path, kdc, judged):
    realm = logged_in(kdc)
    url, web = serve_page(realm, tmp_path)
    try:
        status, page = go.ask("get", url, "HTTP/localhost")
    finally:
        web.terminate()
        web.wait(20)
    assert status == "200" and realm.principal("alice") in page
    judged("gokrb5", f"HTTP client, {kdc}'s KDC", "SPNEGO", "", "opens obol web's page")


def status_of(port, token):
    """Of a request with that token."""
    request = urllib.request.Request(f"http://localhost:{port}/",
                                     headers={"Authorization": "Negotiate " + ends.encode(token)})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as refusal:
        return refusal.code


def first_token(user, target):
    """Made by our library."""
    ours = ends.End(PYTHON, on_ours(user.env()))
    try:
        ours.init(target, "spnego")
        return ours.step(b"")[0]
    finally:
        ours.stop()


class WithoutPac(ObolRealm):
    def create(self):
        super().create()
        conf = self.dir / "home" / "kdc.conf"
        conf.write_text(conf.read_text() + f"\n[realms]\n    {self.name} = {{\n        disable_pac = true\n    }}\n")


def test_its_service_reads_our_kdcs_pacs_where_it_knows_their_signature(client, go, tmp_path, judged):
    """It knows none of AES-SHA2: such services need a KDC with disable_pac, which holds for MIT's KDC, too."""
    user, plain = client("mit", "obol"), WithoutPac(tmp_path / "realm", "PLAIN.TEST")
    try:
        other = MitClient(plain, tmp_path / "plain")
        for owner, enctype, status, said in (
                (user, "aes256-cts-hmac-sha1-96", 200, "authentication succeeded"),
                (user, "aes128-cts-hmac-sha1-96", 200, "authentication succeeded"),
                (user, "aes256-cts-hmac-sha384-192", 401, "PAC service checksum verification failed"),
                (other, "aes256-cts-hmac-sha384-192", 200, "authentication succeeded")):
            owner.login("alice").ok()
            realm = owner.realm
            keytab = realm.keytab(realm.service_of(enctype), tmp_path / f"{realm.name}.{enctype}")
            port = go.ask("serve", str(keytab), "1")[0]
            assert status_of(port, first_token(owner, f"host@{enctype}.obol.test")) == status
            assert said in go.ask("log")[0]
    finally:
        plain.stop()
    judged("gokrb5", "HTTP service that reads PACs, obol's KDC", "SPNEGO", "AES-SHA1, or disable_pac", "as alice")


def curl(user, port):
    url = f"http://localhost:{port}/"
    done = run(["curl", "-sS", "-v", "--max-time", "20", "-w", " %{http_code}", "--negotiate", "-u", ":", url],
               on_ours(user.env()))
    return done.out.rsplit(" ", 1)


@KDCS
@pytest.mark.parametrize("enctype", AES)
def test_its_service_takes_our_librarys_tokens_once(client, go, kdc, enctype, tmp_path, judged):
    user = client("mit", kdc, enctype=enctype)
    user.login("alice").ok()
    keytab = user.realm.keytab(user.realm.service_of(enctype), tmp_path / "one.keytab")
    port = go.ask("serve", str(keytab), "0")[0]
    token = first_token(user, f"host@{enctype}.obol.test")
    assert status_of(port, token) == 200
    go.ask("log")
    assert status_of(port, token) == 401
    assert "replay detected" in go.ask("log")[0]
    altered = bytearray(token)
    altered[-1] ^= 1
    assert status_of(port, bytes(altered)) == 401
    judged("gokrb5", f"HTTP service, {kdc}'s KDC", "SPNEGO", enctype, "our token taken once, its replay refused")


@KDCS
def test_curl_on_our_library_goes_to_its_service(client, go, kdc, judged):
    user = client("mit", kdc)
    user.login("alice").ok()
    port = go.ask("serve", str(user.realm.dir / "http.keytab"), "0")[0]
    assert curl(user, port) == [user.realm.principal("alice"), "200"]
    assert "SPNEGO authentication succeeded" in go.ask("log")[0]
    judged("gokrb5", f"HTTP service, {kdc}'s KDC", "SPNEGO", "mutual", "curl on ours opens its page")
    # With the keys of others it refuses, and so it does without a ticket.
    other = go.ask("serve", str(user.realm.dir / "alice.keytab"), "0")[0]
    assert curl(user, other)[1] == "401"
    assert "matching key not found in keytab" in go.ask("log")[0]
    user.logout()
    assert curl(user, port)[1] == "401"
