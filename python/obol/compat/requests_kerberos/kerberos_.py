"""``HTTPKerberosAuth`` (``requests_kerberos.kerberos_``; RFC 4559, RFC 5929).

Source: ``python/obol/compat/requests_kerberos/kerberos_.py``.
"""

from __future__ import annotations

import base64
import binascii
import logging
import re
import threading
import warnings
from typing import Any
from urllib.parse import urlsplit

from requests.auth import AuthBase  # type: ignore[import]
from requests.cookies import cookiejar_from_dict  # type: ignore[import]
from requests.models import PreparedRequest, Response  # type: ignore[import]
from requests.structures import CaseInsensitiveDict  # type: ignore[import]

from obol.binding import end_point, hash_name

from .. import spnego
from ..spnego.channel_bindings import GssChannelBindings
from ..spnego.exceptions import SpnegoError
from .exceptions import KerberosExchangeError, MutualAuthenticationError

log = logging.getLogger(__name__)

REQUIRED = 1  # every answer but errors must come with the server's proof
OPTIONAL = 2  # a proof that comes must be right
DISABLED = 3  # none is asked for

_NEGOTIATE = re.compile(r"(?:^|[\s,])Negotiate\s*([A-Za-z0-9+/=]*)", re.IGNORECASE)
_MOST_TRIES = 2


class NoCertificateRetrievedWarning(Warning):
    """The server's certificate is not to be had: the login is not bound to it."""


class UnknownSignatureAlgorithmOID(Warning):
    """The certificate is signed in a way that names no hash: the login is not bound to it."""


