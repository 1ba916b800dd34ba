// gss_context.c: security contexts of RFC 2744, for obol.compat; see gss.h.
#include "gss.h"

// Channel bindings: None, or (type, address, type, address, data) of bytes and None.
static bool bindings_take(PyObject *o, struct gss_channel_bindings_struct *to,
                          gss_channel_bindings_t *out) {
    *out = GSS_C_NO_CHANNEL_BINDINGS;
    if (o == Py_None)
        return true;
    unsigned int initiator, acceptor;
    *to = (struct gss_channel_bindings_struct){0};
    if (!PyArg_ParseTuple(o, "IO&IO&O&", &initiator, gss_bytes_arg, &to->initiator_address,
                          &acceptor, gss_bytes_arg, &to->acceptor_address, gss_bytes_arg,
                          &to->application_data))
        return false;
    to->initiator_addrtype = initiator;
    to->acceptor_addrtype = acceptor;
    *out = to;
    return true;
}

// init_sec_context(context, name, cred or None, mech or None, flags, lifetime, bindings, token) is
// (mech or None, flags, token or None, lifetime, whether it goes on).
static PyObject *init_sec_context(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context, *name, *cred;
    gss_OID_desc mech;
    unsigned int flags, lifetime;
    PyObject *bound;
    gss_buffer_desc token, reply = GSS_C_EMPTY_BUFFER;
    struct gss_channel_bindings_struct held;
    gss_channel_bindings_t bindings;
    if (!PyArg_ParseTuple(args, "O&O&O&O&IIOO&", gss_context_arg, &context, gss_name_arg, &name,
                          gss_cred_arg, &cred, gss_oid_arg, &mech, &flags, &lifetime, &bound,
                          gss_bytes_arg, &token) ||
        !bindings_take(bound, &held, &bindings))
        return NULL;
    gss_OID actual = GSS_C_NO_OID;
    OM_uint32 minor, got_flags = 0, got_lifetime = 0;
    struct gss_run run = {{context, name, cred}, NULL};
    gss_run_begin(&run);
    OM_uint32 major = gss_init_sec_context(
        &minor, gss_cred_of(cred), &context->is.context, gss_name_of(name), gss_oid_of(&mech),
        flags, lifetime, bindings, &token, &actual, &reply, &got_flags, &got_lifetime);
    gss_run_end(&run);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, &reply);
    return Py_BuildValue("(NINNN)", gss_oid_out(actual), (unsigned int)got_flags,
                         gss_bytes_out(&reply), gss_lifetime_out(got_lifetime),
                         PyBool_FromLong((major & GSS_S_CONTINUE_NEEDED) != 0));
}

// accept_sec_context(context, cred or None, token, bindings) is (Name or None, mech or None, token,
// flags, lifetime, delegated Creds or None, whether it goes on).
static PyObject *accept_sec_context(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context, *cred;
    PyObject *bound;
    gss_buffer_desc token, reply = GSS_C_EMPTY_BUFFER;
    struct gss_channel_bindings_struct held;
    gss_channel_bindings_t bindings;
    if (!PyArg_ParseTuple(args, "O&O&O&O", gss_context_arg, &context, gss_cred_arg, &cred,
                          gss_bytes_arg, &token, &bound) ||
        !bindings_take(bound, &held, &bindings))
        return NULL;
    gss_name_t client = GSS_C_NO_NAME;
    gss_cred_id_t delegated = GSS_C_NO_CREDENTIAL;
    gss_OID mech = GSS_C_NO_OID;
    OM_uint32 minor, flags = 0, lifetime = 0;
    struct gss_run run = {{context, cred}, NULL};
    gss_run_begin(&run);
    OM_uint32 major =
        gss_accept_sec_context(&minor, &context->is.context, gss_cred_of(cred), &token, bindings,
                               &client, &mech, &reply, &flags, &lifetime, &delegated);
    gss_run_end(&run);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, &reply);
    return Py_BuildValue("(NNNINNN)", gss_name_out(client), gss_oid_out(mech),
                         gss_bytes_out(&reply), (unsigned int)flags, gss_lifetime_out(lifetime),
                         gss_cred_out(delegated),
                         PyBool_FromLong((major & GSS_S_CONTINUE_NEEDED) != 0));
}

