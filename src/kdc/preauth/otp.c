// otp.c: one-time passwords (RFC 6560), in the armor of FAST: the account has tokens of HOTP (RFC
// 4226) or TOTP (RFC 6238), whose codes the KDC checks itself, or such as a RADIUS server knows
// (otp_radius.c). Unless a token says otherwise the password comes along with the code, as its PIN:
// something known and something held. An account with a token logs in by no proof of the password
// alone (preauth.c).
#include "kdc/preauth/otp.h"
#include "base/ct.h"
#include "crypto/one_time.h"
#include "kdc/cookie.h"
#include "kdc/preauth/preauth.h"
#include "krb/seal.h"

enum {
    NONCE_BYTES = 16,
    STEPS_APART = 1,  // TOTP: how far the token's clock may be off (RFC 6238 6)
    COUNTS_AHEAD = 10 // HOTP: codes that were drawn and never shown (RFC 4226 7.4)
};

static bool offer(const struct exchange *x) {
    return x->client->has_tokens;
}

static enum obol_code read_tokens(struct exchange *x, struct token_list *out) {
    TRY(tokens_read(&x->client->record, out, &x->err));
    return tokens_add_mit(&x->client->record, out, x->arena, &x->err);
}

static enum obol_code describe(struct exchange *x, const struct token *t,
                               struct otp_tokeninfo *out) {
    struct error *err = &x->err;
    struct slice number = arena_printf(x->arena, "%u", t->number);
    ENSURE_MEMORY(number.ptr);
    *out = (struct otp_tokeninfo){
        .present = OTP_TOKENINFO_VENDOR | OTP_TOKENINFO_TOKEN_ID,
        .flags = t->code_only ? (uint32_t)OTP_DO_NOT_COLLECT_PIN
                              : (uint32_t)OTP_COLLECT_PIN | (uint32_t)OTP_SEPARATE_PIN_REQUIRED,
        .otp_vendor = t->label,
        .otp_token_id = number,
    };
    if (t->kind == TOKEN_RADIUS)
        return OBOL_OK; // its server knows what its codes look like
    out->present |= OTP_TOKENINFO_LENGTH | OTP_TOKENINFO_FORMAT;
    out->otp_length = (int32_t)t->digits;
    out->otp_format = 0; // decimal
    return OBOL_OK;
}

// MIT's KDC asks for one code, and tries it with each of the account's tokens.
static enum obol_code describe_all(struct exchange *x, const struct token_list *tokens,
                                   struct otp_tokeninfo_list *out) {
    bool of_mit = false;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *t = &tokens->items[i];
        struct otp_tokeninfo *info = &out->items[out->count];
        if (t->number < TOKEN_OF_MIT) {
            TRY(describe(x, t, info));
        } else if (!of_mit) {
            *info = (struct otp_tokeninfo){.flags = (uint32_t)OTP_DO_NOT_COLLECT_PIN};
            of_mit = true;
        } else {
            continue;
        }
        out->count++;
    }
    return OBOL_OK;
}

static enum obol_code advertise(struct exchange *x, struct slice *value) {
    struct error *err = &x->err;
    struct token_list tokens;
    struct otp_tokeninfo infos[TOKENS_MAX];
    struct buf nonce = arena_buf(x->arena, NONCE_BYTES);
    ENSURE_MEMORY(nonce.ptr);
    struct otp_tokeninfo_list list = {infos, 0};
    TRY(read_tokens(x, &tokens));
    TRY(describe_all(x, &tokens, &list));
    env_random(x->kdc->env, nonce);
    const struct pa_otp_challenge challenge = {
        .nonce = slice_of_buf(nonce),
        .otp_token_info = list,
    };
    // The request must bring the nonce back, sealed, and whichever worker takes it must know it.
    TRY(cookie_seal(x, PA_OTP_REQUEST, challenge.nonce, &x->cookie));
    return der_encode(&TYPE_PA_OTP_CHALLENGE, &challenge, x->arena, value, err);
}

