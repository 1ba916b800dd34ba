// delegates.c: the lists of who may act for users towards whom (MS-SFU, store/record.h).
#include "admin/op.h"
#include "proto/codes.h"
#include <stdlib.h>

static size_t place_of(const struct slice_list *list, struct slice name, bool *there) {
    size_t i = 0;
    while (i < list->count && slice_compare(list->items[i], name) < 0)
        i++;
    *there = i < list->count && slice_eq(list->items[i], name);
    return i;
}

static enum obol_code name_abroad(struct admin *adm, struct slice name, struct principal *p,
                                  struct slice *out, struct error *err) {
    TRY(principal_parse(name, adm->realm, NT_UNKNOWN, &adm->scratch, p, err));
    if (slice_eq(p->realm, adm->realm))
        return op_name(adm, name, p, out, err);
    TRY(principal_check(p, err));
    *out = principal_text(p, &adm->scratch);
    ENSURE(out->len && out->len <= RECORD_NAME_MAX, NAME_MALFORMED,
           "the name has %zu bytes as text; at most %d", out->len, RECORD_NAME_MAX);
    return OBOL_OK;
}

// A name stands under that of its principal, so that all its aliases are meant.
static enum obol_code canonical(struct admin *adm, struct store_read *r, struct slice name,
                                bool abroad, struct slice *out, struct error *err) {
    struct principal p;
    struct record record;
    // Only the list of a service acted towards knows of other realms' (MS-SFU 3.2.5.2.3).
    TRY(abroad ? name_abroad(adm, name, &p, out, err) : op_name(adm, name, &p, out, err));
    if (!slice_eq(p.realm, adm->realm))
        return OBOL_OK;
    enum obol_code code = op_fetch(r, *out, &adm->scratch, &record, err);
    if (code == OBOL_OK)
        *out = record.name;
    return code;
}

enum obol_code op_delegates_change(struct admin *adm, struct store_read *r, struct slice_list *list,
                                   const struct slice_list *add, const struct slice_list *remove,
                                   bool abroad, struct error *err) {
    struct slice_list out = {0};
    bool there;
    out.items = arena_zalloc(&adm->scratch, list->count + add->count + 1, sizeof *out.items);
    ENSURE_MEMORY(out.items);
    for (; out.count < list->count; out.count++)
        out.items[out.count] = list->items[out.count];
    for (size_t i = 0; i < add->count; i++) {
        struct slice name;
        TRY(canonical(adm, r, add->items[i], abroad, &name, err));
        size_t at = place_of(&out, name, &there);
        if (there)
            continue;
        memmove(&out.items[at + 1], &out.items[at], (out.count - at) * sizeof *out.items);
        out.items[at] = name;
        out.count++;
    }
    for (size_t i = 0; i < remove->count; i++) {
        struct slice name;
        struct principal p;
        // Of one that is gone the name itself stands there yet.
        if (canonical(adm, r, remove->items[i], abroad, &name, NULL) != OBOL_OK)
            TRY(op_name(adm, remove->items[i], &p, &name, err));
        size_t at = place_of(&out, name, &there);
        ENSURE(there, NOT_FOUND, "%.*s is not on the list", SLICE_ARG(name));
        out.count--;
        memmove(&out.items[at], &out.items[at + 1], (out.count - at) * sizeof *out.items);
    }
    *list = out;
    return OBOL_OK;
}
