// name.h: names of the GSS-API (RFC 2744 3.10, RFC 1964 2) as principals, for the calls that use
// them.
#ifndef OBOL_GSSAPI_NAME_H
#define OBOL_GSSAPI_NAME_H

#include "gssapi/handles.h"

struct gssapi_conf;

// gssapi_name_of_principal makes a name of the mechanism from a principal, all copied. NULL without
// memory. The caller frees it with gssapi_name_free.
struct gss_name_struct *gssapi_name_of_principal(const struct principal *p, unsigned mech);
// gssapi_name_copy copies a name with its attributes; NULL without memory.
struct gss_name_struct *gssapi_name_copy(const struct gss_name_struct *name);
void gssapi_name_free(struct gss_name_struct *name); // NULL is fine
// gssapi_name_principal gives the krb5 name of any name, with the default realm where none is said
// and a host-based service's host as krb5.conf asks for it; in the arena. NAME_MALFORMED for a type
// that has no krb5 name.
MUST_USE enum obol_code gssapi_name_principal(const struct gss_name_struct *name,
                                              const struct gssapi_conf *conf, struct arena *a,
                                              struct principal *out, struct error *err);
// gssapi_name_is_anonymous: of type GSS_C_NT_ANONYMOUS, or the anonymous principal (RFC 6112).
bool gssapi_name_is_anonymous(const struct gss_name_struct *name);

#endif
