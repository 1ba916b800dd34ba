"""Hints and docstrings: complete for type checkers and people."""

import os
import subprocess
from pathlib import Path

import obol

TREE = Path(os.environ.get("OBOL_TREE", Path(__file__).parents[2]))


def test_the_hints_are_complete():
    done = subprocess.run(
        ["/usr/bin/mypy", "--strict", "--cache-dir=/dev/null", "obol"],
        cwd=TREE / "python", capture_output=True, text=True,
        env={k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "PYTHONPATH")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_every_module_and_public_name_is_documented():
    for path in (TREE / "python" / "obol").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""') and "Source: ``" in text.split('"""')[1], path
    for name in obol.__all__:
        assert getattr(obol, name).__doc__, name
