// gss_rest.c: names of MIT's GSS library that belong to no part of ours: programs load with them,
// and hear what they are for.
#include "gssapi/status.h"
#include <gssapi/gssapi_krb5.h>

// What Windows asks for at the end of some exchanges; no mechanism of ours has anything to add.
OM_uint32 gss_complete_auth_token(OM_uint32 *minor, const gss_ctx_id_t context,
                                  gss_buffer_t input) {
    OM_uint32 begun = gssapi_begin(minor);
    UNUSED(input);
    if (begun != GSS_S_COMPLETE)
        return begun;
    return context == GSS_C_NO_CONTEXT ? GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CONTEXT
                                       : GSS_S_COMPLETE;
}

// The replay cache of a credential is named when it is acquired (gss_acquire_cred_from, "rcache").
OM_uint32 gss_krb5_set_cred_rcache(OM_uint32 *minor, gss_cred_id_t cred, krb5_rcache rcache) {
    OM_uint32 begun = gssapi_begin(minor);
    UNUSED(cred);
    UNUSED(rcache);
    if (begun != GSS_S_COMPLETE)
        return begun;
    return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                         "a handle of a replay cache cannot be given to a credential: name the "
                         "cache in the store of gss_acquire_cred_from instead");
}
