// as_client.c: the client of an AS-REQ: its name, its record, and whether it may log in now (RFC
// 4120 3.1.3; enterprise names and canonicalization: RFC 6806 5, 6; the realm that knows it, if
// this one does not: RFC 6806 7).
#include "kdc/as.h"
#include "kdc/certificate.h"

enum obol_code as_check_request(struct exchange *x) {
    struct error *err = &x->err;
    const struct kdc_req_body *body = &x->req.req_body;
    TRY(request_check(x, KRB_AS_REQ));
    TRY(request_check_server(x));
    ENSURE(body->present & KDC_REQ_BODY_CNAME, KDC_ERR_C_PRINCIPAL_UNKNOWN,
           "the request names no client");
    x->client_name = (struct principal){x->kdc->realm, body->cname};
    if (principal_check(&x->client_name, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN, __func__,
                             "the name of the client is malformed");
    if (x->kdc->policy.hide_unknown_users) // the log names it, though it is looked up late
        x->event->service = principal_text(&x->server_name, x->arena);
    return OBOL_OK;
}

// What is told depends on the suffix alone, not on whether there is such a user anywhere.
static enum obol_code refer(struct exchange *x) {
    struct error *err = &x->err;
    TRY(referral_client(x, &x->referred));
    ENSURE(x->referred.len == 0, KDC_ERR_WRONG_REALM, "%.*s is of realm %.*s",
           SLICE_ARG(x->event->client), SLICE_ARG(x->referred));
    return OBOL_OK;
}

// MS-SFU 3.1.5.1.1.1: a service asks of which realm the owner of a certificate is: it stands in the
// place of the client's name, and gives no more away than that would.
static const struct padata *shown_certificate(const struct exchange *x) {
    const struct padata *pa = exchange_padata(x, PA_S4U_X509_USER);
    return pa && pa->padata_value.len && x->req.req_body.cname.name_type == NT_X500_PRINCIPAL
               ? pa
               : NULL;
}

static enum obol_code find_by_name(struct exchange *x) {
    enum obol_code code = exchange_find_client(x, &x->client_name, &x->event->client, &x->client);
    if (code == OBOL_PRINCIPAL_NOT_FOUND)
        TRY(refer(x));
    return code;
}

static enum obol_code find_by_certificate(struct exchange *x, struct slice der) {
    TRY(certificate_owner(x, der, &x->client_name));
    const struct principal_name called = x->client_name.name;
    TRY(find_by_name(x));
    if (x->kdc->policy.hide_unknown_users)
        return OBOL_PRINCIPAL_NOT_FOUND; // whether he is there or not; the TGS tells services
    // What stands in cname is anybody's word, and no name of his.
    x->sought = called;
    return certificate_check_shown(x, der, &called);
}

enum obol_code as_find_client(struct exchange *x) {
    const struct principal_name *name = &x->client_name.name;
    const struct padata *shown = shown_certificate(x);
    x->sought = *name;
    enum obol_code code = shown ? find_by_certificate(x, shown->padata_value) : find_by_name(x);
    bool enterprise = name->name_type == NT_ENTERPRISE && name->name_string.count == 1;
    if (code == OBOL_PRINCIPAL_NOT_FOUND && x->kdc->policy.hide_unknown_users)
        return decoy_absent(
            x, shown ? SLICE_LITERAL("whose the certificate is was not told")
                     : SLICE_LITERAL("there is no such client; it was answered as if there were"));
    if (code == OBOL_PRINCIPAL_NOT_FOUND)
        return error_set(&x->err, OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN, __func__,
                         "there is no principal %.*s", SLICE_ARG(x->event->client));
    TRY(code);
    x->event->client_principal = x->client->record.name;
    x->event->client_id = x->client->record.id;
    lockout_fetch(x->kdc->lockout, &x->client->record);
    // RFC 6806 6: the name in the reply may differ from the one asked for only on the client's
    // wish.
    if (shown || enterprise || exchange_option(x, KDC_OPT_CANONICALIZE))
        x->client_name.name = x->client->principal.name;
    return OBOL_OK;
}

static enum obol_code check_state(struct exchange *x) {
    struct error *err = &x->err;
    const struct record *r = &x->client->record;
    int64_t until;
    ENSURE(!(r->flags & RECORD_NO_CLIENT), KDC_ERR_C_PRINCIPAL_UNKNOWN,
           "%.*s is a service that cannot log in", SLICE_ARG(r->name));
    ENSURE(!(r->flags & RECORD_DISABLED), KDC_ERR_CLIENT_REVOKED, "%.*s is disabled",
           SLICE_ARG(r->name));
    ENSURE(!(r->flags & RECORD_LOCKED), KDC_ERR_CLIENT_REVOKED, "%.*s is locked",
           SLICE_ARG(r->name));
    ENSURE(r->expires == 0 || x->now < r->expires, KDC_ERR_NAME_EXP,
           "%.*s expired %lld seconds ago", SLICE_ARG(r->name), (long long)(x->now - r->expires));
    ENSURE(!lockout_is_locked(x->kdc->lockout, exchange_lockout(x), r, x->now, &until),
           KDC_ERR_CLIENT_REVOKED,
           "%.*s is locked after too many wrong passwords, for another %lld seconds",
           SLICE_ARG(r->name), (long long)(until > x->now ? until - x->now : 0));
    return OBOL_OK;
}

enum obol_code as_check_client(struct exchange *x) {
    struct error *err = &x->err;
    if (x->absent)
        return OBOL_OK;
    enum obol_code code = check_state(x);
    if (!x->kdc->policy.hide_unknown_users)
        return code;
    if (code == OBOL_OK)
        return decoy_keyless(x);
    struct slice why =
        arena_printf(x->arena, "%s; it was answered as one with a wrong password", err->detail);
    error_init(err);
    return decoy_absent(x, why);
}

enum obol_code as_check_password_age(struct exchange *x) {
    struct error *err = &x->err;
    const struct record *r = &x->client->record;
    // The service that changes passwords is for those whose password has expired.
    if (x->server->record.flags & RECORD_PASSWORD_SERVICE)
        return OBOL_OK;
    ENSURE(!(r->flags & RECORD_NEEDS_CHANGE), KDC_ERR_KEY_EXPIRED,
           "the password of %.*s must be changed first", SLICE_ARG(r->name));
    ENSURE(r->password_expires == 0 || x->now < r->password_expires, KDC_ERR_KEY_EXPIRED,
           "the password of %.*s expired %lld seconds ago", SLICE_ARG(r->name),
           (long long)(x->now - r->password_expires));
    return OBOL_OK;
}
