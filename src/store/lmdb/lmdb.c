// lmdb.c: the embedded store, on LMDB: one file, mapped by every process that reads it. Readers
// take no lock and make no system call; a commit is durable when it returns. The change counter is
// the number of the last transaction, which stands in the shared map.
//
// LMDB trusts its file: it is looked at before it is opened (owner, mode, length), since a map that
// is longer than its file ends the process.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/backend.h"
#include "store/files.h"

enum { MAX_READERS = 1024, OPEN_MAX_STORES = 64 };
#define DEFAULT_LIMIT (UINT64_C(64) << 30) // address space; the file is as long as what it holds

static const char *const table_names[STORE_TABLES] = {"principals", "aliases", "meta"};

struct db {
    MDB_env *env;
    MDB_dbi tables[STORE_TABLES];
    MDB_txn *probe; // renewed for a moment to read the change counter
    char path[PATH_MAX];
    bool registered;
    unsigned active; // transactions of this process that hold a snapshot
};
struct txn {
    struct db *db;
    MDB_txn *mdb;
    bool released;
};

// LMDB must not open a file twice in a process (closing one would drop the locks of both), and
// nothing in it notices.
static struct {
    pid_t pid;
    dev_t device;
    ino_t inode;
    const struct db *db;
} opened[OPEN_MAX_STORES];

static enum obol_code register_open(struct db *db, const struct stat *st, struct error *err) {
    size_t place = OPEN_MAX_STORES;
    for (size_t i = 0; i < OPEN_MAX_STORES; i++) {
        if (!opened[i].db || opened[i].pid != getpid()) {
            place = i;
            continue;
        }
        ENSURE(opened[i].device != st->st_dev || opened[i].inode != st->st_ino, INVALID_ARGUMENT,
               "%s is open in this process already", db->path);
    }
    ENSURE(place < OPEN_MAX_STORES, INVALID_ARGUMENT, "%d stores are open in this process",
           OPEN_MAX_STORES);
    opened[place].pid = getpid();
    opened[place].device = st->st_dev;
    opened[place].inode = st->st_ino;
    opened[place].db = db;
    return OBOL_OK;
}

static void unregister(const struct db *db) {
    for (size_t i = 0; i < OPEN_MAX_STORES; i++)
        if (opened[i].db == db)
            opened[i].db = NULL;
}

static enum obol_code fail(const struct db *db, int rc, const char *doing, struct error *err) {
    if (rc == 0)
        return OBOL_OK;
    enum obol_code code = rc == MDB_MAP_FULL                           ? OBOL_STORE_FULL
                          : rc == ENOMEM                               ? OBOL_NO_MEMORY
                          : rc == EACCES || rc == EPERM || rc == EROFS ? OBOL_PERMISSION
                          : rc == MDB_VERSION_MISMATCH                 ? OBOL_STORE_VERSION
                          : rc == MDB_INVALID || rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND
                              ? OBOL_STORE_CORRUPT
                              : OBOL_STORE_IO;
    MDB_envinfo info;
    MDB_stat stat;
    struct statvfs fs;
    // A page that was written in part is an EIO to it, which on a full disk is not what is wrong.
    if (rc == EIO && statvfs(db->path, &fs) == 0 && fs.f_bavail == 0)
        rc = ENOSPC;
    error_set(err, code, __func__, "%s, while %s: %s", db->path, doing, mdb_strerror(rc));
    if (rc == MDB_MAP_FULL && mdb_env_info(db->env, &info) == 0 &&
        mdb_env_stat(db->env, &stat) == 0) {
        error_fact(err, "bytes used", "%zu", (info.me_last_pgno + 1) * stat.ms_psize);
        error_fact(err, "limit", "%zu", info.me_mapsize);
    }
    return code;
}

static MDB_val val_of(struct slice s) {
    return (MDB_val){s.len, (void *)(uintptr_t)s.ptr};
}
static struct slice slice_of_val(MDB_val v) {
    return slice_of(v.mv_data, v.mv_size);
}

