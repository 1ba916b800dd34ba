"""What may go wrong (``gssapi.exceptions``).

Source: ``python/obol/compat/gssapi/exceptions.py``.
"""

from __future__ import annotations

from .raw.exceptions import *  # noqa: F403
from .raw.misc import GSSError as GSSError


class GeneralError(Exception):
    """A mistake in how the higher classes are used."""

    MAJOR_MESSAGE = "General error"
    FMT_STR = "{maj}: {min}."

    def __init__(self, minor_message: str, **kwargs: str) -> None:
        major = self.MAJOR_MESSAGE.format(**kwargs)
        super().__init__(self.FMT_STR.format(maj=major, min=minor_message))


class UnknownUsageError(GeneralError):
    """It is not known which end of a login this is."""

    MAJOR_MESSAGE = "Unable to determine {obj} usage"


class EncryptionNotUsed(GeneralError):
    """A message is not sealed, though it should be; ``unwrapped_message`` is what it says."""

    MAJOR_MESSAGE = "Confidentiality was requested, but not used"

    def __init__(
        self, minor_message: str, unwrapped_message: bytes | None = None, **kwargs: str
    ) -> None:
        super().__init__(minor_message, **kwargs)
        self.unwrapped_message = unwrapped_message
