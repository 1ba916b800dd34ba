// slice.c: the operations on borrowed bytes that are not one line.
#include "base/slice.h"

struct slice slice_sub(struct slice s, size_t offset, size_t len) {
    if (offset >= s.len)
        return (struct slice){s.ptr, 0};
    size_t left = s.len - offset;
    return slice_of(s.ptr + offset, len < left ? len : left);
}

static uint8_t fold(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool slice_eq_nocase(struct slice a, struct slice b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (fold(a.ptr[i]) != fold(b.ptr[i]))
            return false;
    return true;
}

int slice_compare(struct slice a, struct slice b) {
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter ? memcmp(a.ptr, b.ptr, shorter) : 0;
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

size_t slice_find(struct slice s, uint8_t byte) {
    const uint8_t *hit = s.len ? memchr(s.ptr, byte, s.len) : NULL;
    return hit ? (size_t)(hit - s.ptr) : s.len;
}

bool slice_starts(struct slice s, struct slice prefix) {
    return s.len >= prefix.len && slice_eq(slice_of(s.ptr, prefix.len), prefix);
}

static bool is_space(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice slice_trim(struct slice s) {
    while (s.len && is_space(s.ptr[0]))
        s = slice_of(s.ptr + 1, s.len - 1);
    while (s.len && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}
