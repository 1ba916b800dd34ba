// message.h: the protection of messages under an established context: MIC and wrap tokens of
// RFC 4121 4.2 and, where the key is rc4-hmac, of RFC 4757 7 (framed as RFC 1964 has it). Messages
// may lie in parts and are sealed where they are, or from one place to another without a copy.
#ifndef OBOL_GSS_MESSAGE_H
#define OBOL_GSS_MESSAGE_H

#include "gss/order.h"

// What wrapping adds to a message, in the three places of DCE RPC and of gss_wrap_iov.
struct gss_layout {
    bool conf;
    size_t header, padding, trailer; // bytes
    uint16_t ec, rrc;                // RFC 4121 4.2.3 and 4.2.5
};
// Where a wrap token stands when it is to be read from several places.
enum gss_style {
    GSS_STYLE_STREAM,  // header, message, trailer in one piece
    GSS_STYLE_TRAILER, // pieces, with a trailer apart
    GSS_STYLE_HEADER,  // pieces, all that is added in the header: RRC turns it there
};
// gss_layout_of says what wrapping `data_len` bytes (that are not only signed) takes.
void gss_layout_of(const struct gss_context *ctx, bool conf, enum gss_style style, size_t data_len,
                   struct gss_layout *out);

// A message in pieces. The first two parts and the last two are the library's; the message's own
// stand between, DATA as it is and what is only signed marked so.
#define GSS_PARTS_FRONT 2
#define GSS_PARTS_BACK  2
struct gss_pieces {
    struct buf header, padding, trailer; // padding, trailer: may be empty
    struct crypto_part *parts;
    size_t count; // of all of them
    bool whole;   // they stand in one piece (gss_stream_split)
};
struct gss_opened {
    bool conf; // it was sealed
    enum gss_order order;
};

// gss_message_wrap_pieces wraps: the buffers have the layout's lengths.
MUST_USE enum obol_code gss_message_wrap_pieces(struct gss_context *ctx,
                                                const struct gss_layout *layout,
                                                const struct gss_pieces *p, const struct env *env,
                                                struct error *err);
// gss_message_unwrap_pieces opens them, whichever style they are of: one without a trailer has all
// in the header, and *padding is how many bytes at the end of the last DATA and padding are none of
// the message's (rc4). TOKEN_MALFORMED for what is no token, DECRYPT_INTEGRITY or CHECKSUM_MISMATCH
// for one that was altered or is not for this end; then every DATA that was sealed is wiped.
MUST_USE enum obol_code gss_message_unwrap_pieces(struct gss_context *ctx,
                                                  const struct gss_pieces *p, size_t *padding,
                                                  struct gss_opened *opened, struct error *err);

// gss_message_wrap_length is the bytes of a whole wrap token; gss_message_wrap makes one in `out`,
// which has them.
size_t gss_message_wrap_length(const struct gss_context *ctx, bool conf, size_t len);
MUST_USE enum obol_code gss_message_wrap(struct gss_context *ctx, bool conf, struct slice message,
                                         struct buf out, const struct env *env, struct error *err);
// gss_message_wrap_limit is the longest message whose token has at most `len` bytes; 0: none has.
size_t gss_message_wrap_limit(const struct gss_context *ctx, bool conf, size_t len);
// gss_message_unwrap opens one. `out` has gss_message_unwrap_room(token.len) bytes; the message
// stands at its beginning.
size_t gss_message_unwrap_room(size_t token_len);
MUST_USE enum obol_code gss_message_unwrap(struct gss_context *ctx, struct slice token,
                                           struct buf out, size_t *len, struct gss_opened *opened,
                                           struct error *err);
// gss_stream_split finds header, message and trailer of a whole token that is to be opened in
// place, and turns it back if RRC turned it (gss_wrap_iov's STREAM). TOKEN_MALFORMED.
MUST_USE enum obol_code gss_stream_split(const struct gss_context *ctx, struct buf token,
                                         struct buf *header, struct buf *data, struct buf *trailer,
                                         struct error *err);

// gss_mic_length is the bytes of a MIC token. gss_mic_make_parts makes one over parts, all of them
// signed; the first and the last are the library's.
size_t gss_mic_length(const struct gss_context *ctx);
MUST_USE enum obol_code gss_mic_make_parts(struct gss_context *ctx, struct crypto_part *parts,
                                           size_t count, struct buf out, struct error *err);
// gss_mic_verify_parts: CHECKSUM_MISMATCH unless token, direction and message agree;
// TOKEN_MALFORMED if it is no MIC token.
MUST_USE enum obol_code gss_mic_verify_parts(struct gss_context *ctx, struct crypto_part *parts,
                                             size_t count, struct slice mic, enum gss_order *order,
                                             struct error *err);

// gss_prf is the pseudo-random function of RFC 4401 and 4402; `partial` is GSS_C_PRF_KEY_PARTIAL.
MUST_USE enum obol_code gss_prf(struct gss_context *ctx, bool partial, struct slice input,
                                struct buf out, struct error *err);

#endif
