// A cookie (RFC 6113 5.2) is good for the login that it was made in: of the name by which the
// client was looked up, whatever else a request says that it is.
#include "../test.h"
#include "crypto/spake.h"
#include "kdc/cookie.h"
#include "pkinit.h"
#include "proto/spake.h"

enum { PREAUTH_FAILED = 24, MORE_PREAUTH = 91 };
static const char ANOTHER[] = "the cookie belongs to another client";

static struct pkinit_realm p;
static struct realm *r = &p.r;

static int setup(void **state) {
    UNUSED(state);
    pkinit_open(&p);
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    pkinit_close(&p);
    return 0;
}

// ---- cookie.c itself

static struct exchange login_of(const char *client, const char *server, struct kdc_event *event) {
    struct exchange x = {.kdc = r->kdc, .arena = &r->arena, .event = event};
    x.now = realm_time(r);
    x.server_name = realm_name(r, server);
    x.sought = realm_name(r, client).name;
    x.client_name = realm_name(r, "carol"); // what the ticket will say is another matter
    error_init(&x.err);
    return x;
}
static void bring(struct exchange *x, const struct padata *cookie) {
    struct padata *copy = arena_zalloc(&r->arena, 1, sizeof *copy);
    assert_non_null(copy);
    *copy = *cookie;
    x->req.present |= KDC_REQ_PADATA;
    x->req.padata = (struct padata_list){copy, 1};
}
// What the second request of a login gets for the cookie of the first.
static enum obol_code opened(struct exchange *x, int32_t mechanism, const struct padata *cookie) {
    struct slice state = {0};
    bring(x, cookie);
    enum obol_code code = cookie_open(x, mechanism, &state);
    if (code == OBOL_OK)
        assert_slice_str(state, "state");
    exchange_end(x);
    return code;
}
static struct padata sealed_for(const char *client, const char *server) {
    struct kdc_event event = {0};
    struct exchange x = login_of(client, server, &event);
    struct padata cookie;
    assert_ok(cookie_seal(&x, PA_SPAKE, SLICE_LITERAL("state"), &cookie));
    assert_int_equal(cookie.padata_type, PA_FX_COOKIE);
    exchange_end(&x);
    return cookie;
}

static void a_cookie_is_of_one_name_one_service_and_one_mechanism(void **state) {
    static const struct {
        const char *client, *server;
        int32_t mechanism;
        enum obol_code code;
    } rows[] = {
        {"alice", "krbtgt/EXAMPLE.COM", PA_SPAKE, OBOL_OK},
        {"bob", "krbtgt/EXAMPLE.COM", PA_SPAKE, OBOL_KDC_ERR_PREAUTH_FAILED},
        {"alice/admin", "krbtgt/EXAMPLE.COM", PA_SPAKE, OBOL_KDC_ERR_PREAUTH_FAILED},
        {"carol", "krbtgt/EXAMPLE.COM", PA_SPAKE, OBOL_KDC_ERR_PREAUTH_FAILED},
        {"alice", "kadmin/changepw", PA_SPAKE, OBOL_KDC_ERR_PREAUTH_FAILED},
        {"alice", "krbtgt/OTHER.ORG", PA_SPAKE, OBOL_KDC_ERR_PREAUTH_FAILED},
        {"alice", "krbtgt/EXAMPLE.COM", PA_PK_AS_REQ, OBOL_NOT_FOUND},
    };
    UNUSED(state);
    const struct padata cookie = sealed_for("alice", "krbtgt/EXAMPLE.COM");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kdc_event event = {0};
        struct exchange x = login_of(rows[i].client, rows[i].server, &event);
        assert_code(opened(&x, rows[i].mechanism, &cookie), rows[i].code);
        assert_int_equal(x.err.code == OBOL_KDC_ERR_PREAUTH_FAILED,
                         strstr(x.err.detail, ANOTHER) != NULL);
    }
}

static void a_cookie_is_good_for_minutes(void **state) {
    static const struct {
        int64_t later;
        enum obol_code code;
    } rows[] = {{COOKIE_LIFE, OBOL_OK},
                {COOKIE_LIFE + 1, OBOL_KDC_ERR_PREAUTH_EXPIRED},
                {-COOKIE_LIFE, OBOL_OK},
                {-COOKIE_LIFE - 1, OBOL_KDC_ERR_PREAUTH_EXPIRED}};
    UNUSED(state);
    const struct padata cookie = sealed_for("alice", "krbtgt/EXAMPLE.COM");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct kdc_event event = {0};
        struct exchange x = login_of("alice", "krbtgt/EXAMPLE.COM", &event);
        x.now += rows[i].later;
        assert_code(opened(&x, PA_SPAKE, &cookie), rows[i].code);
    }
}

