// rcache.c: replay caches as programs hold them: opened, and given to an authentication or a
// credential of the GSS-API.
#include "compat/auth_context.h"
#include "gssapi/part.h"
#include "gssapi/status.h"
#include <errno.h>
#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>

krb5_error_code krb5_get_server_rcache(krb5_context context, const krb5_data *piece,
                                       krb5_rcache *out) {
    CALL(call, context);
    UNUSED(piece); // one cache serves all names
    if (!out)
        return EINVAL;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return ENOMEM;
    enum obol_code code = gssapi_replay(NULL, &context->conf, &(*out)->replay, &call.err);
    if (code != OBOL_OK) {
        free(*out);
        *out = NULL;
    }
    return call_end(&call, code);
}

// The context takes the cache over.
krb5_error_code krb5_auth_con_setrcache(krb5_context context, krb5_auth_context ac,
                                        krb5_rcache rcache) {
    UNUSED(context);
    if (!ac_is(ac))
        return EINVAL;
    free(ac->rcache);
    ac->rcache = rcache;
    return 0;
}

krb5_error_code krb5_auth_con_getrcache(krb5_context context, krb5_auth_context ac,
                                        krb5_rcache *out) {
    UNUSED(context);
    if (!ac_is(ac) || !out)
        return EINVAL;
    *out = ac->rcache;
    return 0;
}

// The credential takes the cache over; NULL: the default one, as it will be then.
OM_uint32 gss_krb5_set_cred_rcache(OM_uint32 *minor, gss_cred_id_t cred, krb5_rcache rcache) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_cred(cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    for (size_t i = 0; i < cred->count; i++) {
        char *name = rcache ? strdup(gssapi_replay_name(rcache->replay)) : NULL;
        if (rcache && !name)
            return gssapi_no_memory(minor);
        struct gssapi_part *part = cred->parts[i].part;
        pthread_mutex_lock(&part->lock);
        free(part->rcache);
        part->rcache = name;
        pthread_mutex_unlock(&part->lock);
    }
    free(rcache);
    return GSS_S_COMPLETE;
}
