"""The interfaces of python-gssapi, pykerberos and requests-kerberos on obol's own core."""

import base64
import copy
import os
import pickle
import subprocess
import sys
import threading

import obol
import obol.compat
import pytest
import requests
from obol.compat import gssapi, kerberos, spnego
from obol.compat.gssapi import raw
from obol.compat.requests_kerberos import (
    DISABLED,
    OPTIONAL,
    REQUIRED,
    HTTPKerberosAuth,
    KerberosExchangeError,
    MutualAuthenticationError,
)
from obol.testing import Realm
from web import certificate, serving

SERVICE = "HTTP@localhost"


@pytest.fixture(scope="module")
def realm():
    with Realm("COMPAT.TEST") as realm:
        realm.user("alice", "password")
        realm.keys = realm.service("HTTP/localhost")
        yield realm


@pytest.fixture(scope="module")
def place(realm, tmp_path_factory):
    """A directory with alice's cache and the service's keytab."""
    where = tmp_path_factory.mktemp("compat")
    (where / "keytab").write_bytes(realm.keys.to_bytes())
    with realm.login("alice", forwardable=True) as me:
        me.save(f"FILE:{where}/ccache")
    return where


@pytest.fixture
def environment(realm, place, monkeypatch):
    """The environment by which programs of the originals are configured."""
    found = realm.environment(KRB5_KTNAME=str(place / "keytab"), KRB5CCNAME=f"FILE:{place}/ccache")
    for name in ("KRB5_CONFIG", "KRB5CCNAME", "KRB5_KTNAME"):
        monkeypatch.setenv(name, found[name])
    monkeypatch.setenv("KRB5RCACHENAME", "none:")
    monkeypatch.setattr("obol.config._system", None)
    return monkeypatch


def _name():
    return gssapi.Name(SERVICE, gssapi.NameType.hostbased_service)


def meet(client, server):
    token = client.step()
    while token:
        token = server.step(token)
        token = client.step(token) if token else None
    assert client.complete and server.complete


def _contexts(**options):
    client = gssapi.SecurityContext(name=_name(), usage="initiate", **options)
    server = gssapi.SecurityContext(usage="accept")
    meet(client, server)
    return client, server


# ---- gssapi


def test_two_contexts_meet(environment, realm):
    client, server = _contexts()
    assert server.complete and str(server.initiator_name) == f"alice@{realm.name}"
    assert server.unwrap(client.wrap(b"hello", True).message) == (b"hello", True, 0)
    assert client.decrypt(server.encrypt(b"back")) == b"back"
    server.verify_signature(b"signed", client.get_signature(b"signed"))
    with pytest.raises(gssapi.exceptions.BadMICError):
        server.verify_signature(b"other", client.get_signature(b"signed"))


def test_a_message_that_comes_twice_is_told(environment):
    client, server = _contexts(flags=[2, 4, 8])
    token = client.wrap(b"once", True).message
    server.unwrap(token)
    with pytest.raises(gssapi.exceptions.DuplicateTokenError):
        server.unwrap(token)


def test_a_context_goes_through_pickle(environment):
    client, server = _contexts()
    again = pickle.loads(pickle.dumps(server))
    assert again.usage == "accept" and again.unwrap(client.wrap(b"m", True).message).message == b"m"
    with pytest.raises(gssapi.exceptions.MissingContextError):
        server.wrap(b"m", True)


def test_an_error_is_of_its_class_and_says_what_to_do(environment, place):
    environment.setenv("KRB5CCNAME", f"FILE:{place}/none")
    with pytest.raises(gssapi.exceptions.MissingCredentialsError) as told:
        gssapi.Credentials(usage="initiate")
    assert f"{place}/none" in str(told.value) and "Log in first" in str(told.value)
    assert told.value.maj_code == told.value.routine_code == 7 << 16
    again = pickle.loads(pickle.dumps(told.value))
    assert type(again) is type(told.value) and again.min_code == told.value.min_code


