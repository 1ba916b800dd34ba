// responder.c: a login's questions and their answers (krb5_responder_*): the password, the code of
// a token (responder_otp.c), the passphrase of a certificate's key (responder_pkinit.c).
#include "compat/responder.h"
#include "compat/convert.h"
#include <errno.h>
#include <stdlib.h>

static bool asked(krb5_responder_context rctx, const char *question) {
    return rctx && question && strcmp(rctx->asked->name, question) == 0;
}

krb5_error_code responder_ask(krb5_context context, krb5_responder_fn responder, void *data,
                              const struct question *question, char **answer) {
    struct krb5_responder_context_st rctx = {.questions = {question->name}, .asked = question};
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

const char *krb5_responder_get_challenge(krb5_context context, krb5_responder_context rctx,
                                         const char *question) {
    UNUSED(context);
    return asked(rctx, question) ? rctx->asked->challenge : NULL;
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
