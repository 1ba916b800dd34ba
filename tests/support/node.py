# node.py: npm's `kerberos` module, compiled here, kept in a cache: its own installation would fetch a
# binary or the headers of Node from places that the registry does not name.
import functools
import os
import tempfile
from pathlib import Path

from .ends import End
from .process import ROOT, base_env, run, which

VERSION = "7.0.0"
ADDON_API = "8.9.2"  # its headers
# Debian's libnode-dev, and where Node's own packages put them.
HEADERS = ("/usr/include/nodejs/src", "/usr/include/node")


def unpack(name, version, directory):
    """A package of the registry as a directory, without running what it would install itself with."""
    with tempfile.TemporaryDirectory() as work:
        run([which("npm"), "pack", "--silent", f"{name}@{version}"],
            {**os.environ, "npm_config_cache": f"{work}/cache"}, timeout=300, cwd=work).ok()
        directory.mkdir(parents=True)
        run(["tar", "-xzf", f"{work}/{name}-{version}.tgz", "-C", directory, "--strip-components=1"]).ok()
    return directory


def compile_addon(package, addon_api):
    headers = next(h for h in map(Path, HEADERS) if (h / "node_api.h").exists())
    out = package / "build" / "Release"
    out.mkdir(parents=True)
    run(["g++", "-O1", "-std=c++17", "-fPIC", "-shared", "-DKERBEROS_USE_RTLD=1", "-DBUILDING_NODE_EXTENSION",
         "-DNODE_GYP_MODULE_NAME=kerberos", "-I", headers, "-I", addon_api, "-I", ROOT / "include",
         "-I", package / "src", "-o", out / "kerberos.node", package / "src" / "kerberos.cc",
         *sorted((package / "src" / "unix").glob("*.cc")), "-ldl"], timeout=300).ok()


@functools.lru_cache
def modules():
    """The directory that NODE_PATH is to name."""
    target = ROOT / "build-san" / "peers" / f"node-kerberos-{VERSION}"
    if not target.exists():
        fresh = target.with_name(f"{target.name}.{os.getpid()}")
        compile_addon(unpack("kerberos", VERSION, fresh / "kerberos"),
                      unpack("node-addon-api", ADDON_API, fresh / "node-addon-api"))
        fresh.rename(target)
    return target


class NodeEnd(End):
    def __init__(self, env):
        super().__init__([which("node"), ROOT / "tests" / "support" / "ends_node.js"],
                         {**base_env(), **env, "NODE_PATH": str(modules())})
