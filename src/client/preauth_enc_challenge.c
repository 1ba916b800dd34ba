// preauth_enc_challenge.c: the encrypted challenge (RFC 6113 5.4.6): in the armor of FAST each side
// seals the time with the armor key and the client's key mixed, so that the KDC proves itself too.
#include "client/preauth.h"
#include "krb/fast.h"
#include "krb/seal.h"

static enum obol_code make(struct as_client *c, struct slice challenge, struct slice *value,
                           struct error *err) {
    UNUSED(challenge); // the KDC's is empty
    int64_t now = env_now_us(c->env);
    const struct pa_enc_ts_enc timestamp = {
        .present = PA_ENC_TS_ENC_PAUSEC,
        .patimestamp = now / 1000000 + c->offset,
        .pausec = (int32_t)(now % 1000000),
    };
    struct crypto_key *key;
    struct encrypted_data sealed;
    TRY(fast_challenge_key(c->fast.armor, c->key, false, c->arena, &key, err));
    TRY(krb_seal(&TYPE_PA_ENC_TS_ENC, &timestamp, key, KU_ENC_CHALLENGE_CLIENT, 0, c->env, c->arena,
                 &sealed, err));
    c->proof_sent = true;
    return der_encode(&TYPE_ENCRYPTED_DATA, &sealed, c->arena, value, err);
}

static enum obol_code check(struct as_client *c, const struct padata_list *padata,
                            struct error *err) {
    const struct padata *pa = client_preauth_find_padata(padata, PA_ENCRYPTED_CHALLENGE);
    struct encrypted_data sealed;
    struct pa_enc_ts_enc timestamp;
    struct crypto_key *key;
    ENSURE(pa, REPLY_MISMATCH, "the KDC does not prove that it holds the client's key");
    TRY(der_decode(&TYPE_ENCRYPTED_DATA, pa->padata_value, c->arena, &sealed, err));
    TRY(fast_challenge_key(c->fast.armor, c->key, true, c->arena, &key, err));
    if (krb_open(&TYPE_PA_ENC_TS_ENC, &sealed, key, KU_ENC_CHALLENGE_KDC, c->arena, &timestamp,
                 err) != OBOL_OK)
        return error_replace(err, OBOL_REPLY_MISMATCH, __func__,
                             "the KDC's proof does not open with the client's key");
    return OBOL_OK;
}

const struct client_preauth CLIENT_PREAUTH_ENC_CHALLENGE = {
    .name = "encrypted challenge",
    .section = "RFC 6113 5.4.6",
    .type = PA_ENCRYPTED_CHALLENGE,
    .where = CLIENT_PREAUTH_IN_ARMOR,
    .needs_key = client_preauth_always_needs_key,
    .conclusive = true,
    .make = make,
    .check = check,
};
