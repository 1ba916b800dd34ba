// The service that changes passwords (RFC 3244): each thing that it lets pass with what it refuses.
#include "home.h"
#include <unistd.h>

#include "kpasswd_client.h"
#include "store/backend.h"

static struct kpasswd kpasswd;
static struct kpasswd_done done;
static struct ap_req_sent sent;
static int32_t one_enctype[] = {ENCTYPE_AES128_SHA1};

static int setup(void **state) {
    UNUSED(state);
    const struct slice password = SLICE_LITERAL("old password");
    if (!home_begin(&STORE_MEMORY))
        return -1;
    // String-to-key of the others is slow.
    adm->enctypes = (struct int32_list){one_enctype, 1};
    const char *const names[] = {"alice", "bob"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct admin_new_principal p = {
            .name = slice_str(names[i]), .kind = ADMIN_USER, .keys = {.password = &password}};
        if (admin_principal_add(adm, &p, &err) != OBOL_OK)
            return -1;
    }
    kpasswd = (struct kpasswd){.adm = adm, .clockskew = 300};
    return 0;
}

static const struct kpasswd_wish GOOD = {
    .client = "alice",
    .service = KPASSWD_PRINCIPAL,
    .ticket_flags = (uint32_t)TKT_INITIAL,
    .version = KPASSWD_VERSION_CHANGE,
    .data = SLICE_LITERAL("new password"),
};

static enum obol_code ask(const struct kpasswd_wish *w) {
    error_init(&err);
    return kpasswd_answer(&kpasswd, kpasswd_request(adm, w, &arena, &sent), &arena, &done, &err);
}

static uint32_t kvno_of(const char *name) {
    struct record r;
    assert_ok(admin_principal_get(adm, slice_str(name), &arena, &r, NULL));
    return record_newest_kvno(&r);
}

// CVE-2002-2443: two servers must not talk to each other.
static void assert_no_answer_to(struct slice reply) {
    struct kpasswd_done answer;
    assert_code(kpasswd_answer(&kpasswd, reply, &arena, &answer, NULL), OBOL_FORMAT);
    assert_int_equal(answer.reply.len, 0);
}

// The result that the client reads: the server has proved itself, and the text is for it alone.
static void assert_result(enum kpasswd_result wanted) {
    struct kpasswd_frame frame;
    struct enc_ap_rep_part part;
    struct slice data;
    assert_int_equal(done.result, wanted);
    assert_ok(kpasswd_frame_read(done.reply, &frame, NULL));
    assert_ok(
        ap_rep_verify(frame.ap, &sent, kpasswd_key(KPASSWD_SESSION, &arena), &arena, &part, NULL));
    const struct priv_params params = {.key = kpasswd_key(KPASSWD_SUBKEY, &arena),
                                       .from_acceptor = true,
                                       .seq_number = part.seq_number};
    assert_ok(priv_open(frame.rest, &params, adm->env, &arena, &data, NULL));
    struct reader r = reader_of(data);
    assert_int_equal(reader_be16(&r), wanted);
    assert_true(reader_left(&r) > 10);
    assert_no_answer_to(done.reply);
}

// The result of a KRB-ERROR: the client is not known, so nothing can be sealed for it.
static void assert_error_reply(enum kpasswd_result wanted) {
    struct kpasswd_frame frame;
    struct krb_error e;
    assert_ok(kpasswd_frame_read(done.reply, &frame, NULL));
    assert_int_equal(frame.ap.len, 0);
    assert_ok(der_decode(&TYPE_KRB_ERROR, frame.rest, &arena, &e, NULL));
    struct reader r = reader_of(e.e_data);
    assert_int_equal(reader_be16(&r), wanted);
    assert_no_answer_to(done.reply);
}