class SanitizedResponse(Response):  # type: ignore[misc]
    """An error that the server did not prove to be its own: without its content and headers."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        for name in ("status_code", "encoding", "raw", "reason", "url", "request", "connection"):
            setattr(self, name, getattr(response, name, None))
        self._content_consumed = True
        self._content = ""
        self.cookies = cookiejar_from_dict({})
        kept = {key: response.headers[key] for key in ("date", "server") if key in response.headers}
        self.headers = CaseInsensitiveDict({"content-length": "0", **kept})


def _negotiate_value(response: Response) -> bytes | None:
    """The token of a response; b"" where Negotiate is offered without, None where it is not."""
    field = "proxy-authenticate" if response.status_code == 407 else "www-authenticate"
    found = _NEGOTIATE.search(response.headers.get(field) or "")
    if found is None:
        return None
    try:
        return base64.b64decode(found.group(1), validate=True)
    except binascii.Error:
        return b""


def _get_certificate_hash(certificate_der: bytes) -> bytes | None:
    """The hash of a certificate as RFC 5929 4.1 wants it."""
    if hash_name(certificate_der) is None:
        warnings.warn(
            "Failed to get signature algorithm from certificate, unable to pass channel bindings: "
            "its OID is not known",
            UnknownSignatureAlgorithmOID,
            stacklevel=2,
        )
        return None
    return end_point(certificate_der).partition(b":")[2]


def _get_channel_bindings_application_data(response: Response) -> bytes | None:
    """What binds a login to the TLS connection that brought a response, if one did."""
    raw = response.raw
    if not str(getattr(response, "url", "")).startswith("https:"):
        return None
    # urllib3 2 shows the connection; with urllib3 1 it is below http.client's reader.
    reader = getattr(getattr(raw, "_fp", None), "fp", None)
    for holder in (getattr(raw, "_connection", None), getattr(raw, "connection", None)):
        sock = getattr(holder, "sock", None)
        if hasattr(sock, "getpeercert"):
            break
    else:
        sock = getattr(getattr(reader, "raw", None), "_sock", None)
    if sock is None or not hasattr(sock, "getpeercert"):
        warnings.warn(
            "the server's certificate is not to be had from this backend of requests: the login is"
            " not bound to the TLS connection",
            NoCertificateRetrievedWarning,
            stacklevel=2,
        )
        return None
    digest = _get_certificate_hash(sock.getpeercert(True))
    return None if digest is None else b"tls-server-end-point:" + digest


class HTTPKerberosAuth(AuthBase):  # type: ignore[misc]
    """Logs in with Kerberos where a server or a proxy asks for it; ``requests``' ``auth=``.

    :param mutual_authentication: REQUIRED, OPTIONAL or DISABLED.
    :param delegate: hand the TGT on.
    :param force_preemptive: send a token with every request, unasked.
    :param principal: who logs in; None: the default cache's owner. With ``password`` by password.
    :param hostname_override: the service's host in place of the URL's.
    :param send_cbt: bind logins to the TLS connection.

    Raises: :class:`MutualAuthenticationError`; :class:`KerberosExchangeError` where a token is to be
    sent unasked and none can be made.
    """

    def __init__(
        self,
        mutual_authentication: int = REQUIRED,
        service: str = "HTTP",
        delegate: bool = False,
        force_preemptive: bool = False,
        principal: str | None = None,
        hostname_override: str | None = None,
        sanitize_mutual_error_response: bool = True,
        send_cbt: bool = True,
        password: str | None = None,
    ) -> None:
        self.mutual_authentication = mutual_authentication
        self.service = service
        self.delegate = delegate
        self.force_preemptive = force_preemptive
        self.principal = principal
        self.hostname_override = hostname_override
        self.sanitize_mutual_error_response = sanitize_mutual_error_response
        self.send_cbt = send_cbt
        self.password = password
        self.auth_done = False
        self._cbts: dict[str | None, GssChannelBindings | None] = {}
        # requests sends a request from one thread from beginning to end: what belongs to a request
        # is the thread's.
        self._mine = threading.local()

    @property
    def _context(self) -> dict[str | None, Any]:
        """The login under way with each host."""
        contexts: dict[str | None, Any] = self._mine.__dict__.setdefault("contexts", {})
        return contexts

    @_context.setter
    def _context(self, contexts: dict[str | None, Any]) -> None:
        self._mine.contexts = contexts

    @property
    def pos(self) -> int | None:
        """Where the request's body began."""
        return getattr(self._mine, "pos", None)

    @pos.setter
    def pos(self, pos: int | None) -> None:
        self._mine.pos = pos

    def generate_request_header(
        self, response: Response | None, host: str | None, is_preemptive: bool = False
    ) -> str:
        """A header's value with a new token."""
        asked = spnego.ContextReq.sequence_detect
        if self.delegate:
            asked |= spnego.ContextReq.delegate
        if self.mutual_authentication != DISABLED:
            asked |= spnego.ContextReq.mutual_auth
        doing = "ctx init"
        try:
            context = spnego.client(
                username=self.principal,
                password=self.password,
                hostname=self.hostname_override or host,  # type: ignore[arg-type]
                service=self.service,
                channel_bindings=self._cbts.get(host),
                context_req=asked,
                protocol="kerberos",
            )
            self._context[host] = context
            doing = "ctx step"
            known = None if is_preemptive or response is None else _negotiate_value(response)
            token = context.step(in_token=known)
        except SpnegoError as error:
            log.error("no token for %s: %s", host, error)
            raise KerberosExchangeError(f"{doing} failed: {error}") from error
        return f"Negotiate {base64.b64encode(token or b'').decode()}"

    def authenticate_user(self, response: Response, **kwargs: Any) -> Response:
        """Sends a request again with a token; gives the response as it is if there is none."""
        url = urlsplit(response.url)
        host, field = url.hostname, "Authorization"
        if response.status_code == 407:
            field = "Proxy-Authorization"
            proxy = (kwargs.get("proxies") or {}).get(url.scheme)
            host = urlsplit(proxy).hostname if proxy else host
        try:
            header = self.generate_request_header(response, host)
        except KerberosExchangeError:
            return response
        response.request.headers[field] = header
        response.content  # noqa: B018  what is left of it stands before the next answer
        response.raw.release_conn()
        again: Response = response.connection.send(response.request, **kwargs)
        again.history.append(response)
        return again

    def _handle_challenge(self, response: Response, **kwargs: Any) -> Response:
        if _negotiate_value(response) is None:
            log.debug("%s offers no Kerberos", response.url)
            return response
        return self.authenticate_user(response, **kwargs)

    def handle_401(self, response: Response, **kwargs: Any) -> Response:
        """Answers a server's challenge."""
        return self._handle_challenge(response, **kwargs)

    def handle_407(self, response: Response, **kwargs: Any) -> Response:
        """Answers a proxy's challenge."""
        return self._handle_challenge(response, **kwargs)

    def handle_other(self, response: Response) -> Response:
        """Checks the server's proof."""
        began = urlsplit(response.url).hostname in self._context
        if self.mutual_authentication == DISABLED or (self.auth_done and not began):
            return response
        if _negotiate_value(response):
            if not self.authenticate_server(response):
                raise MutualAuthenticationError(
                    f"Unable to authenticate {response}", response=response
                )
            self.auth_done = True
            return response
        if self.mutual_authentication == OPTIONAL:
            return response
        if response.status_code < 400:
            raise MutualAuthenticationError(
                f"Unable to authenticate {response}: the server sent no proof of itself",
                response=response,
            )
        return SanitizedResponse(response) if self.sanitize_mutual_error_response else response

    def authenticate_server(self, response: Response) -> bool:
        """Whether the token of a response proves the server."""
        host = urlsplit(response.url).hostname
        context = self._context.pop(host, None)
        if context is None:
            return False
        try:
            context.step(in_token=_negotiate_value(response))
        except SpnegoError as error:
            log.error("%s did not prove itself: %s", host, error)
            return False
        return True

    def handle_response(self, response: Response, **kwargs: Any) -> Response:
        """The hook: goes on until the answer is final."""
        tries = {401: kwargs.pop("num_401s", 0), 407: kwargs.pop("num_407s", 0)}
        handlers = {401: self.handle_401, 407: self.handle_407}
        while True:
            host = urlsplit(response.url).hostname
            if self.send_cbt and host not in self._cbts:
                data = _get_channel_bindings_application_data(response)
                self._cbts[host] = GssChannelBindings(application_data=data) if data else None
            if self.pos is not None:
                response.request.body.seek(self.pos)
            status = response.status_code
            if status not in handlers:
                return self.handle_other(response)
            before, tries[status] = response, tries[status] + 1
            if tries[status] > _MOST_TRIES:
                return response
            response = handlers[status](response, **kwargs)
            if response is before:
                return response

    def deregister(self, response: Response) -> None:
        """Takes the hook off a request."""
        response.request.deregister_hook("response", self.handle_response)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self._context = {}
        if self.force_preemptive:
            host = urlsplit(request.url or "").hostname
            header = self.generate_request_header(None, str(host), is_preemptive=True)
            request.headers["Authorization"] = header
        request.register_hook("response", self.handle_response)
        tell = getattr(getattr(request, "body", None), "tell", None)
        self.pos = tell() if tell is not None else None
        return request
