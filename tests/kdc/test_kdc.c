// The KDC's own parts: its configuration, exchanges that wait for a slow store, the tables of
// replies and of failed logins.
#include "as.h"
#include "kdc/cache.h"
#include "kdc/replay.h"
#include "store/backend.h"
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static enum obol_code try_config(struct slice realm, const struct kdc_policy *policy) {
    struct kdc *kdc;
    const struct kdc_config config = {
        .realm = realm, .policy = *policy, .store = r.store, .master = r.master, .env = &r.env};
    enum obol_code code = kdc_new(&kdc, &config, NULL);
    kdc_free(kdc);
    return code;
}

static void a_configuration_that_makes_no_sense_is_refused(void **state) {
    UNUSED(state);
    static char longest[1025];
    const struct slice realm = SLICE_LITERAL(REALM_NAME);
    struct kdc_policy p = r.policy;
    assert_ok(try_config(realm, &p));
    assert_code(try_config((struct slice){0}, &p), OBOL_INVALID_ARGUMENT);
    assert_code(try_config(slice_of(longest, sizeof longest), &p), OBOL_INVALID_ARGUMENT);
    p.max_life = 0;
    assert_code(try_config(realm, &p), OBOL_INVALID_ARGUMENT);
    p = r.policy;
    p.clockskew = -1;
    assert_code(try_config(realm, &p), OBOL_INVALID_ARGUMENT);
    p = r.policy;
    p.enctypes[0] = ENCTYPE_RC4_HMAC;
    p.enctype_count = 1;
    assert_code(try_config(realm, &p), OBOL_INVALID_ARGUMENT); // weak ones do not count
    p.allow_weak = true;
    assert_ok(try_config(realm, &p));
    p = r.policy;
    p.cache_records = SIZE_MAX / 16384;
    assert_code(try_config(realm, &p), OBOL_INVALID_ARGUMENT);
    p = r.policy;
    p.retransmission_slots = SIZE_MAX / 4096;
    assert_code(try_config(realm, &p), OBOL_INVALID_ARGUMENT);
}

static size_t resident_bytes(void) {
    size_t total = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%zu %zu", &total, &resident), 2);
    fclose(f);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

// The cache's room is as large as is configured; a small realm pays for what it uses.
static void room_that_nobody_uses_takes_no_memory(void **state) {
    UNUSED(state);
    const struct cache_config config = {.records = 1u << 18,
                                        .realm = SLICE_LITERAL(REALM_NAME),
                                        .store = r.store,
                                        .master = r.master,
                                        .env = &r.env};
    struct cache *cache;
    size_t before = resident_bytes();
    assert_ok(cache_new(&cache, &config, NULL));
    assert_true(resident_bytes() < before + (4u << 20));
    cache_free(cache);
}

// CVE-2015-8630, CVE-2014-5354 and their kind: principals without keys.
static void a_client_without_keys_or_with_a_weak_timestamp_is_refused(void **state) {
    UNUSED(state);
    static const int32_t NONE[] = {0}, WITH_RC4[] = {18, 23, 0};
    struct record rec = realm_record(&r, "keyless@EXAMPLE.COM", 0, 2, NONE);
    realm_put(&r, &rec);
    struct kdc_req req = realm_as_req(&r, "keyless", TGS);
    assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 9);
    rec = realm_record(&r, "rc@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH, 2, WITH_RC4);
    realm_put(&r, &rec);
    const int expected[] = {0, 14};
    for (size_t i = 0; i < 2; i++) {
        req = realm_as_req(&r, "rc", TGS);
        struct crypto_key *key = realm_key(&r, "rc@EXAMPLE.COM", 2, WITH_RC4[i]);
        realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, key, REALM_START));
        assert_int_equal(realm_send(&r, realm_encode(&r, &req)), expected[i]);
    }
    req = realm_as_req(&r, "open", TGS);
    req.pvno = 4;
    assert_int_equal(realm_send(&r, realm_encode(&r, &req)), 3);
}

