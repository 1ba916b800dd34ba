# test_cli_words.py: a clumsy user at the command line: each mistake is answered with what was wrong,
# what was expected and the word that was probably meant; nothing needs a realm.
import base64
import json
import re
import subprocess

import pytest

from support.obol import binary, obol_env
from support.process import ROOT, run


def obol(*words, input="", **env):
    return run([binary(), *words], {**obol_env(), **env}, input)


def commands():
    """The names of all commands, from the overview."""
    return re.findall(r"^  (completion|[a-z]+(?: [a-z]+){0,2})(?: [A-Z[].*?)?  +\S", obol("help").ok().out, re.M)


@pytest.mark.parametrize("words, said", [
    ("lgoin", "did you mean `obol login`?"),
    ("tickts", "did you mean `obol tickets`?"),
    ("princpal add x", "did you mean `obol principal`?"),
    ("principal ad x", "did you mean `obol principal add`?"),
    ("principal remove x", "did you mean `obol principal delete`?"),
    ("principal create x", "did you mean `obol principal add`?"),
    ("principal get x", "did you mean `obol principal show`?"),
    ("spn show", "did you mean `obol spn list`?"),
    ("keytab export x", "did you mean `obol keytab create`?"),
    ("realm init X", "did you mean `obol realm create`?"),
    ("kinit alice", "did you mean `obol login`?"),
    ("klist", "did you mean `obol tickets`?"),
    ("kvno x", "did you mean `obol ticket`?"),
    ("kpasswd", "did you mean `obol passwd`?"),
    ("password", "did you mean `obol passwd`?"),
    ("kdestroy", "did you mean `obol logout`?"),
    ("ktutil", "did you mean `obol keytab`?"),
    ("kadmin.local", "did you mean `obol principal`?"),
    ("krb5kdc", "did you mean `obol serve`?"),
    ("zzzzzz", "`obol help` lists them"),
    ("principal zzzzzz", "it has add, list, show, set, password, purge, delete, load"),
    ("principal", "a command is needed"),
    ("--home /x principal list", "options come behind it: obol COMMAND --home"),
    ("help lgoin", "did you mean `obol login`?"),
    ("help login now", "'now' is no word of a command behind `login`"),
    ("login --lifetme 1h", "did you mean --lifetime?"),
    ("login --life 1h", "did you mean --lifetime?"),
    ("login --zzz", "`obol login` has no option --zzz"),
    ("login -q", "has no option -q; it has -t -k"),
    ("login --lifetime", "--lifetime wants DURATION"),
    ("login --lifetime soon", "--lifetime is 'soon'; expected a duration such as 300, 5m, 10h"),
    ("login --renew=yes", "--renew takes no value"),
    ("login --password-fd x", "--password-fd is 'x'; expected a number"),
    ("login --password-fd 70000", "expected a number from 0 to 65535"),
    ("login -e aes265-cts a@B", "did you mean 'aes256-cts-hmac-sha384-192'?"),
    ("login -e camelia256-cts-cmac a@B", "did you mean 'camellia256-cts-cmac'?"),
    ("login a b", "`obol login` takes [NAME]; there is more behind it"),
    ("ticket", "`obol ticket` wants SPN..."),
    ("tickets now", "`obol tickets` takes no arguments; 'now' is too much"),
    ("completion tcsh", "there are bash, fish and zsh"),
    ("login -e des3-cbc-sha1 a@B", "there are aes256-cts-hmac-sha384-192 aes128"),
    ("decode --password x", "--principal NAME@REALM or --salt TEXT"),
])
def test_a_mistake_is_answered_with_the_word_that_was_meant(words, said):
    result = obol(*words.split()).failed()
    assert result.status == 2 and said in result.err, str(result)
    what, remedy = result.err.strip().split("\n")
    assert what.startswith("obol: ") and remedy.startswith("  remedy: Usage: obol "), str(result)


@pytest.mark.parametrize("words", ["login alice --password hunter2", "login --password=hunter2 alice",
                                   "login alice hunter2", "principal add alice hunter2",
                                   "principal password alice --pass hunter2"])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(words):
    result = obol(*words.split()).failed()
    assert result.status == 2 and "hunter2" not in result.text, str(result)


