# test_import.py: realms move: from MIT krb5 and Heimdal to ours and from ours to MIT's, with a thousand
# principals; users log in with their old passwords, services keep their keytabs.
import json
import time
from pathlib import Path

import pytest

from support.heimdal import program
from support.obol import binary, obol_env
from support.process import Daemon, base_env, free_port, run, which
from support.realm import PASSWORD

REALM = "MOVE.TEST"


class Home:
    """A realm of ours in a directory of its own, and clients of it."""

    def __init__(self, directory, name=REALM):
        self.dir, self.name, self.home = directory, name, directory / "home"
        self.port, self.daemon = free_port(), None
        directory.mkdir(exist_ok=True)
        self.obol("realm", "create", name, "--listen", f"127.0.0.1:{self.port}")

    def run(self, *words, input=""):
        return run([binary(), *words, "--home", self.home], obol_env(), input)

    def obol(self, *words, input=""):
        return self.run(*words, input=input).ok().out

    def json(self, *words, input=""):
        return json.loads(self.obol(*words, "--json", input=input))

    def serve(self):
        self.daemon = Daemon([binary(), "serve", "--home", self.home, "--workers", "1"],
                             self.dir / "serve.log", obol_env(), self.port)
        return clients(self.dir, self.name, self.port)


def clients(directory, realm, port):
    """The environment of MIT's clients for a KDC."""
    (directory / "client.conf").write_text(
        f"[libdefaults]\n default_realm = {realm}\n dns_lookup_kdc = false\n rdns = false\n allow_weak_crypto = true\n"
        f" dns_canonicalize_hostname = false\n[realms]\n {realm} = {{\n  kdc = 127.0.0.1:{port}\n }}\n")
    return {**base_env(), "KRB5_CONFIG": f"{directory}/client.conf", "KRB5CCNAME": f"FILE:{directory}/cc"}


def logs_in(env, name, password):
    return run(["kinit", name], env, password + "\n").status == 0


@pytest.fixture
def move(tmp_path):
    made = []

    def home(place, name=REALM):
        made.append(Home(tmp_path / place, name))
        return made[-1]
    yield home
    for h in made:
        if h.daemon:
            h.daemon.stop()


def thousand(home):
    """Users and services of every kind, most of them with keys that come along."""
    lines = []
    for i in range(400):
        key = f"{i:064x}"
        lines.append(f"user{i}\tkey=aes256-cts:{key}\tsalt={REALM}user{i}\tpolicy=staff\tkvno={1 + i % 7}")
    for i in range(100):
        lines.append(f"odd user{i}\tkey=aes128-cts:{i:032x},aes256-cts:{i:064x}\tsalt=salt {i}\tattr=mail:u{i}@x\t"
                     "flags=no-forwardable,needs-change\texpires=1900000000")
    for i in range(480):
        lines.append(f"HTTP/host{i}.move.test\trandom\tmax-life=3600\tflags=ok-as-delegate")
    for i in range(10):
        lines.append(f"host/many{i}\trandom\talias=host/many{i}.move.test")
    home.obol("policy", "add", "staff", "--history", "3", "--max-failures", "5", "--max-life", "90d", "--similar", "no")
    (home.dir / "lines").write_text("\n".join(lines) + "\n")
    home.obol("principal", "load", str(home.dir / "lines"))
    home.obol("principal", "add", "alice", "--policy", "staff", "--attribute", "require=nothing",
              "--password-stdin", input="first password\n")
    home.obol("principal", "password", "alice", "--password-stdin", input="second password\n")
    home.obol("principal", "set", "alice", "--clear", "no-server")
    home.obol("keytab", "create", str(home.dir / "web.keytab"), "HTTP/host7.move.test")
    return len(lines) + 1


