"""``python -m obol.compat run [-m module | program.py] [arguments]``: runs a program on obol.compat.

Source: ``python/obol/compat/__main__.py``.
"""

from __future__ import annotations

import os
import runpy
import sys

from . import install

USAGE = "Usage: python -m obol.compat run [-m MODULE | PROGRAM] [ARGUMENTS]"


def main(words: list[str]) -> None:
    """Runs what the words say, with the originals' names installed."""
    if len(words) < 2 or words[0] != "run" or (words[1] == "-m" and len(words) < 3):
        raise SystemExit(USAGE)
    install()
    if words[1] == "-m":
        sys.argv = words[2:]
        sys.path[0] = os.getcwd()
        runpy.run_module(words[2], run_name="__main__", alter_sys=True)
    else:
        sys.argv = words[1:]
        sys.path[0] = os.path.dirname(os.path.abspath(words[1]))
        runpy.run_path(words[1], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
