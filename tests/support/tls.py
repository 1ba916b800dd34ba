# tls.py: certificates for tests: a CA and what it signs, made by openssl; requests of KKDCP.
import ssl
import struct

from .process import run


class Authority:
    def __init__(self, directory, name="ca"):
        self.dir, self.name = directory, name
        self.certificate, self.key = directory / f"{name}.pem", directory / f"{name}.key"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", f"/CN={name}", "-days", "2", "-keyout", self.key, "-out", self.certificate]).ok()

    def issue(self, stem, host="localhost"):
        """The file with a certificate for a host and its key."""
        request, both = self.dir / f"{stem}.csr", self.dir / f"{stem}.pem"
        names = self.dir / f"{stem}.ext"
        names.write_text(f"subjectAltName=DNS:{host}\n")
        key = self.dir / f"{stem}.key"
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", f"/CN={host}", "-keyout", key, "-out", request]).ok()
        run(["openssl", "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key,
             "-CAcreateserial", "-days", "2", "-extfile", names, "-out", both]).ok()
        both.write_text(both.read_text() + key.read_text())
        return both

    def client(self):
        return ssl.create_default_context(cafile=str(self.certificate))


def _der(tag, content):
    length = len(content)
    if length < 0x80:
        head = bytes([length])
    else:
        octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
        head = bytes([0x80 | len(octets)]) + octets
    return bytes([tag]) + head + content


def envelope(message, realm=None, length=None):
    """A KDC-PROXY-MESSAGE (MS-KKDCP 2.2.2), with a length before the message that may be wrong."""
    framed = struct.pack(">I", len(message) if length is None else length) + message
    fields = _der(0xa0, _der(0x04, framed))
    if realm:
        fields += _der(0xa1, _der(0x1b, realm.encode()))
    return _der(0x30, fields)
