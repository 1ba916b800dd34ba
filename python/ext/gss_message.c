// gss_message.c: messages of RFC 2744, whole and in parts, for obol.compat; see gss.h.
#include "gss.h"
#include <stdlib.h>

// Sealing less than this is quicker than letting go of the GIL.
#define SHORT_MESSAGE 4096u

static PyThreadState *let_go(size_t len, struct gss_holder *context) {
    context->users++;
    return len < SHORT_MESSAGE ? NULL : PyEval_SaveThread();
}

static void take_back(PyThreadState *thread, struct gss_holder *context) {
    if (thread)
        PyEval_RestoreThread(thread);
    context->users--;
}

// Replays and gaps are told by supplementary bits, which python-gssapi raises as well.
static bool is_bad(OM_uint32 major) {
    return major != GSS_S_COMPLETE;
}

static PyObject *get_mic(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    unsigned int qop;
    gss_buffer_desc message, mic = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&O&I", gss_context_arg, &context, gss_bytes_arg, &message, &qop))
        return NULL;
    PyThreadState *thread = let_go(message.length, context);
    OM_uint32 minor, major = gss_get_mic(&minor, context->is.context, qop, &message, &mic);
    take_back(thread, context);
    return is_bad(major) ? gss_failed(major, minor, NULL) : gss_bytes_out(&mic);
}

static PyObject *verify_mic(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    gss_buffer_desc message, mic;
    gss_qop_t qop = 0;
    if (!PyArg_ParseTuple(args, "O&O&O&", gss_context_arg, &context, gss_bytes_arg, &message,
                          gss_bytes_arg, &mic))
        return NULL;
    PyThreadState *thread = let_go(message.length, context);
    OM_uint32 minor, major = gss_verify_mic(&minor, context->is.context, &message, &mic, &qop);
    take_back(thread, context);
    return is_bad(major) ? gss_failed(major, minor, NULL) : PyLong_FromUnsignedLong(qop);
}

static PyObject *wrap_size_limit(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    unsigned int size, qop;
    int conf;
    OM_uint32 minor, most = 0;
    if (!PyArg_ParseTuple(args, "O&IpI", gss_context_arg, &context, &size, &conf, &qop))
        return NULL;
    OM_uint32 major = gss_wrap_size_limit(&minor, context->is.context, conf, qop, size, &most);
    return is_bad(major) ? gss_failed(major, minor, NULL) : PyLong_FromUnsignedLong(most);
}

// wrap(context, message, confidential, qop, associated or None) is (token, confidential). With
// associated data, or if `aead`, the token is without the data.
static PyObject *wrap(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    PyObject *associated;
    int conf, aead;
    unsigned int qop;
    gss_buffer_desc message, data, token = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&O&pIOp", gss_context_arg, &context, gss_bytes_arg, &message,
                          &conf, &qop, &associated, &aead) ||
        !gss_bytes_arg(associated, &data))
        return NULL;
    gss_buffer_t with = associated == Py_None ? GSS_C_NO_BUFFER : &data;
    PyThreadState *thread = let_go(message.length, context);
    OM_uint32 minor, major;
    if (aead)
        major =
            gss_wrap_aead(&minor, context->is.context, conf, qop, with, &message, &conf, &token);
    else
        major = gss_wrap(&minor, context->is.context, conf, qop, &message, &conf, &token);
    take_back(thread, context);
    if (is_bad(major))
        return gss_failed(major, minor, NULL);
    return Py_BuildValue("(NN)", gss_bytes_out(&token), PyBool_FromLong(conf));
}

// unwrap(context, token, associated or None, aead) is (message, confidential, qop).
static PyObject *unwrap(PyObject *module, PyObject *args) {
    UNUSED(module);
    struct gss_holder *context;
    PyObject *associated;
    int conf = 0, aead;
    gss_qop_t qop = 0;
    gss_buffer_desc token, data, message = GSS_C_EMPTY_BUFFER;
    if (!PyArg_ParseTuple(args, "O&O&Op", gss_context_arg, &context, gss_bytes_arg, &token,
                          &associated, &aead) ||
        !gss_bytes_arg(associated, &data))
        return NULL;
    gss_buffer_t with = associated == Py_None ? GSS_C_NO_BUFFER : &data;
    PyThreadState *thread = let_go(token.length, context);
    OM_uint32 ignored, minor, major;
    if (aead)
        major = gss_unwrap_aead(&minor, context->is.context, &token, with, &message, &conf, &qop);
    else
        major = gss_unwrap(&minor, context->is.context, &token, &message, &conf, &qop);
    take_back(thread, context);
    if (is_bad(major)) {
        (void)gss_release_buffer(&ignored, &message);
        return gss_failed(major, minor, NULL);
    }
    return Py_BuildValue("(NNI)", gss_bytes_out(&message), PyBool_FromLong(conf),
                         (unsigned int)qop);
}

// ---- in parts

// Parts as Python has them, [(type with flags, bytes or None)], made into C's. The library works in
// place, and what it opens may lie within another part: `own` is what this file frees.
struct parts {
    gss_iov_buffer_desc *items;
    void **own;
    Py_ssize_t count;
};

