// backend.h: what a back end of the store is: an ordered map from keys to values in three tables,
// with snapshots and transactions. All that concerns names, aliases and records is in store.c,
// once, above it. A back end is a const descriptor in a folder of its own.
#ifndef OBOL_STORE_BACKEND_H
#define OBOL_STORE_BACKEND_H

#include "store/store.h"

enum store_table {
    STORE_PRINCIPALS, // key of the name -> encoded record
    STORE_ALIASES,    // key of the alias -> the principal's name
    STORE_META,       // word -> small value
    STORE_TABLES
};
enum { STORE_KEY_MAX = 511 }; // bytes; LMDB's bound

// A `txn` below is what read_begin or write_begin gave. Values that get and next hand out are valid
// until the transaction's next put, del or end.
struct store_ops {
    const char *name;
    enum obol_code (*open)(const struct store_options *options, void **db, struct error *err);
    void (*close)(void *db);
    uint64_t (*changes)(void *db);
    enum obol_code (*sync)(void *db, struct error *err);
    enum obol_code (*copy)(void *db, const char *path, struct error *err); // NULL: it cannot

    enum obol_code (*read_begin)(void *db, void **txn, struct error *err);
    enum obol_code (*read_renew)(void *txn, struct error *err);
    void (*read_release)(void *txn);
    void (*read_end)(void *txn);

    enum obol_code (*write_begin)(void *db, void **txn, struct error *err);
    enum obol_code (*commit)(void *txn, struct error *err); // frees txn, whatever it returns
    void (*abort)(void *txn);

    // get finds the value of a key; *found is false if there is none (that is no error).
    enum obol_code (*get)(void *txn, enum store_table t, struct slice key, bool *found,
                          struct slice *value, struct error *err);
    // next finds the first key that is greater than `after`.
    enum obol_code (*next)(void *txn, enum store_table t, struct slice after, bool *found,
                           struct slice *key, struct slice *value, struct error *err);
    enum obol_code (*put)(void *txn, enum store_table t, struct slice key, struct slice value,
                          struct error *err);
    enum obol_code (*del)(void *txn, enum store_table t, struct slice key, struct error *err);
};

#endif
