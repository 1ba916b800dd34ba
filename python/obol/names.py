"""Names of users and services: :class:`Principal`, and how a target becomes an SPN.

The rule for services, the same everywhere in obol: the host is taken as it is written, in lower
case, without a dot at its end and without asking the DNS; ``canonicalize=True`` asks the DNS for
its canonical name instead. The realm is that of ``[domain_realm]`` in krb5.conf, else the KDC of
the user's realm finds it.

Raises: :class:`obol.BadName` for what is no name.
Source: ``python/obol/names.py``, ``src/krb/principal.c``, ``src/net/host.c``.
"""

from __future__ import annotations

from . import _core
from .errors import BadName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Union

    from .config import Config

    Name = Union[str, "Principal"]

__all__ = ["Principal", "Target", "target_of"]


def wire(text: str) -> bytes:
    """A name as the core takes it; bytes that are no UTF-8 come and go as surrogates.

    Raises: :class:`obol.BadName`, :class:`TypeError`.
    """
    if not isinstance(text, str):
        raise TypeError(f"a name is a str, not {type(text).__name__}")
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise BadName(f"{text!a}: {error.reason}", name="NAME_MALFORMED") from None


class Principal:
    """A principal: ``components`` and ``realm``; immutable, and ``str()`` of it reads back equal.

    >>> Principal("HTTP/web.example.com@EXAMPLE.COM").components
    ('HTTP', 'web.example.com')
    """

    __slots__ = ("components", "name_type", "realm")

    realm: str
    components: tuple[str, ...]
    name_type: int

    def __init__(self, name: Name, realm: str = "") -> None:
        if isinstance(name, Principal):
            parts = (name.realm, name.components, name.name_type)
        else:
            parts = _core.parse_principal(wire(name), wire(realm), not realm)
        for slot, value in zip(("realm", "components", "name_type"), parts):
            object.__setattr__(self, slot, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a Principal is immutable")

    @property
    def primary(self) -> str:
        """The first component: the user's name, or the service's class."""
        return self.components[0]

    @property
    def host(self) -> str:
        """The second component of a service's name, "" of a user's."""
        return self.components[1] if len(self.components) > 1 else ""

    def __str__(self) -> str:
        return _core.write_principal(self.realm, self.components)

    def __repr__(self) -> str:
        return f"Principal({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Principal):
            return NotImplemented
        return self.realm == other.realm and self.components == other.components

    def __hash__(self) -> int:
        return hash((self.realm, self.components))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Principal, (str(self),))


class Target:
    """What a caller wrote, the SPNs that it stands for in the order of trying, and why these."""

    __slots__ = ("asked_as", "derivation", "host", "names")

    def __init__(
        self, asked_as: str, names: list[str], derivation: list[str], host: str = ""
    ) -> None:
        self.host = host
        self.asked_as = asked_as
        self.names = names
        self.derivation = derivation


def split(text: str) -> tuple[str, str, str]:
    """(service, host, what kind of target it was): of "HTTP/web", "HTTP@web", "https://web/x"."""
    if "://" in text:
        scheme, rest = text.split("://", 1)
        host = rest.split("/", 1)[0].split("?", 1)[0].rsplit("@", 1)[-1]
        if host.startswith("["):
            host = host[1:].split("]", 1)[0]
        else:
            host = host.split(":", 1)[0]
        service = "HTTP" if scheme.lower() in ("http", "https", "ws", "wss") else scheme
        return service, host, "of the URL"
    if "/" not in text and "@" in text:
        service, host = text.split("@", 1)
        return service, host, "of service@host"
    return "", "", ""


def target_of(config: Config, target: Name, canonicalize: bool = False) -> Target:
    """The SPNs that a target stands for; asks the DNS only with ``canonicalize``.

    Raises: :class:`obol.BadName`.
    """
    text = str(target)
    service, host, kind = split(text)
    if not service:
        parsed = Principal(text)
        if parsed.realm or len(parsed.components) != 2:
            return Target(text, [text], [f"{text} is a whole name: it is asked for as it is"])
        service, host, kind = parsed.components[0], parsed.components[1], "as it is written"
    if not host:
        raise BadName(f"{text!r} names no host", name="NAME_MALFORMED")
    names = config._core.host_service(wire(service), wire(host), 1 if canonicalize else 0)
    how = "its canonical name in the DNS" if canonicalize else "in lower case, no DNS asked"
    steps = [f"host {host!r} {kind}; {how}"] + [f"asked for as {name}" for name in names]
    return Target(text, names, steps, host)


def variants(spn: str, domain: str) -> list[str]:
    """Names like this one that a KDC may know instead: for the text of an error."""
    name = Principal(spn)
    if len(name.components) != 2:
        return []
    service, host = name.components
    found: list[str] = []
    for kind in (service, service.upper(), service.lower(), "HTTP", "host"):
        for where in (host, host.lower(), host.split(".", 1)[0], f"{host}.{domain}"):
            other = f"{kind}/{where}"
            plausible = kind.upper() in (service.upper(), "HTTP", "HOST") and "." in other
            if other != f"{service}/{host}" and other not in found and plausible:
                found.append(other)
    same_host = [f for f in found if f.split("/", 1)[1] == host]
    return (same_host + [f for f in found if f not in same_host])[:6]
