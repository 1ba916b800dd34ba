// private.h: functions that MIT's library exports and its header does not declare, which programs
// of Debian's call all the same.
#ifndef OBOL_COMPAT_PRIVATE_H
#define OBOL_COMPAT_PRIVATE_H

#include "compat/context.h"

void initialize_krb5_error_table(void);
// com_err_register gives libcom_err our texts, if it is loaded.
void com_err_register(void);
void krb5_free_address(krb5_context context, krb5_address *address);
void krb5_free_enc_tkt_part(krb5_context context, krb5_enc_tkt_part *part);
krb5_error_code krb5int_cc_default(krb5_context context, krb5_ccache *out);
krb5_error_code k5_kt_get_principal(krb5_context context, krb5_keytab kt, krb5_principal *out);
// k5_cc_store_primary_cred stores a TGT that a program got itself.
krb5_error_code k5_cc_store_primary_cred(krb5_context context, krb5_ccache cc, krb5_creds *creds);

krb5_error_code encode_krb5_ticket(const krb5_ticket *from, krb5_data **out);
krb5_error_code encode_krb5_enc_tkt_part(const krb5_enc_tkt_part *from, krb5_data **out);
krb5_error_code decode_krb5_enc_tkt_part(const krb5_data *bytes, krb5_enc_tkt_part **out);
krb5_error_code krb5_ser_pack_int32(krb5_int32 value, krb5_octet **at, size_t *room);
krb5_error_code krb5_ser_unpack_int32(krb5_int32 *value, krb5_octet **at, size_t *left);
krb5_error_code krb5_ser_pack_bytes(krb5_octet *bytes, size_t len, krb5_octet **at, size_t *room);
krb5_error_code krb5_gen_portaddr(krb5_context context, const krb5_address *address,
                                  krb5_const_pointer port, krb5_address **out);
krb5_error_code krb5_gen_replay_name(krb5_context context, const krb5_address *address,
                                     const char *tag, char **out);

krb5_boolean valid_enctype(krb5_enctype number);
krb5_boolean valid_cksumtype(krb5_cksumtype type);
krb5_boolean krb5int_c_weak_enctype(krb5_enctype number);
krb5_boolean krb5int_c_deprecated_enctype(krb5_enctype number);
krb5_error_code krb5int_c_mandatory_cksumtype(krb5_context context, krb5_enctype number,
                                              krb5_cksumtype *out);
void krb5int_c_free_keyblock(krb5_context context, krb5_keyblock *key);
void krb5int_c_free_keyblock_contents(krb5_context context, krb5_keyblock *key);
krb5_error_code krb5_chpw_result_code_string(krb5_context context, int result, char **out);
krb5_error_code krb5_get_credentials_for_user(krb5_context context, krb5_flags options,
                                              krb5_ccache cc, krb5_creds *want,
                                              krb5_data *certificate, krb5_creds **out);
krb5_error_code krb5_get_credentials_for_proxy(krb5_context context, krb5_flags options,
                                               krb5_ccache cc, krb5_creds *want,
                                               krb5_ticket *evidence, krb5_creds **out);
krb5_error_code krb5_write_message(krb5_context context, krb5_pointer fd, krb5_data *message);
krb5_error_code krb5_read_message(krb5_context context, krb5_pointer fd, krb5_data *out);

// pac_handle_client puts the client's name in, or checks the one that is there; pac_handle_sign
// signs: with `ticket` (its DER, a zero byte in the PAC's place) as a service ticket's.
krb5_error_code pac_handle_client(krb5_context context, krb5_pac pac, krb5_timestamp authtime,
                                  krb5_const_principal client, krb5_boolean with_realm);
MUST_USE enum obol_code pac_handle_sign(struct call *c, krb5_pac pac, const krb5_keyblock *server,
                                        const krb5_keyblock *kdc, struct slice ticket);

#endif
