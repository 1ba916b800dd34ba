"""HTTP's authentication headers: what is read, what is refused, and what mutations do."""

import base64
import random

import obol
import pytest
from obol.http import challenges, negotiate_token, parse_authorization


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        ("Negotiate", [("Negotiate", "", {})]),
        (" , Negotiate ,, NTLM\t,", [("Negotiate", "", {}), ("NTLM", "", {})]),
        ("nEgOtIaTe YWJj", [("nEgOtIaTe", "YWJj", {})]),
        ("Negotiate YQ==, Basic realm=\"a, \\\"b\\\"\"", [("Negotiate", "YQ==", {}), ("Basic", "", {"realm": 'a, "b"'})]),
        ("Digest a=1, b = two ,c=\"\", Negotiate", [("Digest", "", {"a": "1", "b": "two", "c": ""}), ("Negotiate", "", {})]),
        ("Bearer A=x, Negotiate YQ==", [("Bearer", "", {"a": "x"}), ("Negotiate", "YQ==", {})]),
    ],
)  # fmt: skip
def test_challenges_are_read(value, expected):
    assert [(c.scheme, c.token, c.params) for c in challenges(value)] == expected


@pytest.mark.parametrize(
    "value",
    ["=", "Negotiate \x00", "Negotiate\r\nX: y", "Negotiate a b", "Basic realm=\"open", "Digest a=1, a=2",
     "Basic realm=two words", "@ x", "Negotiate " + "A" * 300_000],
)  # fmt: skip
def test_challenges_that_are_none_are_refused(value):
    with pytest.raises(obol.DecodeError):
        challenges(value)


def test_a_bad_neighbour_does_not_hide_negotiate():
    assert negotiate_token(["Basic realm=two words, Negotiate YQ==, Foo a b"]) == b"a"
    assert negotiate_token(["Basic realm=\"unclosed", "Negotiate"]) == b""
    assert negotiate_token(["Basic realm=\"Negotiate YQ==\"", "NTLM"]) is None
    assert negotiate_token([]) is None


@pytest.mark.parametrize(
    "fields",
    [["Negotiate YQ"], ["Negotiate !"], ["NTLM, Negotiate a b"], ["Negotiate YR=="], ["Negotiate Y-_="], ["Negotiate YQ==, Negotiate Yg=="], ["Negotiate a=b"]],
)  # fmt: skip
def test_tokens_that_are_not_whole_are_refused(fields):
    with pytest.raises(obol.DecodeError):
        negotiate_token(fields)


def test_authorization_is_read():
    assert parse_authorization("negotiate  YWJj ") == ("negotiate", b"abc")
    assert parse_authorization("Basic dXNlcjpwdw==") == ("basic", b"")
    for value in ("", "Negotiate", "Negotiate ", "Negotiate YQ", "Negotiate YQ== x", "\"x\" y", "Negotiate\tYQ==", "é YQ=="):
        with pytest.raises(obol.DecodeError):
            parse_authorization(value)


SEEDS = [
    "Negotiate",
    "Negotiate " + base64.b64encode(bytes(range(64))).decode(),
    'Digest realm="x, \\"y\\"", nonce=abc, Negotiate YQ==, Basic realm=two words',
    "NTLM TlRMTVNTUAABAAAA, , Negotiate",
]
ALPHABET = "\x00\t \",=\\aZ09+/-_~é\x7f\r\nNegotiate"


def _mutated(random_, value):
    for _ in range(random_.randint(1, 6)):
        at = random_.randint(0, len(value))
        kind = random_.randint(0, 3)
        if kind == 0:
            value = value[:at] + random_.choice(ALPHABET) + value[at:]
        elif kind == 1:
            value = value[:at] + value[at + random_.randint(1, 8) :]
        elif kind == 2:
            value = value[:at] + value[at : at + 9] * 2 + value[at + 9 :]
        else:
            value = value[:at] + random_.choice(SEEDS) + value[at:]
    return value


def test_mutations_are_read_or_refused_and_never_anything_else():
    random_ = random.Random(4559)
    read = refused = 0
    for _ in range(6_000):
        value = _mutated(random_, random_.choice(SEEDS))
        try:
            found = challenges(value)
        except obol.DecodeError:
            refused += 1
        else:
            read += 1
            again = ", ".join(
                " ".join([c.scheme, c.token] if not c.params else [c.scheme]) .strip()
                + (" " if c.params else "")
                + ", ".join('{}="{}"'.format(k, v.replace("\\", "\\\\").replace('"', '\\"')) for k, v in c.params.items())
                for c in found
            )  # fmt: skip
            assert challenges(again) == found
        for parse in (lambda v: negotiate_token([v]), parse_authorization):
            try:
                parse(value)
            except obol.DecodeError:
                pass
    assert read > 300 and refused > 300


def test_long_headers_take_no_long_time():
    for value in ('"' * 200_000, "a=" * 100_000, "a " * 100_000, "Digest " + "a=b," * 60_000, ", " * 100_000):
        try:
            challenges(value, lenient=True)
        except obol.DecodeError:
            pass
