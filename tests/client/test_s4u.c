// A service acts for users (MS-SFU) from realm to realm: our client between the KDCs of three
// realms in a row, A.TEST, B.TEST and C.TEST, in one process.
#include "../krb/certificates.h"
#include "../test.h"
#include "admin/admin.h"
#include "admin/trust.h"
#include "client/as.h"
#include "client/tgs.h"
#include "crypto/crypto.h"
#include "kdc/kdc.h"
#include "krb/principal.h"
#include "proto/codes.h"
#include "proto/s4u.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FRONT "HTTP/front.a.test@A.TEST"

enum { REALMS = 3 };
static const char *const NAMES[REALMS] = {"A.TEST", "B.TEST", "C.TEST"};
static struct realm {
    char dir[64];
    struct admin *admin;
    struct kdc *kdc;
} realms[REALMS];
static struct arena arena, kdc_arena;
static struct error err;
static struct cred tgt; // of FRONT
static unsigned asked[REALMS];
static bool plain[REALMS];    // its KDC knows of no service by name@REALM
static struct certificate ca; // of all three realms
static struct pki_trust *trusted;
static struct kdc_pkinit pkinit;
static struct slice (*alter)(struct slice reply, size_t realm); // what somebody on the way does

static const struct slice NONE;
static const struct slice PASSWORD = SLICE_LITERAL("correct horse");
static const struct slice SHARED = SLICE_LITERAL("between the two of us");

// B.TEST stands between the two others.
static bool path_find(const void *ctx, struct slice from, struct slice to, struct arena *a,
                      struct slice_list *out) {
    UNUSED(ctx);
    bool far = !slice_eq_str(from, NAMES[1]) && !slice_eq_str(to, NAMES[1]) && !slice_eq(from, to);
    *out = (struct slice_list){arena_zalloc(a, 1, sizeof(struct slice)), far ? 1 : 0};
    if (out->items)
        out->items[0] = slice_str(NAMES[1]);
    return out->items != NULL;
}

static struct slice host_find(const void *ctx, struct slice host) {
    UNUSED(ctx);
    for (size_t i = 0; i < REALMS; i++)
        if (slice_eq_nocase(slice_sub(host, host.len > 6 ? host.len - 6 : 0, 6),
                            slice_str(NAMES[i])))
            return slice_str(NAMES[i]);
    return (struct slice){0};
}

static void add(struct admin *adm, const char *name, enum admin_kind kind, uint32_t flags) {
    int32_t etype = ENCTYPE_AES128_SHA1;
    const struct admin_new_principal p = {.name = slice_str(name),
                                          .kind = kind,
                                          .set_flags = flags,
                                          .keys = {.password = &PASSWORD, .enctypes = {&etype, 1}}};
    assert_ok(admin_principal_add(adm, &p, &err));
}

static void trust(size_t a, size_t b) {
    int32_t etype = ENCTYPE_AES128_SHA1;
    const struct admin_new_trust t = {.realm = slice_str(NAMES[b]),
                                      .ways = ADMIN_TRUST_BOTH,
                                      .password = &SHARED,
                                      .enctypes = {&etype, 1}};
    assert_ok(admin_trust_add(realms[a].admin, &t, &err));
}

static void open_realm(size_t i) {
    struct realm *r = &realms[i];
    char back[64];
    strcpy(r->dir, "/tmp/obol-s4u-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    const struct admin_options o = {
        .home = r->dir, .ops = &STORE_MEMORY, .realm = slice_str(NAMES[i])};
    assert_ok(admin_realm_create(&r->admin, &o, env_system(), &err));
    add(r->admin, "user", ADMIN_USER, 0);
    add(r->admin, "shy", ADMIN_USER, RECORD_NO_FORWARDABLE);
    snprintf(back, sizeof back, "HTTP/back.%c.test", 'a' + (int)i);
    add(r->admin, back, ADMIN_SERVICE, 0);
    if (i == 0)
        add(r->admin, "HTTP/front.a.test", ADMIN_SERVICE, RECORD_TRUSTED_TO_AUTH);
    if (i > 0)
        trust(i, i - 1);
    if (i + 1 < REALMS)
        trust(i, i + 1);
    struct slice front = slice_str(FRONT);
    struct admin_change change = {.delegate_from = {&front, 1}};
    assert_ok(admin_principal_set(r->admin, slice_str(back), &change, &err));
    struct kdc_config config = {.realm = slice_str(NAMES[i]),
                                .store = r->admin->store,
                                .master = r->admin->master,
                                .env = env_system()};
    kdc_policy_default(&config.policy);
    config.policy.path = (struct realm_path_source){NULL, path_find};
    config.policy.host_realm = (struct kdc_host_realm){NULL, host_find};
    config.pkinit = &pkinit;
    assert_ok(kdc_new(&r->kdc, &config, &err));
}

