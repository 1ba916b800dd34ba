"""Channel bindings (``spnego.channel_bindings``).

Source: ``python/obol/compat/spnego/channel_bindings.py``.
"""

from __future__ import annotations

from ..gssapi.raw.chan_bindings import ChannelBindings


class GssChannelBindings:
    """What ties a login to a connection (RFC 2744 3.11, RFC 5929)."""

    def __init__(
        self,
        initiator_addrtype: int = 0,
        initiator_address: bytes | None = None,
        acceptor_addrtype: int = 0,
        acceptor_address: bytes | None = None,
        application_data: bytes | None = None,
    ) -> None:
        self.initiator_addrtype = initiator_addrtype
        self.initiator_address = initiator_address
        self.acceptor_addrtype = acceptor_addrtype
        self.acceptor_address = acceptor_address
        self.application_data = application_data

    def for_gss(self) -> ChannelBindings:
        """The same for the GSS-API."""
        return ChannelBindings(
            self.initiator_addrtype,
            self.initiator_address,
            self.acceptor_addrtype,
            self.acceptor_address,
            self.application_data,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GssChannelBindings) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment] # it may change
