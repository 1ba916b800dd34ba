// What a server does for kadmin's clients: every procedure against every privilege, what one may do
// to oneself, by which service and ticket, restrictions, lockdown-keys, and names that are needed.
#include "kadm5_client.h"

#define TEXT(s) SLICE_LITERAL(s)

static struct slice PASSWORD = SLICE_LITERAL("Other pass-word 2");
static uint8_t key_bytes[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static struct kadm5_key one_key;

// A message of each procedure that is about `name`, and is done if it is allowed.
static struct kadm5_message message(uint32_t procedure, const char *name) {
    static struct kadm5_string string;
    struct kadm5_message m = {.name = slice_str(name), .password = PASSWORD};
    m.principal.name = m.name;
    one_key = (struct kadm5_key){.enctype = 17, .bytes = slice_of(key_bytes, sizeof key_bytes)};
    string = (struct kadm5_string){TEXT("k"), TEXT("v")};
    m.string = string;
    m.keys = (struct kadm5_key_list){&one_key, 1};
    switch (procedure) {
    case KADM5_CREATE_PRINCIPAL:
    case KADM5_CREATE_PRINCIPAL_3:
        m.principal.name = TEXT("new");
        m.mask = KADM5_MASK_PRINCIPAL;
        break;
    case KADM5_MODIFY_PRINCIPAL:
        m.mask = KADM5_MASK_MAX_LIFE;
        m.principal.max_life = 600;
        break;
    case KADM5_RENAME_PRINCIPAL:
        m.other = TEXT("new");
        break;
    case KADM5_CREATE_ALIAS:
        m.other = m.name;
        m.name = TEXT("new");
        break;
    case KADM5_GET_PRINCIPAL:
        m.mask = KADM5_MASK_NORMAL | KADM5_MASK_KEYS;
        break;
    case KADM5_CREATE_POLICY:
        m.policy.name = TEXT("new");
        m.mask = KADM5_MASK_POLICY_NAME;
        break;
    case KADM5_MODIFY_POLICY:
        m.policy.name = TEXT("strong");
        m.policy.min_length = 3;
        m.mask = KADM5_MASK_PW_MIN_LENGTH;
        break;
    case KADM5_DELETE_POLICY:
    case KADM5_GET_POLICY:
        m.name = TEXT("strong");
        break;
    case KADM5_LIST_PRINCIPALS:
    case KADM5_LIST_POLICIES:
        m.name = (struct slice){0};
        break;
    default:
        break;
    }
    return m;
}

static int fresh(void **state) {
    if (kadm5_setup(state) != 0)
        return -1;
    const struct policy p = {.name = TEXT("strong"), .min_length = 2};
    kadm5_acl("root/admin *e\n");
    return admin_policy_add(adm, &p, &err) == OBOL_OK ? 0 : -1;
}
static int end(void **state) {
    return home_end(state);
}

// Which letters a procedure asks, and what it says without them: once more, and independent of the
// code's table. Two letters: both.
static const struct {
    uint32_t procedure;
    const char *letters;
    uint32_t denied;
    bool own;      // everybody may do it to himself
    bool changepw; // that by kadmin/changepw too
} RIGHTS[] = {
    {KADM5_CREATE_PRINCIPAL, "a", KADM5_E_AUTH_ADD, false, false},
    {KADM5_CREATE_PRINCIPAL_3, "a", KADM5_E_AUTH_ADD, false, false},
    {KADM5_DELETE_PRINCIPAL, "d", KADM5_E_AUTH_DELETE, false, false},
    {KADM5_MODIFY_PRINCIPAL, "m", KADM5_E_AUTH_MODIFY, false, false},
    {KADM5_RENAME_PRINCIPAL, "ad", KADM5_E_AUTH_INSUFFICIENT, false, false},
    {KADM5_GET_PRINCIPAL, "i", KADM5_E_AUTH_GET, true, true},
    {KADM5_CHANGE_PASSWORD, "c", KADM5_E_AUTH_CHANGEPW, true, true},
    {KADM5_CHANGE_PASSWORD_3, "c", KADM5_E_AUTH_CHANGEPW, true, true},
    {KADM5_RANDOM_KEY, "c", KADM5_E_AUTH_CHANGEPW, true, true},
    {KADM5_RANDOM_KEY_3, "c", KADM5_E_AUTH_CHANGEPW, true, true},
    {KADM5_CREATE_POLICY, "a", KADM5_E_AUTH_ADD, false, false},
    {KADM5_DELETE_POLICY, "d", KADM5_E_AUTH_DELETE, false, false},
    {KADM5_MODIFY_POLICY, "m", KADM5_E_AUTH_MODIFY, false, false},
    {KADM5_GET_POLICY, "i", KADM5_E_AUTH_GET, false, false},
    {KADM5_LIST_PRINCIPALS, "l", KADM5_E_AUTH_LIST, false, false},
    {KADM5_LIST_POLICIES, "l", KADM5_E_AUTH_LIST, false, false},
    {KADM5_SET_KEY, "s", KADM5_E_AUTH_SETKEY, false, false},
    {KADM5_SET_KEY_3, "s", KADM5_E_AUTH_SETKEY, false, false},
    {KADM5_SET_KEY_4, "s", KADM5_E_AUTH_SETKEY, false, false},
    {KADM5_PURGE_KEYS, "m", KADM5_E_AUTH_MODIFY, true, false},
    {KADM5_GET_STRINGS, "i", KADM5_E_AUTH_GET, true, false},
    {KADM5_SET_STRING, "m", KADM5_E_AUTH_MODIFY, false, false},
    {KADM5_EXTRACT_KEYS, "e", KADM5_E_AUTH_EXTRACT, false, false},
    {KADM5_CREATE_ALIAS, "am", KADM5_E_AUTH_INSUFFICIENT, false, false},
};
static const char LETTERS[] = "acdeilmps";

static void every_procedure_asks_the_privilege_of_its_own_and_no_other(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(RIGHTS); i++) {
        uint32_t p = RIGHTS[i].procedure;
        char line[64], others[16], *o = others;
        for (const char *l = LETTERS; *l; l++)
            if (!strchr(RIGHTS[i].letters, *l))
                *o++ = *l;
        *o = 0;
        // All others: refused. Of two that are asked, one is not enough.
        for (const char *l = RIGHTS[i].letters; *l; l++) {
            snprintf(line, sizeof line, "root/admin %s%s\n", others,
                     RIGHTS[i].letters[1] ? (char[]){*l, 0} : "");
            kadm5_acl(line);
            assert_status(ask(ROOT, p, message(p, "alice")), RIGHTS[i].denied);
            assert_code(err.code, OBOL_PERMISSION);
        }
        snprintf(line, sizeof line, "root/admin %s\n", RIGHTS[i].letters);
        kadm5_acl(line);
        assert_done(ask(ROOT, p, message(p, "alice")));
        // As it was before.
        end(NULL);
        assert_int_equal(fresh(NULL), 0);
    }
}

