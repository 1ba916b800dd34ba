# card.py: smart cards that are files (softhsm2), furnished with OpenSC's pkcs11-tool as real ones are.
import ctypes

from .process import base_env, run

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "493817"


class Cards:
    """The reader of a test: its tokens are in a directory of its own; `env` names it to programs."""

    def __init__(self, directory):
        (directory / "tokens").mkdir(parents=True)
        conf = directory / "softhsm2.conf"
        conf.write_text(f"directories.tokendir = {directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.dir, self.env, self.free = directory, {"SOFTHSM2_CONF": str(conf)}, 0

    def tool(self, *words):
        return run(["pkcs11-tool", "--module", MODULE, *words], {**base_env(), **self.env}).ok()

    def insert(self, label, pin=PIN):
        """A new token, and how it is named to pkcs11-tool."""
        self.tool("--slot-index", str(self.free), "--init-token", "--label", label, "--so-pin", "12345678")
        self.free += 1
        self.tool("--token-label", label, "--login", "--login-type", "so", "--so-pin", "12345678", "--init-pin",
                  "--new-pin", pin)
        return label

    def write(self, token, key_id, certificate, key, label="login", pin=PIN):
        """A certificate and its key (PEM) come onto a token."""
        der = self.dir / "object.der"
        run(["openssl", "pkey", "-in", key, "-outform", "DER", "-out", der]).ok()
        self.tool("--token-label", token, "--login", "--pin", pin, "--write-object", str(der), "--type", "privkey",
                  "--id", key_id, "--label", label, "--usage-sign")
        der.unlink()
        self.write_certificate(token, key_id, certificate, label, pin)

    def write_certificate(self, token, key_id, certificate, label, pin=PIN):
        der = self.dir / "certificate.der"
        run(["openssl", "x509", "-in", certificate, "-outform", "DER", "-out", der]).ok()
        self.tool("--token-label", token, "--login", "--pin", pin, "--write-object", str(der), "--type", "cert",
                  "--id", key_id, "--label", label)


def change_pin(label, old, new):
    """Give a token another PIN as another library in this process does: softhsm2 reads a token's PIN once, so what
    another process changes shows to a real card's module only."""
    module = ctypes.CDLL(MODULE)
    count, session = ctypes.c_ulong(16), ctypes.c_ulong()
    slots, info = (ctypes.c_ulong * 16)(), ctypes.create_string_buffer(512)
    assert module.C_GetSlotList(ctypes.c_ubyte(1), slots, ctypes.byref(count)) == 0
    for slot in map(ctypes.c_ulong, slots[:count.value]):
        assert module.C_GetTokenInfo(slot, info) == 0
        if info.raw[:32].decode().rstrip() == label:  # the first member of CK_TOKEN_INFO
            break
    else:
        raise AssertionError(f"no token is called {label}")
    pins = [pin.encode() for pin in (old, new)]
    assert module.C_OpenSession(slot, ctypes.c_ulong(2 | 4), None, None, ctypes.byref(session)) == 0  # RW, SERIAL
    assert module.C_Login(session, ctypes.c_ulong(1), pins[0], ctypes.c_ulong(len(pins[0]))) == 0  # CKU_USER
    lengths = [ctypes.c_ulong(len(pin)) for pin in pins]
    assert module.C_SetPIN(session, pins[0], lengths[0], pins[1], lengths[1]) == 0
    assert module.C_Logout(session) == 0
    assert module.C_CloseSession(session) == 0


def place(*parts):
    """An identity's place, as krb5.conf and -X have it."""
    return ":".join(("PKCS11", f"module_name={MODULE}", *parts))
