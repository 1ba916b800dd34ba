// gss_rest.c: names of MIT's GSS library that belong to no part of ours.
#include "gssapi/part.h"
#include "gssapi/status.h"
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>

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

// gssspi_mech_invoke carries calls that concern no context and no credential, each under an OID of
// MIT krb5's (1.2.840.113554.1.2.2.5.n); what its buffer holds is the callee's to say.
struct name_request { // of krb5_gss_ccache_name
    const char *name;
    const char **out_name;
};

static OM_uint32 invoke_ccache_name(OM_uint32 *minor, gss_buffer_t value) {
    struct name_request request;
    if (value->length != sizeof request)
        return GSS_S_CALL_INACCESSIBLE_READ;
    memcpy(&request, value->value, sizeof request);
    return gss_krb5_ccache_name(minor, request.name, request.out_name);
}

static OM_uint32 invoke_free_lucid(OM_uint32 *minor, gss_buffer_t value) {
    return gss_krb5_free_lucid_sec_context(minor, value->value);
}

static OM_uint32 invoke_keytab(OM_uint32 *minor, gss_buffer_t value) {
    char *name = strndup(value->value, value->length);
    if (!name)
        return gssapi_no_memory(minor);
    OM_uint32 major = krb5_gss_register_acceptor_identity(name);
    free(name);
    return major;
}

OM_uint32 krb5_gss_use_kdc_context(void);
static OM_uint32 invoke_kdc_conf(OM_uint32 *minor, gss_buffer_t value) {
    UNUSED(minor);
    UNUSED(value);
    return krb5_gss_use_kdc_context();
}

static const struct {
    uint8_t last; // of the OID
    bool bare;    // it carries nothing
    OM_uint32 (*call)(OM_uint32 *minor, gss_buffer_t value);
} INVOKED[] = {{3, false, invoke_ccache_name},
               {7, false, invoke_free_lucid},
               {8, true, invoke_kdc_conf},
               {9, false, invoke_keytab}};

OM_uint32 gssspi_mech_invoke(OM_uint32 *minor, gss_OID mech, gss_OID object, gss_buffer_t value) {
    static const struct slice prefix = SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05");
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!mech || !gssapi_mech_of(mech))
        return GSS_S_BAD_MECH;
    if (!object)
        return GSS_S_CALL_INACCESSIBLE_READ;
    struct slice oid = slice_of(object->elements, object->length);
    for (size_t i = 0; i < COUNT_OF(INVOKED); i++) {
        if (oid.len != prefix.len + 1 || !slice_starts(oid, prefix) ||
            oid.ptr[prefix.len] != INVOKED[i].last)
            continue;
        if (!INVOKED[i].bare && (!value || !value->value))
            return GSS_S_CALL_INACCESSIBLE_READ;
        return INVOKED[i].call(minor, value);
    }
    return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                         "the OID names no operation of the mechanism");
}
