// spake.c: SPAKE preauthentication (RFC 9588) at the KDC, without a second factor (SF-NONE). The
// client's support is answered with a challenge, whose private key goes into the cookie, sealed;
// the client's response opens, and the reply is sealed, with keys that only who knows the client's
// long-term key can have come to.
#include "krb/spake.h"
#include "base/ct.h"
#include "base/reader.h"
#include "kdc/cookie.h"
#include "kdc/preauth/preauth.h"
#include "krb/seal.h"
#include "proto/spake.h"

enum { STATE_VERSION = 1 };

static const int32_t USUAL_GROUPS[] = {SPAKE_GROUP_EDWARDS25519, SPAKE_GROUP_P256};

static bool offer(const struct exchange *x) {
    return x->client->current > 0;
}

static const struct spake_group *permitted_group(const struct exchange *x, int32_t number) {
    const struct kdc_policy *policy = &x->kdc->policy;
    const int32_t *groups = policy->spake_group_count ? policy->spake_groups : USUAL_GROUPS;
    size_t count = policy->spake_group_count ? policy->spake_group_count : COUNT_OF(USUAL_GROUPS);
    for (size_t i = 0; i < count; i++)
        if (groups[i] == number)
            return spake_group_find(number);
    return NULL;
}

static enum obol_code start(struct exchange *x, const struct spake_group *g,
                            struct spake_exchange *s) {
    struct crypto_key *key;
    TRY(cache_key(x->kdc->cache, x->client, x->reply_key_index, x->arena, &key, &x->err));
    return spake_exchange_start(s, g, key, &x->err);
}

// The state: version, group, kvno and enctype of the key, private key, transcript.
static enum obol_code keep_state(struct exchange *x, const struct spake_exchange *s,
                                 struct slice private) {
    struct error *err = &x->err;
    struct writer w = writer_to_arena(x->arena);
    writer_u8(&w, STATE_VERSION);
    writer_be32(&w, (uint32_t)spake_group_number(s->group));
    writer_be32(&w, x->client->kvno);
    writer_be32(&w, (uint32_t)enctype_number(crypto_key_enctype(s->key)));
    writer_bytes(&w, private);
    writer_bytes(&w, spake_exchange_transcript(s));
    ENSURE(writer_ok(&w), NO_MEMORY, "the state of SPAKE");
    return cookie_seal(x, PA_SPAKE, writer_slice(&w), &x->cookie);
}

static enum obol_code make_challenge(struct exchange *x, struct spake_exchange *s,
                                     struct slice support, struct slice *out) {
    struct error *err = &x->err;
    uint8_t private[SPAKE_SCALAR_MAX], public[SPAKE_POINT_MAX];
    struct buf x_key = buf_of(private, spake_scalar_length(s->group));
    struct buf point = buf_of(public, spake_point_length(s->group));
    struct spake_second_factor none = {.type = SPAKE_SF_NONE};
    const struct pa_spake message = {
        .present = PA_SPAKE_CHALLENGE,
        .challenge = {spake_group_number(s->group), slice_of_buf(point), {&none, 1}},
    };
    enum obol_code code = spake_private(s->group, x->kdc->env, x_key, err);
    if (code == OBOL_OK)
        code = spake_public(s->group, true, spake_exchange_w(s), slice_of_buf(x_key), point, err);
    if (code == OBOL_OK)
        code = der_encode(&TYPE_PA_SPAKE, &message, x->arena, out, err);
    if (code == OBOL_OK) {
        spake_exchange_add(s, support, *out);
        code = keep_state(x, s, slice_of_buf(x_key));
    }
    wipe(private, sizeof private);
    return code;
}

static enum obol_code challenge(struct exchange *x, const struct spake_group *g,
                                struct slice support, struct slice *out) {
    struct spake_exchange s;
    enum obol_code code = start(x, g, &s);
    if (code == OBOL_OK)
        code = make_challenge(x, &s, support, out);
    wipe(&s, sizeof s);
    return code;
}

// A challenge that does not wait for the client's support saves two messages, and costs a
// multiplication for whoever asks: only where the administrator wishes it.
static enum obol_code advertise(struct exchange *x, struct slice *value) {
    const struct spake_group *g = permitted_group(x, x->kdc->policy.spake_challenge);
    if (!g || x->cookie.padata_type)
        return OBOL_OK;
    return challenge(x, g, (struct slice){0}, value);
}

