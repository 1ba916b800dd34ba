// rcache.c: the replay cache file (RFC 4120 3.2.3, 10); see rcache.h.
//
// The file is a header and up to LEVELS hash tables, each four times as large as the one before. A
// tag goes, as a keyed hash, into a free or expired slot in the last table that has one for it; a
// table is added when none has. In each table it has two buckets, and goes into the one with more
// room: so a table is two thirds full before one bucket overflows, and what a check touches
// stays small. Both are in one page, since at a million entries each page is a miss of the TLB and,
// for a process that has just begun, a fault. The tables are mapped, shared by all processes.
//
// A check takes no lock. A slot is two words, each with the second in which it expires and half of
// the hash. Who inserts takes a slot by compare-and-swap of its first word, writes the second, and
// then looks again: since swaps and looks have one order for all, of two who insert the same tag at
// least one sees the other, and refuses. A first word that matches while the second is not there
// yet counts as the same tag: whoever took the slot may have died, or may be about to answer. So a
// process that dies at any moment leaves at worst a slot that is wasted until it expires, and a
// fork shares nothing that could be held.
//
// What a check asks of the system is the file's state: a file that somebody has cut off is an error
// and not a fault, and one that was removed is opened anew, so that those who come later share it.
// The disk's blocks are there before a table is mapped, so that a full disk is an error too.
//
// Nothing that has not expired is ever pushed out: a full cache refuses (REPLAY_CACHE_IO), since
// forgetting an authenticator would let it be replayed.
//
// Memory is what a full file costs: tens of lines that no cache has. rcache_expect() asks for them
// while the ticket is being deciphered. It hashes for this what rcache_check() hashes again, so of
// a tag only the end is hashed.
#include "cred/rcache.h"
#include "base/ct.h"
#include "base/fetch.h"
#include "base/siphash.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC         "OBOLRC4\n"
#define THIRD_MAGIC   "OBOLRC3\n"
#define SECOND_MAGIC  "OBOLRC2\n"
#define FIRST_MAGIC   "OBOLRC1\n"
#define BUCKET_SLOTS  8u
#define BUCKET_BYTES  (BUCKET_SLOTS * sizeof(struct slot))
#define FIRST_BUCKETS 256u
#define CHOICES       2u
#define HASHED_BYTES  32u // of a tag, its last
#define LEVELS        8u  // over 30 million authenticators in 716 MB, all within one lifespan

// The file begins with it, and with zeros up to a page of 4096 bytes; words are the machine's own.
struct header {
    char magic[8];
    struct siphash_key seed;
    uint32_t second_levels; // where the second format has it; SUPERSEDED
    uint32_t third_levels;  // where the third format has it; SUPERSEDED
    uint32_t levels;        // tables that there are; only ever raised, behind the file's growth
    uint32_t whole_until;   // expiry of the last tag that the third format put in; 0: none
};
#define SUPERSEDED   UINT32_MAX
#define HEADER_BYTES 4096u

// Each word is the second of the expiry in its upper half, 32 bits of the hash in its lower; a
// first word of 0 was never used.
struct slot {
    uint64_t first, second;
};

// The file that stands at the path, or stood there: it is kept until all is closed, since another
// thread may be reading in it.
struct cache_file {
    int fd;
    struct siphash_key seed;
    uint32_t whole_until;       // as in the header
    struct header *header;      // mapped
    uint8_t *tables[LEVELS];    // buckets, mapped; NULL: not yet
    struct cache_file *removed; // the one before
};

struct rcache {
    int64_t lifespan;
    const struct env *env;
    char *path;
    struct cache_file *file;
};

static enum obol_code lock_file(int fd, const char *path, short type, struct error *err) {
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    int got;
    do
        got = fcntl(fd, F_OFD_SETLKW, &lock);
    while (got != 0 && errno == EINTR);
    ENSURE(got == 0, REPLAY_CACHE_IO, "%s cannot be locked: %s", path, strerror(errno));
    return OBOL_OK;
}

static size_t level_buckets(unsigned level) {
    return (size_t)FIRST_BUCKETS << (2 * level);
}

static size_t level_start(unsigned level) {
    return HEADER_BYTES + BUCKET_BYTES * (level_buckets(level) - FIRST_BUCKETS) / 3;
}

