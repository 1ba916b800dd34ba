# exim.py: Debian's exim4, unchanged, as a mail server with logins by ticket (cyrus-sasl, on MIT's library). It stands
# in every other mail server's way, so the package is unpacked into a cache and not installed.
import grp
import os
import pwd
import shutil

from .dovecot import GID, UID
from .process import free_port, run
from .pypi import TRANSLATED, kept

PACKAGE = "exim4-daemon-heavy"
CONF = """
spool_directory = {dir}/spool
log_file_path = {dir}/exim-%slog
pid_file_path = {dir}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
primary_hostname = localhost
exim_user = {user}
exim_group = {group}
never_users =
keep_environment = KRB5_KTNAME : KRB5_CONFIG : KRB5RCACHEDIR
tls_advertise_hosts =
auth_advertise_hosts = *
acl_smtp_rcpt = rcpt
queue_only
begin acl
rcpt:
  accept authenticated = *
  deny message = log in first
begin authenticators
by_ticket:
  driver = cyrus_sasl
  public_name = GSSAPI
  server_service = smtp
  server_hostname = localhost
  server_realm = {realm}
  server_set_id = $auth1
"""


def program():
    def unpack(to):
        run(["apt-get", "-q", "download", PACKAGE], {**os.environ, "LC_ALL": "C.UTF-8"}, timeout=300, cwd=to).ok()
        archive, = to.glob("*.deb")
        run(["dpkg", "-x", archive, to]).ok()
        archive.unlink()
    TRANSLATED.mkdir(parents=True, exist_ok=True)
    return kept(TRANSLATED / PACKAGE, unpack) / "usr/sbin/exim4"


def exim_start(service):
    """Starts it at service.port; it takes letters of who has logged in into its queue."""
    service.folder("spool")
    service.port = free_port()
    # exim is set-uid, and Kerberos libraries take no environment then: the copy is not.
    binary = service.own(shutil.copyfile(program(), service.dir / "exim4"))
    binary.chmod(0o755)
    conf = service.write("exim.conf", CONF.format(
        dir=service.dir, port=service.port, realm=service.realms[0].name, user=pwd.getpwuid(UID).pw_name,
        group=grp.getgrgid(GID).gr_name))
    service.start([binary, "-C", conf, "-bdf"], service.port)


def queue(service):
    """The letters that it took, and what it wrote of them: to its own log, or with its messages where it has no
    privilege to lose."""
    own = service.dir / "exim-mainlog"
    log = service.log() + (own.read_text() if own.exists() else "")
    letters = [path.read_text() for path in sorted((service.dir / "spool" / "input").glob("*-D"))]
    return letters, [line for line in log.splitlines() if " <= " in line]
