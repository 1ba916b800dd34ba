# test_compat_more.py: calls of libkrb5 that few programs make (sealing in pieces, KRB-CRED, old names,
# responders, MIT's inside): one program, linked with MIT's library, run on it and on ours.
import pytest

from support.compat import compile_on_mit, on_ours
from support.process import ROOT, run
from support.realm import PASSWORD

CC_NOTFOUND = -1765328243
SIDES = pytest.mark.parametrize("maker, reader", [("mit", "obol"), ("obol", "mit"), ("obol", "obol")])


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = compile_on_mit(ROOT / "tests" / "peers" / "compat_more.c", tmp_path_factory.mktemp("more") / "compat_more",
                          ["libkrb5.so.3", "libk5crypto.so.3"])
    return lambda user, side, *words: run([path, *words], on_ours(user.env()) if side == "obol" else user.env())


def test_what_has_one_answer_is_the_same_on_both(client, program, judged):
    user = client("mit", "obol")
    theirs, ours = program(user, "mit").ok().out, program(user, "obol").ok().out
    assert ours == theirs
    judged("krb5_c_*_length, _checksum_iov, krb5_encrypt, 524, ser_pack, encode_krb5_ticket ...", "the same program", "",
           "", f"{len(ours.splitlines())} answers, the same on both")


@SIDES
@pytest.mark.parametrize("etype", ["17", "18", "19", "20", "23", "25", "26"])
def test_a_message_sealed_in_pieces_opens_on_the_other(client, program, maker, reader, etype):
    user = client("mit", "obol")
    sealed = program(user, maker, "seal", etype).ok().out.split()[0]
    assert program(user, reader, "open", etype, sealed).ok().out == "first second\n"
    altered = sealed[:-1] + ("0" if sealed[-1] != "0" else "1")
    refused = program(user, reader, "open", etype, altered).failed()
    if reader == "obol":
        assert "does not open with this key" in refused.err


@SIDES
@pytest.mark.parametrize("how", [(), ("forward",)], ids=["as it is", "forwarded"])
def test_tickets_are_handed_on(realms, client, program, maker, reader, how, judged):
    realm, user = realms("obol"), client("mit", "obol")
    user.login("alice").ok()
    message = program(user, maker, "give", *how).ok().out.split()[0]
    got = program(user, reader, "take", message).ok().out
    who, server, etype, flags, count = got.split()
    assert (who, server) == (f"alice@{realm.name}", f"krbtgt/{realm.name}@{realm.name}")
    assert (flags, count) == ("20000000" if how else "0", "1") and etype in ("18", "20")
    altered = message[:-2] + ("00" if message[-2:] != "00" else "01")
    refused = program(user, reader, "take", altered).failed().err
    if reader == "obol":
        assert "open with no key of this exchange" in refused
    judged("krb5_mk_1cred, krb5_fwd_tgt_creds, krb5_rd_cred", f"{maker} to {reader}", "krb5", " ".join(how), got.strip())


def test_a_responder_gives_the_password(realms, client, program):
    user, name = client("mit", "obol"), f"alice@{realms('obol').name}"
    # MIT's library asks again at each round of SPAKE; ours asks once.
    theirs, ours = (list(dict.fromkeys(program(user, side, "login", name, PASSWORD).ok().out.splitlines()))
                    for side in ("mit", "obol"))
    assert ours == theirs and ours[-1] == "logged in"
    refused = program(user, "obol", "login", name, "wrong").failed().err
    assert "the password is not right" in refused


def test_the_service_chooses_the_cache(realms, client, program, tmp_path):
    user = client("mit", "obol")
    home = {"HOME": str(tmp_path), "KRB5CCNAME": f"DIR:{tmp_path}/caches"}
    realm = realms("obol").name
    for name in ("HTTP/localhost", "alice"):
        keytab = realms("obol").dir / ("alice.keytab" if name == "alice" else "http.keytab")
        user.run(["kinit", "-k", "-t", str(keytab), name], env=home).ok()
    (tmp_path / ".k5identity").write_text(
        f"# who is used where\nnobody@{realm} service=imap\nHTTP/localhost@{realm} service=HTTP host=*.obol.test\n")
    user.env = (lambda env: lambda: {**env, **home})(user.env())
    for service, wanted in ((f"HTTP/www.obol.test@{realm}", f"0 HTTP/localhost@{realm} 1"),
                            (f"imap/mail.obol.test@{realm}", f"{CC_NOTFOUND} nobody@{realm} 0"),
                            (f"host/a.obol.test@{realm}", f"0 alice@{realm} 1"),
                            ("host/a.test@ELSEWHERE.TEST", f"{CC_NOTFOUND}  0")):
        theirs, ours = (program(user, side, "choose", service).ok().out for side in ("mit", "obol"))
        assert ours == theirs, service
        assert ours == wanted + "\n", (service, ours)


def test_a_checksum_without_a_usage_holds_or_not(client, program):
    assert program(client("mit", "obol"), "obol", "checksum").ok().out == "0 1\n"


@pytest.mark.parametrize("kdc", ["mit", "obol"])
def test_what_the_kdc_says_of_a_key_is_told(realms, client, program, kdc):
    user, realm = client("mit", kdc, enctype="aes256-cts-hmac-sha384-192"), realms(kdc).name
    theirs, ours = (program(user, side, "etype", f"alice@{realm}").ok().out for side in ("mit", "obol"))
    assert ours == theirs and ours.startswith(f"20 {realm}alice ")
    assert "not known to the KDC" in program(user, "obol", "etype", f"nobody@{realm}").failed().err


INITIATE = """
import gssapi
name = gssapi.Name("HTTP@localhost", gssapi.NameType.hostbased_service)
token = gssapi.SecurityContext(name=name, usage="initiate").step()
acceptor = gssapi.SecurityContext(usage="accept")
acceptor.step(token)
print(acceptor.initiator_name)
"""


def test_the_gss_api_takes_the_cache_that_the_rules_want(realms, client, tmp_path):
    user, realm = client("mit", "obol"), realms("obol")
    env = {**user.env(), "HOME": str(tmp_path), "KRB5CCNAME": f"DIR:{tmp_path}/caches",
           "KRB5_KTNAME": str(realm.dir / "http.keytab")}
    for name, keytab in (("HTTP/localhost", "http.keytab"), ("alice", "alice.keytab")):
        run(["kinit", "-k", "-t", str(realm.dir / keytab), name], env).ok()
    command = ["/usr/bin/python3", "-c", INITIATE]
    for rule, wanted in (("", f"alice@{realm.name}"), (f"HTTP/localhost@{realm.name} service=HTTP\n", "HTTP/localhost@")):
        (tmp_path / ".k5identity").write_text(rule)
        theirs, ours = run(command, env).ok().out, run(command, on_ours(env)).ok().out
        assert ours == theirs and ours.startswith(wanted)
    (tmp_path / ".k5identity").write_text(f"nobody@{realm.name}\n")
    assert ".k5identity wants tickets of nobody@" in run(command, on_ours(env)).failed().err
