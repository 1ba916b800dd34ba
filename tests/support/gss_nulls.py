# gss_nulls.py: calls every function that the GSS-API's headers declare with good arguments, then with
# NULL in the place of each of them that is a pointer or a handle, in a child of its own, and prints
# the major status of each call as JSON: {"gss_wrap": {"": 0, "minor_status": 16777216, ...}}.
# Usage: gss_nulls.py LIBRARY HEADERS SERVICE@HOST
import ctypes
import json
import os
import re
import sys
from pathlib import Path

PROTOTYPE = re.compile(r"OM_uint32\s+(\w+)\s*\(([^;{}]*)\)\s*(?:GSS\w+\s*)?;", re.S)
SCRATCH = ctypes.c_char * 4096


class Buffer(ctypes.Structure):
    _fields_ = [("length", ctypes.c_size_t), ("value", ctypes.c_char_p)]


class Oid(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint32), ("elements", ctypes.c_char_p)]


class Iov(ctypes.Structure):
    _fields_ = [("type", ctypes.c_uint32), ("buffer", Buffer)]


KRB5 = Oid(9, b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02")
HOSTBASED = Oid(10, b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04")
kept = []  # what the arguments point to


def at(thing):
    kept.append(thing)
    return ctypes.c_void_p(ctypes.addressof(thing))


def prototypes(headers):
    """{function: [(type, name), ...]} of the headers, comments and attributes left out."""
    found = {}
    for path in sorted(Path(headers).glob("gssapi/*.h")):
        text = re.sub(r"/\*.*?\*/|//[^\n]*|^\s*#[^\n]*|GSS_DLLIMP|KRB5_CALLCONV\w*", " ", path.read_text(), flags=re.S | re.M)
        for name, arguments in PROTOTYPE.findall(text):
            found[name] = [split(a, i) for i, a in enumerate(arguments.split(",")) if a.strip() != "void"]
    return found


def split(argument, index):
    words = re.findall(r"\w+|\*", re.sub(r"\bconst\b", " ", argument))
    name = words.pop() if len(words) > 1 and words[-1] not in ("*", "int") else f"argument {index + 1}"
    return " ".join(words), name


class Good:
    """An argument that is right, by its type; None for what is no pointer."""

    def __init__(self, library, service):
        minor, name, cred, ctx = (ctypes.c_void_p() for _ in range(4))
        text, out = Buffer(len(service), service.encode()), Buffer()
        library.gss_import_name(at(minor), at(text), at(HOSTBASED), at(name))
        assert library.gss_acquire_cred(at(minor), None, 0, None, 0, at(cred), None, None) == 0
        major = library.gss_init_sec_context(at(minor), cred, at(ctx), name, at(KRB5), 0, 0, None, None,
                                             None, at(out), None, None)
        assert major == 0, f"{major:#x}"
        self.handles = {"gss_name_t": name, "gss_cred_id_t": cred, "gss_ctx_id_t": ctx,
                        "gss_const_name_t": name, "gss_const_cred_id_t": cred, "gss_const_ctx_id_t": ctx}

    def of(self, kind, name):
        if kind in self.handles:
            return self.handles[kind]
        if kind in ("gss_buffer_t", "gss_const_buffer_t"):
            # What is written to, or freed, has nothing in it.
            return at(Buffer() if name.startswith("out") or name == "buffer" else Buffer(4, b"text"))
        if kind in ("gss_OID", "gss_const_OID"):
            return at(KRB5)
        if kind in ("gss_OID_set", "gss_const_OID_set"):
            return at((ctypes.c_size_t * 2)(1, ctypes.addressof(KRB5)))
        if kind == "gss_iov_buffer_desc *":
            return at(Iov(1, Buffer(4, b"text")))
        if kind == "char *":
            return ctypes.c_char_p(b"text")
        if kind.endswith("*") or kind in ("gss_channel_bindings_t", "gss_const_key_value_set_t", "gss_key_value_set_t",
                                          "gss_buffer_set_t", "gss_any_t"):
            return at(SCRATCH())
        return None


def outcome(function, arguments):
    """The major status, in a child: "crash" if it dies."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open("/dev/null", os.O_WRONLY), 2)
        os.write(write, b"%d" % (function(*arguments) & 0xffffffff))
        os._exit(0)
    os.close(write)
    said = os.read(read, 32)
    os.close(read)
    os.waitpid(child, 0)
    return int(said) if said else "crash"


def main():
    library, good = ctypes.CDLL(sys.argv[1]), None
    good = Good(library, sys.argv[3])
    result = {}
    for name, parameters in sorted(prototypes(sys.argv[2]).items()):
        try:
            function = getattr(library, name)
        except AttributeError:
            continue
        values = [good.of(*p) for p in parameters]
        full = [0 if v is None else v for v in values]
        rows = result[name] = {"": outcome(function, full)}
        for i, value in enumerate(values):
            if value is not None:
                rows[parameters[i][1]] = outcome(function, full[:i] + [None] + full[i + 1:])
        rows["all"] = outcome(function, [0 if v is None else None for v in values])
    print(json.dumps(result))


if __name__ == "__main__":
    main()
