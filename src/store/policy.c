// policy.c: password policies in the store, as small named values "policy/NAME": one line
// "member=value" for each member that is not zero, in the order of the table.
#include "store/policy.h"
#include "base/writer.h"

#define PREFIX "policy/"

#define MEMBER(name, kind, field, max, help)                                                       \
    { name, kind, offsetof(struct policy, field), max, help }
#define FOREVER INT32_MAX
// clang-format off
const struct policy_member POLICY_MEMBERS[] = {
    MEMBER("min-length", POLICY_NUMBER, min_length, 1024, "characters that a password has at least"),
    MEMBER("min-classes", POLICY_NUMBER, min_classes, 5,
           "kinds of characters in it, out of lower case, capitals, digits, punctuation and others"),
    MEMBER("history", POLICY_NUMBER, history, POLICY_HISTORY_MAX,
           "so many of the last passwords, the present one among them, do not come again"),
    MEMBER("dictionary", POLICY_SWITCH, dictionary, 1, "no word of `dict_file` in kdc.conf"),
    MEMBER("similar", POLICY_SWITCH, similar, 1, "nothing like the principal's name or realm"),
    MEMBER("min-life", POLICY_DURATION, min_life, FOREVER,
           "its owner changes it again after so long at the earliest"),
    MEMBER("max-life", POLICY_DURATION, max_life, FOREVER, "it must be changed after so long"),
    MEMBER("max-failures", POLICY_NUMBER, max_failures, 1000000,
           "failed logins in a row that lock the account"),
    MEMBER("failure-interval", POLICY_DURATION, failure_interval, FOREVER,
           "a failure is forgotten after so long"),
    MEMBER("lockout-duration", POLICY_DURATION, lockout_duration, FOREVER,
           "an account stays locked for so long; 0: until it is unlocked"),
    MEMBER("allowed-keysalts", POLICY_TEXT, allowed_keysalts, 1024,
           "encryption types that keys may have, as in `supported_enctypes`"),
};
// clang-format on
const size_t POLICY_MEMBERS_COUNT = COUNT_OF(POLICY_MEMBERS);

int64_t *policy_number(struct policy *p, const struct policy_member *m) {
    return (int64_t *)((uint8_t *)p + m->offset);
}

static struct slice *policy_text(struct policy *p, const struct policy_member *m) {
    return (struct slice *)((uint8_t *)p + m->offset);
}

static enum obol_code check_name(struct slice name, struct error *err) {
    ENSURE(name.len && name.len <= POLICY_NAME_MAX, INVALID_ARGUMENT,
           "a policy's name of %zu bytes; 1 to %d", name.len, POLICY_NAME_MAX);
    for (size_t i = 0; i < name.len; i++)
        ENSURE(name.ptr[i] >= ' ' && name.ptr[i] != 0x7f, INVALID_ARGUMENT,
               "a policy's name with a control character");
    return OBOL_OK;
}

static enum obol_code check_text(const struct policy_member *m, struct slice s, struct error *err) {
    ENSURE(s.len <= (size_t)m->max, INVALID_ARGUMENT, "%s has %zu bytes, more than %lld", m->name,
           s.len, (long long)m->max);
    ENSURE(slice_find(s, '\n') == s.len && slice_find(s, 0) == s.len, INVALID_ARGUMENT,
           "%s holds a line break or a NUL byte", m->name);
    return OBOL_OK;
}

enum obol_code policy_encode(const struct policy *p, struct arena *a, struct slice *out,
                             struct error *err) {
    struct policy own = *p;
    struct writer w = writer_to_arena(a);
    TRY(check_name(p->name, err));
    for (size_t i = 0; i < COUNT_OF(POLICY_MEMBERS); i++) {
        const struct policy_member *m = &POLICY_MEMBERS[i];
        if (m->kind == POLICY_TEXT) {
            struct slice s = *policy_text(&own, m);
            TRY(check_text(m, s, err));
            if (s.len)
                writer_printf(&w, "%s=%.*s\n", m->name, SLICE_ARG(s));
            continue;
        }
        int64_t n = *policy_number(&own, m);
        ENSURE(n >= 0 && n <= m->max, INVALID_ARGUMENT, "%s is %lld; 0 to %lld", m->name,
               (long long)n, (long long)m->max);
        if (n)
            writer_printf(&w, "%s=%lld\n", m->name, (long long)n);
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "no memory for a policy");
    *out = writer_slice(&w);
    return OBOL_OK;
}

