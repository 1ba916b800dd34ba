// pkinit_client.c: whose certificate it is (RFC 4556 3.2.2): one that a trusted CA issued, for this
// purpose, to the client that the request names. Principals that are mapped to certificates take no
// others: an administrator who names one does not mean "or any with the right name".
#include "kdc/preauth/pkinit.h"

// Attributes of a principal: rules (pki.h), one a line; MIT krb5's, one rule (pki_match.c).
#define MAPPED_TO  "certificate"
#define MATCHED_BY "pkinit_cert_match"

static enum obol_code check_purpose(struct exchange *x, struct x509_st *certificate) {
    struct error *err = &x->err;
    static const uint32_t ACCEPTED[] = {
        [KDC_PKINIT_CLIENT] = PKI_PURPOSE_CLIENT,
        [KDC_PKINIT_SMARTCARD] = PKI_PURPOSE_CLIENT | PKI_PURPOSE_SMARTCARD,
        [KDC_PKINIT_ANY] = 0,
    };
    uint32_t accepted = ACCEPTED[x->kdc->pkinit->purpose];
    ENSURE(pki_may_sign(certificate), KDC_ERR_INCONSISTENT_KEY_PURPOSE,
           "the key usage of the certificate does not let its key sign");
    ENSURE(!accepted || (pki_purposes(certificate) & accepted), KDC_ERR_INCONSISTENT_KEY_PURPOSE,
           "the certificate lacks the extended key usage of a client of PKINIT");
    return OBOL_OK;
}

static const struct slice *attribute(const struct record *r, const char *name) {
    for (size_t i = 0; i < r->attributes.count; i++)
        if (slice_eq_str(r->attributes.items[i].name, name))
            return &r->attributes.items[i].value;
    return NULL;
}

static bool is_mapped(struct slice rules, struct x509_st *certificate, struct arena *a) {
    while (rules.len) {
        size_t end = slice_find(rules, '\n');
        if (pki_rule_matches(slice_sub(rules, 0, end), certificate, a))
            return true;
        rules = slice_sub(rules, end < rules.len ? end + 1 : end, rules.len);
    }
    return false;
}

// The name in the request has led to the record: either of its names is the client's.
static bool is_principal(const struct exchange *x, const struct principal *p) {
    return slice_eq(p->realm, x->kdc->realm) &&
           (principal_name_eq(&p->name, &x->client->principal.name) ||
            principal_name_eq(&p->name, &x->req.req_body.cname));
}

// A UPN is user@suffix: the principal of that name where the suffix is this realm's, or the
// enterprise name by which the client was found.
static bool is_upn(const struct exchange *x, struct slice upn) {
    const struct principal_name *asked = &x->req.req_body.cname;
    struct principal p;
    if (asked->name_type == NT_ENTERPRISE && asked->name_string.count == 1 &&
        slice_eq_nocase(asked->name_string.items[0], upn))
        return true;
    if (principal_parse(upn, x->kdc->realm, NT_PRINCIPAL, x->arena, &p, NULL) != OBOL_OK)
        return false;
    return slice_eq_nocase(p.realm, x->kdc->realm) &&
           principal_name_eq(&p.name, &x->client->principal.name);
}

