// tgs_header.c: the ticket that a TGS-REQ presents in its PA-TGS-REQ, and who presents it (RFC 4120
// 3.3.2, 3.3.3).
#include "base/ct.h"
#include "kdc/opened.h"
#include "kdc/tgs.h"
#include "krb/times.h"

enum obol_code tgs_check_request(struct exchange *x) {
    return request_check(x, KRB_TGS_REQ);
}

bool tgs_is_ours(const struct kdc *kdc, const struct principal_name *name) {
    return principal_is_krbtgt(name) && slice_eq(name->name_string.items[1], kdc->realm);
}

// A ticket of another realm counts only if it is for our TGS and a key is shared with that realm.
enum obol_code tgs_find_issuer(struct exchange *x, const struct principal *service,
                               struct error *err) {
    bool ours = slice_eq(service->realm, x->kdc->realm);
    ENSURE(ours || tgs_is_ours(x->kdc, &service->name), KRB_AP_ERR_NOT_US,
           "the presented ticket is of realm \"%.*s\" and not for this TGS",
           SLICE_ARG(service->realm));
    struct slice text;
    enum obol_code code = exchange_find(x, service, &text, &x->header_server);
    if (code != OBOL_PRINCIPAL_NOT_FOUND)
        return code;
    return error_set(err, OBOL_KRB_AP_ERR_NOT_US, __func__,
                     "the presented ticket is for %.*s, which is not known here", SLICE_ARG(text));
}

static size_t nth_key(const struct kdc *kdc, const struct entry *e, bool tgs, int32_t etype,
                      uint32_t kvno, unsigned n) {
    for (size_t i = 0; i < e->record.keys.count; i++) {
        const struct record_key *key = &e->record.keys.items[i];
        if (key->enctype != etype || (kvno != 0 && key->kvno != kvno) ||
            (tgs && key_is_outdone(kdc, e, i)))
            continue;
        if (n-- == 0)
            return i;
    }
    return SIZE_MAX;
}

// MIT's KDC takes a ticket of a weak key for as long as it permits the enctype at all. Who permits
// a stronger one here must know why old tickets end with that.
static enum obol_code no_key(const struct exchange *x, const struct entry *e, int32_t etype,
                             uint32_t kvno, struct error *err) {
    bool outdone = nth_key(x->kdc, e, false, etype, kvno, 0) != SIZE_MAX;
    if (outdone)
        error_remedy(err, "The client must log in again (obol login, kinit).");
    ENSURE(!outdone, KRB_AP_ERR_BADKEYVER,
           "%.*s has a key of kvno %u and enctype %d, but what it seals is not taken since a "
           "stronger enctype is permitted: the client has a ticket from before that",
           SLICE_ARG(e->record.name), kvno, etype);
    return error_set(
        err, OBOL_KRB_AP_ERR_BADKEYVER, __func__,
        "%.*s has no key of kvno %u and enctype %d that seals tickets: its newest kvno is %u",
        SLICE_ARG(e->record.name), kvno, etype, e->kvno);
}

enum obol_code tgs_find_key(void *ctx, const struct principal *service, int32_t etype,
                            uint32_t kvno, unsigned attempt, struct arena *a,
                            struct crypto_key **key, struct error *err) {
    struct exchange *x = ctx;
    if (attempt == 0)
        TRY(tgs_find_issuer(x, service, err));
    const struct entry *e = x->header_server;
    bool tgs = tgs_is_ours(x->kdc, &service->name) && slice_eq(service->realm, x->kdc->realm);
    size_t index = nth_key(x->kdc, e, tgs, etype, kvno, attempt);
    if (index == SIZE_MAX && attempt > 0)
        return OBOL_NOT_FOUND;
    if (index == SIZE_MAX)
        return no_key(x, e, etype, kvno, err);
    return cache_key(x->kdc->cache, x->header_server, index, a, key, err);
}

static enum obol_code check_permitted(struct exchange *x, struct crypto_key *key,
                                      const char *what) {
    struct error *err = &x->err;
    if (!key)
        return OBOL_OK;
    const struct enctype *e = crypto_key_enctype(key);
    ENSURE(etype_is_permitted(x->kdc, enctype_number(e)), KDC_ERR_ETYPE_NOSUPP,
           "the %s is of enctype %s, which is not permitted", what, enctype_name(e));
    return OBOL_OK;
}

