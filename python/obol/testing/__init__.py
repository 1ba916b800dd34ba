"""A throw-away realm for tests: ``Realm()`` is a whole KDC in this process, up in milliseconds.

Nothing of it is on disk and nothing on the system is needed; it listens on a free port of
127.0.0.1, so that other programs can use it too (:meth:`Realm.environment`). Any number of realms
may run beside each other, and tests in parallel. ``obol.testing.plugin`` gives pytest fixtures.

Raises: :class:`obol.Error` for names that exist already and the like.
Source: ``python/obol/testing/__init__.py``, ``python/ext/kdc.c``, ``src/kdc``, ``src/admin``.
"""

from __future__ import annotations

import os
import shutil
import tempfile

from .. import _core
from .._login import login
from ..acceptor import Acceptor
from ..config import Clock, Config
from ..keytab import Keytab
from ..names import Principal, wire
from ..tickets import enctype_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta
    from typing import Any, Optional, Union

    from ..names import Name
    from ..session import Session

__all__ = ["Realm", "Request"]

# Keys from passwords are those of AES with SHA-1, whose derivation is eight times quicker than that
# of the newer enctypes: a login takes 3 ms instead of 25. Session keys are of the newest ones.
ENCTYPES = ("aes256-cts-hmac-sha1-96",)


class Request:
    """One request that the KDC has answered: ``kind`` "AS", "TGS" or "KPASSWD" (a password changed),
    who, for what, the result."""

    __slots__ = ("client", "kind", "result", "service")

    def __init__(self, row: tuple[int, str, str, str]) -> None:
        self.kind = {10: "AS", 12: "TGS", 21: "KPASSWD"}.get(row[0], "")
        self.result, self.client, self.service = row[1], row[2], row[3]

    @property
    def ok(self) -> bool:
        """Whether a ticket was issued."""
        return self.result == "OK"

    def __repr__(self) -> str:
        return f"<Request {self.kind} {self.client} -> {self.service}: {self.result}>"


