# conftest.py: the realms that the end-to-end and peers tests talk to, each started once a run.
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from support.heimdal import HeimdalClient, HeimdalRealm  # noqa: E402
from support.java import Java  # noqa: E402
from support.judge import VERDICTS  # noqa: E402
from support.mit import MitClient, MitRealm  # noqa: E402
from support.obol import ObolClient, ObolRealm  # noqa: E402

CLIENTS = {c.kind: c for c in (MitClient, HeimdalClient, ObolClient)}
REALMS = {r.kind: r for r in (MitRealm, HeimdalRealm, ObolRealm)}


class Realms:
    """Realms by make, started when first asked for. One that could not be started stays so."""

    def __init__(self, factory):
        self.factory, self.running, self.failed = factory, {}, {}
        # pytest-xdist gives each of its processes a folder of its own in that of the run.
        base = factory.getbasetemp()
        self.names = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "names"

    def __call__(self, kind):
        if kind in self.failed:
            raise AssertionError(f"the realm of {kind} could not be started; the first test to ask shows why")
        if kind not in self.running:
            self.failed[kind] = True
            self.running[kind] = REALMS[kind](self.factory.mktemp(kind), kind.upper() + ".TEST")
            self.running[kind].share(self.names / kind)
            del self.failed[kind]
        return self.running[kind]

    def stop(self):
        for realm in self.running.values():
            realm.stop()


@pytest.fixture(scope="session")
def realms(tmp_path_factory):
    """realms("mit") is the running realm of that make."""
    all_realms = Realms(tmp_path_factory)
    yield all_realms
    all_realms.stop()


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """started(make, name, ...) is a realm of a test file's own make, started once; it ends with the file."""
    running = {}

    def realm(make, name, *arguments):
        key = (make, name, *arguments)
        if key not in running:
            running[key] = make(tmp_path_factory.mktemp("realm"), name, *arguments)
        return running[key]
    yield realm
    for one in running.values():
        one.stop()


@pytest.fixture
def client(realms, tmp_path):
    """client("mit", "obol", enctype=..., transport=...) is MIT's client of our realm."""
    return lambda kind, realm, **options: CLIENTS[kind](realms(realm), tmp_path, **options)


@pytest.fixture(params=["udp", "tcp"])
def transport(request):
    """A test that has this runs once for each, and gives it to the clients that it makes."""
    return request.param


@pytest.fixture
def over(client, transport):
    """client(...), whose messages go by UDP, and once more by TCP."""
    return lambda kind, realm, **options: client(kind, realm, transport=transport, **options)


@pytest.fixture(scope="session")
def java(tmp_path_factory):
    """A Java virtual machine that logs in whenever it is asked to."""
    machine = Java(tmp_path_factory.mktemp("java"))
    yield machine
    machine.stop()


@pytest.fixture
def judged(request):
    """judged(program, role, mechanism, flags, result) adds a line to the table at the end of the run."""
    # The line travels with the test's report: the table is printed by another process than the test's.
    return lambda *row: request.node.user_properties.append(("judged", [str(cell) for cell in row]))


def pytest_runtest_logreport(report):
    if report.when == "call":
        for name, row in report.user_properties:
            if name == "judged":
                VERDICTS.add(*row)


def pytest_terminal_summary(terminalreporter):
    if VERDICTS.rows:
        terminalreporter.section("programs on Obol")
        for line in VERDICTS.table():
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def mit_realm(realms):
    return realms("mit")


@pytest.fixture(scope="session")
def heimdal_realm(realms):
    return realms("heimdal")


@pytest.fixture(scope="session")
def obol_realm(realms):
    return realms("obol")
