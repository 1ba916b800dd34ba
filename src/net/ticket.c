// ticket.c: drives the TGS client (RFC 4120 3.3): looks into the cache, picks the TGT to begin
// with, carries messages or lets others carry them, stores what came.
#include "net/ticket.h"

#include "net/host.h"

static int64_t machine_now(const struct ticket_machine *m) {
    return env_now(net_env(&m->net)) + (m->cache.has_offset ? m->cache.offset : 0);
}

static enum obol_code find(const struct ticket_machine *m, const struct principal *server,
                           bool any_realm, const struct cred **out, struct error *err) {
    struct ccache_query query = {
        .client = &m->cache.principal,
        .server = server,
        .any_realm = any_realm,
        .etypes = m->params.etypes,
        .user_to_user = (m->params.options & KDC_OPT_ENC_TKT_IN_SKEY) != 0,
        .second_ticket = m->params.second_ticket,
        .now = machine_now(m),
        .clockskew = m->net.conf->clockskew,
    };
    if (m->params.options & KDC_OPT_FORWARDED)
        query.flags |= TKT_FORWARDED;
    return ccache_find(&m->cache, &query, out, err);
}

static enum obol_code find_tgt_of(const struct ticket_machine *m, struct slice target,
                                  bool any_realm, const struct cred **out, struct error *err) {
    struct principal tgt;
    TRY(principal_krbtgt(target, ccache_start_realm(&m->cache), m->arena, &tgt, err));
    struct ccache_query query = {
        .client = &m->cache.principal,
        .server = &tgt,
        .any_realm = any_realm,
        .now = machine_now(m),
        .clockskew = m->net.conf->clockskew,
    };
    return ccache_find(&m->cache, &query, out, err);
}

// A TGT of the service's realm that an earlier walk has left, else that of the client's realm.
static enum obol_code find_tgt(const struct ticket_machine *m, const struct cred **out,
                               struct error *err) {
    struct slice realm = m->params.service.realm, start = ccache_start_realm(&m->cache);
    // In a user's name it is always our own realm that is asked first.
    if (!m->params.act_for && realm.len && !slice_eq(realm, start) &&
        find_tgt_of(m, realm, true, out, NULL) == OBOL_OK)
        return OBOL_OK;
    return find_tgt_of(m, start, false, out, err);
}

static enum obol_code tgs_params_of(const struct ticket_machine *m, const struct cred *tgt,
                                    struct tgs_params *out, struct error *err) {
    const struct krb5conf *conf = m->net.conf;
    // RFC 8062 4.2: with an anonymous TGT only anonymous tickets may be asked for.
    const uint32_t common = TKT_FORWARDABLE | TKT_PROXIABLE | TKT_RENEWABLE | TKT_ANONYMOUS;
    struct slice known;
    *out = (struct tgs_params){
        .tgt = tgt,
        .service = m->params.service,
        .etypes = m->params.etypes.count ? m->params.etypes : conf->default_tgs_enctypes,
        .allow_weak = true, // krb5.conf has struck what it does not allow
        .options = (tgt->flags & common) | KDC_OPT_CANONICALIZE | m->params.options,
        .addresses = m->params.addresses,
        .endtime = m->params.endtime && m->params.endtime < tgt->endtime ? m->params.endtime : 0,
        .renew_till = tgt->flags & TKT_RENEWABLE ? tgt->renew_till : 0,
        .additional_ticket = m->params.second_ticket,
        .clock_offset = m->cache.has_offset ? m->cache.offset : 0,
        .clockskew = conf->clockskew,
        .act_for = m->params.act_for,
        .s4u_self = m->params.s4u_self,
        .certificate = m->params.certificate,
        .fast = ccache_get_config(&m->cache, "fast_avail", &tgt->server, &known),
    };
    struct slice from = principal_is_krbtgt(&tgt->server.name)
                            ? tgt->server.name.name_string.items[1]
                            : tgt->server.realm;
    struct slice to = out->s4u_self && out->act_for ? out->act_for->realm : out->service.realm;
    if (to.len && !slice_eq(from, to))
        ENSURE(krb5conf_path(conf, from, to, m->arena, &out->path), NO_MEMORY,
               "the path from %.*s to %.*s", SLICE_ARG(from), SLICE_ARG(to));
    return OBOL_OK;
}

