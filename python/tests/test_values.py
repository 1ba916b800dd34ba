"""Names, configurations, keytabs, errors: the values that the rest is made of."""

import pickle
import ssl
import subprocess

import obol
import pytest
from obol import _core, errors


@pytest.mark.parametrize(
    "text",
    ["alice@R", "HTTP/web.example.com@EXAMPLE.COM", r"a\/b/c\@d@R", "krbtgt/A@B", "x", "umläut@R"],
)
def test_a_principal_reads_back_equal(text):
    one = obol.Principal(text)
    assert obol.Principal(str(one)) == one and hash(obol.Principal(str(one))) == hash(one)
    assert pickle.loads(pickle.dumps(one)) == one


def test_a_principal_is_immutable_and_has_parts():
    one = obol.Principal("HTTP/web", "R")
    assert (one.primary, one.host, one.realm, str(one)) == ("HTTP", "web", "R", "HTTP/web@R")
    with pytest.raises(AttributeError):
        one.realm = "S"


@pytest.mark.parametrize("text", ["", "@R", "a\\", "x" * 2000 + "@R", "a@b@c", "/" * 20])
def test_what_is_no_name_is_refused(text):
    with pytest.raises((obol.BadName, obol.ConfigError)):
        obol.Principal(text, "R")


@pytest.mark.parametrize(
    ("target", "spn"),
    [
        ("HTTP/Web.Example.com", "HTTP/web.example.com"),
        ("HTTP@web.example.com.", "HTTP/web.example.com"),
        ("https://web.example.com:8443/a?b", "HTTP/web.example.com"),
        ("wss://user@web.example.com/", "HTTP/web.example.com"),
        ("ldap://dc.example.com", "ldap/dc.example.com"),
        ("http://[::1]:80/", "HTTP/::1"),
        ("MSSQLSvc/sql.example.com:1433@R", "MSSQLSvc/sql.example.com:1433@R"),
        ("alice", "alice"),
    ],
)
def test_a_target_becomes_an_spn_by_one_rule(target, spn):
    from obol.names import target_of

    made = target_of(obol.Config("R"), target)
    assert made.names == [spn] and made.derivation


def test_a_host_of_domain_realm_has_its_realm():
    from obol.names import target_of

    config = obol.Config(text="[domain_realm]\n.corp.example = CORP.EXAMPLE\n")
    assert target_of(config, "HTTP/www.corp.example").names == ["HTTP/www.corp.example@CORP.EXAMPLE"]


def test_a_configuration_with_a_mistake_says_where(tmp_path):
    with pytest.raises(obol.ConfigError, match="obol.Config"):
        obol.Config(text="[libdefaults\n")
    bad = tmp_path / "krb5.conf"
    bad.write_text("[libdefaults]\n clockskew = soon\n")
    with pytest.raises(obol.ConfigError, match=str(bad)):
        obol.Config(paths=bad)
    odd = obol.Config(text="[libdefaults]\n default_relm = X\n")
    assert any("default_relm" in text for _, _, text in odd.notes)


def test_two_configurations_live_in_one_process():
    one, two = obol.Config("A.TEST"), obol.Config("B.TEST", settings={"clockskew": 60})
    assert (one.default_realm, two.default_realm) == ("A.TEST", "B.TEST")
    assert (one.settings["clockskew"], two.settings["clockskew"]) == (300, 60)


# ---- keytabs


def test_a_keytab_goes_to_a_file_and_back(desk, tmp_path):
    path = tmp_path / "x.keytab"
    desk.keytab.add_to(path)
    again = obol.Keytab(path)
    assert [e._tuple() for e in again] == [e._tuple() for e in desk.keytab]
    assert again.principals == [obol.Principal("HTTP/web.example.com@OBOL.TEST")]
    assert obol.Keytab.remove(path, "HTTP/web.example.com@OBOL.TEST") == len(again)
    with pytest.raises(obol.KeytabMismatch):
        obol.Keytab.remove(path, "HTTP/web.example.com@OBOL.TEST")
    assert len(obol.Keytab(path)) == 0


