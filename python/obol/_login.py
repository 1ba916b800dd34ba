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
    from collections.abc import Callable, Generator, Mapping
    from datetime import timedelta
    from typing import Any, Optional, TypeVar, Union

    from .config import Config
    from .names import Name

    StrPath = Union[str, os.PathLike[str]]
    Password = Union[str, bytes, bytearray, Callable[[str], Any]]
    S = TypeVar("S", bound=SessionBase)

__all__ = ["change_password", "default", "load", "login"]


def _secret_of(password: Password) -> tuple[Optional[_core.Secret], Any]:
    return (None, password) if callable(password) else (_flows.secret_of(password), None)


def _seconds(value: Union[timedelta, float, None]) -> int:
    if value is None:
        return 0
    return int(value if isinstance(value, (int, float)) else value.total_seconds())


def prepare(
    kind: type[S],
    principal: Optional[Name],
    password: Optional[Password],
    keytab: Union[Keytab, StrPath, None],
    config: Optional[Config],
    options: Mapping[str, Any],
    new_password: Optional[Password] = None,
    **rest: Any,
) -> S:
    """The session of a login that is still to be done."""
    config = config or system()
    key = keytab_of(keytab) if keytab is not None else None
    if password is not None and key is not None:
        raise ValueError("a login has a password or a keytab, not both")
    if principal is None:
        if key is None or not len(key):
            raise ValueError("a login needs a principal, or a keytab that names one")
        principal = key.principals[0]
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
    name = Principal(principal, config.default_realm)
    cache = _core.Cache(config._core, None)
    return kind(config, name, cache, source=source, **rest)


def login(
    principal: Optional[Name] = None,
    *,
    password: Optional[Password] = None,
    keytab: Union[Keytab, StrPath, None] = None,
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
    session = prepare(
        Session, principal, password, keytab, config, options, new_password,
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
    """The password is kept only where the session is to log in again."""
    source = session._source
    if source is not None and not refresh:
        source.clear()
        source.secret = source.new = None


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