def mit_database(directory, dump, stash):
    """What kdb5_util load makes of a dump: its environment and a KDC on it."""
    port = free_port()
    (directory / "kdc.conf").write_text(
        f"[kdcdefaults]\n kdc_listen = 127.0.0.1:{port}\n kdc_tcp_listen = 127.0.0.1:{port}\n"
        f"[realms]\n {REALM} = {{\n  database_name = {directory}/principal\n  key_stash_file = {stash}\n"
        f"  supported_enctypes = aes256-cts-hmac-sha384-192:normal aes256-cts-hmac-sha1-96:normal\n }}\n")
    env = {**clients(directory, REALM, port), "KRB5_KDC_PROFILE": f"{directory}/kdc.conf"}
    run([which("kdb5_util"), "-r", REALM, "load", dump], env).ok()
    return env, port


def test_tables_are_those_of_mits_kdb5_util(move, tmp_path, judged):
    ours = move("ours")
    (tmp_path / "lines").write_text(
        f"plain\tkey=aes256-cts:{1:064x}\tsalt={REALM}plain\tkvno=3\n"
        f"odd, one\tkey=aes128-cts:{2:032x},aes256-cts:{2:064x}\tsalt=a salt\tattr=mail:\"u\"@x\t"
        "flags=no-forwardable,needs-change\texpires=1900000000\n"
        "HTTP/web\trandom\tmax-life=3600\tmax-renew=7200\tflags=ok-as-delegate,disabled\n")
    ours.obol("principal", "load", str(tmp_path / "lines"))
    ours.obol("realm", "export", str(tmp_path / "dump"), "--stash", str(tmp_path / "stash"))
    env, _ = mit_database(tmp_path, tmp_path / "dump", tmp_path / "stash")
    face = Path(binary()).resolve().parent / "lib" / "obol" / "bin" / "kdb5_util"

    def rows(program, environment, words, drop):
        out = run([program, *(["-r", REALM] if program != face else []), "tabdump", *words], environment).ok().out
        wanted = ("name", *(f'{quote}{name}@{REALM}{quote}' for name in ("plain", "odd, one", "HTTP/web") for quote in ("", '"')))
        lines = [line for line in out.splitlines() if line.startswith(wanted)]
        return sorted("\t".join(f for i, f in enumerate(line.split("\t")) if i not in drop) for line in lines)
    for table, drop in (("keyinfo", ()), ("princ_flags", ()), ("princ_lockout", ()), ("princ_stringattrs", ()),
                        ("princ_tktpolicy", ()), ("princ_meta", (5, 6)), ("keydata", (4,))):
        for options in ([], ["-n"], ["-c"], ["-H", "-e"]):
            if "-c" in options and drop:
                continue  # which other master key sealed it, and what is sealed under it, are not compared
            mine = rows(face, {**obol_env(), "OBOL_HOME": str(ours.home)}, [*options, table], drop)
            theirs = rows(which("kdb5_util"), env, [*options, table], drop)
            assert mine == theirs and len(mine) > ("-H" not in options), (table, options, mine, theirs)
    judged("kdb5_util tabdump 1.20.1 (MIT)", "the same realm", "", "7 tables; -n, -c, -H, -e", "the same lines")


