// cache.h: principals as the KDC uses them: decoded, their keys prepared. A table of fixed size,
// made at start; a record that changed in the store is noticed by the store's change counter.
#ifndef OBOL_KDC_CACHE_H
#define OBOL_KDC_CACHE_H

#include "base/siphash.h"
#include "crypto/crypto.h"
#include "kdc/lockout.h"
#include "krb/principal.h"
#include "store/master.h"
#include "store/store.h"

struct entry {
    struct slice name;  // asked for: the record's own or an alias
    struct slice bytes; // the encoded record
    struct record record;
    struct principal principal;    // record.name, parsed
    uint32_t kvno;                 // the newest; 0: it has no keys
    size_t current;                // record.keys[0 .. current) are of that kvno
    struct crypto_key **keys;      // beside record.keys; NULL until first used
    struct slice *kept;            // cache_keep; NULL: nothing
    bool has_tokens;               // of one-time passwords (store/token.h)
    struct lockout_policy lockout; // of the record's password policy; failures 0: the realm's holds
    // The rest is the cache's own.
    struct arena arena;
    uint64_t serial;                  // no other record that was ever decoded has it
    uint64_t hash, seen;              // `seen`: the change counter at which it was known to be true
    uint32_t pins;                    // exchanges that hold it
    bool in_slot, listed, referenced; // listed: lookups find it
};

struct cache;
struct cache_config {
    size_t records;
    struct slice realm;
    struct store *store;
    struct master *master;
    const struct env *env;
};
MUST_USE enum obol_code cache_new(struct cache **out, const struct cache_config *config,
                                  struct error *err);
void cache_free(struct cache *c);
// cache_renew moves to the newest state of the store, cache_release gives its snapshot up.
MUST_USE enum obol_code cache_renew(struct cache *c, struct error *err);
void cache_release(struct cache *c);
// cache_get finds the principal of a name and pins it: PRINCIPAL_NOT_FOUND, NEED, or the store's
// failures. A record that fits no slot lives in the arena, as do its keys. The caller unpins it
// with cache_unpin before the arena is reset.
MUST_USE enum obol_code cache_get(struct cache *c, struct slice name, struct arena *a,
                                  struct entry **out, struct error *err);
void cache_unpin(struct entry *e);
// cache_count gives how often it was asked, and how many records it had to decode for that.
void cache_count(const struct cache *c, uint64_t *lookups, uint64_t *decoded);
// cache_keep copies what was made of the record's contents to where it stays as long as the entry:
// e->kept is these slices then. Only for an entry that stays itself; e->kept stays NULL without
// memory. Nothing secret.
void cache_keep(struct entry *e, const struct slice *made, size_t count);
// cache_key_fetch asks for the memory of a key that will be used soon (base/fetch.h).
void cache_key_fetch(const struct entry *e, size_t index);
// cache_key gives the prepared key record.keys[index], opened at its first use.
MUST_USE enum obol_code cache_key(struct cache *c, struct entry *e, size_t index, struct arena *a,
                                  struct crypto_key **out, struct error *err);

#endif
