"""pykerberos's interface (``import kerberos``; also ccs-kerberos's) on obol's own core.

Steps give and take base64 text. What fails raises; AUTH_GSS_COMPLETE and AUTH_GSS_CONTINUE say whether
a login goes on.

Raises: :class:`GSSError`, :class:`KrbError`, :class:`BasicAuthError`, :class:`PwdChangeError`, whose
arguments are ``((text, major), (text, minor))`` or ``(text, code)`` as with the original.
Source: ``python/obol/compat/kerberos.py``, on ``obol.compat.gssapi.raw``.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .. import _login
from ..acceptor import Acceptor
from ..config import system
from ..errors import Error
from ..keytab import Keytab
from .gssapi import raw
from .gssapi.raw.misc import GSSError as _Failed
from .gssapi.raw.sec_contexts import _initiate

AUTH_GSS_ERROR = -1
AUTH_GSS_COMPLETE = 1
AUTH_GSS_CONTINUE = 0

GSS_AUTH_P_NONE = 1
GSS_AUTH_P_INTEGRITY = 2
GSS_AUTH_P_PRIVACY = 4

GSS_C_DELEG_FLAG = 1
GSS_C_MUTUAL_FLAG = 2
GSS_C_REPLAY_FLAG = 4
GSS_C_SEQUENCE_FLAG = 8
GSS_C_CONF_FLAG = 16
GSS_C_INTEG_FLAG = 32
GSS_C_ANON_FLAG = 64
GSS_C_PROT_READY_FLAG = 128
GSS_C_TRANS_FLAG = 256

GSS_MECH_OID_KRB5 = raw.OID.from_int_seq("1.2.840.113554.1.2.2")
GSS_MECH_OID_SPNEGO = raw.OID.from_int_seq("1.3.6.1.5.5.2")

GSS_C_AF_UNSPEC = 0
GSS_C_AF_LOCAL = 1
GSS_C_AF_INET = 2
GSS_C_AF_IMPLINK = 3
GSS_C_AF_PUP = 4
GSS_C_AF_CHAOS = 5
GSS_C_AF_NS = 6
GSS_C_AF_NBS = 7
GSS_C_AF_ECMA = 8
GSS_C_AF_DATAKIT = 9
GSS_C_AF_CCITT = 10
GSS_C_AF_SNA = 11
GSS_C_AF_DECnet = 12
GSS_C_AF_DLI = 13
GSS_C_AF_LAT = 14
GSS_C_AF_HYLINK = 15
GSS_C_AF_APPLETALK = 16
GSS_C_AF_BSC = 17
GSS_C_AF_DSS = 18
GSS_C_AF_OSI = 19
GSS_C_AF_X25 = 21
GSS_C_AF_NULLADDR = 255

_USUAL = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG


class KrbError(Exception):
    """Kerberos failed."""


class BasicAuthError(KrbError):
    """A password is not right, or could not be checked."""


class PwdChangeError(KrbError):
    """A password was not changed."""


class GSSError(KrbError):
    """The GSS-API failed: ``((text, major), (text, minor))``."""


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except _Failed as error:
        major, minor = (
            " -- ".join(error.get_all_statuses(code, is_major))
            for code, is_major in ((error.maj_code, True), (error.min_code, False))
        )
        raise GSSError((major, error.maj_code), (minor, error.min_code)) from error


def _octets(text: str | bytes | None) -> bytes:
    try:
        return base64.b64decode(text or b"", validate=True)
    except (binascii.Error, ValueError) as error:
        raise GSSError(("the token is not base64", 9 << 16), (str(error), 0)) from error


class _State:
    """One end of a login."""

    def __init__(self, name: raw.Name | None, creds: raw.Creds | None) -> None:
        self.flags = _USUAL
        self.mech: raw.OID | None = None
        self.name, self.creds = name, creds
        self.begin()

    def clear(self) -> None:
        """Forgets all; the keys go with the context."""
        self.name = self.creds = None
        self.begin()

    def begin(self) -> None:
        """Nothing has happened yet."""
        self.context = raw.SecurityContext()
        self.response: bytes | None = None
        self.conf = 0
        self.username: str | None = None
        self.target: str | None = None
        self.delegated: raw.Creds | None = None

    def text(self) -> str | None:
        return None if self.response is None else base64.b64encode(self.response).decode()


def _shown(name: raw.Name | None) -> str:
    return "" if name is None else raw.display_name(name, False).name.decode("utf-8", "replace")


def _wanted(context: Any) -> _State:
    if not isinstance(context, _State):
        raise TypeError("Expected a context object")
    return context


# ---- clients


def authGSSClientInit(  # noqa: N802
    service: str,
    principal: str | None = None,
    gssflags: int = _USUAL,
    delegated: Any = None,
    mech_oid: raw.OID | None = None,
) -> tuple[int, _State]:
    """Begins the end that logs in to ``HTTP@host`` or ``HTTP/host@REALM``.

    :param principal: who logs in; None: the default cache's owner.
    :param delegated: a service's state, whose client's delegated credentials log in. pykerberos
        has mech_oid in this place.
    """
    if isinstance(delegated, raw.OID):
        delegated, mech_oid = None, delegated
    with _told():
        kind = None if "/" in service else raw.NameType.hostbased_service
        name = raw.import_name(service.encode(), kind)
        creds = None
        if delegated is not None:
            creds = _wanted(delegated).delegated
        elif principal:
            owner = raw.import_name(principal.encode(), raw.NameType.user)
            creds = raw.acquire_cred(owner, usage="initiate").creds
    state = _State(name, creds)
    state.flags, state.mech = int(gssflags), mech_oid
    return AUTH_GSS_COMPLETE, state


def authGSSClientClean(context: _State) -> int:  # noqa: N802
    """Forgets a state, with its keys."""
    _wanted(context).clear()
    return AUTH_GSS_COMPLETE


authGSSServerClean = authGSSClientClean  # noqa: N816


def authGSSClientStep(  # noqa: N802
    context: _State,
    challenge: str,
    channel_bindings: raw.ChannelBindings | None = None,
) -> int:
    """Takes the service's token, "" at first; :func:`authGSSClientResponse` is ours."""
    state = _wanted(context)
    if state.name is None:
        raise KrbError("the context was cleaned up")
    state.response = None
    with _told():
        made = _initiate(
            state.name,
            state.creds,
            state.context,
            state.mech,
            state.flags,
            None,
            channel_bindings,
            _octets(challenge) or None,
        )
        state.response = made.token
        if made.more_steps:
            return AUTH_GSS_CONTINUE
        state.username = _shown(raw.inquire_context(state.context).initiator_name)
    return AUTH_GSS_COMPLETE