// Programs take whichever ticket they find first, so one of an older key must not stay.
static enum obol_code forget(const struct ticket_machine *m, const struct cred *creds, size_t count,
                             struct error *err) {
    for (size_t i = 0; i < count; i++) {
        struct error none;
        error_init(&none);
        if (principal_is_krbtgt(&creds[i].server.name))
            continue; // what others rest on
        if (ccache_remove(m->params.cache, &creds[i].server, &none) != OBOL_OK &&
            none.code != OBOL_NOT_FOUND)
            return net_fail(err, &none);
    }
    return OBOL_OK;
}

// The ticket goes in under its own name, and under the one it was asked for by if that differs, so
// that the next look-up finds it.
static enum obol_code store(const struct ticket_machine *m, struct error *err) {
    struct cred creds[CLIENT_HOPS_MAX + 2];
    size_t n = 0;
    for (; n < m->client.tgt_count; n++)
        creds[n] = m->client.tgts[n];
    creds[n++] = m->client.ticket;
    bool same_name = principal_name_eq(&m->client.ticket.server.name, &m->params.service.name);
    bool same_realm = m->params.service.realm.len == 0 ||
                      slice_eq(m->params.service.realm, m->client.ticket.server.realm);
    if (!same_name || !same_realm) {
        creds[n] = m->client.ticket;
        creds[n].server.name = m->params.service.name;
        if (m->params.service.realm.len)
            creds[n].server.realm = m->params.service.realm;
        n++;
    }
    if (m->params.replace)
        TRY(forget(m, creds, n, err));
    return ccache_store(m->params.cache, creds, n, err);
}

static void begin(struct ticket_machine *m, const struct net *net,
                  const struct ticket_params *params, struct arena *a) {
    *m = (struct ticket_machine){.net = *net, .params = *params, .arena = a};
}

// Who is named by a certificate alone has no name in a request for his realm (MS-SFU 3.1.5.1.1.1).
static struct principal_name unnamed(void) {
    static struct slice empty = {(const uint8_t *)"", 0};
    return (struct principal_name){NT_X500_PRINCIPAL, {&empty, 1}};
}

// RFC 6806 5, 7: the realm of an enterprise name, or of a certificate, is known to the KDC of ours,
// which names another in its refusal to log him in there. Nobody vouches for that: what the other's
// KDC says of him is believed as far as our KDC trusts it.
static enum obol_code begin_whose(struct ticket_machine *m, struct error *err) {
    const struct krb5conf *conf = m->net.conf;
    const struct slice none = {0};
    bool named = m->params.act_for != NULL;
    m->user = named ? *m->params.act_for : (struct principal){0};
    m->params.act_for = &m->user;
    if (!m->user.realm.len)
        m->user.realm = m->cache.principal.realm;
    const struct slice_list *names = &m->user.name.name_string;
    bool asks = m->user.name.name_type == NT_ENTERPRISE && names->count == 1 &&
                slice_find(names->items[0], '@') < names->items[0].len;
    if (named && !asks)
        return OBOL_OK;
    const struct as_params params = {
        .client = {m->user.realm, named ? m->user.name : unnamed()},
        .certificate = named ? none : m->params.certificate,
        .etypes = conf->default_tkt_enctypes,
        .allow_weak = true, // krb5.conf has struck what it does not allow
        .options = KDC_OPT_CANONICALIZE,
        .only_realm = true,
    };
    m->whose = arena_zalloc(m->arena, 1, sizeof *m->whose);
    ENSURE_MEMORY(m->whose);
    return as_client_init(m->whose, &params, net_env(&m->net), m->arena, err);
}

