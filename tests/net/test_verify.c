// Initial tickets are verified with the key of the server that was named, and with no other that
// lies beside it in the keytab, whatever name the ticket bears.
#include "../arena_fixture.h"
#include "krb/seal.h"
#include "net/verify.h"
#include "proto/codes.h"

#define PATH_OF_KEYTAB "/etc/test.keytab"
static struct error err_, *err = &err_;
static struct krb5conf conf = {.clockskew = 300};
static const struct net NET = {.conf = &conf};

static const uint8_t IMAP_KEY[] = "0123456789abcdef0123456789abcdef";
static const uint8_t HTTP_KEY[] = "a stolen key of another server..";
static const uint8_t SESSION_KEY[] = "fedcba9876543210fedcba9876543210";
static struct slice alice_parts[] = {SLICE_LITERAL("alice")};
static struct slice imap_parts[] = {SLICE_LITERAL("imap"), SLICE_LITERAL("mail")};
static struct slice http_parts[] = {SLICE_LITERAL("HTTP"), SLICE_LITERAL("web")};
static struct slice host_parts[] = {SLICE_LITERAL("host"), SLICE_LITERAL("mail")};
static const struct principal ALICE = {SLICE_LITERAL("R"), {NT_PRINCIPAL, {alice_parts, 1}}};
static const struct principal IMAP = {SLICE_LITERAL("R"), {NT_SRV_HST, {imap_parts, 2}}};
static const struct principal HTTP = {SLICE_LITERAL("R"), {NT_SRV_HST, {http_parts, 2}}};
static const struct principal HOST = {SLICE_LITERAL("R"), {NT_SRV_HST, {host_parts, 2}}};

static struct keytab_entry entry_of(const struct principal *name, const uint8_t *key) {
    return (struct keytab_entry){
        .principal = *name, .kvno = 3, .key = {ENCTYPE_AES256_SHA1, slice_of(key, 32)}};
}

// What the KDC's place answers to a request for `server`: a ticket that bears a name and is sealed
// with somebody's key.
static struct cred login(const struct principal *server, const struct principal *bears,
                         const uint8_t *sealed_with) {
    const struct env *env = env_system();
    struct crypto_key *key;
    const struct enc_ticket_part part = {
        .key = {ENCTYPE_AES256_SHA1, slice_of(SESSION_KEY, 32)},
        .crealm = ALICE.realm,
        .cname = ALICE.name,
        .authtime = env_now(env),
        .endtime = env_now(env) + 3600,
    };
    struct ticket t = {.tkt_vno = KRB_PVNO, .realm = bears->realm, .sname = bears->name};
    struct cred out = {.client = ALICE, .server = *server, .key = part.key};
    error_init(err);
    assert_ok(
        crypto_key_in_arena(&key, &arena, ENCTYPE_AES256_SHA1, slice_of(sealed_with, 32), err));
    assert_ok(
        krb_seal(&TYPE_ENC_TICKET_PART, &part, key, KU_TICKET, 3, env, &arena, &t.enc_part, err));
    assert_ok(der_encode(&TYPE_TICKET, &t, &arena, &out.ticket, err));
    return out;
}

static enum obol_code verify(const struct principal *server, const struct cred *login) {
    struct keytab_entry entries[] = {entry_of(&IMAP, IMAP_KEY), entry_of(&HTTP, HTTP_KEY)};
    const struct keytab_content keytab = {.entries = entries, .count = 2, .version = 2};
    const struct verify_params v = {
        .login = login, .keytab = &keytab, .keytab_path = PATH_OF_KEYTAB, .server = server};
    error_init(err);
    return net_verify_login(&NET, &v, &arena, err);
}

static void the_named_server_s_key_opens_whatever_name_the_ticket_bears(void **state) {
    UNUSED(state);
    const struct cred own = login(&IMAP, &IMAP, IMAP_KEY), alias = login(&IMAP, &HOST, IMAP_KEY),
                      beside = login(&IMAP, &HTTP, IMAP_KEY);
    assert_ok(verify(&IMAP, &own));
    assert_ok(verify(&IMAP, &alias));
    assert_ok(verify(&IMAP, &beside));
}

static void a_key_beside_it_in_the_keytab_verifies_nothing(void **state) {
    UNUSED(state);
    const struct cred renamed = login(&IMAP, &HTTP, HTTP_KEY), own = login(&IMAP, &IMAP, HTTP_KEY);
    assert_code(verify(&IMAP, &renamed), OBOL_KRB_AP_ERR_NOT_US);
    assert_code(verify(&IMAP, &own), OBOL_KRB_AP_ERR_BAD_INTEGRITY);
    const struct cred http = login(&HTTP, &HTTP, HTTP_KEY);
    assert_ok(verify(&HTTP, &http));
}