// RFC 6560 3.4: the nonce shows that the request answers our challenge and that its sender holds
// the armor key.
static enum obol_code check_nonce(struct exchange *x, const struct pa_otp_request *request) {
    struct error *err = &x->err;
    struct pa_otp_enc_request inside;
    struct slice nonce;
    enum obol_code code = cookie_open(x, PA_OTP_REQUEST, &nonce);
    ENSURE(code != OBOL_NOT_FOUND, KDC_ERR_PREAUTH_FAILED,
           "the one-time password comes without the cookie of its challenge");
    TRY(code);
    if (krb_open(&TYPE_PA_OTP_ENC_REQUEST, &request->enc_data, x->armor, KU_PA_OTP_REQUEST,
                 x->arena, &inside, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                             "the nonce of the one-time password does not open");
    ENSURE(ct_equal(inside.nonce, nonce), KDC_ERR_PREAUTH_FAILED,
           "the one-time password answers another challenge");
    return OBOL_OK;
}

static enum hash hash_of(const struct token *t) {
    return t->hash == 1 ? HASH_SHA1 : t->hash == 256 ? HASH_SHA256 : HASH_SHA512;
}

// The counters whose codes are taken now: [*from, *to].
static void window(const struct exchange *x, const struct token *t, uint64_t *from, uint64_t *to) {
    if (t->kind == TOKEN_HOTP) {
        *from = t->next; // with those that were taken and the store does not know of yet
        *to = COUNTS_AHEAD +
              lockout_next_code(x->kdc->lockout, x->client->record.id, t->number, t->next);
        return;
    }
    uint64_t step = (uint64_t)(x->now > 0 ? x->now : 0) / t->period;
    *from = step > STEPS_APART ? step - STEPS_APART : 0;
    *to = step + STEPS_APART;
}

// Every code of the window is compared, so that time does not tell how near a guess was.
static enum obol_code find_counter(struct exchange *x, const struct token *t, struct slice code,
                                   bool *found, uint64_t *counter) {
    struct slice secret;
    uint8_t expected[ONE_TIME_DIGITS_MAX];
    struct buf out = buf_of(expected, t->digits);
    uint64_t from, to;
    *found = false;
    if (code.len != t->digits)
        return OBOL_OK;
    TRY(token_open(x->kdc->master, x->client->record.id, t, x->arena, &secret, &x->err));
    window(x, t, &from, &to);
    for (uint64_t c = from; c <= to; c++) {
        one_time_code(hash_of(t), secret, c, out);
        if (!ct_equal(slice_of_buf(out), code))
            continue;
        *found = true;
        *counter = c;
    }
    wipe(expected, sizeof expected);
    return OBOL_OK;
}

bool otp_is_meant(const struct pa_otp_request *request, const struct token *t) {
    uint8_t number[16];
    struct writer w = writer_to_buf(buf_of(number, sizeof number));
    if (!(request->present & PA_OTP_REQUEST_TOKEN_ID))
        return true;
    writer_printf(&w, "%u", t->number);
    return slice_eq(request->otp_token_id, writer_slice(&w));
}

// The token whose code this is; NULL: none of those that are checked here. A code is taken once,
// whether the password beside it is right or not: else it could be used to try passwords as long as
// it lasts.
static enum obol_code take_code(struct exchange *x, const struct pa_otp_request *request,
                                const struct token_list *tokens, const struct token **out) {
    struct error *err = &x->err;
    uint64_t counter = 0;
    bool used = false;
    for (size_t i = 0; i < tokens->count; i++) {
        const struct token *t = &tokens->items[i];
        bool found;
        if (t->kind == TOKEN_RADIUS)
            continue;
        TRY(find_counter(x, t, request->otp_value, &found, &counter));
        if (!found)
            continue;
        used =
            !lockout_take_code(x->kdc->lockout, x->client->record.id, t->number, t->next, counter);
        if (used)
            continue;
        x->event->token = t->number;
        x->event->token_counter = counter;
        *out = t;
        return OBOL_OK;
    }
    x->wrong_key = used;
    ENSURE(!used, KDC_ERR_PREAUTH_FAILED, "the one-time code was used before");
    return OBOL_OK;
}

static enum obol_code find_token(struct exchange *x, const struct pa_otp_request *request,
                                 const struct token_list *tokens, const struct token **out) {
    TRY(take_code(x, request, tokens, out));
    if (*out)
        return OBOL_OK;
    enum obol_code code = otp_radius(x, request, tokens, out);
    if (code != OBOL_NOT_FOUND)
        return code;
    x->wrong_key = true;
    return error_set(&x->err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                     "the one-time code is none that the account's %zu token%s shows now",
                     tokens->count, tokens->count == 1 ? "" : "s");
}

static enum obol_code derive(const struct record_key *key, struct slice password, struct buf out) {
    const struct enctype *e = enctype_find(key->enctype);
    if (key->iterations)
        return crypto_string_to_key_count(e, password, key->salt, key->iterations, out, NULL);
    return crypto_string_to_key(e, password, key->salt, (struct slice){0}, 0, out, NULL);
}

// RFC 6560 3.3: the PIN of a token is the account's password here.
static enum obol_code check_password(struct exchange *x, struct slice password) {
    struct error *err = &x->err;
    const struct record_key *record = &x->client->record.keys.items[x->reply_key_index];
    struct crypto_key *key;
    uint8_t bytes[CRYPTO_KEY_MAX];
    TRY(cache_key(x->kdc->cache, x->client, x->reply_key_index, x->arena, &key, err));
    struct buf out = buf_of(bytes, crypto_key_bytes(key).len);
    bool right = password.len && record->salt_type != RECORD_SALT_RANDOM &&
                 derive(record, password, out) == OBOL_OK &&
                 ct_equal(slice_of_buf(out), crypto_key_bytes(key));
    wipe(bytes, sizeof bytes);
    if (right)
        return OBOL_OK;
    x->wrong_key = true;
    ENSURE(password.len, KDC_ERR_PREAUTH_FAILED,
           "the one-time code is right, but no password came along as its PIN");
    return error_set(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                     "the one-time code is right, but the password beside it is wrong");
}

static enum obol_code verify(struct exchange *x, struct slice value) {
    struct error *err = &x->err;
    struct pa_otp_request request;
    struct token_list tokens;
    const struct token *token = NULL;
    if (der_decode(&TYPE_PA_OTP_REQUEST, value, x->arena, &request, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                             "the PA-OTP-REQUEST is malformed");
    ENSURE(request.present & PA_OTP_REQUEST_VALUE, KDC_ERR_PREAUTH_FAILED,
           "the PA-OTP-REQUEST has no code: one that is only mixed into a key is not supported");
    TRY(read_tokens(x, &tokens));
    TRY(check_nonce(x, &request));
    TRY(find_token(x, &request, &tokens, &token));
    if (!token->code_only)
        TRY(check_password(x, request.otp_pin));
    x->indicators = x->kdc->policy.otp_indicators;
    if (token->kind == TOKEN_RADIUS)
        TRY(otp_radius_indicators(x, token));
    // RFC 6560 3.6: where the code itself was sent, the armor key is the reply key.
    x->reply_key = x->armor;
    return OBOL_OK;
}

const struct preauth PREAUTH_OTP = {
    .type = PA_OTP_REQUEST,
    .offered_as = PA_OTP_CHALLENGE,
    .name = "one-time password",
    .setting = "otp",
    .where = PREAUTH_IN_ARMOR,
    .hardware = true,
    .offer = offer,
    .advertise = advertise,
    .verify = verify,
};
