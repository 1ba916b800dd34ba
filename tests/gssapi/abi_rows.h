// abi_rows.h: everything in the public GSS-API headers that has a value, a size or a place, as
// rows. A program built with MIT krb5's headers and linked to its library printed them into
// vectors/abi/gssapi.txt (MIT krb5 1.20.1-2+deb12u5, amd64); test_abi.c prints them with ours.
#ifndef OBOL_TESTS_GSSAPI_ABI_ROWS_H
#define OBOL_TESTS_GSSAPI_ABI_ROWS_H

#include <gssapi/gssapi_generic.h>
#include <gssapi/gssapi_krb5.h>

// clang-format off
#define ABI_CONSTANTS(X) \
    X(GSS_C_ACCEPT) X(GSS_C_AF_APPLETALK) X(GSS_C_AF_BSC) X(GSS_C_AF_CCITT) X(GSS_C_AF_CHAOS) \
    X(GSS_C_AF_DATAKIT) X(GSS_C_AF_DECnet) X(GSS_C_AF_DLI) X(GSS_C_AF_DSS) X(GSS_C_AF_ECMA) \
    X(GSS_C_AF_HYLINK) X(GSS_C_AF_IMPLINK) X(GSS_C_AF_INET) X(GSS_C_AF_LAT) X(GSS_C_AF_LOCAL) \
    X(GSS_C_AF_NBS) X(GSS_C_AF_NETBIOS) X(GSS_C_AF_NS) X(GSS_C_AF_NULLADDR) X(GSS_C_AF_OSI) \
    X(GSS_C_AF_PUP) X(GSS_C_AF_SNA) X(GSS_C_AF_UNSPEC) X(GSS_C_AF_X25) X(GSS_C_ANON_FLAG) \
    X(GSS_C_BOTH) X(GSS_C_CALLING_ERROR_MASK) X(GSS_C_CALLING_ERROR_OFFSET) X(GSS_C_CHANNEL_BOUND_FLAG) X(GSS_C_CONF_FLAG) \
    X(GSS_C_DCE_STYLE) X(GSS_C_DELEG_FLAG) X(GSS_C_DELEG_POLICY_FLAG) X(GSS_C_EXTENDED_ERROR_FLAG) X(GSS_C_GSS_CODE) \
    X(GSS_C_IDENTIFY_FLAG) X(GSS_C_INDEFINITE) X(GSS_C_INITIATE) X(GSS_C_INTEG_FLAG) X(GSS_C_MECH_CODE) \
    X(GSS_C_MUTUAL_FLAG) X(GSS_C_PRF_KEY_FULL) X(GSS_C_PRF_KEY_PARTIAL) X(GSS_C_PROT_READY_FLAG) X(GSS_C_QOP_DEFAULT) \
    X(GSS_C_REPLAY_FLAG) X(GSS_C_ROUTINE_ERROR_MASK) X(GSS_C_ROUTINE_ERROR_OFFSET) X(GSS_C_SEQUENCE_FLAG) X(GSS_C_SUPPLEMENTARY_MASK) \
    X(GSS_C_SUPPLEMENTARY_OFFSET) X(GSS_C_TRANS_FLAG) X(GSS_IOV_BUFFER_FLAG_ALLOCATE) X(GSS_IOV_BUFFER_FLAG_ALLOCATED) X(GSS_IOV_BUFFER_FLAG_MASK) \
    X(GSS_IOV_BUFFER_TYPE_DATA) X(GSS_IOV_BUFFER_TYPE_EMPTY) X(GSS_IOV_BUFFER_TYPE_HEADER) X(GSS_IOV_BUFFER_TYPE_MECH_PARAMS) X(GSS_IOV_BUFFER_TYPE_MIC_TOKEN) \
    X(GSS_IOV_BUFFER_TYPE_PADDING) X(GSS_IOV_BUFFER_TYPE_SIGN_ONLY) X(GSS_IOV_BUFFER_TYPE_STREAM) X(GSS_IOV_BUFFER_TYPE_TRAILER) X(GSS_S_BAD_BINDINGS) \
    X(GSS_S_BAD_MECH) X(GSS_S_BAD_MECH_ATTR) X(GSS_S_BAD_MIC) X(GSS_S_BAD_NAME) X(GSS_S_BAD_NAMETYPE) \
    X(GSS_S_BAD_QOP) X(GSS_S_BAD_SIG) X(GSS_S_BAD_STATUS) X(GSS_S_CALL_BAD_STRUCTURE) X(GSS_S_CALL_INACCESSIBLE_READ) \
    X(GSS_S_CALL_INACCESSIBLE_WRITE) X(GSS_S_COMPLETE) X(GSS_S_CONTEXT_EXPIRED) X(GSS_S_CONTINUE_NEEDED) X(GSS_S_CREDENTIALS_EXPIRED) \
    X(GSS_S_CRED_UNAVAIL) X(GSS_S_DEFECTIVE_CREDENTIAL) X(GSS_S_DEFECTIVE_TOKEN) X(GSS_S_DUPLICATE_ELEMENT) X(GSS_S_DUPLICATE_TOKEN) \
    X(GSS_S_FAILURE) X(GSS_S_GAP_TOKEN) X(GSS_S_NAME_NOT_MN) X(GSS_S_NO_CONTEXT) X(GSS_S_NO_CRED) \
    X(GSS_S_OLD_TOKEN) X(GSS_S_UNAUTHORIZED) X(GSS_S_UNAVAILABLE) X(GSS_S_UNSEQ_TOKEN)

