// Logins and tickets step by step (krb5_init_creds_step, krb5_tkt_creds_step) against our KDC in
// this process: the program carries the messages.
#include "../client/realm.h"
// clang-format off
#include "compat.h"
// clang-format on

static struct realm *r;

static int start(void **state) {
    if (compat_start(NULL) != 0 || realm_setup(state) != 0)
        return -1;
    r = *state;
    r->server.now = env_now(env_system()); // the library's clock is the system's
    return kdc_renew(r->kdc, NULL) == OBOL_OK ? 0 : -1;
}
static int stop(void **state) {
    return realm_teardown(state) + compat_stop(state);
}

typedef krb5_error_code step_fn(krb5_context, void *, krb5_data *, krb5_data *, krb5_data *,
                                unsigned *);

// Carries messages to the KDC until the step fails or is over; `limit` is the longest reply that
// goes by UDP (0: any).
static krb5_error_code carry_all(step_fn *step, void *ctx, size_t limit, unsigned *carried) {
    krb5_data in = {0}, out, realm;
    unsigned flags;
    size_t max = limit;
    for (*carried = 0;; ++*carried) {
        krb5_error_code code = step(context, ctx, &in, &out, &realm, &flags);
        if (code == KRB5KRB_ERR_RESPONSE_TOO_BIG && limit) {
            max = 0; // by TCP
            code = 0;
        }
        if (code || !flags)
            return code;
        assert_int_equal(flags, KRB5_INIT_CREDS_STEP_FLAG_CONTINUE);
        assert_slice_str(slice_of(realm.data, realm.length), "EXAMPLE.COM");
        struct slice reply = realm_handle(r, slice_of(out.data, out.length), max);
        in = (krb5_data){0, (unsigned)reply.len, (char *)(uintptr_t)reply.ptr};
        krb5_free_data_contents(context, &out);
        krb5_free_data_contents(context, &realm);
    }
}
static krb5_error_code init_step(krb5_context c, void *ctx, krb5_data *in, krb5_data *out,
                                 krb5_data *realm, unsigned *flags) {
    return krb5_init_creds_step(c, ctx, in, out, realm, flags);
}
static krb5_error_code tkt_step(krb5_context c, void *ctx, krb5_data *in, krb5_data *out,
                                krb5_data *realm, unsigned *flags) {
    return krb5_tkt_creds_step(c, ctx, in, out, realm, flags);
}

// What the KDC said last, if it refused.
static void assert_refusal(krb5_init_creds_context ctx, krb5_ui_4 expected) {
    krb5_error *error;
    assert_int_equal(krb5_init_creds_get_error(context, ctx, &error), 0);
    assert_true((error != NULL) == (expected != 0));
    if (!error)
        return;
    assert_int_equal(error->error, expected);
    assert_non_null(error->server);
    krb5_free_error(context, error);
}

static krb5_error_code log_in(const char *password, size_t limit, krb5_creds *out) {
    krb5_init_creds_context ctx;
    krb5_principal alice = named("alice");
    krb5_ticket_times times;
    unsigned carried;
    assert_int_equal(krb5_init_creds_init(context, alice, NULL, NULL, 0, NULL, &ctx), 0);
    assert_int_equal(krb5_init_creds_set_password(context, ctx, password), 0);
    assert_int_equal(krb5_init_creds_get_times(context, ctx, &times), KRB5_NO_TKT_SUPPLIED);
    assert_refusal(ctx, 0);
    krb5_error_code code = carry_all(init_step, ctx, limit, &carried);
    assert_refusal(ctx, code ? 24 : 0); // KDC_ERR_PREAUTH_FAILED
    if (code == 0) {
        assert_true(carried >= 2);
        assert_int_equal(krb5_init_creds_get_creds(context, ctx, out), 0);
        assert_int_equal(krb5_init_creds_get_times(context, ctx, &times), 0);
        assert_int_equal(times.endtime, out->times.endtime);
        // It is over.
        krb5_data none = {0}, realm;
        unsigned flags;
        assert_int_equal(krb5_init_creds_step(context, ctx, &none, &none, &realm, &flags), EINVAL);
        assert_int_equal(krb5_init_creds_get(context, ctx), EINVAL);
    }
    krb5_init_creds_free(context, ctx);
    krb5_free_principal(context, alice);
    return code;
}

static void a_login_goes_step_by_step(void **state) {
    UNUSED(state);
    static const size_t limits[] = {0, 200}; // by TCP, too
    for (size_t n = 0; n < COUNT_OF(limits); n++) {
        krb5_creds creds;
        char *name;
        assert_int_equal(log_in("correct horse", limits[n], &creds), 0);
        assert_int_equal(krb5_unparse_name(context, creds.server, &name), 0);
        assert_string_equal(name, "krbtgt/EXAMPLE.COM@EXAMPLE.COM");
        krb5_free_unparsed_name(context, name);
        krb5_free_cred_contents(context, &creds);
    }
    assert_int_equal(log_in("wrong", 0, NULL), KRB5KDC_ERR_PREAUTH_FAILED);
}