enum obol_code tgs_open_header(struct exchange *x) {
    struct error *err = &x->err;
    const struct padata *pa = exchange_padata(x, PA_TGS_REQ);
    ENSURE(pa != NULL, KDC_ERR_PADATA_TYPE_NOSUPP, "the request presents no ticket");
    const struct ap_key_source keys = {x, tgs_find_key, NULL};
    const struct ap_ticket_memory memory = {x, opened_find};
    const struct ap_accept_params params = {
        .keys = &keys,
        .memory = &memory,
        .authenticator_usage = KU_TGS_REQ_AUTHENTICATOR,
        .clockskew = x->kdc->policy.clockskew,
        .sender = x->kdc->policy.check_addresses && x->request->sender.address.len
                      ? &x->request->sender
                      : NULL,
        .allow_invalid = true, // checked in tgs_check_header, which knows the options
    };
    TRY(ap_req_accept(pa->padata_value, &params, x->kdc->env, x->arena, &x->header, err));
    x->client_name = x->header.client;
    x->basis = &x->header.ticket;
    TRY(principal_check(&x->client_name, err));
    // A weak session key of an old ticket, of another realm's or of the client's own choice.
    TRY(check_permitted(x, x->header.session, "session key"));
    TRY(check_permitted(x, x->header.subkey, "subkey"));
    x->event->client = x->event->requester = principal_text(&x->client_name, x->arena);
    x->event->presented = x->header.req.ticket.enc_part.cipher;
    x->event->proven = true;
    return OBOL_OK;
}

// heimdal_md5 is a leniency: with a session key of rc4-hmac, which the realm must have allowed,
// Heimdal's clients (lib/krb5/mk_req_ext.c) send the unkeyed rsa-md5 of the body. It stands inside
// the sealed authenticator, so that a forger would need a second preimage.
static bool heimdal_md5(const struct exchange *x, const struct checksum *sent) {
    uint8_t md5[16];
    return sent->cksumtype == CKSUMTYPE_RSA_MD5 &&
           enctype_number(crypto_key_enctype(x->header.session)) == ENCTYPE_RC4_HMAC &&
           crypto_digest(CKSUMTYPE_RSA_MD5, x->req.req_body.raw, buf_of(md5, sizeof md5), NULL) ==
               OBOL_OK &&
           ct_equal(slice_of(md5, sizeof md5), sent->checksum);
}

// The checksum ties the body to the authenticator. Only the keyed one of the session key counts:
// an unkeyed one is what MS14-068 was made of.
enum obol_code tgs_check_checksum(struct exchange *x) {
    struct error *err = &x->err;
    const struct authenticator *auth = &x->header.authenticator;
    bool present = (auth->present & AUTHENTICATOR_CKSUM) != 0;
    // For tools that leave it out (impacket), where the administrator says so.
    if (!present && !x->kdc->policy.require_body_checksum)
        return OBOL_OK;
    ENSURE(present, KRB_AP_ERR_INAPP_CKSUM, "the authenticator has no checksum of the request");
    enum obol_code code = crypto_verify(x->header.session, KU_TGS_REQ_CKSUM, auth->cksum.cksumtype,
                                        x->req.req_body.raw, auth->cksum.checksum, err);
    if (code == OBOL_CKSUMTYPE_UNSUPPORTED && heimdal_md5(x, &auth->cksum)) {
        error_init(err);
        return OBOL_OK;
    }
    // RFC 4120 3.3.2 parts what is not known from what is known and not good enough.
    if (code == OBOL_CKSUMTYPE_UNSUPPORTED && cksumtype_length(auth->cksum.cksumtype) == 0)
        return error_replace(err, OBOL_KDC_ERR_SUMTYPE_NOSUPP, __func__,
                             "the request's checksum is of type %d, which is not known",
                             auth->cksum.cksumtype);
    if (code == OBOL_CKSUMTYPE_UNSUPPORTED)
        return error_replace(err, OBOL_KRB_AP_ERR_INAPP_CKSUM, __func__,
                             "the request's checksum is of type %d, which is not the keyed one of "
                             "the session key",
                             auth->cksum.cksumtype);
    if (code == OBOL_CHECKSUM_MISMATCH)
        return error_replace(err, OBOL_KRB_AP_ERR_MODIFIED, __func__,
                             "the request is not the one that the authenticator was made for");
    return code;
}

