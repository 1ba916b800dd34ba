// gssapi_generic.h: name types under the names that MIT krb5 gave them before RFC 2744 did. The
// OIDs are those of GSS_C_NT_... in gssapi.h.
#ifndef _GSSAPI_GENERIC_H_
#define _GSSAPI_GENERIC_H_

#include <gssapi/gssapi.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define GSS_EMPTY_BUFFER(buf) ((buf) == NULL || (buf)->value == NULL || (buf)->length == 0)

GSS_DLLIMP extern gss_OID gss_nt_user_name;
GSS_DLLIMP extern gss_OID gss_nt_machine_uid_name;
GSS_DLLIMP extern gss_OID gss_nt_string_uid_name;
GSS_DLLIMP extern gss_OID gss_nt_service_name;
GSS_DLLIMP extern gss_OID gss_nt_service_name_v2;
GSS_DLLIMP extern gss_OID gss_nt_exported_name;

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