// mistakes.md I: the cache of replies of MIT had no bound.
static void replies_are_found_until_they_are_too_old_or_pushed_out(void **state) {
    UNUSED(state);
    struct replay *t;
    struct slice found;
    assert_ok(replay_new(&t, 8, 10, &r.env, NULL));
    struct siphash_128 tag = replay_tag(t, SLICE_LITERAL("request"));
    assert_false(replay_find(t, tag, 100, &found));
    replay_put(t, tag, 100, SLICE_LITERAL("reply"));
    assert_true(replay_find(t, tag, 100, &found));
    assert_slice_str(found, "reply");
    assert_true(replay_find(t, tag, 110, &found));
    assert_false(replay_find(t, tag, 111, &found));
    assert_false(replay_find(t, tag, 99, &found)); // the clock was set back
    replay_put(t, tag, 120, SLICE_LITERAL("newer"));
    assert_true(replay_find(t, tag, 121, &found));
    assert_slice_str(found, "newer");
    static uint8_t big[5000];
    struct siphash_128 other = replay_tag(t, SLICE_LITERAL("big"));
    replay_put(t, other, 120, slice_of(big, sizeof big));
    assert_false(replay_find(t, other, 120, &found));
    for (int i = 0; i < 100; i++) {
        char text[16];
        snprintf(text, sizeof text, "%d", i);
        replay_put(t, replay_tag(t, slice_str(text)), 122 + i, slice_str(text));
    }
    assert_false(replay_find(t, tag, 122, &found));
    replay_free(t);
}

// The ring goes round: a reply is found as it was, or not at all.
static void replies_of_every_length_are_whole_or_gone(void **state) {
    UNUSED(state);
    enum { COUNT = 400 };
    struct replay *t;
    struct slice found;
    static uint8_t bytes[4040];
    unsigned hits = 0;
    assert_ok(replay_new(&t, 64, 10, &r.env, NULL));
    for (uint32_t i = 0; i < COUNT; i++) {
        memset(bytes, (int)(i % 251), sizeof bytes);
        replay_put(t, replay_tag(t, slice_of(&i, sizeof i)), 100,
                   slice_of(bytes, i * 37 % sizeof bytes + 1));
        for (uint32_t k = i < 60 ? 0 : i - 60; k <= i; k++) {
            if (!replay_find(t, replay_tag(t, slice_of(&k, sizeof k)), 100, &found))
                continue;
            hits++;
            assert_int_equal(found.len, k * 37 % sizeof bytes + 1);
            for (size_t b = 0; b < found.len; b++)
                assert_int_equal(found.ptr[b], k % 251);
        }
        assert_true(replay_find(t, replay_tag(t, slice_of(&i, sizeof i)), 100, &found));
    }
    assert_true(hits > COUNT * 10);
    replay_free(t);
}

// RFC 6238 5.2, RFC 4226 7.2: a code is taken once.
static void a_one_time_code_is_taken_by_one_only(void **state) {
    UNUSED(state);
    struct lockout *l = lockout_new(64);
    assert_true(lockout_take_code(l, 7, 1, 0, 100));
    assert_false(lockout_take_code(l, 7, 1, 0, 100));
    assert_false(lockout_take_code(l, 7, 1, 0, 99));
    assert_true(lockout_take_code(l, 7, 1, 0, 101));
    assert_int_equal(lockout_next_code(l, 7, 1, 50), 102);
    assert_int_equal(lockout_next_code(l, 7, 1, 102), 102);
    assert_int_equal(lockout_next_code(l, 7, 1, 200), 200);
    assert_int_equal(lockout_next_code(l, 7, 1, 1), 1); // so far ahead it is another token's
    assert_int_equal(lockout_next_code(l, 9, 1, 5), 5);
    assert_true(lockout_take_code(l, 7, 2, 0, 100)); // of another token, of another account
    assert_true(lockout_take_code(l, 8, 1, 0, 100));
    assert_false(lockout_take_code(l, 9, 1, 50, 49)); // what the store knows holds too
    assert_true(lockout_take_code(l, 9, 1, 50, 50));
    assert_false(lockout_take_code(l, 9, 1, 0, UINT32_MAX));
    // Of processes that take the same one wins, each time.
    for (uint64_t counter = 1000; counter < 1100; counter++) {
        pid_t children[4];
        int taken = 0, status;
        for (size_t i = 0; i < COUNT_OF(children); i++) {
            children[i] = fork();
            assert_true(children[i] >= 0);
            if (children[i] == 0)
                _exit(lockout_take_code(l, 10, 1, 0, counter));
        }
        for (size_t i = 0; i < COUNT_OF(children); i++) {
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_true(WIFEXITED(status));
            taken += WEXITSTATUS(status);
        }
        assert_int_equal(taken, 1);
    }
    lockout_free(l);
}

