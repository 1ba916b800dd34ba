# test_py_fuzz.py: HTTP's authentication headers in Python under atheris (libFuzzer), from its corpus on: tests/fuzz/fuzz_headers.py
# says what must hold. `./dev fuzz headers 300` goes on for longer.
import os
import re

from support import pypi
from support.process import ROOT, run

TARGET = ROOT / "tests" / "fuzz" / "fuzz_headers.py"
CORPUS = ROOT / "tests" / "fuzz" / "corpus" / "headers"
# A decoder that takes base64 which is not whole, as Python's own does.
PLANTED = f"""
import base64, runpy, sys
sys.path.insert(0, {str(TARGET.parent)!r})
import fuzz_headers
fuzz_headers._headers._decode = lambda text: base64.b64decode(text)
fuzz_headers.atheris.Setup(sys.argv, fuzz_headers.one)
fuzz_headers.atheris.Fuzz()
"""


def fuzz(tmp_path, *program):
    env = {k: v for k, v in os.environ.items() if not k.startswith("LD_")}
    env |= {"PYTHONPATH": f"{ROOT / 'python'}:{pypi.wheels('atheris==3.0.0')}", "PYTHONDONTWRITEBYTECODE": "1"}
    (tmp_path / "new").mkdir()
    words = ["-seed=4559", "-runs=3000", "-max_len=256", "-timeout=10", f"-artifact_prefix={tmp_path}/"]
    return run([pypi.PYTHON, *program, *words, tmp_path / "new", CORPUS], env, timeout=120)


def test_headers_are_read_or_refused(tmp_path):
    seen = fuzz(tmp_path, TARGET).ok()
    assert int(re.search(r"Done (\d+) runs", seen.err)[1]) >= 3000, seen
    assert any((tmp_path / "new").iterdir())  # it found ways of its own


def test_a_planted_mistake_is_found(tmp_path):
    seen = fuzz(tmp_path, "-c", PLANTED)
    assert seen.status != 0 and "AssertionError" in seen.out + seen.err, seen
