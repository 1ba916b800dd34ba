# test_py_smtp.py: Debian's exim4, unchanged on MIT's library, and Python's smtplib with the steps of obol.sasl: AUTH GSSAPI
# with tickets of our KDC.
import smtplib
import sys

import pytest

from support.exim import exim_start, queue
from support.process import ROOT
from support.realm import PASSWORD
from support.service import Keytab, Service

sys.path.insert(0, str(ROOT / "python"))


@pytest.fixture(scope="module")
def server(realms):
    realm = realms("obol")
    realm.add_service("smtp/localhost")
    with Service("mit", [realm]) as service:
        service.take_keys("smtp/localhost")
        exim_start(service)
        yield service


@pytest.fixture
def alice(server):
    import obol

    with obol.login("alice", password=PASSWORD, config=obol.Config(paths=server.dir / "krb5.conf")) as session:
        yield session


@pytest.fixture
def smtp(server):
    with smtplib.SMTP("localhost", server.port, timeout=20) as connection:
        connection.ehlo()
        yield connection


def login(smtp, session, target="smtp/localhost"):
    from obol import sasl

    sasl.smtp_login(smtp, sasl.client(target, session, layers=("none",)))


def test_a_letter_goes_out_as_who_has_logged_in(server, alice, smtp, judged):
    login(smtp, alice)
    assert smtp.sendmail("alice@localhost", ["bob@localhost"], "Subject: hello\n\nby ticket\n") == {}
    (letter,), (line,) = queue(server)
    assert "A=by_ticket:alice@OBOL.TEST" in line and "by ticket" in letter
    judged("exim 4.96, smtplib", "obol.sasl, the server on mit, our KDC", "SASL GSSAPI", "mutual", "a letter, as alice")


def test_without_a_login_nothing_goes_out(server, smtp):
    before = queue(server)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as told:
        smtp.sendmail("alice@localhost", ["bob@localhost"], "Subject: hello\n\nby nobody\n")
    assert told.value.recipients["bob@localhost"] == (550, b"log in first")
    assert queue(server) == before


def test_refusals_are_the_servers_words(server, alice, smtp):
    from obol import sasl

    with pytest.raises(sasl.SaslError, match="the mail server says 535"):
        login(smtp, alice, "HTTP/localhost")
    smtp.rset()
    with Keytab(server, "other keys"), pytest.raises(sasl.SaslError, match="the mail server says 535"):
        login(smtp, alice)
    smtp.rset()
    login(smtp, alice)  # the same connection, once the keys are right


def test_a_service_that_is_not_there_is_named(alice, smtp):
    import obol

    with pytest.raises(obol.ServiceNotFound) as told:
        login(smtp, alice, "smtps/localhost")
    assert told.value.spn == "smtps/localhost"
