# test_faces.py: obol called as kdb5_util, krb5kdc, kadmin.local, kinit, klist, kvno and kdestroy,
# with the configuration, flags, output and exit status of MIT krb5's tools, as the k5test package
# and other test suites use them: an empty environment but for KRB5_CONFIG and its like.
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from support.obol import SANITIZERS, binary
from support.process import free_port, run, wait_for

REALM = "FACES.TEST"


class Faces:
    """A realm in MIT's way: kdc.conf of MIT's kind, and the tools by their names."""

    def __init__(self, directory):
        self.dir = directory
        self.port = free_port()
        self.bin = Path(binary()).resolve().parent / "lib" / "obol" / "bin"
        (directory / "krb5.conf").write_text(
            f"[libdefaults]\n\tdefault_realm = {REALM}\n\tdns_lookup_kdc = false\n"
            f"[realms]\n\t{REALM} = {{\n\t\tkdc = 127.0.0.1:{self.port}\n\t}}\n")
        (directory / "kdc.conf").write_text(
            f"[realms]\n\t{REALM} = {{\n\t\tdatabase_module = db\n\t\tiprop_port = 1\n"
            f"\t\tkey_stash_file = {directory}/stash\n\t\tacl_file = {directory}/acl\n"
            f"\t\tdict_file = {directory}/dictfile\n\t\tkdc_listen = 127.0.0.1:{self.port}\n"
            f"\t\tmax_renewable_life = 7d\n\t\tdisable_pac = true\n\t}}\n"
            f"[dbmodules]\n\tdb = {{\n\t\tdb_library = db2\n\t\tdatabase_name = {directory}/db\n\t}}\n"
            f"[logging]\n\tkdc = FILE:{directory}/kdc.log\n")
        self.env = {"KRB5_CONFIG": f"{directory}/krb5.conf", "KRB5_KDC_PROFILE": f"{directory}/kdc.conf",
                    "KRB5CCNAME": f"{directory}/ccache", "KRB5_KTNAME": f"{directory}/keytab",
                    "KRB5RCACHEDIR": str(directory), **SANITIZERS}
        self.kdc = None

    def run(self, name, *words, input=""):
        return run([self.bin / name, *words], self.env, input)

    def ok(self, name, *words, input=""):
        return self.run(name, *words, input=input).ok().out

    def refused(self, name, *words, input="", status=1):
        result = self.run(name, *words, input=input).failed()
        assert result.status == status, str(result)
        return result.err

    def admin(self, query, input=""):
        return self.ok("kadmin.local", "-q", query, input=input)

    def start(self, *words):
        """As k5test does: in the foreground, until it says that it starts."""
        self.kdc = subprocess.Popen([self.bin / "krb5kdc", "-n", *words], env=self.env, text=True,
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT)
        for line in self.kdc.stdout:
            if "starting..." in line:
                return
        raise AssertionError(f"krb5kdc ended with status {self.kdc.wait()}")

    def stop(self):
        if self.kdc:
            self.kdc.terminate()
            self.kdc.communicate(timeout=20)
            assert self.kdc.returncode == 0
            self.kdc = None


@pytest.fixture
def faces(tmp_path):
    f = Faces(tmp_path)
    f.ok("kdb5_util", "create", "-W", "-s", "-P", "master")
    yield f
    f.stop()


@pytest.fixture
def served(faces):
    faces.admin("addprinc -pw secret1 user")
    faces.admin("addprinc -randkey host/web.faces.test")
    faces.admin(f"ktadd -k {faces.dir}/keytab -norandkey host/web.faces.test")
    faces.start()
    return faces


def test_a_realm_is_made_where_the_profile_says(faces):
    assert (faces.dir / "db" / "store" / "data.mdb").exists()
    assert (faces.dir / "stash").exists() and not (faces.dir / "db" / "master.key").exists()
    assert "krbtgt/FACES.TEST@FACES.TEST" in faces.admin("listprincs").split()
    assert "exists" in faces.refused("kdb5_util", "create", "-s", "-P", "master")


def test_a_database_of_mit_is_not_overwritten(tmp_path):
    f = Faces(tmp_path)
    (tmp_path / "db").write_bytes(b"a database")
    assert "database of MIT krb5" in f.refused("kdb5_util", "create", "-s", "-P", "master")
    assert (tmp_path / "db").read_bytes() == b"a database"


