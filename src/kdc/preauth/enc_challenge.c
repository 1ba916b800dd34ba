// enc_challenge.c: the encrypted challenge (RFC 6113 5.4.6): in armor, each side seals the time
// with the armor key and the client's key mixed. The KDC's answer shows that it holds the client's
// key.
#include "kdc/preauth/preauth.h"
#include "krb/fast.h"
#include "krb/seal.h"

static bool offer(const struct exchange *x) {
    return x->client->current > 0;
}

static bool is_offered(const struct exchange *x, int32_t etype) {
    const struct int32_list *offered = &x->req.req_body.etype;
    for (size_t i = 0; i < offered->count; i++)
        if (offered->items[i] == etype)
            return etype_is_for(x, etype);
    return false;
}

// The challenge does not tell which of the client's keys is in it: its enctype is the armor's. Any
// current one that the client can use will do, and it is the reply key then.
static enum obol_code open_challenge(struct exchange *x, const struct encrypted_data *sealed,
                                     struct pa_enc_ts_enc *ts, struct crypto_key **key) {
    struct error *err = &x->err;
    for (size_t i = 0; i < x->client->current; i++) {
        struct crypto_key *challenge;
        if (!is_offered(x, x->client->record.keys.items[i].enctype))
            continue;
        TRY(cache_key(x->kdc->cache, x->client, i, x->arena, key, err));
        TRY(fast_challenge_key(x->armor, *key, false, x->arena, &challenge, err));
        if (krb_open(&TYPE_PA_ENC_TS_ENC, sealed, challenge, KU_ENC_CHALLENGE_CLIENT, x->arena, ts,
                     NULL) != OBOL_OK)
            continue;
        x->reply_key_index = i;
        x->event->reply_etype = x->client->record.keys.items[i].enctype;
        return OBOL_OK;
    }
    return preauth_wrong_key(x, "encrypted challenge");
}

static enum obol_code prove(struct exchange *x, struct crypto_key *key) {
    struct error *err = &x->err;
    struct crypto_key *challenge;
    struct encrypted_data sealed;
    const struct pa_enc_ts_enc ts = {
        .present = PA_ENC_TS_ENC_PAUSEC,
        .patimestamp = x->now,
        .pausec = (int32_t)(x->now_us % 1000000),
    };
    TRY(fast_challenge_key(x->armor, key, true, x->arena, &challenge, err));
    TRY(krb_seal(&TYPE_PA_ENC_TS_ENC, &ts, challenge, KU_ENC_CHALLENGE_KDC, 0, x->kdc->env,
                 x->arena, &sealed, err));
    x->preauth_data.padata_type = PA_ENCRYPTED_CHALLENGE;
    return der_encode(&TYPE_ENCRYPTED_DATA, &sealed, x->arena, &x->preauth_data.padata_value, err);
}

static enum obol_code verify(struct exchange *x, struct slice value) {
    struct error *err = &x->err;
    struct encrypted_data sealed;
    struct pa_enc_ts_enc ts = {0};
    struct crypto_key *key = NULL;
    if (der_decode(&TYPE_ENCRYPTED_DATA, value, x->arena, &sealed, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                             "the encrypted challenge is malformed");
    TRY(open_challenge(x, &sealed, &ts, &key));
    TRY(timestamp_check(x, &ts));
    x->indicators = x->kdc->policy.encrypted_challenge_indicators;
    return prove(x, key);
}

const struct preauth PREAUTH_ENC_CHALLENGE = {
    .type = PA_ENCRYPTED_CHALLENGE,
    .name = "encrypted challenge",
    .setting = "encrypted_challenge",
    .where = PREAUTH_IN_ARMOR,
    .password = true,
    .offer = offer,
    .verify = verify,
};
