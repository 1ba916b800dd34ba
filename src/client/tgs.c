// tgs.c: the TGS client's driver (RFC 4120 3.3): runs the stages of a request, hands it out, runs
// those of the reply, and walks on through the realms until the service's ticket is there.
#include "client/tgs_stage.h"

// Requests of one ticket: two for a hop (UDP, TCP), each realm of a path tried at each hop.
#define TGS_ROUND_TRIPS_MAX 48

enum obol_code tgs_client_init(struct tgs_client *c, const struct tgs_params *params,
                               const struct env *env, struct arena *a, struct error *err) {
    memset(c, 0, sizeof *c);
    c->params = *params;
    c->env = env;
    c->arena = a;
    c->tgt = *params->tgt;
    ENSURE(principal_is_krbtgt(&c->tgt.server.name) ||
               (params->options & (uint32_t)TGS_OPT_SAME_TICKET),
           INVALID_ARGUMENT, "%.*s is no ticket-granting ticket",
           SLICE_ARG(principal_text(&c->tgt.server, a)));
    ENSURE(c->tgt.ticket.len > 0 && c->tgt.client.realm.len > 0, INVALID_ARGUMENT,
           "the TGT holds no ticket or no client");
    TRY(client_etypes_set(params->etypes, params->allow_weak, c->etypes, &c->etype_count, err));
    return tgs_walk_start(c, err);
}

void tgs_client_clear(struct tgs_client *c) {
    c->session = c->subkey = c->strengthen = c->fast.armor = NULL;
    c->state = TGS_DEAD;
}

static enum obol_code run(struct tgs_client *c, const struct tgs_stage *stages, size_t count,
                          struct error *err) {
    for (size_t i = 0; i < count; i++) {
        enum obol_code code = stages[i].run(c, err);
        if (code != OBOL_OK) {
            err->where = stages[i].name;
            err->section = stages[i].section;
            return code;
        }
    }
    return OBOL_OK;
}

static enum obol_code take_reply(struct tgs_client *c, struct slice reply, struct error *err) {
    ENSURE(reply.len > 0, INVALID_ARGUMENT, "a step without the reply that was asked for");
    enum client_reply_kind kind;
    struct krb_error error;
    struct slice kept;
    c->round_trips++;
    ENSURE(arena_copy(c->arena, reply, &kept), NO_MEMORY, "a reply of %zu bytes", reply.len);
    TRY(client_reply_decode(kept, &TYPE_TGS_REP, KRB_TGS_REP, c->arena, &kind, &c->rep, &error,
                            err));
    if (kind == CLIENT_REPLY_ERROR)
        return tgs_walk_error(c, &error, err);
    TRY(run(c, TGS_REPLY_STAGES, TGS_REPLY_STAGE_COUNT, err));
    return tgs_walk_next(c, err);
}

static enum obol_code step(struct tgs_client *c, struct slice reply, struct error *err) {
    if (c->state == TGS_SENT)
        TRY(take_reply(c, reply, err));
    if (c->state == TGS_DONE)
        return OBOL_OK;
    ENSURE(c->round_trips < TGS_ROUND_TRIPS_MAX, REPLY_MISMATCH,
           "no end after %u requests, the last to %.*s", c->round_trips, SLICE_ARG(c->realm));
    return run(c, TGS_REQUEST_STAGES, TGS_REQUEST_STAGE_COUNT, err);
}

enum obol_code tgs_client_step(struct tgs_client *c, struct slice reply, struct client_output *out,
                               struct error *err) {
    struct error scratch;
    if (!err) {
        error_init(&scratch);
        err = &scratch;
    }
    ENSURE(c->state == TGS_START || c->state == TGS_SENT, INVALID_ARGUMENT,
           "a step of an exchange that has ended");
    enum obol_code code = step(c, reply, err);
    if (code != OBOL_OK) {
        c->state = TGS_DEAD;
        return code;
    }
    memset(out, 0, sizeof *out);
    out->want = c->state == TGS_DONE ? CLIENT_DONE : CLIENT_SEND;
    out->realm = c->realm;
    out->message = c->request;
    out->tcp = c->use_tcp;
    return OBOL_OK;
}