def test_a_realm_is_destroyed_when_that_is_confirmed(faces):
    faces.refused("kdb5_util", "destroy", input="no\n")
    assert "listprincs" not in faces.admin("listprincs")
    faces.ok("kdb5_util", "destroy", input="yes\n")
    assert not (faces.dir / "db" / "store").exists() and not (faces.dir / "stash").exists()
    assert "obol realm create" in faces.refused("kadmin.local", "-q", "listprincs")


def test_behind_a_destroyed_realm_a_new_one_is_made(faces):
    faces.admin("addprinc -randkey old")
    faces.ok("kdb5_util", "destroy", "-f")
    faces.ok("kdb5_util", "create", "-s", "-P", "master")
    assert "old" not in faces.admin("listprincs")


def test_what_is_no_realm_is_not_destroyed(tmp_path):
    f = Faces(tmp_path)
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "kdc.conf").write_text("precious")
    f.refused("kdb5_util", "destroy", "-f")
    assert (tmp_path / "db" / "kdc.conf").read_text() == "precious"


def test_kinit_reads_the_password_from_a_pipe_and_klist_shows_the_ticket(served):
    out = served.ok("kinit", "-V", "user", input="secret1\n")
    assert f"Using principal: user@{REALM}" in out and "Authenticated to Kerberos v5" in out
    out = served.ok("klist", "-f", "-e")
    assert f"Ticket cache: FILE:{served.dir}/ccache\nDefault principal: user@{REALM}\n" in out
    assert re.search(r"^\S+ \S+  \S+ \S+  krbtgt/FACES.TEST@FACES.TEST$", out, re.M)
    assert re.search(r"Flags: \w*I\w*A", out)
    assert "Etype (skey, tkt): aes256-cts-hmac-sha384-192, aes256-cts-hmac-sha384-192" in out
    assert "Addresses: (none)" in served.ok("klist", "-a")
    served.ok("klist", "-s")


def test_a_wrong_password_is_told_with_status_1(served):
    assert "password" in served.refused("kinit", "user", input="wrong\n")
    served.refused("klist", "-s")


def test_kinit_takes_a_key_of_a_keytab(served):
    served.ok("kinit", "-k", "host/web.faces.test")
    assert f"Default principal: host/web.faces.test@{REALM}" in served.ok("klist")
    served.ok("kinit", "-k", "-t", served.dir / "keytab", "host/web.faces.test")


def test_kinit_asks_for_lifetimes_and_flags(served):
    served.ok("kinit", "-l", "1h", "-r", "1d", "-f", "-p", "user", input="secret1\n")
    out = served.ok("klist", "-f")
    assert "renew until" in out and re.search("Flags: FP", out)
    served.ok("kinit", "-R")
    assert "no length of time" in served.refused("kinit", "-l", "soon", "user", status=2)


def test_one_kdc_serves_several_realms(faces):
    other, conf, krb5 = "SECOND.TEST", faces.dir / "kdc.conf", faces.dir / "krb5.conf"
    conf.write_text(conf.read_text().replace("[dbmodules]", f"\t{other} = {{\n\t\tdatabase_module = two\n"
                    f"\t\tkey_stash_file = {faces.dir}/stash2\n\t}}\n[dbmodules]\n\ttwo = {{\n"
                    f"\t\tdb_library = db2\n\t\tdatabase_name = {faces.dir}/two\n\t}}"))
    krb5.write_text(krb5.read_text() + "".join(f"\t{name} = {{\n\t\tkdc = 127.0.0.1:{faces.port}\n\t}}\n"
                                               for name in (other, "THIRD.TEST")))
    faces.ok("kdb5_util", "-r", other, "create", "-s", "-P", "master")
    faces.admin("addprinc -pw secret1 user")
    faces.ok("kadmin.local", "-r", other, "-q", "addprinc -pw secret2 user")
    assert "database_name for the realm THIRD.TEST" in faces.refused("krb5kdc", "-n", "-r", REALM, "-r", "THIRD.TEST")
    faces.start("-r", REALM, "-r", other, "-r", REALM)
    for realm, password in ((REALM, "secret1"), (other, "secret2")):
        faces.ok("kinit", f"user@{realm}", input=password + "\n")
        assert f"krbtgt/{realm}@{realm}" in faces.ok("klist")
        faces.refused("kinit", f"user@{realm}", input="another\n")
    faces.refused("kinit", "user@THIRD.TEST", input="secret1\n")


