// authdata.c: authorization data (RFC 4120 5.2.6), looked for in tickets and authenticators.
#include "compat/context.h"
#include "compat/convert.h"
#include "proto/types.h"
#include <errno.h>

#define NESTING_MAX 4 // AD-IF-RELEVANT within AD-IF-RELEVANT

// Elements of a type, those inside AD-IF-RELEVANT too, which is where they usually stand.
static enum obol_code collect(const struct authdata_list *from, int32_t type, unsigned depth,
                              struct arena *a, struct authdata_list *out, struct error *err) {
    for (size_t i = 0; i < from->count; i++) {
        const struct authdata *element = &from->items[i];
        if (element->ad_type == type) {
            struct authdata *bigger = arena_zalloc(a, out->count + 1, sizeof *bigger);
            ENSURE_MEMORY(bigger);
            if (out->count)
                memcpy(bigger, out->items, out->count * sizeof *bigger);
            bigger[out->count] = *element;
            *out = (struct authdata_list){bigger, out->count + 1};
        } else if (element->ad_type == AD_IF_RELEVANT && depth < NESTING_MAX) {
            struct authdata_list inside;
            TRY(der_decode(&TYPE_AUTHORIZATION_DATA, element->ad_data, a, &inside, err));
            TRY(collect(&inside, type, depth + 1, a, out, err));
        }
    }
    return OBOL_OK;
}

static enum obol_code find(struct call *c, krb5_authdata *const *list, int32_t type,
                           struct authdata_list *found) {
    struct error *err = &c->err;
    struct authdata_list in;
    TRY(authdata_in(list, &c->arena, &in, err));
    return collect(&in, type, 0, &c->arena, found, err);
}

// *out is NULL if there is none.
krb5_error_code krb5_find_authdata(krb5_context context, krb5_authdata *const *ticket,
                                   krb5_authdata *const *request, krb5_authdatatype type,
                                   krb5_authdata ***out) {
    CALL(call, context);
    struct authdata_list found = {0};
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = find(&call, ticket, type, &found);
    if (code == OBOL_OK)
        code = find(&call, request, type, &found);
    if (code == OBOL_OK && !authdata_out(out, &found))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

krb5_error_code krb5_merge_authdata(krb5_context context, krb5_authdata *const *first,
                                    krb5_authdata *const *second, krb5_authdata ***out) {
    CALL(call, context);
    struct authdata_list a, b;
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = authdata_in(first, &call.arena, &a, &call.err);
    if (code == OBOL_OK)
        code = authdata_in(second, &call.arena, &b, &call.err);
    if (code != OBOL_OK)
        return call_end(&call, code);
    struct authdata_list both = {
        arena_zalloc(&call.arena, a.count + b.count + 1, sizeof *both.items), a.count + b.count};
    if (!both.items)
        return ENOMEM;
    memcpy(both.items, a.items, a.count * sizeof *a.items);
    memcpy(both.items + a.count, b.items, b.count * sizeof *b.items);
    return authdata_out(out, &both) ? 0 : ENOMEM;
}