static void by_kadmin_changepw_an_administrator_may_no_more_than_others(void **state) {
    UNUSED(state);
    const struct kadm5_by by = {"root/admin", "kadmin/changepw", false};
    for (size_t i = 0; i < COUNT_OF(RIGHTS); i++)
        assert_status(ask(by, RIGHTS[i].procedure, message(RIGHTS[i].procedure, "alice")),
                      RIGHTS[i].denied);
    // kadmin/HOST is as good as kadmin/admin.
    const struct kadm5_by host = {"root/admin", "kadmin/kdc.example.com", false};
    assert_done(ask(host, KADM5_GET_PRINCIPAL, message(KADM5_GET_PRINCIPAL, "alice")));
}

static void to_oneself_one_may_what_the_table_says(void **state) {
    UNUSED(state);
    const struct kadm5_by own[] = {{"alice", "kadmin/admin", false},
                                   {"alice", "kadmin/changepw", false}};
    kadm5_acl("root/admin *\n");
    for (size_t i = 0; i < COUNT_OF(RIGHTS); i++)
        for (size_t s = 0; s < COUNT_OF(own); s++) {
            uint32_t p = RIGHTS[i].procedure;
            bool may = s == 0 ? RIGHTS[i].own : RIGHTS[i].changepw;
            assert_status(ask(own[s], p, message(p, "alice")), may ? 0 : RIGHTS[i].denied);
            assert_status(ask(own[s], p, message(p, "bob")), RIGHTS[i].denied);
        }
}

