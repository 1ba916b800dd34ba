// radius_reply.h: what a RADIUS server says to a request (RFC 2865, RFC 2869), for tests.
#ifndef OBOL_TESTS_SERVER_RADIUS_REPLY_H
#define OBOL_TESTS_SERVER_RADIUS_REPLY_H

#include "base/reader.h"
#include "crypto/primitive.h"

enum { RADIUS_REPLY_LEN = 38 };

// The bytes are there until the next call.
static inline struct slice radius_signed_reply(struct slice request, uint8_t code,
                                               const char *secret) {
    static uint8_t out[RADIUS_REPLY_LEN];
    struct slice key = slice_str(secret), whole;
    struct hmac m;
    uint8_t sum[16];
    struct writer w = writer_to_buf(buf_of(out, sizeof out));
    writer_u8(&w, code);
    writer_u8(&w, request.ptr[1]);
    writer_be16(&w, RADIUS_REPLY_LEN);
    writer_bytes(&w, slice_sub(request, 4, 16));
    writer_be16(&w, 0x5012); // Message-Authenticator
    memset(writer_room(&w, 16).ptr, 0, 16);
    whole = writer_slice(&w);
    hmac_prepare(&m, HASH_MD5, key);
    hmac_compute(&m, HASH_MD5, &whole, 1, sum);
    memcpy(out + 22, sum, 16);
    const struct slice parts[] = {whole, key};
    hash_compute(HASH_MD5, parts, 2, sum);
    memcpy(out + 4, sum, 16);
    return whole;
}

#endif
