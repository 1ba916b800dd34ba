// protect.h: what the calls that protect messages share.
#ifndef OBOL_GSSAPI_PROTECT_H
#define OBOL_GSSAPI_PROTECT_H

#include "gss/message.h"
#include "gssapi/handles.h"
#include "gssapi/status.h"

// gssapi_core gives what protects the messages of a context: NULL, and then *major and *minor are
// set, unless the handle is one and its context is established.
struct gss_context *gssapi_core(OM_uint32 *minor, gss_const_ctx_id_t ctx, OM_uint32 *major);
// gssapi_core_qop is gssapi_core for a call that names a quality of protection; 0 is all there is.
struct gss_context *gssapi_core_qop(OM_uint32 *minor, gss_const_ctx_id_t ctx, gss_qop_t qop,
                                    OM_uint32 *major);
// gssapi_lucid lays a context open (lucid.c): *out is gss_krb5_free_lucid_sec_context's to free.
OM_uint32 gssapi_lucid(OM_uint32 *minor, const struct gss_context *core, OM_uint32 version,
                       void **out);
// gssapi_order is the supplementary status of a message's place among the others.
OM_uint32 gssapi_order(enum gss_order order);
// gssapi_readable: the buffer is one that can be read.
static inline bool gssapi_readable(gss_const_buffer_t b) {
    return b && (b->value || b->length == 0);
}

#endif
