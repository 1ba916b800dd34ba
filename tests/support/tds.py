# tds.py: the server's end of Microsoft's TDS, as much as a login by ticket and one query take (MS-TDS 2.2.6.4, 2.2.7): there is
# no SQL Server in Debian. It stands on obol.Acceptor, and answers every query with who has logged in.
import contextlib
import socketserver
import struct
import threading

PRELOGIN, LOGIN7, SSPI, RESPONSE = 0x12, 0x10, 0x11, 0x04
VERSION = 0x74000004  # TDS 7.4


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(20)
        with contextlib.suppress(EOFError, OSError):
            self.converse()

    def converse(self):
        context = None
        while True:
            kind, data = self.message()
            if kind == PRELOGIN:
                self.send(prelogin())
            elif kind in (LOGIN7, SSPI):
                context = context or self.server.acceptor.accept()
                self.log_in(context, sspi_of(data) if kind == LOGIN7 else data)
            elif context is not None and context.done:
                self.send(answer(str(context.peer)))
            else:
                return

    def log_in(self, context, token):
        import obol

        try:
            reply = context.step(token)
        except obol.Error as error:
            self.server.errors.append(error)
            self.send(refusal(18456, "Login failed: " + error.text) + done(2))
            raise EOFError from None
        tokens = b"\xed" + struct.pack("<H", len(reply)) + reply if reply else b""
        if context.done:
            self.server.logins.append(str(context.peer))
            tokens += loginack() + done(0)
        self.send(tokens)

    def message(self):
        """(kind, data) of a whole message; its packets have eight bytes of head each."""
        data = b""
        while True:
            kind, status, length = struct.unpack(">BBH", self.exactly(8)[:4])
            data += self.exactly(length - 8)
            if status & 1:
                return kind, data

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.request.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def send(self, data):
        self.request.sendall(struct.pack(">BBHHBB", RESPONSE, 1, len(data) + 8, 0, 1, 0) + data)


def prelogin():
    """Version 16, and no encryption: 2 says that there is none."""
    values = (struct.pack(">BBHH", 16, 0, 1000, 0), b"\x02", b"\0", struct.pack(">I", 1))
    options, at = b"", 5 * len(values) + 1
    for kind, value in enumerate(values):
        options += struct.pack(">BHH", kind, at, len(value))
        at += len(value)
    return options + b"\xff" + b"".join(values)


def sspi_of(login):
    """The SSPI field of a LOGIN7 message."""
    at, length = struct.unpack_from("<HH", login, 78)
    if length == 0xFFFF:
        length = struct.unpack_from("<I", login, 90)[0]
    return login[at:at + length]


def text(value, form):
    return struct.pack(form, len(value)) + value.encode("utf-16-le")


def token(kind, body):
    return bytes([kind]) + struct.pack("<H", len(body)) + body


def loginack():
    sizes = token(0xE3, b"\x04" + text("4096", "B") + text("4096", "B"))
    return token(0xAD, b"\x01" + struct.pack(">I", VERSION) + text("obol", "B") + bytes([16, 0, 3, 232])) + sizes


def refusal(number, said):
    return token(0xAA, struct.pack("<IBB", number, 1, 14) + text(said, "<H") + text("obol", "B") + b"\0" + struct.pack("<I", 1))


def done(status, rows=0):
    return b"\xfd" + struct.pack("<HHQ", status, 0, rows)


def answer(value):
    """One row with one column of type nvarchar."""
    column = struct.pack("<IH", 0, 1) + b"\xe7" + struct.pack("<H", 512) + bytes([9, 4, 208, 0, 52]) + text("who", "B")
    data = value.encode("utf-16-le")
    return b"\x81" + struct.pack("<H", 1) + column + b"\xd1" + struct.pack("<H", len(data)) + data + done(0x10, 1)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, acceptor):
        super().__init__(("127.0.0.1", 0), Handler)
        self.acceptor, self.port, self.logins, self.errors = acceptor, self.server_address[1], [], []


@contextlib.contextmanager
def serving(port_to_acceptor):
    """A server on a free port; port_to_acceptor(port) gives its obol.Acceptor."""
    with Server(None) as server:
        server.acceptor = port_to_acceptor(server.port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
