// duration.h: lengths of time and sizes as people write them in krb5.conf and on command lines.
#ifndef OBOL_CONFIG_DURATION_H
#define OBOL_CONFIG_DURATION_H

#include "base/slice.h"
#include "base/writer.h"

// duration_parse reads what MIT krb5 reads: "36000" (seconds), "10h", "1d 2h 30m 5s" (units in
// falling order, each with its own sign), "12:34" (hours and minutes), "1:02:03",
// "7-12:00:00" (days); also weeks ("2w") and whole words ("2 days"). Seconds; within 32 bits.
MUST_USE bool duration_parse(struct slice text, int64_t *seconds);
// duration_write writes it in the largest units: "1d 2h", "45s", "0s".
void duration_write(struct writer *w, int64_t seconds);
// size_parse reads bytes: "4096", "64k", "32M", "4GiB" (powers of 1024).
MUST_USE bool size_parse(struct slice text, int64_t *bytes);
// number_parse reads a decimal number with an optional sign, or 0x and hexadecimal digits; nothing
// may follow.
MUST_USE bool number_parse(struct slice text, int64_t *number);
// boolean_parse reads yes, true, t, y, 1, on and no, false, nil, n, 0, off, whatever the case.
MUST_USE bool boolean_parse(struct slice text, bool *value);

#endif
