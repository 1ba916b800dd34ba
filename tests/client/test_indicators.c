// Authentication indicators (RFC 8129) in an AD-CAMMAC (RFC 7751): which mechanism earns them, that
// they go from TGT to service ticket, what services require, and that nobody can make or move them.
#include "krb/seal.h"
#include "proto/authdata.h"
#include "way.h"

static struct slice STRONG[] = {{(const uint8_t *)"strong", 6}};

static int setup(void **state) {
    if (preauth_setup(state) != 0)
        return -1;
    struct realm *r = *state;
    r->config.policy.spake_indicators = (struct slice_list){STRONG, 1};
    restart_kdc(r);
    return 0;
}

static void require(struct realm *r, const char *service, const char *value) {
    struct record_attribute attribute = {SLICE_LITERAL("require_auth"), slice_str(value)};
    const struct admin_change change = {.attributes = {&attribute, 1}};
    assert_ok(admin_principal_set(r->admin, slice_str(service), &change, &r->error));
}

static const int32_t ONLY_TIMESTAMP[] = {PA_ENC_TIMESTAMP, 0};
static struct cred tgt_of(struct realm *r, const char *client, bool by_spake) {
    struct as_client as;
    struct as_params p = {.client = name_of(r, client),
                          .preauth_allowed = by_spake ? NULL : ONLY_TIMESTAMP};
    assert_ok(login(r, &p, RIGHT, &as));
    return as.ticket;
}
static enum obol_code fetch(struct realm *r, const struct cred *tgt, struct tgs_client *c) {
    struct tgs_params t = {.tgt = tgt, .service = name_of(r, "HTTP/web")};
    return ticket(r, &t, c);
}

// The key of a principal that sealed a ticket.
static struct crypto_key *key_of(struct realm *r, const char *name, int32_t etype) {
    struct admin_keytab keytab;
    struct crypto_key *key = NULL;
    assert_ok(admin_keytab_keys(r->admin, slice_str(name), NULL, &r->arena, &keytab, NULL));
    for (size_t i = 0; i < keytab.count && !key; i++)
        if (keytab.items[i].enctype == etype)
            assert_ok(crypto_key_in_arena(&key, &r->arena, etype, keytab.items[i].bytes, NULL));
    assert_non_null(key);
    return key;
}
static struct enc_ticket_part opened(struct realm *r, const char *service, const struct cred *c,
                                     struct crypto_key **key) {
    struct ticket t;
    struct enc_ticket_part part;
    assert_ok(der_decode(&TYPE_TICKET, c->ticket, &r->arena, &t, NULL));
    *key = key_of(r, service, t.enc_part.etype);
    assert_ok(
        krb_open(&TYPE_ENC_TICKET_PART, &t.enc_part, *key, KU_TICKET, &r->arena, &part, NULL));
    return part;
}
// The CAMMACs of a ticket; *last is the last one.
static size_t cammacs(struct realm *r, const struct enc_ticket_part *part, struct ad_cammac *last) {
    size_t count = 0;
    const struct authdata_list *list = &part->authorization_data;
    for (size_t i = 0; part->present & ENC_TICKET_PART_AUTHORIZATION_DATA && i < list->count; i++) {
        struct authdata_list inside;
        if (list->items[i].ad_type != AD_IF_RELEVANT)
            continue;
        assert_ok(
            der_decode(&TYPE_AUTHORIZATION_DATA, list->items[i].ad_data, &r->arena, &inside, NULL));
        if (inside.count == 0 || inside.items[0].ad_type != AD_CAMMAC)
            continue;
        assert_ok(der_decode(&TYPE_AD_CAMMAC, inside.items[0].ad_data, &r->arena, last, NULL));
        count++;
    }
    return count;
}

static void an_indicator_goes_from_the_login_into_the_service_ticket(void **state) {
    struct realm *r = *state;
    struct tgs_client c;
    struct crypto_key *key;
    struct ad_cammac cammac;
    struct slice_list words;
    struct cred tgt = tgt_of(r, "alice", true);
    assert_ok(fetch(r, &tgt, &c));
    struct enc_ticket_part part = opened(r, "HTTP/web", &c.ticket, &key);
    assert_int_equal(cammacs(r, &part, &cammac), 1); // that of the TGT is not there, too
    assert_int_equal(cammac.elements.items[0].ad_type, AD_AUTHENTICATION_INDICATOR);
    assert_ok(der_decode(&TYPE_AD_AUTHENTICATION_INDICATOR, cammac.elements.items[0].ad_data,
                         &r->arena, &words, NULL));
    assert_int_equal(words.count, 1);
    assert_slice_str(words.items[0], "strong");
    // Both verifiers hold, each over what RFC 7751 3 says.
    struct slice contents = encoded(r, &TYPE_AUTHORIZATION_DATA, &cammac.elements);
    assert_ok(crypto_verify(key, KU_CAMMAC, cammac.svc_verifier.mac.cksumtype, contents,
                            cammac.svc_verifier.mac.checksum, NULL));
    part.authorization_data = cammac.elements;
    struct slice covered = encoded(r, &TYPE_ENC_TICKET_PART, &part);
    key = key_of(r, "krbtgt/EXAMPLE.COM", ENCTYPE_AES256_SHA384);
    assert_ok(crypto_verify(key, KU_CAMMAC, cammac.kdc_verifier.mac.cksumtype, covered,
                            cammac.kdc_verifier.mac.checksum, NULL));
}

