// fetch.h: memory that will be read soon is asked for before, all lines at once: read one after the
// other, each would be waited for. What is in no cache takes the time of a hundred instructions.
#ifndef OBOL_BASE_FETCH_H
#define OBOL_BASE_FETCH_H

#include <stddef.h>
#include <stdint.h>

static inline void fetch_ahead(const void *memory, size_t size) {
    for (size_t i = 0; i < size; i += 64)
        __builtin_prefetch((const uint8_t *)memory + i);
}

#endif
