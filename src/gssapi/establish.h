// establish.h: what gss_init_sec_context and gss_accept_sec_context share.
#ifndef OBOL_GSSAPI_ESTABLISH_H
#define OBOL_GSSAPI_ESTABLISH_H

#include "base/env.h"
#include "gssapi/cred.h"
#include "gssapi/status.h"

// gssapi_bindings hashes a program's channel bindings; *out is empty where there are none.
MUST_USE enum obol_code gssapi_bindings(gss_channel_bindings_t bindings, struct arena *a,
                                        struct slice *out, struct error *err);
// gssapi_put_token gives the program a token of its own. NO_MEMORY.
MUST_USE enum obol_code gssapi_put_token(struct slice token, gss_buffer_t out, struct error *err);
// gssapi_established takes over what a machine has brought about: the context protects messages
// from now on.
void gssapi_established(struct gss_ctx_id_struct *ctx, struct slice oid, bool spnego);
// gssapi_ctx_lifetime is how many seconds the context has left; 0: it has expired.
OM_uint32 gssapi_ctx_lifetime(const struct gss_ctx_id_struct *ctx);
// gssapi_ctx_failed marks a context dead and gives the status of the failure in ctx->err.
OM_uint32 gssapi_ctx_failed(OM_uint32 *minor, struct gss_ctx_id_struct *ctx);

#endif
