// gss_mech.c: what mechanisms there are and what statuses say (RFC 2744, RFC 5587, RFC 5801), and
// what is Kerberos' own, for obol.compat; see gss.h.
#include "gss.h"

static PyObject *indicate_mechs(PyObject *module, PyObject *unused) {
    UNUSED(module);
    UNUSED(unused);
    gss_OID_set mechs = GSS_C_NO_OID_SET;
    OM_uint32 minor, major = gss_indicate_mechs(&minor, &mechs);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_oids_out(mechs);
}

static PyObject *inquire_names_for_mech(PyObject *module, PyObject *args) {
    UNUSED(module);
    gss_OID_desc mech;
    gss_OID_set types = GSS_C_NO_OID_SET;
    if (!PyArg_ParseTuple(args, "O&", gss_oid_arg, &mech))
        return NULL;
    OM_uint32 minor, major = gss_inquire_names_for_mech(&minor, gss_oid_of(&mech), &types);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_oids_out(types);
}

static PyObject *inquire_mechs_for_name(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    gss_OID_set mechs = GSS_C_NO_OID_SET;
    if (!PyArg_ParseTuple(args, "O&", gss_name_arg, &name))
        return NULL;
    OM_uint32 minor, major = gss_inquire_mechs_for_name(&minor, gss_name_of(name), &mechs);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_oids_out(mechs);
}

// display_status(status, whether a major one, mech or None, where to go on) is (text, where to go
// on, 0 at the end), or None where there is no text.
static PyObject *display_status(PyObject *module, PyObject *args) {
    UNUSED(module);
    unsigned int status, from;
    int is_major;
    gss_OID_desc mech;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "IpO&I", &status, &is_major, gss_oid_arg, &mech, &from))
        return NULL;
    OM_uint32 next = from, minor;
    if (gss_display_status(&minor, status, is_major ? GSS_C_GSS_CODE : GSS_C_MECH_CODE,
                           gss_oid_of(&mech), &next, &text) != GSS_S_COMPLETE)
        Py_RETURN_NONE;
    return Py_BuildValue("(NI)", gss_bytes_out(&text), (unsigned int)next);
}

static PyObject *indicate_mechs_by_attrs(PyObject *module, PyObject *args) {
    UNUSED(module);
    PyObject *lists[3];
    gss_OID_set sets[3] = {0}, mechs = GSS_C_NO_OID_SET;
    OM_uint32 ignored, minor = 0, major = GSS_S_FAILURE;
    if (!PyArg_ParseTuple(args, "OOO", &lists[0], &lists[1], &lists[2]))
        return NULL;
    bool well = true;
    for (size_t i = 0; well && i < COUNT_OF(lists); i++)
        well = gss_oids_take(lists[i], &sets[i]);
    if (well)
        major = gss_indicate_mechs_by_attrs(&minor, sets[0], sets[1], sets[2], &mechs);
    for (size_t i = 0; i < COUNT_OF(sets); i++)
        (void)gss_release_oid_set(&ignored, &sets[i]);
    if (!well)
        return NULL;
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_oids_out(mechs);
}

// inquire_attrs_for_mech(mech or None) is (attributes, those that are known).
static PyObject *inquire_attrs_for_mech(PyObject *module, PyObject *args) {
    UNUSED(module);
    gss_OID_desc mech;
    gss_OID_set attrs = GSS_C_NO_OID_SET, known = GSS_C_NO_OID_SET;
    if (!PyArg_ParseTuple(args, "O&", gss_oid_arg, &mech))
        return NULL;
    OM_uint32 minor, major = gss_inquire_attrs_for_mech(&minor, gss_oid_of(&mech), &attrs, &known);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NN)", gss_oids_out(attrs), gss_oids_out(known));
}