#define ABI_STRUCTS(SIZE, AT) \
    SIZE(gss_OID_desc) AT(gss_OID_desc, length) AT(gss_OID_desc, elements) \
    SIZE(gss_OID_set_desc) AT(gss_OID_set_desc, count) AT(gss_OID_set_desc, elements) \
    SIZE(gss_buffer_desc) AT(gss_buffer_desc, length) AT(gss_buffer_desc, value) \
    SIZE(struct gss_channel_bindings_struct) AT(struct gss_channel_bindings_struct, initiator_addrtype) AT(struct gss_channel_bindings_struct, initiator_address) AT(struct gss_channel_bindings_struct, acceptor_addrtype) AT(struct gss_channel_bindings_struct, acceptor_address) AT(struct gss_channel_bindings_struct, application_data) \
    SIZE(gss_buffer_set_desc) AT(gss_buffer_set_desc, count) AT(gss_buffer_set_desc, elements) \
    SIZE(gss_iov_buffer_desc) AT(gss_iov_buffer_desc, type) AT(gss_iov_buffer_desc, buffer) \
    SIZE(gss_key_value_element_desc) AT(gss_key_value_element_desc, key) AT(gss_key_value_element_desc, value) \
    SIZE(gss_key_value_set_desc) AT(gss_key_value_set_desc, count) AT(gss_key_value_set_desc, elements) \
    SIZE(gss_krb5_lucid_key_t) AT(gss_krb5_lucid_key_t, type) AT(gss_krb5_lucid_key_t, length) AT(gss_krb5_lucid_key_t, data) \
    SIZE(gss_krb5_rfc1964_keydata_t) AT(gss_krb5_rfc1964_keydata_t, sign_alg) AT(gss_krb5_rfc1964_keydata_t, seal_alg) AT(gss_krb5_rfc1964_keydata_t, ctx_key) \
    SIZE(gss_krb5_cfx_keydata_t) AT(gss_krb5_cfx_keydata_t, have_acceptor_subkey) AT(gss_krb5_cfx_keydata_t, ctx_key) AT(gss_krb5_cfx_keydata_t, acceptor_subkey) \
    SIZE(gss_krb5_lucid_context_v1_t) AT(gss_krb5_lucid_context_v1_t, version) AT(gss_krb5_lucid_context_v1_t, initiate) AT(gss_krb5_lucid_context_v1_t, endtime) AT(gss_krb5_lucid_context_v1_t, send_seq) AT(gss_krb5_lucid_context_v1_t, recv_seq) AT(gss_krb5_lucid_context_v1_t, protocol) AT(gss_krb5_lucid_context_v1_t, rfc1964_kd) AT(gss_krb5_lucid_context_v1_t, cfx_kd) \
    SIZE(gss_krb5_lucid_context_version_t) AT(gss_krb5_lucid_context_version_t, version)
