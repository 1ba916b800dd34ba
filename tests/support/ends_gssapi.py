# ends_gssapi.py: an end of a GSS-API context (see ends.py) in Python, through Debian's python3-gssapi.
import base64
import sys

import gssapi
from gssapi.raw import ChannelBindings

MECHS = {"krb5": gssapi.MechType.kerberos, "spnego": gssapi.OID.from_int_seq("1.3.6.1.5.5.2")}


class End:
    context = delegated = None

    def bound(self, bindings):
        return ChannelBindings(application_data=bindings.encode()) if bindings else None

    def init(self, mech, flags, target, bindings):
        name = gssapi.Name(target, gssapi.NameType.hostbased_service)
        self.context = gssapi.SecurityContext(name=name, mech=MECHS[mech], flags=int(flags, 16), usage="initiate",
                                              channel_bindings=self.bound(bindings))

    def accept(self, bindings):
        self.context = gssapi.SecurityContext(usage="accept", channel_bindings=self.bound(bindings))

    def step(self, token):
        out = self.context.step(base64.b64decode(token) or None)
        return base64.b64encode(out or b"").decode(), str(int(self.context.complete))

    def facts(self):
        c = self.context
        owner = c.delegated_creds.name if c.usage == "accept" and c.delegated_creds else ""
        return f"{int(c.actual_flags):x}", str(c.initiator_name), str(c.target_name), str(owner)

    def wrap(self, conf, message):
        return (base64.b64encode(self.context.wrap(base64.b64decode(message), conf == "1").message).decode(),)

    def unwrap(self, token):
        found = self.context.unwrap(base64.b64decode(token))
        return str(int(found.encrypted)), base64.b64encode(found.message).decode()

    def mic(self, message):
        return (base64.b64encode(self.context.get_signature(base64.b64decode(message))).decode(),)

    def verify(self, message, token):
        self.context.verify_signature(base64.b64decode(message), base64.b64decode(token))


def main():
    end = End()
    for line in sys.stdin:
        call, *words = line.rstrip("\n").split("\t")
        try:
            answer = ["ok", *(getattr(end, call)(*words) or ())]
        except Exception as e:
            answer = ["failed", " ".join(f"{type(e).__name__}: {e}".split())]
        print("\t".join(answer), flush=True)


main()
