// The AS exchange refused: wrong passwords and clocks, accounts and services that may not, and what
// an error tells and to whom.
#include "as.h"

struct account_case {
    const char *name;
    uint32_t flags;
    int64_t expires, password_expires;
    const char *server;
    int expected;
};
static void accounts_that_may_not_log_in_are_refused_with_their_reason(void **state) {
    UNUSED(state);
    const struct account_case cases[] = {
        {"alice", 0, 0, 0, TGS, 0},
        {"alice", RECORD_DISABLED, 0, 0, TGS, 18},
        {"alice", RECORD_LOCKED, 0, 0, TGS, 18},
        {"alice", RECORD_NO_CLIENT, 0, 0, TGS, 6},
        {"alice", RECORD_NEEDS_CHANGE, 0, 0, TGS, 23},
        {"alice", RECORD_NEEDS_CHANGE, 0, 0, "kadmin/changepw", 0},
        {"alice", 0, REALM_START, 0, TGS, 1},
        {"alice", 0, REALM_START + 1, 0, TGS, 0},
        {"alice", 0, 0, REALM_START, TGS, 23},
        {"alice", 0, 0, REALM_START, "kadmin/changepw", 0},
        {"alice", 0, 0, REALM_START + 1, TGS, 0},
        {"alice", 0, REALM_START, 0, "kadmin/changepw", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct record rec = realm_get(&r, "alice@EXAMPLE.COM");
        rec.flags = cases[i].flags | RECORD_REQUIRES_PREAUTH;
        rec.expires = cases[i].expires;
        rec.password_expires = cases[i].password_expires;
        realm_put(&r, &rec);
        assert_int_equal(login("alice", cases[i].server), cases[i].expected);
    }
}

static void an_expired_password_is_told_only_to_who_knows_it(void **state) {
    UNUSED(state);
    struct record rec = realm_get(&r, "alice@EXAMPLE.COM");
    rec.password_expires = REALM_START - 1;
    realm_put(&r, &rec);
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    assert_int_equal(send_req(&req), 25);
    assert_int_equal(login("alice", TGS), 23);
}

static void an_unknown_user_can_look_like_a_wrong_password(void **state) {
    UNUSED(state);
    r.policy.hide_unknown_users = true;
    realm_start_kdc(&r);
    struct kdc_req req = realm_as_req(&r, "nobody", TGS);
    assert_int_equal(send_req(&req), 25);
    assert_true(r.result.event.hidden);
    req = with_timestamp("nobody", TGS, 0);
    assert_int_equal(send_req(&req), 24);
    assert_int_equal(r.result.event.login, KDC_LOGIN_NONE);
    assert_int_equal(login("alice", TGS), 0);
    assert_false(r.result.event.hidden);
}

// Bytes of a reply with the client's name taken out, and the time that it was made at.
static struct slice reply_without(const char *name) {
    struct writer w = writer_to_arena(&r.arena);
    struct slice reply = r.result.reply, n = slice_str(name);
    for (size_t i = 0; i < reply.len; i++) {
        bool here = slice_eq(slice_sub(reply, i, n.len), n);
        writer_bytes(&w, here ? SLICE_LITERAL("NAME") : slice_sub(reply, i, 1));
        i += here ? n.len - 1 : 0;
    }
    return writer_slice(&w);
}

// One of ten questions about a name, and what it is answered, but for the name.
static struct slice ask_about(const char *name, int question, int *code) {
    static int32_t sha1[] = {17, 18}, weak[] = {23, 3};
    struct crypto_key *wrong = realm_key(&r, "mallory", 1, 18), *odd = realm_key(&r, "m", 1, 23);
    struct kdc_req req = realm_as_req(&r, name, TGS);
    if (question == 1)
        req.req_body.etype = (struct int32_list){sha1, 2};
    if (question == 2)
        req.req_body.etype = (struct int32_list){weak, 2};
    if (question == 3)
        req.req_body.kdc_options = (uint32_t)KDC_OPT_CANONICALIZE;
    if (question == 4)
        req.req_body.kdc_options = (uint32_t)KDC_OPT_RENEW;
    if (question == 5)
        req.req_body.sname = realm_name(&r, "HTTP/nowhere").name;
    if (question == 6)
        realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, wrong, REALM_START));
    if (question == 7)
        realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, SLICE_LITERAL("rubbish"));
    if (question == 8)
        realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, odd, REALM_START));
    if (question == 9)
        realm_add_padata(&r, &req, PA_PK_AS_REQ, SLICE_LITERAL("x"));
    *code = send_req(&req);
    assert_true(*code > 0);
    return reply_without(name);
}
static void put_like(const char *name, uint32_t flags, const int32_t *etypes,
                     void (*change)(struct record *rec)) {
    char *full = arena_alloc(&r.keep, 64);
    snprintf(full, 64, "%s@EXAMPLE.COM", name);
    struct record rec = realm_record(&r, full, flags, 1, etypes);
    for (size_t i = 0; i < rec.keys.count; i++)
        rec.keys.items[i].salt = arena_printf(&r.keep, "EXAMPLE.COM%s", name);
    if (change)
        change(&rec);
    realm_put(&r, &rec);
}
static void expire(struct record *rec) {
    rec->expires = REALM_START - 1;
}
static void draw(struct record *rec) {
    for (size_t i = 0; i < rec->keys.count; i++)
        rec->keys.items[i].salt_type = RECORD_SALT_RANDOM;
}

