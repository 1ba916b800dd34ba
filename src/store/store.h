// store.h: the realm database. A store maps principal names to records (store/record.h); it knows
// transactions, iteration and a change counter, and nothing of Kerberos' rules. Back ends are const
// descriptors (`struct store_ops`, store/backend.h): lmdb (embedded, default) and memory (tests).
//
// Names are the text of principal_write with the realm; an alias is a name of its own that leads
// to its principal's record. Reads see one consistent snapshot; writes are transactions: after
// store_commit returned OBOL_OK they survive kill -9 and power loss, before it nothing is visible.
//
// A store belongs to one thread of one process: after fork the child opens its own, and a process
// opens a path once at a time.
#ifndef OBOL_STORE_STORE_H
#define OBOL_STORE_STORE_H

#include "base/arena.h"
#include "base/error.h"
#include "store/record.h"

struct store;
struct store_ops;
struct store_read;  // a snapshot
struct store_write; // a transaction: one at a time a store, whatever the process

struct store_options {
    const char *path;  // directory (lmdb); ignored by memory
    size_t size_limit; // bytes the store may grow to; 0: 64 GiB (address space only)
    bool create;       // make it (EXISTS if it is there)
    bool read_only;
    // fast_load: no sync per commit; store_sync at the end. A power loss before that may cost the
    // whole store (a kill does not), so it is for loading a fresh one.
    bool fast_load;
};
extern const struct store_ops STORE_LMDB, STORE_MEMORY;

// store_open: STORE_NOT_FOUND if there is none, EXISTS with `create` if there is one, PERMISSION if
// others than its owner can read it, STORE_CORRUPT or STORE_VERSION if it cannot be used.
MUST_USE enum obol_code store_open(struct store **out, const struct store_ops *ops,
                                   const struct store_options *options, struct error *err);
// store_close takes NULL; its snapshots and transactions must have ended.
void store_close(struct store *s);

// A snapshot is kept and renewed: store_read_begin makes one, store_read_renew moves it to the
// newest state (cheap; called a batch), store_read_end frees it (NULL is fine). Borrowed bytes are
// valid until the renewal or end.
MUST_USE enum obol_code store_read_begin(struct store *s, struct store_read **out,
                                         struct error *err);
MUST_USE enum obol_code store_read_renew(struct store_read *r, struct error *err);
// store_read_release gives the snapshot up until the next renewal. An idle reader does this, since
// the pages of an old snapshot cannot be used again while it is held. Costs no system call.
void store_read_release(struct store_read *r);
void store_read_end(struct store_read *r);
// store_changes counts the commits the store has seen; it lives in shared memory, so asking costs
// no system call. A snapshot that is begun or renewed after it was read shows that many or more:
// a cache reads the counter, then renews, then fills, and is stale once the counter differs.
uint64_t store_changes(struct store *s);
// store_get finds the record of a name or alias: *record borrows encoded bytes of the snapshot
// (record_decode reads them). PRINCIPAL_NOT_FOUND if there is none.
MUST_USE enum obol_code store_get(struct store_read *r, struct slice name, struct slice *record,
                                  struct error *err);
// store_next walks principals: start with *name empty; NOT_FOUND at the end. `name` is updated to
// the principal found and borrows from the snapshot. Names of several components come first, then
// those of one, each in byte order; a name that is not there leads to the one behind its place.
MUST_USE enum obol_code store_next(struct store_read *r, struct slice *name, struct slice *record,
                                   struct error *err);
#define STORE_META_DOMAIN_SID "domain-sid" // of the realm, as text: S-1-5-21-...
// store_meta reads a small named value: "realm", "format", "next-id" ... NOT_FOUND if absent.
MUST_USE enum obol_code store_meta(struct store_read *r, const char *key, struct slice *value,
                                   struct error *err);

// store_meta_next walks the values whose key begins with a prefix: start with *key the prefix
// itself. NOT_FOUND at the end.
MUST_USE enum obol_code store_meta_next(struct store_read *r, struct slice prefix,
                                        struct slice *key, struct slice *value, struct error *err);

MUST_USE enum obol_code store_write_begin(struct store *s, struct store_write **out,
                                          struct error *err);
// store_write_snapshot is a view of the transaction's own state, for store_get and the rest; it
// lives as long as the transaction.
struct store_read *store_write_snapshot(struct store_write *w);
// store_draw_ids reserves `count` ids that no record of this store ever had; *first is the lowest.
MUST_USE enum obol_code store_draw_ids(struct store_write *w, uint64_t count, uint64_t *first,
                                       struct error *err);
// store_put writes the record of record->name and its aliases. PRINCIPAL_EXISTS if the name is that
// of a principal with another id; ALIAS_CONFLICT if the name is an alias, or an alias belongs to
// another principal; INVALID_ARGUMENT if a member is past its bound (record.h). Aliases that the
// old record had and the new lacks go. The record must not borrow from the transaction's own view:
// a write moves its pages. After a failure the transaction can only be aborted.
MUST_USE enum obol_code store_put(struct store_write *w, const struct record *record,
                                  struct error *err);
// store_delete removes the principal (not an alias: PRINCIPAL_NOT_FOUND) with its aliases.
MUST_USE enum obol_code store_delete(struct store_write *w, struct slice name, struct error *err);
MUST_USE enum obol_code store_put_meta(struct store_write *w, const char *key, struct slice value,
                                       struct error *err);
MUST_USE enum obol_code store_delete_meta(struct store_write *w, const char *key,
                                          struct error *err);
// store_commit makes the transaction durable and frees it, whatever it returns.
MUST_USE enum obol_code store_commit(struct store_write *w, struct error *err);
// store_abort drops it (NULL is fine).
void store_abort(struct store_write *w);
// store_sync makes the commits of a fast_load durable.
MUST_USE enum obol_code store_sync(struct store *s, struct error *err);
// store_copy writes the present state, durably, as a store of its own: `path` is as in struct
// store_options and must not be there (EXISTS). Readers and writers go on meanwhile. UNSUPPORTED
// for stores that are no files.
MUST_USE enum obol_code store_copy(struct store *s, const char *path, struct error *err);

#endif
