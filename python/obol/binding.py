"""Channel bindings: a login tied to the TLS connection that carries it (RFC 5929).

Raises: :class:`ValueError` for what is no certificate.
Source: ``python/obol/binding.py``, RFC 5929 4, RFC 2744 3.11.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ssl import SSLObject, SSLSocket
    from typing import Optional, Union

__all__ = ["tls_binding"]

# The hash that goes with a certificate's signature (RFC 5929 4.1: SHA-256 in place of MD5 and SHA-1):
# by the DER of the algorithm's OID.
_HASHES = {
    bytes.fromhex("2a864886f70d010104"): "sha256",
    bytes.fromhex("2a864886f70d010105"): "sha256",
    bytes.fromhex("2a864886f70d01010b"): "sha256",
    bytes.fromhex("2a8648ce3d0401"): "sha256",
    bytes.fromhex("2a8648ce3d040302"): "sha256",
    bytes.fromhex("2a864886f70d01010c"): "sha384",
    bytes.fromhex("2a864886f70d01010d"): "sha512",
    bytes.fromhex("2a864886f70d01010e"): "sha224",
    bytes.fromhex("2a8648ce3d040301"): "sha224",
    bytes.fromhex("2a8648ce3d040303"): "sha384",
    bytes.fromhex("2a8648ce3d040304"): "sha512",
}
_PSS = bytes.fromhex("2a864886f70d01010a")
_PSS_HASHES = {
    bytes.fromhex("0609608648016503040202"): "sha384",
    bytes.fromhex("0609608648016503040203"): "sha512",
}


def _element(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the DER element at an offset begins and ends."""
    if at + 2 > len(der):
        raise ValueError("the certificate's DER ends too early")
    length, start = der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        if not 1 <= octets <= 4 or start + octets > len(der):
            raise ValueError("a length in the certificate's DER is not valid")
        length = int.from_bytes(der[start : start + octets], "big")
        start += octets
    if start + length > len(der):
        raise ValueError("the certificate's DER ends too early")
    return start, start + length


def hash_name(certificate: bytes) -> Optional[str]:
    """The hash that goes with a certificate's signature; None for an algorithm that is not known.

    Raises: :class:`ValueError` for what is no certificate.
    """
    start, _ = _element(certificate, 0)  # Certificate
    _, after = _element(certificate, start)  # tbsCertificate
    start, end = _element(certificate, after)  # signatureAlgorithm
    oid_start, oid_end = _element(certificate, start)
    oid = certificate[oid_start:oid_end]
    if oid == _PSS:
        parameters = certificate[oid_end:end]
        return next((h for der, h in _PSS_HASHES.items() if der in parameters), "sha256")
    return _HASHES.get(oid)


def end_point(certificate: bytes) -> bytes:
    """The binding of a server's certificate (DER), "tls-server-end-point"."""
    import hashlib

    return b"tls-server-end-point:" + hashlib.new(hash_name(certificate) or "sha256", certificate).digest()


def tls_binding(
    connection: Union[SSLSocket, SSLObject, None] = None,
    *,
    certificate: Union[bytes, str, None] = None,
) -> Optional[bytes]:
    """What ``channel=`` takes: the binding of a client's TLS connection, or of a server's own
    certificate (PEM or DER), which the server must name since its connection does not tell.

    None where the connection shows no certificate of the server's.
    """
    if certificate is None:
        der = connection.getpeercert(True) if connection is not None else None
        return end_point(der) if der else None
    if isinstance(certificate, str) or certificate.lstrip().startswith(b"-----BEGIN"):
        import ssl

        text = certificate if isinstance(certificate, str) else certificate.decode("ascii")
        first = text[text.index("-----BEGIN CERTIFICATE-----") :]
        ending = "-----END CERTIFICATE-----"
        certificate = ssl.PEM_cert_to_DER_cert(first[: first.index(ending) + len(ending)])
    return end_point(certificate)
