// preauth_otp.c: one-time passwords (RFC 6560), in the armor of FAST: the code of a token, and the
// password beside it where the KDC wants one as the token's PIN, go to the KDC as they are.
#include "client/preauth.h"
#include "krb/seal.h"
#include "proto/otp.h"

static enum obol_code read_challenge(struct as_client *c, struct slice challenge,
                                     struct pa_otp_challenge *out, struct error *err) {
    TRY(der_decode(&TYPE_PA_OTP_CHALLENGE, challenge, c->arena, out, err));
    ENSURE(out->otp_token_info.count, DER_VALUE, "a challenge for a one-time password of no token");
    return OBOL_OK;
}

// Which of several tokens a code is of the KDC finds by itself; what it wants of a PIN it wants, in
// all deployed KDCs, for all of an account's tokens alike: the first one says it.
static bool wants_pin(const struct pa_otp_challenge *challenge) {
    return (challenge->otp_token_info.items[0].flags & (uint32_t)OTP_COLLECT_PIN) != 0;
}

static enum obol_code name_tokens(struct as_client *c, const struct pa_otp_challenge *challenge,
                                  struct error *err) {
    struct writer w = writer_to_arena(c->arena);
    for (size_t i = 0; i < challenge->otp_token_info.count && i < 8; i++) {
        const struct otp_tokeninfo *t = &challenge->otp_token_info.items[i];
        if (!(t->present & OTP_TOKENINFO_VENDOR))
            continue;
        writer_str(&w, w.len ? " or " : "");
        writer_bytes(&w, t->otp_vendor);
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "the names of the tokens");
    c->code_of = writer_slice(&w);
    return OBOL_OK;
}

static enum obol_code prepare(struct as_client *c, struct slice value, struct error *err) {
    struct pa_otp_challenge challenge;
    TRY(read_challenge(c, value, &challenge, err));
    if (wants_pin(&challenge) && !c->password && !c->params.gives_pins) {
        ENSURE(!c->key_given, PASSWORD_NEEDED,
               "the KDC wants the password itself beside a one-time code; a key does not do");
        c->state = AS_KEY_WANTED;
        return OBOL_OK;
    }
    if (c->code)
        return OBOL_OK;
    TRY(name_tokens(c, &challenge, err));
    c->state = AS_CODE_WANTED;
    return OBOL_OK;
}

static enum obol_code seal_nonce(struct as_client *c, const struct pa_otp_challenge *challenge,
                                 struct encrypted_data *out, struct error *err) {
    const struct pa_otp_enc_request inside = {.nonce = challenge->nonce};
    return krb_seal(&TYPE_PA_OTP_ENC_REQUEST, &inside, c->fast.armor, KU_PA_OTP_REQUEST, 0, c->env,
                    c->arena, out, err);
}

// RFC 6560 3.3: without a PIN of its own in the request it stands before the code.
static enum obol_code set_code(struct as_client *c, const struct otp_tokeninfo *t,
                               struct pa_otp_request *out, struct error *err) {
    struct slice code = secret_slice(c->code);
    out->present |= PA_OTP_REQUEST_VALUE;
    out->otp_value = code;
    const struct secret *from = c->pin ? c->pin : c->password;
    if (!(t->flags & (uint32_t)OTP_COLLECT_PIN))
        return OBOL_OK;
    // Whoever gave the code without a PIN has put the two together.
    if (!from && !(t->flags & (uint32_t)OTP_SEPARATE_PIN_REQUIRED))
        return OBOL_OK;
    ENSURE(from, PASSWORD_NEEDED, "the KDC wants the token's PIN beside a one-time code");
    struct slice pin = secret_slice(from);
    if (t->flags & (uint32_t)OTP_SEPARATE_PIN_REQUIRED) {
        out->present |= PA_OTP_REQUEST_PIN;
        out->otp_pin = pin;
        return OBOL_OK;
    }
    struct buf both = arena_buf(c->arena, pin.len + code.len);
    ENSURE_MEMORY(both.ptr);
    memcpy(both.ptr, pin.ptr, pin.len);
    memcpy(both.ptr + pin.len, code.ptr, code.len);
    out->otp_value = slice_of_buf(both);
    return OBOL_OK;
}

static enum obol_code make(struct as_client *c, struct slice value, struct slice *out,
                           struct error *err) {
    struct pa_otp_challenge challenge;
    struct pa_otp_request request = {0};
    TRY(read_challenge(c, value, &challenge, err));
    ENSURE(c->token < challenge.otp_token_info.count, INVALID_ARGUMENT,
           "a code of token %zu, of the %zu that the KDC names", c->token,
           challenge.otp_token_info.count);
    const struct otp_tokeninfo *t = &challenge.otp_token_info.items[c->token];
    bool named = c->token_said || challenge.otp_token_info.count == 1;
    TRY(seal_nonce(c, &challenge, &request.enc_data, err));
    TRY(set_code(c, t, &request, err));
    // RFC 6560 4.2: the token is named as the KDC has named it.
    if (named && (t->present & OTP_TOKENINFO_TOKEN_ID)) {
        request.present |= PA_OTP_REQUEST_TOKEN_ID;
        request.otp_token_id = t->otp_token_id;
    }
    c->proof_sent = true;
    // RFC 6560 3.6: where the code itself is sent, the reply comes under the armor key.
    c->reply_key = c->fast.armor;
    return der_encode(&TYPE_PA_OTP_REQUEST, &request, c->arena, out, err);
}

static bool can(const struct as_client *c) {
    return c->params.gives_codes;
}

const struct client_preauth CLIENT_PREAUTH_OTP = {
    .name = "one-time password",
    .section = "RFC 6560 3.3",
    .type = PA_OTP_REQUEST,
    .offered_as = PA_OTP_CHALLENGE,
    .where = CLIENT_PREAUTH_IN_ARMOR,
    .can = can,
    .prepare = prepare,
    .conclusive = true,
    .make = make,
};
