# test_checks.py: every check of lint can fail: each is given a small tree with one mistake, and must
# name its file and line; and a tree without mistakes, and must be silent.
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAD = "// x.c: an example.\n"


def check(tool, tmp_path, files):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    shutil.copy(ROOT / ".clang-format", tmp_path)
    shutil.copy(ROOT / ".clang-tidy", tmp_path)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    env = {**os.environ, "OBOL_TREE": str(tmp_path), "PATH": "/usr/bin:" + os.environ["PATH"],
           "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([ROOT / "tools" / tool], env=env, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


LAYERS = [
    ("src/kdc/x.c", '#include "client/as.h"\n', "never include each other"),
    ("src/client/x.c", '#include "kdc/kdc.h"\n', "never include each other"),
    ("src/base/x.c", '#include "crypto/crypto.h"\n', "base is a layer above crypto"),
    ("src/admin/x.c", '#include "store/lmdb/lmdb.h"\n', "only server and cli choose"),
    ("src/kdc/x.c", "#include <sys/socket.h>\n", "is a core"),
    ("src/base/x.c", '#include "slice.h"\n', "write includes from src/"),
]


@pytest.mark.parametrize("path,line,text", LAYERS)
def test_an_include_against_the_layers_is_found(tmp_path, path, line, text):
    code, out = check("check-layers", tmp_path, {path: HEAD + line})
    assert code == 1 and f"{path}:2:" in out and text in out, out


def test_includes_along_the_layers_pass(tmp_path):
    code, out = check("check-layers", tmp_path, {
        "src/server/x.c": HEAD + '#include "store/lmdb/lmdb.h"\n#include <sys/socket.h>\n',
        "src/kdc/x.c": HEAD + '#include "base/slice.h"\n#include "krb/ap.h"\n'})
    assert (code, out) == (0, "")


def body(statement):
    return HEAD + "int f(char *a, char *b) {\n    " + statement + "\n    return 0;\n}\n"


STYLE = [
    ("src/cli/x.c", body("strcpy(a, b);"), 3, "strcpy"),
    ("src/cli/x.c", body("sprintf(a, b);"), 3, "sprintf"),
    ("src/kdc/x.c", body("a = malloc(3);"), 3, "request's arena"),
    ("src/der/x.c", body("free(a);"), 3, "request's arena"),
    ("src/krb/x.c", body("if (memcmp(session_key, b, 3)) return 1;"), 3, "ct_equal"),
    ("src/krb/x.c", body("goto out;"), 3, "goto"),
    ("src/krb/x.c", HEAD + "typedef struct { int a; } x;\n", 2, "no typedef"),
    ("src/krb/x.c", HEAD + "int f(void) {\n#ifdef A\n#endif\n}\n", 3, "#if inside f"),
    ("src/krb/x.c", "int a;\n", 1, "does not begin with a comment"),
    ("src/krb/x.c", body("// TO" + "DO later"), 3, "unfinished"),
    ("src/krb/x.c", HEAD + "int f(void) {\n" + "    g();\n" * 60 + "}\n", 2, "f has 62 lines"),
    ("src/krb/x.c", HEAD + "int a;\n" * 600, 1, "601 lines"),
    ("src/cli/cmd_x.c", HEAD + "int a;\n" * 200, 1, "201 lines; at most 200"),
    ("tests/krb/x.c", body("skip();"), 3, "does not run"),
    ("python/ext/x.c", body("strcpy(a, b);"), 3, "strcpy"),
    ("python/obol/x.py", '"""A module."""\n\n\ndef f():\n' + "    g()\n" * 60, 4, "f has 61 lines"),
    ("python/obol/x.py", "import os\n", 1, "does not begin with a comment"),
    ("tests/e2e/x.py", "# x.py: an example.\n@pytest.mark.skip\n", 2, "does not run"),
]


@pytest.mark.parametrize("path,text,line,says", STYLE)
def test_a_breach_of_style_is_found(tmp_path, path, text, line, says):
    code, out = check("check-style", tmp_path, {path: text})
    assert code == 1 and f"{path}:{line}:" in out and says in out, out


def test_what_only_looks_like_a_breach_passes(tmp_path):
    code, out = check("check-style", tmp_path, {
        "src/krb/x.c": HEAD + 'const char *s = "strcpy(a) goto"; // free(x) in a comment\n'
                              "struct x {\n    void (*random)(void);\n};\n"
                              "int f(struct x *x) {\n    x->random();\n    return memcmp(name, other, 3);\n}\n",
        "src/cli/x.c": body("a = malloc(3);")})
    assert (code, out) == (0, "")


def test_a_function_that_does_not_exist_is_found(tmp_path):
    code, out = check("check-architecture", tmp_path, {
        "src/kdc/x.c": body(";"), "ARCHITECTURE.md": "`f()` then\n`as_find_client()` in `src/kdc/x.c` and `src/kdc/y.c`\n"})
    assert code == 1 and "ARCHITECTURE.md:2: as_find_client()" in out and "src/kdc/y.c" in out, out
    assert "x.c does" not in out and ": f()" not in out, out


def test_a_test_that_a_table_names_must_be_there(tmp_path):
    row = "| a | `tests/kdc/test_as.c` (`a_client_gets_{}`) |\n"
    files = {"tests/kdc/test_as.c": "static void a_client_gets_a_ticket(void **state) {\n",
             "docs/behaviours.md": row.format("a_ticket") + row.format("a_...")}
    assert check("check-coverage", tmp_path, files) == (0, "")
    files["docs/behaviours.md"] = row.format("nothing") + "| b | test_of_nothing.c |\n| c | tests/none.py |\n"
    code, out = check("check-coverage", tmp_path, files)
    assert code == 1, out
    for said in ("behaviours.md:1: no case a_client_gets_nothing", "behaviours.md:2: there is no test_of_nothing.c",
                 "behaviours.md:3: tests/none.py does not exist"):
        assert said in out, out


def test_a_row_of_the_users_table_that_shows_nothing_is_found(tmp_path):
    row = "| {} | a complaint | what is done | test_as.c (`a_client_gets_a_ticket`) |\n"
    files = {"tests/kdc/test_as.c": "static void a_client_gets_a_ticket(void **state) {\n",
             "docs/python-users.md": "".join(map(row.format, range(1, 26)))}
    assert check("check-coverage", tmp_path, files) == (0, "")
    files["docs/python-users.md"] = "".join(map(row.format, range(1, 25))).replace("(`a_client_gets_a_ticket`)", "", 1)
    code, out = check("check-coverage", tmp_path, files)
    assert code == 1 and "row 25 is missing" in out and "row 1 names no case of a test" in out, out


def test_a_missing_architecture_page_is_found(tmp_path):
    assert check("check-architecture", tmp_path, {})[0] == 1


def test_bad_formatting_is_found(tmp_path):
    code, out = check("check-format", tmp_path, {"src/krb/x.c": HEAD + "int  a;\n"})
    assert code == 1 and "src/krb/x.c:2:" in out, out
    assert check("check-format", tmp_path, {"src/krb/x.c": HEAD + "int a;\n"}) == (0, "")


def test_cppcheck_finds_an_overrun(tmp_path):
    code, out = check("check-cppcheck", tmp_path, {
        "src/krb/x.c": HEAD + "int f(void) {\n    int a[2] = {0, 0};\n    return a[2];\n}\n"})
    assert code == 1 and "src/krb/x.c:4:" in out, out


def test_clang_tidy_finds_a_null_dereference(tmp_path):
    source = HEAD + "int f(void);\nint f(void) {\n    int *p = 0;\n    return *p;\n}\n"
    commands = f'[{{"directory": "{tmp_path}", "file": "src/krb/x.c", "command": "cc -c src/krb/x.c"}}]'
    files = {"src/krb/x.c": source, "build-san/compile_commands.json": commands}
    code, out = check("check-tidy", tmp_path, files)
    assert code == 1 and "src/krb/x.c:5:" in out, out


def test_clang_tidy_looks_at_the_python_extension(tmp_path):
    source = HEAD + "int f(void);\nint f(void) {\n    int *p = 0;\n    return *p;\n}\n"
    command = f'[{{"directory": "{tmp_path}", "file": "python/ext/x.c", "command": "cc -c python/ext/x.c"}}]'
    files = {"python/ext/x.c": source, "build-san/compile_commands.json": "[]",
             "build-python/compile_commands.json": command}
    code, out = check("check-tidy", tmp_path, files)
    assert code == 1 and "python/ext/x.c:5:" in out, out


SUMMARY = [
    ("pass\ta\nfail\tb\n", "1 passed, 1 failed", 1),
    ("pass\ta\npass\tb\n", "2 passed, 0 failed", 0),
]


@pytest.mark.parametrize("steps,line,status", SUMMARY)
def test_the_sum_of_steps_is_the_last_line(tmp_path, steps, line, status):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "steps.txt").write_text(steps)
    done = subprocess.run([ROOT / "tools" / "test-summary", tmp_path], capture_output=True, text=True)
    assert done.returncode == status and done.stdout.splitlines()[-1] == line


def test_a_skipped_case_counts_as_failed(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "e2e.xml").write_text(
        '<testsuites><testsuite><testcase classname="a" name="b"/>'
        '<testcase classname="a" name="c"><skipped/></testcase></testsuite></testsuites>')
    done = subprocess.run([ROOT / "tools" / "test-summary", tmp_path], capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout.splitlines()[-1] == "1 passed, 1 failed"