static const struct policy_member *find(struct slice name) {
    for (size_t i = 0; i < COUNT_OF(POLICY_MEMBERS); i++)
        if (slice_eq_str(name, POLICY_MEMBERS[i].name))
            return &POLICY_MEMBERS[i];
    return NULL;
}

// A number above zero in its one spelling; 0 for what is none.
static int64_t read_number(struct slice text) {
    int64_t n = 0;
    if (!text.len || text.len > 10 || text.ptr[0] == '0')
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return 0;
        n = n * 10 + (text.ptr[i] - '0');
    }
    return n;
}

static enum obol_code read_member(const struct policy_member *m, struct slice value,
                                  struct policy *out, struct error *err) {
    ENSURE(value.len, STORE_CORRUPT, "%s is empty", m->name);
    if (m->kind == POLICY_TEXT) {
        ENSURE(value.len <= (size_t)m->max && slice_find(value, 0) == value.len, STORE_CORRUPT,
               "%s is malformed", m->name);
        *policy_text(out, m) = value;
        return OBOL_OK;
    }
    int64_t n = read_number(value);
    ENSURE(n > 0 && n <= m->max, STORE_CORRUPT, "%s is malformed", m->name);
    *policy_number(out, m) = n;
    return OBOL_OK;
}

enum obol_code policy_decode(struct slice bytes, struct policy *out, struct error *err) {
    const struct policy_member *last = NULL;
    *out = (struct policy){0};
    ENSURE(bytes.len <= POLICY_BYTES_MAX, STORE_CORRUPT, "a policy of %zu bytes", bytes.len);
    while (bytes.len) {
        size_t end = slice_find(bytes, '\n');
        struct slice line = slice_sub(bytes, 0, end);
        size_t at = slice_find(line, '=');
        ENSURE(end < bytes.len && at < line.len, STORE_CORRUPT, "a member is malformed");
        const struct policy_member *m = find(slice_sub(line, 0, at));
        ENSURE(m, STORE_VERSION, "its member %.*s is not known", SLICE_ARG(slice_sub(line, 0, at)));
        ENSURE(!last || m > last, STORE_CORRUPT, "%s is out of order", m->name);
        TRY(read_member(m, slice_sub(line, at + 1, line.len), out, err));
        last = m;
        bytes = slice_sub(bytes, end + 1, bytes.len);
    }
    return OBOL_OK;
}

// ---- in the store

struct place {
    char key[sizeof PREFIX + POLICY_NAME_MAX];
};

static struct place place_of(struct slice name) {
    struct place p = {PREFIX};
    if (name.len)
        memcpy(p.key + sizeof PREFIX - 1, name.ptr, name.len);
    return p;
}

static bool is_name(struct slice name) {
    return check_name(name, NULL) == OBOL_OK;
}

enum obol_code policy_get(struct store_read *r, struct slice name, struct policy *out,
                          struct error *err) {
    struct slice value;
    enum obol_code code = OBOL_NOT_FOUND;
    if (is_name(name)) {
        struct place p = place_of(name);
        code = store_meta(r, p.key, &value, NULL);
    }
    ENSURE(code != OBOL_NOT_FOUND, POLICY_NOT_FOUND, "%.*s", SLICE_ARG(name));
    ENSURE(code == OBOL_OK, STORE_IO, "the policy %.*s cannot be read", SLICE_ARG(name));
    TRY(policy_decode(value, out, err));
    out->name = name;
    return OBOL_OK;
}

enum obol_code policy_next(struct store_read *r, struct policy *out, struct error *err) {
    ENSURE(out->name.len <= POLICY_NAME_MAX, STORE_CORRUPT, "a policy's name of %zu bytes",
           out->name.len);
    struct place p = place_of(out->name);
    struct slice key = slice_str(p.key), value;
    TRY(store_meta_next(r, SLICE_LITERAL(PREFIX), &key, &value, err));
    TRY(policy_decode(value, out, err));
    out->name = slice_sub(key, sizeof PREFIX - 1, key.len);
    return OBOL_OK;
}

enum obol_code policy_put(struct store_write *w, const struct policy *p, struct arena *a,
                          struct error *err) {
    struct slice bytes;
    TRY(policy_encode(p, a, &bytes, err));
    struct place place = place_of(p->name);
    return store_put_meta(w, place.key, bytes, err);
}

enum obol_code policy_delete(struct store_write *w, struct slice name, struct error *err) {
    struct policy there;
    TRY(policy_get(store_write_snapshot(w), name, &there, err));
    struct place p = place_of(name);
    return store_delete_meta(w, p.key, err);
}