def test_credentials_of_a_store_and_into_one(environment, place):
    held = gssapi.Credentials(usage="initiate", store={"ccache": f"FILE:{place}/ccache"})
    held.store({"ccache": f"FILE:{place}/other"}, usage="initiate", overwrite=True)
    other = gssapi.Credentials(usage="initiate", store={b"ccache": f"FILE:{place}/other".encode()})
    assert other.name == held.name and other.usage == "initiate" and other.lifetime > 0
    with pytest.raises(gssapi.exceptions.GSSError):
        gssapi.Credentials(usage="accept", store={"keytab": f"FILE:{place}/none"})


def test_a_password_logs_in(environment, realm):
    name = gssapi.Name("alice", gssapi.NameType.user)
    creds = raw.acquire_cred_with_password(name, b"password").creds
    assert str(gssapi.Credentials(creds).name) == f"alice@{realm.name}"
    with pytest.raises(gssapi.exceptions.GSSError, match="password"):
        raw.acquire_cred_with_password(name, b"wrong")


def test_mechanisms_that_spnego_may_choose(environment):
    creds = raw.acquire_cred(usage="initiate").creds
    spnego_mech = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
    raw.set_neg_mechs(creds, [gssapi.MechType.kerberos])
    assert raw.init_sec_context(_name(), creds, mech=spnego_mech).token
    with pytest.raises(gssapi.exceptions.GSSError):
        raw.set_neg_mechs(creds, [gssapi.OID.from_int_seq("1.2.3.4")])


def test_credentials_are_put_into_others_by_name(environment, place, realm):
    creds = raw.Creds()
    raw.krb5_import_cred(creds, cache=f"FILE:{place}/ccache")
    shown = raw.display_name(raw.inquire_cred(creds).name).name
    assert shown == f"alice@{realm.name}".encode()
    with pytest.raises(ValueError):
        raw.krb5_import_cred(creds)
    with pytest.raises(TypeError, match="name"):
        raw.krb5_import_cred(creds, cache=0x7F00)


def test_names_are_copied_and_compared(environment):
    name = _name()
    assert copy.copy(name) == name == copy.deepcopy(name)
    assert name != gssapi.Name("HTTP@elsewhere", gssapi.NameType.hostbased_service)
    krb5 = name.canonicalize(gssapi.MechType.kerberos)
    assert krb5.is_mech_name and gssapi.Name(token=krb5.export()) == krb5
    with pytest.raises(gssapi.exceptions.MechanismNameRequiredError):
        name.export()
    with pytest.raises(TypeError):
        gssapi.Name(None)


def test_an_oid_is_a_value():
    krb5 = gssapi.OID.from_int_seq([1, 2, 840, 113554, 1, 2, 2])
    assert krb5 == gssapi.MechType.kerberos and len({krb5, gssapi.MechType.kerberos}) == 1
    assert gssapi.OID.from_int_seq("2.999.3").dotted_form == "2.999.3"
    for wrong in ("1", "3.1", "1.-2", "x.y"):
        with pytest.raises(ValueError):
            gssapi.OID.from_int_seq(wrong)


def test_parts_that_lie_in_each_other_are_nobodys_twice(environment):
    client, server = _contexts()
    token = client.wrap(b"in one piece", True).message
    parts = raw.IOV(
        (raw.IOVBufferType.stream, False, token), raw.IOVBufferType.data, std_layout=False
    )
    assert raw.unwrap_iov(server, parts).encrypted and parts[1].value == b"in one piece"
    with pytest.raises(gssapi.exceptions.GSSError):
        raw.unwrap_iov(server, raw.IOV(b"no header", std_layout=False))


