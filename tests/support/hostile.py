# hostile.py: an attacker in the realm, made of impacket's messages and ciphers: he has a password, perhaps the keys of
# a service or of the TGS, and sends what no client would. Run with Debian's Python, which has impacket.
import datetime
import functools
import hashlib
import hmac
import random
import re
import socket
import struct

from impacket.krb5 import constants, crypto
from impacket.krb5.asn1 import (AD_IF_RELEVANT, AP_REQ, AS_REP, AS_REQ, KRB_ERROR, TGS_REP, TGS_REQ, Authenticator,
                                EncASRepPart, EncTGSRepPart, EncTicketPart, EncryptedData, PA_ENC_TS_ENC, PA_FOR_USER_ENC,
                                seq_set, seq_set_iter)
from impacket.krb5.asn1 import Ticket as TicketSequence
from impacket.krb5.types import KerberosTime, Principal, Ticket
from pyasn1.codec.der import decoder, encoder
from pyasn1.type.univ import noValue

from .process import base_env, run

AES256 = 18
CIPHER = crypto._enctype_table[AES256]
IF_RELEVANT, WIN2K_PAC = 1, 128
TGS_NAME = constants.PrincipalNameType.NT_SRV_INST.value


def now():
    return datetime.datetime.utcnow()


def untagged(data):
    """What is inside an explicit tag."""
    return data[2 + (data[1] & 0x7f if data[1] & 0x80 else 0):]


@functools.lru_cache
def key_of_password(password, salt):
    return CIPHER.string_to_key(password.encode(), salt.encode(), None)


class Session:
    def __init__(self, ticket, key, client):
        self.ticket, self.key, self.client = ticket, key, client


class Attacker:
    def __init__(self, realm, port, transport):
        self.realm, self.port, self.transport = realm, port, transport

    def exchange(self, message):
        if self.transport == "udp":
            with socket.socket(type=socket.SOCK_DGRAM) as s:
                s.settimeout(10)
                s.sendto(message, ("127.0.0.1", self.port))
                return s.recv(65536)
        with socket.create_connection(("127.0.0.1", self.port), 10) as s:
            s.sendall(struct.pack(">I", len(message)) + message)
            data = s.makefile("rb")
            return data.read(struct.unpack(">I", data.read(4))[0])

    def ask(self, message):
        """The number of the KRB-ERROR that comes back, or the reply."""
        reply = self.exchange(encoder.encode(message))
        if reply[0] == 0x7e:
            return int(decoder.decode(reply, asn1Spec=KRB_ERROR())[0]["error-code"])
        return decoder.decode(reply, asn1Spec=AS_REP() if reply[0] == 0x6b else TGS_REP())[0]

    def body(self, message, server, options=(), kind=TGS_NAME):
        body = seq_set(message, "req-body")
        body["kdc-options"] = constants.encodeFlags(options)
        body["realm"] = self.realm
        seq_set(body, "sname", Principal(server, type=kind).components_to_asn1)
        body["till"] = KerberosTime.to_asn1(now() + datetime.timedelta(hours=5))
        body["nonce"] = random.getrandbits(31)
        seq_set_iter(body, "etype", (AES256,))
        return body

    def add_padata(self, message, padata):
        message["padata"] = noValue
        for i, (kind, value) in enumerate(padata):
            message["padata"][i] = noValue
            message["padata"][i]["padata-type"] = kind
            message["padata"][i]["padata-value"] = value

    def as_req(self, user, padata, options=()):
        message = AS_REQ()
        message["pvno"], message["msg-type"] = 5, 10
        body = self.body(message, f"krbtgt/{self.realm}", options)
        seq_set(body, "cname", Principal(user, type=1).components_to_asn1)
        if padata:
            self.add_padata(message, padata)
        return message

    def sealed(self, key, usage, plain):
        box = EncryptedData()
        box["etype"], box["cipher"] = key.enctype, CIPHER.encrypt(key, usage, plain, None)
        return encoder.encode(box)

    def timestamp(self, key):
        stamp = PA_ENC_TS_ENC()
        stamp["patimestamp"], stamp["pausec"] = KerberosTime.to_asn1(now()), 0
        return self.sealed(key, 1, encoder.encode(stamp))

    def password_key(self, user, password):
        return key_of_password(password, self.realm + user)

    def login(self, user, password, options=()):
        key = self.password_key(user, password)
        reply = self.ask(self.as_req(user, [(2, self.timestamp(key))], options))
        assert not isinstance(reply, int), reply
        return self.session(reply, key, 3, EncASRepPart(), user)

    def session(self, reply, key, usage, kind, client):
        part = decoder.decode(CIPHER.decrypt(key, usage, reply["enc-part"]["cipher"].asOctets()), asn1Spec=kind)[0]
        return Session(reply["ticket"], crypto.Key(AES256, part["key"]["keyvalue"].asOctets()), client)

    def ticket(self, session, server, **more):
        """The session at a service, or the number of the refusal."""
        reply = self.ask(self.tgs_req(session, server, keyed, **more))
        return reply if isinstance(reply, int) else self.session(reply, session.key, 8, EncTGSRepPart(), session.client)

    def tgs_req(self, session, server, checksum=None, added=None, client=None, alter=None, options=(),
                padata=(), second=None):
        """checksum(key, body) gives type and bytes; `added` goes into enc-authorization-data; `alter` changes the
        body behind the checksum's back; `second` is the ticket of another session."""
        message = TGS_REQ()
        message["pvno"], message["msg-type"] = 5, 12
        body = self.body(message, server, options)
        if second:
            ticket = Ticket()
            ticket.from_asn1(second.ticket)
            seq_set_iter(body, "additional-tickets", (ticket.to_asn1(TicketSequence()),))
        if added is not None:
            body["enc-authorization-data"] = noValue
            body["enc-authorization-data"]["etype"] = AES256
            body["enc-authorization-data"]["cipher"] = CIPHER.encrypt(session.key, 4, added, None)
        authenticator = Authenticator()
        authenticator["authenticator-vno"], authenticator["crealm"] = 5, self.realm
        seq_set(authenticator, "cname", Principal(client or session.client, type=1).components_to_asn1)
        authenticator["cusec"], authenticator["ctime"] = random.randrange(10**6), KerberosTime.to_asn1(now())
        if checksum:
            kind, value = checksum(session.key, untagged(encoder.encode(body)))
            authenticator["cksum"] = noValue
            authenticator["cksum"]["cksumtype"], authenticator["cksum"]["checksum"] = kind, value
        if alter:
            alter(body)
        ap_req = AP_REQ()
        ap_req["pvno"], ap_req["msg-type"], ap_req["ap-options"] = 5, 14, constants.encodeFlags([])
        ticket = Ticket()
        ticket.from_asn1(session.ticket)
        seq_set(ap_req, "ticket", ticket.to_asn1)
        ap_req["authenticator"] = noValue
        ap_req["authenticator"]["etype"] = AES256
        ap_req["authenticator"]["cipher"] = CIPHER.encrypt(session.key, 7, encoder.encode(authenticator), None)
        self.add_padata(message, [(1, encoder.encode(ap_req)), *padata])
        return message

    def forge(self, session, key, change):
        """The session with its ticket opened, changed and sealed again, by who has the key."""
        ticket = decoder.decode(encoder.encode(session.ticket), asn1Spec=session.ticket.clone())[0]
        plain = CIPHER.decrypt(key, 2, ticket["enc-part"]["cipher"].asOctets())
        part = decoder.decode(plain, asn1Spec=EncTicketPart())[0]
        change(part)
        ticket["enc-part"]["cipher"] = CIPHER.encrypt(key, 2, encoder.encode(part), None)
        return Session(ticket, session.key, session.client)


