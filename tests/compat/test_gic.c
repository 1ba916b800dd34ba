// test_gic.c: logins with options that few programs give, against our KDC in this process: what is
// begun before the KDC asks, salts, addresses, and what a responder and a prompter are asked.
#include "../client/realm.h"
#include "crypto/one_time.h"
#include <openssl/pem.h>
// clang-format off
#include "compat.h"
#include "../krb/certificates.h"
#include "compat/json.h"
#include "compat/responder.h"
// clang-format on

#define RIGHT "correct horse"

static struct realm *r;
static krb5_get_init_creds_opt *opt;

static int start(void **state) {
    if (compat_start(NULL) != 0 || realm_setup(state) != 0)
        return -1;
    r = *state;
    r->server.now = r->client.now = env_now(env_system()); // the library's clock is the system's
    add_user(r, "bob", ENCTYPE_AES128_SHA1);
    assert_int_equal(krb5_get_init_creds_opt_alloc(context, &opt), 0);
    return kdc_renew(r->kdc, NULL) == OBOL_OK ? 0 : -1;
}
static int stop(void **state) {
    krb5_get_init_creds_opt_free(context, opt);
    return realm_teardown(state) + compat_stop(state);
}

// A prompter that answers with the words of `typed`, in turn, and remembers the prompts.
static const char *typed[4];
static size_t prompts;
static char prompted[4][320];
static krb5_error_code type_words(krb5_context c, void *data, const char *name, const char *banner,
                                  int count, krb5_prompt *p) {
    UNUSED(data);
    UNUSED(name);
    assert_int_equal(count, 1);
    assert_non_null(krb5_get_prompt_types(c));
    if (prompts == COUNT_OF(typed) || !typed[prompts])
        return KRB5_LIBOS_PWDINTR;
    snprintf(prompted[prompts], sizeof prompted[0], "%s%s", banner ? banner : "", p->prompt);
    p->reply->length = (unsigned)snprintf(p->reply->data, p->reply->length, "%s", typed[prompts++]);
    return 0;
}
static void type(const char *a, const char *b, const char *c) {
    typed[0] = a, typed[1] = b, typed[2] = c;
    prompts = 0;
}

// A login as `opt` says; *messages: how many were carried.
static krb5_error_code log_in_as(const char *name, const char *password, unsigned *messages,
                                 krb5_creds *creds) {
    krb5_init_creds_context ctx;
    krb5_principal client = named(name);
    krb5_data in = {0}, out, realm;
    unsigned flags = 1;
    krb5_error_code code;
    assert_int_equal(krb5_init_creds_init(context, client, type_words, NULL, 0, opt, &ctx), 0);
    if (password)
        assert_int_equal(krb5_init_creds_set_password(context, ctx, password), 0);
    for (*messages = 0;; ++*messages) {
        code = krb5_init_creds_step(context, ctx, &in, &out, &realm, &flags);
        if (code || !flags)
            break;
        struct slice reply = realm_handle(r, slice_of(out.data, out.length), 0);
        in = (krb5_data){0, (unsigned)reply.len, (char *)(uintptr_t)reply.ptr};
        krb5_free_data_contents(context, &out);
        krb5_free_data_contents(context, &realm);
    }
    if (!code)
        assert_int_equal(krb5_init_creds_get_creds(context, ctx, creds), 0);
    krb5_init_creds_free(context, ctx);
    krb5_free_principal(context, client);
    return code;
}
// The code, and how many messages it took.
static krb5_error_code outcome(const char *password, unsigned messages) {
    krb5_creds creds;
    unsigned carried;
    krb5_error_code code = log_in_as("alice", password, &carried, &creds);
    if (!code)
        krb5_free_cred_contents(context, &creds);
    assert_int_equal(carried, messages);
    return code;
}

static krb5_preauthtype one_type[1];
static void begin_with(krb5_preauthtype t) {
    one_type[0] = t;
    krb5_get_init_creds_opt_set_preauth_list(opt, one_type, 1);
}