static void ones_own_keys_are_changed_by_a_ticket_that_came_from_the_password(void **state) {
    UNUSED(state);
    const struct kadm5_by alice = {"alice", "kadmin/admin", true};
    const uint32_t changes[] = {KADM5_CHANGE_PASSWORD, KADM5_CHANGE_PASSWORD_3, KADM5_RANDOM_KEY,
                                KADM5_RANDOM_KEY_3};
    for (size_t i = 0; i < COUNT_OF(changes); i++)
        assert_status(ask(alice, changes[i], message(changes[i], "alice")), KADM5_E_AUTH_INITIAL);
    assert_int_equal(kvno_of("alice"), 1);
    assert_done(ask(alice, KADM5_GET_PRINCIPAL, message(KADM5_GET_PRINCIPAL, "alice")));
    // Others' keys are the business of the ACL alone.
    const struct kadm5_by root = {"root/admin", "kadmin/admin", true};
    assert_done(ask(root, KADM5_RANDOM_KEY, message(KADM5_RANDOM_KEY, "alice")));
}

static void who_may_not_ask_does_not_learn_who_is_there(void **state) {
    UNUSED(state);
    const struct kadm5_by alice = {"alice", "kadmin/admin", false};
    for (size_t i = 0; i < COUNT_OF(RIGHTS); i++) {
        uint32_t p = RIGHTS[i].procedure;
        assert_status(ask(alice, p, message(p, "nobody")), RIGHTS[i].denied);
    }
    const uint32_t of_one[] = {
        KADM5_DELETE_PRINCIPAL, KADM5_MODIFY_PRINCIPAL, KADM5_RENAME_PRINCIPAL, KADM5_GET_PRINCIPAL,
        KADM5_CHANGE_PASSWORD,  KADM5_RANDOM_KEY,       KADM5_SET_KEY,          KADM5_PURGE_KEYS,
        KADM5_GET_STRINGS,      KADM5_SET_STRING,       KADM5_EXTRACT_KEYS,     KADM5_CREATE_ALIAS};
    for (size_t i = 0; i < COUNT_OF(of_one); i++)
        assert_status(ask(ROOT, of_one[i], message(of_one[i], "nobody")), KADM5_E_UNK_PRINC);
    // Nor is there anybody of another realm.
    assert_status(ask(ROOT, KADM5_GET_PRINCIPAL, message(KADM5_GET_PRINCIPAL, "alice@ELSE")),
                  KADM5_E_UNK_PRINC);
}

static void names_that_are_none_are_refused(void **state) {
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(RIGHTS); i++) {
        uint32_t p = RIGHTS[i].procedure;
        struct kadm5_message m = message(p, "a@b@c");
        bool policy = (p >= KADM5_CREATE_POLICY && p <= KADM5_GET_POLICY) ||
                      p == KADM5_LIST_PRINCIPALS || p == KADM5_LIST_POLICIES;
        if (policy || p == KADM5_CREATE_PRINCIPAL || p == KADM5_CREATE_PRINCIPAL_3)
            continue;
        assert_status(ask(ROOT, p, m), KADM5_E_BAD_PRINCIPAL);
        m.name = m.principal.name = (struct slice){0};
        assert_status(ask(ROOT, p, m), KADM5_E_BAD_PRINCIPAL);
    }
    struct kadm5_message m = message(KADM5_CREATE_PRINCIPAL, "x");
    m.principal.name = (struct slice){0};
    assert_status(ask(ROOT, KADM5_CREATE_PRINCIPAL, m), KADM5_E_BAD_PRINCIPAL);
    m.principal.name = TEXT("alice@ELSE");
    assert_status(ask(ROOT, KADM5_CREATE_PRINCIPAL, m), KADM5_E_BAD_PRINCIPAL);
}

