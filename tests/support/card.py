# card.py: smart cards that are files (softhsm2), furnished with OpenSC's pkcs11-tool as real ones are.
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


def place(*parts):
    """An identity's place, as krb5.conf and -X have it."""
    return ":".join(("PKCS11", f"module_name={MODULE}", *parts))
