"""Contexts of pyspnego's kind: ``spnego.client`` and ``spnego.server``.

Source: ``python/obol/compat/spnego/_context.py``.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from .. import gssapi
from ..gssapi import raw
from ..gssapi.exceptions import GSSError
from ..gssapi.raw.sec_contexts import _initiate
from .channel_bindings import GssChannelBindings
from .exceptions import (
    FeatureMissingError,
    InvalidTokenError,
    NegotiateOptions,
    NoContextError,
    SpnegoError,
    of_gss,
)

_MECHS = {"kerberos": "1.2.840.113554.1.2.2", "negotiate": "1.3.6.1.5.5.2"}
_SESSION_KEY = raw.OID.from_int_seq("1.2.840.113554.1.2.2.5.5")
# NTLM's keys are hashes of passwords, which whoever steals them can use, and Windows is about to drop it.
NO_NTLM = (
    'obol speaks Kerberos only, not NTLM or CredSSP: use protocol="kerberos" or "negotiate", with the '
    "host's full name and a login in the realm"
)
_NO_INTEGRITY = raw.OID.from_int_seq("1.2.752.43.13.29")


class ContextReq(enum.IntFlag):
    """What a context is to do, and does."""

    none = 0
    delegate = 1
    mutual_auth = 2
    replay_detect = 4
    sequence_detect = 8
    confidentiality = 0x10
    integrity = 0x20
    dce_style = 0x1000
    identify = 0x2000
    delegate_policy = 0x80000
    no_integrity = 0x10000000
    default = 0x3E


class WrapResult(NamedTuple):
    """A token, and whether it is sealed."""

    data: bytes
    encrypted: bool


class UnwrapResult(NamedTuple):
    """A message, whether it was sealed, and the quality of protection."""

    data: bytes
    encrypted: bool
    qop: int


class WinRMWrapResult(NamedTuple):
    """A message of WinRM's in its parts."""

    header: bytes
    data: bytes
    padding_length: int


@contextmanager
def _told(doing: str) -> Iterator[None]:
    try:
        yield
    except GSSError as error:
        raise of_gss(error, doing) from error


