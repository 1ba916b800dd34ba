// resolve.c: an initiator's credential is made out: whose tickets, in which cache, and a login when
// there is need and means (RFC 2744 5.2; the order is MIT krb5's, which programs rely on). A cache
// that was named is taken; else the one of the thread (gss_krb5_ccache_name); else the default one
// if it is the client's. A client keytab fills a cache that is not there, and again before its
// tickets run out.
#include "gssapi/part.h"
#include "net/login.h"
#include "proto/codes.h"
#include <stdio.h>
#include <stdlib.h>

#define SOON 30 // seconds: tickets that end within them are renewed

static int64_t now(void) {
    return env_now(env_system());
}

static enum obol_code name_matches(const struct gssapi_part *part, const struct principal *owner,
                                   const struct gssapi_conf *conf, struct error *err) {
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    struct principal want;
    enum obol_code code = gssapi_name_principal(part->name, conf, a, &want, err);
    if (code == OBOL_OK && want.realm.len == 0)
        want.realm = owner->realm; // a service whose realm is to be found
    if (code == OBOL_OK && !principal_eq(&want, owner)) {
        code = error_set(err, OBOL_CRED_NOT_FOUND, __func__,
                         "tickets of %.*s are wanted, and %.*s holds those of %.*s",
                         SLICE_ARG(principal_text(&want, a)), SLICE_ARG(ccache_name(part->cache)),
                         SLICE_ARG(principal_text(owner, a)));
        error_fact(err, "cache", "%.*s", SLICE_ARG(ccache_name(part->cache)));
    }
    gssapi_arena_give(a);
    return code;
}

static enum obol_code take_name(struct gssapi_part *part, const struct principal *p,
                                struct error *err) {
    struct gss_name_struct *name = gssapi_name_of_principal(p, GSSAPI_KRB5);
    ENSURE_MEMORY(name);
    gssapi_name_free(part->name);
    part->name = name;
    return OBOL_OK;
}

static void take_config(struct gssapi_part *part, const struct ccache_content *content) {
    struct slice value;
    part->refresh = 0;
    if (ccache_get_config(content, "refresh_time", NULL, &value))
        for (size_t i = 0; i < value.len && i < 18; i++) {
            if (value.ptr[i] < '0' || value.ptr[i] > '9')
                break;
            part->refresh = part->refresh * 10 + (value.ptr[i] - '0');
        }
    if (!part->impersonator && ccache_get_config(content, "proxy_impersonator", NULL, &value))
        part->impersonator = strndup((const char *)value.ptr, value.len);
}

static bool is_tgt_of(const struct cred *c, struct slice realm) {
    return principal_is_krbtgt(&c->server.name) && slice_eq(c->server.realm, realm) &&
           slice_eq(c->server.name.name_string.items[1], realm);
}

// Looks into the cache: whose it is, and how long its tickets live. A TGT decides, else the first.
static enum obol_code scan(struct gssapi_part *part, const struct gssapi_conf *conf,
                           struct error *err) {
    struct gssapi_view *view;
    TRY(gssapi_view_get(part->cache, &view, err));
    const struct ccache_content *content = &view->content;
    struct slice realm = ccache_start_realm(content);
    enum obol_code code = OBOL_OK;
    if (part->name)
        code = name_matches(part, &content->principal, conf, err);
    if (code == OBOL_OK)
        code = take_name(part, &content->principal, err);
    part->expire = 0;
    part->have_tgt = false;
    for (size_t i = 0; i < content->count && code == OBOL_OK; i++) {
        const struct cred *c = &content->creds[i];
        if (cred_is_config(c) || cred_is_removed(c))
            continue;
        bool tgt = is_tgt_of(c, realm);
        part->have_tgt = part->have_tgt || tgt;
        if (tgt || part->expire == 0)
            part->expire = c->endtime;
    }
    if (code == OBOL_OK)
        take_config(part, content);
    gssapi_view_put(view);
    return code;
}

// The client keytab; false if there is none that can be read.
static bool client_keytab(const struct gssapi_part *part, const struct gssapi_conf *conf,
                          struct arena *a, const char **path, struct keytab_content *content,
                          struct error *err) {
    enum obol_code code =
        part->client_keytab ? keytab_path(slice_str(part->client_keytab), &conf->conf, a, path, err)
                            : keytab_client_path(&conf->conf, a, path, err);
    return code == OBOL_OK && keytab_read(*path, a, content, err) == OBOL_OK;
}

