// test.h: what every unit test includes. A case is a function named as a sentence; a file ends
// with its table of cases.
#ifndef OBOL_TESTS_TEST_H
#define OBOL_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/hex.h"

// assert_ok fails with the error's own words.
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        enum obol_code code_ = (call);                                                             \
        if (code_ != OBOL_OK)                                                                      \
            fail_msg("%s: %s", #call, error_info(code_)->name);                                    \
    } while (0)
#define assert_code(call, expected) assert_int_equal((call), (expected))
#define assert_slice_equal(a, b)                                                                   \
    do {                                                                                           \
        struct slice a_ = (a), b_ = (b);                                                           \
        assert_int_equal(a_.len, b_.len);                                                          \
        if (a_.len)                                                                                \
            assert_memory_equal(a_.ptr, b_.ptr, a_.len);                                           \
    } while (0)
#define assert_slice_str(a, s) assert_slice_equal((a), slice_str(s))

#endif
