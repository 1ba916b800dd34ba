// ccache_creds.c: the tickets in a credential cache: walked, looked for, moved, removed.
#include "compat/ccache.h"
#include "compat/convert.h"
#include <errno.h>
#include <stdlib.h>

// A cursor holds the cache as it was when the walk began.
struct cursor {
    krb5_magic magic;
    struct arena arena;
    struct ccache_content content;
    size_t at;
};

#define CURSOR_MAGIC 0x6f626363
#define CURSOR_ARENA 32768u

krb5_error_code krb5_cc_start_seq_get(krb5_context context, krb5_ccache cc, krb5_cc_cursor *out) {
    CALL(call, context);
    if (!out)
        return EINVAL;
    *out = NULL;
    if (!cc_is(cc))
        return EINVAL;
    struct cursor *cursor = calloc(1, sizeof *cursor);
    if (!cursor || !arena_init(&cursor->arena, CURSOR_ARENA, CALL_ARENA_LIMIT)) {
        free(cursor);
        return ENOMEM;
    }
    cursor->magic = CURSOR_MAGIC;
    enum obol_code code = ccache_read(cc->cache, &cursor->arena, &cursor->content, &call.err);
    if (code == OBOL_OK)
        *out = cursor;
    else
        (void)krb5_cc_end_seq_get(context, cc, (krb5_cc_cursor *)&cursor);
    return call_end(&call, code);
}

krb5_error_code krb5_cc_next_cred(krb5_context context, krb5_ccache cc, krb5_cc_cursor *cursor,
                                  krb5_creds *creds) {
    UNUSED(context);
    struct cursor *c = cursor ? *cursor : NULL;
    if (!cc_is(cc) || !c || c->magic != CURSOR_MAGIC || !creds)
        return EINVAL;
    while (c->at < c->content.count && cred_is_removed(&c->content.creds[c->at]))
        c->at++;
    if (c->at == c->content.count)
        return KRB5_CC_END;
    return cred_out(creds, &c->content.creds[c->at++]) ? 0 : ENOMEM;
}

krb5_error_code krb5_cc_end_seq_get(krb5_context context, krb5_ccache cc, krb5_cc_cursor *cursor) {
    UNUSED(context);
    UNUSED(cc);
    struct cursor *c = cursor ? *cursor : NULL;
    if (!c || c->magic != CURSOR_MAGIC)
        return 0;
    c->magic = 0;
    arena_clear(&c->arena);
    free(c);
    *cursor = NULL;
    return 0;
}

// ---- matching

static bool times_match(const krb5_ticket_times *want, const struct cred *c, bool exact) {
    if (exact)
        return time_in(want->authtime) == c->authtime && time_in(want->starttime) == c->starttime &&
               time_in(want->endtime) == c->endtime && time_in(want->renew_till) == c->renew_till;
    return (!want->renew_till || time_in(want->renew_till) <= c->renew_till) &&
           (!want->endtime || time_in(want->endtime) <= c->endtime);
}

static bool names_match(krb5_context context, krb5_flags flags, const krb5_creds *want,
                        const krb5_creds *have) {
    if (want->client && !krb5_principal_compare(context, want->client, have->client))
        return false;
    if (!want->server)
        return true;
    return flags & KRB5_TC_MATCH_SRV_NAMEONLY
               ? krb5_principal_compare_any_realm(context, want->server, have->server)
               : krb5_principal_compare(context, want->server, have->server);
}

static bool rest_matches(krb5_flags flags, const krb5_creds *want, const struct cred *c) {
    uint32_t need = (uint32_t)want->ticket_flags;
    if ((flags & KRB5_TC_MATCH_IS_SKEY) && (want->is_skey != 0) != c->is_skey)
        return false;
    if ((flags & KRB5_TC_MATCH_FLAGS_EXACT) && need != c->flags)
        return false;
    if ((flags & KRB5_TC_MATCH_FLAGS) && (need & c->flags) != need)
        return false;
    if ((flags & KRB5_TC_MATCH_TIMES_EXACT) && !times_match(&want->times, c, true))
        return false;
    if ((flags & KRB5_TC_MATCH_TIMES) && !times_match(&want->times, c, false))
        return false;
    if ((flags & KRB5_TC_MATCH_KTYPE) && want->keyblock.enctype != c->key.keytype)
        return false;
    return !(flags & KRB5_TC_MATCH_2ND_TKT) ||
           slice_eq(data_in(&want->second_ticket), c->second_ticket);
}

static bool etype_supported(krb5_context context, int32_t etype) {
    struct int32_list list = context->conf.permitted_enctypes;
    for (size_t i = 0; i < list.count; i++)
        if (list.items[i] == etype)
            return true;
    return false;
}

// cred_matches builds the entry as the program would see it, so that names are compared in one way.
static bool cred_matches(krb5_context context, krb5_flags flags, const krb5_creds *want,
                         const struct cred *c) {
    krb5_creds seen;
    if (cred_is_removed(c) || !rest_matches(flags, want, c))
        return false;
    if ((flags & KRB5_TC_SUPPORTED_KTYPES) && !etype_supported(context, c->key.keytype))
        return false;
    if (!cred_out(&seen, c))
        return false;
    bool same = names_match(context, flags, want, &seen);
    krb5_free_cred_contents(context, &seen);
    return same;
}

