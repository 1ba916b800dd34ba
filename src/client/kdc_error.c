// kdc_error.c: a KRB-ERROR of a KDC (RFC 4120 5.9.1) told to a person: which request it answers,
// what the KDC wrote, and how far the clocks are apart. Nothing in it is authenticated.
#include "client/reply.h"
#include "krb/skew.h"

// A service that is the TGS of another realm: what is missing is trust.
static enum obol_code set_unknown_service(enum obol_code code,
                                          const struct client_error_facts *facts, struct arena *a,
                                          struct error *err) {
    const struct principal *service = facts->service;
    struct slice name = principal_text(service, a);
    bool tgs = principal_is_krbtgt(&service->name);
    struct slice target = tgs ? service->name.name_string.items[1] : (struct slice){0};
    if (tgs && !slice_eq(target, facts->realm)) {
        error_remedy(err,
                     "Check the realm of the service (realms are case-sensitive). Realms trust "
                     "each other by a key of krbtgt/%.*s that both hold.",
                     SLICE_ARG(target));
        return error_set(err, code, __func__, "the realm %.*s has no way to the realm %.*s",
                         SLICE_ARG(facts->realm), SLICE_ARG(target));
    }
    if (service->name.name_string.count == 1)
        error_remedy(err,
                     "The name of a service has two parts, the service and its host: HTTP/%.*s, "
                     "host/%.*s. The realm's administrator lists them with obol spn list.",
                     SLICE_ARG(service->name.name_string.items[0]),
                     SLICE_ARG(service->name.name_string.items[0]));
    return error_set(err, code, __func__, "the realm %.*s has no service %.*s",
                     SLICE_ARG(facts->realm), SLICE_ARG(name));
}

// The sentence for the errors that people meet most.
static enum obol_code set_detail(enum obol_code code, const struct krb_error *error,
                                 const struct client_error_facts *facts, struct arena *a,
                                 struct error *err) {
    struct slice client = principal_text(facts->client, a);
    struct slice service = principal_text(facts->service, a);
    switch (code) {
    case OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN:
        return error_set(err, code, __func__, "the realm %.*s has no client %.*s",
                         SLICE_ARG(facts->realm), SLICE_ARG(client));
    case OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN:
        return set_unknown_service(code, facts, a, err);
    case OBOL_KRB_AP_ERR_SKEW:
        return client_skew_set(facts->now, error->stime, err);
    case OBOL_KRB_AP_ERR_TKT_EXPIRED:
        return error_set(err, OBOL_CRED_EXPIRED, __func__,
                         "the KDC of %.*s says that the TGT of %.*s has expired",
                         SLICE_ARG(facts->realm), SLICE_ARG(client));
    case OBOL_KRB_ERR_GENERIC:
        return error_set(err, code, __func__, "the KDC of %.*s answers with error %d",
                         SLICE_ARG(facts->realm), error->error_code);
    default:
        return error_set(err, code, __func__, "the KDC of %.*s refuses %.*s for %.*s",
                         SLICE_ARG(facts->realm), SLICE_ARG(service), SLICE_ARG(client));
    }
}

enum obol_code client_skew_set(int64_t ours, int64_t kdc, struct error *err) {
    int64_t ahead = kdc - ours;
    enum obol_code code =
        error_set(err, OBOL_KRB_AP_ERR_SKEW, __func__, "the KDC's clock is %lld s %s ours",
                  (long long)(ahead < 0 ? -ahead : ahead), ahead < 0 ? "behind" : "ahead of");
    error_fact(err, "clock of the KDC minus ours", "%lld s", (long long)ahead);
    krb_skew_facts(err, ours, "clock of the KDC", kdc);
    return code;
}

enum obol_code client_error_set(const struct krb_error *error,
                                const struct client_error_facts *facts, struct arena *a,
                                struct error *err) {
    enum obol_code code = error_code_of_krb(error->error_code);
    code = set_detail(code, error, facts, a, err);
    error_fact(err, "client", "%.*s", SLICE_ARG(principal_text(facts->client, a)));
    error_fact(err, "service", "%.*s", SLICE_ARG(principal_text(facts->service, a)));
    error_fact(err, "realm of the KDC", "%.*s", SLICE_ARG(facts->realm));
    error_fact(err, "KRB-ERROR", "%d", error->error_code);
    if ((error->present & KRB_ERROR_E_TEXT) && error->e_text.len)
        error_fact(err, "KDC says", "%.*s", SLICE_ARG(error->e_text));
    if (code == OBOL_KDC_ERR_ETYPE_NOSUPP)
        error_fact(err, "enctypes offered", "%.*s",
                   SLICE_ARG(client_etypes_text(facts->etypes, facts->etype_count, a)));
    if (code == OBOL_KDC_ERR_BADOPTION && facts->anonymous)
        error_remedy(
            err, "Perhaps this realm gives no anonymous tickets: an Obol realm does once it has "
                 "the principal WELLKNOWN/ANONYMOUS (obol principal add --no-keys).");
    if (code == OBOL_KRB_AP_ERR_TKT_NYV || code == OBOL_KDC_ERR_NEVER_VALID)
        error_fact(err, "clock of the KDC minus ours", "%lld s",
                   (long long)(error->stime - facts->now));
    return code;
}
