"""SASL with programs that nobody here wrote: OpenLDAP's slapd by ldap3, dovecot by imaplib, the client of kafka-python.

They run on the system's libraries, unchanged, with keys of this package's own KDC.
"""

import contextlib
import imaplib
import socket
import ssl
import struct
import subprocess
import threading
from pathlib import Path

import ldap3
import obol
import obol.ldap3
import pytest
import servers
from obol import sasl
from servers import BASE


ON = {"mit": "", "obol": "import obol.compat\nobol.compat.install('gssapi')\n"}


def environment(realm, library):
    """That of a program which imports gssapi: Debian's on MIT's library, or ours."""
    env = realm.environment(PYTHONPATH=str(Path(obol.__file__).parents[1]))
    if library == "mit":
        env.pop("LD_PRELOAD", None)
    return env


@pytest.fixture
def me(desk):
    with desk.login() as session:
        yield session


# ---- LDAP


@pytest.fixture(scope="module")
def slapd(desk):
    with servers.slapd(desk.realm) as service:
        yield service


def connection_to(slapd, tls=False):
    options = {"port": slapd.port, "get_info": ldap3.ALL}
    if tls:
        check = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(slapd.certificate))
        options |= {"port": slapd.tls_port, "use_ssl": True, "tls": check}
    return ldap3.Connection(ldap3.Server("localhost", **options))


def seen(connection):
    connection.search(BASE, "(ou=*)", attributes=["ou"])
    return {str(entry.ou) for entry in connection.entries}


@pytest.mark.parametrize("mechanism", ["GSSAPI", "GSS-SPNEGO"])
@pytest.mark.parametrize("layer, sees", [
    ("confidentiality", {"open", "signed", "sealed"}),
    ("integrity", {"open", "signed"}),
    ("none", {"open"}),
])  # fmt: skip
def test_slapd_shows_what_each_layer_may_see(slapd, me, mechanism, layer, sees):
    connection = connection_to(slapd)
    obol.ldap3.bind(connection, me, mechanism=mechanism, layers=(layer,))
    assert seen(connection) == sees
    assert connection.extend.standard.who_am_i() == f"dn:ou=alice,{BASE}"
    assert connection.server.info.naming_contexts == [BASE]
    connection.unbind()


def test_long_values_go_both_ways(slapd, me):
    connection, value = connection_to(slapd), "0123456789" * 30_000
    obol.ldap3.bind(connection, me)
    assert connection.modify(f"ou=open,{BASE}", {"description": [(ldap3.MODIFY_REPLACE, [value])]})
    connection.search(f"ou=open,{BASE}", "(ou=*)", attributes=["description"])
    assert str(connection.entries[0].description) == value
    connection.unbind()


@pytest.mark.parametrize("mechanism", ["GSSAPI", "GSS-SPNEGO"])
def test_slapd_over_tls_checks_the_binding(slapd, me, mechanism, monkeypatch):
    connection = connection_to(slapd, tls=True)
    obol.ldap3.bind(connection, me, mechanism=mechanism)
    assert "open" in seen(connection)
    connection.unbind()
    monkeypatch.setattr(obol.ldap3, "tls_binding", lambda sock: b"tls-server-end-point:" + bytes(32))
    relayed = connection_to(slapd, tls=True)
    with pytest.raises(sasl.SaslError, match="localhost refuses the bind: "):
        obol.ldap3.bind(relayed, me, mechanism=mechanism)
    relayed.unbind()


def test_slapd_behind_start_tls_checks_the_binding(slapd, me, monkeypatch):
    check = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(slapd.certificate))
    server = ldap3.Server("localhost", port=slapd.port, tls=check)
    for right in (True, False):
        connection = ldap3.Connection(server)
        connection.open()
        assert connection.start_tls()
        if right:
            obol.ldap3.bind(connection, me)
            assert "open" in seen(connection)
        else:
            monkeypatch.setattr(obol.ldap3, "tls_binding", lambda sock: b"tls-server-end-point:" + bytes(32))
            with pytest.raises(sasl.SaslError, match="localhost refuses the bind: "):
                obol.ldap3.bind(connection, me)
        connection.unbind()


def test_slapd_refuses_with_its_words(desk, slapd, me):
    stranger = connection_to(slapd)
    with pytest.raises(sasl.SaslError, match="localhost refuses the bind: ") as seen:
        obol.ldap3.bind(stranger, me, target=desk.spn)
    assert seen.value.facts["result"] in ("49", "80") and not stranger.bound
    with pytest.raises(obol.ServiceNotFound):
        obol.ldap3.bind(stranger, me, target="ldap/elsewhere")
    stranger.unbind()


