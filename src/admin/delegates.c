// delegates.c: the lists of who may act for users towards whom (MS-SFU, store/record.h).
#include "admin/op.h"
#include <stdlib.h>

static size_t place_of(const struct slice_list *list, struct slice name, bool *there) {
    size_t i = 0;
    while (i < list->count && slice_compare(list->items[i], name) < 0)
        i++;
    *there = i < list->count && slice_eq(list->items[i], name);
    return i;
}

// A name stands under that of its principal, so that all its aliases are meant.
static enum obol_code canonical(struct admin *adm, struct store_read *r, struct slice name,
                                struct slice *out, struct error *err) {
    struct principal p;
    struct record record;
    TRY(op_name(adm, name, &p, out, err));
    enum obol_code code = op_fetch(r, *out, &adm->scratch, &record, err);
    if (code == OBOL_OK)
        *out = record.name;
    return code;
}

enum obol_code op_delegates_change(struct admin *adm, struct store_read *r, struct slice_list *list,
                                   const struct slice_list *add, const struct slice_list *remove,
                                   struct error *err) {
    struct slice_list out = {0};
    bool there;
    out.items = arena_zalloc(&adm->scratch, list->count + add->count + 1, sizeof *out.items);
    ENSURE_MEMORY(out.items);
    for (; out.count < list->count; out.count++)
        out.items[out.count] = list->items[out.count];
    for (size_t i = 0; i < add->count; i++) {
        struct slice name;
        TRY(canonical(adm, r, add->items[i], &name, err));
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
        if (canonical(adm, r, remove->items[i], &name, NULL) != OBOL_OK)
            TRY(op_name(adm, remove->items[i], &p, &name, err));
        size_t at = place_of(&out, name, &there);
        ENSURE(there, NOT_FOUND, "%.*s is not on the list", SLICE_ARG(name));
        out.count--;
        memmove(&out.items[at], &out.items[at + 1], (out.count - at) * sizeof *out.items);
    }
    *list = out;
    return OBOL_OK;
}
