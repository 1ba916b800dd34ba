# test_error_texts.py: what a user reads when something is wrong, in programs on our library: the GSS-API's
# display_status (python3-gssapi), libkrb5's krb5_get_error_message (MIT's kvno and kinit) and obol itself. Each
# text has the facts (which service was asked of which KDC by which cache, what the keytab holds and what the
# ticket is sealed with, how far the clocks differ) and what to do.
import re

import pytest

from support.compat import on_ours
from support.obol import binary
from support.process import run

PROGRAM = """
import sys
import gssapi
from gssapi import raw
what, words = sys.argv[1], sys.argv[2:]
host = gssapi.NameType.hostbased_service
bindings = raw.ChannelBindings(application_data=words[-1].encode()) if words[-1].startswith("tls") else None
try:
    if what == "init":
        token = raw.init_sec_context(raw.import_name(words[0].encode(), host), channel_bindings=bindings).token
        open(words[1], "wb").write(token)
    elif what == "accept":
        raw.accept_sec_context(open(words[0], "rb").read(), channel_bindings=bindings)
    elif what == "acquire":
        gssapi.Credentials(usage="accept", name=gssapi.Name(words[0], host))
    else:
        raw.acquire_cred_with_password(gssapi.Name(words[0], gssapi.NameType.user), words[1].encode())
    print("done")
except gssapi.exceptions.GSSError as e:
    print(e)
"""


class Bed:
    def __init__(self, user, realm, directory):
        self.user, self.realm, self.dir = user, realm, directory
        self.token = directory / "token"
        self.more = {"KRB5_KTNAME": str(realm.dir / "http.keytab"), "KRB5RCACHEDIR": str(directory)}

    def gss(self, *words, user=None, **more):
        env = {**on_ours((user or self.user).env()), **self.more, **{k: str(v) for k, v in more.items()}}
        return run(["/usr/bin/python3", "-c", PROGRAM, *map(str, words)], env).ok().out

    def krb5(self, *words, input="", user=None, **more):
        env = {**on_ours((user or self.user).env()), **self.more, **{k: str(v) for k, v in more.items()}}
        return run([str(w) for w in words], env, input=input).failed().err

    def keytab(self, name, principal, *words):
        path = self.dir / name
        run(["ktutil"], self.user.env(),
            input=f"addent -password -p {principal}@{self.realm.name} {' '.join(words)}\nsecret\nwkt {path}\n").ok()
        return path

    def conf(self, change):
        path = self.dir / "other.conf"
        path.write_text(change(self.user.conf.read_text()))
        return path


@pytest.fixture
def bed(client, realms, tmp_path):
    return Bed(client("mit", "obol"), realms("obol"), tmp_path)


@pytest.fixture
def logged_in(bed):
    bed.user.login("alice").ok()
    return bed


def says(text, *patterns):
    for pattern in patterns:
        assert re.search(pattern, text), f"'{pattern}' is missing in: {text}"


CACHES = {"none": (None, r"there is no credential cache", r"obol login NAME \(or kinit NAME\)"),
          "malformed": (b"nonsense", r"malformed: \S+ begins with 6e 6f", r"obol logout"),
          "no file": ("directory", r"cannot be read.*is not a regular file", r"KRB5CCNAME")}


@pytest.mark.parametrize("case", CACHES)
def test_the_cache(bed, case):
    content, what, remedy = CACHES[case]
    cache = bed.dir / "cache"
    if isinstance(content, bytes):
        cache.write_bytes(content)
    elif content:
        cache.mkdir()
    for text in (bed.gss("init", "HTTP@localhost", bed.token, KRB5CCNAME=f"FILE:{cache}"),
                 bed.krb5("kvno", "HTTP/localhost", KRB5CCNAME=f"FILE:{cache}"),
                 bed.krb5(binary(), "ticket", "HTTP/localhost", KRB5CCNAME=f"FILE:{cache}")):
        says(text, what, remedy, re.escape(str(cache)))


