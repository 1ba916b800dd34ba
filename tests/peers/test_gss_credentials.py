# test_gss_credentials.py: credentials acquired by password, by client keytab, from named places and
# stored into them: one program on MIT's library and on ours, against MIT's KDC and ours.
import pytest

from support.compat import compile_on_mit, on_ours
from support.realm import PASSWORD

LIBRARY = pytest.mark.parametrize("library", ["mit", "obol"])
KDCS = pytest.mark.parametrize("kdc", ["mit", "obol"])


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    from support.process import ROOT
    path = tmp_path_factory.mktemp("gss") / "gss_cred"
    return compile_on_mit(ROOT / "tests" / "support" / "gss_cred.c", path, ["libgssapi_krb5.so.2"])


class Acquire:
    def __init__(self, program, user, library):
        self.program, self.user = program, user
        self.env = on_ours() if library == "obol" else {}

    def __call__(self, *words, env=None):
        done = self.user.run([self.program, *words], env={**self.env, **(env or {})})
        said = dict(line.split(": ", 1) for line in done.out.splitlines() if ": " in line)
        assert done.status in (0, 1), done.err
        return said


@pytest.fixture
def acquire(program, client):
    return lambda kdc, library: Acquire(program, client("mit", kdc), library)


def name(realms, kdc, principal="alice"):
    return f"{principal}@{realms(kdc).name}"


@KDCS
@LIBRARY
def test_a_password_becomes_a_credential(acquire, realms, kdc, library):
    a = acquire(kdc, library)
    said = a("initiate", "name=alice", f"password={PASSWORD}")
    assert said == {"import": "00000000", "acquire": "00000000", "inquire": "00000000",
                    "name": name(realms, kdc), "life": "some", "usage": "1"}


@KDCS
@LIBRARY
def test_a_wrong_password_and_an_unknown_user_are_told(acquire, kdc, library):
    a = acquire(kdc, library)
    wrong = a("initiate", "name=alice", "password=not-this-one")
    unknown = a("initiate", "name=nobody", f"password={PASSWORD}")
    assert wrong["acquire"] == unknown["acquire"] == "00070000" # GSS_S_NO_CRED
    if library == "obol":
        assert "the password is not right" in wrong["minor"] and "alice@" in wrong["minor"]
        assert "nobody@" in unknown["minor"]


@KDCS
@LIBRARY
def test_the_password_s_tickets_are_stored_where_the_program_says(acquire, realms, kdc, library,
                                                                   tmp_path):
    a = acquire(kdc, library)
    cache = f"FILE:{tmp_path}/stored"
    said = a("initiate", "name=alice", f"password={PASSWORD}", f"into={cache}")
    assert said["store"] == "00000000"
    shown = a.user.run(["klist", "-c", cache]).ok().out # MIT's own reads it
    assert f"Default principal: {name(realms, kdc)}" in shown and "krbtgt/" in shown
    again = a("initiate", f"ccache={cache}")
    assert again["name"] == name(realms, kdc) and again["life"] == "some"


@KDCS
@LIBRARY
def test_a_client_keytab_fills_the_cache(acquire, realms, kdc, library, tmp_path):
    a = acquire(kdc, library)
    keytab = str(realms(kdc).dir / "alice.keytab")
    cache = f"FILE:{tmp_path}/filled"
    # Named in a store, with a name and without one.
    for words in (["name=alice"], []):
        said = a("initiate", *words, f"client_keytab={keytab}", f"ccache={cache}")
        assert said["acquire"] == "00000000", said
        assert said["name"] == name(realms, kdc) and said["life"] == "some"
    shown = a.user.run(["klist", "-C", "-c", cache]).ok().out
    assert "refresh_time" in shown
    # Named by the environment.
    env = {"KRB5_CLIENT_KTNAME": keytab, "KRB5CCNAME": f"FILE:{tmp_path}/filled-too"}
    said = a("initiate", env=env)
    assert said["name"] == name(realms, kdc) and said["life"] == "some"
    # Another's name has no key there.
    said = a("initiate", "name=bob", f"client_keytab={keytab}", f"ccache=FILE:{tmp_path}/none")
    assert said["acquire"] == "00070000"


@KDCS
@LIBRARY
def test_a_client_keytab_renews_what_has_run_half_its_life(acquire, realms, kdc, library, tmp_path):
    a = acquire(kdc, library)
    keytab = str(realms(kdc).dir / "alice.keytab")
    cache = f"FILE:{tmp_path}/half"
    a("initiate", f"client_keytab={keytab}", f"ccache={cache}")
    before = (tmp_path / "half").read_bytes()
    a("initiate", f"client_keytab={keytab}", f"ccache={cache}")
    assert (tmp_path / "half").read_bytes() == before # it is young
    text = a.user.run(["klist", "-C", "-c", cache]).ok().out.split("refresh_time = ")[1].split()[0]
    old = before.replace(text.encode(), b"1".ljust(len(text), b"0"))
    (tmp_path / "half").write_bytes(old)
    said = a("initiate", f"client_keytab={keytab}", f"ccache={cache}")
    assert said["life"] == "some" and (tmp_path / "half").read_bytes() != old


@KDCS
@LIBRARY
def test_an_acceptor_needs_a_key_of_its_name(acquire, realms, kdc, library):
    a = acquire(kdc, library)
    keytab = f"keytab={realms(kdc).dir / 'http.keytab'}"
    well = a("accept", "service=HTTP@localhost", keytab)
    assert well["acquire"] == "00000000" and well["life"] == "indefinite" and well["usage"] == "2"
    assert a("accept", "service=HTTP", keytab)["acquire"] == well["acquire"]
    assert a("accept", keytab)["acquire"] == well["acquire"]
    refused = a("accept", "service=imap@localhost", keytab)
    assert refused["acquire"] == "00070000"
    if library == "obol":
        assert "imap" in refused["minor"] and "http.keytab" in refused["minor"]


