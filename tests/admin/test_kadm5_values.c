// What kadmin's procedures make of what they are sent, and refuse of it: members and their masks,
// passwords under a policy, keys, policies, strings, lists.
#include "kadm5_client.h"

#define TEXT(s) SLICE_LITERAL(s)

static uint8_t key_bytes[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static int fresh(void **state) {
    if (kadm5_setup(state) != 0)
        return -1;
    kadm5_acl("root/admin *e\n");
    return 0;
}

static uint32_t modify(uint32_t mask, struct kadm5_principal p) {
    p.name = TEXT("alice");
    return ask(ROOT, KADM5_MODIFY_PRINCIPAL, (struct kadm5_message){.principal = p, .mask = mask});
}
static uint32_t create(const char *name, uint32_t mask, struct kadm5_principal p,
                       const char *password) {
    p.name = slice_str(name);
    struct kadm5_message m = {
        .principal = p, .mask = mask | KADM5_MASK_PRINCIPAL, .password = slice_str(password)};
    return ask(ROOT, KADM5_CREATE_PRINCIPAL, m);
}
static uint32_t get(const char *name, uint32_t mask) {
    return ask(ROOT, KADM5_GET_PRINCIPAL,
               (struct kadm5_message){.name = slice_str(name), .mask = mask});
}
static uint32_t password(struct kadm5_by by, const char *name, const char *text) {
    return ask(by, KADM5_CHANGE_PASSWORD,
               (struct kadm5_message){.name = slice_str(name), .password = slice_str(text)});
}
static size_t keys_of(const char *name) {
    return record_of(name).keys.count;
}

static void masks_that_no_client_may_send_are_refused(void **state) {
    UNUSED(state);
    const struct kadm5_principal none = {0}, policy = {.policy = TEXT("p")};
    const uint32_t never[] = {KADM5_MASK_PASSWORD_CHANGED,
                              KADM5_MASK_MODIFIED,
                              KADM5_MASK_MODIFIED_BY,
                              KADM5_MASK_MASTER_KVNO,
                              KADM5_MASK_AUX_ATTRIBUTES,
                              KADM5_MASK_LAST_SUCCESS,
                              KADM5_MASK_LAST_FAILURE,
                              KADM5_MASK_POLICY,
                              0x200000,
                              0x80000000};
    for (size_t i = 0; i < COUNT_OF(never); i++) {
        assert_status(modify(never[i], none), KADM5_E_BAD_MASK);
        assert_status(create("new", never[i], none, NULL), KADM5_E_BAD_MASK);
    }
    assert_status(modify(KADM5_MASK_PRINCIPAL, none), KADM5_E_BAD_MASK);
    assert_status(modify(KADM5_MASK_KEYS, none), KADM5_E_BAD_MASK);
    assert_status(modify(KADM5_MASK_POLICY | KADM5_MASK_POLICY_CLEAR, policy), KADM5_E_BAD_MASK);
    assert_status(create("new", KADM5_MASK_FAILURES, none, NULL), KADM5_E_BAD_MASK);
    struct kadm5_key_data key = {.version = 1};
    const struct kadm5_principal keys = {.keys = {&key, 1}};
    assert_status(create("new", KADM5_MASK_KEYS, keys, NULL), KADM5_E_BAD_MASK);
    assert_status(ask(ROOT, KADM5_CREATE_PRINCIPAL,
                      (struct kadm5_message){.principal = {.name = TEXT("new")}}),
                  KADM5_E_BAD_MASK);
    assert_status(modify(KADM5_MASK_MAX_LIFE, (struct kadm5_principal){.max_life = -1}), 22);
    assert_status(modify(KADM5_MASK_ATTRIBUTES, (struct kadm5_principal){.attributes = 0x400}), 22);
    assert_status(modify(KADM5_MASK_FAILURES, (struct kadm5_principal){.failures = 3}),
                  KADM5_E_BAD_SERVER_PARAMS);
}

static void tagged_data_is_the_time_of_an_unlocking_and_nothing_else(void **state) {
    UNUSED(state);
    struct kadm5_data data = {.type = 3};
    const struct kadm5_principal p = {.has_data = true, .data = {&data, 1}, .data_count = 1};
    assert_status(modify(KADM5_MASK_DATA, p), KADM5_E_BAD_TL_TYPE);
    data.type = KADM5_DATA_DB_ARGUMENTS; // kadmin -x
    assert_status(modify(KADM5_MASK_DATA, p), 22);
    data.type = KADM5_DATA_UNLOCKED;
    assert_done(modify(KADM5_MASK_DATA | KADM5_MASK_FAILURES, p));
    assert_true(record_of("alice").unlocked > 0);
    assert_done(get("alice", KADM5_MASK_DATA));
    assert_int_equal(got.principal.data.count, 1);
    assert_int_equal(got.principal.data.items[0].bytes.len, 4);
}

static void a_principal_is_what_its_members_say(void **state) {
    UNUSED(state);
    const struct kadm5_principal p = {.expires = 4000000000,
                                      .max_life = 60,
                                      .max_renew = 120,
                                      .attributes = 0x80,
                                      .policy = TEXT("p")};
    const uint32_t mask = KADM5_MASK_EXPIRES | KADM5_MASK_MAX_LIFE | KADM5_MASK_MAX_RENEW |
                          KADM5_MASK_ATTRIBUTES | KADM5_MASK_POLICY | KADM5_MASK_KVNO;
    struct kadm5_principal q = p;
    q.kvno = 7;
    assert_done(create("new", mask, q, "Some pass-word"));
    assert_done(get("new", KADM5_MASK_NORMAL | KADM5_MASK_KEYS));
    const struct kadm5_principal *g = &got.principal;
    assert_slice_str(g->name, "new@EXAMPLE.COM");
    assert_int_equal(g->expires, 4000000000); // beyond 2038
    assert_int_equal(g->max_life, 60);
    assert_int_equal(g->max_renew, 120);
    assert_int_equal(g->attributes, 0x80);
    assert_int_equal(g->kvno, 7);
    assert_slice_str(g->policy, "p");
    assert_int_equal(g->aux_attributes, KADM5_MASK_POLICY);
    assert_slice_str(g->modified_by, "root/admin@EXAMPLE.COM");
    assert_int_equal(g->keys.count, 1);
    assert_int_equal(g->keys.items[0].version, 1);
    // Only what is asked for.
    assert_done(get("new", KADM5_MASK_MAX_LIFE));
    assert_null(got.principal.name.ptr);
    assert_int_equal(got.principal.max_life, 60);
    assert_int_equal(got.principal.expires, 0);
    assert_int_equal(got.principal.keys.count, 0);
    assert_status(create("new", 0, p, NULL), KADM5_E_DUP);
    assert_done(create("bare", KADM5_MASK_KEYS, p, NULL));
    assert_int_equal(keys_of("bare"), 0);
    assert_done(create("HTTP/web", 0, p, NULL));
    assert_int_equal(record_of("HTTP/web").keys.items[0].salt_type, RECORD_SALT_RANDOM);
}

static void a_lock_shows_as_no_tickets_and_goes_with_them(void **state) {
    UNUSED(state);
    const struct admin_change lock = {.set_flags = RECORD_LOCKED | RECORD_PROTECTED};
    struct kadm5_principal p = {.attributes = 0xc0};
    assert_ok(admin_principal_set(adm, TEXT("alice"), &lock, NULL));
    assert_done(get("alice", KADM5_MASK_ATTRIBUTES));
    assert_int_equal(got.principal.attributes & 0x40, 0x40);
    // Sent back with another flag, the lock stays what it was.
    assert_done(modify(KADM5_MASK_ATTRIBUTES, p));
    assert_int_equal(record_of("alice").flags & (RECORD_LOCKED | RECORD_DISABLED), RECORD_LOCKED);
    p.attributes = 0x80;
    assert_done(modify(KADM5_MASK_ATTRIBUTES, p));
    assert_int_equal(record_of("alice").flags & (RECORD_LOCKED | RECORD_DISABLED), 0);
    p.attributes = 0x40;
    assert_done(modify(KADM5_MASK_ATTRIBUTES, p));
    assert_true(record_of("alice").flags & RECORD_PROTECTED); // which has no bit on the wire
    assert_int_equal(record_of("alice").flags & (RECORD_LOCKED | RECORD_DISABLED), RECORD_DISABLED);
}

static void each_rule_that_a_password_breaks_has_its_number(void **state) {
    UNUSED(state);
    const struct policy rules = {.name = TEXT("rules"),
                                 .min_length = 8,
                                 .min_classes = 3,
                                 .history = 2,
                                 .similar = 1,
                                 .min_life = 3600};
    const struct kadm5_by alice = {"alice", "kadmin/changepw", false};
    assert_ok(admin_policy_add(adm, &rules, NULL));
    assert_done(modify(KADM5_MASK_POLICY, (struct kadm5_principal){.policy = TEXT("rules")}));
    assert_status(password(ROOT, "alice", ""), KADM5_E_PASS_Q_TOOSHORT);
    assert_status(password(ROOT, "alice", NULL), 22);
    assert_status(password(ROOT, "alice", "Aa1"), KADM5_E_PASS_Q_TOOSHORT);
    assert_status(password(ROOT, "alice", "aaaaaaaaa"), KADM5_E_PASS_Q_CLASS);
    assert_status(password(ROOT, "alice", "!!Alice123"), KADM5_E_PASS_Q_DICT);
    assert_status(password(ROOT, "alice", "Old pass-word 1"), KADM5_E_PASS_REUSE);
    assert_status(password(alice, "alice", "New pass-word 3"), KADM5_E_PASS_TOOSOON);
    assert_status(ask(alice, KADM5_RANDOM_KEY, (struct kadm5_message){.name = TEXT("alice")}),
                  KADM5_E_PASS_TOOSOON);
    char many[1100];
    memset(many, 'a', sizeof many - 1);
    many[sizeof many - 1] = 0;
    assert_status(password(ROOT, "bob", many), KADM5_E_PASS_Q_GENERIC);
    assert_int_equal(kvno_of("alice"), 1);
    assert_done(password(ROOT, "alice", "New pass-word 3"));
    assert_int_equal(kvno_of("alice"), 2);
}

static void old_keys_stay_if_that_is_asked_but_few_of_ones_own(void **state) {
    UNUSED(state);
    const struct kadm5_by alice = {"alice", "kadmin/admin", false};
    struct kadm5_keysalt aes128 = {17, 0};
    struct kadm5_message m = {.name = TEXT("alice"), .keep_old = true, .keysalts = {&aes128, 1}};
    for (int i = 0; i < 7; i++)
        assert_done(ask(alice, KADM5_RANDOM_KEY_3, m));
    assert_int_equal(keys_of("alice"), 5);
    for (int i = 0; i < 7; i++)
        assert_done(ask(ROOT, KADM5_RANDOM_KEY_3, m));
    assert_int_equal(keys_of("alice"), 12);
    assert_int_equal(got.keys.count, 1); // the new one only
    assert_int_equal(got.keys.items[0].bytes.len, 16);
    m.keep_kvno = 14;
    assert_done(ask(ROOT, KADM5_PURGE_KEYS, m));
    assert_int_equal(keys_of("alice"), 2);
    m.keep_kvno = -1;
    assert_done(ask(ROOT, KADM5_PURGE_KEYS, m));
    assert_int_equal(keys_of("alice"), 1);
    m.keep_old = false;
    assert_done(ask(ROOT, KADM5_RANDOM_KEY_3, m));
    assert_int_equal(keys_of("alice"), 1);
    aes128.salt_type = 4; // special: taken, and it is the normal one that is made
    assert_done(ask(ROOT, KADM5_CHANGE_PASSWORD_3,
                    (struct kadm5_message){.name = TEXT("alice"),
                                           .password = TEXT("New pass-word 3"),
                                           .keysalts = {&aes128, 1}}));
    assert_int_equal(record_of("alice").keys.items[0].salt_type, RECORD_SALT_NORMAL);
    aes128.enctype = 99;
    assert_status(ask(ROOT, KADM5_RANDOM_KEY_3, m), KADM5_E_BAD_KEYSALTS);
    aes128 = (struct kadm5_keysalt){17, 5};
    assert_status(ask(ROOT, KADM5_RANDOM_KEY_3, m), KADM5_E_BAD_KEYSALTS);
}

static uint32_t set_keys(uint32_t procedure, const struct kadm5_key *keys, size_t count,
                         bool keep) {
    struct kadm5_message m = {
        .name = TEXT("alice"), .keep_old = keep, .keys = {(struct kadm5_key *)keys, count}};
    return ask(ROOT, procedure, m);
}

static void keys_that_are_brought_along_come_back(void **state) {
    UNUSED(state);
    struct kadm5_key k[2] = {{.enctype = 17, .bytes = {key_bytes, 16}},
                             {.enctype = 18, .bytes = {key_bytes, 32}}};
    assert_done(set_keys(KADM5_SET_KEY, k, 2, false));
    struct kadm5_message m = {.name = TEXT("alice")};
    assert_done(ask(ROOT, KADM5_EXTRACT_KEYS, m));
    assert_int_equal(got.keys.count, 2);
    assert_int_equal(got.keys.items[0].kvno, 2);
    assert_slice_equal(got.keys.items[1].bytes, k[1].bytes);
    assert_int_equal(got.keys.items[0].salt_type, 0);
    k[0].kvno = 1; // an older one, with the salt of its password
    k[0].salt_type = 4;
    k[0].salt = TEXT("salty");
    assert_done(set_keys(KADM5_SET_KEY_4, k, 1, true));
    assert_done(ask(ROOT, KADM5_EXTRACT_KEYS, m));
    assert_int_equal(got.keys.count, 3);
    assert_int_equal(got.keys.items[0].kvno, 2); // the newest stands first
    assert_int_equal(got.keys.items[2].kvno, 1);
    assert_slice_str(got.keys.items[2].salt, "salty");
    m.kvno = 1;
    assert_done(ask(ROOT, KADM5_EXTRACT_KEYS, m));
    assert_int_equal(got.keys.count, 1);
    m.kvno = 55;
    assert_done(ask(ROOT, KADM5_EXTRACT_KEYS, m));
    assert_int_equal(got.keys.count, 0);
    assert_done(get("alice", KADM5_MASK_KEYS));
    assert_int_equal(got.principal.keys.items[2].version, 2);
    assert_int_equal(got.principal.keys.items[2].salt_type, 4);
}

static void keys_that_cannot_be_are_refused(void **state) {
    UNUSED(state);
    struct kadm5_key k[2] = {{.enctype = 17, .bytes = {key_bytes, 16}, .kvno = 1},
                             {.enctype = 17, .bytes = {key_bytes, 16}, .kvno = 1}};
    assert_status(set_keys(KADM5_SET_KEY, k, 0, false), 22);
    assert_status(set_keys(KADM5_SET_KEY, k, 2, false), KADM5_E_SETKEY_DUP_ENCTYPES);
    assert_status(set_keys(KADM5_SET_KEY_4, k, 1, true), KADM5_E_SETKEY_BAD_KVNO);
    k[1] = (struct kadm5_key){.enctype = 18, .bytes = {key_bytes, 32}, .kvno = 2};
    assert_status(set_keys(KADM5_SET_KEY_4, k, 2, false), KADM5_E_SETKEY_BAD_KVNO);
    k[0].bytes.len = 15;
    assert_status(set_keys(KADM5_SET_KEY, k, 1, false), KADM5_E_BAD_KEYSALTS);
    k[0] = (struct kadm5_key){.enctype = 99, .bytes = {key_bytes, 16}};
    assert_status(set_keys(KADM5_SET_KEY, k, 1, false), KADM5_E_BAD_KEYSALTS);
    struct kadm5_keysalt other = {18, 0};
    k[0] = (struct kadm5_key){.enctype = 17, .bytes = {key_bytes, 16}};
    struct kadm5_message m = {.name = TEXT("alice"), .keysalts = {&other, 1}, .keys = {k, 1}};
    assert_status(ask(ROOT, KADM5_SET_KEY_3, m), KADM5_E_SETKEY3_ETYPE_MISMATCH);
    const struct policy only = {.name = TEXT("only"), .allowed_keysalts = TEXT("aes256-cts")};
    assert_ok(admin_policy_add(adm, &only, NULL));
    assert_done(modify(KADM5_MASK_POLICY, (struct kadm5_principal){.policy = TEXT("only")}));
    assert_status(set_keys(KADM5_SET_KEY, k, 1, false), KADM5_E_BAD_KEYSALTS);
    assert_int_equal(keys_of("alice"), 1);
}

static uint32_t policy(uint32_t procedure, uint32_t mask, struct kadm5_policy p) {
    return ask(ROOT, procedure, (struct kadm5_message){.policy = p, .mask = mask});
}

static void policies_are_made_changed_and_shown(void **state) {
    UNUSED(state);
    const uint32_t add = KADM5_CREATE_POLICY, set = KADM5_MODIFY_POLICY;
    struct kadm5_policy p = {.name = TEXT("p"),
                             .min_life = 10,
                             .max_life = 100,
                             .min_length = 6,
                             .history = 2,
                             .max_failures = 3,
                             .keysalts = TEXT("aes256-cts")};
    struct kadm5_message m = {.name = TEXT("p")};
    const uint32_t mask = KADM5_MASK_POLICY_NAME | KADM5_MASK_PW_MIN_LIFE | KADM5_MASK_PW_MAX_LIFE |
                          KADM5_MASK_PW_MIN_LENGTH | KADM5_MASK_PW_HISTORY | KADM5_MASK_KEYSALTS;
    assert_done(policy(add, mask, p));
    assert_status(policy(add, KADM5_MASK_POLICY_NAME, p), KADM5_E_DUP);
    assert_done(ask(ROOT, KADM5_GET_POLICY, m));
    assert_int_equal(got.policy.min_life, 10);
    assert_int_equal(got.policy.min_classes, 1);
    assert_int_equal(got.policy.max_failures, 0); // not in the mask
    assert_slice_str(got.policy.keysalts, "aes256-cts");
    p.min_length = 9;
    assert_done(policy(set, KADM5_MASK_PW_MIN_LENGTH | KADM5_MASK_PW_MAX_FAILURES, p));
    p.keysalts = (struct slice){0};
    assert_done(policy(set, KADM5_MASK_KEYSALTS, p));
    m.version = KADM5_VERSION_3;
    assert_done(ask(ROOT, KADM5_GET_POLICY, m));
    assert_int_equal(got.policy.min_length, 9);
    assert_int_equal(got.policy.max_failures, 3);
    struct policy kept;
    assert_ok(admin_policy_get(adm, TEXT("p"), &arena, &kept, NULL));
    assert_int_equal(kept.allowed_keysalts.len, 0);
    assert_int_equal(kept.similar, 1);
    m = (struct kadm5_message){.name = TEXT("p")};
    assert_done(ask(ROOT, KADM5_LIST_POLICIES, (struct kadm5_message){.name = TEXT("p*")}));
    assert_int_equal(got.names.count, 1);
    assert_done(ask(ROOT, KADM5_DELETE_POLICY, m));
    assert_status(ask(ROOT, KADM5_DELETE_POLICY, m), KADM5_E_UNK_POLICY);
    assert_status(ask(ROOT, KADM5_GET_POLICY, m), KADM5_E_UNK_POLICY);
    assert_status(policy(set, KADM5_MASK_PW_MIN_LENGTH, p), KADM5_E_UNK_POLICY);
}

static void policies_that_cannot_be_are_refused(void **state) {
    UNUSED(state);
    const uint32_t add = KADM5_CREATE_POLICY, name = KADM5_MASK_POLICY_NAME;
    struct kadm5_data data = {.type = 300};
    const struct {
        uint32_t mask, status;
        struct kadm5_policy p;
    } bad[] = {
        {name, 22, {.min_life = 0}},
        {name, KADM5_E_BAD_POLICY, {.name = TEXT("")}},
        {name, KADM5_E_BAD_POLICY, {.name = TEXT("\xc3\xbc")}},
        {0, KADM5_E_BAD_MASK, {.name = TEXT("p")}},
        {name | 1, KADM5_E_BAD_MASK, {.name = TEXT("p")}},
        {name | KADM5_MASK_PW_MIN_LENGTH, KADM5_E_BAD_LENGTH, {.name = TEXT("p")}},
        {name | KADM5_MASK_PW_MIN_CLASSES,
         KADM5_E_BAD_CLASS,
         {.name = TEXT("p"), .min_classes = 6}},
        {name | KADM5_MASK_PW_HISTORY, KADM5_E_BAD_HISTORY, {.name = TEXT("p")}},
        {name | KADM5_MASK_PW_MAX_LIFE, 22, {.name = TEXT("p"), .max_life = -1}},
        {name | KADM5_MASK_PW_MAX_LIFE | KADM5_MASK_PW_MIN_LIFE,
         KADM5_E_BAD_MIN_PASS_LIFE,
         {.name = TEXT("p"), .min_life = 2, .max_life = 1}},
        {name | KADM5_MASK_KEYSALTS,
         KADM5_E_BAD_KEYSALTS,
         {.name = TEXT("p"), .keysalts = TEXT("x")}},
        {name | KADM5_MASK_POLICY_MAX_LIFE,
         KADM5_E_BAD_MASK,
         {.name = TEXT("p"), .principal_max_life = 1}},
        {name | KADM5_MASK_POLICY_DATA,
         KADM5_E_BAD_TL_TYPE,
         {.name = TEXT("p"), .has_data = true, .data = {&data, 1}}},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (policy(add, bad[i].mask, bad[i].p) != bad[i].status)
            fail_msg("%zu: %u: %s", i, done.status, err.detail);
    assert_status(policy(KADM5_MODIFY_POLICY, name, (struct kadm5_policy){.name = TEXT("p")}),
                  KADM5_E_BAD_MASK);
    assert_done(ask(ROOT, KADM5_LIST_POLICIES, (struct kadm5_message){0}));
    assert_int_equal(got.names.count, 0);
}

static void everybody_sees_the_policy_that_holds_for_him(void **state) {
    UNUSED(state);
    const struct policy p = {.name = TEXT("his")}, q = {.name = TEXT("other")};
    const struct kadm5_by by[] = {{"alice", "kadmin/changepw", false},
                                  {"alice", "kadmin/admin", false}};
    assert_ok(admin_policy_add(adm, &p, NULL));
    assert_ok(admin_policy_add(adm, &q, NULL));
    assert_done(modify(KADM5_MASK_POLICY, (struct kadm5_principal){.policy = TEXT("his")}));
    for (size_t i = 0; i < COUNT_OF(by); i++) {
        assert_done(ask(by[i], KADM5_GET_POLICY, (struct kadm5_message){.name = TEXT("his")}));
        assert_int_equal(got.policy.min_length, 1);
        assert_status(ask(by[i], KADM5_GET_POLICY, (struct kadm5_message){.name = TEXT("other")}),
                      KADM5_E_AUTH_GET);
    }
}

static void strings_and_lists_come_back(void **state) {
    UNUSED(state);
    struct kadm5_message m = {.name = TEXT("alice"), .string = {TEXT("note"), TEXT("text")}};
    assert_done(ask(ROOT, KADM5_SET_STRING, m));
    assert_done(ask(ROOT, KADM5_GET_STRINGS, m));
    assert_int_equal(got.strings.count, 1);
    assert_slice_str(got.strings.items[0].value, "text");
    m.string.value = (struct slice){0};
    assert_done(ask(ROOT, KADM5_SET_STRING, m));
    assert_done(ask(ROOT, KADM5_GET_STRINGS, m));
    assert_int_equal(got.strings.count, 0);
    m.string.value = TEXT(""); // is a value, as with MIT's
    assert_done(ask(ROOT, KADM5_SET_STRING, m));
    assert_done(ask(ROOT, KADM5_GET_STRINGS, m));
    assert_int_equal(got.strings.count, 1);
    assert_true(got.strings.items[0].value.ptr && !got.strings.items[0].value.len);
    m.string = (struct kadm5_string){TEXT("obol.mit-attributes"), TEXT("1")};
    assert_status(ask(ROOT, KADM5_SET_STRING, m), 22);
    m.string.name = (struct slice){0};
    assert_status(ask(ROOT, KADM5_SET_STRING, m), 22);
    assert_done(ask(ROOT, KADM5_LIST_PRINCIPALS, (struct kadm5_message){.name = TEXT("*o*")}));
    assert_int_equal(got.names.count,
                     3); // bob, locked, root/admin; the realm's name does not count
    assert_done(ask(ROOT, KADM5_LIST_PRINCIPALS, (struct kadm5_message){0}));
    assert_true(got.names.count >= 5);
}

static void a_list_above_its_bound_is_refused_and_one_at_it_is_not(void **state) {
    UNUSED(state);
    const uint32_t lists[] = {KADM5_LIST_PRINCIPALS, KADM5_LIST_POLICIES};
    const struct kadm5_message all = {0}, some = {.name = TEXT("b*")};
    const struct policy p = {.name = TEXT("a policy of many letters"), .min_length = 1},
                        b = {.name = TEXT("b"), .min_length = 1};
    assert_ok(admin_policy_add(adm, &p, NULL));
    assert_ok(admin_policy_add(adm, &b, NULL));
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        list_max = 0;
        assert_done(ask(ROOT, lists[i], all));
        size_t bytes = done.results.len - 16; // version, status, and the count twice
        list_max = bytes;
        assert_done(ask(ROOT, lists[i], all));
        list_max = bytes - 1;
        // As krb5 numbers it: KRB5KRB_ERR_FIELD_TOOLONG.
        assert_int_equal((int32_t)ask(ROOT, lists[i], all), -1765328323);
        assert_code(err.code, OBOL_KRB_ERR_FIELD_TOOLONG);
        assert_int_equal(got.names.count, 0);
        assert_non_null(strstr(error_remedy_text(&err), "listprincs"));
        assert_done(ask(ROOT, lists[i], some));
        assert_int_equal(got.names.count, 1);
    }
}

static void a_list_that_no_reply_holds_is_no_success(void **state) {
    UNUSED(state);
    struct arena small = {0};
    struct kadm5 k = {.adm = adm, .acl = &acl};
    struct kadm5_call call = {.procedure = KADM5_LIST_PRINCIPALS,
                              .arguments = TEXT("\x12\x34\x57\x04\0\0\0\0"),
                              .service = TEXT("kadmin/admin"),
                              .authtime = env_now(adm->env),
                              .client_text = TEXT("root/admin@EXAMPLE.COM")};
    assert_ok(
        principal_parse(call.client_text, adm->realm, NT_UNKNOWN, &arena, &call.client, NULL));
    assert_true(arena_init(&small, 1024, 1024));
    assert_code(kadm5_answer(&k, &call, &small, &done, NULL), OBOL_NO_MEMORY);
    assert_true(done.outcome == KADM5_SYSTEM_ERR || done.status == 12);
    arena_clear(&small);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, home_end)

static void a_pattern_is_no_longer_than_names(void **state) {
    UNUSED(state);
    static uint8_t stars[1 << 20];
    memset(stars, '*', sizeof stars);
    const uint32_t lists[] = {KADM5_LIST_PRINCIPALS, KADM5_LIST_POLICIES};
    for (size_t i = 0; i < COUNT_OF(lists); i++) {
        struct kadm5_message m = {.name = slice_of(stars, RECORD_NAME_MAX)};
        assert_done(ask(ROOT, lists[i], m));
        m.name.len = sizeof stars;
        assert_int_equal(ask(ROOT, lists[i], m), 22); // EINVAL
        assert_code(err.code, OBOL_INVALID_ARGUMENT);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(masks_that_no_client_may_send_are_refused),
        CASE(tagged_data_is_the_time_of_an_unlocking_and_nothing_else),
        CASE(a_principal_is_what_its_members_say),
        CASE(a_lock_shows_as_no_tickets_and_goes_with_them),
        CASE(each_rule_that_a_password_breaks_has_its_number),
        CASE(old_keys_stay_if_that_is_asked_but_few_of_ones_own),
        CASE(keys_that_are_brought_along_come_back),
        CASE(keys_that_cannot_be_are_refused),
        CASE(policies_are_made_changed_and_shown),
        CASE(policies_that_cannot_be_are_refused),
        CASE(everybody_sees_the_policy_that_holds_for_him),
        CASE(strings_and_lists_come_back),
        CASE(a_list_above_its_bound_is_refused_and_one_at_it_is_not),
        CASE(a_list_that_no_reply_holds_is_no_success),
        CASE(a_pattern_is_no_longer_than_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
