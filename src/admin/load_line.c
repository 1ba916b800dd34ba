// load_line.c: the parser of a load's lines: fields separated by TABs; see admin_load_lines.
#include "admin/load_line.h"
#include "base/hex.h"

static struct slice next_field(struct slice *rest, uint8_t separator) {
    size_t at = slice_find(*rest, separator);
    struct slice field = slice_sub(*rest, 0, at);
    *rest = slice_sub(*rest, at + 1, rest->len);
    return field;
}

static bool take_prefix(struct slice *s, const char *prefix) {
    if (!slice_starts(*s, slice_str(prefix)))
        return false;
    *s = slice_sub(*s, strlen(prefix), s->len);
    return true;
}

static enum obol_code read_number(struct slice text, int64_t max, int64_t *out, struct error *err) {
    int64_t n = 0;
    ENSURE(text.len && text.len <= 18, INVALID_ARGUMENT, "\"%.*s\" is no number", SLICE_ARG(text));
    for (size_t i = 0; i < text.len; i++) {
        ENSURE(text.ptr[i] >= '0' && text.ptr[i] <= '9', INVALID_ARGUMENT, "\"%.*s\" is no number",
               SLICE_ARG(text));
        n = n * 10 + (text.ptr[i] - '0');
    }
    ENSURE(n <= max, INVALID_ARGUMENT, "%.*s is more than %lld", SLICE_ARG(text), (long long)max);
    *out = n;
    return OBOL_OK;
}

static enum obol_code read_u32(struct slice text, uint32_t *out, struct error *err) {
    int64_t n;
    TRY(read_number(text, UINT32_MAX, &n, err));
    *out = (uint32_t)n;
    return OBOL_OK;
}

static enum obol_code read_ready_key(struct slice text, struct arena *a, struct op_new *new,
                                     struct error *err) {
    struct slice name = next_field(&text, ':'), bytes;
    const struct enctype *e = enctype_by_name(name);
    ENSURE(e, ENCTYPE_UNSUPPORTED, "\"%.*s\"", SLICE_ARG(name));
    // What is wrong with a key is said without showing it.
    ENSURE(hex_decode(text, a, &bytes), INVALID_ARGUMENT, "the key of %s is not hexadecimal",
           enctype_name(e));
    ENSURE(bytes.len == enctype_key_length(e), KEY_LENGTH, "%zu bytes for %s, which has %zu",
           bytes.len, enctype_name(e), enctype_key_length(e));
    ENSURE(new->ready_count < COUNT_OF(new->ready), INVALID_ARGUMENT, "more than %zu keys",
           COUNT_OF(new->ready));
    new->ready[new->ready_count++] = (struct op_ready_key){enctype_number(e), bytes};
    return OBOL_OK;
}

static enum obol_code read_keys(struct slice field, struct arena *a, struct load_line *out,
                                struct error *err) {
    if (slice_eq_str(field, "random"))
        return OBOL_OK;
    if (slice_eq_str(field, "none")) {
        out->new.principal.keys.none = true;
        return OBOL_OK;
    }
    if (take_prefix(&field, "password=")) {
        out->password = field;
        out->new.principal.keys.password = &out->password;
        return OBOL_OK;
    }
    ENSURE(take_prefix(&field, "key="), INVALID_ARGUMENT,
           "the second field is random, none, password=TEXT or key=ENCTYPE:HEX");
    while (field.len)
        TRY(read_ready_key(next_field(&field, ','), a, &out->new, err));
    ENSURE(out->new.ready_count, INVALID_ARGUMENT, "key= without a key");
    return OBOL_OK;
}

static enum obol_code read_flags(struct slice text, struct load_line *out, struct error *err) {
    while (text.len) {
        struct slice name = next_field(&text, ',');
        bool clear = take_prefix(&name, "-");
        uint32_t flag;
        ENSURE(record_flag_find(name, &flag), INVALID_ARGUMENT, "the flag \"%.*s\" is not known",
               SLICE_ARG(name));
        if (clear)
            out->new.principal.clear_flags |= flag;
        else
            out->new.principal.set_flags |= flag;
    }
    return OBOL_OK;
}

