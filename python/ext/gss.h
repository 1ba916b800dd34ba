// gss.h: what the files of obol._core.gss share: src/gssapi, the GSS-API as C programs call it (RFC
// 2744), as functions of Python, for the programs that were written for python-gssapi and
// pykerberos. One call is one function; names, credentials and contexts are objects that hold a
// handle; OIDs are the bytes of their contents; what obol.compat makes of it stands in Python.
#ifndef OBOL_PYTHON_GSS_H
#define OBOL_PYTHON_GSS_H

#include "core.h"
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

struct gss_holder {
    PyObject_HEAD union {
        gss_name_t name;
        gss_cred_id_t cred;
        gss_ctx_id_t context;
    } is;
    unsigned users; // calls that have let go of the GIL
};
extern PyTypeObject *gss_name_type, *gss_cred_type, *gss_context_type;

// ---- arguments: converters of PyArg_ParseTuple's "O&"

// Handles; None is a NULL holder, but for a context, which must be one. A context that another
// thread is at is refused.
int gss_name_arg(PyObject *o, void *holder);
int gss_cred_arg(PyObject *o, void *holder);
int gss_context_arg(PyObject *o, void *holder);
static inline gss_name_t gss_name_of(const struct gss_holder *h) {
    return h ? h->is.name : GSS_C_NO_NAME;
}
static inline gss_cred_id_t gss_cred_of(const struct gss_holder *h) {
    return h ? h->is.cred : GSS_C_NO_CREDENTIAL;
}
// Bytes as a gss_buffer_desc that borrows; None is one of no bytes at no place.
int gss_bytes_arg(PyObject *o, void *buffer);
// An OID as a gss_OID_desc that borrows: bytes, or an object that has them as its `_der`; None has
// no elements, and gss_oid_of makes GSS_C_NO_OID of it.
int gss_oid_arg(PyObject *o, void *oid);
static inline gss_OID gss_oid_of(gss_OID_desc *oid) {
    return oid->elements ? oid : GSS_C_NO_OID;
}
// gss_oids_take makes a set of a sequence of OIDs, to be released by gss_release_oid_set; of None
// GSS_C_NO_OID_SET. False with the exception set.
bool gss_oids_take(PyObject *o, gss_OID_set *out);

// ---- results; each takes what it is given, and gives NULL with the exception set

PyObject *gss_name_out(gss_name_t name); // None: GSS_C_NO_NAME
PyObject *gss_cred_out(gss_cred_id_t cred);
PyObject *gss_context_out(gss_ctx_id_t context);
PyObject *gss_bytes_out(gss_buffer_t buffer);
PyObject *gss_buffers_out(gss_buffer_set_t buffers);
PyObject *gss_oid_out(gss_const_OID oid); // None: GSS_C_NO_OID
PyObject *gss_oids_out(gss_OID_set oids);
PyObject *gss_lifetime_out(OM_uint32 seconds); // None: indefinite
// gss_failed raises what obol.compat makes of a status. `token`, if any, is released.
PyObject *gss_failed(OM_uint32 major, OM_uint32 minor, gss_buffer_t token);

// ---- calls that may wait

// What such a call uses, so that nobody takes a handle away or steps the same context meanwhile.
struct gss_run {
    struct gss_holder *uses[4]; // NULL: none
    PyThreadState *thread;
};
void gss_run_begin(struct gss_run *run);
void gss_run_end(struct gss_run *run);

// Each file has a table of its functions; gss_add (core.h) makes the module of them.
extern PyMethodDef gss_name_functions[], gss_cred_functions[], gss_context_functions[],
    gss_message_functions[], gss_mech_functions[];

#endif
