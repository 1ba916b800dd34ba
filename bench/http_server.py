# http_server.py: the web server that bench_python.py's clients log in to: http_server.py KEYTAB prints
# its port and serves until its input ends. Its own work is in a process of its own, and not measured.
import base64
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import obol

BODY = b"x" * 1000


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        value, fields = self.headers.get("Authorization", ""), {"WWW-Authenticate": "Negotiate"}
        status, body = 401, b"log in"
        if self.path == "/open":
            status, body, fields = 200, BODY, {}
        elif value.startswith("Negotiate "):
            token = self.server.acceptor.accept().step(base64.b64decode(value[10:]))
            status, body = 200, BODY
            fields = {"WWW-Authenticate": "Negotiate " + base64.b64encode(token).decode()}
        self.send_response(status)
        for name, text in {**fields, "Content-Length": str(len(body))}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.acceptor = obol.Acceptor(sys.argv[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