static enum obol_code step_whose(struct ticket_machine *m, struct slice reply,
                                 struct client_output *want, struct error *err) {
    TRY(as_client_step(m->whose, reply, want, err));
    if (want->want != CLIENT_DONE)
        return OBOL_OK;
    m->user.realm = m->whose->client.realm;
    as_client_clear(m->whose);
    m->whose = NULL;
    return tgs_params_of(m, m->tgs.tgt, &m->tgs, err);
}

enum obol_code ticket_begin(struct ticket_machine *m, const struct net *net,
                            const struct ticket_params *params, struct arena *a,
                            struct error *err) {
    const struct cred *found;
    struct error missing;
    error_init(&missing);
    begin(m, net, params, a);
    TRY(ccache_read(params->cache, a, &m->cache, err));
    if (!params->no_cached) {
        enum obol_code code =
            find(m, &params->service, params->service.realm.len == 0, &found, &missing);
        if (code == OBOL_OK) {
            m->found = *found;
            m->from_cache = true;
            return OBOL_OK;
        }
        if (params->cached_only)
            return net_fail(err, &missing);
    }
    if (params->s4u_self) {
        ENSURE(params->act_for || params->certificate.len, INVALID_ARGUMENT,
               "the user is neither named nor shown by a certificate");
        TRY(begin_whose(m, err));
    }
    TRY(find_tgt(m, &found, err));
    return tgs_params_of(m, found, &m->tgs, err);
}

// A renewed TGT is all that its cache then holds.
static enum obol_code store_renewed(struct ticket_machine *m, struct error *err) {
    struct ccache_content content = m->cache;
    content.creds = &m->client.ticket;
    content.count = 1;
    return ccache_initialize(m->params.cache, &content, err);
}

// MS-SFU 3.2.5.2: what the KDC refuses is the delegation, not an option of the user's.
static void tell_delegation(const struct ticket_machine *m, enum obol_code code,
                            struct error *err) {
    const struct ticket_params *p = &m->params;
    if (!p->act_for || !(p->options & (uint32_t)KDC_OPT_CNAME_IN_ADDL_TKT) ||
        (code != OBOL_KDC_ERR_BADOPTION && code != OBOL_KDC_ERR_POLICY))
        return;
    struct principal towards = p->service;
    if (!towards.realm.len) // the KDC was to find it
        towards.realm = m->tgs.tgt->client.realm;
    error_fact(err, "acts for", "%.*s", SLICE_ARG(principal_text(p->act_for, m->arena)));
    error_remedy(err,
                 "Constrained delegation: let the KDC allow %.*s to act for users towards %.*s "
                 "(obol principal set --delegate-to; in AD msDS-AllowedToDelegateTo); the user's "
                 "ticket must be forwardable.",
                 SLICE_ARG(principal_text(&m->tgs.tgt->client, m->arena)),
                 SLICE_ARG(principal_text(&towards, m->arena)));
}

enum obol_code ticket_step(struct ticket_machine *m, struct slice reply, struct client_output *want,
                           struct ticket_result *out, struct error *err) {
    *out = (struct ticket_result){.clock_offset = m->cache.has_offset ? m->cache.offset : 0};
    if (m->from_cache) {
        *want = (struct client_output){.want = CLIENT_DONE};
        out->ticket = m->found;
        out->from_cache = true;
        return OBOL_OK;
    }
    if (m->whose) {
        TRY(step_whose(m, reply, want, err));
        if (m->whose)
            return OBOL_OK;
        reply = (struct slice){0};
    }
    if (!m->started)
        TRY(tgs_client_init(&m->client, &m->tgs, net_env(&m->net), m->arena, err));
    m->started = true;
    enum obol_code code = tgs_client_step(&m->client, reply, want, err);
    if (code != OBOL_OK)
        tell_delegation(m, code, err);
    TRY(code);
    if (want->want != CLIENT_DONE)
        return OBOL_OK;
    out->ticket = m->client.ticket;
    out->round_trips = m->client.round_trips;
    if (m->renews)
        return store_renewed(m, err);
    return m->params.no_store ? OBOL_OK : store(m, err);
}

