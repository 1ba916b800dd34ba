# postgres.py: Debian's PostgreSQL as a support.service.Service, with logins by ticket.
from .process import free_port

BIN = "/usr/lib/postgresql/15/bin"


def postgres_start(service, hba, roles):
    """Makes a cluster with these lines of pg_hba.conf and roles, and starts it at service.port."""
    data = service.dir / "data"
    service.run([f"{BIN}/initdb", "-D", data, "-U", "owner", "-A", "trust", "-N", "--locale=C", "--no-instructions"]).ok()
    service.write("data/pg_hba.conf", hba)
    made = "".join(f"CREATE ROLE {name} LOGIN\n" for name in roles)
    service.run([f"{BIN}/postgres", "--single", "-D", data, "postgres"], made).ok()
    service.port = free_port()
    service.start([f"{BIN}/postgres", "-D", data, "-p", service.port, "-k", service.dir, "-c", "listen_addresses=127.0.0.1",
                   "-c", "fsync=off", "-c", "shared_buffers=8MB", "-c", f"krb_server_keyfile={service.keytab}"],
                  service.port)
