# test_compat_build.py: programs are built with our headers and krb5-config, and find the library again by
# RPATH, without any environment. The same with what `meson install` puts into a DESTDIR.
import json
import os
import re
import subprocess

from pathlib import Path

import pytest

from support.compat import directory
from support.process import ROOT, run


def config(*options):
    return run(["sh", f"{directory()}/krb5-config-here", *options])


def flags(*options):
    return config(*options).ok().out.split()


@pytest.mark.parametrize("language", ["c", "c++"])
def test_a_program_is_built_and_runs_by_rpath(tmp_path, language, judged):
    program = tmp_path / "program"
    compiler = ["gcc", "-x", language] if language == "c" else ["g++", "-x", "c++"]
    run([*compiler, "-Wall", "-Werror", *flags("--cflags", "gssapi"), ROOT / "tests/peers/compat_link.c",
         "-x", "none", "-o", program, *flags("--libs", "gssapi")]).ok()
    (tmp_path / "krb5.conf").write_text("[libdefaults]\n default_realm = HERE.TEST\n")
    seen = run([program], {"KRB5_CONFIG": str(tmp_path / "krb5.conf")}).ok()
    assert re.search(r"^[1-9]\d* mechanisms\nrealm HERE.TEST\n", seen.out)
    loaded = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    assert f"libgssapi_obol.so.0 => {directory()}" in loaded
    judged(f"a {language} program", "built with krb5-config", "", "", "runs by RPATH")


def test_krb5_config_answers_what_build_systems_ask():
    assert flags("--vendor") == ["Obol"]
    assert re.search(r"^Kerberos 5 release 1\.\d+", " ".join(flags("--version")))
    assert {"-lgssapi_obol", "-l:libcom_err.so.2"} <= set(flags("--libs", "krb5"))
    refused = config("--no-such-thing").failed()
    assert "--help" in refused.err


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """What the release build installs: the prefix in its DESTDIR, and its directories by their options' names."""
    build, destination = Path(directory()).parents[2], tmp_path_factory.mktemp("destination")
    run(["ninja", "-C", build]).ok()  # nothing to do after ./dev build release
    options = {o["name"]: o["value"] for o in json.loads((build / "meson-info/intro-buildoptions.json").read_text())}
    run(["meson", "install", "-C", build, "--no-rebuild"], {"DESTDIR": str(destination)}).ok()
    prefix = Path(f"{destination}{options['prefix']}")
    yield prefix, {name: prefix / options[name] for name in ("bindir", "libdir", "includedir", "datadir")}


def dynamic(file):
    """What stands in a file for the dynamic linker: {tag: values}"""
    found = {}
    for tag, value in re.findall(r"\((\w+)\)[^\[\n]*\[([^]]*)\]", run(["readelf", "-d", file]).ok().out):
        found.setdefault(tag, []).append(value)
    return found


def test_what_is_installed_runs_from_there(installed):
    prefix, places = installed
    dangling = [link for link in prefix.rglob("*") if link.is_symlink() and not link.exists()]
    assert not dangling and not [link for link in prefix.rglob("*") if link.is_symlink()
                                 and not link.resolve().is_relative_to(prefix)]
    obol = places["bindir"] / "obol"
    assert re.match(r"obol \d+\.\d+", run([obol, "--version"]).ok().out)
    faces = places["libdir"] / "obol" / "bin"
    for face in ("kinit", "klist", "kvno", "kdestroy", "kswitch", "kdb5_util", "krb5kdc", "kadmind", "kadmin", "kadmin.local"):
        assert (faces / face).resolve() == obol
    assert "there is no credential cache" in run([faces / "klist", "-c", prefix / "none"]).failed().err
    pages = {page.name for page in (places["datadir"] / "man").rglob("*.[15]")}
    assert {"obol.1", "krb5.conf.5"} <= pages
    for completion in ("bash-completion/completions/obol.bash", "zsh/vendor-completions/_obol",
                       "fish/vendor_completions.d/obol.fish"):
        assert "obol" in (places["datadir"] / completion).read_text()


def test_the_installed_unit_is_sound_and_leaves_the_daemon_what_it_needs(installed):
    """systemd reads it without a complaint about it; with the rights that it leaves the KDC serves."""
    prefix, places = installed
    unit = prefix / "lib/systemd/system/obol.service"
    text = unit.read_text()
    program = re.search(r"^ExecStart=(\S+) serve --quiet$", text, re.M)[1]
    assert program.endswith("/bin/obol")
    unit.write_text(text.replace(program, str(places["bindir"] / "obol")))  # that it is for is not there in a DESTDIR
    said = run(["systemd-analyze", "verify", "--man=no", unit])
    assert not [line for line in said.text.split("\n") if "obol.service" in line], str(said)
    exposed = run(["systemd-analyze", "security", "--offline=yes", "--threshold=25", unit])
    assert exposed.status == 0, str(exposed)  # of a hundred; a unit without such lines has 96


def test_each_installed_library_has_its_soname_and_no_way_into_the_build(installed):
    places = installed[1]
    compat = places["libdir"] / "obol" / "compat"
    own, drop_in = places["libdir"] / "libgssapi_obol.so.0", compat / "libgssapi_krb5.so.2"
    for file in (own, drop_in, places["bindir"] / "obol"):
        tags = dynamic(file)
        assert not {"RPATH", "RUNPATH"} & set(tags), file
        assert tags.get("SONAME", []) == ([file.name] if ".so." in file.name else [])
        assert not [name for name in tags["NEEDED"] if re.match("libkrb5|libgssapi|libcom_err", name)]
    for name in ("libkrb5.so.3", "libk5crypto.so.3"):
        assert (compat / name).resolve() == drop_in


@pytest.mark.parametrize("way", ["pkg-config", "krb5-config"])
def test_a_program_is_built_with_what_is_installed(installed, tmp_path, way, judged):
    prefix, places = installed
    if way == "pkg-config":
        path = f"{places['libdir']}/pkgconfig:{places['libdir']}/obol/pkgconfig"
        answers = {run(["pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs", name],
                       {"PKG_CONFIG_PATH": path}).ok().out
                   for name in ("obol-gssapi", "krb5-gssapi", "mit-krb5-gssapi", "krb5", "mit-krb5")}
        assert len(answers) == 1
        said = answers.pop()
    else:  # it names the places for which it was built; in a DESTDIR these are below it
        script = places["libdir"] / "obol" / "bin" / "krb5-config"
        assert os.access(script, os.X_OK)
        said = run([script, "--cflags", "--libs", "gssapi"]).ok().out
        final = re.search(r"-I(\S*)/include/", said)[1]
        assert str(prefix).endswith(final)
        said = said.replace(final, str(prefix))
        assert (Path(run([script, "--prefix"]).ok().out.strip().replace(final, str(prefix))) / "include").is_dir()
    program = tmp_path / "program"
    run(["gcc", "-Wall", "-Werror", "-include", "profile.h", ROOT / "tests/peers/compat_link.c", "-o", program,
         *said.split()]).ok()
    (tmp_path / "krb5.conf").write_text("[libdefaults]\n default_realm = THERE.TEST\n")
    seen = run([program], {"KRB5_CONFIG": str(tmp_path / "krb5.conf")}).ok()
    assert re.search(r"^[1-9]\d* mechanisms\nrealm THERE.TEST\n", seen.out)
    assert f"libgssapi_obol.so.0 => {places['libdir']}" in run(["ldd", program]).ok().out
    judged("a c program", f"built with the installed {way}", "", "", "runs by RPATH")
