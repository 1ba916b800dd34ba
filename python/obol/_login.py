"""How sessions come about: :func:`login`, :func:`default`, :func:`load`; and passwords changed.

Raises: see :mod:`obol.session`.
Source: ``python/obol/_login.py``, ``python/obol/_flows.py``, ``src/net/login.c``.
"""

from __future__ import annotations

import os

from . import _core, _flows
from .config import system
from .errors import NoCredentials
from .keytab import Keytab, keytab_of
from .names import Principal
from .session import Event, Session, SessionBase, fill

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from datetime import timedelta
    from typing import Any, Optional, TypeVar, Union

    from .config import Config
    from .names import Name

    StrPath = Union[str, os.PathLike[str]]
    Password = Union[str, bytes, bytearray, Callable[[str], Any]]
    Certificate = Union[StrPath, tuple[StrPath, StrPath]]
    Anchors = Union[StrPath, Iterable[StrPath]]
    S = TypeVar("S", bound=SessionBase)

__all__ = ["change_password", "default", "load", "login"]


def _secret_of(password: Password) -> tuple[Optional[_core.Secret], Any]:
    return (None, password) if callable(password) else (_flows.secret_of(password), None)


def _seconds(value: Union[timedelta, float, None]) -> int:
    if value is None:
        return 0
    return int(value if isinstance(value, (int, float)) else value.total_seconds())


def _place(certificate: Certificate) -> bytes:
    """Where a certificate and its key stand, as the core takes it."""
    if not isinstance(certificate, tuple):
        return os.fsencode(certificate)
    first, key = map(os.fsencode, certificate)
    if b"," in first:
        raise ValueError(f"certificate: a comma in {first!r} would end its name")
    return b"FILE:" + first + b"," + key


def _places(anchors: Anchors) -> tuple[bytes, ...]:
    one = isinstance(anchors, (str, bytes, os.PathLike))
    return tuple(map(os.fsencode, [anchors] if one else anchors))  # type: ignore[arg-type]


def _anonymous(principal: Optional[Name], realm: str) -> str:
    """The anonymous client of a realm (RFC 8062 3), which is named by "@REALM" alone."""
    text = "" if principal is None else str(principal)
    named = Principal("WELLKNOWN/ANONYMOUS" + text if text[:1] in ("", "@") else text, realm)
    if named.components != ("WELLKNOWN", "ANONYMOUS"):
        raise ValueError(f"who is anonymous has no name: '@REALM' at most, not {text!r}")
    return str(named)


def _means(
    source: _flows.Source,
    principal: Optional[Name],
    config: Config,
    means: Mapping[str, Any],
    password: Optional[Password],
    armor: Optional[SessionBase],
) -> Optional[Name]:
    """Adds certificate, armor and code to a source; who is to log in."""
    certificate, anonymous = means["certificate"], means["anonymous"]
    if certificate is not None and (source.keytab is not None or anonymous):
        raise ValueError("a login has a certificate, a keytab or is anonymous")
    if anonymous and (source.keytab is not None or password is not None):
        raise ValueError("an anonymous login has neither a password nor a keytab")
    if source.new is not None and (anonymous or certificate is not None):
        raise ValueError("a new password goes with a password")
    if certificate is not None:
        source.certificate = _place(certificate)
        source.passphrase, source.secret = source.secret, None
    if means["anchors"] is not None:
        source.anchors = _places(means["anchors"])
    if means["code"] is not None:
        if armor is None:
            raise ValueError("a one-time code goes in the armor of a session: armor=...")
        code, ask = _secret_of(means["code"])
        source.code = ask if code is None else code
    if armor is not None and not isinstance(armor, SessionBase):
        raise TypeError(f"armor: a session, as obol.login and obol.load give, not {type(armor).__name__}")
    source.armor = armor
    if anonymous:
        principal = source.anonymous = _anonymous(principal, config.default_realm)
    return principal


def prepare(
    kind: type[S],
    principal: Optional[Name],
    password: Optional[Password],
    keytab: Union[Keytab, StrPath, None],
    config: Optional[Config],
    options: Mapping[str, Any],
    means: Mapping[str, Any],
    armor: Optional[SessionBase],
    new_password: Optional[Password] = None,
    **rest: Any,
) -> S:
    """The session of a login that is still to be done."""
    config = config or system()
    key = keytab_of(keytab) if keytab is not None else None
    if password is not None and key is not None:
        raise ValueError("a login has a password or a keytab, not both")
    forwardable = options["forwardable"]
    secret, ask = _secret_of(password) if password is not None else (None, None)
    source = _flows.Source(
        keytab=key._core if key is not None else None,
        secret=secret,
        ask=ask,
        new=next((word for word in _secret_of(new_password) if word is not None), None)
        if new_password is not None
        else None,
        options={
            "lifetime": _seconds(options["lifetime"]),
            "renew": _seconds(options["renewable"]),
            "options_on": _flows.FORWARDABLE if forwardable else 0,
            "options_off": _flows.FORWARDABLE if forwardable is False else 0,
        },
    )
    principal = _means(source, principal, config, means, password, armor)
    if principal is None:
        if key is None or not len(key):
            raise ValueError("a login needs a principal, or a keytab that names one")
        principal = key.principals[0]
    name = Principal(principal, config.default_realm)
    cache = _core.Cache(config._core, None)
    return kind(config, name, cache, source=source, **rest)


