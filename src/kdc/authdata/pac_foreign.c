// pac_foreign.c: what another realm's KDC may say about its clients (MS-PAC 4.1.2.2, SID
// filtering): everything about its own domain, nothing about ours.
#include "kdc/authdata/pac.h"
#include "pac/logon_info.h"

// Those that count on every machine alike: built-in groups (S-1-5-32) would be given away.
static bool is_builtin(const struct sid *sid) {
    return sid->count >= 1 && sid->authority[5] == 5 && sid->sub[0] == 32;
}

static enum obol_code filter_logon_info(struct exchange *x, struct pac_buffer *item) {
    struct error *err = &x->err;
    struct pac_logon_info info;
    if (pac_logon_info_read(item->data, x->arena, &info, err) != OBOL_OK)
        return error_replace(err, OBOL_KRB_AP_ERR_BAD_INTEGRITY, __func__,
                             "the PAC's logon info is malformed");
    const struct sid *own = &x->kdc->domain;
    ENSURE(!own->count || !sid_eq(&info.domain_sid, own), KDC_ERR_POLICY,
           "realm %.*s vouches for an account of this domain", SLICE_ARG(x->header.service.realm));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < info.extra_count; i++)
        if (!sid_in_domain(&info.extra[i].sid, own, NULL) && !is_builtin(&info.extra[i].sid))
            info.extra[kept++] = info.extra[i];
    bool resource = info.resource_domain.count && sid_eq(&info.resource_domain, own);
    if (kept == info.extra_count && !resource)
        return OBOL_OK;
    info.extra_count = kept;
    if (resource) {
        info.resource_domain.count = 0;
        info.resource_count = 0;
    }
    return pac_logon_info_write(&info, x->arena, &item->data, err);
}

// The SID in it is for readers without NDR: it must not be one of ours either.
static enum obol_code filter_upn(struct exchange *x, struct pac_buffer *item, bool *keep) {
    struct pac_upn_dns_info info;
    *keep = pac_upn_dns_info_read(item->data, x->arena, &info, NULL) == OBOL_OK &&
            !(info.extended && sid_in_domain(&info.sid, &x->kdc->domain, NULL));
    return OBOL_OK;
}

static enum obol_code filter_requester(struct exchange *x, struct pac_buffer *item, bool *keep) {
    struct sid sid;
    *keep = pac_requester_read(item->data, &sid, NULL) == OBOL_OK &&
            !sid_in_domain(&sid, &x->kdc->domain, NULL);
    return OBOL_OK;
}

// What another realm says of a user of ours counts for nothing but his name: his record says it.
static void filter_of_our_user(struct pac *pac) {
    size_t kept = 0;
    for (size_t i = 0; i < pac->count; i++)
        if (pac->items[i].type == PAC_CLIENT_INFO || pac->items[i].type == PAC_DELEGATION_INFO)
            pac->items[kept++] = pac->items[i];
    pac->count = kept;
}

enum obol_code pac_filter_foreign(struct exchange *x, struct pac *pac) {
    size_t kept = 0;
    bool delegated = x->subject.realm.len > 0;
    if (delegated && slice_eq(x->subject.realm, x->kdc->realm)) {
        filter_of_our_user(pac);
        return OBOL_OK;
    }
    for (size_t i = 0; i < pac->count; i++) {
        struct pac_buffer item = pac->items[i];
        bool keep = item.type == PAC_LOGON_INFO || item.type == PAC_CLIENT_INFO ||
                    (delegated && item.type == PAC_DELEGATION_INFO);
        if (item.type == PAC_LOGON_INFO)
            TRY(filter_logon_info(x, &item));
        if (item.type == PAC_UPN_DNS_INFO)
            TRY(filter_upn(x, &item, &keep));
        if (item.type == PAC_REQUESTER_SID)
            TRY(filter_requester(x, &item, &keep));
        if (keep)
            pac->items[kept++] = item;
    }
    pac->count = kept;
    return OBOL_OK;
}
