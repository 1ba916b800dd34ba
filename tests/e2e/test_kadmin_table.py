# test_kadmin_table.py: docs/kadmin.md against MIT krb5's kadmin.local, which says by itself what it has: no request and no
# option of MIT's is without a row, and what a row says is here is taken by ours.
import re
import subprocess

import pytest

from support.process import ROOT, base_env, run
from test_faces import faces, served  # noqa: F401

PAGE = (ROOT / "docs" / "kadmin.md").read_text()


def rows(title):
    """The rows of a table of the page: lists of the names in each cell, and what the last cell says."""
    part = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [[re.findall(r"`([^`]+)`", cell) for cell in line[:-1]] + [line[-1]] for line in cells]


class Mit:
    """A realm of MIT's own kadmin.local."""

    def __init__(self, directory):
        self.dir = directory
        (directory / "krb5.conf").write_text(
            "[libdefaults]\n default_realm = MIT.TEST\n[realms]\n MIT.TEST = {\n  kdc = 127.0.0.1:1\n }\n")
        (directory / "kdc.conf").write_text(
            f"[realms]\n MIT.TEST = {{\n  database_name = {directory}/db\n  key_stash_file = {directory}/stash\n"
            f"  acl_file = {directory}/acl\n }}\n")
        self.env = {**base_env(), "KRB5_CONFIG": f"{directory}/krb5.conf", "KRB5_KDC_PROFILE": f"{directory}/kdc.conf",
                    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        run(["kdb5_util", "create", "-s", "-W", "-P", "master"], self.env).ok()

    def says(self, query):
        return run(["kadmin.local", "-q", query], self.env).text


@pytest.fixture(scope="module")
def mit(tmp_path_factory):
    return Mit(tmp_path_factory.mktemp("mit"))


def requests_of(said):
    """The lines of names in the list of requests: those of help are indented, or stand behind blanks."""
    names = set()
    for line in said.splitlines():
        line = re.split(r"\s{2,}", line)[0]
        if re.fullmatch(r"[a-z_?]+(, [a-z_?]+)*", line):
            names.update(line.split(", "))
    return names


def test_each_request_of_mits_has_its_row_and_is_here(mit, faces):  # noqa: F811
    theirs, ours = requests_of(mit.says("?")), requests_of(faces.admin("?"))
    page = {name for names, _ in rows("Requests") for name in names}
    assert len(theirs) > 40 and theirs == page and not theirs - ours, (theirs ^ page, theirs - ours)
    assert ours - theirs == {"add_alias", "alias", "help"}


OPTIONS = {"add_principal": "", "modify_principal": "", "delete_principal": "", "rename_principal": "",
           "change_password": "", "get_principal": "", "add_policy": "", "modify_policy": "", "delete_policy": "",
           "get_policy": "", "ktadd": "", "ktremove": "", "purgekeys": ""}


def options_of(usage):
    """The words of a usage that are no names of arguments: -word, "all", and the attributes."""
    usage = usage.split("where,")[0]
    attributes = usage.split("attributes are:")[1].split() if "attributes are:" in usage else []
    usage = usage.split("attributes are:")[0].replace("-k[eytab]", "-k|-keytab").replace("{+|-}", "")
    return set(re.findall(r"(?<![\w])-[a-z]+", usage)) | set(re.findall(r'"([a-z]+)"', usage)) | set(attributes)


def test_each_option_of_mits_has_its_row(mit):
    page = {}
    for names, options, _ in rows("Options of requests"):
        for name in names:
            page.setdefault(name, set()).update(options)
    assert page.keys() == OPTIONS.keys()
    for request in OPTIONS:
        theirs = options_of(mit.says(request))
        assert theirs and theirs == page[request], (request, theirs ^ page[request])


VALUES = {"-expire": "2030-01-01", "-pwexpire": "2030-01-01", "-maxlife": "1d", "-maxrenewlife": "2d", "-kvno": "7",
          "-policy": "staff", "-pw": "secret1", "-e": "aes256-cts:normal", "-minlife": "1h", "-minlength": "2",
          "-minclasses": "1", "-history": "1", "-maxfailure": "3", "-failurecountinterval": "1h",
          "-allowedkeysalts": "aes256-cts:normal", "-lockoutduration": "1h", "-keepkvno": "1"}


def trial(request, option):
    """The lines of a session that try an option: what must be there first, and the request."""
    words = ["+" + option] if option[0] != "-" else [option, VALUES.get(option, "")]
    if request == "add_principal" and option not in ("-randkey", "-nokey", "-pw"):
        words.append("-e aes256-cts -pw secret1" if option != "-e" else "-pw secret1")
    if request == "change_password" and option not in ("-randkey", "-pw"):
        words.append("-randkey")
    if request.endswith("_policy"):
        before = ["delpol -force subject", *(["addpol subject"] if request != "add_policy" else [])]
    else:
        before = ["delprinc -force subject", "delprinc -force other",
                  *(["addprinc -clearpolicy -randkey subject"] if request != "add_principal" else [])]
    return before, " ".join([request, *words, "subject", *(["other"] if request == "rename_principal" else [])])


def test_each_option_with_a_row_that_says_yes_is_taken(faces):  # noqa: F811
    trials = [(*trial(request, option), here) for names, options, here in rows("Options of requests")
              for request in names if request not in ("ktadd", "ktremove")  # below
              for option in options]
    lines = ["addpol staff", "addprinc -randkey subject", "addprinc -randkey other", "addpol subject"]
    for before, line, _ in trials:
        lines += [*before, "no_such_request", line]
    said = faces.run("kadmin.local", input="\n".join(lines) + "\n").ok().err
    # Between two marks stands what was said of one trial and of the clearing up behind it.
    marked = re.split(r"(?:usage: .*\n)?kadmin.local: .*no_such_request.*\n", said)
    assert len(trials) > 60 and len(marked) == len(trials) + 1
    for text, (_, line, here) in zip(marked[1:], trials):
        refused = "command line is not right" in text
        assert refused != here.startswith("yes"), (line, text)


SPELLINGS = """allow_postdated postdateable disallow_postdated forwardable Disallow-Forwardable allow_tgs_req tgt-based
    DISALLOW_TGT_BASED renewable disallow_renewable proxiable disallow_proxiable dup-skey disallow_dup_skey allow_tickets
    allow_tix disallow_all_tix preauth requires_pre_auth REQUIRES_PREAUTH hwauth requires_hw_auth requires_hwauth needchange
    pwchange requires_pwchange allow_svr service disallow_svr password_changing_service pwchange_service pwservice
    ok-as-delegate ok_to_auth_as_delegate no_auth_data_required lockdown_keys 0x10 0x90""".split()


def test_each_spelling_of_a_flag_does_what_it_does_with_mits(mit, faces, judged):  # noqa: F811
    lines = []
    for word in SPELLINGS:
        lines += ["addprinc -clearpolicy -nokey -requires_preauth flags", f"modprinc +{word} flags", "getprinc flags",
                  f"modprinc -{word} flags", "getprinc flags", "delprinc -force flags"]
    script = "\n".join(lines) + "\n"
    theirs, ours = (re.findall(r"^Attributes:.*", said.out, re.M) for said in (
        run(["kadmin.local"], mit.env, script).ok(), faces.run("kadmin.local", input=script).ok()))
    assert len(theirs) == 2 * len(SPELLINGS) and len(set(theirs)) > 15
    assert [line.split() for line in ours] == [line.split() for line in theirs]
    judged("kadmin.local 1.20.1 (MIT)", "administration", "flags", f"{len(SPELLINGS)} spellings", "the same attributes")


def test_each_option_of_mits_kadmin_has_its_row(mit):
    said = run(["/usr/bin/kadmin", "-?"], mit.env).failed().err.split("where,")[0]
    theirs = set(re.findall(r"(?<![\w])-[a-zA-Z](?![\w])", said))
    ours = {option for names, _ in rows("Options of kadmin") for option in names}
    assert len(theirs) > 12 and theirs == ours, theirs ^ ours


def test_keytab_requests_choose_as_mits(faces):  # noqa: F811
    keytab = faces.dir / "t.keytab"
    def kvnos():
        lines = faces.ok("klist", "-k", keytab).splitlines()
        return sorted({(int(line.split()[0]), line.split()[1].split("@")[0]) for line in lines if "@" in line})
    for name in ("host/a", "host/b", "nfs/a"):
        faces.admin(f"addprinc -randkey {name}")
    faces.admin(f"ktadd -keytab {keytab} -norandkey -glob host/* nfs/a")
    assert kvnos() == [(1, "host/a"), (1, "host/b"), (1, "nfs/a")]
    assert "no name matches" in faces.refused("kadmin.local", "-q", f"ktadd -k {keytab} -glob x*")
    for _ in range(3):
        faces.admin(f"ktadd -q -k {keytab} -e aes256-cts:normal host/a")
    said = faces.admin(f"ktrem -k {keytab} host/a")
    assert said == f"Entry for principal host/a with kvno 4 removed from keytab WRFILE:{keytab}.\n"
    faces.admin(f"ktrem -k {keytab} host/a old")
    assert kvnos() == [(1, "host/b"), (1, "nfs/a"), (3, "host/a")]
    assert "no such entry" in faces.refused("kadmin.local", "-q", f"ktrem -k {keytab} host/a 9")
    assert "no kvno" in faces.refused("kadmin.local", "-q", f"ktrem -k {keytab} host/a new")
    assert faces.admin(f"ktrem -q -k {keytab} host/a all") == "" and (3, "host/a") not in kvnos()


def test_a_version_of_keys_is_set_above_older_ones_only(faces):  # noqa: F811
    faces.admin("addprinc -kvno 7 -pw secret1 user")
    assert "Key: vno 7," in faces.admin("getprinc user")
    faces.admin("cpw -keepold -pw secret2 user")
    faces.admin("modprinc -kvno 12 user")
    assert {"Key: vno 12,", "Key: vno 7,"} == set(re.findall(r"Key: vno \d+,", faces.admin("getprinc user")))
    assert "older keys" in faces.refused("kadmin.local", "-q", "modprinc -kvno 7 user")
    assert "no kvno" in faces.refused("kadmin.local", "-q", "modprinc -kvno 0 user")


def test_output_is_that_of_mits(mit, faces):  # noqa: F811
    """Line by line, but for dates, names of enctypes and of the realm."""
    queries = ["addpol -maxlife 1d -allowedkeysalts aes256-cts:normal p", "addpol q", "getpol p", "getpol -terse p",
               "getpol -terse q", "addprinc -pw secret1 -policy p -e aes256-cts:normal -requires_preauth bob", "modprinc +lockdown_keys bob",
               "getprinc bob", "getprinc -terse bob", "addprinc -nokey -requires_preauth carol", "delpol -force p",
               "getprinc bob", "getprivs", "setstr bob k v", "getstrs bob", "renprinc -force bob bill", "delprinc -force bill",
               "delprinc -force carol"]
    def plain(text):
        text = re.sub(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d \w+ \d{4}", "DATE", text)
        text = re.sub(r"\(.*\)|root/admin@[A-Z.]*|\d{10}", "X", text).replace("FACES.TEST", "R").replace("MIT.TEST", "R")
        text = re.sub(r'(\t"?)[\w/@.]+("\tX\t)', r"\1X\2", text)
        return [line for line in text.splitlines() if not line.startswith(("Maximum ", "Authenticating"))]
    for query in queries:
        theirs, ours = run(["kadmin.local", "-q", query], mit.env).ok().out, faces.admin(query)
        if "-terse" in query:  # the realm's own lifetimes, and MIT's first version of the master key, are no matter
            theirs, ours = ("\t".join(t.split("\t")[:4] + t.split("\t")[6:11]) for t in (theirs, ours))
        assert plain(theirs) == plain(ours), query


def test_a_query_in_words_asks_nothing_and_tells_nothing_but_errors(faces):  # noqa: F811
    for words in (["addprinc", "-randkey", "bob"], ["modprinc", "-maxlife", "1d", "bob"], ["cpw", "-randkey", "bob"],
                  ["renprinc", "bob", "bill"], ["renprinc", "bill", "bob"], ["purgekeys", "bob"], ["delprinc", "bob"]):
        assert faces.run("kadmin.local", *words).ok().text == ""
    assert "bob" in faces.refused("kadmin.local", "delprinc", "bob")


def test_options_of_the_program(faces):  # noqa: F811
    assert "krbtgt/" in faces.ok("kadmin.local", "-d", faces.dir / "db", "-q", "listprincs")
    assert "krbtgt/" in faces.ok("kadmin.local", "-x", f"dbname={faces.dir}/db", "-x", "unlockiter", "-q", "listprincs")
    assert "no realm database" in faces.refused("kadmin.local", "-d", faces.dir / "elsewhere", "-q", "listprincs")
    assert "no argument" in faces.refused("kadmin.local", "-x", "host=ldap", "-q", "listprincs")
    assert "master password" in faces.refused("kadmin.local", "-m", "-q", "listprincs")


def test_while_one_session_holds_the_lock_nobody_else_changes_anything(served):  # noqa: F811
    holder = subprocess.Popen([served.bin / "kadmin.local"], env=served.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
    def asks(line, answer):
        holder.stdin.write(line + "\n")
        holder.stdin.flush()
        said = ""
        while answer not in said:
            said += holder.stdout.readline()
            assert said, "the session ended"
        return said
    assert "has not locked" in asks("unlock", "has not locked")
    asks("lock\nlock\naddprinc -randkey mine", "created")
    refused = served.refused("kadmin.local", "-q", "addprinc -randkey theirs")
    assert f"process {holder.pid}" in refused and "unlocked" in refused
    assert "is locked by" in served.refused("kadmin.local", "-q", "lock")
    assert "mine@" in served.admin("listprincs")  # who reads is not in the way
    served.ok("kinit", "user", input="secret1\n")  # nor is the KDC
    asks("unlock\naddprinc -randkey still_mine", "created")
    served.refused("kadmin.local", "-q", "addprinc -randkey theirs")
    asks("unlock\naddprinc -randkey unlocked", "created")
    served.admin("addprinc -randkey theirs")
    asks("lock\naddprinc -randkey again", "created")
    served.refused("kadmin.local", "-q", "delprinc -force theirs")
    holder.stdin.close()
    assert holder.wait(20) == 0
    served.admin("delprinc -force theirs")  # the lock ended with the session