// Makes the file so long that it has so many tables, with blocks on the disk for all of it.
static enum obol_code grow(int fd, const char *path, unsigned levels, struct error *err) {
    int failed;
    do
        failed = posix_fallocate(fd, 0, (off_t)level_start(levels));
    while (failed == EINTR);
    ENSURE(failed == 0, REPLAY_CACHE_IO, "%s cannot grow: %s", path, strerror(failed));
    return OBOL_OK;
}

// Reads what a new table adds: the kernel keeps what is read at a stretch in large pieces, and then
// one fault maps a whole piece, where else each page is a fault. Writing would do as well, but for
// another process that is already using the table.
static void read_at_a_stretch(int fd, size_t from, size_t to) {
    uint8_t bytes[32768];
    ssize_t got = 1;
    for (; from < to && got > 0; from += (size_t)got) // a failure costs time and nothing else
        got = pread(fd, bytes, sizeof bytes, (off_t)from);
}

// Bytes of the file, mapped from the page in which they begin.
struct place {
    size_t start, len, before; // `before`: from the page's begin
};

static struct place place_of(size_t start, size_t len) {
    size_t before = start % (size_t)sysconf(_SC_PAGESIZE);
    return (struct place){start, len, before};
}

static void *map_place(int fd, struct place p) {
    uint8_t *map = mmap(NULL, p.len + p.before, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                        (off_t)(p.start - p.before));
    return map == MAP_FAILED ? NULL : map + p.before;
}

static void unmap_place(void *at, struct place p) {
    if (at)
        munmap((uint8_t *)at - p.before, p.len + p.before);
}

static struct place place_of_table(unsigned level) {
    return place_of(level_start(level), BUCKET_BYTES * level_buckets(level));
}

// Maps a table unless another thread has done so.
static enum obol_code map_table(const struct rcache *rc, struct cache_file *f, unsigned level,
                                uint8_t **out, struct error *err) {
    *out = __atomic_load_n(&f->tables[level], __ATOMIC_ACQUIRE);
    if (LIKELY(*out))
        return OBOL_OK;
    const struct place place = place_of_table(level);
    uint8_t *none = NULL, *mine = map_place(f->fd, place);
    ENSURE(mine, REPLAY_CACHE_IO, "%s cannot be mapped: %s", rc->path, strerror(errno));
    if (__atomic_compare_exchange_n(&f->tables[level], &none, mine, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE)) {
        *out = mine;
    } else {
        unmap_place(mine, place);
        *out = none;
    }
    return OBOL_OK;
}

// What stands at the path must be ours alone: somebody else's file could forget what he replays.
static enum obol_code check_owner(int fd, const char *path, struct error *err) {
    struct stat st;
    ENSURE(fstat(fd, &st) == 0, REPLAY_CACHE_IO, "%s: %s", path, strerror(errno));
    ENSURE(S_ISREG(st.st_mode), REPLAY_CACHE_IO, "%s is not a regular file", path);
    ENSURE(st.st_uid == geteuid(), PERMISSION, "%s belongs to user %u, this process runs as %u",
           path, st.st_uid, geteuid());
    ENSURE((st.st_mode & 077) == 0, PERMISSION, "%s has mode %o: others may use it; 600 is needed",
           path, st.st_mode & 07777);
    return OBOL_OK;
}

// A file of the first format is begun anew; a process that still uses it finds it cut off, and
// refuses.
static enum obol_code drop_first_format(int fd, const char *path, struct error *err) {
    char magic[sizeof FIRST_MAGIC - 1] = {0};
    if (pread(fd, magic, sizeof magic, 0) != (ssize_t)sizeof magic ||
        memcmp(magic, FIRST_MAGIC, sizeof magic) != 0)
        return OBOL_OK;
    ENSURE(ftruncate(fd, 0) == 0, REPLAY_CACHE_IO, "%s cannot be begun anew: %s", path,
           strerror(errno));
    return OBOL_OK;
}