static void a_login_is_begun_before_the_kdc_asks(void **state) {
    UNUSED(state);
    static krb5_enctype aes128[] = {17};
    krb5_get_init_creds_opt_set_etype_list(opt, aes128, 1);
    assert_int_equal(outcome(RIGHT, 3), 0); // SPAKE, asked for
    begin_with(PA_ENC_TIMESTAMP);
    assert_int_equal(outcome(RIGHT, 1), 0);
    // The KDC has refused once, and names the salt that was taken: no second failure is made.
    assert_int_equal(outcome("wrong", 2), KRB5KDC_ERR_PREAUTH_FAILED);
    begin_with(PA_SPAKE);
    assert_int_equal(outcome(RIGHT, 2), 0);
    begin_with(PA_OTP_REQUEST); // cannot be begun unasked
    assert_int_equal(outcome(RIGHT, 3), 0);
    krb5_get_init_creds_opt_set_preauth_list(opt, NULL, 0);
    assert_int_equal(outcome(RIGHT, 3), 0);
    krb5_get_init_creds_opt_set_preauth_list(opt, NULL, 2);
    assert_int_not_equal(outcome(RIGHT, 0), 0);
}

static void a_salt_counts_until_the_kdc_names_one(void **state) {
    UNUSED(state);
    static krb5_enctype aes128[] = {17};
    static char text[] = "EXAMPLE.COMalice";
    krb5_data salt = {.length = 16, .data = text};
    krb5_get_init_creds_opt_set_etype_list(opt, aes128, 1);
    begin_with(PA_ENC_TIMESTAMP);
    krb5_get_init_creds_opt_set_salt(opt, &salt);
    assert_int_equal(outcome(RIGHT, 1), 0);
    salt.length = 15;
    assert_int_equal(outcome(RIGHT, 4), 0); // refused, asked plainly, and by SPAKE
    assert_int_equal(outcome("wrong", 4), KRB5KDC_ERR_PREAUTH_FAILED);
    opt->flags &= ~KRB5_GET_INIT_CREDS_OPT_PREAUTH_LIST;
    assert_int_equal(outcome(RIGHT, 3), 0); // the KDC's goes first
}

// ---- addresses

static void a_ticket_is_bound_to_addresses(void **state) {
    UNUSED(state);
    krb5_octet bytes[4] = {192, 0, 2, 7}, other[4] = {192, 0, 2, 8};
    krb5_address here = {KV5M_ADDRESS, ADDRTYPE_INET, 4, bytes}, there = here;
    krb5_address *list[] = {&here, NULL}, *none[] = {NULL};
    krb5_creds creds;
    unsigned messages;
    there.contents = other;
    krb5_get_init_creds_opt_set_address_list(opt, list);
    assert_int_equal(log_in_as("alice", RIGHT, &messages, &creds), 0);
    assert_true(krb5_address_search(context, &here, creds.addresses));
    assert_false(krb5_address_search(context, &there, creds.addresses));
    assert_null(creds.addresses[1]);
    krb5_free_cred_contents(context, &creds);
    krb5_get_init_creds_opt_set_address_list(opt, none);
    assert_int_equal(log_in_as("alice", RIGHT, &messages, &creds), 0);
    assert_null(creds.addresses);
    assert_true(krb5_address_search(context, &here, creds.addresses)); // no list has all
    krb5_free_cred_contents(context, &creds);
}

static void addresses_are_compared(void **state) {
    UNUSED(state);
    krb5_octet a[4] = {10, 0, 0, 1}, b[4] = {10, 0, 0, 2}, name[16] = "HOST";
    krb5_address one = {KV5M_ADDRESS, ADDRTYPE_INET, 4, a},
                 two = {KV5M_ADDRESS, ADDRTYPE_INET, 4, b},
                 shorter = {KV5M_ADDRESS, ADDRTYPE_INET, 3, a},
                 six = {KV5M_ADDRESS, ADDRTYPE_INET6, 4, a}, net = {KV5M_ADDRESS, 20, 16, name};
    krb5_address *empty[] = {NULL}, *windows[] = {&net, NULL}, *both[] = {&net, &two, NULL};
    assert_true(krb5_address_compare(context, &one, &one));
    assert_false(krb5_address_compare(context, &one, &two));
    assert_false(krb5_address_compare(context, &one, &shorter));
    assert_true(krb5_address_order(context, &one, &two) < 0);
    assert_true(krb5_address_order(context, &two, &one) > 0);
    assert_true(krb5_address_order(context, &six, &two) > 0);
    assert_false(krb5_address_search(context, &one, empty));
    assert_true(krb5_address_search(context, &one, windows));
    assert_false(krb5_address_search(context, &one, both));
    assert_true(krb5_address_search(context, &two, both));
}

