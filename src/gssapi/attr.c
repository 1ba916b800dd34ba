// attr.c: attributes as elements of authorization data; see attr.h.
#include "gssapi/attr.h"
#include "gss/proved.h"
#include "proto/codes.h"
#include <stdlib.h>

#define ATTRS_MAX GSS_PROVED_MAX // that a name has

struct gssapi_attrs *gssapi_attrs_make(const struct gssapi_attr *items, size_t count) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += items[i].data.len;
    struct gssapi_attrs *attrs = malloc(sizeof *attrs + count * sizeof *items + bytes);
    if (!attrs)
        return NULL;
    uint8_t *at = (uint8_t *)&attrs->items[count];
    attrs->count = count;
    for (size_t i = 0; i < count; i++) {
        attrs->items[i] = items[i];
        attrs->items[i].data.ptr = at;
        if (items[i].data.len)
            memcpy(at, items[i].data.ptr, items[i].data.len);
        at += items[i].data.len;
    }
    return attrs;
}

struct gssapi_attrs *gssapi_attrs_copy(const struct gssapi_attrs *from) {
    return gssapi_attrs_make(from->items, from->count);
}

void gssapi_attrs_free(struct gssapi_attrs *attrs) {
    free(attrs);
}

static bool is_ours(int32_t ad_type) {
    return ad_type == AD_WIN2K_PAC || ad_type == AD_AUTHENTICATION_INDICATOR;
}

enum obol_code gssapi_attrs_read(struct slice der, bool verified, struct arena *a,
                                 struct gssapi_attrs **out, struct error *err) {
    struct authdata_list list;
    TRY(der_decode(&TYPE_AUTHORIZATION_DATA, der, a, &list, err));
    struct gssapi_attr found[ATTRS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < list.count; i++) {
        if (!is_ours(list.items[i].ad_type))
            continue;
        ENSURE(count < ATTRS_MAX, DER_LIMIT, "more than %d attributes", ATTRS_MAX);
        found[count++] =
            (struct gssapi_attr){list.items[i].ad_type, verified, list.items[i].ad_data};
    }
    *out = count ? gssapi_attrs_make(found, count) : NULL;
    if (count)
        ENSURE_MEMORY(*out);
    return OBOL_OK;
}

enum obol_code gssapi_attrs_write(const struct gssapi_attrs *attrs, struct arena *a,
                                  struct slice *out, struct error *err) {
    *out = (struct slice){0};
    if (!attrs || !attrs->count)
        return OBOL_OK;
    struct authdata_list list = {arena_zalloc(a, attrs->count, sizeof *list.items), attrs->count};
    ENSURE_MEMORY(list.items);
    for (size_t i = 0; i < attrs->count; i++)
        list.items[i] = (struct authdata){attrs->items[i].ad_type, attrs->items[i].data};
    return der_encode(&TYPE_AUTHORIZATION_DATA, &list, a, out, err);
}

void gssapi_name_authdata(struct gss_name_struct *name, const struct enc_ticket_part *ticket,
                          struct crypto_key *key, struct arena *a) {
    struct gss_proved found[GSS_PROVED_MAX];
    struct gssapi_attr items[GSS_PROVED_MAX];
    size_t count = gss_proved_read(ticket, key, a, found);
    for (size_t i = 0; i < count; i++)
        items[i] = (struct gssapi_attr){found[i].ad_type, true, found[i].data};
    struct gssapi_attrs *attrs = count ? gssapi_attrs_make(items, count) : NULL;
    if (!attrs)
        return;
    gssapi_attrs_free(name->attrs);
    name->attrs = attrs;
}