// The first that matches; of those with an enctype that is supported, that of the longest life.
static const struct cred *pick(krb5_context context, krb5_flags flags, const krb5_creds *want,
                               const struct ccache_content *content) {
    const struct cred *best = NULL;
    for (size_t i = 0; i < content->count; i++) {
        const struct cred *c = &content->creds[i];
        if (cred_matches(context, flags, want, c) && (!best || c->endtime > best->endtime))
            best = c;
        if (best && !(flags & KRB5_TC_SUPPORTED_KTYPES))
            break;
    }
    return best;
}

krb5_error_code krb5_cc_retrieve_cred(krb5_context context, krb5_ccache cc, krb5_flags flags,
                                      krb5_creds *want, krb5_creds *out) {
    CALL(call, context);
    struct ccache_content content;
    if (!want || !out)
        return EINVAL;
    enum obol_code code = cc_read(&call, cc, &content);
    if (code != OBOL_OK)
        return call_end(&call, code);
    const struct cred *found = pick(context, flags, want, &content);
    if (!found)
        return context_fail(context, KRB5_CC_NOTFOUND, "%s holds no such ticket", cc->name);
    return cred_out(out, found) ? 0 : ENOMEM;
}

static enum obol_code remove_cred(struct call *c, krb5_ccache cc, krb5_flags flags,
                                  krb5_creds *want) {
    struct error *err = &c->err;
    struct ccache_content content;
    TRY(cc_read(c, cc, &content));
    size_t kept = 0;
    for (size_t i = 0; i < content.count; i++)
        if (!cred_matches(c->context, flags, want, &content.creds[i]))
            content.creds[kept++] = content.creds[i];
    if (kept == content.count) {
        c->as = KRB5_CC_NOTFOUND;
        ENSURE(false, NOT_FOUND, "%s holds no such ticket", cc->name);
    }
    content.count = kept;
    return ccache_initialize(cc->cache, &content, err);
}

krb5_error_code krb5_cc_remove_cred(krb5_context context, krb5_ccache cc, krb5_flags flags,
                                    krb5_creds *want) {
    CALL(call, context);
    if (!want || !cc_is(cc))
        return EINVAL;
    return call_end(&call, remove_cred(&call, cc, flags, want));
}

static enum obol_code copy_creds(struct call *c, krb5_ccache from, krb5_ccache to) {
    struct error *err = &c->err;
    struct ccache_content content;
    ENSURE(cc_is(to), INVALID_ARGUMENT, "no credential cache was given");
    TRY(cc_read(c, from, &content));
    return content.count ? ccache_store(to->cache, content.creds, content.count, err) : OBOL_OK;
}

krb5_error_code krb5_cc_copy_creds(krb5_context context, krb5_ccache from, krb5_ccache to) {
    CALL(call, context);
    return call_end(&call, copy_creds(&call, from, to));
}

static enum obol_code move(struct call *c, krb5_ccache from, krb5_ccache to) {
    struct error *err = &c->err;
    struct ccache_content content;
    ENSURE(cc_is(to), INVALID_ARGUMENT, "no credential cache was given");
    TRY(cc_read(c, from, &content));
    TRY(ccache_initialize(to->cache, &content, err));
    return ccache_destroy(from->cache, err);
}

// The source is gone afterwards, handle and all.
krb5_error_code krb5_cc_move(krb5_context context, krb5_ccache from, krb5_ccache to) {
    CALL(call, context);
    krb5_error_code code = call_end(&call, move(&call, from, to));
    if (code == 0)
        (void)krb5_cc_close(context, from);
    return code;
}

// ---- configuration entries

krb5_error_code krb5_cc_get_config(krb5_context context, krb5_ccache cc,
                                   krb5_const_principal server, const char *key, krb5_data *out) {
    CALL(call, context);
    struct ccache_content content;
    struct principal p;
    struct slice value;
    if (!key || !out)
        return EINVAL;
    *out = (krb5_data){0};
    enum obol_code code = cc_read(&call, cc, &content);
    if (code == OBOL_OK && server)
        code = principal_in(server, &call.arena, &p, &call.err);
    if (code != OBOL_OK)
        return call_end(&call, code);
    if (!ccache_get_config(&content, key, server ? &p : NULL, &value))
        return context_fail(context, KRB5_CC_NOTFOUND, "%s has no entry '%s'", cc->name, key);
    return data_out(out, value) ? 0 : ENOMEM;
}

krb5_error_code krb5_cc_set_config(krb5_context context, krb5_ccache cc,
                                   krb5_const_principal server, const char *key, krb5_data *value) {
    CALL(call, context);
    struct principal p;
    enum obol_code code = OBOL_OK;
    if (!cc_is(cc) || !key)
        return EINVAL;
    if (server)
        code = principal_in(server, &call.arena, &p, &call.err);
    if (code == OBOL_OK)
        code = ccache_set_config(cc->cache, key, server ? &p : NULL, data_in(value), &call.err);
    return call_end(&call, code);
}