static void another_mechanism_earns_none(void **state) {
    struct realm *r = *state;
    struct tgs_client c;
    struct crypto_key *key;
    struct ad_cammac cammac;
    struct cred tgt = tgt_of(r, "alice", false);
    assert_ok(fetch(r, &tgt, &c));
    struct enc_ticket_part part = opened(r, "HTTP/web", &c.ticket, &key);
    assert_int_equal(cammacs(r, &part, &cammac), 0);
}

static void a_service_gets_what_it_requires(void **state) {
    struct realm *r = *state;
    struct tgs_client c;
    struct cred strong = tgt_of(r, "alice", true), weak = tgt_of(r, "alice", false);
    require(r, "HTTP/web", "otp strong");
    assert_ok(fetch(r, &strong, &c));
    assert_code(fetch(r, &weak, &c), OBOL_KDC_ERR_POLICY);
    require(r, "HTTP/web", "otp");
    assert_code(fetch(r, &strong, &c), OBOL_KDC_ERR_POLICY);
}

static void so_it_is_for_tickets_that_the_as_issues(void **state) {
    struct realm *r = *state;
    struct as_client as;
    struct principal service = name_of(r, "HTTP/web");
    struct as_params p = {.client = name_of(r, "alice"), .service = &service};
    require(r, "HTTP/web", "strong");
    assert_ok(login(r, &p, RIGHT, &as));
    p.preauth_allowed = ONLY_TIMESTAMP;
    assert_code(login(r, &p, RIGHT, &as), OBOL_KDC_ERR_POLICY);
}

static void the_challenge_in_armor_has_an_indicator_of_its_own(void **state) {
    struct realm *r = *state;
    static struct slice hardened[] = {{(const uint8_t *)"hardened", 8}};
    struct as_client as;
    struct tgs_client c;
    struct cred host = tgt_of(r, "bob", true);
    struct as_params p = {.client = name_of(r, "alice"), .armor = &host, .armor_required = true};
    require(r, "HTTP/web", "hardened");
    assert_ok(login(r, &p, RIGHT, &as));
    assert_code(fetch(r, &as.ticket, &c), OBOL_KDC_ERR_POLICY);
    r->config.policy.encrypted_challenge_indicators = (struct slice_list){hardened, 1};
    restart_kdc(r);
    assert_ok(login(r, &p, RIGHT, &as));
    assert_ok(fetch(r, &as.ticket, &c));
}

// A ticket of bob's with what stood in alice's, sealed as only the KDC can: even so it is not his.
static struct cred with_authdata(struct realm *r, const struct cred *to,
                                 const struct authdata_list *authdata) {
    struct crypto_key *key;
    struct cred out = *to;
    struct ticket t;
    struct enc_ticket_part part = opened(r, "krbtgt/EXAMPLE.COM", to, &key);
    part.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    part.authorization_data = *authdata;
    assert_ok(der_decode(&TYPE_TICKET, to->ticket, &r->arena, &t, NULL));
    assert_ok(krb_seal(&TYPE_ENC_TICKET_PART, &part, key, KU_TICKET, (uint32_t)t.enc_part.kvno,
                       &r->client_env, &r->arena, &t.enc_part, NULL));
    t.raw = (struct slice){0};
    out.ticket = encoded(r, &TYPE_TICKET, &t);
    return out;
}
static void an_indicator_cannot_be_moved_to_another_ticket(void **state) {
    struct realm *r = *state;
    struct tgs_client c;
    struct crypto_key *key;
    r->config.policy.pac = false; // it would notice the move by itself
    restart_kdc(r);
    struct cred strong = tgt_of(r, "alice", true), weak = tgt_of(r, "bob", false);
    struct authdata_list moved = opened(r, "krbtgt/EXAMPLE.COM", &strong, &key).authorization_data;
    require(r, "HTTP/web", "strong");
    struct cred same = with_authdata(r, &strong, &moved); // sealing it again changes nothing
    assert_ok(fetch(r, &same, &c));
    struct cred forged = with_authdata(r, &weak, &moved);
    assert_code(fetch(r, &forged, &c), OBOL_KDC_ERR_POLICY);
}

int main(void) {
#define INDICATOR_CASE(f) cmocka_unit_test_setup_teardown(f, setup, realm_teardown)
    const struct CMUnitTest tests[] = {
        INDICATOR_CASE(an_indicator_goes_from_the_login_into_the_service_ticket),
        INDICATOR_CASE(another_mechanism_earns_none),
        INDICATOR_CASE(a_service_gets_what_it_requires),
        INDICATOR_CASE(so_it_is_for_tickets_that_the_as_issues),
        INDICATOR_CASE(the_challenge_in_armor_has_an_indicator_of_its_own),
        INDICATOR_CASE(an_indicator_cannot_be_moved_to_another_ticket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
