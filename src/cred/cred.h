// cred.h: one entry of a credential cache: a ticket with its session key, or a configuration entry
// of the cache.
#ifndef OBOL_CRED_CRED_H
#define OBOL_CRED_CRED_H

#include "krb/principal.h"
#include "proto/codes.h"

struct cred {
    struct principal client, server;
    struct encryption_key key;   // the session key
    int64_t authtime, starttime; // seconds since 1970; a file holds 32 bits of them, unsigned, so
    int64_t endtime, renew_till; // that they reach to 2106; starttime 0: as authtime
    uint32_t flags;              // TKT_...
    bool is_skey;                // sealed with the session key of second_ticket's (user-to-user)
    struct host_address_list addresses;
    struct authdata_list authdata;
    struct slice ticket;        // DER of the Ticket, as it came
    struct slice second_ticket; // of user-to-user; else empty
};

// cred_copy makes a copy that lives whole in the arena.
MUST_USE enum obol_code cred_copy(const struct cred *from, struct arena *a, struct cred *out,
                                  struct error *err);
// cred_start is when the ticket begins to be valid.
static inline int64_t cred_start(const struct cred *c) {
    return c->starttime ? c->starttime : c->authtime;
}
// cred_is_config: a configuration entry (X-CACHECONF:), not a ticket.
bool cred_is_config(const struct cred *c);
// cred_is_removed: an entry that was overwritten in place; readers pass it over.
bool cred_is_removed(const struct cred *c);

#endif
