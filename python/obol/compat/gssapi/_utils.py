"""Text's encoding, extensions by name, and errors that are raised late (``gssapi._utils``).

Source: ``python/obol/compat/gssapi/_utils.py``.
"""

from __future__ import annotations

import functools
import importlib
from types import FunctionType, ModuleType
from typing import Any, Callable, TypeVar

from .raw.misc import GSSError

Function = TypeVar("Function", bound=Callable[..., Any])
_encoding = "UTF-8"


def _get_encoding() -> str:
    return _encoding


def set_encoding(enc: str) -> None:
    """Says how names become text."""
    global _encoding
    _encoding = enc


def to_bytes(text: bytes | str) -> bytes:
    """Text in that encoding."""
    return text.encode(_encoding) if isinstance(text, str) else text


def import_gssapi_extension(name: str) -> ModuleType | None:
    """The module of an extension, or None where there is none of that name."""
    try:
        return importlib.import_module(f".raw.ext_{name}", __package__)
    except ModuleNotFoundError:
        return None


def check_last_err(method: Function) -> Function:
    """Raises first what the last step kept back."""

    @functools.wraps(method)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        kept, self._last_err = self._last_err, None
        if kept is not None:
            raise kept
        return method(self, *args, **kwargs)

    return checked  # type: ignore[return-value]


def catch_and_return_token(method: Function) -> Function:
    """Gives the token of an error, if it has one, and keeps the error back for the next call.

    So a loop of steps sends the other end the token that says what failed. A class or an object
    whose ``__DEFER_STEP_ERRORS__`` is False raises at once.
    """

    @functools.wraps(method)
    def caught(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except GSSError as error:
            if error.token is None or not getattr(self, "__DEFER_STEP_ERRORS__", False):
                raise
            self._last_err = error
            return error.token

    return caught  # type: ignore[return-value]


class CheckLastError(type):
    """Makes :func:`check_last_err` part of every public method of a class."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]
    ) -> CheckLastError:
        checked = {
            key: check_last_err(value)
            for key, value in attributes.items()
            if isinstance(value, FunctionType) and not key.startswith("_")
        }
        attributes = {**attributes, **checked, "__DEFER_STEP_ERRORS__": True}
        return super().__new__(cls, name, bases, attributes)
