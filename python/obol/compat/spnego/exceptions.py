"""What may go wrong (``spnego.exceptions``).

Source: ``python/obol/compat/spnego/exceptions.py``.
"""

from __future__ import annotations

import enum

from ..gssapi import exceptions as gss


class NegotiateOptions(enum.IntFlag):
    """What a context must be able to do; ours is by GSS-API and can do these."""

    none = 0
    use_sspi = 1
    use_gssapi = 2
    use_negotiate = 4
    use_ntlm = 8
    negotiate_kerberos = 0x10
    session_key = 0x20
    wrapping_iov = 0x40
    wrapping_winrm = 0x80


class SpnegoError(Exception):
    """A login failed, or a message is not right."""

    _BASE_MESSAGE = "The login failed"

    def __init__(
        self,
        error_code: int | None = None,
        base_error: Exception | None = None,
        context_msg: str | None = None,
    ) -> None:
        self.base_error = base_error
        self._context_message = context_msg
        self._error_code = error_code
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """What failed, and in what."""
        text = str(self.base_error) if self.base_error else self._BASE_MESSAGE
        context = self._context_message
        return f"{text}, Context: {context}" if context else text


class BadMechanismError(SpnegoError):
    """There is no such mechanism."""

    _BASE_MESSAGE = "An unsupported mechanism was requested"


class BadNameError(SpnegoError):
    """A name is malformed."""

    _BASE_MESSAGE = "An invalid name was supplied"


class BadBindingsError(SpnegoError):
    """The ends are of different channels."""

    _BASE_MESSAGE = "Invalid channel bindings"


class BadMICError(SpnegoError):
    """The signature is not that of the message."""

    _BASE_MESSAGE = "A token had an invalid signature"


class NoCredentialError(SpnegoError):
    """There are no credentials."""

    _BASE_MESSAGE = "There are no credentials"


class NoContextError(SpnegoError):
    """The context is not established."""

    _BASE_MESSAGE = "The context is not established"


class InvalidTokenError(SpnegoError):
    """A token is malformed, or the other end refused."""

    _BASE_MESSAGE = "A token was invalid, or the logon was denied"


class InvalidCredentialError(SpnegoError):
    """Credentials are malformed."""

    _BASE_MESSAGE = "A credential was invalid"


class CredentialsExpiredError(SpnegoError):
    """Credentials are too old."""

    _BASE_MESSAGE = "The credentials have expired"


class ContextExpiredError(SpnegoError):
    """The context is too old."""

    _BASE_MESSAGE = "The context has expired"


class UnsupportedQop(SpnegoError):
    """There is no such quality of protection."""

    _BASE_MESSAGE = "There is no such quality of protection"


class OperationNotAvailableError(SpnegoError):
    """The mechanism does not do that."""

    _BASE_MESSAGE = "The operation is not supported"


class FeatureMissingError(Exception):
    """An option is wanted that is not here."""

    def __init__(self, feature: object, why: str = "") -> None:
        self.feature_id = feature
        super().__init__(f"{feature} is not available" + (f": {why}" if why else ""))


_OF_GSS: list[tuple[type[Exception], type[SpnegoError]]] = [
    (gss.BadMechanismError, BadMechanismError),
    (gss.BadNameError, BadNameError),
    (gss.BadChannelBindingsError, BadBindingsError),
    (gss.BadMICError, BadMICError),
    (gss.MissingCredentialsError, NoCredentialError),
    (gss.MissingContextError, NoContextError),
    (gss.InvalidTokenError, InvalidTokenError),
    (gss.InvalidCredentialsError, InvalidCredentialError),
    (gss.ExpiredCredentialsError, CredentialsExpiredError),
    (gss.ExpiredContextError, ContextExpiredError),
    (gss.BadQoPError, UnsupportedQop),
    (gss.OperationUnavailableError, OperationNotAvailableError),
]


def of_gss(error: gss.GSSError, doing: str) -> SpnegoError:
    """A failure of the GSS-API as one of these."""
    kind = next((ours for theirs, ours in _OF_GSS if isinstance(error, theirs)), SpnegoError)
    return kind(error.maj_code, error, doing)
