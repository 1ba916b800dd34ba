# demo_show.py: how `./dev run` looks: headings, arrows, and a bar beside each sealed part in the
# colour of the key that seals it. Colour only on a terminal, and not if NO_COLOR is set.
import os
import shutil
import sys
import textwrap

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
WIDTH = max(64, min(92, shutil.get_terminal_size((92, 24)).columns - 1))
LABEL = 12  # columns of the words that stand before facts: "sealed with"
# For terminals that do not speak UTF-8.
ASCII = str.maketrans({"→": "->", "▶": ">", "◀": "<", "─": "-", "━": "=", "┃": "|", "┏": "+", "┗": "+", "✓": "ok:", "✗": "FAILED:",
                       "“": '"', "”": '"', "·": "-", "■": "*"})
# The colours of keys, in the order in which keys appear.
COLOURS = ["33", "35", "36", "32", "94", "38;5;208"]
colour_of_key = {}


def style(code, text):
    return f"\033[{code}m{text}\033[0m" if COLOUR and code else text


def out(text=""):
    if not (sys.stdout.encoding or "ascii").lower().replace("-", "").startswith("utf"):
        text = text.translate(ASCII).encode("ascii", "replace").decode()
    print(text, flush=True)


def key(name):
    """A key's name in its colour, which is its own from its first appearance on."""
    code = colour_of_key.setdefault(name, COLOURS[len(colour_of_key) % len(COLOURS)])
    return code, style(code + ";1", name)


def keys_coloured(line):
    """The line with the names of keys in their colours."""
    for name, code in colour_of_key.items():
        line = line.replace(name, style(code + ";1", name))
    return line


def title(text):
    out("\n" + style("1", f"━━ {text} " + "━" * max(2, WIDTH - len(text) - 4)))


def paragraph(text, indent="  ", code="", first=None):
    lines = textwrap.wrap(text, WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
    for i, line in enumerate(lines):
        out((first if first and i == 0 else indent) + style(code, line))


def command(text, note=""):
    gap = " " * max(2, 44 - len(text))
    out(style("2", "  $ ") + style("1", text) + (style("2", f"{gap}# {note}") if note else ""))


def fact(text):
    paragraph(text, "    ", first="  " + style("32;1", "✓ "))


def failed(text):
    sys.stdout.flush()
    out("\n  " + style("31;1", "✗ " + text.strip().replace("\n", "\n    ")))


def arrow(left, right, rightward, kind, size, by):
    """alice ──▶ KDC  AS-REQ  159 bytes, UDP"""
    ends = f"{style('1', left)} {'──▶' if rightward else '◀──'} {style('1', right)}"
    tail = f"{size} bytes, {by}"
    room = WIDTH - len(f"  {left} ──▶ {right}  {kind}{tail}")
    out(f"\n  {ends}  {style('1', kind)}{' ' * max(2, room)}{style('2', tail)}")


def says(text):
    paragraph(f"“{text}”", "    ", "3")


def wrapped(label, text):
    """(label, line): the first with the label, the others without."""
    lines = textwrap.wrap(text, WIDTH - len("    ┃ ") - LABEL, break_long_words=False, break_on_hyphens=False)
    return [(label if i == 0 else "", line) for i, line in enumerate(lines)]


def row(label, text):
    for head, line in wrapped(label, text):
        out("      " + style("2", f"{head:<{LABEL}}") + keys_coloured(line))


def sealed(name, part, key_name, why, rows):
    """A sealed part: a bar in its key's colour, what it is, which key seals it and why, and what
    is inside."""
    code, _ = key(key_name)
    size = f"{len(part['cipher']) // 2} bytes, {part['etype-name']}"
    lines = [(style("1", f"{name:<{LABEL}}"), size)]
    for label, text in [("sealed with", f"{key_name}, {why}"), *rows]:
        lines += [(style("2", f"{head:<{LABEL}}"), keys_coloured(line)) for head, line in wrapped(label, text)]
    for i, (head, line) in enumerate(lines):
        bar = "┏" if i == 0 else "┗" if i == len(lines) - 1 else "┃"
        out("    " + style(code + ";1", bar) + " " + head + line)


def table(head, rows):
    widths = [max(len(str(line[i])) for line in [head, *rows]) for i in range(len(head))]
    for line in [head, *rows]:
        cells = [f"{cell:<{width}}" for cell, width in zip(line, widths)]
        text = "   ".join(cells[1:]).rstrip()
        code = colour_of_key.get(line[0])
        mark = style(code, "■ ") if code else "  "
        first = style(code + ";1", cells[0]) if code else style("2", cells[0])
        out("  " + mark + first + "   " + (text if code else style("2", text)))
