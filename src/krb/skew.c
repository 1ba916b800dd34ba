// skew.c: see skew.h.
#include "krb/skew.h"
#include <time.h>

static void clock_fact(struct error *err, const char *whose, int64_t t) {
    time_t seconds = t;
    struct tm tm;
    char text[64];
    if (gmtime_r(&seconds, &tm) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
        error_fact(err, whose, "%s", text);
    else
        error_fact(err, whose, "@%lld", (long long)t);
}

void krb_skew_facts(struct error *err, int64_t ours, const char *whose, int64_t theirs) {
    clock_fact(err, "our clock", ours);
    clock_fact(err, whose, theirs);
}