static void a_user_changes_its_own_password(void **state) {
    UNUSED(state);
    assert_ok(ask(&GOOD));
    assert_result(KPASSWD_SUCCESS);
    assert_slice_str(done.client, "alice@EXAMPLE.COM");
    assert_int_equal(kvno_of("alice"), 2);
    struct admin_keytab keys;
    uint8_t wanted[16];
    assert_ok(admin_keytab_keys(adm, SLICE_LITERAL("alice"), NULL, &arena, &keys, NULL));
    assert_ok(crypto_string_to_key(enctype_find(ENCTYPE_AES128_SHA1), SLICE_LITERAL("new password"),
                                   SLICE_LITERAL("EXAMPLE.COMalice"), (struct slice){0}, 0,
                                   buf_of(wanted, 16), NULL));
    assert_slice_equal(keys.items[0].bytes, slice_of(wanted, 16));
}

static struct slice set_data(const char *target, struct arena *a) {
    struct change_passwd_data d = {.newpasswd = SLICE_LITERAL("new password")};
    struct slice out;
    if (target) {
        struct principal p = kpasswd_name(adm, target, a);
        d.present = CHANGE_PASSWD_DATA_TARGNAME | CHANGE_PASSWD_DATA_TARGREALM;
        d.targname = p.name;
        d.targrealm = p.realm;
    }
    assert_ok(der_encode(&TYPE_CHANGE_PASSWD_DATA, &d, a, &out, NULL));
    return out;
}

static void the_form_that_names_its_target_sets_ones_own_only(void **state) {
    UNUSED(state);
    struct kpasswd_wish w = GOOD;
    w.version = KPASSWD_VERSION_SET;
    w.data = set_data("alice", &arena);
    assert_ok(ask(&w));
    assert_result(KPASSWD_SUCCESS);
    w.data = set_data(NULL, &arena);
    assert_ok(ask(&w));
    w.data = set_data("bob", &arena);
    assert_code(ask(&w), OBOL_PERMISSION);
    assert_result(KPASSWD_ACCESSDENIED);
    assert_int_equal(kvno_of("bob"), 1);
    w.data = SLICE_LITERAL("no ChangePasswdData");
    assert_int_not_equal(ask(&w), OBOL_OK);
    assert_result(KPASSWD_MALFORMED);
    assert_int_equal(kvno_of("alice"), 3);
}

static void the_access_list_says_who_sets_whose_password(void **state) {
    UNUSED(state);
    struct acl acl;
    struct kpasswd_wish w = GOOD;
    w.version = KPASSWD_VERSION_SET;
    w.data = set_data("bob", &arena);
    assert_ok(acl_parse(SLICE_LITERAL("alice c b*\nalice adeilmps bob\n"), adm->realm, &arena, &acl,
                        &err));
    kpasswd.acl = &acl;
    assert_code(ask(&w), OBOL_PERMISSION);
    assert_result(KPASSWD_ACCESSDENIED);
    assert_int_equal(kvno_of("bob"), 1);
    assert_ok(acl_parse(SLICE_LITERAL("alice c bob\n"), adm->realm, &arena, &acl, &err));
    assert_ok(ask(&w));
    assert_result(KPASSWD_SUCCESS);
    assert_int_equal(kvno_of("bob"), 2);
    struct record r;
    assert_ok(admin_principal_get(adm, SLICE_LITERAL("bob"), &arena, &r, NULL));
    assert_slice_str(r.modified_by, "alice@EXAMPLE.COM");
    // For others a ticket from a TGT will do, where kadmin/changepw gives one; for oneself it will
    // not.
    w.ticket_flags = 0;
    assert_ok(ask(&w));
    w.data = set_data("alice", &arena);
    assert_code(ask(&w), OBOL_KDC_ERR_POLICY);
    // bob's rules are his, and his minimum life does not stop an administrator.
    assert_ok(admin_policy_add(
        adm, &(struct policy){.name = SLICE_LITERAL("p"), .min_length = 20, .min_life = 86400},
        NULL));
    const struct admin_change give = {.present = ADMIN_SET_POLICY, .policy = SLICE_LITERAL("p")};
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("bob"), &give, NULL));
    w.data = set_data("bob", &arena);
    assert_code(ask(&w), OBOL_PASSWORD_REFUSED);
    assert_non_null(strstr(err.detail, "20 at least"));
    const struct admin_policy_change shorter = {.member = &POLICY_MEMBERS[0], .number = 3};
    assert_ok(admin_policy_set(adm, SLICE_LITERAL("p"), &shorter, 1, NULL));
    assert_ok(ask(&w));
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &give, NULL));
    assert_code(ask(&GOOD), OBOL_PASSWORD_REFUSED);
    assert_result(KPASSWD_SOFTERROR);
}