def test_an_expired_tgt(logged_in, client):
    late = client("mit", "obol", clock="+30d")
    cache = logged_in.user.env()["KRB5CCNAME"]
    for text in (logged_in.gss("init", "HTTP@localhost", logged_in.token, user=late, KRB5CCNAME=cache),
                 logged_in.krb5("kvno", "HTTP/localhost", user=late, KRB5CCNAME=cache),
                 logged_in.krb5(binary(), "ticket", "HTTP/localhost", user=late, KRB5CCNAME=cache)):
        says(text, r"expired: krbtgt/\S+ ended 29d", r"service HTTP/localhost@", re.escape(cache), "Log in again")


def test_a_service_that_is_not_registered(logged_in):
    for text in (logged_in.gss("init", "HTTP@nowhere.obol.test", logged_in.token),
                 logged_in.krb5("kvno", "HTTP/nowhere.obol.test"),
                 logged_in.krb5(binary(), "ticket", "HTTP/nowhere.obol.test")):
        says(text, r"not known to the KDC: the realm \S+ has no service HTTP/nowhere.obol.test@", "client alice@",
             rf"KDC 127.0.0.1 port {logged_in.realm.port}", re.escape(logged_in.user.env()["KRB5CCNAME"]),
             "obol spn add SPN ACCOUNT", "obol spn list")


def test_a_host_of_no_realm(logged_in):
    conf = logged_in.conf(lambda text: re.sub(r"(?s)\[domain_realm\].*", "", text))
    for text in (logged_in.gss("init", "HTTP@web.unknown.example", logged_in.token, KRB5_CONFIG=conf),
                 logged_in.krb5("kvno", "-S", "HTTP", "web.unknown.example", KRB5_CONFIG=conf)):
        says(text, "HTTP/web.unknown.example", r"not in \[domain_realm\] of krb5.conf", "Register the SPN")
    conf = logged_in.conf(lambda text: "[libdefaults]\n    dns_lookup_kdc = false\n")
    for text in (logged_in.gss("init", "HTTP@web.unknown.example", logged_in.token, KRB5_CONFIG=conf),
                 logged_in.krb5("kvno", "-S", "HTTP", "web.unknown.example", KRB5_CONFIG=conf)):
        says(text, "HTTP/web.unknown.example", r"no `kdc` for the realm", r"not in \[domain_realm\]", r"Add `kdc = host:port`")
    says(logged_in.krb5("kinit", "alice", KRB5_CONFIG=conf), "no realm is known", '"alice" names no realm', "default_realm")


def test_no_kdc_that_answers(logged_in):
    conf = logged_in.conf(lambda text: text.replace(f":{logged_in.realm.port}", ":9"))
    for text in (logged_in.gss("init", "imap@localhost", logged_in.token, KRB5_CONFIG=conf),
                 logged_in.krb5("kvno", "imap/localhost", KRB5_CONFIG=conf)):
        says(text, r"2 attempts", r"udp 127.0.0.1:9 refused", r"tcp 127.0.0.1:9", "service imap/localhost", "Check that the KDC runs")
    says(logged_in.krb5("kinit", "alice", KRB5_CONFIG=conf, input="x\n"), r"udp 127.0.0.1:9", "Check that the KDC runs")


def test_a_wrong_password(bed):
    for text in (bed.gss("password", "alice", "wrong"),
                 bed.krb5(binary(), "login", "--password-stdin", "alice", input="wrong\n")):
        says(text, "does not take this password for alice@", "salt ", "enctype of the key aes",
             rf"KDC 127.0.0.1 port {bed.realm.port}", "Caps Lock")


def test_a_keytab_that_cannot_be_read(logged_in):
    logged_in.gss("init", "HTTP@localhost", logged_in.token)
    broken, folder = logged_in.dir / "broken.keytab", logged_in.dir / "folder"
    broken.write_bytes(b"nonsense")
    folder.mkdir()
    for path, what, remedy in ((logged_in.dir / "none", "there is no keytab", "obol keytab create FILE SPN"),
                               (broken, r"malformed: \S+ begins with 6e 6f", "obol keytab create FILE SPN"),
                               (folder, "is not a regular file", r"user 0 can read: KRB5_KTNAME")):
        for text in (logged_in.gss("accept", logged_in.token, KRB5_KTNAME=path), logged_in.gss("acquire", "HTTP@localhost", KRB5_KTNAME=path),
                     logged_in.krb5("kinit", "-k", "-t", path, "alice")):
            says(text, what, remedy, re.escape(str(path)))


