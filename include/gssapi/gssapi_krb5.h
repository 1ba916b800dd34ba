// gssapi_krb5.h: the krb5 mechanism (RFC 1964, RFC 4121): its OIDs, and calls that reach through
// the GSS-API to Kerberos. Names, types, values and binary interface are MIT krb5's.
#ifndef _GSSAPI_KRB5_H_
#define _GSSAPI_KRB5_H_

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <krb5.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

// Name types (RFC 1964 2.1, 2.2; RFC 6806 5).
GSS_DLLIMP extern const gss_OID GSS_KRB5_NT_PRINCIPAL_NAME;  // 1.2.840.113554.1.2.2.1
GSS_DLLIMP extern const gss_OID GSS_KRB5_NT_ENTERPRISE_NAME; // 1.2.840.113554.1.2.2.6
GSS_DLLIMP extern const gss_OID GSS_KRB5_NT_X509_CERT;       // 1.2.840.113554.1.2.2.7: DER
#define GSS_KRB5_NT_HOSTBASED_SERVICE_NAME GSS_C_NT_HOSTBASED_SERVICE
#define GSS_KRB5_NT_USER_NAME              GSS_C_NT_USER_NAME
#define GSS_KRB5_NT_MACHINE_UID_NAME       GSS_C_NT_MACHINE_UID_NAME
#define GSS_KRB5_NT_STRING_UID_NAME        GSS_C_NT_STRING_UID_NAME
GSS_DLLIMP extern const gss_OID gss_nt_krb5_name;      // 1.2.840.113554.1.2.2.1
GSS_DLLIMP extern const gss_OID gss_nt_krb5_principal; // 1.2.840.113554.1.2.2.2
#define gss_krb5_nt_general_name     gss_nt_krb5_name
#define gss_krb5_nt_principal        gss_nt_krb5_principal
#define gss_krb5_nt_service_name     gss_nt_service_name
#define gss_krb5_nt_user_name        gss_nt_user_name
#define gss_krb5_nt_machine_uid_name gss_nt_machine_uid_name
#define gss_krb5_nt_string_uid_name  gss_nt_string_uid_name

// Mechanisms.
GSS_DLLIMP extern const gss_OID gss_mech_krb5;       // 1.2.840.113554.1.2.2
GSS_DLLIMP extern const gss_OID gss_mech_krb5_old;   // 1.3.5.1.5.2, before RFC 1964
GSS_DLLIMP extern const gss_OID gss_mech_krb5_wrong; // 1.2.840.48018.1.2.2, Windows 2000
GSS_DLLIMP extern const gss_OID gss_mech_iakerb;     // 1.3.6.1.5.2.5
GSS_DLLIMP extern const gss_OID_set gss_mech_set_krb5;
GSS_DLLIMP extern const gss_OID_set gss_mech_set_krb5_old;
GSS_DLLIMP extern const gss_OID_set gss_mech_set_krb5_both;
GSS_DLLIMP extern const gss_OID_desc krb5_gss_oid_array[];

// An option of credentials: tokens do not claim confidentiality and integrity unless asked to; and
// a question: who impersonates with this credential.
GSS_DLLIMP extern const gss_OID GSS_KRB5_CRED_NO_CI_FLAGS_X;    // 1.2.752.43.13.29
GSS_DLLIMP extern const gss_OID GSS_KRB5_GET_CRED_IMPERSONATOR; // 1.2.840.113554.1.2.2.5.14

// A context's state laid open (version 1), for a kernel or another framing.
typedef struct gss_krb5_lucid_key {
    OM_uint32 type; // enctype
    OM_uint32 length;
    void *data;
} gss_krb5_lucid_key_t;
typedef struct gss_krb5_rfc1964_keydata {
    OM_uint32 sign_alg;
    OM_uint32 seal_alg;
    gss_krb5_lucid_key_t ctx_key;
} gss_krb5_rfc1964_keydata_t;
typedef struct gss_krb5_cfx_keydata {
    OM_uint32 have_acceptor_subkey; // 1: acceptor_subkey is one
    gss_krb5_lucid_key_t ctx_key;
    gss_krb5_lucid_key_t acceptor_subkey;
} gss_krb5_cfx_keydata_t;
typedef struct gss_krb5_lucid_context_v1 {
    OM_uint32 version; // 1
    OM_uint32 initiate;
    OM_uint32 endtime;
    uint64_t send_seq;
    uint64_t recv_seq;
    OM_uint32 protocol;                    // 0: RFC 1964; 1: RFC 4121
    gss_krb5_rfc1964_keydata_t rfc1964_kd; // of protocol 0, else zero
    gss_krb5_cfx_keydata_t cfx_kd;         // of protocol 1, else zero
} gss_krb5_lucid_context_v1_t;
typedef struct gss_krb5_lucid_context_version {
    OM_uint32 version;
} gss_krb5_lucid_context_version_t;

// gss_krb5_export_lucid_sec_context gives *kctx, released with gss_krb5_free_lucid_sec_context; the
// context is not to be used again.
OM_uint32 KRB5_CALLCONV gss_krb5_export_lucid_sec_context(OM_uint32 *minor_status,
                                                          gss_ctx_id_t *context_handle,
                                                          OM_uint32 version, void **kctx);
OM_uint32 KRB5_CALLCONV gss_krb5_free_lucid_sec_context(OM_uint32 *minor_status, void *kctx);

// krb5_gss_register_acceptor_identity names the keytab of acceptors from here on, in this process.
#define gsskrb5_register_acceptor_identity krb5_gss_register_acceptor_identity
OM_uint32 KRB5_CALLCONV krb5_gss_register_acceptor_identity(const char *keytab);
OM_uint32 KRB5_CALLCONV gss_krb5_get_tkt_flags(OM_uint32 *minor_status, gss_ctx_id_t context_handle,
                                               krb5_flags *ticket_flags);
// gss_krb5_copy_ccache copies the tickets of a credential into a cache that is initialized already.
OM_uint32 KRB5_CALLCONV gss_krb5_copy_ccache(OM_uint32 *minor_status, gss_cred_id_t cred_handle,
                                             krb5_ccache out_ccache);
// gss_krb5_ccache_name names the default cache of this thread; *out_name, if not NULL, is the
// name before, and lives until the next call.
OM_uint32 KRB5_CALLCONV gss_krb5_ccache_name(OM_uint32 *minor_status, const char *name,
                                             const char **out_name);
// gss_krb5_set_allowable_enctypes limits the enctypes of contexts begun with the credential.
OM_uint32 KRB5_CALLCONV gss_krb5_set_allowable_enctypes(OM_uint32 *minor_status, gss_cred_id_t cred,
                                                        OM_uint32 num_ktypes, krb5_enctype *ktypes);
OM_uint32 KRB5_CALLCONV gss_krb5_set_cred_rcache(OM_uint32 *minor_status, gss_cred_id_t cred,
                                                 krb5_rcache rcache);
OM_uint32 KRB5_CALLCONV gss_krb5_import_cred(OM_uint32 *minor_status, krb5_ccache id,
                                             krb5_principal keytab_principal, krb5_keytab keytab,
                                             gss_cred_id_t *cred);
OM_uint32 KRB5_CALLCONV gsskrb5_extract_authz_data_from_sec_context(OM_uint32 *minor_status,
                                                                    gss_ctx_id_t context_handle,
                                                                    int ad_type,
                                                                    gss_buffer_t ad_data);
OM_uint32 KRB5_CALLCONV gsskrb5_extract_authtime_from_sec_context(OM_uint32 *minor_status,
                                                                  gss_ctx_id_t context_handle,
                                                                  krb5_timestamp *authtime);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
