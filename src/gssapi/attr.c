// attr.c: attributes as elements of authorization data; see attr.h.
#include "gssapi/attr.h"
#include "proto/authdata.h"
#include "proto/codes.h"
#include <stdlib.h>

#define ATTRS_MAX       32 // that a name has
#define KU_CAMMAC       64 // RFC 7751 4
#define CONTAINER_DEPTH 4

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

enum obol_code gssapi_attrs_read(struct slice der, struct arena *a, struct gssapi_attrs **out,
                                 struct error *err) {
    struct authdata_list list;
    TRY(der_decode(&TYPE_AUTHORIZATION_DATA, der, a, &list, err));
    struct gssapi_attr found[ATTRS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < list.count; i++) {
        if (!is_ours(list.items[i].ad_type))
            continue;
        ENSURE(count < ATTRS_MAX, DER_LIMIT, "more than %d attributes", ATTRS_MAX);
        found[count++] = (struct gssapi_attr){list.items[i].ad_type, false, list.items[i].ad_data};
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

// What is found in a ticket.
struct harvest {
    const struct enc_ticket_part *ticket;
    const struct principal *client;
    struct crypto_key *key;
    struct arena *arena;
    struct gssapi_attr items[ATTRS_MAX];
    size_t count;
};

static void take(struct harvest *h, const struct authdata *ad) {
    if (h->count < ATTRS_MAX)
        h->items[h->count++] = (struct gssapi_attr){ad->ad_type, true, ad->ad_data};
}

// RFC 7751 4: the verifier covers the ticket with the CAMMAC's elements in place of its
// authorization data.
static bool cammac_holds(const struct harvest *h, const struct ad_cammac *cammac) {
    if (!(cammac->present & AD_CAMMAC_SVC_VERIFIER))
        return false;
    struct enc_ticket_part covered = *h->ticket;
    covered.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    covered.authorization_data = cammac->elements;
    struct slice der;
    const struct checksum *mac = &cammac->svc_verifier.mac;
    return der_encode(&TYPE_ENC_TICKET_PART, &covered, h->arena, &der, NULL) == OBOL_OK &&
           crypto_verify(h->key, KU_CAMMAC, mac->cksumtype, der, mac->checksum, NULL) == OBOL_OK;
}

static void harvest_cammac(struct harvest *h, struct slice der) {
    struct ad_cammac cammac;
    if (der_decode(&TYPE_AD_CAMMAC, der, h->arena, &cammac, NULL) != OBOL_OK ||
        !cammac_holds(h, &cammac))
        return;
    for (size_t i = 0; i < cammac.elements.count; i++)
        if (cammac.elements.items[i].ad_type == AD_AUTHENTICATION_INDICATOR)
            take(h, &cammac.elements.items[i]);
}

static void harvest_list(struct harvest *h, const struct authdata_list *list, unsigned depth) {
    for (size_t i = 0; i < list->count; i++) {
        const struct authdata *ad = &list->items[i];
        struct authdata_list inner;
        if (ad->ad_type == AD_IF_RELEVANT && depth < CONTAINER_DEPTH &&
            der_decode(&TYPE_AUTHORIZATION_DATA, ad->ad_data, h->arena, &inner, NULL) == OBOL_OK)
            harvest_list(h, &inner, depth + 1);
        if (ad->ad_type == AD_CAMMAC)
            harvest_cammac(h, ad->ad_data);
        if (ad->ad_type == AD_WIN2K_PAC &&
            gssapi_pac_verify(ad->ad_data, h->client, h->ticket->authtime, h->key, h->arena))
            take(h, ad);
    }
}

void gssapi_name_authdata(struct gss_name_struct *name, const struct enc_ticket_part *ticket,
                          struct crypto_key *key, struct arena *a) {
    const struct principal client = {ticket->crealm, ticket->cname};
    struct harvest h = {.ticket = ticket, .client = &client, .key = key, .arena = a};
    if (!(ticket->present & ENC_TICKET_PART_AUTHORIZATION_DATA))
        return;
    harvest_list(&h, &ticket->authorization_data, 0);
    struct gssapi_attrs *attrs = h.count ? gssapi_attrs_make(h.items, h.count) : NULL;
    if (!attrs)
        return;
    gssapi_attrs_free(name->attrs);
    name->attrs = attrs;
}