static void keys_that_are_locked_down_do_not_change_over_the_network(void **state) {
    UNUSED(state);
    struct acl acl;
    struct kpasswd_wish w = GOOD;
    const struct admin_change lock = {.set_flags = RECORD_LOCKDOWN_KEYS};
    const struct admin_change free_again = {.clear_flags = RECORD_LOCKDOWN_KEYS};
    const struct slice password = SLICE_LITERAL("at the machine itself");
    const struct admin_keys keys = {.password = &password};
    assert_ok(acl_parse(SLICE_LITERAL("alice c bob\n"), adm->realm, &arena, &acl, &err));
    kpasswd.acl = &acl;
    w.version = KPASSWD_VERSION_SET;
    w.data = set_data("bob", &arena);
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("bob"), &lock, NULL));
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &lock, NULL));
    assert_code(ask(&w), OBOL_KDC_ERR_POLICY);
    assert_result(KPASSWD_ACCESSDENIED);
    assert_code(ask(&GOOD), OBOL_KDC_ERR_POLICY);
    assert_int_equal(kvno_of("bob"), 1);
    assert_int_equal(kvno_of("alice"), 1);
    assert_ok(admin_principal_password(adm, SLICE_LITERAL("bob"), &keys, NULL, NULL));
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("bob"), &free_again, NULL));
    assert_ok(ask(&w));
    assert_int_equal(kvno_of("bob"), 3);
}

static void the_realms_own_keys_do_not_change_over_the_network(void **state) {
    UNUSED(state);
    struct acl acl;
    struct kpasswd_wish w = GOOD;
    const struct admin_change before = {.clear_flags = RECORD_LOCKDOWN_KEYS};
    assert_ok(acl_parse(SLICE_LITERAL("alice c\n"), adm->realm, &arena, &acl, &err));
    kpasswd.acl = &acl;
    w.version = KPASSWD_VERSION_SET;
    // Of a realm made before they had the flag, too.
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("krbtgt/EXAMPLE.COM"), &before, NULL));
    w.data = set_data("krbtgt/EXAMPLE.COM", &arena);
    assert_code(ask(&w), OBOL_KDC_ERR_POLICY);
    assert_result(KPASSWD_ACCESSDENIED);
    w.data = set_data("kadmin/admin", &arena);
    assert_code(ask(&w), OBOL_KDC_ERR_POLICY);
    assert_int_equal(kvno_of("krbtgt/EXAMPLE.COM"), 1);
    assert_int_equal(kvno_of("kadmin/admin"), 1);
    w.data = set_data("bob", &arena);
    assert_ok(ask(&w));
}