// user_enumeration of mistakes.md J: each question gets the same answer, octet for octet, whether
// the name is unknown (ghost), or of an account of any kind that somebody could log in as, or not;
// and what it costs the KDC is the same few steps.
static void an_unknown_and_a_known_user_get_the_same_answers(void **state) {
    UNUSED(state);
    static const int32_t permitted[] = {20, 19, 26, 25, 18, 17, 0}, none[] = {0}, rc4[] = {23, 0};
    static const struct {
        const char *name;
        uint32_t flags;
        const int32_t *etypes;
        void (*change)(struct record *rec);
    } kinds[] = {
        {"alive", RECORD_REQUIRES_PREAUTH, permitted, NULL},
        {"loose", 0, permitted, NULL}, // would need no preauthentication
        {"stick", RECORD_REQUIRES_PREAUTH | RECORD_HW_AUTH, permitted, NULL},
        {"drawn", RECORD_REQUIRES_PREAUTH, permitted, draw},
        {"empty", RECORD_REQUIRES_PREAUTH, none, NULL}, // logs in by certificate, perhaps
        {"crack", RECORD_REQUIRES_PREAUTH, rc4, NULL},
        {"gonee", RECORD_REQUIRES_PREAUTH, permitted, expire},
        {"tight", RECORD_REQUIRES_PREAUTH | RECORD_LOCKED, permitted, NULL},
        {"taken", RECORD_DISABLED, permitted, NULL},
        {"serve", RECORD_NO_CLIENT, permitted, NULL},
        {"guess", RECORD_REQUIRES_PREAUTH, permitted, NULL}, // locked after its first failure
    };
    r.policy.hide_unknown_users = true;
    r.policy.lockout.failures = 1;
    realm_start_kdc(&r);
    for (size_t k = 0; k < COUNT_OF(kinds); k++)
        put_like(kinds[k].name, kinds[k].flags, kinds[k].etypes, kinds[k].change);
    for (int question = 0; question < 10; question++) {
        int expected, code;
        struct slice answer = ask_about("ghost", question, &expected);
        for (size_t k = 0; k < COUNT_OF(kinds); k++) {
            struct slice other = ask_about(kinds[k].name, question, &code);
            assert_int_equal(code, expected);
            assert_slice_equal(other, answer);
        }
    }
    // The log is told; and without the option so is everybody.
    int code;
    ask_about("tight", 0, &code);
    assert_true(r.result.event.hidden);
    assert_true(slice_starts(r.result.event.hidden_why,
                             SLICE_LITERAL("tight@EXAMPLE.COM is locked; it was answered as one")));
    r.policy.hide_unknown_users = false;
    realm_start_kdc(&r);
    static const int open[] = {25, 0, 25, 25, 9, 14, 1, 18, 18, 6};
    for (size_t k = 0; k < COUNT_OF(open); k++) {
        struct kdc_req req = realm_as_req(&r, kinds[k].name, TGS);
        assert_int_equal(send_req(&req), open[k]);
    }
}

// A wrong password that is sent again gets the reply of before, whose time shows it.
static void a_repeated_wrong_password_tells_nothing(void **state) {
    UNUSED(state);
    static const char *const names[] = {"nobody", "alice", "taken"};
    struct crypto_key *wrong = realm_key(&r, "mallory", 1, 18);
    r.policy.hide_unknown_users = true;
    realm_start_kdc(&r);
    put_like("taken", RECORD_DISABLED, (const int32_t[]){18, 0}, NULL);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct kdc_req req = realm_as_req(&r, names[i], TGS);
        realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, wrong, realm_time(&r)));
        struct slice bytes = realm_encode(&r, &req), first;
        assert_int_equal(realm_send(&r, bytes), 24);
        assert_true(arena_copy(&r.keep, r.result.reply, &first));
        r.now_us += 1;
        assert_int_equal(realm_send(&r, bytes), 24);
        assert_true(r.result.event.retransmission);
        assert_slice_equal(r.result.reply, first);
        // What asks for nothing but the proof is answered anew, whoever is asked about.
        req = realm_as_req(&r, names[i], TGS);
        bytes = realm_encode(&r, &req);
        assert_int_equal(realm_send(&r, bytes), 25);
        assert_int_equal(realm_send(&r, bytes), 25);
        assert_false(r.result.event.retransmission);
    }
}

