# conftest.py: servers that several of the judges' files share, each started when first asked for.
from contextlib import ExitStack

import pytest

from support.apache import Apache


@pytest.fixture(scope="session")
def apaches(realms):
    """apaches("mit", "obol") is Apache with the keys of MIT's KDC on our library."""
    running = {}
    with ExitStack() as ends:
        def started(kdc, library="obol"):
            if (kdc, library) not in running:
                running[kdc, library] = ends.enter_context(Apache(realms(kdc), library))
            return running[kdc, library]
        yield started


@pytest.fixture
def logged_in(client):
    """logged_in("mit") is alice, with a ticket of MIT's KDC."""
    def user(kdc):
        alice = client("mit", kdc)
        alice.login("alice").ok()
        return alice
    return user
