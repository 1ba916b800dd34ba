# test_doctor_peers.py: obol doctor in realms of MIT krb5 and Heimdal, whose KDCs answer in their own way:
# it finds the name that was meant, and tells their administrators' commands.
import json

import pytest

from support.obol import binary


def doctor(user, *words):
    result = user.run([binary(), "doctor", "--no-dns", "--json", *map(str, words)])
    found = json.loads(result.out)
    return found["healthy"], [f for f in found["findings"] if f["verdict"] == "bad"]


@pytest.mark.parametrize("make", ["mit", "heimdal"])
def test_it_looks_at_a_realm_of_any_make(make, client, judged):
    user = client("obol", make)
    user.login("alice").ok()
    keytab = user.realm.dir / "http.keytab"
    assert doctor(user, "--keytab", keytab, "https://localhost/") == (True, [])
    for asked, cause in (("HTTP/LOCALHOST", "lower case"), ("http/localhost", "usual spelling"),
                         ("MSSQLSvc/db.nowhere.test:1433", "nor a name like it")):
        healthy, (name,) = doctor(user, asked)
        assert not healthy and name["probe"] == "name" and cause in name["cause"], name
        assert name["code"] == "KDC_ERR_S_PRINCIPAL_UNKNOWN"
    assert "MIT: kadmin addprinc -randkey MSSQLSvc/db.nowhere.test:1433" in name["remedy"]
    healthy, (keys,) = doctor(user, "--keytab", user.realm.dir / "alice.keytab", "HTTP/localhost")
    assert not healthy and keys["code"] == "KRB_AP_ERR_NOT_US" and "kadmin ktadd -k" in keys["remedy"]
    judged("obol doctor", f"client in {make}'s realm", "-", "-", "the causes are named")