static void no_cookie_cut_or_altered_anywhere_opens(void **state) {
    UNUSED(state);
    const struct padata cookie = sealed_for("alice", "krbtgt/EXAMPLE.COM");
    const size_t len = cookie.padata_value.len;
    uint8_t *bytes = arena_alloc(&r->arena, len);
    assert_non_null(bytes);
    memcpy(bytes, cookie.padata_value.ptr, len);
    for (size_t i = 0; i < 2 * len; i++) {
        struct kdc_event event = {0};
        struct exchange x = login_of("alice", "krbtgt/EXAMPLE.COM", &event);
        struct padata altered = {PA_FX_COOKIE, slice_of(bytes, i < len ? len : i - len)};
        bytes[i % len] ^= i < len ? 0x10 : 0;
        assert_int_not_equal(opened(&x, PA_SPAKE, &altered), OBOL_OK);
        bytes[i % len] ^= i < len ? 0x10 : 0;
    }
    struct kdc_event event = {0};
    struct exchange x = login_of("alice", "krbtgt/EXAMPLE.COM", &event);
    assert_ok(opened(&x, PA_SPAKE, &(struct padata){PA_FX_COOKIE, slice_of(bytes, len)}));
}

// ---- in a request

// A request that names bob, and beside him, if it shows a certificate, alice, who is then looked
// for.
static struct kdc_req request(bool shows, const struct pa_spake *spake) {
    struct kdc_req req = realm_as_req(r, "bob", "krbtgt/EXAMPLE.COM");
    struct slice der, value;
    must(pki_certificate_der(p.alice.pem, &r->arena, &der, err));
    must(der_encode(&TYPE_PA_SPAKE, spake, &r->arena, &value, err));
    req.req_body.cname.name_type = NT_X500_PRINCIPAL;
    if (shows)
        realm_add_padata(r, &req, PA_S4U_X509_USER, der);
    realm_add_padata(r, &req, PA_SPAKE, value);
    return req;
}
static struct padata cookie_of_a_challenge(bool shows) {
    int32_t group = SPAKE_GROUP_P256;
    const struct pa_spake support = {.present = PA_SPAKE_SUPPORT, .support = {{&group, 1}}};
    const struct kdc_req req = request(shows, &support);
    struct padata_list methods;
    struct krb_error e;
    struct padata out = {0};
    assert_int_equal(realm_send(r, realm_encode(r, &req)), MORE_PREAUTH);
    must(der_decode(&TYPE_KRB_ERROR, r->result.reply, &r->arena, &e, err));
    must(der_decode(&TYPE_METHOD_DATA, e.e_data, &r->arena, &methods, err));
    const struct padata *found = pkinit_find(&methods, PA_FX_COOKIE);
    assert_non_null(found);
    out.padata_type = PA_FX_COOKIE;
    assert_true(arena_copy(&r->arena, found->padata_value, &out.padata_value));
    return out;
}
// A response with no point in it, so that none is taken; what is told is why.
static bool is_told(bool shows, const struct padata *cookie, const char *why) {
    const struct pa_spake response = {
        .present = PA_SPAKE_RESPONSE,
        .response = {SLICE_LITERAL("no point"), {.etype = 18, .cipher = SLICE_LITERAL("nothing")}}};
    struct kdc_req req = request(shows, &response);
    realm_add_padata(r, &req, PA_FX_COOKIE, cookie->padata_value);
    assert_int_equal(realm_send(r, realm_encode(r, &req)), PREAUTH_FAILED);
    return strstr(r->result.event.error->detail, why) != NULL;
}

// cname is anybody's word where a certificate is shown: it must not bind the cookie.
static void a_cookie_of_one_client_is_not_taken_for_whom_a_certificate_names(void **state) {
    UNUSED(state);
    const struct padata bobs = cookie_of_a_challenge(false), alices = cookie_of_a_challenge(true);
    assert_true(is_told(false, &bobs, "no point of"));
    assert_true(is_told(true, &alices, "no point of"));
    assert_true(is_told(true, &bobs, ANOTHER));
    assert_true(is_told(false, &alices, ANOTHER));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_cookie_is_of_one_name_one_service_and_one_mechanism),
        CASE(a_cookie_is_good_for_minutes),
        CASE(no_cookie_cut_or_altered_anywhere_opens),
        CASE(a_cookie_of_one_client_is_not_taken_for_whom_a_certificate_names),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
