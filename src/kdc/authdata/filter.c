// filter.c: see authdata.h.
#include "kdc/authdata/authdata.h"

#define NESTING_MAX 4u

static bool is_kdc_only(int32_t type) {
    switch (type) {
    case AD_KDC_ISSUED:
    case AD_INITIAL_VERIFIED_CAS:
    case AD_FX_ARMOR:
    case AD_FX_FAST_USED:
    case AD_CAMMAC:
    case AD_AUTHENTICATION_INDICATOR:
    case AD_WIN2K_PAC:
    case AD_SIGNEDPATH:
        return true;
    default:
        return false;
    }
}

static enum obol_code filter(const struct authdata_list *in, unsigned depth, struct arena *a,
                             struct authdata_list *out, struct error *err);

// What is inside is optional to whoever reads it: a container that cannot be read is left out.
static enum obol_code filter_inside(const struct authdata *container, unsigned depth,
                                    struct arena *a, struct authdata_list *out, struct error *err) {
    struct authdata_list inside;
    if (depth >= NESTING_MAX ||
        der_decode(&TYPE_AUTHORIZATION_DATA, container->ad_data, a, &inside, NULL) != OBOL_OK)
        return OBOL_OK;
    struct authdata_list kept = {arena_zalloc(a, inside.count + 1, sizeof *kept.items), 0};
    ENSURE_MEMORY(kept.items);
    TRY(filter(&inside, depth + 1, a, &kept, err));
    if (kept.count == 0)
        return OBOL_OK;
    struct authdata *to = &out->items[out->count++];
    to->ad_type = AD_IF_RELEVANT;
    return der_encode(&TYPE_AUTHORIZATION_DATA, &kept, a, &to->ad_data, err);
}

static enum obol_code filter(const struct authdata_list *in, unsigned depth, struct arena *a,
                             struct authdata_list *out, struct error *err) {
    for (size_t i = 0; i < in->count; i++) {
        const struct authdata *from = &in->items[i];
        ENSURE(from->ad_type != AD_MANDATORY_FOR_KDC, KDC_ERR_POLICY,
               "the authorization data must be understood by the KDC, and is not");
        if (is_kdc_only(from->ad_type))
            continue;
        if (from->ad_type == AD_IF_RELEVANT)
            TRY(filter_inside(from, depth, a, out, err));
        else
            out->items[out->count++] = *from;
    }
    return OBOL_OK;
}

enum obol_code authdata_filter(const struct authdata_list *in, struct arena *a,
                               struct authdata_list *out, struct error *err) {
    return filter(in, 0, a, out, err);
}

bool authdata_holds(const struct authdata_list *list, int32_t type, struct arena *a) {
    for (size_t i = 0; i < list->count; i++) {
        const struct authdata *e = &list->items[i];
        struct authdata_list inside;
        if (e->ad_type == type)
            return true;
        if (e->ad_type != AD_IF_RELEVANT ||
            der_decode(&TYPE_AUTHORIZATION_DATA, e->ad_data, a, &inside, NULL) != OBOL_OK)
            continue;
        for (size_t k = 0; k < inside.count; k++)
            if (inside.items[k].ad_type == type)
                return true;
    }
    return false;
}