@KDCS
@LIBRARY
def test_both_uses_need_both(acquire, realms, kdc, library):
    a = acquire(kdc, library)
    keytab = f"keytab={realms(kdc).dir / 'http.keytab'}"
    assert a("both", keytab)["acquire"] == "00070000" # there is no cache yet
    a.user.login("alice").ok()
    said = a("both", keytab)
    assert said["acquire"] == "00000000" and said["name"] == name(realms, kdc) and said["usage"] == "0"


@KDCS
@LIBRARY
def test_a_service_acts_for_a_user_as_far_as_the_kdc_lets_it(acquire, realms, kdc, library, tmp_path):
    a = acquire(kdc, library)
    keytab = f"client_keytab={realms(kdc).dir / 'http.keytab'}"
    cache = f"ccache=FILE:{tmp_path}/service"
    said = a("initiate", keytab, cache, "as=alice", f"into=FILE:{tmp_path}/alice")
    assert said["impersonate"] == said["inquire"] == said["store"] == "00000000", said
    assert said["name"] == name(realms, kdc) and said["life"] == "some"
    assert said["impersonator"].startswith("HTTP/localhost@")
    shown = a.user.run(["klist", "-C", "-c", f"FILE:{tmp_path}/alice"]).ok().out
    assert f"Default principal: {name(realms, kdc)}" in shown
    assert "proxy_impersonator = HTTP/localhost@" in shown
    assert f"for client {said['impersonator']}" in shown # the service's own TGT
    unknown = a("initiate", keytab, cache, "as=nobody")
    assert unknown["impersonate"] != "00000000"
    foreign = a("initiate", keytab, cache, "as=alice@ELSE.TEST")
    assert foreign["impersonate"] != "00000000"


@KDCS
@LIBRARY
def test_a_password_is_verified_with_a_key_of_the_machine(acquire, realms, kdc, library, tmp_path):
    """The credential store's "verify": whoever answers in the KDC's place does not know the keytab's keys."""
    a = acquire(kdc, library)
    keytab = realms(kdc).dir / "http.keytab"
    words = ("initiate", "name=alice", f"+password={PASSWORD}", f"keytab={keytab}")
    said = a(*words, "verify=HTTP/localhost")
    assert said["acquire"] == "00000000" and said["name"] == name(realms, kdc), said
    others = [("verify=HTTP/elsewhere",), ("verify=HTTP/localhost", f"keytab={tmp_path}/none")]
    for more in others:
        kept = [w for w in words if not (more[-1].startswith("keytab") and w.startswith("keytab"))]
        assert a(*kept, *more)["acquire"] == "00070000", more
    # Without a password there is nothing to verify, and it is not passed over.
    assert a("initiate", "name=alice", "verify=")["acquire"] == "000d0000"


@KDCS
@LIBRARY
def test_in_a_collection_each_client_has_a_cache(acquire, realms, kdc, library, tmp_path):
    """A client keytab logs in beside the others, as whom is named or whom ~/.k5identity wants."""
    a = acquire(kdc, library)
    keytab = realms(kdc).dir / "http.keytab"
    service = f"HTTP/localhost@{realms(kdc).name}"
    (tmp_path / "home").mkdir()

    def with_alice(directory):
        (tmp_path / directory).mkdir()
        env = {"KRB5CCNAME": f"DIR:{tmp_path}/{directory}", "HOME": str(tmp_path / "home")}
        a.user.run(["kinit", "alice"], input=PASSWORD + "\n", env=env).ok()
        return {**env, "KRB5_CLIENT_KTNAME": str(keytab)}

    def owners(env):
        return sorted(line.split()[0] for line in a.user.run(["klist", "-l"], env=env).ok().out.splitlines()[2:])
    env = with_alice("named")
    said = a("initiate", "name=HTTP/localhost", "target=HTTP@localhost", env=env)
    assert said["client"] == said["name"] == service, said
    assert owners(env) == [service, name(realms, kdc)]
    assert a("initiate", "name=bob", env=env)["acquire"] == "00070000"
    (tmp_path / "home" / ".k5identity").write_text(f"{service} service=HTTP\n")
    env = with_alice("wanted")
    said = a("initiate", "target=HTTP@localhost", env=env)
    assert said["client"] == said["name"] == service, said
    assert owners(env) == [service, name(realms, kdc)]
    said = a("initiate", env=env) # no service decides: it is the primary one's
    assert said["name"] == name(realms, kdc), said


@KDCS
@LIBRARY
def test_what_is_stored_in_a_collection_is_beside_the_others(acquire, realms, kdc, library, tmp_path):
    a = acquire(kdc, library)
    (tmp_path / "caches").mkdir()
    collection = f"DIR:{tmp_path}/caches"
    env = {"KRB5CCNAME": collection}
    service = f"HTTP/localhost@{realms(kdc).name}"
    a.user.run(["kinit", "-k", "-t", realms(kdc).dir / "http.keytab", "HTTP/localhost"], env=env).ok()
    for more, primary in (([], service), (["primary="], name(realms, kdc))):
        said = a("initiate", "name=alice", f"password={PASSWORD}", f"into={collection}", *more)
        assert said["store"] == "00000000", said
        shown = a.user.run(["klist", "-l"], env=env).ok().out.splitlines()[2:]
        assert [line.split()[0] for line in shown] == [primary, *({service, name(realms, kdc)} - {primary})]