// display_mech_attr(attribute) is (name, short text, long text).
static PyObject *display_mech_attr(PyObject *module, PyObject *args) {
    UNUSED(module);
    gss_OID_desc attr;
    gss_buffer_desc name = GSS_C_EMPTY_BUFFER, brief = GSS_C_EMPTY_BUFFER,
                    full = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&", gss_oid_arg, &attr))
        return NULL;
    OM_uint32 minor, major = gss_display_mech_attr(&minor, gss_oid_of(&attr), &name, &brief, &full);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NNN)", gss_bytes_out(&name), gss_bytes_out(&brief),
                         gss_bytes_out(&full));
}

// inquire_saslname_for_mech(mech) is (SASL's name, the mechanism's, what it is).
static PyObject *inquire_saslname_for_mech(PyObject *module, PyObject *args) {
    UNUSED(module);
    gss_OID_desc mech;
    gss_buffer_desc sasl = GSS_C_EMPTY_BUFFER, name = GSS_C_EMPTY_BUFFER, text = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&", gss_oid_arg, &mech))
        return NULL;
    OM_uint32 minor,
        major = gss_inquire_saslname_for_mech(&minor, gss_oid_of(&mech), &sasl, &name, &text);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NNN)", gss_bytes_out(&sasl), gss_bytes_out(&name), gss_bytes_out(&text));
}

static PyObject *inquire_mech_for_saslname(PyObject *module, PyObject *args) {
    UNUSED(module);
    gss_buffer_desc name;
    gss_OID mech = GSS_C_NO_OID;
    if (!PyArg_ParseTuple(args, "O&", gss_bytes_arg, &name))
        return NULL;
    OM_uint32 minor, major = gss_inquire_mech_for_saslname(&minor, &name, &mech);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_oid_out(mech);
}

// ---- Kerberos' own

// krb5_ccache_name(name or None) names this thread's default cache, and is the name before or None.
static PyObject *krb5_ccache_name(PyObject *module, PyObject *args) {
    UNUSED(module);
    char *name = NULL;
    const char *before = NULL;
    PyObject *bytes;
    if (!PyArg_ParseTuple(args, "O", &bytes) ||
        (bytes != Py_None && PyBytes_AsStringAndSize(bytes, &name, NULL) < 0))
        return NULL;
    OM_uint32 minor, major = gss_krb5_ccache_name(&minor, name, &before);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL)
                            : Py_BuildValue("y", before); // NULL is None
}

static PyObject *py_lucid_key(const gss_krb5_lucid_key_t *key) {
    return Py_BuildValue("(Iy#)", (unsigned int)key->type, (const char *)key->data,
                         (Py_ssize_t)key->length);
}

// (initiator's end, end of life, sequence numbers sent and received, protocol, what the protocol
// has: (sign_alg, seal_alg, key), or (key, acceptor's subkey or None)).
static PyObject *py_lucid(const gss_krb5_lucid_context_v1_t *c) {
    const gss_krb5_cfx_keydata_t *cfx = &c->cfx_kd;
    const gss_krb5_rfc1964_keydata_t *old = &c->rfc1964_kd;
    PyObject *keys;
    if (c->protocol == 0) {
        keys = Py_BuildValue("(IIN)", (unsigned int)old->sign_alg, (unsigned int)old->seal_alg,
                             py_lucid_key(&old->ctx_key));
    } else if (cfx->have_acceptor_subkey) {
        keys =
            Py_BuildValue("(NN)", py_lucid_key(&cfx->ctx_key), py_lucid_key(&cfx->acceptor_subkey));
    } else {
        keys = Py_BuildValue("(NO)", py_lucid_key(&cfx->ctx_key), Py_None);
    }
    return Py_BuildValue("(NIKKIN)", PyBool_FromLong(c->initiate != 0), (unsigned int)c->endtime,
                         (unsigned long long)c->send_seq, (unsigned long long)c->recv_seq,
                         (unsigned int)c->protocol, keys);
}

