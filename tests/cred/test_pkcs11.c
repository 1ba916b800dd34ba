// Keys on cards (PKCS#11): how their place is named, what they sign, and each thing that a card can
// say in its place; a PIN goes to the card once, and never where it need not.
#include "../test.h"
#include "token.h"
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOW = 1800000000 };
#define CONTENT SLICE_LITERAL("what is signed")

static struct arena arena;
static struct error err_, *err = &err_;
static struct certificate ca, alice, rsa, other;
static struct pki_trust *trust;
static struct {
    const char *pin;
    unsigned times;
    enum obol_code fails;
    char text[128], identity[256];
    struct pki_question last;
} asked;

static struct certificate certificate_rsa(const char *name) {
    const struct principal p = certificate_principal(name, &arena);
    const struct pki_wanted wanted = {.common_name = slice_str(name),
                                      .rsa = true,
                                      .principal = &p,
                                      .from = NOW,
                                      .until = NOW + CERT_DAY,
                                      .purposes = PKI_PURPOSE_CLIENT};
    return certificate_make(&wanted, &ca, &arena);
}

static int start(void **state) {
    UNUSED(state);
    if (!arena_init(&arena, 1 << 20, 1 << 24))
        return -1;
    ca = certificate_ca("CA", NOW, NULL, &arena);
    alice = certificate_for("alice", PKI_PURPOSE_CLIENT, NOW, &ca, &arena);
    other = certificate_for("other", PKI_PURPOSE_CLIENT, NOW, &ca, &arena);
    rsa = certificate_rsa("rsa");
    trust = certificate_trust(&ca);
    return 0;
}
static int stop(void **state) {
    UNUSED(state);
    pki_identity_free(ca.identity);
    pki_identity_free(alice.identity);
    pki_identity_free(other.identity);
    pki_identity_free(rsa.identity);
    pki_trust_free(trust);
    arena_clear(&arena);
    return 0;
}

// A card with alice's certificate and key, and that of a CA.
static int insert(void **state) {
    UNUSED(state);
    error_init(err);
    memset(&asked, 0, sizeof asked);
    asked.pin = TOKEN_PIN;
    token_insert(&TOKEN_FUNCTIONS);
    token_add(CKO_CERTIFICATE, 9, "ca", &ca);
    token_add_pair(1, "login", &alice);
    return 0;
}
// Whatever happened, the sessions are given back; the module is at the process's end.
static int take_out(void **state) {
    UNUSED(state);
    const bool early = token.stopped > 0;
    pkcs11_modules_stop();
    return !early && token.sessions == 0 && token.started == token.stopped ? 0 : -1;
}

static enum obol_code ask(void *ctx, const struct pki_question *q, struct secret *out,
                          struct error *e) {
    assert_ptr_equal(ctx, &asked);
    asked.times++;
    asked.last = *q;
    snprintf(asked.text, sizeof asked.text, "%.*s", SLICE_ARG(pki_question_text(q, &arena)));
    snprintf(asked.identity, sizeof asked.identity, "%.*s", SLICE_ARG(q->identity));
    if (asked.fails != OBOL_OK)
        return error_set(e, asked.fails, __func__, "nobody is there");
    return !asked.pin || secret_copy(out, slice_str(asked.pin)) ? OBOL_OK : OBOL_NO_MEMORY;
}

static enum obol_code load(struct pki_identities *out, const char *parts) {
    const struct slice place = arena_printf(&arena, "PKCS11:%s:%s", TOKEN_MODULE, parts);
    error_init(err);
    return pki_identities_load(out, place, ask, &asked, &arena, err);
}

