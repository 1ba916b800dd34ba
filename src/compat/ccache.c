// ccache.c: credential caches as programs handle them.
#include "compat/ccache.h"
#include "compat/convert.h"
#include "compat/private.h"
#include <errno.h>
#include <stdlib.h>

krb5_error_code cc_wrap(struct ccache *cache, krb5_ccache *out) {
    krb5_ccache cc = calloc(1, sizeof *cc);
    char *name = cc ? bytes_out(ccache_name(cache)) : NULL;
    if (!name) {
        ccache_close(cache);
        free(cc);
        return ENOMEM;
    }
    *cc = (struct _krb5_ccache){KV5M_CCACHE, cache, name, 0};
    *out = cc;
    return 0;
}

enum obol_code cc_read(struct call *c, krb5_ccache cc, struct ccache_content *out) {
    struct error *err = &c->err;
    ENSURE(cc_is(cc), INVALID_ARGUMENT, "no credential cache was given");
    TRY(ccache_read(cc->cache, &c->arena, out, err));
    if (out->has_offset && c->context->conf.kdc_timesync && c->context->offset_us == 0)
        c->context->offset_us = out->offset * 1000000 + out->offset_us;
    return OBOL_OK;
}

static enum obol_code resolve(struct call *c, struct slice name, krb5_ccache *out) {
    struct error *err = &c->err;
    struct ccache *cache;
    enum obol_code code = ccache_open(&cache, name, &c->context->conf, err);
    if (code == OBOL_UNSUPPORTED)
        c->as = KRB5_CC_UNKNOWN_TYPE;
    else if (code == OBOL_INVALID_ARGUMENT)
        c->as = KRB5_CC_BADNAME;
    TRY(code);
    ENSURE(cc_wrap(cache, out) == 0, NO_MEMORY, "no memory for a cache's handle");
    return OBOL_OK;
}

krb5_error_code krb5_cc_resolve(krb5_context context, const char *name, krb5_ccache *out) {
    CALL(call, context);
    if (!name || !out)
        return EINVAL;
    *out = NULL;
    if (!*name)
        return context_fail(context, KRB5_CC_BADNAME, "the name of a credential cache is empty");
    return call_end(&call, resolve(&call, slice_str(name), out));
}

krb5_error_code krb5_cc_dup(krb5_context context, krb5_ccache cc, krb5_ccache *out) {
    CALL(call, context);
    struct ccache *cache = NULL;
    if (!cc_is(cc) || !out)
        return EINVAL;
    enum obol_code code = ccache_dup(cc->cache, &cache, &call.err);
    return code == OBOL_OK ? cc_wrap(cache, out) : call_end(&call, code);
}

const char *krb5_cc_default_name(krb5_context context) {
    struct call call;
    struct slice name;
    if (!context || context->default_ccache)
        return context ? context->default_ccache : NULL;
    if (call_begin(&call, context) != 0)
        return NULL;
    // Kept in the context: callers do not free it.
    if (ccache_default_name(&context->conf, &call.arena, &name, &call.err) == OBOL_OK)
        context->default_ccache = bytes_out(name);
    call_clear(&call);
    return context->default_ccache;
}

krb5_error_code krb5_cc_set_default_name(krb5_context context, const char *name) {
    if (!context)
        return EINVAL;
    char *copy = name ? strdup(name) : NULL;
    if (name && !copy)
        return ENOMEM;
    free(context->default_ccache);
    context->default_ccache = copy;
    return 0;
}

krb5_error_code krb5_cc_default(krb5_context context, krb5_ccache *out) {
    const char *name = krb5_cc_default_name(context);
    if (!context || !out)
        return EINVAL;
    return name ? krb5_cc_resolve(context, name, out)
                : context_fail(context, KRB5_FCC_NOFILE, "no default credential cache is known");
}

krb5_error_code krb5int_cc_default(krb5_context context, krb5_ccache *out) {
    return krb5_cc_default(context, out);
}

krb5_error_code krb5_cc_close(krb5_context context, krb5_ccache cc) {
    UNUSED(context);
    if (!cc_is(cc))
        return 0;
    cc->magic = 0;
    ccache_close(cc->cache);
    free(cc->name);
    free(cc);
    return 0;
}

// The cache goes, and the handle with it, even when the cache cannot be destroyed.
krb5_error_code krb5_cc_destroy(krb5_context context, krb5_ccache cc) {
    CALL(call, context);
    if (!cc_is(cc))
        return EINVAL;
    enum obol_code code = ccache_destroy(cc->cache, &call.err);
    (void)krb5_cc_close(context, cc);
    return call_end(&call, code);
}

