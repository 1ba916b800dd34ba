# web_gssapi.py: a web service by python-gssapi, over TLS, run as a program: web_gssapi.py PORT DIRECTORY, which has
# tls.pem and tls.key. It answers with what it knows of the login. Paths: /open asks for none, /bare sends no
# proof of itself, /false a wrong one, /bound takes logins only that are bound to the TLS connection.
import base64
import hashlib
import http.server
import json
import ssl
import sys

import gssapi

PORT, CERTIFICATE = int(sys.argv[1]), sys.argv[2]


def end_point():
    der = ssl.PEM_cert_to_DER_cert(open(f"{CERTIFICATE}/tls.pem").read())
    return b"tls-server-end-point:" + hashlib.sha256(der).digest()


BINDINGS = gssapi.raw.ChannelBindings(application_data=end_point())


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, token=None):
        text = json.dumps(body).encode()
        self.send_response(status)
        if status == 401 or token:
            value = f" {base64.b64encode(token).decode()}" if token else ""
            self.send_header("WWW-Authenticate", f"Negotiate{value}")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        sent = self.headers.get("Authorization", "")
        if self.path == "/open":
            return self.reply(200, {})
        if not sent.startswith("Negotiate "):
            return self.reply(401, {"why": "no token"})
        context = gssapi.SecurityContext(usage="accept", channel_bindings=BINDINGS)
        context.__DEFER_STEP_ERRORS__ = False
        try:
            token = context.step(base64.b64decode(sent[10:]))
        except gssapi.exceptions.GSSError as error:
            return self.reply(401, {"why": str(error)})
        flags = context.actual_flags
        bound = gssapi.RequirementFlag.channel_bound in flags
        if self.path == "/bound" and not bound:
            return self.reply(401, {"why": "the login is not bound"})
        if self.path in ("/bare", "/false"):
            token = b"\x60\x00" if self.path == "/false" else None
        delegated = context.delegated_creds
        self.reply(200, {"user": str(context.initiator_name), "bound": bound, "target": str(context.target_name),
                         "mutual": gssapi.RequirementFlag.mutual_authentication in flags,
                         "delegated": str(delegated.name) if delegated else None}, token)

    do_POST = do_GET


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # a client that goes away


server = Server(("127.0.0.1", PORT), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{CERTIFICATE}/tls.pem", f"{CERTIFICATE}/tls.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
