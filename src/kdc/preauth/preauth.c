// preauth.c: the list of mechanisms and the stage that asks them (RFC 4120 3.1.3, RFC 6113 2).
#include "kdc/preauth/preauth.h"
#include "kdc/as.h"

// In the order in which they are offered and tried: what lays the password least open comes first.
// Encrypted challenge, SPAKE, PKINIT and OTP stand before the timestamp, each in its own file.
static const struct preauth *const MECHANISMS[] = {
    // An eavesdropper can guess passwords against it, so it comes last.
    &PREAUTH_ENC_TIMESTAMP,
};

const struct preauth *preauth_offered(const struct exchange *x, size_t *at) {
    while (*at < COUNT_OF(MECHANISMS)) {
        const struct preauth *m = MECHANISMS[(*at)++];
        // No request is armored until FAST is there.
        if (!m->needs_armor && m->offer(x))
            return m;
    }
    return NULL;
}

static enum obol_code refuse(struct exchange *x, enum obol_code code) {
    // The client learns, or learns again, which key to use: its guess of the salt may be at fault.
    if (code == OBOL_KDC_ERR_PREAUTH_FAILED || code == OBOL_KDC_ERR_PREAUTH_REQUIRED)
        TRY(method_data(x, &x->e_data));
    if (code != OBOL_KDC_ERR_PREAUTH_FAILED || x->decoy)
        return code;
    x->event->login = KDC_LOGIN_FAILURE;
    lockout_failure(x->kdc->lockout, &x->kdc->policy.lockout, &x->client->record, x->now);
    return code;
}

enum obol_code as_preauthenticate(struct exchange *x) {
    size_t at = 0;
    const struct preauth *m;
    while ((m = preauth_offered(x, &at)) != NULL) {
        const struct padata *pa = exchange_padata(x, m->type);
        if (!pa)
            continue;
        enum obol_code code = m->verify(x, pa->padata_value);
        if (code != OBOL_OK)
            return refuse(x, code);
        x->preauth = m;
        x->event->preauth = m->name;
        return OBOL_OK;
    }
    if (x->kdc->policy.require_preauth || (x->client->record.flags & RECORD_REQUIRES_PREAUTH))
        return refuse(x, OBOL_KDC_ERR_PREAUTH_REQUIRED);
    return OBOL_OK;
}
