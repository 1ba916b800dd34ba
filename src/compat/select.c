// select.c: the cache of a collection that is for a service (krb5_cc_select; cred/select.h).
#include "cred/select.h"
#include "compat/ccache.h"
#include "compat/convert.h"
#include <errno.h>

static enum obol_code choose(struct call *c, krb5_principal server, krb5_ccache *cache,
                             krb5_principal *client) {
    struct error *err = &c->err;
    struct principal service, owner = {0};
    struct ccache *found = NULL;
    const char *name = krb5_cc_default_name(c->context);
    TRY(principal_in(server, &c->arena, &service, err));
    service.name.name_type = server->type;
    enum obol_code code =
        ccache_select(&found, &owner, &service, slice_str(name), &c->context->conf, &c->arena, err);
    if (code == OBOL_NOT_FOUND || code == OBOL_CCACHE_NOT_FOUND)
        c->as = KRB5_CC_NOTFOUND;
    // Whom the user's rules want is said even where his cache is not there.
    bool named = code == OBOL_OK || (code == OBOL_CCACHE_NOT_FOUND && owner.realm.len);
    if (named && !principal_out(client, &owner))
        code = error_set(err, OBOL_NO_MEMORY, __func__, "no memory for a name");
    if (code != OBOL_OK) {
        ccache_close(found);
        return code;
    }
    if (cc_wrap(found, cache) == 0)
        return OBOL_OK;
    krb5_free_principal(NULL, *client);
    *client = NULL;
    return error_set(err, OBOL_NO_MEMORY, __func__, "no memory for a cache's handle");
}

krb5_error_code krb5_cc_select(krb5_context context, krb5_principal server, krb5_ccache *cache,
                               krb5_principal *client) {
    CALL(call, context);
    if (!server || !cache || !client)
        return EINVAL;
    *cache = NULL;
    *client = NULL;
    return call_end(&call, choose(&call, server, cache, client));
}
