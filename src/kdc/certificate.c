// certificate.c: whose certificate it is (RFC 4556 3.2.2): one that a trusted CA issued, for this
// purpose, to the client that was found by its name. Principals that are mapped to certificates
// take no others: an administrator who names one does not mean "or any with the right name". At a
// login (PKINIT) the client has signed with its key; a service that acts for him may show it in the
// place of his name (S4U2Self, MS-SFU 2.2.2), and asks with it of which realm he is: there it
// proves nothing, and says no more than a name does.
#include "kdc/certificate.h"

// Attributes of a principal: rules (pki.h), one a line; MIT krb5's, one rule (pki_match.c).
#define MAPPED_TO  "certificate"
#define MATCHED_BY "pkinit_cert_match"

#define CALLINGS_MAX 8u // of a certificate are looked for: each costs the store a look

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

// The name asked for has led to the record: either of its names is the client's.
static bool is_principal(const struct exchange *x, const struct principal *p,
                         const struct principal_name *asked) {
    return slice_eq(p->realm, x->kdc->realm) &&
           (principal_name_eq(&p->name, &x->client->principal.name) ||
            principal_name_eq(&p->name, asked));
}

// A UPN is user@suffix: the principal of that name where the suffix is this realm's, or the
// enterprise name by which the client was found.
static bool is_upn(const struct exchange *x, struct slice upn, const struct principal_name *asked) {
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
                                 const struct principal_name *asked, bool unnamed_will_do) {
    struct error *err = &x->err;
    struct pki_names names;
    TRY(pki_names_read(certificate, x->arena, &names, err));
    if (unnamed_will_do && !names.principal_count &&
        (!names.upns.count || !x->kdc->pkinit->allow_upn))
        return OBOL_OK;
    for (size_t i = 0; i < names.principal_count; i++)
        if (is_principal(x, &names.principals[i], asked))
            return OBOL_OK;
    for (size_t i = 0; i < names.upns.count && x->kdc->pkinit->allow_upn; i++)
        if (is_upn(x, names.upns.items[i], asked))
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

enum obol_code certificate_check(struct exchange *x, struct x509_st *certificate,
                                 const struct principal_name *asked) {
    const struct record *r = &x->client->record;
    TRY(check_purpose(x, certificate));
    const struct slice *rules = attribute(r, MAPPED_TO), *match = attribute(r, MATCHED_BY);
    if (match)
        TRY(check_match(x, *match, certificate));
    if (rules)
        return check_mapping(x, certificate, is_mapped(*rules, certificate, x->arena));
    return check_name(x, certificate, asked, match != NULL);
}

// ---- one that is shown in the place of a name

static enum obol_code open_shown(struct exchange *x, struct slice der, struct pki_message *m) {
    struct error *err = &x->err;
    ENSURE(x->kdc->pkinit && !pki_trust_is_empty(x->kdc->pkinit->trust),
           KDC_ERR_C_PRINCIPAL_UNKNOWN,
           "a user is named by a certificate, and this realm trusts no CA (pkinit_anchors)");
    if (pki_message_unsigned(m, der, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_INVALID_CERTIFICATE, __func__,
                             "what names the user is no certificate");
    return OBOL_OK;
}

enum obol_code certificate_check_shown(struct exchange *x, struct slice der,
                                       const struct principal_name *asked) {
    const struct kdc_pkinit *p = x->kdc->pkinit;
    CLEANUP(pki_message_clear) struct pki_message m = {0};
    TRY(open_shown(x, der, &m));
    TRY(pki_trust_check(p->trust, &m, x->now, p->require_crl, &x->err));
    return certificate_check(x, m.signer, asked);
}

// How principals may be called by a certificate: names of this realm as they stand there, others
// and UPNs as enterprise names, user@suffix, whose suffix may be this realm's (RFC 6806 5).
static enum obol_code callings(struct exchange *x, const struct pki_names *names,
                               struct principal *out, size_t *count) {
    struct error *err = &x->err;
    size_t upns = x->kdc->pkinit->allow_upn ? names->upns.count : 0;
    *count = 0;
    for (size_t i = 0; i < names->principal_count + upns && *count < CALLINGS_MAX; i++) {
        bool upn = i >= names->principal_count;
        const struct principal *p = upn ? NULL : &names->principals[i];
        struct principal *next = &out[*count];
        if (p && slice_eq(p->realm, x->kdc->realm)) {
            *next = *p;
        } else {
            struct slice *item = arena_alloc(x->arena, sizeof *item);
            ENSURE_MEMORY(item);
            *item =
                upn ? names->upns.items[i - names->principal_count] : principal_text(p, x->arena);
            *next = (struct principal){x->kdc->realm, {NT_ENTERPRISE, {item, 1}}};
        }
        if (principal_check(next, NULL) == OBOL_OK)
            ++*count;
    }
    return OBOL_OK;
}

enum obol_code certificate_owner(struct exchange *x, struct slice der, struct principal *out) {
    struct error *err = &x->err;
    CLEANUP(pki_message_clear) struct pki_message m = {0};
    struct pki_names names;
    struct principal called[CALLINGS_MAX];
    size_t count;
    TRY(open_shown(x, der, &m));
    TRY(pki_names_read(m.signer, x->arena, &names, err));
    TRY(callings(x, &names, called, &count));
    struct slice subject = pki_subject(m.signer, x->arena);
    ENSURE(count, KDC_ERR_C_PRINCIPAL_UNKNOWN,
           "the certificate of %.*s names no principal%s: its user must be named beside it",
           SLICE_ARG(subject),
           names.upns.count ? ", and UPNs do not count (pkinit_allow_upn)" : "");
    // To a stranger from whom users are hidden the first name speaks for all: which of several is
    // looked for must not tell him which there are.
    bool hiding = x->kdc->policy.hide_unknown_users && x->req.msg_type == KRB_AS_REQ;
    for (size_t i = 0; i < (hiding ? 1 : count); i++) {
        struct slice text;
        struct entry *found;
        enum obol_code code = exchange_find_client(x, &called[i], &text, &found);
        *out = called[i];
        if (code != OBOL_PRINCIPAL_NOT_FOUND)
            return code;
    }
    *out = called[0]; // of another realm, perhaps
    return OBOL_OK;
}