// One signature with the first certificate of a place; it must hold.
static enum obol_code sign_with(const char *parts, const char *subject) {
    struct pki_identities ids;
    struct pki_message m = {0};
    struct slice bytes;
    enum obol_code code = load(&ids, parts);
    if (code == OBOL_OK) {
        assert_slice_str(pki_subject(pki_identity_certificate(ids.items[0]), &arena), subject);
        code = pki_message_sign(ids.items[0], CONTENT, PKINIT_AUTH_DATA, &arena, &bytes, err);
    }
    if (code == OBOL_OK) {
        assert_ok(pki_message_open(&m, bytes, PKINIT_AUTH_DATA, &arena, err));
        assert_slice_equal(m.content, CONTENT);
        assert_ok(pki_trust_check(trust, &m, NOW, false, err));
        assert_slice_str(pki_subject(m.signer, &arena), subject);
        pki_message_clear(&m);
    }
    pki_identities_clear(&ids);
    return code;
}

static void refused(const char *parts, enum obol_code code, const char *detail,
                    const char *remedy) {
    assert_code(sign_with(parts, "CN=alice"), code);
    if (!strstr(err->detail, detail) || !strstr(error_remedy_text(err), remedy))
        fail_msg("'%s', '%s': not '%s', '%s'", err->detail, error_remedy_text(err), detail, remedy);
}

// ---- how a place is named

static void parse(const char *text, struct pkcs11_place *out) {
    assert_ok(pkcs11_place_parse(slice_str(text), &arena, out, err));
}

static void a_place_has_the_parts_that_mit_gives_it(void **state) {
    UNUSED(state);
    struct pkcs11_place p;
    parse("", &p);
    assert_slice_str(p.module, PKCS11_DEFAULT_MODULE);
    assert_false(p.has_slot || p.token.len || p.cert_id.len || p.cert_label.len);
    parse("opensc-pkcs11.so", &p);
    assert_slice_str(p.module, "opensc-pkcs11.so");
    parse("module_name=/lib/a.so:slotid=2074167653:token=a card:certid=0aFF:certlabel=PIV AUTH",
          &p);
    assert_slice_str(p.module, "/lib/a.so");
    assert_true(p.has_slot);
    assert_int_equal(p.slot, 2074167653);
    assert_slice_str(p.token, "a card");
    assert_slice_equal(p.cert_id, SLICE_LITERAL("\x0a\xff"));
    assert_slice_str(p.cert_label, "PIV AUTH");
    parse(":token=x::/lib/b.so:slotid=0:token=y=z", &p); // empty parts, any order, the last counts
    assert_slice_str(p.module, "/lib/b.so");
    assert_true(p.has_slot && p.slot == 0);
    assert_slice_str(p.token, "y=z");
}

static void a_place_that_is_none_is_refused(void **state) {
    UNUSED(state);
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"slotid=", "no number"},
        {"slotid=1x", "no number"},
        {"slotid=-1", "no number"},
        {"slotid=10000000000000000000", "no number"},
        {"certid=", "hexadecimal"},
        {"certid=0", "hexadecimal"},
        {"certid=0g", "hexadecimal"},
        {"certid=  ", "hexadecimal"},
        {"token=", "token= has no value"},
        {"certlabel=", "certlabel= has no value"},
        {"module_name=", "module_name= has no value"},
        {"slot=1", "'slot' is none of"},
        {"=x", "'' is none of"},
        {"lib/a.so", "neither a whole path"},
        {"module_name=../a.so", "neither a whole path"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct pkcs11_place p;
        error_init(err);
        assert_code(pkcs11_place_parse(slice_str(rows[i].text), &arena, &p, err),
                    OBOL_INVALID_ARGUMENT);
        assert_non_null(strstr(err->detail, rows[i].said));
    }
    struct pkcs11_place p;
    assert_code(pkcs11_place_parse(SLICE_LITERAL("a\0b.so"), &arena, &p, err),
                OBOL_INVALID_ARGUMENT);
}

// ---- what a card signs

