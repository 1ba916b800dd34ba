// pac_check.c: the PAC of a ticket that comes back (MS-PAC 2.8, MS-KILE 3.3.5.7): it must be
// signed by its service's key and the KDC's, and be of the ticket's client and login. A PAC comes
// from a ticket's authorization data only, never from what a request adds.
#include "kdc/authdata/pac.h"
#include "kdc/tgs.h"

// The codes that clients are told, as Windows and Samba have them.
static enum obol_code refuse(struct exchange *x, enum obol_code code, int32_t type,
                             const char *which) {
    struct error *err = &x->err;
    if (code == OBOL_CKSUMTYPE_UNSUPPORTED && cksumtype_length(type) == 0)
        return error_replace(err, OBOL_KDC_ERR_SUMTYPE_NOSUPP, __func__,
                             "the PAC's %s signature is of a type that is not known", which);
    if (code == OBOL_CKSUMTYPE_UNSUPPORTED)
        return error_replace(err, OBOL_KRB_AP_ERR_INAPP_CKSUM, __func__,
                             "the PAC's %s signature is of type %d, which is not the keyed one of "
                             "the key",
                             which, type);
    if (code == OBOL_CHECKSUM_MISMATCH)
        return error_replace(err, OBOL_KRB_AP_ERR_MODIFIED, __func__,
                             "the PAC's %s signature does not hold", which);
    if (code == OBOL_NOT_FOUND)
        return error_replace(err, OBOL_KRB_AP_ERR_MODIFIED, __func__, "the PAC has no %s signature",
                             which);
    if (code == OBOL_FORMAT)
        return error_replace(err, OBOL_KRB_AP_ERR_BAD_INTEGRITY, __func__,
                             "the PAC of the ticket is malformed");
    return code;
}

// ---- finding it

struct find {
    struct slice pac;
    size_t pacs;
};

// What remains of a container once the PAC is out; the container itself if there was none.
static enum obol_code look_inside(struct exchange *x, const struct authdata *container,
                                  struct find *f, struct authdata_list *rest) {
    struct authdata_list inside, kept = {0};
    if (der_decode(&TYPE_AUTHORIZATION_DATA, container->ad_data, x->arena, &inside, NULL) !=
        OBOL_OK) {
        rest->items[rest->count++] = *container;
        return OBOL_OK;
    }
    kept.items = inside.items;
    for (size_t i = 0; i < inside.count; i++) {
        struct authdata item = inside.items[i];
        if (item.ad_type != AD_WIN2K_PAC) {
            kept.items[kept.count++] = item;
            continue;
        }
        f->pac = item.ad_data;
        f->pacs++;
    }
    if (kept.count == inside.count)
        rest->items[rest->count++] = *container;
    if (kept.count == inside.count || kept.count == 0)
        return OBOL_OK;
    struct authdata *to = &rest->items[rest->count++];
    to->ad_type = container->ad_type;
    return der_encode(&TYPE_AUTHORIZATION_DATA, &kept, x->arena, &to->ad_data, &x->err);
}

static enum obol_code find_pac(struct exchange *x, const struct enc_ticket_part *part,
                               struct find *f, struct authdata_list *rest) {
    struct error *err = &x->err;
    const struct authdata_list *list = &part->authorization_data;
    *f = (struct find){0};
    *rest = (struct authdata_list){0};
    if (!(part->present & ENC_TICKET_PART_AUTHORIZATION_DATA) || list->count == 0)
        return OBOL_OK;
    rest->items = arena_zalloc(x->arena, list->count, sizeof *rest->items);
    ENSURE_MEMORY(rest->items);
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].ad_type == AD_IF_RELEVANT)
            TRY(look_inside(x, &list->items[i], f, rest));
        else if (list->items[i].ad_type != AD_WIN2K_PAC) // one that lies bare is nobody's
            rest->items[rest->count++] = list->items[i];
    }
    ENSURE(f->pacs <= 1, KRB_AP_ERR_MODIFIED, "the ticket has %zu PACs", f->pacs);
    return OBOL_OK;
}

// ---- signatures

static enum obol_code check_server(struct exchange *x, const struct pac *pac,
                                   struct crypto_key *key) {
    int32_t type = pac_signature_type(pac, PAC_KDC_SIGNATURE);
    // Without its length it is not known what the server's signature covers.
    if (pac_find(pac, PAC_KDC_SIGNATURE) && cksumtype_length(type) == 0)
        return refuse(x, OBOL_CKSUMTYPE_UNSUPPORTED, type, "KDC");
    enum obol_code code = pac_verify(pac, PAC_SERVER_SIGNATURE, key, (struct slice){0}, &x->err);
    return refuse(x, code, pac_signature_type(pac, PAC_SERVER_SIGNATURE), "server");
}

