// exchange.c: the driver of the stages, and the records that an exchange holds.
#include "kdc/exchange.h"

enum obol_code exchange_run(struct exchange *x) {
    for (; x->stages[x->stage].run; x->stage++) {
        const struct stage *stage = &x->stages[x->stage];
        if (stage->when != STAGE_ALWAYS && stage->when != x->when)
            continue;
        enum obol_code code = stage->run(x);
        if (LIKELY(code == OBOL_OK))
            continue;
        if (code != OBOL_NEED) {
            x->err.code = code;
            x->err.where = stage->name;
            x->err.section = stage->section;
        }
        return code;
    }
    return OBOL_OK;
}

// A stage that waited for a record begins anew and finds those before it again: each is held once,
// or the room would go with every wait. One that lives in the arena needs no hold.
static enum obol_code hold(struct exchange *x, struct entry *e) {
    struct error *err = &x->err;
    bool known = !e->in_slot;
    for (size_t i = 0; i < x->held_count && !known; i++)
        known = x->held[i] == e;
    bool room = x->held_count < EXCHANGE_HELD_MAX;
    if (known || !room)
        cache_unpin(e);
    else
        x->held[x->held_count++] = e;
    ENSURE(known || room, INTERNAL, "a request asks for too many records");
    return OBOL_OK;
}

enum obol_code exchange_find_text(struct exchange *x, struct slice text, struct entry **out) {
    struct error *err = &x->err;
    enum obol_code code = cache_get(x->kdc->cache, text, x->arena, out, err);
    if (code == OBOL_OK)
        return hold(x, *out);
    if (code == OBOL_PRINCIPAL_NOT_FOUND || code == OBOL_NEED)
        error_init(err);
    return code;
}

enum obol_code exchange_find(struct exchange *x, const struct principal *p, struct slice *text,
                             struct entry **out) {
    struct error *err = &x->err;
    *text = principal_text(p, x->arena);
    ENSURE_MEMORY(text->ptr);
    return exchange_find_text(x, *text, out);
}

// user@suffix stands in the store as an alias, or its suffix is one of this realm.
static enum obol_code find_enterprise(struct exchange *x, struct slice whole, struct entry **out) {
    struct slice user, suffix, text;
    if (!referral_suffix(whole, &user, &suffix) || !referral_is_here(x->kdc, suffix))
        return OBOL_PRINCIPAL_NOT_FOUND;
    struct principal p = {x->kdc->realm, {NT_PRINCIPAL, {&user, 1}}};
    return exchange_find(x, &p, &text, out);
}

enum obol_code exchange_find_client(struct exchange *x, const struct principal *p,
                                    struct slice *text, struct entry **out) {
    enum obol_code code = exchange_find(x, p, text, out);
    if (code != OBOL_PRINCIPAL_NOT_FOUND || p->name.name_type != NT_ENTERPRISE ||
        p->name.name_string.count != 1)
        return code;
    return find_enterprise(x, p->name.name_string.items[0], out);
}

void exchange_end(struct exchange *x) {
    while (x->held_count > 0)
        cache_unpin(x->held[--x->held_count]);
    if (x->opened)
        opened_release(x->opened);
    x->opened = NULL;
}

struct slice exchange_in_case(struct exchange *x, struct slice from, bool upper) {
    const uint8_t low = upper ? 'a' : 'A', high = upper ? 'z' : 'Z';
    struct buf out = arena_buf(x->arena, from.len);
    for (size_t i = 0; out.ptr && i < from.len; i++)
        out.ptr[i] = from.ptr[i] >= low && from.ptr[i] <= high ? from.ptr[i] ^ 0x20u : from.ptr[i];
    return slice_of_buf(out);
}

const struct padata *exchange_padata(const struct exchange *x, int32_t type) {
    const struct padata_list *list = &x->req.padata;
    for (size_t i = 0; (x->req.present & KDC_REQ_PADATA) && i < list->count; i++) {
        if (list->items[i].padata_type == type)
            return &list->items[i];
    }
    return NULL;
}
