// clock.c: an env whose time is shifted by an offset (RFC 4120 3.1.3: clients and KDCs need loosely
// equal clocks; ours may be wrong and still serve).
#include "client/clock.h"

static int64_t now_us(void *ctx) {
    const struct client_clock *clock = ctx;
    return env_now_us(clock->below) + clock->offset * 1000000;
}

static void random_bytes(void *ctx, struct buf out) {
    const struct client_clock *clock = ctx;
    env_random(clock->below, out);
}

struct env client_clock_shift(struct client_clock *clock, const struct env *below, int64_t offset) {
    *clock = (struct client_clock){below, offset};
    return (struct env){clock, now_us, random_bytes};
}