// What a KDC of another make answers to an enterprise name of a service.
static struct slice not_known(struct slice request) {
    struct kdc_req req;
    struct slice out;
    if (der_decode(&TYPE_TGS_REQ, request, &arena, &req, NULL) != OBOL_OK ||
        req.req_body.sname.name_type != NT_ENTERPRISE)
        return (struct slice){0};
    struct krb_error e = {.pvno = 5,
                          .msg_type = KRB_ERROR,
                          .stime = env_now(env_system()),
                          .error_code = 7,
                          .realm = req.req_body.realm,
                          .sname = req.req_body.sname};
    assert_ok(der_encode(&TYPE_KRB_ERROR, &e, &arena, &out, NULL));
    return out;
}

static struct slice carry(const struct client_output *want) {
    struct slice reply = {0};
    size_t i = 0;
    while (i < REALMS && !slice_eq_str(want->realm, NAMES[i]))
        i++;
    assert_true(i < REALMS);
    if (plain[i] && (reply = not_known(want->message)).len)
        return reply;
    const struct kdc_request request = {.bytes = want->message};
    struct kdc_result result;
    asked[i]++;
    arena_reset(&kdc_arena);
    assert_ok(kdc_renew(realms[i].kdc, NULL));
    assert_ok(kdc_handle(realms[i].kdc, &request, &kdc_arena, &result));
    assert_true(arena_copy(&arena, result.reply, &reply));
    return alter ? alter(reply, i) : reply;
}

static struct principal name(const char *text) {
    struct principal p;
    assert_ok(principal_parse(slice_str(text), (struct slice){0}, NT_PRINCIPAL, &arena, &p, NULL));
    return p;
}

static void login(void) {
    struct as_client c;
    struct as_params p = {.client = name(FRONT), .options = KDC_OPT_FORWARDABLE, .lifetime = 3600};
    struct client_output want = {.want = CLIENT_SEND};
    struct slice reply = {0};
    struct secret secret;
    assert_true(secret_copy(&secret, PASSWORD));
    assert_ok(as_client_init(&c, &p, env_system(), &arena, &err));
    as_client_password(&c, &secret);
    for (;;) {
        assert_ok(as_client_step(&c, reply, &want, &err));
        if (want.want == CLIENT_DONE)
            break;
        reply = carry(&want);
    }
    tgt = c.ticket;
    secret_clear(&secret);
}

static int setup(void **state) {
    UNUSED(state);
    error_init(&err);
    alter = NULL;
    assert_true(arena_init(&arena, 1 << 16, 1 << 26));
    assert_true(arena_init(&kdc_arena, 1 << 16, 1 << 24));
    ca = certificate_ca("CA", env_now(env_system()) - 60, NULL, &arena);
    trusted = certificate_trust(&ca);
    pkinit = (struct kdc_pkinit){.identity = ca.identity, .trust = trusted};
    for (size_t i = 0; i < REALMS; i++)
        open_realm(i);
    login();
    return 0;
}
static int teardown(void **state) {
    UNUSED(state);
    static const char *const files[] = {"kdc.conf", "master.key"};
    for (size_t i = 0; i < REALMS; i++) {
        char path[512];
        kdc_free(realms[i].kdc);
        admin_close(realms[i].admin);
        for (size_t k = 0; k < COUNT_OF(files); k++) {
            snprintf(path, sizeof path, "%s/%s", realms[i].dir, files[k]);
            unlink(path);
        }
        rmdir(realms[i].dir);
    }
    pki_trust_free(trusted);
    pki_identity_free(ca.identity);
    arena_clear(&arena);
    arena_clear(&kdc_arena);
    return 0;
}