static void locked_down_keys_neither_change_nor_leave(void **state) {
    UNUSED(state);
    static const struct {
        uint32_t procedure, denied;
    } refused[] = {
        {KADM5_CHANGE_PASSWORD, KADM5_E_AUTH_CHANGEPW},
        {KADM5_CHANGE_PASSWORD_3, KADM5_E_AUTH_CHANGEPW},
        {KADM5_SET_KEY, KADM5_E_AUTH_SETKEY},
        {KADM5_SET_KEY_3, KADM5_E_AUTH_SETKEY},
        {KADM5_SET_KEY_4, KADM5_E_AUTH_SETKEY},
        {KADM5_EXTRACT_KEYS, KADM5_E_AUTH_EXTRACT},
        {KADM5_DELETE_PRINCIPAL, KADM5_E_AUTH_DELETE},
        {KADM5_RENAME_PRINCIPAL, KADM5_E_AUTH_DELETE},
    };
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_status(ask(ROOT, refused[i].procedure, message(refused[i].procedure, "locked")),
                      refused[i].denied);
    // The flag does not go this way, by a restriction neither; it may come.
    struct kadm5_message m = message(KADM5_MODIFY_PRINCIPAL, "locked");
    m.mask |= KADM5_MASK_ATTRIBUTES;
    assert_status(ask(ROOT, KADM5_MODIFY_PRINCIPAL, m), KADM5_E_AUTH_MODIFY);
    m.principal.attributes = 0x00800080;
    assert_done(ask(ROOT, KADM5_MODIFY_PRINCIPAL, m));
    kadm5_acl("root/admin *e * -lockdown_keys\n");
    assert_status(ask(ROOT, KADM5_MODIFY_PRINCIPAL, m), KADM5_E_AUTH_MODIFY);
    kadm5_acl("root/admin *e\n");
    // New random keys may be drawn, but stay here.
    assert_done(ask(ROOT, KADM5_RANDOM_KEY, message(KADM5_RANDOM_KEY, "locked")));
    assert_int_equal(got.keys.count, 0);
    assert_int_equal(kvno_of("locked"), 2);
    m = message(KADM5_MODIFY_PRINCIPAL, "bob");
    m.mask = KADM5_MASK_ATTRIBUTES;
    m.principal.attributes = 0x00800000;
    assert_done(ask(ROOT, KADM5_MODIFY_PRINCIPAL, m));
    assert_status(ask(ROOT, KADM5_EXTRACT_KEYS, message(KADM5_EXTRACT_KEYS, "bob")),
                  KADM5_E_AUTH_EXTRACT);
}

