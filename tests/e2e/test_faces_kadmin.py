# test_faces_kadmin.py: kadmin.local on policies, old keys and terse output, as MIT krb5's scripts use it;
# and passwords on its command line, which nobody else may read.
import subprocess
import time

from test_faces import REALM, faces, served  # noqa: F401


def test_policies_are_added_shown_changed_and_deleted(faces):  # noqa: F811
    faces.admin("addpol -maxlife '90 days' -minlength 8 -minclasses 2 -history 3 -maxfailure 5 "
                "-failurecountinterval 1h -lockoutduration 15m staff")
    assert faces.admin("getpol staff").splitlines() == [
        "Policy: staff", "Maximum password life: 90 days 00:00:00", "Minimum password life: 0 days 00:00:00",
        "Minimum password length: 8", "Minimum number of password character classes: 2",
        "Number of old keys kept: 3", "Maximum password failures before lockout: 5",
        "Password failure count reset interval: 0 days 01:00:00", "Password lockout duration: 0 days 00:15:00"]
    faces.admin("modpol -minlength 4 -allowedkeysalts aes256-cts:normal staff")
    assert "Minimum password length: 4" in faces.admin("getpol staff")
    assert "Allowed key/salt types: aes256-cts:normal" in faces.admin("getpol staff")
    faces.admin("modpol -allowedkeysalts - staff")
    assert "Allowed" not in faces.admin("getpol staff")
    assert faces.admin("getpol -terse staff") == '"staff"\t7776000\t0\t4\t2\t3\t0\t5\t3600\t900\t-\n'
    faces.admin("addpol other")
    assert faces.admin("listpols") == "other\nstaff\n" and faces.admin("listpols s*") == "staff\n"
    assert "not deleted" in faces.run("kadmin.local", "-q", "delpol other", input="no\n").ok().err
    faces.admin("delpol -force other")
    assert "no such policy" in faces.refused("kadmin.local", "-q", "getpol other")
    assert "up to 5" in faces.refused("kadmin.local", "-q", "modpol -minclasses 9 staff")
    assert "no option" in faces.refused("kadmin.local", "-q", "modpol -colour 9 staff")


def test_a_policy_holds_for_whom_it_is_given(faces):  # noqa: F811
    faces.admin("addpol -minlength 8 staff")
    assert "8 at least" in faces.refused("kadmin.local", "-q", "addprinc -pw short -policy staff bob")
    faces.admin("addprinc -pw longenough -policy staff bob")
    assert "Policy: staff" in faces.admin("getprinc bob")
    assert "8 at least" in faces.refused("kadmin.local", "-q", "cpw -pw short bob")
    faces.admin("modprinc -clearpolicy bob")
    faces.admin("cpw -pw short bob")
    faces.admin("addpol -minlength 6 default")
    out = faces.run("kadmin.local", "-q", "addprinc -pw longenough carol").ok()
    assert 'assigning "default"' in out.err and "Policy: default" in faces.admin("getprinc carol")
    out = faces.run("kadmin.local", "-q", "addprinc -pw x -policy nothing dave").ok()
    assert 'policy "nothing" does not exist' in out.err
    out = faces.run("kadmin.local", "-q", "addprinc -pw x -clearpolicy eve").ok()
    assert "policy" not in out.err and "Policy: [none]" in faces.admin("getprinc eve")


def test_old_keys_stay_until_they_are_purged(faces):  # noqa: F811
    faces.admin("addprinc -randkey host/a")
    for _ in range(3):
        faces.admin("cpw -randkey -keepold host/a")
    def kvnos():
        return sorted({line.split()[2] for line in faces.admin("getprinc host/a").splitlines() if line.startswith("Key: vno")})
    assert kvnos() == ["1,", "2,", "3,", "4,"]
    assert f'Old keys for principal "host/a@{REALM}" purged.' in faces.admin("purgekeys -keepkvno 3 host/a")
    assert kvnos() == ["3,", "4,"]
    faces.admin("purgekeys host/a")
    assert kvnos() == ["4,"]
    faces.admin("purgekeys -all host/a")
    assert kvnos() == []
    assert "no realm works without it" in faces.refused("kadmin.local", "-q", f"purgekeys -all krbtgt/{REALM}")
    assert "no kvno" in faces.refused("kadmin.local", "-q", "purgekeys -keepkvno x host/a")


def test_krbtgt_gets_new_keys_and_tickets_that_are_out_stay_good(served):  # noqa: F811
    served.ok("kinit", "user", input="secret1\n")
    served.admin(f"cpw -randkey -keepold krbtgt/{REALM}")
    assert "kvno = 1" in served.ok("kvno", "host/web.faces.test")
    served.ok("kdestroy")
    served.ok("kinit", "user", input="secret1\n")
    served.admin(f"purgekeys krbtgt/{REALM}")
    assert "kvno = 1" in served.ok("kvno", "host/web.faces.test")
    served.admin(f"cpw -randkey krbtgt/{REALM}")
    served.ok("kdestroy", "-q")
    served.ok("kinit", "user", input="secret1\n")
    served.ok("kvno", "host/web.faces.test")


def test_terse_output_is_one_line_of_tabs(faces):  # noqa: F811
    faces.admin("addprinc -randkey -expire 2030-01-01 +requires_preauth -allow_svr bob")
    fields = faces.admin("getprinc -terse bob").rstrip("\n").split("\t")
    assert fields[0] == f'"bob@{REALM}"' and fields[8] == "1" and fields[10] == '"[none]"'
    assert int(fields[7]) == 0x1080 and fields[15] == "4" and len(fields) == 16 + 4 * 4


def test_names_that_others_gave_move_no_terminal(faces, tmp_path):  # noqa: F811
    faces.admin("addprinc -randkey evil\x1b]0;x\x07")
    for query in ("getprinc evil\x1b]0;x\x07", "getprinc -terse evil\x1b]0;x\x07", "listprincs evil*",
                  f"ktadd -norandkey -k {tmp_path}/kt -glob evil*"):
        out = faces.admin(query)
        assert "evil\\x1b]0;x\\x07" in out and "\x1b" not in out and "\x07" not in out, (query, out)


def test_a_password_on_the_command_line_is_blotted_out(faces):  # noqa: F811
    for words in (["-q", "addprinc -pw visible1 eve"], ["addprinc", "-pw", "visible2", "mallory"]):
        # Making keys of the password takes long enough to look.
        p = subprocess.Popen([faces.bin / "kadmin.local", *words], env=faces.env, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        seen, until = set(), time.monotonic() + 20
        while p.poll() is None and time.monotonic() < until:
            try:
                with open(f"/proc/{p.pid}/cmdline", "rb") as f:
                    seen.add(f.read())
            except OSError:
                break
        out = p.communicate()[0]
        assert p.returncode == 0 and ("created" in out) == (words[0] == "-q")
        last = [line for line in seen if b"kadmin.local" in line and b"visible" not in line]
        assert last, seen