def test_a_thousand_principals_go_to_mit_and_come_back(move, tmp_path):
    ours = move("ours")
    count = thousand(ours)
    began = time.monotonic()
    told = ours.json("realm", "export", str(tmp_path / "dump"), "--stash", str(tmp_path / "stash"))
    assert told["principals"] == count + 10 + 3 and told["aliases"] == 10  # krbtgt, kadmin/admin, kadmin/changepw
    env, port = mit_database(tmp_path, tmp_path / "dump", tmp_path / "stash")
    daemon = Daemon([which("krb5kdc"), "-n", "-r", REALM], tmp_path / "kdc.log", env, port)
    try:
        assert logs_in(env, "alice", "second password") and not logs_in(env, "alice", "first password")
        run(["kinit", "alice"], env, "second password\n").ok()
        run(["kvno", "-k", ours.dir / "web.keytab", "HTTP/host7.move.test"], env).ok()
        run(["kvno", "host/many3.move.test"], env).ok()
    finally:
        daemon.stop()

    def admin(query):
        done = run([which("kadmin.local"), "-r", REALM, "-q", query], env)
        return done.out + done.err
    assert "Cannot reuse password" in admin('cpw -pw "first password" alice')
    assert "Policy: staff" in admin("getprinc alice")
    assert "Maximum password life: 90 days" in admin("getpol staff")
    assert "require: nothing" in admin("getstrs alice")
    assert "DISALLOW_FORWARDABLE REQUIRES_PRE_AUTH REQUIRES_PWCHANGE" in admin('getprinc "odd user7"')
    run([which("kdb5_util"), "-r", REALM, "dump", tmp_path / "back"], env).ok()

    again = move("again")
    told = again.json("realm", "import", str(tmp_path / "back"), "--stash", str(tmp_path / "stash"))
    assert told["principals"] == count + 10 + 3 and told["policies"] == 1 and told["unusable_keys"] == 0
    print(f"both ways: {time.monotonic() - began:.1f} s")
    again.obol("keytab", "create", str(again.dir / "web.keytab"), "HTTP/host7.move.test")

    def keys(home):
        return run(["klist", "-keK", "-t", home.dir / "web.keytab"], env).ok().out.split("\n", 3)[3]
    assert [w for w in keys(ours).split() if w.startswith("(0x")] == [w for w in keys(again).split() if w.startswith("(0x")]
    for name in ("user5", "odd user7", "alice", "HTTP/host7.move.test"):
        before, after = (h.json("principal", "show", name) for h in (ours, again))
        for member in ("kvno", "policy", "expires", "password_expires", "password_changed", "max_life", "failures"):
            assert before[member] == after[member], (name, member)
        assert [(k["kvno"], k["enctype"]) for k in before["keys"]] == [(k["kvno"], k["enctype"]) for k in after["keys"]]
        assert set(before["flags"]) - {"no-client"} == set(after["flags"])
    said = again.run("principal", "password", "alice", "--password-stdin", input="first password\n").failed().err
    assert "one of the last 3" in said
    env = again.serve()
    assert logs_in(env, "alice", "second password") and not logs_in(env, "alice", "first password")
    run(["kvno", "-k", ours.dir / "web.keytab", "HTTP/host7.move.test"], env).status


def moved_in(realm, home, dump, *stash):
    """The realm of another make, imported: its users and services as they were."""
    told = home.json("realm", "import", str(dump), *stash)
    assert told["principals"] > 8 and told["keys"] > 8
    keytab = realm.dir / "http.keytab"
    env = home.serve()
    run(["kinit", "alice"], env, PASSWORD + "\n").ok()
    run(["kvno", "-k", keytab, f"HTTP/localhost@{realm.name}"], env).ok()
    assert not logs_in(env, "alice", "wrong")
    assert "revoked" in run(["kinit", "locked"], env, PASSWORD + "\n").failed().text
    assert "expired" in run(["kinit", "expired"], env, PASSWORD + "\n").failed().text
    assert "expired" in run(["kinit", "late"], env, PASSWORD + "\n").failed().text
    return told


@pytest.mark.parametrize("version", ["-b7", "-r13", "-r18", ""])
def test_a_realm_of_mits_moves_in(mit_realm, move, tmp_path, version):
    run([which("kdb5_util"), "-r", mit_realm.name, "dump", *([version] if version else []), tmp_path / "dump"],
        mit_realm.env()).ok()
    home = move("ours", mit_realm.name)
    moved_in(mit_realm, home, tmp_path / "dump", "--stash", str(mit_realm.dir / "stash"))