// By the keys of these anybody could be anyone: also of a realm that was made before it had the
// flag, and whoever may do what.
static void the_realms_own_keys_are_locked_down_whatever_their_flags(void **state) {
    UNUSED(state);
    static const struct {
        uint32_t procedure, denied;
    } refused[] = {
        {KADM5_CHANGE_PASSWORD, KADM5_E_AUTH_CHANGEPW},
        {KADM5_CHANGE_PASSWORD_3, KADM5_E_AUTH_CHANGEPW},
        {KADM5_SET_KEY, KADM5_E_AUTH_SETKEY},
        {KADM5_SET_KEY_3, KADM5_E_AUTH_SETKEY},
        {KADM5_SET_KEY_4, KADM5_E_AUTH_SETKEY},
        {KADM5_EXTRACT_KEYS, KADM5_E_AUTH_EXTRACT},
        {KADM5_DELETE_PRINCIPAL, KADM5_E_PROTECT_PRINCIPAL},
        {KADM5_RENAME_PRINCIPAL, KADM5_E_PROTECT_PRINCIPAL},
    };
    static const char *const own[] = {"krbtgt/EXAMPLE.COM", "kadmin/admin", "kadmin/changepw",
                                      "kadmin/kdc.example.com"};
    const struct admin_change before = {.clear_flags = RECORD_LOCKDOWN_KEYS};
    for (size_t i = 0; i < 3; i++)
        assert_true(record_of(own[i]).flags & RECORD_LOCKDOWN_KEYS);
    kadm5_add(own[3], 0);
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        assert_ok(admin_principal_set(adm, slice_str(own[i]), &before, NULL));
        for (size_t k = 0; k < COUNT_OF(refused); k++)
            assert_status(ask(ROOT, refused[k].procedure, message(refused[k].procedure, own[i])),
                          refused[k].denied);
        assert_int_equal(kvno_of(own[i]), 1);
        assert_done(ask(ROOT, KADM5_RANDOM_KEY, message(KADM5_RANDOM_KEY, own[i])));
        assert_int_equal(got.keys.count, 0);
        assert_int_equal(kvno_of(own[i]), 2);
    }
    // Nor is such a service made, or had by another name: its keys would be known.
    struct kadm5_message m = message(KADM5_CREATE_PRINCIPAL, "x");
    m.principal.name = TEXT("kadmin/evil.example");
    assert_status(ask(ROOT, KADM5_CREATE_PRINCIPAL, m), KADM5_E_PROTECT_PRINCIPAL);
    m = message(KADM5_RENAME_PRINCIPAL, "bob");
    m.other = TEXT("kadmin/evil.example");
    assert_status(ask(ROOT, KADM5_RENAME_PRINCIPAL, m), KADM5_E_PROTECT_PRINCIPAL);
    m = message(KADM5_CREATE_ALIAS, "bob");
    m.name = TEXT("kadmin/evil.example");
    assert_status(ask(ROOT, KADM5_CREATE_ALIAS, m), KADM5_E_PROTECT_PRINCIPAL);
    // Users of such names are others.
    m = message(KADM5_CREATE_PRINCIPAL, "x");
    m.principal.name = TEXT("kadmin");
    assert_done(ask(ROOT, KADM5_CREATE_PRINCIPAL, m));
    // At the realm's own machine all of it goes on.
    const struct admin_keys keys = {.password = &PASSWORD};
    assert_ok(admin_principal_password(adm, TEXT("kadmin/admin"), &keys, NULL, NULL));
    assert_ok(admin_principal_delete(adm, TEXT("kadmin/kdc.example.com"), NULL));
}

// The server asks before it acts; what acts asks again, in the transaction that changes: the flag
// may have come between.
static void lockdown_keys_is_asked_where_the_change_is_made(void **state) {
    UNUSED(state);
    const struct slice name = TEXT("locked");
    const struct admin_keys keys = {.password = &PASSWORD};
    const struct admin_change away = {.clear_flags = RECORD_LOCKDOWN_KEYS}, other = {.max_life = 1};
    struct admin_keytab keytab;
    adm->by_network = true;
    assert_code(admin_principal_password(adm, name, &keys, NULL, NULL), OBOL_KDC_ERR_POLICY);
    assert_code(admin_principal_set(adm, name, &away, NULL), OBOL_KDC_ERR_POLICY);
    assert_code(admin_principal_rename(adm, name, TEXT("new"), NULL), OBOL_KDC_ERR_POLICY);
    assert_code(admin_principal_delete(adm, name, NULL), OBOL_KDC_ERR_POLICY);
    assert_code(admin_keytab_keys(adm, name, NULL, &arena, &keytab, NULL), OBOL_KDC_ERR_POLICY);
    assert_ok(admin_principal_set(adm, name, &other, NULL));
    assert_ok(admin_principal_rename(adm, TEXT("bob"), TEXT("new"), NULL));
    assert_ok(admin_principal_delete(adm, TEXT("new"), NULL));
    adm->by_network = false;
    assert_ok(admin_keytab_keys(adm, name, NULL, &arena, &keytab, NULL));
    assert_ok(admin_principal_set(adm, name, &away, NULL));
    assert_ok(admin_principal_delete(adm, name, NULL));
}

