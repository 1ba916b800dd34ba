# apache.py: Debian's Apache httpd with mod_auth_gssapi, unchanged, in a directory and on a port of its own. One
# server has a location for each way of using the module; its pages are a CGI program that tells who came.
import functools
import re
import shutil

from . import compat
from .process import free_port, run, which
from .realm import DEFAULT, PASSWORD
from .service import Service, krb5_conf

MODULES = """mpm_event authn_core authn_file authz_core authz_user auth_basic auth_gssapi alias cgid env headers
    session session_cookie ssl socache_shmcb""".split()
SESSION_KEY = "b2JvbCBqdWRnZXMgYXBhY2hlLCAzMiBieXRlcyBrZXk="
SERVICES = ("HTTP/named.obol.test", "HTTP/stale.obol.test", "HTTP/wrong.obol.test", "HTTP/elsewhere.obol.test",
            "host/behind.obol.test")

SHOW = """#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
for name in REMOTE_USER AUTH_TYPE GSS_NAME KRB5CCNAME GSS_NAME_ATTRS_JSON; do
    eval "printf '%s=%s\\\\n' $name \\"\\$$name\\""
done
"""
# What came with the user is used: another service's ticket, asked for in the user's name.
USE = SHOW + """
kvno host/behind.obol.test 2>&1
klist 2>&1
"""
# So is a ticket that did not come with the user: the service acts for the user (S4U).
ACT = SHOW + """
klist 2>&1
name=named.obol.test
curl -sS -v --negotiate -u : --resolve $name:$SERVER_PORT:127.0.0.1 http://$name:$SERVER_PORT/named 2>&1
"""
GSSAPI = 'AuthType GSSAPI\nAuthName "Obol"\nRequire valid-user\nGssapiCredStore keytab:KEYTAB\n'
# {path: directives}; KEYTAB and DIR are the server's own.
LOCATIONS = {
    "plain": GSSAPI,
    "basic": GSSAPI + "GssapiBasicAuth On",
    "delegated": GSSAPI + "GssapiBasicAuth On\nGssapiDelegCcacheDir DIR/caches",
    "session": GSSAPI + f"GssapiUseSessions On\nGssapiSessionKey key:{SESSION_KEY}\n"
               "Session On\nSessionCookieName gssapi path=/session;httponly",
    "named": GSSAPI + "GssapiAcceptorName HTTP@named.obol.test",
    "krb5": GSSAPI + "GssapiAllowedMech krb5",
    "local": GSSAPI + "GssapiLocalName On",
    "attributes": GSSAPI + "GssapiNameAttributes json",
    "tls": GSSAPI + "GssapiSSLonly On",
    "s4u": GSSAPI + "GssapiUseS4U2Proxy On\nGssapiDelegCcacheDir DIR/caches\n"
           "GssapiCredStore client_keytab:KEYTAB\nGssapiCredStore ccache:FILE:DIR/own-cache",
    "impersonate": 'AuthType Basic\nAuthName "Obol"\nAuthBasicProvider file\nAuthUserFile DIR/users\n'
                   "Require valid-user\nGssapiImpersonate On\nGssapiDelegCcacheDir DIR/caches\n"
                   "GssapiCredStore keytab:KEYTAB\nGssapiCredStore client_keytab:KEYTAB\n"
                   "GssapiCredStore ccache:FILE:DIR/own-cache",
    "git": GSSAPI + "SetEnv GIT_PROJECT_ROOT DIR/git\nSetEnv GIT_HTTP_EXPORT_ALL\nSetEnv HOME DIR",
}
PAGES = {"delegated": USE, "s4u": ACT, "impersonate": ACT,
         "git": "#!/bin/sh\nexec /usr/lib/git-core/git-http-backend\n"}


def certificate(directory):
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", directory / "tls.key", "-out",
         directory / "tls.pem"]).ok()


@functools.cache
def keytab(realm):
    """Of localhost and named the right keys, of stale the ones before, of wrong one that never was."""
    path = realm.dir / "web.keytab"
    for spn in SERVICES:
        realm.add_service(spn, owner=__name__)
    for spn in ("HTTP/localhost", "HTTP/named.obol.test", "HTTP/stale.obol.test"):
        realm.keytab(spn, path)
    realm.rekey("HTTP/stale.obol.test")
    wrong = f"addent -password -p HTTP/wrong.obol.test@{realm.name} -k 1 -e {DEFAULT}"
    run([which("ktutil")], input=f"{wrong}\nnot the key at all\nwkt {path}\nquit\n").ok()
    return path


