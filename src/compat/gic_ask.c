// gic_ask.c: what a login asks of the program: its responder first, if it has one and answers, then
// its prompter. Prompts for codes and passphrases have MIT krb5's words, which scripts look for.
#include "compat/convert.h"
#include "compat/gic.h"
#include "compat/responder.h"
#include <stdlib.h>

#define ANSWER_MAX 1024

static enum obol_code keep(struct secret *out, struct slice answer, struct error *err) {
    ENSURE(secret_copy(out, answer), NO_MEMORY, "no memory for an answer");
    return OBOL_OK;
}

// NULL: it has not answered.
static enum obol_code ask_responder(struct gic *gic, const struct question *question, char **answer,
                                    struct error *err) {
    *answer = NULL;
    if (!gic->responder)
        return OBOL_OK;
    ENSURE(question->challenge, NO_MEMORY, "no memory for a question");
    krb5_error_code code =
        responder_ask(gic->context, gic->responder, gic->responder_data, question, answer);
    ENSURE(code == 0, PASSWORD_NEEDED, "the program's responder failed (code %ld)", (long)code);
    return OBOL_OK;
}

static void drop(char *answer) {
    if (answer)
        wipe_free(answer, strlen(answer));
}

static enum obol_code ask_prompter(struct gic *gic, const char *banner, const char *text,
                                   krb5_prompt_type type, struct secret *out, struct error *err) {
    krb5_data reply = {0};
    krb5_prompt prompt = {(char *)(uintptr_t)text, 1, &reply};
    ENSURE(gic->prompter, PASSWORD_NEEDED, "the program gave none, and no way to ask for it");
    ENSURE(text && secret_init(out, ANSWER_MAX), NO_MEMORY, "no memory for an answer");
    reply.data = (char *)out->ptr;
    reply.length = ANSWER_MAX;
    gic->context->prompt_types = &type;
    krb5_error_code code =
        gic->prompter(gic->context, gic->prompter_data, NULL, banner, 1, &prompt);
    gic->context->prompt_types = NULL;
    ENSURE(code == 0 && reply.length <= ANSWER_MAX, PASSWORD_NEEDED,
           "the program's prompter gave none (code %ld)", (long)code);
    out->len = reply.length;
    return OBOL_OK;
}

krb5_prompt_type *krb5_get_prompt_types(krb5_context context) {
    return context ? context->prompt_types : NULL;
}

// ---- the password

static enum obol_code ask_password(void *ctx, const struct principal *client, struct secret *out,
                                   struct error *err) {
    static const struct question question = {KRB5_RESPONDER_QUESTION_PASSWORD, "", NULL};
    struct gic *gic = ctx;
    char *answer, text[512];
    TRY(ask_responder(gic, &question, &answer, err));
    if (answer) {
        enum obol_code code = keep(out, slice_str(answer), err);
        drop(answer);
        return code;
    }
    struct writer w = writer_to_buf(buf_of(text, sizeof text - 1));
    writer_str(&w, "Password for ");
    principal_write(&w, client);
    text[w.failed ? 0 : w.len] = '\0';
    return ask_prompter(gic, NULL, text, KRB5_PROMPT_TYPE_PASSWORD, out, err);
}

// ---- the code of a token

// Which of several tokens, by its number among them.
static enum obol_code choose_token(struct gic *gic, const struct otp_tokens *t, const size_t *among,
                                   size_t count, struct arena *a, size_t *out, struct error *err) {
    struct writer w = writer_to_arena(a);
    writer_str(&w, "Please choose from the following:\n");
    for (size_t i = 0; i < count; i++) {
        struct slice vendor = otp_token(t, among[i])->otp_vendor;
        writer_printf(&w, "\t%zu. Vendor: %.*s\n", i + 1, SLICE_ARG(vendor));
    }
    const char *banner = arena_cstr(a, writer_slice(&w));
    ENSURE_MEMORY(banner);
    for (int tries = 0; tries < 3; tries++) {
        struct secret typed = {0};
        char digits[8] = "";
        enum obol_code code =
            ask_prompter(gic, banner, "Enter #", KRB5_PROMPT_TYPE_PREAUTH, &typed, err);
        if (code == OBOL_OK && typed.len < sizeof digits)
            memcpy(digits, typed.ptr, typed.len);
        secret_clear(&typed);
        TRY(code);
        unsigned long number = strtoul(digits, NULL, 10);
        if (number >= 1 && number <= count) {
            *out = among[number - 1];
            return OBOL_OK;
        }
    }
    return error_set(err, OBOL_PASSWORD_NEEDED, __func__, "none of the %zu tokens was chosen",
                     count);
}

