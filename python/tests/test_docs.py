"""docs/python.md runs as it stands: its blocks in their order, what they print beside their comments."""

import contextlib
import io
import os
import re
from pathlib import Path

from obol.testing import Realm

PAGE = Path(os.environ.get("OBOL_TREE", Path(__file__).parents[2])) / "docs" / "python.md"


def test_the_guide_runs_and_prints_what_it_says(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(blocks) >= 6
    with Realm() as realm:
        realm.user("alice", "secret")
        keytab = realm.service("HTTP/web.example.com")
        names = {"realm": realm, "keytab": keytab, "tmp_path": tmp_path}
        for block in blocks:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(block, str(PAGE), "exec"), names)
            said = re.findall(r"^.*print\(.*\)\s+# (.*)$", block, re.M)
            assert out.getvalue().splitlines() == said
