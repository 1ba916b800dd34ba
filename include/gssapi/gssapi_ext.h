// gssapi_ext.h: what stands beyond RFC 2744 and is in common use: passwords and stores as sources
// of credentials, impersonation, scatter-gather message protection, naming extensions (RFC 6680),
// inquiry by OID. Names, types, values and binary interface are MIT krb5's.
#ifndef GSSAPI_EXT_H_
#define GSSAPI_EXT_H_

#include <gssapi/gssapi.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

// Sets of buffers.
typedef struct gss_buffer_set_desc_struct {
    size_t count;
    gss_buffer_desc *elements;
} gss_buffer_set_desc, *gss_buffer_set_t;
#define GSS_C_NO_BUFFER_SET ((gss_buffer_set_t)0)

OM_uint32 KRB5_CALLCONV gss_create_empty_buffer_set(OM_uint32 *minor_status,
                                                    gss_buffer_set_t *buffer_set);
OM_uint32 KRB5_CALLCONV gss_add_buffer_set_member(OM_uint32 *minor_status,
                                                  gss_buffer_t member_buffer,
                                                  gss_buffer_set_t *buffer_set);
OM_uint32 KRB5_CALLCONV gss_release_buffer_set(OM_uint32 *minor_status,
                                               gss_buffer_set_t *buffer_set);

// Names and the users of this machine. gss_localname maps a name to a user's; gss_userok and
// gss_authorize_localname say whether a name may act as a user (1 and GSS_S_COMPLETE: it may).
OM_uint32 KRB5_CALLCONV gss_pname_to_uid(OM_uint32 *minor_status, gss_name_t name,
                                         gss_OID mech_type, uid_t *uid_out);
OM_uint32 KRB5_CALLCONV gss_localname(OM_uint32 *minor_status, gss_name_t name,
                                      gss_const_OID mech_type, gss_buffer_t localname);
int KRB5_CALLCONV gss_userok(gss_name_t name, const char *username);
OM_uint32 KRB5_CALLCONV gss_authorize_localname(OM_uint32 *minor_status, gss_name_t name,
                                                gss_name_t user);

// Credentials from a password.
OM_uint32 KRB5_CALLCONV gss_acquire_cred_with_password(
    OM_uint32 *minor_status, gss_name_t desired_name, gss_buffer_t password, OM_uint32 time_req,
    gss_OID_set desired_mechs, gss_cred_usage_t cred_usage, gss_cred_id_t *output_cred_handle,
    gss_OID_set *actual_mechs, OM_uint32 *time_rec);
OM_uint32 KRB5_CALLCONV gss_add_cred_with_password(
    OM_uint32 *minor_status, gss_cred_id_t input_cred_handle, gss_name_t desired_name,
    gss_OID desired_mech, gss_buffer_t password, gss_cred_usage_t cred_usage,
    OM_uint32 initiator_time_req, OM_uint32 acceptor_time_req, gss_cred_id_t *output_cred_handle,
    gss_OID_set *actual_mechs, OM_uint32 *initiator_time_rec, OM_uint32 *acceptor_time_rec);

// Credentials in the name of another (S4U2Self, and S4U2Proxy when the impersonator holds a
// ticket of the user as its delegated credential).
OM_uint32 KRB5_CALLCONV gss_acquire_cred_impersonate_name(
    OM_uint32 *minor_status, gss_cred_id_t impersonator_cred_handle, gss_name_t desired_name,
    OM_uint32 time_req, gss_OID_set desired_mechs, gss_cred_usage_t cred_usage,
    gss_cred_id_t *output_cred_handle, gss_OID_set *actual_mechs, OM_uint32 *time_rec);
OM_uint32 KRB5_CALLCONV gss_add_cred_impersonate_name(
    OM_uint32 *minor_status, gss_cred_id_t input_cred_handle,
    gss_cred_id_t impersonator_cred_handle, gss_name_t desired_name, gss_OID desired_mech,
    gss_cred_usage_t cred_usage, OM_uint32 initiator_time_req, OM_uint32 acceptor_time_req,
    gss_cred_id_t *output_cred_handle, gss_OID_set *actual_mechs, OM_uint32 *initiator_time_rec,
    OM_uint32 *acceptor_time_rec);