class Answer:
    """What curl got in the end, and what it told of the way there."""

    def __init__(self, result):
        self.result, self.told = result, result.err
        self.body, _, status = result.out.rpartition("\nstatus ")
        self.status = int(status or 0)

    def __str__(self):
        return str(self.result)

    def is_for(self, who):
        assert self.status == 200 and f"REMOTE_USER={who}\n" in self.body, str(self)
        return self

    def refused(self, status=401):
        assert self.status == status and "REMOTE_USER" not in self.body, str(self)
        return self


def curl(user, url, *more, library="obol", port=None):
    """Debian's curl; every name is this machine's."""
    resolve = ("--resolve", f"*:{port}:127.0.0.1") if port else ()
    return Answer(user.run(["curl", "-sS", "-v", "-w", "\nstatus %{http_code}", "--noproxy", "*", *resolve, *more, url],
                           env=compat.on_ours({}) if library == "obol" else {}))


def negotiate(user, url, *more, **options):
    return curl(user, url, "--negotiate", "-u", ":", *more, **options)


class Apache(Service):
    """Apache on our library or MIT's, with the keys of a realm."""

    def __init__(self, realm, library):
        super().__init__(library, [realm])
        self.realm, self.port, self.tls_port = realm, free_port(), free_port()
        self.own(shutil.copy(keytab(realm), self.keytab))
        self.write("krb5.conf", krb5_conf([realm]) + f"""
[libdefaults]
    forwardable = true
[realms]
    {realm.name} = {{
        auth_to_local = RULE:[1:$1@$0](^.*@{re.escape(realm.name)}$)s/@.*//
    }}
""")
        self.fill()
        self.write("httpd.conf", self.conf())
        self.start([which("apache2"), "-D", "FOREGROUND", "-f", str(self.dir / "httpd.conf")], self.port)

    def script(self, name, text):
        path = self.write(f"{name}.cgi", text)
        path.chmod(0o755)
        return path

    def fill(self):
        for name in ("caches", "pages", "git"):
            self.folder(name)
        self.write("pages/index.html", "open to all\n")
        self.run(["git", "init", "-q", "--bare", "-b", "main", "git/obol.git"]).ok()
        certificate(self.dir)
        self.own(self.dir / "tls.key")
        hashed = run(["openssl", "passwd", "-apr1", "-stdin"], input=PASSWORD + "\n").ok().out.strip()
        self.write("users", f"alice:{hashed}\n")

    def conf(self):
        lines = ["ServerRoot DIR", "ServerName localhost", "PidFile httpd.pid", "ErrorLog DIR/error.log",
                 'CustomLog DIR/access.log "%u %>s %U"',
                 "LogLevel info", "Mutex file:DIR default", "DefaultRuntimeDir DIR", "ScriptSock cgid.sock",
                 f"Listen 127.0.0.1:{self.port}", f"Listen 127.0.0.1:{self.tls_port}",
                 "DocumentRoot DIR/pages", "LimitRequestFieldSize 65536",
                 "StartServers 1", "MinSpareThreads 1", "MaxSpareThreads 75", "ThreadsPerChild 25",
                 "PassEnv KRB5_CONFIG PATH", "PassEnv LD_LIBRARY_PATH" if self.library == "obol" else ""]
        lines += [f"LoadModule {m}_module /usr/lib/apache2/modules/mod_{m}.so" for m in MODULES]
        lines += [f"ScriptAlias /{path} {self.script(path, PAGES.get(path, SHOW))}" for path in LOCATIONS]
        lines += [f"<Location /{path}>\n{text}\n</Location>" for path, text in LOCATIONS.items()]
        lines += [f"<VirtualHost 127.0.0.1:{self.tls_port}>\nSSLEngine on\nSSLCertificateFile DIR/tls.pem\n"
                  "SSLCertificateKeyFile DIR/tls.key\n</VirtualHost>"]
        text = "\n".join(lines).replace("KEYTAB", str(self.keytab)).replace("DIR", str(self.dir))
        return text + "\n"

    def url(self, path, host="localhost"):
        return f"http://{host}:{self.port}/{path}"

    def served(self):
        """Who was served what, and with which status."""
        return (self.dir / "access.log").read_text().splitlines()

    def written(self):
        """How long the error log is; said(written()) is what was added since."""
        return (self.dir / "error.log").stat().st_size

    def said(self, since=0):
        return (self.dir / "error.log").read_bytes()[since:].decode(errors="replace")
