// limits.c: see limits.h. A bucket is the time at which it would be empty (GCRA): each request
// moves it on by the interval, and one that would move it further ahead than the burst is over the
// limit.
#include "server/limits.h"
#include "base/env.h"
#include <stdlib.h>

enum {
    SETS = 4096, // a power of two
    WAYS = 4,
    BURST_MIN = 10,
    SUBJECT_MAX = 256, // bytes of a name that are told apart
};

struct limits_bucket {
    uint64_t tag; // 0: a free one
    int64_t until_us;
};

static struct limit limit_of(unsigned rate, unsigned workers) {
    if (rate == 0)
        return (struct limit){0};
    int64_t interval = (int64_t)1000000 * workers / rate;
    unsigned burst = 2 * rate / workers > BURST_MIN ? 2 * rate / workers : BURST_MIN;
    return (struct limit){interval ? interval : 1, (interval ? interval : 1) * (burst - 1)};
}

bool limits_init(struct limits *l, unsigned source_rate, unsigned account_rate, unsigned workers) {
    workers += workers == 0;
    *l = (struct limits){.source = limit_of(source_rate, workers),
                         .account = limit_of(account_rate, workers)};
    if (source_rate == 0 && account_rate == 0)
        return true;
    env_random(env_system(), buf_of(&l->key, sizeof l->key));
    l->buckets = calloc((size_t)SETS * WAYS, sizeof *l->buckets);
    return l->buckets != NULL;
}

void limits_clear(struct limits *l) {
    free(l->buckets);
    *l = (struct limits){0};
}

// The bucket of a tag, or the one that is emptiest in its set: what is pushed out counts anew,
// which serves somebody more than he should be, and never less.
static struct limits_bucket *bucket_of(struct limits *l, uint64_t tag) {
    struct limits_bucket *set = &l->buckets[(tag >> 1 & (SETS - 1)) * WAYS], *emptiest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].tag == tag)
            return &set[i];
        if (set[i].until_us < emptiest->until_us)
            emptiest = &set[i];
    }
    *emptiest = (struct limits_bucket){.tag = tag};
    return emptiest;
}

static bool take(struct limits *l, const struct limit *limit, struct slice key, int64_t now_us) {
    uint64_t tag = siphash_64(&l->key, key) | 1;
    struct limits_bucket *b = bucket_of(l, tag);
    int64_t until = b->until_us > now_us ? b->until_us : now_us;
    if (until - now_us > limit->burst_us)
        return false;
    b->until_us = until + limit->interval_us;
    return true;
}

bool limits_admit(struct limits *l, const union sock_address *peer, enum event_transport via,
                  struct slice subject, int64_t now_us) {
    uint8_t key[1 + 8 + SUBJECT_MAX];
    if (!l->buckets || via == EVENT_UNIX)
        return true;
    // What comes by UDP is counted apart: a forger's requests take nothing from those whose address
    // he uses when they come by TCP.
    key[0] = via == EVENT_UDP;
    struct slice source = sock_address_network(peer);
    size_t len = 1 + source.len;
    if (source.len)
        memcpy(key + 1, source.ptr, source.len);
    if (l->source.interval_us && !take(l, &l->source, slice_of(key, len), now_us))
        return false;
    if (!l->account.interval_us || subject.len == 0)
        return true;
    key[0] = via == EVENT_UDP ? 3 : 2;
    if (via == EVENT_UDP)
        len = 1;
    subject = slice_sub(subject, 0, SUBJECT_MAX);
    memcpy(key + len, subject.ptr, subject.len);
    return take(l, &l->account, slice_of(key, len + subject.len), now_us);
}
