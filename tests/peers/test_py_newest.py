# test_py_newest.py: the package's own tests of HTTP clients and servers once more, with the newest releases of the
# libraries that they drive, where Debian has older ones; and with niquests, which is in no distribution.
import os
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import pypi
from support.process import ROOT, run

ASYNC = "anyio==4.16.0 certifi==2026.10.19.post1 h11==0.16.0 idna==3.20 typing_extensions==4.16.0".split()
HTTPX = ["httpx==0.28.1", "httpcore==1.0.9"]
HTTPX2 = ["httpx2==2.16.2", "httpcore2==2.16.2", "truststore==0.10.5"]
NIQUESTS = """niquests==3.21.2 urllib3-future==2.25.904 jh2==5.0.15 qh3==2.1.0 wassima==2.1.5
    charset-normalizer==3.5.3""".split()
FASTAPI = """fastapi==0.165.0 starlette==1.10.0 pydantic==2.14.4 pydantic-core==2.50.5 annotated-doc==0.0.7
    annotated-types==0.8.0 typing-inspection==0.4.5 opentelemetry-api==1.45.2""".split()
REQUESTS = """requests==2.34.2 urllib3==2.8.0 charset-normalizer==3.5.3 idna==3.20
    certifi==2026.10.19.post1""".split()
AIOHTTP = """aiohttp==3.14.5 aiohappyeyeballs==2.7.1 aiosignal==1.4.0 attrs==26.1.0 frozenlist==1.8.0 multidict==7.2.1
    propcache==0.5.4 yarl==1.25.1 typing_extensions==4.16.0""".split()
# Packages, the files that run with them, those of their cases, and the programs that each of these must be seen with.
RUNS = {
    "httpx 0.28, niquests 3.21": (ASYNC + HTTPX + NIQUESTS, ["test_http.py"], "httpx or niquests or async or other_clients",
                                  {"_httpx": 15, "_httpx_async": 10, "_niquests": 15, "_niquests_async": 15, "sync": 2,
                                   "async": 2, "niquests": 1}),
    "httpx2 2.16": (ASYNC + HTTPX + HTTPX2, ["test_http.py"], "httpx or async or other_clients",
                    {"_httpx": 15, "_httpx_async": 10, "sync": 2, "async": 2}),
    "requests 2.34, aiohttp 3.14": (REQUESTS + AIOHTTP, ["test_http.py", "test_http_aiohttp.py"], "requests or aiohttp",
                                    {"_requests": 15, "test_http_aiohttp": 10, "test_tunnels_begin_with_a_login": 1}),
    "FastAPI 0.165, Starlette 1.10": (ASYNC + HTTPX + FASTAPI, ["test_asgi.py", "test_sketch.py"], "test",
                                      {"test_fastapi": 1, "test_starlette": 1, "test_a_websocket_of_fastapi_has_its_user_or_is_closed": 1, "test_servers": 1}),
}


@pytest.fixture(scope="module")
def seen():
    """{run: its result}; beside each other."""
    def one(name, packages, files, cases, _):
        tests = ROOT / "python" / "tests"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "LD_", "KRB5"))}
        env |= {"PYTHONPATH": f"{ROOT / 'python'}:{pypi.wheels(*packages)}", "OBOL_TREE": str(ROOT),
                "PYTHONDONTWRITEBYTECODE": "1", "OBOL_HTTPX": "httpx2" if name.startswith("httpx2") else "httpx"}
        return run([pypi.PYTHON, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-p", "no:xdist", "-p",
                    "obol.testing.plugin", "-W", "ignore", *(tests / file for file in files), "-k", cases], env, timeout=300)
    with ThreadPoolExecutor() as side_by_side:
        running = {name: side_by_side.submit(one, name, *words) for name, words in RUNS.items()}
        return {name: ran.result() for name, ran in running.items()}


@pytest.mark.parametrize("name", RUNS)
def test_the_packages_tests_pass_with_the_newest(seen, judged, name):
    result = seen[name].ok()
    passed = re.findall(r"^(\S+) PASSED", result.out, re.M)
    assert "FAILED" not in result.out and "SKIPPED" not in result.out, result.out
    for word, count in RUNS[name][3].items():
        found = [case for case in passed if re.search(rf"(?<![a-z]){word}(?![a-z_])", case)]
        assert len(found) >= count, f"{word}: {len(found)} of {count}\n{result.out}"
    judged(name, "the package's own tests", "SPNEGO", "mutual, delegation, bindings, proxies", f"{len(passed)} pass")
