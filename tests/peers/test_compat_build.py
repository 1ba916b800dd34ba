# test_compat_build.py: programs are built with our headers and krb5-config, and find the library again by
# RPATH, without any environment.
import re
import subprocess

import pytest

from support.compat import directory
from support.process import ROOT, run


def config(*options):
    return run(["sh", f"{directory()}/krb5-config-here", *options])


def flags(*options):
    return config(*options).ok().out.split()


@pytest.mark.parametrize("language", ["c", "c++"])
def test_a_program_is_built_and_runs_by_rpath(tmp_path, language, judged):
    program = tmp_path / "program"
    compiler = ["gcc", "-x", language] if language == "c" else ["g++", "-x", "c++"]
    run([*compiler, "-Wall", "-Werror", *flags("--cflags", "gssapi"), ROOT / "tests/peers/compat_link.c",
         "-x", "none", "-o", program, *flags("--libs", "gssapi")]).ok()
    (tmp_path / "krb5.conf").write_text("[libdefaults]\n default_realm = HERE.TEST\n")
    seen = run([program], {"KRB5_CONFIG": str(tmp_path / "krb5.conf")}).ok()
    assert re.search(r"^[1-9]\d* mechanisms\nrealm HERE.TEST\n", seen.out)
    loaded = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    assert f"libgssapi_obol.so.0 => {directory()}" in loaded
    judged(f"a {language} program", "built with krb5-config", "", "", "runs by RPATH")


def test_krb5_config_answers_what_build_systems_ask():
    assert flags("--vendor") == ["Obol"]
    assert re.search(r"^Kerberos 5 release 1\.\d+", " ".join(flags("--version")))
    assert {"-lgssapi_obol", "-l:libcom_err.so.2"} <= set(flags("--libs", "krb5"))
    refused = config("--no-such-thing").failed()
    assert "--help" in refused.err