// Whether it can log in without asking anybody. Without a name the keytab's first one is taken.
static bool can_log_in(struct gssapi_part *part, const struct gssapi_conf *conf, struct arena *a) {
    const char *path;
    struct keytab_content keytab;
    struct principal want;
    if (part->has_password)
        return true;
    if (part->usage == GSS_C_ACCEPT || !client_keytab(part, conf, a, &path, &keytab, NULL) ||
        !keytab.count)
        return false;
    if (!part->name)
        return take_name(part, &keytab.entries[0].principal, NULL) == OBOL_OK;
    if (gssapi_name_principal(part->name, conf, a, &want, NULL) != OBOL_OK)
        return false;
    for (size_t i = 0; i < keytab.count; i++) {
        struct principal p = keytab.entries[i].principal;
        if (want.realm.len == 0)
            p.realm = want.realm;
        if (principal_eq(&p, &want))
            return true;
    }
    return false;
}

// Says in the cache when its tickets are to be fetched anew: halfway to their end.
static void note_refresh(struct gssapi_part *part, const struct cred *tgt) {
    char text[32];
    part->refresh = cred_start(tgt) + (tgt->endtime - cred_start(tgt)) / 2;
    int n = snprintf(text, sizeof text, "%lld", (long long)part->refresh);
    // Without it the tickets are fetched anew when they end.
    enum obol_code noted =
        ccache_set_config(part->cache, "refresh_time", NULL, slice_of(text, (size_t)n), NULL);
    UNUSED(noted);
}

static enum obol_code log_in_with(struct gssapi_part *part, const struct gssapi_conf *conf,
                                  struct arena *a, struct error *err) {
    const struct net net = {.conf = &conf->conf};
    struct login_params params = {.cache = part->cache};
    struct keytab_content keytab;
    struct login_result result;
    TRY(gssapi_name_principal(part->name, conf, a, &params.client, err));
    if (params.client.realm.len == 0)
        params.client.realm = conf->conf.default_realm;
    if (part->has_password) {
        params.password = &part->password;
    } else {
        if (!client_keytab(part, conf, a, &params.keytab_path, &keytab, err))
            return err && err->code ? err->code : OBOL_KEYTAB_NOT_FOUND;
        params.keytab = &keytab;
    }
    TRY(net_login(&net, &params, a, &result, err));
    part->expire = result.ticket.endtime;
    part->have_tgt = true;
    if (!part->has_password)
        note_refresh(part, &result.ticket);
    return take_name(part, &result.ticket.client, err);
}

static enum obol_code log_in(struct gssapi_part *part, const struct gssapi_conf *conf,
                             struct error *err) {
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    enum obol_code code = log_in_with(part, conf, a, err);
    gssapi_arena_give(a);
    return code;
}

static bool time_to_refresh(struct gssapi_part *part) {
    if (part->refresh && part->refresh <= now()) {
        part->refresh = now() + SOON; // if it fails it is not tried at each call
        return true;
    }
    return part->expire < now() + SOON;
}

static bool is_filled(struct ccache *cache) {
    struct gssapi_view *view;
    if (gssapi_view_get(cache, &view, NULL) != OBOL_OK)
        return false;
    gssapi_view_put(view);
    return true;
}

// The default's name is made in an arena of the pool: ccache_open would map one of its own, at each
// context that is begun without a credential.
static enum obol_code open_cache(struct gssapi_part *part, const struct gssapi_conf *conf,
                                 struct arena *a, struct error *err) {
    if (part->cache)
        return OBOL_OK;
    struct slice name = slice_str(gssapi_thread_ccache());
    struct principal want;
    bool named = name.len == 0 && part->name;
    if (name.len == 0)
        TRY(ccache_default_name(&conf->conf, a, &name, err));
    struct slice kind = slice_sub(name, 0, slice_find(name, ':'));
    if (!named || !ccache_kind_collects(kind) ||
        gssapi_name_principal(part->name, conf, a, &want, NULL) != OBOL_OK || !want.realm.len)
        return ccache_open(&part->cache, name, &conf->conf, err);
    // Of a collection it is the one that is of the name.
    if (ccache_match(&part->cache, &want, name, &conf->conf, a, NULL) == OBOL_OK)
        return OBOL_OK;
    TRY(ccache_open(&part->cache, name, &conf->conf, err));
    if (!is_filled(part->cache) || !can_log_in(part, conf, a))
        return OBOL_OK;
    // The primary one is somebody else's: who logs in has one beside it.
    ccache_close(part->cache);
    part->cache = NULL;
    part->fresh_cache = true;
    return ccache_new_unique(&part->cache, kind, &conf->conf, name, err);
}