// Credentials from and into named places: "ccache", "keytab", "client_keytab", "rcache",
// "password", "verify".
struct gss_key_value_element_struct {
    const char *key;
    const char *value;
};
typedef struct gss_key_value_element_struct gss_key_value_element_desc;
struct gss_key_value_set_struct {
    OM_uint32 count;
    gss_key_value_element_desc *elements;
};
typedef struct gss_key_value_set_struct gss_key_value_set_desc;
typedef const gss_key_value_set_desc *gss_const_key_value_set_t;
#define GSS_C_NO_CRED_STORE ((gss_const_key_value_set_t)0)

OM_uint32 KRB5_CALLCONV gss_acquire_cred_from(OM_uint32 *minor_status, gss_name_t desired_name,
                                              OM_uint32 time_req, gss_OID_set desired_mechs,
                                              gss_cred_usage_t cred_usage,
                                              gss_const_key_value_set_t cred_store,
                                              gss_cred_id_t *output_cred_handle,
                                              gss_OID_set *actual_mechs, OM_uint32 *time_rec);
OM_uint32 KRB5_CALLCONV gss_add_cred_from(OM_uint32 *minor_status, gss_cred_id_t input_cred_handle,
                                          gss_name_t desired_name, gss_OID desired_mech,
                                          gss_cred_usage_t cred_usage, OM_uint32 initiator_time_req,
                                          OM_uint32 acceptor_time_req,
                                          gss_const_key_value_set_t cred_store,
                                          gss_cred_id_t *output_cred_handle,
                                          gss_OID_set *actual_mechs, OM_uint32 *initiator_time_rec,
                                          OM_uint32 *acceptor_time_rec);
OM_uint32 KRB5_CALLCONV gss_store_cred_into(OM_uint32 *minor_status,
                                            gss_cred_id_t input_cred_handle,
                                            gss_cred_usage_t input_usage, gss_OID desired_mech,
                                            OM_uint32 overwrite_cred, OM_uint32 default_cred,
                                            gss_const_key_value_set_t cred_store,
                                            gss_OID_set *elements_stored,
                                            gss_cred_usage_t *cred_usage_stored);

// Credentials as bytes, for another process of this machine. The bytes are secret.
OM_uint32 KRB5_CALLCONV gss_export_cred(OM_uint32 *minor_status, gss_cred_id_t cred_handle,
                                        gss_buffer_t token);
OM_uint32 KRB5_CALLCONV gss_import_cred(OM_uint32 *minor_status, gss_buffer_t token,
                                        gss_cred_id_t *cred_handle);

// Questions and options that an OID names.
OM_uint32 KRB5_CALLCONV gss_inquire_sec_context_by_oid(OM_uint32 *minor_status,
                                                       gss_ctx_id_t context_handle,
                                                       gss_OID desired_object,
                                                       gss_buffer_set_t *data_set);
OM_uint32 KRB5_CALLCONV gss_inquire_cred_by_oid(OM_uint32 *minor_status, gss_cred_id_t cred_handle,
                                                gss_OID desired_object, gss_buffer_set_t *data_set);
OM_uint32 KRB5_CALLCONV gss_set_sec_context_option(OM_uint32 *minor_status,
                                                   gss_ctx_id_t *context_handle,
                                                   gss_OID desired_object, gss_buffer_t value);
OM_uint32 KRB5_CALLCONV gss_set_cred_option(OM_uint32 *minor_status, gss_cred_id_t *cred_handle,
                                            gss_OID desired_object, gss_buffer_t value);
OM_uint32 KRB5_CALLCONV gssspi_set_cred_option(OM_uint32 *minor_status, gss_cred_id_t cred_handle,
                                               gss_OID desired_object, gss_buffer_t value);
OM_uint32 KRB5_CALLCONV gssspi_mech_invoke(OM_uint32 *minor_status, gss_OID desired_mech,
                                           gss_OID desired_object, gss_buffer_t value);

// The context's key (first buffer) and the OID of its type (second), as Windows' SSPI gives it;
// the ticket's session key in the same form; the keys of NegoEx checksums; the strength of the
// channel as SASL counts it (32 bits, big endian).
GSS_DLLIMP extern gss_OID GSS_C_INQ_SSPI_SESSION_KEY;
GSS_DLLIMP extern gss_OID GSS_C_INQ_ODBC_SESSION_KEY;
GSS_DLLIMP extern gss_OID GSS_C_INQ_NEGOEX_KEY;
GSS_DLLIMP extern gss_OID GSS_C_INQ_NEGOEX_VERIFY_KEY;
GSS_DLLIMP extern gss_OID GSS_C_SEC_CONTEXT_SASL_SSF;

