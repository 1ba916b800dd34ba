# test_gss_copies.py: several GSS libraries in one process, as a program has them whose plug-ins each
# bring their own: ours under both of its names, MIT's and Heimdal's, in every order of loading.
import itertools

import pytest

from support.compat import MIT, directory
from support.mit import MitClient
from support.process import ROOT, run

OURS = {"ours as MIT's": "libgssapi_krb5.so.2", "ours": "libgssapi_obol.so.0"}
THEIRS = {"mit": f"{MIT}/libgssapi_krb5.so.2", "heimdal": f"{MIT}/libgssapi.so.3"}


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    made = tmp_path_factory.mktemp("copies") / "gss_copies"
    run(["gcc", "-O2", "-Wall", "-Werror", "-pthread", "-I", ROOT / "include", "-o", made,
         ROOT / "tests" / "support" / "gss_copies.c"]).ok()
    return made


@pytest.fixture(scope="module")
def env(realms, tmp_path_factory):
    realm = realms("mit")
    user = MitClient(realm, tmp_path_factory.mktemp("user"))
    user.login("alice").ok()
    keytab = realm.keytab("HTTP/localhost", realm.dir / "copies.keytab")
    return {**user.env(), "KRB5_KTNAME": f"FILE:{keytab}"}


def libraries():
    return {**{name: f"{directory()}/{so}" for name, so in OURS.items()}, **THEIRS}


@pytest.mark.parametrize("first", [*OURS, *THEIRS])
def test_all_of_them_work_at_the_same_time(program, env, first):
    paths = libraries()
    order = [first, *(name for name in paths if name != first)]
    result = run([program, "HTTP@localhost", *(paths[name] for name in order)], env, timeout=60)
    count = len(paths)
    assert result.out == f"ok {2 * count * count + 20 * count}\n", str(result)


@pytest.mark.parametrize("pair", list(itertools.permutations([*OURS, *THEIRS], 2)), ids=" then ".join)
def test_one_without_a_key_fails_alone(program, env, pair, tmp_path):
    """The refusal beside it: each says what is wrong, and the other's state changes nothing."""
    paths = libraries()
    result = run([program, "HTTP@localhost", *(paths[name] for name in pair)],
                 {**env, "KRB5_KTNAME": f"FILE:{tmp_path}/none"}, timeout=60)
    assert result.status == 1 and f"{paths[pair[0]]} to {paths[pair[0]]}" in result.out, str(result)
    if pair[0] in OURS:
        assert f"{tmp_path}/none" in result.out, str(result)
