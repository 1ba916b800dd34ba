// The cache of records: what is prepared from a record stays as long as it says the same.
#include "kdc/cache.h"
#include "kdc/exchange.h"
#include "tgs.h"

#define ALICE "alice@EXAMPLE.COM" // whose record is too large for a slot
#define BOB   "bob@EXAMPLE.COM"

static struct entry *get(const char *name) {
    struct entry *e;
    must(kdc_renew(r.kdc, err));
    must(cache_get(r.kdc->cache, slice_str(name), &r.kdc_arena, &e, err));
    return e;
}

static struct crypto_key *key_of(struct entry *e, size_t index) {
    struct crypto_key *key;
    must(cache_key(r.kdc->cache, e, index, &r.kdc_arena, &key, err));
    return key;
}

static void login_at(const char *name, int64_t success, int64_t failure, uint32_t failures) {
    struct record rec = realm_get(&r, name);
    rec.last_success = success;
    rec.last_failure = failure;
    rec.failures = failures;
    realm_put(&r, &rec);
}

static void check_logins(const char *name, size_t index, size_t count) {
    static const struct {
        int64_t success, failure;
        uint32_t failures;
    } rows[] = {{REALM_START, 0, 0},
                {REALM_START + 5, 0, 0},
                {REALM_START + 5, REALM_START + 9, 3},
                {0, REALM_START + 9, 300},
                {0, 0, 0}};
    struct entry *e = get(name);
    struct crypto_key *key = key_of(e, index);
    struct slice *kept = e->kept;
    uint64_t serial = e->serial;
    assert_non_null(kept); // by a login
    cache_unpin(e);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        login_at(name, rows[i].success, rows[i].failure, rows[i].failures);
        e = get(name);
        assert_int_equal(e->record.last_success, rows[i].success);
        assert_int_equal(e->record.last_failure, rows[i].failure);
        assert_int_equal(e->record.failures, rows[i].failures);
        assert_ptr_equal(e->keys[index], key);
        assert_ptr_equal(e->kept, kept);
        assert_int_equal(e->serial, serial);
        assert_int_equal(e->record.keys.count, count);
        cache_unpin(e);
    }
}

static void a_login_leaves_what_was_prepared(void **state) {
    UNUSED(state);
    (void)realm_login(&r, "bob");
    check_logins(ALICE, 1, 4);
    check_logins(BOB, 0, 1);
    (void)realm_login(&r, "alice");
    (void)realm_login(&r, "bob");
}

static void any_other_change_drops_it(void **state) {
    UNUSED(state);
    for (int what = 0; what < 4; what++) {
        tgt = realm_login(&r, "alice");
        struct entry *e = get(ALICE);
        uint64_t serial = e->serial;
        cache_unpin(e);
        struct record rec = realm_get(&r, ALICE);
        rec.last_success = REALM_START + what;
        rec.flags ^= what == 0 ? RECORD_NO_FORWARDABLE : 0u;
        rec.keys.count -= what == 1;
        rec.password_changed = what == 2 ? REALM_START : rec.password_changed;
        rec.unlocked = what == 3 ? REALM_START : rec.unlocked;
        realm_put(&r, &rec);
        e = get(ALICE);
        assert_int_not_equal(e->serial, serial);
        assert_null(e->kept);
        for (size_t i = 0; i < e->record.keys.count; i++)
            assert_null(e->keys[i]);
        cache_unpin(e);
    }
}

// An exchange that waits goes on with the record that it found.
static void an_entry_that_is_held_is_left_alone(void **state) {
    UNUSED(state);
    struct entry *held = get(ALICE);
    struct crypto_key *key = key_of(held, 1);
    login_at(ALICE, REALM_START + 1, 0, 0);
    struct entry *e = get(ALICE);
    assert_ptr_not_equal(e, held);
    assert_int_equal(held->record.last_success, 0);
    assert_ptr_equal(held->keys[1], key);
    assert_int_equal(e->record.last_success, REALM_START + 1);
    cache_unpin(e);
    cache_unpin(held);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_login_leaves_what_was_prepared, setup, teardown),
        cmocka_unit_test_setup_teardown(any_other_change_drops_it, setup, teardown),
        cmocka_unit_test_setup_teardown(an_entry_that_is_held_is_left_alone, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
