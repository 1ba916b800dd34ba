// doctor.c: see doctor.h.
#include "cli/doctor.h"
#include "client/as.h"
#include <stdlib.h>

static enum obol_code get_ticket(void *ctx, const struct principal *service, bool cached,
                                 struct ticket_result *out, struct error *err) {
    struct doctor_asks *w = ctx;
    const struct ticket_params params = {.cache = w->cache,
                                         .service = *service,
                                         .no_cached = !cached,
                                         .no_store = true,
                                         .cached_only = cached};
    return net_ticket(&w->net, &params, w->c->arena, out, err);
}

// The KDC's clock, of its answer to a login that is begun without a proof.
static enum obol_code begin_login(struct doctor_asks *w, struct slice realm, struct slice *reply,
                                  struct error *err) {
    struct as_client as;
    struct client_output want;
    const struct as_params params = {.client = {realm, w->client.name},
                                     .etypes = w->net.conf->default_tkt_enctypes,
                                     .allow_weak = w->net.conf->allow_weak_crypto};
    TRY(as_client_init(&as, &params, w->c->env, w->c->arena, err));
    enum obol_code code = as_client_step(&as, (struct slice){0}, &want, err);
    if (code == OBOL_OK)
        code = net_exchange(&w->net, realm, want.message, false, w->c->arena, reply, err);
    as_client_clear(&as);
    return code;
}

static enum obol_code ask_kdc(void *ctx, struct slice realm, struct slice *where, int64_t *ahead,
                              struct error *err) {
    struct doctor_asks *w = ctx;
    struct slice reply = {0};
    struct krb_error answer;
    struct error told;
    const char *name, *value;
    size_t at = 0;
    TRY(begin_login(w, realm, &reply, err));
    *ahead = 0; // a TGT that was given at once does not tell the time in the open
    if (der_decode(&TYPE_KRB_ERROR, reply, w->c->arena, &answer, NULL) == OBOL_OK)
        *ahead = answer.stime - env_now(w->c->env);
    *where = SLICE_LITERAL("a KDC");
    error_init(&told);
    net_tell_kdc(&w->memory, &told);
    while (error_fact_next(&told, &at, &name, &value))
        *where = arena_printf(w->c->arena, "the KDC at %s", value);
    return OBOL_OK;
}

static const char *environment(void *ctx, const char *name) {
    UNUSED(ctx);
    return secure_getenv(name);
}

struct doctor_world doctor_world(struct doctor_asks *asks, bool no_dns) {
    return (struct doctor_world){
        .ctx = asks,
        .ticket = get_ticket,
        .kdc = ask_kdc,
        .resolver = no_dns ? NULL : &net_resolver_system,
        .environment = environment,
    };
}
