# test_cli_terminal.py: obol on a terminal: passwords are asked for and not shown, the terminal is put
# right again however it ends; bash completes commands, options and files; man shows the pages.
import signal
import subprocess

import pytest

from support.obol import binary, obol_env
from support.process import base_env, run, which
from support.realm import PASSWORD
from support.terminal import Terminal


@pytest.fixture
def terminal():
    opened = []

    def start(args, env, **more):
        opened.append(Terminal(args, env, **more))
        return opened[-1]
    yield start
    for one in opened:
        one.close()


@pytest.fixture
def user(client):
    return client("obol", "obol")


def ask(terminal, user, *words):
    """A login that has come to its prompt."""
    t = terminal([binary(), "login", *words], user.env())
    t.wait_for(r"Password for alice@OBOL\.TEST: ")
    assert not t.echo()
    return t


def test_a_password_is_asked_for_and_not_shown(terminal, user):
    t = ask(terminal, user, "alice")
    t.type(PASSWORD + "\n")
    t.wait_for("is logged in until")
    assert t.end() == 0 and t.echo() and PASSWORD not in t.seen
    user.tickets().ok()


def test_a_wrong_password_on_a_terminal_is_called_so_and_not_shown(terminal, user):
    t = ask(terminal, user, "alice")
    t.type("mistyped\n")
    t.wait_for("remedy: Type it again")
    assert t.end() == 1 and t.echo() and "mistyped" not in t.seen


@pytest.mark.parametrize("key, number", [("\x03", signal.SIGINT), ("\x1c", signal.SIGQUIT)])
def test_a_prompt_that_is_interrupted_puts_the_terminal_right(terminal, user, key, number):
    t = ask(terminal, user, "alice")
    t.type("half a pass" + key)
    assert t.end() == -number and t.echo() and "half" not in t.seen
    user.tickets().failed()


def test_the_end_of_the_input_is_no_password(terminal, user):
    t = ask(terminal, user, "alice")
    t.type("\x04")
    t.wait_for("the input ended before it")
    assert t.end() == 1 and t.echo()


def test_a_new_password_is_asked_for_twice(terminal, user):
    home = ["--home", user.realm.dir / "home"]
    for second, said, status in (("another", "the two passwords differ", 1), ("first one", "asked added", 0)):
        t = terminal([binary(), "principal", "add", "asked", *home], user.env())
        t.wait_for(r"Password for asked: ")
        t.type("first one\n")
        t.wait_for(r"Password for asked, again: ")
        t.type(second + "\n")
        t.wait_for(said.replace("asked added", r"asked@OBOL\.TEST added"))
        assert t.end() == status and t.echo() and "first one" not in t.seen
    assert user.login("asked", "first one").ok()


def test_an_error_is_red_on_a_terminal_unless_no_color_is_set(terminal, user):
    for env, red in (({}, True), ({"NO_COLOR": "1"}, False)):
        t = terminal([binary(), "tickets"], {**user.env(), **env})
        t.wait_for("remedy")
        assert t.end() == 1 and ("\033[31m" in t.seen) == red, t.seen


# ---- completion

@pytest.fixture(scope="module")
def completion(tmp_path_factory):
    path = tmp_path_factory.mktemp("completion") / "obol.bash"
    path.write_text(run([binary(), "completion", "bash"], obol_env()).ok().out)
    return path


@pytest.fixture
def shell(terminal, completion, tmp_path):
    """An interactive bash with the completion, in a directory with files; `obol` stays a word."""
    (tmp_path / "notes.txt").touch()
    (tmp_path / "notes of mine.txt").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "inputrc").write_text("set enable-bracketed-paste off\nset bell-style none\n"
                                      "set show-all-if-ambiguous on\n")
    env = {**base_env(), "PS1": "> ", "TERM": "dumb", "INPUTRC": str(tmp_path / "inputrc"),
           "HISTFILE": "/dev/null", "COLUMNS": "200"}
    t = terminal([which("bash"), "--norc", "--noprofile", "-i"], env, cwd=tmp_path)
    t.wait_for("> ")
    t.type(f"source {completion}\n")
    t.wait_for("\n> ")
    return t


