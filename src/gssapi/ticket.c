// ticket.c: tickets for contexts: from the cache as it was last read, else from the KDC; see
// cred.h.
#include "net/ticket.h"
#include "cred/select.h"
#include "gssapi/part.h"
#include "net/host.h"
#include "proto/codes.h"

// The part that begins contexts: of the credential, else the default of this moment, made anew.
static enum obol_code initiator_part(struct gss_cred_id_struct *cred, struct gssapi_part **out,
                                     struct error *err) {
    if (cred) {
        *out = cred_part_for(cred, GSS_C_INITIATE);
        ENSURE(*out, PERMISSION, "the credential is for accepting contexts only");
        return OBOL_OK;
    }
    *out = part_new(GSS_C_INITIATE);
    ENSURE_MEMORY(*out);
    (*out)->default_identity = true;
    return OBOL_OK;
}

struct fetch {
    struct gssapi_part *part;
    struct gssapi_conf *conf;
    const struct gssapi_target *target;
    uint32_t options;
    struct arena *arena;
    struct gssapi_ticket *out;
};

static struct int32_list etypes_of(const struct gssapi_part *part) {
    return (struct int32_list){(int32_t *)(uintptr_t)part->etypes, part->etype_count};
}

// A ticket that the cache holds. Options ask for one that the cache does not have.
static bool from_view(const struct fetch *f, const struct gssapi_view *view,
                      const struct principal *server) {
    const struct ccache_query query = {
        .client = &view->content.principal,
        .server = server,
        .any_realm = server->realm.len == 0,
        .etypes = etypes_of(f->part),
        .now = env_now(env_system()) + (view->content.has_offset ? view->content.offset : 0),
        .clockskew = f->conf->conf.clockskew,
    };
    const struct cred *found;
    if (f->options || ccache_find(&view->content, &query, &found, NULL) != OBOL_OK)
        return false;
    f->out->clock_offset = view->content.has_offset ? view->content.offset : 0;
    return cred_copy(found, f->arena, &f->out->cred, NULL) == OBOL_OK;
}

static bool from_cache(const struct fetch *f, const struct principal *servers, size_t count) {
    struct gssapi_view *view;
    if (gssapi_view_get(f->part->cache, &view, NULL) != OBOL_OK)
        return false;
    bool found = false;
    for (size_t i = 0; i < count && !found; i++)
        found = from_view(f, view, &servers[i]);
    gssapi_view_put(view);
    return found;
}

static enum obol_code fetch(const struct fetch *f, struct error *err) {
    const struct net net = {.conf = &f->conf->conf};
    const struct gss_name_struct *name = f->target->name;
    bool host = name && name->service.len && name->host.len && !name->mech;
    struct ticket_params params = {
        .cache = f->part->cache,
        .options = f->options,
        .etypes = etypes_of(f->part),
        .no_store = f->options != 0,
    };
    struct principal servers[NET_HOST_NAMES_MAX];
    size_t count = 1;
    if (host)
        TRY(net_host_service(&net, name->service, name->host, f->arena, servers, &count, err));
    else if (name)
        TRY(gssapi_name_principal(name, f->conf, f->arena, &servers[0], err));
    else
        servers[0] = f->target->principal;
    f->out->asked = servers[0];
    if (from_cache(f, servers, count))
        return OBOL_OK;
    if (f->part->impersonator)
        return part_proxy_ticket(f->part, f->conf, &servers[0], f->arena, &f->out->cred, err);
    if (f->target->lifetime)
        params.endtime = env_now(env_system()) + f->target->lifetime;
    struct ticket_result result;
    params.service = servers[0];
    if (host)
        TRY(net_ticket_for_host(&net, &params, name->service, name->host, f->arena, &result, err));
    else
        TRY(net_ticket(&net, &params, f->arena, &result, err));
    f->out->cred = result.ticket;
    f->out->clock_offset = result.clock_offset;
    return OBOL_OK;
}

// The service's name as far as it is known: a host's realm is not.
static enum obol_code target_principal(const struct fetch *f, struct principal *out,
                                       struct error *err) {
    const struct gss_name_struct *name = f->target->name;
    *out = f->target->principal;
    if (!name)
        return OBOL_OK;
    if (!name->service.len || !name->host.len || name->mech)
        return gssapi_name_principal(name, f->conf, f->arena, out, err);
    struct slice *parts = arena_zalloc(f->arena, 2, sizeof *parts);
    ENSURE_MEMORY(parts);
    parts[0] = name->service;
    parts[1] = name->host;
    *out = (struct principal){.name = {NT_SRV_HST, {parts, 2}}};
    return OBOL_OK;
}

