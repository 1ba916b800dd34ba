// locate.c: the addresses of a realm's KDCs (RFC 4120 7.2.3): krb5.conf first, DNS where it says
// nothing.
#include "net/locate.h"

#include "config/nearest.h"
#include "net/net.h"
#include <sys/un.h>

#define PLACES_MAX 16

static const struct {
    uint16_t port;
    const char *udp, *tcp; // SRV labels; NULL: none
    const char *relation;  // of krb5.conf, for errors
} SERVICES[] = {
    [NET_KDC] = {88, "_kerberos._udp", "_kerberos._tcp", "kdc"},
    [NET_PRIMARY_KDC] = {88, "_kerberos-master._udp", "_kerberos-master._tcp", "kdc"},
    [NET_KPASSWD] = {464, "_kpasswd._udp", "_kpasswd._tcp", "kpasswd_server"},
    [NET_KADMIN] = {749, NULL, "_kerberos-adm._tcp", "admin_server"},
};

struct search {
    struct slice realm;
    enum net_service service;
    const struct net_resolver *resolver;
    struct arena *arena;
    // What was found.
    struct net_place places[PLACES_MAX];
    size_t count;
    bool dns_failed;
    const struct slice_list *borrowed; // of another service
    const struct slice_list *anchors;  // of proxies
};

static struct search begin(struct slice realm, enum net_service service,
                           const struct net_resolver *resolver, struct arena *a) {
    const struct net_resolver *by = resolver ? resolver : &net_resolver_system;
    return (struct search){.realm = realm, .service = service, .resolver = by, .arena = a};
}

static const struct slice_list *configured(struct search *s, const struct krb5conf_realm *realm) {
    const struct slice_list *own = s->service == NET_KPASSWD       ? &realm->kpasswd_server
                                   : s->service == NET_KADMIN      ? &realm->admin_server
                                   : s->service == NET_PRIMARY_KDC ? &realm->primary_kdc
                                                                   : &realm->kdc;
    if (s->service == NET_KPASSWD && own->count == 0)
        s->borrowed = &realm->admin_server;
    if (s->service == NET_KADMIN && own->count == 0) // where a realm is small they are one host
        s->borrowed = &realm->kdc;
    return s->borrowed ? s->borrowed : own;
}

static enum obol_code from_config(struct search *s, const struct slice_list *list,
                                  struct error *err) {
    uint16_t port = SERVICES[s->service].port;
    for (size_t i = 0; i < list->count && s->count < PLACES_MAX; i++) {
        struct net_place *place = &s->places[s->count];
        TRY(net_place_parse(list->items[i], port, place, err));
        // A host that stands for another service has the other's port, and is not by path or URL.
        if (list == s->borrowed && (place->local || place->protocols == NET_HTTPS))
            continue;
        if (list == s->borrowed)
            place->port = port;
        s->count++;
    }
    return OBOL_OK;
}

// RFC 2782: by priority; among equals the heavier first, so that every client of a small realm
// tries the same order and its failures can be understood.
static void sort_places(struct search *s) {
    for (size_t i = 1; i < s->count; i++) {
        struct net_place p = s->places[i];
        size_t at = i;
        for (; at > 0; at--) {
            const struct net_place *before = &s->places[at - 1];
            if (before->priority < p.priority ||
                (before->priority == p.priority && before->weight >= p.weight))
                break;
            s->places[at] = *before;
        }
        s->places[at] = p;
    }
}

static void from_dns(struct search *s) {
    const struct net_resolver *r = s->resolver;
    const struct {
        const char *label;
        unsigned protocol;
    } asked[] = {{SERVICES[s->service].udp, NET_UDP}, {SERVICES[s->service].tcp, NET_TCP}};
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        if (!asked[i].label)
            continue;
        struct slice name =
            arena_printf(s->arena, "%s.%.*s.%c", asked[i].label, SLICE_ARG(s->realm), 0);
        if (name.len && !r->srv(r->ctx, (const char *)name.ptr, asked[i].protocol, s->arena,
                                s->places, PLACES_MAX, &s->count))
            s->dns_failed = true;
    }
    sort_places(s);
}

// A label of the DNS has 63 bytes and no control characters; a realm that is no domain is not asked
// for.
static bool is_domain(struct slice realm) {
    size_t label = 0;
    for (size_t i = 0; i < realm.len; i++) {
        uint8_t ch = realm.ptr[i];
        if (ch <= ' ' || ch >= 0x7f || ch == '/' || ch == '@')
            return false;
        label = ch == '.' ? 0 : label + 1;
        if (label > 63)
            return false;
    }
    return realm.len > 0 && realm.len < 220;
}