@pytest.mark.parametrize("sealed", [True, False])
def test_a_realm_of_heimdals_moves_in(heimdal_realm, move, tmp_path, sealed):
    words = [] if sealed else ["--decrypt"]
    (tmp_path / "dump").write_text(heimdal_realm.admin("dump", *words).out)
    home = move("ours", heimdal_realm.name)
    key = heimdal_realm.dir / "m-key"
    moved_in(heimdal_realm, home, tmp_path / "dump", *(("--stash", str(key)) if key.exists() else ()))


def test_a_thousand_principals_of_heimdals_move_in(heimdal_realm, move, tmp_path):
    # Heimdal's own kadmin loads, seals and dumps them: users with keys from elsewhere, and services.
    times = "20200102030405:root@X - - 20300101000000 - 3600 7200"
    theirs = heimdal_realm.admin("dump").out.strip().split("\n")
    lines = [f"many{i}@{heimdal_realm.name} {1 + i % 5}::18:{i:064x}:3/\"salt{i}\" {times} {126 + 128 * (i % 2)} "
             "20200102030405:1:0 -" for i in range(500)]
    lines += [f"host/h{i}.move.test@{heimdal_realm.name} 1::17:{i:032x}:-::18:{i:064x}:- {times} 126 "
              "20200102030405:1:0 -" for i in range(500)]
    (tmp_path / "load").write_text("\n".join(theirs + lines) + "\n")
    conf = (heimdal_realm.dir / "kdc.conf").read_text()
    other = tmp_path / "heimdal.conf"
    other.write_text(conf.replace(f"dbname = {heimdal_realm.dir}/heimdal", f"dbname = {tmp_path}/heimdal")
                     .replace(f"log_file = {heimdal_realm.dir}/log", f"log_file = {tmp_path}/log"))
    kadmin = [program("kadmin.heimdal"), "-l", "-r", heimdal_realm.name, "-c", other]
    env = {**base_env(), "KRB5_CONFIG": str(other)}
    run([*kadmin, "load", tmp_path / "load"], env).ok()
    (tmp_path / "dump").write_text(run([*kadmin, "dump"], env).ok().out)
    home = move("ours", heimdal_realm.name)
    key = heimdal_realm.dir / "m-key"
    told = moved_in(heimdal_realm, home, tmp_path / "dump", *(("--stash", str(key)) if key.exists() else ()))
    assert told["principals"] > 1000
    shown = home.json("principal", "show", "many7")
    assert shown["kvno"] == 3 and shown["flags"] == ["disabled"] and shown["max_life"] == 3600
    home.obol("keytab", "create", str(tmp_path / "keytab"), "host/h9.move.test")
    listed = run(["klist", "-keK", "-t", tmp_path / "keytab"]).ok().out
    assert f"0x{9:032x}" in listed and f"0x{9:064x}" in listed


def test_a_bad_line_is_named_and_changes_nothing(move, tmp_path):
    home = move("ours")
    thousand(home)
    home.obol("realm", "export", str(tmp_path / "dump"))
    other = move("other")
    before = other.json("principal", "list")
    lines = (tmp_path / "dump").read_text().split("\n")
    fields = lines[500].split("\t")
    fields[7] = "many"
    (tmp_path / "bad").write_text("\n".join([*lines[:500], "\t".join(fields), *lines[501:]]))
    stash = ("--stash", str(tmp_path / "dump.stash"))
    said = other.run("realm", "import", str(tmp_path / "bad"), *stash).failed().err
    column = len("\t".join(fields[:7])) + 2
    assert f"line 501; column {column}" in said and "the attributes is no number" in said
    assert "which was not given" in other.run("realm", "import", str(tmp_path / "dump")).failed().err
    said = other.run("realm", "import", str(tmp_path / "dump"), "--stash", str(other.dir / "nothing")).failed().err
    assert "No such file" in said
    assert other.json("principal", "list") == before
    other.json("realm", "import", str(tmp_path / "dump"), *stash)
    said = other.run("realm", "import", str(tmp_path / "dump"), *stash).failed().err
    assert "the name is taken already" in said and "Import into a new realm" in said
