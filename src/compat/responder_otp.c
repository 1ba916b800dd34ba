// responder_otp.c: the question for a one-time code (RFC 6560), as programs for MIT krb5 know it: a
// JSON object of the service and its tokens, answered by one with a token's number, its code and
// PIN.
#include "compat/convert.h"
#include "compat/json.h"
#include "compat/responder.h"
#include <errno.h>
#include <stdlib.h>

enum { OTP_FORMAT_BASE64 = 4 }; // RFC 6560 4.1

static bool printable(struct slice s) {
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7e)
            return false;
    return true;
}

// Hashed codes, the next code of a token and codes in base64 are not given; what a person is to be
// shown must be text.
static bool usable(const struct otp_tokeninfo *t) {
    const uint32_t known = (uint32_t)OTP_COLLECT_PIN | (uint32_t)OTP_DO_NOT_COLLECT_PIN |
                           (uint32_t)OTP_SEPARATE_PIN_REQUIRED;
    const uint32_t hashed = OTP_TOKENINFO_SUPPORTED_HASH_ALG | OTP_TOKENINFO_ITERATION_COUNT;
    return !(t->flags & ~known) && !(t->present & hashed) && printable(t->otp_vendor) &&
           printable(t->otp_challenge) &&
           !((t->present & OTP_TOKENINFO_FORMAT) && t->otp_format == OTP_FORMAT_BASE64);
}

enum obol_code otp_tokens_read(struct slice challenge, struct arena *a, struct otp_tokens *out,
                               struct error *err) {
    *out = (struct otp_tokens){0};
    TRY(der_decode(&TYPE_PA_OTP_CHALLENGE, challenge, a, &out->challenge, err));
    for (size_t i = 0; i < out->challenge.otp_token_info.count && out->count < OTP_TOKENS_MAX; i++)
        if (usable(&out->challenge.otp_token_info.items[i]))
            out->usable[out->count++] = i;
    ENSURE(out->count, UNSUPPORTED, "none of the %zu tokens that the KDC asks for is of use here",
           out->challenge.otp_token_info.count);
    return OBOL_OK;
}

static krb5_flags flags_of(const struct otp_tokeninfo *t) {
    krb5_flags flags = KRB5_RESPONDER_OTP_FLAGS_COLLECT_TOKEN;
    if (t->flags & (uint32_t)OTP_COLLECT_PIN) {
        flags |= KRB5_RESPONDER_OTP_FLAGS_COLLECT_PIN;
        if (t->flags & (uint32_t)OTP_SEPARATE_PIN_REQUIRED)
            flags |= KRB5_RESPONDER_OTP_FLAGS_SEPARATE_PIN;
    }
    return flags;
}

static void write_text(struct writer *w, const char *name, bool present, struct slice value) {
    if (!present)
        return;
    writer_printf(w, ",\"%s\":", name);
    json_bytes(w, value);
}

static void write_token(struct writer *w, const struct otp_tokeninfo *t) {
    writer_printf(w, "{\"flags\":%d", (int)flags_of(t));
    write_text(w, "vendor", t->present & OTP_TOKENINFO_VENDOR, t->otp_vendor);
    write_text(w, "challenge", t->present & OTP_TOKENINFO_CHALLENGE, t->otp_challenge);
    if (t->present & OTP_TOKENINFO_LENGTH)
        writer_printf(w, ",\"length\":%d", t->otp_length);
    if (t->present & OTP_TOKENINFO_FORMAT)
        writer_printf(w, ",\"format\":%d", t->otp_format);
    write_text(w, "tokenID", t->present & OTP_TOKENINFO_TOKEN_ID, t->otp_token_id);
    write_text(w, "algID", t->present & OTP_TOKENINFO_ALG_ID, t->otp_alg_id);
    writer_u8(w, '}');
}

const char *otp_question(const struct otp_tokens *t, struct arena *a) {
    struct writer w = writer_to_arena(a);
    writer_u8(&w, '{');
    if (t->challenge.present & PA_OTP_CHALLENGE_SERVICE) {
        writer_str(&w, "\"service\":");
        json_bytes(&w, t->challenge.otp_service);
        writer_u8(&w, ',');
    }
    writer_str(&w, "\"tokenInfo\":[");
    for (size_t i = 0; i < t->count; i++) {
        writer_str(&w, i ? "," : "");
        write_token(&w, otp_token(t, i));
    }
    writer_str(&w, "]}");
    return writer_ok(&w) ? arena_cstr(a, writer_slice(&w)) : NULL;
}

