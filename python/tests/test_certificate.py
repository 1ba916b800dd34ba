"""Logins by certificate (PKINIT), anonymous ones, FAST armor and one-time codes, at a real obol serve.

Each login stands beside what must be refused; the authenticator is tests/support/one_time.py.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import obol
import pytest

TREE = Path(os.environ.get("OBOL_TREE", Path(__file__).parents[2]))
sys.path.insert(0, str(TREE / "tests"))
from support.card import PIN, Cards, change_pin, place  # noqa: E402
from support.obol import ObolRealm  # noqa: E402
from support.one_time import Authenticator  # noqa: E402
from support.process import run  # noqa: E402

PASSWORD = "wonderland"
PASSPHRASE = "open sesame"
TOKENS = ("tess", "tina", "toby", "tara")


class CertifiedRealm(ObolRealm):
    """alice and keyless have certificates, the others tokens; host's session is the armor."""

    def create(self):
        super().create()
        self.pki = self.dir / "home" / "pki"
        self.admin("pki", "ca")
        self.admin("pki", "kdc")
        conf = self.dir / "home" / "kdc.conf"
        head = f"    {self.name} = {{"
        conf.write_text(conf.read_text().replace(head, head + f"""
        pkinit_identity = FILE:{self.pki}/kdc.pem,{self.pki}/kdc.key
        pkinit_anchors = FILE:{self.pki}/ca.pem""", 1))  # fmt: skip

    def populate(self):
        self.tokens = {}
        for user in ("alice", "host", *TOKENS):
            self.add_user(user, PASSWORD)
        self.admin("principal", "add", "--no-keys", "keyless")
        self.admin("principal", "add", "--no-keys", "WELLKNOWN/ANONYMOUS")
        self.admin("spn", "add", "HTTP/web")
        for user in ("alice", "keyless"):
            self.admin("pki", "user", user)
        for user in TOKENS:
            shown = json.loads(self.admin("otp", "add", "--json", "--hotp", user).out)
            self.tokens[user] = Authenticator(shown["uri"])
        self.strange()
        self.seal()

    def strange(self):
        """A CA that the KDC has never heard of, and its certificate for alice."""
        self.other = self.dir / "other"
        self.admin("pki", "ca", "--dir", self.other)
        self.admin("pki", "user", "--dir", self.other, "alice")

    def seal(self):
        """alice's key behind a passphrase, and both in a PKCS#12."""
        pem, key = self.pki / "alice.pem", self.pki / "alice.key"
        for words, out in (
            (["pkey", "-in", key, "-aes256"], "sealed.key"),
            (["pkcs12", "-export", "-in", pem, "-inkey", key], "alice.p12"),
        ):
            run(["openssl", *words, "-passout", f"pass:{PASSPHRASE}", "-out", self.pki / out]).ok()

    def config(self, **more):
        return obol.Config(self.name, {self.name: f"127.0.0.1:{self.port}"}, **more)

    def pair(self, user):
        return self.pki / f"{user}.pem", self.pki / f"{user}.key"


@pytest.fixture(scope="module")
def kdc(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBOL", str(TREE / "build" / "obol"))
        realm = CertifiedRealm(tmp_path_factory.mktemp("certified"), "CERT.TEST")
        yield realm
        realm.stop()


@pytest.fixture
def login(kdc):
    def enter(user, **more):
        more.setdefault("anchors", kdc.pki / "ca.pem")
        more.setdefault("config", kdc.config())
        return obol.login(user, **more)

    return enter


@pytest.fixture
def armor(kdc):
    with obol.login("host", password=PASSWORD, config=kdc.config()) as session:
        yield session


def told(error):
    """An error for a person must say what failed and what to do."""
    assert error.detail and error.remedy, error
    return error


# ---- certificates


def test_a_certificate_logs_in_wherever_it_stands(kdc, login, tmp_path):
    pem, key = kdc.pair("alice")
    both = tmp_path / "both.pem"
    both.write_bytes(pem.read_bytes() + key.read_bytes())
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "alice.crt").write_bytes(pem.read_bytes())
    (folder / "alice.key").write_bytes(key.read_bytes())
    for place in (f"{pem},{key}", f"FILE:{pem},{key}", (pem, key), both, f"DIR:{folder}"):
        with login("alice", certificate=place) as me:
            assert str(me.principal) == "alice@CERT.TEST"
            assert str(me.ticket("HTTP/web").spn) == "HTTP/web@CERT.TEST"


