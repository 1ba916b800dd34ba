// The headers have MIT's values, sizes, places and OIDs: a program built with either runs on
// either.
#include "abi_print.h"
#include "test.h"
#include <stdio.h>

static void values_and_places_are_those_of_mit_krb5(void **state) {
    UNUSED(state);
    char *ours = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&ours, &len);
    assert_non_null(out);
    abi_print(out);
    assert_int_equal(fclose(out), 0);
    FILE *theirs = fopen(VECTORS "/abi/gssapi.txt", "r");
    assert_non_null(theirs);
    char line[256];
    const char *at = ours;
    size_t rows = 0;
    while (fgets(line, sizeof line, theirs)) {
        if (line[0] == '#')
            continue;
        size_t n = strlen(line);
        if (strncmp(at, line, n) != 0)
            fail_msg("MIT: %sours: %.*s", line, (int)n, at);
        at += n;
        rows++;
    }
    assert_int_equal(*at, '\0');
    assert_true(rows > 200);
    fclose(theirs);
    free(ours);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_places_are_those_of_mit_krb5),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
