// order.c: the window of a context's incoming sequence numbers; see order.h. receive_seq is the
// number expected next; bit i of `received` stands for receive_seq - 1 - i.
#include "gss/order.h"

// How far a number lies ahead of the one expected, negative: behind. Tokens of RFC 4757 count with
// 32 bits and run over.
static int64_t distance(const struct gss_context *ctx, uint64_t seq) {
    uint64_t ahead = seq - ctx->receive_seq;
    if (enctype_number(crypto_key_enctype(ctx->key)) == ENCTYPE_RC4_HMAC)
        return (int32_t)(uint32_t)ahead;
    return (int64_t)ahead;
}

static enum gss_order arrived(struct gss_context *ctx, uint64_t seq, uint64_t skipped) {
    ctx->received = skipped >= GSS_WINDOW - 1 ? 1 : ctx->received << (skipped + 1) | 1;
    ctx->receive_seq = seq + 1;
    return skipped && (ctx->flags & GSS_FLAG_SEQUENCE) ? GSS_ORDER_GAP : GSS_ORDER_OK;
}

enum gss_order gss_order_check(struct gss_context *ctx, uint64_t seq) {
    if (!(ctx->flags & (GSS_FLAG_REPLAY | GSS_FLAG_SEQUENCE)))
        return GSS_ORDER_OK;
    int64_t ahead = distance(ctx, seq);
    if (ahead >= 0)
        return arrived(ctx, seq, (uint64_t)ahead);
    bool sequence = (ctx->flags & GSS_FLAG_SEQUENCE) != 0;
    uint64_t back = -(uint64_t)ahead;
    if (back > GSS_WINDOW) // with the order kept, that it is late is known whether or not it came
        return sequence && !(ctx->flags & GSS_FLAG_REPLAY) ? GSS_ORDER_UNSEQ : GSS_ORDER_OLD;
    uint64_t bit = UINT64_C(1) << (back - 1);
    bool came = (ctx->received & bit) != 0;
    ctx->received |= bit;
    if (came && (ctx->flags & GSS_FLAG_REPLAY))
        return GSS_ORDER_DUPLICATE;
    return sequence ? GSS_ORDER_UNSEQ : GSS_ORDER_OK;
}
