# test_pypi.py: the Python libraries for Kerberos in their newest releases, unchanged, on our library: those with
# C in them built from source against our headers by our krb5-config. Client and service are on ours, the KDC
# is ours.
import functools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support import pypi
from support.apache import certificate
from support.compat import on_ours
from support.mit import MitClient
from support.process import ROOT, Daemon, free_port, run
from support.realm import PASSWORD

# (package, what translates its source, where its modules are then)
COMPILED = (("gssapi==1.12.0", "Cython==3.3.0", ""), ("krb5==0.10.0", "Cython==3.3.0", "src"),
            ("pykerberos==1.2.4", None, ""))
PURE = ("requests-kerberos==0.15.0", "requests-gssapi==1.4.0", "httpx-gssapi==0.6", "pyspnego==0.12.4")
# Every module that python-gssapi leaves out where a library lacks what it is for.
EXTENSIONS = """cred_imp_exp cred_store dce dce_aead ggf iov_mic krb5 password password_add rfc4178 rfc5587 rfc5588
    rfc5801 rfc6680 rfc6680_comp_oid s4u set_cred_opt""".split()

SNIPPET = """
import requests
from requests_kerberos import HTTPKerberosAuth

r = requests.get(url, auth=HTTPKerberosAuth())
"""

# In these programs ask(name, call) writes what a call gives, or of which class its failure is.
ASKING = """
import json, sys, warnings
base, user, password = sys.argv[1:4]
def ask(name, call):
    try:
        got = call()
    except Exception as error:
        got = type(error).__name__
    print(json.dumps([name, got]), flush=True)
def told(answer):
    history = len(answer.history)
    return {**answer.json(), "status": answer.status_code, "tries": history + 1} if answer.content else None
"""

REQUESTS_KERBEROS = ASKING + """
import requests
from requests_kerberos import HTTPKerberosAuth, REQUIRED, OPTIONAL, DISABLED
get = lambda path="", **options: told(requests.get(base + path, auth=HTTPKerberosAuth(**options)))
for path in ("", "bare", "false"):
    for how in (REQUIRED, OPTIONAL, DISABLED):
        ask(f"{path} {how}", lambda: get(path, mutual_authentication=how))
ask("delegate", lambda: get(delegate=True))
ask("override", lambda: get(hostname_override="second.obol.test"))
ask("principal", lambda: get(principal=user))
ask("password", lambda: get(principal=user, password=password))
ask("wrong password", lambda: get(principal=user, password="wrong"))
ask("nobody", lambda: get(principal="nobody"))
ask("preemptive", lambda: get(force_preemptive=True))
ask("bound", lambda: get("bound"))
ask("not bound", lambda: get("bound", send_cbt=False))
"""

REQUESTS_GSSAPI = ASKING + """
import gssapi, requests
from requests_gssapi import HTTPSPNEGOAuth, REQUIRED, OPTIONAL, DISABLED
get = lambda path="", **options: told(requests.get(base + path, auth=HTTPSPNEGOAuth(**options)))
for path in ("", "bare", "false"):
    for how in (REQUIRED, OPTIONAL, DISABLED):
        ask(f"{path} {how}", lambda: get(path, mutual_authentication=how))
ask("delegate", lambda: get(delegate=True))
other = gssapi.Name("HTTP@second.obol.test", gssapi.NameType.hostbased_service)
ask("override", lambda: get(target_name=other))
ask("principal", lambda: get(creds=gssapi.Credentials(
    name=gssapi.Name(user, gssapi.NameType.user), usage="initiate")))
ask("mech", lambda: get(mech=gssapi.MechType.kerberos))
ask("preemptive", lambda: get(opportunistic_auth=True))
ask("bound", lambda: get("bound", channel_bindings="tls-server-end-point"))
ask("not bound", lambda: get("bound"))
"""

HTTPX_GSSAPI = ASKING + """
import gssapi, httpx
from httpx_gssapi import HTTPSPNEGOAuth, REQUIRED, OPTIONAL, DISABLED
client = httpx.Client(verify=sys.argv[4], trust_env=False)
def get(path="", **options):
    return {**client.get(base + path, auth=HTTPSPNEGOAuth(**options)).json()}
for path in ("", "bare", "false"):
    for how in (REQUIRED, OPTIONAL, DISABLED):
        ask(f"{path} {how}", lambda: get(path, mutual_authentication=how))
ask("delegate", lambda: get(delegate=True))
other = gssapi.Name("HTTP@second.obol.test", gssapi.NameType.hostbased_service)
ask("override", lambda: get(target_name=other))
ask("preemptive", lambda: get(opportunistic_auth=True))
"""

