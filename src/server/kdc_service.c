// kdc_service.c: the KDC as a service of the daemon: one struct kdc a worker over a store of its
// own, its events become the daemon's; see kdc_serve.h.
#include "proto/codes.h"
#include "server/activation.h"
#include "server/beside.h"
#include "server/kdc_keep.h"
#include "server/kdc_settings.h"
#include "server/proxied.h"
#include "store/store.h"
#include <stdlib.h>

enum {
    LOCKOUT_ACCOUNTS = 65536, // with failures that are not forgotten yet
    FETCHES = 8,              // a request may wait for so many records
    ADDR_INET = 2,            // RFC 4120 7.5.3
    ADDR_INET6 = 24,
};

struct kdc_worker {
    struct store *store;
    struct master *master;
    struct kdc *kdc;
};

static enum obol_code kdc_service_share(const void *config, void **shared, struct error *err) {
    UNUSED(config);
    *shared = lockout_new(LOCKOUT_ACCOUNTS);
    ENSURE(*shared, NO_MEMORY, "the table of failed logins");
    return OBOL_OK;
}

static void kdc_service_unshare(void *shared) {
    lockout_free(shared);
}

static void kdc_service_close(void *state) {
    struct kdc_worker *w = state;
    if (!w)
        return;
    kdc_free(w->kdc);
    master_free(w->master);
    store_close(w->store);
    free(w);
}

static enum obol_code open_parts(struct kdc_worker *w, const struct kdc_settings *s, void *shared,
                                 struct error *err) {
    struct store_options options = s->store;
    options.read_only = true;
    TRY(store_open(&w->store, &STORE_LMDB, &options, err));
    TRY(master_load(&w->master, s->master_path, err));
    const struct kdc_config config = {.realm = s->realm,
                                      .policy = s->policy,
                                      .store = w->store,
                                      .master = w->master,
                                      .lockout = shared,
                                      .pkinit = s->pki_identity ? &s->pkinit : NULL,
                                      .env = env_system()};
    return kdc_new(&w->kdc, &config, err);
}

static enum obol_code kdc_service_open(const void *config, void *shared, void **state,
                                       struct error *err) {
    const struct kdc_settings *s = config;
    struct kdc_worker *w = calloc(1, sizeof *w);
    ENSURE_MEMORY(w);
    enum obol_code code = open_parts(w, s, shared, err);
    if (code != OBOL_OK) {
        kdc_service_close(w);
        return code;
    }
    *state = w;
    return OBOL_OK;
}

static enum obol_code kdc_service_renew(void *state, struct error *err) {
    return kdc_renew(((struct kdc_worker *)state)->kdc, err);
}

static void kdc_service_release(void *state) {
    kdc_release(((struct kdc_worker *)state)->kdc);
}

static struct host_address sender_of(const union sock_address *peer) {
    if (peer->any.sa_family == AF_UNIX)
        return (struct host_address){0};
    if (peer->any.sa_family == AF_INET)
        return (struct host_address){ADDR_INET, slice_of(&peer->v4.sin_addr, 4)};
    // A client of IPv4 on a socket of IPv6 is known by its IPv4 address.
    if (IN6_IS_ADDR_V4MAPPED(&peer->v6.sin6_addr))
        return (struct host_address){ADDR_INET, slice_of(peer->v6.sin6_addr.s6_addr + 12, 4)};
    return (struct host_address){ADDR_INET6, slice_of(&peer->v6.sin6_addr, 16)};
}

static void take_event(const struct kdc_event *from, struct arena *a, struct event *to) {
    to->kind = from->retransmission            ? EVENT_OTHER
               : from->msg_type == KRB_AS_REQ  ? EVENT_AS
               : from->msg_type == KRB_TGS_REQ ? EVENT_TGS
                                               : EVENT_MALFORMED;
    to->result = from->code;
    to->retransmitted = from->retransmission;
    to->client = from->client;
    to->server = from->service;
    to->record = from->client_principal;
    to->etype_reply = from->reply_etype;
    to->etype_ticket = from->ticket_etype;
    to->etype_session = from->session_etype;
    to->account = from->login == KDC_LOGIN_SUCCESS   ? EVENT_ACCOUNT_SUCCESS
                  : from->login == KDC_LOGIN_FAILURE ? EVENT_ACCOUNT_FAILURE
                                                     : EVENT_ACCOUNT_NONE;
    if (from->hidden)
        to->detail = SLICE_LITERAL("there is no such client; it was answered as if there were");
    if (!from->stage)
        return;
    to->stage = slice_str(from->stage);
    to->section = slice_str(from->section);
    // Being asked for preauthentication needs no explanation, and stands before every login.
    bool asked = from->code == OBOL_KDC_ERR_PREAUTH_REQUIRED ||
                 from->code == OBOL_KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
    if (from->error && !from->hidden && !asked)
        to->detail = event_reason(from->error, a);
}

