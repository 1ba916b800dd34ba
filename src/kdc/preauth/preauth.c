// preauth.c: the list of mechanisms and the stage that asks them (RFC 4120 3.1.3, RFC 6113 2).
#include "kdc/preauth/preauth.h"
#include "kdc/as.h"

// In the order in which they are offered and tried unless kdc.conf says another: what lays the
// password least open comes first.
static const struct preauth *const MECHANISMS[] = {
    // No password at all.
    &PREAUTH_PKINIT,
    // For the accounts that have a token, and then what knows the password only is not offered.
    &PREAUTH_OTP,
    // Behind somebody else's key, and the KDC proves itself too.
    &PREAUTH_ENC_CHALLENGE,
    // Nothing on the wire to guess the password by; needs two more messages than the next.
    &PREAUTH_SPAKE,
    // An eavesdropper can guess passwords against it, so it comes last.
    &PREAUTH_ENC_TIMESTAMP,
};

int32_t kdc_preauth_find(struct slice name) {
    for (size_t i = 0; i < COUNT_OF(MECHANISMS); i++)
        if (slice_eq_str(name, MECHANISMS[i]->setting))
            return MECHANISMS[i]->type;
    return 0;
}

static const struct preauth *mechanism(const struct kdc_policy *policy, size_t at) {
    if (policy->preauth_count == 0)
        return at < COUNT_OF(MECHANISMS) ? MECHANISMS[at] : NULL;
    for (size_t i = 0; at < policy->preauth_count && i < COUNT_OF(MECHANISMS); i++)
        if (MECHANISMS[i]->type == policy->preauth[at])
            return MECHANISMS[i];
    return NULL;
}

// Whether a mechanism shows what the account asks for: a device, or more than a password.
static bool is_enough(const struct exchange *x, const struct preauth *m) {
    return (m->hardware || !(x->client->record.flags & RECORD_HW_AUTH)) &&
           (!m->password || !x->client->has_tokens);
}

// Where unknown clients are answered as known ones, who has no armor must not see that an account
// has a token: it is offered what anybody is, and no password is right. In armor the offers differ,
// since a client must know what to ask its user for.
static bool hides_tokens(const struct exchange *x) {
    return x->kdc->policy.hide_unknown_users && !x->armor;
}

const struct preauth *preauth_offered(const struct exchange *x, size_t *at) {
    const struct preauth *m;
    while ((m = mechanism(&x->kdc->policy, *at)) != NULL) {
        ++*at;
        bool fits = is_enough(x, m) || hides_tokens(x);
        bool can = m->keyless || x->reply_key_index != SIZE_MAX;
        if (fits && can && (x->armor || m->where != PREAUTH_IN_ARMOR) && m->offer(x))
            return m;
    }
    return NULL;
}

bool preauth_keyless(const struct exchange *x) {
    return x->preauth && x->preauth->keyless;
}

enum obol_code preauth_wrong_key(struct exchange *x, const char *what) {
    x->wrong_key = true;
    if (x->decoy)
        return error_set(&x->err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                         x->absent ? "nobody can log in as it; this is hidden from the client"
                                   : "it has no password; this is hidden from the client");
    error_fact(&x->err, "kvno", "%u", x->client->kvno);
    return error_set(&x->err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                     "the %s does not open with a key of kvno %u: the password is wrong", what,
                     x->client->kvno);
}

static enum obol_code refuse(struct exchange *x, enum obol_code code) {
    // The client learns, or learns again, which key to use: its guess of the salt may be at fault.
    if (code == OBOL_KDC_ERR_PREAUTH_FAILED || code == OBOL_KDC_ERR_PREAUTH_REQUIRED)
        TRY(method_data(x));
    if (code == OBOL_KDC_ERR_MORE_PREAUTH_DATA_REQUIRED)
        TRY(method_data_more(x));
    return code;
}

// A proof that is malformed, or old, guesses at no password; one of a password where there is none,
// and a made up key stands in for it, guesses at nothing. A code is guessed at there as elsewhere.
static void count_failure(struct exchange *x, const struct preauth *m) {
    if (!x->wrong_key || (x->decoy && m->password))
        return;
    x->event->login = KDC_LOGIN_FAILURE;
    lockout_failure(x->kdc->lockout, exchange_lockout(x), &x->client->record, x->now);
}

// The right password fails, and counts, as a wrong one does: else it could be guessed without the
// token.
static enum obol_code refuse_password(struct exchange *x) {
    x->wrong_key = true;
    return error_set(&x->err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                     "the password is right, but the account logs in with a token only; this is "
                     "hidden from the client");
}

// A certificate may still name one who is gone, or locked; and nobody in particular shows nothing.
static enum obol_code refuse_absent(struct exchange *x) {
    return error_set(&x->err, OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN, __func__,
                     "the proof is good, but nobody can log in as %.*s",
                     SLICE_ARG(x->event->client));
}

enum obol_code as_preauthenticate(struct exchange *x) {
    size_t at = 0;
    const struct preauth *m;
    while ((m = preauth_offered(x, &at)) != NULL) {
        const struct padata *pa = exchange_padata(x, m->type);
        if (!pa)
            continue;
        enum obol_code code = m->verify(x, pa->padata_value);
        if (code == OBOL_OK && x->absent)
            code = refuse_absent(x);
        if (code == OBOL_OK && !is_enough(x, m))
            code = refuse_password(x);
        if (code != OBOL_OK) {
            count_failure(x, m);
            return refuse(x, code);
        }
        x->preauth = m;
        x->event->preauth = m->name;
        return OBOL_OK;
    }
    // Who gets a reply for nothing is there.
    if (x->kdc->policy.require_preauth || x->kdc->policy.hide_unknown_users ||
        x->reply_key_index == SIZE_MAX ||
        (x->client->record.flags & (RECORD_REQUIRES_PREAUTH | RECORD_HW_AUTH)) ||
        x->client->has_tokens)
        return refuse(x, OBOL_KDC_ERR_PREAUTH_REQUIRED);
    return OBOL_OK;
}
