"""The logger ``obol``: silent unless the program listens to it.

Source: ``python/obol/_log.py``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from logging import Logger

__all__ = ["log"]


def log() -> Logger:
    """The logger; ``logging`` is read when there is something to say."""
    import logging

    found = logging.getLogger("obol")
    if not found.handlers:
        found.addHandler(logging.NullHandler())
    return found
