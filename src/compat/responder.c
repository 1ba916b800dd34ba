// responder.c: a login's questions and their answers (krb5_responder_*). This client asks one
// question, for the password; those of one-time passwords and smart cards are never asked, so that
// there are no challenges for them, and answers to what was not asked are refused.
#include "compat/responder.h"
#include "compat/convert.h"
#include <errno.h>
#include <stdlib.h>

struct krb5_responder_context_st {
    const char *const *questions; // NULL at the end
    char *answer;                 // to "password"
};

static bool asked(krb5_responder_context rctx, const char *question) {
    for (size_t i = 0; rctx && question && rctx->questions[i]; i++)
        if (strcmp(rctx->questions[i], question) == 0)
            return true;
    return false;
}

krb5_error_code responder_ask(krb5_context context, krb5_responder_fn responder, void *data,
                              char **answer) {
    static const char *const password[] = {KRB5_RESPONDER_QUESTION_PASSWORD, NULL};
    struct krb5_responder_context_st rctx = {.questions = password};
    krb5_error_code code = responder(context, data, &rctx);
    *answer = code ? NULL : rctx.answer;
    if (code && rctx.answer)
        wipe_free(rctx.answer, strlen(rctx.answer));
    return code;
}

const char *const *krb5_responder_list_questions(krb5_context context,
                                                 krb5_responder_context rctx) {
    UNUSED(context);
    return rctx ? rctx->questions : NULL;
}

// The password's question has no challenge: an empty one.
const char *krb5_responder_get_challenge(krb5_context context, krb5_responder_context rctx,
                                         const char *question) {
    UNUSED(context);
    return asked(rctx, question) ? "" : NULL;
}

krb5_error_code krb5_responder_set_answer(krb5_context context, krb5_responder_context rctx,
                                          const char *question, const char *answer) {
    UNUSED(context);
    if (!asked(rctx, question))
        return EINVAL;
    char *copy = answer ? strdup(answer) : NULL;
    if (answer && !copy)
        return ENOMEM;
    if (rctx->answer)
        wipe_free(rctx->answer, strlen(rctx->answer));
    rctx->answer = copy;
    return 0;
}

// ---- one-time passwords (RFC 6560) and smart cards: questions that are not asked

krb5_error_code krb5_responder_otp_get_challenge(krb5_context context, krb5_responder_context rctx,
                                                 krb5_responder_otp_challenge **out) {
    UNUSED(context);
    if (!rctx || !out)
        return EINVAL;
    *out = NULL;
    return 0;
}

krb5_error_code krb5_responder_otp_set_answer(krb5_context context, krb5_responder_context rctx,
                                              size_t token, const char *value, const char *pin) {
    UNUSED(token);
    UNUSED(value);
    UNUSED(pin);
    return context_fail(context, asked(rctx, KRB5_RESPONDER_QUESTION_OTP) ? 0 : EINVAL,
                        "the KDC asked for no one-time password");
}

void krb5_responder_otp_challenge_free(krb5_context context, krb5_responder_context rctx,
                                       krb5_responder_otp_challenge *challenge) {
    UNUSED(context);
    UNUSED(rctx);
    free(challenge); // none was given out
}

krb5_error_code krb5_responder_pkinit_get_challenge(krb5_context context,
                                                    krb5_responder_context rctx,
                                                    krb5_responder_pkinit_challenge **out) {
    UNUSED(context);
    if (!rctx || !out)
        return EINVAL;
    *out = NULL;
    return 0;
}

krb5_error_code krb5_responder_pkinit_set_answer(krb5_context context, krb5_responder_context rctx,
                                                 const char *identity, const char *pin) {
    UNUSED(identity);
    UNUSED(pin);
    return context_fail(context, asked(rctx, KRB5_RESPONDER_QUESTION_PKINIT) ? 0 : EINVAL,
                        "nothing asked for the PIN of a smart card");
}

void krb5_responder_pkinit_challenge_free(krb5_context context, krb5_responder_context rctx,
                                          krb5_responder_pkinit_challenge *challenge) {
    UNUSED(context);
    UNUSED(rctx);
    free(challenge);
}