bool part_may_be(struct gssapi_part *part, const struct gssapi_conf *conf,
                 const struct principal *client, struct arena *a) {
    if (take_name(part, client, NULL) == OBOL_OK && can_log_in(part, conf, a))
        return true;
    gssapi_name_free(part->name);
    part->name = NULL;
    return false;
}

// The cache is there, or can be filled.
static enum obol_code look(struct gssapi_part *part, const struct gssapi_conf *conf,
                           struct arena *a, struct error *err) {
    struct error missing;
    error_init(&missing);
    TRY(open_cache(part, conf, a, err));
    enum obol_code code = scan(part, conf, &missing);
    if (code == OBOL_OK && part->expire == 0 && !can_log_in(part, conf, a))
        return error_set(err, OBOL_CRED_NOT_FOUND, __func__, "%.*s holds no ticket",
                         SLICE_ARG(ccache_name(part->cache)));
    if (code == OBOL_OK)
        return OBOL_OK;
    if (code == OBOL_CCACHE_NOT_FOUND && can_log_in(part, conf, a))
        return OBOL_OK;
    return net_fail(err, &missing);
}

// Whether the default collection holds anybody's tickets.
static bool somebody_is_there(const struct gssapi_conf *conf, struct arena *a) {
    struct slice name;
    struct slice_list names = {0};
    if (ccache_default_name(&conf->conf, a, &name, NULL) != OBOL_OK ||
        !ccache_kind_collects(slice_sub(name, 0, slice_find(name, ':'))) ||
        ccache_collection(name, &conf->conf, a, &names, NULL) != OBOL_OK)
        return false;
    for (size_t i = 0; i < names.count; i++) {
        struct ccache *cc;
        if (ccache_open(&cc, names.items[i], &conf->conf, NULL) != OBOL_OK)
            continue;
        bool filled = is_filled(cc);
        ccache_close(cc);
        if (filled)
            return true;
    }
    return false;
}

enum obol_code part_peek(const struct gssapi_part *part, const struct gssapi_conf *conf,
                         struct error *err) {
    struct error held;
    error_init(&held);
    struct arena *a = gssapi_arena_take();
    struct gssapi_part *probe = part_new(part->usage);
    enum obol_code code = OBOL_NO_MEMORY;
    if (a && probe &&
        (!part->client_keytab || (probe->client_keytab = strdup(part->client_keytab))))
        code = look(probe, conf, a, &held);
    if (code != OBOL_OK && code != OBOL_NO_MEMORY && somebody_is_there(conf, a))
        code = OBOL_OK;
    part_drop(probe);
    gssapi_arena_give(a);
    ENSURE(code != OBOL_NO_MEMORY, NO_MEMORY, "no room for a credential");
    return code == OBOL_OK ? OBOL_OK : net_fail(err, &held);
}

enum obol_code part_resolve(struct gssapi_part *part, const struct gssapi_conf *conf,
                            struct error *err) {
    if (part->usage == GSS_C_ACCEPT || part->iakerb)
        return OBOL_OK;
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    bool stale = part->expire == 0 || time_to_refresh(part);
    // A program beside us may have logged in again in the meantime.
    enum obol_code code = stale || !part->name ? look(part, conf, a, err) : OBOL_OK;
    stale = code == OBOL_OK && part->name && (part->expire == 0 || time_to_refresh(part));
    if (stale && can_log_in(part, conf, a)) {
        struct error held;
        error_init(&held);
        enum obol_code login = log_in(part, conf, &held);
        if (login != OBOL_OK && part->fresh_cache) {
            enum obol_code gone = ccache_destroy(part->cache, NULL); // nobody's, and empty
            UNUSED(gone);
        }
        part->fresh_cache = false;
        // Tickets that still hold are good enough when fresh ones cannot be had.
        if (login != OBOL_OK && part->expire <= now())
            code = net_fail(err, &held);
    }
    gssapi_arena_give(a);
    return code;
}
