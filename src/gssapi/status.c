// status.c: statuses and their texts (RFC 2744 3.9, 5.11); see status.h.
#include "gssapi/status.h"
#include "gssapi/conf.h"
#include "gssapi/handles.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define KEPT_MAX 8 // texts that a thread keeps
#define TEXT_MAX 1500

struct kept {
    OM_uint32 minor; // 0: empty
    uint16_t len;
    char text[TEXT_MAX];
};
struct ring {
    struct kept kept[KEPT_MAX];
    unsigned next;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool have_key;

static void make_key(void) {
    have_key = pthread_key_create(&key, free) == 0;
}

static struct ring *own_ring(bool make) {
    pthread_once(&once, make_key);
    if (!have_key)
        return NULL;
    struct ring *r = pthread_getspecific(key);
    if (r || !make)
        return r;
    r = calloc(1, sizeof *r);
    if (r && pthread_setspecific(key, r) != 0) {
        free(r);
        r = NULL;
    }
    return r;
}

// As err_fmt of krb5.conf wants the text; false: it wants nothing, or more than there is room for.
static bool formatted(struct slice text, OM_uint32 minor, struct writer *w) {
    struct gssapi_conf *conf = NULL;
    const bool wanted = gssapi_conf_get(&conf, NULL) == OBOL_OK && conf->conf.err_fmt.ptr;
    if (wanted)
        krb5conf_error_write(&conf->conf, text, (int32_t)minor, w);
    gssapi_conf_put(conf);
    return wanted && writer_ok(w);
}

static void slot_format(struct kept *slot) {
    char text[TEXT_MAX];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    if (!formatted(slice_of(slot->text, slot->len), slot->minor, &w))
        return;
    memcpy(slot->text, text, w.len);
    slot->len = (uint16_t)w.len;
}

// Keeps the text of an error for this thread under its minor status, and gives that.
static OM_uint32 error_keep(const struct error *err) {
    OM_uint32 minor = (OM_uint32)error_krb5_code(err->code);
    struct ring *r = own_ring(true);
    if (!r || !minor)
        return minor;
    struct kept *slot = NULL;
    for (size_t i = 0; i < KEPT_MAX && !slot; i++)
        if (r->kept[i].minor == minor)
            slot = &r->kept[i];
    if (!slot)
        slot = &r->kept[r->next++ % KEPT_MAX];
    struct writer w = writer_to_buf(buf_of(slot->text, sizeof slot->text));
    error_write_line(err, &w);
    // What does not fit is cut: the beginning says what failed.
    slot->len = (uint16_t)(writer_ok(&w) ? w.len : 0);
    if (!writer_ok(&w)) {
        struct error brief = {.code = err->code};
        memcpy(brief.detail, err->detail, sizeof brief.detail);
        w = writer_to_buf(buf_of(slot->text, sizeof slot->text));
        error_write_line(&brief, &w);
        slot->len = (uint16_t)w.len;
    }
    slot->minor = minor;
    slot_format(slot);
    return minor;
}

OM_uint32 gssapi_fail_as(OM_uint32 *minor, OM_uint32 major, const struct error *err) {
    *minor = error_keep(err);
    return major;
}

OM_uint32 gssapi_fail(OM_uint32 *minor, const struct error *err) {
    OM_uint32 routine = (OM_uint32)error_info(err->code)->gss_routine;
    return gssapi_fail_as(minor, routine ? routine << GSS_C_ROUTINE_ERROR_OFFSET : GSS_S_FAILURE,
                          err);
}

OM_uint32 gssapi_refuse(OM_uint32 *minor, OM_uint32 major, enum obol_code code, const char *format,
                        ...) {
    char detail[ERROR_DETAIL_MAX];
    va_list args;
    va_start(args, format);
    struct error err;
    error_init(&err);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    (void)error_set(&err, code, __func__, "%s", detail);
    return gssapi_fail_as(minor, major, &err);
}

OM_uint32 gssapi_no_memory(OM_uint32 *minor) {
    return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_NO_MEMORY, "the heap gave none");
}

