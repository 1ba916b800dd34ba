"""A web server for the tests of HTTP clients: logins by an Acceptor, with TLS, as a proxy, or hostile."""

import base64
import contextlib
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import obol


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20
    wbufsize = -1  # an answer goes out in one piece
    disable_nagle_algorithm = True

    def log_message(self, *unused):
        pass

    def handle_all(self):
        server = self.server
        size = self.headers.get("Content-Length")
        body = self.rfile.read(int(size)) if size else b""
        if self.headers.get("Transfer-Encoding") == "chunked":
            while (length := int(self.rfile.readline(), 16)) or not self.rfile.readline():
                body += self.rfile.read(length)
                self.rfile.readline()
        server.seen.append((self.command, self.path, self.headers))
        if server.script is not None:
            return self.answer(*server.script(self))
        if server.proxy:
            kept = "Proxy-Authorization"
            fields, user = self.login("proxy-authenticate", self.headers.get(kept))
            if user is None:
                return self.answer(407, fields, b"")
        fields, user = self.login("WWW-Authenticate", self.headers.get("Authorization"))
        if self.path == "/move" and user:
            return self.answer(302, [*fields, ("Location", "/moved")], b"")
        if user is None and self.path != "/open":
            return self.answer(401, fields, b"log in")
        self.answer(200, fields, f"{user}:".encode() + body)

    do_GET = do_POST = do_PUT = handle_all

    def login(self, field, value):
        kept = self.server
        if not (value or "").startswith("Negotiate "):
            return [(field, "Basic realm=two words"), (field, "Negotiate")], None
        context = kept.acceptor.accept(channel=kept.binding)
        try:
            token = context.step(base64.b64decode(value[10:]))
        except obol.Error as error:
            kept.errors.append(error)
            return [(field, ("Negotiate " + base64.b64encode(error.token).decode()).strip())], None
        if kept.binding and not context.channel_bound:
            kept.errors.append("no binding")
            return [(field, "Negotiate")], None
        kept.contexts.append(context)
        return [(field, "Negotiate " + base64.b64encode(token).decode())], str(context.peer)

    def answer(self, status, fields, body):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_CONNECT(self):
        """A tunnel to `server.behind`, for who logs in."""
        self.server.seen.append((self.command, self.path, self.headers))
        fields, user = self.login("Proxy-Authenticate", self.headers.get("Proxy-Authorization"))
        self.close_connection = True
        if user is None:
            return self.answer(407, fields, b"")
        self.send_response(200)
        self.end_headers()
        self.wfile.flush()
        with socket.create_connection(self.server.behind) as there:
            one = threading.Thread(target=_copy, args=(there, self.connection))
            one.start()
            _copy(self.connection, there)
            one.join()


def _copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, acceptor, *, tls=None, proxy=False, script=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.acceptor, self.proxy, self.script = acceptor, proxy, script
        self.seen, self.errors, self.contexts = [], [], []
        self.binding = self.behind = None
        scheme = "http"
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)
            self.binding = obol.tls_binding(certificate=tls.read_bytes())
            scheme = "https"
        self.url = f"{scheme}://localhost:{self.server_port}"

    def handle_error(self, request, address):
        pass

    def counts(self):
        """(requests, those with a login) so far; forgets them."""
        seen, self.seen = self.seen, []
        return len(seen), sum("Authorization" in headers for _, _, headers in seen)


@contextlib.contextmanager
def serving(acceptor, **options):
    server = Server(acceptor, **options)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(directory):
    """A certificate of localhost with its key, in one file."""
    path = directory / "localhost.pem"
    key, cert = directory / "key.pem", directory / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-days", "2", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(cert.read_bytes() + key.read_bytes())
    return path