def authGSSClientResponse(context: _State) -> str | None:  # noqa: N802
    """What the last call made, in base64."""
    return _wanted(context).text()


def authGSSClientResponseConf(context: _State) -> int:  # noqa: N802
    """1 if the last message that was opened was sealed."""
    return _wanted(context).conf


def authGSSClientUserName(context: _State) -> str | None:  # noqa: N802
    """Who is logged in."""
    return _wanted(context).username


def authGSSClientUnwrap(context: _State, challenge: str) -> int:  # noqa: N802
    """Opens a message; :func:`authGSSClientResponse` is what it says."""
    state = _wanted(context)
    state.response, state.conf = None, 0
    with _told():
        message, sealed, _ = raw.unwrap(state.context, _octets(challenge))
    state.response, state.conf = message, int(sealed)
    return AUTH_GSS_COMPLETE


def authGSSClientWrap(  # noqa: N802
    context: _State, data: str, user: str | None = None, protect: int = 0
) -> int:
    """Protects a message. With ``user`` it is SASL's answer (RFC 4752 3.1): no layer, and who."""
    state = _wanted(context)
    message = _octets(data)
    if user is not None:
        if len(message) < 4:
            raise GSSError(("SASL's offer is too short", 9 << 16), (f"{len(message)} bytes", 0))
        message = bytes([GSS_AUTH_P_NONE]) + message[1:4] + user.encode()
    state.response = None
    with _told():
        state.response = raw.wrap(state.context, message, bool(protect)).message
    return AUTH_GSS_COMPLETE


