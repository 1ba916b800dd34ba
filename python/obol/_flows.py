"""What a session does with KDCs, without I/O: generators that say what they want.

A flow yields ``("send", realm, message, tcp)`` or ``("kpasswd", realm, message)`` and is sent the
reply, or ``("ask", function, prompt)`` and is sent the password or code; it returns its result.
:func:`run` drives one over the net layer of the core; :mod:`obol.aio` drives the same ones on an
event loop.

Source: ``python/obol/_flows.py``, ``python/ext/login.c``, ``python/ext/fetch.c``.
"""

from __future__ import annotations

import time

from . import _core
from .errors import (
    CertificateError,
    Error,
    NotAllowedToDelegate,
    PasswordNeeded,
    PasswordRefused,
    PolicyRefused,
    ServiceNotFound,
    failure,
)
from .names import Principal, target_of, variants, wire
from .tickets import Ticket

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any, Callable, Optional, Union

    from .config import Config
    from .names import Name
    from .session import SessionBase

    Want = tuple[Any, ...]

FORWARDED = 0x20000000
FORWARDABLE = 0x40000000
CNAME_IN_ADDL_TKT = 0x00020000
SOFTERROR = 4  # RFC 3244 2


def run(flow: Generator[Want, Any, Any], config: Config, timeout: float = 0) -> Any:
    """Drives a flow to its end; ``timeout`` in seconds for all its messages, 0: the usual ones."""
    deadline = time.monotonic() + timeout if timeout else 0.0
    step: Callable[[Any], Want] = flow.send
    answer: Any = None
    while True:
        try:
            want = step(answer)
        except StopIteration as stop:
            return stop.value
        try:
            step, answer = flow.send, _carry(want, config, deadline)
        except BaseException as error:
            step, answer = flow.throw, error


def _carry(want: Want, config: Config, deadline: float) -> Any:
    if want[0] == "ask":
        return want[1](want[2])
    left = 0
    if deadline:
        left = max(1, round((deadline - time.monotonic()) * 1000))
    if want[0] == "kpasswd":
        return config._core.exchange(want[1], want[2], False, left, True)
    return config._core.exchange(want[1], want[2], want[3], left, False)


def _drive(machine: Any) -> Generator[Want, Any, None]:
    reply = None
    while (want := machine.step(reply)) is not None:
        reply = yield want


class Source:
    """Where a session's first ticket comes from, and comes from again when it is refreshed."""

    def __init__(
        self,
        *,
        keytab: Optional[_core.Keytab] = None,
        secret: Optional[_core.Secret] = None,
        ask: Optional[Callable[[str], Any]] = None,
        cache: Optional[str] = None,
        new: Any = None,
        options: Optional[dict[str, Any]] = None,
        certificate: bytes = b"",
        anchors: tuple[bytes, ...] = (),
        passphrase: Optional[_core.Secret] = None,
        anonymous: str = "",
        armor: Optional[SessionBase] = None,
        code: Any = None,
    ) -> None:
        self.keytab, self.secret, self.ask, self.cache = keytab, secret, ask, cache
        self.new = new  # the password to take where the old one has expired
        self.options = options or {}
        self.certificate, self.anchors, self.passphrase = certificate, anchors, passphrase
        self.anonymous = anonymous  # as whom to log in: the ticket's client has another realm
        self.armor = armor
        self.code = code  # a secret, good once, or a function
        self.spent = False  # the code

    @property
    def again(self) -> bool:
        """Whether it gives tickets again without asking a person."""
        if self.spent:
            return False
        if self.keytab is not None or self.secret is not None or self.anonymous:
            return True
        return self.ask is None and bool(self.certificate or callable(self.code))

    def clear(self) -> None:
        """Forgets the passwords."""
        for word in (self.secret, self.new, self.passphrase, self.code):
            if isinstance(word, _core.Secret):
                word.clear()

    def forget(self) -> None:
        """Forgets them for good: there will be no second login."""
        self.clear()
        self.secret = self.new = self.passphrase = self.code = None


def login(
    config: Config, cache: _core.Cache, client: str, source: Source
) -> Generator[Want, Any, tuple[Ticket, int, int]]:
    """A login: (TGT, how many seconds the KDC's clock is ahead, when the password expires)."""
    armor = source.armor
    if armor is not None and armor._stale():
        yield from armor._refresh_flow()
    asked = source.passphrase is not None
    while True:
        try:
            machine = yield from _steps(config, cache, client, source)
            break
        except PasswordNeeded as error:
            if source.ask is None or asked or "prompt" not in error.facts:
                raise
            asked = True
            source.passphrase = secret_of((yield ("ask", source.ask, f"{error.facts['prompt']}: ")))
    if source.certificate and not asked:
        source.ask = None  # there is nothing to ask a person for, not at a refresh either
    result = machine.result
    assert result is not None
    return Ticket(result[0]), result[1], result[2]


