// etypes.c: see etypes.h.
#include "gss/etypes.h"
#include "crypto/crypto.h"
#include "gss/cksum.h"
#include "proto/authdata.h"
#include "proto/codes.h"

enum { OFFERED_MAX = 16 };

bool gss_etypes_allow(struct int32_list list, int32_t etype) {
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i] == etype)
            return true;
    return list.count == 0;
}

static enum obol_code make_list(struct int32_list etypes, int32_t session, struct arena *a,
                                struct slice *out, struct error *err) {
    int32_t items[OFFERED_MAX];
    struct int32_list offered = {items, 0};
    for (size_t i = 0; i < etypes.count && offered.count < OFFERED_MAX - 1; i++) {
        if (etypes.items[i] == session)
            break;
        items[offered.count++] = etypes.items[i];
    }
    items[offered.count++] = session;
    return der_encode(&TYPE_ETYPE_LIST, &offered, a, out, err);
}

enum obol_code gss_authdata_make(struct int32_list etypes, int32_t session, bool bindings_aware,
                                 struct arena *a, struct authdata_list *out, struct error *err) {
    struct authdata inner[2] = {{.ad_type = AD_ETYPE_NEGOTIATION}};
    struct authdata_list wrapped = {inner, 1};
    TRY(make_list(etypes, session, a, &inner[0].ad_data, err));
    if (bindings_aware)
        inner[wrapped.count++] = gss_bindings_authdata();
    struct authdata *outer = arena_zalloc(a, 1, sizeof *outer);
    ENSURE_MEMORY(outer);
    outer->ad_type = AD_IF_RELEVANT;
    TRY(der_encode(&TYPE_AUTHORIZATION_DATA, &wrapped, a, &outer->ad_data, err));
    *out = (struct authdata_list){outer, 1};
    return OBOL_OK;
}

static enum obol_code choose(const struct authdata *ad, struct int32_list allowed, struct arena *a,
                             int32_t *out, struct error *err) {
    struct int32_list offered;
    if (ad->ad_type != AD_ETYPE_NEGOTIATION)
        return OBOL_OK;
    TRY(der_decode(&TYPE_ETYPE_LIST, ad->ad_data, a, &offered, err));
    for (size_t i = 0; i < offered.count; i++) {
        const struct enctype *e = enctype_find(offered.items[i]);
        bool known = e && (allowed.count || !enctype_is_weak(e));
        if (!known || !gss_etypes_allow(allowed, offered.items[i]))
            continue;
        *out = offered.items[i];
        return OBOL_OK;
    }
    return OBOL_OK;
}

enum obol_code gss_etypes_choose(const struct authdata_list *list, struct int32_list allowed,
                                 int32_t fallback, struct arena *a, int32_t *out,
                                 struct error *err) {
    *out = fallback;
    for (size_t i = 0; i < list->count; i++) {
        TRY(choose(&list->items[i], allowed, a, out, err));
        if (list->items[i].ad_type != AD_IF_RELEVANT)
            continue;
        struct authdata_list inner;
        TRY(der_decode(&TYPE_AUTHORIZATION_DATA, list->items[i].ad_data, a, &inner, err));
        for (size_t k = 0; k < inner.count; k++)
            TRY(choose(&inner.items[k], allowed, a, out, err));
    }
    return OBOL_OK;
}