PYSPNEGO = ASKING + """
import spnego
from spnego.iov import BufferType
from spnego.channel_bindings import GssChannelBindings
def meet(protocol, theirs=b"one", **options):
    bound = lambda data: GssChannelBindings(application_data=data)
    client = spnego.client(user, hostname="localhost", service="HTTP", protocol=protocol,
                           channel_bindings=bound(b"one"), **options)
    server = spnego.server("localhost", "HTTP", protocol=protocol, channel_bindings=bound(theirs))
    token = client.step()
    while token:
        token = server.step(token)
        token = client.step(token) if token else None
    sealed = client.wrap(b"a message")
    parts = client.wrap_winrm(b"in parts")
    return {"user": server.client_principal, "keys": client.session_key == server.session_key,
            "message": server.unwrap(sealed.data).data.decode(), "sealed": sealed.encrypted,
            "parts": server.unwrap_winrm(parts.header, parts.data).decode(),
            "mic": server.verify(b"m", client.sign(b"m")), "protocol": server.negotiated_protocol,
            "iov": len(client.wrap_iov([BufferType.header, b"iov", BufferType.padding]).buffers)}
for protocol in ("kerberos", "negotiate"):
    ask(protocol, lambda: meet(protocol))
    ask(protocol + " password", lambda: meet(protocol, password=password))
    ask(protocol + " wrong password", lambda: meet(protocol, password="wrong"))
    ask(protocol + " other channel", lambda: meet(protocol, b"two"))
"""

PYKERBEROS = ASKING + """
import base64, kerberos
def meet(mech):
    flags = kerberos.GSS_C_MUTUAL_FLAG | kerberos.GSS_C_SEQUENCE_FLAG | kerberos.GSS_C_DELEG_FLAG
    client = kerberos.authGSSClientInit("HTTP@localhost", gssflags=flags, mech_oid=mech)[1]
    server = kerberos.authGSSServerInit("HTTP@localhost")[1]
    done, token = kerberos.authGSSClientStep(client, ""), True
    while token:
        token = kerberos.authGSSClientResponse(client)
        if not token:
            break
        kerberos.authGSSServerStep(server, token)
        token = kerberos.authGSSServerResponse(server)
        if token and done != kerberos.AUTH_GSS_COMPLETE:
            done = kerberos.authGSSClientStep(client, token)
    body, header = kerberos.authGSSWinRMEncryptMessage(client, b"in parts".decode())
    kerberos.authGSSClientWrap(client, base64.b64encode(b"whole").decode(), None, 1)
    return [kerberos.authGSSClientUserName(client), kerberos.authGSSServerUserName(server), len(body), len(header) > 20]
ask("krb5", lambda: meet(kerberos.GSS_MECH_OID_KRB5))
ask("spnego", lambda: meet(kerberos.GSS_MECH_OID_SPNEGO))
ask("right", lambda: kerberos.checkPassword(user, password, "HTTP/localhost", user.split("@")[1]))
ask("wrong", lambda: kerberos.checkPassword(user, "wrong", "HTTP/localhost", user.split("@")[1]))
ask("details", lambda: kerberos.getServerPrincipalDetails("HTTP", "localhost"))
ask("no details", lambda: kerberos.getServerPrincipalDetails("HTTP", "elsewhere"))
"""

KRB5 = ASKING + """
import krb5
def login(word):
    context = krb5.init_context()
    name = krb5.parse_name_flags(context, user.encode())
    creds = krb5.get_init_creds_password(context, name, krb5.get_init_creds_opt_alloc(context), word)
    cache = krb5.cc_new_unique(context, b"MEMORY")
    krb5.cc_initialize(context, cache, name)
    krb5.cc_store_cred(context, cache, creds)
    return [str(one.client) for one in cache]
ask("right", lambda: login(password.encode()))
ask("wrong", lambda: login(b"wrong"))
ask("keytab", lambda: sorted({str(entry.principal) for entry in krb5.kt_default(krb5.init_context())}))
"""

FEATURES = "import json, pkgutil, gssapi.raw as raw\n" \
           "print(json.dumps([[m.name for m in pkgutil.iter_modules(raw.__path__)], raw.__file__]))"


class Bed:
    """Alice's tickets, a keytab, and the web service of python-gssapi; all on our library."""

    def __init__(self, realm, directory):
        self.realm, self.dir = realm, directory
        realm.add_service("HTTP/second.obol.test")
        realm.keytab("HTTP/localhost", directory / "keytab")
        realm.keytab("HTTP/second.obol.test", directory / "keytab")
        self.user = MitClient(realm, directory)
        self.user.login("alice").ok()
        certificate(directory)
        self.port = free_port()
        server = [pypi.PYTHON, ROOT / "tests" / "support" / "web_gssapi.py", self.port, directory]
        self.daemon = Daemon(server, directory / "web.log", self.env(), self.port)

    def env(self):
        with ThreadPoolExecutor() as side_by_side:
            built = [side_by_side.submit(pypi.built, package, cython) for package, cython, _ in COMPILED]
            paths = [directory.result() / inside for directory, (*_, inside) in zip(built, COMPILED)]
        paths.append(pypi.wheels(*PURE))
        return on_ours({**self.user.env(), "KRB5_KTNAME": str(self.dir / "keytab"), "KRB5RCACHENAME": "none:",
                        "PYTHONPATH": ":".join(map(str, paths)), "NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1",
                        "REQUESTS_CA_BUNDLE": f"{self.dir}/tls.pem", "PYTHONWARNINGS": "ignore"})

    def run(self, program, *words):
        return run([pypi.PYTHON, "-c", program, *words], self.env(), timeout=60).ok()

    @functools.lru_cache
    def ask(self, program):
        """{question: answer} of one of the programs."""
        words = (f"https://localhost:{self.port}/", self.realm.principal("alice"), PASSWORD, f"{self.dir}/tls.pem")
        return dict(map(json.loads, self.run(program, *words).out.splitlines()))