def _steps(
    config: Config, cache: _core.Cache, client: str, source: Source
) -> Generator[Want, Any, _core.Login]:
    """A login with what is at hand: the machine at its end."""
    try:
        machine = _begin(config, cache, client, source)
        yield from _answer(machine, source)
    except CertificateError as error:
        if "C_Login" in error.facts.get("PKCS#11", "") and source.passphrase is not None:
            # Each wrong PIN brings the card nearer to its lock: this one never goes there again.
            source.passphrase.clear()
            source.passphrase = None
        raise
    except Error as error:
        if error.name == "KDC_ERR_PREAUTH_REQUIRED":
            raise _no_way(error, client, source) from error
        raise
    return machine


def _begin(config: Config, cache: _core.Cache, client: str, source: Source) -> _core.Login:
    try:
        return _core.Login(
            config._core,
            wire(client),
            cache,
            password=source.secret,
            keytab=source.keytab,
            certificate=source.certificate,
            anchors=source.anchors,
            passphrase=source.passphrase,
            anonymous=bool(source.anonymous),
            armor=source.armor._open_cache() if source.armor is not None else None,
            codes=source.code is not None,
            **source.options,
        )
    except Error as error:
        if error.name not in ("NOT_FOUND", "IO", "PERMISSION"):
            raise
        raise CertificateError(
            error.detail,
            name="CERTIFICATE_UNUSABLE",
            facts=error.facts.items(),
            remedy="certificate= is FILE:cert.pem,key.pem, DIR:directory, PKCS12:file or PKCS11:module; "
            "anchors= are files of CAs, or DIR:directory.",
        ) from error


def _answer(machine: _core.Login, source: Source) -> Generator[Want, Any, None]:
    """Gives a login what it wants: replies, a password, a one-time code."""
    reply = None
    while (want := machine.step(reply)) is not None:
        reply = None
        if want[0] == "send":
            reply = yield want
        elif want[0] == "code":
            yield from _give_code(machine, want[1], want[2], source)
        elif source.certificate or source.anonymous or source.ask is None:
            raise _needed(want[1], source)
        else:
            word = yield ("ask", source.ask, f"Password for {want[1]}: ")
            machine.password(secret_of(word))


def _give_code(
    machine: _core.Login, client: str, tokens: str, source: Source
) -> Generator[Want, Any, None]:
    if callable(source.code):
        which = f" of {tokens}" if tokens else ""
        word = yield ("ask", source.code, f"One-time code{which} for {client}: ")
        machine.code(secret_of(word))
    elif source.code is not None:
        machine.code(source.code)
        source.code.clear()
        source.code, source.spent = None, True
    else:
        raise PasswordNeeded(f"a second one-time code for {client}", name="PASSWORD_NEEDED")


def secret_of(word: Union[str, bytes, bytearray]) -> _core.Secret:
    """A password in guarded memory."""
    return _core.Secret(word.encode() if isinstance(word, str) else word)


def _needed(client: str, source: Source) -> Error:
    if source.certificate or source.anonymous:
        return PasswordNeeded(
            f"for {client}: the KDC offers no login by certificate (PKINIT)",
            name="PASSWORD_NEEDED",
            remedy="The KDC needs a certificate of its own, obol pki kdc; or log in with password=...",
        )
    remedy = "Pass password=..., password=getpass.getpass or keytab=... to obol.login."
    return PasswordNeeded(f"for {client}", name="PASSWORD_NEEDED", remedy=remedy)


def _no_way(error: Error, client: str, source: Source) -> Error:
    """Nothing of what the KDC would take was at hand: what else could be given."""
    ways = []
    if source.code is None and not source.spent:
        ways.append("code=... for a one-time code")
    if source.armor is None:
        ways.append("armor=... (a session of the realm), without which no one-time code is asked for")
    if not source.certificate:
        ways.append("certificate=...")
    return PasswordNeeded(
        f"for {client}: {error.detail}",
        name="PASSWORD_NEEDED",
        facts=error.facts.items(),
        remedy=f"Pass {'; '.join(ways)}." if ways else error.remedy,
    )


def _fetch(session: SessionBase, **what: Any) -> Generator[Want, Any, Ticket]:
    machine = _core.Fetch(session.config._core, session._open_cache(), **what)
    yield from _drive(machine)
    result = machine.result
    assert result is not None
    return Ticket(result[0])


def ticket(
    session: SessionBase, target: Name, canonicalize: bool, no_cached: bool
) -> Generator[Want, Any, Ticket]:
    """A ticket for a service, by the first of its names that the KDC knows."""
    wanted = target_of(session.config, target, canonicalize)
    missing: Optional[ServiceNotFound] = None
    for name in wanted.names:
        try:
            return (yield from _one_ticket(session, name, no_cached))
        except ServiceNotFound as error:
            error.spn = name
            missing = error
    assert missing is not None
    missing.asked_as = wanted.asked_as
    missing.derivation = tuple(wanted.derivation)
    missing.canonicalized_from = wanted.host if canonicalize else ""
    missing.similar = yield from _similar(session, missing.spn)
    if missing.similar:
        missing.remedy = f"The KDC knows {' and '.join(missing.similar)}: ask for that. " + (
            missing.remedy
        )
    raise missing


