// prf.c: the pseudo-random function of a context (RFC 4401), built for the krb5 mechanism as
// RFC 4402 2 says: the enctype's PRF of a counter of four bytes and the input, block after block.
#include "base/ct.h"
#include "gss/message.h"

#define INPUT_MAX (1 << 14) // bytes; RFC 4401 2 asks that these be taken
#define BLOCK_MAX 64

enum obol_code gss_prf(struct gss_context *ctx, bool partial, struct slice input, struct buf out,
                       struct error *err) {
    // RFC 4402 2: the partial key is the initiator's, which it knows before it is answered.
    struct crypto_key *key = partial && ctx->initiator_key ? ctx->initiator_key : ctx->key;
    size_t step = enctype_prf_length(crypto_key_enctype(key));
    ENSURE(input.len <= INPUT_MAX, INVALID_ARGUMENT, "%zu bytes of input, at most %d are taken",
           input.len, INPUT_MAX);
    ENSURE(out.len / step < UINT32_MAX && step <= BLOCK_MAX, INVALID_ARGUMENT,
           "%zu bytes are more than the function gives", out.len);
    uint8_t counted[4 + INPUT_MAX], block[BLOCK_MAX];
    if (input.len)
        memcpy(counted + 4, input.ptr, input.len);
    enum obol_code code = OBOL_OK;
    uint32_t n = 0;
    for (size_t at = 0; at < out.len && code == OBOL_OK; at += step, n++) {
        for (size_t i = 0; i < 4; i++)
            counted[i] = (uint8_t)(n >> (24 - 8 * i));
        code = crypto_prf(key, slice_of(counted, 4 + input.len), buf_of(block, step), err);
        if (code == OBOL_OK)
            memcpy(out.ptr + at, block, out.len - at < step ? out.len - at : step);
    }
    wipe(block, sizeof block);
    return code;
}
