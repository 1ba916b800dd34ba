# test_compat_gic.py: logins with the options that few programs give (preauthentication before the KDC asks, a
# salt, addresses): one program, linked with MIT's library, run on it and on ours, with MIT's KDC and ours.
import pytest

from support.compat import compile_on_mit, on_ours
from support.process import ROOT, run
from support.realm import PASSWORD

REFUSED, BAD_ADDRESS = "code -1765328360", "Incorrect net address"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    path = compile_on_mit(ROOT / "tests" / "peers" / "compat_gic.c", tmp_path_factory.mktemp("gic") / "gic",
                          ["libkrb5.so.3"])
    return lambda user, side, *words: run([path, f"alice@{user.realm.name}", *words], on_ours(
        user.env()) if side == "obol" else user.env()).ok().out.splitlines()


@pytest.mark.parametrize("kdc", ["mit", "obol"])
def test_a_login_is_begun_before_the_kdc_asks(client, program, kdc, judged):
    user = client("mit", kdc)
    for words in (["preauth=2"], ["preauth=151"], ["preauth=141"], ["preauth=2", f"salt={user.realm.name}alice"],
                  ["salt=of no use"], []):
        for password in (PASSWORD, "wrong"):
            said = [program(user, side, *words, f"password={password}") for side in ("mit", "obol")]
            assert said[0] == said[1], (words, said)
            assert said[1][-1] == ("logged in,  initial, addresses:" if password == PASSWORD else REFUSED), (words, said)
    # MIT's library does not come back with the salt that the KDC names, where it has no other way to prove itself.
    said = program(user, "obol", "preauth=2", "salt=another", f"password={PASSWORD}")
    assert said[-1] == "logged in,  initial, addresses:"
    assert program(user, "obol", "preauth=2", "salt=another", "password=wrong")[-1] == REFUSED
    judged("krb5_get_init_creds_opt_set_preauth_list", "the same program", f"{kdc}'s KDC", "and _set_salt",
           "the same on both")


@pytest.mark.parametrize("kdc", ["mit", "obol"])
def test_a_ticket_is_bound_to_addresses(client, program, kdc, tmp_path, judged):
    user = client("mit", kdc)
    for wanted in ("127.0.0.1", "192.0.2.7,127.0.0.1", "192.0.2.7", "none"):
        caches = {side: f"FILE:{tmp_path}/{side}" for side in ("mit", "obol")}
        said = [program(user, side, f"addresses={wanted}", f"password={PASSWORD}", f"cache={caches[side]}")
                for side in caches]
        shown = "" if wanted == "none" else f" {wanted.replace(',', ' ')}"
        assert said[0] == said[1] and said[1][-1] == f"logged in,  initial, addresses:{shown}", said
        # At the TGS it counts where the request comes from; our KDC looks only where it is told to.
        for side, cache in caches.items():
            got = user.run(["kvno", "HTTP/localhost"], env={"KRB5CCNAME": cache})
            if wanted == "192.0.2.7" and kdc == "mit":
                assert BAD_ADDRESS in got.failed().err
            else:
                got.ok()
    judged("krb5_get_init_creds_opt_set_address_list", "the same program", f"{kdc}'s KDC", "bound TGT", "the same on both")


def test_krb5_conf_asks_for_addresses(client, program):
    user = client("mit", "mit")
    conf = user.conf.read_text()
    user.conf.write_text(conf.replace("[libdefaults]", "[libdefaults]\n    noaddresses = false\n"
                                      "    extra_addresses = 192.0.2.1 127.0.0.1", 1))
    said = [program(user, side, f"password={PASSWORD}") for side in ("mit", "obol")]
    assert sorted(said[0][-1].split()) == sorted(said[1][-1].split()) and "192.0.2.1 127.0.0.1" in said[1][-1], said
    assert program(user, "obol", "addresses=none", f"password={PASSWORD}")[-1] == "logged in,  initial, addresses:"
    user.conf.write_text(conf.replace("[libdefaults]", "[libdefaults]\n    noaddresses = false\n"
                                      "    extra_addresses = no.such.host.invalid", 1))
    assert "code " in program(user, "obol", f"password={PASSWORD}")[-1]
