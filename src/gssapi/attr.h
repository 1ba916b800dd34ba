// attr.h: attributes of names (RFC 6680): what a ticket says about its client besides the name.
// Kept as elements of authorization data: a PAC, and authentication indicators (RFC 8129).
#ifndef OBOL_GSSAPI_ATTR_H
#define OBOL_GSSAPI_ATTR_H

#include "crypto/crypto.h"
#include "gssapi/handles.h"

struct gssapi_attr {
    int32_t ad_type; // AD_WIN2K_PAC or AD_AUTHENTICATION_INDICATOR
    bool verified;   // the KDC vouches for it; else a composite name brought it
    struct slice data;
};
// One block of the heap.
struct gssapi_attrs {
    size_t count;
    struct gssapi_attr items[];
};

// gssapi_attrs_make copies elements; NULL without memory. gssapi_attrs_free takes NULL.
struct gssapi_attrs *gssapi_attrs_make(const struct gssapi_attr *items, size_t count);
struct gssapi_attrs *gssapi_attrs_copy(const struct gssapi_attrs *from);
void gssapi_attrs_free(struct gssapi_attrs *attrs);
// gssapi_attrs_read reads DER of AuthorizationData: that of a composite name, which anybody can
// make, or of an exported context, whose attributes were verified when it was accepted; others than
// the two kinds are left out. *out is NULL if none is left.
MUST_USE enum obol_code gssapi_attrs_read(struct slice der, bool verified, struct arena *a,
                                          struct gssapi_attrs **out, struct error *err);
// gssapi_attrs_write gives that DER, in the arena; empty for none. attrs may be NULL.
MUST_USE enum obol_code gssapi_attrs_write(const struct gssapi_attrs *attrs, struct arena *a,
                                           struct slice *out, struct error *err);
// gssapi_name_authdata gives a client's name what the decrypted ticket says about it and `key`, the
// service's that opened the ticket, proves: a PAC with a good server signature that is of this
// client and login (MS-PAC 2.7, 2.8), indicators in a CAMMAC with a good verifier (RFC 7751 4).
// What is not proved is left out. Without memory the name stays as it is.
void gssapi_name_authdata(struct gss_name_struct *name, const struct enc_ticket_part *ticket,
                          struct crypto_key *key, struct arena *a);

// gssapi_pac_buffer finds a buffer of a PAC by its type; false if there is none or the PAC is
// malformed.
bool gssapi_pac_buffer(struct slice pac, uint32_t type, struct slice *out);
// gssapi_pac_type is the type of the n-th buffer; false at the end.
bool gssapi_pac_type(struct slice pac, size_t n, uint32_t *type);
// What a program holds as a krb5_pac (krb5/krb5.h): the PAC's bytes, on the heap. gssapi_pac_handle
// copies them; NULL without memory. gssapi_pac_handle_free takes NULL.
struct krb5_pac_data {
    size_t len;
    uint8_t *bytes;
};
struct krb5_pac_data *gssapi_pac_handle(struct slice pac);
void gssapi_pac_handle_free(struct krb5_pac_data *pac);

#endif