void ticket_end(struct ticket_machine *m) {
    if (m->whose)
        as_client_clear(m->whose);
    m->whose = NULL;
    if (m->started)
        tgs_client_clear(&m->client);
    m->started = false;
}

static enum obol_code exchange(struct ticket_machine *m, const struct net *net,
                               struct ticket_result *out, struct error *err) {
    struct client_output want;
    struct slice reply = {0};
    for (;;) {
        enum obol_code code = ticket_step(m, reply, &want, out, err);
        if (code != OBOL_OK && reply.len)
            net_tell_kdc(net->memory, err);
        TRY(code);
        if (want.want == CLIENT_DONE)
            return OBOL_OK;
        TRY(net_exchange(net, want.realm, want.message, want.tcp, m->arena, &reply, err));
    }
}

// Which service was asked for, of whom and by whose ticket: that may not be what the user meant.
static void tell_request(const struct ticket_machine *m, struct error *err) {
    const struct principal *service = &m->params.service;
    net_fact(err, "service", principal_text(service, m->arena));
    if (!service->realm.len && !m->renews)
        net_fact(err, "realm of the service",
                 SLICE_LITERAL("not in [domain_realm] of krb5.conf: the client's KDC is asked"));
    if (m->params.cache)
        net_fact(err, "cache", ccache_name(m->params.cache));
}

// Runs a machine that was begun over the network.
static enum obol_code drive(struct ticket_machine *m, enum obol_code begun,
                            struct ticket_result *out, struct error *err) {
    struct net_memory memory = {0};
    struct net net = m->net;
    if (!net.memory)
        net.memory = &memory;
    enum obol_code code = begun == OBOL_OK ? exchange(m, &net, out, err) : begun;
    if (code != OBOL_OK)
        tell_request(m, err);
    return code;
}

enum obol_code net_ticket(const struct net *net, const struct ticket_params *params,
                          struct arena *a, struct ticket_result *out, struct error *err) {
    CLEANUP(ticket_end) struct ticket_machine m = {.net = *net};
    *out = (struct ticket_result){0};
    return drive(&m, ticket_begin(&m, net, params, a, err), out, err);
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

enum obol_code ticket_renew_begin(struct ticket_machine *m, const struct net *net,
                                  struct ccache *cache, bool validate, struct arena *a,
                                  struct error *err) {
    const struct ticket_params params = {.cache = cache};
    const struct cred *tgt = NULL;
    begin(m, net, &params, a);
    m->renews = true;
    TRY(ccache_read(cache, a, &m->cache, err));
    struct slice realm = ccache_start_realm(&m->cache);
    TRY(principal_krbtgt(realm, realm, a, &m->params.service, err));
    // A ticket that is to be validated is not valid yet, which ccache_find would not give.
    for (size_t i = 0; i < m->cache.count; i++)
        if (principal_eq(&m->cache.creds[i].server, &m->params.service))
            tgt = &m->cache.creds[i];
    ENSURE(tgt, CRED_NOT_FOUND, "the cache %.*s holds no TGT of %.*s",
           SLICE_ARG(ccache_name(cache)), SLICE_ARG(realm));
    TRY(check_renewable(tgt, validate, a, err));
    TRY(tgs_params_of(m, tgt, &m->tgs, err));
    m->tgs.options = (m->tgs.options & ~(uint32_t)KDC_OPT_CANONICALIZE) |
                     (validate ? KDC_OPT_VALIDATE : KDC_OPT_RENEW);
    return OBOL_OK;
}

enum obol_code net_renew(const struct net *net, struct ccache *cache, bool validate,
                         struct arena *a, struct ticket_result *out, struct error *err) {
    CLEANUP(ticket_end) struct ticket_machine m = {.net = *net};
    *out = (struct ticket_result){0};
    return drive(&m, ticket_renew_begin(&m, net, cache, validate, a, err), out, err);
}
