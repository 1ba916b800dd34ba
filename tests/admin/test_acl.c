// The access list: every operation against every privilege; wildcards, back references,
// restrictions; and what is not understood.
#include "../arena_fixture.h"
#include "admin/acl.h"
#include "config/kdcconf.h"
#include "proto/codes.h"
#include <stdio.h>

static struct acl acl;
static struct error err;
static const struct slice REALM = SLICE_LITERAL("M.TEST");

static struct principal name(const char *text) {
    struct principal p;
    assert_ok(principal_parse(slice_str(text), REALM, NT_UNKNOWN, &arena, &p, NULL));
    return p;
}
static void list(const char *text) {
    error_init(&err);
    assert_ok(acl_parse(slice_str(text), REALM, &arena, &acl, &err));
}
static bool may(const char *client, enum acl_operation op, const char *target) {
    struct principal c = name(client), t = name(target ? target : "x");
    return acl_decide(&acl, op, &c, target ? &t : NULL, NULL);
}

// The table that says which privilege each operation asks: once more, and independent of the
// code's.
static const struct {
    enum acl_operation op;
    char letter;
    bool own;
} TABLE[] = {
    {ACL_OP_ADD_PRINCIPAL, 'a', false},    {ACL_OP_DELETE_PRINCIPAL, 'd', false},
    {ACL_OP_MODIFY_PRINCIPAL, 'm', false}, {ACL_OP_RENAME_FROM, 'd', false},
    {ACL_OP_RENAME_TO, 'a', false},        {ACL_OP_ADD_ALIAS, 'a', false},
    {ACL_OP_CHANGE_PASSWORD, 'c', true},   {ACL_OP_RANDOM_KEY, 'c', true},
    {ACL_OP_SET_KEY, 's', false},          {ACL_OP_PURGE_KEYS, 'm', true},
    {ACL_OP_EXTRACT_KEYS, 'e', false},     {ACL_OP_GET_PRINCIPAL, 'i', true},
    {ACL_OP_LIST_PRINCIPALS, 'l', false},  {ACL_OP_GET_STRINGS, 'i', true},
    {ACL_OP_SET_STRING, 'm', false},       {ACL_OP_ADD_POLICY, 'a', false},
    {ACL_OP_DELETE_POLICY, 'd', false},    {ACL_OP_MODIFY_POLICY, 'm', false},
    {ACL_OP_GET_POLICY, 'i', false},       {ACL_OP_LIST_POLICIES, 'l', false},
    {ACL_OP_PROPAGATE, 'p', false},
};

static void each_operation_asks_for_its_privilege_and_no_other(void **state) {
    UNUSED(state);
    assert_int_equal(COUNT_OF(TABLE), ACL_OPERATIONS);
    for (size_t i = 0; i < COUNT_OF(TABLE); i++) {
        enum acl_operation op = TABLE[i].op;
        assert_int_equal(op, i);
        assert_non_null(ACL_RULES[op].name);
        for (const char *letter = "acdeilmpsx*"; *letter; letter++) {
            char text[64];
            bool all = (*letter == 'x' || *letter == '*') && TABLE[i].letter != 'e';
            bool wanted = all || *letter == TABLE[i].letter;
            snprintf(text, sizeof text, "joe/admin %c\n", *letter);
            list(text);
            if (may("joe/admin", op, "bob") != wanted || may("joe/admin", op, NULL) != wanted)
                fail_msg("%s with %c", ACL_RULES[op].name, *letter);
            assert_false(may("joe", op, "bob"));
            // All but this one.
            snprintf(text, sizeof text, "joe/admin xe%c\n",
                     *letter - ('a' - 'A') * (*letter != '*'));
            if (*letter == '*')
                continue;
            list(text);
            bool left = TABLE[i].letter == 'e' || *letter != 'x';
            if (may("joe/admin", op, "bob") != (left && *letter != TABLE[i].letter))
                fail_msg("%s with %s", ACL_RULES[op].name, text);
        }
        list("");
        assert_int_equal(may("bob", op, "bob"), TABLE[i].own);
        assert_false(may("bob", op, "alice"));
        assert_false(may("bob", op, NULL));
    }
}

