"""Where KDCs are and what is allowed: :class:`Config`, in place of krb5.conf and environment.

A Config never changes; sessions and acceptors that are made with one keep it. Without one they take
:func:`system`, which reads ``KRB5_CONFIG`` or /etc/krb5.conf once.

Raises: :class:`obol.ConfigError` with file and line for what cannot be read.
Source: ``python/obol/config.py``, ``python/ext/config.c``, ``src/config/krb5conf.c``.
"""

from __future__ import annotations

import os

from . import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta
    from typing import Optional, Union

    StrPath = Union[str, os.PathLike[str]]

__all__ = ["Clock", "Config", "system"]


class Clock:
    """A clock that can be moved, for tests; the system's as long as nobody does."""

    __slots__ = ("_core",)

    def __init__(self) -> None:
        self._core = _core.Clock()

    def time(self) -> float:
        """Seconds since 1970, as :func:`time.time`."""
        return self._core.now_us() / 1e6

    @property
    def offset(self) -> float:
        """Seconds that it is ahead of the system's clock."""
        return self._core.offset_us / 1e6

    @offset.setter
    def offset(self, seconds: float) -> None:
        self._core.offset_us = round(seconds * 1e6)

    def advance(self, delta: Optional[timedelta] = None, **parts: float) -> None:
        """Moves it on, for good: ``advance(hours=11)``."""
        from datetime import timedelta

        self.offset += (delta or timedelta(**parts)).total_seconds()

    def ahead(self, delta: Optional[timedelta] = None, **parts: float) -> _Moved:
        """Moves it as long as a ``with`` block lasts: ``with clock.ahead(hours=1): ...``."""
        from datetime import timedelta

        return _Moved(self, (delta or timedelta(**parts)).total_seconds())


class _Moved:
    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds

    def __enter__(self) -> Clock:
        self._clock.offset += self._seconds
        return self._clock

    def __exit__(self, *unused: object) -> None:
        self._clock.offset -= self._seconds


class Config:
    """The settings of krb5.conf as a value.

    :param default_realm: of names that are written without one.
    :param kdcs: realm to "host", "host:port" or "tcp/host:port", or a list of these.
    :param text: the text of a krb5.conf, in place of the two.
    :param paths: files in the syntax of krb5.conf, in place of the three.
    :param clock: a clock that is not the system's.
    """

    __slots__ = ("_core", "clock")

    def __init__(
        self,
        default_realm: str = "",
        kdcs: Optional[Mapping[str, Union[str, Sequence[str]]]] = None,
        *,
        text: Optional[str] = None,
        paths: Union[StrPath, Sequence[StrPath], None] = None,
        settings: Optional[Mapping[str, Union[str, int, bool]]] = None,
        clock: Optional[Clock] = None,
    ) -> None:
        self.clock = clock or Clock()
        if paths is not None:
            one = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
            self._core = _core.Config(
                self.clock._core, paths=":".join(os.fspath(path) for path in one)
            )
            return
        if text is None:
            text = _text_of(default_realm, kdcs or {}, settings or {})
        self._core = _core.Config(self.clock._core, text=text, file="obol.Config")

    @classmethod
    def from_system(cls, clock: Optional[Clock] = None) -> Config:
        """What the environment and /etc/krb5.conf say at this moment."""
        self = cls.__new__(cls)
        self.clock = clock or Clock()
        self._core = _core.Config(self.clock._core)
        return self

    @property
    def default_realm(self) -> str:
        """The realm of names that are written without one; "" if there is none."""
        return self._core.default_realm

    @property
    def settings(self) -> Mapping[str, Union[int, bool]]:
        """The settings that matter to programs: clockskew, forwardable, ticket_lifetime ..."""
        return self._core.settings

    @property
    def notes(self) -> list[tuple[str, int, str]]:
        """What is odd in it, with file and line: keys that nobody knows, and the like."""
        return [(file or "", line, text) for file, line, text in self._core.notes]

    def __repr__(self) -> str:
        return f"<obol.Config default_realm={self.default_realm!r}>"


def _text_of(
    realm: str,
    kdcs: Mapping[str, Union[str, Sequence[str]]],
    settings: Mapping[str, Union[str, int, bool]],
) -> str:
    lines = ["[libdefaults]"]
    if realm:
        lines.append(f"default_realm = {realm}")
    for key, value in settings.items():
        lines.append(f"{key} = {str(value).lower() if isinstance(value, bool) else value}")
    lines.append("[realms]")
    for name, places in kdcs.items():
        lines.append(f"{name} = {{")
        lines += [f"kdc = {kdc}" for kdc in ([places] if isinstance(places, str) else places)]
        lines.append("}")
    return "\n".join(lines) + "\n"


_system: Optional[Config] = None


def system(*, again: bool = False) -> Config:
    """The system's configuration, read at the first call; ``again`` reads it anew."""
    global _system
    if _system is None or again:
        _system = Config.from_system()
    return _system
