"""Contexts (``gssapi.sec_contexts``).

Source: ``python/obol/compat/gssapi/sec_contexts.py``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from . import _utils
from .creds import Credentials
from .exceptions import EncryptionNotUsed, MissingContextError, UnknownUsageError
from .names import Name
from .raw import message as raw_message
from .raw import names as raw_names
from .raw import sec_contexts as raw
from .raw.chan_bindings import ChannelBindings
from .raw.named_tuples import InquireContextResult, UnwrapResult, WrapResult
from .raw.oids import OID
from .raw.types import IntEnumFlagSet, RequirementFlag

Self = TypeVar("Self", bound="SecurityContext")


def _fact(name: str, doc: str) -> property:
    """A property of a context that was begun."""

    def get(self: SecurityContext) -> Any:
        if not self._started:
            raise AttributeError(f"{name} of a context that was not begun")
        return getattr(self._inquire(**{name: True}), name)

    return property(get, doc=doc)


class SecurityContext(raw.SecurityContext, metaclass=_utils.CheckLastError):
    """One end of a login: :meth:`step` until :attr:`complete`, then messages.

    With ``name`` it is the end that logs in, else the service's; ``usage`` says it by name. It may
    be of a context of ``raw`` or of an exported token.

    Raises: :class:`UnknownUsageError`, :class:`TypeError` for arguments of the other end.
    """

    __DEFER_STEP_ERRORS__ = True
    usage: str

    def __new__(
        cls: type[Self],
        base: raw.SecurityContext | None = None,
        token: bytes | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> Self:
        return super().__new__(cls, base if token is None else raw.import_sec_context(token))

    def __init__(
        self,
        base: raw.SecurityContext | None = None,
        token: bytes | None = None,
        name: raw_names.Name | None = None,
        creds: Credentials | None = None,
        lifetime: int | None = None,
        flags: IntEnumFlagSet | Iterable[int] | int | None = None,
        mech: OID | None = None,
        channel_bindings: ChannelBindings | None = None,
        usage: str | None = None,
    ) -> None:
        self._last_err: Exception | None = None
        self._complete: bool | None = None
        self._delegated_creds: Credentials | None = None
        self._creds = creds
        self._channel_bindings = channel_bindings
        self._target_name = name
        self._asked = (mech, IntEnumFlagSet(RequirementFlag, flags), lifetime)
        if base is not None or token is not None:
            self.usage = self._usage_of_handle()
            return
        self.usage = usage or self._usage_of_arguments()
        if self.usage not in ("initiate", "accept"):
            raise UnknownUsageError("it is initiate or accept", obj="security context")
        if self.usage == "initiate" and name is None:
            raise TypeError("the end that logs in needs the service's name")
        if self.usage == "accept" and any(
            argument is not None for argument in (name, flags, mech, lifetime)
        ):
            raise TypeError("the service's end takes creds and channel_bindings only")

    def _usage_of_arguments(self) -> str:
        usage = None if self._creds is None else self._creds.usage
        if usage is not None and usage != "both":
            return usage
        return "accept" if self._target_name is None else "initiate"

    def _usage_of_handle(self) -> str:
        try:
            return "initiate" if self.locally_initiated else "accept"
        except MissingContextError as error:
            raise UnknownUsageError(
                "the context is not established", obj="security context"
            ) from error

    @_utils.catch_and_return_token
    def step(self, token: bytes | None = None) -> bytes | None:
        """Takes the other end's token and gives the next one to send, if there is one.

        What fails with a token to send is raised by the next call; see :mod:`_utils`.

        Raises: :class:`GSSError` and the classes below it.
        """
        if self.usage == "accept":
            taken = raw.accept_sec_context(token or b"", self._creds, self, self._channel_bindings)
            if taken.delegated_creds is not None:
                self._delegated_creds = Credentials(taken.delegated_creds)
            self._complete = not taken.more_steps
            return taken.token
        mech, flags, lifetime = self._asked
        made = raw.init_sec_context(
            self._target_name,  # type: ignore[arg-type] # the initiator has one
            self._creds,
            self,
            mech,
            flags,
            lifetime,
            self._channel_bindings,
            token,
        )
        self._complete = not made.more_steps
        return made.token

    def get_signature(self, message: bytes) -> bytes:
        """A signature of a message."""
        return raw_message.get_mic(self, message)

    def verify_signature(self, message: bytes, mic: bytes) -> int:
        """The quality of protection of a signature that is right.

        Raises: :class:`BadMICError`, :class:`InvalidTokenError`, and SupplementaryError for one out
        of its turn.
        """
        return raw_message.verify_mic(self, message, mic)

    def wrap(self, message: bytes, encrypt: bool) -> WrapResult:
        """A message as a token, sealed or signed."""
        return raw_message.wrap(self, message, encrypt)

    def unwrap(self, message: bytes) -> UnwrapResult:
        """The message of a token.

        Raises: as :meth:`verify_signature`.
        """
        return raw_message.unwrap(self, message)

    def encrypt(self, message: bytes) -> bytes:
        """A sealed token.

        Raises: :class:`EncryptionNotUsed`.
        """
        made = raw_message.wrap(self, message, True)
        if not made.encrypted:
            raise EncryptionNotUsed("the context does not seal messages")
        return made.message

    def decrypt(self, message: bytes) -> bytes:
        """The message of a token, which is to be sealed where the context seals.

        Raises: :class:`EncryptionNotUsed`, and as :meth:`verify_signature`.
        """
        got = raw_message.unwrap(self, message)
        if not got.encrypted and RequirementFlag.confidentiality in self.actual_flags:
            raise EncryptionNotUsed(
                "the message was signed only", unwrapped_message=got.message
            )
        return got.message

    def get_wrap_size_limit(self, desired_output_size: int, encrypted: bool = True) -> int:
        """The most bytes whose token is of a size."""
        return raw_message.wrap_size_limit(self, desired_output_size, encrypted)

    def process_token(self, token: bytes) -> None:
        """Takes a token that came out of turn."""
        raw.process_context_token(self, token)

    def export(self) -> bytes:
        """The context as bytes, which are secret; it is not to be used again."""
        return raw.export_sec_context(self)

    @_utils.check_last_err
    def _inquire(self, **wanted: bool) -> InquireContextResult:
        fields = InquireContextResult._fields
        got = raw.inquire_context(self, **{key: wanted.get(key, not wanted) for key in fields})
        return got._replace(
            initiator_name=None if got.initiator_name is None else Name(got.initiator_name),
            target_name=None if got.target_name is None else Name(got.target_name),
        )

    @property
    def lifetime(self) -> int:
        """The seconds that it lasts."""
        return raw.context_time(self)

    @property
    def delegated_creds(self) -> Credentials | None:
        """What the client handed on; it does not go with :meth:`export`."""
        return self._delegated_creds

    initiator_name = _fact("initiator_name", "Who logs in.")
    target_name = _fact("target_name", "The service.")
    mech = _fact("mech", "The mechanism.")
    actual_flags = _fact("flags", "What it does, as the ends agreed.")
    locally_initiated = _fact("locally_init", "Whether this end logs in.")

    @property
    @_utils.check_last_err
    def complete(self) -> bool:
        """Whether it is established."""
        if not self._started:
            return False
        if self._complete is None:
            try:
                self._complete = bool(self._inquire(complete=True).complete)
            except MissingContextError:
                return False
        return self._complete

    def __reduce__(self: Self) -> tuple[type[Self], tuple[None, bytes]]:
        return type(self), (None, self.export())