static void krb5_conf_names_addresses(void **state) {
    UNUSED(state);
    krb5_context own;
    krb5_address **list;
    krb5_octet bytes[4] = {192, 0, 2, 1}, loopback[4] = {127, 0, 0, 1};
    krb5_address extra = {KV5M_ADDRESS, ADDRTYPE_INET, 4, bytes},
                 local = {KV5M_ADDRESS, ADDRTYPE_INET, 4, loopback};
    write_text("krb5.conf", "[libdefaults]\ndefault_realm = EXAMPLE.COM\nnoaddresses = false\n"
                            "extra_addresses = 192.0.2.1 192.0.2.1\n");
    assert_int_equal(krb5_init_context(&own), 0);
    assert_int_equal(krb5_os_localaddr(own, &list), 0);
    assert_true(krb5_address_compare(own, list[0], &extra));
    assert_false(krb5_address_search(own, &local, list));
    for (size_t i = 1; list[i]; i++)
        assert_false(krb5_address_compare(own, list[i], &extra));
    krb5_free_addresses(own, list);
    krb5_free_context(own);
    write_text("krb5.conf", "[libdefaults]\nextra_addresses = no.such.host.invalid\n");
    assert_int_equal(krb5_init_context(&own), 0);
    assert_int_not_equal(krb5_os_localaddr(own, &list), 0);
    assert_null(list);
    assert_int_equal(krb5_os_localaddr(own, NULL), EINVAL);
    krb5_free_context(own);
}

// ---- one-time codes

static void enrol(const char *label) {
    struct admin_token_new new;
    const struct admin_token token = {.name = slice_str("alice"),
                                      .label = slice_str(label),
                                      .hotp = true,
                                      .secret = slice_str("12345678901234567890")};
    assert_ok(admin_token_add(r->admin, &token, &r->arena, &new, &r->error));
}
static const char *code_at(uint64_t counter) {
    static char digits[8];
    one_time_code(HASH_SHA1, slice_str("12345678901234567890"), counter, buf_of(digits, 6));
    return digits;
}

static const char *given_code, *given_pin, *raw_answer;
static size_t given_token;
static char asked[320];
static krb5_error_code respond(krb5_context c, void *data, krb5_responder_context rctx) {
    UNUSED(data);
    krb5_responder_otp_challenge *otp;
    krb5_responder_pkinit_challenge *pkinit;
    const char *question = krb5_responder_list_questions(c, rctx)[0];
    bool code = strcmp(question, "otp") == 0;
    assert_null(krb5_responder_list_questions(c, rctx)[1]);
    snprintf(asked, sizeof asked, "%s", krb5_responder_get_challenge(c, rctx, question));
    assert_int_equal(krb5_responder_otp_get_challenge(c, rctx, &otp), 0);
    assert_int_equal(krb5_responder_pkinit_get_challenge(c, rctx, &pkinit), 0);
    assert_true((otp != NULL) == code);
    assert_true((pkinit != NULL) == (strcmp(question, "pkinit") == 0));
    assert_int_equal(krb5_responder_set_answer(c, rctx, "question", "x"), EINVAL);
    assert_null(krb5_responder_get_challenge(c, rctx, "question"));
    if (raw_answer) {
        assert_int_equal(krb5_responder_set_answer(c, rctx, question, raw_answer), 0);
    } else if (code && given_code) {
        assert_string_equal(otp->tokeninfo[0]->vendor, "key");
        assert_int_equal(otp->tokeninfo[0]->length, 6);
        assert_int_equal(otp->tokeninfo[0]->format, KRB5_RESPONDER_OTP_FORMAT_DECIMAL);
        assert_int_equal(otp->tokeninfo[0]->flags, KRB5_RESPONDER_OTP_FLAGS_COLLECT_TOKEN |
                                                       KRB5_RESPONDER_OTP_FLAGS_COLLECT_PIN |
                                                       KRB5_RESPONDER_OTP_FLAGS_SEPARATE_PIN);
        assert_int_equal(krb5_responder_otp_set_answer(c, rctx, given_token, given_code, given_pin),
                         0);
        assert_int_equal(krb5_responder_pkinit_set_answer(c, rctx, "FILE:x", "1"), EINVAL);
    } else if (pkinit && given_code) {
        const char *id = pkinit->identities[0]->identity;
        assert_null(pkinit->identities[1]);
        assert_int_equal(pkinit->identities[0]->token_flags, 0);
        assert_int_equal(krb5_responder_pkinit_set_answer(c, rctx, "FILE:other", "1"), 0);
        assert_int_equal(krb5_responder_pkinit_set_answer(c, rctx, id, "2"), 0);
        assert_int_equal(krb5_responder_pkinit_set_answer(c, rctx, "FILE:other", NULL), 0);
        assert_int_equal(krb5_responder_pkinit_set_answer(c, rctx, id, given_code), 0);
        assert_int_equal(krb5_responder_otp_set_answer(c, rctx, 0, "1", NULL), EINVAL);
    }
    krb5_responder_otp_challenge_free(c, rctx, otp);
    krb5_responder_pkinit_challenge_free(c, rctx, pkinit);
    return 0;
}

