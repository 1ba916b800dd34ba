// replay.h: replies that were sent a moment ago. A client that hears nothing sends the same bytes
// again; it gets the same reply: no second ticket, no second line in the log, no second failure
// counted. A table of fixed size, made at start.
#ifndef OBOL_KDC_REPLAY_H
#define OBOL_KDC_REPLAY_H

#include "base/env.h"
#include "base/error.h"
#include "base/siphash.h"

struct replay;
// replay_new makes room for `slots` replies of a usual size, each good for `lifespan` seconds.
MUST_USE enum obol_code replay_new(struct replay **out, size_t slots, int64_t lifespan,
                                   const struct env *env, struct error *err);
void replay_free(struct replay *r);
// replay_tag is the name of a request: a keyed hash of 128 bits. The memory that replay_find will
// read is asked for.
struct siphash_128 replay_tag(const struct replay *r, struct slice request);
// replay_find gives the reply to the same request, if one was sent; it is borrowed until the next
// replay_put.
bool replay_find(struct replay *r, struct siphash_128 tag, int64_t now, struct slice *reply);
// replay_put remembers a reply; one that is too long for a slot is not.
void replay_put(struct replay *r, struct siphash_128 tag, int64_t now, struct slice reply);

#endif
