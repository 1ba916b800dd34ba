// cccol.c: the collection of a user's caches. With kinds that hold one cache each (FILE, MEMORY)
// the collection is the default cache.
#include "compat/ccache.h"
#include <errno.h>
#include <stdlib.h>

struct _krb5_cccol_cursor {
    bool over;
};

krb5_error_code krb5_cccol_cursor_new(krb5_context context, krb5_cccol_cursor *out) {
    if (!context || !out)
        return EINVAL;
    *out = calloc(1, sizeof **out);
    return *out ? 0 : ENOMEM;
}

// Gives the next cache that exists, and NULL behind the last.
krb5_error_code krb5_cccol_cursor_next(krb5_context context, krb5_cccol_cursor cursor,
                                       krb5_ccache *out) {
    krb5_principal owner;
    if (!cursor || !out)
        return EINVAL;
    *out = NULL;
    if (cursor->over)
        return 0;
    cursor->over = true;
    krb5_error_code code = krb5_cc_default(context, out);
    if (code)
        return code;
    if (krb5_cc_get_principal(context, *out, &owner) == 0) {
        krb5_free_principal(context, owner);
        return 0;
    }
    (void)krb5_cc_close(context, *out);
    *out = NULL;
    return 0;
}

krb5_error_code krb5_cccol_cursor_free(krb5_context context, krb5_cccol_cursor *cursor) {
    UNUSED(context);
    if (!cursor)
        return 0;
    free(*cursor);
    *cursor = NULL;
    return 0;
}

krb5_error_code krb5_cccol_have_content(krb5_context context) {
    krb5_cccol_cursor cursor;
    krb5_ccache cc = NULL;
    krb5_error_code code = krb5_cccol_cursor_new(context, &cursor);
    if (code)
        return code;
    code = krb5_cccol_cursor_next(context, cursor, &cc);
    (void)krb5_cccol_cursor_free(context, &cursor);
    if (code == 0 && !cc)
        code = context_fail(context, KRB5_CC_NOTFOUND, "there is no credential cache with tickets");
    (void)krb5_cc_close(context, cc);
    return code;
}

// No kind that can hold several caches is here.
krb5_boolean krb5_cc_support_switch(krb5_context context, const char *type) {
    UNUSED(context);
    UNUSED(type);
    return 0;
}

// The one cache is the primary one already.
krb5_error_code krb5_cc_switch(krb5_context context, krb5_ccache cc) {
    return context && cc_is(cc) ? 0 : EINVAL;
}
