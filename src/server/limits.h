// limits.h: how often a source, and how often an account, may ask: buckets in a table of fixed
// size, no lock and no system call. Workers share nothing that they write, so each has its part of
// a rate; the system spreads requests over them by address and port. Nobody can be shut out with
// them by forgery: a request by UDP, whose sender may be forged, is not refused but sent to TCP
// (KRB_ERR_RESPONSE_TOO_BIG), where the sender is proven and an account is counted for each source
// apart.
#ifndef OBOL_SERVER_LIMITS_H
#define OBOL_SERVER_LIMITS_H

#include "base/siphash.h"
#include "server/service.h"

struct limit {
    int64_t interval_us; // between requests that go on for ever; 0: no limit
    int64_t burst_us;    // so far ahead of that a burst may be
};
struct limits {
    struct limit source, account;
    struct siphash_key key;
    struct limits_bucket *buckets; // NULL: there are no limits
    int64_t logged_us;             // when a refusal was last logged
};

// limits_init takes rates in requests a second, 0: none, and among how many workers they are
// divided. A burst may have as many as come in two seconds, and ten at least at each worker. False
// without memory.
MUST_USE bool limits_init(struct limits *l, unsigned source_rate, unsigned account_rate,
                          unsigned workers);
void limits_clear(struct limits *l);
// limits_admit is whether a request may be served now. `subject` is the account that it is about,
// empty if it is about none.
MUST_USE bool limits_admit(struct limits *l, const union sock_address *peer,
                           enum event_transport via, struct slice subject, int64_t now_us);

#endif
