// kadmind_service.c: administering the realm over the network, as MIT krb5's kadmin does it: ONC
// RPC under RPCSEC_GSS (gss/rpc_server.h) around the procedures of admin/kadm5.h. One process apart
// from the KDC's, since it writes to the store; see kdc_serve.h.
#include "admin/kadm5.h"
#include "admin/op.h"
#include "cred/rcache.h"
#include "gss/rpc_server.h"
#include "server/activation.h"
#include "server/beside.h"
#include "server/kadmind_contexts.h"
#include "server/kdc_settings.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    KADMIN_PORT = 749,
    // A million names or so in one list, and what making a reply of them may take. The connections
    // of a worker may hold as much (tcp.c), so that it goes out whole.
    LIST_MAX = 32 << 20,
    MEMORY_MAX = 512 << 20,
    REQUEST_MAX = 1 << 20,
    CONNECTIONS = 256,
    CONNECTIONS_OF_ONE = CONNECTIONS / 2, // of an address: it alone cannot take all places
    REQUEST_MS = 60 * 1000,               // a long list is fetched over a slow line, too
    IDLE_MS = 12 * 3600 * 1000,           // somebody sits before a prompt; others displace him
};

struct kadmind_realm {
    struct kadm5 kadm5;
    struct acl acl;
    struct arena memory; // of the access list
};
struct kadmind_worker {
    struct kadmind_realm realms[KDC_REALMS_MAX];
    size_t count;
    struct rcache *replays;
    struct ap_key_source keys;
    struct ap_replay replay;
    struct rpc_server rpc;
};

static void kadmind_close(void *state) {
    struct kadmind_worker *w = state;
    if (!w)
        return;
    for (size_t i = 0; i < w->count; i++) {
        admin_close(w->realms[i].kadm5.adm);
        arena_clear(&w->realms[i].memory);
    }
    rcache_close(w->replays);
    free(w);
}

static struct kadmind_realm *realm_of(struct kadmind_worker *w, const struct principal *service) {
    for (size_t i = 0; i < w->count; i++)
        if (slice_eq(w->realms[i].kadm5.adm->realm, service->realm))
            return &w->realms[i];
    return NULL;
}

// Tickets for kadmin/admin and its like alone, by the realms' own keys.
static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    struct kadmind_realm *r = realm_of(ctx, service);
    struct slice name = principal_text(service, a);
    if (!r || !kadm5_service_allowed(service, r->kadm5.adm->realm)) {
        error_remedy(err, "Get a ticket for kadmin/admin of this realm (kinit -S kadmin/admin).");
        return error_set(err, OBOL_KRB_AP_ERR_NOT_US, __func__,
                         "the ticket is for %.*s, which is no service of kadmin here",
                         SLICE_ARG(name));
    }
    return op_service_key(r->kadm5.adm, name, etype, kvno, attempt, a, key, err);
}

// Realms that were made before kadmin was served have no such service.
static void note_service(struct kadmind_realm *r) {
    struct record there;
    struct error err;
    error_init(&err);
    if (admin_principal_get(r->kadm5.adm, SLICE_LITERAL("kadmin/admin"), &r->memory, &there,
                            &err) == OBOL_PRINCIPAL_NOT_FOUND)
        fprintf(stderr,
                "obol: kadmind: the realm %.*s has no kadmin/admin, which clients want a ticket "
                "for: kadmin.local -q 'addprinc -randkey +disallow_tgt_based -maxlife 3h "
                "kadmin/admin'\n",
                SLICE_ARG(r->kadm5.adm->realm));
}

static enum obol_code open_realm(struct kadmind_realm *r, const struct kdc_settings *s,
                                 struct error *err) {
    r->kadm5 = (struct kadm5){.list_max = LIST_MAX, .clockskew = s->conf.clockskew};
    TRY(admin_realm_open(&r->kadm5.adm, &s->admin, env_system(), err));
    ENSURE(arena_init(&r->memory, 16 * 1024, 16 * 1024 * 1024), NO_MEMORY, "the access list");
    r->kadm5.acl = &r->acl;
    TRY(acl_load(r->kadm5.adm, &r->memory, &r->acl, err));
    note_service(r);
    return OBOL_OK;
}

