"""A class for each status (``gssapi.raw.exceptions``; RFC 2744 3.9.1).

Source: ``python/obol/compat/gssapi/raw/exceptions.py``.
"""

from __future__ import annotations

from .misc import GSSError


class ParameterReadError(GSSError):
    """An argument could not be read."""

    CALLING_CODE = 1 << 24


class ParameterWriteError(GSSError):
    """A result could not be written."""

    CALLING_CODE = 2 << 24


class MalformedParameterError(GSSError):
    """An argument is malformed."""

    CALLING_CODE = 3 << 24


class BadMechanismError(GSSError):
    """There is no such mechanism."""

    ROUTINE_CODE = 1 << 16


class BadNameError(GSSError):
    """A name is malformed."""

    ROUTINE_CODE = 2 << 16


class BadNameTypeError(GSSError):
    """There is no such type of names here."""

    ROUTINE_CODE = 3 << 16


class BadChannelBindingsError(GSSError):
    """The ends are of different channels."""

    ROUTINE_CODE = 4 << 16


class BadStatusError(GSSError):
    """There is no such status."""

    ROUTINE_CODE = 5 << 16


class BadMICError(GSSError):
    """The signature is not that of the message."""

    ROUTINE_CODE = 6 << 16


class MissingCredentialsError(GSSError):
    """There are no credentials, or they are not for this."""

    ROUTINE_CODE = 7 << 16


class MissingContextError(GSSError):
    """There is no such context, or it is not established."""

    ROUTINE_CODE = 8 << 16


class InvalidTokenError(GSSError):
    """A token is malformed."""

    ROUTINE_CODE = 9 << 16


class InvalidCredentialsError(GSSError):
    """Credentials are malformed."""

    ROUTINE_CODE = 10 << 16


class ExpiredCredentialsError(GSSError):
    """Credentials are too old."""

    ROUTINE_CODE = 11 << 16


class ExpiredContextError(GSSError):
    """The context is too old."""

    ROUTINE_CODE = 12 << 16


class BadQoPError(GSSError):
    """There is no such quality of protection."""

    ROUTINE_CODE = 14 << 16


class UnauthorizedError(GSSError):
    """It is not allowed."""

    ROUTINE_CODE = 15 << 16


class OperationUnavailableError(GSSError):
    """The mechanism does not do that."""

    ROUTINE_CODE = 16 << 16


class DuplicateCredentialsElementError(GSSError):
    """Credentials of this mechanism are there already."""

    ROUTINE_CODE = 17 << 16


class MechanismNameRequiredError(GSSError):
    """A mechanism's name is wanted here."""

    ROUTINE_CODE = 18 << 16


class NameReadError(ParameterReadError, BadNameError):
    """There is no name."""


class NameTypeReadError(ParameterReadError, BadNameTypeError):
    """There is no type of the name."""


class TokenReadError(ParameterReadError, InvalidTokenError):
    """There is no token."""


class ContextReadError(ParameterReadError, MissingContextError):
    """There is no context."""


class CredentialsReadError(ParameterReadError, MissingCredentialsError):
    """There is no credential."""


class ContextWriteError(ParameterWriteError, MissingContextError):
    """There is no place for a context."""


class CredentialsWriteError(ParameterWriteError, MissingCredentialsError):
    """There is no place for a credential."""


class SupplementaryError(GSSError):
    """A message was right but for its place among the others."""


class DuplicateTokenError(SupplementaryError):
    """It came before."""

    SUPPLEMENTARY_CODE = 2


class ExpiredTokenError(SupplementaryError):
    """It is too old to tell whether it came before."""

    SUPPLEMENTARY_CODE = 4


class TokenOutOfSequenceError(SupplementaryError):
    """It is out of its turn."""


class TokenTooLateError(TokenOutOfSequenceError):
    """A later one came first."""

    SUPPLEMENTARY_CODE = 8


class TokenTooEarlyError(TokenOutOfSequenceError):
    """An earlier one has not come."""

    SUPPLEMENTARY_CODE = 16
