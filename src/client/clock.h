// clock.h: a clock that is off, put right by a known offset: an `env` whose time is the KDC's as
// the client learned it (kdc_timesync). Randomness is that of the env below.
#ifndef OBOL_CLIENT_CLOCK_H
#define OBOL_CLIENT_CLOCK_H

#include "base/env.h"

struct client_clock {
    const struct env *below;
    int64_t offset; // seconds
};
// client_clock_shift gives an env that borrows `clock` and `below`.
struct env client_clock_shift(struct client_clock *clock, const struct env *below, int64_t offset);

#endif
