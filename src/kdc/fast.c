// fast.c: a request in armor (RFC 6113 5.4.1, 5.4.2); see fast.h. What stands outside is bound to
// the armor by a checksum, and then not looked at again.
#include "kdc/fast.h"
#include "kdc/as.h"
#include "kdc/authdata/authdata.h"
#include "kdc/authdata/pac.h"
#include "kdc/tgs.h"
#include "krb/fast.h"
#include "krb/seal.h"
#include "proto/fast.h"

static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    return tgs_find_key(ctx, service, etype, kvno, attempt, a, key, err);
}

// FX_FAST_ARMOR_AP_REQUEST: a TGT for this realm, with a subkey of its owner's (RFC 6113 5.4.1.1).
static enum obol_code open_armor(struct exchange *x, const struct krb_fast_armor *armor,
                                 struct crypto_key **out) {
    struct error *err = &x->err;
    ENSURE(armor->armor_type == FX_FAST_ARMOR_AP_REQUEST, KDC_ERR_PREAUTH_FAILED,
           "armor of type %d is not known", armor->armor_type);
    const struct ap_key_source keys = {x, find_key, NULL};
    const struct ap_accept_params params = {
        .keys = &keys,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .clockskew = x->kdc->policy.clockskew,
    };
    struct ap_accepted accepted;
    // The look-up notes the service of the ticket that is presented, which the armor's is not.
    struct entry *presented = x->header_server;
    enum obol_code code =
        ap_req_accept(armor->armor_value, &params, x->kdc->env, x->arena, &accepted, err);
    x->header_server = presented;
    TRY(code);
    ENSURE(tgs_is_ours(x->kdc, &accepted.service.name), KDC_ERR_PREAUTH_FAILED,
           "the ticket of the armor is for %.*s and not a TGT of this realm",
           SLICE_ARG(principal_text(&accepted.service, x->arena)));
    ENSURE(accepted.subkey, KDC_ERR_PREAUTH_FAILED, "the armor has no subkey");
    const struct pac_ticket tgt = {
        .part = &accepted.ticket,
        .service = &accepted.service.name,
        .key = accepted.ticket_key,
        .ours = slice_eq(accepted.service.realm, x->kdc->realm),
    };
    TRY(pac_check_tgt(x, &tgt));
    x->event->armor = principal_text(&accepted.client, x->arena);
    return fast_armor_key(accepted.subkey, accepted.session, x->arena, out, err);
}

// RFC 6113 5.4.2: the checksum ties the armor to what it came in.
static enum obol_code check_outside(struct exchange *x, const struct checksum *sum,
                                    struct slice outside) {
    struct error *err = &x->err;
    enum obol_code code =
        crypto_verify(x->armor, KU_FX_REQ_CKSUM, sum->cksumtype, outside, sum->checksum, err);
    if (code == OBOL_CKSUMTYPE_UNSUPPORTED)
        return error_replace(err, OBOL_KRB_AP_ERR_INAPP_CKSUM, __func__,
                             "the checksum of the armored request is of type %d, which is not the "
                             "keyed one of the armor key",
                             sum->cksumtype);
    if (code == OBOL_CHECKSUM_MISMATCH)
        return error_replace(err, OBOL_KRB_AP_ERR_MODIFIED, __func__,
                             "the armor was made for another request");
    return code;
}

static enum obol_code open_inside(struct exchange *x, const struct encrypted_data *sealed) {
    struct error *err = &x->err;
    struct krb_fast_req inside;
    enum obol_code code =
        krb_open(&TYPE_KRB_FAST_REQ, sealed, x->armor, KU_FX_ENC, x->arena, &inside, err);
    if (code == OBOL_DECRYPT_INTEGRITY || code == OBOL_ENCTYPE_UNSUPPORTED)
        return error_replace(err, OBOL_KRB_AP_ERR_BAD_INTEGRITY, __func__,
                             "the armored request does not open with the armor key");
    if (code != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                             "what is inside the armor is malformed");
    uint32_t unknown = inside.fast_options & FAST_CRITICAL & ~FAST_HIDE_CLIENT_NAMES;
    x->hide_names = (inside.fast_options & FAST_HIDE_CLIENT_NAMES) != 0;
    x->req.req_body = inside.req_body;
    x->req.padata = inside.padata;
    x->req.present |= KDC_REQ_PADATA;
    ENSURE(!unknown, KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS,
           "the critical options 0x%08x of FAST are not known", unknown);
    return OBOL_OK;
}

