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


def pythons():
    """This Python, and what others of 3.9 and later are on the machine."""
    found = {sys.version_info[:2]: sys.executable}
    roots = [Path("/usr/bin"), Path("/usr/local/bin"), *Path.home().glob(".pyenv/versions/*/bin")]
    for path in (path for root in roots for path in root.glob("python3.*")):
        minor = path.name[len("python3.") :]
        if minor.isdigit() and int(minor) >= 9:
            found.setdefault((3, int(minor)), str(path))
    return found


LOGS_IN = """
import sys, obol, obol.testing as t, obol.asgi, obol.http, obol.sasl, obol.stream, obol.aio, obol.mssql, obol.compat.gssapi
realm = t.Realm()
realm.user("alice", "pw")
keytab = realm.service("HTTP/web")
with realm.login("alice", "pw") as me:
    client = me.initiate("HTTP/web")
    service = realm.acceptor(keytab).accept()
    client.step(service.step(client.step()))
    assert service.unwrap(client.wrap(b"x")) == b"x"
    print(service.peer, obol.__file__, *sys.version_info[:2])
    with open("/proc/self/maps") as maps:
        loaded = maps.read()
assert not [name for name in ("krb5", "gssapi", "heimdal") if f"lib{name}" in loaded], loaded
"""


def test_what_is_installed_logs_in_on_every_python_with_no_other_kerberos(built, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "install", "--no-index", "--no-deps", "--target",
         str(tmp_path / "site"), str(built[1])], check=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTHON")},
    )  # fmt: skip
    for version, python in pythons().items():
        shown = subprocess.run(
            [python, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n{LOGS_IN}"],
            capture_output=True, text=True, cwd="/", env={"PATH": os.environ["PATH"]},
        )  # fmt: skip
        where, major, minor = shown.stdout.rpartition(".py ")[0], *shown.stdout.split()[-2:]
        assert where.startswith(f"alice@OBOL.TEST {tmp_path}"), (python, shown.stderr)
        assert (int(major), int(minor)) == version
