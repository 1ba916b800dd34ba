// gss_cred.c: credentials of RFC 2744, from the default place, from named ones, by password and in
// the name of others, for obol.compat; see gss.h.
#include "gss.h"

// The places of a credential: (key, value, key, value ...), which the caller's tuple holds.
#define STORE_MAX 16u
struct store {
    gss_key_value_element_desc items[STORE_MAX];
    gss_key_value_set_desc set;
};

// store_take gives GSS_C_NO_CRED_STORE for None; false with the exception set.
static bool store_take(PyObject *places, struct store *s, gss_const_key_value_set_t *out) {
    *out = GSS_C_NO_CRED_STORE;
    if (places == Py_None)
        return true;
    Py_ssize_t count = PyTuple_Size(places);
    if (count < 0 || (size_t)count > 2 * STORE_MAX || count % 2) {
        PyErr_Format(PyExc_ValueError, "a store has up to %u keys", STORE_MAX);
        return false;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        char *text;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(places, i), &text, NULL) < 0)
            return false;
        const char **at = i % 2 ? &s->items[i / 2].value : &s->items[i / 2].key;
        *at = text;
    }
    s->set = (gss_key_value_set_desc){(OM_uint32)count / 2, s->items};
    *out = &s->set;
    return true;
}

// What a credential is got by: at most one of the three.
struct source {
    struct gss_holder *impersonator;
    PyObject *places, *password;
    gss_buffer_desc secret;
    struct store store;
    gss_const_key_value_set_t set;
};

static bool source_take(struct source *s) {
    return store_take(s->places, &s->store, &s->set) && gss_bytes_arg(s->password, &s->secret);
}

// acquire_cred(name, lifetime, mechs, usage, store, password, impersonator) is
// (Creds, mechs, lifetime).
static PyObject *acquire_cred(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    struct source from = {0};
    PyObject *mech_list;
    unsigned int lifetime;
    int usage;
    gss_OID_set mechs, actual = GSS_C_NO_OID_SET;
    if (!PyArg_ParseTuple(args, "O&IOiOOO&", gss_name_arg, &name, &lifetime, &mech_list, &usage,
                          &from.places, &from.password, gss_cred_arg, &from.impersonator) ||
        !source_take(&from) || !gss_oids_take(mech_list, &mechs))
        return NULL;
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 major, minor, ignored, got = 0;
    struct gss_run run = {{name, from.impersonator}, NULL};
    gss_run_begin(&run);
    if (from.impersonator)
        major =
            gss_acquire_cred_impersonate_name(&minor, from.impersonator->is.cred, gss_name_of(name),
                                              lifetime, mechs, usage, &cred, &actual, &got);
    else if (from.password != Py_None)
        major = gss_acquire_cred_with_password(&minor, gss_name_of(name), &from.secret, lifetime,
                                               mechs, usage, &cred, &actual, &got);
    else
        major = gss_acquire_cred_from(&minor, gss_name_of(name), lifetime, mechs, usage, from.set,
                                      &cred, &actual, &got);
    gss_run_end(&run);
    (void)gss_release_oid_set(&ignored, &mechs);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NNN)", gss_cred_out(cred), gss_oids_out(actual), gss_lifetime_out(got));
}

// add_cred(cred or None, name, mech, usage, initiator's lifetime, acceptor's, store, password,
// impersonator, mutate) is (Creds or None, mechs, lifetimes).
static PyObject *add_cred(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *input, *name;
    struct source from = {0};
    gss_OID_desc mech;
    unsigned int initiate, accept;
    int usage, mutate;
    if (!PyArg_ParseTuple(args, "O&O&O&iIIOOO&p", gss_cred_arg, &input, gss_name_arg, &name,
                          gss_oid_arg, &mech, &usage, &initiate, &accept, &from.places,
                          &from.password, gss_cred_arg, &from.impersonator, &mutate) ||
        !source_take(&from))
        return NULL;
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL, base = gss_cred_of(input);
    gss_cred_id_t *out = mutate ? NULL : &cred;
    gss_OID_set mechs = GSS_C_NO_OID_SET;
    OM_uint32 major, minor, got_initiate = 0, got_accept = 0;
    struct gss_run run = {{input, name, from.impersonator}, NULL};
    gss_run_begin(&run);
    if (from.impersonator)
        major = gss_add_cred_impersonate_name(&minor, base, from.impersonator->is.cred,
                                              gss_name_of(name), &mech, usage, initiate, accept,
                                              out, &mechs, &got_initiate, &got_accept);
    else if (from.password != Py_None)
        major =
            gss_add_cred_with_password(&minor, base, gss_name_of(name), &mech, &from.secret, usage,
                                       initiate, accept, out, &mechs, &got_initiate, &got_accept);
    else
        major = gss_add_cred_from(&minor, base, gss_name_of(name), &mech, usage, initiate, accept,
                                  from.set, out, &mechs, &got_initiate, &got_accept);
    gss_run_end(&run);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NNNN)", gss_cred_out(cred), gss_oids_out(mechs),
                         gss_lifetime_out(got_initiate), gss_lifetime_out(got_accept));
}