static struct slice kdc_service_answer(void *state, const struct service_request *rq,
                                       struct arena *a, struct event *event) {
    struct kdc_worker *w = state;
    struct kdc_request request = {.bytes = rq->bytes,
                                  .sender = sender_of(rq->peer)}; // udp.c bounds the reply
    struct kdc_result result;
    enum obol_code code = kdc_handle(w->kdc, &request, a, &result);
    // The stores so far have every record at hand; a slower one is asked again right away.
    for (int i = 0; i < FETCHES && code == OBOL_NEED; i++)
        code = kdc_resume(w->kdc, &result);
    if (code == OBOL_NEED) {
        kdc_abandon(w->kdc, &result);
        event->result = OBOL_NEED;
        return (struct slice){0};
    }
    take_event(&result.event, a, event);
    return result.reply;
}

static struct slice kdc_service_refuse(void *state, enum obol_code code, struct arena *a) {
    return kdc_refuse(((struct kdc_worker *)state)->kdc, code, a);
}

const struct service KDC_SERVICE = {
    .name = "KDC",
    .share = kdc_service_share,
    .unshare = kdc_service_unshare,
    .open = kdc_service_open,
    .renew = kdc_service_renew,
    .release = kdc_service_release,
    .answer = kdc_service_answer,
    .refuse = kdc_service_refuse,
    .close = kdc_service_close,
    .keep_open = kdc_keep_open,
    .keep = kdc_keep,
    .keep_commit = kdc_keep_commit,
    .keep_close = kdc_keep_close,
};

// The KDC as it runs.
struct running {
    struct kdc_serve_options options;
    pid_t kpasswd; // 0: none
    bool started;
};

static enum obol_code load(void *ctx, struct server_config **out, struct error *err) {
    struct running *running = ctx;
    struct kdc_settings *s = NULL;
    // Even a configuration that is refused may mean a log that was rotated.
    if (running->started)
        beside_reload(running->kpasswd);
    running->started = true;
    TRY(kdc_settings_load(&s, &running->options, err));
    enum obol_code code = kdc_settings_https(s, running->options.home, err);
    if (code == OBOL_OK)
        *out = kdc_settings_server(s);
    else
        kdc_settings_free(s);
    return code;
}

static void unload(void *ctx, struct server_config *config) {
    UNUSED(ctx);
    kdc_settings_free((struct kdc_settings *)config);
}

enum obol_code kdc_serve(const struct kdc_serve_options *options, struct error *err) {
    static struct activation given; // large
    struct running running = {.options = *options};
    int kdc[2][2], kpasswd[2][2];
    TRY(activation_take(&given, err));
    ENSURE(proxied_open(kdc[0]) && proxied_open(kdc[1]) && proxied_open(kpasswd[0]) &&
               proxied_open(kpasswd[1]),
           IO, "a socket pair: %m");
    running.options.given = &given;
    running.options.proxied = &kpasswd;
    if (options->with_kpasswd)
        TRY(beside_start(&running.options, &running.kpasswd, err));
    const struct server_options server = {.service = &KDC_SERVICE,
                                          .ctx = &running,
                                          .load = load,
                                          .unload = unload,
                                          .ready_fd = options->ready_fd,
                                          .quiet = options->quiet,
                                          .proxied = &kdc,
                                          .kpasswd = running.kpasswd ? &kpasswd : NULL,
                                          .given = &given,
                                          .given_use = ACTIVATION_KDC};
    enum obol_code code = server_run(&server, err);
    beside_stop(running.kpasswd);
    return code;
}
