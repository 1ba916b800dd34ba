# dovecot.py: Debian's dovecot as an IMAP server of a support.service.Service, with logins by ticket.
import grp
import os
import pwd

from .process import free_port
from .service import NOBODY

UID, GID = (NOBODY, NOBODY) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
# A rootless dovecot: all of it runs as one user, and nothing is locked into a directory.
CONF = """
base_dir = {dir}/run
state_dir = {dir}/run
log_path = /dev/stderr
auth_verbose = yes
auth_debug = yes
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
import_environment = LD_LIBRARY_PATH KRB5_CONFIG KRB5RCACHEDIR TZ LC_ALL
protocols = imap
listen = 127.0.0.1
ssl = no
auth_failure_delay = 0
auth_mechanisms = {mechanisms}
auth_krb5_keytab = {keytab}
auth_gssapi_hostname = {host}
mail_location = maildir:~/mail
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


def dovecot_start(service, mechanisms="gssapi", host="localhost"):
    """Starts it at service.port; a user's mail is in DIR/NAME/mail."""
    service.port = free_port()
    conf = service.write("dovecot.conf", CONF.format(
        dir=service.dir, keytab=service.keytab, port=service.port, uid=UID, gid=GID, mechanisms=mechanisms,
        host=host, user=pwd.getpwuid(UID).pw_name, group=grp.getgrgid(GID).gr_name))
    service.start(["/usr/sbin/dovecot", "-F", "-c", conf], service.port)


def mailbox(service, owner, letter):
    """A user's mail: one letter."""
    service.folder(owner)
    for part in ("mail", "mail/cur", "mail/new", "mail/tmp"):
        service.folder(f"{owner}/{part}")
    service.write(f"{owner}/mail/new/1.letter", letter)
