# test_administrator.py: the administrator's page is true: its blocks of commands run as they stand, one
# after the other, on a realm of their own; and whatever command a page shows is there, with its options.
import json
import re

import pytest

from support.obol import binary, obol_env
from support.process import ROOT, Daemon, free_port, run

PAGES = ["README.md", "SECURITY.md", *(str(p.relative_to(ROOT)) for p in sorted((ROOT / "docs").glob("*.md")))]


def blocks():
    return re.findall(r"^```sh\n(.*?)^```$", (ROOT / "docs" / "administrator.md").read_text(), re.M | re.S)


@pytest.fixture
def machine(tmp_path):
    """Runs a block in a machine of its own: /etc, /srv and the realm's home are below a directory."""
    for name in ("etc", "srv/backup"):
        (tmp_path / name).mkdir(parents=True)
    port = free_port()
    env = {**obol_env(), "OBOL_HOME": str(tmp_path / "home"), "KRB5_CONFIG": str(tmp_path / "etc/krb5.conf"),
           "KRB5CCNAME": f"FILE:{tmp_path}/cc"}
    env["PATH"] = f"{binary().rsplit('/', 1)[0]}:{env['PATH']}"
    (tmp_path / "etc/krb5.conf").write_text(
        "[libdefaults]\n default_realm = EXAMPLE.COM\n dns_lookup_kdc = false\n"
        f"[realms]\n EXAMPLE.COM = {{\n  kdc = 127.0.0.1:{port}\n }}\n")

    def shell(block, answers=""):
        block = re.sub(r"/(etc|srv)/", rf"{tmp_path}/\1/", block)
        block = block.replace("realm create EXAMPLE.COM", f"realm create EXAMPLE.COM --listen 127.0.0.1:{port}")
        block = block.replace("principal add alice", "principal add alice --password-stdin")
        return run(["sh", "-ec", block.replace("obol doctor", "obol doctor --no-dns")], env, answers).ok().out
    shell.serve = lambda: Daemon([binary(), "serve"], tmp_path / "kdc.log", env, port)
    return shell


def test_the_administrators_page_runs_as_it_stands(machine):
    first, *rest = blocks()
    assert "alice@EXAMPLE.COM" in machine(first, "a long enough password\n")
    kdc = machine.serve()
    try:
        shown = []
        for block in rest:
            if "obol doctor" in block:
                machine("obol login alice --password-stdin", "a long enough password\n")
            shown.append(machine(block))
    finally:
        kdc.stop()
    names, rotated, purged, _, _, realm, copied, seen, doctor = shown
    assert "MSSQLSvc/db.example.com:1433" in names and "HTTP/www.example.com" in names
    assert re.search(r"^2 +HTTP/web.example.com@EXAMPLE.COM", rotated, re.M)
    assert "HTTP/web.example.com" in purged and "Master key 2 of EXAMPLE.COM" in realm
    assert "EXAMPLE.COM copied to" in copied and copied.count("alice@EXAMPLE.COM") == 1
    assert "TGS keys" in seen and "Failures since" in seen and "requests" in seen
    assert doctor.count("good  name ") == 2 and "bad" not in doctor


def test_every_command_that_a_page_shows_is_there_with_its_options():
    table = {c["name"]: c for c in json.loads(run([binary(), "help", "--json"], obol_env()).ok().out)}
    groups = {name.split()[0] for name in table if " " in name}
    seen = 0
    for page in PAGES:
        for line in re.findall(r"(?:^|[`(;&|] ?|sudo (?:-u \S+ )?)obol ((?:[a-z]|--)[^`#;&|\n]*)", (ROOT / page).read_text(), re.M):
            words = line.split()
            name = next((" ".join(words[:n]) for n in (3, 2, 1) if " ".join(words[:n]) in table), None)
            if name is None:  # a group ("obol pki", "obol principal ...|list"), or prose
                assert words[0].split("|")[0] in groups | {"help"} or not line.startswith("--") and len(words) > 6 or \
                    words[0] in ("--version", "--help"), f"{page}: obol {line}"
                continue
            seen += 1
            known = {f"--{o['name']}" for o in table[name]["options"]}
            for option in re.findall(r"(?<!\S)(--[a-z][a-z-]*)", line):
                assert option in known, f"{page}: obol {line}"
    assert seen > 40
