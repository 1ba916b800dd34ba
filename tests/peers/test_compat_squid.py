# test_compat_squid.py: Debian's squid, unchanged, whose negotiate_kerberos_auth is on our library: who uses the
# proxy logs in to it by ticket, and then to the server behind it.
import shutil
from contextlib import ExitStack

import pytest

from support.apache import curl, negotiate
from support.process import free_port, which
from support.service import Service

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])

CONF = """
http_port 127.0.0.1:PORT
visible_hostname localhost
pid_filename DIR/squid.pid
cache_log DIR/cache.log
access_log stdio:DIR/access.log
cache deny all
cache_mem 8 MB
coredump_dir DIR
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
logfile_rotate 0
max_filedescriptors 1024
auth_param negotiate program /usr/lib/squid/negotiate_kerberos_auth -d -k DIR/service.keytab -s GSS_C_NO_NAME
auth_param negotiate children 2 startup=1 idle=1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
"""


class Squid(Service):
    """A proxy with the keytab of an Apache."""

    def __init__(self, apache):
        super().__init__("obol", [apache.realm])
        self.apache, self.port = apache, free_port()
        self.own(shutil.copy(apache.keytab, self.keytab))
        conf = self.write("squid.conf", CONF.replace("DIR", str(self.dir)).replace("PORT", str(self.port)))
        # Its shared memory has this name.
        self.start([which("squid"), "-N", "-n", f"obol{self.port}", "-f", str(conf)], self.port)

    def at(self, host="localhost"):
        return ("--proxy", f"http://{host}:{self.port}", "--proxy-negotiate", "--proxy-user", ":", "--noproxy", "",
                "--resolve", f"*:{self.port}:127.0.0.1")

    def said(self):
        return (self.dir / "cache.log").read_text(errors="replace")


@pytest.fixture(scope="module")
def squids(apaches):
    running = {}
    with ExitStack() as ends:
        def started(kdc):
            if kdc not in running:
                running[kdc] = ends.enter_context(Squid(apaches(kdc)))
            return running[kdc]
        yield started


@KDCS
@pytest.mark.parametrize("library", ["obol", "mit"])
def test_a_ticket_opens_the_proxy(squids, logged_in, kdc, library, judged):
    alice, proxy = logged_in(kdc), squids(kdc)
    seen = curl(alice, proxy.apache.url("index.html"), *proxy.at(), library=library)
    assert seen.status == 200 and "open to all" in seen.body, str(seen) + proxy.said()
    # The line is written behind the answer.
    proxy.daemon.wait_until(lambda: f"alice@{proxy.apache.realm.name}" in (proxy.dir / "access.log").read_text(),
                            "the access log does not name alice")
    # Two logins on one connection: to the proxy, and to the server behind it.
    negotiate(alice, proxy.apache.url("plain"), *proxy.at(), library=library).is_for(f"alice@{proxy.apache.realm.name}")
    judged("curl --proxy-negotiate, squid", f"curl on {library}, squid on ours, {kdc}'s KDC", "SPNEGO", "mutual",
           "200 through the proxy, then as alice")


@KDCS
def test_a_tunnel_through_the_proxy(squids, logged_in, kdc, judged):
    alice, proxy = logged_in(kdc), squids(kdc)
    server = proxy.apache
    tls = f"https://localhost:{server.tls_port}/tls"
    negotiate(alice, tls, *proxy.at(), "--cacert", server.dir / "tls.pem").is_for(f"alice@{server.realm.name}")
    judged("curl --proxy-negotiate, squid CONNECT", f"both ends on ours, {kdc}'s KDC", "SPNEGO", "mutual",
           "tunnel, then 200 as alice")


@KDCS
def test_who_has_no_ticket_stays_outside(squids, logged_in, kdc):
    alice, proxy = logged_in(kdc), squids(kdc)
    # The keytab has another key for this name; squid's log has our words.
    refused = curl(alice, proxy.apache.url("index.html"), *proxy.at("wrong.obol.test")).refused(407)
    assert "open to all" not in refused.body
    assert "kvno in ticket 1; enctype in ticket 20; service HTTP/wrong.obol.test@" in proxy.said(), proxy.said()
    assert "extract the keytab again" in proxy.said()
    alice.logout()
    refused = curl(alice, proxy.apache.url("index.html"), *proxy.at()).refused(407)
    assert "Log in first" in refused.told and "open to all" not in refused.body, refused