def test_a_user_without_keys_logs_in_by_certificate_only(kdc, login):
    with login("keyless", certificate=kdc.pair("keyless")) as me:
        assert me.valid
    with pytest.raises(obol.Error):
        login("keyless", password=PASSWORD)


def test_another_users_certificate_is_refused(kdc, login):
    with pytest.raises(obol.CertificateError) as seen:
        login("keyless", certificate=kdc.pair("alice"))
    assert seen.value.code == 75 and told(seen.value)
    assert isinstance(seen.value, obol.CredentialError)


def test_a_certificate_of_a_ca_that_the_kdc_does_not_trust_is_refused(kdc, login):
    with pytest.raises(obol.CertificateError) as seen:
        login("alice", certificate=(kdc.other / "alice.pem", kdc.other / "alice.key"))
    assert seen.value.code == 70 and told(seen.value)


def test_a_kdc_of_a_ca_that_we_do_not_trust_is_refused(kdc, login):
    with pytest.raises(obol.KdcNotTrusted) as seen:
        login("alice", certificate=kdc.pair("alice"), anchors=[kdc.other / "ca.pem"])
    assert told(seen.value).code == 63
    both = [kdc.other / "ca.pem", kdc.pki / "ca.pem"]
    with login("alice", certificate=kdc.pair("alice"), anchors=both) as me:
        assert me.valid


def test_anchors_come_from_krb5_conf_else(kdc):
    pair = kdc.pair("alice")
    named = kdc.config(settings={"pkinit_anchors": f"FILE:{kdc.pki}/ca.pem"})
    with obol.login("alice", certificate=pair, config=named) as me:
        assert me.valid
    with pytest.raises(obol.KdcNotTrusted, match="no CA is named") as seen:
        obol.login("alice", certificate=pair, config=kdc.config())
    told(seen.value)


def test_files_that_are_missing_or_no_pair_are_named(kdc, login, tmp_path):
    pem, key = kdc.pair("alice")
    for place, names in (
        ((pem, tmp_path / "none.key"), "none.key"),
        ((tmp_path / "none.pem", key), "none.pem"),
        (pem, "alice.pem"),  # which holds no key
        ((pem, kdc.pki / "keyless.key"), "not the certificate's"),
        (f"DIR:{tmp_path}", str(tmp_path)),
    ):
        with pytest.raises(obol.CertificateError) as seen:
            login("alice", certificate=place)
        assert names in told(seen.value).explain() and "no reason" not in seen.value.detail
    with pytest.raises(obol.CertificateError, match="none.pem"):
        login("alice", certificate=(pem, key), anchors=tmp_path / "none.pem")


def test_the_passphrase_of_a_key_is_the_password(kdc, login):
    asked = []

    def ask(prompt):
        asked.append(prompt)
        return PASSPHRASE

    pem = kdc.pki / "alice.pem"
    for place in ((pem, kdc.pki / "sealed.key"), f"PKCS12:{kdc.pki}/alice.p12"):
        for password in (PASSPHRASE, ask):
            with login("alice", certificate=place, password=password) as me:
                assert me.valid
        with pytest.raises(obol.CertificateError) as seen:
            login("alice", certificate=place, password="wrong")
        told(seen.value)
        with pytest.raises(obol.PasswordNeeded, match="has a passphrase") as seen:
            login("alice", certificate=place)
        told(seen.value)
    assert len(asked) == 2 and asked[0].startswith("Passphrase for ") and "sealed.key" in asked[0]
    with login("alice", certificate=kdc.pair("alice"), password=ask):
        assert len(asked) == 2  # that key has none