static enum obol_code run(const struct tgs_params *p, struct tgs_client *c) {
    struct client_output want;
    struct slice reply = {0};
    error_init(&err);
    memset(asked, 0, sizeof asked);
    TRY(tgs_client_init(c, p, env_system(), &arena, &err));
    for (;;) {
        TRY(tgs_client_step(c, reply, &want, &err));
        if (want.want == CLIENT_DONE)
            return OBOL_OK;
        reply = carry(&want);
    }
}

static void set_path(struct tgs_params *p, struct slice to) {
    assert_true(path_find(NULL, slice_str(NAMES[0]), to, &arena, &p->path));
}

static enum obol_code self(const struct principal *user, struct tgs_client *c) {
    struct tgs_params p = {.tgt = &tgt,
                           .service = name(FRONT),
                           .options = KDC_OPT_CANONICALIZE | KDC_OPT_FORWARDABLE,
                           .act_for = user,
                           .s4u_self = true};
    set_path(&p, user->realm);
    return run(&p, c);
}

static enum obol_code proxy(const struct principal *user, const struct cred *evidence,
                            const char *target, bool knows_realm, struct tgs_client *c) {
    struct tgs_params p = {.tgt = &tgt,
                           .service = name(target),
                           .options = KDC_OPT_CANONICALIZE | KDC_OPT_FORWARDABLE |
                                      KDC_OPT_CNAME_IN_ADDL_TKT,
                           .act_for = user,
                           .additional_ticket = evidence->ticket};
    if (knows_realm) {
        set_path(&p, p.service.realm);
    } else {
        p.service.realm = (struct slice){0};
        p.service.name.name_type = NT_SRV_HST;
    }
    return run(&p, c);
}

static void a_user_of_any_realm_is_named_in_a_ticket_to_ourselves(void **state) {
    UNUSED(state);
    static const char *const users[REALMS] = {"user@A.TEST", "user@B.TEST", "user@C.TEST"};
    struct tgs_client c;
    for (size_t i = 0; i < REALMS; i++) {
        struct principal user = name(users[i]);
        if (self(&user, &c) != OBOL_OK)
            fail_msg("%s: %s", users[i], err.detail);
        assert_slice_str(principal_text(&c.ticket.client, &arena), users[i]);
        assert_slice_str(principal_text(&c.ticket.server, &arena), FRONT);
        assert_true(c.ticket.flags & TKT_FORWARDABLE);
        // The TGTs with the user's PAC are kept nowhere.
        assert_int_equal(c.tgt_count, i);
        assert_int_equal(c.round_trips, i ? 2 * i + 1 : 1);
        // Who is not there, and one that is named by a suffix.
        user = name(i == 0 ? "nobody@A.TEST" : i == 1 ? "nobody@B.TEST" : "nobody@C.TEST");
        assert_code(self(&user, &c), OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN);
    }
}

static void a_name_that_the_kdc_knows_better_stands_in_the_ticket(void **state) {
    UNUSED(state);
    struct slice part = SLICE_LITERAL("user@B.TEST");
    const struct principal user = {slice_str("B.TEST"), {NT_ENTERPRISE, {&part, 1}}};
    struct tgs_client c;
    struct slice part_here = SLICE_LITERAL("user@A.TEST");
    const struct principal here = {slice_str("A.TEST"), {NT_ENTERPRISE, {&part_here, 1}}};
    assert_ok(self(&here, &c));
    assert_slice_str(principal_text(&c.ticket.client, &arena), "user@A.TEST");
    assert_ok(self(&user, &c));
    assert_slice_str(c.ticket.client.realm, "B.TEST");
}

