// host.c: the principal of a service on a host (RFC 4120 6.2.1). DNS is not authenticated, so a
// name is canonicalized only as far as krb5.conf asks for it.
#include "net/host.h"

#include "proto/codes.h"

// Lower case, and without the dot at the end that DNS writes.
static enum obol_code tidy(struct slice host, struct arena *a, struct slice *out,
                           struct error *err) {
    if (host.len && host.ptr[host.len - 1] == '.')
        host.len--;
    ENSURE(host.len > 0 && host.len <= 253, NAME_MALFORMED, "a host name of %zu bytes", host.len);
    struct buf copy = arena_buf(a, host.len);
    ENSURE_MEMORY(copy.ptr);
    for (size_t i = 0; i < host.len; i++) {
        uint8_t ch = host.ptr[i];
        ENSURE(ch > ' ' && ch < 0x7f && ch != '/' && ch != '@', NAME_MALFORMED,
               "'%.*s' is no host name", SLICE_ARG(host));
        copy.ptr[i] = ch >= 'A' && ch <= 'Z' ? (uint8_t)(ch + 32) : ch;
    }
    *out = slice_of_buf(copy);
    return OBOL_OK;
}

// A name without a dot gets the domain of qualify_shortname; without that relation it stays.
static struct slice qualify(const struct net *net, struct slice host, struct arena *a) {
    struct slice domain = net->conf->qualify_shortname;
    if (slice_find(host, '.') != host.len || domain.len == 0)
        return host;
    return arena_printf(a, "%.*s.%.*s", SLICE_ARG(host), SLICE_ARG(domain));
}

// The port that some programs name beside the host ("MSSQLSvc@db.example.com:1433"), colon and all;
// an address of IPv6 has several colons, and no port.
static struct slice port_of(struct slice host) {
    size_t colon = slice_find(host, ':');
    struct slice port = slice_sub(host, colon, host.len);
    return port.len > 1 && slice_find(slice_sub(port, 1, port.len), ':') == port.len - 1
               ? port
               : (struct slice){0};
}

static enum obol_code make(const struct net *net, struct slice service, struct slice host,
                           struct slice port, struct arena *a, struct principal *out,
                           struct error *err) {
    struct slice *parts = arena_zalloc(a, 2, sizeof *parts);
    ENSURE_MEMORY(parts);
    ENSURE(arena_copy(a, service, &parts[0]), NO_MEMORY, "no room for a service's name");
    parts[1] = port.len ? arena_printf(a, "%.*s%.*s", SLICE_ARG(host), SLICE_ARG(port)) : host;
    ENSURE_MEMORY(parts[1].ptr);
    *out = (struct principal){.name = {NT_SRV_HST, {parts, 2}}};
    ENSURE(arena_copy(a, krb5conf_host_realm(net->conf, host), &out->realm), NO_MEMORY,
           "no room for a realm's name");
    return OBOL_OK;
}

static enum obol_code canonical(const struct net *net, struct slice host, struct arena *a,
                                struct slice *out, struct error *err) {
    const struct net_resolver *r = net->resolver ? net->resolver : &net_resolver_system;
    const char *name = arena_cstr(a, host);
    ENSURE_MEMORY(name);
    struct slice found = r->canonical(r->ctx, name, net->conf->rdns, a);
    return tidy(found.len ? found : host, a, out, err);
}

enum obol_code net_host_service(const struct net *net, struct slice service, struct slice host,
                                struct arena *a, struct principal out[NET_HOST_NAMES_MAX],
                                size_t *count, struct error *err) {
    struct slice plain, resolved, checked, port = port_of(host);
    *count = 0;
    TRY(tidy(slice_sub(host, 0, host.len - port.len), a, &plain, err));
    if (port.len) // stands as it is written
        TRY(tidy(port, a, &checked, err));
    ENSURE(service.len > 0, NAME_MALFORMED, "an empty service name");
    if (net->conf->dns_canonicalize_hostname != CANONICALIZE_YES)
        TRY(make(net, service, qualify(net, plain, a), port, a, &out[(*count)++], err));
    if (net->conf->dns_canonicalize_hostname == CANONICALIZE_NO)
        return OBOL_OK;
    TRY(canonical(net, plain, a, &resolved, err));
    TRY(make(net, service, resolved, port, a, &out[*count], err));
    *count += *count == 0 || !principal_eq(&out[0], &out[1]);
    return OBOL_OK;
}