static void a_server_that_the_keytab_lacks_verifies_nothing(void **state) {
    UNUSED(state);
    const struct cred renamed = login(&HOST, &HTTP, HTTP_KEY), own = login(&HOST, &HOST, HTTP_KEY);
    assert_code(verify(&HOST, &renamed), OBOL_KRB_AP_ERR_NOT_US);
    assert_non_null(strstr(err->detail, "HTTP/web@R is another name"));
    assert_non_null(strstr(error_remedy_text(err), "host/mail@R"));
    assert_code(verify(&HOST, &own), OBOL_KRB_AP_ERR_NOT_US);
    assert_non_null(strstr(err->detail, "host/mail@R"));
}

static void without_a_name_each_ticket_must_open_with_the_key_it_was_asked_for(void **state) {
    UNUSED(state);
    const struct cred http = login(&HTTP, &HTTP, HTTP_KEY);
    struct keytab_entry entries[] = {entry_of(&HTTP, HTTP_KEY)};
    const struct keytab_content keytab = {.entries = entries, .count = 1, .version = 2};
    const struct verify_params v = {
        .login = &http, .keytab = &keytab, .keytab_path = PATH_OF_KEYTAB};
    assert_ok(net_verify_login(&NET, &v, &arena, err));
    entries[0] = entry_of(&HTTP, IMAP_KEY);
    assert_code(net_verify_login(&NET, &v, &arena, err), OBOL_KRB_AP_ERR_BAD_INTEGRITY);
    entries[0] = entry_of(&ALICE, HTTP_KEY);
    error_init(err);
    assert_code(net_verify_login(&NET, &v, &arena, err), OBOL_KEYTAB_NO_ENTRY);
}

// Who has stolen the key of one server answers in the KDC's place for its name: where the machine
// has a key of its own, the others' are not looked at.
static void without_a_name_the_machine_s_own_key_is_the_only_one(void **state) {
    UNUSED(state);
    const struct cred http = login(&HTTP, &HTTP, HTTP_KEY), host = login(&HOST, &HOST, IMAP_KEY);
    struct keytab_entry entries[] = {entry_of(&HTTP, HTTP_KEY), entry_of(&HOST, IMAP_KEY)};
    const struct keytab_content keytab = {.entries = entries, .count = 2, .version = 2};
    const struct ccache_content held = {.principal = ALICE};
    struct verify_params v = {.login = &host, .keytab = &keytab, .keytab_path = PATH_OF_KEYTAB};
    assert_ok(ccache_open(&v.cache, SLICE_LITERAL("MEMORY:verify"), &conf, err));
    assert_ok(ccache_initialize(v.cache, &held, err));
    assert_ok(net_verify_login(&NET, &v, &arena, err));
    v.login = &http;
    assert_int_not_equal(net_verify_login(&NET, &v, &arena, err), OBOL_OK);
    ccache_close(v.cache);
}

// A host's name may come without its realm, which the KDC is to find (RFC 6806 8).
static void a_server_whose_realm_is_not_known_is_found_by_its_name(void **state) {
    UNUSED(state);
    struct principal imap = IMAP, host = HOST;
    imap.realm = host.realm = (struct slice){0};
    const struct cred own = login(&imap, &IMAP, IMAP_KEY), stolen = login(&imap, &IMAP, HTTP_KEY),
                      other = login(&host, &HTTP, HTTP_KEY);
    assert_ok(verify(&imap, &own));
    assert_code(verify(&imap, &stolen), OBOL_KRB_AP_ERR_BAD_INTEGRITY);
    assert_code(verify(&host, &other), OBOL_KRB_AP_ERR_NOT_US);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(the_named_server_s_key_opens_whatever_name_the_ticket_bears),
        cmocka_unit_test(a_key_beside_it_in_the_keytab_verifies_nothing),
        cmocka_unit_test(a_server_that_the_keytab_lacks_verifies_nothing),
        cmocka_unit_test(without_a_name_each_ticket_must_open_with_the_key_it_was_asked_for),
        cmocka_unit_test(without_a_name_the_machine_s_own_key_is_the_only_one),
        cmocka_unit_test(a_server_whose_realm_is_not_known_is_found_by_its_name),
    };
    return cmocka_run_group_tests(cases, arena_begin, arena_end);
}