static void arm(void) {
    krb5_creds creds;
    krb5_ccache cc;
    unsigned messages;
    assert_int_equal(log_in_as("bob", RIGHT, &messages, &creds), 0);
    assert_int_equal(krb5_cc_resolve(context, "MEMORY:armor", &cc), 0);
    assert_int_equal(krb5_cc_initialize(context, cc, creds.client), 0);
    assert_int_equal(krb5_cc_store_cred(context, cc, &creds), 0);
    krb5_free_cred_contents(context, &creds);
    krb5_cc_close(context, cc);
    assert_int_equal(krb5_get_init_creds_opt_set_fast_ccache_name(context, opt, "MEMORY:armor"), 0);
    assert_int_equal(krb5_get_init_creds_opt_set_responder(context, opt, respond, NULL), 0);
}

static krb5_error_code by_code(const char *value, const char *pin) {
    krb5_creds creds;
    unsigned messages;
    given_code = value;
    given_pin = pin;
    krb5_error_code code = log_in_as("alice", NULL, &messages, &creds);
    if (!code)
        krb5_free_cred_contents(context, &creds);
    return code;
}

static void a_responder_gives_code_and_pin(void **state) {
    UNUSED(state);
    enrol("key");
    arm();
    type(NULL, NULL, NULL);
    char one[8];
    strcpy(one, code_at(0));
    assert_int_equal(by_code(one, RIGHT), 0);
    assert_string_equal(asked, "{\"tokenInfo\":[{\"flags\":11,\"vendor\":\"key\",\"length\":6,"
                               "\"format\":0,\"tokenID\":\"1\"}]}");
    assert_int_equal(prompts, 0);
    assert_int_equal(by_code(one, RIGHT), KRB5KDC_ERR_PREAUTH_FAILED); // used
    assert_int_equal(by_code(code_at(1), "wrong"), KRB5KDC_ERR_PREAUTH_FAILED);
    assert_int_equal(by_code(code_at(2), NULL), KRB5_LIBOS_CANTREADPWD); // no PIN
    assert_int_equal(by_code(code_at(2), RIGHT), 0);
    // What is no answer is as if none had been given.
    static const char *const rows[] = {"314159", "{\"tokeninfo\":1,\"value\":\"1\"}",
                                       "{\"value\":\"1\"}", "{\"tokeninfo\":0,\"value\":1}"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        raw_answer = rows[i];
        assert_int_equal(by_code(NULL, NULL), KRB5_LIBOS_CANTREADPWD);
    }
    char text[64];
    snprintf(text, sizeof text, "{\"tokeninfo\":0, \"value\":\"%s\",\"pin\":\"" RIGHT "\"}",
             code_at(3));
    raw_answer = text;
    assert_int_equal(by_code(NULL, NULL), 0);
    raw_answer = NULL;
}