def _one_ticket(session: SessionBase, spn: str, no_cached: bool) -> Generator[Want, Any, Ticket]:
    acting = session._acting
    if acting is None:
        return (yield from _fetch(session, service=wire(spn), no_cached=no_cached))
    try:
        return (
            yield from _fetch(
                session,
                service=wire(spn),
                act_for=wire(str(acting.user)),
                evidence=acting.evidence._core,
                options=CNAME_IN_ADDL_TKT,
                no_cached=True,
                no_store=True,
            )
        )
    except PolicyRefused as error:
        raise refused(error, acting.service, acting.user, spn) from error


def refused(
    error: PolicyRefused, service: Principal, user: Principal, spn: str
) -> NotAllowedToDelegate:
    """A KDC's bare refusal, told with both sides' names (MS-SFU 3.2.5.2). What to do towards a third
    service the core says already."""
    other = NotAllowedToDelegate(
        f"{service} may not act for {user}" + (f" towards {spn}" if spn else ""),
        name=error.name,
        facts=[*error.facts.items(), ("service", str(service)), ("user", str(user)), ("spn", spn)],
        remedy=error.remedy if spn else "Ask the realm's administrator whether the user may be acted for, "
        "and the service may log in to the realm.",
    )
    other.service, other.user, other.spn = str(service), str(user), spn
    return other


def _similar(session: SessionBase, spn: str) -> Generator[Want, Any, tuple[str, ...]]:
    """Names like a missing one that the KDC does know; asked only after a failure."""
    found: list[str] = []
    if session._acting is not None or not session.suggest:
        return ()
    for name in variants(spn, session.principal.realm.lower()):
        try:
            yield from _fetch(session, service=wire(name), no_store=True)
        except ServiceNotFound:
            continue
        except Error:
            break
        found.append(name)
        if len(found) == 2:
            break
    return tuple(found)


def forwarded(session: SessionBase) -> Generator[Want, Any, Ticket]:
    """A TGT to hand on to a service (RFC 4120 2.6)."""
    realm = session.principal.realm
    return (
        yield from _fetch(
            session, service=wire(f"krbtgt/{realm}@{realm}"), options=FORWARDED | FORWARDABLE
        )
    )


def evidence(session: SessionBase, user: Principal) -> Generator[Want, Any, Ticket]:
    """A ticket for the session's own service in a user's name (S4U2Self)."""
    own = session.principal
    try:
        return (
            yield from _fetch(
                session,
                service=wire(str(own)),
                act_for=wire(str(user)),
                for_self=True,
                no_cached=True,
                no_store=True,
            )
        )
    except PolicyRefused as error:
        raise refused(error, own, user, "") from error


def renew(session: SessionBase) -> Generator[Want, Any, Ticket]:
    """The TGT again, renewed (RFC 4120 2.3)."""
    return (yield from _fetch(session, renew=True))


def change_password(
    config: Config, client: str, source: Source, new: Any, target: str = ""
) -> Generator[Want, Any, _core.Secret]:
    """A new password in place of the one that the source has (RFC 3244); the new one.

    :param new: a secret, or a function that is called with a prompt.
    :param target: whose; "": the client's own.
    """
    options = {"service": "kadmin/changepw", "lifetime": 300}
    old = Source(
        secret=source.secret,
        keytab=source.keytab,
        ask=source.ask,
        armor=source.armor,
        code=source.code,
        options=options,
    )
    cache = _core.Cache(config._core, None)
    try:
        ticket, _, _ = yield from login(config, cache, client, old)
        if callable(new):
            new = secret_of((yield ("ask", new, f"New password for {target or ticket.client}: ")))
        machine = _core.Kpasswd(config._core, ticket._core, wire(target), new)
        reply = yield ("kpasswd", ticket.client.realm, machine.message)
        result, text = machine.read(reply)
    finally:
        cache.close()
    if result:
        raise _password_refused(target or str(ticket.client), result, text)
    assert isinstance(new, _core.Secret)
    return new


def _password_refused(who: str, result: int, text: bytes) -> PasswordRefused:
    reason = text.decode("utf-8", "replace").strip()
    if text[:2] == b"\0\0" or not reason.isprintable():
        reason = _policy(text)
    remedy = "Choose another password: longer, of several kinds of characters, not used before."
    error = failure(
        PasswordRefused,
        f"that of {who}: " + (reason or "the realm gives no reason"),
        remedy if result == SOFTERROR else "",
        result=result,
    )
    error.result, error.reason = result, reason
    return error


def _policy(blob: bytes) -> str:
    """Active Directory's policy, 30 bytes: least length, history, properties, ages."""
    if len(blob) != 30:
        return ""
    least, history, properties = (int.from_bytes(blob[at : at + 4], "big") for at in (2, 6, 10))
    words = [f"it needs {least} characters"] if least else []
    words += ["of three kinds"] if properties & 1 else []
    words += [f"unlike the last {history}"] if history else []
    age = int.from_bytes(blob[22:30], "big") // 864000000000
    words += [f"and {age} days must pass between two changes"] if age else []
    return ", ".join(words)
