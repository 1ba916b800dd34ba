# one_time.py: the authenticator of a test: codes of HOTP and TOTP, made apart from ours; a freeradius
# that knows a user's code; and a RADIUS server that does as a test says.
import base64
import hashlib
import hmac
import socket
import threading
import time
from urllib.parse import parse_qs, urlsplit

from .process import Daemon, base_env, both_of_a_port, free_port


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
    """freeradius, to which a user's password is what `codes` says. `signs`: its replies have a
    Message-Authenticator, as those of newer versions do by themselves; MIT's KDC 1.20 takes none that have."""
    secret = "testing123"

    def __init__(self, directory, codes, signs=False):
        sign = "update reply { Message-Authenticator := 0x00 }" if signs else ""
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
    post-auth {{
        {sign}
        Post-Auth-Type REJECT {{
            {sign}
        }}
    }}
}}
""")
        self.daemon = Daemon(["/usr/sbin/freeradius", "-f", "-l", "stdout", "-d", str(directory)],
                             directory / "radius.log", base_env())
        self.daemon.wait_text("Ready to process requests")

    def stop(self):
        self.daemon.stop()


ACCEPT, REJECT, CHALLENGE = 2, 3, 11


class Puppet:
    """A RADIUS server (RFC 2865) whose answers a test makes: answers[user] is called with the request
    and gives the datagrams that go back."""
    secret = b"puppet's secret"

    def __init__(self):
        self.socket, tcp = both_of_a_port()
        tcp.close()
        self.port = self.socket.getsockname()[1]
        self.answers, self.asked = {}, {}
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            request, peer = self.socket.recvfrom(4096)
            if request == b"stop":
                return
            user, code = self.read(request)
            self.asked.setdefault(user, []).append((request[1], request[4:20], code))
            for answer in self.answers[user](request):
                self.socket.sendto(answer, peer)

    def read(self, request):
        """The user's name and the code, which is hidden as RFC 2865 5.2 says; the request is signed."""
        values, signed, at = {}, bytearray(request), 20
        while at < len(request):
            values[request[at]] = request[at + 2:at + request[at + 1]]
            if request[at] == 80:
                signed[at + 2:at + 18] = bytes(16)
            at += request[at + 1]
        assert values[80] == hmac.new(self.secret, bytes(signed), hashlib.md5).digest(), "not signed"
        hidden, before, code = values[2], request[4:20], b""
        for i in range(0, len(hidden), 16):
            mask = hashlib.md5(self.secret + before).digest()
            before = hidden[i:i + 16]
            code += bytes(a ^ b for a, b in zip(before, mask))
        return values[1].decode(), code.rstrip(b"\0").decode()

    def reply(self, request, code=ACCEPT, secret=None, ident=None, signed=True, attributes=b""):
        """A genuine answer, or one that differs in what is said."""
        secret = secret or self.secret
        length = 20 + len(attributes) + (18 if signed else 0)
        head = bytes([code, request[1] if ident is None else ident]) + length.to_bytes(2, "big")
        if signed:
            blank = head + request[4:20] + attributes + b"\x50\x12" + bytes(16)
            attributes += b"\x50\x12" + hmac.new(secret, blank, hashlib.md5).digest()
        return head + hashlib.md5(head + request[4:20] + attributes + secret).digest() + attributes

    def stop(self):
        with socket.socket(type=socket.SOCK_DGRAM) as s:
            s.sendto(b"stop", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()


class Nearby(Puppet):
    """One at a socket of this machine (a stream), without a secret, as FreeIPA's ipa-otpd is for MIT's KDC."""
    secret = b""

    def __init__(self, path):
        self.path, self.connections = path, []
        self.answers, self.asked = {}, {}
        self.open()

    def open(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(str(self.path))
        self.socket.listen()
        self.thread = threading.Thread(target=self.serve, args=(self.socket,), daemon=True)
        self.thread.start()

    def serve(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # it was closed
            self.connections.append(connection)
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        stream = connection.makefile("rb")
        while len(head := stream.read(4)) == 4:
            request = head + stream.read(int.from_bytes(head[2:], "big") - 4)
            user, code = self.read(request)
            self.asked.setdefault(user, []).append((request[1], request[4:20], code))
            for answer in self.answers[user](request):
                connection.sendall(answer)

    def read(self, request):
        """MIT's KDC signs no request where there is no secret."""
        signed = request if b"\x50\x12" in request[20:22] else self.sign(request)
        return super().read(signed)

    def sign(self, request):
        blank = request + b"\x50\x12" + bytes(16)
        return request + b"\x50\x12" + hmac.new(self.secret, blank, hashlib.md5).digest()

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.socket.close()
        while self.connections:
            connection = self.connections.pop()
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self.path.unlink()