// A file shorter than the pages it should have was cut: reading the missing ones is a bus error.
static enum obol_code check_length(struct db *db, const struct stat *st, struct error *err) {
    MDB_envinfo info;
    MDB_stat stat;
    TRY(fail(db, mdb_env_info(db->env, &info), "reading its size", err));
    TRY(fail(db, mdb_env_stat(db->env, &stat), "reading its size", err));
    uint64_t need = (uint64_t)(info.me_last_pgno + 1) * stat.ms_psize;
    ENSURE(st->st_size == 0 || (uint64_t)st->st_size >= need, STORE_CORRUPT,
           "%s/data.mdb was truncated: it has %lld bytes of %llu", db->path, (long long)st->st_size,
           (unsigned long long)need);
    return OBOL_OK;
}

static enum obol_code check_files(struct db *db, bool create, struct stat *data,
                                  struct error *err) {
    char file[PATH_MAX + 16];
    struct stat dir;
    if (create)
        TRY(files_make_directory(db->path, err));
    ENSURE(stat(db->path, &dir) == 0 || errno != ENOENT, STORE_NOT_FOUND, "%s", db->path);
    ENSURE(stat(db->path, &dir) == 0, STORE_IO, "%s: %s", db->path, strerror(errno));
    ENSURE(S_ISDIR(dir.st_mode), STORE_NOT_FOUND, "%s is no directory", db->path);
    TRY(files_private(db->path, &dir, err));
    snprintf(file, sizeof file, "%s/data.mdb", db->path);
    *data = (struct stat){0};
    bool there = stat(file, data) == 0;
    ENSURE(!there || !create, EXISTS, "%s", file);
    ENSURE(there || create, STORE_NOT_FOUND, "%s", file);
    return there ? files_private(file, data, err) : OBOL_OK;
}

static enum obol_code open_tables(struct db *db, const struct store_options *options,
                                  struct error *err) {
    MDB_txn *txn;
    bool create = options->create;
    TRY(fail(db, mdb_txn_begin(db->env, NULL, create ? 0 : MDB_RDONLY, &txn), "opening it", err));
    for (int t = 0; t < STORE_TABLES; t++) {
        int rc = mdb_dbi_open(txn, table_names[t], create ? MDB_CREATE : 0, &db->tables[t]);
        if (rc != 0) {
            mdb_txn_abort(txn);
            ENSURE(rc != MDB_NOTFOUND, STORE_CORRUPT,
                   "%s is not a store of Obol's, or its creation was interrupted", db->path);
            return fail(db, rc, "opening a table", err);
        }
    }
    return fail(db, mdb_txn_commit(txn), "opening it", err);
}

static enum obol_code open_env(struct db *db, const struct store_options *options,
                               struct error *err) {
    struct stat data, identity;
    TRY(check_files(db, options->create, &data, err));
    TRY(fail(db, mdb_env_create(&db->env), "opening it", err));
    size_t limit = options->size_limit ? options->size_limit : (size_t)DEFAULT_LIMIT;
    TRY(fail(db, mdb_env_set_mapsize(db->env, limit), "setting its limit", err));
    TRY(fail(db, mdb_env_set_maxreaders(db->env, MAX_READERS), "setting its readers", err));
    TRY(fail(db, mdb_env_set_maxdbs(db->env, STORE_TABLES), "setting its tables", err));
    ENSURE(stat(db->path, &identity) == 0, STORE_IO, "%s: %s", db->path, strerror(errno));
    TRY(register_open(db, &identity, err));
    db->registered = true;
    unsigned flags =
        MDB_NOTLS | (options->read_only ? MDB_RDONLY : 0u) | (options->fast_load ? MDB_NOSYNC : 0u);
    TRY(fail(db, mdb_env_open(db->env, db->path, flags, 0600), "opening it", err));
    TRY(check_length(db, &data, err));
    int dead; // slots of killed readers would keep old pages from being used again
    TRY(fail(db, mdb_reader_check(db->env, &dead), "checking its readers", err));
    TRY(open_tables(db, options, err));
    TRY(fail(db, mdb_txn_begin(db->env, NULL, MDB_RDONLY, &db->probe), "opening it", err));
    mdb_txn_reset(db->probe);
    char file[PATH_MAX + 16];
    snprintf(file, sizeof file, "%s/data.mdb", db->path);
    return options->create ? files_sync_parent(file, err) : OBOL_OK;
}

static void lmdb_close(void *ptr) {
    struct db *db = ptr;
    if (db->probe)
        mdb_txn_abort(db->probe);
    if (db->env)
        mdb_env_close(db->env);
    if (db->registered)
        unregister(db);
    free(db);
}

