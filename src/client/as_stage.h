// as_stage.h: the stages of the AS client, in the RFC's order; for as*.c only. A stage reads
// earlier fields of the machine and fills its own. One that needs the client's key calls
// as_need_key, and is entered again if the key had to be asked for.
#ifndef OBOL_CLIENT_AS_STAGE_H
#define OBOL_CLIENT_AS_STAGE_H

#include "client/as.h"
#include "client/preauth.h"
#include "client/reply.h"

struct as_stage {
    const char *name;
    const char *section;
    enum obol_code (*run)(struct as_client *c, struct error *err);
};
// From the present state to the request, as_request.c.
extern const struct as_stage AS_REQUEST_STAGES[];
extern const size_t AS_REQUEST_STAGE_COUNT;
// From c->rep to the ticket, as_reply.c.
extern const struct as_stage AS_REPLY_STAGES[];
extern const size_t AS_REPLY_STAGE_COUNT;

// as_error looks at a KRB-ERROR: it mends the machine so that another request is worth sending, or
// fails with it; as_error.c.
MUST_USE enum obol_code as_error(struct as_client *c, const struct krb_error *error,
                                 struct error *err);
// as_need_key sees to c->key for one of c->hints. When there is neither key nor password the state
// becomes AS_KEY_WANTED, which ends the step; the caller of this looks at c->state.
MUST_USE enum obol_code as_need_key(struct as_client *c, struct error *err);
// as_key_fits is whether the key that we have will do for one of c->hints.
bool as_key_fits(const struct as_client *c);
// as_now is the KDC's time as we know it, in seconds.
static inline int64_t as_now(const struct as_client *c) {
    return env_now(c->env) + c->offset;
}
static inline int64_t as_clockskew(const struct as_client *c) {
    return c->params.clockskew ? c->params.clockskew : CLIENT_CLOCKSKEW;
}

#endif