def test_a_delegated_session_binds_as_the_user(desk, slapd):
    with desk.login(forwardable=True) as me:
        client = me.initiate(desk.spn, delegate=True)
    service = desk.acceptor().accept()
    client.step(service.step(client.step()))
    connection = connection_to(slapd)
    with service.delegated as user:
        obol.ldap3.bind(connection, user)
        assert connection.extend.standard.who_am_i() == f"dn:ou=alice,{BASE}"
    connection.unbind()


LDAP3 = """
import sys, ldap3
connection = ldap3.Connection(ldap3.Server("localhost", port=int(sys.argv[1])), authentication=ldap3.SASL,
                              sasl_mechanism=ldap3.KERBEROS, auto_bind=True)
print(connection.extend.standard.who_am_i())
"""


def test_ldap3_logs_in_by_its_own_code_on_our_core(desk, slapd, me):
    env = environment(desk.realm, "obol")
    me.save(env["KRB5CCNAME"])
    command = ["/usr/bin/python3", "-c", ON["obol"] + LDAP3, str(slapd.port)]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.stdout == f"dn:ou=alice,{BASE}\n", done.stderr


# ---- IMAP


@pytest.fixture(scope="module")
def dovecot(desk):
    with servers.dovecot(desk.realm) as service:
        yield service


@pytest.mark.parametrize("mechanism", ["GSSAPI", "GSS-SPNEGO"])
def test_dovecot_by_imaplib(dovecot, me, mechanism):
    imap = imaplib.IMAP4("localhost", dovecot.port)
    client = sasl.client("imap/localhost", me, mechanism, layers=("none",), authzid="alice" * (mechanism == "GSSAPI"))
    assert imap.authenticate(mechanism, client)[0] == "OK" and client.done
    assert imap.select() == ("OK", [b"1"])
    assert b"Subject: a letter" in imap.fetch("1", "(RFC822)")[1][0][1]
    imap.logout()


def test_dovecot_refuses(dovecot, desk, me):
    imap = imaplib.IMAP4("localhost", dovecot.port)
    with pytest.raises(imaplib.IMAP4.error):
        imap.authenticate("GSSAPI", sasl.client(desk.spn, me, layers=("none",)))
    imap.logout()


# ---- Kafka: the client of kafka-python, on MIT's library and on obol.compat.gssapi, logs in at our end


KAFKA = """
import socket, sys, time
from kafka.conn import BrokerConnection
conn = BrokerConnection("localhost", int(sys.argv[1]), socket.AF_INET, security_protocol="SASL_PLAINTEXT",
                        sasl_mechanism="GSSAPI", sasl_kerberos_service_name="kafka", api_version=(1, 0))
end = time.monotonic() + 20
conn.connect()
while not conn.connected() and not conn.disconnected() and time.monotonic() < end:
    conn.connect()
print("connected" if conn.connected() else "refused")
"""


def exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def frame(sock):
    return exactly(sock, struct.unpack(">i", exactly(sock, 4))[0])


def send(sock, data):
    sock.sendall(struct.pack(">i", len(data)) + data)


def broker(listening, server, done):
    """A broker's SaslHandshake (version 0), after which tokens go as they are."""
    sock = listening.accept()[0]
    with sock, contextlib.suppress(EOFError, OSError, obol.Error):
        sock.settimeout(20)
        key, version, number = struct.unpack(">hhi", frame(sock)[:8])
        assert (key, version) == (17, 0)
        send(sock, struct.pack(">ihih", number, 0, 1, 6) + b"GSSAPI")
        while not server.done:
            send(sock, server.step(frame(sock)))
        done.append((str(server.peer), server.user, server.layer))
        frame(sock)


@pytest.fixture(scope="module")
def kafka_keys(desk):
    return desk.realm.service("kafka/localhost")


@pytest.mark.parametrize("library", ["mit", "obol"])
@pytest.mark.parametrize("may", [True, False])
def test_kafka_python_logs_in_at_our_end(desk, kafka_keys, me, may, library):
    # It asks to act as "kafka@localhost", which real brokers do not look at.
    spn = "kafka/localhost"
    server = sasl.Server(desk.realm.acceptor(kafka_keys), layers=("none",), authorize=lambda *both: may)
    me.ticket(spn)
    env = environment(desk.realm, library)
    me.save(env["KRB5CCNAME"])
    done = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=broker, args=(listening, server, done), daemon=True)
        thread.start()
        port = str(listening.getsockname()[1])
        ran = subprocess.run(["/usr/bin/python3", "-c", ON[library] + KAFKA, port], env=env, capture_output=True, text=True)
        thread.join(20)
    if may:
        assert ran.stdout == "connected\n", ran.stderr
        assert done == [("alice@OBOL.TEST", "kafka@localhost", "none")]
    else:
        assert done == [] and not server.done  # the client does not wait to be told
