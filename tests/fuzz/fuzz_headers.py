#!/usr/bin/python3
# fuzz_headers.py: HTTP's authentication headers as the Python package reads them (obol/http/_headers.py), with atheris,
# which is libFuzzer for Python: `fuzz_headers.py CORPUS [LIBFUZZER OPTIONS]`. atheris and the package stand on PYTHONPATH;
# tests/peers/test_py_fuzz.py runs it for a while.
import sys

import atheris

with atheris.instrument_imports(include=["obol.http._headers"]):
    from obol.http import _headers
from obol.errors import DecodeError


def written(challenge):
    """A challenge as text that means the same."""
    quoted = ('{}="{}"'.format(name, value.replace("\\", "\\\\").replace('"', '\\"'))
              for name, value in challenge.params.items())
    return " ".join(filter(None, [challenge.scheme, challenge.token, ", ".join(quoted)]))


def one(data):
    """Whatever comes is read or refused; what is read and written again reads the same."""
    value = data.decode("latin-1")
    for lenient in (False, True):
        try:
            found = _headers.challenges(value, lenient=lenient)
        except DecodeError:
            continue
        again = _headers.challenges(", ".join(map(written, found)))
        assert again == found, (value, found, again)
    try:
        token = _headers.negotiate_token([value])
        assert not token or _headers.negotiate_token([_headers.authorization(token)]) == token, value
    except DecodeError:
        pass
    try:
        scheme, token = _headers.parse_authorization(value)
        assert (scheme == "negotiate") == bool(token), value
        assert not token or _headers.authorization(token).split()[1:] == value.split()[1:], value  # not another spelling
    except DecodeError:
        pass


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
