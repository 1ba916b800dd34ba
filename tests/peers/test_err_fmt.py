# test_err_fmt.py: `err_fmt` of krb5.conf: the same programs on MIT's library and on ours are told their errors in the
# form that it wants, by krb5_get_error_message, by MIT's klist and by the GSS-API's display_status. What the text says
# is each library's own; what stands around it is the same.
import json

import pytest

from support.compat import on_ours
from support.process import base_env, run

KRB5 = """
import ctypes, json
library = ctypes.CDLL("libkrb5.so.3")
library.krb5_get_error_message.restype = ctypes.c_void_p
context, other = ctypes.c_void_p(), ctypes.c_void_p()
assert library.krb5_init_context(ctypes.byref(context)) == 0
assert library.krb5_init_context(ctypes.byref(other)) == 0
def told(code, context=context):
    text = ctypes.c_void_p(library.krb5_get_error_message(context, code))
    out = ctypes.string_at(text).decode()
    library.krb5_free_error_message(context, text)
    return code, out
said = [told(2), told(-1765328189)]
library.krb5_set_error_message(context, 2, b"set %d", 7)
said += [told(2), told(3), told(2)]
library.krb5_wrap_error_message(context, 2, 3, b"around")
said += [told(3), told(2)]
library.krb5_prepend_error_message(context, 3, b"before")
library.krb5_copy_error_message(other, context)
said += [told(3, other)]
print(json.dumps(said))
"""
GSS = """
import json, sys
import gssapi
try:
    gssapi.Credentials(usage="accept", store={"keytab": "FILE:" + sys.argv[1]})
except gssapi.exceptions.GSSError as e:
    print(json.dumps([[e.min_code - 2**32, e.get_all_statuses(e.min_code, False)[0]]]))
"""
# What stands before and behind the text; {} is the number.
FORMS = {"%M - %C": ("", " - {}"), "FOO Error: %M (see http://localhost:1234/%C)": ("FOO Error: ", " (see http://localhost:1234/{})"),
         "%%%M %-% %C%": ("%", " %-% {}%"), '"%C %%M: %M"': ("{} %M: ", "")}


def programs(directory):
    missing = str(directory / "none")
    return [["/usr/bin/python3", "-c", KRB5], ["/usr/bin/python3", "-c", GSS, missing]]


@pytest.fixture(params=["MIT's library", "ours"])
def told(request, tmp_path):
    def told(program, form):
        conf = tmp_path / "krb5.conf"
        conf.write_text("[libdefaults]\n    default_realm = R\n" + (f"    err_fmt = {form}\n" if form is not None else ""))
        env = {**base_env(), "KRB5_CONFIG": str(conf)}
        return run(program, env if request.param == "MIT's library" else on_ours(env))
    return told


@pytest.mark.parametrize("form", FORMS)
def test_a_text_is_put_where_err_fmt_wants_it(told, tmp_path, form):
    before, behind = FORMS[form]
    for program in programs(tmp_path):
        plain, formed = (json.loads(told(program, f).ok().out) for f in (None, form))
        assert formed == [[code, before.format(code) + text + behind.format(code)] for code, text in plain]
        assert all(text for _, text in plain)
    missing = f"FILE:{tmp_path / 'none'}"
    plain, formed = (told(["klist", "-c", missing], f).failed().err.strip() for f in (None, form))
    code = -1765328189
    assert formed == "klist: " + before.format(code) + plain.removeprefix("klist: ") + behind.format(code)


def test_a_form_without_the_text_hides_it(told, tmp_path):
    for program in programs(tmp_path):
        for form, shown in (("call 1234", "call 1234"), ('""', ""), ('" "', " ")):
            assert {text for _, text in json.loads(told(program, form).ok().out)} == {shown}
    for form, shown in (("call 1234", "call 1234"), ('""', "")):
        assert told(["klist", "-c", f"FILE:{tmp_path / 'none'}"], form).failed().err == f"klist: {shown}\n"


def test_a_form_may_be_long(told, tmp_path):
    plain, formed = (json.loads(told(programs(tmp_path)[0], form).ok().out) for form in (None, "%M" * 200))
    assert formed == [[code, text * 200] for code, text in plain]
    assert json.loads(told(programs(tmp_path)[1], "%M" * 200).ok().out)


def test_a_last_line_without_a_form_says_nothing(told, tmp_path):
    for program in programs(tmp_path):
        plain, formed = (told(program, form).ok().out for form in (None, ""))
        assert formed == plain