def test_a_passphrase_never_goes_where_a_password_would(kdc, login, realm):
    """The KDC of obol.testing has no certificate: it offers to take a password."""
    realm.user("paula", PASSPHRASE)
    with pytest.raises(obol.PasswordNeeded, match="no login by certificate") as seen:
        login("paula", certificate=(kdc.pki / "alice.pem", kdc.pki / "sealed.key"), password=PASSPHRASE,
              config=realm.config)  # fmt: skip
    told(seen.value)
    with realm.login("paula", PASSPHRASE) as me:
        assert me.valid


def test_a_session_logs_in_again_by_its_certificate(kdc, login):
    events = []
    with login("alice", certificate=kdc.pair("alice"), on_event=events.append) as me:
        before = me.tgt
        me.refresh()
        assert me.tgt != before and me.valid
        assert [event.kind for event in events] == ["login", "refreshed"]
    sealed = (kdc.pki / "alice.pem", kdc.pki / "sealed.key")
    with login("alice", certificate=sealed, password=PASSPHRASE, refresh=True) as me:
        me.refresh()
    with login("alice", certificate=sealed, password=PASSPHRASE) as me, pytest.raises(obol.PasswordNeeded):
        me.refresh()  # the passphrase was not kept


def test_a_key_on_a_card_logs_in_by_its_pin(kdc, login, tmp_path, monkeypatch):
    asked = []
    reader = Cards(tmp_path / "reader")
    monkeypatch.setenv("SOFTHSM2_CONF", reader.env["SOFTHSM2_CONF"])
    reader.write(reader.insert("her card"), "01", *kdc.pair("alice"))
    card = place("token=her card")
    with login("alice", certificate=card, password=PIN, refresh=True) as me:
        me.refresh()
        change_pin("her card", PIN, "271828")
        with pytest.raises(obol.CertificateError, match="PIN of the token 'her card' is not right") as seen:
            me.refresh()
        assert "right PIN" in told(seen.value).remedy
        with pytest.raises(obol.PasswordNeeded):  # the card is not given the wrong one again
            me.refresh()
    with login("alice", certificate=card, password=lambda prompt: asked.append(prompt) or "271828") as me:
        assert str(me.ticket("HTTP/web").spn) == "HTTP/web@CERT.TEST"
    assert len(asked) == 1 and asked[0].startswith("PIN of her card") and asked[0].endswith(": ")
    with pytest.raises(obol.PasswordNeeded, match="the token 'her card' has a PIN") as seen:
        login("alice", certificate=card)
    assert told(seen.value).facts["PIN of"] == "her card"
    with pytest.raises(obol.CertificateError, match="no token is called 'his card'"):
        login("alice", certificate=place("token=his card"), password=PIN)


# ---- nobody


def test_nobody_logs_in_and_gets_tickets(kdc, login):
    for name in (None, "@CERT.TEST", "WELLKNOWN/ANONYMOUS@CERT.TEST"):
        with login(name, anonymous=True) as nobody:
            assert nobody.principal.components == ("WELLKNOWN", "ANONYMOUS")
            assert str(nobody.ticket("HTTP/web").spn) == "HTTP/web@CERT.TEST"
            nobody.refresh()
            assert nobody.valid
    with pytest.raises(obol.KdcNotTrusted):
        login(None, anonymous=True, anchors=kdc.other / "ca.pem")
    with pytest.raises(ValueError, match="has no name"):
        login("alice", anonymous=True)


def test_what_does_not_go_together_is_said_before_anybody_is_asked(kdc, login, armor, realm):
    pair = kdc.pair("alice")
    for more in (
        {"certificate": pair, "anonymous": True},
        {"certificate": pair, "keytab": realm.service("HTTP/pair.example.com")},
        {"certificate": pair, "new_password": "new"},
        {"anonymous": True, "password": "secret"},
        {"code": "123456", "password": "secret"},  # without armor
        {"certificate": ("a,b.pem", "b.key")},
    ):
        with pytest.raises(ValueError):
            login(None if "anonymous" in more else "alice", **more)
    with pytest.raises(TypeError, match="armor: a session"):
        login("alice", password=PASSWORD, armor="FILE:/tmp/krb5cc_0")