#define ABI_TYPES(SIZE) \
    SIZE(OM_uint32) SIZE(gss_name_t) SIZE(gss_cred_id_t) SIZE(gss_ctx_id_t) SIZE(gss_qop_t) \
    SIZE(gss_cred_usage_t) SIZE(gss_uint32) SIZE(gss_int32) SIZE(gss_any_t)

#define ABI_OIDS(X) \
    X(GSS_C_NT_USER_NAME) X(GSS_C_NT_MACHINE_UID_NAME) X(GSS_C_NT_STRING_UID_NAME) \
    X(GSS_C_NT_HOSTBASED_SERVICE) X(GSS_C_NT_HOSTBASED_SERVICE_X) X(GSS_C_NT_ANONYMOUS) \
    X(GSS_C_NT_EXPORT_NAME) X(GSS_C_NT_COMPOSITE_EXPORT) X(gss_nt_user_name) \
    X(gss_nt_machine_uid_name) X(gss_nt_string_uid_name) X(gss_nt_service_name) \
    X(gss_nt_service_name_v2) X(gss_nt_exported_name) X(gss_nt_krb5_name) \
    X(gss_nt_krb5_principal) X(gss_mech_krb5) X(gss_mech_krb5_old) \
    X(gss_mech_krb5_wrong) X(gss_mech_iakerb) X(GSS_KRB5_NT_PRINCIPAL_NAME) \
    X(GSS_KRB5_CRED_NO_CI_FLAGS_X) X(GSS_KRB5_GET_CRED_IMPERSONATOR) X(GSS_C_INQ_SSPI_SESSION_KEY) \
    X(GSS_C_INQ_NEGOEX_KEY) X(GSS_C_INQ_NEGOEX_VERIFY_KEY) X(GSS_C_SEC_CONTEXT_SASL_SSF) \
    X(GSS_C_MA_MECH_CONCRETE) X(GSS_C_MA_MECH_PSEUDO) X(GSS_C_MA_MECH_COMPOSITE) \
    X(GSS_C_MA_MECH_NEGO) X(GSS_C_MA_MECH_GLUE) X(GSS_C_MA_NOT_MECH) \
    X(GSS_C_MA_DEPRECATED) X(GSS_C_MA_NOT_DFLT_MECH) X(GSS_C_MA_ITOK_FRAMED) \
    X(GSS_C_MA_AUTH_INIT) X(GSS_C_MA_AUTH_TARG) X(GSS_C_MA_AUTH_INIT_INIT) \
    X(GSS_C_MA_AUTH_TARG_INIT) X(GSS_C_MA_AUTH_INIT_ANON) X(GSS_C_MA_AUTH_TARG_ANON) \
    X(GSS_C_MA_DELEG_CRED) X(GSS_C_MA_INTEG_PROT) X(GSS_C_MA_CONF_PROT) \
    X(GSS_C_MA_MIC) X(GSS_C_MA_WRAP) X(GSS_C_MA_PROT_READY) \
    X(GSS_C_MA_REPLAY_DET) X(GSS_C_MA_OOS_DET) X(GSS_C_MA_CBINDINGS) \
    X(GSS_C_MA_PFS) X(GSS_C_MA_COMPRESS) X(GSS_C_MA_CTX_TRANS) \
    X(GSS_C_MA_NEGOEX_AND_SPNEGO)
// clang-format on

#endif