class ContextProxy:
    """One end of a login: :meth:`step` until :attr:`complete`, then messages."""

    def __init__(
        self,
        usage: str,
        username: str | None,
        password: str | None,
        hostname: str | None,
        service: str | None,
        channel_bindings: GssChannelBindings | None,
        context_req: ContextReq,
        protocol: str,
    ) -> None:
        if protocol.lower() not in _MECHS:
            raise FeatureMissingError(f"the protocol {protocol}", NO_NTLM)
        self.usage, self.protocol = usage, protocol.lower()
        self.context_req, self.channel_bindings = context_req, channel_bindings
        self._mech = raw.OID.from_int_seq(_MECHS[self.protocol])
        self._context = raw.SecurityContext()
        self.complete = False
        self._flags: raw.IntEnumFlagSet | int = 0
        with _told("Retrieving credentials"):
            self._name = gssapi.Name(
                f"{service or 'host'}@{hostname or 'unspecified'}",
                gssapi.NameType.hostbased_service,
            )
            self._creds = self._acquire(username, password)

    def _acquire(self, username: str | None, password: str | None) -> raw.Creds | None:
        if self.usage == "accept":
            return raw.acquire_cred(self._name, usage="accept").creds
        name = gssapi.Name(username, gssapi.NameType.user) if username else None
        if name is not None and password is not None:
            creds = raw.acquire_cred_with_password(name, password.encode()).creds
        else:
            creds = raw.acquire_cred(name, usage="initiate").creds
        if self.context_req & ContextReq.no_integrity:
            raw.set_cred_option(_NO_INTEGRITY, creds)
        return creds

    def step(
        self,
        in_token: bytes | None = None,
        *,
        channel_bindings: GssChannelBindings | None = None,
    ) -> bytes | None:
        """Takes the other end's token and gives the next one to send, if there is one."""
        if self.complete:
            raise SpnegoError(context_msg="the context is established: no token is wanted")
        bound = channel_bindings or self.channel_bindings
        bindings = bound.for_gss() if bound else None
        with _told("Processing security token"):
            if self.usage == "accept":
                if not in_token:
                    raise InvalidTokenError(context_msg="the client sent no token")
                got = raw.accept_sec_context(in_token, self._creds, self._context, bindings)
                self._flags, self.complete, token = got.flags, not got.more_steps, got.token
                return token
            made = _initiate(
                self._name,
                self._creds,
                self._context,
                self._mech,
                int(self.context_req) & 0xFFFF,
                None,
                bindings,
                in_token or None,
            )
            self._flags, self.complete = made.flags, not made.more_steps
            return made.token

    @property
    def context_attr(self) -> ContextReq:
        """What the ends agreed on."""
        return ContextReq(int(self._flags) & 0x303F)

    @property
    def client_principal(self) -> str | None:
        """Who logged in, at the service's end."""
        if self.usage == "initiate" or not self.complete:
            return None
        return str(gssapi.Name(raw.inquire_context(self._context).initiator_name))

    @property
    def negotiated_protocol(self) -> str | None:
        """The mechanism beneath SPNEGO."""
        return "kerberos" if self.complete else None

    @property
    def session_key(self) -> bytes:
        """The key of the context, which is secret."""
        self._established()
        with _told("Retrieving session key"):
            return raw.inquire_sec_context_by_oid(self._context, _SESSION_KEY)[0]

    def _established(self) -> None:
        if not self.complete:
            raise NoContextError()

    def wrap(self, data: bytes, encrypt: bool = True, qop: int | None = None) -> WrapResult:
        """A message as a token."""
        self._established()
        with _told("Wrapping message"):
            return WrapResult(*raw.wrap(self._context, data, encrypt, qop))

    def unwrap(self, data: bytes) -> UnwrapResult:
        """The message of a token."""
        self._established()
        with _told("Unwrapping message"):
            return UnwrapResult(*raw.unwrap(self._context, data))

    def sign(self, data: bytes, qop: int | None = None) -> bytes:
        """A signature."""
        self._established()
        with _told("Signing message"):
            return raw.get_mic(self._context, data, qop)

    def verify(self, data: bytes, mic: bytes) -> int:
        """The quality of protection of a signature that is right."""
        self._established()
        with _told("Verifying message"):
            return raw.verify_mic(self._context, data, mic)

    def wrap_winrm(self, data: bytes) -> WinRMWrapResult:
        """A message for WinRM, in its parts."""
        self._established()
        parts = raw.IOV(raw.IOVBufferType.header, data, raw.IOVBufferType.padding, std_layout=False)
        with _told("Wrapping message"):
            raw.wrap_iov(self._context, parts, True)
        header, sealed, padding = (part.value or b"" for part in parts)
        return WinRMWrapResult(header, sealed + padding, len(padding))

    def unwrap_winrm(self, header: bytes, data: bytes) -> bytes:
        """The reverse."""
        self._established()
        parts = raw.IOV(
            (raw.IOVBufferType.header, False, header),  # type: ignore[arg-type]
            data,
            raw.IOVBufferType.data,
            std_layout=False,
        )
        with _told("Unwrapping message"):
            raw.unwrap_iov(self._context, parts)
        return parts[1].value or b""


def client(
    username: str | None = None,
    password: str | None = None,
    hostname: str = "unspecified",
    service: str = "host",
    channel_bindings: GssChannelBindings | None = None,
    context_req: ContextReq = ContextReq.default,
    protocol: str = "negotiate",
    options: NegotiateOptions = NegotiateOptions.none,
    **kwargs: object,
) -> ContextProxy:
    """The end that logs in: as ``username`` by ``password``, by the user's cache, or the default's.

    Raises: :class:`NoCredentialError` and others.
    """
    _check(options)
    return ContextProxy(
        "initiate", username, password, hostname, service, channel_bindings, context_req, protocol
    )


def server(
    hostname: str = "unspecified",
    service: str = "host",
    channel_bindings: GssChannelBindings | None = None,
    context_req: ContextReq = ContextReq.default,
    protocol: str = "negotiate",
    options: NegotiateOptions = NegotiateOptions.none,
    **kwargs: object,
) -> ContextProxy:
    """The service's end, with the keys of the default keytab.

    Raises: :class:`NoCredentialError` and others.
    """
    _check(options)
    return ContextProxy(
        "accept", None, None, hostname, service, channel_bindings, context_req, protocol
    )


def _check(options: NegotiateOptions) -> None:
    for unknown in (NegotiateOptions.use_sspi, NegotiateOptions.use_ntlm):
        if options & unknown:
            raise FeatureMissingError(unknown, NO_NTLM)