static enum obol_code lmdb_open(const struct store_options *options, void **out,
                                struct error *err) {
    struct db *db = calloc(1, sizeof *db);
    ENSURE(db, NO_MEMORY, "no memory for a store");
    int n = snprintf(db->path, sizeof db->path, "%s", options->path ? options->path : "");
    enum obol_code code = OBOL_OK;
    if (n <= 0 || (size_t)n >= sizeof db->path)
        code = error_set(err, OBOL_INVALID_ARGUMENT, __func__, "a path of %d bytes", n);
    if (code == OBOL_OK)
        code = open_env(db, options, err);
    if (code != OBOL_OK) {
        lmdb_close(db);
        return code;
    }
    *out = db;
    return OBOL_OK;
}

static uint64_t last_txn(struct db *db) {
    MDB_envinfo info;
    return mdb_env_info(db->env, &info) == 0 ? info.me_last_txnid : 0;
}

// The number in the map's header runs ahead of what a reader gets: a committing process writes the
// header first. A cache tagged with it could hold the state before and never notice, so the number
// is taken from a snapshot (about 20 ns).
static uint64_t lmdb_changes(void *ptr) {
    struct db *db = ptr;
    if (mdb_txn_renew(db->probe) != 0)
        return last_txn(db); // the map has to be enlarged first: the next renewal does it
    uint64_t id = mdb_txn_id(db->probe);
    mdb_txn_reset(db->probe);
    return id;
}

static enum obol_code lmdb_sync(void *db, struct error *err) {
    return fail(db, mdb_env_sync(((struct db *)db)->env, 1), "syncing it", err);
}

// LMDB copies a snapshot, and closes the gaps that deleted pages left.
static enum obol_code copy_to(struct db *db, const char *path, struct error *err) {
    char file[PATH_MAX];
    ENSURE((size_t)snprintf(file, sizeof file, "%s/data.mdb", path) < sizeof file, INVALID_ARGUMENT,
           "the path %s is too long", path);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ENSURE(fd >= 0, IO, "%s: %s", file, strerror(errno));
    int rc = mdb_env_copyfd2(db->env, fd, MDB_CP_COMPACT);
    bool written = rc == MDB_SUCCESS && fsync(fd) == 0;
    int why = rc == MDB_SUCCESS ? errno : rc;
    close(fd);
    ENSURE(written, IO, "%s: %s", file, mdb_strerror(why));
    return files_sync_parent(file, err);
}

static enum obol_code lmdb_copy(void *db, const char *path, struct error *err) {
    ENSURE(mkdir(path, 0700) == 0 || errno != EEXIST, EXISTS, "%s is there already", path);
    ENSURE(files_exists(path), IO, "%s: %s", path, strerror(errno));
    return copy_to(db, path, err);
}

// Another process may have made the store larger: its map is taken over when nothing here uses the
// old one.
static int begin(struct db *db, unsigned flags, MDB_txn **out) {
    int rc = mdb_txn_begin(db->env, NULL, flags, out);
    if (rc == MDB_MAP_RESIZED && db->active == 0 && mdb_env_set_mapsize(db->env, 0) == 0)
        rc = mdb_txn_begin(db->env, NULL, flags, out);
    if (rc == 0)
        db->active++;
    return rc;
}

static enum obol_code begin_txn(struct db *db, unsigned flags, void **out, struct error *err) {
    struct txn *t = calloc(1, sizeof *t);
    ENSURE(t, NO_MEMORY, "no memory for a transaction");
    t->db = db;
    enum obol_code code = fail(db, begin(db, flags, &t->mdb), "beginning a transaction", err);
    if (code != OBOL_OK) {
        free(t);
        return code;
    }
    *out = t;
    return OBOL_OK;
}

static enum obol_code lmdb_read_begin(void *db, void **txn, struct error *err) {
    return begin_txn(db, MDB_RDONLY, txn, err);
}

static void lmdb_read_release(void *txn) {
    struct txn *t = txn;
    if (t->released)
        return;
    mdb_txn_reset(t->mdb);
    t->db->active--;
    t->released = true;
}

