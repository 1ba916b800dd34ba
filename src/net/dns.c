// dns.c: the system's resolver: getaddrinfo for addresses, libc's res_nquery for SRV records
// (RFC 2782). Both block; the resolver's own time-outs are set short, since several names may be
// asked in a row.
#include "net/locate.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>

enum {
    DNS_ANSWER_MAX = 16384,
    DNS_SECONDS = 2, // for one server
    DNS_TRIES = 2,
};

static bool system_addresses(void *ctx, const char *host, uint16_t port, unsigned protocols,
                             struct net_server_list *list) {
    UNUSED(ctx);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *found;
    char service[8];
    size_t before = list->count;
    snprintf(service, sizeof service, "%u", port);
    if (getaddrinfo(host, service, &hints, &found) != 0)
        return false;
    for (const struct addrinfo *ai = found; ai && list->count < NET_SERVERS_MAX; ai = ai->ai_next) {
        if (ai->ai_family != AF_INET && ai->ai_family != AF_INET6)
            continue;
        struct net_server *s = &list->items[list->count++];
        *s = (struct net_server){.address_len = ai->ai_addrlen, .protocols = protocols};
        memcpy(&s->address, ai->ai_addr, ai->ai_addrlen);
    }
    freeaddrinfo(found);
    return list->count > before;
}

// One SRV record: priority, weight, port, target. A target "." says that the service is not there.
static void add_srv(ns_msg *message, const ns_rr *record, unsigned protocols, struct arena *a,
                    struct net_place *out, size_t *count) {
    char target[NS_MAXDNAME];
    const uint8_t *data = ns_rr_rdata(*record);
    if (ns_rr_rdlen(*record) < 7 ||
        dn_expand(ns_msg_base(*message), ns_msg_end(*message), data + 6, target, sizeof target) < 0)
        return;
    struct slice host;
    if (target[0] == '\0' || !arena_copy(a, slice_str(target), &host))
        return;
    out[(*count)++] = (struct net_place){
        .host = host,
        .priority = (uint16_t)ns_get16(data),
        .weight = (uint16_t)ns_get16(data + 2),
        .port = (uint16_t)ns_get16(data + 4),
        .protocols = protocols,
    };
}

static bool system_srv(void *ctx, const char *name, unsigned protocols, struct arena *a,
                       struct net_place *out, size_t max, size_t *count) {
    UNUSED(ctx);
    struct __res_state state = {0};
    struct buf answer = arena_buf(a, DNS_ANSWER_MAX);
    ns_msg message;
    ns_rr record;
    if (!answer.ptr || res_ninit(&state) != 0)
        return false;
    state.retrans = DNS_SECONDS;
    state.retry = DNS_TRIES;
    int n = res_nquery(&state, name, ns_c_in, ns_t_srv, answer.ptr, (int)answer.len);
    if (n > (int)answer.len)
        n = (int)answer.len;
    if (n > 0 && ns_initparse(answer.ptr, n, &message) == 0)
        for (int i = 0; i < ns_msg_count(message, ns_s_an) && *count < max; i++)
            if (ns_parserr(&message, ns_s_an, i, &record) == 0 && ns_rr_type(record) == ns_t_srv)
                add_srv(&message, &record, protocols, a, out, count);
    const bool none = state.res_h_errno == HOST_NOT_FOUND || state.res_h_errno == NO_DATA;
    res_nclose(&state);
    return n > 0 || none;
}

static struct slice system_canonical(void *ctx, const char *host, bool rdns, struct arena *a) {
    UNUSED(ctx);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_CANONNAME};
    struct addrinfo *found;
    char name[NI_MAXHOST];
    struct slice out = {0};
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return out;
    const char *text = found->ai_canonname;
    if (rdns && getnameinfo(found->ai_addr, found->ai_addrlen, name, sizeof name, NULL, 0,
                            NI_NAMEREQD) == 0)
        text = name;
    if (text && !arena_copy(a, slice_str(text), &out))
        out = (struct slice){0};
    freeaddrinfo(found);
    return out;
}

const struct net_resolver net_resolver_system = {
    .addresses = system_addresses,
    .srv = system_srv,
    .canonical = system_canonical,
};
