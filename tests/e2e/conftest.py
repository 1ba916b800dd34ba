# conftest.py: the daemon around a stub, for the tests of processes and sockets.
import pytest

from daemon import Daemon


@pytest.fixture
def daemon(tmp_path):
    started = []

    def start(**settings):
        started.append(Daemon(tmp_path, **settings))
        return started[-1]

    yield start
    for one in started:
        one.stop()
