# test_kadmin_realms.py: several realms in one kadmind: MIT krb5's kadmin and ours administer each by its own tickets and
# access list, at the one address, and neither realm's administrator reaches the other's principals.
from pathlib import Path

import pytest

from support.obol import SANITIZERS, binary, obol_env
from support.process import Daemon, base_env, free_port, run

REALMS = ["NORTH.TEST", "SOUTH.TEST"]
KADMIN = {"mit": "/usr/bin/kadmin", "obol": Path(binary()).resolve().parent / "lib" / "obol" / "bin" / "kadmin"}


class Both:
    def __init__(self, directory, _name):
        self.dir, kdc, kadmin = directory, free_port(), free_port()
        for realm in REALMS:
            home = ["--home", directory / realm]
            run([binary(), "realm", "create", realm, "--listen", f"127.0.0.1:{kdc}", *home], obol_env()).ok()
            for name in ("boss", "user"):
                run([binary(), "principal", "add", name, "--password-stdin", *home], obol_env(), f"{realm}-pw\n").ok()
            # The lists name the same people: which realm a name is of is told by its realm.
            (directory / realm / "kadm5.acl").write_text(f"boss@{realm} *\n")
        conf = directory / REALMS[0] / "kdc.conf"
        conf.write_text(conf.read_text().replace(
            "[kdcdefaults]\n", f"[kdcdefaults]\n    also_serve = ../{REALMS[1]}\n    kadmind_listen = 127.0.0.1:{kadmin}\n", 1))
        entries = "".join(f" {realm} = {{\n  kdc = 127.0.0.1:{kdc}\n  admin_server = 127.0.0.1:{kadmin}\n }}\n" for realm in REALMS)
        (directory / "krb5.conf").write_text(f"[libdefaults]\n default_realm = {REALMS[0]}\n dns_lookup_kdc = false\n[realms]\n{entries}")
        self.env = {**base_env(), **SANITIZERS, "KRB5_CONFIG": f"{directory}/krb5.conf", "KRB5CCNAME": f"FILE:{directory}/cc"}
        self.daemon = Daemon([binary(), "serve", "--home", directory / REALMS[0], "--workers", "1"], directory / "serve.log",
                             obol_env(), kdc)
        self.daemon.wait_port(kadmin)

    def stop(self):
        self.daemon.stop()

    def kadmin(self, whose, realm, *queries, who="boss"):
        return run([KADMIN[whose], "-r", realm, "-p", f"{who}@{realm}", "-w", f"{realm}-pw"], self.env, "\n".join(queries) + "\n").text


@pytest.fixture
def both(started):
    return started(Both, "BOTH")


@pytest.mark.parametrize("whose", KADMIN)
@pytest.mark.parametrize("realm", REALMS)
def test_each_realm_is_administered_by_its_own_and_shows_its_own(both, whose, realm, judged):
    other = next(r for r in REALMS if r != realm)
    said = both.kadmin(whose, realm, f"addprinc -pw secret1 new@{realm}", "listprincs", f"getprinc user@{realm}")
    assert f'Principal "new@{realm}" created' in said and f"boss@{realm}" in said and f"Principal: user@{realm}" in said
    assert other not in said, said
    both.daemon.wait_text(f"KADMIN ok operation=kadm5_create_principal client=boss@{realm} server=new@{realm}")
    both.kadmin(whose, realm, f"delprinc -force new@{realm}")
    judged("kadmin 1.20.1 (MIT)" if whose == "mit" else "our kadmin", "administration", "our kadmind", "two realms in it", "its own realm")


@pytest.mark.parametrize("whose", KADMIN)
@pytest.mark.parametrize("realm", REALMS)
def test_an_administrator_of_one_realm_has_no_say_in_the_other(both, whose, realm):
    other = next(r for r in REALMS if r != realm)
    said = both.kadmin(whose, realm, f"getprinc user@{other}", f"cpw -pw secret9 user@{other}", f"delprinc -force user@{other}",
                       f"addprinc -pw secret9 new@{other}", f"renprinc -force user@{realm} moved@{other}")
    # What it asked for, it asked of its own realm, where there is no such name and none can be.
    assert "created" not in said and "deleted" not in said and "changed" not in said and "renamed to" not in said, said
    assert "Password for" not in said, said
    assert f"Principal: user@{other}" in both.kadmin(whose, other, f"getprinc user@{other}")
    assert run(["kinit", "-c", f"{both.dir}/check", f"user@{other}"], both.env, f"{other}-pw\n").ok()
    assert "Operation requires ``get'' privilege" in both.kadmin(whose, realm, "getprinc boss", who="user")