@pytest.mark.parametrize("words", [["keytab", "create", "", "HTTP/x"], ["tickets", "-c", ""], ["tickets", "--cache="],
                                   ["login", ""], ["decode", ""], ["principal", "list", "--home", ""]])
def test_an_empty_word_is_not_taken_for_a_default(words):
    result = obol(*words).failed()
    assert result.status == 2 and "is empty; expected" in result.err and "variable of the shell" in result.err, str(result)


@pytest.mark.parametrize("words", ["login --zzz --json", "--json", "tickets x --json", "zzz --json"])
def test_a_mistake_is_told_to_machines_as_json(words):
    said = json.loads(obol(*words.split()).failed().err)
    assert said["error"] == "USAGE" and said["detail"] and said["remedy"].startswith("Usage: obol")


def test_the_columns_of_the_help_stand_below_each_other():
    for command in json.loads(obol("help", "--json").ok().out):
        told = obol(*command["name"].split(), "--help").ok().out
        rows = {o["name"]: re.search(rf"^ +(?:-., )?--{o['name']} .*", told, re.M).group() for o in command["options"]}
        columns = {rows[o["name"]].index(f" {o['help']}") for o in command["options"]}
        assert len(columns) == 1, told
    overview = [line for line in obol("help").ok().out.split("\n") if line.startswith("  ")]
    assert overview and all(line[40] == " " and line[41] != " " for line in overview), overview


def test_every_command_tells_about_itself():
    names = commands()
    assert {"login", "tickets", "ticket", "logout", "decode", "serve", "realm create", "principal add",
            "principal list", "principal show", "principal set", "principal password", "principal delete",
            "spn add", "spn list", "spn delete", "keytab create", "keytab list"} <= set(names)
    for name in names:
        told = obol(*name.split(), "--help").ok().out
        assert f"obol {name}:" in told and f"Usage: obol {name}" in told and "--json" in told, told
        assert obol("help", *name.split()).ok().out == told
        machine = json.loads(obol(*name.split(), "--help", "--json").ok().out)
        assert machine["name"] == name and {"json", "help"} <= {o["name"] for o in machine["options"]}
    assert [c["name"] for c in json.loads(obol("help", "--json").ok().out)] == names


BASH = """source {file}
while read -r -a given; do
    COMP_WORDS=("${{given[@]}}" --); COMP_CWORD=${{#given[@]}}; _obol; echo "${{COMPREPLY[*]}}"
    COMP_WORDS=("${{given[@]::${{#given[@]}}-1}}" ''); COMP_CWORD=$((${{#given[@]}} - 1)); _obol; echo "${{COMPREPLY[*]}}"
done"""
ZSH = """compdef() {{ }}; _files() {{ }}
_describe() {{ local name=${{@[-1]}}; local -a all; all=(${{(P)name}}); print -r -- ${{all%%:*}} }}
source {file}
while read -r given; do
    words=(${{=given}} --); CURRENT=$#words; _obol
    words=(${{=given}}); words[-1]=''; CURRENT=$#words; _obol
done"""
FISH = """source {file}
while read -l given
    string join ' ' -- (complete -C "$given -" | string split -f1 \\t)
    string join ' ' -- (complete -C (string replace -r '[^ ]*$' '' -- $given) | string split -f1 \\t)
end"""


@pytest.mark.parametrize("shell, script", [("bash", BASH), ("zsh", ZSH), ("fish", FISH)],
                         ids=["bash", "zsh", "fish"])
def test_each_shell_completes_every_command_and_option_of_the_table(shell, script, tmp_path):
    table = json.loads(obol("help", "--json").ok().out)
    file = tmp_path / "completion"
    file.write_text(obol("completion", shell).ok().out)
    assert json.loads(obol("completion", shell, "--json").ok().out)[shell] == file.read_text()
    asked = "".join(f"obol {command['name']}\n" for command in table)
    shown = run([shell, *([] if shell == "bash" else ["-f"] if shell == "zsh" else ["--no-config"]), "-c",
                 script.format(file=file)], {**obol_env(), "HOME": str(tmp_path)}, asked).ok().out.split("\n")
    for i, command in enumerate(table):
        options, words = shown[2 * i].split(), shown[2 * i + 1].split()
        assert {f"--{o['name']}" for o in command["options"]} == {o for o in options if o.startswith("--")}, command
        if shell != "bash":
            assert {f"-{o['letter']}" for o in command["options"] if o.get("letter")} <= set(options), command
        *before, last = command["name"].split()
        siblings = {c["name"].split()[len(before)] for c in table if c["name"].split()[:len(before)] == before}
        assert last in words and set(words) == siblings, (command["name"], words)


