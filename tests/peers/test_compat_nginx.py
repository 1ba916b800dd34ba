# test_compat_nginx.py: Debian's nginx as a reverse proxy before Apache: tokens of any size pass through it both
# ways, and each request on a connection is of whom its own token says.
from contextlib import ExitStack

import pytest

from support.apache import curl, negotiate
from support.process import free_port, which
from support.realm import PASSWORD
from support.service import Service

KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])

CONF = """
daemon off;
pid DIR/nginx.pid;
error_log DIR/nginx.log;
worker_processes 1;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path DIR/body;
    proxy_temp_path DIR/proxy;
    fastcgi_temp_path DIR/fastcgi;
    uwsgi_temp_path DIR/uwsgi;
    scgi_temp_path DIR/scgi;
    large_client_header_buffers 4 64k;
    proxy_buffer_size 64k;
    proxy_buffers 4 64k;
    proxy_busy_buffers_size 128k;
    upstream behind { server 127.0.0.1:BEHIND; keepalive 4; }
    server {
        listen 127.0.0.1:PORT;
        location / {
            proxy_pass http://behind;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
        }
    }
}
"""


class Nginx(Service):
    def __init__(self, apache):
        super().__init__("mit", [apache.realm])
        self.apache, self.port = apache, free_port()
        text = CONF.replace("DIR", str(self.dir)).replace("PORT", str(self.port))
        conf = self.write("nginx.conf", text.replace("BEHIND", str(apache.port)))
        args = [which("nginx"), "-p", str(self.dir), "-c", str(conf), "-e", str(self.dir / "nginx.log")]
        self.start(args, self.port)

    def url(self, path):
        return f"http://localhost:{self.port}/{path}"


@pytest.fixture(scope="module")
def proxies(apaches):
    running = {}
    with ExitStack() as ends:
        def started(kdc):
            if kdc not in running:
                running[kdc] = ends.enter_context(Nginx(apaches(kdc)))
            return running[kdc]
        yield started


@KDCS
@pytest.mark.parametrize("library", ["obol", "mit"])
def test_tokens_pass_both_ways(proxies, logged_in, kdc, library, judged):
    alice, proxy = logged_in(kdc), proxies(kdc)
    who = f"alice@{proxy.apache.realm.name}"
    seen = negotiate(alice, proxy.url("delegated"), "--delegation", "always", library=library).is_for(who)
    assert "host/behind.obol.test@" in seen.body and "kvno = " in seen.body, seen
    judged("curl, nginx, Apache mod_auth_gssapi", f"curl on {library}, Apache on ours, {kdc}'s KDC", "SPNEGO",
           "mutual, delegation", "200, as alice")
    curl(alice, proxy.url("basic"), "--basic", "-u", f"alice:{PASSWORD}").is_for(who)
    alice.logout()
    refused = negotiate(alice, proxy.url("plain"), library=library).refused()
    assert "WWW-Authenticate: Negotiate" in refused.told, refused


@KDCS
def test_one_connection_carries_many_logins(proxies, logged_in, kdc):
    """Both connections are kept, and none of them is logged in: the page after it needs a token again."""
    alice, proxy = logged_in(kdc), proxies(kdc)
    url, who = proxy.url("plain"), f"REMOTE_USER=alice@{proxy.apache.realm.name}\n"
    both = negotiate(alice, f"{url}?1", f"{url}?2")
    assert both.status == 200 and both.body.count(who) == 2, both
    assert "Re-using existing connection" in both.told, both
    mixed = negotiate(alice, url, url, "--next", "-sS", "-w", "\nstatus %{http_code}", url)
    assert mixed.status == 401 and mixed.body.count(who) == 1, mixed


@KDCS
def test_a_token_of_many_kilobytes(proxies, realms, client, kdc, judged):
    """A name of 800 letters stands in the ticket, in the authenticator and in the forwarded ticket, too."""
    name = "l" * 800
    realms(kdc).add_user(name)
    user = client("mit", kdc, transport="tcp")
    user.login(name).ok()
    seen = negotiate(user, proxies(kdc).url("plain"), "--delegation", "always").is_for(f"{name}@{realms(kdc).name}")
    sent = max(len(line) for line in seen.told.splitlines() if "Authorization: Negotiate" in line)
    assert sent > 5500, sent
    judged("curl, nginx, Apache mod_auth_gssapi", f"both ends on ours, {kdc}'s KDC", "SPNEGO", "mutual, delegation",
           f"a token of {sent * 3 // 4 // 1000} kB")
