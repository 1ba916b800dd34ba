// Versions of keys that an administrator chooses: kadmin.local's -kvno.
#include "users.h"

static int setup(void **state) {
    UNUSED(state);
    return home_begin(&STORE_MEMORY) ? 0 : -1;
}

static void the_version_of_keys_is_set_above_older_ones(void **state) {
    UNUSED(state);
    const struct admin_keys keys = {.keep_old = UINT32_MAX};
    struct admin_change change = {.present = ADMIN_SET_KVNO, .kvno = 9};
    const struct admin_new_principal p = {
        .name = SLICE_LITERAL("HTTP/a"), .kind = ADMIN_SERVICE, .keys = {.kvno = 5}};
    assert_ok(admin_principal_add(adm, &p, NULL));
    assert_ok(admin_principal_password(adm, p.name, &keys, NULL, NULL));
    assert_ok(admin_principal_set(adm, p.name, &change, NULL));
    struct record r = shown("HTTP/a");
    assert_int_equal(record_newest_kvno(&r), 9);
    assert_int_equal(r.keys.items[r.keys.count - 1].kvno, 5);
    for (change.kvno = 0; change.kvno <= 5; change.kvno++)
        assert_code(admin_principal_set(adm, p.name, &change, NULL), OBOL_INVALID_ARGUMENT);
    const struct admin_new_principal none = {.name = SLICE_LITERAL("no-keys"),
                                             .keys = {.none = true}};
    change.kvno = 9;
    assert_ok(admin_principal_add(adm, &none, NULL));
    assert_code(admin_principal_set(adm, none.name, &change, NULL), OBOL_KDC_ERR_NULL_KEY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_version_of_keys_is_set_above_older_ones, setup,
                                        home_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
