"""Mechanisms there are, and errors (``gssapi.raw.misc``).

Source: ``python/obol/compat/gssapi/raw/misc.py``.
"""

from __future__ import annotations

from typing import Any

from . import _call
from ._call import gss
from .names import Name
from .oids import OID


def indicate_mechs() -> set[OID]:
    """The mechanisms."""
    return _call.oids(gss.indicate_mechs())


def inquire_names_for_mech(mech: OID) -> set[OID]:
    """The name types that a mechanism knows."""
    return _call.oids(gss.inquire_names_for_mech(mech))


def inquire_mechs_for_name(name: Name) -> set[OID]:
    """The mechanisms that may know a name."""
    return _call.oids(gss.inquire_mechs_for_name(name))


def _display_status(
    error_code: int, is_major_code: bool, mech: OID | None = None, message_context: int = 0
) -> tuple[bytes, int, bool]:
    """One text of a status, where the next one is, and whether there is one."""
    shown = gss.display_status(error_code & 0xFFFFFFFF, is_major_code, mech, message_context)
    if shown is None:
        raise ValueError(f"nothing is known of status {error_code}")
    return shown[0], shown[1], shown[1] != 0


def _parts(major: int) -> tuple[int | None, int | None, int | None]:
    """A major status is of three numbers (RFC 2744 3.9.1): calling, routine, supplementary."""
    return major & 0xFF000000 or None, major & 0xFF0000 or None, major & 0xFFFF or None


_classes: dict[tuple[int | None, int | None, int | None], type[GSSError]] = {}


class GSSErrorRegistry(type):
    """Makes of ``GSSError(major, minor)`` one of the class that is for such a status."""

    def __init__(cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> None:
        super().__init__(name, bases, attributes)
        key = tuple(
            getattr(cls, f"{part}_CODE", None) for part in ("CALLING", "ROUTINE", "SUPPLEMENTARY")
        )
        if any(key):
            # A class of two others (NameReadError) stands for both of their codes.
            _classes.setdefault(key, cls)  # type: ignore[arg-type]

    def __call__(cls, maj_code: int, min_code: int, *args: Any, **kwargs: Any) -> Any:
        calling, routine, extra = _parts(maj_code)
        for key in (
            (calling, routine, extra),
            (calling, routine, None),
            (calling, None, None),
            (None, routine, None),
            (None, None, extra),
        ):
            if key in _classes:
                return type.__call__(_classes[key], maj_code, min_code, *args, **kwargs)
        return type.__call__(cls, maj_code, min_code, *args, **kwargs)


class GSSError(Exception, metaclass=GSSErrorRegistry):
    """A call of the GSS-API failed.

    The minor status' text says what failed, the facts, and what to do.
    """

    MESSAGE = "Major ({maj_stat}): {maj_str}, Minor ({min_stat}): {min_str}"

    def __init__(self, maj_code: int, min_code: int, token: bytes | None = None) -> None:
        self.maj_code = maj_code
        self.min_code = min_code
        self.token = token
        self.calling_code, self.routine_code, self.supplementary_code = _parts(maj_code)
        super().__init__(self.gen_message())

    def __reduce__(self) -> tuple[type[GSSError], tuple[int, int, bytes | None]]:
        return GSSError, (self.maj_code, self.min_code, self.token)

    @staticmethod
    def _parse_major_code(maj_code: int) -> tuple[int | None, int | None, int | None]:
        return _parts(maj_code)

    def get_all_statuses(self, code: int, is_maj: bool) -> list[str]:
        """The texts of a status."""
        texts, place, more = [], 0, True
        while more:
            try:
                text, place, more = _display_status(code, is_maj, message_context=place)
                texts.append(text.decode("utf-8", "replace"))
            except ValueError as error:
                texts.append(str(error))
                more = False
        return texts

    def gen_message(self) -> str:
        """The text of the error."""
        return self.MESSAGE.format(
            maj_stat=self.maj_code,
            maj_str=" -- ".join(self.get_all_statuses(self.maj_code, True)),
            min_stat=self.min_code,
            min_str=" -- ".join(self.get_all_statuses(self.min_code, False)),
        )


gss.set_failure(GSSError)