// Context flags of SSPI; GSS_C_CHANNEL_BOUND_FLAG: the peer's channel bindings were compared.
#define GSS_C_CHANNEL_BOUND_FLAG  2048
#define GSS_C_DCE_STYLE           0x1000
#define GSS_C_IDENTIFY_FLAG       0x2000
#define GSS_C_EXTENDED_ERROR_FLAG 0x4000

OM_uint32 KRB5_CALLCONV gss_complete_auth_token(OM_uint32 *minor_status,
                                                gss_ctx_id_t context_handle,
                                                gss_buffer_t input_message_buffer);

// Messages with associated data.
OM_uint32 KRB5_CALLCONV gss_wrap_aead(OM_uint32 *minor_status, gss_ctx_id_t context_handle,
                                      int conf_req_flag, gss_qop_t qop_req,
                                      gss_buffer_t input_assoc_buffer,
                                      gss_buffer_t input_payload_buffer, int *conf_state,
                                      gss_buffer_t output_message_buffer);
OM_uint32 KRB5_CALLCONV gss_unwrap_aead(OM_uint32 *minor_status, gss_ctx_id_t context_handle,
                                        gss_buffer_t input_message_buffer,
                                        gss_buffer_t input_assoc_buffer,
                                        gss_buffer_t output_payload_buffer, int *conf_state,
                                        gss_qop_t *qop_state);

// Messages in parts, protected in place. DATA is sealed, SIGN_ONLY only signed; HEADER, PADDING and
// TRAILER take what the mechanism adds: their lengths come from gss_wrap_iov_length, or the buffers
// are allocated when they have FLAG_ALLOCATE, and freed by gss_release_iov_buffer. STREAM is a
// whole wrap token to be opened. The order is HEADER, SIGN_ONLY and DATA, PADDING, TRAILER; in DCE
// style (which pads itself) HEADER alone, anywhere. MIC_TOKEN is for the calls whose names say mic.
typedef struct gss_iov_buffer_desc_struct {
    OM_uint32 type;
    gss_buffer_desc buffer;
} gss_iov_buffer_desc, *gss_iov_buffer_t;
#define GSS_C_NO_IOV_BUFFER ((gss_iov_buffer_t)0)

#define GSS_IOV_BUFFER_TYPE_EMPTY       0
#define GSS_IOV_BUFFER_TYPE_DATA        1
#define GSS_IOV_BUFFER_TYPE_HEADER      2
#define GSS_IOV_BUFFER_TYPE_MECH_PARAMS 3
#define GSS_IOV_BUFFER_TYPE_TRAILER     7
#define GSS_IOV_BUFFER_TYPE_PADDING     9
#define GSS_IOV_BUFFER_TYPE_STREAM      10
#define GSS_IOV_BUFFER_TYPE_SIGN_ONLY   11
#define GSS_IOV_BUFFER_TYPE_MIC_TOKEN   12

#define GSS_IOV_BUFFER_FLAG_MASK      0xFFFF0000
#define GSS_IOV_BUFFER_FLAG_ALLOCATE  0x00010000 // asked for by the caller
#define GSS_IOV_BUFFER_FLAG_ALLOCATED 0x00020000 // done by the library

#define GSS_IOV_BUFFER_TYPE(_type)  ((_type) & ~(GSS_IOV_BUFFER_FLAG_MASK))
#define GSS_IOV_BUFFER_FLAGS(_type) ((_type)&GSS_IOV_BUFFER_FLAG_MASK)

OM_uint32 KRB5_CALLCONV gss_wrap_iov(OM_uint32 *minor_status, gss_ctx_id_t context_handle,
                                     int conf_req_flag, gss_qop_t qop_req, int *conf_state,
                                     gss_iov_buffer_desc *iov, int iov_count);
OM_uint32 KRB5_CALLCONV gss_unwrap_iov(OM_uint32 *minor_status, gss_ctx_id_t context_handle,
                                       int *conf_state, gss_qop_t *qop_state,
                                       gss_iov_buffer_desc *iov, int iov_count);
OM_uint32 KRB5_CALLCONV gss_wrap_iov_length(OM_uint32 *minor_status, gss_ctx_id_t context_handle,
                                            int conf_req_flag, gss_qop_t qop_req, int *conf_state,
                                            gss_iov_buffer_desc *iov, int iov_count);
OM_uint32 KRB5_CALLCONV gss_get_mic_iov(OM_uint32 *minor_status, gss_ctx_id_t context_handle,
                                        gss_qop_t qop_req, gss_iov_buffer_desc *iov, int iov_count);
