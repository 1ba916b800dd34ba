// cccol.c: the collection of a user's caches: those that the default cache's name stands for, the
// primary one first, then those in the process's memory.
#include "compat/ccache.h"
#include "compat/convert.h"
#include <errno.h>
#include <stdlib.h>

// A cursor holds the names as they were when the walk began.
struct _krb5_cccol_cursor {
    struct arena arena;
    struct slice_list names;
    size_t at;
};

#define NAMES_ARENA 8192u

static enum obol_code cursor_fill(struct call *c, krb5_cccol_cursor cursor) {
    struct error *err = &c->err;
    const char *name = krb5_cc_default_name(c->context);
    ENSURE(arena_init(&cursor->arena, NAMES_ARENA, CALL_ARENA_LIMIT), NO_MEMORY,
           "no memory for the names of caches");
    // Without a default there is no collection.
    if (!name)
        return OBOL_OK;
    return ccache_list(slice_str(name), &c->context->conf, &cursor->arena, &cursor->names, err);
}

krb5_error_code krb5_cccol_cursor_new(krb5_context context, krb5_cccol_cursor *out) {
    CALL(call, context);
    if (!out)
        return EINVAL;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return ENOMEM;
    enum obol_code code = cursor_fill(&call, *out);
    if (code != OBOL_OK)
        (void)krb5_cccol_cursor_free(context, out);
    return call_end(&call, code);
}

// Gives the next cache that exists, and NULL behind the last.
krb5_error_code krb5_cccol_cursor_next(krb5_context context, krb5_cccol_cursor cursor,
                                       krb5_ccache *out) {
    CALL(call, context);
    struct ccache *cache = NULL;
    if (!cursor || !out)
        return EINVAL;
    *out = NULL;
    if (cursor->at == cursor->names.count)
        return 0;
    enum obol_code code =
        ccache_open(&cache, cursor->names.items[cursor->at++], &context->conf, &call.err);
    return code == OBOL_OK ? cc_wrap(cache, out) : call_end(&call, code);
}

krb5_error_code krb5_cccol_cursor_free(krb5_context context, krb5_cccol_cursor *cursor) {
    UNUSED(context);
    if (!cursor || !*cursor)
        return 0;
    arena_clear(&(*cursor)->arena);
    free(*cursor);
    *cursor = NULL;
    return 0;
}

krb5_error_code krb5_cccol_have_content(krb5_context context) {
    CALL(call, context);
    krb5_cccol_cursor cursor;
    krb5_ccache cc = NULL;
    bool found = false;
    krb5_error_code code = krb5_cccol_cursor_new(context, &cursor);
    if (code)
        return code;
    while (!found && krb5_cccol_cursor_next(context, cursor, &cc) == 0 && cc) {
        struct ccache_content content;
        // Configuration alone is no content.
        if (cc_read(&call, cc, &content) == OBOL_OK)
            for (size_t i = 0; i < content.count; i++)
                found |= !cred_is_config(&content.creds[i]);
        (void)krb5_cc_close(context, cc);
    }
    (void)krb5_cccol_cursor_free(context, &cursor);
    return found ? 0
                 : context_fail(context, KRB5_CC_NOTFOUND,
                                "there is no credential cache with tickets");
}

krb5_boolean krb5_cc_support_switch(krb5_context context, const char *type) {
    UNUSED(context);
    return type && ccache_kind_collects(slice_str(type));
}

// Where caches stand alone there is nothing to switch, which is no failure.
krb5_error_code krb5_cc_switch(krb5_context context, krb5_ccache cc) {
    CALL(call, context);
    if (!cc_is(cc))
        return EINVAL;
    if (!ccache_kind_collects(slice_str(ccache_kind(cc->cache))))
        return 0;
    return call_end(&call, ccache_make_primary(cc->cache, &call.err));
}