// RFC 9588 4.2: the KDC chooses among what the client supports; its order counts.
static enum obol_code answer_support(struct exchange *x, const struct spake_support *support,
                                     struct slice message) {
    struct error *err = &x->err;
    const struct spake_group *g = NULL;
    for (size_t i = 0; i < support->groups.count && !g; i++)
        g = permitted_group(x, support->groups.items[i]);
    ENSURE(g, KDC_ERR_PREAUTH_FAILED, "none of the client's %zu groups for SPAKE is permitted here",
           support->groups.count);
    TRY(challenge(x, g, message, &x->preauth_data.padata_value));
    x->preauth_data.padata_type = PA_SPAKE;
    return OBOL_KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
}

// What the challenge was made with must hold still.
static enum obol_code read_state(struct exchange *x, struct spake_exchange *s,
                                 struct slice *private) {
    struct error *err = &x->err;
    struct slice state;
    enum obol_code code = cookie_open(x, PA_SPAKE, &state);
    ENSURE(code != OBOL_NOT_FOUND, KDC_ERR_PREAUTH_FAILED,
           "the response of SPAKE comes without the cookie of its challenge");
    TRY(code);
    struct reader r = reader_of(state);
    uint8_t version = reader_u8(&r);
    const struct spake_group *g = permitted_group(x, (int32_t)reader_be32(&r));
    uint32_t kvno = reader_be32(&r);
    int32_t etype = (int32_t)reader_be32(&r);
    ENSURE(version == STATE_VERSION && g && kvno == x->client->kvno &&
               etype == x->event->reply_etype,
           KDC_ERR_PREAUTH_EXPIRED, "the key or the groups changed since the challenge");
    TRY(start(x, g, s));
    *private = reader_bytes(&r, spake_scalar_length(g));
    struct slice transcript = reader_bytes(&r, spake_hash_length(g));
    ENSURE(reader_done(&r), KDC_ERR_PREAUTH_FAILED, "the cookie of SPAKE is malformed");
    memcpy(s->transcript, transcript.ptr, transcript.len);
    return OBOL_OK;
}

// RFC 9588 4.3: K'[1] opens the factor. Who sealed it knows the client's key.
static enum obol_code open_factor(struct exchange *x, const struct spake_exchange *s,
                                  struct slice result, const struct encrypted_data *sealed) {
    struct error *err = &x->err;
    struct slice body = x->req.req_body.raw;
    struct crypto_key *key;
    struct spake_second_factor factor;
    TRY(spake_exchange_key(s, result, body, SPAKE_KEY_RESPONSE, x->arena, &key, err));
    if (krb_open(&TYPE_SPAKE_SECOND_FACTOR, sealed, key, KU_SPAKE, x->arena, &factor, NULL) !=
        OBOL_OK)
        return preauth_wrong_key(x, "response of SPAKE");
    ENSURE(factor.type == SPAKE_SF_NONE, KDC_ERR_PREAUTH_FAILED,
           "the client chose the second factor %d, which was not offered", factor.type);
    return spake_exchange_key(s, result, body, SPAKE_KEY_REPLY, x->arena, &x->reply_key, err);
}

static enum obol_code finish(struct exchange *x, struct spake_exchange *s,
                             const struct spake_response *response) {
    struct error *err = &x->err;
    struct slice private;
    uint8_t point[SPAKE_POINT_MAX];
    TRY(read_state(x, s, &private));
    struct buf result = buf_of(point, spake_point_length(s->group));
    if (spake_result(s->group, true, spake_exchange_w(s), private, response->pubkey, result, err) !=
        OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                             "the client's public key is no point of %s",
                             spake_group_name(s->group));
    spake_exchange_add(s, response->pubkey, (struct slice){0});
    enum obol_code code = open_factor(x, s, slice_of_buf(result), &response->factor);
    wipe(point, sizeof point);
    return code;
}

static enum obol_code take_response(struct exchange *x, const struct spake_response *response) {
    struct spake_exchange s = {0};
    enum obol_code code = finish(x, &s, response);
    wipe(&s, sizeof s);
    if (code == OBOL_OK)
        x->indicators = x->kdc->policy.spake_indicators;
    return code;
}

static enum obol_code verify(struct exchange *x, struct slice value) {
    struct error *err = &x->err;
    struct pa_spake message;
    if (der_decode(&TYPE_PA_SPAKE, value, x->arena, &message, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                             "the PA-SPAKE is malformed");
    if (message.present & PA_SPAKE_SUPPORT)
        return answer_support(x, &message.support, value);
    ENSURE(message.present & PA_SPAKE_RESPONSE, KDC_ERR_PREAUTH_FAILED,
           "the PA-SPAKE is neither support nor response");
    return take_response(x, &message.response);
}

const struct preauth PREAUTH_SPAKE = {
    .type = PA_SPAKE,
    .name = "SPAKE",
    .setting = "spake",
    .where = PREAUTH_ANYWHERE,
    .password = true,
    .offer = offer,
    .advertise = advertise,
    .verify = verify,
};