enum obol_code tgs_check_header(struct exchange *x) {
    struct error *err = &x->err;
    const struct enc_ticket_part *t = &x->header.ticket;
    int64_t start = t->present & ENC_TICKET_PART_STARTTIME ? t->starttime : t->authtime;
    bool validate = exchange_option(x, KDC_OPT_VALIDATE), renew = exchange_option(x, KDC_OPT_RENEW);
    x->header_is_tgt = tgs_is_ours(x->kdc, &x->header.service.name);
    // RFC 4120 3.3.2: what is not a TGT can only be renewed, validated or made a proxy of.
    ENSURE(x->header_is_tgt || validate || renew || exchange_option(x, KDC_OPT_PROXY),
           KRB_AP_ERR_NOT_US, "the presented ticket is not a TGT");
    // Both times are this KDC's: a ticket cannot be validated before its start (5.4.1).
    ENSURE(!validate || start <= x->now, KRB_AP_ERR_TKT_NYV,
           "the ticket to validate starts in %lld seconds",
           (long long)krb_time_distance(start, x->now));
    ENSURE(start <= krb_time_add(x->now, x->kdc->policy.clockskew), KRB_AP_ERR_TKT_NYV,
           "the presented ticket starts in %lld seconds",
           (long long)krb_time_distance(start, x->now));
    ENSURE(!(t->flags & (uint32_t)TKT_INVALID) || (validate && !renew), KRB_AP_ERR_TKT_NYV,
           "the presented ticket has the flag INVALID: it must be validated first");
    ENSURE(t->endtime > x->now, KRB_AP_ERR_TKT_EXPIRED, "it expired %lld seconds ago",
           (long long)krb_time_distance(x->now, t->endtime));
    return OBOL_OK;
}

// A ticket that was issued a day ago is no reason to serve a client that was locked out since.
enum obol_code tgs_check_client(struct exchange *x) {
    struct error *err = &x->err;
    bool foreign_issuer = !slice_eq(x->header.service.realm, x->kdc->realm);
    if (!slice_eq(x->client_name.realm, x->kdc->realm))
        return OBOL_OK;
    struct slice text = {0};
    // A service of ours comes back with a ticket of its user's realm (MS-SFU 3.2.5.1.2): what it
    // asks for, in the name of that realm's user, the realm could issue at any time.
    if (foreign_issuer)
        TRY(s4u_foreign_user(x, &text));
    ENSURE(!foreign_issuer || text.len, KDC_ERR_POLICY,
           "realm %.*s vouches for a client of this realm", SLICE_ARG(x->header.service.realm));
    enum obol_code code = exchange_find(x, &x->client_name, &text, &x->client);
    ENSURE(code != OBOL_PRINCIPAL_NOT_FOUND, KDC_ERR_TGT_REVOKED, "there is no %.*s any more",
           SLICE_ARG(text));
    TRY(code);
    x->event->client_principal = x->client->record.name;
    x->event->client_id = x->client->record.id;
    return tgs_check_user(x, x->header.ticket.authtime);
}

enum obol_code tgs_check_user(struct exchange *x, int64_t authtime) {
    struct error *err = &x->err;
    const struct record *r = &x->client->record;
    ENSURE(!(r->flags & (RECORD_DISABLED | RECORD_LOCKED)), KDC_ERR_CLIENT_REVOKED,
           "%.*s was disabled or locked", SLICE_ARG(r->name));
    ENSURE(r->expires == 0 || x->now < r->expires, KDC_ERR_NAME_EXP,
           "%.*s expired %lld seconds ago", SLICE_ARG(r->name), (long long)(x->now - r->expires));
    // The name may have passed to somebody else since; the PAC binds tickets to the id itself.
    ENSURE(r->created <= krb_time_add(authtime, x->kdc->policy.clockskew), KDC_ERR_TGT_REVOKED,
           "%.*s was created after the ticket was issued", SLICE_ARG(r->name));
    return OBOL_OK;
}
