// cammac.c: AD-CAMMAC (RFC 7751): a container whose contents come from the KDC, as its checksums
// show: that of the KDC, by which a TGS knows its own words again in a ticket that is presented to
// it, and that of the service, by which the service does.
#include "kdc/authdata/authdata.h"

// RFC 7751 3: the KDC's checksum covers the ticket with the contents as its authorization data.
static enum obol_code covered(const struct enc_ticket_part *ticket,
                              const struct authdata_list *elements, struct arena *a,
                              struct slice *out, struct error *err) {
    struct enc_ticket_part part = *ticket;
    part.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    part.authorization_data = *elements;
    return der_encode(&TYPE_ENC_TICKET_PART, &part, a, out, err);
}

static enum obol_code checksum(struct crypto_key *key, struct slice data, struct arena *a,
                               struct checksum *out, struct error *err) {
    const struct enctype *e = crypto_key_enctype(key);
    struct buf mac = arena_buf(a, enctype_checksum_length(e));
    ENSURE_MEMORY(mac.ptr);
    *out = (struct checksum){enctype_checksum_type(e), slice_of_buf(mac)};
    return crypto_checksum(key, KU_CAMMAC, data, mac, err);
}

static enum obol_code wrap(int32_t type, struct slice data, struct arena *a, struct slice *out,
                           struct error *err) {
    struct authdata one = {type, data};
    const struct authdata_list list = {&one, 1};
    return der_encode(&TYPE_AUTHORIZATION_DATA, &list, a, out, err);
}

enum obol_code cammac_make(struct exchange *x, const struct authdata_list *elements,
                           struct authdata *out) {
    struct error *err = &x->err;
    struct slice text, ticket, contents, der;
    struct entry *tgs;
    struct crypto_key *key;
    TRY(exchange_find(x, &x->kdc->tgs, &text, &tgs));
    ENSURE(tgs->current > 0, KDC_ERR_SVC_UNAVAILABLE, "%.*s has no key", SLICE_ARG(text));
    TRY(cache_key(x->kdc->cache, tgs, key_first(x->kdc, tgs, tgs->kvno), x->arena, &key, err));
    struct ad_cammac cammac = {
        .present = AD_CAMMAC_KDC_VERIFIER | AD_CAMMAC_SVC_VERIFIER,
        .elements = *elements,
        .kdc_verifier = {.present = VERIFIER_MAC_KVNO, .kvno = (int32_t)tgs->kvno},
    };
    TRY(covered(&x->ticket, elements, x->arena, &ticket, err));
    TRY(checksum(key, ticket, x->arena, &cammac.kdc_verifier.mac, err));
    // The service's covers the contents alone: nobody but it and the KDC can have made the ticket.
    TRY(der_encode(&TYPE_AUTHORIZATION_DATA, elements, x->arena, &contents, err));
    TRY(checksum(x->ticket_key, contents, x->arena, &cammac.svc_verifier.mac, err));
    TRY(der_encode(&TYPE_AD_CAMMAC, &cammac, x->arena, &der, err));
    out->ad_type = AD_IF_RELEVANT;
    return wrap(AD_CAMMAC, der, x->arena, &out->ad_data, err);
}

static enum obol_code verify(struct exchange *x, const struct enc_ticket_part *ticket,
                             const struct ad_cammac *cammac, bool *holds) {
    struct error *err = &x->err;
    const struct verifier_mac *v = &cammac->kdc_verifier;
    struct slice text, der;
    struct entry *tgs;
    struct crypto_key *key;
    *holds = false;
    TRY(exchange_find(x, &x->kdc->tgs, &text, &tgs));
    uint32_t kvno = v->present & VERIFIER_MAC_KVNO ? (uint32_t)v->kvno : tgs->kvno;
    size_t index = key_first(x->kdc, tgs, kvno);
    if (index >= tgs->record.keys.count)
        return OBOL_OK;
    TRY(cache_key(x->kdc->cache, tgs, index, x->arena, &key, err));
    TRY(covered(ticket, &cammac->elements, x->arena, &der, err));
    *holds = crypto_verify(key, KU_CAMMAC, v->mac.cksumtype, der, v->mac.checksum, NULL) == OBOL_OK;
    return OBOL_OK;
}

// The first element inside the AD-IF-RELEVANT in which cammac_make puts it.
static bool find(const struct authdata *ad, struct arena *a, struct ad_cammac *out) {
    struct authdata_list inside;
    return ad->ad_type == AD_IF_RELEVANT &&
           der_decode(&TYPE_AUTHORIZATION_DATA, ad->ad_data, a, &inside, NULL) == OBOL_OK &&
           inside.count == 1 && inside.items[0].ad_type == AD_CAMMAC &&
           der_decode(&TYPE_AD_CAMMAC, inside.items[0].ad_data, a, out, NULL) == OBOL_OK;
}

bool cammac_is(const struct authdata *ad, struct arena *a) {
    struct ad_cammac cammac;
    return find(ad, a, &cammac);
}

enum obol_code cammac_open(struct exchange *x, const struct enc_ticket_part *ticket,
                           const struct authdata *ad, struct authdata_list *elements) {
    struct ad_cammac cammac;
    bool holds = false;
    *elements = (struct authdata_list){0};
    if (!find(ad, x->arena, &cammac) || !(cammac.present & AD_CAMMAC_KDC_VERIFIER))
        return OBOL_OK;
    TRY(verify(x, ticket, &cammac, &holds));
    if (holds)
        *elements = cammac.elements;
    return OBOL_OK;
}
