// rcache.c: the replay cache file (RFC 4120 3.2.3, 10); see rcache.h.
//
// The file is a header and up to LEVELS hash tables, each twice as large as the one before. A tag
// goes, as a keyed hash, into the first free or expired slot of its bucket in the first table that
// has one; a table is added when none has. Every access holds a lock on the open file description,
// which the kernel lifts when a process dies. A process that dies while it writes leaves at worst
// one slot whose hash is of no authenticator: it wastes its place until it expires.
//
// The tables are mapped, shared by all processes: a check costs the two calls of the lock and one
// that asks for the size. The size is asked each time, since another process may have added a
// table, and so that a file that somebody has cut off is an error and not a fault; the disk's
// blocks are there before a table is mapped, so that a full disk is one too.
//
// Nothing that has not expired is ever pushed out: a full cache refuses (REPLAY_CACHE_IO), since
// forgetting an authenticator would let it be replayed.
#include "cred/rcache.h"
#include "base/ct.h"
#include "base/reader.h"
#include "crypto/crypto.h"
#include "krb/times.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC          "OBOLRC1\n"
#define HEADER_BYTES   64u
#define SEED_BYTES     16u
#define HASH_BYTES     16u
#define DIGEST_BYTES   20u // SHA-1
#define SLOT_BYTES     24u // hash, then when it expires: seconds since 1970, big endian
#define BUCKET_SLOTS   8u
#define BUCKET_BYTES   (SLOT_BYTES * BUCKET_SLOTS)
#define FIRST_BUCKETS  256u
#define LEVELS         14u // 33 million authenticators in 800 MB, all within one lifespan
#define CKSUMTYPE_SHA1 14

// A table as it is mapped: from the page in which it begins.
struct table {
    uint8_t *map; // NULL: not mapped yet
    size_t map_len;
    uint8_t *buckets; // the first one
};

struct rcache {
    int fd;
    int64_t lifespan;
    uint8_t seed[SEED_BYTES];
    pthread_mutex_t mutex; // an OFD lock does not part the threads that share this handle
    char *path;
    struct table tables[LEVELS];
};

static enum obol_code lock_file(const struct rcache *rc, short type, struct error *err) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    int got;
    do
        got = fcntl(rc->fd, F_OFD_SETLKW, &lock);
    while (got != 0 && errno == EINTR);
    ENSURE(got == 0, REPLAY_CACHE_IO, "%s cannot be locked: %s", rc->path, strerror(errno));
    return OBOL_OK;
}

static enum obol_code read_at(const struct rcache *rc, struct buf out, off_t at,
                              struct error *err) {
    ssize_t got = pread(rc->fd, out.ptr, out.len, at);
    ENSURE(got == (ssize_t)out.len, REPLAY_CACHE_IO, "%s gave %zd of %zu bytes at %lld: %s",
           rc->path, got, out.len, (long long)at,
           got < 0 ? strerror(errno) : "the file is cut off");
    return OBOL_OK;
}

static enum obol_code write_at(const struct rcache *rc, struct slice in, off_t at,
                               struct error *err) {
    ssize_t put = pwrite(rc->fd, in.ptr, in.len, at);
    ENSURE(put == (ssize_t)in.len, REPLAY_CACHE_IO, "%s took %zd of %zu bytes: %s", rc->path, put,
           in.len, put < 0 ? strerror(errno) : "the disk is full");
    return OBOL_OK;
}

static off_t level_start(unsigned level) {
    return (off_t)HEADER_BYTES + (off_t)BUCKET_BYTES * FIRST_BUCKETS * ((1 << level) - 1);
}

// Makes the file so long that it has a table more, with blocks on the disk for all of it.
static enum obol_code grow(const struct rcache *rc, unsigned levels, struct error *err) {
    int failed;
    do
        failed = posix_fallocate(rc->fd, 0, level_start(levels));
    while (failed == EINTR);
    ENSURE(failed == 0, REPLAY_CACHE_IO, "%s cannot grow: %s", rc->path, strerror(failed));
    return OBOL_OK;
}

static enum obol_code map_table(struct rcache *rc, unsigned level, struct error *err) {
    struct table *t = &rc->tables[level];
    if (t->buckets)
        return OBOL_OK;
    size_t start = (size_t)level_start(level), page = (size_t)sysconf(_SC_PAGESIZE);
    size_t from = start / page * page, len = (size_t)level_start(level + 1) - from;
    void *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, rc->fd, (off_t)from);
    ENSURE(map != MAP_FAILED, REPLAY_CACHE_IO, "%s cannot be mapped: %s", rc->path,
           strerror(errno));
    *t = (struct table){map, len, (uint8_t *)map + (start - from)};
    return OBOL_OK;
}

