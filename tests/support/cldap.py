# cldap.py: what a domain controller answers to "are you one?" (MS-ADTS 6.3.3): Samba asks this by LDAP over UDP of the
# host that it is told, and of nothing else before it takes the host for a KDC. Run as a program: cldap.py DOMAIN
import socket
import struct
import sys

PDC, LDAP, DIRECTORY, KDC, WRITABLE = 0x1, 0x8, 0x10, 0x20, 0x100  # MS-ADTS 6.3.1.2
RESPONSE_EX, VERSION_5EX, NO_TOKEN = 23, 4, 0xFFFF


def ber(tag, body):
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + length + body


def name(text):
    """A name as in DNS, not compressed."""
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


def response(domain):
    """NETLOGON_SAM_LOGON_RESPONSE_EX (MS-ADTS 6.3.1.9)."""
    short = domain.split(".")[0].upper()
    names = (domain, domain, f"dc.{domain}", short, "DC", "", "Site", "Site")
    return (struct.pack("<HHI", RESPONSE_EX, 0, PDC | LDAP | DIRECTORY | KDC | WRITABLE) + bytes(16) +
            b"".join(map(name, names)) + struct.pack("<IHH", VERSION_5EX | 1, NO_TOKEN, NO_TOKEN))


def answer(request, blob):
    """The entry with the attribute Netlogon, and the end of the search, in one datagram (RFC 4511 4.5.2)."""
    at = 2 if request[1] < 128 else 2 + (request[1] & 127)
    number = request[at:at + 2 + request[at + 1]]
    attribute = ber(0x30, ber(4, b"Netlogon") + ber(0x31, ber(4, blob)))
    return (ber(0x30, number + ber(0x64, ber(4, b"") + ber(0x30, attribute))) +
            ber(0x30, number + ber(0x65, ber(10, b"\0") + ber(4, b"") + ber(4, b""))))


def main(domain):
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 389))
        print("ready", flush=True)
        while True:
            request, sender = s.recvfrom(65535)
            s.sendto(answer(request, response(domain)), sender)


if __name__ == "__main__":
    main(sys.argv[1])