def test_a_key_that_the_keytab_lacks(logged_in):
    logged_in.gss("init", "HTTP@localhost", logged_in.token)
    etype, service = "aes256-cts-hmac-sha384-192", "HTTP/localhost"
    rows = ((logged_in.keytab("name", "imap/localhost", "-k 1 -e", etype), "keytab holds imap/localhost@", r"or add the key: obol keytab create \S+/name HTTP/localhost@"),
            (logged_in.keytab("newer", service, "-k 9 -e", etype), f"keytab holds kvno 9 {etype}", "of an older key than the keytab's"),
            (logged_in.keytab("enctype", service, "-k 1 -e rc4-hmac"), "keytab holds kvno 1 rc4-hmac", r"lacks the key of this enctype.*obol keytab create \S+/enctype HTTP/localhost@"))
    for path, holds, remedy in rows:
        says(logged_in.gss("accept", logged_in.token, KRB5_KTNAME=path), f"principal wanted {service}@", "kvno wanted 1",
             rf"enctype wanted {etype} \(20\)", rf"keytab {path}", holds, remedy)
    says(logged_in.gss("accept", logged_in.token, KRB5_KTNAME=logged_in.keytab("another", service, "-k 1 -e", etype)),
         r"opens with none of the 1 keys tried", "kvno in ticket 1; enctype in ticket 20", f"service {service}@", "keytab /",
         "extract the keytab again")
    says(logged_in.gss("acquire", "imap@localhost"), f"keytab holds {service}@", r"obol keytab create \S+ imap/localhost@")
    says(logged_in.krb5("kinit", "-k", "-t", logged_in.keytab("user", "bob", "-k 1 -e", etype), "alice"), "keytab holds bob@|has the names bob@|no suitable keys")


def test_clocks_that_differ(logged_in, client):
    logged_in.gss("init", "HTTP@localhost", logged_in.token)
    says(logged_in.gss("accept", logged_in.token, user=client("mit", "obol", clock="+20m")), r"the client's clock is \d{4} seconds behind this one, 300",
         r"skew in seconds \d{4}", "our clock 20", "clock of the client 20", "client alice@", "NTP")


def test_an_enctype_that_is_not_permitted(logged_in):
    logged_in.gss("init", "HTTP@localhost", logged_in.token)
    conf = logged_in.conf(lambda text: text.replace("[libdefaults]", "[libdefaults]\n    permitted_enctypes = aes128-cts", 1))
    says(logged_in.gss("accept", logged_in.token, KRB5_CONFIG=conf), "ticket is of aes256-cts-hmac-sha384-192", "permitted_enctypes")


def test_channel_bindings_and_replays(logged_in):
    logged_in.gss("init", "HTTP@localhost", logged_in.token, "tls-one")
    says(logged_in.gss("accept", logged_in.token, "tls-two"), "another channel than this one", "client alice@", "service HTTP/localhost@", "ends the TLS connection")
    logged_in.gss("init", "HTTP@localhost", logged_in.token)
    assert logged_in.gss("accept", logged_in.token) == "done\n"
    says(logged_in.gss("accept", logged_in.token), "the request is a replay", r"less than \d+ seconds ago", "client alice@", "service HTTP/localhost@",
         "Send a new login for each connection")


def test_tokens_of_another_kind(logged_in):
    for token, what, remedy in ((b"NTLMSSP\0\1\0\0\0", "an NTLM token: it has no Kerberos ticket for this service", "NTLM is not accepted"),
                                (b"hello world", "11 bytes begins with 0x68", "as base64 behind Negotiate")):
        logged_in.token.write_bytes(token)
        says(logged_in.gss("accept", logged_in.token), what, remedy)