static void without_an_answer_the_prompter_is_asked(void **state) {
    UNUSED(state);
    char one[8];
    enrol("key");
    arm();
    strcpy(one, code_at(0));
    type(one, RIGHT, NULL);
    assert_int_equal(by_code(NULL, NULL), 0);
    assert_string_equal(prompted[0], "Enter OTP Token Value");
    assert_string_equal(prompted[1], "OTP Token PIN");
    type(one, RIGHT, NULL);
    assert_int_equal(by_code(NULL, NULL), KRB5KDC_ERR_PREAUTH_FAILED);
    // With two tokens whose codes look alike: which?
    enrol("spare");
    strcpy(one, code_at(1));
    type(one, "1", RIGHT);
    assert_int_equal(by_code(NULL, NULL), 0);
    assert_string_equal(prompted[1], "Please choose from the following:\n\t1. Vendor: key\n"
                                     "\t2. Vendor: spare\nEnter #");
    type("31415", NULL, NULL); // no code of any of them
    assert_int_equal(by_code(NULL, NULL), KRB5KDC_ERR_PREAUTH_FAILED);
    assert_int_equal(prompts, 1);
}

// ---- a key with a passphrase

static void write_bytes(const char *name, struct slice bytes) {
    char text[8192];
    assert_true(bytes.len < sizeof text);
    memcpy(text, bytes.ptr, bytes.len);
    text[bytes.len] = '\0';
    write_text(name, text);
}

// alice's certificate, its key under a passphrase, and the CA. Neither the passphrase nor the name
// of the key's file is UTF-8: both are bytes.
#define SESAME   "s\xe9same"
#define KEY_FILE "\xe9lice.key"
static void make_identity(void) {
    char identity[256], anchors[128], *sealed;
    struct certificate ca = certificate_ca("CA", r->server.now, NULL, &r->arena);
    struct certificate alice =
        certificate_for("alice", PKI_PURPOSE_CLIENT, r->server.now, &ca, &r->arena);
    BIO *in = BIO_new_mem_buf(alice.key.ptr, (int)alice.key.len), *out = BIO_new(BIO_s_mem());
    EVP_PKEY *key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_128_cbc(), SESAME,
                                                   sizeof SESAME - 1, NULL, NULL),
                     1);
    long n = BIO_get_mem_data(out, &sealed);
    write_bytes(KEY_FILE, slice_of(sealed, (size_t)n));
    write_bytes("alice.pem", alice.pem);
    write_bytes("ca.pem", ca.pem);
    EVP_PKEY_free(key);
    BIO_free(in);
    BIO_free(out);
    pki_identity_free(alice.identity);
    pki_identity_free(ca.identity);
    snprintf(identity, sizeof identity, "FILE:%s/alice.pem,%s/" KEY_FILE, dir, dir);
    snprintf(anchors, sizeof anchors, "FILE:%s/ca.pem", dir);
    assert_int_equal(krb5_get_init_creds_opt_set_pa(context, opt, "X509_user_identity", identity),
                     0);
    assert_int_equal(krb5_get_init_creds_opt_set_pa(context, opt, "X509_anchors", anchors), 0);
}

static void a_key_is_opened_by_responder_or_prompter(void **state) {
    UNUSED(state);
    char expected[320];
    make_identity();
    assert_int_equal(krb5_get_init_creds_opt_set_responder(context, opt, respond, NULL), 0);
    type(NULL, NULL, NULL);
    given_code = SESAME;
    assert_int_equal(outcome(RIGHT, 3), 0);
    snprintf(expected, sizeof expected, "{\"FILE:%s/alice.pem,%s/" KEY_FILE "\":0}", dir, dir);
    assert_string_equal(asked, expected);
    assert_int_equal(prompts, 0);
    given_code = "open";
    assert_int_not_equal(outcome(RIGHT, 0), 0);
    given_code = NULL;
    type(SESAME, NULL, NULL);
    assert_int_equal(outcome(RIGHT, 3), 0);
    snprintf(expected, sizeof expected, "Pass phrase for %s/" KEY_FILE, dir);
    assert_string_equal(prompted[0], expected);
    type("open", NULL, NULL);
    assert_int_not_equal(outcome(RIGHT, 0), 0);
    type(NULL, NULL, NULL);
    assert_int_not_equal(outcome(RIGHT, 0), 0);
}