bool otp_answer_read(const char *answer, const struct otp_tokens *t, struct arena *a, size_t *token,
                     struct slice *value, struct slice *pin) {
    struct json_members m;
    if (!json_members_read(answer, a, &m))
        return false;
    const struct json_member *number = json_member_find(&m, "tokeninfo");
    const struct json_member *code = json_member_find(&m, "value"),
                             *p = json_member_find(&m, "pin");
    if (!number || number->is_text || number->number < 0 || (uint64_t)number->number >= t->count ||
        (code && !code->is_text) || (p && !p->is_text))
        return false;
    *token = (size_t)number->number;
    *value = code ? code->text : (struct slice){0};
    *pin = p ? p->text : (struct slice){0};
    return true;
}

// ---- as programs call it

static void free_token(krb5_responder_otp_tokeninfo *t) {
    if (!t)
        return;
    free(t->vendor);
    free(t->challenge);
    free(t->token_id);
    free(t->alg_id);
    free(t);
}

void krb5_responder_otp_challenge_free(krb5_context context, krb5_responder_context rctx,
                                       krb5_responder_otp_challenge *challenge) {
    UNUSED(context);
    UNUSED(rctx);
    for (size_t i = 0; challenge && challenge->tokeninfo && challenge->tokeninfo[i]; i++)
        free_token(challenge->tokeninfo[i]);
    if (challenge) {
        free(challenge->service);
        free(challenge->tokeninfo);
    }
    free(challenge);
}

static bool text_out(char **out, bool present, struct slice s) {
    *out = present ? bytes_out(s) : NULL;
    return !present || *out;
}

static krb5_responder_otp_tokeninfo *token_out(const struct otp_tokeninfo *t) {
    krb5_responder_otp_tokeninfo *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->flags = flags_of(t);
    made->length = t->present & OTP_TOKENINFO_LENGTH ? t->otp_length : -1;
    made->format = t->present & OTP_TOKENINFO_FORMAT ? t->otp_format : -1;
    if (text_out(&made->vendor, t->present & OTP_TOKENINFO_VENDOR, t->otp_vendor) &&
        text_out(&made->challenge, t->present & OTP_TOKENINFO_CHALLENGE, t->otp_challenge) &&
        text_out(&made->token_id, t->present & OTP_TOKENINFO_TOKEN_ID, t->otp_token_id) &&
        text_out(&made->alg_id, t->present & OTP_TOKENINFO_ALG_ID, t->otp_alg_id))
        return made;
    free_token(made);
    return NULL;
}

krb5_error_code krb5_responder_otp_get_challenge(krb5_context context, krb5_responder_context rctx,
                                                 krb5_responder_otp_challenge **out) {
    if (!rctx || !out)
        return EINVAL;
    *out = NULL;
    const struct otp_tokens *t = rctx->asked->otp;
    if (!t)
        return 0;
    krb5_responder_otp_challenge *made = calloc(1, sizeof *made);
    if (!made)
        return ENOMEM;
    made->tokeninfo = calloc(t->count + 1, sizeof *made->tokeninfo);
    bool ok =
        made->tokeninfo && text_out(&made->service, t->challenge.present & PA_OTP_CHALLENGE_SERVICE,
                                    t->challenge.otp_service);
    for (size_t i = 0; ok && i < t->count; i++)
        ok = (made->tokeninfo[i] = token_out(otp_token(t, i))) != NULL;
    if (!ok) {
        krb5_responder_otp_challenge_free(context, rctx, made);
        return ENOMEM;
    }
    *out = made;
    return 0;
}

krb5_error_code krb5_responder_otp_set_answer(krb5_context context, krb5_responder_context rctx,
                                              size_t token, const char *value, const char *pin) {
    CALL(call, context);
    struct writer w = writer_to_arena(&call.arena);
    writer_printf(&w, "{\"tokeninfo\":%zu", token);
    write_text(&w, "value", value != NULL, slice_str(value));
    write_text(&w, "pin", pin != NULL, slice_str(pin));
    writer_u8(&w, '}');
    const char *answer = writer_ok(&w) ? arena_cstr(&call.arena, writer_slice(&w)) : NULL;
    if (!answer)
        return ENOMEM;
    return context_fail(
        context, krb5_responder_set_answer(context, rctx, KRB5_RESPONDER_QUESTION_OTP, answer),
        "the KDC asked for no one-time code");
}
