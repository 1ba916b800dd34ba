// kdc_service.c: the KDC as a service of the daemon: one struct kdc a worker over a store of its
// own, its events become the daemon's; see kdc_serve.h.
#include "crypto/crypto.h"
#include "kdc/peek.h"
#include "proto/codes.h"
#include "server/activation.h"
#include "server/beside.h"
#include "server/kdc_keep.h"
#include "server/kdc_settings.h"
#include "server/metrics.h"
#include "server/proxied.h"
#include "store/store.h"
#include <stdlib.h>

enum {
    LOCKOUT_ACCOUNTS = 65536, // with failures that are not forgotten yet
    FETCHES = 8,              // a request may wait for so many records
    ADDR_INET = 2,            // RFC 4120 7.5.3
    ADDR_INET6 = 24,
    KDC_REALM_MAX = 256, // bytes of a name
};

// One of the realms that a worker serves.
struct kdc_realm {
    struct slice name;
    struct store *store;
    struct master *master;
    struct kdc *kdc;
};
struct kdc_worker {
    struct kdc_realm realms[KDC_REALMS_MAX];
    size_t count;
    bool audit; // tickets are given their ids
};

// The tables of failed logins, one a realm, in memory that all processes share. The list of them is
// the parent's, and the children's as they were forked.
struct lockouts {
    struct {
        uint8_t name[KDC_REALM_MAX];
        size_t len;
        struct lockout *table;
    } realms[KDC_REALMS_MAX];
    size_t count;
};

// The table of a realm, made when it is first asked for: at the start, or by the parent's look at
// the configuration of a reload.
static struct lockout *lockout_of(struct lockouts *all, struct slice realm) {
    for (size_t i = 0; i < all->count; i++)
        if (slice_eq(slice_of(all->realms[i].name, all->realms[i].len), realm))
            return all->realms[i].table;
    if (all->count == COUNT_OF(all->realms) || realm.len > sizeof all->realms[0].name)
        return NULL; // the worker has one of its own then
    struct lockout *table = lockout_new(LOCKOUT_ACCOUNTS);
    if (!table)
        return NULL;
    memcpy(all->realms[all->count].name, realm.ptr, realm.len);
    all->realms[all->count].len = realm.len;
    all->realms[all->count++].table = table;
    return table;
}

static enum obol_code kdc_service_share(const void *config, void **shared, struct error *err) {
    UNUSED(config);
    *shared = calloc(1, sizeof(struct lockouts));
    ENSURE(*shared, NO_MEMORY, "the table of failed logins");
    return OBOL_OK;
}

static void kdc_service_unshare(void *shared) {
    struct lockouts *all = shared;
    for (size_t i = 0; i < all->count; i++)
        lockout_free(all->realms[i].table);
    free(all);
}

static void kdc_service_close(void *state) {
    struct kdc_worker *w = state;
    if (!w)
        return;
    for (size_t i = 0; i < w->count; i++) {
        kdc_free(w->realms[i].kdc);
        master_free(w->realms[i].master);
        store_close(w->realms[i].store);
    }
    free(w);
}

static enum obol_code open_realm(struct kdc_realm *r, const struct kdc_settings *s, void *shared,
                                 struct error *err) {
    struct store_options options = s->store;
    options.read_only = true;
    r->name = s->realm;
    TRY(store_open(&r->store, &STORE_LMDB, &options, err));
    TRY(master_load(&r->master, s->master_path, err));
    const struct kdc_config config = {.realm = s->realm,
                                      .policy = s->policy,
                                      .store = r->store,
                                      .master = r->master,
                                      .lockout = lockout_of(shared, s->realm),
                                      .pkinit = s->pki_identity ? &s->pkinit : NULL,
                                      .env = env_system()};
    return kdc_new(&r->kdc, &config, err);
}

static enum obol_code kdc_service_open(const void *config, void *shared, void **state,
                                       struct error *err) {
    const struct kdc_settings *s = config, *one;
    struct kdc_worker *w = calloc(1, sizeof *w);
    ENSURE_MEMORY(w);
    enum obol_code code = OBOL_OK;
    w->audit = s->server.audit_path != NULL;
    while (code == OBOL_OK && (one = kdc_settings_at(s, w->count)) != NULL) {
        code = open_realm(&w->realms[w->count++], one, shared, err);
        if (code != OBOL_OK)
            error_fact(err, "realm", "%.*s", SLICE_ARG(one->realm));
    }
    if (code != OBOL_OK) {
        kdc_service_close(w);
        return code;
    }
    *state = w;
    return OBOL_OK;
}

static enum obol_code kdc_service_renew(void *state, struct error *err) {
    struct kdc_worker *w = state;
    enum obol_code result = OBOL_OK;
    for (size_t i = 0; i < w->count; i++) { // one that fails takes nothing from the others
        enum obol_code code = kdc_renew(w->realms[i].kdc, err);
        result = result == OBOL_OK ? code : result;
    }
    return result;
}

static void kdc_service_release(void *state) {
    struct kdc_worker *w = state;
    for (size_t i = 0; i < w->count; i++)
        kdc_release(w->realms[i].kdc);
}

static void kdc_service_count(void *state, struct metrics *metrics) {
    struct kdc_worker *w = state;
    metrics->record_lookups = metrics->records_decoded = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct kdc_counts counts;
        kdc_count(w->realms[i].kdc, &counts);
        metrics->record_lookups += counts.lookups;
        metrics->records_decoded += counts.decoded;
    }
}

