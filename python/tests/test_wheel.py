"""Building and installing: without an index, from the tree and from a source distribution."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import obol
import pytest

TREE = Path(os.environ.get("OBOL_TREE", Path(__file__).parents[2]))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel that pip built from a source distribution, offline.

    The extension is the one under test: compiling it once more would take a minute. That the
    source distribution has all that the compilation takes, meson looks for.
    """
    where = tmp_path_factory.mktemp("wheel")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    sys.path.insert(0, str(TREE / "python" / "backend"))
    import obol_build

    sdist = where / obol_build.build_sdist(str(where))
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "wheel", "--no-index", "--no-deps", "-w", str(where),
         f"--config-settings=extension={Path(obol._core.__file__).resolve()}", str(sdist)],
        check=True, env=environment,
    )  # fmt: skip
    return sdist, next(where.glob("*.whl"))


def test_one_wheel_serves_every_python_from_3_9_on(built):
    assert "-cp39-abi3-linux_" in built[1].name


def test_the_wheel_has_hints_plugin_and_extension(built):
    with zipfile.ZipFile(built[1]) as wheel:
        names = set(wheel.namelist())
        info = next(n for n in names if n.endswith("entry_points.txt"))
        assert "obol.testing.plugin" in wheel.read(info).decode()
    assert {"obol/py.typed", "obol/_core.pyi", "obol/_core.abi3.so", "obol/__init__.py"} <= names


def test_the_source_distribution_has_no_leftovers(built):
    with tarfile.open(built[0]) as sdist:
        names = sdist.getnames()
    assert any(n.endswith("/pyproject.toml") for n in names)
    assert not [n for n in names if n.endswith((".so", ".pyc")) or "/build-" in n]
    wanted = subprocess.run(
        ["git", "-C", str(TREE), "ls-files", "src", "include", "python/ext", "python/obol"],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert {f"{built[0].name[:-7]}/{path}" for path in wanted} <= set(names)


def test_what_is_installed_logs_in(built, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "install", "--no-index", "--no-deps", "--target",
         str(tmp_path / "site"), str(built[1])], check=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
    )  # fmt: skip
    code = (
        "import obol, obol.testing as t\n"
        "r = t.Realm(); r.user('alice', 'pw')\n"
        "print(r.login('alice', 'pw').principal, obol.__file__)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd="/",
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert shown.stdout.startswith(f"alice@OBOL.TEST {tmp_path}"), shown.stderr
