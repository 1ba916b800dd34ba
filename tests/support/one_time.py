# one_time.py: the authenticator of a test: codes of HOTP and TOTP, made apart from ours; and a
# freeradius that knows a user's code.
import base64
import hashlib
import hmac
import time
from urllib.parse import parse_qs, urlsplit

from .process import Daemon, base_env, free_port


class Authenticator:
    """What a telephone makes of the URI that obol otp add shows."""

    def __init__(self, uri):
        parts = urlsplit(uri)
        words = {k: v[0] for k, v in parse_qs(parts.query).items()}
        self.kind = parts.netloc
        self.secret = base64.b32decode(words["secret"] + "=" * (-len(words["secret"]) % 8))
        self.digits, self.hash = int(words["digits"]), words["algorithm"].lower()
        self.period = int(words.get("period", 0))
        self.counter = int(words.get("counter", 0))

    def code(self):
        counter = self.counter
        if self.kind == "totp":
            counter = int(time.time()) // self.period
        self.counter += 1
        mac = hmac.new(self.secret, counter.to_bytes(8, "big"), getattr(hashlib, self.hash)).digest()
        at = mac[-1] & 15
        number = int.from_bytes(mac[at:at + 4], "big") & 0x7fffffff
        return str(number % 10 ** self.digits).zfill(self.digits)


class Radius:
    """freeradius, to which a user's password is what `codes` says."""
    secret = "testing123"

    def __init__(self, directory, codes):
        self.port = free_port()
        (directory / "users").write_text("".join(f'{name} Cleartext-Password := "{code}"\n' for name, code in codes.items()))
        (directory / "radiusd.conf").write_text(f"""
libdir = /usr/lib/freeradius
logdir = {directory}
run_dir = {directory}
pidfile = {directory}/radius.pid
log {{ destination = stdout }}
listen {{
    type = auth
    ipaddr = 127.0.0.1
    port = {self.port}
    virtual_server = default
}}
client localhost {{
    ipaddr = 127.0.0.1
    secret = {self.secret}
}}
modules {{
    pap {{ }}
    files {{ usersfile = {directory}/users }}
}}
server default {{
    authorize {{
        files
        pap
    }}
    authenticate {{
        Auth-Type PAP {{
            pap
        }}
    }}
}}
""")
        self.daemon = Daemon(["/usr/sbin/freeradius", "-f", "-l", "stdout", "-d", str(directory)],
                             directory / "radius.log", base_env())
        self.daemon.wait_text("Ready to process requests")

    def stop(self):
        self.daemon.stop()
