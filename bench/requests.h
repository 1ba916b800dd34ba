// requests.h: the requests of a benchmark, built before the clock runs, each different from all
// others, and the check of replies to them.
#ifndef OBOL_BENCH_REQUESTS_H
#define OBOL_BENCH_REQUESTS_H

#include "cred/cred.h"
#include "realm.h"

enum request_kind {
    REQUEST_AS,    // with an encrypted timestamp: a ticket comes back
    REQUEST_TGS,   // a ticket for a service
    REQUEST_ERROR, // AS without preauthentication: PREAUTH_REQUIRED comes back
};

struct requests {
    enum request_kind kind;
    const struct bench_realm *realm;
    size_t count;
    uint32_t *offset; // count + 1 of them into `bytes`
    uint8_t *bytes;
    size_t size;
};

// requests_build makes `count` requests. For REQUEST_TGS, tgts are TGTs of users 0 .. tgt_count
// - 1.
MUST_USE enum obol_code requests_build(struct requests *r, enum request_kind kind,
                                       const struct bench_realm *realm, size_t count,
                                       const struct cred *tgts, unsigned tgt_count,
                                       struct error *err);
void requests_free(struct requests *r);
struct slice requests_at(const struct requests *r, size_t i);

// requests_expected is the first octet of the reply that this kind should get.
uint8_t requests_expected(enum request_kind kind);
// requests_check opens the reply to request i and holds it against the request; *cred (NULL: not
// wanted) is the ticket, in the arena.
MUST_USE enum obol_code requests_check(const struct requests *r, size_t i, struct slice reply,
                                       struct arena *a, struct cred *cred, struct error *err);

#endif