def test_the_realm_is_dumped_as_tables(faces):
    faces.admin("addprinc -pw secret1 user")
    faces.admin("setstr user remark \"one, two\"")
    assert faces.ok("kdb5_util", "tabdump", "princ_stringattrs") == "name\tkey\tvalue\nuser@FACES.TEST\tremark\tone, two\n"
    assert faces.ok("kdb5_util", "tabdump", "-c", "-H", "princ_stringattrs") == 'user@FACES.TEST,remark,"one, two"\n'
    path = faces.dir / "keys"
    path.write_text("longer than what comes\n" * 1000)
    path.chmod(0o644)
    assert faces.ok("kdb5_util", "tabdump", "-o", path, "keydata") == ""
    assert path.stat().st_mode & 0o777 == 0o600 and "user@FACES.TEST\t0\t1\taes256-" in path.read_text()
    assert "longer" not in path.read_text()
    assert "no table 'secrets'" in faces.refused("kdb5_util", "tabdump", "secrets")
    faces.refused("kdb5_util", "tabdump")
    faces.refused("kdb5_util", "tabdump", "-o", faces.dir / "none" / "keys", "keydata")


def test_kinit_asks_for_addresses(served):
    conf = served.dir / "krb5.conf"
    conf.write_text(conf.read_text().replace("[libdefaults]", "[libdefaults]\n\textra_addresses = 192.0.2.1", 1))
    for option, shown in (("-a", "Addresses: 192.0.2.1"), ("-A", "Addresses: (none)"), ("-V", "Addresses: (none)")):
        served.ok("kinit", option, "user", input="secret1\n")
        assert shown in served.ok("klist", "-a")
    served.refused("kinit", "-a", "-A", "user", status=2)


def test_kvno_shows_the_key_versions_and_goes_on_behind_a_failure(served):
    served.ok("kinit", "user", input="secret1\n")
    assert served.ok("kvno", "host/web.faces.test") == f"host/web.faces.test@{REALM}: kvno = 1\n"
    result = served.run("kvno", "host/nowhere.test", "host/web.faces.test").failed()
    assert "kvno = 1" in result.out and "kvno: " in result.err and "not known" in result.err
    assert served.ok("kvno", "-q", "--cached-only", "host/web.faces.test") == ""
    assert "no ticket" in served.refused("kvno", "--cached-only", "krbtgt/OTHER.TEST")


def test_kdestroy_ends_the_cache(served):
    served.ok("kinit", "user", input="secret1\n")
    served.ok("kdestroy")
    assert not (served.dir / "ccache").exists()
    assert "no credential cache" in served.refused("klist")
    assert served.run("kdestroy", "-q").failed().text == ""


def test_klist_shows_keytabs(served):
    out = served.ok("klist", "-k", served.dir / "keytab").splitlines()
    assert out[0] == f"Keytab name: FILE:{served.dir}/keytab"
    assert out[1] == "KVNO Principal" and set(out[2].split()[1]) == {"-"}
    assert out[3] == f"   1 host/web.faces.test@{REALM}"
    assert "(aes256-cts-hmac-sha384-192)" in served.ok("klist", "-k", "-e", "-t")
    assert "not shown" in served.refused("klist", "-k", "-K")


def test_principals_are_added_shown_modified_renamed_and_deleted(faces):
    out = faces.run("kadmin.local", "-q", 'addprinc -pw "two words" -maxlife 2h +requires_preauth bob').ok()
    assert out.out == f'Principal "bob@{REALM}" created.\n'
    assert f"No policy specified for bob@{REALM}" in out.err
    shown = faces.admin("getprinc bob")
    assert f"Principal: bob@{REALM}\n" in shown and "Maximum ticket life: 0 days 02:00:00" in shown
    assert "Number of keys: 4" in shown and "Attributes: REQUIRES_PRE_AUTH" in shown
    faces.admin("modprinc -allow_tix +ok_as_delegate -maxlife 3h bob")
    shown = faces.admin("getprinc bob")
    assert "DISALLOW_ALL_TIX" in shown and "OK_AS_DELEGATE" in shown and "03:00:00" in shown
    faces.admin("modprinc +allow_tix bob")
    assert "DISALLOW_ALL_TIX" not in faces.admin("getprinc bob")
    faces.admin("renprinc -force bob carol")
    faces.admin("delprinc carol", input="yes\n")
    assert "carol" not in faces.admin("listprincs")