def authGSSClientInquireCred(context: _State) -> int:  # noqa: N802
    """Asks whose the default credentials are; :func:`authGSSClientUserName` tells."""
    state = _wanted(context)
    with _told():
        creds = state.creds or raw.acquire_cred(usage="initiate").creds
        state.username = _shown(raw.inquire_cred(creds).name)
    return AUTH_GSS_COMPLETE


# ---- messages in parts: WinRM's (MS-WSMV 2.2.9.1.1.2.2)


def _sealed(state: _State, message: bytes, protect: bool) -> tuple[bytes, bytes, bytes, bool]:
    parts = raw.IOV(raw.IOVBufferType.header, message, raw.IOVBufferType.padding, std_layout=False)
    with _told():
        sealed = raw.wrap_iov(state.context, parts, protect)
    header, body, padding = (part.value or b"" for part in parts)
    return header, body, padding, sealed


def _opened(state: _State, header: bytes, body: bytes) -> tuple[bytes, bool]:
    parts = raw.IOV(
        (raw.IOVBufferType.header, header),
        body,
        raw.IOVBufferType.data,
        std_layout=False,
    )
    with _told():
        sealed = raw.unwrap_iov(state.context, parts).encrypted
    return parts[1].value or b"", sealed


def authGSSClientWrapIov(  # noqa: N802
    context: _State, data: str, protect: int = 1
) -> tuple[int, int]:
    """Protects a message as length, header and body; gives the result and how much is padding."""
    state = _wanted(context)
    header, body, padding, sealed = _sealed(state, _octets(data), bool(protect))
    state.response = struct.pack("<I", len(header)) + header + body + padding
    state.conf = int(sealed)
    return AUTH_GSS_COMPLETE, len(padding)


def authGSSClientUnwrapIov(context: _State, data: str) -> int:  # noqa: N802
    """The reverse."""
    state, message = _wanted(context), _octets(data)
    state.response, state.conf = b"", 0
    if not message:
        return AUTH_GSS_COMPLETE
    length = int.from_bytes(message[:4], "little")
    if len(message) < 4 or length > len(message) - 4:
        raise KrbError(("Data length error in response", -1))
    state.response, sealed = _opened(state, message[4 : 4 + length], message[4 + length :])
    state.conf = int(sealed)
    return AUTH_GSS_COMPLETE


def authGSSWinRMEncryptMessage(context: _State, message: bytes | str) -> tuple[bytes, bytes]:  # noqa: N802
    """Seals a message: (body, header)."""
    octets = message.encode() if isinstance(message, str) else bytes(message)
    header, body, padding, _ = _sealed(_wanted(context), octets, True)
    return body + padding, header


def authGSSWinRMDecryptMessage(context: _State, encrypted_data: bytes, header: bytes) -> bytes:  # noqa: N802
    """Opens a message."""
    return _opened(_wanted(context), bytes(header), bytes(encrypted_data))[0]


def channelBindings(  # noqa: N802
    initiator_addrtype: int = GSS_C_AF_UNSPEC,
    initiator_address: bytes | str | None = None,
    acceptor_addrtype: int = GSS_C_AF_UNSPEC,
    acceptor_address: bytes | str | None = None,
    application_data: bytes | str | None = None,
) -> raw.ChannelBindings:
    """What ties a login to a connection, for :func:`authGSSClientStep`."""
    parts = [
        part.encode() if isinstance(part, str) else part
        for part in (initiator_address, acceptor_address, application_data)
    ]
    return raw.ChannelBindings(
        initiator_addrtype, parts[0], acceptor_addrtype, parts[1], parts[2]
    )