const char *krb5_cc_get_name(krb5_context context, krb5_ccache cc) {
    UNUSED(context);
    if (!cc_is(cc))
        return NULL;
    return strchr(cc->name, ':') + 1;
}

const char *krb5_cc_get_type(krb5_context context, krb5_ccache cc) {
    UNUSED(context);
    return cc_is(cc) ? ccache_kind(cc->cache) : NULL;
}

krb5_error_code krb5_cc_get_full_name(krb5_context context, krb5_ccache cc, char **out) {
    UNUSED(context);
    if (!cc_is(cc) || !out)
        return EINVAL;
    *out = strdup(cc->name);
    return *out ? 0 : ENOMEM;
}

// Flags had a meaning for caches that stayed open; they are kept and given back.
krb5_error_code krb5_cc_set_flags(krb5_context context, krb5_ccache cc, krb5_flags flags) {
    UNUSED(context);
    if (!cc_is(cc))
        return EINVAL;
    cc->flags = flags;
    return 0;
}

krb5_error_code krb5_cc_initialize(krb5_context context, krb5_ccache cc, krb5_principal client) {
    CALL(call, context);
    struct ccache_content content = {
        .has_offset = context->offset_us != 0,
        .offset = context->offset_us / 1000000,
        .offset_us = (int32_t)(context->offset_us % 1000000),
    };
    if (!cc_is(cc))
        return EINVAL;
    enum obol_code code = principal_in(client, &call.arena, &content.principal, &call.err);
    if (code == OBOL_OK)
        code = ccache_initialize(cc->cache, &content, &call.err);
    return call_end(&call, code);
}

krb5_error_code krb5_cc_store_cred(krb5_context context, krb5_ccache cc, krb5_creds *creds) {
    CALL(call, context);
    struct cred cred;
    if (!cc_is(cc))
        return EINVAL;
    enum obol_code code = cred_in(creds, &call.arena, &cred, &call.err);
    if (code == OBOL_OK)
        code = ccache_store(cc->cache, &cred, 1, &call.err);
    return call_end(&call, code);
}

krb5_error_code k5_cc_store_primary_cred(krb5_context context, krb5_ccache cc, krb5_creds *creds) {
    return krb5_cc_store_cred(context, cc, creds);
}

krb5_error_code krb5_cc_get_principal(krb5_context context, krb5_ccache cc, krb5_principal *out) {
    CALL(call, context);
    struct ccache_content content;
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = cc_read(&call, cc, &content);
    if (code == OBOL_OK && !principal_out(out, &content.principal))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

static enum obol_code match(struct call *c, krb5_principal client, krb5_ccache *out) {
    struct error *err = &c->err;
    struct principal want;
    struct ccache *cache = NULL;
    const char *name = krb5_cc_default_name(c->context);
    TRY(principal_in(client, &c->arena, &want, err));
    c->as = KRB5_CC_NOTFOUND;
    TRY(ccache_match(&cache, &want, slice_str(name), &c->context->conf, &c->arena, err));
    ENSURE(cc_wrap(cache, out) == 0, NO_MEMORY, "no memory for a cache's handle");
    return OBOL_OK;
}

// The cache of a principal, in the collection of the default one.
krb5_error_code krb5_cc_cache_match(krb5_context context, krb5_principal client, krb5_ccache *out) {
    CALL(call, context);
    if (!out || !client)
        return EINVAL;
    *out = NULL;
    return call_end(&call, match(&call, client, out));
}

static enum obol_code new_unique(struct call *c, const char *type, krb5_ccache *out) {
    struct error *err = &c->err;
    struct ccache *cache = NULL;
    const char *name = krb5_cc_default_name(c->context);
    enum obol_code code =
        ccache_new_unique(&cache, slice_str(type), &c->context->conf, slice_str(name), err);
    if (code == OBOL_UNSUPPORTED)
        c->as = strcmp(type, "DIR") == 0 || strcmp(type, "KEYRING") == 0 ? KRB5_DCC_CANNOT_CREATE
                                                                         : KRB5_CC_UNKNOWN_TYPE;
    TRY(code);
    ENSURE(cc_wrap(cache, out) == 0, NO_MEMORY, "no memory for a cache's handle");
    return OBOL_OK;
}

krb5_error_code krb5_cc_new_unique(krb5_context context, const char *type, const char *hint,
                                   krb5_ccache *out) {
    CALL(call, context);
    UNUSED(hint);
    if (!type || !out)
        return EINVAL;
    *out = NULL;
    return call_end(&call, new_unique(&call, type, out));
}

krb5_error_code krb5_cc_gen_new(krb5_context context, krb5_ccache *out) {
    return krb5_cc_new_unique(context, "FILE", NULL, out);
}