def login(
    principal: Optional[Name] = None,
    *,
    password: Optional[Password] = None,
    keytab: Union[Keytab, StrPath, None] = None,
    certificate: Optional[Certificate] = None,
    anchors: Optional[Anchors] = None,
    anonymous: bool = False,
    armor: Optional[SessionBase] = None,
    code: Optional[Password] = None,
    config: Optional[Config] = None,
    lifetime: Union[timedelta, float, None] = None,
    renewable: Union[timedelta, float, None] = None,
    forwardable: Optional[bool] = None,
    refresh: bool = False,
    on_event: Optional[Callable[[Event], object]] = None,
    new_password: Optional[Password] = None,
    timeout: float = 0,
) -> Session:
    """Logs in; the session's tickets are in memory only.

    :param principal: "alice", "alice@EXAMPLE.COM"; with a keytab its first name is the default.
    :param password: the password, or a function that is called with a prompt when the KDC asks for
        one (``getpass.getpass``).
    :param keytab: a :class:`Keytab` or its path, in place of a password.
    :param certificate: in place of a password, by PKINIT (RFC 4556): "alice.pem,alice.key", a pair
        of paths, a file that holds both, "DIR:directory", "PKCS12:file", or of a smart card
        "PKCS11:module" as in MIT's krb5.conf. ``password`` is then the passphrase of its key, if
        that has one, or the card's PIN.
    :param anchors: files (or "DIR:directory") of the CAs that a KDC's certificate must come from;
        None: as krb5.conf says (``pkinit_anchors``).
    :param anonymous: log in as nobody (RFC 8062); ``principal`` is "@REALM" or None.
    :param armor: a session whose TGT protects the login (FAST, RFC 6113): that of a host, or an
        anonymous one, in the same realm. The login never goes without it then.
    :param code: the one-time code of a token (RFC 6560), or a function that is called with a prompt
        when the KDC asks for one; it needs ``armor``. A code that is given itself is good once: the
        session does not log in again by itself.
    :param lifetime: of the TGT; None: what krb5.conf and the KDC say.
    :param renewable: for how long the TGT may be renewed.
    :param refresh: get new tickets before the old ones expire, whenever the session is used.
    :param on_event: called with an :class:`Event` for each login, refresh, ticket and failure.
    :param new_password: taken if the password has expired: it is changed, and the login done with
        the new one; a function is called with a prompt. Without it :class:`obol.PasswordExpired`
        is raised.
    :param timeout: seconds for each operation of the session; 0: 30 or krb5.conf's.

    Raises: see :mod:`obol.session`.
    """
    options = {"lifetime": lifetime, "renewable": renewable, "forwardable": forwardable}
    means = {"certificate": certificate, "anchors": anchors, "anonymous": anonymous, "code": code}
    session = prepare(
        Session, principal, password, keytab, config, options, means, armor, new_password,
        refresh=refresh, on_event=on_event, timeout=timeout,
    )  # fmt: skip
    try:
        session._run(session._login_flow("login"))
    except BaseException:
        session.close()
        raise
    finally:
        forget_password(session, refresh)
    return session


def forget_password(session: SessionBase, refresh: bool) -> None:
    """Passwords and codes are kept only where the session is to log in again."""
    source = session._source
    if source is not None and not refresh:
        source.forget()


def password_flow(
    config: Config, principal: Name, old: Password, new: Password
) -> Generator[Any, Any, None]:
    """What :func:`change_password` does, for both worlds."""
    secret, ask = _secret_of(old)
    source = _flows.Source(secret=secret, ask=ask)
    word = new if callable(new) else _flows.secret_of(new)
    who = str(Principal(principal, config.default_realm))
    try:
        (yield from _flows.change_password(config, who, source, word)).clear()
    finally:
        source.clear()


def change_password(
    principal: Name,
    old: Password,
    new: Password,
    *,
    config: Optional[Config] = None,
    timeout: float = 0,
) -> None:
    """Changes a password, even one that has expired; nobody needs to be logged in.

    :param old: the present one, or a function that is called with a prompt.
    :param new: the new one, or such a function.

    Raises: :class:`obol.PasswordRefused` with the realm's reason, :class:`obol.WrongPassword`;
    see :mod:`obol.session`.
    """
    config = config or system()
    _flows.run(password_flow(config, principal, old, new), config, timeout)


def load(cache: str = "", *, config: Optional[Config] = None, refresh: bool = True) -> Session:
    """The session in a credential cache ("FILE:/tmp/krb5cc_0", a path; "": the system's default).

    The cache is only read; when its tickets expire it is looked at again.

    Raises: :class:`obol.NoCredentials` with the place and what it held.
    """
    config = config or system()
    source = _core.Cache(config._core, cache)
    session = Session(
        config,
        Principal("nobody", "NOWHERE"),
        _core.Cache(config._core, None),
        source=_flows.Source(cache=source.name),
        refresh=refresh,
    )
    fill(session, source.read())
    return session


def default(*, config: Optional[Config] = None) -> Session:
    """What the system has: the default cache (KRB5CCNAME), else a login by the client keytab.

    Raises: :class:`obol.NoCredentials`, whose ``tried`` lists each place and what it held.
    """
    config = config or system()
    name, _, client_keytab = config._core.default_names()
    tried: list[tuple[str, str]] = []
    try:
        session = load(name, config=config)
        if session.valid:
            return session
        held = f"tickets of {session.principal} that ended at {session.expires}"
        tried.append((name, held if session.tgt else f"no TGT of {session.principal}"))
        session.close()
    except NoCredentials as error:
        tried.append((name, error.detail or error.text))
    try:
        return login(keytab=client_keytab, config=config, refresh=True)
    except (NoCredentials, ValueError) as error:
        detail = error.detail if isinstance(error, NoCredentials) else str(error)
        tried.append((client_keytab, detail or "it is empty"))
    raise NoCredentials(
        "; ".join(f"{place}: {held}" for place, held in tried),
        name="CRED_NOT_FOUND",
        facts=tried,
        remedy="Log in with obol.login(principal, password=...) or keytab=..., or with kinit.",
    )
