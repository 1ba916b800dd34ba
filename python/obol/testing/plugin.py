"""pytest fixtures: ``obol_realm`` (one for all tests of a session) and ``obol_realm_factory``.

``realm`` is another name of ``obol_realm`` unless a project has a fixture of that name itself. Each
test finds the realm's clock where it should be; users and services that a test adds stay, so tests
take names of their own, or a realm of their own from the factory.

Source: ``python/obol/testing/plugin.py``; it is found by pytest's entry point ``pytest11``.
"""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from . import Realm


@pytest.fixture(scope="session")
def _obol_session_realm() -> Iterator[Realm]:
    from . import Realm

    with Realm() as realm:
        yield realm


@pytest.fixture
def obol_realm(_obol_session_realm: Realm) -> Iterator[Realm]:
    """A realm that all tests of the session share; its clock is put back after each."""
    yield _obol_session_realm
    _obol_session_realm.clock.offset = 0


@pytest.fixture
def realm(obol_realm: Realm) -> Realm:
    """The same as ``obol_realm``."""
    return obol_realm


@pytest.fixture
def obol_realm_factory() -> Iterator[Callable[..., Realm]]:
    """Makes realms of a test's own: ``obol_realm_factory("OTHER.TEST")``; they end with it."""
    from . import Realm

    made: list[Realm] = []

    def make(*args: Any, **options: Any) -> Realm:
        made.append(Realm(*args, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