// RFC 6560 4.1: the length and the characters that the token's codes have.
static bool looks_like(struct slice code, const struct otp_tokeninfo *t) {
    static const char *const alphabets[] = {
        "0123456789", "0123456789abcdefABCDEF",
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"};
    if ((t->present & OTP_TOKENINFO_LENGTH) && (int64_t)code.len != t->otp_length)
        return false;
    if (!(t->present & OTP_TOKENINFO_FORMAT) || t->otp_format < 0 ||
        (size_t)t->otp_format >= COUNT_OF(alphabets))
        return true;
    const char *alphabet = alphabets[t->otp_format];
    for (size_t i = 0; i < code.len; i++)
        if (!code.ptr[i] || !strchr(alphabet, code.ptr[i]))
            return false;
    return true;
}

static enum obol_code ask_token(struct gic *gic, const struct otp_tokens *t, struct arena *a,
                                size_t *token, struct secret *code, struct error *err) {
    size_t all[OTP_TOKENS_MAX], left = 0;
    bool challenged = false;
    const char *banner = NULL;
    *token = 0;
    for (size_t i = 0; i < t->count; i++) {
        all[i] = i;
        challenged |= (otp_token(t, i)->present & OTP_TOKENINFO_CHALLENGE) != 0;
    }
    // Whose challenge is to be shown must be known first.
    if (challenged && t->count > 1)
        TRY(choose_token(gic, t, all, t->count, a, token, err));
    const struct otp_tokeninfo *one = otp_token(t, *token);
    if (challenged && (one->present & OTP_TOKENINFO_CHALLENGE)) {
        struct slice shown =
            arena_printf(a, "OTP Challenge: %.*s\n", SLICE_ARG(one->otp_challenge));
        ENSURE_MEMORY(banner = arena_cstr(a, shown));
    }
    TRY(ask_prompter(gic, banner, "Enter OTP Token Value", KRB5_PROMPT_TYPE_PREAUTH, code, err));
    if (challenged || t->count == 1)
        return OBOL_OK;
    for (size_t i = 0; i < t->count; i++)
        if (looks_like(secret_slice(code), otp_token(t, i)))
            all[left++] = i;
    ENSURE(left, KDC_ERR_PREAUTH_FAILED, "the code is not of the form of any of the %zu tokens",
           t->count);
    *token = all[0];
    return left == 1 ? OBOL_OK : choose_token(gic, t, all, left, a, token, err);
}

static enum obol_code prompt_for_code(struct gic *gic, const struct otp_tokens *t, struct arena *a,
                                      struct login_otp *out, struct error *err) {
    TRY(ask_token(gic, t, a, &out->token, &out->code, err));
    const uint32_t pin = (uint32_t)OTP_COLLECT_PIN | (uint32_t)OTP_SEPARATE_PIN_REQUIRED;
    if (!(otp_token(t, out->token)->flags & pin))
        return OBOL_OK;
    return ask_prompter(gic, NULL, "OTP Token PIN", KRB5_PROMPT_TYPE_PREAUTH, &out->pin, err);
}

static enum obol_code take_answer(const char *answer, const struct otp_tokens *t, struct arena *a,
                                  struct login_otp *out, bool *taken, struct error *err) {
    struct slice value, pin;
    *taken = answer && otp_answer_read(answer, t, a, &out->token, &value, &pin);
    if (!*taken)
        return OBOL_OK;
    TRY(keep(&out->code, value, err));
    return pin.ptr ? keep(&out->pin, pin, err) : OBOL_OK;
}

static enum obol_code ask_code(struct gic *gic, struct slice challenge, struct arena *a,
                               struct login_otp *out, struct error *err) {
    struct otp_tokens tokens;
    char *answer;
    bool taken;
    TRY(otp_tokens_read(challenge, a, &tokens, err));
    const struct question question = {KRB5_RESPONDER_QUESTION_OTP, otp_question(&tokens, a),
                                      &tokens};
    TRY(ask_responder(gic, &question, &answer, err));
    enum obol_code code = take_answer(answer, &tokens, a, out, &taken, err);
    drop(answer);
    TRY(code);
    if (!taken)
        TRY(prompt_for_code(gic, &tokens, a, out, err));
    out->token = tokens.usable[out->token];
    return OBOL_OK;
}

static enum obol_code ask_otp(void *ctx, const struct principal *client, struct slice challenge,
                              struct login_otp *out, struct error *err) {
    UNUSED(client);
    struct arena a;
    ENSURE(arena_init(&a, CALL_ARENA, CALL_ARENA_LIMIT), NO_MEMORY, "no memory for a question");
    enum obol_code code = ask_code(ctx, challenge, &a, out, err);
    arena_clear(&a);
    return code;
}

// ---- the passphrase or PIN of a certificate's key

// As MIT krb5 calls it: with its kind, and for a pair of a directory both its files.
static struct slice identity_of(struct slice place, struct slice given, struct arena *a) {
    const size_t colon = slice_find(place, ':');
    if (colon < place.len && slice_find(place, '/') > colon)
        return place;
    struct slice stem = slice_sub(place, 0, place.len > 4 ? place.len - 4 : 0);
    bool pair =
        !slice_eq(place, given) && slice_eq_str(slice_sub(place, stem.len, place.len), ".crt");
    return pair ? arena_printf(a, "FILE:%.*s,%.*s.key", SLICE_ARG(place), SLICE_ARG(stem))
                : arena_printf(a, "FILE:%.*s", SLICE_ARG(place));
}

static krb5_int32 flags_of(const struct pki_question *q) {
    return (q->count_low ? KRB5_RESPONDER_PKINIT_FLAGS_TOKEN_USER_PIN_COUNT_LOW : 0) |
           (q->final_try ? KRB5_RESPONDER_PKINIT_FLAGS_TOKEN_USER_PIN_FINAL_TRY : 0);
}

static const char *prompt_of(const struct pki_question *q, struct slice identity, struct arena *a) {
    if (q->kind != PKI_ASK_PASSPHRASE) {
        struct writer w = writer_to_arena(a);
        text_escape(&w, q->place); // a card says what it likes of itself
        writer_printf(&w, " PIN%s",
                      q->final_try   ? " (Warning: PIN final try)"
                      : q->count_low ? " (Warning: PIN count low)"
                                     : "");
        return writer_ok(&w) ? arena_cstr(a, writer_slice(&w)) : NULL;
    }
    // The file with the key is named.
    struct slice shown = slice_sub(identity, slice_find(identity, ':') + 1, identity.len);
    size_t comma = slice_find(shown, ',');
    if (comma < shown.len)
        shown = slice_sub(shown, comma + 1, shown.len);
    return arena_cstr(a, arena_printf(a, "Pass phrase for %.*s", SLICE_ARG(shown)));
}

static enum obol_code ask_for(struct gic *gic, const struct pki_question *q, struct arena *a,
                              struct secret *out, struct error *err) {
    char *answer;
    struct slice pin = {0}, identity = q->identity;
    if (!identity.len)
        identity = identity_of(q->place, gic->params.identity, a);
    const struct question question = {KRB5_RESPONDER_QUESTION_PKINIT,
                                      pkinit_question(identity, flags_of(q), a), NULL};
    if (q->kind == PKI_ASK_PIN_PAD) // the reader asks
        return OBOL_OK;
    TRY(ask_responder(gic, &question, &answer, err));
    bool taken = answer && pkinit_answer_read(answer, identity, a, &pin);
    drop(answer);
    if (taken)
        return keep(out, pin, err);
    return ask_prompter(gic, NULL, prompt_of(q, identity, a), KRB5_PROMPT_TYPE_PREAUTH, out, err);
}

static enum obol_code ask_passphrase(void *ctx, const struct pki_question *q, struct secret *out,
                                     struct error *err) {
    struct arena a;
    ENSURE(arena_init(&a, CALL_ARENA, CALL_ARENA_LIMIT), NO_MEMORY, "no memory for a question");
    enum obol_code code = ask_for(ctx, q, &a, out, err);
    arena_clear(&a);
    return code;
}

void gic_ask(struct gic *gic) {
    struct login_params *p = &gic->params;
    bool able = gic->prompter || gic->responder;
    p->ask = ask_password;
    p->ask_otp = able ? ask_otp : NULL;
    p->ask_passphrase = able ? ask_passphrase : NULL;
    p->ask_ctx = gic;
}
