# test_dev.py: ./dev itself: that its sum comes last and counts what could not be built or run, which
# packages it says are missing, and what it answers to a mistake.
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ". tools/dev-packages.sh; . tools/dev-build.sh; . tools/dev-test.sh\n"


def shell(directory, script):
    done = subprocess.run(["/bin/bash", "-c", "set -euo pipefail\n" + SOURCES + script], cwd=directory,
                          capture_output=True, text=True, timeout=60, env={"PATH": "/usr/bin:/bin"})
    return done.returncode, done.stdout, done.stderr


def test_what_cannot_be_built_or_run_is_in_the_sum_which_comes_last(tmp_path):
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    (tmp_path / "tests" / "fuzz").mkdir(parents=True)
    (tmp_path / "tests" / "fuzz" / "meson.build").touch()
    (tmp_path / "tools" / "check-valgrind").write_text("#!/bin/sh\nexit 0\n")
    code, out, err = shell(tmp_path, """
        packages_need() { :; }
        localhost_need() { :; }
        build_setup() { :; }
        lint_begin() { :; }
        lint_end() { record pass "lint x"; record fail "lint y"; }
        build_release() { die "it does not build"; }
        build_san() { :; }
        build_fuzz() { build_release; }
        sanitizer_options() { :; }
        meson() { return 1; }
        test_pytest() { return 2; }
        cmd_test
        """)
    assert code == 1 and "it does not build" in err
    lines = out.splitlines()
    assert lines[-1] == "3 passed, 10 failed", out  # passed: lint x, build san, valgrind
    for name in ("lint y", "build release", "build tsan", "build python", "build python_san",
                 "build fuzz", "unit tests: they did not run",
                 "tools: they did not run", "e2e: they did not run", "peers: they did not run"):
        assert f"  FAIL  {name}" in lines, out


def test_packages_that_are_missing_are_named_once():
    code, out, _ = shell(ROOT, "packages_missing bash obol-no-such obol-no-such dpkg obol-nor-this")
    assert (code, out.split()) == (0, ["obol-no-such", "obol-nor-this"])
    assert shell(ROOT, "packages_missing bash dpkg")[:2] == (0, "")


def test_an_unknown_command_is_refused_with_the_list_of_those_there_are():
    done = subprocess.run([ROOT / "dev", "rnu"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "there is no command 'rnu'" in done.stderr and "run [--once]" in done.stderr


@pytest.mark.parametrize("command", ["run", "test", "bench", "fuzz", "lint", "python", "peers", "build"])
def test_help_of_a_command_is_its_part_of_the_usage_and_nothing_runs(command):
    done = subprocess.run([ROOT / "dev", command, "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stderr == ""
    assert set(re.findall("^  ([a-z]+)", done.stdout, re.M)) == {command} and "==" not in done.stdout, done.stdout


@pytest.mark.parametrize("words", [("test", "x"), ("lint", "--fix"), ("build", "san", "release"), ("build", "-x"),
                                   ("fuzz", "--keep"), ("fuzz", "der", "--x")])
def test_words_that_a_command_does_not_know_are_refused_before_it_runs(words):
    done = subprocess.run([ROOT / "dev", *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stdout == "" and f"./dev: {words[0]}: " in done.stderr, done.stderr


@pytest.mark.parametrize("tool", sorted(path.name for path in (ROOT / "tools").iterdir()
                                        if path.is_file() and "." not in path.name))
def test_a_tool_says_what_it_is_for_and_refuses_words_that_it_does_not_know(tool):
    def call(*words):
        return subprocess.run([ROOT / "tools" / tool, *words], capture_output=True, text=True, timeout=60)
    said = call("--help")
    assert said.returncode == 0 and f"{tool}: " in said.stdout and "#" not in said.stdout and said.stderr == ""
    refused = call("x", "y", "--nonsense")
    assert refused.returncode == 2 and refused.stdout == "" and tool in refused.stderr, refused.stderr


def test_ci_calls_dev_test():
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("exec ./dev test")
