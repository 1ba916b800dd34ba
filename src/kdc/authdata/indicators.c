// indicators.c: authentication indicators (RFC 8129): what a mechanism of preauthentication earns
// the ticket of its client stands in an AD-CAMMAC, goes from TGT to service ticket, and services
// may require one: the attribute `require_auth` of a principal lists those that will do.
#include "kdc/authdata/authdata.h"

// Words of the attribute, as MIT krb5's KDC reads it.
static struct slice next_word(struct slice *rest) {
    *rest = slice_trim(*rest);
    size_t end = slice_find(*rest, ' ');
    struct slice word = slice_sub(*rest, 0, end);
    *rest = slice_sub(*rest, end, rest->len);
    return word;
}

static bool has(const struct slice_list *list, struct slice word) {
    for (size_t i = 0; i < list->count; i++)
        if (slice_eq(list->items[i], word))
            return true;
    return false;
}

enum obol_code indicators_check(struct exchange *x) {
    struct error *err = &x->err;
    const struct record_attribute_list *attributes = &x->server->record.attributes;
    for (size_t i = 0; i < attributes->count; i++) {
        if (!slice_eq_str(attributes->items[i].name, "require_auth"))
            continue;
        struct slice rest = attributes->items[i].value, word;
        bool met = false;
        while (!met && (word = next_word(&rest)).len)
            met = has(&x->indicators, word);
        ENSURE(met, KDC_ERR_POLICY,
               "%.*s asks for a login with the indicator \"%.*s\", the client's has %zu others",
               SLICE_ARG(x->server->record.name), SLICE_ARG(attributes->items[i].value),
               x->indicators.count);
    }
    return OBOL_OK;
}

// Those of a ticket that this realm issued. A user that a service asks a ticket for (MS-SFU) did
// not log in here: the service's own login says nothing of him.
enum obol_code tgs_read_indicators(struct exchange *x) {
    const struct enc_ticket_part *held = &x->header.ticket;
    bool for_another = exchange_option(x, KDC_OPT_CNAME_IN_ADDL_TKT) ||
                       exchange_padata(x, PA_FOR_USER) || exchange_padata(x, PA_S4U_X509_USER);
    bool ours = slice_eq(x->header.service.realm, x->kdc->realm);
    size_t count = ours && !for_another ? x->held_authdata.count : 0;
    for (size_t i = 0; i < count; i++) {
        struct authdata_list elements;
        TRY(cammac_open(x, held, &x->held_authdata.items[i], &elements));
        for (size_t k = 0; k < elements.count; k++) {
            const struct authdata *e = &elements.items[k];
            if (e->ad_type == AD_AUTHENTICATION_INDICATOR)
                TRY(der_decode(&TYPE_AD_AUTHENTICATION_INDICATOR, e->ad_data, x->arena,
                               &x->indicators, &x->err));
        }
    }
    return indicators_check(x);
}

enum obol_code indicators_add(struct exchange *x) {
    struct error *err = &x->err;
    const struct authdata_list held = x->ticket.authorization_data;
    bool holds = (x->ticket.present & ENC_TICKET_PART_AUTHORIZATION_DATA) != 0;
    if (LIKELY(x->indicators.count == 0) || (x->server->record.flags & RECORD_NO_AUTHDATA))
        return OBOL_OK;
    struct authdata indicators = {.ad_type = AD_AUTHENTICATION_INDICATOR};
    const struct authdata_list elements = {&indicators, 1};
    TRY(der_encode(&TYPE_AD_AUTHENTICATION_INDICATOR, &x->indicators, x->arena, &indicators.ad_data,
                   err));
    size_t count = holds ? held.count : 0;
    struct authdata_list all = {arena_zalloc(x->arena, count + 1, sizeof *all.items), 0};
    ENSURE_MEMORY(all.items);
    for (; all.count < count; all.count++)
        all.items[all.count] = held.items[all.count];
    TRY(cammac_make(x, &elements, &all.items[all.count++]));
    x->ticket.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    x->ticket.authorization_data = all;
    return OBOL_OK;
}
