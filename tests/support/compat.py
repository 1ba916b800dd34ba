# compat.py: programs that nobody here wrote, run on our library in the place of MIT's: the dynamic
# linker finds it by LD_LIBRARY_PATH. The library is that of the release build (./dev build compat).
import os
import subprocess

from .process import ROOT, base_env

DIRECTORY = ROOT / "build" / "lib" / "obol" / "compat"
MIT = "/usr/lib/x86_64-linux-gnu"


def directory():
    built = os.environ.get("OBOL_COMPAT") or str(DIRECTORY)
    assert os.path.exists(f"{built}/libgssapi_krb5.so.2"), f"{built} is empty: ./dev build compat"
    return built


def on_ours(env=None):
    """The environment in which a program runs on our library."""
    return {**(env or base_env()), "LD_LIBRARY_PATH": directory()}


def libraries(program):
    """{soname: file} as the dynamic linker would load them for a program on our library."""
    out = subprocess.run([program], env={**on_ours(), "LD_TRACE_LOADED_OBJECTS": "1"}, check=True,
                         capture_output=True, text=True).stdout
    return dict(line.split(" => ") for line in out.replace("\t", "").splitlines() if " => " in line)


def compile_on_mit(source, program, libraries):
    """Compiles a test program with our headers and links it with MIT's libraries, as Debian's own
    programs are, so that it runs on either."""
    # The libraries themselves: their -dev packages need not be installed.
    files = [f"{MIT}/{name}" for name in libraries]
    done = subprocess.run(["gcc", "-Wall", "-Werror", "-I", str(ROOT / "include"), "-o", str(program),
                           str(source), *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return str(program)