// By an enterprise name, or (text "") by a certificate.
static enum obol_code whose(const char *text, struct slice certificate, struct principal *out) {
    struct slice *part = arena_alloc(&arena, sizeof *part);
    *part = slice_str(text);
    const int32_t type = certificate.len ? NT_X500_PRINCIPAL : NT_ENTERPRISE;
    const struct as_params p = {.client = {slice_str("A.TEST"), {type, {part, 1}}},
                                .certificate = certificate,
                                .options = KDC_OPT_CANONICALIZE,
                                .only_realm = true};
    struct as_client c;
    struct client_output want;
    struct slice reply = {0};
    error_init(&err);
    memset(asked, 0, sizeof asked);
    TRY(as_client_init(&c, &p, env_system(), &arena, &err));
    for (;;) {
        TRY(as_client_step(&c, reply, &want, &err));
        if (want.want == CLIENT_DONE)
            break;
        assert_int_equal(want.want, CLIENT_SEND); // no key is wanted
        reply = carry(&want);
    }
    *out = c.client;
    assert_int_equal(c.ticket.ticket.len, 0);
    assert_code(as_client_step(&c, reply, &want, &err), OBOL_INVALID_ARGUMENT);
    return OBOL_OK;
}

static void the_realm_of_a_user_is_found_by_his_enterprise_name(void **state) {
    UNUSED(state);
    static const char *const users[REALMS] = {"user@A.TEST", "user@B.TEST", "user@C.TEST"};
    struct principal user;
    struct tgs_client c;
    for (size_t i = 0; i < REALMS; i++) {
        assert_ok(whose(users[i], NONE, &user));
        assert_slice_str(user.realm, NAMES[i]);
        assert_int_equal(asked[0], 1);
        assert_int_equal(asked[i], 1);
        assert_ok(self(&user, &c));
        assert_slice_str(principal_text(&c.ticket.client, &arena), users[i]);
    }
    // Without preauthentication he gets a ticket, which is let go; who must not log in is known.
    const struct admin_change easy = {.clear_flags = RECORD_REQUIRES_PREAUTH};
    assert_ok(admin_principal_set(realms[2].admin, SLICE_LITERAL("user"), &easy, &err));
    assert_ok(whose("user@C.TEST", NONE, &user));
    assert_slice_str(user.realm, "C.TEST");
    assert_code(whose("nobody@C.TEST", NONE, &user), OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN);
    assert_int_equal(asked[2], 1);
    assert_code(whose("user@none.example", NONE, &user), OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN);
}

static struct slice certificate_of(const char *user, const struct certificate *issuer) {
    struct slice der;
    struct certificate c =
        certificate_for(user, PKI_PURPOSE_CLIENT, env_now(env_system()) - 60, issuer, &arena);
    assert_ok(pki_certificate_der(c.pem, &arena, &der, &err));
    pki_identity_free(c.identity);
    return der;
}

static enum obol_code self_by(struct slice certificate, const struct principal *user,
                              struct tgs_client *c) {
    struct tgs_params p = {.tgt = &tgt,
                           .service = name(FRONT),
                           .options = KDC_OPT_CANONICALIZE | KDC_OPT_FORWARDABLE,
                           .act_for = user,
                           .s4u_self = true,
                           .certificate = certificate};
    set_path(&p, user->realm);
    return run(&p, c);
}

// A KDC that knows no certificates gives a ticket, and does not say whose.
static struct slice without_an_answer(struct slice reply, size_t realm) {
    struct kdc_rep rep;
    struct slice out;
    if (realm != 0 || reply.ptr[0] != 0x6d)
        return reply;
    assert_ok(der_decode(&TYPE_TGS_REP, reply, &arena, &rep, NULL));
    rep.present &= ~(uint32_t)KDC_REP_PADATA;
    assert_ok(der_encode(&TYPE_TGS_REP, &rep, &arena, &out, NULL));
    return out;
}