static enum obol_code open_realms(struct kadmind_worker *w, const struct kdc_settings *s,
                                  struct error *err) {
    const struct kdc_settings *one;
    while ((one = kdc_settings_at(s, w->count)) != NULL)
        TRY(open_realm(&w->realms[w->count++], one, err));
    return rcache_open(&w->replays, s->admin_replays, 2 * s->conf.clockskew, env_system(), err);
}

static enum obol_code kadmind_open(const void *config, void *shared, void **state,
                                   struct error *err) {
    const struct kdc_settings *s = config;
    struct kadmind_worker *w = calloc(1, sizeof *w);
    ENSURE_MEMORY(w);
    enum obol_code code = open_realms(w, s, err);
    if (code != OBOL_OK) {
        kadmind_close(w);
        return code;
    }
    w->keys = (struct ap_key_source){w, find_key, NULL};
    w->replay = rcache_replay(w->replays);
    w->rpc = (struct rpc_server){
        .program = KADM5_PROGRAM,
        .version = KADM5_PROGRAM_VERSION,
        .accept = {.keys = &w->keys, .replay = &w->replay, .clockskew = s->conf.clockskew},
        .contexts = kadmind_contexts_store(shared),
        .env = env_system(),
    };
    *state = w;
    return OBOL_OK;
}

static enum obol_code kadmind_share(const void *config, void **shared, struct error *err) {
    UNUSED(config);
    *shared = kadmind_contexts_new(env_system());
    ENSURE(*shared, NO_MEMORY, "the table of contexts");
    return OBOL_OK;
}

static void kadmind_unshare(void *shared) {
    kadmind_contexts_free(shared);
}

// Each request reads the store anew.
static enum obol_code kadmind_renew(void *state, struct error *err) {
    UNUSED(state);
    UNUSED(err);
    return OBOL_OK;
}

// ---- one record

static enum obol_code serve_call(struct kadmind_worker *w, struct rpc_taken *taken, struct arena *a,
                                 struct event *event, struct error *err) {
    const struct gss_context *ctx = &taken->context;
    struct kadmind_realm *r = realm_of(w, &ctx->service);
    ENSURE(r, KRB_AP_ERR_NOT_US, "the realm %.*s is not served any more",
           SLICE_ARG(ctx->service.realm));
    const struct slice_list *name = &ctx->service.name.name_string; // find_key saw that it has two
    const struct kadm5_call call = {
        .procedure = taken->procedure,
        .arguments = taken->arguments,
        .client = ctx->client,
        .client_text = event->client,
        .authtime = ctx->authtime,
        .initial = (ctx->ticket_flags & (uint32_t)TKT_INITIAL) != 0,
        .service =
            arena_printf(a, "%.*s/%.*s", SLICE_ARG(name->items[0]), SLICE_ARG(name->items[1])),
    };
    struct kadm5_done done;
    enum obol_code code = kadm5_answer(&r->kadm5, &call, a, &done, err);
    event->operation = slice_str(done.operation);
    event->server = done.target;
    enum obol_code sent = rpc_server_answer(&w->rpc, taken, (enum rpc_accept)done.outcome,
                                            done.results, a, &taken->reply, err);
    return code != OBOL_OK ? code : sent;
}

