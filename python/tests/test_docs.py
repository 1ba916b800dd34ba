"""The pages run as they stand: their blocks in their order, what they print beside their comments."""

import contextlib
import doctest
import filecmp
import importlib
import io
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from obol.testing import Realm

TREE = Path(os.environ.get("OBOL_TREE", Path(__file__).parents[2]))
DOCS = TREE / "docs"


def run(page, names):
    """Executes a page's blocks with these names in place."""
    path = DOCS / page
    blocks = re.findall(r"^( *)```python\n(.*?)^ *```", path.read_text(encoding="utf-8"), re.S | re.M)
    assert len(blocks) >= 6
    for indent, block in blocks:
        block, out = textwrap.dedent(block) if indent else block, io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(block, str(path), "exec"), names)
        said = re.findall(r"^.*print\(.*\)\s+# (.*)$", block, re.M)
        assert out.getvalue().splitlines() == said, block


def test_the_guide_runs_and_prints_what_it_says(tmp_path):
    with Realm() as realm:
        realm.user("alice", "secret")
        keytab = realm.service("HTTP/web.example.com")
        run("python.md", {"realm": realm, "keytab": keytab, "tmp_path": tmp_path})


def test_the_tutorial_runs_and_prints_what_it_says():
    run("tutorial.md", {})


@pytest.mark.parametrize("name", ["obol", "obol.aio", "obol.http", "obol.mssql", "obol.names", "obol.sasl", "obol.stream"])
def test_the_examples_of_docstrings_run(name):
    module = importlib.import_module(name)
    told = doctest.testmod(module)
    assert told.attempted > 0 and told.failed == 0


def test_the_reference_is_up_to_date(tmp_path):
    env = {k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}
    subprocess.run([sys.executable, TREE / "tools" / "python-api", tmp_path], check=True,
                   env={**env, "OBOL_PYTHON": str(TREE / "python")})  # fmt: skip
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted(path.name for path in (DOCS / "api").iterdir()), "run tools/python-api"
    _, differ, _ = filecmp.cmpfiles(tmp_path, DOCS / "api", made, shallow=False)
    assert differ == [], "run tools/python-api"