static void what_is_anonymous_is_nobodys_own(void **state) {
    UNUSED(state);
    const char *name = "WELLKNOWN/ANONYMOUS";
    const struct kadm5_by anyone = {name, "kadmin/changepw", false};
    kadm5_add(name, 0);
    assert_status(ask(anyone, KADM5_CHANGE_PASSWORD, message(KADM5_CHANGE_PASSWORD, name)),
                  KADM5_E_AUTH_CHANGEPW);
    assert_status(ask(anyone, KADM5_RANDOM_KEY, message(KADM5_RANDOM_KEY, name)),
                  KADM5_E_AUTH_CHANGEPW);
    assert_int_equal(kvno_of(name), 1);
}

static void names_that_a_realm_needs_stay(void **state) {
    UNUSED(state);
    const char *tgs = "krbtgt/EXAMPLE.COM";
    struct kadm5_message m = message(KADM5_PURGE_KEYS, tgs);
    assert_status(ask(ROOT, KADM5_DELETE_PRINCIPAL, message(KADM5_DELETE_PRINCIPAL, tgs)),
                  KADM5_E_PROTECT_PRINCIPAL);
    assert_status(ask(ROOT, KADM5_RENAME_PRINCIPAL, message(KADM5_RENAME_PRINCIPAL, tgs)),
                  KADM5_E_PROTECT_PRINCIPAL);
    m.keep_kvno = 99;
    assert_status(ask(ROOT, KADM5_PURGE_KEYS, m), KADM5_E_PROTECT_PRINCIPAL);
    m.keep_kvno = -1;
    assert_done(ask(ROOT, KADM5_PURGE_KEYS, m));
    const char *mits[] = {"K/M", "kadmin/history"};
    for (size_t i = 0; i < COUNT_OF(mits); i++) {
        m = message(KADM5_CREATE_PRINCIPAL, "x");
        m.principal.name = slice_str(mits[i]);
        assert_status(ask(ROOT, KADM5_CREATE_PRINCIPAL, m), KADM5_E_PROTECT_PRINCIPAL);
        m = message(KADM5_RENAME_PRINCIPAL, "bob");
        m.other = slice_str(mits[i]);
        assert_status(ask(ROOT, KADM5_RENAME_PRINCIPAL, m), KADM5_E_PROTECT_PRINCIPAL);
        m = message(KADM5_CREATE_ALIAS, "bob");
        m.name = slice_str(mits[i]);
        assert_status(ask(ROOT, KADM5_CREATE_ALIAS, m), KADM5_E_PROTECT_PRINCIPAL);
    }
}

static void restrictions_hold_for_what_is_added_and_modified(void **state) {
    UNUSED(state);
    kadm5_acl("root/admin * * +requires_preauth -forwardable -policy strong -maxlife 1h "
              "-maxrenewlife 2h -expire 1d -pwexpire 2d\n");
    int64_t now = env_now(adm->env);
    struct kadm5_message m = message(KADM5_CREATE_PRINCIPAL, "x");
    m.mask |= KADM5_MASK_ATTRIBUTES | KADM5_MASK_MAX_LIFE | KADM5_MASK_POLICY_CLEAR;
    m.principal.attributes = 0x00100000; // ok_as_delegate; no preauth asked
    m.principal.max_life = 7200;
    assert_done(ask(ROOT, KADM5_CREATE_PRINCIPAL, m));
    struct record r = record_of("new");
    assert_int_equal(r.flags &
                         (RECORD_REQUIRES_PREAUTH | RECORD_OK_AS_DELEGATE | RECORD_NO_FORWARDABLE),
                     RECORD_REQUIRES_PREAUTH | RECORD_OK_AS_DELEGATE | RECORD_NO_FORWARDABLE);
    assert_int_equal(r.max_life, 3600);
    assert_int_equal(r.max_renew, 7200);
    assert_slice_str(r.policy, "strong");
    assert_in_range(r.expires, now + 86400, now + 86400 + 60);
    assert_in_range(r.password_expires, now + 2 * 86400, now + 2 * 86400 + 60);
    m = message(KADM5_MODIFY_PRINCIPAL, "bob");
    m.mask = KADM5_MASK_MAX_LIFE;
    m.principal.max_life = 60;
    assert_done(ask(ROOT, KADM5_MODIFY_PRINCIPAL, m));
    r = record_of("bob");
    assert_int_equal(r.max_life, 60);
    assert_slice_str(r.policy, "strong");
    assert_true(r.flags & RECORD_REQUIRES_PREAUTH);
    // Without a word about flags they come on top of the realm's own.
    adm->default_set = RECORD_OK_AS_DELEGATE;
    m = message(KADM5_CREATE_PRINCIPAL, "x");
    m.principal.name = TEXT("newer");
    assert_done(ask(ROOT, KADM5_CREATE_PRINCIPAL, m));
    assert_int_equal(record_of("newer").flags & (RECORD_NO_FORWARDABLE | RECORD_OK_AS_DELEGATE),
                     RECORD_NO_FORWARDABLE | RECORD_OK_AS_DELEGATE);
    // What cannot be restricted, nobody does who is.
    assert_status(ask(ROOT, KADM5_RENAME_PRINCIPAL, message(KADM5_RENAME_PRINCIPAL, "bob")),
                  KADM5_E_AUTH_INSUFFICIENT);
    assert_status(ask(ROOT, KADM5_CREATE_ALIAS, message(KADM5_CREATE_ALIAS, "bob")),
                  KADM5_E_AUTH_INSUFFICIENT);
}