// The key that may have made a signature of checksum type `named`: krbtgt's own, or derived from
// it.
static enum obol_code kdc_key(struct exchange *x, struct entry *e, size_t index, int32_t named,
                              struct crypto_key **out) {
    const struct enctype *enctype = enctype_find(e->record.keys.items[index].enctype);
    *out = NULL;
    if (!enctype || !etype_is_permitted(x->kdc, enctype_number(enctype)) ||
        key_is_outdone(x->kdc, e, index))
        return OBOL_OK;
    if (enctype_checksum_type(enctype) == named)
        return cache_key(x->kdc->cache, e, index, x->arena, out, &x->err);
    if (named == CKSUMTYPE_HMAC_SHA1_96_AES256 && etype_is_permitted(x->kdc, PAC_DERIVED))
        return pac_derived_key(x, e, index, out);
    return OBOL_OK;
}

// Any key of krbtgt may have signed: it may have been replaced since.
static enum obol_code check_kdc(struct exchange *x, const struct pac *pac, uint32_t type,
                                struct slice ticket, const char *which) {
    struct entry *e;
    struct crypto_key *key;
    int32_t named = pac_signature_type(pac, type);
    enum obol_code code = pac_find(pac, type) ? OBOL_CKSUMTYPE_UNSUPPORTED : OBOL_NOT_FOUND;
    TRY(pac_tgs_entry(x, &e));
    // The own ones first: where krbtgt has a key of that type none is derived.
    bool own = key_find(e, PAC_DERIVED) != SIZE_MAX;
    for (size_t i = 0; code != OBOL_OK && i < e->record.keys.count; i++) {
        if (own && named == CKSUMTYPE_HMAC_SHA1_96_AES256 &&
            e->record.keys.items[i].enctype != PAC_DERIVED &&
            e->record.keys.items[i].kvno == e->kvno)
            continue;
        TRY(kdc_key(x, e, i, named, &key));
        if (key)
            code = pac_verify(pac, type, key, ticket, NULL);
    }
    return refuse(x, code, named, which);
}

// What the ticket signature covers: the ticket as it came, one zero byte in the PAC's place.
static enum obol_code without_pac(struct exchange *x, const struct enc_ticket_part *part,
                                  struct slice *out) {
    struct error *err = &x->err;
    struct enc_ticket_part copy = *part;
    const struct authdata_list *list = &part->authorization_data;
    struct authdata *items = arena_zalloc(x->arena, list->count, sizeof *items);
    ENSURE_MEMORY(items);
    copy.authorization_data.items = items;
    for (size_t i = 0; i < list->count; i++) {
        struct authdata_list inside;
        items[i] = list->items[i];
        if (items[i].ad_type != AD_IF_RELEVANT ||
            der_decode(&TYPE_AUTHORIZATION_DATA, items[i].ad_data, x->arena, &inside, NULL) !=
                OBOL_OK)
            continue;
        bool found = false;
        for (size_t k = 0; k < inside.count; k++)
            if (inside.items[k].ad_type == AD_WIN2K_PAC) {
                inside.items[k].ad_data = SLICE_LITERAL("\0");
                found = true;
            }
        if (found)
            TRY(der_encode(&TYPE_AUTHORIZATION_DATA, &inside, x->arena, &items[i].ad_data, err));
    }
    return der_encode(&TYPE_ENC_TICKET_PART, &copy, x->arena, out, err);
}

static enum obol_code check_signatures(struct exchange *x, const struct pac_ticket *ticket,
                                       const struct pac *pac) {
    struct slice none = {0}, covered;
    TRY(check_server(x, pac, ticket->key));
    if (!ticket->ours)
        return OBOL_OK; // its KDC's key is not ours
    TRY(check_kdc(x, pac, PAC_KDC_SIGNATURE, none, "KDC"));
    if (!pac_ticket_is_signed(ticket->service))
        return OBOL_OK;
    // The service holds the key of its ticket, and could have rewritten it but for these two.
    TRY(without_pac(x, ticket->part, &covered));
    TRY(check_kdc(x, pac, PAC_TICKET_SIGNATURE, covered, "ticket"));
    return check_kdc(x, pac, PAC_FULL_SIGNATURE, none, "full");
}

// ---- whose it is

// There is one encoding of a name and a login: so the bytes are compared.
static bool is_of(struct exchange *x, const struct pac_ticket *ticket, const struct pac *pac) {
    const struct enc_ticket_part *part = ticket->part;
    const struct pac_buffer *info = pac_find(pac, PAC_CLIENT_INFO);
    struct slice name = ticket->user, expected;
    if (name.len == 0)
        name = pac_name(&part->cname, x->arena);
    return info &&
           pac_client_info_write(part->authtime, name, x->arena, &expected, NULL) == OBOL_OK &&
           slice_eq(slice_sub(info->data, 0, expected.len), expected) &&
           info->data.len - expected.len < 8;
}

static enum obol_code check_client_info(struct exchange *x, const struct pac_ticket *ticket,
                                        const struct pac *pac) {
    struct error *err = &x->err;
    ENSURE(pac_find(pac, PAC_CLIENT_INFO), KRB_AP_ERR_MODIFIED, "the PAC does not say whose it is");
    ENSURE(is_of(x, ticket, pac), KRB_AP_ERR_MODIFIED,
           "the PAC is of another client or login than the ticket");
    return OBOL_OK;
}

