# source.py: what the tools share: their command line, listing the repository's files, and a reading of C that is just
# good enough for formatted code (comments and strings blanked, functions with their lines).
import argparse
import os
import re
import subprocess
import sys
from collections import namedtuple

Function = namedtuple("Function", "name first last")


def root():
    """The tree to check: $OBOL_TREE for the checks' own tests, else this repository."""
    return os.environ.get("OBOL_TREE") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def arguments(*names, optional=()):
    """A tool's command line, of these words; --help shows the tool's first comment."""
    with open(sys.argv[0], encoding="utf-8") as f:
        comment = re.match(r"#!.*\n((?:#.*\n)+)", f.read()).group(1)
    parser = argparse.ArgumentParser(description=re.sub(r"^# ?", "", comment, flags=re.M),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in names:
        parser.add_argument(name)
    for name in optional:
        parser.add_argument(name, nargs="?")
    return parser.parse_args()


def files(*suffixes, under=("",)):
    """Paths (relative to the tree) that git knows or would add, with one of the suffixes."""
    out = subprocess.run(
        ["git", "-C", root(), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, check=True).stdout.decode()
    found = sorted(set(p for p in out.split("\0") if p))
    return [p for p in found
            if p.endswith(suffixes) and p.startswith(tuple(under)) and os.path.isfile(os.path.join(root(), p))]


def read(path):
    with open(os.path.join(root(), path), encoding="utf-8", errors="replace") as f:
        return f.read()


_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(text):
    """The code without comments and string contents; line numbers stay."""
    def keep_lines(match):
        token = match.group(0)
        filler = "\n" * token.count("\n")
        return token[0] + filler + token[0] if token[0] in "\"'" else filler or " "
    return _TOKEN.sub(keep_lines, text)


def _without_preprocessor(code):
    lines, continued = [], False
    for line in code.split("\n"):
        directive = continued or line.lstrip().startswith("#")
        continued = directive and line.endswith("\\")
        lines.append("" if directive else line)
    return "\n".join(lines)


_NOT_NAMES = {"__attribute__", "MUST_USE", "PRINTF", "CLEANUP", "if", "for", "while", "switch", "return"}


def _function_name(head):
    head = re.sub(r"\bPRINTF\([^)]*\)|\bCLEANUP\([^)]*\)|__attribute__\(\(.*?\)\)", "", head)
    if "=" in head or not head.rstrip().endswith(")"):
        return None
    names = [n for n in re.findall(r"(\w+)\s*\(", head) if n not in _NOT_NAMES]
    return names[0] if names else None


def functions(blanked):
    """Function(name, first, last) for each definition; lines count from 1."""
    code, found = _without_preprocessor(blanked), []
    depth, line, head, head_line, open_function = 0, 1, "", 1, None
    for char in code:
        if char == "\n":
            line += 1
        if depth == 0 and char not in "{};":
            if not head.strip() and not char.isspace():
                head_line = line
            head += char
        elif char == "{":
            if depth == 0:
                name = _function_name(head)
                open_function = (name, head_line) if name else None
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                if open_function:
                    found.append(Function(open_function[0], open_function[1], line))
                head, open_function = "", None
        elif depth == 0:
            head = ""
    return found


def finish(problems):
    """Prints the problems (each "file:line: text") and ends with the check's exit status."""
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
