// preauth_enc_timestamp.c: PA-ENC-TIMESTAMP (RFC 4120 5.2.7.2): the present time sealed with the
// client's long-term key shows the KDC that the sender knows the password.
#include "client/preauth.h"
#include "krb/seal.h"

static enum obol_code make(struct as_client *c, struct slice challenge, struct slice *value,
                           struct error *err) {
    UNUSED(challenge); // the KDC's is empty
    int64_t now = env_now_us(c->env);
    struct pa_enc_ts_enc timestamp = {
        .present = PA_ENC_TS_ENC_PAUSEC,
        .patimestamp = now / 1000000 + c->offset,
        .pausec = (int32_t)(now % 1000000),
    };
    struct encrypted_data sealed;
    TRY(krb_seal(&TYPE_PA_ENC_TS_ENC, &timestamp, c->key, KU_PA_ENC_TIMESTAMP, 0, c->env, c->arena,
                 &sealed, err));
    c->proof_sent = true;
    return der_encode(&TYPE_ENCRYPTED_DATA, &sealed, c->arena, value, err);
}

const struct client_preauth CLIENT_PREAUTH_ENC_TIMESTAMP = {
    .name = "encrypted timestamp",
    .section = "RFC 4120 5.2.7.2",
    .type = PA_ENC_TIMESTAMP,
    .unasked = true,
    // In armor the encrypted challenge does the same, and the KDC proves itself besides.
    .where = CLIENT_PREAUTH_BARE,
    .needs_key = client_preauth_always_needs_key,
    .make = make,
};
