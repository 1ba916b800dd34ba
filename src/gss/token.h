// token.h: what the two families of message tokens supply to message.c: RFC 4121 4.2 (cfx.c), and
// RFC 4757 7 for keys of rc4-hmac (rfc1964.c). Only these files include it.
#ifndef OBOL_GSS_TOKEN_H
#define OBOL_GSS_TOKEN_H

#include "gss/message.h"

// Up to here a copy of the message costs less than calling the cipher for each piece of a token.
#define GSS_SHORT_MAX 4096 // bytes

struct gss_tokens {
    void (*layout)(const struct gss_context *ctx, bool conf, enum gss_style style, size_t data_len,
                   struct gss_layout *out);
    enum obol_code (*wrap)(struct gss_context *ctx, const struct gss_layout *layout,
                           const struct gss_pieces *p, const struct env *env, struct error *err);
    // wrap_short makes a whole token of at most GSS_SHORT_MAX bytes of message; NULL: wrap does.
    enum obol_code (*wrap_short)(struct gss_context *ctx, bool conf, struct slice message,
                                 struct buf out, const struct env *env, struct error *err);
    // The three that read give back the sequence number of an authentic token; message.c judges it.
    enum obol_code (*unwrap_pieces)(struct gss_context *ctx, const struct gss_pieces *p,
                                    size_t *padding, bool *conf, uint64_t *seq, struct error *err);
    enum obol_code (*unwrap)(struct gss_context *ctx, struct slice token, struct buf out,
                             size_t *len, bool *conf, uint64_t *seq, struct error *err);
    enum obol_code (*split)(const struct gss_context *ctx, struct buf token, struct buf *header,
                            struct buf *data, struct buf *trailer, struct error *err);
    size_t (*mic_length)(const struct gss_context *ctx);
    enum obol_code (*mic)(struct gss_context *ctx, struct crypto_part *parts, size_t count,
                          struct buf out, struct error *err);
    enum obol_code (*verify)(struct gss_context *ctx, struct crypto_part *parts, size_t count,
                             struct slice mic, uint64_t *seq, struct error *err);
};
extern const struct gss_tokens gss_tokens_cfx, gss_tokens_rfc1964;

// gss_data_length is the bytes of the message's own parts that are not only signed.
size_t gss_data_length(const struct gss_pieces *p);

#endif
