// env.c: the system's clock and randomness; see env.h.
#include "base/env.h"
#include "base/ct.h"
#include <errno.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

static int64_t system_now_us(void *ctx) {
    UNUSED(ctx);
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

// libcrypto's DRBG costs 0.65 us a call whatever the length, and a getrandom() 0.3 us, more than
// enciphering a ticket: so each thread draws a page of it ahead. What was handed out is wiped, and
// the page reads as zeros in a forked child, which makes it empty there.
struct ahead {
    size_t left; // bytes at the end that are still good
    uint8_t bytes[4096 - sizeof(size_t)];
};
#define DRAWN_AHEAD_MAX 256 // bytes; longer ones are drawn for themselves

static _Thread_local struct ahead *ahead;
static pthread_key_t thread_end;
static bool have_thread_end;
static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;

static void unmap_ahead(void *map) {
    wipe(map, sizeof *ahead);
    munmap(map, sizeof *ahead);
}

static void make_thread_end(void) {
    have_thread_end = pthread_key_create(&thread_end, unmap_ahead) == 0;
}

static bool from_kernel;

void env_draw_from_kernel(void) {
    __atomic_store_n(&from_kernel, true, __ATOMIC_RELAXED);
}

static bool draw_from_kernel(uint8_t *ptr, size_t len) {
    while (len) {
        ssize_t n = getrandom(ptr, len, 0);
        if (n < 0 && errno != EINTR)
            return false;
        ptr += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static void draw(void *ptr, size_t len) {
    if (__atomic_load_n(&from_kernel, __ATOMIC_RELAXED) && draw_from_kernel(ptr, len))
        return;
    // Nothing may go on without entropy.
    if (len > INT32_MAX || RAND_bytes(ptr, (int)len) != 1)
        abort();
}

static bool map_ahead(void) {
    (void)pthread_once(&thread_end_once, make_thread_end);
    void *map =
        mmap(NULL, sizeof *ahead, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return false;
    // Without the wiping on fork two processes would share their random bytes.
    if (madvise(map, sizeof *ahead, MADV_WIPEONFORK) != 0 || !have_thread_end ||
        pthread_setspecific(thread_end, map) != 0) {
        munmap(map, sizeof *ahead);
        return false;
    }
    (void)mlock(map, sizeof *ahead); // best effort, as an arena's
    (void)madvise(map, sizeof *ahead, MADV_DONTDUMP);
    ahead = map;
    return true;
}

static void system_random(void *ctx, struct buf out) {
    UNUSED(ctx);
    if (out.len > DRAWN_AHEAD_MAX || (!ahead && !map_ahead())) {
        draw(out.ptr, out.len);
        return;
    }
    if (out.len > ahead->left) {
        draw(ahead->bytes, sizeof ahead->bytes);
        ahead->left = sizeof ahead->bytes;
    }
    uint8_t *from = ahead->bytes + sizeof ahead->bytes - ahead->left;
    if (out.len)
        memcpy(out.ptr, from, out.len);
    wipe(from, out.len);
    ahead->left -= out.len;
}

const struct env *env_system(void) {
    static const struct env env = {NULL, system_now_us, system_random};
    return &env;
}