// What stands at the path must be ours alone: somebody else's file could forget what he replays.
static enum obol_code check_owner(const struct rcache *rc, struct stat *st, struct error *err) {
    ENSURE(fstat(rc->fd, st) == 0, REPLAY_CACHE_IO, "%s: %s", rc->path, strerror(errno));
    ENSURE(S_ISREG(st->st_mode), REPLAY_CACHE_IO, "%s is not a regular file", rc->path);
    ENSURE(st->st_uid == geteuid(), PERMISSION, "%s belongs to user %u, this process runs as %u",
           rc->path, st->st_uid, geteuid());
    ENSURE((st->st_mode & 077) == 0, PERMISSION, "%s has mode %o: others may use it; 600 is needed",
           rc->path, st->st_mode & 07777);
    return OBOL_OK;
}

static enum obol_code write_header(struct rcache *rc, const struct env *env, struct error *err) {
    uint8_t header[HEADER_BYTES] = {0};
    env_random(env, buf_of(rc->seed, SEED_BYTES));
    memcpy(header, MAGIC, sizeof MAGIC - 1);
    memcpy(header + sizeof MAGIC - 1, rc->seed, SEED_BYTES);
    TRY(write_at(rc, slice_of(header, sizeof header), 0, err));
    return grow(rc, 1, err);
}

// With the file locked: a new or half-made file (its maker died) is made whole, another is read.
static enum obol_code take_header(struct rcache *rc, const struct env *env, struct error *err) {
    struct stat st;
    TRY(check_owner(rc, &st, err));
    if (st.st_size < level_start(1))
        return write_header(rc, env, err);
    uint8_t header[HEADER_BYTES];
    TRY(read_at(rc, buf_of(header, sizeof header), 0, err));
    ENSURE(memcmp(header, MAGIC, sizeof MAGIC - 1) == 0, REPLAY_CACHE_IO,
           "%s is not a replay cache of Obol; remove it or name another", rc->path);
    memcpy(rc->seed, header + sizeof MAGIC - 1, SEED_BYTES);
    return OBOL_OK;
}

