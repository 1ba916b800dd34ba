// responder_pkinit.c: the question for what opens a certificate's key (RFC 4556), as programs for
// MIT krb5 know it: a JSON object with a member for each identity, a number of flags in the
// question and the passphrase or PIN in the answer.
#include "compat/convert.h"
#include "compat/json.h"
#include "compat/responder.h"
#include <errno.h>
#include <stdlib.h>

const char *pkinit_question(struct slice identity, krb5_int32 flags, struct arena *a) {
    struct writer w = writer_to_arena(a);
    writer_u8(&w, '{');
    json_bytes(&w, identity);
    writer_printf(&w, ":%d}", (int)flags);
    return writer_ok(&w) ? arena_cstr(a, writer_slice(&w)) : NULL;
}

bool pkinit_answer_read(const char *answer, struct slice identity, struct arena *a,
                        struct slice *pin) {
    struct json_members m;
    if (!json_members_read(answer, a, &m))
        return false;
    for (size_t i = 0; i < m.count; i++)
        if (m.items[i].is_text && slice_eq(m.items[i].name, identity)) {
            *pin = m.items[i].text;
            return true;
        }
    return false;
}

void krb5_responder_pkinit_challenge_free(krb5_context context, krb5_responder_context rctx,
                                          krb5_responder_pkinit_challenge *challenge) {
    UNUSED(context);
    UNUSED(rctx);
    for (size_t i = 0; challenge && challenge->identities && challenge->identities[i]; i++) {
        free(challenge->identities[i]->identity);
        free(challenge->identities[i]);
    }
    if (challenge)
        free(challenge->identities);
    free(challenge);
}

static krb5_responder_pkinit_challenge *challenge_out(const struct json_members *m) {
    krb5_responder_pkinit_challenge *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    bool ok = (made->identities = calloc(m->count + 1, sizeof *made->identities)) != NULL;
    for (size_t i = 0; ok && i < m->count; i++) {
        krb5_responder_pkinit_identity *one = made->identities[i] = calloc(1, sizeof *one);
        ok = one && (one->identity = bytes_out(m->items[i].name));
        if (ok)
            one->token_flags = (krb5_int32)m->items[i].number;
    }
    if (ok)
        return made;
    krb5_responder_pkinit_challenge_free(NULL, NULL, made);
    return NULL;
}

krb5_error_code krb5_responder_pkinit_get_challenge(krb5_context context,
                                                    krb5_responder_context rctx,
                                                    krb5_responder_pkinit_challenge **out) {
    CALL(call, context);
    struct json_members m;
    if (!rctx || !out)
        return EINVAL;
    *out = NULL;
    const char *asked = krb5_responder_get_challenge(context, rctx, KRB5_RESPONDER_QUESTION_PKINIT);
    if (!asked)
        return 0;
    if (json_members_read(asked, &call.arena, &m))
        *out = challenge_out(&m);
    return *out ? 0 : ENOMEM;
}

// The answers so far, with the one for an identity set anew, or taken out (pin NULL).
static const char *with_answer(const struct json_members *m, const char *identity, const char *pin,
                               struct arena *a) {
    struct writer w = writer_to_arena(a);
    const char *before = "{";
    for (size_t i = 0; i < m->count; i++) {
        if (slice_eq_str(m->items[i].name, identity) || !m->items[i].is_text)
            continue;
        writer_str(&w, before);
        json_bytes(&w, m->items[i].name);
        writer_u8(&w, ':');
        json_bytes(&w, m->items[i].text);
        before = ",";
    }
    if (pin) {
        writer_str(&w, before);
        json_bytes(&w, slice_str(identity));
        writer_u8(&w, ':');
        json_bytes(&w, slice_str(pin));
        before = ",";
    }
    writer_str(&w, *before == '{' ? "{}" : "}");
    return writer_ok(&w) ? arena_cstr(a, writer_slice(&w)) : NULL;
}

krb5_error_code krb5_responder_pkinit_set_answer(krb5_context context, krb5_responder_context rctx,
                                                 const char *identity, const char *pin) {
    CALL(call, context);
    struct json_members m = {.count = 0};
    if (!rctx || !identity)
        return EINVAL;
    if (!rctx->answer && !pin)
        return 0;
    if (rctx->answer && !json_members_read(rctx->answer, &call.arena, &m))
        return EINVAL;
    const char *answer = with_answer(&m, identity, pin, &call.arena);
    if (!answer)
        return ENOMEM;
    return context_fail(
        context, krb5_responder_set_answer(context, rctx, KRB5_RESPONDER_QUESTION_PKINIT, answer),
        "nothing asked for the passphrase or PIN of a certificate's key");
}
