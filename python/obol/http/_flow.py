"""One request's login at one origin or proxy, without I/O: a generator that says what it wants.

It yields ``("context", target, options)`` and is sent a context (or has the failure thrown in), or
``("send", headers)`` and is sent a :class:`Reply`. When it ends, the last reply is the answer.

Raises: :class:`obol.MutualAuthFailed`, :class:`obol.DecodeError` for hostile headers, and what the
service's token says went wrong.
Source: ``python/obol/http/_flow.py``, RFC 4559 4 and 5, RFC 9110 11.7.
"""

from __future__ import annotations

from ..errors import Error, MutualAuthFailed, ServiceError
from ._headers import authorization, negotiate_token, origin_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from typing import Any, Optional

    from ..context import Context
    from ._negotiate import Negotiate

    Want = tuple[Any, ...]

ROUNDS = 8  # tokens that one request may take
# What an old ticket of ours fails with at a service that got new keys: a fresh ticket helps.
STALE = (31, 32, 41, 44, 45)

ORIGIN = (401, "www-authenticate", "Authorization")
PROXY = (407, "proxy-authenticate", "Proxy-Authorization")


class Reply:
    """What a flow is told of an answer: ``fields(name)`` gives a header's fields, ``binding`` the
    channel binding of the connection that it came over, ``proxy`` the proxy's URL."""

    __slots__ = ("binding", "fields", "proxy", "status")

    def __init__(
        self,
        status: int,
        fields: Callable[[str], Sequence[str]],
        binding: Optional[bytes] = None,
        proxy: str = "",
    ) -> None:
        self.status, self.fields, self.binding, self.proxy = status, fields, binding, proxy


class _Login:
    """What is known of one login (at the origin, or at the proxy) while its request goes on."""

    def __init__(self, auth: Negotiate, kind: tuple[int, str, str], url: str) -> None:
        self.auth, self.kind, self.url = auth, kind, url
        self.context: Optional[Context] = None
        self.delegate = auth.delegate and kind is ORIGIN
        self.bound: Optional[bytes] = None
        self.tries = self.rounds = 0
        self.at_once = self.sent_token = self.proven = self.fresh = False

    def begin(self, binding: Optional[bytes]) -> Generator[Want, Any, str]:
        """A new context; the value of the header that carries its first token."""
        self.close()
        self.tries += 1
        self.bound = binding
        wanted = self.auth.wanted(self.url, binding, self.fresh)
        self.context = yield ("context", *wanted, self.delegate)
        assert self.context is not None
        self.sent_token, self.proven = True, False
        return authorization(self.context.step())

    def take(self, token: bytes) -> bytes:
        """Takes a token of the service's; what is to be sent back, if anything is."""
        assert self.context is not None
        self.rounds += 1
        if self.rounds > ROUNDS:
            raise MutualAuthFailed(
                f"{self.url} wants more than {ROUNDS} tokens", name="MUTUAL_FAILED"
            )
        if self.context.done:
            return b""
        answer = self.context.step(token)
        self.proven = self.context.done
        return answer

    def close(self) -> None:
        if self.context is not None:
            self.context.close()

    def answered(self, reply: Reply) -> Generator[Want, Any, Optional[str]]:
        """What to send after an answer: the header's value for another try; None: it is final."""
        final = reply.status != self.kind[0]
        if final and (not self.sent_token or self.auth.mutual == "off"):
            return None
        token = negotiate_token(reply.fields(self.kind[1]))
        if final:
            self._final(reply, token)
        if final or token is None:
            return None
        if token and self.context is not None:
            try:
                answer = self.take(token)
            except Error as error:
                if self.tries > 1 or not (self.at_once or error.code in STALE):
                    raise
                self.fresh = error.code in STALE
                return (yield from self.begin(reply.binding))
            if answer:
                return authorization(answer)
        return (yield from self._again(reply))

    def _again(self, reply: Reply) -> Generator[Want, Any, Optional[str]]:
        """A login refused without a reason is tried once more if it went out before its challenge:
        the connection may have another certificate, and the ticket may be old."""
        if self.tries and not (self.at_once and self.tries == 1):
            return None
        self.fresh = self.tries > 0 and self.bound == reply.binding
        return (yield from self.begin(reply.binding))

    def _final(self, reply: Reply, token: Optional[bytes]) -> None:
        if token:
            self.take(token)
        if self.auth.mutual == "required" and not self.proven:
            raise MutualAuthFailed(
                f"the answer of {self.url} carries no token of the service",
                name="MUTUAL_FAILED",
                facts=[("url", self.url), ("status", str(reply.status)), ("header", self.kind[1])],
                remedy="The server, or a proxy before it, drops the token, or somebody else "
                "answered. Over TLS Negotiate(mutual='optional') is enough: the certificate proves "
                "the server.",
            )


def request(
    auth: Negotiate,
    url: str,
    *,
    binding: Optional[bytes] = None,
    repeatable: bool = True,
    proxy: str = "",
    first: Optional[Reply] = None,
    begun: str = "",
) -> Generator[Want, Any, None]:
    """The flow of one request.

    :param binding: the channel binding of its connection, if it is known already.
    :param repeatable: whether its body can be sent again; if not, it is sent with a login at once.
    :param proxy: the URL of a proxy to log in to at once.
    :param first: the answer to a request that was sent without a flow.
    :param begun: the URL that the caller asked for, where a redirect led here from there: a TGT is
        handed on to that origin only.
    """
    origin, gate = _Login(auth, ORIGIN, url), _Login(auth, PROXY, proxy)
    if begun and origin_of(begun) != origin_of(url):
        origin.delegate = False
    try:
        if first is not None:
            reply = first
        else:
            headers = yield from _at_once(auth, origin, gate, binding, repeatable)
            reply = yield ("send", headers)
        while True:
            headers = yield from _answers(auth, origin, gate, reply)
            if not headers:
                auth.learned(url, reply.binding, origin.sent_token and reply.status != 401)
                return
            reply = yield ("send", headers)
    finally:
        origin.close()
        gate.close()


def _answers(
    auth: Negotiate, origin: _Login, gate: _Login, reply: Reply
) -> Generator[Want, Any, dict[str, str]]:
    """The headers of another try; none if the answer is final."""
    headers: dict[str, str] = {}
    gate.url = gate.url or reply.proxy or auth.proxy
    for login in (gate, origin):
        value = (yield from login.answered(reply)) if login.url else None
        if value is not None:
            headers[login.kind[2]] = value
    if ORIGIN[2] in headers and gate.sent_token:
        # The proxy's token is used up as well.
        headers[PROXY[2]] = yield from gate.begin(None)
        gate.at_once, gate.tries = True, 1
    return headers


def _at_once(
    auth: Negotiate, origin: _Login, gate: _Login, binding: Optional[bytes], repeatable: bool
) -> Generator[Want, Any, dict[str, str]]:
    headers: dict[str, str] = {}
    known = auth.known(origin.url)
    if gate.url:
        gate.at_once = True
        headers[PROXY[2]] = yield from gate.begin(None)
    if not (auth.preempt or known is not None or not repeatable):
        return headers
    if binding is None and known is not None:
        binding = known.binding
    origin.at_once = True
    try:
        if binding is None and auth.bind_tls and origin.url.lower().startswith(("https:", "wss:")):
            binding = yield ("probe", origin.url)
        headers[ORIGIN[2]] = yield from origin.begin(binding)
    except ServiceError:
        # Nobody asked for a login yet: a service that has no SPN may want none.
        if auth.preempt:
            raise
        origin.tries, origin.at_once = 0, False
    return headers