static void tell(const struct rpc_taken *taken, struct arena *a, struct event *event) {
    event->kind = taken->reply.len || taken->known ? EVENT_KADMIN : EVENT_MALFORMED;
    event->proven = taken->known;
    if (taken->known)
        event->client = principal_text(&taken->context.client, a);
    if (taken->cred.procedure == RPC_GSS_INIT) {
        event->operation = SLICE_LITERAL("begin session");
        if (taken->known)
            event->server = principal_text(&taken->context.service, a);
    } else if (taken->cred.procedure == RPC_GSS_DESTROY) {
        event->operation = SLICE_LITERAL("end session");
    } else if (!taken->is_call) {
        const char *name = kadm5_procedure_name(taken->call.procedure);
        event->operation = slice_str(name ? name : "call");
    }
}

static struct slice kadmind_serve_one(void *state, const struct service_request *rq,
                                      struct arena *a, struct event *event) {
    struct kadmind_worker *w = state;
    struct rpc_taken taken;
    struct error err;
    error_init(&err);
    event->result = rpc_server_take(&w->rpc, rq->bytes, a, &taken, &err);
    tell(&taken, a, event);
    event->stage = SLICE_LITERAL("take call");
    event->section = SLICE_LITERAL("RFC 2203 5");
    if (event->result == OBOL_OK && taken.is_call) {
        event->stage = SLICE_LITERAL("administer");
        event->section = (struct slice){0};
        event->result = serve_call(w, &taken, a, event, &err);
    }
    if (event->result == OBOL_OK)
        event->stage = event->section = (struct slice){0};
    else
        event->detail = event_reason(&err, a);
    return taken.reply;
}

const struct service KADMIND_SERVICE = {
    .name = "kadmind",
    .writes = true,
    .framing = FRAME_RPC,
    .memory = MEMORY_MAX,
    .share = kadmind_share,
    .unshare = kadmind_unshare,
    .open = kadmind_open,
    .renew = kadmind_renew,
    .answer = kadmind_serve_one,
    .close = kadmind_close,
};

// ---- the daemon

struct running {
    struct kdc_serve_options options;
    pid_t kpasswd; // 0: none
    bool started;
};

static enum obol_code load(void *ctx, struct server_config **out, struct error *err) {
    struct running *running = ctx;
    struct kdc_settings *s = NULL;
    if (running->started)
        beside_reload(running->kpasswd);
    running->started = true;
    TRY(kdc_settings_load(&s, &running->options, err));
    struct server_config *server = kdc_settings_beside(s);
    enum obol_code code =
        kdc_settings_listen(s, "kadmind_listen", s->conf.kadmind_listen, KADMIN_PORT,
                            server->tcp_listen, &server->tcp_listen_count, err);
    server->listen_count = 0;
    server->tcp_max_request = REQUEST_MAX;
    server->tcp_request_ms = REQUEST_MS;
    server->tcp_idle_ms = IDLE_MS;
    if (server->tcp_max_connections > CONNECTIONS)
        server->tcp_max_connections = CONNECTIONS;
    if (server->tcp_max_per_source > CONNECTIONS_OF_ONE)
        server->tcp_max_per_source = CONNECTIONS_OF_ONE;
    if (code == OBOL_OK)
        *out = server;
    else
        kdc_settings_free(s);
    return code;
}

static void unload(void *ctx, struct server_config *config) {
    UNUSED(ctx);
    kdc_settings_free((struct kdc_settings *)config);
}

enum obol_code kadmind_serve(const struct kdc_serve_options *options, struct error *err) {
    static struct activation given; // large
    struct running running = {.options = *options};
    if (!options->given) {
        TRY(activation_take(&given, err));
        running.options.given = &given;
    }
    if (options->with_others)
        TRY(beside_start(BESIDE_KPASSWD, true, &running.options, &running.kpasswd, err));
    const struct server_options server = {.service = &KADMIND_SERVICE,
                                          .ctx = &running,
                                          .load = load,
                                          .unload = unload,
                                          .ready_fd = options->ready_fd,
                                          .quiet = options->quiet,
                                          .given = running.options.given,
                                          .given_use = ACTIVATION_KADMIN};
    enum obol_code code = server_run(&server, err);
    beside_stop(running.kpasswd);
    return code;
}
