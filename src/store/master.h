// master.h: the master keys under which the realm's keys are sealed in the store. They stand in a
// file of their own (master.key, mode 0600) and in `struct secret` only. Several versions may be
// in use at once, so that they can be replaced while the KDC runs: a key sealed under a version
// that is not known yet makes master_open read the file again.
//
// The order of a replacement: master_add; seal every record's keys again; master_retire.
// A struct master is used by one thread at a time (it holds prepared ciphers).
#ifndef OBOL_STORE_MASTER_H
#define OBOL_STORE_MASTER_H

#include "base/arena.h"
#include "base/env.h"
#include "base/error.h"
#include "store/record.h"

struct master;
// master_create draws a first key and writes the file (EXISTS if there is one).
MUST_USE enum obol_code master_create(struct master **out, const char *path, const struct env *env,
                                      struct error *err);
// master_load reads it: MASTER_KEY if it is missing or malformed, PERMISSION if others than its
// owner can read it or its owner is neither this user, nor root, nor (for root) the directory's
// owner.
MUST_USE enum obol_code master_load(struct master **out, const char *path, struct error *err);
// master_add draws a further version, current from now on, and writes the file durably (write to a
// new file, fsync, rename); master_retire drops versions below `keep_from`, and what a process that
// was killed while it wrote the file left beside it. Both only inside a write transaction of the
// store, so that no two processes write the file at once.
MUST_USE enum obol_code master_add(struct master *m, const struct env *env, struct error *err);
MUST_USE enum obol_code master_retire(struct master *m, uint32_t keep_from, struct error *err);
uint32_t master_current(const struct master *m);
// master_is_changing is whether older versions than the current one are in use yet: a replacement
// is under way, or was cut short.
bool master_is_changing(const struct master *m);
// master_refresh reads the file again and takes the versions that are new in it; those known stay.
MUST_USE enum obol_code master_refresh(struct master *m, struct error *err);
// master_free wipes the keys; NULL is fine.
void master_free(struct master *m);
// master_seal fills key->sealed (in the arena) and key->master from the key's bytes; the sealing is
// bound to the record's id, the kvno and the enctype, so that sealed keys cannot be swapped.
MUST_USE enum obol_code master_seal(const struct master *m, const struct env *env, uint64_t id,
                                    struct record_key *key, struct slice bytes, struct arena *a,
                                    struct error *err);
// master_open gives the key's bytes, in the arena: MASTER_KEY if it does not open.
MUST_USE enum obol_code master_open(struct master *m, uint64_t id, const struct record_key *key,
                                    struct arena *a, struct slice *bytes, struct error *err);

#endif
