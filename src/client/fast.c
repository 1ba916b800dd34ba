// fast.c: see fast.h.
#include "client/fast.h"
#include "base/ct.h"
#include "client/preauth.h"
#include "krb/ap.h"
#include "krb/fast.h"
#include "krb/seal.h"

static enum obol_code draw_subkey(const struct client_fast *f, struct crypto_key *session,
                                  struct crypto_key **out, struct error *err) {
    const struct enctype *e = crypto_key_enctype(session);
    uint8_t bytes[CRYPTO_KEY_MAX];
    struct buf key = buf_of(bytes, enctype_key_length(e));
    enum obol_code code = crypto_random_key(e, f->env, key, err);
    if (code == OBOL_OK)
        code = crypto_key_in_arena(out, f->arena, enctype_number(e), slice_of_buf(key), err);
    wipe(bytes, sizeof bytes);
    return code;
}

enum obol_code client_fast_armor(struct client_fast *f, const struct cred *tgt, struct error *err) {
    struct crypto_key *session, *subkey;
    TRY(crypto_key_in_arena(&session, f->arena, tgt->key.keytype, tgt->key.keyvalue, err));
    TRY(draw_subkey(f, session, &subkey, err));
    const struct encryption_key sent = {enctype_number(crypto_key_enctype(subkey)),
                                        crypto_key_bytes(subkey)};
    // RFC 6113 5.4.1.1: whoever gets hold of this AP-REQ cannot present it to a TGS.
    struct authdata only = {.ad_type = AD_FX_ARMOR}, wrapped = {.ad_type = AD_IF_RELEVANT};
    const struct authdata_list inside = {&only, 1};
    TRY(der_encode(&TYPE_AUTHORIZATION_DATA, &inside, f->arena, &wrapped.ad_data, err));
    const struct ap_req_params ap = {
        .ticket = {.raw = tgt->ticket},
        .client = tgt->client,
        .session = session,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .subkey = &sent,
        .authorization_data = {&wrapped, 1},
    };
    struct ap_req_sent unused; // no AP-REP comes
    f->ap.armor_type = FX_FAST_ARMOR_AP_REQUEST;
    TRY(ap_req_build(&ap, f->env, f->arena, &f->ap.armor_value, &unused, err));
    return fast_armor_key(subkey, session, f->arena, &f->armor, err);
}

enum obol_code client_fast_wrap(const struct client_fast *f, struct slice body,
                                const struct padata_list *padata, struct slice outside,
                                struct padata *out, struct error *err) {
    const struct krb_fast_req inside = {f->options, *padata, {.raw = body}};
    const struct enctype *e = crypto_key_enctype(f->armor);
    struct buf sum = arena_buf(f->arena, enctype_checksum_length(e));
    struct pa_fx_fast_request request = {.present = PA_FX_FAST_REQUEST_ARMORED_DATA};
    struct krb_fast_armored_req *armored = &request.armored_data;
    ENSURE_MEMORY(sum.ptr);
    TRY(crypto_checksum(f->armor, KU_FX_REQ_CKSUM, outside, sum, err));
    armored->req_checksum = (struct checksum){enctype_checksum_type(e), slice_of_buf(sum)};
    TRY(krb_seal(&TYPE_KRB_FAST_REQ, &inside, f->armor, KU_FX_ENC, 0, f->env, f->arena,
                 &armored->enc_fast_req, err));
    if (f->ap.armor_value.len) {
        armored->present |= KRB_FAST_ARMORED_REQ_ARMOR;
        armored->armor = f->ap;
    }
    out->padata_type = PA_FX_FAST;
    return der_encode(&TYPE_PA_FX_FAST_REQUEST, &request, f->arena, &out->padata_value, err);
}

enum obol_code client_fast_open(const struct client_fast *f, const struct padata_list *padata,
                                uint32_t nonce, struct krb_fast_response *out, struct error *err) {
    const struct padata *pa = client_preauth_find_padata(padata, PA_FX_FAST);
    struct pa_fx_fast_reply reply;
    ENSURE(pa && pa->padata_value.len, FAST_REQUIRED,
           "the request went in armor (RFC 6113), the answer came without");
    TRY(der_decode(&TYPE_PA_FX_FAST_REPLY, pa->padata_value, f->arena, &reply, err));
    enum obol_code code = krb_open(&TYPE_KRB_FAST_RESPONSE, &reply.armored_data.enc_fast_rep,
                                   f->armor, KU_FX_REP, f->arena, out, err);
    if (code == OBOL_DECRYPT_INTEGRITY || code == OBOL_ENCTYPE_UNSUPPORTED)
        return error_replace(err, OBOL_REPLY_MISMATCH, __func__,
                             "the armored answer does not open with the armor key");
    TRY(code);
    ENSURE(out->nonce == nonce, REPLY_MISMATCH,
           "the nonce in the armored answer is not that of the request");
    return OBOL_OK;
}

static enum obol_code check_finished(const struct client_fast *f, struct kdc_rep *rep,
                                     const struct krb_fast_finished *finished, struct error *err) {
    struct slice ticket = rep->ticket.raw;
    const struct checksum *sum = &finished->ticket_checksum;
    if (!ticket.len)
        TRY(der_encode(&TYPE_TICKET, &rep->ticket, f->arena, &ticket, err));
    if (crypto_verify(f->armor, KU_FX_FINISHED, sum->cksumtype, ticket, sum->checksum, err) !=
        OBOL_OK)
        return error_replace(err, OBOL_REPLY_MISMATCH, __func__,
                             "the ticket is not the one that the armored answer vouches for");
    rep->crealm = finished->crealm;
    rep->cname = finished->cname;
    return OBOL_OK;
}

enum obol_code client_fast_reply(const struct client_fast *f, uint32_t nonce, struct kdc_rep *rep,
                                 struct crypto_key **strengthen, struct error *err) {
    const struct padata_list none = {0};
    struct krb_fast_response response;
    *strengthen = NULL;
    TRY(client_fast_open(f, rep->present & KDC_REP_PADATA ? &rep->padata : &none, nonce, &response,
                         err));
    ENSURE(response.present & KRB_FAST_RESPONSE_FINISHED, REPLY_MISMATCH,
           "the armored answer does not vouch for the ticket");
    TRY(check_finished(f, rep, &response.finished, err));
    rep->present |= KDC_REP_PADATA;
    rep->padata = response.padata;
    if (!(response.present & KRB_FAST_RESPONSE_STRENGTHEN_KEY))
        return OBOL_OK;
    const struct encryption_key *key = &response.strengthen_key;
    return crypto_key_in_arena(strengthen, f->arena, key->keytype, key->keyvalue, err);
}

enum obol_code client_fast_error(const struct client_fast *f, uint32_t nonce,
                                 struct krb_error *error, struct padata_list *methods,
                                 struct error *err) {
    struct padata_list outside = {0};
    struct krb_fast_response response;
    if (error->present & KRB_ERROR_E_DATA &&
        der_decode(&TYPE_METHOD_DATA, error->e_data, f->arena, &outside, NULL) != OBOL_OK)
        outside = (struct padata_list){0};
    TRY(client_fast_open(f, &outside, nonce, &response, err));
    const struct padata *pa = client_preauth_find_padata(&response.padata, PA_FX_ERROR);
    ENSURE(pa, REPLY_MISMATCH, "the armored answer to the request holds no error");
    *methods = response.padata;
    return der_decode(&TYPE_KRB_ERROR, pa->padata_value, f->arena, error, err);
}
