// tgs_stage.h: the stages of the TGS client, in the RFC's order; for tgs*.c only.
#ifndef OBOL_CLIENT_TGS_STAGE_H
#define OBOL_CLIENT_TGS_STAGE_H

#include "client/reply.h"
#include "client/tgs.h"

struct tgs_stage {
    const char *name;
    const char *section;
    enum obol_code (*run)(struct tgs_client *c, struct error *err);
};
// From c->tgt and c->asked to the request, tgs_request.c.
extern const struct tgs_stage TGS_REQUEST_STAGES[];
extern const size_t TGS_REQUEST_STAGE_COUNT;
// From c->rep to a checked reply in c->ticket, tgs_reply.c.
extern const struct tgs_stage TGS_REPLY_STAGES[];
extern const size_t TGS_REPLY_STAGE_COUNT;

// tgs_walk_start sets what is asked for first; tgs_walk_next takes the checked c->ticket: the end,
// or a TGT to go on with (then c->state is TGS_START); tgs_walk_error does what can be done about a
// KRB-ERROR, else fails with it; tgs_walk.c.
MUST_USE enum obol_code tgs_walk_start(struct tgs_client *c, struct error *err);
MUST_USE enum obol_code tgs_walk_next(struct tgs_client *c, struct error *err);
MUST_USE enum obol_code tgs_walk_error(struct tgs_client *c, const struct krb_error *error,
                                       struct error *err);

// Options that ask for another form of a ticket that is there: no referral is to be followed then.
#define TGS_OPT_SAME_TICKET (KDC_OPT_RENEW | KDC_OPT_VALIDATE)

#endif
