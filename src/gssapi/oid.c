// oid.c: the OIDs of the GSS-API as data symbols that programs link to (RFC 2744 3.10, RFC 1964 2,
// RFC 5587 3.3), each a pointer of 8 bytes, and their look-up. Which are const, and which pair
// shares an OID, is as in MIT krb5's library: programs reach some by COPY relocations.
#include "gssapi/handles.h"

#define KRB5_OID "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" // 1.2.840.113554.1.2.2
#define KRB5_EXT KRB5_OID "\x05"                        // and .5: krb5-gssapi-ext
#define NT_OID   "\x2a\x86\x48\x86\xf7\x12\x01\x02\x01" // 1.2.840.113554.1.2.1
#define MA_OID   "\x2b\x06\x01\x05\x05\x0d"             // 1.3.6.1.5.5.13
#define ROW(s)                                                                                     \
    { sizeof(s) - 1, (void *)(uintptr_t)(s) }

#pragma GCC visibility push(default)

enum {
    USER,
    MACHINE_UID,
    STRING_UID,
    SERVICE_X,
    SERVICE,
    ANONYMOUS,
    EXPORT,
    COMPOSITE,
    SSPI_KEY,
    ODBC_KEY,
    NEGOEX_KEY,
    NEGOEX_VERIFY_KEY,
    SASL_SSF,
    NEGOEX_AND_SPNEGO,
    SPNEGO,
    ATTRIBUTES, // the first of 27
};
static const gss_OID_desc oids[ATTRIBUTES + 27] = {
    [USER] = ROW(NT_OID "\x01"),
    [MACHINE_UID] = ROW(NT_OID "\x02"),
    [STRING_UID] = ROW(NT_OID "\x03"),
    [SERVICE_X] = ROW("\x2b\x06\x01\x05\x06\x02"),
    [SERVICE] = ROW(NT_OID "\x04"),
    [ANONYMOUS] = ROW("\x2b\x06\x01\x05\x06\x03"),
    [EXPORT] = ROW("\x2b\x06\x01\x05\x06\x04"),
    [COMPOSITE] = ROW("\x2b\x06\x01\x05\x06\x06"),
    [SSPI_KEY] = ROW(KRB5_EXT "\x05"),
    [ODBC_KEY] = ROW(KRB5_EXT "\x13"),
    [NEGOEX_KEY] = ROW(KRB5_EXT "\x10"),
    [NEGOEX_VERIFY_KEY] = ROW(KRB5_EXT "\x11"),
    [SASL_SSF] = ROW(KRB5_EXT "\x0f"),
    [NEGOEX_AND_SPNEGO] = ROW(KRB5_EXT "\x12"),
    [SPNEGO] = ROW("\x2b\x06\x01\x05\x05\x02"),
    [ATTRIBUTES] = ROW(MA_OID "\x01"),
    ROW(MA_OID "\x02"),
    ROW(MA_OID "\x03"),
    ROW(MA_OID "\x04"),
    ROW(MA_OID "\x05"),
    ROW(MA_OID "\x06"),
    ROW(MA_OID "\x07"),
    ROW(MA_OID "\x08"),
    ROW(MA_OID "\x09"),
    ROW(MA_OID "\x0a"),
    ROW(MA_OID "\x0b"),
    ROW(MA_OID "\x0c"),
    ROW(MA_OID "\x0d"),
    ROW(MA_OID "\x0e"),
    ROW(MA_OID "\x0f"),
    ROW(MA_OID "\x10"),
    ROW(MA_OID "\x11"),
    ROW(MA_OID "\x12"),
    ROW(MA_OID "\x13"),
    ROW(MA_OID "\x14"),
    ROW(MA_OID "\x15"),
    ROW(MA_OID "\x16"),
    ROW(MA_OID "\x17"),
    ROW(MA_OID "\x18"),
    ROW(MA_OID "\x19"),
    ROW(MA_OID "\x1a"),
    ROW(MA_OID "\x1b"),
};
#define OID(i) ((gss_OID)(uintptr_t)&oids[i])

gss_OID GSS_C_NT_USER_NAME = OID(USER), gss_nt_user_name = OID(USER);
gss_OID GSS_C_NT_MACHINE_UID_NAME = OID(MACHINE_UID), gss_nt_machine_uid_name = OID(MACHINE_UID);
gss_OID GSS_C_NT_STRING_UID_NAME = OID(STRING_UID), gss_nt_string_uid_name = OID(STRING_UID);
gss_OID GSS_C_NT_HOSTBASED_SERVICE_X = OID(SERVICE_X), gss_nt_service_name_v2 = OID(SERVICE_X);
gss_OID GSS_C_NT_HOSTBASED_SERVICE = OID(SERVICE), gss_nt_service_name = OID(SERVICE);
gss_OID GSS_C_NT_ANONYMOUS = OID(ANONYMOUS);
gss_OID GSS_C_NT_EXPORT_NAME = OID(EXPORT), gss_nt_exported_name = OID(EXPORT);
gss_OID GSS_C_NT_COMPOSITE_EXPORT = OID(COMPOSITE);
gss_OID GSS_C_INQ_SSPI_SESSION_KEY = OID(SSPI_KEY), GSS_C_INQ_ODBC_SESSION_KEY = OID(ODBC_KEY);
gss_OID GSS_C_INQ_NEGOEX_KEY = OID(NEGOEX_KEY);
gss_OID GSS_C_INQ_NEGOEX_VERIFY_KEY = OID(NEGOEX_VERIFY_KEY);
gss_OID GSS_C_SEC_CONTEXT_SASL_SSF = OID(SASL_SSF);

