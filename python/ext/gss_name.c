// gss_name.c: names of RFC 2744 and their attributes (RFC 6680), for obol.compat; see gss.h.
#include "gss.h"

static PyObject *import_name(PyObject *module, PyObject *args) {
    UNUSED(module);
    gss_buffer_desc text;
    gss_OID_desc type;
    gss_name_t out = GSS_C_NO_NAME;
    if (!PyArg_ParseTuple(args, "O&O&", gss_bytes_arg, &text, gss_oid_arg, &type))
        return NULL;
    OM_uint32 minor, major = gss_import_name(&minor, &text, gss_oid_of(&type), &out);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_name_out(out);
}

// display_name(name) is (text, OID or None).
static PyObject *display_name(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    gss_OID type = GSS_C_NO_OID;
    if (!PyArg_ParseTuple(args, "O&", gss_name_arg, &name))
        return NULL;
    OM_uint32 minor, major = gss_display_name(&minor, gss_name_of(name), &text, &type);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NN)", gss_bytes_out(&text), gss_oid_out(type));
}

static PyObject *display_name_ext(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    gss_OID_desc type;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&O&", gss_name_arg, &name, gss_oid_arg, &type))
        return NULL;
    OM_uint32 minor,
        major = gss_display_name_ext(&minor, gss_name_of(name), gss_oid_of(&type), &text);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_bytes_out(&text);
}

static PyObject *compare_name(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *one, *other;
    int equal = 0;
    if (!PyArg_ParseTuple(args, "O&O&", gss_name_arg, &one, gss_name_arg, &other))
        return NULL;
    OM_uint32 minor, major = gss_compare_name(&minor, gss_name_of(one), gss_name_of(other), &equal);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : PyBool_FromLong(equal);
}

static PyObject *export_as(PyObject *args,
                           OM_uint32 (*call)(OM_uint32 *, gss_name_t, gss_buffer_t)) {
    struct gss_holder *name;
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&", gss_name_arg, &name))
        return NULL;
    OM_uint32 minor, major = call(&minor, gss_name_of(name), &out);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_bytes_out(&out);
}

static PyObject *export_name(PyObject *module, PyObject *args) {
    UNUSED(module);
    return export_as(args, gss_export_name);
}

static PyObject *export_name_composite(PyObject *module, PyObject *args) {
    UNUSED(module);
    return export_as(args, gss_export_name_composite);
}

static PyObject *canonicalize_name(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    gss_OID_desc mech;
    gss_name_t out = GSS_C_NO_NAME;
    if (!PyArg_ParseTuple(args, "O&O&", gss_name_arg, &name, gss_oid_arg, &mech))
        return NULL;
    struct gss_run run = {{name}, NULL}; // it may ask the DNS
    gss_run_begin(&run);
    OM_uint32 minor,
        major = gss_canonicalize_name(&minor, gss_name_of(name), gss_oid_of(&mech), &out);
    gss_run_end(&run);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_name_out(out);
}

static PyObject *duplicate_name(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    gss_name_t out = GSS_C_NO_NAME;
    if (!PyArg_ParseTuple(args, "O&", gss_name_arg, &name))
        return NULL;
    OM_uint32 minor, major = gss_duplicate_name(&minor, gss_name_of(name), &out);
    return GSS_ERROR(major) ? gss_failed(major, minor, NULL) : gss_name_out(out);
}

// ---- attributes

// inquire_name(name) is (whether a mechanism's name, its OID or None, attributes' names).
static PyObject *inquire_name(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    int is_mech = 0;
    gss_OID mech = GSS_C_NO_OID;
    gss_buffer_set_t attrs = GSS_C_NO_BUFFER_SET;
    if (!PyArg_ParseTuple(args, "O&", gss_name_arg, &name))
        return NULL;
    OM_uint32 minor, major = gss_inquire_name(&minor, gss_name_of(name), &is_mech, &mech, &attrs);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NNN)", PyBool_FromLong(is_mech),
                         gss_oid_out(is_mech ? mech : GSS_C_NO_OID), gss_buffers_out(attrs));
}

// get_name_attribute(name, attribute, more) is one value: (authenticated, complete, value, as
// shown, more). `more` is -1 for the first one.
static PyObject *get_name_attribute(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    gss_buffer_desc attr, value = GSS_C_EMPTY_BUFFER, shown = GSS_C_EMPTY_BUFFER;
    int authenticated = 0, complete = 0, more;
    if (!PyArg_ParseTuple(args, "O&O&i", gss_name_arg, &name, gss_bytes_arg, &attr, &more))
        return NULL;
    OM_uint32 minor,
        major = gss_get_name_attribute(&minor, gss_name_of(name), &attr, &authenticated, &complete,
                                       &value, &shown, &more);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NNNNi)", PyBool_FromLong(authenticated), PyBool_FromLong(complete),
                         gss_bytes_out(&value), gss_bytes_out(&shown), more);
}

static PyObject *set_name_attribute(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    gss_buffer_desc attr, value;
    int complete;
    if (!PyArg_ParseTuple(args, "O&pO&O&", gss_name_arg, &name, &complete, gss_bytes_arg, &attr,
                          gss_bytes_arg, &value))
        return NULL;
    OM_uint32 minor,
        major = gss_set_name_attribute(&minor, gss_name_of(name), complete, &attr, &value);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    Py_RETURN_NONE;
}

static PyObject *delete_name_attribute(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *name;
    gss_buffer_desc attr;
    if (!PyArg_ParseTuple(args, "O&O&", gss_name_arg, &name, gss_bytes_arg, &attr))
        return NULL;
    OM_uint32 minor, major = gss_delete_name_attribute(&minor, gss_name_of(name), &attr);
    if (GSS_ERROR(major))
        return gss_failed(major, minor, NULL);
    Py_RETURN_NONE;
}

PyMethodDef gss_name_functions[] = {
    {"import_name", import_name, METH_VARARGS, NULL},
    {"display_name", display_name, METH_VARARGS, NULL},
    {"display_name_ext", display_name_ext, METH_VARARGS, NULL},
    {"compare_name", compare_name, METH_VARARGS, NULL},
    {"export_name", export_name, METH_VARARGS, NULL},
    {"export_name_composite", export_name_composite, METH_VARARGS, NULL},
    {"canonicalize_name", canonicalize_name, METH_VARARGS, NULL},
    {"duplicate_name", duplicate_name, METH_VARARGS, NULL},
    {"inquire_name", inquire_name, METH_VARARGS, NULL},
    {"get_name_attribute", get_name_attribute, METH_VARARGS, NULL},
    {"set_name_attribute", set_name_attribute, METH_VARARGS, NULL},
    {"delete_name_attribute", delete_name_attribute, METH_VARARGS, NULL},
    {0}};