def test_every_command_that_an_error_recommends_is_there():
    text = (ROOT / "src" / "base" / "error_list.h").read_text()
    named = set(re.findall(r"obol ([a-z]+ [a-z]+|[a-z]+)", re.sub(r"(?m)^//.*$", "", text)))
    assert len(named) > 8
    for name in named:
        words = name.split()
        known = obol(*words, "--help").status == 0 or obol(words[0], "--help").status == 0
        assert known, f"an error recommends `obol {name}`"


def test_output_that_cannot_be_written_is_a_failure():
    with open("/dev/full", "w") as full:
        done = subprocess.run([binary(), "help"], stdout=full, stderr=subprocess.PIPE, text=True, env=obol_env())
    assert done.returncode == 1 and "No space left on device" in done.stderr, done.stderr


# ---- decode

@pytest.mark.parametrize("given, said", [
    ("/nonexistent/file", "no such file /nonexistent/file"),
    ("YII", "neither base64 nor hexadecimal nor an HTTP header"),
    ("", "the input is empty"),
    ("/etc", "Is a directory"),
])
def test_what_cannot_be_decoded_says_what_was_looked_for(given, said):
    result = obol("decode", *([given] if given else [])).failed()
    assert result.status == 1 and said in result.err, str(result)


def test_text_that_is_nothing_is_called_so(tmp_path):
    (tmp_path / "notes").write_text("hello, this is a note")
    result = obol("decode", tmp_path / "notes").failed()
    assert "the input is text" in result.err and str(tmp_path / "notes") in result.err, str(result)


def tlv(tag, value):
    assert len(value) < 128
    return bytes([tag, len(value)]) + value


def test_an_error_message_is_decoded_from_each_of_its_wrappings(tmp_path):
    # A KRB-ERROR of RFC 4120 5.9.1: KDC_ERR_C_PRINCIPAL_UNKNOWN, of krbtgt/EXAMPLE.COM.
    message = tlv(0x7e, tlv(0x30, b"".join([
        tlv(0xa0, tlv(2, b"\x05")), tlv(0xa1, tlv(2, b"\x1e")), tlv(0xa4, tlv(0x18, b"20300101000000Z")),
        tlv(0xa5, tlv(2, b"\x00")), tlv(0xa6, tlv(2, b"\x06")), tlv(0xa9, tlv(0x1b, b"EXAMPLE.COM")),
        tlv(0xaa, tlv(0x30, tlv(0xa0, tlv(2, b"\x02")) + tlv(0xa1, tlv(0x30, tlv(0x1b, b"krbtgt")
                                                                    + tlv(0x1b, b"EXAMPLE.COM")))))])))
    shown = {}
    for name, given in (("hex", message.hex()), ("base64", base64.b64encode(message).decode()),
                        ("header", "WWW-Authenticate: Negotiate " + base64.b64encode(message).decode())):
        shown[name] = obol("decode", given).ok().out
        assert "EXAMPLE.COM" in shown[name] and "krbtgt" in shown[name], shown[name]
    (tmp_path / "m").write_bytes(message)
    (tmp_path / "tcp").write_bytes(len(message).to_bytes(4, "big") + message)
    assert obol("decode", tmp_path / "m").ok().out in shown["hex"]
    assert "TCP record" in obol("decode", tmp_path / "tcp").ok().out
    assert json.loads(obol("decode", "--json", tmp_path / "m").ok().out)
    (tmp_path / "cut").write_bytes(message[:-5])
    assert re.search(r"byte|DER", obol("decode", tmp_path / "cut").failed().err)