gss_const_OID GSS_C_MA_NEGOEX_AND_SPNEGO = &oids[NEGOEX_AND_SPNEGO];
gss_const_OID GSS_C_MA_MECH_CONCRETE = &oids[ATTRIBUTES + 0];
gss_const_OID GSS_C_MA_MECH_PSEUDO = &oids[ATTRIBUTES + 1];
gss_const_OID GSS_C_MA_MECH_COMPOSITE = &oids[ATTRIBUTES + 2];
gss_const_OID GSS_C_MA_MECH_NEGO = &oids[ATTRIBUTES + 3];
gss_const_OID GSS_C_MA_MECH_GLUE = &oids[ATTRIBUTES + 4];
gss_const_OID GSS_C_MA_NOT_MECH = &oids[ATTRIBUTES + 5];
gss_const_OID GSS_C_MA_DEPRECATED = &oids[ATTRIBUTES + 6];
gss_const_OID GSS_C_MA_NOT_DFLT_MECH = &oids[ATTRIBUTES + 7];
gss_const_OID GSS_C_MA_ITOK_FRAMED = &oids[ATTRIBUTES + 8];
gss_const_OID GSS_C_MA_AUTH_INIT = &oids[ATTRIBUTES + 9];
gss_const_OID GSS_C_MA_AUTH_TARG = &oids[ATTRIBUTES + 10];
gss_const_OID GSS_C_MA_AUTH_INIT_INIT = &oids[ATTRIBUTES + 11];
gss_const_OID GSS_C_MA_AUTH_TARG_INIT = &oids[ATTRIBUTES + 12];
gss_const_OID GSS_C_MA_AUTH_INIT_ANON = &oids[ATTRIBUTES + 13];
gss_const_OID GSS_C_MA_AUTH_TARG_ANON = &oids[ATTRIBUTES + 14];
gss_const_OID GSS_C_MA_DELEG_CRED = &oids[ATTRIBUTES + 15];
gss_const_OID GSS_C_MA_INTEG_PROT = &oids[ATTRIBUTES + 16];
gss_const_OID GSS_C_MA_CONF_PROT = &oids[ATTRIBUTES + 17];
gss_const_OID GSS_C_MA_MIC = &oids[ATTRIBUTES + 18];
gss_const_OID GSS_C_MA_WRAP = &oids[ATTRIBUTES + 19];
gss_const_OID GSS_C_MA_PROT_READY = &oids[ATTRIBUTES + 20];
gss_const_OID GSS_C_MA_REPLAY_DET = &oids[ATTRIBUTES + 21];
gss_const_OID GSS_C_MA_OOS_DET = &oids[ATTRIBUTES + 22];
gss_const_OID GSS_C_MA_CBINDINGS = &oids[ATTRIBUTES + 23];
gss_const_OID GSS_C_MA_PFS = &oids[ATTRIBUTES + 24];
gss_const_OID GSS_C_MA_COMPRESS = &oids[ATTRIBUTES + 25];
gss_const_OID GSS_C_MA_CTX_TRANS = &oids[ATTRIBUTES + 26];

enum {
    MECH_KRB5,
    MECH_KRB5_OLD,
    MECH_KRB5_WRONG,
    MECH_IAKERB,
    MECH_KRB5_V2,
    NT_PRINCIPAL,
    NT_PRINCIPAL_POINTER,
    NO_CI_FLAGS,
    IMPERSONATOR,
    NT_ENTERPRISE,
    NT_X509,
};
// The order is part of the interface: programs of old index this array.
const gss_OID_desc krb5_gss_oid_array[] = {
    [MECH_KRB5] = ROW(KRB5_OID),
    [MECH_KRB5_OLD] = ROW("\x2b\x05\x01\x05\x02"),
    [MECH_KRB5_WRONG] = ROW("\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"),
    [MECH_IAKERB] = ROW("\x2b\x06\x01\x05\x02\x05"),
    [MECH_KRB5_V2] = ROW("\x2a\x86\x48\x86\xf7\x12\x01\x02\x03"),
    [NT_PRINCIPAL] = ROW(KRB5_OID "\x01"),
    [NT_PRINCIPAL_POINTER] = ROW(KRB5_OID "\x02"),
    [NO_CI_FLAGS] = ROW("\x2a\x85\x70\x2b\x0d\x1d"),
    [IMPERSONATOR] = ROW(KRB5_EXT "\x0e"),
    [NT_ENTERPRISE] = ROW(KRB5_OID "\x06"),
    [NT_X509] = ROW(KRB5_OID "\x07"),
    {0, NULL},
};
#define KRB5(i) ((gss_OID)(uintptr_t)&krb5_gss_oid_array[i])