static enum obol_code lmdb_read_renew(void *txn, struct error *err) {
    struct txn *t = txn;
    if (!t->released && mdb_txn_id(t->mdb) == last_txn(t->db))
        return OBOL_OK; // it is the newest already
    lmdb_read_release(t);
    int rc = mdb_txn_renew(t->mdb);
    if (rc == MDB_MAP_RESIZED && t->db->active == 0 && mdb_env_set_mapsize(t->db->env, 0) == 0)
        rc = mdb_txn_renew(t->mdb);
    TRY(fail(t->db, rc, "renewing a snapshot", err));
    t->released = false;
    t->db->active++;
    return OBOL_OK;
}

static void lmdb_end(void *txn) {
    struct txn *t = txn;
    if (!t->released)
        t->db->active--;
    mdb_txn_abort(t->mdb);
    free(t);
}

static enum obol_code lmdb_write_begin(void *db, void **txn, struct error *err) {
    int dead;
    TRY(fail(db, mdb_reader_check(((struct db *)db)->env, &dead), "checking its readers", err));
    return begin_txn(db, 0, txn, err);
}

static enum obol_code lmdb_commit(void *txn, struct error *err) {
    struct txn *t = txn;
    struct db *db = t->db;
    db->active--;
    int rc = mdb_txn_commit(t->mdb);
    free(t);
    return fail(db, rc, "committing", err);
}

static enum obol_code lmdb_get(void *txn, enum store_table t, struct slice key, bool *found,
                               struct slice *value, struct error *err) {
    struct txn *x = txn;
    MDB_val k = val_of(key), v = {0};
    *found = false;
    ENSURE(!x->released, INTERNAL, "the snapshot was released and not renewed");
    int rc = mdb_get(x->mdb, x->db->tables[t], &k, &v);
    if (rc == MDB_NOTFOUND)
        return OBOL_OK;
    TRY(fail(x->db, rc, "reading", err));
    *found = true;
    *value = slice_of_val(v);
    return OBOL_OK;
}

static void close_cursor(MDB_cursor **cursor) {
    if (*cursor)
        mdb_cursor_close(*cursor);
}

static enum obol_code lmdb_next(void *txn, enum store_table t, struct slice after, bool *found,
                                struct slice *key, struct slice *value, struct error *err) {
    struct txn *x = txn;
    MDB_val k = val_of(after), v = {0};
    CLEANUP(close_cursor) MDB_cursor *cursor = NULL;
    *found = false;
    ENSURE(!x->released, INTERNAL, "the snapshot was released and not renewed");
    TRY(fail(x->db, mdb_cursor_open(x->mdb, x->db->tables[t], &cursor), "walking", err));
    int rc = mdb_cursor_get(cursor, &k, &v, after.len ? MDB_SET_RANGE : MDB_FIRST);
    if (rc == 0 && after.len && slice_eq(slice_of_val(k), after))
        rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
    if (rc == MDB_NOTFOUND)
        return OBOL_OK;
    TRY(fail(x->db, rc, "walking", err));
    *found = true;
    *key = slice_of_val(k);
    *value = slice_of_val(v);
    return OBOL_OK;
}

static enum obol_code lmdb_put(void *txn, enum store_table t, struct slice key, struct slice value,
                               struct error *err) {
    struct txn *x = txn;
    MDB_val k = val_of(key), v = val_of(value);
    return fail(x->db, mdb_put(x->mdb, x->db->tables[t], &k, &v, 0), "writing", err);
}

static enum obol_code lmdb_del(void *txn, enum store_table t, struct slice key, struct error *err) {
    struct txn *x = txn;
    MDB_val k = val_of(key);
    int rc = mdb_del(x->mdb, x->db->tables[t], &k, NULL);
    return rc == MDB_NOTFOUND ? OBOL_OK : fail(x->db, rc, "deleting", err);
}

const struct store_ops STORE_LMDB = {
    .name = "lmdb",
    .open = lmdb_open,
    .close = lmdb_close,
    .changes = lmdb_changes,
    .sync = lmdb_sync,
    .copy = lmdb_copy,
    .read_begin = lmdb_read_begin,
    .read_renew = lmdb_read_renew,
    .read_release = lmdb_read_release,
    .read_end = lmdb_end,
    .write_begin = lmdb_write_begin,
    .commit = lmdb_commit,
    .abort = lmdb_end,
    .get = lmdb_get,
    .next = lmdb_next,
    .put = lmdb_put,
    .del = lmdb_del,
};
