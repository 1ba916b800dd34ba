// op.c: what the operations share; see op.h.
#include "admin/op.h"
#include "admin/audit.h"
#include "base/reader.h"
#include "proto/codes.h"
#include "store/files.h"

static enum obol_code follow_master(struct admin *adm, struct store_write *w, struct error *err) {
    struct slice value;
    if (store_meta(store_write_snapshot(w), ADMIN_MASTER_CURRENT, &value, NULL) != OBOL_OK)
        return OBOL_OK; // it was never replaced
    struct reader r = reader_of(value);
    uint32_t current = reader_be32(&r);
    ENSURE(reader_done(&r), STORE_CORRUPT, "the value %s is malformed", ADMIN_MASTER_CURRENT);
    if (current > master_current(adm->master))
        TRY(master_refresh(adm->master, err));
    ENSURE(current <= master_current(adm->master), MASTER_KEY,
           "the store needs version %u, the file ends at %u", current, master_current(adm->master));
    return OBOL_OK;
}

static enum obol_code write_step(struct admin *adm,
                                 enum obol_code (*step)(struct admin *adm, struct store_write *w,
                                                        void *arg, struct error *err),
                                 void *arg, struct error *err) {
    struct store_write *w;
    arena_reset(&adm->scratch);
    TRY(store_write_begin(adm->store, &w, err));
    enum obol_code code = follow_master(adm, w, err);
    if (code == OBOL_OK)
        code = step(adm, w, arg, err);
    if (code == OBOL_OK)
        code = store_commit(w, err);
    else
        store_abort(w);
    arena_reset(&adm->scratch);
    return code;
}

enum obol_code op_write_as(struct admin *adm, const char *function,
                           enum obol_code (*step)(struct admin *adm, struct store_write *w,
                                                  void *arg, struct error *err),
                           void *arg, struct error *err) {
    int log, lock;
    struct error own;
    error_init(&own);
    struct error *why = err ? err : &own;
    TRY(audit_begin(adm, &log, err));
    enum obol_code code = op_lock(adm, &lock, why);
    if (code == OBOL_OK)
        code = write_step(adm, step, arg, why);
    files_unlock(lock);
    audit_end(adm, log, function, code, why);
    return code;
}

enum obol_code op_name(struct admin *adm, struct slice name, struct principal *p,
                       struct slice *text, struct error *err) {
    ENSURE(name.len <= RECORD_NAME_MAX, NAME_MALFORMED, "a name of %zu bytes; at most %d", name.len,
           RECORD_NAME_MAX);
    TRY(principal_parse(name, adm->realm, NT_UNKNOWN, &adm->scratch, p, err));
    TRY(principal_check(p, err));
    bool ours = slice_eq(p->realm, adm->realm) || principal_is_krbtgt(&p->name);
    if (!ours)
        error_remedy(err, "Leave the realm out, or name the home of that realm with --home.");
    ENSURE(ours, NAME_MALFORMED, "%.*s is of the realm %.*s; this is %.*s", SLICE_ARG(name),
           SLICE_ARG(p->realm), SLICE_ARG(adm->realm));
    *text = principal_text(p, &adm->scratch);
    ENSURE(text->len && text->len <= RECORD_NAME_MAX, NAME_MALFORMED,
           "the name has %zu bytes as text; at most %d", text->len, RECORD_NAME_MAX);
    audit_name(adm, *text);
    return OBOL_OK;
}

bool op_is_mits(const struct principal *p) {
    const struct slice_list *parts = &p->name.name_string;
    if (parts->count != 2)
        return false;
    return (slice_eq_str(parts->items[0], "K") && slice_eq_str(parts->items[1], "M")) ||
           (slice_eq_str(parts->items[0], "kadmin") && slice_eq_str(parts->items[1], "history"));
}

enum obol_code op_new_name(struct admin *adm, struct slice name, struct principal *p,
                           struct slice *text, struct error *err) {
    TRY(op_name(adm, name, p, text, err));
    ENSURE(!op_is_mits(p), NAME_MALFORMED,
           "%.*s is where MIT krb5 keeps a master key; a principal of that name could not be "
           "exported to it",
           SLICE_ARG(*text));
    return OBOL_OK;
}

enum obol_code op_fetch(struct store_read *r, struct slice text, struct arena *a,
                        struct record *out, struct error *err) {
    struct slice bytes, own;
    TRY(store_get(r, text, &bytes, err));
    ENSURE(arena_copy(a, bytes, &own), NO_MEMORY, "a record of %zu bytes", bytes.len);
    enum obol_code code = record_decode(own, a, out, err);
    if (code != OBOL_OK)
        error_fact(err, "principal", "%.*s", SLICE_ARG(text));
    return code;
}

void op_stamp(const struct admin *adm, struct record *r) {
    r->modified = env_now(adm->env);
    r->modified_by = adm->actor;
}

size_t op_components(struct slice text) {
    size_t count = 1;
    for (size_t i = 0; i < text.len && text.ptr[i] != '@'; i++) {
        count += text.ptr[i] == '/';
        i += text.ptr[i] == '\\';
    }
    return count;
}

bool op_is_service(const struct record *r) {
    return !(r->flags & RECORD_NO_SERVER) && op_components(r->name) > 1 &&
           !slice_starts(r->name, SLICE_LITERAL("krbtgt/"));
}

bool op_match(struct slice pattern, struct slice text) {
    // One star is open at a time: going back to the latest is enough.
    size_t p = 0, t = 0, star = SIZE_MAX, from = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == text.ptr[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

bool op_match_name(struct slice pattern, struct slice name) {
    if (!pattern.len)
        return true;
    if (slice_find(pattern, '@') == pattern.len) {
        size_t at = 0; // of the realm: the first '@' that is not quoted
        while (at < name.len && name.ptr[at] != '@')
            at += name.ptr[at] == '\\' ? 2 : 1;
        name = slice_sub(name, 0, at);
    }
    return op_match(pattern, name);
}