// Nor does a name tell whose it is when it is asked for as a service's: that comes after the proof.
static void a_strangers_service_is_not_looked_at_where_users_are_hidden(void **state) {
    UNUSED(state);
    static const char *const names[] = {"nobody", "alice", "HTTP/nowhere"};
    static const int there[] = {7, 27, 7};
    for (int hides = 0; hides < 2; hides++) {
        r.policy.hide_unknown_users = hides;
        realm_start_kdc(&r);
        realm_set_flags(&r, "alice@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH | RECORD_NO_SERVER);
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            struct kdc_req req = realm_as_req(&r, hides ? "mallory" : "alice", names[i]);
            assert_int_equal(send_req(&req), hides ? 25 : there[i]);
            assert_true(slice_starts(r.result.event.service, slice_str(names[i])));
            req = with_timestamp("mallory", names[i], 0);
            assert_int_equal(send_req(&req), hides ? 24 : 6);
            assert_int_equal(login("alice", names[i]), there[i]);
        }
        assert_int_equal(login("alice", TGS), 0);
    }
}

// The enctypes of the answer are those of the realm's new passwords, and no others that it permits.
static void a_made_up_key_is_of_the_enctypes_of_new_passwords(void **state) {
    UNUSED(state);
    int code;
    static const int32_t both[] = {18, 17, 0};
    r.policy.hide_unknown_users = true;
    r.policy.new_enctypes[0] = 18;
    r.policy.new_enctypes[1] = 17;
    r.policy.new_enctype_count = 2;
    realm_start_kdc(&r);
    put_like("alive", RECORD_REQUIRES_PREAUTH, both, NULL);
    struct slice answer = ask_about("ghost", 0, &code);
    assert_slice_equal(ask_about("alive", 0, &code), answer);
    assert_int_equal(code, 25);
    r.policy.new_enctype_count = 0;
    realm_start_kdc(&r);
    assert_false(slice_eq(ask_about("ghost", 0, &code), answer));
}

static struct krb_error last_error(void) {
    struct krb_error e;
    assert_ok(der_decode(&TYPE_KRB_ERROR, r.result.reply, &r.arena, &e, NULL));
    return e;
}

static void an_error_names_client_service_and_both_times(void **state) {
    UNUSED(state);
    struct slice aliases[] = {SLICE_LITERAL("al@EXAMPLE.COM")};
    struct record rec = realm_get(&r, "alice@EXAMPLE.COM");
    rec.aliases = (struct slice_list){aliases, 1};
    realm_put(&r, &rec);
    r.now_us += 123456;
    struct kdc_req req = realm_as_req(&r, "al", TGS);
    req.req_body.kdc_options = (uint32_t)KDC_OPT_CANONICALIZE;
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP,
                     realm_timestamp(&r, alice_key(18), REALM_START + 301));
    assert_int_equal(send_req(&req), 37);
    struct krb_error e = last_error();
    assert_int_equal(e.stime, REALM_START);
    assert_int_equal(e.susec, 123456);
    assert_int_equal(e.present & (KRB_ERROR_CTIME | KRB_ERROR_CUSEC | KRB_ERROR_E_DATA),
                     KRB_ERROR_CTIME | KRB_ERROR_CUSEC);
    assert_int_equal(e.ctime, REALM_START + 301);
    assert_int_equal(e.cusec, 7);
    assert_slice_str(e.crealm, "EXAMPLE.COM");
    assert_slice_str(e.cname.name_string.items[0], "al"); // as it was asked for
    assert_slice_str(e.realm, "EXAMPLE.COM");
    assert_slice_str(e.sname.name_string.items[0], "krbtgt");
    // A stranger's error is as short as can be.
    req = realm_as_req(&r, "alice", TGS);
    assert_int_equal(send_req(&req), 25);
    assert_int_equal(last_error().present, KRB_ERROR_E_DATA);
    req = realm_as_req(&r, "nobody", TGS);
    assert_int_equal(send_req(&req), 6);
    assert_int_equal(last_error().present, 0);
    assert_slice_str(last_error().sname.name_string.items[0], "krbtgt");
}