# ---- armor and codes


def test_a_password_login_goes_in_armor(kdc, login, armor, realm):
    with login("alice", password=PASSWORD, armor=armor) as me:
        assert me.valid
    with login(None, anonymous=True) as nobody, login("alice", password=PASSWORD, armor=nobody) as me:
        assert me.valid
    with pytest.raises(obol.WrongPassword):
        login("alice", password="wrong", armor=armor)
    realm.user("stranger", PASSWORD)
    with realm.login("stranger", PASSWORD) as other, pytest.raises(obol.NoCredentials) as seen:
        login("alice", password=PASSWORD, armor=other)
    assert "CERT.TEST" in told(seen.value).remedy
    armor.close()
    with pytest.raises(obol.NoCredentials, match="closed"):
        login("alice", password=PASSWORD, armor=armor)


def test_password_and_code_log_in_and_neither_alone_does(kdc, login, armor):
    token, asked = kdc.tokens["tess"], []

    def code(prompt):
        asked.append(prompt)
        return token.code()

    with login("tess", password=PASSWORD, code=token.code(), armor=armor) as me:
        assert me.ticket("HTTP/web")
    with login("tess", password=PASSWORD, code=code, armor=armor, refresh=True) as me:
        me.refresh()
    assert len(asked) == 2 and asked[0].endswith("for tess@CERT.TEST: ")
    with pytest.raises(obol.WrongPassword) as seen:
        login("tess", password=PASSWORD, code="000000", armor=armor)
    told(seen.value)
    with pytest.raises(obol.WrongPassword):
        login("tess", password="wrong", code=code, armor=armor)
    with pytest.raises(obol.PasswordNeeded):
        login("tess", code=code, armor=armor)


def test_without_a_code_or_armor_it_is_said_what_is_missing(kdc, login, armor):
    with pytest.raises(obol.PasswordNeeded) as seen:
        login("tina", password=PASSWORD, armor=armor)
    assert "code=" in told(seen.value).remedy and "armor=" not in seen.value.remedy
    with pytest.raises(obol.PasswordNeeded) as seen:
        login("tina", password=PASSWORD)
    assert "code=" in told(seen.value).remedy and "armor=" in seen.value.remedy


def test_a_code_that_was_given_is_good_once(kdc, login, armor):
    token = kdc.tokens["toby"]
    code = token.code()
    with login("toby", password=PASSWORD, code=code, armor=armor, refresh=True, renewable=3600) as me:
        before = me.tgt
        me.refresh()  # by renewal: nothing is left to log in with
        assert me.tgt.renewable_until == before.renewable_until
    with pytest.raises(obol.WrongPassword):
        login("toby", password=PASSWORD, code=code, armor=armor)


# ---- on an event loop


def test_all_of_it_on_an_event_loop(kdc):
    token = kdc.tokens["tara"]

    async def passphrase(prompt):
        assert prompt.startswith("Passphrase for ")
        return PASSPHRASE

    async def code(prompt):
        return token.code()

    async def main():
        ours = {"anchors": kdc.pki / "ca.pem", "config": kdc.config(), "timeout": 20}
        sealed = (kdc.pki / "alice.pem", kdc.pki / "sealed.key")
        async with obol.aio.login("alice", certificate=sealed, password=passphrase, **ours) as me:
            assert (await me.ticket("HTTP/web")).spn
        async with obol.aio.login(anonymous=True, **ours) as nobody:
            async with obol.aio.login("tara", password=PASSWORD, code=code, armor=nobody, **ours) as me:
                assert me.valid
            with pytest.raises(obol.WrongPassword):
                await obol.aio.login("tara", password=PASSWORD, code="000000", armor=nobody, **ours)
        with pytest.raises(obol.CertificateError):
            await obol.aio.login("keyless", certificate=kdc.pair("alice"), **ours)

    asyncio.run(main())
