// target.c: what a person types for a service, taken apart, and the names that he may have meant
// instead: in practice those of a handful of mistakes.
#include "doctor/doctor.h"

#include "proto/codes.h"

static size_t find_text(struct slice s, const char *text) {
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= s.len; i++)
        if (memcmp(s.ptr + i, text, n) == 0)
            return i;
    return s.len;
}

static size_t find_last(struct slice s, uint8_t byte) {
    size_t i = s.len;
    while (i > 0 && s.ptr[i - 1] != byte)
        i--;
    return i ? i - 1 : s.len;
}

static void split_port(struct doctor_target *t) {
    size_t at = slice_find(t->host, ':');
    t->port = slice_sub(t->host, at + 1, SIZE_MAX);
    t->host = slice_sub(t->host, 0, at);
}

// The user, port, path and query of a URL are no part of a service's name.
static void parse_url(struct slice scheme, struct slice rest, struct doctor_target *out) {
    static const char *const web[] = {"http", "https", "ws", "wss"};
    out->url = true;
    out->https = slice_eq_nocase(scheme, SLICE_LITERAL("https"));
    out->service = scheme;
    for (size_t i = 0; i < COUNT_OF(web); i++)
        if (slice_eq_nocase(scheme, slice_str(web[i])))
            out->service = SLICE_LITERAL("HTTP");
    rest = slice_sub(rest, 0, slice_find(rest, '/'));
    rest = slice_sub(rest, 0, slice_find(rest, '?'));
    rest = slice_sub(rest, 0, slice_find(rest, '#'));
    size_t at = find_last(rest, '@');
    rest = at < rest.len ? slice_sub(rest, at + 1, SIZE_MAX) : rest;
    bool v6 = rest.len && rest.ptr[0] == '[';
    size_t end = slice_find(rest, v6 ? ']' : ':');
    if (!v6 || end < rest.len)
        out->host = v6 ? slice_sub(rest, 1, end - 1) : slice_sub(rest, 0, end);
}

enum obol_code doctor_target_parse(struct slice text, struct arena *a, struct doctor_target *out,
                                   struct error *err) {
    *out = (struct doctor_target){0};
    size_t scheme = find_text(text, "://");
    size_t slash = slice_find(text, '/'), at = find_last(text, '@');
    if (scheme < text.len) {
        parse_url(slice_sub(text, 0, scheme), slice_sub(text, scheme + 3, SIZE_MAX), out);
    } else if (slash == text.len && at < text.len) {
        out->service = slice_sub(text, 0, at);
        out->host = slice_sub(text, at + 1, SIZE_MAX);
    } else {
        struct principal p;
        TRY(principal_parse(text, SLICE_LITERAL("-"), NT_UNKNOWN, a, &p, err));
        ENSURE(p.name.name_string.count == 2, NAME_MALFORMED,
               "'%.*s' names no service on a host; write HTTP/web.example.com or a URL",
               SLICE_ARG(text));
        out->service = p.name.name_string.items[0];
        out->host = p.name.name_string.items[1];
        if (!slice_eq_str(p.realm, "-"))
            out->realm = p.realm;
        split_port(out);
        out->exact = true;
    }
    ENSURE(out->service.len && out->host.len, NAME_MALFORMED, "'%.*s' names no host",
           SLICE_ARG(text));
    return OBOL_OK;
}

// ---- what may have been meant

// How the common classes are written; names of services are compared exactly (RFC 4120 6.1).
static const char *const CLASSES[] = {"HTTP",     "host", "ldap", "cifs", "nfs", "MSSQLSvc",
                                      "postgres", "imap", "smtp", "DNS",  "ftp"};

static struct slice usual_class(struct slice service) {
    if (slice_eq_nocase(service, SLICE_LITERAL("https")))
        return SLICE_LITERAL("HTTP");
    for (size_t i = 0; i < COUNT_OF(CLASSES); i++)
        if (slice_eq_nocase(service, slice_str(CLASSES[i])))
            return slice_str(CLASSES[i]);
    return service;
}

struct candidates {
    struct doctor *d;
    struct doctor_candidate *out;
    size_t count;
};

static void offer(struct candidates *c, struct slice service, struct slice host, struct slice realm,
                  const char *why) {
    struct slice *parts = arena_zalloc(c->d->arena, 2, sizeof *parts);
    if (!parts || host.len == 0 || c->count == DOCTOR_CANDIDATES_MAX)
        return;
    parts[0] = service;
    parts[1] = host;
    struct principal p = {realm, {NT_SRV_HST, {parts, 2}}};
    if (principal_eq(&p, &c->d->spn))
        return;
    for (size_t i = 0; i < c->count; i++)
        if (principal_eq(&p, &c->out[i].name))
            return;
    c->out[c->count++] = (struct doctor_candidate){p, why};
}

static struct slice with_port(struct doctor *d, struct slice host, struct slice port) {
    return port.len ? arena_printf(d->arena, "%.*s:%.*s", SLICE_ARG(host), SLICE_ARG(port)) : host;
}

// Both spellings of the class on a host.
static void offer_host(struct candidates *c, struct slice host, struct slice port,
                       const char *why) {
    const struct doctor_target *t = &c->d->target;
    struct slice usual = usual_class(t->service);
    host = with_port(c->d, host, port);
    offer(c, t->service, host, c->d->spn.realm, why);
    if (!slice_eq(usual, t->service))
        offer(c, usual, host, c->d->spn.realm, "with the class in its usual spelling");
}

size_t doctor_candidates(struct doctor *d, struct doctor_candidate out[DOCTOR_CANDIDATES_MAX]) {
    struct candidates c = {d, out, 0};
    const struct doctor_target *t = &d->target;
    struct slice host = doctor_lower(d, t->host);
    struct slice dns = doctor_canonical(d, host, false), reverse = doctor_canonical(d, host, true);
    const struct krb5conf_realm *realm = krb5conf_realm(d->conf, d->realm);
    struct slice domain =
        realm && realm->default_domain.len ? realm->default_domain : doctor_lower(d, d->realm);
    bool is_short = slice_find(host, '.') == host.len;

    offer_host(&c, t->host, t->port, "as it was typed");
    offer_host(&c, host, t->port, "with the host in lower case");
    if (t->port.len)
        offer_host(&c, host, (struct slice){0}, "without the port");
    if (slice_eq_nocase(t->service, SLICE_LITERAL("MSSQLSvc")) && !t->port.len)
        offer_host(&c, host, SLICE_LITERAL("1433"), "with the port");
    if (is_short)
        offer_host(&c, arena_printf(d->arena, "%.*s.%.*s", SLICE_ARG(host), SLICE_ARG(domain)),
                   t->port, "with the host in full");
    offer_host(&c, dns, t->port, "with the canonical name that the DNS has for the host");
    offer_host(&c, reverse, t->port, "with the name that the DNS has for the host's address");
    if (!is_short)
        offer_host(&c, slice_sub(host, 0, slice_find(host, '.')), t->port, "with the short name");
    if (d->spn.realm.len && !slice_eq(d->spn.realm, d->realm))
        offer(&c, usual_class(t->service), with_port(d, host, t->port), d->realm,
              "in the realm that you log in to");
    if (!slice_eq_nocase(t->service, SLICE_LITERAL("host")))
        offer(&c, SLICE_LITERAL("host"), host, d->spn.realm, "as a service of the machine");
    return c.count;
}