def test_nothing_is_deleted_that_was_not_confirmed(faces):
    faces.admin("addprinc -randkey bob")
    assert "not deleted" in faces.run("kadmin.local", "-q", "delprinc bob", input="no\n").ok().err
    assert f"bob@{REALM}" in faces.admin("listprincs b*").split()


def test_a_failed_query_gives_status_1_and_its_reason(faces):
    assert "no such principal" in faces.refused("kadmin.local", "-q", "getprinc nobody")
    assert "did you mean" in faces.refused("kadmin.local", "-q", "addprin bob")
    assert "usage: addprinc" in faces.refused("kadmin.local", "-q", "addprinc")
    assert "no flag" in faces.refused("kadmin.local", "-q", "addprinc -randkey +nonsense_flag bob")
    assert "quote" in faces.refused("kadmin.local", "-q", 'addprinc "bob')


def test_words_of_the_command_line_and_lines_of_standard_input_are_requests(faces):
    faces.ok("kadmin.local", "addprinc", "-randkey", "one")
    out = faces.ok("kadmin.local", input="addprinc -randkey two\ngetprinc nobody\nlistprincs *o*\nquit\n")
    assert f"one@{REALM}" in out and f"two@{REALM}" in out


def test_ktadd_makes_new_keys_unless_it_is_told_not_to(faces):
    faces.admin("addprinc -randkey host/a")
    keytab = faces.dir / "k"
    out = faces.admin(f"ktadd -k {keytab} host/a")
    assert f"Entry for principal host/a@{REALM} with kvno 2, encryption type " \
           f"aes256-cts-hmac-sha384-192 added to keytab WRFILE:{keytab}." in out
    out = faces.admin(f"ktadd -norandkey -k {keytab} host/a")
    assert "kvno 2" in out and "kvno 3" not in out
    assert "Key: vno 1, " in faces.admin("getprinc host/a"), "tickets in use stay good"
    faces.admin(f"ktremove -k {keytab} host/a 1")
    assert "   1 " not in faces.ok("klist", "-k", keytab)
    before = faces.admin("getprinc host/a")
    faces.refused("kadmin.local", "-q", "ktadd -k /nonexistent/k host/a")
    assert faces.admin("getprinc host/a") == before, "no key is changed that cannot be written"


def test_enctypes_are_those_that_were_named_with_a_salt_type_or_without(faces):
    faces.admin("addprinc -randkey host/a")
    keytab = faces.dir / "k"
    out = faces.admin(f"ktadd -k {keytab} -e aes128-cts:normal,aes256-cts host/a")
    assert sorted(re.findall(r"encryption type (\S+) added", out.split("kvno 1")[0])) == \
        ["aes128-cts-hmac-sha1-96", "aes256-cts-hmac-sha1-96"]
    before = faces.admin("getprinc host/a")
    assert "aes257" in faces.refused("kadmin.local", "-q", f"ktadd -k {keytab} -e aes257-cts host/a")
    assert faces.admin("getprinc host/a") == before
    faces.ok("kadmin.local", "-e", "aes128-cts:normal", "-q", "addprinc -randkey host/b")
    assert "Number of keys: 1\nKey: vno 1, aes128-cts-hmac-sha1-96" in faces.admin("getprinc host/b")
    assert "-e" in faces.refused("kadmin.local", "-e", "nonsense", "-q", "listprincs")


def test_passwords_are_changed(served):
    served.admin("cpw -pw secret2 user")
    served.refused("kinit", "user", input="secret1\n")
    served.ok("kinit", "user", input="secret2\n")
    assert 'Key for "user@FACES.TEST" randomized.' in served.admin("cpw -randkey user")
    served.refused("kinit", "user", input="secret2\n")


def test_string_attributes_are_set_shown_and_deleted(faces):
    faces.admin("addprinc -randkey bob")
    faces.admin("setstr bob require_auth 'otp pkinit'")
    assert "require_auth: otp pkinit\n" in faces.admin("getstrs bob")
    faces.admin("delstr bob require_auth")
    assert "(No string attributes.)" in faces.admin("getstrs bob")