static void a_key_on_a_card_signs_for_its_certificate(void **state) {
    UNUSED(state);
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(token.used, CKM_ECDSA);
    assert_int_equal(asked.times, 1);
    assert_int_equal(token.pins, 1);
    assert_string_equal(asked.text, "PIN of test card");
    assert_string_equal(asked.identity,
                        "PKCS11:module_name=" TOKEN_MODULE ":slotid=7:token=test card");
    token.mechanism = CKM_ECDSA_SHA256;
    assert_ok(sign_with("slotid=7:token=test card:certid=01:certlabel=login", "CN=alice"));
    token.count = 0;
    token_add_pair(1, "login", &rsa);
    token.mechanism = 0;
    assert_ok(sign_with("", "CN=rsa"));
    assert_int_equal(token.used, CKM_RSA_PKCS);
    token.mechanism = CKM_SHA256_RSA_PKCS;
    assert_ok(sign_with("", "CN=rsa"));
}

static void certificates_are_seen_without_the_pin(void **state) {
    UNUSED(state);
    struct pki_identities ids;
    token_add_pair(2, "other", &other);
    assert_ok(load(&ids, ""));
    assert_int_equal(ids.count, 2); // the CA's is nobody's
    assert_int_equal(asked.times, 0);
    assert_int_equal(token.pins, 0);
    pki_identities_clear(&ids);
    assert_ok(load(&ids, "certlabel=other"));
    assert_int_equal(ids.count, 1);
    pki_identities_clear(&ids);
    assert_ok(load(&ids, "certid=09")); // who names a CA's has it
    assert_int_equal(ids.count, 1);
    pki_identities_clear(&ids);
}

static void a_card_that_hides_its_certificates_shows_them_for_the_pin(void **state) {
    UNUSED(state);
    token.hides_certificates = true;
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(asked.times, 1);
    assert_int_equal(token.pins, 1);
}

static void two_signatures_of_a_login_want_one_pin(void **state) {
    UNUSED(state);
    struct pki_identities ids;
    struct slice bytes;
    assert_ok(load(&ids, ""));
    for (int i = 0; i < 2; i++)
        assert_ok(pki_message_sign(ids.items[0], CONTENT, PKINIT_AUTH_DATA, &arena, &bytes, err));
    assert_int_equal(asked.times, 1);
    assert_int_equal(token.pins, 1);
    pki_identities_clear(&ids);
}

static void who_gave_the_pin_takes_it_back(void **state) {
    UNUSED(state);
    struct pki_identities ids;
    assert_ok(load(&ids, ""));
    for (unsigned i = 1; i <= 2; i++) { // beside another session, which keeps the token open
        assert_ok(sign_with("", "CN=alice"));
        assert_false(token.logged_in);
        assert_int_equal(asked.times, i);
    }
    token.logged_in = true; // by somebody else in the process, who stays so
    assert_ok(sign_with("", "CN=alice"));
    assert_true(token.logged_in);
    assert_int_equal(asked.times, 2);
    token.objects[2].always = true; // the PIN for one signature is no login of ours
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(token.unlocks, 1);
    assert_true(token.logged_in);
    pki_identities_clear(&ids);
}

static void a_key_that_wants_the_pin_for_each_signature_gets_it(void **state) {
    UNUSED(state);
    token.objects[2].always = true;
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(asked.times, 1);
    assert_int_equal(token.pins, 2);
    assert_int_equal(token.unlocks, 1);
}

static void an_open_card_is_given_no_pin(void **state) {
    UNUSED(state);
    struct pki_identities ids;
    token.open = true;
    token_add(CKO_CERTIFICATE, 3, "without a key", &other);
    assert_ok(load(&ids, ""));
    assert_int_equal(ids.count, 1);
    pki_identities_clear(&ids);
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(asked.times, 0);
    assert_int_equal(token.pins, 0);
}

static void a_reader_with_keys_of_its_own_asks_itself(void **state) {
    UNUSED(state);
    token.pad = true;
    asked.pin = NULL;
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(asked.last.kind, PKI_ASK_PIN_PAD);
    assert_string_equal(asked.text, "Type at the reader's keys the PIN of test card");
    assert_int_equal(token.pins, 1);
    token.login = CKR_FUNCTION_CANCELED;
    refused("", OBOL_PASSWORD_NEEDED, "no PIN was typed at the reader", "");
}