// A format's number of tables moves to where the next one has it. A process that still uses the
// older format finds more tables than there can be, at the latest at its second look, and refuses.
static void supersede(uint32_t *older, uint32_t *newer) {
    uint32_t levels;
    do {
        levels = __atomic_load_n(older, __ATOMIC_SEQ_CST);
        if (levels != SUPERSEDED) // else who began this died
            __atomic_store_n(newer, levels, __ATOMIC_SEQ_CST);
    } while (!__atomic_compare_exchange_n(older, &levels, SUPERSEDED, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
}

// The last expiry of all slots; 0: there is none. (Seconds go round, as in is_alive().)
static uint32_t latest_expiry(int fd, size_t size) {
    uint64_t words[4096];
    uint32_t latest = 0;
    ssize_t got = 1;
    for (size_t from = HEADER_BYTES; from < size && got > 0; from += (size_t)got) {
        got = pread(fd, words, sizeof words, (off_t)from);
        for (ssize_t i = 0; i < got / (ssize_t)sizeof *words; i += 2) {
            uint32_t expiry = (uint32_t)(words[i] >> 32);
            if (words[i] && (latest == 0 || (int32_t)(expiry - latest) > 0))
                latest = expiry;
        }
    }
    return latest;
}

// The second format knew one bucket a tag, the first of the two; the third hashed all of a tag's
// bytes: so the tags that came to either are looked for by that hash, too, until the last expires.
static void take_older_format(int fd, struct header *h) {
    if (memcmp(h->magic, SECOND_MAGIC, sizeof h->magic) == 0) {
        supersede(&h->second_levels, &h->third_levels);
        memcpy(h->magic, THIRD_MAGIC, sizeof h->magic);
    }
    if (memcmp(h->magic, THIRD_MAGIC, sizeof h->magic) == 0) {
        supersede(&h->third_levels, &h->levels);
        if (h->levels <= LEVELS) // else the file is none, and is refused
            __atomic_store_n(&h->whole_until, latest_expiry(fd, level_start(h->levels)),
                             __ATOMIC_SEQ_CST);
        memcpy(h->magic, MAGIC, sizeof h->magic);
    }
    if (memcmp(h->magic, MAGIC, sizeof h->magic) == 0) // of a file that was cut off: zeros
        h->second_levels = h->third_levels = SUPERSEDED;
}

// With the file locked: a new or half-made file (its maker died) is made whole, another is read.
// The seed of one that was cut off is kept, since others may have it open.
static enum obol_code take_header(const struct rcache *rc, struct cache_file *f,
                                  struct error *err) {
    struct stat st;
    TRY(check_owner(f->fd, rc->path, err));
    TRY(drop_first_format(f->fd, rc->path, err));
    ENSURE(fstat(f->fd, &st) == 0, REPLAY_CACHE_IO, "%s: %s", rc->path, strerror(errno));
    size_t size = (size_t)st.st_size;
    if (size < level_start(1))
        TRY(grow(f->fd, rc->path, 1, err));
    struct header *h = f->header = map_place(f->fd, place_of(0, HEADER_BYTES));
    ENSURE(h, REPLAY_CACHE_IO, "%s cannot be mapped: %s", rc->path, strerror(errno));
    bool fresh = size < level_start(1) && memcmp(h->magic, MAGIC, sizeof h->magic) != 0;
    if (fresh) {
        env_random(rc->env, buf_of((uint8_t *)&h->seed, sizeof h->seed));
        memcpy(h->magic, MAGIC, sizeof h->magic);
    }
    take_older_format(f->fd, h);
    if (size < level_start(1))
        __atomic_store_n(&h->levels, 1, __ATOMIC_SEQ_CST);
    uint32_t levels = __atomic_load_n(&h->levels, __ATOMIC_SEQ_CST);
    ENSURE(memcmp(h->magic, MAGIC, sizeof h->magic) == 0 && levels >= 1 && levels <= LEVELS,
           REPLAY_CACHE_IO, "%s is not a replay cache of Obol; remove it or name another",
           rc->path);
    if (size > level_start(1) && size < level_start(levels))
        TRY(grow(f->fd, rc->path, levels, err));
    f->seed = h->seed;
    f->whole_until = h->whole_until;
    return OBOL_OK;
}

static void close_file(struct cache_file *f) {
    for (unsigned i = 0; i < LEVELS; i++)
        unmap_place(f->tables[i], place_of_table(i));
    unmap_place(f->header, place_of(0, HEADER_BYTES));
    if (f->fd >= 0)
        close(f->fd);
    wipe(f, sizeof *f);
    free(f);
}

static enum obol_code fill_file(const struct rcache *rc, struct cache_file *f, struct error *err) {
    f->fd = open(rc->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    ENSURE(f->fd >= 0, REPLAY_CACHE_IO, "%s: %s", rc->path,
           errno == ELOOP ? "it is a symbolic link, which is not followed" : strerror(errno));
    TRY(lock_file(f->fd, rc->path, F_WRLCK, err));
    enum obol_code code = take_header(rc, f, err);
    if (code != OBOL_OK) {
        (void)lock_file(f->fd, rc->path, F_UNLCK, NULL);
        return code;
    }
    return lock_file(f->fd, rc->path, F_UNLCK, err);
}

static enum obol_code open_file(const struct rcache *rc, struct cache_file **out,
                                struct error *err) {
    *out = NULL;
    struct cache_file *f = calloc(1, sizeof *f);
    ENSURE_MEMORY(f);
    f->fd = -1;
    enum obol_code code = fill_file(rc, f, err);
    if (code != OBOL_OK) {
        close_file(f);
        return code;
    }
    *out = f;
    return OBOL_OK;
}

enum obol_code rcache_open(struct rcache **out, const char *path, int64_t lifespan,
                           const struct env *env, struct error *err) {
    *out = NULL;
    ENSURE(lifespan > 0 && lifespan < INT32_MAX, INVALID_ARGUMENT, "a lifespan of %lld seconds",
           (long long)lifespan);
    struct rcache *rc = calloc(1, sizeof *rc);
    ENSURE_MEMORY(rc);
    *rc = (struct rcache){.lifespan = lifespan, .env = env, .path = strdup(path)};
    enum obol_code code = rc->path ? open_file(rc, &rc->file, err) : OBOL_NO_MEMORY;
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
    for (struct cache_file *f = rc->file, *next; f; f = next) {
        next = f->removed;
        close_file(f);
    }
    free(rc->path);
    free(rc);
}

// Gives the file with `*st`; when somebody has removed it, the one that stands at the path now.
static enum obol_code current_file(struct rcache *rc, struct cache_file **out, struct stat *st,
                                   struct error *err) {
    for (;;) {
        struct cache_file *f = __atomic_load_n(&rc->file, __ATOMIC_ACQUIRE), *mine;
        ENSURE(fstat(f->fd, st) == 0, REPLAY_CACHE_IO, "%s: %s", rc->path, strerror(errno));
        *out = f;
        if (LIKELY(st->st_nlink))
            return OBOL_OK;
        TRY(open_file(rc, &mine, err));
        mine->removed = f;
        if (!__atomic_compare_exchange_n(&rc->file, &f, mine, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_ACQUIRE))
            close_file(mine); // another thread was first
    }
}

struct search {
    uint32_t first, second; // halves of the hash
    uint32_t now;
    uint64_t taken;          // what stands in the first word of the free slot
    struct slot *free;       // NULL: none found yet
    unsigned room;           // free slots in its bucket
    const struct slot *mine; // not to be looked at
    bool seen;
};

// Seconds are compared as they go round: until long after 2106, within 68 years.
static bool is_alive(uint64_t word, uint32_t now) {
    return word != 0 && (int32_t)((uint32_t)(word >> 32) - now) >= 0; // through its last second
}

static void compare_slot(struct search *s, const struct slot *slot, uint64_t first) {
    if ((uint32_t)first != s->first || !is_alive(first, s->now) || slot == s->mine)
        return;
    uint64_t second = __atomic_load_n(&slot->second, __ATOMIC_ACQUIRE);
    s->seen = s->seen || (uint32_t)second == s->second || second >> 32 != first >> 32;
}

static bool is_like(const struct slot *slot, uint32_t first) {
    return (uint32_t)__atomic_load_n(&slot->first, __ATOMIC_SEQ_CST) == first;
}

// Whether a slot's first word has the first half of the hash. Written out: a loop over all slots is
// most of what a check on a full file does.
static bool may_have(const struct slot *b, uint32_t first) {
    _Static_assert(BUCKET_SLOTS == 8, "each is named here");
    return is_like(b, first) || is_like(b + 1, first) || is_like(b + 2, first) ||
           is_like(b + 3, first) || is_like(b + 4, first) || is_like(b + 5, first) ||
           is_like(b + 6, first) || is_like(b + 7, first);
}

static void compare_bucket(struct search *s, const struct slot *bucket) {
    if (LIKELY(!may_have(bucket, s->first)))
        return;
    for (const struct slot *slot = bucket; slot < bucket + BUCKET_SLOTS; slot++)
        compare_slot(s, slot, __atomic_load_n(&slot->first, __ATOMIC_SEQ_CST));
}

// Looks for the tag in a bucket; when that has more room than `s->room`, notes its first free slot.
// Both in one pass: who brings the same tag meanwhile has either been seen or taken that very slot,
// and then but one of the two is refused.
static void search_bucket(struct search *s, struct slot *bucket) {
    struct slot *free = NULL;
    uint64_t taken = 0;
    unsigned room = 0;
    for (struct slot *slot = bucket; slot < bucket + BUCKET_SLOTS; slot++) {
        uint64_t first = __atomic_load_n(&slot->first, __ATOMIC_SEQ_CST);
        if (!is_alive(first, s->now)) {
            if (room++ == 0) {
                free = slot;
                taken = first;
            }
        } else if (UNLIKELY((uint32_t)first == s->first)) {
            compare_slot(s, slot, first);
        }
    }
    if (room > s->room) {
        s->free = free;
        s->taken = taken;
        s->room = room;
    }
}

// Where the tag's slots are, CHOICES buckets a table.
struct buckets {
    uint8_t *at[LEVELS][CHOICES];
    unsigned levels;
};

// Looks for the tag in the first `levels` tables.
static void compare_buckets(struct search *s, const struct buckets *b, unsigned levels) {
    for (unsigned level = 0; level < levels; level++)
        for (unsigned choice = 0; choice < CHOICES; choice++)
            compare_bucket(s, (const struct slot *)b->at[level][choice]);
}

// Looks through all of them. The free slot is in the last table that has one: it is the largest, so
// mostly in the first that is asked.
static void search_buckets(struct search *s, const struct buckets *b) {
    unsigned level = b->levels;
    s->free = NULL;
    s->room = 0;
    while (level > 0 && !s->free) {
        level--;
        for (unsigned choice = 0; choice < CHOICES; choice++)
            search_bucket(s, (struct slot *)b->at[level][choice]);
    }
    compare_buckets(s, b, level);
}

static void locate(uint8_t *table, unsigned level, uint64_t place, uint8_t *at[CHOICES]) {
    const size_t bucket = place & (level_buckets(level) - 1);            // a power of two
    const size_t other = bucket ^ (1 + place / ((UINT64_MAX >> 4) + 1)); // 1 to 16: in its page
    at[0] = table + bucket * BUCKET_BYTES;
    at[1] = table + other * BUCKET_BYTES;
}

// Writes what stands there: the last table is where most tags go. A first look that only reads
// would map the page for reading, and the tag would cost a second fault.
static void touch(struct slot *slot) {
    uint64_t none = 0;
    (void)__atomic_compare_exchange_n(&slot->first, &none, 0, false, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED);
}

static enum obol_code find_buckets(const struct rcache *rc, struct cache_file *f, uint64_t place,
                                   size_t size, struct buckets *b, struct error *err) {
    ENSURE(size >= level_start(1), REPLAY_CACHE_IO, "%s is cut off: it has %zu bytes", rc->path,
           size);
    uint32_t levels = __atomic_load_n(&f->header->levels, __ATOMIC_SEQ_CST);
    ENSURE(levels <= LEVELS, REPLAY_CACHE_IO, "%s says that it has %u tables, %u is the most",
           rc->path, levels, LEVELS);
    if (UNLIKELY(size < level_start(levels))) { // another has added a table, or cut the file off
        struct stat st;
        ENSURE(fstat(f->fd, &st) == 0 && (size_t)st.st_size >= level_start(levels), REPLAY_CACHE_IO,
               "%s is cut off: it has less than its %u tables", rc->path, levels);
    }
    for (unsigned i = b->levels; i < levels; i++) {
        uint8_t *table;
        TRY(map_table(rc, f, i, &table, err));
        locate(table, i, place, b->at[i]);
        for (unsigned choice = 0; choice < CHOICES; choice++)
            fetch_ahead(b->at[i][choice], BUCKET_BYTES);
    }
    if (b->levels < levels) {
        b->levels = levels;
        touch((struct slot *)b->at[levels - 1][0]);
    }
    return OBOL_OK;
}

// Adds a table, unless another has done so.
static enum obol_code add_table(const struct rcache *rc, struct cache_file *f, unsigned levels,
                                struct error *err) {
    ENSURE(levels < LEVELS, REPLAY_CACHE_IO,
           "%s is full: too many authenticators within %lld seconds; none is accepted until some "
           "expire",
           rc->path, (long long)rc->lifespan);
    TRY(grow(f->fd, rc->path, levels + 1, err));
    read_at_a_stretch(f->fd, level_start(levels), level_start(levels + 1));
    uint32_t seen = levels;
    (void)__atomic_compare_exchange_n(&f->header->levels, &seen, levels + 1, false,
                                      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    return OBOL_OK;
}

// Looks through the tag's buckets, and takes the first free slot of them when it is not there.
static enum obol_code take_slot(const struct rcache *rc, struct cache_file *f, struct search *s,
                                uint64_t place, size_t size, struct error *err) {
    struct buckets b = {.levels = 0};
    const uint64_t expires = (uint64_t)(s->now + (uint32_t)rc->lifespan) << 32;
    for (;;) {
        TRY(find_buckets(rc, f, place, size, &b, err));
        search_buckets(s, &b);
        if (s->seen)
            return OBOL_OK;
        if (!s->free) {
            TRY(add_table(rc, f, b.levels, err));
            size = level_start(b.levels + 1);
        } else if (__atomic_compare_exchange_n(&s->free->first, &s->taken, expires | s->first,
                                               false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            break;
        }
    }
    __atomic_store_n(&s->free->second, expires | s->second, __ATOMIC_RELEASE);
    s->mine = s->free;
    TRY(find_buckets(rc, f, place, size, &b, err)); // a table may have been added since
    compare_buckets(s, &b, b.levels);
    return OBOL_OK;
}

// The end of an authenticator's sealed bytes has its checksum, or with rc4 is enciphered with a key
// that is made of the checksum.
static struct siphash_128 hash_of(const struct cache_file *f, struct slice tag) {
    size_t hashed = tag.len < HASHED_BYTES ? tag.len : HASHED_BYTES;
    // Keyed, so that nobody outside can aim authenticators at one bucket.
    return siphash_128(&f->seed, slice_sub(tag, tag.len - hashed, tag.len));
}

static struct search search_for(struct siphash_128 hash, int64_t now) {
    return (struct search){
        .first = (uint32_t)hash.lo, .second = (uint32_t)(hash.lo >> 32), .now = (uint32_t)now};
}

// Looks for the tag where the third format put it. Nobody puts any more there.
static enum obol_code search_whole(const struct rcache *rc, struct cache_file *f, struct slice tag,
                                   size_t size, struct search *s, struct error *err) {
    struct siphash_128 hash = siphash_128(&f->seed, tag);
    struct search whole = search_for(hash, s->now);
    struct buckets b = {.levels = 0};
    TRY(find_buckets(rc, f, hash.hi, size, &b, err));
    compare_buckets(&whole, &b, b.levels);
    s->seen = whole.seen;
    return OBOL_OK;
}

// Only the tables that are mapped, and nothing is read: a file that was cut off is for the check.
void rcache_expect(const struct rcache *rc, struct slice tag) {
    const struct cache_file *f = __atomic_load_n(&rc->file, __ATOMIC_ACQUIRE);
    const uint64_t place = hash_of(f, tag).hi;
    for (unsigned i = 0; i < LEVELS; i++) {
        uint8_t *at[CHOICES], *table = __atomic_load_n(&f->tables[i], __ATOMIC_ACQUIRE);
        if (!table)
            continue;
        locate(table, i, place, at);
        for (unsigned choice = 0; choice < CHOICES; choice++) // here: a call that changes nothing
            fetch_ahead(at[choice], BUCKET_BYTES);            // is one that the compiler drops
    }
}

enum obol_code rcache_check(struct rcache *rc, struct slice tag, int64_t now, struct error *err) {
    struct cache_file *f;
    struct stat st;
    TRY(current_file(rc, &f, &st, err));
    const struct siphash_128 hash = hash_of(f, tag);
    struct search s = search_for(hash, now);
    if (UNLIKELY(is_alive((uint64_t)f->whole_until << 32, s.now)))
        TRY(search_whole(rc, f, tag, (size_t)st.st_size, &s, err));
    if (!s.seen)
        TRY(take_slot(rc, f, &s, hash.hi, (size_t)st.st_size, err));
    ENSURE(!s.seen, KRB_AP_ERR_REPEAT,
           "this very authenticator was accepted less than %lld seconds ago",
           (long long)rc->lifespan);
    return OBOL_OK;
}

static enum obol_code replay_check(void *ctx, struct slice tag, int64_t now, struct error *err) {
    return rcache_check(ctx, tag, now, err);
}

static void replay_expect(void *ctx, struct slice tag) {
    rcache_expect(ctx, tag);
}

struct ap_replay rcache_replay(struct rcache *rc) {
    return (struct ap_replay){rc, replay_check, replay_expect};
}