static void patterns_match_whole_components(void **state) {
    UNUSED(state);
    static const struct {
        const char *line, *client, *target;
        bool may;
    } cases[] = {
        {"* c", "joe", "bob", true},
        {"*/admin c", "joe/admin", "bob", true},
        {"*/admin c", "joe", "bob", false},
        {"*/admin c", "joe/admin/x", "bob", false},
        {"*/admin@M.TEST c", "joe/admin@OTHER", "bob", false},
        {"*/admin@* c", "joe/admin@OTHER", "bob", true},
        {"jo* c", "joe", "bob", false}, // 2014-9422: no prefix is a match
        {"joe c", "jo", "bob", false},
        {"joe c", "joex", "bob", false},
        {"joe c bob", "joe", "bob", true},
        {"joe c bob", "joe", "bob/admin", false},
        {"joe c */admin", "joe", "bob/admin", true},
        {"joe c *", "joe", "bob/admin", true},
        {"*/admin c *1", "joe/admin", "joe", true},
        {"*/admin c *1", "joe/admin", "bob", false},
        {"*/* c *2/*1", "joe/admin", "admin/joe", true},
        {"*/* c *2/*1", "joe/admin", "bob/joe", false},
        {"joe/* c *2", "joe/admin", "admin", false}, // there is one * only
        {"*1 c", "joe", "bob", false},
        {"joe c\nbob c", "bob", "joe", true},
        {"joe C bob\n* c", "joe", "bob", false}, // the first that matches decides
        {"joe C bob\n* c", "joe", "carol", true},
        {"# joe c\n", "joe", "bob", false},
        {"joe \\\n c", "joe", "bob", true},
        {"joe c\\\n bob", "joe", "bob", true},
        {"joe/admin@M.TEST\tc\tbob@M.TEST\r\n", "joe/admin", "bob", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        list(cases[i].line);
        if (may(cases[i].client, ACL_OP_CHANGE_PASSWORD, cases[i].target) != cases[i].may)
            fail_msg("%s: %s on %s", cases[i].line, cases[i].client, cases[i].target);
    }
    // A line for one target says nothing of what has none.
    list("joe l bob");
    assert_false(may("joe", ACL_OP_LIST_PRINCIPALS, NULL));
}

static void restrictions_hold_what_is_changed(void **state) {
    UNUSED(state);
    const struct acl_restrictions *r;
    list("joe am * +requires_preauth -allow_svr -policy staff -maxlife 10h -expire \"30 days\" "
         "-pwexpire 1d -maxrenewlife 7d\nbob am * -clearpolicy\ncarol am\n");
    struct principal joe = name("joe"), bob = name("bob"), carol = name("carol"), t = name("x");
    assert_true(acl_decide(&acl, ACL_OP_ADD_PRINCIPAL, &joe, &t, &r));
    struct admin_change c = {.present = ADMIN_SET_MAX_LIFE | ADMIN_SET_EXPIRES | ADMIN_SET_POLICY,
                             .max_life = 360000,
                             .expires = 0,
                             .policy = SLICE_LITERAL("weak"),
                             .clear_flags = RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER};
    acl_restrict(r, 1000, &c);
    assert_int_equal(c.set_flags, RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER);
    assert_int_equal(c.clear_flags, 0);
    assert_slice_str(c.policy, "staff");
    assert_int_equal(c.max_life, 36000);
    assert_int_equal(c.max_renew, 7 * 86400);
    assert_int_equal(c.expires, 1000 + 30 * 86400);
    assert_int_equal(c.password_expires, 1000 + 86400);
    c.max_life = 60;
    acl_restrict(r, 1000, &c);
    assert_int_equal(c.max_life, 60); // what keeps to it stays
    // Nothing could hold a renamed principal to them.
    assert_false(acl_decide(&acl, ACL_OP_RENAME_TO, &joe, &t, &r));
    assert_true(acl_decide(&acl, ACL_OP_RENAME_TO, &carol, &t, &r));
    assert_null(r);
    assert_true(acl_decide(&acl, ACL_OP_MODIFY_PRINCIPAL, &bob, &t, &r));
    acl_restrict(r, 1000, &c);
    assert_int_equal(c.policy.len, 0);
    assert_true(c.present & ADMIN_SET_POLICY);
    struct admin_change same = c;
    acl_restrict(NULL, 1000, &c);
    assert_memory_equal(&same, &c, sizeof c);
}

// As MIT krb5's own example has it: sms@ATHENA.MIT.EDU x * -maxlife 9h -postdateable
static void restrictions_are_written_in_any_way_that_mit_reads(void **state) {
    UNUSED(state);
    const struct acl_restrictions *r;
    struct principal joe = name("joe"), t = name("x");
    list("joe x * -maxlife 9h,-postdateable,,+preauth, -policy staff\n");
    assert_true(acl_decide(&acl, ACL_OP_ADD_PRINCIPAL, &joe, &t, &r));
    assert_int_equal(r->max_life, 9 * 3600);
    assert_int_equal(r->set_flags, RECORD_NO_POSTDATED | RECORD_REQUIRES_PREAUTH);
    assert_int_equal(r->clear_flags, 0);
    assert_slice_str(r->policy, "staff");
}

static void each_flag_has_the_spellings_of_mit(void **state) {
    UNUSED(state);
    static const struct {
        const char *word;
        uint32_t set, clear;
    } rows[] = {
        {"+allow_svr", 0, RECORD_NO_SERVER},
        {"-allow_svr", RECORD_NO_SERVER, 0},
        {"-service", RECORD_NO_SERVER, 0},
        {"+disallow_svr", RECORD_NO_SERVER, 0},
        {"-DISALLOW_SVR", 0, RECORD_NO_SERVER},
        {"preauth", RECORD_REQUIRES_PREAUTH, 0},
        {"requires_pre_auth", RECORD_REQUIRES_PREAUTH, 0},
        {"-Requires-Preauth", 0, RECORD_REQUIRES_PREAUTH},
        {"+pwchange", RECORD_NEEDS_CHANGE, 0},
        {"+requires_pwchange", RECORD_NEEDS_CHANGE, 0},
        {"-tgt-based", RECORD_NO_TGT_BASED, 0},
        {"disallow_all_tix", RECORD_DISABLED, 0},
        {"allow_tickets", 0, RECORD_DISABLED},
        {"+0x90", RECORD_REQUIRES_PREAUTH | RECORD_NO_PROXIABLE, 0},
        {"-0X10", 0, RECORD_NO_PROXIABLE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint32_t set = 0, clear = 0;
        assert_true(admin_flag_word(slice_str(rows[i].word), &set, &clear));
        assert_int_equal(set, rows[i].set);
        assert_int_equal(clear, rows[i].clear);
    }
    static const char *const none[] = {"",          "+",        "-",  "+allow", "disallow_preauth",
                                       "0x",        "0xg",      "16", "0x400",  "0x100000000",
                                       "--service", "+ service"};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        uint32_t set = 0, clear = 0;
        if (admin_flag_word(slice_str(none[i]), &set, &clear))
            fail_msg("%s", none[i]);
        assert_int_equal(set | clear, 0);
    }
}

static void a_line_that_is_not_understood_is_named_and_allows_nothing(void **state) {
    UNUSED(state);
    static const struct {
        const char *text, *told, *where;
    } bad[] = {
        {"joe", "privileges are expected", "line 1"},
        {"joe c\njoe z", "no privilege 'z'", "line 2; column 5"},
        {"joe c bob +colour", "no restriction \"+colour\"", "line 1; column 11"},
        {"joe c bob colour", "no restriction \"colour\"", "line 1; column 11"},
        {"joe c bob +0x80000000", "no restriction", "line 1"},
        {"joe c bob +0x", "no restriction", "line 1"},
        {"joe c bob +", "no restriction \"+\"", "line 1"},
        {"joe c bob -policy", "-policy needs a name", "line 1"},
        {"joe c bob -maxlife", "no length of time", "line 1"},
        {"joe c bob -maxlife x", "no length of time", "line 1; column 20"},
        {"joe c bob -maxlife \"1 day", "a quote is not closed", "line 1"},
        {"joe@ c", "the access list", "line 1"},
        {"* c\n\n# x\njoe \\\n q", "no privilege 'q'", "line 5; column 2"},
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        char said[512];
        struct writer w = writer_to_buf(buf_of(said, sizeof said - 1));
        error_init(&err);
        assert_code(acl_parse(slice_str(bad[i].text), REALM, &arena, &acl, &err),
                    OBOL_CONFIG_SYNTAX);
        error_write(&err, &w);
        said[w.len] = '\0';
        if (!strstr(said, bad[i].told) || !strstr(said, bad[i].where))
            fail_msg("%s: %s", bad[i].text, said);
        assert_null(acl.first);
    }
}

static void default_flags_that_do_not_do_what_is_meant_are_noted(void **state) {
    static const struct {
        const char *words, *told[2]; // NULL: nothing is to be told
    } rows[] = {
        {"+preauth, -forwardable +ok-as-delegate 0x80", {NULL}},
        {"-service", {"'-service' takes all new principals, services too"}},
        {"+DISALLOW_SVR", {"'+DISALLOW_SVR' takes all new principals"}},
        {"+preauth +service", {"'+service' makes a service of each new user"}},
        {"-allow_tix", {"'-allow_tix' disables all new principals"}},
        {"+allow_tix", {NULL}},
        {"+preauth -requires_preauth", {"'+preauth' has no effect"}},
        {"-service +service", {"'-service' has no effect", "'+service' makes a service"}},
        {"+colour", {"'+colour' is no flag: until it is corrected"}},
        {"+colour -colour", {"'+colour' is no flag", "'-colour' is no flag"}},
    };
    UNUSED(state);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kdcconf conf;
        struct slice realm = SLICE_LITERAL("M.TEST");
        struct slice text = arena_printf(&arena,
                                         "[kdcdefaults]\nrealm = M.TEST\n[realms]\nM.TEST = {\n"
                                         "default_principal_flags = %s\n}\n",
                                         rows[i].words);
        assert_ok(kdcconf_from_text(&conf, "kdc.conf", text, &arena, NULL));
        assert_null(conf.profile.notes.first);
        admin_default_flags_check(&conf.profile, realm,
                                  &kdcconf_realm(&conf, realm)->default_principal_flags);
        const struct config_note *n = conf.profile.notes.first;
        for (size_t k = 0; k < COUNT_OF(rows[i].told) && rows[i].told[k]; k++) {
            assert_non_null(n);
            assert_non_null(
                memmem(n->text.ptr, n->text.len, rows[i].told[k], strlen(rows[i].told[k])));
            assert_string_equal(n->file, "kdc.conf");
            assert_int_equal(n->line, 5);
            n = n->next;
        }
        assert_null(n);
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, arena_begin, arena_end)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(each_operation_asks_for_its_privilege_and_no_other),
        CASE(patterns_match_whole_components),
        CASE(restrictions_hold_what_is_changed),
        CASE(restrictions_are_written_in_any_way_that_mit_reads),
        CASE(each_flag_has_the_spellings_of_mit),
        CASE(a_line_that_is_not_understood_is_named_and_allows_nothing),
        CASE(default_flags_that_do_not_do_what_is_meant_are_noted),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
