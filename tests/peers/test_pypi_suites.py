# test_pypi_suites.py: the test suites of python-gssapi and requests-kerberos, as the newest releases bring
# them, on obol.compat.gssapi and obol.compat.requests_kerberos: no original is there.
# pykerberos and ccs-kerberos have no tests of their own; python/tests/test_compat.py tests that module.
import os
import re
import shutil

from support import compat, pypi
from support.k5test import alone, tools, unittest_failures
from support.process import ROOT, run

GSSAPI, REQUESTS = "gssapi==1.12.0", "requests-kerberos==0.15.0"
MOCK = "pytest-mock==3.15.1"
# What cannot be tested here, by why.
NO_PLUGIN = "authdataplugin greet_client"  # an example of MIT krb5's source, which gives names attributes
NO_NTLM = "gss-ntlmssp mech"  # a module for MIT's library that speaks NTLM
NO_POINTERS = "GSSAPI_KRB5_MAIN_LIB"  # handles of a libkrb5, of which obol.compat takes the names
NOT_HERE = {
    "test_basic_get_set_delete_name_attributes_no_auth": NO_PLUGIN,
    "test_basic_get_set_del_name_attribute_no_auth": NO_PLUGIN,
    "test_create_from_composite_token_with_attrs": NO_PLUGIN,
    "test_export_name_composite_with_attrs": NO_PLUGIN,
    "test_import_export_name_composite": NO_PLUGIN,
    "test_inquire_name_with_attrs": NO_PLUGIN,
    "test_set_neg_mechs": NO_NTLM,
    "test_set_sec_context_option": NO_NTLM,
    "test_set_sec_context_option_fail": NO_NTLM,
    "test_krb5_import_cred": NO_POINTERS,
}


def on_compat(*words):
    return ["env", f"PYTHONPATH={ROOT / 'python'}", pypi.PYTHON, "-m", "obol.compat", "run", *words]


def skipped(result):
    return dict(re.findall(r"^(test_\w+) .* \.\.\. skipped ['\"](.*)['\"]$", result.err, re.M))


def test_python_gssapis_suite_passes(tmp_path, judged):
    suite = shutil.copytree(pypi.source(GSSAPI) / "gssapi" / "tests", tmp_path / "suite")
    path = tools(tmp_path / "bin", ours=True)
    config = f"#!/bin/sh\nexec sh {compat.directory()}/krb5-config-here \"$@\"\n"
    (path / "krb5-config").write_text(config)
    program = ROOT / "tests" / "support" / "k5suite.py"
    inside = f"cd {suite} && export PYTHONPATH=$PYTHONPATH:{ROOT / 'python'} && exec \"$@\""
    words = [pypi.PYTHON, "-m", "obol.compat", "run", program, "test_raw", "test_high_level"]
    result = alone(["sh", "-c", inside, "sh", *words], path)
    failed, ran = unittest_failures(result)
    assert failed == set() and ran > 185, str(result)
    left_out = skipped(result)
    assert left_out.keys() == NOT_HERE.keys()
    for case, why in NOT_HERE.items():
        assert why in left_out[case], left_out
    judged("python-gssapi 1.12's suite", "on obol.compat.gssapi, obol's KDC", "", "", f"{ran} pass")


def test_requests_kerberos_suite_passes(tmp_path, realms, apaches, client, judged):
    user = client("mit", "obol")
    user.login("alice").ok()
    suite = shutil.copytree(pypi.source(REQUESTS) / "tests", tmp_path / "suite")
    env = {**os.environ, **user.env(), "KERBEROS_PRINCIPAL": realms("obol").principal("alice"),
           "KERBEROS_URL": apaches("obol").url("plain")}
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "pytest_mock", "-W", "ignore", suite]
    python = f"PYTHONPATH={ROOT / 'python'}:{pypi.wheels(MOCK)}"
    result = run(["env", python, "PYTHONDONTWRITEBYTECODE=1", pypi.PYTHON, "-m", "obol.compat", "run", *words], env,
                 cwd=tmp_path).ok()
    assert re.search(r"^38 passed", result.out, re.M) and "skipped" not in result.out, result.out
    judged("requests-kerberos 0.15's suite", "on obol.compat.requests_kerberos", "", "", "38 pass")