static enum obol_code read_attribute(struct slice text, struct load_line *out, struct error *err) {
    struct record_attribute_list *list = &out->new.principal.attributes;
    struct slice name = next_field(&text, ':');
    ENSURE(list->count < COUNT_OF(out->attributes), INVALID_ARGUMENT, "more than %zu attributes",
           COUNT_OF(out->attributes));
    ENSURE(name.len && !slice_starts(name, SLICE_LITERAL("obol.")), INVALID_ARGUMENT,
           "\"%.*s\" is no name of an attribute", SLICE_ARG(name));
    out->attributes[list->count++] = (struct record_attribute){name, text};
    list->items = out->attributes;
    return OBOL_OK;
}

static enum obol_code read_kind(struct slice text, struct load_line *out, struct error *err) {
    ENSURE(slice_eq_str(text, "user") || slice_eq_str(text, "service"), INVALID_ARGUMENT,
           "kind=%.*s: it is user or service", SLICE_ARG(text));
    out->new.principal.kind = slice_eq_str(text, "user") ? ADMIN_USER : ADMIN_SERVICE;
    return OBOL_OK;
}

static enum obol_code read_alias(struct slice text, struct load_line *out, struct error *err) {
    ENSURE(out->new.alias_count < COUNT_OF(out->new.aliases), INVALID_ARGUMENT,
           "more than %zu aliases", COUNT_OF(out->new.aliases));
    out->new.aliases[out->new.alias_count++] = text;
    return OBOL_OK;
}

static enum obol_code read_option(struct slice field, struct load_line *out, struct error *err) {
    struct admin_new_principal *p = &out->new.principal;
    struct slice value = field;
    if (take_prefix(&value, "kind="))
        return read_kind(value, out, err);
    if (take_prefix(&value, "flags="))
        return read_flags(value, out, err);
    if (take_prefix(&value, "alias="))
        return read_alias(value, out, err);
    if (take_prefix(&value, "attr="))
        return read_attribute(value, out, err);
    if (take_prefix(&value, "max-life="))
        return read_number(value, INT32_MAX, &p->max_life, err);
    if (take_prefix(&value, "max-renew="))
        return read_number(value, INT32_MAX, &p->max_renew, err);
    if (take_prefix(&value, "expires="))
        return read_number(value, INT64_MAX, &p->expires, err);
    if (take_prefix(&value, "password-expires="))
        return read_number(value, INT64_MAX, &p->password_expires, err);
    if (take_prefix(&value, "policy=")) {
        p->policy = value;
        return OBOL_OK;
    }
    if (take_prefix(&value, "salt=")) {
        out->new.ready_salt = value;
        out->new.ready_has_salt = true;
        return OBOL_OK;
    }
    if (take_prefix(&value, "iterations="))
        return read_u32(value, &out->new.ready_iterations, err);
    struct slice name = next_field(&field, '=');
    ENSURE(take_prefix(&value, "kvno="), INVALID_ARGUMENT, "the option \"%.*s\" is not known",
           SLICE_ARG(name));
    TRY(read_u32(value, &out->new.kvno, err));
    ENSURE(out->new.kvno, INVALID_ARGUMENT, "kvno=0: versions begin at 1");
    return OBOL_OK;
}

enum obol_code load_line_parse(struct slice line, struct arena *a, struct load_line *out,
                               struct error *err) {
    *out = (struct load_line){.new = {.kvno = 1}};
    struct admin_new_principal *p = &out->new.principal;
    p->name = next_field(&line, '\t');
    ENSURE(p->name.len, INVALID_ARGUMENT, "the line begins with a TAB, not with a name");
    TRY(read_keys(next_field(&line, '\t'), a, out, err));
    bool random = !p->keys.password && !p->keys.none && !out->new.ready_count;
    p->kind = random && op_components(p->name) > 1 ? ADMIN_SERVICE : ADMIN_USER;
    while (line.len)
        TRY(read_option(next_field(&line, '\t'), out, err));
    ENSURE(!out->new.ready_has_salt || out->new.ready_count, INVALID_ARGUMENT,
           "salt= goes with key=");
    uint32_t count = out->new.ready_iterations;
    // Below the enctypes' own count, and above what MIT's library takes, no client would follow.
    ENSURE(!count || (out->new.ready_has_salt &&count >= ADMIN_ITERATIONS_MIN &&count <=
                      ADMIN_ITERATIONS_MAX),
           INVALID_ARGUMENT, "iterations= goes with salt=, and is a number from %d to %d",
           ADMIN_ITERATIONS_MIN, ADMIN_ITERATIONS_MAX);
    return OBOL_OK;
}