static PyObject *krb5_export_lucid(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    unsigned int version;
    void *lucid = NULL;
    if (!PyArg_ParseTuple(args, "O&I", gss_context_arg, &context, &version))
        return NULL;
    OM_uint32 ignored, minor,
        major = gss_krb5_export_lucid_sec_context(&minor, &context->is.context, version, &lucid);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    PyObject *out = py_lucid(lucid);
    (void)gss_krb5_free_lucid_sec_context(&ignored, lucid);
    return out;
}

static PyObject *krb5_authtime(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    int32_t when = 0;
    if (!PyArg_ParseTuple(args, "O&", gss_context_arg, &context))
        return NULL;
    OM_uint32 minor,
        major = gsskrb5_extract_authtime_from_sec_context(&minor, context->is.context, &when);
    // RFC 4120 5.2.3 has no end; this call's 32 bits are read without a sign, to last until 2106.
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL)
                            : PyLong_FromUnsignedLong((uint32_t)when);
}

static PyObject *krb5_authz_data(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    int type;
    gss_buffer_desc data = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&i", gss_context_arg, &context, &type))
        return NULL;
    OM_uint32 minor,
        major =
            gsskrb5_extract_authz_data_from_sec_context(&minor, context->is.context, type, &data);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_bytes_out(&data);
}

static PyObject *krb5_ticket_flags(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    int32_t flags = 0;
    if (!PyArg_ParseTuple(args, "O&", gss_context_arg, &context))
        return NULL;
    OM_uint32 minor, major = gss_krb5_get_tkt_flags(&minor, context->is.context, &flags);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL)
                            : PyLong_FromUnsignedLong((uint32_t)flags);
}

#define ENCTYPES_MAX 64

static PyObject *krb5_set_enctypes(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *cred;
    PyObject *list;
    int32_t etypes[ENCTYPES_MAX];
    if (!PyArg_ParseTuple(args, "O&O!", gss_cred_arg, &cred, &PyTuple_Type, &list))
        return NULL;
    const Py_ssize_t count = PyTuple_Size(list);
    if (count > ENCTYPES_MAX) {
        PyErr_SetString(PyExc_ValueError, "these are more enctypes than there are");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        etypes[i] = (int32_t)PyLong_AsLong(PyTuple_GetItem(list, i));
    if (PyErr_Occurred())
        return NULL;
    OM_uint32 minor, major = gss_krb5_set_allowable_enctypes(&minor, gss_cred_of(cred),
                                                             (OM_uint32)count, etypes);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    Py_RETURN_NONE;
}

PyMethodDef gss_mech_functions[] = {
    {"indicate_mechs", indicate_mechs, METH_NOARGS, NULL},
    {"inquire_names_for_mech", inquire_names_for_mech, METH_VARARGS, NULL},
    {"inquire_mechs_for_name", inquire_mechs_for_name, METH_VARARGS, NULL},
    {"display_status", display_status, METH_VARARGS, NULL},
    {"indicate_mechs_by_attrs", indicate_mechs_by_attrs, METH_VARARGS, NULL},
    {"inquire_attrs_for_mech", inquire_attrs_for_mech, METH_VARARGS, NULL},
    {"display_mech_attr", display_mech_attr, METH_VARARGS, NULL},
    {"inquire_saslname_for_mech", inquire_saslname_for_mech, METH_VARARGS, NULL},
    {"inquire_mech_for_saslname", inquire_mech_for_saslname, METH_VARARGS, NULL},
    {"krb5_ccache_name", krb5_ccache_name, METH_VARARGS, NULL},
    {"krb5_export_lucid", krb5_export_lucid, METH_VARARGS, NULL},
    {"krb5_authtime", krb5_authtime, METH_VARARGS, NULL},
    {"krb5_authz_data", krb5_authz_data, METH_VARARGS, NULL},
    {"krb5_ticket_flags", krb5_ticket_flags, METH_VARARGS, NULL},
    {"krb5_set_enctypes", krb5_set_enctypes, METH_VARARGS, NULL},
    {0}};
