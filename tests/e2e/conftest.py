# conftest.py: the daemon around a stub, for the tests of processes and sockets, and a realm that is served.
import functools

import pytest

from daemon import Daemon
from served import Realm


def started(make):
    running = []

    def start(**settings):
        running.append(make(**settings))
        return running[-1]

    yield start
    for one in running:
        one.stop()


@pytest.fixture
def daemon(tmp_path):
    yield from started(functools.partial(Daemon, tmp_path))


@pytest.fixture
def realm(tmp_path):
    yield from started(functools.partial(Realm, tmp_path))
