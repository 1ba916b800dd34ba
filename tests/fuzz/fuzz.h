// fuzz.h: libFuzzer's entry, and the checks of what holds whatever comes.
#ifndef OBOL_TESTS_FUZZ_FUZZ_H
#define OBOL_TESTS_FUZZ_FUZZ_H

#include "base/error.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must_hold(bool holds) {
    if (!holds)
        abort();
}
static inline void must_ok(enum obol_code code) {
    must_hold(code == OBOL_OK);
}

#endif