@pytest.mark.parametrize(
    "call",
    [
        lambda: raw.import_name("text"),
        lambda: raw.display_name(None),
        lambda: raw.wrap(None, b"x"),
        lambda: raw.inquire_cred(raw.Name()),
        lambda: raw.init_sec_context(None),
        lambda: raw.acquire_cred(mechs=[object()]),
        lambda: gssapi.SecurityContext(usage="initiate"),
        lambda: gssapi.SecurityContext(usage="accept", flags=[2]),
        lambda: raw.Creds(raw.Name()),
    ],
)
def test_what_is_of_another_type_is_refused(environment, call):
    with pytest.raises(TypeError):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: raw.wrap(raw.SecurityContext(), b"x"),
        lambda: raw.inquire_context(raw.SecurityContext()),
        lambda: raw.export_sec_context(raw.SecurityContext()),
        lambda: raw.accept_sec_context(b"\x60\x00"),
        lambda: raw.import_sec_context(b"\xff" * 40),
        lambda: raw.import_cred(b"\xff" * 40),
        lambda: raw.display_name(raw.Name()),
        lambda: raw.krb5_export_lucid_sec_context(raw.SecurityContext(), 1),
    ],
)
def test_what_is_empty_or_malformed_is_an_error(environment, call):
    with pytest.raises(gssapi.exceptions.GSSError):
        call()


