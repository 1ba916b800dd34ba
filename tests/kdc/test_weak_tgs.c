// A weak key of krbtgt that stands first among its keys, beside a strong one of its kvno: what the
// KDC gives away and reads back itself, cookies, tokens of freshness and the checksums of
// indicators, is made with the strong one, and none made with the other is taken.
#include "../test.h"
#include "base/reader.h"
#include "pkinit.h"
#include "proto/authdata.h"

#define TGS_NAME "krbtgt/EXAMPLE.COM@EXAMPLE.COM"
#define WEB      "HTTP/web.example.com"

enum { PREAUTH_REQUIRED = 25, TOKEN_EXPIRED = 90 };

static const int32_t BOTH[] = {23, 20, 0}, WEAK[] = {23, 0};
static struct pkinit_realm p;
static struct realm *r = &p.r;

static void put_keys(const char *name, uint32_t flags, const int32_t *etypes) {
    struct record rec = realm_record(r, name, flags, 2, etypes);
    rec.id = realm_get(r, name).id;
    for (size_t k = 0; k < rec.keys.count; k++) {
        struct record_key *key = &rec.keys.items[k];
        must(master_seal(r->master, &r->env, rec.id, key, realm_key_bytes(r, name, 2, key->enctype),
                         &r->keep, err));
    }
    realm_put(r, &rec);
}
static void set_keys(const int32_t *etypes) {
    put_keys(TGS_NAME, RECORD_NO_CLIENT, etypes);
    realm_start_kdc(r);
}

static int setup(void **state) {
    UNUSED(state);
    pkinit_open(&p);
    r->policy.allow_weak = true;
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    pkinit_close(&p);
    return 0;
}

static struct slice fresh_token(void) {
    struct kdc_req req = realm_as_req(r, "alice", "krbtgt/EXAMPLE.COM");
    struct krb_error e;
    struct padata_list methods;
    struct slice kept = {0};
    realm_add_padata(r, &req, PA_AS_FRESHNESS, (struct slice){0});
    assert_int_equal(realm_send(r, realm_encode(r, &req)), PREAUTH_REQUIRED);
    must(der_decode(&TYPE_KRB_ERROR, r->result.reply, &r->arena, &e, err));
    must(der_decode(&TYPE_METHOD_DATA, e.e_data, &r->arena, &methods, err));
    const struct padata *token = pkinit_find(&methods, PA_AS_FRESHNESS);
    assert_true(token && arena_copy(&p.arena, token->padata_value, &kept));
    return kept;
}

static uint32_t etype_of(struct slice token) {
    struct reader in = reader_of(slice_sub(token, 8, token.len)); // magic, kvno
    return reader_be32(&in);
}

static int login(struct slice token, struct session *s) {
    struct pkinit_request q;
    pkinit_begin(&p, "alice", "P-256", &q);
    q.pack.pk_authenticator.present |= PK_AUTHENTICATOR_FRESHNESS_TOKEN;
    q.pack.pk_authenticator.freshness_token = token;
    int code = pkinit_send(&p, &p.alice, &q);
    if (code == 0)
        pkinit_take(&p, &q, certificate_principal("alice", &r->arena), s);
    pkinit_dh_clear(&q.dh);
    return code;
}

static void what_the_kdc_reads_back_is_sealed_with_the_strong_key(void **state) {
    UNUSED(state);
    struct session s = {0};
    p.settings.require_freshness = true;
    set_keys(WEAK);
    struct slice weak = fresh_token();
    assert_int_equal(etype_of(weak), 23); // alone it is what there is
    set_keys(BOTH);
    struct slice strong = fresh_token();
    assert_int_equal(etype_of(strong), 20);
    assert_int_equal(login(strong, &s), 0);
    assert_int_equal(login(weak, &s), TOKEN_EXPIRED);
}

static void indicators_are_signed_with_the_strong_key(void **state) {
    UNUSED(state);
    struct slice words[] = {SLICE_LITERAL("pkinit")};
    struct session s = {0}, ticket;
    struct authdata_list inside;
    struct ad_cammac cammac;
    p.settings.indicators = (struct slice_list){words, 1};
    set_keys(BOTH);
    assert_int_equal(login(fresh_token(), &s), 0);
    const struct enc_ticket_part t = realm_ticket(r, &s, TGS_NAME);
    const struct authdata *last = &t.authorization_data.items[t.authorization_data.count - 1];
    must(der_decode(&TYPE_AUTHORIZATION_DATA, last->ad_data, &r->arena, &inside, err));
    assert_int_equal(inside.items[0].ad_type, AD_CAMMAC);
    must(der_decode(&TYPE_AD_CAMMAC, inside.items[0].ad_data, &r->arena, &cammac, err));
    assert_int_equal(cammac.kdc_verifier.mac.cksumtype, CKSUMTYPE_HMAC_SHA384_192_AES256);
    // They are known again.
    struct record rec = realm_get(r, WEB "@EXAMPLE.COM");
    struct record_attribute require = {SLICE_LITERAL("require_auth"), SLICE_LITERAL("pkinit")};
    rec.attributes = (struct record_attribute_list){&require, 1};
    realm_put(r, &rec);
    struct kdc_req req = realm_tgs_req(r, WEB);
    assert_int_equal(realm_ask(r, &s, &req, &ticket), 0);
}

static void permit(const int32_t *etypes, size_t count) {
    memcpy(r->policy.enctypes, etypes, count * sizeof *etypes);
    r->policy.enctype_count = count;
    set_keys(BOTH);
}
static struct session login_of_alice(struct int32_list offered) {
    struct session s = {0};
    struct kdc_req req = realm_as_req(r, "alice", "krbtgt/EXAMPLE.COM");
    struct crypto_key *key = realm_key(r, "alice@EXAMPLE.COM", 2, offered.items[0]);
    req.req_body.etype = offered;
    realm_add_padata(r, &req, PA_ENC_TIMESTAMP, realm_timestamp(r, key, realm_time(r)));
    assert_int_equal(realm_send(r, realm_encode(r, &req)), 0);
    realm_take_reply(r, key, KU_AS_REP, &s);
    return s;
}
static int ticket_for(const struct session *s, struct int32_list offered) {
    struct kdc_req req = realm_tgs_req(r, WEB);
    struct session out = {0};
    req.req_body.etype = offered;
    return realm_ask(r, s, &req, &out);
}

// MIT's KDC would take it: whoever permits AES where RC4 was alone is told why tickets end.
static void a_tgt_of_before_a_stronger_enctype_was_permitted_says_so(void **state) {
    static int32_t etypes[] = {20, 23};
    const struct int32_list both = {etypes, 2}, weak = {etypes + 1, 1};
    UNUSED(state);
    put_keys("alice@EXAMPLE.COM", RECORD_REQUIRES_PREAUTH, BOTH);
    put_keys(WEB "@EXAMPLE.COM", RECORD_NO_CLIENT, BOTH);
    permit(etypes + 1, 1);
    struct session s = login_of_alice(weak);
    assert_int_equal(ticket_for(&s, weak), 0);
    permit(etypes, 2);
    assert_int_equal(ticket_for(&s, weak), 44);
    assert_non_null(strstr(r->result.event.error->detail, "a stronger enctype is permitted"));
    assert_non_null(strstr(error_remedy_text(r->result.event.error), "log in again"));
    s = login_of_alice(both);
    assert_int_equal(ticket_for(&s, both), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(what_the_kdc_reads_back_is_sealed_with_the_strong_key),
        CASE(indicators_are_signed_with_the_strong_key),
        CASE(a_tgt_of_before_a_stronger_enctype_was_permitted_says_so),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
