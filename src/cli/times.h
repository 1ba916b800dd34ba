// times.h: points in time as people write and read them.
#ifndef OBOL_CLI_TIMES_H
#define OBOL_CLI_TIMES_H

#include "base/writer.h"

// time_parse reads "2026-12-31", "2026-12-31 18:00[:00]" (local), "2026-12-31T18:00:00Z" (UTC),
// "+10h" (from now), "now", "@1800000000" (seconds since 1970), "never" (0).
MUST_USE bool time_parse(struct slice text, int64_t now, int64_t *out);
// time_write writes local time to the second: "2026-12-31 18:00:00".
void time_write(struct writer *w, int64_t t);
// time_write_iso writes UTC: "2026-12-31T18:00:00Z".
void time_write_iso(struct writer *w, int64_t t);

#endif