// What needs no resolving: a proxy, whose name is libcurl's business, or a socket of this machine.
static void add_named(const struct search *s, const struct net_place *p, const char *text,
                      struct net_server_list *out) {
    struct net_server server = {.protocols = p->protocols, .name = text};
    struct sockaddr_un *path = (struct sockaddr_un *)&server.address;
    if (p->protocols == NET_HTTPS) {
        server.url = text;
        server.anchors = s->anchors;
    } else {
        path->sun_family = AF_UNIX;
        memcpy(path->sun_path, text, p->host.len + 1); // its length was checked
        server.address_len = sizeof *path;
    }
    if (out->count < NET_SERVERS_MAX)
        out->items[out->count++] = server;
}

static enum obol_code resolve(struct search *s, struct net_server_list *out, struct error *err) {
    out->count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct net_place *p = &s->places[i];
        const char *host = arena_cstr(s->arena, p->host);
        ENSURE_MEMORY(host);
        if (p->protocols == NET_HTTPS || p->local) {
            add_named(s, p, host, out);
            continue;
        }
        size_t before = out->count;
        if (!s->resolver->addresses(s->resolver->ctx, host, p->port, p->protocols, out))
            error_fact(err, "does not resolve", "%s", host);
        struct slice name = arena_printf(s->arena, "%s:%u%c", host, p->port, 0);
        for (; before < out->count; before++)
            out->items[before].name = name.len ? (const char *)name.ptr : host;
    }
    if (out->count > 0)
        return OBOL_OK;
    error_remedy(err, "Mend the name in krb5.conf, or have the DNS or /etc/hosts know it.");
    ENSURE(false, KDC_UNREACHABLE, "no host that is named as %s of %.*s has an address",
           s->service == NET_KADMIN    ? "the administration server"
           : s->service == NET_KPASSWD ? "the service for passwords"
                                       : "a KDC",
           SLICE_ARG(s->realm));
}

// not_known says which realms are known instead: a realm's name is often typed in small letters.
static enum obol_code not_known(const struct krb5conf *conf, struct search *s, bool by_dns,
                                struct error *err) {
    struct nearest near = nearest_of(s->realm);
    struct writer all = writer_to_arena(s->arena);
    for (size_t i = 0; i < conf->realm_count; i++) {
        const char *name = arena_cstr(s->arena, conf->realms[i].name);
        if (!name || conf->realms[i].kdc.count == 0 || slice_eq(conf->realms[i].name, s->realm))
            continue; // that realm itself lacks the host of a service beside its KDC
        nearest_offer(&near, name);
        writer_printf(&all, "%s%s", all.len ? " " : "", name);
    }
    enum obol_code code =
        error_set(err, OBOL_KDC_NOT_KNOWN, "net_locate",
                  "krb5.conf has no `%s` for the realm %.*s, and %s%s%s%s",
                  SERVICES[s->service].relation, SLICE_ARG(s->realm),
                  s->dns_failed          ? "the DNS gave no answer"
                  : by_dns               ? "the DNS has no SRV record for it"
                  : conf->dns_lookup_kdc ? "it is no domain that the DNS could know"
                                         : "`dns_lookup_kdc` is off",
                  near.best ? "; did you mean the realm " : "", near.best ? near.best : "",
                  near.best ? "?" : "");
    error_fact(err, "realm", "%.*s", SLICE_ARG(s->realm));
    if (all.len)
        error_fact(err, "realms with a KDC in krb5.conf", "%.*s", SLICE_ARG(writer_slice(&all)));
    return code;
}

enum obol_code net_locate(const struct krb5conf *conf, struct slice realm, enum net_service service,
                          const struct net_resolver *resolver, struct arena *a,
                          struct net_server_list *out, struct error *err) {
    struct search s = begin(realm, service, resolver, a);
    const struct krb5conf_realm *r = krb5conf_realm(conf, realm);
    out->count = 0;
    if (r) {
        s.anchors = &r->http_anchors;
        TRY(from_config(&s, configured(&s, r), err));
    }
    bool by_dns = s.count == 0 && conf->dns_lookup_kdc && is_domain(realm);
    if (by_dns)
        from_dns(&s);
    if (s.count == 0)
        return not_known(conf, &s, by_dns, err);
    return resolve(&s, out, err);
}

enum obol_code net_locate_place(struct slice place, struct slice realm, enum net_service service,
                                const struct net_resolver *resolver, struct arena *a,
                                struct net_server_list *out, struct error *err) {
    struct search s = begin(realm, service, resolver, a);
    const struct slice_list one = {&place, 1};
    TRY(from_config(&s, &one, err));
    return resolve(&s, out, err);
}
