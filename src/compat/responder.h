// responder.h: questions of a login that the program answers by a callback of its own.
#ifndef OBOL_COMPAT_RESPONDER_H
#define OBOL_COMPAT_RESPONDER_H

#include "compat/context.h"
#include "proto/otp.h"

// The tokens of a challenge that this client can use; programs count among these.
enum { OTP_TOKENS_MAX = 16 };
struct otp_tokens {
    struct pa_otp_challenge challenge;
    size_t usable[OTP_TOKENS_MAX], count;
};
static inline const struct otp_tokeninfo *otp_token(const struct otp_tokens *t, size_t i) {
    return &t->challenge.otp_token_info.items[t->usable[i]];
}

struct question {
    const char *name, *challenge; // challenge: as programs see it
    const struct otp_tokens *otp; // of KRB5_RESPONDER_QUESTION_OTP
};
struct krb5_responder_context_st {
    const char *questions[2]; // NULL at the end
    const struct question *asked;
    char *answer;
};

// responder_ask has the callback answer a question. *answer is for the caller to wipe and free;
// NULL if it gives none.
MUST_USE krb5_error_code responder_ask(krb5_context context, krb5_responder_fn responder,
                                       void *data, const struct question *question, char **answer);

// otp_tokens_read takes a PA-OTP-CHALLENGE apart. UNSUPPORTED: none of its tokens can be used.
MUST_USE enum obol_code otp_tokens_read(struct slice challenge, struct arena *a,
                                        struct otp_tokens *out, struct error *err);
// otp_question and pkinit_question are what is asked; NULL without memory.
const char *otp_question(const struct otp_tokens *t, struct arena *a);
const char *pkinit_question(struct slice identity, krb5_int32 flags, struct arena *a);
// otp_answer_read reads what was answered: false if it is no choice of one of the tokens. value and
// pin borrow from the arena; a member that was left out is NULL.
MUST_USE bool otp_answer_read(const char *answer, const struct otp_tokens *t, struct arena *a,
                              size_t *token, struct slice *value, struct slice *pin);
MUST_USE bool pkinit_answer_read(const char *answer, struct slice identity, struct arena *a,
                                 struct slice *pin);

#endif
