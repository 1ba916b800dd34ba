# test_several_realms.py: several realms in one KDC, each with addresses of its own in kdc.conf: MIT krb5's krb5kdc
# is started with -r twice, ours under that name with the same files, and `obol serve` with also_serve.
# Where each realm says that it is, MIT's kinit finds it.
from pathlib import Path

import pytest

from support.obol import SANITIZERS, binary, obol_env
from support.process import Daemon, base_env, free_port, run, which

REALMS = ["FIRST.TEST", "SECOND.TEST"]
MIT, OURS = "MIT krb5's krb5kdc", ["our krb5kdc", "obol serve"]
FACES = Path(binary()).resolve().parent / "lib" / "obol" / "bin"


def secret(realm):
    return f"secret of {realm}"


def by_files_of_mit(program, env, directory, ports):
    """Both realms in one kdc.conf, and krb5kdc for the two of them."""
    sections = "".join(
        f" {realm} = {{\n  kdc_listen = 127.0.0.1:{port}\n  kdc_tcp_listen = 127.0.0.1:{port}\n  database_name = {directory}/{realm}\n"
        f"  key_stash_file = {directory}/{realm}.stash\n }}\n" for realm, port in ports.items())
    (directory / "kdc.conf").write_text(f"[realms]\n{sections}")
    env = {**env, "KRB5_CONFIG": f"{directory}/krb5.conf", "KRB5_KDC_PROFILE": f"{directory}/kdc.conf"}
    for realm in ports:
        run([program("kdb5_util"), "-r", realm, "create", "-s", "-P", "master"], env).ok()
        run([program("kadmin.local"), "-r", realm, "-q", f'addprinc -pw "{secret(realm)}" user'], env).ok()
    return [program("krb5kdc"), "-n", *(word for realm in ports for word in ("-r", realm))], env


def by_homes(directory, ports):
    """A home for each realm, the first of which names the other."""
    for realm, port in ports.items():
        home = ["--home", directory / realm]
        run([binary(), "realm", "create", realm, "--listen", f"127.0.0.1:{port}", *home], obol_env()).ok()
        run([binary(), "principal", "add", "user", "--password-stdin", *home], obol_env(), secret(realm) + "\n").ok()
    conf = directory / REALMS[0] / "kdc.conf"
    conf.write_text(conf.read_text().replace("[kdcdefaults]", f"[kdcdefaults]\n    also_serve = ../{REALMS[1]}"))
    return [binary(), "serve", "--home", directory / REALMS[0], "--workers", "1"], obol_env()


@pytest.fixture(scope="module", params=[MIT, *OURS])
def served(request, tmp_path_factory):
    """A function that logs in to a realm at the port of one, with MIT's kinit."""
    directory = tmp_path_factory.mktemp("realms")
    ports = {realm: free_port() for realm in REALMS}
    (directory / "krb5.conf").write_text(f"[libdefaults]\n default_realm = {REALMS[0]}\n")
    if request.param == "obol serve":
        words, env = by_homes(directory, ports)
    else:
        program, env = (which, base_env()) if request.param == MIT else (FACES.joinpath, {**base_env(), **SANITIZERS})
        words, env = by_files_of_mit(program, env, directory, ports)
    daemon = Daemon(words, directory / "log", env, ports[REALMS[0]])
    daemon.wait_port(ports[REALMS[1]])

    def kinit(realm, at, password, over):
        (directory / "client.conf").write_text(
            f"[libdefaults]\n dns_lookup_kdc = false\n udp_preference_limit = {1 if over == 'tcp' else 1465}\n"
            f"[realms]\n {realm} = {{\n  kdc = 127.0.0.1:{ports[at]}\n }}\n")
        client = {**base_env(), "KRB5_CONFIG": f"{directory}/client.conf", "KRB5CCNAME": f"FILE:{directory}/cc"}
        return run([which("kinit"), f"user@{realm}"], client, password + "\n")
    yield kinit
    assert daemon.stop() == 0


@pytest.mark.parametrize("over", ["udp", "tcp"])
@pytest.mark.parametrize("realm", REALMS)
def test_each_realm_is_served_at_its_own_address(served, realm, over):
    served(realm, realm, secret(realm), over).ok()
    assert "Password incorrect" in served(realm, realm, "another", over).failed().err


@pytest.mark.parametrize("over", ["udp", "tcp"])
@pytest.mark.parametrize("realm", REALMS)
def test_the_others_address_is_as_good(served, realm, over):
    """MIT krb5's KDC does not ask by which address a request came, and neither does ours."""
    other = next(r for r in REALMS if r != realm)
    served(realm, other, secret(realm), over).ok()
    assert "Password incorrect" in served(realm, other, secret(other), over).failed().err


@pytest.mark.parametrize("served", OURS, indirect=True)
@pytest.mark.parametrize("at", REALMS)
def test_a_realm_that_is_not_served_is_refused_at_each(served, at):
    """MIT krb5's KDC says nothing, so that its clients wait in vain."""
    assert "Realm not local to KDC" in served("THIRD.TEST", at, secret(at), "udp").failed().err