// Where nobody was named, the service says whose tickets are taken: by .k5identity, and in a
// collection by its realm or its host. What nothing speaks for is the primary one's. Whom the rules
// want, and who has none, is logged in with the client keytab.
static enum obol_code choose_cache(struct fetch *f, struct error *err) {
    struct gssapi_part *part = f->part;
    struct principal server, client = principal_anonymous();
    struct slice name;
    struct error why;
    if (part->cache || part->name || part->has_password || part->iakerb || gssapi_thread_ccache())
        return OBOL_OK;
    TRY(ccache_default_name(&f->conf->conf, f->arena, &name, err));
    bool collects = ccache_kind_collects(slice_sub(name, 0, slice_find(name, ':')));
    if (!collects && !f->conf->has_identity)
        return OBOL_OK;
    // RFC 8062 6: a wish; where it is not fulfilled the context's flags say so.
    if (collects && f->target->anonymous &&
        ccache_match(&part->cache, &client, name, &f->conf->conf, f->arena, NULL) == OBOL_OK)
        return OBOL_OK;
    TRY(target_principal(f, &server, err));
    error_init(&why);
    enum obol_code code = OBOL_OK;
    if (collects)
        code = ccache_select(&part->cache, &client, &server, name, &f->conf->conf, f->arena, &why);
    else if (ccache_identity(&client, &server, &f->conf->conf, f->arena))
        code = ccache_match(&part->cache, &client, name, &f->conf->conf, f->arena, &why);
    if (code != OBOL_CCACHE_NOT_FOUND || client.name.name_string.count == 0 ||
        part_may_be(part, f->conf, &client, f->arena))
        return OBOL_OK;
    return error_set(err, OBOL_CRED_NOT_FOUND, __func__,
                     ".k5identity wants tickets of %.*s for %.*s, and no cache of %.*s is his",
                     SLICE_ARG(principal_text(&client, f->arena)),
                     SLICE_ARG(principal_text(&server, f->arena)), SLICE_ARG(name));
}

enum obol_code gssapi_cred_ticket(struct gss_cred_id_struct *cred,
                                  const struct gssapi_target *target, uint32_t options,
                                  struct arena *a, struct gssapi_ticket *out, struct error *err) {
    struct fetch f = {.target = target, .options = options, .arena = a, .out = out};
    *out = (struct gssapi_ticket){0};
    TRY(initiator_part(cred, &f.part, err));
    pthread_mutex_lock(&f.part->lock);
    enum obol_code code = gssapi_conf_get(&f.conf, err);
    if (code == OBOL_OK)
        code = choose_cache(&f, err);
    if (code == OBOL_OK)
        code = part_resolve(f.part, f.conf, err);
    if (code == OBOL_OK)
        code = fetch(&f, err);
    if (code != OBOL_OK && f.part->cache)
        net_fact(err, "cache", ccache_name(f.part->cache));
    out->ok_as_delegate = (out->cred.flags & TKT_OK_AS_DELEGATE) != 0;
    pthread_mutex_unlock(&f.part->lock);
    gssapi_conf_put(f.conf);
    part_drop(f.part);
    return code;
}

enum obol_code gssapi_cred_initiator(struct gss_cred_id_struct *cred, struct arena *a,
                                     struct principal *out, struct error *err) {
    struct gssapi_part *part;
    struct gssapi_conf *conf = NULL;
    TRY(initiator_part(cred, &part, err));
    pthread_mutex_lock(&part->lock);
    enum obol_code code = gssapi_conf_get(&conf, err);
    if (code == OBOL_OK)
        code = part_resolve(part, conf, err);
    if (code == OBOL_OK && !part->name)
        code = error_set(err, OBOL_CRED_NOT_FOUND, __func__, "nobody is logged in");
    if (code == OBOL_OK)
        code = gssapi_name_principal(part->name, conf, a, out, err);
    pthread_mutex_unlock(&part->lock);
    gssapi_conf_put(conf);
    part_drop(part);
    return code;
}

enum obol_code gssapi_cred_forwarded(struct gss_cred_id_struct *cred, struct arena *a,
                                     struct gssapi_ticket *out, struct error *err) {
    struct principal client;
    struct gssapi_target target = {0};
    TRY(gssapi_cred_initiator(cred, a, &client, err));
    // RFC 8062 3: an anonymous client's realm has no KDC; and nobody needs another's anonymity.
    ENSURE(!principal_is_anonymous(&client), CRED_NOT_FOUND, "an anonymous TGT is not delegated");
    TRY(principal_krbtgt(client.realm, client.realm, a, &target.principal, err));
    // RFC 4120 2.6: the TGT must be forwardable; the KDC refuses if it is not.
    return gssapi_cred_ticket(cred, &target, KDC_OPT_FORWARDED | KDC_OPT_FORWARDABLE, a, out, err);
}
