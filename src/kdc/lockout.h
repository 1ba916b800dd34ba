// lockout.h: what the workers of a KDC must know of each other's logins, in memory that they share,
// so that no decision needs the disk: failed logins, and which one-time codes were taken. Tables of
// fixed size; the counters in the store, which follow later in groups, are where an account starts
// from that is not in them.
#ifndef OBOL_KDC_LOCKOUT_H
#define OBOL_KDC_LOCKOUT_H

#include "base/error.h"
#include "store/record.h"

struct lockout_policy {
    uint32_t failures; // so many in a row lock the account; 0: never
    int64_t window;    // seconds after which a failure is forgotten; 0: never
    int64_t duration;  // seconds that it stays locked; 0: until an administrator unlocks it
};

struct lockout;
// lockout_new maps a table that processes forked later share; NULL if there is no memory.
struct lockout *lockout_new(size_t accounts);
void lockout_free(struct lockout *l);
// lockout_fetch asks for the memory that the other functions will read (base/fetch.h).
void lockout_fetch(const struct lockout *l, const struct record *r);
// lockout_is_locked is whether the account may not log in now; *until is when it may, 0: not known.
bool lockout_is_locked(const struct lockout *l, const struct lockout_policy *policy,
                       const struct record *r, int64_t now, int64_t *until);
// lockout_failure counts a failure, lockout_success forgets all of them.
void lockout_failure(struct lockout *l, const struct lockout_policy *policy, const struct record *r,
                     int64_t now);
void lockout_success(struct lockout *l, const struct record *r, int64_t now);
// lockout_next_code is the counter behind the last one that a worker took, if that is little more
// than `next`, which the store knows: it is told of codes some time later.
uint64_t lockout_next_code(const struct lockout *l, uint64_t account, uint32_t token,
                           uint64_t next);
// lockout_take_code is true for one caller only, of all workers: a one-time code of that counter,
// or of a later one, was not taken before. `next` is what the store knows of the token.
MUST_USE bool lockout_take_code(struct lockout *l, uint64_t account, uint32_t token, uint64_t next,
                                uint64_t counter);

#endif