static void a_user_of_any_realm_is_found_by_his_certificate(void **state) {
    UNUSED(state);
    static const char *const users[REALMS] = {"user@A.TEST", "user@B.TEST", "user@C.TEST"};
    struct principal user = {0}, nobody, shy = name("shy@A.TEST");
    struct tgs_client c;
    for (size_t i = 0; i < REALMS; i++) {
        struct slice shown = certificate_of(users[i], &ca);
        assert_ok(whose("", shown, &user));
        assert_slice_str(user.realm, NAMES[i]);
        nobody = (struct principal){user.realm, {0}};
        assert_ok(self_by(shown, &nobody, &c));
        assert_slice_str(principal_text(&c.ticket.client, &arena), users[i]);
        nobody = name(users[i]); // called by his name beside it
        assert_ok(self_by(shown, &nobody, &c));
        assert_slice_str(principal_text(&c.ticket.client, &arena), users[i]);
    }
    struct slice shown = certificate_of(users[0], &ca);
    nobody = (struct principal){slice_str(NAMES[0]), {0}};
    assert_code(self_by(shown, &shy, &c), OBOL_KDC_ERR_CLIENT_NAME_MISMATCH);
    alter = without_an_answer;
    assert_code(self_by(shown, &nobody, &c), OBOL_REPLY_MISMATCH);
    assert_code(self_by(shown, &(struct principal){nobody.realm, name(users[0]).name}, &c),
                OBOL_REPLY_MISMATCH);
    alter = NULL;
    struct certificate other = certificate_ca("other", env_now(env_system()) - 60, NULL, &arena);
    shown = certificate_of(users[0], &other);
    assert_code(whose("", shown, &user), OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE);
    assert_code(self_by(shown, &nobody, &c), OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE);
    shown = certificate_of("gone@C.TEST", &ca);
    assert_code(whose("", shown, &user), OBOL_KDC_ERR_C_PRINCIPAL_UNKNOWN);
    pki_identity_free(other.identity);
}

static void a_service_acts_towards_those_of_every_realm_for_users_of_every_realm(void **state) {
    UNUSED(state);
    static const char *const users[REALMS] = {"user@A.TEST", "user@B.TEST", "user@C.TEST"};
    static const char *const targets[REALMS] = {
        "HTTP/back.a.test@A.TEST", "HTTP/back.b.test@B.TEST", "HTTP/back.c.test@C.TEST"};
    struct tgs_client c;
    for (size_t i = 0; i < REALMS; i++) {
        struct principal user = name(users[i]);
        assert_ok(self(&user, &c));
        struct cred evidence = c.ticket;
        for (size_t k = 0; k < 2 * REALMS; k++) {
            if (proxy(&user, &evidence, targets[k / 2], k % 2, &c) != OBOL_OK)
                fail_msg("%s to %s (%zu): %s", users[i], targets[k / 2], k, err.detail);
            assert_slice_str(principal_text(&c.ticket.client, &arena), users[i]);
            assert_slice_str(principal_text(&c.ticket.server, &arena), targets[k / 2]);
        }
    }
}