def keyed(key, body):
    return 16, crypto._checksum_table[16].checksum(key, 6, body)


def keyed_for_another_usage(key, body):
    return 16, crypto._checksum_table[16].checksum(key, 7, body)


def unkeyed(kind, digest):
    return lambda _, body: (kind, hashlib.new(digest, body).digest())


def rc4_keyed(key, body):
    return -138, hmac_md5(key, 6, body)


def hmac_md5(key, usage, data):
    """KERB_CHECKSUM_HMAC_MD5 of Windows, which takes any key."""
    signing = hmac.new(key.contents, b"signaturekey\0", "md5").digest()
    return hmac.new(signing, hashlib.md5(struct.pack("<I", usage) + data).digest(), "md5").digest()


def for_user(user, realm, kind, checksum):
    """PA-FOR-USER (MS-SFU 2.2.1): checksum(bytes) is that of its kind."""
    asked = PA_FOR_USER_ENC()
    seq_set(asked, "userName", Principal(user, type=1).components_to_asn1)
    asked["userRealm"], asked["auth-package"] = realm, "Kerberos"
    asked["cksum"] = noValue
    asked["cksum"]["cksumtype"] = kind
    asked["cksum"]["checksum"] = checksum(struct.pack("<I", 1) + f"{user}{realm}Kerberos".encode())
    return 129, encoder.encode(asked)


def key_of(keytab, principal):
    """MIT's klist shows keys."""
    shown = run(["klist", "-k", "-K", "-e", str(keytab)], base_env()).ok().out
    key = re.search(rf" {re.escape(principal)} \(aes256-cts-hmac-sha1-96\)\s+\(0x(\w+)\)", shown)
    return crypto.Key(AES256, bytes.fromhex(key.group(1)))


def inside(elements):
    """Authorization data, [(type, bytes)], as it is encoded."""
    data = AD_IF_RELEVANT()
    for i, (kind, value) in enumerate(elements):
        data[i] = noValue
        data[i]["ad-type"], data[i]["ad-data"] = kind, value
    return encoder.encode(data)


def pac_of(part):
    """The bytes of a ticket's PAC; None if there is none."""
    for element in part["authorization-data"] if part["authorization-data"].hasValue() else []:
        if int(element["ad-type"]) == IF_RELEVANT:
            for e in decoder.decode(element["ad-data"].asOctets(), asn1Spec=AD_IF_RELEVANT())[0]:
                if int(e["ad-type"]) == WIN2K_PAC:
                    return e["ad-data"].asOctets()
    return None


def put_pac(part, pac):
    part["authorization-data"] = noValue
    part["authorization-data"][0] = noValue
    part["authorization-data"][0]["ad-type"] = IF_RELEVANT
    part["authorization-data"][0]["ad-data"] = inside([(WIN2K_PAC, pac)])


def buffers(pac):
    """Type, offset and length of each buffer of a PAC (MS-PAC 2.3)."""
    count, = struct.unpack_from("<I", pac)
    return {kind: (at, length) for kind, length, at in (struct.unpack_from("<IIQ", pac, 8 + 16 * i) for i in range(count))}


def opened(ticket, key):
    return decoder.decode(CIPHER.decrypt(key, 2, ticket["enc-part"]["cipher"].asOctets()), asn1Spec=EncTicketPart())[0]
