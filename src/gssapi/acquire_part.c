// acquire_part.c: a part is acquired (RFC 2744 5.2): its names of places are noted, and it is made
// sure that there is something to begin or to accept contexts with.
#include "gssapi/part.h"
#include "net/verify.h"
#include <stdlib.h>

static enum obol_code note(char **out, const char *name, struct error *err) {
    if (!name)
        return OBOL_OK;
    *out = strdup(name);
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

static enum obol_code copy_name(struct gss_name_struct **out, const struct gss_name_struct *name,
                                struct error *err) {
    *out = gssapi_name_copy(name);
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

static enum obol_code acquire_accept(struct gssapi_part *part, const struct gss_name_struct *name,
                                     const struct gssapi_conf *conf, struct error *err) {
    if (part->rcache)
        TRY(gssapi_replay_check(part->rcache, &conf->conf, err));
    if (name && !gssapi_name_is_anonymous(name))
        TRY(copy_name(&part->accept_name, name, err));
    return part_check_keys(part, err);
}

// With a key of this machine: a false KDC could take any password (the one in the cache's name).
static enum obol_code verify(struct gssapi_part *part, const struct gssapi_places *places,
                             struct gssapi_conf *conf, struct arena *a, struct error *err) {
    const struct net net = {.conf = &conf->conf};
    struct gssapi_view *view;
    struct keytab_content keytab;
    struct principal server;
    struct verify_params v = {.cache = part->cache, .keytab = &keytab};
    TRY(keytab_path(slice_str(places->keytab), &conf->conf, a, &v.keytab_path, err));
    TRY(keytab_read(v.keytab_path, a, &keytab, err));
    if (places->verify[0]) {
        TRY(principal_parse(slice_str(places->verify), conf->conf.default_realm, NT_PRINCIPAL, a,
                            &server, err));
        v.server = &server;
    }
    TRY(gssapi_view_get(part->cache, &view, err));
    v.login = view->content.creds; // the login's ticket is the first
    enum obol_code code = view->content.count ? net_verify_login(&net, &v, a, err)
                                              : error_set(err, OBOL_CRED_NOT_FOUND, __func__,
                                                          "there is no ticket to verify");
    gssapi_view_put(view);
    return code;
}

static enum obol_code acquire_init(struct gssapi_part *part, const struct gss_name_struct *name,
                                   const struct gssapi_places *places, struct gssapi_conf *conf,
                                   struct error *err) {
    if (name)
        TRY(copy_name(&part->name, name, err));
    if (places->open_cache) {
        part->cache = places->open_cache;
    } else if (places->password.ptr) {
        ENSURE(name, NAME_MALFORMED, "a password says nothing about whose it is: give a name");
        ENSURE(secret_copy(&part->password, places->password), NO_MEMORY, "no room for a secret");
        part->has_password = true;
        TRY(part_private_cache(part, err));
    } else if (places->ccache) {
        TRY(ccache_open(&part->cache, slice_str(places->ccache), &conf->conf, err));
    }
    bool open = !name && !part->cache && !part->iakerb && !gssapi_thread_ccache();
    TRY(open ? part_peek(part, conf, err) : part_resolve(part, conf, err));
    if (!places->verify)
        return OBOL_OK;
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    enum obol_code code = verify(part, places, conf, a, err);
    gssapi_arena_give(a);
    return code;
}

static enum obol_code acquire(struct gssapi_part *part, const struct gss_name_struct *name,
                              const struct gssapi_places *places, struct gssapi_conf *conf,
                              struct error *err) {
    part->default_identity = name == NULL;
    TRY(note(&part->client_keytab, places->client_keytab, err));
    TRY(note(&part->keytab, places->keytab, err));
    if (part->keytab && keytab_memory_is(slice_str(part->keytab))) {
        part->held_keytab = keytab_memory_open(part->keytab);
        ENSURE_MEMORY(part->held_keytab);
    }
    TRY(note(&part->rcache, places->rcache, err));
    if (part->usage != GSS_C_INITIATE)
        TRY(acquire_accept(part, name, conf, err));
    if (part->usage != GSS_C_ACCEPT)
        TRY(acquire_init(part, name, places, conf, err));
    return OBOL_OK;
}

enum obol_code part_acquire(const struct gss_name_struct *name, gss_cred_usage_t usage,
                            const struct gssapi_places *places, bool iakerb,
                            struct gssapi_part **out, struct error *err) {
    struct gssapi_conf *conf = NULL;
    struct gssapi_part *part = part_new(usage);
    ENSURE_MEMORY(part);
    part->iakerb = iakerb && places->password.ptr; // with tickets it is as any other
    enum obol_code code = gssapi_conf_get(&conf, err);
    if (code == OBOL_OK)
        code = acquire(part, name, places, conf, err);
    gssapi_conf_put(conf);
    if (code != OBOL_OK) {
        if (part->cache == places->open_cache)
            part->cache = NULL; // it stays the caller's
        part_drop(part);
        return code;
    }
    *out = part;
    return OBOL_OK;
}
