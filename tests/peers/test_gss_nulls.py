# test_gss_nulls.py: every function of the GSS-API with NULL and GSS_C_NO_* in the place of each of its
# arguments, on our library and on MIT's: nothing crashes, and the major status is the same, or ours is
# another for a reason that stands here.
import json

import pytest

from support.compat import MIT, directory
from support.mit import MitClient
from support.process import ROOT, run

CALLING = 0xff000000
ERROR = 0xffff0000
SO = "libgssapi_krb5.so.2"

# (function, argument that is NULL, or "" for none): what ours says, and why. What is not listed is as
# MIT's, or names the argument by a calling error (RFC 2744 3.9.1) where MIT's refuses otherwise.
LATER = "whether the KDC lets this be done is asked when the credential is used"
STRICT = "RFC 2744 3.9.1: there is no place to write the result to; MIT's lets it pass"
DIFFERENT = {
    **{("gss_acquire_cred_impersonate_name", a): (0, LATER)
       for a in ("", "desired_mechs", "actual_mechs", "time_rec")},
    ("gss_add_cred_impersonate_name", "input_cred_handle"): (0, LATER),
    ("gss_add_cred_with_password", "desired_name"): (0x110000, "the element is there already, whatever the rest"),
    ("gss_add_cred_with_password", "password"): (0x110000, "the element is there already, whatever the rest"),
    ("gss_authorize_localname", ""): (0x120000, "the name is not one of the mechanism, which is what is wrong"),
    ("gss_canonicalize_name", "output_name"): (0x2000000, STRICT),
    ("gss_compare_name", "minor_status"): (0x2000000, STRICT),
    ("gss_oid_to_str", "minor_status"): (0x2000000, STRICT),
    ("gss_complete_auth_token", "input_message_buffer"): (0, "nothing is to be completed, and it is not read"),
    ("gss_delete_sec_context", ""): (0, "RFC 2744 5.9 is silent; there is nothing to delete, and programs delete twice"),
    ("gss_delete_sec_context", "output_token"): (0, "RFC 2744 5.9 is silent; there is nothing to delete, and programs delete twice"),
    ("gss_display_status", ""): (0x50000, "RFC 2744 5.11: 0 is no type of status"),
    ("gss_display_status", "mech_type"): (0x50000, "RFC 2744 5.11: 0 is no type of status"),
    ("gss_export_name_composite", ""): (0x120000, "RFC 6680 7.8 exports a name of the mechanism"),
    ("gss_import_name", ""): (0x30000, "RFC 2744 5.16: a mechanism's OID is no type of name"),
    ("gss_import_name", "input_name_buffer"): (0x30000, "RFC 2744 5.16: a mechanism's OID is no type of name"),
    ("gss_import_sec_context", ""): (0x90000, "the token is malformed, and that is all that is wrong"),
    ("gss_krb5_copy_ccache", ""): (0xd0000, "what is passed for a cache is none"),
    ("gss_krb5_set_allowable_enctypes", ""): (0, "a list of none takes the restriction away"),
    ("gssspi_mech_invoke", "desired_mech"): (0x10000, "RFC 2744 3.4: NULL is no mechanism here"),
}


@pytest.fixture(scope="module")
def statuses(realms, tmp_path_factory):
    """{"mit": {function: {argument: major}}, "obol": ...}"""
    realm, found = realms("mit"), {}
    user = MitClient(realm, tmp_path_factory.mktemp("user"))
    user.login("alice").ok()
    env = {**user.env(), "KRB5_KTNAME": f"FILE:{realm.keytab('HTTP/localhost', realm.dir / 'nulls.keytab')}"}
    for make, where in (("mit", MIT), ("obol", directory())):
        result = run(["/usr/bin/python3", ROOT / "tests" / "support" / "gss_nulls.py", f"{where}/{SO}",
                      ROOT / "include", "HTTP@localhost"], env, timeout=120).ok()
        found[make] = json.loads(result.out)
    return found


def calls(statuses):
    return [(function, argument, major, statuses["mit"][function][argument])
            for function, rows in statuses["obol"].items() for argument, major in rows.items()]


def test_every_function_of_both_is_called(statuses):
    assert statuses["obol"].keys() == statuses["mit"].keys()
    assert len(statuses["obol"]) > 100 and len(calls(statuses)) > 600


def test_nothing_crashes(statuses):
    assert [(f, a) for f, a, ours, _ in calls(statuses) if ours == "crash"] == []


def test_what_crashes_mits_is_refused_or_let_pass(statuses):
    crashes = [(f, a, ours) for f, a, ours, theirs in calls(statuses) if theirs == "crash"]
    passed = {f for f, a, ours in crashes if not ours & ERROR}
    assert passed <= {"gss_release_buffer_set"}, passed  # to release nothing is no mistake


def test_statuses_are_mits_or_differ_for_a_reason(statuses):
    strange = []
    for function, argument, ours, theirs in calls(statuses):
        if ours == theirs or theirs == "crash":
            continue
        listed = DIFFERENT.get((function, argument))
        named = ours & CALLING and theirs & ERROR
        if not named and (not listed or listed[0] != ours):
            strange.append(f"{function}, {argument or 'nothing'} NULL: ours {ours:#x}, MIT's {theirs:#x}")
    assert strange == []


def test_each_difference_that_is_listed_is_there(statuses):
    for (function, argument), (ours, _) in DIFFERENT.items():
        assert statuses["obol"][function][argument] == ours != statuses["mit"][function][argument], (function, argument)
