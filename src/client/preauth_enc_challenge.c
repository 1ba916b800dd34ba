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

// `of_kdc` false is a leniency: Heimdal's KDC of 7.8 (kdc/kerberos5.c) seals its proof with the
// client's challenge key. Who does not hold the client's key cannot make that, either, and the
// client's own challenge, thrown back, was sealed for another usage.
static bool opens(struct as_client *c, const struct encrypted_data *sealed, bool of_kdc) {
    struct crypto_key *key;
    struct pa_enc_ts_enc timestamp;
    return fast_challenge_key(c->fast.armor, c->key, of_kdc, c->arena, &key, NULL) == OBOL_OK &&
           krb_open(&TYPE_PA_ENC_TS_ENC, sealed, key, KU_ENC_CHALLENGE_KDC, c->arena, &timestamp,
                    NULL) == OBOL_OK;
}

static enum obol_code check(struct as_client *c, const struct padata_list *padata,
                            struct error *err) {
    const struct padata *pa = client_preauth_find_padata(padata, PA_ENCRYPTED_CHALLENGE);
    struct encrypted_data sealed;
    ENSURE(pa, REPLY_MISMATCH, "the KDC does not prove that it holds the client's key");
    TRY(der_decode(&TYPE_ENCRYPTED_DATA, pa->padata_value, c->arena, &sealed, err));
    ENSURE(opens(c, &sealed, true) || opens(c, &sealed, false), REPLY_MISMATCH,
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