// The general text of a code of MIT krb5's, or of an errno. False if it is not known.
static bool general_text(struct writer *w, OM_uint32 minor) {
    for (int code = 1; code < OBOL_CODE_COUNT; code++)
        if ((OM_uint32)error_krb5_code((enum obol_code)code) == minor) {
            error_write_line(&(struct error){.code = (enum obol_code)code}, w);
            return true;
        }
    if (minor == 0 || minor > 133) // the last errno of Linux
        return false;
    char text[128] = "";
    writer_str(w, strerror_r((int)minor, text, sizeof text));
    return true;
}

static bool minor_text(struct writer *w, OM_uint32 minor) {
    const struct ring *r = own_ring(false);
    for (size_t i = 0; r && minor && i < KEPT_MAX; i++)
        if (r->kept[i].minor == minor) {
            writer_bytes(w, slice_of(r->kept[i].text, r->kept[i].len));
            return true;
        }
    if (minor == 0) {
        writer_str(w, "no further information");
        return true;
    }
    return general_text(w, minor);
}

static const char *const calling_texts[] = {
    NULL,
    "an argument that is needed could not be read",
    "there is no place to write a result to",
    "an argument is malformed",
};
static const char *const routine_texts[] = {
    NULL,
    "the mechanism asked for is not supported",
    "the name is not valid",
    "the type of the name is not supported",
    "the channel bindings do not match",
    "the status code is not valid",
    "the token's integrity check failed (it was altered, or is of another context)",
    "there are no credentials, or they cannot be used",
    "there is no such context, or it is not established",
    "the token is malformed",
    "the credential is malformed",
    "the credentials have expired",
    "the context has expired",
    "the call failed, for the reason that the minor status names",
    "the quality of protection asked for is not supported",
    "local policy forbids it",
    "the operation or option is not available",
    "the credential has this element already",
    "the name is not one of the mechanism",
    "the mechanism attribute is not known",
};
static const char *const supplementary_texts[] = {
    "another token is needed to go on",
    "the token is a duplicate of an earlier one",
    "the token is too old to tell whether it came before",
    "a later token came before this one",
    "a token before this one has not come",
};

static const char *text_at(const char *const *texts, size_t count, OM_uint32 at) {
    return at < count && texts[at] ? texts[at] : "a status code that is not known";
}

// The n-th text of a major status, NULL at the end.
static const char *major_text(OM_uint32 major, OM_uint32 n) {
    OM_uint32 calling = GSS_CALLING_ERROR_FIELD(major), routine = GSS_ROUTINE_ERROR_FIELD(major);
    if (calling && n-- == 0)
        return text_at(calling_texts, COUNT_OF(calling_texts), calling);
    if (routine && n-- == 0)
        return text_at(routine_texts, COUNT_OF(routine_texts), routine);
    for (OM_uint32 bit = 0; bit < 16; bit++)
        if ((major >> bit & 1) && n-- == 0)
            return text_at(supplementary_texts, COUNT_OF(supplementary_texts), bit);
    return major == GSS_S_COMPLETE && n == 0 ? "all went well" : NULL;
}

static OM_uint32 display_major(OM_uint32 *minor, OM_uint32 major, OM_uint32 *context,
                               gss_buffer_t out) {
    const char *text = major_text(major, *context);
    if (!text) {
        *context = 0;
        return GSS_S_BAD_STATUS;
    }
    *context = major_text(major, *context + 1) ? *context + 1 : 0;
    return gssapi_buffer_copy(out, slice_str(text)) ? GSS_S_COMPLETE : gssapi_no_memory(minor);
}

OM_uint32 gss_display_status(OM_uint32 *minor, OM_uint32 value, int type, gss_OID mech,
                             OM_uint32 *context, gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !context || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (type == GSS_C_GSS_CODE)
        return display_major(minor, value, context, out);
    *context = 0;
    if (type != GSS_C_MECH_CODE)
        return GSS_S_BAD_STATUS;
    if (!gssapi_mech_of(mech))
        return GSS_S_BAD_MECH;
    char text[TEXT_MAX];
    struct writer w = writer_to_buf(buf_of(text, sizeof text));
    if (!minor_text(&w, value))
        return GSS_S_BAD_STATUS;
    return gssapi_buffer_copy(out, writer_slice(&w)) ? GSS_S_COMPLETE : gssapi_no_memory(minor);
}