def test_a_context_in_use_is_refused_to_other_threads(environment):
    """Whatever threads do to one context, each call ends, and none crashes."""
    client, server = _contexts()
    tokens = [client.wrap(bytes(20_000), True).message for _ in range(40)]
    seen = []

    def open_them():
        for token in tokens:
            try:
                seen.append(len(raw.unwrap(server, token).message))
            except (RuntimeError, gssapi.exceptions.SupplementaryError) as error:
                seen.append(type(error))

    threads = [threading.Thread(target=open_them) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 160 and 20_000 in seen


def test_contexts_names_and_errors_leak_nothing(environment):
    def work(count):
        for _ in range(count):
            client, server = _contexts()
            server.unwrap(client.wrap(b"m", True).message)
            raw.unwrap_iov(server, _sealed(client))
            with pytest.raises(gssapi.exceptions.GSSError):
                raw.accept_sec_context(b"\x60\x00")
            raw.indicate_mechs(), raw.inquire_cred(raw.acquire_cred().creds)

    def _sealed(client):
        parts = raw.IOV(b"in parts")
        raw.wrap_iov(client, parts)
        return parts

    work(200)
    before = _resident()
    work(1000)
    assert _resident() - before < 2 << 20 or os.environ.get("OBOL_SANITIZED")  # which keeps it


def _resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


# ---- kerberos


def _meet(client, server):
    token = ""
    while True:
        done = kerberos.authGSSClientStep(client, token)
        token = kerberos.authGSSClientResponse(client)
        if done == kerberos.AUTH_GSS_COMPLETE and not token:
            return
        kerberos.authGSSServerStep(server, token)
        token = kerberos.authGSSServerResponse(server)
        if not token or done == kerberos.AUTH_GSS_COMPLETE:
            return


@pytest.mark.parametrize("mech", [None, kerberos.GSS_MECH_OID_KRB5, kerberos.GSS_MECH_OID_SPNEGO])
def test_pykerberos_both_ends(environment, realm, mech):
    flags = kerberos.GSS_C_MUTUAL_FLAG | kerberos.GSS_C_SEQUENCE_FLAG | kerberos.GSS_C_DELEG_FLAG
    _, client = kerberos.authGSSClientInit(SERVICE, gssflags=flags, mech_oid=mech)
    _, server = kerberos.authGSSServerInit("")
    _meet(client, server)
    alice = f"alice@{realm.name}"
    assert kerberos.authGSSClientUserName(client) == kerberos.authGSSServerUserName(server) == alice
    assert kerberos.authGSSServerTargetName(server) == f"HTTP/localhost@{realm.name}"
    assert kerberos.authGSSServerHasDelegated(server)
    body, header = kerberos.authGSSWinRMEncryptMessage(client, "for WinRM")
    assert kerberos.authGSSWinRMDecryptMessage(server, body, header) == b"for WinRM"
    with pytest.raises(kerberos.GSSError):
        kerberos.authGSSWinRMDecryptMessage(server, body[:-1] + b"?", header)
    kerberos.authGSSClientWrapIov(client, base64.b64encode(b"in parts").decode())
    kerberos.authGSSClientUnwrapIov(server, kerberos.authGSSClientResponse(client))
    assert base64.b64decode(kerberos.authGSSClientResponse(server)) == b"in parts"
    assert kerberos.authGSSClientResponseConf(server) == 1
    with pytest.raises(kerberos.KrbError, match="length"):
        kerberos.authGSSClientUnwrapIov(server, base64.b64encode(b"\xff\0\0\0x").decode())
    kerberos.authGSSClientClean(client)
    with pytest.raises(kerberos.KrbError):
        kerberos.authGSSClientStep(client, "")


def test_flags_are_those_that_were_asked_for(environment):
    for flags in (0, kerberos.GSS_C_MUTUAL_FLAG, kerberos.GSS_C_REPLAY_FLAG):
        # pykerberos has the mechanism in the fourth place.
        _, client = kerberos.authGSSClientInit(SERVICE, None, flags, kerberos.GSS_MECH_OID_KRB5)
        done = kerberos.authGSSClientStep(client, "")
        assert (done == kerberos.AUTH_GSS_CONTINUE) == (flags == kerberos.GSS_C_MUTUAL_FLAG)
        token = base64.b64decode(kerberos.authGSSClientResponse(client))
        got = int(raw.accept_sec_context(token).flags)
        assert got & 0xF == flags
    client = spnego.client(hostname="localhost", service="HTTP", protocol="kerberos",
                           context_req=spnego.ContextReq.none)  # fmt: skip
    client.step()
    assert client.complete and not client.context_attr & spnego.ContextReq.mutual_auth


def test_pykerberos_sasl_answer(environment):
    _, client = kerberos.authGSSClientInit(SERVICE)
    _, server = kerberos.authGSSServerInit(SERVICE)
    _meet(client, server)
    kerberos.authGSSClientWrap(server, base64.b64encode(b"\x07\x00\x10\x00").decode())
    kerberos.authGSSClientUnwrap(client, kerberos.authGSSClientResponse(server))
    kerberos.authGSSClientWrap(client, kerberos.authGSSClientResponse(client), "alice")
    kerberos.authGSSClientUnwrap(server, kerberos.authGSSClientResponse(client))
    assert base64.b64decode(kerberos.authGSSClientResponse(server)) == b"\x01\x00\x10\x00alice"


def test_pykerberos_refusals(environment, place):
    with pytest.raises(kerberos.GSSError) as told:
        kerberos.authGSSServerInit("HTTP@elsewhere")
    (_, major), (text, _) = told.value.args
    assert major == 7 << 16 and "HTTP/elsewhere" in text
    _, server = kerberos.authGSSServerInit(SERVICE)
    for token in ("", "%%", base64.b64encode(b"NTLMSSP\0" + bytes(30)).decode()):
        with pytest.raises(kerberos.KrbError):
            kerberos.authGSSServerStep(server, token)
    with pytest.raises(TypeError):
        kerberos.authGSSClientStep(object(), "")


def test_pykerberos_bindings_bind(environment):
    bound = kerberos.channelBindings(application_data=b"tls-server-end-point:one")
    _, client = kerberos.authGSSClientInit(SERVICE)
    kerberos.authGSSClientStep(client, "", channel_bindings=bound)
    token = base64.b64decode(kerberos.authGSSClientResponse(client))
    same = gssapi.raw.ChannelBindings(application_data=b"tls-server-end-point:one")
    assert raw.accept_sec_context(token, channel_bindings=same).flags
    kerberos.authGSSClientStep(kerberos.authGSSClientInit(SERVICE)[1], "", channel_bindings=bound)
    other = gssapi.raw.ChannelBindings(application_data=b"tls-server-end-point:two")
    with pytest.raises(gssapi.exceptions.BadChannelBindingsError):
        raw.accept_sec_context(token, channel_bindings=other)


def test_pykerberos_passwords_and_keytabs(environment, realm):
    here = realm.name
    assert kerberos.checkPassword("alice", "password", "HTTP/localhost", here) is True
    assert kerberos.checkPassword("alice", "password", "", here, False) is True
    for user, word in (("alice", "wrong"), ("nobody", "password")):
        with pytest.raises(kerberos.BasicAuthError):
            kerberos.checkPassword(user, word, "HTTP/localhost", here)
    found = kerberos.getServerPrincipalDetails("HTTP", "localhost")
    assert found == f"HTTP/localhost@{here}"
    with pytest.raises(kerberos.KrbError, match="Principal not found"):
        kerberos.getServerPrincipalDetails("HTTP", "elsewhere")


def test_pykerberos_changes_passwords(environment, realm):
    realm.user("bob", "the old one")
    with pytest.raises(kerberos.PwdChangeError):
        kerberos.changePassword("bob", "wrong", "the new one")
    assert kerberos.changePassword("bob", "the old one", "the new one") is True
    assert kerberos.checkPassword("bob", "the new one", "", realm.name, False) is True


# ---- spnego


@pytest.mark.parametrize("protocol", ["kerberos", "negotiate"])
def test_spnego_both_ends(environment, realm, protocol):
    client = spnego.client(hostname="localhost", service="HTTP", protocol=protocol)
    server = spnego.server("localhost", "HTTP", protocol=protocol)
    meet(client, server)
    assert server.client_principal == f"alice@{realm.name}" and client.client_principal is None
    assert client.session_key == server.session_key
    assert server.unwrap(client.wrap(b"m").data) == (b"m", True, 0)
    assert server.verify(b"m", client.sign(b"m")) == 0
    parts = client.wrap_winrm(b"in parts")
    assert server.unwrap_winrm(parts.header, parts.data) == b"in parts"
    with pytest.raises(spnego.exceptions.SpnegoError):
        server.verify(b"n", client.sign(b"m"))


def test_spnego_refusals(environment):
    for asked in ({"protocol": "ntlm"}, {"protocol": "credssp"}, {"options": spnego.NegotiateOptions.use_ntlm}):
        with pytest.raises(spnego.exceptions.FeatureMissingError, match="Kerberos only.* or \"negotiate\""):
            spnego.client(**asked)
    with pytest.raises(spnego.exceptions.NoContextError):
        spnego.client(hostname="localhost").wrap(b"m")
    with pytest.raises(spnego.exceptions.InvalidTokenError):
        spnego.server("localhost", "HTTP").step(b"\x60\x00")


def test_spnego_recognises_ntlm_and_says_what_to_do(environment):
    token = b"NTLMSSP\0\1\0\0\0" + bytes(24)
    with pytest.raises(spnego.exceptions.BadMechanismError, match="NTLM"):
        spnego.server("localhost", "HTTP").step(token)


# ---- requests_kerberos


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["http", "https"])
def server(realm, request, tls):
    options = {"tls": tls} if request.param == "https" else {}
    with serving(realm.acceptor(realm.keys), **options) as server:
        server.verify = str(tls) if options else True
        yield server


