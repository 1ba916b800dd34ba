"""The build backend of the package (PEP 517, 660): meson builds the extension, this packs it.

It uses the standard library alone, so that ``pip install ./python`` works without an index. The
tree is the repository, or what a source distribution holds of it: the C core, python/ and the build
files, at the same places. ``-C crypto=static`` (``--config-settings``) links libcrypto into the
extension, for wheels that shall run where OpenSSL 3 is not; ``-C extension=PATH`` packs one that
was built already, once meson has seen that the tree would build.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Optional

Settings = Optional[dict[str, Any]]

TREE = Path(__file__).resolve().parents[2]
PYTHON = TREE / "python"
EPOCH = (2026, 11, 25, 0, 0, 0)  # of files in wheels, so that two builds are the same
SOURCES = ("src", "include", "meson.build", "meson_options.txt", "LICENSE", "python")
IGNORED = ("__pycache__", ".pytest_cache", ".mypy_cache", "build", "*.so", "*.pyc", "*.egg-info")


def _project() -> dict[str, Any]:
    """[project] of pyproject.toml; tomllib is younger than the oldest Python, so by hand."""
    lines = (PYTHON / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    values: dict[str, Any] = {"classifiers": []}
    inside = False
    for line in lines:
        if line.startswith("["):
            inside = line == "[project]"
        elif inside and " = \"" in line:
            key, value = line.split(" = ", 1)
            values[key] = value.strip('"')
        elif inside and line.startswith('    "'):
            values["classifiers"].append(line.strip(' ",'))
    return values


def _metadata() -> str:
    project = _project()
    head = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        "License: Apache-2.0",
        f"Requires-Python: {project['requires-python']}",
        *(f"Classifier: {c}" for c in project["classifiers"]),
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(head) + "\n\n" + (PYTHON / "README.md").read_text(encoding="utf-8")


def _tag() -> str:
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return f"cp39-abi3-{platform}"


def _tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"obol: building needs {name}: install {package}")
    return found


def _run(*command: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        raise SystemExit(f"obol: {' '.join(command[:2])} failed (its output is above)")


def _extension(directory: Path, settings: Settings) -> Path:
    """Builds the extension in a directory; its file."""
    meson = _tool("meson", "the package meson (1.0 or later)")
    _tool("ninja", "the package ninja-build")
    crypto = str((settings or {}).get("crypto", "dynamic"))
    if crypto not in ("dynamic", "static"):
        raise SystemExit(f"obol: crypto is 'dynamic' or 'static', not {crypto!r}")
    _run(
        meson, "setup", str(directory), str(TREE), "--buildtype=release", "-Dpython=true",
        "-Dtests=false", f"-Dpython_interpreter={sys.executable}",
        f"-Dstatic_crypto={'true' if crypto == 'static' else 'false'}",
    )  # fmt: skip
    built = (settings or {}).get("extension")
    if built:
        return Path(shutil.copy2(str(built), directory / "_core.abi3.so"))
    _run(meson, "compile", "-C", str(directory))
    made = directory / "python" / "_core.abi3.so"
    strip = shutil.which("strip")
    if strip:
        _run(strip, "--strip-unneeded", str(made))
    return made


class _Wheel:
    """A wheel being written, with its RECORD."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.record: list[str] = []
        self.info = f"obol-{_project()['version']}.dist-info"

    def add(self, name: str, data: bytes, mode: int = 0o644) -> None:
        entry = zipfile.ZipInfo(name, EPOCH)
        entry.external_attr = (0o100000 | mode) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.zip.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(data)}")

    def finish(self) -> None:
        for name, text in _info_files().items():
            self.add(f"{self.info}/{name}", text.encode())
        self.record.append(f"{self.info}/RECORD,,")
        entry = zipfile.ZipInfo(f"{self.info}/RECORD", EPOCH)
        entry.external_attr = 0o100644 << 16
        self.zip.writestr(entry, "\n".join(self.record) + "\n")
        self.zip.close()


def _info_files() -> dict[str, str]:
    return {
        "METADATA": _metadata(),
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: obol\nRoot-Is-Purelib: false\nTag: {_tag()}\n",
        "entry_points.txt": "[pytest11]\nobol = obol.testing.plugin\n",
        "LICENSE": (TREE / "LICENSE").read_text(encoding="utf-8"),
    }


def _package_files() -> list[Path]:
    kinds = (".py", ".pyi", ".typed")
    return sorted(p for p in (PYTHON / "obol").rglob("*") if p.suffix in kinds and p.is_file())


# ---- PEP 517


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    return []


get_requires_for_build_sdist = get_requires_for_build_editable = get_requires_for_build_wheel


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: Any = None
) -> str:
    name = f"obol-{_project()['version']}-{_tag()}.whl"
    wheel = _Wheel(Path(wheel_directory) / name)
    with tempfile.TemporaryDirectory(prefix="obol-build-") as directory:
        core = _extension(Path(directory) / "build", config_settings)
        wheel.add("obol/_core.abi3.so", core.read_bytes(), 0o755)
    for path in _package_files():
        wheel.add(str(path.relative_to(PYTHON)), path.read_bytes())
    wheel.finish()
    return name


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: Any = None
) -> str:
    """The tree itself: the extension is put beside the modules, a .pth file names the folder."""
    with tempfile.TemporaryDirectory(prefix="obol-build-") as directory:
        core = _extension(Path(directory) / "build", config_settings)
        target = PYTHON / "obol" / "_core.abi3.so"
        target.unlink(missing_ok=True)
        shutil.copy2(core, target)
    name = f"obol-{_project()['version']}-{_tag()}.whl"
    wheel = _Wheel(Path(wheel_directory) / name)
    wheel.add("obol.pth", f"{PYTHON}\n".encode())
    wheel.finish()
    return name


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    base = f"obol-{_project()['version']}"
    name = f"{base}.tar.gz"
    pyproject = (PYTHON / "pyproject.toml").read_text(encoding="utf-8")
    pyproject = pyproject.replace('backend-path = ["backend"]', 'backend-path = ["python/backend"]')
    pyproject = pyproject.replace('readme = "README.md"', 'readme = "python/README.md"')
    with tempfile.TemporaryDirectory(prefix="obol-sdist-") as directory:
        root = Path(directory) / base
        root.mkdir()
        for source in SOURCES:
            if (TREE / source).is_dir():
                shutil.copytree(TREE / source, root / source, ignore=shutil.ignore_patterns(*IGNORED))
            else:
                shutil.copy2(TREE / source, root / source)
        (root / "pyproject.toml").write_text(pyproject, encoding="utf-8")
        (root / "PKG-INFO").write_text(_metadata(), encoding="utf-8")
        with tarfile.open(Path(sdist_directory) / name, "w:gz", format=tarfile.PAX_FORMAT) as tar:
            tar.add(root, arcname=base)
    return name
