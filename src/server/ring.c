// ring.c: see ring.h. Positions count bytes for ever and are masked on use; a string stands as its
// 32-bit length and its bytes, wrapped around the end. The writer publishes `tail` with release,
// the reader `head` likewise; each keeps to its own cache line.
#include "server/ring.h"
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

struct ring_head {
    _Alignas(64) _Atomic uint64_t tail; // written by the writer
    _Atomic uint64_t lost;
    _Alignas(64) _Atomic uint64_t head; // written by the reader
    uint64_t lost_told;
};

bool ring_init(struct ring *r, size_t size) {
    size_t power = 4096;
    while (power < size)
        power *= 2;
    void *map = mmap(NULL, 4096 + power, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return false;
    *r = (struct ring){map, (uint8_t *)map + 4096, power};
    return true;
}

void ring_clear(struct ring *r) {
    if (r->head)
        munmap(r->head, 4096 + r->size);
    *r = (struct ring){0};
}

static void ring_copy_in(struct ring *r, uint64_t at, const void *from, size_t len) {
    size_t offset = (size_t)(at & (r->size - 1));
    size_t first = len < r->size - offset ? len : r->size - offset;
    memcpy(r->bytes + offset, from, first);
    memcpy(r->bytes, (const uint8_t *)from + first, len - first);
}

static void ring_copy_out(const struct ring *r, uint64_t at, void *to, size_t len) {
    size_t offset = (size_t)(at & (r->size - 1));
    size_t first = len < r->size - offset ? len : r->size - offset;
    memcpy(to, r->bytes + offset, first);
    memcpy((uint8_t *)to + first, r->bytes, len - first);
}

bool ring_put(struct ring *r, struct slice bytes) {
    uint64_t tail = atomic_load_explicit(&r->head->tail, memory_order_relaxed);
    uint64_t head = atomic_load_explicit(&r->head->head, memory_order_acquire);
    uint32_t len = (uint32_t)bytes.len;
    if (bytes.len > r->size - sizeof len || tail - head > r->size - sizeof len - bytes.len) {
        atomic_fetch_add_explicit(&r->head->lost, 1, memory_order_relaxed);
        return false;
    }
    ring_copy_in(r, tail, &len, sizeof len);
    if (len)
        ring_copy_in(r, tail + sizeof len, bytes.ptr, len);
    atomic_store_explicit(&r->head->tail, tail + sizeof len + len, memory_order_release);
    return true;
}

bool ring_take(struct ring *r, struct buf out, size_t *len) {
    uint64_t head = atomic_load_explicit(&r->head->head, memory_order_relaxed);
    uint64_t tail = atomic_load_explicit(&r->head->tail, memory_order_acquire);
    uint32_t n = 0;
    if (head == tail)
        return false;
    uint64_t held = tail - head;
    if (held >= sizeof n && held <= r->size)
        ring_copy_out(r, head, &n, sizeof n);
    if (held < sizeof n || held > r->size || n > held - sizeof n || n > out.len) {
        atomic_store_explicit(&r->head->head, tail, memory_order_release);
        atomic_fetch_add_explicit(&r->head->lost, 1, memory_order_relaxed);
        return false;
    }
    ring_copy_out(r, head + sizeof n, out.ptr, n);
    *len = n;
    atomic_store_explicit(&r->head->head, head + sizeof n + n, memory_order_release);
    return true;
}

uint64_t ring_lost(struct ring *r) {
    uint64_t lost = atomic_load_explicit(&r->head->lost, memory_order_relaxed);
    uint64_t since = lost - r->head->lost_told;
    r->head->lost_told = lost;
    return since;
}

bool ring_empty(const struct ring *r) {
    return atomic_load_explicit(&r->head->head, memory_order_relaxed) ==
           atomic_load_explicit(&r->head->tail, memory_order_acquire);
}

bool wake_init(struct wake *w) {
    *w = (struct wake){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    w->asleep = map == MAP_FAILED ? NULL : map;
    return w->fd >= 0 && w->asleep;
}

void wake_clear(struct wake *w) {
    if (w->asleep)
        munmap(w->asleep, 4096);
    if (w->asleep && w->fd >= 0)
        close(w->fd);
    *w = (struct wake){.fd = -1};
}

void wake_up(const struct wake *w) {
    // The fence orders what was put in the ring before the look at the flag; wake_prepare has the
    // mirror image, so either the writer sees the sleeper or the sleeper sees the string.
    atomic_thread_fence(memory_order_seq_cst);
    if (LIKELY(!atomic_load_explicit(w->asleep, memory_order_relaxed)))
        return;
    if (atomic_exchange_explicit(w->asleep, 0, memory_order_acq_rel)) {
        uint64_t one = 1;
        ssize_t n = write(w->fd, &one, sizeof one);
        UNUSED(n); // full means that a wake-up is pending already
    }
}

void wake_prepare(const struct wake *w) {
    atomic_store_explicit(w->asleep, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
}

void wake_done(const struct wake *w) {
    uint64_t count;
    atomic_store_explicit(w->asleep, 0, memory_order_relaxed);
    ssize_t n = read(w->fd, &count, sizeof count);
    UNUSED(n);
}
