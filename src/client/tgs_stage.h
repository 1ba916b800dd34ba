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

// tgs_s4u.c: requests in a user's name (MS-SFU), through as many realms as lie between. What is to
// be walked to first; what to ask for where that is reached; what to do with a checked ticket; the
// service's other name, if there is one; the parts of a request, and whom its reply names.
enum { TGS_S4U_PADATA_MAX = 2 };
void tgs_s4u_start(struct tgs_client *c);
MUST_USE enum obol_code tgs_s4u_arrive(struct tgs_client *c, bool *elsewhere, struct error *err);
MUST_USE enum obol_code tgs_s4u_name(struct tgs_client *c, struct error *err);
// tgs_next is what follows a ticket: it was the last, it is a TGT to enter its realm with, or the
// next leg begins.
enum tgs_next { TGS_NEXT_DONE, TGS_NEXT_ENTER, TGS_NEXT_ASK };
MUST_USE enum obol_code tgs_s4u_next(struct tgs_client *c, enum tgs_next *next, struct error *err);
bool tgs_s4u_other_name(struct tgs_client *c);
MUST_USE enum obol_code tgs_s4u_padata(struct tgs_client *c, struct padata *out, size_t *count,
                                       struct error *err);
struct slice tgs_s4u_evidence(const struct tgs_client *c);
MUST_USE enum obol_code tgs_s4u_check_user(struct tgs_client *c, struct error *err);
const struct principal *tgs_s4u_client(const struct tgs_client *c);

// Options that ask for another form of a ticket that is there: no referral is to be followed then.
#define TGS_OPT_SAME_TICKET (KDC_OPT_RENEW | KDC_OPT_VALIDATE)

#endif