static void an_alias_stands_for_its_principal_and_is_asked_as_that(void **state) {
    UNUSED(state);
    struct kadm5_message m = message(KADM5_CREATE_ALIAS, "alice");
    m.name = TEXT("al");
    assert_done(ask(ROOT, KADM5_CREATE_ALIAS, m));
    assert_status(ask(ROOT, KADM5_CREATE_ALIAS, m), KADM5_E_DUP);
    m.name = TEXT("al@ELSE");
    assert_status(ask(ROOT, KADM5_CREATE_ALIAS, m), KADM5_E_ALIAS_REALM);
    assert_done(ask(ROOT, KADM5_GET_PRINCIPAL, message(KADM5_GET_PRINCIPAL, "al")));
    assert_slice_str(got.principal.name, "alice@EXAMPLE.COM");
    // Who may do anything to al may not to alice by that name.
    kadm5_acl("root/admin * al\n");
    assert_status(ask(ROOT, KADM5_CHANGE_PASSWORD, message(KADM5_CHANGE_PASSWORD, "al")),
                  KADM5_E_AUTH_CHANGEPW);
    assert_status(ask(ROOT, KADM5_EXTRACT_KEYS, message(KADM5_EXTRACT_KEYS, "al")),
                  KADM5_E_AUTH_EXTRACT);
    // The name itself is his to take away; it goes alone.
    assert_done(ask(ROOT, KADM5_DELETE_PRINCIPAL, message(KADM5_DELETE_PRINCIPAL, "al")));
    assert_int_equal(record_of("alice").aliases.count, 0);
}

static void versions_of_the_api_are_two_to_four(void **state) {
    UNUSED(state);
    struct kadm5_message m = {.version = KADM5_VERSION_2};
    assert_done(ask(ROOT, KADM5_INIT, m));
    assert_slice_str(done.target, "root/admin@EXAMPLE.COM");
    m.version = 0x12345701;
    assert_status(ask(ROOT, KADM5_INIT, m), KADM5_E_OLD_SERVER_API_VERSION);
    m.version = 0x12345705;
    assert_status(ask(ROOT, KADM5_INIT, m), KADM5_E_NEW_SERVER_API_VERSION);
    m.version = 0x12345804;
    assert_status(ask(ROOT, KADM5_INIT, m), KADM5_E_BAD_API_VERSION);
    assert_done(ask(ROOT, KADM5_NULL, (struct kadm5_message){0}));
}

