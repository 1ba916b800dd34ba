// enc_timestamp.c: PA-ENC-TIMESTAMP (RFC 4120 5.2.7.2): the client seals the time with its key.
#include "kdc/preauth/preauth.h"
#include "krb/seal.h"
#include "krb/times.h"

bool preauth_timestamp_bare(const struct exchange *x) {
    return x->kdc->policy.encrypted_timestamp && !(x->client->record.flags & RECORD_NO_TIMESTAMP);
}

// In armor nobody would see it; but Heimdal 7.8's kinit, which knows no encrypted challenge, cannot
// have the reply sealed with more than its own key (see fast_reply.c), so it is one rule.
static bool offer(const struct exchange *x) {
    return preauth_timestamp_bare(x) && x->client->current > 0;
}

// An account may have several keys of an enctype, of different salts. Old kvnos do not count: an
// old password must not let in.
static enum obol_code open_timestamp(struct exchange *x, const struct encrypted_data *sealed,
                                     struct pa_enc_ts_enc *ts) {
    bool held = false;
    for (size_t i = 0; i < x->client->current; i++) {
        if (x->client->record.keys.items[i].enctype != sealed->etype)
            continue;
        struct crypto_key *key;
        held = true;
        TRY(cache_key(x->kdc->cache, x->client, i, x->arena, &key, &x->err));
        if (krb_open(&TYPE_PA_ENC_TS_ENC, sealed, key, KU_PA_ENC_TIMESTAMP, x->arena, ts, NULL) !=
            OBOL_OK)
            continue;
        x->reply_key_index = sealed->etype == x->event->reply_etype ? i : x->reply_key_index;
        return OBOL_OK;
    }
    return held ? preauth_wrong_key(x, "encrypted timestamp")
                : keys_no_common(x, x->client, "encrypted timestamp");
}

enum obol_code timestamp_check(struct exchange *x, const struct pa_enc_ts_enc *ts) {
    struct error *err = &x->err;
    x->timestamp = *ts;
    int64_t skew = krb_time_distance(ts->patimestamp, x->now);
    if (skew <= x->kdc->policy.clockskew)
        return OBOL_OK;
    error_fact(err, "skew in seconds", "%lld", (long long)skew);
    return error_set(err, OBOL_KRB_AP_ERR_SKEW, __func__,
                     "the client's clock is %lld seconds %s this one, %lld are allowed",
                     (long long)skew, ts->patimestamp < x->now ? "behind" : "before",
                     (long long)x->kdc->policy.clockskew);
}

static enum obol_code verify(struct exchange *x, struct slice value) {
    struct error *err = &x->err;
    struct encrypted_data sealed;
    if (der_decode(&TYPE_ENCRYPTED_DATA, value, x->arena, &sealed, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                             "the PA-ENC-TIMESTAMP is malformed");
    ENSURE(etype_is_for(x, sealed.etype), KDC_ERR_ETYPE_NOSUPP,
           "the timestamp is sealed with enctype %d, which is not permitted", sealed.etype);
    struct pa_enc_ts_enc ts = {0};
    TRY(open_timestamp(x, &sealed, &ts));
    return timestamp_check(x, &ts);
}

const struct preauth PREAUTH_ENC_TIMESTAMP = {
    .type = PA_ENC_TIMESTAMP,
    .name = "encrypted timestamp",
    .setting = "encrypted_timestamp",
    .where = PREAUTH_ANYWHERE,
    .password = true,
    .offer = offer,
    .verify = verify,
};
