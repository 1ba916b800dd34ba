# conftest.py: the realms that the end-to-end and peers tests talk to, each started once a run.
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.heimdal import HeimdalClient, HeimdalRealm  # noqa: E402
from support.mit import MitClient, MitRealm  # noqa: E402
from support.obol import ObolClient, ObolRealm  # noqa: E402

CLIENTS = {c.kind: c for c in (MitClient, HeimdalClient, ObolClient)}


def running(kind, name, factory):
    realm = kind(factory.mktemp(kind.kind), name)
    yield realm
    realm.stop()


@pytest.fixture(scope="session")
def mit_realm(tmp_path_factory):
    yield from running(MitRealm, "MIT.TEST", tmp_path_factory)


@pytest.fixture(scope="session")
def heimdal_realm(tmp_path_factory):
    yield from running(HeimdalRealm, "HEIMDAL.TEST", tmp_path_factory)


@pytest.fixture(scope="session")
def obol_realm(tmp_path_factory):
    yield from running(ObolRealm, "OBOL.TEST", tmp_path_factory)


@pytest.fixture(scope="session")
def realms(request):
    """realms("mit") is the running realm of that make."""
    return lambda kind: request.getfixturevalue(f"{kind}_realm")


@pytest.fixture
def client(realms, tmp_path):
    """client("mit", "obol", enctype=..., transport=...) is MIT's client of our realm."""
    return lambda kind, realm, **options: CLIENTS[kind](realms(realm), tmp_path, **options)
