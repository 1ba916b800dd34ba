# rpcsec.py: what a kernel's NFS server and client do in user space, with python3-gssapi on the library that the
# environment gives: RPCSEC_GSS (RFC 2203 5.2) as far as the context is set up. Run as a program; it prints JSON.
#   rpcsec.py serve PORT           takes one context over TCP and says of whom it is and with which key
#   rpcsec.py initiate SERVICE     begins a context: prints its token, reads the answer as hex, and prints the key
import json
import socket
import struct
import sys

import gssapi
from gssapi.raw import inquire_sec_context_by_oid

SESSION_KEY = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.5.5")
KRB5 = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2")
INIT, CONTINUE_INIT = 1, 2
WINDOW = 128


def key_of(context):
    return inquire_sec_context_by_oid(context, SESSION_KEY)[0].hex()


def opaque(data):
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


class Xdr:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        self.at += 4
        return struct.unpack_from(">I", self.data, self.at - 4)[0]

    def opaque(self):
        length = self.number()
        start, self.at = self.at, self.at + length + -length % 4
        return self.data[start:start + length]


def record(stream):
    """A whole RPC message of TCP: one fragment (RFC 5531 11)."""
    head = stream.read(4)
    return stream.read(struct.unpack(">I", head)[0] & 0x7fffffff) if len(head) == 4 else b""


def answer(call, context):
    """The reply to a call that carries a token."""
    x = Xdr(call)
    xid = x.number()
    assert [x.number() for _ in range(2)] == [0, 2], "no RPC call"
    x.at += 12 # program, version, procedure
    assert x.number() == 6, "not RPCSEC_GSS"
    cred = Xdr(x.opaque())
    assert cred.number() == 1 and cred.number() in (INIT, CONTINUE_INIT)
    x.number(), x.opaque() # the verifier is none yet
    token = context.step(x.opaque()) or b""
    verifier = struct.pack(">I", 0) + opaque(b"")
    if context.complete: # RFC 2203 5.2.3.1: the window, signed
        verifier = struct.pack(">I", 6) + opaque(context.get_signature(struct.pack(">I", WINDOW)))
    result = opaque(b"handle") + struct.pack(">III", 0 if context.complete else 1, 0, WINDOW) + opaque(token)
    return struct.pack(">III", xid, 1, 0) + verifier + struct.pack(">I", 0) + result


def serve(port):
    with socket.create_server(("127.0.0.1", port)) as listener:
        print(json.dumps({"ready": True}), flush=True)
        context = gssapi.SecurityContext(usage="accept")
        while not context.complete:
            with listener.accept()[0] as connection, connection.makefile("rb") as stream:
                while not context.complete and (call := record(stream)):
                    reply = answer(call, context)
                    connection.sendall(struct.pack(">I", 0x80000000 | len(reply)) + reply)
                stream.read() # until the client goes
    print(json.dumps({"client": str(context.initiator_name), "key": key_of(context)}), flush=True)


def initiate(service):
    name = gssapi.Name(service, gssapi.NameType.hostbased_service)
    context = gssapi.SecurityContext(name=name, mech=KRB5, usage="initiate",
                                     flags=[gssapi.RequirementFlag.mutual_authentication])
    print(context.step().hex(), flush=True)
    context.step(bytes.fromhex(sys.stdin.readline()))
    print(json.dumps({"complete": context.complete, "key": key_of(context)}), flush=True)


if __name__ == "__main__":
    {"serve": lambda: serve(int(sys.argv[2])), "initiate": lambda: initiate(sys.argv[2])}[sys.argv[1]]()
