// name.h: names of the GSS-API (RFC 2744 3.10, RFC 1964 2) as principals, for the calls that use
// them.
#ifndef OBOL_GSSAPI_NAME_H
#define OBOL_GSSAPI_NAME_H

#include "gssapi/handles.h"

struct gssapi_conf;

// gssapi_name_build makes a name whose members are those of `like`, copied (but for attributes).
// NULL without memory.
struct gss_name_struct *gssapi_name_build(const struct gss_name_struct *like);
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
// gssapi_name_parse reads the text of a principal whose realm may be missing (then it is empty): no
// '@' behind the name, or nothing behind the '@' (a realm to be found by referral).
MUST_USE enum obol_code gssapi_name_parse(struct slice text, int32_t name_type, struct arena *a,
                                          struct principal *out, struct error *err);
// gssapi_name_is_anonymous: of type GSS_C_NT_ANONYMOUS, or the anonymous principal of the anonymous
// realm; that of another realm is a principal like others (RFC 8062 6).
bool gssapi_name_is_anonymous(const struct gss_name_struct *name);

// gssapi_exported_read reads an exported name (RFC 2743 3.2), or a composite one (RFC 6680 3):
// which mechanism, the principal, and of a composite name the DER of its attributes, else empty.
// All borrows. TOKEN_MALFORMED, MECH_UNSUPPORTED, NAME_MALFORMED.
struct gssapi_exported {
    unsigned mech;
    struct slice text, attributes;
    bool composite;
};
MUST_USE enum obol_code gssapi_exported_read(struct slice bytes, struct gssapi_exported *out,
                                             struct error *err);
// gssapi_exported_write is its reverse; the mechanism is written as krb5.
void gssapi_exported_write(struct writer *w, const struct gssapi_exported *name);
// gssapi_imported makes a name of imported bytes: gss_import_name without the checks of arguments.
// `type` is static or NULL.
MUST_USE enum obol_code gssapi_imported(struct slice bytes, gss_OID type,
                                        struct gss_name_struct **out, struct error *err);
// gssapi_imported_pointer is it for gss_nt_krb5_principal, whose bytes are a krb5_principal.
MUST_USE enum obol_code gssapi_imported_pointer(struct slice bytes, struct arena *a,
                                                struct principal *out, struct error *err);

#endif
