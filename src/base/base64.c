// base64.c: base64 of RFC 4648 section 4; declared in hex.h.
#include "base/hex.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(struct writer *w, struct slice bytes) {
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t v = (uint32_t)bytes.ptr[i] << 16;
        v |= left > 1 ? (uint32_t)bytes.ptr[i + 1] << 8 : 0;
        v |= left > 2 ? bytes.ptr[i + 2] : 0;
        writer_u8(w, (uint8_t)alphabet[v >> 18]);
        writer_u8(w, (uint8_t)alphabet[v >> 12 & 63]);
        writer_u8(w, left > 1 ? (uint8_t)alphabet[v >> 6 & 63] : '=');
        writer_u8(w, left > 2 ? (uint8_t)alphabet[v & 63] : '=');
    }
}

static int sextet(uint8_t c) {
    const char *hit = c ? strchr(alphabet, c) : NULL;
    return hit ? (int)(hit - alphabet) : -1;
}

// One group of four characters; gives the number of bytes, 0 if it is malformed.
static size_t decode_group(const uint8_t *g, bool last, uint8_t *out) {
    size_t pad = last && g[3] == '=' ? (g[2] == '=' ? 2 : 1) : 0;
    uint32_t v = 0;
    for (size_t i = 0; i < 4; i++) {
        int s = i >= 4 - pad ? 0 : sextet(g[i]);
        if (s < 0)
            return 0;
        v = v << 6 | (uint32_t)s;
    }
    // The bits behind the last byte must be zero, or two texts would mean the same bytes.
    if ((pad == 1 && (v & 0xff)) || (pad == 2 && (v & 0xffff)))
        return 0;
    out[0] = (uint8_t)(v >> 16);
    out[1] = (uint8_t)(v >> 8);
    out[2] = (uint8_t)v;
    return 3 - pad;
}

bool base64_decode(struct slice text, struct arena *a, struct slice *out) {
    if (text.len % 4 != 0)
        return false;
    struct buf b = arena_buf(a, text.len / 4 * 3);
    if (!b.ptr)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t got = decode_group(text.ptr + i, i + 4 == text.len, b.ptr + n);
        if (got == 0)
            return false;
        n += got;
    }
    *out = slice_of(b.ptr, n);
    return true;
}
