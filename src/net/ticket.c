// ticket.c: drives the TGS client (RFC 4120 3.3): looks into the cache, picks the TGT to begin
// with, carries messages, stores what came.
#include "net/ticket.h"

#include "net/host.h"

struct fetch {
    struct net net; // with a memory
    struct net_memory memory;
    const struct ticket_params *params;
    struct arena *arena;
    struct ccache_content cache;
    struct tgs_client client;
};

static void fetch_clear(struct fetch *f) {
    tgs_client_clear(&f->client);
}

static void fetch_remember(struct fetch *f) {
    if (!f->net.memory)
        f->net.memory = &f->memory;
}

static int64_t fetch_now(const struct fetch *f) {
    return env_now(net_env(&f->net)) + (f->cache.has_offset ? f->cache.offset : 0);
}

static enum obol_code find(const struct fetch *f, const struct principal *server, bool any_realm,
                           const struct cred **out, struct error *err) {
    struct ccache_query query = {
        .client = &f->cache.principal,
        .server = server,
        .any_realm = any_realm,
        .etypes = f->params->etypes,
        .user_to_user = (f->params->options & KDC_OPT_ENC_TKT_IN_SKEY) != 0,
        .second_ticket = f->params->second_ticket,
        .now = fetch_now(f),
        .clockskew = f->net.conf->clockskew,
    };
    if (f->params->options & KDC_OPT_FORWARDED)
        query.flags |= TKT_FORWARDED;
    return ccache_find(&f->cache, &query, out, err);
}

static enum obol_code find_tgt_of(const struct fetch *f, struct slice target, bool any_realm,
                                  const struct cred **out, struct error *err) {
    struct principal tgt;
    TRY(principal_krbtgt(target, f->cache.principal.realm, f->arena, &tgt, err));
    struct ccache_query query = {
        .client = &f->cache.principal,
        .server = &tgt,
        .any_realm = any_realm,
        .now = fetch_now(f),
        .clockskew = f->net.conf->clockskew,
    };
    return ccache_find(&f->cache, &query, out, err);
}

// A TGT of the service's realm that an earlier walk has left, else that of the client's realm.
static enum obol_code find_tgt(const struct fetch *f, const struct cred **out, struct error *err) {
    struct slice realm = f->params->service.realm;
    if (realm.len && !slice_eq(realm, f->cache.principal.realm) &&
        find_tgt_of(f, realm, true, out, NULL) == OBOL_OK)
        return OBOL_OK;
    return find_tgt_of(f, f->cache.principal.realm, false, out, err);
}

static enum obol_code tgs_params_of(const struct fetch *f, const struct cred *tgt,
                                    struct tgs_params *out, struct error *err) {
    const struct krb5conf *conf = f->net.conf;
    const uint32_t common = TKT_FORWARDABLE | TKT_PROXIABLE | TKT_RENEWABLE;
    *out = (struct tgs_params){
        .tgt = tgt,
        .service = f->params->service,
        .etypes = f->params->etypes.count ? f->params->etypes : conf->default_tgs_enctypes,
        .allow_weak = true, // krb5.conf has struck what it does not allow
        .options = (tgt->flags & common) | KDC_OPT_CANONICALIZE | f->params->options,
        .endtime = f->params->endtime && f->params->endtime < tgt->endtime ? f->params->endtime : 0,
        .renew_till = tgt->flags & TKT_RENEWABLE ? tgt->renew_till : 0,
        .additional_ticket = f->params->second_ticket,
        .clock_offset = f->cache.has_offset ? f->cache.offset : 0,
        .clockskew = conf->clockskew,
        .act_for = f->params->act_for,
        .s4u_self = f->params->s4u_self,
    };
    struct slice from = principal_is_krbtgt(&tgt->server.name)
                            ? tgt->server.name.name_string.items[1]
                            : tgt->server.realm;
    if (out->service.realm.len && !slice_eq(from, out->service.realm))
        ENSURE(krb5conf_path(conf, from, out->service.realm, f->arena, &out->path), NO_MEMORY,
               "the path from %.*s to %.*s", SLICE_ARG(from), SLICE_ARG(out->service.realm));
    return OBOL_OK;
}

static enum obol_code drive(struct fetch *f, const struct tgs_params *params, struct error *err) {
    struct client_output want;
    struct slice reply = {0};
    TRY(tgs_client_init(&f->client, params, net_env(&f->net), f->arena, err));
    for (;;) {
        TRY(tgs_client_step(&f->client, reply, &want, err));
        if (want.want == CLIENT_DONE)
            return OBOL_OK;
        TRY(net_exchange(&f->net, want.realm, want.message, want.tcp, f->arena, &reply, err));
    }
}