# ---- services


def authGSSServerInit(service: str) -> tuple[int, _State]:  # noqa: N802
    """Begins the service's end; "" takes logins to whatever the keytab has keys for."""
    creds = name = None
    with _told():
        if service:
            name = raw.import_name(service.encode(), raw.NameType.hostbased_service)
            creds = raw.acquire_cred(name, usage="accept").creds
    return AUTH_GSS_COMPLETE, _State(name, creds)


def authGSSServerStep(context: _State, challenge: str) -> int:  # noqa: N802
    """Takes the client's token; :func:`authGSSServerResponse` is ours."""
    state = _wanted(context)
    if not challenge:
        raise KrbError("No challenge parameter in request from client")
    state.response = None
    with _told():
        got = raw.accept_sec_context(_octets(challenge), state.creds, state.context)
        state.response = got.token
        if got.delegated_creds is not None:
            state.delegated = got.delegated_creds
        if got.more_steps:
            return AUTH_GSS_CONTINUE
        state.username = _shown(got.initiator_name)
        state.target = _shown(raw.inquire_context(state.context).target_name)
    return AUTH_GSS_COMPLETE


authGSSServerResponse = authGSSClientResponse  # noqa: N816
authGSSServerUserName = authGSSClientUserName  # noqa: N816


def authGSSServerTargetName(context: _State) -> str | None:  # noqa: N802
    """Which service the client logged in to."""
    return _wanted(context).target


def authGSSServerHasDelegated(context: _State) -> bool:  # noqa: N802
    """Whether the client handed its credentials on."""
    return _wanted(context).delegated is not None


def authGSSServerStoreDelegate(context: _State) -> int:  # noqa: N802
    """Writes what the client handed on to the default cache."""
    state = _wanted(context)
    if state.delegated is None:
        raise GSSError(("the client delegated nothing", 7 << 16), ("", 0))
    with _told():
        raw.store_cred(state.delegated, "initiate", overwrite=True, set_default=True)
    return AUTH_GSS_COMPLETE


# ---- passwords and keytabs


def checkPassword(  # noqa: N802
    user: str, pswd: str, service: str, default_realm: str, verify: bool = True
) -> bool:
    """Whether a password is right: it gets a ticket and, if ``verify``, one for ``service`` whose
    key the default keytab has, so that it was the realm's KDC that said so.

    Raises: :class:`BasicAuthError` if it is not right, or could not be checked.
    """
    name = user if "@" in user else f"{user}@{default_realm}"
    try:
        with _login.login(name, password=pswd) as session:
            if verify:
                Acceptor().accept().step(session.initiate(service).step())
    except (Error, OSError, ValueError) as error:
        code = error.code if isinstance(error, Error) else 0
        raise BasicAuthError(str(error), code) from error
    return True


def changePassword(user: str, oldpswd: str, newpswd: str) -> bool:  # noqa: N802
    """Changes a password (RFC 3244).

    Raises: :class:`PwdChangeError` with what the service says.
    """
    try:
        _login.change_password(user, oldpswd, newpswd, config=system())
    except (Error, ValueError) as error:
        raise PwdChangeError(str(error), getattr(error, "code", 0)) from error
    return True


def getServerPrincipalDetails(service: str, hostname: str) -> str:  # noqa: N802
    """The service's name in the default keytab.

    Raises: :class:`KrbError` if it is not there.
    """
    try:
        entries = Keytab()
    except Error as error:
        raise KrbError(("Cannot get sequence cursor from keytab", error.code), str(error)) from error
    for entry in entries:
        if str(entry.principal).startswith(f"{service}/{hostname}@"):
            return str(entry.principal)
    raise KrbError(("Principal not found in keytab", -1))