// The KDC of the realm that a request is for; that of the home itself tells whoever asks for one
// that is not served here (KDC_ERR_WRONG_REALM).
static struct kdc *kdc_of(const struct kdc_worker *w, struct slice request) {
    struct kdc_peek peek;
    if (w->count == 1 || !kdc_peek(request, &peek))
        return w->realms[0].kdc;
    for (size_t i = 1; i < w->count; i++)
        if (slice_eq(w->realms[i].name, peek.realm))
            return w->realms[i].kdc;
    return w->realms[0].kdc;
}

// The client's name and its realm, which stand side by side in the request.
static struct slice kdc_service_subject(void *state, struct slice request) {
    struct kdc_peek peek;
    UNUSED(state);
    if (!kdc_peek(request, &peek) || peek.client.len == 0)
        return (struct slice){0};
    return slice_of(peek.client.ptr, (size_t)(peek.realm.ptr + peek.realm.len - peek.client.ptr));
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

static struct slice id_of(struct slice cipher, struct arena *a) {
    struct buf id = cipher.len ? arena_buf(a, EVENT_ID_BYTES) : (struct buf){0};
    if (!id.ptr || crypto_digest(CKSUMTYPE_SHA1, cipher, id, NULL) != OBOL_OK)
        return (struct slice){0};
    return slice_of_buf(id);
}

// What the audit log has besides.
static void take_audit(const struct kdc_event *from, struct arena *a, struct event *to) {
    to->ticket_id = id_of(from->ticket, a);
    to->presented_id = id_of(from->presented, a);
    to->second_id = id_of(from->second, a);
    to->preauth = slice_str(from->preauth);
    to->kdc_options = from->kdc_options;
    to->ticket_flags = from->ticket_flags;
    to->authtime = from->authtime;
    to->starttime = from->starttime;
    to->endtime = from->endtime;
    to->renew_till = from->renew_till;
}

static void take_event(const struct kdc_event *from, struct arena *a, struct event *to) {
    to->kind = from->retransmission            ? EVENT_OTHER
               : from->msg_type == KRB_AS_REQ  ? EVENT_AS
               : from->msg_type == KRB_TGS_REQ ? EVENT_TGS
                                               : EVENT_MALFORMED;
    to->result = from->code;
    to->retransmitted = from->retransmission;
    to->client = from->act_for.len ? from->act_for : from->client;
    to->requester = from->requester;
    to->server = from->service;
    // A repeated login may be one that needed no proof, and an anonymous one (RFC 8062) has none:
    // by UDP they are not answered at length.
    bool proof = from->preauth || from->login == KDC_LOGIN_SUCCESS;
    bool anonymous = slice_starts(from->client, SLICE_LITERAL("WELLKNOWN/ANONYMOUS@"));
    to->proven = from->retransmission ? from->msg_type == KRB_TGS_REQ
                                      : from->proven || (proof && !anonymous);
    to->record = from->client_principal;
    to->etype_reply = from->reply_etype;
    to->etype_ticket = from->ticket_etype;
    to->etype_session = from->session_etype;
    to->account = from->login == KDC_LOGIN_SUCCESS   ? EVENT_ACCOUNT_SUCCESS
                  : from->login == KDC_LOGIN_FAILURE ? EVENT_ACCOUNT_FAILURE
                                                     : EVENT_ACCOUNT_NONE;
    to->token = from->token;
    to->token_counter = from->token_counter;
    if (from->hidden)
        to->detail = from->hidden_why;
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
                                  .sender = sender_of(rq->peer),
                                  .answer = rq->known}; // udp.c bounds the reply
    struct kdc_result result;
    struct kdc *kdc = kdc_of(w, rq->bytes);
    enum obol_code code = kdc_handle(kdc, &request, a, &result);
    // The stores so far have every record at hand; a slower one is asked again right away.
    for (int i = 0; i < FETCHES && code == OBOL_NEED && !result.question.number; i++)
        code = kdc_resume(kdc, &result);
    if (code == OBOL_NEED) {
        *rq->question = result.question;
        kdc_abandon(kdc, &result);
        event->result = OBOL_NEED;
        return (struct slice){0};
    }
    take_event(&result.event, a, event);
    if (w->audit)
        take_audit(&result.event, a, event);
    return result.reply;
}

static struct slice kdc_service_refuse(void *state, enum obol_code code, struct arena *a) {
    return kdc_refuse(((struct kdc_worker *)state)->realms[0].kdc, code, a);
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
    .subject = kdc_service_subject,
    .count = kdc_service_count,
    .close = kdc_service_close,
    .keep_open = kdc_keep_open,
    .keep = kdc_keep,
    .keep_commit = kdc_keep_commit,
    .keep_close = kdc_keep_close,
};

// The KDC as it runs.
struct running {
    struct kdc_serve_options options;
    pid_t kpasswd, kadmind; // 0: none
    bool started;
};

static enum obol_code load(void *ctx, struct server_config **out, struct error *err) {
    struct running *running = ctx;
    struct kdc_settings *s = NULL;
    // Even a configuration that is refused may mean a log that was rotated.
    if (running->started) {
        beside_reload(running->kpasswd);
        beside_reload(running->kadmind);
    }
    running->started = true;
    TRY(kdc_settings_load(&s, &running->options, err));
    enum obol_code code = kdc_settings_https(s, running->options.home, err);
    if (code == OBOL_OK)
        code = kdc_radius_join(s, err);
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
    if (options->with_others) {
        TRY(beside_start(BESIDE_KPASSWD, false, &running.options, &running.kpasswd, err));
        TRY(beside_start(BESIDE_KADMIND, false, &running.options, &running.kadmind, err));
    }
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
    beside_stop(running.kadmind);
    beside_stop(running.kpasswd);
    return code;
}
