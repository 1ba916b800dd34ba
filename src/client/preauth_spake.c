// preauth_spake.c: SPAKE (RFC 9588), without a second factor: the client says which groups it can
// do, is challenged, and responds. Nothing of it helps somebody who guesses passwords, and a KDC
// that does not hold the client's key cannot seal the reply.
#include "base/ct.h"
#include "client/preauth.h"
#include "krb/seal.h"
#include "krb/spake.h"
#include "proto/spake.h"

static int32_t USUAL_GROUPS[] = {SPAKE_GROUP_EDWARDS25519};

static struct int32_list groups(const struct as_client *c) {
    const struct int32_list usual = {USUAL_GROUPS, COUNT_OF(USUAL_GROUPS)};
    return c->params.spake_groups.count ? c->params.spake_groups : usual;
}

static bool is_supported(const struct as_client *c, int32_t group) {
    const struct int32_list list = groups(c);
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i] == group)
            return spake_group_find(group) != NULL;
    return false;
}

// A challenge that we can answer. Another one, sent before we were asked, is answered with what we
// can do (RFC 9588 4.1).
static bool read_challenge(struct as_client *c, struct slice value, struct spake_challenge *out) {
    struct pa_spake message;
    if (value.len == 0 || der_decode(&TYPE_PA_SPAKE, value, c->arena, &message, NULL) != OBOL_OK ||
        !(message.present & PA_SPAKE_CHALLENGE) || !is_supported(c, message.challenge.group))
        return false;
    *out = message.challenge;
    for (size_t i = 0; i < out->factors.count; i++)
        if (out->factors.items[i].type == SPAKE_SF_NONE)
            return true;
    return false;
}

static bool needs_key(struct as_client *c, struct slice challenge) {
    struct spake_challenge ignored;
    return read_challenge(c, challenge, &ignored);
}

static enum obol_code make_support(struct as_client *c, struct slice *value, struct error *err) {
    const struct pa_spake message = {.present = PA_SPAKE_SUPPORT, .support = {groups(c)}};
    // Once the KDC has heard what we can do, another support would go round in a circle.
    ENSURE(!c->go_on, REPLY_MISMATCH,
           "the KDC's challenge of SPAKE is of a group or factor that was not offered");
    TRY(der_encode(&TYPE_PA_SPAKE, &message, c->arena, &c->spake_support, err));
    *value = c->spake_support;
    return OBOL_OK;
}

static enum obol_code seal_factor(struct as_client *c, const struct spake_exchange *s,
                                  struct slice result, struct encrypted_data *out,
                                  struct error *err) {
    const struct spake_second_factor none = {.type = SPAKE_SF_NONE};
    struct crypto_key *key;
    TRY(spake_exchange_key(s, result, c->body, SPAKE_KEY_RESPONSE, c->arena, &key, err));
    TRY(krb_seal(&TYPE_SPAKE_SECOND_FACTOR, &none, key, KU_SPAKE, 0, c->env, c->arena, out, err));
    return spake_exchange_key(s, result, c->body, SPAKE_KEY_REPLY, c->arena, &c->reply_key, err);
}

static enum obol_code respond(struct as_client *c, struct spake_exchange *s, struct slice y,
                              const struct spake_challenge *challenge, struct slice raw,
                              struct slice *value, struct error *err) {
    uint8_t point[SPAKE_POINT_MAX], shared[SPAKE_POINT_MAX];
    struct buf public = buf_of(point, spake_point_length(s->group));
    struct buf result = buf_of(shared, spake_point_length(s->group));
    struct pa_spake message = {.present = PA_SPAKE_RESPONSE};
    spake_exchange_add(s, c->spake_support, raw);
    TRY(spake_public(s->group, false, spake_exchange_w(s), y, public, err));
    spake_exchange_add(s, slice_of_buf(public), (struct slice){0});
    TRY(spake_result(s->group, false, spake_exchange_w(s), y, challenge->pubkey, result, err));
    message.response.pubkey = slice_of_buf(public);
    enum obol_code code = seal_factor(c, s, slice_of_buf(result), &message.response.factor, err);
    wipe(shared, sizeof shared);
    TRY(code);
    c->proof_sent = true;
    return der_encode(&TYPE_PA_SPAKE, &message, c->arena, value, err);
}

static enum obol_code make(struct as_client *c, struct slice raw, struct slice *value,
                           struct error *err) {
    struct spake_challenge challenge;
    struct spake_exchange s;
    uint8_t private[SPAKE_SCALAR_MAX];
    if (!read_challenge(c, raw, &challenge))
        return make_support(c, value, err);
    const struct spake_group *g = spake_group_find(challenge.group);
    struct buf y = buf_of(private, spake_scalar_length(g));
    enum obol_code code = spake_exchange_start(&s, g, c->key, err);
    if (code == OBOL_OK)
        code = spake_private(g, c->env, y, err);
    if (code == OBOL_OK)
        code = respond(c, &s, slice_of_buf(y), &challenge, raw, value, err);
    wipe(private, sizeof private);
    wipe(&s, sizeof s);
    return code;
}

const struct client_preauth CLIENT_PREAUTH_SPAKE = {
    .name = "SPAKE",
    .section = "RFC 9588",
    .type = PA_SPAKE,
    .unasked = true,
    .needs_key = needs_key,
    .conclusive = true,
    .make = make,
};
