// otp_radius.c: one-time codes that a RADIUS server knows (RFC 6560 leaves to the KDC how it checks
// them): the KDC asks through the server around it (kdc/question.h), of one token after the other
// until one takes the code, as MIT's KDC does. That no server answered is nobody's failure.
#include "kdc/preauth/otp.h"

static const struct kdc_otp_type *type_of(const struct exchange *x, const struct token *t) {
    const struct kdc_policy *p = &x->kdc->policy;
    for (size_t i = 0; i < p->otp_type_count; i++)
        if (slice_eq(p->otp_types[i].name, t->type))
            return &p->otp_types[i];
    return NULL;
}

// As whom the server is asked.
static struct slice user_of(const struct exchange *x, const struct token *t,
                            const struct kdc_otp_type *type) {
    const struct slice name = x->client->record.name, realm = x->kdc->realm;
    if (t->user.len)
        return t->user;
    if (!type->strip_realm || name.len <= realm.len + 1)
        return name;
    const size_t at = name.len - realm.len - 1;
    const bool ours = name.ptr[at] == '@' && slice_eq(slice_sub(name, at + 1, realm.len), realm);
    return ours ? slice_sub(name, 0, at) : name;
}

static enum obol_code ask(struct exchange *x, const struct token *t, struct slice code) {
    struct error *err = &x->err;
    const struct kdc_otp_type *type = type_of(x, t);
    error_remedy(err, "Add a section %.*s to [otp] of kdc.conf, or give the account another token.",
                 SLICE_ARG(t->type));
    ENSURE(type, KDC_ERR_SVC_UNAVAILABLE,
           "a token of %.*s is of the type %.*s, and [otp] of kdc.conf has none of that name",
           SLICE_ARG(x->client->record.name), SLICE_ARG(t->type));
    error_init(err);
    x->question = (struct kdc_question){t->number, type->service, user_of(x, t, type), code};
    return OBOL_NEED;
}

// What came of the last question, when there is none left to be asked.
static enum obol_code refuse(struct exchange *x, const struct kdc_answer *answer) {
    if (answer->missed || answer->verdict == KDC_UNANSWERED) {
        error_remedy(&x->err,
                     "See that the servers of [otp] in kdc.conf run and know this KDC, and "
                     "that `secret` is theirs.");
        return error_set(&x->err, OBOL_KDC_ERR_SVC_UNAVAILABLE, __func__,
                         "%s; look at `server` and `secret` in [otp] of kdc.conf, and at the "
                         "server's log",
                         answer->detail);
    }
    x->wrong_key = answer->verdict == KDC_REJECTED && !answer->repeated;
    return error_set(&x->err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__, "%s", answer->detail);
}

enum obol_code otp_radius(struct exchange *x, const struct pa_otp_request *request,
                          const struct token_list *tokens, const struct token **out) {
    const struct kdc_answer *answer = x->request->answer;
    const struct token *next = NULL;
    bool any = false, passed = !answer;
    for (size_t i = 0; i < tokens->count && !next; i++) {
        const struct token *t = &tokens->items[i];
        if (t->kind != TOKEN_RADIUS || !otp_is_meant(request, t))
            continue;
        any = true;
        if (passed)
            next = t;
        else if (t->number == answer->number) {
            passed = true;
            *out = answer->verdict == KDC_ACCEPTED ? t : NULL;
        }
        if (*out)
            return OBOL_OK;
    }
    if (!any || request->otp_value.len == 0)
        return OBOL_NOT_FOUND;
    // A server that asks back has not said no: the code may be its own, and is shown to no other.
    if (next && (!answer || answer->verdict != KDC_CHALLENGED))
        return ask(x, next, request->otp_value);
    return refuse(x, answer);
}

enum obol_code otp_radius_indicators(struct exchange *x, const struct token *t) {
    struct error *err = &x->err;
    const struct kdc_otp_type *type = type_of(x, t);
    if (type && type->indicators.count)
        x->indicators = type->indicators;
    if (!t->indicator_count)
        return OBOL_OK;
    struct slice *own = arena_zalloc(x->arena, t->indicator_count, sizeof *own);
    ENSURE_MEMORY(own);
    memcpy(own, t->indicators, t->indicator_count * sizeof *own);
    x->indicators = (struct slice_list){own, t->indicator_count};
    return OBOL_OK;
}