@pytest.fixture(scope="module")
def bed(realms, tmp_path_factory):
    made = Bed(realms("obol"), tmp_path_factory.mktemp("pypi"))
    yield made
    made.daemon.stop()


def test_python_gssapi_has_every_feature(bed, judged):
    modules, where = json.loads(bed.run(FEATURES).out)
    assert {f"ext_{name}" for name in EXTENSIONS} <= set(modules)
    assert Path(where).is_relative_to(pypi.CACHE)
    judged("python-gssapi 1.12", "built from source by our krb5-config", "", "", f"all {len(EXTENSIONS)} extensions")


def test_the_tutorials_snippet(bed, judged):
    program = f"url = 'https://localhost:{bed.port}/'\n{SNIPPET}\nprint(r.status_code, r.json()['user'])"
    assert bed.run(program).out.split() == ["200", bed.realm.principal("alice")]
    judged("requests-kerberos 0.15", "the tutorial's snippet, over TLS", "krb5", "mutual", "200, as alice")


@pytest.mark.parametrize("package, program", [
    ("requests-kerberos 0.15", REQUESTS_KERBEROS), ("requests-gssapi 1.4", REQUESTS_GSSAPI),
    ("httpx-gssapi 0.6", HTTPX_GSSAPI),
], ids=["requests-kerberos", "requests-gssapi", "httpx-gssapi"])
def test_mutual_authentication_delegation_and_names(bed, package, program, judged):
    got, alice = bed.ask(program), bed.realm.principal("alice")
    for how in (1, 2, 3):
        assert got[f" {how}"]["user"] == alice, got
        assert got[f" {how}"]["mutual"] or how == 3
    # Without a proof of the server's REQUIRED fails, with a wrong one OPTIONAL does too.
    assert got["bare 1"] == got["false 1"] == got["false 2"] == "MutualAuthenticationError", got
    for name in ("bare 2", "bare 3", "false 3"):
        assert got[name]["user"] == alice, got
    assert got["delegate"]["delegated"] == alice and got[" 1"]["delegated"] is None
    assert got["override"]["target"] == bed.realm.principal("HTTP/second.obol.test")
    assert got["preemptive"]["user"] == alice and got["preemptive"].get("tries", 1) == 1
    judged(package, "client and service on ours, over TLS", "krb5", "mutual, delegation", "as alice; false proofs refused")


def test_principals_passwords_and_channel_bindings(bed):
    alice = bed.realm.principal("alice")
    got = bed.ask(REQUESTS_KERBEROS)
    assert got["principal"]["user"] == got["password"]["user"] == alice
    assert got["wrong password"] == "Krb5Error" and got["nobody"]["status"] == 401
    assert got["bound"]["bound"] is True and got["not bound"]["status"] == 401
    got = bed.ask(REQUESTS_GSSAPI)
    assert got["principal"]["user"] == got["mech"]["user"] == alice
    assert got["bound"]["bound"] is True and got["not bound"]["status"] == 401


def test_pyspnego(bed, judged):
    got, alice = bed.ask(PYSPNEGO), bed.realm.principal("alice")
    for name in ("kerberos", "negotiate", "kerberos password", "negotiate password"):
        assert got[name] == {"user": alice, "keys": True, "message": "a message", "sealed": True, "parts": "in parts",
                             "iov": 3, "mic": 0, "protocol": "kerberos"}, got
    # pyspnego asks a context that a failed first step did not make (RFC 2744 5.1) for its flags.
    assert got["kerberos other channel"] == got["negotiate other channel"] == "AttributeError", got
    assert got["kerberos wrong password"] == "Krb5Error"
    assert got["negotiate wrong password"] == "BadMechanismError"  # it goes on with NTLM
    judged("pyspnego 0.12", "both ends on ours", "krb5, SPNEGO", "all", "WinRM's messages, channel bindings")


def test_pykerberos(bed, judged):
    got, alice = bed.ask(PYKERBEROS), bed.realm.principal("alice")
    assert got["krb5"] == got["spnego"] == [alice, alice, len("in parts"), True], got
    assert got["right"] is True and got["wrong"] == "BasicAuthError", got
    assert got["details"] == bed.realm.principal("HTTP/localhost") and got["no details"] == "KrbError"
    judged("pykerberos 1.2.4", "both ends on ours", "krb5, SPNEGO", "mutual, delegation", "passwords told apart")


def test_the_krb5_package(bed, judged):
    got, alice = bed.ask(KRB5), bed.realm.principal("alice")
    assert got["right"] == [alice] and got["wrong"] == "Krb5Error", got
    assert got["keytab"] == sorted(map(bed.realm.principal, ("HTTP/localhost", "HTTP/second.obol.test")))
    judged("krb5 0.10 (PyPI)", "built from source, on libkrb5's face", "", "", "logs in, reads caches and keytabs")
