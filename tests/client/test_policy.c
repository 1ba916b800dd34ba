// Password policies in whole logins at a pretended time: what a new password must be, how long it
// lasts, and how many wrong ones lock the account.
#include "way.h"

#define DAY INT64_C(86400)

static void policy(struct realm *r, const struct policy *p) {
    struct admin_change give = {.present = ADMIN_SET_POLICY, .policy = p->name};
    assert_ok(admin_policy_add(r->admin, p, &r->error));
    assert_ok(admin_principal_set(r->admin, SLICE_LITERAL("alice"), &give, &r->error));
}

static int32_t one_enctype = ENCTYPE_AES128_SHA1;
static enum obol_code change(struct realm *r, const char *password, bool by_owner) {
    struct slice bytes = slice_str(password);
    const struct admin_keys keys = {
        .password = &bytes, .enctypes = {&one_enctype, 1}, .by_owner = by_owner};
    error_init(&r->error);
    return admin_principal_password(r->admin, SLICE_LITERAL("alice"), &keys, NULL, &r->error);
}

static enum obol_code logs_in(struct realm *r, const char *password) {
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    return login(r, &p, password, &as);
}

static void pass(struct realm *r, int64_t seconds) {
    r->client.now += seconds;
    r->server.now += seconds;
}

static void each_rule_refuses_and_its_neighbour_passes(void **state) {
    struct realm *r = *state;
    static const struct {
        struct policy policy;
        const char *bad, *good, *told;
    } cases[] = {
        {{.min_length = 8}, "1234567", "12345678", "8 at least"},
        {{.min_length = 3}, "\xc3\xa9\xc3\xa9", "\xc3\xa9\xc3\xa9\xc3\xa9", "2 characters"},
        {{.min_classes = 3}, "abcdef12", "abcDef12", "2 kinds"},
        {{.min_classes = 5}, "abcDEF12!", "abcDEF12! ", "4 kinds"},
        {{.similar = 1}, "Alice", "Alicia", "too like the name"},
        {{.similar = 1}, "!ecila99", "malice99", "too like the name"},
        {{.similar = 1}, "example.com", "example.org", "too like the name"},
        {{.similar = 0}, NULL, "alice", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct policy p = cases[i].policy;
        p.name = arena_printf(&r->arena, "rule%zu", i);
        policy(r, &p);
        if (cases[i].bad) {
            assert_code(change(r, cases[i].bad, false), OBOL_PASSWORD_REFUSED);
            assert_non_null(strstr(r->error.detail, cases[i].told));
            assert_non_null(strstr(r->error.detail, (const char *)p.name.ptr));
            assert_null(strstr(r->error.detail, cases[i].bad));
        }
        assert_ok(change(r, cases[i].good, false));
        assert_ok(logs_in(r, cases[i].good));
    }
}

static void words_of_the_dictionary_are_refused(void **state) {
    struct realm *r = *state;
    char bytes[] = "monkey\r\ndragon\nlast";
    struct slice before = r->admin->dictionary;
    policy(r, &(struct policy){.name = SLICE_LITERAL("words"), .dictionary = 1});
    assert_ok(change(r, "dragon", false)); // there is no dictionary
    r->admin->dictionary = slice_of(bytes, sizeof bytes - 1);
    static const char *const words[] = {"monkey", "DRAGON", "last"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        assert_code(change(r, words[i], false), OBOL_PASSWORD_REFUSED);
    assert_ok(change(r, "dragons", false));
    r->admin->dictionary = before;
    // One that kdc.conf names and that is not there lets nothing pass unseen.
    r->admin->dictionary_missing = true;
    assert_code(change(r, "dragonfly", false), OBOL_CONFIG_SYNTAX);
}

static void former_passwords_do_not_come_again(void **state) {
    struct realm *r = *state;
    policy(r, &(struct policy){.name = SLICE_LITERAL("h"), .history = 3});
    assert_code(change(r, RIGHT, false), OBOL_PASSWORD_REFUSED);
    assert_ok(change(r, "second", false));
    assert_ok(change(r, "third", false));
    assert_code(change(r, RIGHT, false), OBOL_PASSWORD_REFUSED);
    assert_code(change(r, "second", false), OBOL_PASSWORD_REFUSED);
    assert_code(change(r, "third", false), OBOL_PASSWORD_REFUSED);
    assert_non_null(strstr(r->error.detail, "one of the last 3"));
    assert_ok(change(r, "fourth", false));
    assert_ok(change(r, RIGHT, false)); // three changes ago
    // A new master key seals them anew.
    assert_ok(admin_master_replace(r->admin, NULL, NULL, &r->error));
    assert_code(change(r, "third", false), OBOL_PASSWORD_REFUSED);
    assert_ok(change(r, "fifth", false));
}

static void remember(struct realm *r, int64_t passwords) {
    struct admin_policy_change c = {.number = passwords};
    for (size_t i = 0; i < POLICY_MEMBERS_COUNT; i++)
        if (strcmp(POLICY_MEMBERS[i].name, "history") == 0)
            c.member = &POLICY_MEMBERS[i];
    assert_ok(admin_policy_set(r->admin, SLICE_LITERAL("h"), &c, 1, &r->error));
}

// As MIT krb5 has it, where each policy has a history of one.
static void a_history_of_one_is_the_present_password(void **state) {
    struct realm *r = *state;
    assert_ok(change(r, RIGHT, false));
    policy(r, &(struct policy){.name = SLICE_LITERAL("h"), .history = 1});
    assert_code(change(r, RIGHT, false), OBOL_PASSWORD_REFUSED);
    assert_non_null(strstr(r->error.detail, "the present password"));
    assert_ok(change(r, "second", false));
    assert_ok(change(r, RIGHT, false));
    remember(r, 0);
    assert_ok(change(r, RIGHT, false));
}

static void a_history_that_grows_or_shrinks_counts_at_once(void **state) {
    struct realm *r = *state;
    policy(r, &(struct policy){.name = SLICE_LITERAL("h"), .history = 4});
    assert_ok(change(r, "second", false));
    assert_ok(change(r, "third", false));
    assert_ok(change(r, "fourth", false));
    assert_code(change(r, "second", false), OBOL_PASSWORD_REFUSED);
    remember(r, 2);
    assert_code(change(r, "third", false), OBOL_PASSWORD_REFUSED);
    assert_ok(change(r, "second", false));
    remember(r, 4); // what went meanwhile does not come back, what is left counts
    assert_code(change(r, "fourth", false), OBOL_PASSWORD_REFUSED);
    assert_ok(change(r, "third", false));
    assert_code(change(r, "fourth", false), OBOL_PASSWORD_REFUSED);
    remember(r, 1);
    assert_code(change(r, "third", false), OBOL_PASSWORD_REFUSED);
    assert_ok(change(r, "second", false));
}

static void the_owner_waits_for_the_minimum_life_and_the_administrator_does_not(void **state) {
    struct realm *r = *state;
    policy(r, &(struct policy){.name = SLICE_LITERAL("slow"), .min_life = DAY});
    pass(r, DAY - 1);
    assert_code(change(r, "second", true), OBOL_PASSWORD_REFUSED);
    assert_non_null(strstr(r->error.detail, "changed too recently"));
    pass(r, 1);
    assert_ok(change(r, "second", true));
    assert_code(change(r, "third", true), OBOL_PASSWORD_REFUSED);
    assert_ok(change(r, "third", false));
    // Who must change it may.
    const struct admin_change must = {.set_flags = RECORD_NEEDS_CHANGE};
    assert_ok(admin_principal_set(r->admin, SLICE_LITERAL("alice"), &must, &r->error));
    assert_ok(change(r, "fourth", true));
}

static void a_password_lasts_as_long_as_the_policy_says(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct as_params p = {.client = name_of(r, "alice")};
    policy(r, &(struct policy){.name = SLICE_LITERAL("old"), .max_life = 90 * DAY});
    assert_ok(login(r, &p, RIGHT, &as));
    pass(r, 90 * DAY - 1);
    assert_ok(login(r, &p, RIGHT, &as));
    pass(r, 1);
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_KEY_EXPIRED);
    // Only its owner is told.
    assert_code(login(r, &p, "wrong", &as), OBOL_PASSWORD_WRONG);
    struct principal changepw = name_of(r, "kadmin/changepw");
    p.service = &changepw;
    assert_ok(login(r, &p, RIGHT, &as));
    assert_ok(change(r, "second", true));
    p.service = NULL;
    assert_ok(login(r, &p, "second", &as));
    // Without a policy it does not expire.
    const struct admin_change none = {.present = ADMIN_SET_POLICY};
    assert_ok(admin_principal_set(r->admin, SLICE_LITERAL("alice"), &none, &r->error));
    pass(r, 900 * DAY);
    assert_ok(login(r, &p, "second", &as));
}

static void keys_are_of_the_enctypes_that_the_policy_allows(void **state) {
    struct realm *r = *state;
    struct record rec;
    struct slice password = SLICE_LITERAL("second");
    struct admin_keys keys = {.password = &password};
    policy(r, &(struct policy){.name = SLICE_LITERAL("k"),
                               .allowed_keysalts = SLICE_LITERAL("aes256-cts:normal")});
    assert_code(change(r, "second", false), OBOL_INVALID_ARGUMENT);
    assert_ok(admin_principal_password(r->admin, SLICE_LITERAL("alice"), &keys, NULL, &r->error));
    assert_ok(admin_principal_get(r->admin, SLICE_LITERAL("alice"), &r->arena, &rec, &r->error));
    assert_int_equal(rec.keys.count, 1);
    assert_int_equal(rec.keys.items[0].enctype, ENCTYPE_AES256_SHA1);
}

static void a_policy_locks_and_an_administrator_unlocks_while_the_kdc_runs(void **state) {
    struct realm *r = *state;
    policy(r, &(struct policy){.name = SLICE_LITERAL("lock"), .max_failures = 2});
    assert_code(logs_in(r, "wrong"), OBOL_PASSWORD_WRONG);
    assert_ok(logs_in(r, RIGHT)); // which forgets the failure
    assert_code(logs_in(r, "wrong"), OBOL_PASSWORD_WRONG);
    pass(r, 1);
    assert_code(logs_in(r, "wrong"), OBOL_PASSWORD_WRONG);
    assert_code(logs_in(r, RIGHT), OBOL_KDC_ERR_CLIENT_REVOKED);
    pass(r, 300 * DAY);
    assert_code(logs_in(r, RIGHT), OBOL_KDC_ERR_CLIENT_REVOKED);
    const struct admin_change unlock = {.unlock = true};
    assert_ok(admin_principal_set(r->admin, SLICE_LITERAL("alice"), &unlock, &r->error));
    assert_ok(logs_in(r, RIGHT));
    pass(r, 1);
    assert_code(logs_in(r, "wrong"), OBOL_PASSWORD_WRONG);
    assert_code(logs_in(r, "wrong"), OBOL_PASSWORD_WRONG);
    assert_code(logs_in(r, RIGHT), OBOL_KDC_ERR_CLIENT_REVOKED);
    // A change of the policy is seen at once.
    const struct admin_policy_change off = {.member = &POLICY_MEMBERS[7]};
    assert_string_equal(off.member->name, "max-failures");
    assert_ok(admin_policy_set(r->admin, SLICE_LITERAL("lock"), &off, 1, &r->error));
    assert_ok(logs_in(r, RIGHT));
}

static void failures_are_forgotten_and_locks_end_as_the_policy_says(void **state) {
    struct realm *r = *state;
    policy(r, &(struct policy){.name = SLICE_LITERAL("lock"),
                               .max_failures = 2,
                               .failure_interval = 60,
                               .lockout_duration = 600});
    assert_code(logs_in(r, "wrong"), OBOL_PASSWORD_WRONG);
    pass(r, 61);
    assert_code(logs_in(r, "wrong"), OBOL_PASSWORD_WRONG);
    assert_ok(logs_in(r, RIGHT));
    assert_code(logs_in(r, "wrong"), OBOL_PASSWORD_WRONG);
    pass(r, 59);
    assert_code(logs_in(r, "wrong"), OBOL_PASSWORD_WRONG);
    pass(r, 599);
    assert_code(logs_in(r, RIGHT), OBOL_KDC_ERR_CLIENT_REVOKED);
    pass(r, 1);
    assert_ok(logs_in(r, RIGHT));
}

static void who_needs_a_device_does_not_log_in_by_password(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct tgs_client tgs;
    struct as_params p = {.client = name_of(r, "alice"), .etypes = {&one_enctype, 1}};
    const struct admin_change hardware = {.set_flags = RECORD_HW_AUTH},
                              none = {.clear_flags = RECORD_HW_AUTH};
    assert_ok(admin_principal_set(r->admin, SLICE_LITERAL("alice"), &hardware, &r->error));
    assert_int_not_equal(login(r, &p, RIGHT, &as), OBOL_OK);
    p.optimistic = true;
    assert_int_not_equal(login(r, &p, RIGHT, &as), OBOL_OK);
    assert_ok(admin_principal_set(r->admin, SLICE_LITERAL("alice"), &none, &r->error));
    assert_ok(login(r, &p, RIGHT, &as));
    assert_false(as.ticket.flags & TKT_HW_AUTHENT);
    // A service that asks for one takes no login without.
    struct tgs_params t = {.tgt = &as.ticket, .service = name_of(r, "HTTP/web")};
    assert_ok(ticket(r, &t, &tgs));
    assert_ok(admin_principal_set(r->admin, SLICE_LITERAL("HTTP/web"), &hardware, &r->error));
    assert_code(ticket(r, &t, &tgs), OBOL_KDC_ERR_POLICY);
    struct principal web = name_of(r, "HTTP/web");
    p.service = &web;
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_POLICY);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(each_rule_refuses_and_its_neighbour_passes),
        CASE(words_of_the_dictionary_are_refused),
        CASE(former_passwords_do_not_come_again),
        CASE(a_history_of_one_is_the_present_password),
        CASE(a_history_that_grows_or_shrinks_counts_at_once),
        CASE(the_owner_waits_for_the_minimum_life_and_the_administrator_does_not),
        CASE(a_password_lasts_as_long_as_the_policy_says),
        CASE(keys_are_of_the_enctypes_that_the_policy_allows),
        CASE(a_policy_locks_and_an_administrator_unlocks_while_the_kdc_runs),
        CASE(failures_are_forgotten_and_locks_end_as_the_policy_says),
        CASE(who_needs_a_device_does_not_log_in_by_password),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