const gss_OID gss_mech_krb5 = KRB5(MECH_KRB5);
const gss_OID gss_mech_krb5_old = KRB5(MECH_KRB5_OLD);
const gss_OID gss_mech_krb5_wrong = KRB5(MECH_KRB5_WRONG);
const gss_OID gss_mech_iakerb = KRB5(MECH_IAKERB);
const gss_OID gss_nt_krb5_name = KRB5(NT_PRINCIPAL);
const gss_OID gss_nt_krb5_principal = KRB5(NT_PRINCIPAL_POINTER);
const gss_OID GSS_KRB5_NT_PRINCIPAL_NAME = KRB5(NT_PRINCIPAL);
const gss_OID GSS_KRB5_NT_ENTERPRISE_NAME = KRB5(NT_ENTERPRISE);
const gss_OID GSS_KRB5_NT_X509_CERT = KRB5(NT_X509);
const gss_OID GSS_KRB5_CRED_NO_CI_FLAGS_X = KRB5(NO_CI_FLAGS);
const gss_OID GSS_KRB5_GET_CRED_IMPERSONATOR = KRB5(IMPERSONATOR);

static const gss_OID_set_desc sets[] = {
    {1, KRB5(MECH_KRB5)},
    {1, KRB5(MECH_KRB5_OLD)},
    {3, KRB5(MECH_KRB5)},
};
const gss_OID_set gss_mech_set_krb5 = (gss_OID_set)(uintptr_t)&sets[0];
const gss_OID_set gss_mech_set_krb5_old = (gss_OID_set)(uintptr_t)&sets[1];
const gss_OID_set gss_mech_set_krb5_both = (gss_OID_set)(uintptr_t)&sets[2];

static gss_buffer_desc local_login_user = {sizeof "local-login-user" - 1,
                                           (void *)(uintptr_t) "local-login-user"};
gss_buffer_t GSS_C_ATTR_LOCAL_LOGIN_USER = &local_login_user;

// A switch of MIT krb5's that its own tests set; nothing here reads it.
extern int krb5_gss_dbg_client_expcreds;
int krb5_gss_dbg_client_expcreds;

#pragma GCC visibility pop

static bool equal(gss_const_OID a, gss_const_OID b) {
    return a->length == b->length && memcmp(a->elements, b->elements, a->length) == 0;
}

gss_OID gssapi_oid_static(gss_const_OID oid) {
    if (!oid || !oid->elements || oid->length == 0)
        return NULL;
    for (size_t i = 0; krb5_gss_oid_array[i].length; i++)
        if (equal(oid, &krb5_gss_oid_array[i]))
            return KRB5(i);
    for (size_t i = 0; i < COUNT_OF(oids); i++)
        if (equal(oid, &oids[i]))
            return OID(i);
    return NULL;
}

static const struct {
    unsigned mech;
    const gss_OID_desc *oid;
} mechs[] = {
    {GSSAPI_KRB5, &krb5_gss_oid_array[MECH_KRB5]},
    {GSSAPI_KRB5_OLD, &krb5_gss_oid_array[MECH_KRB5_OLD]},
    {GSSAPI_KRB5_WRONG, &krb5_gss_oid_array[MECH_KRB5_WRONG]},
    {GSSAPI_IAKERB, &krb5_gss_oid_array[MECH_IAKERB]},
    {GSSAPI_SPNEGO, &oids[SPNEGO]},
};

unsigned gssapi_mech_of(gss_const_OID oid) {
    if (!oid)
        return GSSAPI_KRB5;
    for (size_t i = 0; i < COUNT_OF(mechs); i++)
        if (oid == mechs[i].oid || (oid->elements && equal(oid, mechs[i].oid)))
            return mechs[i].mech;
    return 0;
}

gss_OID gssapi_mech_oid(unsigned mech) {
    for (size_t i = 0; i < COUNT_OF(mechs); i++)
        if (mech == mechs[i].mech)
            return (gss_OID)(uintptr_t)mechs[i].oid;
    return NULL;
}

unsigned gssapi_mechs_of(gss_const_OID_set set) {
    unsigned found = 0;
    for (size_t i = 0; set && set->elements && i < set->count; i++)
        found |= gssapi_mech_of(&set->elements[i]);
    return found;
}
