// context_message.c: messages under an established context (gss/message.h). Long ones are worked on
// without the GIL.
#include "context.h"
#include "gss/message.h"
#include <stdlib.h>

#define LONG_MESSAGE  (64u << 10) // bytes from which letting go of the GIL pays
#define SMALL_MESSAGE 4096u       // bytes that are opened on the stack

static PyThreadState *let_go(struct context *self, size_t len) {
    if (len < LONG_MESSAGE)
        return NULL;
    self->busy = true;
    return PyEval_SaveThread();
}

static void take_back(struct context *self, PyThreadState *thread) {
    if (thread)
        PyEval_RestoreThread(thread);
    self->busy = false;
}

// A new bytes object to be written into.
static PyObject *bytes_new(size_t len, struct buf *out) {
    PyObject *made = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)len);
    if (made)
        *out = buf_of(PyBytes_AsString(made), len);
    return made;
}

PyObject *context_wrap(PyObject *object, PyObject *args, PyObject *kwargs) {
    static const char *const names[] = {"message", "encrypt", NULL};
    struct context *self = (struct context *)object;
    PyObject *message;
    int conf = 1;
    struct held held;
    if (!parse_keywords(args, kwargs, "O|$p", names, &message, &conf) || !context_usable(self) ||
        !held_take(message, false, &held))
        return NULL;
    struct buf out = {0};
    struct error err;
    error_init(&err);
    PyObject *token = NULL;
    if (conf && !(self->core->flags & GSS_FLAG_CONF))
        raise_code(OBOL_INVALID_ARGUMENT, __func__,
                   "the context was made without confidentiality: wrap(message, encrypt=False)");
    else
        token = bytes_new(gss_message_wrap_length(self->core, conf, held.bytes.len), &out);
    if (token) {
        PyThreadState *thread = let_go(self, out.len);
        enum obol_code code =
            gss_message_wrap(self->core, conf, held.bytes, out, context_env(self), &err);
        take_back(self, thread);
        if (code != OBOL_OK) {
            Py_CLEAR(token);
            raise_error(&err);
        }
    }
    held_drop(&held);
    return token;
}

// What of order is a failure, where the context keeps it.
static bool in_order(enum gss_order order) {
    switch (order) {
    case GSS_ORDER_OK:
        return true;
    case GSS_ORDER_DUPLICATE:
    case GSS_ORDER_OLD:
        raise_code(OBOL_KRB_AP_ERR_REPEAT, __func__, "a message of the context came twice");
        return false;
    case GSS_ORDER_UNSEQ:
    case GSS_ORDER_GAP:
        break;
    }
    raise_code(OBOL_KRB_AP_ERR_BADORDER, __func__,
               order == GSS_ORDER_GAP ? "messages of the context are missing"
                                      : "a message of the context came behind a later one");
    return false;
}

static bool acceptable(const struct gss_opened *opened, bool need_conf) {
    if (need_conf && !opened->conf) {
        raise_code(OBOL_DECRYPT_INTEGRITY, __func__,
                   "the message is signed but not encrypted: take it with "
                   "unwrap(token, require_encryption=False)");
        return false;
    }
    return in_order(opened->order);
}

// A long token as Kerberos libraries make them, in order and without filler: its message is opened
// straight into a new bytes object. *message is NULL if the token is of another shape.
static enum obol_code open_apart(struct context *self, struct slice token, PyObject **message,
                                 struct gss_opened *opened, struct error *err) {
    enum { FLAGS = 2, SEALED = 2, EC = 4, COUNTS = 4, EDGE = 64 };
    uint8_t front[EDGE], back[EDGE];
    struct gss_layout layout;
    struct buf out;
    *message = NULL;
    size_t len = gss_message_wrap_limit(self->core, true, token.len), padding;
    gss_layout_of(self->core, true, GSS_STYLE_STREAM, len, &layout);
    static const uint8_t in_order_counts[COUNTS]; // EC and RRC (RFC 4121 4.2.6.2)
    if (layout.padding || layout.header + len + layout.trailer != token.len ||
        layout.header > EDGE || layout.trailer > EDGE || layout.ec || layout.rrc ||
        !(token.ptr[FLAGS] & SEALED) || memcmp(token.ptr + EC, in_order_counts, COUNTS) != 0)
        return OBOL_OK;
    *message = bytes_new(len, &out);
    ENSURE_MEMORY(*message);
    memcpy(front, token.ptr, layout.header);
    memcpy(back, token.ptr + token.len - layout.trailer, layout.trailer);
    struct crypto_part parts[GSS_PARTS_FRONT + 1 + GSS_PARTS_BACK] = {
        [GSS_PARTS_FRONT] = {token.ptr + layout.header, out.ptr, len, false}};
    const struct gss_pieces pieces = {.header = buf_of(front, layout.header),
                                      .trailer = buf_of(back, layout.trailer),
                                      .parts = parts,
                                      .count = COUNT_OF(parts)};
    PyThreadState *thread = let_go(self, token.len);
    enum obol_code code = gss_message_unwrap_pieces(self->core, &pieces, &padding, opened, err);
    take_back(self, thread);
    return code;
}

