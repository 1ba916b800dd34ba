// pkcs11_place.c: see pkcs11.h.
#include "base/hex.h"
#include "cred/pkcs11.h"

enum { SLOT_DIGITS_MAX = 19 };

static enum obol_code take_slot(struct pkcs11_place *p, struct slice value, struct error *err) {
    bool digits = value.len > 0 && value.len <= SLOT_DIGITS_MAX;
    p->slot = 0;
    for (size_t i = 0; digits && i < value.len; i++) {
        digits = value.ptr[i] >= '0' && value.ptr[i] <= '9';
        p->slot = p->slot * 10 + (uint64_t)(value.ptr[i] - '0');
    }
    ENSURE(digits, INVALID_ARGUMENT, "PKCS11: slotid=%.*s is no number", SLICE_ARG(value));
    p->has_slot = true;
    return OBOL_OK;
}

static enum obol_code take_id(struct pkcs11_place *p, struct slice value, struct arena *a,
                              struct error *err) {
    ENSURE(hex_decode(value, a, &p->cert_id) && p->cert_id.len, INVALID_ARGUMENT,
           "PKCS11: certid=%.*s is not in hexadecimal digits, two a byte", SLICE_ARG(value));
    return OBOL_OK;
}

static enum obol_code take_part(struct pkcs11_place *p, struct slice part, struct arena *a,
                                struct error *err) {
    const size_t equals = slice_find(part, '=');
    const struct slice name = slice_sub(part, 0, equals);
    const struct slice value = slice_sub(part, equals + 1, part.len);
    const struct {
        const char *name;
        struct slice *to;
    } texts[] = {{"module_name", &p->module}, {"token", &p->token}, {"certlabel", &p->cert_label}};
    if (equals == part.len) {
        p->module = part;
        return OBOL_OK;
    }
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (slice_eq_str(name, texts[i].name)) {
            ENSURE(value.len, INVALID_ARGUMENT, "PKCS11: %s= has no value", texts[i].name);
            *texts[i].to = value;
            return OBOL_OK;
        }
    if (slice_eq_str(name, "slotid"))
        return take_slot(p, value, err);
    if (slice_eq_str(name, "certid"))
        return take_id(p, value, a, err);
    return error_set(err, OBOL_INVALID_ARGUMENT, __func__,
                     "PKCS11: '%.*s' is none of module_name, slotid, token, certid and certlabel",
                     SLICE_ARG(name));
}

// A module is a file of the system's libraries or a whole path: what lies in the directory where
// somebody happens to be is not loaded.
static enum obol_code check_module(const struct pkcs11_place *p, struct error *err) {
    const struct slice m = p->module;
    const bool bare = slice_find(m, '/') == m.len;
    ENSURE(bare || m.ptr[0] == '/', INVALID_ARGUMENT,
           "PKCS11: the module %.*s is neither a whole path nor a name alone", SLICE_ARG(m));
    ENSURE(!memchr(m.ptr, 0, m.len), INVALID_ARGUMENT, "PKCS11: a module's name has a NUL in it");
    return OBOL_OK;
}

enum obol_code pkcs11_place_parse(struct slice text, struct arena *a, struct pkcs11_place *out,
                                  struct error *err) {
    *out = (struct pkcs11_place){.module = SLICE_LITERAL(PKCS11_DEFAULT_MODULE)};
    while (text.len) {
        const size_t colon = slice_find(text, ':');
        if (colon)
            TRY(take_part(out, slice_sub(text, 0, colon), a, err));
        text = slice_sub(text, colon + 1, text.len);
    }
    return check_module(out, err);
}
