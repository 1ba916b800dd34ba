// tcp_source.c: see tcp_source.h.
#include "server/tcp_source.h"
#include <stdlib.h>

bool tcp_sources_init(struct tcp_sources *t, size_t most, uint64_t seed) {
    size_t size = 64;
    while (size < most)
        size *= 2;
    *t = (struct tcp_sources){calloc(size, sizeof(struct tcp_source *)), size, seed | 1};
    return t->buckets != NULL;
}

void tcp_sources_clear(struct tcp_sources *t) {
    for (size_t i = 0; t->buckets && i < t->size; i++)
        while (t->buckets[i]) {
            struct tcp_source *gone = t->buckets[i];
            t->buckets[i] = gone->next;
            free(gone);
        }
    free(t->buckets);
    *t = (struct tcp_sources){0};
}

static uint64_t key_of(const union sock_address *peer) {
    struct slice network = sock_address_network(peer);
    uint64_t key = 0; // of this machine's own sockets, which are one
    uint32_t v4;
    if (network.len == sizeof v4) {
        memcpy(&v4, network.ptr, sizeof v4);
        return v4 | UINT64_C(1) << 63;
    }
    if (network.len)
        memcpy(&key, network.ptr, sizeof key);
    return key;
}

static struct tcp_source **bucket_of(const struct tcp_sources *t, uint64_t key) {
    uint64_t h = (key ^ t->seed) * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 29) * t->seed;
    return &t->buckets[(h >> 32) & (t->size - 1)];
}

struct tcp_source *tcp_sources_enter(struct tcp_sources *t, const union sock_address *peer) {
    uint64_t key = key_of(peer);
    struct tcp_source **bucket = bucket_of(t, key), *s = *bucket;
    while (s && s->key != key)
        s = s->next;
    if (!s) {
        s = calloc(1, sizeof *s);
        if (!s)
            return NULL;
        s->key = key;
        s->next = *bucket;
        TAILQ_INIT(&s->connections);
        *bucket = s;
    }
    s->count++;
    return s;
}

void tcp_sources_leave(struct tcp_sources *t, struct tcp_source *source) {
    if (--source->count > 0)
        return;
    struct tcp_source **at = bucket_of(t, source->key);
    while (*at != source)
        at = &(*at)->next;
    *at = source->next;
    free(source);
}