// The same handle, with another password.
static void a_login_that_failed_begins_anew(void **state) {
    UNUSED(state);
    krb5_init_creds_context ctx;
    krb5_principal alice = named("alice");
    unsigned carried;
    assert_int_equal(krb5_init_creds_init(context, alice, NULL, NULL, 0, NULL, &ctx), 0);
    assert_int_equal(krb5_init_creds_set_password(context, ctx, "wrong"), 0);
    assert_int_equal(carry_all(init_step, ctx, 0, &carried), KRB5KDC_ERR_PREAUTH_FAILED);
    assert_refusal(ctx, 24);
    assert_int_equal(krb5_init_creds_set_password(context, ctx, "correct horse"), 0);
    assert_int_equal(carry_all(init_step, ctx, 0, &carried), 0);
    assert_refusal(ctx, 0);
    assert_int_equal(krb5_init_creds_get_error(context, ctx, NULL), EINVAL);
    assert_int_equal(krb5_init_creds_get(context, NULL), EINVAL);
    krb5_init_creds_free(context, ctx);
    krb5_free_principal(context, alice);
}

// No KDC can be reached from here: it says so, also where steps went before.
static void a_login_at_once_says_what_it_did_not_reach(void **state) {
    UNUSED(state);
    for (int steps = 0; steps < 2; steps++) {
        krb5_init_creds_context ctx;
        krb5_principal alice = named("alice");
        krb5_data in = {0}, out, realm;
        unsigned flags;
        assert_int_equal(krb5_init_creds_init(context, alice, NULL, NULL, 0, NULL, &ctx), 0);
        assert_int_equal(krb5_init_creds_set_password(context, ctx, "correct horse"), 0);
        for (int n = 0; n < steps; n++) {
            assert_int_equal(krb5_init_creds_step(context, ctx, &in, &out, &realm, &flags), 0);
            krb5_free_data_contents(context, &out);
            krb5_free_data_contents(context, &realm);
        }
        assert_int_equal(krb5_init_creds_get(context, ctx), KRB5_REALM_UNKNOWN);
        assert_refusal(ctx, 0);
        krb5_init_creds_free(context, ctx);
        krb5_free_principal(context, alice);
    }
}

static krb5_error_code fetch(krb5_ccache cc, const char *service, unsigned *carried) {
    krb5_creds want = {.client = named("alice"), .server = named(service)}, got;
    krb5_tkt_creds_context ctx;
    krb5_ticket_times times;
    assert_int_equal(krb5_tkt_creds_init(context, cc, &want, 0, &ctx), 0);
    assert_int_equal(krb5_tkt_creds_get_times(context, ctx, &times), KRB5_NO_TKT_SUPPLIED);
    krb5_error_code code = carry_all(tkt_step, ctx, 0, carried);
    if (code == 0) {
        assert_int_equal(krb5_tkt_creds_get_creds(context, ctx, &got), 0);
        assert_true(krb5_principal_compare(context, got.server, want.server));
        assert_int_equal(krb5_tkt_creds_get_times(context, ctx, &times), 0);
        assert_int_equal(times.endtime, got.times.endtime);
        krb5_free_cred_contents(context, &got);
    } else {
        assert_int_equal(krb5_tkt_creds_get_creds(context, ctx, &got), KRB5_NO_TKT_SUPPLIED);
    }
    krb5_tkt_creds_free(context, ctx);
    krb5_free_cred_contents(context, &want);
    return code;
}

static void a_ticket_is_fetched_step_by_step_and_kept(void **state) {
    UNUSED(state);
    krb5_ccache cc;
    krb5_creds tgt;
    unsigned carried;
    assert_int_equal(log_in("correct horse", 0, &tgt), 0);
    assert_int_equal(krb5_cc_resolve(context, "MEMORY:steps", &cc), 0);
    assert_int_equal(krb5_cc_initialize(context, cc, tgt.client), 0);
    assert_int_equal(fetch(cc, "HTTP/web", &carried), KRB5_CC_NOTFOUND); // no TGT to ask with
    assert_int_equal(krb5_cc_store_cred(context, cc, &tgt), 0);
    assert_int_equal(fetch(cc, "HTTP/web", &carried), 0);
    assert_int_equal(carried, 1);
    assert_int_equal(fetch(cc, "HTTP/web", &carried), 0); // from the cache
    assert_int_equal(carried, 0);
    assert_int_equal(fetch(cc, "HTTP/nowhere", &carried), KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN);
    assert_int_equal(krb5_tkt_creds_init(context, NULL, &tgt, 0, NULL), EINVAL);
    krb5_tkt_creds_free(context, NULL);
    krb5_free_cred_contents(context, &tgt);
    assert_int_equal(krb5_cc_destroy(context, cc), 0);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, start, stop)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(a_login_goes_step_by_step),
        CASE(a_login_that_failed_begins_anew),
        CASE(a_login_at_once_says_what_it_did_not_reach),
        CASE(a_ticket_is_fetched_step_by_step_and_kept),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
