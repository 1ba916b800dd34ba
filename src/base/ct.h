// ct.h: constant-time operations on secrets. All comparisons of keys, checksums and passwords are
// made here and nowhere else; a valgrind test marks the inputs undefined to prove that no branch
// and no address depends on them.
#ifndef OBOL_BASE_CT_H
#define OBOL_BASE_CT_H

#include "base/slice.h"

// ct_equal is whether two byte strings are equal. Only their lengths influence its time.
static inline bool ct_equal(struct slice a, struct slice b) {
    if (a.len != b.len)
        return false;
    uint64_t differ = 0;
    for (size_t i = 0; i < a.len;) {
        uint64_t x = 0, y = 0;
        // In words, the last of them over bytes that were compared already: memcpy() of a length
        // that is not known is a call.
        size_t at = a.len - i < 8 && a.len >= 8 ? a.len - 8 : i;
        if (LIKELY(a.len >= 8)) {
            memcpy(&x, a.ptr + at, 8);
            memcpy(&y, b.ptr + at, 8);
            i = at + 8;
        } else {
            x = a.ptr[i];
            y = b.ptr[i];
            i++;
        }
        differ |= x ^ y;
        // The compiler may not know what it holds, and so not leave early. In a register: a
        // volatile variable would wait for memory each time.
        __asm__ volatile("" : "+r"(differ));
    }
    return differ == 0;
}

// wipe clears memory in a way that the compiler may not leave out: it may not know that nobody
// reads it after. (explicit_bzero() is two calls also where a few stores do.)
static inline void wipe(void *ptr, size_t len) {
    if (len)
        memset(ptr, 0, len);
    __asm__ volatile("" : : "r"(ptr) : "memory");
}

#endif