// inquire_cred(cred or None) is (Name or None, lifetime, usage, mechs).
static PyObject *inquire_cred(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *cred;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor, lifetime = 0;
    gss_cred_usage_t usage = GSS_C_BOTH;
    gss_OID_set mechs = GSS_C_NO_OID_SET;
    if (!PyArg_ParseTuple(args, "O&", gss_cred_arg, &cred))
        return NULL;
    struct gss_run run = {{cred}, NULL};
    gss_run_begin(&run);
    OM_uint32 major = gss_inquire_cred(&minor, gss_cred_of(cred), &name, &lifetime, &usage, &mechs);
    gss_run_end(&run);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NNiN)", gss_name_out(name), gss_lifetime_out(lifetime), usage,
                         gss_oids_out(mechs));
}

// inquire_cred_by_mech(cred, mech) is (Name or None, initiator's lifetime, acceptor's, usage).
static PyObject *inquire_cred_by_mech(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *cred;
    gss_OID_desc mech;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor, initiate = 0, accept = 0;
    gss_cred_usage_t usage = GSS_C_BOTH;
    if (!PyArg_ParseTuple(args, "O&O&", gss_cred_arg, &cred, gss_oid_arg, &mech))
        return NULL;
    struct gss_run run = {{cred}, NULL};
    gss_run_begin(&run);
    OM_uint32 major = gss_inquire_cred_by_mech(&minor, gss_cred_of(cred), gss_oid_of(&mech), &name,
                                               &initiate, &accept, &usage);
    gss_run_end(&run);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NNNi)", gss_name_out(name), gss_lifetime_out(initiate),
                         gss_lifetime_out(accept), usage);
}

// store_cred(cred, usage, mech or None, overwrite, default, store) is (mechs, usage).
static PyObject *store_cred(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *cred;
    struct store store;
    gss_const_key_value_set_t set;
    gss_OID_desc mech;
    PyObject *places;
    int usage, overwrite, is_default;
    if (!PyArg_ParseTuple(args, "O&iO&ppO", gss_cred_arg, &cred, &usage, gss_oid_arg, &mech,
                          &overwrite, &is_default, &places) ||
        !store_take(places, &store, &set))
        return NULL;
    gss_OID_set stored = GSS_C_NO_OID_SET;
    struct gss_run run = {{cred}, NULL};
    gss_run_begin(&run);
    OM_uint32 minor, major = gss_store_cred_into(&minor, gss_cred_of(cred), usage,
                                                 gss_oid_of(&mech), (OM_uint32)overwrite,
                                                 (OM_uint32)is_default, set, &stored, &usage);
    gss_run_end(&run);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(Ni)", gss_oids_out(stored), usage);
}

static PyObject *export_cred(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *cred;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&", gss_cred_arg, &cred))
        return NULL;
    struct gss_run run = {{cred}, NULL};
    gss_run_begin(&run);
    OM_uint32 minor, major = gss_export_cred(&minor, gss_cred_of(cred), &token);
    gss_run_end(&run);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_bytes_out(&token);
}

static PyObject *import_cred(PyObject *module, PyObject *args) {
    UNUSED(module);
    gss_buffer_desc token;
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    if (!PyArg_ParseTuple(args, "O&", gss_bytes_arg, &token))
        return NULL;
    OM_uint32 minor, major = gss_import_cred(&minor, &token, &cred);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_cred_out(cred);
}

static PyObject *set_neg_mechs(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *cred;
    PyObject *list;
    gss_OID_set mechs;
    if (!PyArg_ParseTuple(args, "O&O", gss_cred_arg, &cred, &list) || !gss_oids_take(list, &mechs))
        return NULL;
    OM_uint32 ignored, minor, major = gss_set_neg_mechs(&minor, gss_cred_of(cred), mechs);
    (void)gss_release_oid_set(&ignored, &mechs);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    Py_RETURN_NONE;
}

static PyObject *inquire_cred_by_oid(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *cred;
    gss_OID_desc what;
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    if (!PyArg_ParseTuple(args, "O&O&", gss_cred_arg, &cred, gss_oid_arg, &what))
        return NULL;
    OM_uint32 minor, major = gss_inquire_cred_by_oid(&minor, gss_cred_of(cred), &what, &data);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_buffers_out(data);
}

// set_cred_option(cred, option, value): the credential may be one of none, and becomes one then.
static PyObject *set_cred_option(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *cred;
    gss_OID_desc option;
    gss_buffer_desc value;
    if (!PyArg_ParseTuple(args, "O&O&O&", gss_cred_arg, &cred, gss_oid_arg, &option, gss_bytes_arg,
                          &value))
        return NULL;
    if (!cred || cred->users) {
        PyErr_SetString(PyExc_TypeError, "there is no credential, or another thread is using it");
        return NULL;
    }
    OM_uint32 minor, major = gss_set_cred_option(&minor, &cred->is.cred, &option, &value);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    Py_RETURN_NONE;
}

PyMethodDef gss_cred_functions[] = {
    {"acquire_cred", acquire_cred, METH_VARARGS, NULL},
    {"add_cred", add_cred, METH_VARARGS, NULL},
    {"inquire_cred", inquire_cred, METH_VARARGS, NULL},
    {"inquire_cred_by_mech", inquire_cred_by_mech, METH_VARARGS, NULL},
    {"store_cred", store_cred, METH_VARARGS, NULL},
    {"export_cred", export_cred, METH_VARARGS, NULL},
    {"import_cred", import_cred, METH_VARARGS, NULL},
    {"set_neg_mechs", set_neg_mechs, METH_VARARGS, NULL},
    {"inquire_cred_by_oid", inquire_cred_by_oid, METH_VARARGS, NULL},
    {"set_cred_option", set_cred_option, METH_VARARGS, NULL},
    {0}};