static enum obol_code open_file(struct rcache *rc, const struct env *env, struct error *err) {
    rc->fd = open(rc->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    ENSURE(rc->fd >= 0, REPLAY_CACHE_IO, "%s: %s", rc->path,
           errno == ELOOP ? "it is a symbolic link, which is not followed" : strerror(errno));
    TRY(lock_file(rc, F_WRLCK, err));
    enum obol_code code = take_header(rc, env, err);
    if (code != OBOL_OK) {
        (void)lock_file(rc, F_UNLCK, NULL);
        return code;
    }
    return lock_file(rc, F_UNLCK, err);
}

enum obol_code rcache_open(struct rcache **out, const char *path, int64_t lifespan,
                           const struct env *env, struct error *err) {
    *out = NULL;
    ENSURE(lifespan > 0, INVALID_ARGUMENT, "a lifespan of %lld seconds", (long long)lifespan);
    struct rcache *rc = calloc(1, sizeof *rc);
    ENSURE_MEMORY(rc);
    *rc = (struct rcache){.fd = -1, .lifespan = lifespan, .path = strdup(path)};
    pthread_mutex_init(&rc->mutex, NULL);
    enum obol_code code = rc->path ? open_file(rc, env, err) : OBOL_NO_MEMORY;
    if (code != OBOL_OK) {
        rcache_close(rc);
        return code;
    }
    *out = rc;
    return OBOL_OK;
}

void rcache_close(struct rcache *rc) {
    if (!rc)
        return;
    for (unsigned i = 0; i < LEVELS; i++)
        if (rc->tables[i].map)
            munmap(rc->tables[i].map, rc->tables[i].map_len);
    if (rc->fd >= 0)
        close(rc->fd);
    pthread_mutex_destroy(&rc->mutex);
    wipe(rc->seed, sizeof rc->seed);
    free(rc->path);
    free(rc);
}

// Keyed, so that nobody outside can aim authenticators at one bucket.
static enum obol_code hash_tag(const struct rcache *rc, struct slice tag, uint8_t out[DIGEST_BYTES],
                               struct error *err) {
    uint8_t keyed[SEED_BYTES + DIGEST_BYTES];
    memcpy(keyed, rc->seed, SEED_BYTES);
    TRY(crypto_digest(CKSUMTYPE_SHA1, tag, buf_of(keyed + SEED_BYTES, DIGEST_BYTES), err));
    return crypto_digest(CKSUMTYPE_SHA1, slice_of(keyed, sizeof keyed), buf_of(out, DIGEST_BYTES),
                         err);
}

// The table must be mapped.
static uint8_t *bucket_of(const struct rcache *rc, const uint8_t *hash, unsigned level) {
    struct reader r = reader_of(slice_of(hash, 8));
    uint64_t number = reader_be64(&r) % ((uint64_t)FIRST_BUCKETS << level);
    return rc->tables[level].buckets + number * BUCKET_BYTES;
}

static int64_t slot_expires(const uint8_t *slot) {
    struct reader r = reader_of(slice_of(slot + HASH_BYTES, 8));
    return (int64_t)reader_be64(&r);
}

struct search {
    const uint8_t *hash;
    int64_t now;
    uint8_t *free_slot; // NULL: none found yet
    bool seen;
};

static void search_bucket(struct search *s, uint8_t *bucket) {
    for (size_t i = 0; i < BUCKET_SLOTS; i++) {
        uint8_t *slot = bucket + i * SLOT_BYTES;
        bool alive = slot_expires(slot) >= s->now; // through the last second of its life
        if (alive && memcmp(slot, s->hash, HASH_BYTES) == 0)
            s->seen = true;
        if (!alive && !s->free_slot)
            s->free_slot = slot;
    }
}

// Looks through every table that the file has, and adds one if all buckets are full.
static enum obol_code search_file(struct rcache *rc, struct search *s, struct error *err) {
    struct stat st;
    ENSURE(fstat(rc->fd, &st) == 0, REPLAY_CACHE_IO, "%s: %s", rc->path, strerror(errno));
    ENSURE(st.st_size >= level_start(1), REPLAY_CACHE_IO, "%s is cut off: it has %lld bytes",
           rc->path, (long long)st.st_size);
    unsigned level = 0;
    for (; level < LEVELS && st.st_size >= level_start(level + 1); level++) {
        TRY(map_table(rc, level, err));
        ENSURE(rc->tables[level].buckets, INTERNAL, "table %u is not mapped", level);
        search_bucket(s, bucket_of(rc, s->hash, level));
    }
    if (s->seen || s->free_slot)
        return OBOL_OK;
    ENSURE(level < LEVELS, REPLAY_CACHE_IO,
           "%s is full: too many authenticators within %lld seconds; none is accepted until some "
           "expire",
           rc->path, (long long)rc->lifespan);
    TRY(grow(rc, level + 1, err));
    TRY(map_table(rc, level, err));
    s->free_slot = bucket_of(rc, s->hash, level);
    return OBOL_OK;
}

static enum obol_code check_locked(struct rcache *rc, const uint8_t *hash, int64_t now,
                                   struct error *err) {
    struct search s = {.hash = hash, .now = now};
    TRY(search_file(rc, &s, err));
    ENSURE(!s.seen, KRB_AP_ERR_REPEAT,
           "this very authenticator was accepted less than %lld seconds ago",
           (long long)rc->lifespan);
    struct writer w = writer_to_buf(buf_of(s.free_slot, SLOT_BYTES));
    writer_bytes(&w, slice_of(hash, HASH_BYTES));
    writer_be64(&w, (uint64_t)krb_time_add(now, rc->lifespan));
    return OBOL_OK;
}

enum obol_code rcache_check(struct rcache *rc, struct slice tag, int64_t now, struct error *err) {
    uint8_t hash[DIGEST_BYTES];
    TRY(hash_tag(rc, tag, hash, err));
    pthread_mutex_lock(&rc->mutex);
    enum obol_code code = lock_file(rc, F_WRLCK, err);
    if (code == OBOL_OK) {
        code = check_locked(rc, hash, now, err);
        (void)lock_file(rc, F_UNLCK, NULL);
    }
    pthread_mutex_unlock(&rc->mutex);
    return code;
}

static enum obol_code replay_check(void *ctx, struct slice tag, int64_t now, struct error *err) {
    return rcache_check(ctx, tag, now, err);
}

struct ap_replay rcache_replay(struct rcache *rc) {
    return (struct ap_replay){rc, replay_check};
}
