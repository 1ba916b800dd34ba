// addresses.c: the addresses of this host and of others, as tickets that are bound to them name
// them (RFC 4120 5.2.5, 7.5.3).
#include "net/addresses.h"
#include "proto/codes.h"
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

// Loopback addresses are left out only where the interfaces are asked: who names one means it.
static bool host_address_of(const struct sockaddr *sa, bool named, struct host_address *out) {
    if (sa && sa->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
        *out = (struct host_address){ADDR_IPV4, slice_of(&in->sin_addr, sizeof in->sin_addr)};
        return named || in->sin_addr.s_addr != htonl(INADDR_LOOPBACK);
    }
    if (sa && sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)sa;
        *out = (struct host_address){ADDR_IPV6, slice_of(&in->sin6_addr, sizeof in->sin6_addr)};
        return !IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr) &&
               (named || !IN6_IS_ADDR_LOOPBACK(&in->sin6_addr));
    }
    return false;
}

static enum obol_code add(struct host_address_list *list, const struct sockaddr *sa, bool named,
                          struct arena *a, struct error *err) {
    struct host_address one;
    if (!host_address_of(sa, named, &one) || list->count == NET_ADDRESSES_MAX)
        return OBOL_OK;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].addr_type == one.addr_type &&
            slice_eq(list->items[i].address, one.address))
            return OBOL_OK;
    ENSURE(arena_copy(a, one.address, &one.address), NO_MEMORY, "no memory for an address");
    list->items[list->count++] = one;
    return OBOL_OK;
}

static enum obol_code add_host(struct host_address_list *list, struct slice host, struct arena *a,
                               struct error *err) {
    const char *name = arena_cstr(a, host);
    const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    struct addrinfo *found = NULL;
    ENSURE(name, NAME_MALFORMED, "a host name of %zu bytes, or with a NUL in it", host.len);
    int failed = getaddrinfo(name, NULL, &hints, &found);
    ENSURE(!failed, CONFIG_SYNTAX, "%s has no address: %s", name, gai_strerror(failed));
    enum obol_code code = OBOL_OK;
    for (const struct addrinfo *at = found; at && code == OBOL_OK; at = at->ai_next)
        code = add(list, at->ai_addr, true, a, err);
    freeaddrinfo(found);
    return code;
}

static enum obol_code begin(struct arena *a, struct host_address_list *out, struct error *err) {
    *out = (struct host_address_list){arena_zalloc(a, NET_ADDRESSES_MAX, sizeof *out->items), 0};
    ENSURE_MEMORY(out->items);
    return OBOL_OK;
}

enum obol_code net_addresses_of_host(struct slice host, struct arena *a,
                                     struct host_address_list *out, struct error *err) {
    TRY(begin(a, out, err));
    return add_host(out, host, a, err);
}

enum obol_code net_addresses(const struct krb5conf *conf, struct arena *a,
                             struct host_address_list *out, struct error *err) {
    struct ifaddrs *all = NULL;
    enum obol_code code = OBOL_OK;
    TRY(begin(a, out, err));
    for (size_t i = 0; i < conf->extra_addresses.count; i++)
        TRY(add_host(out, conf->extra_addresses.items[i], a, err));
    bool known = getifaddrs(&all) == 0;
    if (!known)
        error_remedy(err,
                     "A ticket without addresses needs none of them: set `noaddresses = true` in "
                     "krb5.conf.");
    ENSURE(known, IO, "the addresses of this host cannot be read: %s", strerror(errno));
    for (const struct ifaddrs *at = all; at && code == OBOL_OK; at = at->ifa_next)
        if (at->ifa_flags & IFF_UP)
            code = add(out, at->ifa_addr, false, a, err);
    freeifaddrs(all);
    return code;
}
