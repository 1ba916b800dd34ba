// times.h: arithmetic on KerberosTime (RFC 4120 5.2.3): seconds since 1970 as int64_t, so that 2038
// and 2106 are ordinary years. Every sum saturates at the ends of what GeneralizedTime can write
// (years 1970 to 9999), so that no lifetime that somebody asks for can overflow or wrap.
#ifndef OBOL_KRB_TIMES_H
#define OBOL_KRB_TIMES_H

#include "base/base.h"

#define KRB_TIME_MAX INT64_C(253402300799) // 9999-12-31 23:59:59 UTC

// krb_time_clamp brings a time into the range that can stand on the wire.
static inline int64_t krb_time_clamp(int64_t t) {
    if (t < 0)
        return 0;
    return t > KRB_TIME_MAX ? KRB_TIME_MAX : t;
}
// krb_time_add is t + seconds, saturated.
static inline int64_t krb_time_add(int64_t t, int64_t seconds) {
    int64_t sum;
    if (__builtin_add_overflow(t, seconds, &sum))
        return seconds < 0 ? 0 : KRB_TIME_MAX;
    return krb_time_clamp(sum);
}
// krb_time_distance is |a - b|, saturated at INT64_MAX.
static inline int64_t krb_time_distance(int64_t a, int64_t b) {
    int64_t d;
    if (__builtin_sub_overflow(a > b ? a : b, a > b ? b : a, &d))
        return INT64_MAX;
    return d;
}
// krb_time_min is the earlier one.
static inline int64_t krb_time_min(int64_t a, int64_t b) {
    return a < b ? a : b;
}
// krb_time_wish reads a `till` or `rtime` as a KDC does: 0 (19700101000000Z) asks for the latest
// possible time (RFC 4120 5.4.1).
static inline int64_t krb_time_wish(int64_t t) {
    return t == 0 ? KRB_TIME_MAX : krb_time_clamp(t);
}

#endif