static void parts_drop(struct parts *p) {
    OM_uint32 minor;
    if (p->items)
        (void)gss_release_iov_buffer(&minor, p->items, (int)p->count);
    for (Py_ssize_t i = 0; p->own && i < p->count; i++)
        PyMem_Free(p->own[i]);
    PyMem_Free(p->own);
    PyMem_Free(p->items);
    *p = (struct parts){0};
}

static bool part_take(PyObject *o, gss_iov_buffer_desc *to, void **own) {
    unsigned int type;
    PyObject *bytes;
    gss_buffer_desc held;
    if (!PyArg_ParseTuple(o, "IO", &type, &bytes) || !gss_bytes_arg(bytes, &held))
        return false;
    to->type = type & ~(OM_uint32)GSS_IOV_BUFFER_FLAG_ALLOCATED;
    if (bytes == Py_None || type & GSS_IOV_BUFFER_FLAG_ALLOCATE)
        return true;
    *own = PyMem_Malloc(held.length + 1);
    if (!*own)
        return PyErr_NoMemory() != NULL;
    memcpy(*own, held.value, held.length);
    to->buffer = (gss_buffer_desc){held.length, *own};
    return true;
}

static bool parts_take(PyObject *list, struct parts *p) {
    const Py_ssize_t count = PyList_Size(list);
    if (count < 0)
        return false;
    p->count = count;
    p->items = PyMem_Calloc((size_t)count + 1, sizeof *p->items);
    p->own = PyMem_Calloc((size_t)count + 1, sizeof *p->own);
    if (!p->items || !p->own) {
        parts_drop(p);
        return PyErr_NoMemory() != NULL;
    }
    bool well = true;
    for (Py_ssize_t i = 0; well && i < count; i++)
        well = part_take(PyList_GetItem(list, i), &p->items[i], &p->own[i]);
    if (!well)
        parts_drop(p);
    return well;
}

// [(whether the library allocated it, bytes; or how long it is to be; or None)]
static PyObject *parts_out(const struct parts *p) {
    PyObject *out = PyList_New(0);
    for (Py_ssize_t i = 0; out && i < p->count; i++) {
        const gss_iov_buffer_desc *b = &p->items[i];
        const int allocated = (b->type & GSS_IOV_BUFFER_FLAG_ALLOCATED) != 0;
        PyObject *value;
        if (b->buffer.value) {
            value = PyBytes_FromStringAndSize(b->buffer.value, (Py_ssize_t)b->buffer.length);
        } else if (b->buffer.length) {
            value = PyLong_FromSize_t(b->buffer.length);
        } else {
            value = Py_None;
            Py_INCREF(value);
        }
        PyObject *one = Py_BuildValue("(NN)", PyBool_FromLong(allocated), value);
        if (!one || PyList_Append(out, one) < 0)
            Py_CLEAR(out);
        Py_XDECREF(one);
    }
    return out;
}

enum part_call { WRAP, UNWRAP, WRAP_LENGTH, MIC, MIC_LENGTH, VERIFY };

// iov(which call, context, parts, confidential, qop) is (parts, confidential, qop).
static PyObject *iov(PyObject *module, PyObject *args) {
    UNUSED(module);
    int call, conf;
    unsigned int wanted;
    struct gss_holder *context;
    PyObject *list;
    struct parts p = {0};
    if (!PyArg_ParseTuple(args, "iO&OpI", &call, gss_context_arg, &context, &list, &conf,
                          &wanted) ||
        !parts_take(list, &p))
        return NULL;
    gss_qop_t qop = wanted;
    const gss_ctx_id_t c = context->is.context;
    const int count = (int)p.count;
    OM_uint32 minor = 0, major = GSS_S_UNAVAILABLE;
    struct gss_run run = {{context}, NULL};
    gss_run_begin(&run);
    switch ((enum part_call)call) {
    case WRAP:
        major = gss_wrap_iov(&minor, c, conf, qop, &conf, p.items, count);
        break;
    case UNWRAP:
        major = gss_unwrap_iov(&minor, c, &conf, &qop, p.items, count);
        break;
    case WRAP_LENGTH:
        major = gss_wrap_iov_length(&minor, c, conf, qop, &conf, p.items, count);
        break;
    case MIC:
        major = gss_get_mic_iov(&minor, c, qop, p.items, count);
        break;
    case MIC_LENGTH:
        major = gss_get_mic_iov_length(&minor, c, qop, p.items, count);
        break;
    case VERIFY:
        major = gss_verify_mic_iov(&minor, c, &qop, p.items, count);
        break;
    }
    gss_run_end(&run);
    PyObject *out = is_bad(major) ? gss_failed(major, minor, NULL)
                                  : Py_BuildValue("(NNI)", parts_out(&p), PyBool_FromLong(conf),
                                                  (unsigned int)qop);
    parts_drop(&p);
    return out;
}

PyMethodDef gss_message_functions[] = {{"get_mic", get_mic, METH_VARARGS, NULL},
                                       {"verify_mic", verify_mic, METH_VARARGS, NULL},
                                       {"wrap_size_limit", wrap_size_limit, METH_VARARGS, NULL},
                                       {"wrap", wrap, METH_VARARGS, NULL},
                                       {"unwrap", unwrap, METH_VARARGS, NULL},
                                       {"iov", iov, METH_VARARGS, NULL},
                                       {0}};
