// arena.c: see arena.h. One mapped block serves nearly every request; further blocks come from
// mmap too, so that they share the guarantees on core dumps and swapping.
#include "base/arena.h"
#include "base/ct.h"
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

#define ARENA_ALIGN 16u

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used; // used counts from the start of the chunk, this header included
};

static void *map_block(size_t size) {
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    // Best effort: an unprivileged process may lock little memory, and must still work.
    (void)mlock(p, size);
    (void)madvise(p, size, MADV_DONTDUMP);
    return p;
}

bool arena_init(struct arena *a, size_t size, size_t limit) {
    *a = (struct arena){.size = size, .total = size, .limit = limit < size ? size : limit};
    a->base = map_block(size);
    return a->base != NULL;
}

void arena_reset(struct arena *a) {
    wipe(a->base, a->used);
    a->used = 0;
    while (a->more) {
        struct arena_chunk *chunk = a->more;
        a->more = chunk->next;
        a->total -= chunk->size;
        size_t size = chunk->size;
        wipe(chunk, chunk->used);
        munmap(chunk, size);
    }
}

void arena_clear(struct arena *a) {
    if (!a->base)
        return;
    arena_reset(a);
    munmap(a->base, a->size);
    *a = (struct arena){0};
}

static void *alloc_more(struct arena *a, size_t n) {
    struct arena_chunk *chunk = a->more;
    if (chunk && n <= chunk->size - chunk->used) {
        void *p = (uint8_t *)chunk + chunk->used;
        chunk->used += n;
        return p;
    }
    size_t header = (sizeof *chunk + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (n > a->limit || header > a->limit - n)
        return NULL;
    size_t want = header + n > a->size ? header + n : a->size;
    want = (want + 4095) & ~(size_t)4095;
    if (want > a->limit || a->total > a->limit - want)
        return NULL;
    chunk = map_block(want);
    if (!chunk)
        return NULL;
    *chunk = (struct arena_chunk){.next = a->more, .size = want, .used = header + n};
    a->more = chunk;
    a->total += want;
    return (uint8_t *)chunk + header;
}

void *arena_alloc(struct arena *a, size_t n) {
    if (UNLIKELY(n > SIZE_MAX - ARENA_ALIGN))
        return NULL;
    n = (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (UNLIKELY(n > a->size - a->used))
        return alloc_more(a, n);
    void *p = a->base + a->used;
    a->used += n;
    return p;
}

void *arena_zalloc(struct arena *a, size_t count, size_t size) {
    size_t n;
    if (__builtin_mul_overflow(count, size, &n))
        return NULL;
    void *p = arena_alloc(a, n);
    if (p)
        memset(p, 0, n);
    return p;
}

struct buf arena_buf(struct arena *a, size_t n) {
    void *p = arena_alloc(a, n);
    return buf_of(p, p ? n : 0);
}

bool arena_copy(struct arena *a, struct slice s, struct slice *out) {
    uint8_t *p = arena_alloc(a, s.len);
    if (!p)
        return false;
    if (s.len)
        memcpy(p, s.ptr, s.len);
    *out = slice_of(p, s.len);
    return true;
}

const char *arena_cstr(struct arena *a, struct slice s) {
    if (slice_find(s, 0) != s.len || s.len == SIZE_MAX)
        return NULL;
    char *p = arena_alloc(a, s.len + 1);
    if (!p)
        return NULL;
    if (s.len)
        memcpy(p, s.ptr, s.len);
    p[s.len] = '\0';
    return p;
}

struct slice arena_printf(struct arena *a, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
    if (p)
        vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return slice_of(p, p ? (size_t)n : 0);
}