// The same for any token, through memory of its own.
static enum obol_code open_any(struct context *self, struct slice token, PyObject **message,
                               struct gss_opened *opened, struct error *err) {
    uint8_t small[SMALL_MESSAGE];
    size_t room = gss_message_unwrap_room(token.len), len = 0;
    struct buf out = buf_of(room <= sizeof small ? small : malloc(room), room);
    ENSURE_MEMORY(out.ptr);
    PyThreadState *thread = let_go(self, token.len);
    enum obol_code code = gss_message_unwrap(self->core, token, out, &len, opened, err);
    take_back(self, thread);
    if (code == OBOL_OK)
        *message = py_bytes(slice_of(out.ptr, len));
    explicit_bzero(out.ptr, out.len);
    if (out.ptr != small)
        free(out.ptr);
    return code;
}

PyObject *context_unwrap(PyObject *object, PyObject *args, PyObject *kwargs) {
    static const char *const names[] = {"token", "require_encryption", NULL};
    struct context *self = (struct context *)object;
    PyObject *token, *message;
    int need_conf = 1;
    struct held held;
    if (!parse_keywords(args, kwargs, "O|$p", names, &token, &need_conf) || !context_usable(self) ||
        !held_take(token, false, &held))
        return NULL;
    struct gss_opened opened = {0};
    struct error err;
    error_init(&err);
    enum obol_code code = OBOL_OK;
    message = NULL;
    if (held.bytes.len >= LONG_MESSAGE)
        code = open_apart(self, held.bytes, &message, &opened, &err);
    if (code == OBOL_OK && !message)
        code = open_any(self, held.bytes, &message, &opened, &err);
    held_drop(&held);
    if (code != OBOL_OK) {
        Py_CLEAR(message);
        return raise_error(&err);
    }
    if (message && !acceptable(&opened, need_conf != 0))
        Py_CLEAR(message);
    return message;
}

PyObject *context_sign(PyObject *object, PyObject *message) {
    struct context *self = (struct context *)object;
    struct held held;
    if (!context_usable(self) || !held_take(message, false, &held))
        return NULL;
    struct buf out;
    struct error err;
    error_init(&err);
    PyObject *mic = bytes_new(gss_mic_length(self->core), &out);
    if (mic) {
        struct crypto_part parts[GSS_PARTS_FRONT + 1 + GSS_PARTS_BACK] = {
            [GSS_PARTS_FRONT] = {.in = held.bytes.ptr, .len = held.bytes.len, .sign_only = true}};
        PyThreadState *thread = let_go(self, held.bytes.len);
        enum obol_code code = gss_mic_make_parts(self->core, parts, COUNT_OF(parts), out, &err);
        take_back(self, thread);
        if (code != OBOL_OK) {
            Py_CLEAR(mic);
            raise_error(&err);
        }
    }
    held_drop(&held);
    return mic;
}

PyObject *context_verify(PyObject *object, PyObject *args) {
    struct context *self = (struct context *)object;
    PyObject *message, *mic;
    struct held of_message, of_mic;
    if (!PyArg_ParseTuple(args, "OO", &message, &mic) || !context_usable(self) ||
        !held_take(message, false, &of_message))
        return NULL;
    if (!held_take(mic, false, &of_mic)) {
        held_drop(&of_message);
        return NULL;
    }
    enum gss_order order = GSS_ORDER_OK;
    struct error err;
    error_init(&err);
    struct crypto_part parts[GSS_PARTS_FRONT + 1 + GSS_PARTS_BACK] = {
        [GSS_PARTS_FRONT] = {
            .in = of_message.bytes.ptr, .len = of_message.bytes.len, .sign_only = true}};
    PyThreadState *thread = let_go(self, of_message.bytes.len);
    enum obol_code code =
        gss_mic_verify_parts(self->core, parts, COUNT_OF(parts), of_mic.bytes, &order, &err);
    take_back(self, thread);
    held_drop(&of_message);
    held_drop(&of_mic);
    if (code != OBOL_OK)
        return raise_error(&err);
    if (!in_order(order))
        return NULL;
    Py_RETURN_NONE;
}

PyObject *context_wrap_limit(PyObject *object, PyObject *args, PyObject *kwargs) {
    static const char *const names[] = {"size", "encrypt", NULL};
    struct context *self = (struct context *)object;
    Py_ssize_t size;
    int conf = 1;
    if (!parse_keywords(args, kwargs, "n|$p", names, &size, &conf) || !context_usable(self))
        return NULL;
    return PyLong_FromSize_t(size < 0 ? 0 : gss_message_wrap_limit(self->core, conf, (size_t)size));
}

// prf(partial, input, length): RFC 4401.
PyObject *context_prf(PyObject *object, PyObject *args) {
    struct context *self = (struct context *)object;
    PyObject *input, *made;
    int partial;
    Py_ssize_t len;
    struct held held;
    struct buf out;
    if (!PyArg_ParseTuple(args, "pOn", &partial, &input, &len) || !context_usable(self))
        return NULL;
    if (len < 0 || !held_take(input, false, &held))
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "a length below 0");
    struct error err;
    error_init(&err);
    made = bytes_new((size_t)len, &out);
    if (made && gss_prf(self->core, partial, held.bytes, out, &err) != OBOL_OK) {
        Py_CLEAR(made);
        raise_error(&err);
    }
    held_drop(&held);
    return made;
}
