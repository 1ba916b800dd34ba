"""Channel bindings (``gssapi.raw.chan_bindings``; RFC 2744 3.11).

Source: ``python/obol/compat/gssapi/raw/chan_bindings.py``.
"""

from __future__ import annotations


class ChannelBindings:
    """What ties a login to a connection: ``application_data`` as of RFC 5929 in most protocols."""

    def __init__(
        self,
        initiator_address_type: int | None = None,
        initiator_address: bytes | None = None,
        acceptor_address_type: int | None = None,
        acceptor_address: bytes | None = None,
        application_data: bytes | None = None,
    ) -> None:
        self.initiator_address_type = initiator_address_type
        self.initiator_address = initiator_address
        self.acceptor_address_type = acceptor_address_type
        self.acceptor_address = acceptor_address
        self.application_data = application_data


def flat(bindings: ChannelBindings | None) -> tuple[int, bytes | None, int, bytes | None, bytes | None] | None:
    """As the C core takes them."""
    if bindings is None:
        return None
    return (
        int(bindings.initiator_address_type or 0),
        bindings.initiator_address,
        int(bindings.acceptor_address_type or 0),
        bindings.acceptor_address,
        bindings.application_data,
    )