static void who_was_locked_out_or_deleted_since_sets_no_password(void **state) {
    UNUSED(state);
    struct acl acl;
    struct kpasswd_wish others = GOOD;
    const uint32_t flags[] = {RECORD_DISABLED, RECORD_LOCKED};
    others.version = KPASSWD_VERSION_SET;
    others.data = set_data("bob", &arena);
    assert_ok(acl_parse(SLICE_LITERAL("alice c bob\n"), adm->realm, &arena, &acl, &err));
    kpasswd.acl = &acl;
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        struct admin_change c = {.set_flags = flags[i]};
        assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &c, NULL));
        assert_code(ask(&GOOD), OBOL_KDC_ERR_CLIENT_REVOKED);
        assert_result(KPASSWD_AUTHERROR);
        assert_code(ask(&others), OBOL_KDC_ERR_CLIENT_REVOKED);
        c = (struct admin_change){.clear_flags = flags[i]};
        assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &c, NULL));
    }
    struct admin_change c = {.present = ADMIN_SET_EXPIRES, .expires = env_now(adm->env)};
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &c, NULL));
    assert_code(ask(&others), OBOL_KDC_ERR_NAME_EXP);
    // That a password has expired is why its owner comes.
    c = (struct admin_change){.present = ADMIN_SET_EXPIRES | ADMIN_SET_PASSWORD_EXPIRES,
                              .password_expires = 1};
    assert_ok(admin_principal_set(adm, SLICE_LITERAL("alice"), &c, NULL));
    assert_ok(ask(&GOOD));
    assert_ok(ask(&others));
    assert_int_equal(kvno_of("bob"), 2);
    assert_ok(admin_principal_delete(adm, SLICE_LITERAL("alice"), NULL));
    assert_code(ask(&others), OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_result(KPASSWD_AUTHERROR);
    assert_int_equal(kvno_of("bob"), 2);
}

static void a_ticket_that_came_from_a_tgt_changes_nothing(void **state) {
    UNUSED(state);
    struct kpasswd_wish w = GOOD;
    w.ticket_flags = 0;
    assert_code(ask(&w), OBOL_KDC_ERR_POLICY);
    assert_result(KPASSWD_INITIAL_FLAG_NEEDED);
    // Of nobody's name everybody has one.
    w.ticket_flags = (uint32_t)TKT_INITIAL | (uint32_t)TKT_ANONYMOUS;
    assert_code(ask(&w), OBOL_PERMISSION);
    assert_result(KPASSWD_ACCESSDENIED);
    assert_int_equal(kvno_of("alice"), 1);
}

// 2022-2031, 2022-32744, 2014-9422: other services' tickets, and names that begin alike.
static void tickets_for_other_services_are_refused(void **state) {
    UNUSED(state);
    static const char *const others[] = {
        "krbtgt/EXAMPLE.COM", "kadmin/change", "kadmin/changepwx", "kadmin", "k",
        "kadmin/changepw/x"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct kpasswd_wish w = GOOD;
        w.service = others[i];
        w.sealed_with = i ? KPASSWD_PRINCIPAL : NULL;
        assert_code(ask(&w), OBOL_KRB_AP_ERR_NOT_US);
        assert_error_reply(KPASSWD_AUTHERROR);
    }
    struct kpasswd_wish w = GOOD;
    w.sealed_with = "krbtgt/EXAMPLE.COM";
    assert_int_not_equal(ask(&w), OBOL_OK);
    assert_error_reply(KPASSWD_AUTHERROR);
    assert_int_equal(kvno_of("alice"), 1);
}

static void a_password_that_is_none_is_refused(void **state) {
    UNUSED(state);
    static uint8_t long_one[1025];
    memset(long_one, 'x', sizeof long_one);
    struct kpasswd_wish w = GOOD;
    w.data = (struct slice){0};
    assert_code(ask(&w), OBOL_INVALID_ARGUMENT);
    assert_result(KPASSWD_SOFTERROR);
    w.data = slice_of(long_one, sizeof long_one);
    assert_code(ask(&w), OBOL_INVALID_ARGUMENT);
    assert_result(KPASSWD_SOFTERROR);
    assert_int_equal(kvno_of("alice"), 1);
}

static void a_version_that_is_not_known_is_refused(void **state) {
    UNUSED(state);
    struct kpasswd_wish w = GOOD;
    w.version = 2;
    assert_code(ask(&w), OBOL_UNSUPPORTED);
    assert_error_reply(KPASSWD_BAD_VERSION);
}