class Realm:
    """A realm with a KDC of its own.

    :param name: of the realm.
    :param enctypes: of new keys.
    :param address: where the KDC listens; the port is a free one.
    :param settings: of krb5.conf's [libdefaults], for its clients.
    """

    def __init__(
        self,
        name: str = "OBOL.TEST",
        *,
        enctypes: Sequence[str] = ENCTYPES,
        address: str = "127.0.0.1",
        settings: Optional[Mapping[str, Union[str, int, bool]]] = None,
    ) -> None:
        self.name = name
        self.clock = Clock()  # of the KDC, of its clients and services: all of the realm
        self._directory: Optional[str] = None
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix="obol-realm-", dir=memory) as directory:
            numbers = tuple(enctype_number(e) for e in enctypes)
            self._kdc = _core.Kdc(name, self.clock._core, directory, numbers, 0, address)
        self.port: int = self._kdc.port
        self.kdc = f"[{address}]:{self.port}" if ":" in address else f"{address}:{self.port}"
        self._settings: dict[str, Union[str, int, bool]] = {"dns_lookup_kdc": False, "rdns": False}
        self._settings.update(settings or {})
        self._kdcs = {name: self.kdc}
        self.config = self.config_at(self.clock)

    def trust(self, other: Realm) -> None:
        """Each realm's users reach the other's services. ``config`` of both then knows both."""
        import secrets

        for user, service in ((self.name, other.name), (other.name, self.name)):
            shared = secrets.token_hex(16)
            for realm in (self, other):
                realm._add(f"krbtgt/{service}@{user}", True, shared, "", 0, 0, None, None)
        both = {**self._kdcs, **other._kdcs}
        for realm in (self, other):
            realm._kdcs = both
            realm.config = realm.config_at(realm.clock)

    def config_at(self, clock: Clock) -> Config:
        """A configuration for this realm with another clock: for a machine whose time is off."""
        return Config(text=self.krb5_conf, clock=clock)

    def __enter__(self) -> Realm:
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the KDC; its sessions get no more tickets."""
        self._kdc.stop()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    # ---- principals

    def user(
        self,
        name: str,
        password: str = "password",
        *,
        flags: str = "",
        max_life: Union[timedelta, float] = 0,
        max_renew: Union[timedelta, float] = 7 * 86400,
        expires: Optional[datetime] = None,
        password_expires: Optional[datetime] = None,
    ) -> Principal:
        """Adds a user. ``flags`` are those of ``obol principal set``: "disabled,-requires-preauth"."""
        self._add(name, False, password, flags, max_life, max_renew, expires, password_expires)
        return Principal(name, self.name)

    def service(
        self, *names: str, flags: str = "", max_life: Union[timedelta, float] = 0
    ) -> Keytab:
        """Adds services with random keys; the keytab that they accept and log in with."""
        for name in names:
            self._add(name, True, None, "-no-client," + flags, max_life, 7 * 86400, None, None)
        return self.keytab(*names)

    def _add(
        self,
        name: str,
        service: bool,
        password: Optional[str],
        flags: str,
        max_life: Union[timedelta, float],
        max_renew: Union[timedelta, float],
        expires: Optional[datetime],
        password_expires: Optional[datetime],
    ) -> None:
        self._kdc.add(
            name,
            service,
            password,
            flags.strip(","),
            _seconds(max_life),
            _seconds(max_renew),
            int(expires.timestamp()) if expires else 0,
            int(password_expires.timestamp()) if password_expires else 0,
        )

    def alias(self, spn: str, account: str) -> None:
        """Gives an account a further name, under which others get tickets to it."""
        self._kdc.alias(spn, account)

    def keytab(self, *names: Name) -> Keytab:
        """The keys that the KDC holds for these names."""
        rows: list[tuple[bytes, int, int, int, bytes]] = []
        for name in names:
            rows += [(wire(row[0]), *row[1:]) for row in self._kdc.keys(str(name))]
        keytab = Keytab(data=_core.keytab_bytes(rows))
        return keytab

    def password(self, name: Name, password: Optional[str] = None) -> int:
        """A new password, or None: new random keys; the new key version."""
        return self._kdc.rekey(str(name), password, 0)

    def change(
        self,
        name: Name,
        *,
        flags: str = "",
        expires: Optional[datetime] = None,
        password_expires: Optional[datetime] = None,
        unlock: bool = False,
    ) -> None:
        """Changes a principal: flags as for :meth:`user`, its expiry, a lock after failures."""
        self._kdc.change(
            str(name),
            flags,
            int(expires.timestamp()) if expires else -1,
            int(password_expires.timestamp()) if password_expires else -1,
            unlock,
        )

    def allow_delegation(self, service: Name, *targets: Name, any_user: bool = True) -> None:
        """Lets a service act for its users towards others (S4U2Proxy, constrained delegation).

        :param any_user: also for users whom it has authenticated by other means, so that
            ``session.impersonate`` is followed by tickets; else for those who came by ticket.
        """
        if any_user:
            self.change(service, flags="trusted-to-authenticate")
        self._kdc.delegate(str(service), tuple(str(target) for target in targets), ())

    def delete(self, name: Name) -> None:
        """Removes a principal."""
        self._kdc.delete(str(name))

    # ---- use

    def login(self, principal: Name, password: Optional[str] = "password", **more: Any) -> Session:
        """``obol.login`` with this realm's configuration."""
        if "keytab" in more:
            password = None
        more.setdefault("config", self.config)
        return login(principal, password=password, **more)

    def acceptor(self, keytab: Keytab, **more: Any) -> Acceptor:
        """An ``obol.Acceptor`` with this realm's configuration."""
        more.setdefault("config", self.config)
        return Acceptor(keytab, **more)

    @property
    def requests(self) -> list[Request]:
        """What the KDC has answered since this was read last (256 requests at most)."""
        return [Request(row) for row in self._kdc.requests()]

    @property
    def krb5_conf(self) -> str:
        """A krb5.conf for this realm, for other programs."""
        lines = ["[libdefaults]", f"    default_realm = {self.name}"]
        for key, value in self._settings.items():
            lines.append(f"    {key} = {str(value).lower() if isinstance(value, bool) else value}")
        lines += ["    dns_canonicalize_hostname = false", "[realms]"]
        for name, kdc in self._kdcs.items():
            places = [f"        {key} = {kdc}" for key in ("kdc", "kpasswd_server")]
            lines += [f"    {name} = {{", *places, "    }"]
        return "\n".join(lines) + "\n"

    def environment(self, **more: str) -> dict[str, str]:
        """The environment for other programs: KRB5_CONFIG and a cache, in a directory that goes
        with the realm, on top of this process's own."""
        if self._directory is None:
            self._directory = tempfile.mkdtemp(prefix="obol-realm-")
            path = os.path.join(self._directory, "krb5.conf")
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.krb5_conf)
        ours = {
            "KRB5_CONFIG": os.path.join(self._directory, "krb5.conf"),
            "KRB5CCNAME": "FILE:" + os.path.join(self._directory, "ccache"),
        }
        return {**os.environ, **ours, **more}

    def __repr__(self) -> str:
        return f"<obol.testing.Realm {self.name} at {self.kdc}>"


def _seconds(value: Union[timedelta, float]) -> int:
    return int(value if isinstance(value, (int, float)) else value.total_seconds())