static void a_kdc_that_knows_plain_names_only_is_asked_for_those(void **state) {
    UNUSED(state);
    struct principal user = name("user@A.TEST");
    struct tgs_client c;
    assert_ok(self(&user, &c));
    struct cred evidence = c.ticket;
    for (size_t i = 0; i < REALMS; i++) {
        memset(plain, 0, sizeof plain);
        plain[i] = true;
        if (proxy(&user, &evidence, "HTTP/back.c.test@C.TEST", true, &c) != OBOL_OK)
            fail_msg("%s: %s", NAMES[i], err.detail);
        assert_slice_str(principal_text(&c.ticket.server, &arena), "HTTP/back.c.test@C.TEST");
        // One that is there under neither name.
        assert_code(proxy(&user, &evidence, "HTTP/none.c.test@C.TEST", true, &c),
                    OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    }
    memset(plain, 0, sizeof plain);
}

static void what_the_kdcs_refuse_comes_to_no_ticket(void **state) {
    UNUSED(state);
    struct principal user = name("user@A.TEST"), shy = name("shy@A.TEST"), far = name("shy@C.TEST");
    struct slice front = slice_str(FRONT);
    struct tgs_client c;
    assert_ok(self(&shy, &c));
    struct cred evidence = c.ticket;
    assert_code(proxy(&shy, &evidence, "HTTP/back.b.test@B.TEST", true, &c),
                OBOL_KDC_ERR_BADOPTION);
    assert_int_equal(asked[1], 0); // its own realm says no
    assert_ok(self(&far, &c));
    evidence = c.ticket;
    assert_false(evidence.flags & TKT_FORWARDABLE);
    assert_code(proxy(&far, &evidence, "HTTP/back.b.test@B.TEST", true, &c),
                OBOL_KDC_ERR_BADOPTION);
    assert_ok(self(&user, &c));
    evidence = c.ticket;
    assert_code(proxy(&user, &evidence, "HTTP/none.b.test@B.TEST", true, &c),
                OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_code(proxy(&user, &evidence, "HTTP/back.none@NONE.TEST", true, &c),
                OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN);
    struct admin_change change = {.delegate_from_no = {&front, 1}};
    assert_ok(
        admin_principal_set(realms[2].admin, SLICE_LITERAL("HTTP/back.c.test"), &change, NULL));
    assert_code(proxy(&user, &evidence, "HTTP/back.c.test@C.TEST", true, &c),
                OBOL_KDC_ERR_BADOPTION);
    assert_int_equal(asked[2], 1);
    assert_non_null(strstr(err.detail, "C.TEST"));
}

// ---- who stands in between

static struct slice with_another_user(struct slice reply, size_t realm) {
    struct kdc_rep rep;
    struct pa_s4u_x509_user pa;
    struct slice out;
    if (realm != 0 || reply.ptr[0] != 0x6d)
        return reply;
    assert_ok(der_decode(&TYPE_TGS_REP, reply, &arena, &rep, NULL));
    if (!(rep.present & KDC_REP_PADATA))
        return reply;
    assert_ok(
        der_decode(&TYPE_PA_S4U_X509_USER, rep.padata.items[0].padata_value, &arena, &pa, NULL));
    pa.user_id.raw = (struct slice){0};
    pa.user_id.cname = name("shy@A.TEST").name;
    rep.cname = pa.user_id.cname;
    assert_ok(
        der_encode(&TYPE_PA_S4U_X509_USER, &pa, &arena, &rep.padata.items[0].padata_value, NULL));
    assert_ok(der_encode(&TYPE_TGS_REP, &rep, &arena, &out, NULL));
    return out;
}
static struct slice with_a_plain_name(struct slice reply, size_t realm) {
    struct kdc_rep rep;
    struct slice out;
    if (realm != 0 || reply.ptr[0] != 0x6d)
        return reply;
    assert_ok(der_decode(&TYPE_TGS_REP, reply, &arena, &rep, NULL));
    rep.present &= ~(uint32_t)KDC_REP_PADATA;
    rep.cname = name("shy@A.TEST").name;
    assert_ok(der_encode(&TYPE_TGS_REP, &rep, &arena, &out, NULL));
    return out;
}

static void nobody_on_the_way_changes_whom_the_ticket_is_of(void **state) {
    UNUSED(state);
    struct slice part = SLICE_LITERAL("user@A.TEST");
    const struct principal loose = {slice_str("A.TEST"), {NT_ENTERPRISE, {&part, 1}}},
                           user = name("user@A.TEST");
    const struct principal *const users[] = {&loose, &user};
    struct tgs_client c;
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        alter = with_another_user;
        assert_code(self(users[i], &c), OBOL_REPLY_MISMATCH);
        alter = with_a_plain_name;
        assert_code(self(users[i], &c), OBOL_REPLY_MISMATCH);
        alter = NULL;
        assert_ok(self(users[i], &c));
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_user_of_any_realm_is_named_in_a_ticket_to_ourselves),
        CASE(the_realm_of_a_user_is_found_by_his_enterprise_name),
        CASE(a_user_of_any_realm_is_found_by_his_certificate),
        CASE(a_name_that_the_kdc_knows_better_stands_in_the_ticket),
        CASE(a_service_acts_towards_those_of_every_realm_for_users_of_every_realm),
        CASE(a_kdc_that_knows_plain_names_only_is_asked_for_those),
        CASE(what_the_kdcs_refuse_comes_to_no_ticket),
        CASE(nobody_on_the_way_changes_whom_the_ticket_is_of),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
