# test_gss_exit.py: a process ends while its threads are inside our library's calls. libcrypto's cleanup at
# exit would take away what they use; whoever used libcrypto first, the process ends in peace.
import subprocess

import pytest

from support.compat import MIT, on_ours
from support.mit import MitClient
from support.process import ROOT, run

ROUNDS = 50


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = tmp_path_factory.mktemp("exit") / "gss_exit"
    run(["gcc", "-O1", "-I", ROOT / "include", "-o", path, ROOT / "tests" / "support" / "gss_exit.c",
         f"{MIT}/libgssapi_krb5.so.2", "-lcrypto", "-lpthread"]).ok()
    return str(path)


@pytest.mark.parametrize("libcrypto", ("none", "before"))
def test_a_process_ends_in_the_midst_of_calls(program, realms, libcrypto, tmp_path):
    realm = realms("obol")
    user = MitClient(realm, tmp_path)
    user.login("alice").ok()
    user.ticket(f"HTTP/localhost@{realm.name}").ok()
    env = on_ours({**user.env(), "KRB5_KTNAME": str(realm.dir / "http.keytab"),
                   "KRB5RCACHENAME": f"file2:{tmp_path}/rcache"})
    for n in range(ROUNDS):
        done = subprocess.run([program, "HTTP@localhost", str(n * 37 % 1000), libcrypto], env=env,
                              capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, ""), f"round {n}: {done.returncode} {done.stderr}"