// `unnamed_will_do`: the certificate that names nobody is known to be the client's.
static enum obol_code check_name(struct exchange *x, struct x509_st *certificate,
                                 bool unnamed_will_do) {
    struct error *err = &x->err;
    struct pki_names names;
    TRY(pki_names_read(certificate, x->arena, &names, err));
    if (unnamed_will_do && !names.principal_count &&
        (!names.upns.count || !x->kdc->pkinit->allow_upn))
        return OBOL_OK;
    for (size_t i = 0; i < names.principal_count; i++)
        if (is_principal(x, &names.principals[i]))
            return OBOL_OK;
    for (size_t i = 0; i < names.upns.count && x->kdc->pkinit->allow_upn; i++)
        if (is_upn(x, names.upns.items[i]))
            return OBOL_OK;
    if (names.principal_count)
        error_fact(err, "principal in the certificate", "%.*s",
                   SLICE_ARG(principal_text(&names.principals[0], x->arena)));
    if (names.upns.count)
        error_fact(err, "UPN in the certificate", "%.*s", SLICE_ARG(names.upns.items[0]));
    struct slice hash = pki_fingerprint(certificate, x->arena);
    error_fact(err, "certificate", "sha256:%.*s", SLICE_ARG(hash));
    return error_set(err, OBOL_KDC_ERR_CLIENT_NAME_MISMATCH, __func__,
                     "the certificate does not name %.*s: it has %zu names of principals%s",
                     SLICE_ARG(x->event->client), names.principal_count,
                     names.upns.count && !x->kdc->pkinit->allow_upn
                         ? ", and UPNs do not count (pkinit_allow_upn)"
                         : "");
}

static enum obol_code check_mapping(struct exchange *x, struct x509_st *certificate, bool ok) {
    struct error *err = &x->err;
    struct slice hash = pki_fingerprint(certificate, x->arena);
    ENSURE(ok, KDC_ERR_CLIENT_NAME_MISMATCH,
           "%.*s is mapped to other certificates than sha256:%.*s",
           SLICE_ARG(x->client->record.name), SLICE_ARG(hash));
    return OBOL_OK;
}

// As MIT's KDC does: what the rule fits is the principal's, unless it names somebody else.
static enum obol_code check_match(struct exchange *x, struct slice rule,
                                  struct x509_st *certificate) {
    bool fits;
    if (pki_match(rule, certificate, x->arena, &fits, &x->err) != OBOL_OK)
        return error_replace(&x->err, OBOL_KDC_ERR_CLIENT_NAME_MISMATCH, __func__,
                             "the attribute " MATCHED_BY " of %.*s is no rule for certificates",
                             SLICE_ARG(x->client->record.name));
    if (!fits)
        error_fact(&x->err, MATCHED_BY, "%.*s", SLICE_ARG(rule));
    return check_mapping(x, certificate, fits);
}

// RFC 4556 3.2.2: which CAs would do, or which certificate it is about.
static void tell_why(struct exchange *x, struct x509_st *certificate) {
    enum obol_code code = x->err.code, told = OBOL_OK;
    struct padata *typed = arena_zalloc(x->arena, 1, sizeof *typed);
    struct error ignored;
    error_init(&ignored);
    if (!typed)
        return;
    if (code == OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE) {
        typed->padata_type = TD_TRUSTED_CERTIFIERS;
        told = pki_tell_anchors(x->kdc->pkinit->trust, x->arena, &typed->padata_value, &ignored);
    }
    if (code == OBOL_KDC_ERR_INVALID_CERTIFICATE || code == OBOL_KDC_ERR_REVOKED_CERTIFICATE) {
        typed->padata_type = TD_INVALID_CERTIFICATES;
        told = pki_tell_certificate(certificate, x->arena, &typed->padata_value, &ignored);
    }
    if (typed->padata_type && told == OBOL_OK)
        x->typed = (struct padata_list){typed, 1};
}

static enum obol_code check_trust(struct exchange *x, const struct pki_message *m) {
    const struct kdc_pkinit *p = x->kdc->pkinit;
    enum obol_code code = pki_trust_check(p->trust, m, x->now, p->require_crl, &x->err);
    if (code != OBOL_OK)
        tell_why(x, m->signer);
    return code;
}

enum obol_code pkinit_check_signer(struct exchange *x, const struct pki_message *m) {
    const struct record *r = &x->client->record;
    TRY(check_trust(x, m));
    TRY(check_purpose(x, m->signer));
    const struct slice *rules = attribute(r, MAPPED_TO), *match = attribute(r, MATCHED_BY);
    if (match)
        TRY(check_match(x, *match, m->signer));
    if (rules)
        return check_mapping(x, m->signer, is_mapped(*rules, m->signer, x->arena));
    return check_name(x, m->signer, match != NULL);
}