// ---- answers

static void flat_objects_are_read_and_nothing_else(void **state) {
    UNUSED(state);
    static struct json_members m;
    struct arena a;
    static const char *const bad[] = {"",
                                      "{",
                                      "}",
                                      "[]",
                                      "1",
                                      "\"a\"",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{\"a\":1 \"b\":2}",
                                      "{\"a\":{}}",
                                      "{\"a\":[1]}",
                                      "{\"a\":true}",
                                      "{\"a\":1}x",
                                      "{\"a\":\"",
                                      "{\"a\":\"\\",
                                      "{\"a\":\"\\u00\"}",
                                      "{\"a\":\"\\u0000\"}",
                                      "{\"a\":\"\\ud800\"}",
                                      "{\"a\":\"\\ud83d\\u0041\"}",
                                      "{\"a\":\"\\x\"}",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":-}",
                                      "{\"a\":1234567890123456789012}",
                                      "{a:1}",
                                      "{,}"};
    assert_true(arena_init(&a, 1 << 12, 1 << 16));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(json_members_read(bad[i], &a, &m));
    assert_true(json_members_read(" { } ", &a, &m));
    assert_int_equal(m.count, 0);
    assert_true(
        json_members_read("{\"a\" : -17,\n\"b\\\"\": \"\\u00e9\\ud83d\\ude00\\n\\/\"}", &a, &m));
    assert_int_equal(m.count, 2);
    assert_int_equal(json_member_find(&m, "a")->number, -17);
    assert_slice_str(json_member_find(&m, "b\"")->text, "\xc3\xa9\xf0\x9f\x98\x80\n/");
    assert_null(json_member_find(&m, "b"));
    arena_clear(&a);
}

// What a KDC may ask for and this client has not got.
static void tokens_that_are_of_no_use_are_left_out(void **state) {
    UNUSED(state);
    struct otp_tokeninfo tokens[] = {
        {.present = OTP_TOKENINFO_FORMAT, .otp_format = 4},
        {.flags = (uint32_t)OTP_NEXT_OTP},
        {.present = OTP_TOKENINFO_ITERATION_COUNT, .iteration_count = 1},
        {.present = OTP_TOKENINFO_VENDOR, .otp_vendor = slice_str("a\nb")},
        {.present = OTP_TOKENINFO_CHALLENGE, .otp_challenge = slice_str("7")},
    };
    struct pa_otp_challenge c = {.present = PA_OTP_CHALLENGE_SERVICE,
                                 .nonce = slice_str("nonce"),
                                 .otp_service = slice_str("bank"),
                                 .otp_token_info = {tokens, COUNT_OF(tokens)}};
    struct otp_tokens read;
    struct slice der;
    assert_ok(der_encode(&TYPE_PA_OTP_CHALLENGE, &c, &r->arena, &der, &r->error));
    assert_ok(otp_tokens_read(der, &r->arena, &read, &r->error));
    assert_int_equal(read.count, 1);
    assert_int_equal(read.usable[0], 4);
    assert_string_equal(otp_question(&read, &r->arena),
                        "{\"service\":\"bank\",\"tokenInfo\":[{\"flags\":1,\"challenge\":\"7\"}]}");
    c.otp_token_info.count = 4;
    assert_ok(der_encode(&TYPE_PA_OTP_CHALLENGE, &c, &r->arena, &der, &r->error));
    assert_code(otp_tokens_read(der, &r->arena, &read, &r->error), OBOL_UNSUPPORTED);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_login_is_begun_before_the_kdc_asks),
        CASE(a_salt_counts_until_the_kdc_names_one),
        CASE(a_ticket_is_bound_to_addresses),
        CASE(addresses_are_compared),
        CASE(krb5_conf_names_addresses),
        CASE(a_responder_gives_code_and_pin),
        CASE(without_an_answer_the_prompter_is_asked),
        CASE(a_key_is_opened_by_responder_or_prompter),
        CASE(flat_objects_are_read_and_nothing_else),
        CASE(tokens_that_are_of_no_use_are_left_out),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
