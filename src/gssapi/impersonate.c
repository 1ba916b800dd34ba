// impersonate.c: credentials in the name of another (S4U2Self, MS-SFU): the calls are there and say
// that they are not available.
#include "gssapi/part.h"
#include "gssapi/status.h"

static OM_uint32 unavailable(OM_uint32 *minor, gss_cred_id_t impersonator, gss_name_t name) {
    if (impersonator && !gssapi_is_cred(impersonator))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (!impersonator)
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    if (!gssapi_is_name(name))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME;
    return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                         "tickets in the name of \"%.*s\" (S4U2Self) are not asked for yet",
                         SLICE_ARG(name->text));
}

OM_uint32 gss_acquire_cred_impersonate_name(OM_uint32 *minor, gss_cred_id_t impersonator,
                                            gss_name_t name, OM_uint32 time_req, gss_OID_set mechs,
                                            gss_cred_usage_t usage, gss_cred_id_t *out,
                                            gss_OID_set *actual, OM_uint32 *time_rec) {
    UNUSED(time_req);
    UNUSED(mechs);
    UNUSED(usage);
    if (out)
        *out = GSS_C_NO_CREDENTIAL;
    if (actual)
        *actual = GSS_C_NO_OID_SET;
    if (time_rec)
        *time_rec = 0;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    return unavailable(minor, impersonator, name);
}

OM_uint32 gss_add_cred_impersonate_name(OM_uint32 *minor, gss_cred_id_t input,
                                        gss_cred_id_t impersonator, gss_name_t name, gss_OID mech,
                                        gss_cred_usage_t usage, OM_uint32 initiator_req,
                                        OM_uint32 acceptor_req, gss_cred_id_t *out,
                                        gss_OID_set *actual, OM_uint32 *initiator_rec,
                                        OM_uint32 *acceptor_rec) {
    UNUSED(mech);
    UNUSED(usage);
    UNUSED(initiator_req);
    UNUSED(acceptor_req);
    if (out)
        *out = GSS_C_NO_CREDENTIAL;
    if (actual)
        *actual = GSS_C_NO_OID_SET;
    if (initiator_rec)
        *initiator_rec = 0;
    if (acceptor_rec)
        *acceptor_rec = 0;
    if (gssapi_begin(minor) || (!input && !out))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    return unavailable(minor, impersonator, name);
}
