# test_audit.py: the audit log keeps to its schema, and follows a login from its password to the services.
import hashlib
import json

import jsonschema
import pytest

from support.obol import binary, obol_env
from support.process import ROOT, Daemon, free_port, run

from daemon import wait_for

REALM, PASSWORD, MISTYPED = "AUDIT.TEST", "a secret that no log has", "another-secret"


class Realm:
    def __init__(self, directory):
        self.dir, self.home, self.port = directory, directory / "home", free_port()
        self.obol("realm", "create", REALM, "--listen", f"127.0.0.1:{self.port}")
        conf = self.home / "kdc.conf"
        conf.write_text(conf.read_text().replace("[kdcdefaults]\n", "[kdcdefaults]\n    audit_log = audit.log\n"))
        self.obol("principal", "add", "alice", "--password-stdin", input=PASSWORD + "\n")
        self.obol("spn", "add", "HTTP/www.audit.test")
        krb5 = directory / "krb5.conf"
        krb5.write_text(f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
                        f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{self.port}\n }}\n")
        self.env = {**obol_env(), "KRB5_CONFIG": str(krb5), "KRB5CCNAME": f"FILE:{directory}/cc"}
        self.daemon = Daemon([binary(), "serve", "--home", self.home], directory / "log", obol_env(), self.port)

    def obol(self, *words, input=""):
        return run([binary(), *words, "--home", self.home], obol_env(), input).ok()

    def events(self, count):
        log = self.home / "audit.log"
        wait_for(lambda: log.exists() and len(log.read_text().splitlines()) >= count, f"{count} events")
        return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.fixture(scope="module")
def realm(tmp_path_factory):
    r = Realm(tmp_path_factory.mktemp("audit"))
    yield r
    r.daemon.stop()


@pytest.fixture(scope="module")
def events(realm):
    run([binary(), "login", "--password-stdin", "alice"], realm.env, PASSWORD + "\n").ok()
    run([binary(), "ticket", "HTTP/www.audit.test"], realm.env).ok()
    run([binary(), "ticket", "HTTP/nowhere.audit.test"], realm.env).failed()
    other = {**realm.env, "KRB5CCNAME": f"FILE:{realm.dir}/other"}
    run([binary(), "login", "--password-stdin", "alice"], other, MISTYPED + "\n").failed()
    wait_for(lambda: any(e.get("account") == "failure" for e in realm.events(1)), "the failure")
    return realm.events(6)


def test_every_line_keeps_to_the_schema(events):
    schema = json.loads((ROOT / "docs" / "audit.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    for event in events:
        validator.validate(event)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**events[0], "password": "x"})
    # What the page documents is what the schema has.
    page = (ROOT / "docs" / "audit.md").read_text()
    assert all(f"`{name}`" in page for name in schema["properties"])


def test_a_login_is_followed_by_the_ids_of_its_tickets(events, realm):
    login = next(e for e in events if e["kind"] == "AS" and e["result"] == "ok")
    bought = next(e for e in events if e["kind"] == "TGS" and e["result"] == "ok")
    refused = next(e for e in events if e["kind"] == "TGS" and e["result"] != "ok")
    assert login["ticket_id"] == bought["presented_ticket_id"] == refused["presented_ticket_id"]
    assert "ticket_id" not in refused and bought["ticket_id"] != login["ticket_id"]
    assert bought["requester"] == bought["client"] == f"alice@{REALM}"
    assert login["preauth"] and login["account"] == "success" and login["endtime"] > login["authtime"]
    # The id is what anybody can compute of the ticket: here the client, of its cache.
    cache = (realm.dir / "cc").read_bytes()
    assert any(hashlib.sha1(cache[at:at + size]).hexdigest() == login["ticket_id"]
               for at, size in ciphertexts(cache))


def ciphertexts(data):
    """Places of OCTET STRINGs of some hundred bytes: one of them is the ticket's ciphertext."""
    for at in range(len(data) - 4):
        if data[at] == 0x04 and data[at + 1] == 0x82:
            yield at + 4, int.from_bytes(data[at + 2:at + 4], "big")


def test_what_administrators_do_is_recorded(events, realm):
    done = [e for e in events if e["kind"] == "ADMIN"]
    assert [(e["operation"], e["target"], e["result"]) for e in done[:2]] == [
        ("principal add", f"alice@{REALM}", "ok"), ("spn add", f"HTTP/www.audit.test@{REALM}", "ok")]
    assert all(e["actor"] for e in done)


def test_what_administrators_are_refused_is_recorded_and_of_many_each(realm):
    before = len(realm.events(1))
    batch = realm.dir / "batch"
    batch.write_text("HTTP/one\trandom\nHTTP/two\trandom\n")
    realm.obol("principal", "load", batch)
    run([binary(), "spn", "add", "HTTP/one", "--home", realm.home], obol_env()).failed()
    realm.obol("keytab", "create", realm.dir / "kt", "HTTP/two")
    lines = [e for e in realm.events(before + 4)[before:] if e["kind"] == "ADMIN"]
    assert [(e["operation"], e["target"], e["result"]) for e in lines] == [
        ("load lines", f"HTTP/one@{REALM}", "ok"), ("load lines", f"HTTP/two@{REALM}", "ok"),
        ("spn add", f"HTTP/one@{REALM}", "PRINCIPAL_EXISTS"), ("keytab extract", f"HTTP/two@{REALM}", "ok")]
    assert "belongs to" in lines[2]["reason"]
    schema = json.loads((ROOT / "docs" / "audit.schema.json").read_text())
    for line in lines:
        jsonschema.Draft202012Validator(schema).validate(line)


def test_what_cannot_be_recorded_is_not_done(realm):
    log, aside = realm.home / "audit.log", realm.home / "aside.log"
    log.rename(aside)
    log.mkdir()
    refused = run([binary(), "principal", "delete", "alice", "--home", realm.home], obol_env()).failed()
    assert "audit.log" in refused.text
    log.rmdir()
    aside.rename(log)
    realm.obol("principal", "show", "alice")


def test_a_failed_login_says_why_and_nothing_secret_is_told(events, realm):
    failed = next(e for e in events if e.get("account") == "failure")
    assert failed["stage"] and failed["reason"] and "ticket_id" not in failed
    everything = (realm.home / "audit.log").read_text() + (realm.dir / "log").read_text()
    assert PASSWORD not in everything and MISTYPED not in everything
