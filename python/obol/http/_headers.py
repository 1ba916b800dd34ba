"""HTTP's authentication headers (RFC 9110 11, RFC 4559), read strictly and without I/O.

What servers are known to send and this takes: empty list elements (RFC 9110 5.6.1), schemes in any
case, several challenges in one field (clients join fields), blanks around ``=`` (RFC 9110 11.2
calls them bad and wants them read), and beside Negotiate a challenge that cannot be read (``Basic
realm=two words``): it is passed over up to the next comma outside quotes. What this refuses: base64
that is not whole or canonical, a second Negotiate challenge with another token, control characters,
fields of more than 256 KiB.

Raises: :class:`obol.DecodeError`.
Source: ``python/obol/http/_headers.py``, RFC 9110 5.6 and 11, RFC 4559 4, RFC 4648 3.5.
"""

from __future__ import annotations

import base64
import binascii
import re

from ..errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Optional

__all__ = ["Challenge", "authorization", "challenges", "negotiate_token", "parse_authorization"]

LIMIT = 256 * 1024

_BAD = re.compile(r"[^\t\x20-\x7e\x80-\U0010ffff]")
_BLANK = re.compile(r"[ \t]*")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TOKEN68 = re.compile(r"[0-9A-Za-z._~+/-]+=*(?=[ \t]*(?:,|$))")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_REST = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"|")*')


class Challenge:
    """One challenge or credential: ``scheme`` as it is written, ``token`` (token68), ``params``."""

    __slots__ = ("params", "scheme", "token")

    def __init__(self, scheme: str, token: str, params: dict[str, str]) -> None:
        self.scheme, self.token, self.params = scheme, token, params

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Challenge):
            return NotImplemented
        mine = (self.scheme.lower(), self.token, self.params)
        return mine == (other.scheme.lower(), other.token, other.params)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Challenge {self.scheme} {len(self.token)} characters {self.params}>"


def _error(detail: str) -> DecodeError:
    return DecodeError(detail, name="FORMAT", remedy="The other side sends a header that is wrong.")


def _checked(value: str) -> str:
    if len(value) > LIMIT:
        raise _error(f"an authentication header of {len(value)} characters; at most {LIMIT}")
    found = _BAD.search(value)
    if found:
        raise _error(f"character 0x{ord(found[0]):02x} in an authentication header")
    return value


class _Reader:
    """A place in a field's value; each method reads on from it, or reads nothing."""

    def __init__(self, value: str) -> None:
        self.value, self.at = value, 0

    def take(self, pattern: re.Pattern[str]) -> Optional[re.Match[str]]:
        found = pattern.match(self.value, self.at)
        if found is not None:
            self.at = found.end()
        return found

    @property
    def end(self) -> bool:
        return self.at >= len(self.value)

    def between(self) -> bool:
        """Whether an element of the list ends here."""
        return self.end or self.value[self.at] == ","

    def commas(self) -> None:
        self.take(_BLANK)
        while not self.end and self.value[self.at] == ",":
            self.at += 1
            self.take(_BLANK)

    def param(self) -> Optional[tuple[str, str]]:
        """``name = token`` or ``name = "text"``, with the end of its element behind it."""
        start = self.at
        name = self.take(_TOKEN)
        if name and self.take(_EQUALS):
            quoted = self.take(_QUOTED)
            word = quoted or self.take(_TOKEN)
            self.take(_BLANK)
            if word and self.between():
                text = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else word[0]
                return name[0].lower(), text
        self.at = start
        return None


def _params(reader: _Reader) -> Optional[dict[str, str]]:
    """The parameters that belong to one challenge; None if what stands here is none."""
    params: dict[str, str] = {}
    while (found := reader.param()) is not None:
        if found[0] in params:
            return None
        params[found[0]] = found[1]
        here = reader.at
        reader.commas()
        after = reader.at
        if reader.param() is None:
            reader.at = here
            return params
        reader.at = after
    return params or None


def _one(reader: _Reader) -> Optional[Challenge]:
    scheme = reader.take(_TOKEN)
    if scheme is None:
        return None
    blank = reader.take(_BLANK)
    if reader.between():
        return Challenge(scheme[0], "", {})
    if not blank or not blank[0]:
        return None
    token = reader.take(_TOKEN68)
    if token:
        reader.take(_BLANK)
        return Challenge(scheme[0], token[0], {})
    params = _params(reader)
    return None if params is None else Challenge(scheme[0], "", params)


def challenges(value: str, *, lenient: bool = False) -> list[Challenge]:
    """The challenges of a ``WWW-Authenticate`` or ``Proxy-Authenticate`` field, in their order.

    :param lenient: pass over a challenge that cannot be read, to the next comma, unless it is one
        of Negotiate.

    Raises: :class:`obol.DecodeError`.
    """
    reader = _Reader(_checked(value))
    found: list[Challenge] = []
    reader.commas()
    while not reader.end:
        start = reader.at
        one = _one(reader)
        if one is not None:
            found.append(one)
        elif not lenient or value[start : start + 9].lower() == "negotiate":
            raise _error(f"an authentication header cannot be read at character {start}")
        else:
            reader.at = start
            reader.take(_REST)
        reader.commas()
    return found


def _decode(text: str) -> bytes:
    try:
        token = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise _error("what stands behind Negotiate is not base64") from None
    if base64.b64encode(token).decode("ascii") != text:
        raise _error("the base64 behind Negotiate is not whole")
    return token


def negotiate_token(fields: Iterable[str]) -> Optional[bytes]:
    """What the fields of an answer say about Negotiate: None: not offered; ``b""``: offered; else
    the server's token.

    Raises: :class:`obol.DecodeError`.
    """
    offered, token = False, ""
    for value in fields:
        for challenge in challenges(value, lenient=True):
            if challenge.scheme.lower() != "negotiate":
                continue
            if challenge.params:
                raise _error("parameters stand behind Negotiate, where a token should")
            offered = True
            if challenge.token and token and challenge.token != token:
                raise _error("two Negotiate challenges with different tokens")
            token = token or challenge.token
    return _decode(token) if offered else None


def parse_authorization(value: str) -> tuple[str, bytes]:
    """(scheme in lower case, token) of an ``Authorization`` field; the token only of Negotiate.

    Raises: :class:`obol.DecodeError`.
    """
    scheme, _, rest = _checked(value).strip(" \t").partition(" ")
    if not _TOKEN.fullmatch(scheme):
        raise _error("the Authorization header begins with no scheme")
    if scheme.lower() != "negotiate":
        return scheme.lower(), b""
    token = _decode(rest.lstrip(" "))
    if not token:
        raise _error("nothing stands behind Negotiate in the Authorization header")
    return "negotiate", token


def authorization(token: bytes) -> str:
    """The value of an ``Authorization`` field (or of a challenge) with a token."""
    return "Negotiate " + base64.b64encode(token).decode("ascii") if token else "Negotiate"


def origin_of(url: str) -> str:
    """scheme://host:port of a URL, without user and path."""
    scheme, _, rest = url.partition("://")
    for end in "/?#":
        rest = rest.partition(end)[0]
    host = rest.rpartition("@")[2].lower()
    scheme = scheme.lower()
    usual = {"http": ":80", "https": ":443"}.get(scheme, "")
    if usual and host.endswith(usual):
        host = host[: -len(usual)]
    return f"{scheme}://{host}"
