// test_layout.c: include/krb5.h has the sizes, offsets and constants of MIT's. The comparison is
// made by the compiler; the case at the end makes it a test that is counted.
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
// clang-format on
#include <krb5.h>

#define SIZE(type, n) _Static_assert(sizeof(type) == (n), "the size of " #type);
#define OFFSET(type, member, n)                                                                    \
    _Static_assert(offsetof(type, member) == (n), "the place of " #member);
#define VALUE(name, n) _Static_assert((long long)(name) == (n), "the value of " #name);
#define TEXT(name, text)
#include "../vectors/abi/krb5-layout.inc"
#undef SIZE
#undef OFFSET
#undef VALUE
#undef TEXT

static void strings_are_those_of_mit(void **state) {
    (void)state;
#define SIZE(type, n)
#define OFFSET(type, member, n)
#define VALUE(name, n)
#define TEXT(name, text) assert_string_equal(name, text);
#include "../vectors/abi/krb5-layout.inc"
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(strings_are_those_of_mit)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