static void the_sealed_part_must_belong_to_the_request(void **state) {
    UNUSED(state);
    struct kpasswd_wish w = GOOD;
    w.seq_offset = 1;
    assert_code(ask(&w), OBOL_KRB_AP_ERR_BADORDER);
    assert_result(KPASSWD_MALFORMED);
    w = GOOD;
    w.from_acceptor = true; // reflected
    assert_code(ask(&w), OBOL_KRB_AP_ERR_BADADDR);
    assert_result(KPASSWD_MALFORMED);
    assert_int_equal(kvno_of("alice"), 1);
}

static enum obol_code replayed(void *ctx, struct slice tag, int64_t now, struct error *e) {
    UNUSED(ctx);
    UNUSED(tag);
    UNUSED(now);
    return error_set(e, OBOL_KRB_AP_ERR_REPEAT, __func__, "seen");
}

static void a_replay_changes_nothing(void **state) {
    UNUSED(state);
    kpasswd.replay = (struct ap_replay){.check = replayed};
    assert_code(ask(&GOOD), OBOL_KRB_AP_ERR_REPEAT);
    assert_error_reply(KPASSWD_AUTHERROR);
    assert_int_equal(kvno_of("alice"), 1);
}

static void a_request_that_is_cut_or_altered_changes_nothing(void **state) {
    UNUSED(state);
    struct slice whole = kpasswd_request(adm, &GOOD, &arena, &sent);
    uint8_t copy[2048];
    assert_true(whole.len <= sizeof copy);
    for (size_t n = 0; n < whole.len; n++) {
        assert_code(kpasswd_answer(&kpasswd, slice_sub(whole, 0, n), &arena, &done, NULL),
                    OBOL_FORMAT);
        assert_int_equal(done.reply.len, 0);
    }
    // The KRB-PRIV and what is sealed of the authenticator in front of it.
    struct kpasswd_frame frame;
    assert_ok(kpasswd_frame_read(whole, &frame, NULL));
    for (size_t bit = 8 * (whole.len - frame.rest.len - 100); bit < 8 * whole.len; bit += 3) {
        memcpy(copy, whole.ptr, whole.len);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct arena a;
        assert_true(arena_init(&a, 1 << 16, 4 << 20));
        assert_int_not_equal(kpasswd_answer(&kpasswd, slice_of(copy, whole.len), &a, &done, NULL),
                             OBOL_OK);
        arena_clear(&a);
    }
    assert_int_equal(kvno_of("alice"), 1);
}

static void an_ap_req_of_no_bytes_gets_no_answer(void **state) {
    UNUSED(state);
    static const uint8_t bytes[] = {0, 8, 0, 1, 0, 0, 'x', 'y'};
    assert_code(kpasswd_answer(&kpasswd, slice_of(bytes, sizeof bytes), &arena, &done, NULL),
                OBOL_FORMAT);
    assert_int_equal(done.reply.len, 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, home_end)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_user_changes_its_own_password),
        CASE(the_form_that_names_its_target_sets_ones_own_only),
        CASE(the_access_list_says_who_sets_whose_password),
        CASE(keys_that_are_locked_down_do_not_change_over_the_network),
        CASE(the_realms_own_keys_do_not_change_over_the_network),
        CASE(who_was_locked_out_or_deleted_since_sets_no_password),
        CASE(a_ticket_that_came_from_a_tgt_changes_nothing),
        CASE(tickets_for_other_services_are_refused),
        CASE(a_password_that_is_none_is_refused),
        CASE(a_version_that_is_not_known_is_refused),
        CASE(the_sealed_part_must_belong_to_the_request),
        CASE(a_replay_changes_nothing),
        CASE(a_request_that_is_cut_or_altered_changes_nothing),
        CASE(an_ap_req_of_no_bytes_gets_no_answer),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