enum obol_code pac_take(struct exchange *x, const struct pac_ticket *ticket, const struct pac **pac,
                        struct authdata_list *rest) {
    struct error *err = &x->err;
    struct find found;
    *pac = NULL;
    TRY(find_pac(x, ticket->part, &found, rest));
    if (!x->kdc->policy.pac || found.pacs == 0)
        return OBOL_OK;
    struct pac *parsed = arena_alloc(x->arena, sizeof *parsed);
    ENSURE_MEMORY(parsed);
    TRY(refuse(x, pac_parse(found.pac, parsed, err), 0, ""));
    TRY(check_signatures(x, ticket, parsed));
    bool others = ticket->of == PAC_IS_DELEGATED ||
                  (ticket->of == PAC_MAY_BE_DELEGATED && pac_find(parsed, PAC_DELEGATION_INFO) &&
                   !is_of(x, ticket, parsed));
    TRY(others ? pac_check_delegated(x, ticket, parsed, &x->subject)
               : check_client_info(x, ticket, parsed));
    if (!ticket->ours)
        TRY(pac_filter_foreign(x, parsed));
    *pac = parsed;
    return OBOL_OK;
}

// MS-PAC 2.15: the name in a TGT may have passed to another account since; the SID does not.
static enum obol_code check_requester(struct exchange *x, const struct pac *pac,
                                      const struct record *r) {
    struct error *err = &x->err;
    const struct pac_buffer *item = pac_find(pac, PAC_REQUESTER_SID);
    struct sid sid, own;
    if (!pac_sid(x->kdc, r, &own))
        return OBOL_OK;
    ENSURE(item && pac_requester_read(item->data, &sid, NULL) == OBOL_OK, KDC_ERR_TGT_REVOKED,
           "the PAC of the TGT does not say who %.*s was", SLICE_ARG(r->name));
    ENSURE(sid_eq(&sid, &own), KDC_ERR_TGT_REVOKED,
           "the TGT is of another account that was named %.*s", SLICE_ARG(r->name));
    return OBOL_OK;
}

static bool needs_pac(const struct exchange *x, const struct pac_ticket *t) {
    return x->kdc->policy.pac && t->ours && !(t->part->flags & (uint32_t)TKT_ANONYMOUS);
}

enum obol_code pac_check_tgt(struct exchange *x, const struct pac_ticket *ticket) {
    struct error *err = &x->err;
    const struct principal owner = {ticket->part->crealm, ticket->part->cname};
    const struct pac *pac;
    struct authdata_list rest;
    struct slice text;
    struct entry *e;
    if (!needs_pac(x, ticket))
        return OBOL_OK;
    TRY(principal_check(&owner, err));
    TRY(pac_take(x, ticket, &pac, &rest));
    ENSURE(pac, KDC_ERR_TGT_REVOKED, "the TGT of %.*s has no PAC",
           SLICE_ARG(principal_text(&owner, x->arena)));
    if (!slice_eq(owner.realm, x->kdc->realm))
        return OBOL_OK;
    enum obol_code code = exchange_find(x, &owner, &text, &e);
    ENSURE(code != OBOL_PRINCIPAL_NOT_FOUND, KDC_ERR_TGT_REVOKED, "there is no %.*s any more",
           SLICE_ARG(text));
    TRY(code);
    return check_requester(x, pac, &e->record);
}

static enum obol_code read_attributes(struct exchange *x) {
    const struct pac_buffer *item = pac_find(x->held_pac, PAC_ATTRIBUTES);
    x->pac_attributes = PAC_WAS_GIVEN_IMPLICITLY;
    if (!item)
        return OBOL_OK; // another realm's, or a service's ticket
    return refuse(x, pac_attributes_read(item->data, &x->pac_attributes, &x->err), 0, "");
}

enum obol_code tgs_check_pac(struct exchange *x) {
    struct error *err = &x->err;
    struct pac_ticket ticket = {
        .part = &x->header.ticket,
        .service = &x->header.service.name,
        .key = x->header.ticket_key,
        .ours = slice_eq(x->header.service.realm, x->kdc->realm),
    };
    if (!ticket.ours) {
        TRY(s4u_foreign_user(x, &ticket.user));
        if (s4u_may_go_onward(x))
            ticket.of = PAC_MAY_BE_DELEGATED;
    }
    if (x->opened) {
        x->held_pac = x->opened->pac;
        x->held_authdata = x->opened->rest;
    } else {
        TRY(pac_take(x, &ticket, &x->held_pac, &x->held_authdata));
    }
    bool own_tgt = ticket.ours && x->header_is_tgt;
    ENSURE(x->held_pac || !own_tgt || !needs_pac(x, &ticket), KDC_ERR_TGT_REVOKED,
           "the TGT has no PAC");
    opened_note(x);
    if (!x->held_pac)
        return OBOL_OK;
    TRY(read_attributes(x));
    return own_tgt && x->client ? check_requester(x, x->held_pac, &x->client->record) : OBOL_OK;
}
