// export.h: an established context as bytes, for another process (RFC 2744 5.20, 5.22). The bytes
// hold the context's keys: they are as secret as the context, and only Obol reads them.
#ifndef OBOL_GSS_EXPORT_H
#define OBOL_GSS_EXPORT_H

#include "gss/context.h"

// gss_context_write writes all but delegated credentials; the result lives in the arena.
MUST_USE enum obol_code gss_context_write(const struct gss_context *ctx, struct arena *a,
                                          struct slice *out, struct error *err);
// gss_context_read is its reverse: everything lives in the arena. TOKEN_MALFORMED for bytes that
// are none of ours or do not end where they should.
MUST_USE enum obol_code gss_context_read(struct slice bytes, struct arena *a,
                                         struct gss_context *out, struct error *err);

#endif