// The ticket goes in under its own name, and under the one it was asked for by if that differs, so
// that the next look-up finds it.
static enum obol_code store(const struct fetch *f, struct error *err) {
    struct cred creds[CLIENT_HOPS_MAX + 2];
    size_t n = 0;
    for (; n < f->client.tgt_count; n++)
        creds[n] = f->client.tgts[n];
    creds[n++] = f->client.ticket;
    bool same_name = principal_name_eq(&f->client.ticket.server.name, &f->params->service.name);
    bool same_realm = f->params->service.realm.len == 0 ||
                      slice_eq(f->params->service.realm, f->client.ticket.server.realm);
    if (!same_name || !same_realm) {
        creds[n] = f->client.ticket;
        creds[n].server.name = f->params->service.name;
        if (f->params->service.realm.len)
            creds[n].server.realm = f->params->service.realm;
        n++;
    }
    return ccache_store(f->params->cache, creds, n, err);
}

enum obol_code net_ticket(const struct net *net, const struct ticket_params *params,
                          struct arena *a, struct ticket_result *out, struct error *err) {
    CLEANUP(fetch_clear) struct fetch f = {.net = *net, .params = params, .arena = a};
    fetch_remember(&f);
    const struct cred *found;
    struct tgs_params tgs;
    *out = (struct ticket_result){0};
    TRY(ccache_read(params->cache, a, &f.cache, err));
    out->clock_offset = f.cache.has_offset ? f.cache.offset : 0;
    struct error missing;
    error_init(&missing);
    if (!params->no_cached) {
        enum obol_code code =
            find(&f, &params->service, params->service.realm.len == 0, &found, &missing);
        if (code == OBOL_OK) {
            out->ticket = *found;
            out->from_cache = true;
            return OBOL_OK;
        }
        if (params->cached_only)
            return net_fail(err, &missing);
    }
    TRY(find_tgt(&f, &found, err));
    TRY(tgs_params_of(&f, found, &tgs, err));
    TRY(drive(&f, &tgs, err));
    out->ticket = f.client.ticket;
    out->round_trips = f.client.round_trips;
    return params->no_store ? OBOL_OK : store(&f, err);
}

enum obol_code net_ticket_for_host(const struct net *net, const struct ticket_params *params,
                                   struct slice service, struct slice host, struct arena *a,
                                   struct ticket_result *out, struct error *err) {
    struct principal names[NET_HOST_NAMES_MAX];
    struct ticket_params one = *params;
    size_t count;
    TRY(net_host_service(net, service, host, a, names, &count, err));
    for (size_t i = 0;; i++) {
        struct error failed;
        error_init(&failed);
        one.service = names[i];
        enum obol_code code = net_ticket(net, &one, a, out, &failed);
        if (code == OBOL_OK)
            return OBOL_OK;
        bool another = code == OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN && i + 1 < count;
        if (!another)
            return net_fail(err, &failed);
    }
}

// A KDC would refuse these with a bare number.
static enum obol_code check_renewable(const struct cred *tgt, bool validate, struct arena *a,
                                      struct error *err) {
    struct slice client = principal_text(&tgt->client, a);
    bool fits = tgt->flags & (uint32_t)(validate ? TKT_INVALID : TKT_RENEWABLE);
    if (fits)
        return OBOL_OK;
    if (validate) {
        error_remedy(err, "Use it as it is; only a postdated ticket, obol login --start, is "
                          "validated when its time has come.");
        ENSURE(false, KDC_ERR_BADOPTION, "the TGT of %.*s is valid already", SLICE_ARG(client));
    }
    error_remedy(err, "Log in again with obol login --renewable 7d, or set renew_lifetime in "
                      "krb5.conf.");
    ENSURE(false, KDC_ERR_BADOPTION, "the TGT of %.*s is not renewable", SLICE_ARG(client));
}

enum obol_code net_renew(const struct net *net, struct ccache *cache, bool validate,
                         struct arena *a, struct ticket_result *out, struct error *err) {
    struct ticket_params params = {.cache = cache};
    CLEANUP(fetch_clear) struct fetch f = {.net = *net, .params = &params, .arena = a};
    fetch_remember(&f);
    const struct cred *tgt = NULL;
    *out = (struct ticket_result){0};
    TRY(ccache_read(cache, a, &f.cache, err));
    TRY(principal_krbtgt(f.cache.principal.realm, f.cache.principal.realm, a, &params.service,
                         err));
    // A ticket that is to be validated is not valid yet, which ccache_find would not give.
    for (size_t i = 0; i < f.cache.count; i++)
        if (principal_eq(&f.cache.creds[i].server, &params.service))
            tgt = &f.cache.creds[i];
    ENSURE(tgt, CRED_NOT_FOUND, "the cache %.*s holds no TGT of %.*s",
           SLICE_ARG(ccache_name(cache)), SLICE_ARG(f.cache.principal.realm));
    struct tgs_params tgs;
    TRY(check_renewable(tgt, validate, a, err));
    TRY(tgs_params_of(&f, tgt, &tgs, err));
    tgs.options = (tgs.options & ~(uint32_t)KDC_OPT_CANONICALIZE) |
                  (validate ? KDC_OPT_VALIDATE : KDC_OPT_RENEW);
    TRY(drive(&f, &tgs, err));
    out->ticket = f.client.ticket;
    out->round_trips = f.client.round_trips;
    out->clock_offset = f.cache.has_offset ? f.cache.offset : 0;
    struct cred kept = out->ticket;
    f.cache.creds = &kept;
    f.cache.count = 1;
    return ccache_initialize(cache, &f.cache, err);
}
