// proved.c: the PAC and the authentication indicators of a ticket, checked; see proved.h.
#include "gss/proved.h"
#include "pac/pac.h"
#include "proto/authdata.h"
#include "proto/codes.h"

#define CONTAINER_DEPTH 4

// MS-PAC 2.7: when the client logged in, and its name, without quoting.
static bool is_of(const struct pac *pac, const struct principal *client, int64_t authtime,
                  struct arena *a) {
    const struct pac_buffer *found = pac_find(pac, PAC_CLIENT_INFO);
    struct pac_client_info info;
    struct writer expected = writer_to_arena(a);
    if (!found || pac_client_info_read(found->data, a, &info, NULL) != OBOL_OK ||
        info.authtime != authtime)
        return false;
    for (size_t i = 0; i < client->name.name_string.count; i++) {
        writer_str(&expected, i ? "/" : "");
        writer_bytes(&expected, client->name.name_string.items[i]);
    }
    if (writer_ok(&expected) && slice_eq(info.name, writer_slice(&expected)))
        return true;
    // A client of another realm (S4U, MS-SFU 3.2.5.1.2) is written with it.
    writer_u8(&expected, '@');
    writer_bytes(&expected, client->realm);
    return writer_ok(&expected) && slice_eq(info.name, writer_slice(&expected));
}

// What is found in a ticket.
struct harvest {
    const struct enc_ticket_part *ticket;
    const struct principal *client;
    struct crypto_key *key;
    struct arena *arena;
    struct gss_proved *items; // GSS_PROVED_MAX of them
    size_t count;
};

static void take(struct harvest *h, const struct authdata *ad) {
    if (h->count < GSS_PROVED_MAX)
        h->items[h->count++] = (struct gss_proved){ad->ad_type, ad->ad_data};
}

// RFC 7751 3: the service's verifier covers the contents; that they belong to this ticket is shown
// by the ticket's own seal.
static bool cammac_holds(const struct harvest *h, const struct ad_cammac *cammac) {
    struct slice der;
    const struct checksum *mac = &cammac->svc_verifier.mac;
    return (cammac->present & AD_CAMMAC_SVC_VERIFIER) &&
           der_encode(&TYPE_AUTHORIZATION_DATA, &cammac->elements, h->arena, &der, NULL) ==
               OBOL_OK &&
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

static bool pac_holds(const struct harvest *h, struct slice bytes) {
    struct pac pac;
    return pac_parse(bytes, &pac, NULL) == OBOL_OK &&
           pac_verify(&pac, PAC_SERVER_SIGNATURE, h->key, (struct slice){0}, NULL) == OBOL_OK &&
           is_of(&pac, h->client, h->ticket->authtime, h->arena);
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
        if (ad->ad_type == AD_WIN2K_PAC && pac_holds(h, ad->ad_data))
            take(h, ad);
    }
}

size_t gss_proved_read(const struct enc_ticket_part *ticket, struct crypto_key *key,
                       struct arena *a, struct gss_proved out[GSS_PROVED_MAX]) {
    const struct principal client = {ticket->crealm, ticket->cname};
    struct harvest h = {.ticket = ticket, .client = &client, .key = key, .arena = a, .items = out};
    if (ticket->present & ENC_TICKET_PART_AUTHORIZATION_DATA)
        harvest_list(&h, &ticket->authorization_data, 0);
    return h.count;
}