// inquire_context(context) is (initiator or None, target or None, lifetime, mech or None, flags,
// whether it is the initiator's end, whether it is established).
static PyObject *inquire_context(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    gss_name_t initiator = GSS_C_NO_NAME, target = GSS_C_NO_NAME;
    gss_OID mech = GSS_C_NO_OID;
    OM_uint32 minor, lifetime = 0, flags = 0;
    int local = 0, open = 0;
    if (!PyArg_ParseTuple(args, "O&", gss_context_arg, &context))
        return NULL;
    OM_uint32 major = gss_inquire_context(&minor, context->is.context, &initiator, &target,
                                          &lifetime, &mech, &flags, &local, &open);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NNNNINN)", gss_name_out(initiator), gss_name_out(target),
                         gss_lifetime_out(lifetime), gss_oid_out(mech), (unsigned int)flags,
                         PyBool_FromLong(local), PyBool_FromLong(open));
}

static PyObject *context_time(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    OM_uint32 minor, lifetime = 0;
    if (!PyArg_ParseTuple(args, "O&", gss_context_arg, &context))
        return NULL;
    OM_uint32 major = gss_context_time(&minor, context->is.context, &lifetime);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : PyLong_FromUnsignedLong(lifetime);
}

static PyObject *process_context_token(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    gss_buffer_desc token;
    if (!PyArg_ParseTuple(args, "O&O&", gss_context_arg, &context, gss_bytes_arg, &token))
        return NULL;
    OM_uint32 minor, major = gss_process_context_token(&minor, context->is.context, &token);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    Py_RETURN_NONE;
}

static PyObject *export_sec_context(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&", gss_context_arg, &context))
        return NULL;
    OM_uint32 minor, major = gss_export_sec_context(&minor, &context->is.context, &token);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_bytes_out(&token);
}

static PyObject *import_sec_context(PyObject *module, PyObject *args) {
    UNUSED(module);
    gss_buffer_desc token;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    if (!PyArg_ParseTuple(args, "O&", gss_bytes_arg, &token))
        return NULL;
    OM_uint32 minor, major = gss_import_sec_context(&minor, &token, &context);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_context_out(context);
}

// ---- what an OID names (the GGF's extensions), and what is Kerberos' own

static PyObject *inquire_sec_context_by_oid(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    gss_OID_desc what;
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    if (!PyArg_ParseTuple(args, "O&O&", gss_context_arg, &context, gss_oid_arg, &what))
        return NULL;
    OM_uint32 minor,
        major = gss_inquire_sec_context_by_oid(&minor, context->is.context, &what, &data);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_buffers_out(data);
}

static PyObject *set_sec_context_option(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    gss_OID_desc option;
    gss_buffer_desc value;
    if (!PyArg_ParseTuple(args, "O&O&O&", gss_context_arg, &context, gss_oid_arg, &option,
                          gss_bytes_arg, &value))
        return NULL;
    OM_uint32 minor,
        major = gss_set_sec_context_option(&minor, &context->is.context, &option, &value);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    Py_RETURN_NONE;
}

PyMethodDef gss_context_functions[] = {
    {"init_sec_context", init_sec_context, METH_VARARGS, NULL},
    {"accept_sec_context", accept_sec_context, METH_VARARGS, NULL},
    {"inquire_context", inquire_context, METH_VARARGS, NULL},
    {"context_time", context_time, METH_VARARGS, NULL},
    {"process_context_token", process_context_token, METH_VARARGS, NULL},
    {"export_sec_context", export_sec_context, METH_VARARGS, NULL},
    {"import_sec_context", import_sec_context, METH_VARARGS, NULL},
    {"inquire_sec_context_by_oid", inquire_sec_context_by_oid, METH_VARARGS, NULL},
    {"set_sec_context_option", set_sec_context_option, METH_VARARGS, NULL},
    {0}};