def test_other_programs_read_our_keytabs(desk, tmp_path):
    path = tmp_path / "x.keytab"
    desk.keytab.add_to(path)
    shown = subprocess.run(["klist", "-kte", str(path)], capture_output=True, text=True, check=True)
    assert "HTTP/web.example.com@OBOL.TEST (aes256-cts-hmac-sha1-96)" in shown.stdout


def test_the_key_of_a_password_logs_in(desk):
    entry = obol.KeytabEntry.from_password(
        desk.user, "wonderland", etype="aes256-cts-hmac-sha1-96"
    )
    keytab = obol.Keytab(entries=[entry])
    with obol.login(keytab=keytab, config=desk.realm.config) as me:
        assert me.principal == desk.user
    assert "wonderland" not in repr(entry) and entry.key.hex() not in repr(entry)


@pytest.mark.parametrize("data", [b"", b"\5", b"\5\2\0\0\0\4abcd", b"no keytab" * 10])
def test_bytes_that_are_no_keytab_are_refused(data):
    with pytest.raises(obol.NoCredentials):
        obol.Keytab(data=data)


def test_a_key_of_the_wrong_length_is_refused():
    entry = obol.KeytabEntry(("a@R", 1, 18, 0), b"short")
    with pytest.raises(obol.EnctypeError):
        obol.Keytab(entries=[entry])


# ---- errors


def test_every_code_of_the_core_has_its_class():
    for name, _, _, _, kind, text, _ in _core.error_rows():
        assert issubclass(getattr(errors, kind), obol.Error), (name, kind)
        assert text
    used = {row[4] for row in _core.error_rows()}
    bases = {c.__name__ for e in used for c in getattr(errors, e).__mro__}
    assert set(errors.__all__) <= bases | {"NotAllowedToDelegate", "PasswordRefused"}  # made by the flows
    assert all(getattr(obol, name) is getattr(errors, name) for name in errors.__all__)


def test_an_error_carries_numbers_facts_and_survives_a_pickle(desk):
    with pytest.raises(obol.PrincipalNotFound) as told:
        obol.login("nobody", password="x", config=desk.realm.config)
    error = told.value
    assert error.name == "KDC_ERR_C_PRINCIPAL_UNKNOWN" and error.code == 6
    assert error.minor == -1765328378 and error.major == 13 << 16
    assert error.facts["realm of the KDC"] == "OBOL.TEST" and error.section
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and str(again) == str(error) and again.facts == error.facts


def test_messages_are_decoded():
    error = bytes.fromhex(
        "7e483046a003020105a10302011ea411180f32303236303130313030303030305a"
        "a50302010aa60302013ca9061b04522e5454aa19301700"
    )
    with pytest.raises(obol.DecodeError):
        obol.decode(error)
    with pytest.raises(obol.DecodeError):
        obol.decode(b"no message")


def test_a_ticket_is_decoded(desk):
    with desk.login() as me:
        tree = obol.decode(me.ticket(desk.spn).der)
    assert "HTTP" in str(tree) and "OBOL.TEST" in str(tree)


# ---- channel bindings


def test_a_binding_is_the_hash_of_the_certificate(tmp_path):
    import hashlib

    for name, arguments, kind in [
        ("rsa", ["-newkey", "rsa:2048", "-sha256"], "sha256"),
        ("rsa384", ["-newkey", "rsa:2048", "-sha384"], "sha384"),
        ("ec512", ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-sha512"], "sha512"),
    ]:
        pem = tmp_path / f"{name}.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-nodes", "-subj", "/CN=x", "-keyout", str(tmp_path / "k"),
             "-out", str(pem), *arguments], check=True, capture_output=True, env={"PATH": "/usr/bin"},
        )  # fmt: skip
        der = ssl.PEM_cert_to_DER_cert(pem.read_text())
        expected = b"tls-server-end-point:" + hashlib.new(kind, der).digest()
        assert obol.tls_binding(certificate=pem.read_text()) == expected
        assert obol.tls_binding(certificate=pem.read_bytes()) == expected
        assert obol.tls_binding(certificate=der) == expected
    with pytest.raises(ValueError, match="DER"):
        obol.tls_binding(certificate=b"\x30\x82\xff")
    assert obol.tls_binding(None) is None