def test_the_kdc_logs_where_the_profile_says_and_goes_to_the_background(faces):
    faces.admin("addprinc -pw secret1 user")
    pid = faces.dir / "pid"
    faces.ok("krb5kdc", "-P", pid, "-w", "1")
    try:
        faces.ok("kinit", "user", input="secret1\n")
    finally:
        number = int(pid.read_text())
        os.kill(number, signal.SIGTERM)
        subprocess.run(["tail", f"--pid={number}", "-f", "/dev/null"], timeout=20, check=True)
    assert "user@FACES.TEST" in (faces.dir / "kdc.log").read_text()
    assert not pid.exists()


def read(process, name):
    """A file of a process in /proc; of one that has ended: nothing."""
    try:
        return (process / name).read_bytes()
    except OSError:
        return b""


def writer_of_words(pid):
    """The process that puts what a daemon in the background says into its log."""
    def look():
        return [p for p in Path("/proc").glob("[0-9]*")
                if read(p, "comm") == b"obol-words\n" and str(pid).encode() in read(p, "cmdline")]
    [process] = wait_for(look, "the writer of the daemon's words")
    return process


def test_what_a_kdc_in_the_background_says_itself_is_in_its_log(faces):
    pid, log = faces.dir / "pid", faces.dir / "kdc.log"
    conf = faces.dir / "kdc.conf"

    def logged(text):
        wait_for(lambda: log.exists() and text in log.read_text(), f"{log} to say {text}")

    faces.ok("krb5kdc", "-P", pid, "-w", "1")
    number = int(pid.read_text())
    # A signal to all of the name, or of the unit, is for the daemon, not for who writes down its words.
    words = writer_of_words(pid)
    try:
        for other in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            os.kill(int(words.name), other)
        good = conf.read_text()
        conf.write_text(good + "[kdcdefaults\n")
        os.kill(number, signal.SIGHUP)
        logged("obol: reload refused, the old configuration stays: the configuration has a mistake")
        log.rename(faces.dir / "rotated")
        conf.write_text(good)
        os.kill(number, signal.SIGHUP)
        logged("obol: configuration reloaded")
    finally:
        os.kill(number, signal.SIGTERM)
        subprocess.run(["tail", f"--pid={number}", "-f", "/dev/null"], timeout=20, check=True)
    assert "reload refused" not in log.read_text()
    wait_for(lambda: not read(words, "cmdline"), "it to end with the daemon")


def test_a_kdc_in_the_background_does_not_wait_for_who_takes_its_words(faces):
    pid, conf = faces.dir / "pid", faces.dir / "kdc.conf"
    faces.ok("krb5kdc", "-P", pid, "-w", "1")
    number, words = int(pid.read_text()), writer_of_words(pid)
    os.kill(int(words.name), signal.SIGSTOP)
    try:
        said = os.open(f"/proc/{number}/fd/2", os.O_WRONLY | os.O_NONBLOCK)
        try:
            while os.write(said, b"word\n"):
                pass
        except BlockingIOError:
            os.close(said)
        conf.write_text(conf.read_text() + "[kdcdefaults\n")
        os.kill(number, signal.SIGHUP)  # which has it say something
    finally:
        os.kill(number, signal.SIGTERM)
        try:
            subprocess.run(["tail", f"--pid={number}", "-f", "/dev/null"], timeout=20, check=True)
        finally:
            os.kill(int(words.name), signal.SIGCONT)
    wait_for(lambda: not read(words, "cmdline"), "it to end with the daemon")


def test_a_kdc_that_cannot_start_says_why(faces):
    (faces.dir / "stash").unlink()
    result = faces.run("krb5kdc", "-n").failed()
    assert "krb5kdc: " in result.err and "stash" in result.err and "starting" not in result.out
    assert faces.run("krb5kdc").failed().status == 1


@pytest.mark.parametrize("name, status", [("kinit", 2), ("klist", 1), ("kvno", 1), ("kdestroy", 2),
                                          ("kdb5_util", 1), ("krb5kdc", 1), ("kadmin.local", 1)])
def test_a_mistaken_option_shows_the_usage(faces, name, status):
    err = faces.refused(name, "-Z", status=status)
    assert f"Usage: {name} " in err and "-Z" in err
    assert f"Usage: {name} " in faces.ok(name, "--help")
