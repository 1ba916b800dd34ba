// net.c: one exchange with the KDCs of a realm (RFC 4120 7.2): locate, carry, and look at the reply
// only so far as to know whether it is one.
#include "net/net.h"

#include "proto/codes.h"
#include "proto/types.h"
#include <netdb.h>

void net_fact(struct error *err, const char *name, struct slice value) {
    const char *have, *text;
    size_t at = 0;
    while (err && error_fact_next(err, &at, &have, &text))
        if (strcmp(have, name) == 0)
            return;
    error_fact(err, name, "%.*s", SLICE_ARG(value));
}

void net_tell_kdc(const struct net_memory *memory, struct error *err) {
    char host[NI_MAXHOST], port[NI_MAXSERV];
    bool ip = memory && memory->realm_len &&
              (memory->address.ss_family == AF_INET || memory->address.ss_family == AF_INET6);
    if (ip && getnameinfo((const struct sockaddr *)&memory->address, memory->address_len, host,
                          sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        error_fact(err, "KDC", "%s port %s", host, port);
}

// Whether the bytes are one whole DER value with the tag of a KDC's message. The length must be
// that of the bytes, so that what is cut or foreign does not end the waiting for the true reply.
static bool is_message(struct slice reply) {
    if (reply.len < 2)
        return false;
    uint8_t tag = reply.ptr[0];
    if (tag != (0x60 | KRB_AS_REP) && tag != (0x60 | KRB_TGS_REP) && tag != (0x60 | KRB_ERROR))
        return false;
    if (reply.ptr[1] < 0x80)
        return reply.len == 2u + reply.ptr[1];
    size_t octets = reply.ptr[1] & 0x7f, len = 0;
    if (octets == 0 || octets > 4 || reply.len < 2 + octets)
        return false;
    for (size_t i = 0; i < octets; i++)
        len = len << 8 | reply.ptr[2 + i];
    return reply.len == 2 + octets + len;
}

enum net_verdict net_judge(struct slice reply) {
    struct arena a = {0};
    struct krb_error error;
    if (!is_message(reply))
        return NET_IGNORE;
    if (reply.ptr[0] != (0x60 | KRB_ERROR) || !arena_init(&a, 4096, 1 << 20))
        return NET_TAKE;
    bool busy = der_decode(&TYPE_KRB_ERROR, reply, &a, &error, NULL) == OBOL_OK &&
                error_code_of_krb(error.error_code) == OBOL_KDC_ERR_SVC_UNAVAILABLE;
    arena_clear(&a);
    return busy ? NET_PASS : NET_TAKE;
}

static bool same_address(const struct net_server *s, const struct net_memory *m) {
    return s->address_len > 0 && s->address_len == m->address_len &&
           memcmp(&s->address, &m->address, m->address_len) == 0;
}

// Brings the address that answered last to the front.
static void recall(const struct net_memory *m, struct slice realm, struct net_server_list *list) {
    if (!m || m->realm_len == 0 || !slice_eq(slice_of(m->realm, m->realm_len), realm))
        return;
    for (size_t i = 1; i < list->count; i++)
        if (same_address(&list->items[i], m)) {
            struct net_server found = list->items[i];
            memmove(&list->items[1], &list->items[0], i * sizeof list->items[0]);
            list->items[0] = found;
            return;
        }
}

static void remember(struct net_memory *m, struct slice realm, const struct net_server *server) {
    if (!m || !server || realm.len > sizeof m->realm)
        return;
    memcpy(m->realm, realm.ptr, realm.len);
    m->realm_len = realm.len;
    m->address = server->address;
    m->address_len = server->address_len;
}

enum obol_code net_exchange(const struct net *net, struct slice realm, struct slice message,
                            bool tcp_only, struct arena *a, struct slice *reply,
                            struct error *err) {
    struct net_server_list *servers = arena_alloc(a, sizeof *servers);
    ENSURE_MEMORY(servers);
    TRY(net_locate(net->conf, realm, NET_KDC, net->resolver, a, servers, err));
    recall(net->memory, realm, servers);
    const struct net_server *answered = NULL;
    struct net_timing timing = net->timing ? *net->timing : net_timing_usual;
    if (!net->timing && net->conf->request_timeout > 0)
        timing.deadline_ms = net->conf->request_timeout * 1000;
    struct net_request request = {
        .realm = realm,
        .message = message,
        .servers = servers,
        .tcp_only = tcp_only,
        .udp_preference_limit = (size_t)net->conf->udp_preference_limit,
        .timing = &timing,
        .clock = net->clock,
        .trace = net->trace,
        .judge = net_judge,
        .answered = &answered,
    };
    TRY(net_carry(&request, a, reply, err));
    remember(net->memory, realm, answered);
    return OBOL_OK;
}
