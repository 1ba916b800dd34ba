// hex.c: hexadecimal text; see hex.h.
#include "base/hex.h"

void hex_write(struct writer *w, struct slice bytes) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        writer_u8(w, (uint8_t)digits[bytes.ptr[i] >> 4]);
        writer_u8(w, (uint8_t)digits[bytes.ptr[i] & 15]);
    }
}

static int digit(uint8_t c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool hex_decode(struct slice text, struct arena *a, struct slice *out) {
    struct buf b = arena_buf(a, text.len / 2);
    if (!b.ptr)
        return false;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
            continue;
        if (i + 1 == text.len || digit(c) < 0 || digit(text.ptr[i + 1]) < 0)
            return false;
        b.ptr[n++] = (uint8_t)(digit(c) << 4 | digit(text.ptr[++i]));
    }
    *out = slice_of(b.ptr, n);
    return true;
}