// CVE-2021-20251: lockout whose mend brought a use after free; run under sanitizers.
static void failures_are_counted_forgotten_and_served(void **state) {
    UNUSED(state);
    const struct lockout_policy p = {.failures = 3, .window = 100, .duration = 50};
    const struct lockout_policy forever = {.failures = 3}, never = {0};
    struct lockout *l = lockout_new(64);
    struct record a = {.id = 7};
    int64_t until;
    for (int64_t t = 1000; t < 1003; t++) {
        assert_false(lockout_is_locked(l, &p, &a, t, &until));
        lockout_failure(l, &p, &a, t);
    }
    assert_true(lockout_is_locked(l, &p, &a, 1003, &until));
    assert_int_equal(until, 1052);
    assert_false(lockout_is_locked(l, &never, &a, 1003, &until));
    assert_true(lockout_is_locked(l, &forever, &a, 99999, &until));
    assert_false(lockout_is_locked(l, &p, &a, 1052, &until));
    lockout_failure(l, &p, &a, 1053); // the sentence is served: it counts from one again
    assert_false(lockout_is_locked(l, &p, &a, 1053, &until));
    lockout_failure(l, &p, &a, 1054);
    lockout_success(l, &a, 1055);
    lockout_failure(l, &p, &a, 1056);
    lockout_failure(l, &p, &a, 1057);
    assert_false(lockout_is_locked(l, &p, &a, 1057, &until));
    lockout_failure(l, &p, &a, 1200); // the two before are too old
    assert_false(lockout_is_locked(l, &p, &a, 1200, &until));
    // An account that is not in the table starts from its record.
    struct record b = {.id = 8, .failures = 3, .last_failure = 2000};
    assert_true(lockout_is_locked(l, &p, &b, 2001, &until));
    lockout_success(l, &b, 2002);
    assert_false(lockout_is_locked(l, &p, &b, 2003, &until));
    lockout_free(l);
}

static void every_stage_has_a_name(void **state) {
    UNUSED(state);
    size_t n = 0;
    while (kdc_stage_name(n))
        n++;
    assert_true(n > 20);
    assert_string_equal(kdc_stage_name(0), "open armor");
    assert_string_equal(kdc_stage_name(n - 1), "reply");
    struct slice refusal = kdc_refuse(r.kdc, OBOL_KRB_ERR_FIELD_TOOLONG, &r.kdc_arena);
    struct krb_error e;
    assert_ok(der_decode(&TYPE_KRB_ERROR, refusal, &r.arena, &e, NULL));
    assert_int_equal(e.error_code, 61);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_configuration_that_makes_no_sense_is_refused),
        CASE(a_client_without_keys_or_with_a_weak_timestamp_is_refused),
        CASE(replies_are_found_until_they_are_too_old_or_pushed_out),
        CASE(replies_of_every_length_are_whole_or_gone),
        CASE(room_that_nobody_uses_takes_no_memory),
        CASE(failures_are_counted_forgotten_and_served),
        CASE(a_one_time_code_is_taken_by_one_only),
        CASE(every_stage_has_a_name),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