static void privileges_are_those_of_any_line(void **state) {
    UNUSED(state);
    kadm5_acl("*/admin i\nroot/admin a *@EXAMPLE.COM\nelse d\n");
    assert_done(ask(ROOT, KADM5_GET_PRIVILEGES, (struct kadm5_message){0}));
    assert_int_equal(got.mask, KADM5_PRIVILEGE_GET | KADM5_PRIVILEGE_ADD);
    const struct kadm5_by alice = {"alice", "kadmin/changepw", false};
    assert_done(ask(alice, KADM5_GET_PRIVILEGES, (struct kadm5_message){0}));
    assert_int_equal(got.mask, 0);
}

static void what_is_no_call_is_told_to_rpc(void **state) {
    UNUSED(state);
    struct kadm5 k = {.adm = adm}; // no ACL: nobody may do anything
    struct kadm5_call call = {
        .procedure = 17, .service = TEXT("kadmin/admin"), .authtime = env_now(adm->env)};
    assert_ok(principal_parse(TEXT("alice"), adm->realm, NT_UNKNOWN, &arena, &call.client, NULL));
    call.client_text = TEXT("alice@EXAMPLE.COM");
    assert_code(kadm5_answer(&k, &call, &arena, &done, &err), OBOL_UNSUPPORTED);
    assert_int_equal(done.outcome, KADM5_PROC_UNAVAIL);
    assert_string_equal(done.operation, "");
    error_init(&err);
    call.procedure = KADM5_DELETE_PRINCIPAL;
    call.arguments = TEXT("\x12\x34\x57\x04");
    assert_code(kadm5_answer(&k, &call, &arena, &done, &err), OBOL_FORMAT);
    assert_int_equal(done.outcome, KADM5_GARBAGE_ARGS);
    assert_int_equal(done.results.len, 0);
    call.procedure = KADM5_LIST_PRINCIPALS;
    call.arguments = TEXT("\x12\x34\x57\x04\0\0\0\0");
    assert_code(kadm5_answer(&k, &call, &arena, &done, NULL), OBOL_PERMISSION);
    assert_int_equal(done.status, KADM5_E_AUTH_LIST);
}

static void contexts_are_of_kadmins_services_in_the_realm(void **state) {
    UNUSED(state);
    static const struct {
        const char *name;
        bool allowed;
    } services[] = {{"kadmin/admin", true},
                    {"kadmin/changepw", true},
                    {"kadmin/host.example", true},
                    {"kadmin/history", false},
                    {"kadmin", false},
                    {"kadmin/admin/x", false},
                    {"kadmin/admin@ELSE", false},
                    {"host/host.example", false},
                    {"krbtgt/EXAMPLE.COM", false}};
    for (size_t i = 0; i < COUNT_OF(services); i++) {
        struct principal p;
        assert_ok(
            principal_parse(slice_str(services[i].name), adm->realm, NT_UNKNOWN, &arena, &p, NULL));
        assert_int_equal(kadm5_service_allowed(&p, adm->realm), services[i].allowed);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, fresh, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(every_procedure_asks_the_privilege_of_its_own_and_no_other),
        CASE(by_kadmin_changepw_an_administrator_may_no_more_than_others),
        CASE(to_oneself_one_may_what_the_table_says),
        CASE(ones_own_keys_are_changed_by_a_ticket_that_came_from_the_password),
        CASE(who_may_not_ask_does_not_learn_who_is_there),
        CASE(names_that_are_none_are_refused),
        CASE(locked_down_keys_neither_change_nor_leave),
        CASE(the_realms_own_keys_are_locked_down_whatever_their_flags),
        CASE(lockdown_keys_is_asked_where_the_change_is_made),
        CASE(what_is_anonymous_is_nobodys_own),
        CASE(names_that_a_realm_needs_stay),
        CASE(restrictions_hold_for_what_is_added_and_modified),
        CASE(an_alias_stands_for_its_principal_and_is_asked_as_that),
        CASE(versions_of_the_api_are_two_to_four),
        CASE(privileges_are_those_of_any_line),
        CASE(what_is_no_call_is_told_to_rpc),
        CASE(contexts_are_of_kadmins_services_in_the_realm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