// ---- the PIN

static void a_wrong_pin_is_tried_once_and_the_next_is_warned_of(void **state) {
    UNUSED(state);
    asked.pin = "111111";
    refused("", OBOL_CERTIFICATE_UNUSABLE, "the PIN of the token 'test card' is not right",
            "after a few wrong ones");
    assert_int_equal(token.pins, 1);
    assert_string_equal(asked.text, "PIN of test card");
    refused("", OBOL_CERTIFICATE_UNUSABLE, "is not right", "the card takes one more");
    assert_string_equal(asked.text, "PIN of test card (few tries are left)");
    refused("", OBOL_CERTIFICATE_UNUSABLE, "is locked", "PUK");
    assert_string_equal(asked.text,
                        "PIN of test card (LAST TRY: the card locks itself if it is wrong)");
    assert_int_equal(token.pins, 3);
    // Nobody is asked for the PIN of a card that takes none.
    refused("", OBOL_CERTIFICATE_UNUSABLE, "is locked", "PUK");
    assert_int_equal(asked.times, 3);
    assert_int_equal(token.pins, 3);
}

static void what_a_card_calls_itself_moves_no_terminal(void **state) {
    UNUSED(state);
    const struct pki_question q = {.kind = PKI_ASK_PIN, .place = SLICE_LITERAL("a\x1b[2Jb\n")};
    assert_slice_str(pki_question_text(&q, &arena), "PIN of a\\x1b[2Jb\\x0a");
}

static void what_is_no_pin_does_not_go_to_the_card(void **state) {
    UNUSED(state);
    struct pki_identities ids;
    asked.pin = NULL;
    refused("", OBOL_PASSWORD_NEEDED, "no PIN was given", "");
    asked.fails = OBOL_PASSWORD_NEEDED;
    refused("", OBOL_PASSWORD_NEEDED, "nobody is there", "");
    assert_int_equal(token.pins, 0);
    assert_code(
        pki_identities_load(&ids, SLICE_LITERAL("PKCS11:" TOKEN_MODULE), NULL, NULL, &arena, err),
        OBOL_PASSWORD_NEEDED);
}

static void what_a_card_says_to_a_pin_is_said(void **state) {
    UNUSED(state);
    static const struct {
        ck_rv_t rv;
        const char *said, *remedy;
    } rows[] = {
        {CKR_PIN_LEN_RANGE, "is not right", "right PIN"},
        {CKR_PIN_INVALID, "is not right", "right PIN"},
        {CKR_PIN_LOCKED, "is locked", "PUK"},
        {CKR_USER_PIN_NOT_INITIALIZED, "has no PIN for its user yet", "--init-pin"},
        {CKR_PIN_EXPIRED, "has expired", "--change-pin"},
        {CKR_DEVICE_REMOVED, "C_Login: CKR_DEVICE_REMOVED", "in its reader"},
        {CKR_VENDOR_DEFINED, "C_Login: a result of its own (0x80000000)", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        token.login = rows[i].rv;
        refused("", OBOL_CERTIFICATE_UNUSABLE, rows[i].said, rows[i].remedy);
    }
}

// ---- what is not there

static void what_is_not_there_is_named(void **state) {
    UNUSED(state);
    refused("slotid=8", OBOL_CERTIFICATE_UNUSABLE, "has no slot 8", "--list-slots");
    refused("slotid=9", OBOL_CERTIFICATE_UNUSABLE, "there is no token in slot 9",
            "into its reader");
    refused("token=mine", OBOL_CERTIFICATE_UNUSABLE, "'mine', there is 'test card'", "token=LABEL");
    refused("certid=77", OBOL_CERTIFICATE_UNUSABLE, "no certificate with that identifier or label",
            "lists what is there");
    token.count = 1;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "no certificate of a user on 'test card'",
            "beside its key");
    token.absent = true;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "there is no token in any of 2 slots",
            "into its reader");
}

