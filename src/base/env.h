// env.h: what the cores may not reach for themselves: time and randomness. A program passes the
// system's (env_system); a test passes its own and so runs a login at any pretended time with
// known confounders.
#ifndef OBOL_BASE_ENV_H
#define OBOL_BASE_ENV_H

#include "base/slice.h"

struct env {
    void *ctx;
    // now_us is the wall clock: microseconds since 1970-01-01 00:00 UTC.
    int64_t (*now_us)(void *ctx);
    // random fills the buffer with unpredictable bytes; it cannot fail (the system's ends the
    // process rather than go on without entropy).
    void (*random)(void *ctx, struct buf out);
};

// env_system is the process's clock and libcrypto's per-process DRBG (safe across fork).
const struct env *env_system(void);
// env_draw_from_kernel has env_system draw from the kernel instead: for a library, whose process
// may end while its threads still want random bytes, and libcrypto is gone.
void env_draw_from_kernel(void);
static inline int64_t env_now_us(const struct env *env) {
    return env->now_us(env->ctx);
}
// env_now is the wall clock in whole seconds, as a KerberosTime counts.
static inline int64_t env_now(const struct env *env) {
    return env->now_us(env->ctx) / 1000000;
}
static inline void env_random(const struct env *env, struct buf out) {
    env->random(env->ctx, out);
}

#endif
