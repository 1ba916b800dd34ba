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
        size_t n = a.len - i < 8 ? a.len - i : 8;
        uint64_t x = 0, y = 0;
        memcpy(&x, a.ptr + i, n);
        memcpy(&y, b.ptr + i, n);
        differ |= x ^ y;
        // The compiler may not know what it holds, and so not leave early. In a register: a
        // volatile variable would wait for memory each time.
        __asm__ volatile("" : "+r"(differ));
        i += n;
    }
    return differ == 0;
}

// wipe clears memory in a way that the compiler may not leave out.
static inline void wipe(void *ptr, size_t len) {
    if (len)
        explicit_bzero(ptr, len);
}

#endif
