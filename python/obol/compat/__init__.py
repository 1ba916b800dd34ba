"""The interfaces that people know, on obol's own core: nothing else needs to be installed.

``obol.compat.gssapi``, ``obol.compat.kerberos``, ``obol.compat.requests_kerberos`` and
``obol.compat.spnego`` (the client's part, which requests-kerberos uses) are what their names say.
Programs that import the originals run unchanged after :func:`install`, or by
``python -m obol.compat run program.py``.

Source: ``python/obol/compat/__init__.py``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

__all__ = ["NAMES", "install", "uninstall"]

#: What may be installed. ``winkerberos`` and ``pykerberos`` are other names for ``kerberos``.
NAMES = ("gssapi", "kerberos", "requests_kerberos", "spnego")


class _Alias(Loader):
    """Loads a module that is there under its own name already."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self.name)
        # The import system writes its own spec into the module; exec_module puts this back.
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec


class _Finder(MetaPathFinder):
    """Finds ``gssapi.raw`` where ``obol.compat.gssapi.raw`` is: one module with two names."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] not in self.names:
            return None
        own = f"{__name__}.{fullname}"
        if find_spec(own) is None:
            return None
        return ModuleSpec(fullname, _Alias(own), origin=own)


_finder = _Finder()


def install(*names: str) -> None:
    """Gives the originals' names to these modules, in this process; all of them if none is named.

    To be called before the originals are imported. It does not matter whether they are installed.

    Raises: :class:`ValueError` for a name that is none of :data:`NAMES`, :class:`RuntimeError` if
    the original was imported before.
    """
    for name in names or NAMES:
        if name not in NAMES:
            raise ValueError(f"{name!r} is none of {', '.join(NAMES)}")
        there = sys.modules.get(name)
        if there is not None and not there.__name__.startswith(f"{__name__}."):
            raise RuntimeError(f"{name} was imported already: call obol.compat.install() before")
    _finder.names.update(names or NAMES)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


def uninstall() -> None:
    """Undoes :func:`install`."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for name in list(sys.modules):
        top = name.partition(".")[0]
        if top in _finder.names and sys.modules[name].__name__.startswith(f"{__name__}."):
            del sys.modules[name]
    _finder.names.clear()