static void wrong_passwords_lock_an_account_for_a_while(void **state) {
    UNUSED(state);
    r.policy.lockout = (struct lockout_policy){.failures = 3, .window = HOUR, .duration = 600};
    realm_start_kdc(&r);
    for (int i = 0; i < 3; i++) {
        struct kdc_req req = realm_as_req(&r, "alice", TGS);
        struct crypto_key *wrong = realm_key(&r, "mallory@EXAMPLE.COM", 2, 18);
        realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, wrong, REALM_START));
        struct slice bytes = realm_encode(&r, &req);
        assert_int_equal(realm_send(&r, bytes), 24);
        assert_int_equal(realm_send(&r, bytes), 24); // a retransmission counts for nothing
        assert_true(r.result.event.retransmission);
    }
    assert_int_equal(login("alice", TGS), 18);
    assert_int_equal(login("bob", TGS), 0);
    r.now_us += INT64_C(601000000);
    assert_int_equal(login("alice", TGS), 0);
}

static void a_wrong_password_or_clock_is_told_apart(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    struct crypto_key *wrong = realm_key(&r, "mallory@EXAMPLE.COM", 2, 18);
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, wrong, REALM_START));
    assert_int_equal(send_req(&req), 24);
    assert_int_equal(r.result.event.login, KDC_LOGIN_FAILURE);
    req = with_timestamp("alice", TGS, 300);
    assert_int_equal(send_req(&req), 0);
    req = with_timestamp("alice", TGS, -300);
    assert_int_equal(send_req(&req), 0);
    req = with_timestamp("alice", TGS, 301);
    assert_int_equal(send_req(&req), 37);
    assert_int_equal(r.result.event.login, KDC_LOGIN_NONE);
    req = with_timestamp("alice", TGS, -301);
    assert_int_equal(send_req(&req), 37);
    req = with_timestamp("alice", TGS, INT64_C(200000000000));
    assert_int_equal(send_req(&req), 37);
}

static void an_old_password_does_not_let_in(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_as_req(&r, "alice", TGS);
    struct crypto_key *old = realm_key(&r, "alice@EXAMPLE.COM", 1, 18);
    struct record rec = realm_get(&r, "alice@EXAMPLE.COM");
    struct record older = realm_record(&r, "alice@EXAMPLE.COM", 0, 1, AES_ALL);
    struct record_key *keys = arena_zalloc(&r.keep, 8, sizeof *keys);
    memcpy(keys, rec.keys.items, 4 * sizeof *keys);
    memcpy(keys + 4, older.keys.items, 4 * sizeof *keys);
    rec.keys = (struct record_key_list){keys, 8};
    realm_put(&r, &rec);
    assert_int_equal(login("alice", TGS), 0);
    realm_add_padata(&r, &req, PA_ENC_TIMESTAMP, realm_timestamp(&r, old, REALM_START));
    assert_int_equal(send_req(&req), 24);
}

static void a_realm_can_ask_everybody_for_preauthentication(void **state) {
    UNUSED(state);
    struct kdc_req req = realm_as_req(&r, "open", TGS);
    assert_int_equal(send_req(&req), 0);
    r.policy.require_preauth = true;
    realm_start_kdc(&r);
    assert_int_equal(send_req(&req), 25);
    assert_int_equal(login("open", TGS), 0);
}

static void services_are_checked_too(void **state) {
    UNUSED(state);
    assert_int_equal(login("alice", "HTTP/web.example.com"), 0);
    assert_int_equal(login("alice", "HTTP/nowhere.example.com"), 7);
    assert_int_equal(login("alice", "bob"), 27);
    struct record rec = realm_get(&r, "HTTP/web.example.com@EXAMPLE.COM");
    rec.expires = REALM_START;
    realm_put(&r, &rec);
    assert_int_equal(login("alice", "HTTP/web.example.com"), 2);
    rec.expires = 0;
    rec.flags = RECORD_DISABLED;
    realm_put(&r, &rec);
    assert_int_equal(login("alice", "HTTP/web.example.com"), 19);
    struct kdc_req req = realm_as_req(&r, "nobody", TGS);
    assert_int_equal(send_req(&req), 6);
    req = realm_as_req(&r, "alice", TGS);
    req.req_body.realm = SLICE_LITERAL("ELSEWHERE");
    assert_int_equal(send_req(&req), 68);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(accounts_that_may_not_log_in_are_refused_with_their_reason),
        CASE(an_expired_password_is_told_only_to_who_knows_it),
        CASE(an_unknown_user_can_look_like_a_wrong_password),
        CASE(an_unknown_and_a_known_user_get_the_same_answers),
        CASE(a_repeated_wrong_password_tells_nothing),
        CASE(a_strangers_service_is_not_looked_at_where_users_are_hidden),
        CASE(a_made_up_key_is_of_the_enctypes_of_new_passwords),
        CASE(an_error_names_client_service_and_both_times),
        CASE(wrong_passwords_lock_an_account_for_a_while),
        CASE(a_wrong_password_or_clock_is_told_apart),
        CASE(an_old_password_does_not_let_in),
        CASE(a_realm_can_ask_everybody_for_preauthentication),
        CASE(services_are_checked_too),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