static void a_certificate_that_is_none_is_passed_over(void **state) {
    UNUSED(state);
    token.objects[0].of = NULL;
    assert_ok(sign_with("", "CN=alice"));
    token.count = 1;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "are no certificate", "");
    token.objects[0] = (struct token_object){CKO_CERTIFICATE, 0, "no id", &alice, false, false};
    refused("", OBOL_CERTIFICATE_UNUSABLE, "an identifier of 0 bytes", "CKA_ID");
}

static void a_key_that_cannot_sign_is_named(void **state) {
    UNUSED(state);
    token.mechanism = CKM_RSA_PKCS;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "cannot sign with EC keys", "pkcs11-tool -M");
    assert_int_equal(token.pins, 0);
    token.mechanism = 0;
    token.sign_init = CKR_KEY_FUNCTION_NOT_PERMITTED;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "may not sign", "");
    token.sign_init = CKR_DEVICE_ERROR;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "C_SignInit: CKR_DEVICE_ERROR", "");
    token.objects[2].no_sign = true;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "may not sign", "as decryption");
    token.objects[2].id = 5;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "no private key with the identifier", "whose key is on");
}

static void a_key_of_another_certificate_is_found_out(void **state) {
    UNUSED(state);
    token.objects[2].of = &other;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "the private key is not the certificate's", "");
    token.objects[2].of = &alice;
    token.wrong_key = true;
    refused("", OBOL_CERTIFICATE_UNUSABLE, "the private key is not the certificate's", "");
}