OM_uint32 KRB5_CALLCONV gss_get_mic_iov_length(OM_uint32 *minor_status, gss_ctx_id_t context_handle,
                                               gss_qop_t qop_req, gss_iov_buffer_desc *iov,
                                               int iov_count);
OM_uint32 KRB5_CALLCONV gss_verify_mic_iov(OM_uint32 *minor_status, gss_ctx_id_t context_handle,
                                           gss_qop_t *qop_state, gss_iov_buffer_desc *iov,
                                           int iov_count);
OM_uint32 KRB5_CALLCONV gss_release_iov_buffer(OM_uint32 *minor_status, gss_iov_buffer_desc *iov,
                                               int iov_count);

// Naming extensions (RFC 6680).
GSS_DLLIMP extern gss_buffer_t GSS_C_ATTR_LOCAL_LOGIN_USER;
GSS_DLLIMP extern gss_OID GSS_C_NT_COMPOSITE_EXPORT; // 1.3.6.1.5.6.6

OM_uint32 KRB5_CALLCONV gss_display_name_ext(OM_uint32 *minor_status, gss_name_t name,
                                             gss_OID display_as_name_type,
                                             gss_buffer_t display_name);
OM_uint32 KRB5_CALLCONV gss_inquire_name(OM_uint32 *minor_status, gss_name_t name, int *name_is_MN,
                                         gss_OID *MN_mech, gss_buffer_set_t *attrs);
// *more is -1 at the first call of an attribute and 0 after its last value.
OM_uint32 KRB5_CALLCONV gss_get_name_attribute(OM_uint32 *minor_status, gss_name_t name,
                                               gss_buffer_t attr, int *authenticated, int *complete,
                                               gss_buffer_t value, gss_buffer_t display_value,
                                               int *more);
OM_uint32 KRB5_CALLCONV gss_set_name_attribute(OM_uint32 *minor_status, gss_name_t name,
                                               int complete, gss_buffer_t attr, gss_buffer_t value);
OM_uint32 KRB5_CALLCONV gss_delete_name_attribute(OM_uint32 *minor_status, gss_name_t name,
                                                  gss_buffer_t attr);
OM_uint32 KRB5_CALLCONV gss_export_name_composite(OM_uint32 *minor_status, gss_name_t name,
                                                  gss_buffer_t exp_composite_name);
typedef struct gss_any *gss_any_t;
OM_uint32 KRB5_CALLCONV gss_map_name_to_any(OM_uint32 *minor_status, gss_name_t name,
                                            int authenticated, gss_buffer_t type_id,
                                            gss_any_t *output);
OM_uint32 KRB5_CALLCONV gss_release_any_name_mapping(OM_uint32 *minor_status, gss_name_t name,
                                                     gss_buffer_t type_id, gss_any_t *input);

// The frame of a token (RFC 2743 3.1).
OM_uint32 KRB5_CALLCONV gss_encapsulate_token(gss_const_buffer_t input_token,
                                              gss_const_OID token_oid, gss_buffer_t output_token);
OM_uint32 KRB5_CALLCONV gss_decapsulate_token(gss_const_buffer_t input_token,
                                              gss_const_OID token_oid, gss_buffer_t output_token);
int KRB5_CALLCONV gss_oid_equal(gss_const_OID first_oid, gss_const_OID second_oid);

// What a mechanism implements to be negotiated by NegoEx (draft-zhu-negoex).
OM_uint32 KRB5_CALLCONV gssspi_query_meta_data(OM_uint32 *minor_status, gss_const_OID mech_oid,
                                               gss_cred_id_t cred_handle,
                                               gss_ctx_id_t *context_handle, gss_name_t targ_name,
                                               OM_uint32 req_flags, gss_buffer_t meta_data);
OM_uint32 KRB5_CALLCONV gssspi_exchange_meta_data(OM_uint32 *minor_status, gss_const_OID mech_oid,
                                                  gss_cred_id_t cred_handle,
                                                  gss_ctx_id_t *context_handle,
                                                  gss_name_t targ_name, OM_uint32 req_flags,
                                                  gss_const_buffer_t meta_data);
OM_uint32 KRB5_CALLCONV gssspi_query_mechanism_info(OM_uint32 *minor_status, gss_const_OID mech_oid,
                                                    unsigned char auth_scheme[16]);
GSS_DLLIMP extern gss_const_OID GSS_C_MA_NEGOEX_AND_SPNEGO;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
