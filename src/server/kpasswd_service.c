// kpasswd_service.c: changing passwords (RFC 3244) as a service of the daemon: processes apart from
// the KDC's, since they write to the store and have its keys at hand; see kdc_serve.h.
#include "admin/kpasswd.h"
#include "cred/rcache.h"
#include "krb/times.h"
#include "proto/types.h"
#include "server/activation.h"
#include "server/kdc_settings.h"
#include <stdlib.h>

enum { KPASSWD_PORT = 464 };

struct kpasswd_realm {
    struct kpasswd kpasswd;
    struct rcache *replays;
    struct acl acl;
    struct arena memory; // of the access list
};
struct kpasswd_worker {
    struct kpasswd_realm realms[KDC_REALMS_MAX];
    size_t count;
};

static void kpasswd_close(void *state) {
    struct kpasswd_worker *w = state;
    if (!w)
        return;
    for (size_t i = 0; i < w->count; i++) {
        admin_close(w->realms[i].kpasswd.adm);
        rcache_close(w->realms[i].replays);
        arena_clear(&w->realms[i].memory);
    }
    free(w);
}

static enum obol_code open_realm(struct kpasswd_realm *r, const struct kdc_settings *s,
                                 struct error *err) {
    r->kpasswd.clockskew = s->conf.clockskew;
    TRY(rcache_open(&r->replays, s->replays, 2 * s->conf.clockskew, env_system(), err));
    r->kpasswd.replay = rcache_replay(r->replays);
    TRY(admin_realm_open(&r->kpasswd.adm, &s->admin, env_system(), err));
    ENSURE(arena_init(&r->memory, 16 * 1024, 16 * 1024 * 1024), NO_MEMORY, "the access list");
    r->kpasswd.acl = &r->acl;
    return acl_load(r->kpasswd.adm, &r->memory, &r->acl, err);
}

static enum obol_code kpasswd_open(const void *config, void *shared, void **state,
                                   struct error *err) {
    UNUSED(shared);
    struct kpasswd_worker *w = calloc(1, sizeof *w);
    ENSURE_MEMORY(w);
    const struct kdc_settings *one;
    enum obol_code code = OBOL_OK;
    while (code == OBOL_OK && (one = kdc_settings_at(config, w->count)) != NULL)
        code = open_realm(&w->realms[w->count++], one, err);
    if (code != OBOL_OK) {
        kpasswd_close(w);
        return code;
    }
    *state = w;
    return OBOL_OK;
}

// Whose the request is, by the realm of the ticket that it presents; the home's own where that is
// another or none.
static struct kpasswd *kpasswd_of(struct kpasswd_worker *w, struct slice request, struct arena *a) {
    struct kpasswd_frame frame;
    struct ap_req ap;
    struct kpasswd *own = &w->realms[0].kpasswd;
    if (w->count == 1 || kpasswd_frame_read(request, &frame, NULL) != OBOL_OK ||
        der_decode(&TYPE_AP_REQ, frame.ap, a, &ap, NULL) != OBOL_OK)
        return own;
    for (size_t i = 1; i < w->count; i++)
        if (slice_eq(w->realms[i].kpasswd.adm->realm, ap.ticket.realm))
            return &w->realms[i].kpasswd;
    return own;
}

// Each request reads the store anew.
static enum obol_code kpasswd_renew(void *state, struct error *err) {
    UNUSED(state);
    UNUSED(err);
    return OBOL_OK;
}

static struct slice kpasswd_serve_one(void *state, const struct service_request *rq,
                                      struct arena *a, struct event *event) {
    struct kpasswd_worker *w = state;
    struct kpasswd_done done;
    struct error err;
    error_init(&err);
    struct kpasswd *kpasswd = kpasswd_of(w, rq->bytes, a);
    kpasswd->adm->actor = (struct slice){0};
    event->result = kpasswd_answer(kpasswd, rq->bytes, a, &done, &err);
    event->kind = done.reply.len ? EVENT_KPASSWD : EVENT_MALFORMED;
    event->client = done.client;
    event->proven = done.client.len > 0;
    event->server = done.target;
    if (event->result != OBOL_OK) {
        event->stage = SLICE_LITERAL("change password");
        event->section = SLICE_LITERAL("RFC 3244 2");
        event->detail = event_reason(&err, a);
    }
    return done.reply;
}

// There is no reply of this protocol that says so little: the client tries again over TCP.
static struct slice kpasswd_refuse(void *state, enum obol_code code, struct arena *a) {
    UNUSED(state);
    UNUSED(code);
    UNUSED(a);
    return (struct slice){0};
}

const struct service KPASSWD_SERVICE = {
    .name = "kpasswd",
    .writes = true,
    .open = kpasswd_open,
    .renew = kpasswd_renew,
    .answer = kpasswd_serve_one,
    .refuse = kpasswd_refuse,
    .close = kpasswd_close,
};

static enum obol_code load(void *ctx, struct server_config **out, struct error *err) {
    struct kdc_settings *s = NULL;
    TRY(kdc_settings_load(&s, ctx, err));
    struct server_config *server = kdc_settings_beside(s);
    enum obol_code code =
        kdc_settings_listen(s, "kpasswd_listen", s->conf.kpasswd_listen, KPASSWD_PORT,
                            server->listen, &server->listen_count, err);
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

enum obol_code kpasswd_serve(const struct kdc_serve_options *options, struct error *err) {
    struct kdc_serve_options own = *options;
    const struct server_options server = {.service = &KPASSWD_SERVICE,
                                          .ctx = &own,
                                          .load = load,
                                          .unload = unload,
                                          .ready_fd = options->ready_fd,
                                          .quiet = options->quiet,
                                          .proxied = options->proxied,
                                          .given = options->given,
                                          .given_use = ACTIVATION_KPASSWD};
    return server_run(&server, err);
}