static void a_module_that_is_none_is_refused(void **state) {
    UNUSED(state);
    struct pki_identities ids;
    static const struct {
        const char *place, *said;
    } rows[] = {
        {"PKCS11:/nowhere/module.so", "/nowhere/module.so cannot be loaded"},
        {"PKCS11:libcrypto.so.3", "libcrypto.so.3 is no PKCS#11 module"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        error_init(err);
        assert_code(pki_identities_load(&ids, slice_str(rows[i].place), ask, &asked, &arena, err),
                    OBOL_CERTIFICATE_UNUSABLE);
        assert_non_null(strstr(err->detail, rows[i].said));
    }
    token_insert(NULL);
    assert_code(load(&ids, ""), OBOL_CERTIFICATE_UNUSABLE);
    assert_non_null(strstr(err->detail, "C_GetFunctionList: CKR_GENERAL_ERROR"));
    struct ck_function_list later = {.version = {3, 0}};
    token_insert(&later);
    assert_code(load(&ids, ""), OBOL_CERTIFICATE_UNUSABLE);
    assert_non_null(strstr(err->detail, "not of PKCS#11 2"));
}

static void a_module_that_the_program_has_started_is_not_stopped(void **state) {
    UNUSED(state);
    token.started = 1;
    assert_ok(sign_with("", "CN=alice"));
    pkcs11_modules_stop();
    assert_int_equal(token.started, 1);
    assert_int_equal(token.stopped, 0);
    token.started = 0; // the program's own end
}

// Who comes second is told that the module is started, and opens his sessions in it.
static void a_module_that_we_have_started_stays_for_who_found_it_so(void **state) {
    UNUSED(state);
    struct pki_identities ids;
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(token_initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(token.started, 1);
    assert_int_equal(token.stopped, 0);
    // While somebody has a key of it, it does not end with the process either.
    assert_ok(load(&ids, ""));
    pkcs11_modules_stop();
    assert_int_equal(token.stopped, 0);
    pki_identities_clear(&ids);
}

static void a_module_that_somebody_has_stopped_is_started_again(void **state) {
    UNUSED(state);
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(token_finalize(NULL), CKR_OK);
    assert_ok(sign_with("", "CN=alice"));
    assert_int_equal(token.started, 2);
    token.started = 1; // the second start is ours to stop
    token.stopped = 0;
}

static void a_child_stops_nothing_that_its_parent_has_started(void **state) {
    UNUSED(state);
    int status = -1;
    assert_ok(sign_with("", "CN=alice"));
    const pid_t child = fork();
    if (child == 0) {
        pkcs11_modules_stop();
        _exit((int)token.stopped);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

// A module whose start goes on, in a thread, until it is let go.
static int begun[2], let_go[2];
static ck_rv_t start_slowly(void *args) {
    char byte = 0;
    assert_int_equal(write(begun[1], &byte, 1), 1);
    assert_int_equal(read(let_go[0], &byte, 1), 1);
    return token_initialize(args);
}
static void *sign_elsewhere(void *code) {
    *(enum obol_code *)code = sign_with("", "CN=alice");
    return NULL;
}

// Neither a process nor a child that it forked meanwhile waits, as it ends, for what a thread does.
static void an_end_waits_for_no_thread(void **state) {
    UNUSED(state);
    static struct ck_function_list slow;
    enum obol_code code = OBOL_INTERNAL;
    pthread_t thread;
    int status = -1;
    char byte = 0;
    slow = TOKEN_FUNCTIONS;
    slow.C_Initialize = start_slowly;
    token_functions_set(&slow);
    assert_int_equal(pipe(begun) | pipe(let_go), 0);
    assert_int_equal(pthread_create(&thread, NULL, sign_elsewhere, &code), 0);
    assert_int_equal(read(begun[0], &byte, 1), 1);
    const pid_t child = fork();
    if (child == 0) {
        alarm(30); // or it waits for ever
        pkcs11_modules_stop();
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(token.stopped, 0);
    assert_int_equal(write(let_go[1], &byte, 1), 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_ok(code);
    for (size_t i = 0; i < 2; i++) {
        close(begun[i]);
        close(let_go[i]);
    }
}

static void a_kdc_takes_no_key_on_a_card(void **state) {
    UNUSED(state);
    struct pki_identity *id;
    assert_code(
        pki_identity_load(&id, SLICE_LITERAL("PKCS11:" TOKEN_MODULE), ask, &asked, &arena, err),
        OBOL_UNSUPPORTED);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, insert, take_out)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_place_has_the_parts_that_mit_gives_it),
        CASE(a_place_that_is_none_is_refused),
        CASE(a_key_on_a_card_signs_for_its_certificate),
        CASE(certificates_are_seen_without_the_pin),
        CASE(a_card_that_hides_its_certificates_shows_them_for_the_pin),
        CASE(two_signatures_of_a_login_want_one_pin),
        CASE(who_gave_the_pin_takes_it_back),
        CASE(a_key_that_wants_the_pin_for_each_signature_gets_it),
        CASE(an_open_card_is_given_no_pin),
        CASE(a_reader_with_keys_of_its_own_asks_itself),
        CASE(a_wrong_pin_is_tried_once_and_the_next_is_warned_of),
        CASE(what_a_card_calls_itself_moves_no_terminal),
        CASE(what_is_no_pin_does_not_go_to_the_card),
        CASE(what_a_card_says_to_a_pin_is_said),
        CASE(what_is_not_there_is_named),
        CASE(a_certificate_that_is_none_is_passed_over),
        CASE(a_key_that_cannot_sign_is_named),
        CASE(a_key_of_another_certificate_is_found_out),
        CASE(a_module_that_is_none_is_refused),
        CASE(a_module_that_the_program_has_started_is_not_stopped),
        CASE(a_module_that_we_have_started_stays_for_who_found_it_so),
        CASE(a_module_that_somebody_has_stopped_is_started_again),
        CASE(a_child_stops_nothing_that_its_parent_has_started),
        CASE(an_end_waits_for_no_thread),
        CASE(a_kdc_takes_no_key_on_a_card),
    };
    return cmocka_run_group_tests(cases, start, stop);
}