@pytest.mark.parametrize("typed, completed", [
    ("obol logi", r"obol login "),
    ("obol princ", r"obol principal "),
    ("obol principal pas", r"obol principal password "),
    ("obol keytab l", r"obol keytab list "),
    ("obol login --life", r"obol login --lifetime "),
    ("obol principal add --ran", r"obol principal add --random "),
    ("obol login alice --password-f", r"--password-fd "),
    ("obol help principal sh", r"obol help principal show "),
    ("obol completion b", r"obol completion bash "),
    ("obol decode fold", r"obol decode folder/"),
    ("obol login --keytab fold", r"--keytab folder/"),
    ("obol principal add --set requires-pre", r"--set requires-preauth "),
    ("obol login --enctype aes256-cts-hmac-sha3", r"--enctype aes256-cts-hmac-sha384-192 "),
])
def test_bash_completes(shell, typed, completed):
    shell.type(typed + "\t")
    shell.wait_for(completed)


@pytest.mark.parametrize("typed, shown, hidden", [
    ("obol ", ["login", "tickets", "principal", "decode"], ["notes.txt"]),
    ("obol principal ", ["add", "list", "show", "set", "password", "delete"], ["login", "notes.txt"]),
    ("obol tickets --", ["--check", "--json", "--cache", "--help"], ["--home", "--lifetime"]),
    ("obol decode note", ["notes.txt", "notes of mine.txt"], ["login"]),
])
def test_bash_shows_what_there_is(shell, typed, shown, hidden):
    shell.type(typed + "\t\t")
    text = shell.wait_for("|".join(f"{w}(?![a-z-])" for w in shown[-1:]))
    for word in shown:
        assert word in text, f"{word} is missing:\n{text}"
    for word in hidden:
        assert word not in text[len(typed):], f"{word} does not belong there:\n{text}"


def test_the_completion_is_sound_bash(completion):
    run([which("bash"), "-n", completion]).ok()
    text = run([which("bash"), "-c", f"set -u; source {completion}; COMP_WORDS=(obol); COMP_CWORD=1; _obol"]).ok()
    assert text.err == ""


# ---- man pages

@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    directory = tmp_path_factory.mktemp("man")
    run([binary(), "help", "--man-dir", directory], obol_env()).ok()
    return sorted(directory.glob("man?/*"))


def test_there_is_a_page_for_each_command_and_file(pages):
    names = {p.name for p in pages}
    assert {"obol.1", "obol-login.1", "obol-principal-add.1", "obol-keytab-create.1", "krb5.conf.5",
            "kdc.conf.5"} <= names and len(names) > 20


def test_man_shows_each_page_without_a_warning(pages):
    for page in pages:
        done = subprocess.run([which("man"), "--warnings=w", "-l", page], capture_output=True, text=True,
                              env={**base_env(), "MANWIDTH": "80", "MANPAGER": "cat", "MAN_KEEP_FORMATTING": ""})
        assert done.returncode == 0 and done.stderr == "", f"{page}:\n{done.stderr}"
        assert "NAME" in done.stdout and "SEE ALSO" in done.stdout, f"{page}:\n{done.stdout}"


def test_mandoc_finds_nothing_in_the_pages(pages):
    done = subprocess.run([which("mandoc"), "-T", "lint", *pages], capture_output=True, text=True)
    assert done.stdout + done.stderr == "", done.stdout + done.stderr


def test_examples_stand_in_a_page_as_they_are_typed(pages):
    page = next(p for p in pages if p.name == "obol-decode.1")
    done = subprocess.run([which("man"), "-l", page], capture_output=True, text=True,
                          env={**base_env(), "MANWIDTH": "120", "MANPAGER": "cat"})
    assert "obol decode 'Authorization: Negotiate YII...'" in done.stdout, done.stdout
    assert "obol decode --keytab web.keytab token.bin" in done.stdout