static enum obol_code read_request(struct exchange *x, struct slice value,
                                   struct krb_fast_armored_req *out) {
    struct error *err = &x->err;
    struct pa_fx_fast_request request;
    if (der_decode(&TYPE_PA_FX_FAST_REQUEST, value, x->arena, &request, err) != OBOL_OK) {
        error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__, "the PA-FX-FAST is malformed");
        return OBOL_KDC_ERR_PREAUTH_FAILED; // not error_replace's: analysers see that it is one
    }
    *out = request.armored_data;
    return OBOL_OK;
}

enum obol_code as_open_fast(struct exchange *x) {
    struct error *err = &x->err;
    const struct padata *pa = exchange_padata(x, PA_FX_FAST);
    if (LIKELY(!pa))
        return OBOL_OK;
    struct krb_fast_armored_req request;
    struct crypto_key *armor;
    TRY(read_request(x, pa->padata_value, &request));
    ENSURE(request.present & KRB_FAST_ARMORED_REQ_ARMOR, KDC_ERR_PREAUTH_FAILED,
           "the armored request names no armor");
    TRY(open_armor(x, &request.armor, &armor));
    x->armor = armor;
    TRY(check_outside(x, &request.req_checksum, x->req.req_body.raw));
    return open_inside(x, &request.enc_fast_req);
}

// RFC 6113 5.4.1.1, 5.4.2: an authenticator that was made for an armor presents no ticket; and who
// says that he used FAST, and did not, was robbed of it on the way.
static enum obol_code check_authdata(struct exchange *x, bool armored) {
    struct error *err = &x->err;
    const struct authenticator *auth = &x->header.authenticator;
    const struct enc_ticket_part *t = &x->header.ticket;
    const struct authdata_list none = {0}, *ours = &none;
    if (x->opened)
        ours = &x->opened->rest; // a PAC holds none of these
    else if (t->present & ENC_TICKET_PART_AUTHORIZATION_DATA)
        ours = &t->authorization_data;
    const struct authdata_list *lists[] = {
        auth->present & AUTHENTICATOR_AUTHORIZATION_DATA ? &auth->authorization_data : &none,
        ours,
    };
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        ENSURE(!authdata_holds(lists[i], AD_FX_ARMOR, x->arena), KDC_ERR_POLICY,
               "the presented ticket, or its authenticator, is for FAST armor only");
        ENSURE(armored || !authdata_holds(lists[i], AD_FX_FAST_USED, x->arena), KRB_AP_ERR_MODIFIED,
               "the client used FAST, and the request came without it");
    }
    return OBOL_OK;
}

enum obol_code tgs_open_fast(struct exchange *x) {
    struct error *err = &x->err;
    const struct padata *pa = exchange_padata(x, PA_FX_FAST);
    TRY(check_authdata(x, pa != NULL));
    if (LIKELY(!pa))
        return OBOL_OK;
    struct krb_fast_armored_req request;
    struct crypto_key *armor;
    const struct padata *outside = exchange_padata(x, PA_TGS_REQ);
    TRY(read_request(x, pa->padata_value, &request));
    ENSURE(x->header.subkey, KDC_ERR_PREAUTH_FAILED,
           "the armored request's authenticator has no subkey");
    if (request.present & KRB_FAST_ARMORED_REQ_ARMOR) {
        TRY(open_armor(x, &request.armor, &armor));
        TRY(fast_explicit_armor_key(armor, x->header.subkey, x->arena, &x->armor, err));
    } else {
        TRY(fast_armor_key(x->header.subkey, x->header.session, x->arena, &x->armor, err));
    }
    TRY(check_outside(x, &request.req_checksum, outside->padata_value));
    TRY(open_inside(x, &request.enc_fast_req));
    // What was checked of the outside holds for nothing inside.
    return tgs_check_request(x);
}
