// cred_store.c: an initiator's tickets are put into a cache for others to use (RFC 5588; MIT krb5's
// gss_store_cred_into): the one that is named, else this thread's default. Of a collection it is
// the one that is the client's already, else a new one: nobody else's tickets are overwritten.
#include "gssapi/part.h"
#include "gssapi/status.h"
#include <stdlib.h>

struct stored_as {
    const char *name; // of the cache or the collection; NULL: the default
    bool overwrite;
    bool primary; // and of a collection it becomes the primary one
};

// Opens where tickets of a client go; *theirs: there are some that would be overwritten. `where`
// may be a collection, by its name or by that of one cache in it.
static enum obol_code open_place(struct ccache **out, struct slice where,
                                 const struct principal *client, const struct krb5conf *conf,
                                 struct arena *a, bool *theirs, struct error *err) {
    struct ccache_content there;
    struct slice kind = slice_sub(where, 0, slice_find(where, ':'));
    TRY(ccache_open(out, where, conf, err));
    *theirs = ccache_read(*out, a, &there, NULL) == OBOL_OK;
    if (!ccache_kind_collects(kind) || slice_eq(ccache_name(*out), where))
        return OBOL_OK;
    if (!*theirs || principal_eq(&there.principal, client))
        return OBOL_OK;
    ccache_close(*out);
    *out = NULL;
    *theirs = ccache_match(out, client, where, conf, a, NULL) == OBOL_OK;
    return *theirs ? OBOL_OK : ccache_new_unique(out, kind, conf, where, err);
}

static enum obol_code put(const struct ccache_content *content, struct slice where,
                          const struct krb5conf *conf, const struct stored_as *as, struct arena *a,
                          struct error *err) {
    struct ccache *cache = NULL;
    bool theirs = false;
    enum obol_code code = open_place(&cache, where, &content->principal, conf, a, &theirs, err);
    if (code == OBOL_OK && !as->overwrite && theirs)
        code = error_set(err, OBOL_EXISTS, __func__, "%.*s holds tickets of %.*s already",
                         SLICE_ARG(ccache_name(cache)),
                         SLICE_ARG(principal_text(&content->principal, a)));
    if (code == OBOL_OK)
        code = ccache_initialize(cache, content, err);
    if (code == OBOL_OK && as->primary && ccache_kind_collects(slice_str(ccache_kind(cache))))
        code = ccache_make_primary(cache, err);
    ccache_close(cache);
    return code;
}

static enum obol_code store(struct gssapi_part *part, const struct stored_as *as,
                            struct error *err) {
    struct gssapi_conf *conf = NULL;
    struct gssapi_view *view = NULL;
    struct arena *a = gssapi_arena_take();
    struct slice where = slice_str(as->name ? as->name : gssapi_thread_ccache());
    ENSURE_MEMORY(a);
    enum obol_code code = gssapi_conf_get(&conf, err);
    if (code == OBOL_OK)
        code = part_resolve(part, conf, err);
    if (code == OBOL_OK && part->expire && part_lifetime(part) == 0)
        code = error_set(err, OBOL_CRED_EXPIRED, __func__, "there is nothing left to store");
    if (code == OBOL_OK && !part->cache)
        code = error_set(err, OBOL_CRED_NOT_FOUND, __func__, "the credential has no tickets");
    if (code == OBOL_OK)
        code = gssapi_view_get(part->cache, &view, err);
    if (code == OBOL_OK && !where.len)
        code = ccache_default_name(&conf->conf, a, &where, err);
    if (code == OBOL_OK)
        code = put(&view->content, where, &conf->conf, as, a, err);
    gssapi_view_put(view);
    gssapi_conf_put(conf);
    gssapi_arena_give(a);
    return code;
}

static OM_uint32 store_part(OM_uint32 *minor, struct gssapi_part *part,
                            const struct stored_as *as) {
    struct error err;
    error_init(&err);
    pthread_mutex_lock(&part->lock);
    enum obol_code code = store(part, as, &err);
    pthread_mutex_unlock(&part->lock);
    if (code == OBOL_OK)
        return GSS_S_COMPLETE;
    return code == OBOL_EXISTS ? gssapi_fail_as(minor, GSS_S_DUPLICATE_ELEMENT, &err)
                               : gssapi_fail(minor, &err);
}

// The mechanisms that a part stands behind.
static unsigned mechs_of_part(struct gss_cred_id_struct *cred, const struct gssapi_part *part) {
    unsigned mechs = 0;
    for (size_t i = 0; i < cred->count; i++)
        if (cred->parts[i].part == part)
            mechs |= cred->parts[i].mech;
    return mechs;
}

static OM_uint32 begin(OM_uint32 *minor, gss_cred_id_t cred, gss_cred_usage_t usage, gss_OID mech,
                       gss_const_key_value_set_t places, struct gssapi_part **part) {
    if (!gssapi_is_cred(cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (usage != GSS_C_INITIATE && usage != GSS_C_BOTH)
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "what accepts contexts stands in a keytab and is not stored");
    if (places && places->count == 0)
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "the credential store names nothing");
    unsigned wanted = gssapi_mech_of(mech);
    if (!wanted)
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "there are credentials for krb5, IAKERB and SPNEGO");
    *part = mech ? cred_part(cred, wanted) : cred_part_for(cred, GSS_C_INITIATE);
    if (!*part)
        return gssapi_refuse(minor, GSS_S_NO_CRED, OBOL_CRED_NOT_FOUND,
                             "the credential has no tickets for this mechanism");
    if ((*part)->usage != GSS_C_ACCEPT)
        return GSS_S_COMPLETE;
    part_drop(*part);
    return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                         "the credential is for accepting contexts only");
}

OM_uint32 gss_store_cred_into(OM_uint32 *minor, gss_cred_id_t cred, gss_cred_usage_t usage,
                              gss_OID mech, OM_uint32 overwrite, OM_uint32 default_cred,
                              gss_const_key_value_set_t places, gss_OID_set *stored,
                              gss_cred_usage_t *usage_stored) {
    if (stored)
        *stored = GSS_C_NO_OID_SET;
    if (usage_stored)
        *usage_stored = GSS_C_BOTH;
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    struct gssapi_part *part = NULL;
    struct gssapi_places into;
    OM_uint32 major = begin(minor, cred, usage, mech, places, &part);
    if (major != GSS_S_COMPLETE || !part)
        return major;
    major = cred_store_read(minor, places, &into);
    if (major == GSS_S_COMPLETE)
        major = store_part(minor, part,
                           &(struct stored_as){into.ccache, overwrite != 0, default_cred != 0});
    if (major == GSS_S_COMPLETE && stored)
        major = gssapi_mechs_set(minor, mech ? gssapi_mech_of(mech) : mechs_of_part(cred, part),
                                 stored);
    if (major == GSS_S_COMPLETE && usage_stored)
        *usage_stored = GSS_C_INITIATE;
    part_drop(part);
    return major;
}

OM_uint32 gss_store_cred(OM_uint32 *minor, gss_cred_id_t cred, gss_cred_usage_t usage, gss_OID mech,
                         OM_uint32 overwrite, OM_uint32 default_cred, gss_OID_set *stored,
                         gss_cred_usage_t *usage_stored) {
    return gss_store_cred_into(minor, cred, usage, mech, overwrite, default_cred, NULL, stored,
                               usage_stored);
}