def _get(server, auth, **more):
    with requests.Session() as session:
        session.trust_env = False
        return session.get(server.url, auth=auth, verify=server.verify, **more)


@pytest.mark.parametrize("mutual", [REQUIRED, OPTIONAL, DISABLED])
def test_a_page_opens(environment, server, mutual):
    answer = _get(server, HTTPKerberosAuth(mutual))
    assert answer.status_code == 200 and len(answer.history) == 1
    assert server.contexts[-1].channel_bound == server.url.startswith("https")


def test_preemptive_for_ever(environment, server):
    auth = HTTPKerberosAuth(force_preemptive=True)
    # Over TLS this server takes bound logins only, and the certificate is known from the first answer.
    first = 1 if server.url.startswith("https") else 0
    assert [len(_get(server, auth).history) for _ in range(4)] == [first, 0, 0, 0]


def test_one_object_serves_eight_threads(environment, server):
    auth, seen = HTTPKerberosAuth(), []

    def fetch():
        for _ in range(12):
            seen.append(_get(server, auth).status_code)

    threads = [threading.Thread(target=fetch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [200] * 96


def test_who_logs_in_and_to_what(environment, realm, server):
    auth = HTTPKerberosAuth(principal="alice", password="password", hostname_override="localhost")
    assert _get(server, auth).status_code == 200
    assert _get(server, HTTPKerberosAuth(hostname_override="nowhere.test")).status_code == 401
    assert _get(server, HTTPKerberosAuth(principal="nobody")).status_code == 401
    with pytest.raises(KerberosExchangeError, match="nowhere.test"):
        _get(server, HTTPKerberosAuth(hostname_override="nowhere.test", force_preemptive=True))


@pytest.mark.parametrize("proof", [[], [("WWW-Authenticate", "Negotiate YAAA")]])
def test_a_server_without_a_right_proof_is_refused(environment, realm, proof):
    def script(handler):
        if "Authorization" in handler.headers:
            return 200, proof, b"trust me"
        return 401, [("WWW-Authenticate", "Negotiate")], b""

    with serving(realm.acceptor(realm.keys), script=script) as server:
        server.verify = True
        with pytest.raises(MutualAuthenticationError):
            _get(server, HTTPKerberosAuth())
        assert _get(server, HTTPKerberosAuth(DISABLED)).status_code == 200
        if not proof:
            assert _get(server, HTTPKerberosAuth(OPTIONAL)).status_code == 200
            return
        with pytest.raises(MutualAuthenticationError):
            _get(server, HTTPKerberosAuth(OPTIONAL))


# ---- under the originals' names

SNIPPET = """\
import requests
from requests_kerberos import HTTPKerberosAuth

r = requests.get(url, auth=HTTPKerberosAuth())
"""


def _run(words, place, environment, tmp_path, **more):
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **more}
    return subprocess.run(
        [sys.executable, "-m", "obol.compat", *words],
        env=variables, capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip


def test_the_tutorials_snippet_runs_with_no_original(environment, place, server, tmp_path):
    program = tmp_path / "snippet.py"
    show = "import requests_kerberos, sys\nprint(r.status_code, requests_kerberos.__file__)\n"
    program.write_text(f"url = {server.url!r}\n{SNIPPET}{show}")
    verify = {} if server.verify is True else {"REQUESTS_CA_BUNDLE": server.verify}
    done = _run(["run", str(program)], place, environment, tmp_path, NO_PROXY="*", **verify)
    assert done.returncode == 0, done.stderr
    status, where = done.stdout.split()
    assert status == "200" and where.startswith(os.path.dirname(obol.__file__))


def test_a_module_is_one_under_both_names(environment, tmp_path, place):
    code = """
import sys
import obol.compat
obol.compat.install()
import gssapi.raw.names, kerberos, spnego
assert gssapi.raw.names is obol.compat.gssapi.raw.names
assert gssapi.raw.names.__spec__.name == "obol.compat.gssapi.raw.names"
assert kerberos.GSSError is obol.compat.kerberos.GSSError
try:
    import gssapi.no_such_module
except ModuleNotFoundError:
    pass
obol.compat.uninstall()
assert "gssapi" not in sys.modules and "kerberos" not in sys.modules
print(sys.argv[1])
"""
    (tmp_path / "program.py").write_text(code)
    done = _run(["run", "program.py", "an argument"], place, environment, tmp_path)
    assert done.stdout == "an argument\n", done.stderr
    (tmp_path / "module.py").write_text("import gssapi; print(gssapi.__name__, __name__)")
    done = _run(["run", "-m", "module"], place, environment, tmp_path)
    assert done.stdout == "obol.compat.gssapi __main__\n", done.stderr


def test_installing_refuses_what_comes_too_late(environment, tmp_path, place):
    for words in ([], ["run"], ["run", "-m"], ["walk", "x.py"]):
        done = _run(words, place, environment, tmp_path)
        assert done.returncode != 0 and "Usage" in done.stderr
    with pytest.raises(ValueError):
        obol.compat.install("ldap3")
    environment.setitem(sys.modules, "gssapi", type(sys)("gssapi"))
    with pytest.raises(RuntimeError, match="before"):
        obol.compat.install("gssapi")
