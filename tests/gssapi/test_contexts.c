// Contexts through the calls of RFC 2744 5.1, 5.3, 5.9, 5.19, 5.21 and 5.26: begun and accepted in
// this process with a ticket and a keytab on disk; and every way in which a call may be wrong.
#include "cred_support.h"
#include "gssapi/handles.h"
#include <gssapi/gssapi_krb5.h>

static OM_uint32 minor;

static gss_name_t target;

static int begin(void **state) {
    sandbox_of_service(state, NULL);
    make_login("ccache", 3600);
    target = import("HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE);
    return 0;
}
static int end(void **state) {
    gss_release_name(&minor, &target);
    return sandbox_end(state);
}

static OM_uint32 start(gss_ctx_id_t *ctx, gss_OID mech, gss_buffer_t in, gss_buffer_t out) {
    return gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, ctx, target, mech,
                                GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG, 0, NULL, in, NULL, out,
                                NULL, NULL);
}
static OM_uint32 take(gss_ctx_id_t *ctx, gss_buffer_t in, gss_buffer_t out) {
    return gss_accept_sec_context(&minor, ctx, GSS_C_NO_CREDENTIAL, in, NULL, NULL, NULL, out, NULL,
                                  NULL, NULL);
}

static void both_ends_stand_and_answer_questions(void **state) {
    UNUSED(state);
    gss_OID mechs[] = {gss_mech_krb5, SPNEGO};
    for (size_t n = 0; n < COUNT_OF(mechs); n++) {
        gss_ctx_id_t i = NULL, a = NULL;
        gss_buffer_desc to_a, to_i, none, text;
        gss_name_t source, service;
        gss_OID mech;
        OM_uint32 flags, life;
        int local, open;
        assert_major(start(&i, mechs[n], NULL, &to_a), GSS_S_CONTINUE_NEEDED);
        assert_complete(
            gss_inquire_context(&minor, i, NULL, NULL, &life, &mech, &flags, &local, &open));
        assert_true(local && !open);
        assert_major(gss_context_time(&minor, i, &life), GSS_S_NO_CONTEXT);
        assert_complete(take(&a, &to_a, &to_i));
        assert_complete(start(&i, mechs[n], &to_i, &none));
        assert_int_equal(none.length, 0);
        assert_complete(
            gss_inquire_context(&minor, a, &source, &service, &life, &mech, &flags, &local, &open));
        assert_true(open && !local && life > 3500);
        assert_ptr_equal(mech, gss_mech_krb5);
        assert_int_equal(flags, GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG |
                                    GSS_C_INTEG_FLAG | GSS_C_TRANS_FLAG | GSS_C_PROT_READY_FLAG);
        assert_complete(gss_display_name(&minor, source, &text, NULL));
        assert_string_equal(text.value, "alice@OBOL.TEST");
        gss_release_buffer(&minor, &text);
        gss_release_name(&minor, &source);
        gss_release_name(&minor, &service);
        assert_complete(gss_context_time(&minor, a, &life));
        // mistakes.md 2014-5352: no token from outside ends a context.
        assert_major(gss_process_context_token(&minor, a, &to_a), GSS_S_DEFECTIVE_TOKEN);
        assert_complete(gss_context_time(&minor, a, &life));
        gss_release_buffer(&minor, &to_a);
        gss_release_buffer(&minor, &to_i);
        assert_complete(gss_delete_sec_context(&minor, &i, &none));
        assert_complete(gss_delete_sec_context(&minor, &a, GSS_C_NO_BUFFER));
        assert_null(i);
        assert_complete(gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER));
    }
}

// mistakes.md 2017-11462, 2015-2695: a context whose step failed stays the program's, and every
// call says that it is none.
static void expect_dead(gss_ctx_id_t *ctx) {
    gss_buffer_desc b = text_buffer("x"), out;
    OM_uint32 life;
    gss_OID mech = SPNEGO;
    assert_non_null(*ctx);
    assert_major(gss_context_time(&minor, *ctx, &life), GSS_S_NO_CONTEXT);
    assert_major(gss_inquire_context(&minor, *ctx, NULL, NULL, NULL, &mech, NULL, NULL, NULL),
                 GSS_S_NO_CONTEXT);
    assert_null(mech); // what a failed call gives out is empty
    assert_major(gss_process_context_token(&minor, *ctx, &b), GSS_S_NO_CONTEXT);
    assert_major(gss_wrap(&minor, *ctx, 1, 0, &b, NULL, &out), GSS_S_NO_CONTEXT);
    assert_major(gss_get_mic(&minor, *ctx, 0, &b, &out), GSS_S_NO_CONTEXT);
    assert_complete(gss_delete_sec_context(&minor, ctx, GSS_C_NO_BUFFER));
    assert_null(*ctx);
}

static void a_failed_context_stays_and_can_be_deleted(void **state) {
    UNUSED(state);
    gss_OID mechs[] = {gss_mech_krb5, SPNEGO};
    for (size_t n = 0; n < COUNT_OF(mechs); n++) {
        gss_ctx_id_t i = NULL, a = NULL;
        gss_buffer_desc to_a, to_i, out, bad[] = {{0}, text_buffer("nonsense")};
        for (size_t k = 0; k < COUNT_OF(bad); k++) {
            assert_major(start(&i, mechs[n], NULL, &to_a), GSS_S_CONTINUE_NEEDED);
            assert_major(start(&i, mechs[n], &bad[k], &out), GSS_S_DEFECTIVE_TOKEN);
            assert_int_equal(out.length, 0);
            assert_major(start(&i, mechs[n], &to_a, &out), GSS_S_NO_CONTEXT);
            expect_dead(&i);
            gss_release_buffer(&minor, &to_a);
        }
        // Our own token, thrown back.
        assert_major(start(&i, mechs[n], NULL, &to_a), GSS_S_CONTINUE_NEEDED);
        assert_major(start(&i, mechs[n], &to_a, &out), GSS_S_DEFECTIVE_TOKEN);
        expect_dead(&i);
        // A first token that is none leaves no handle; with a replay the client is told.
        assert_major(take(&a, &bad[1], &to_i), GSS_S_DEFECTIVE_TOKEN);
        assert_null(a);
        gss_release_buffer(&minor, &to_i);
        assert_complete(take(&a, &to_a, &to_i));
        gss_release_buffer(&minor, &to_i);
        assert_complete(gss_delete_sec_context(&minor, &a, GSS_C_NO_BUFFER));
        assert_major(take(&a, &to_a, &to_i), GSS_S_FAILURE | GSS_S_DUPLICATE_TOKEN);
        assert_null(a);
        assert_true(to_i.length > 0);
        gss_release_buffer(&minor, &to_i);
        gss_release_buffer(&minor, &to_a);
    }
}

static void a_later_failure_of_an_acceptor_leaves_a_dead_context(void **state) {
    UNUSED(state);
    gss_ctx_id_t a = NULL;
    gss_buffer_desc empty = {0, (void *)(uintptr_t) ""}, out, bad = text_buffer("nonsense");
    assert_major(take(&a, &empty, &out), GSS_S_CONTINUE_NEEDED); // SPNEGO's hints
    assert_true(out.length > 0);
    gss_release_buffer(&minor, &out);
    assert_major(take(&a, &bad, &out), GSS_S_DEFECTIVE_TOKEN);
    gss_release_buffer(&minor, &out);
    assert_major(take(&a, &bad, &out), GSS_S_NO_CONTEXT);
    expect_dead(&a);
}

static void wrong_arguments_get_their_status(void **state) {
    UNUSED(state);
    gss_ctx_id_t i = NULL, a = NULL;
    gss_buffer_desc out, some = text_buffer("x");
    const OM_uint32 write = GSS_S_CALL_INACCESSIBLE_WRITE, read = GSS_S_CALL_INACCESSIBLE_READ;
    const gss_OID_desc strange = {3, (void *)(uintptr_t) "abc"};
    gss_OID unknown = (gss_OID)(uintptr_t)&strange;
    struct gss_name_struct *no_name = (struct gss_name_struct *)(void *)&some;
    assert_int_equal(gss_init_sec_context(NULL, NULL, &i, target, NULL, 0, 0, NULL, NULL, NULL,
                                          &out, NULL, NULL),
                     write);
    assert_major(gss_init_sec_context(&minor, NULL, NULL, target, NULL, 0, 0, NULL, NULL, NULL,
                                      &out, NULL, NULL),
                 write);
    assert_major(gss_init_sec_context(&minor, NULL, &i, target, NULL, 0, 0, NULL, NULL, NULL, NULL,
                                      NULL, NULL),
                 write);
    assert_major(gss_init_sec_context(&minor, NULL, &i, NULL, NULL, 0, 0, NULL, NULL, NULL, &out,
                                      NULL, NULL),
                 read | GSS_S_BAD_NAME);
    assert_major(gss_init_sec_context(&minor, NULL, &i, no_name, NULL, 0, 0, NULL, NULL, NULL, &out,
                                      NULL, NULL),
                 GSS_S_BAD_NAME);
    assert_major(gss_init_sec_context(&minor, (gss_cred_id_t)target, &i, target, NULL, 0, 0, NULL,
                                      NULL, NULL, &out, NULL, NULL),
                 GSS_S_NO_CRED);
    assert_major(start(&i, unknown, NULL, &out), GSS_S_BAD_MECH);
    assert_major(start(&i, gss_mech_krb5, &some, &out), GSS_S_DEFECTIVE_TOKEN);
    assert_null(i);
    assert_int_equal(
        gss_accept_sec_context(NULL, &a, NULL, &some, NULL, NULL, NULL, &out, NULL, NULL, NULL),
        write);
    assert_major(take(NULL, &some, &out), write);
    assert_major(take(&a, &some, NULL), write);
    assert_major(take(&a, NULL, &out), read);
    a = (gss_ctx_id_t)target; // a handle of another kind
    assert_major(take(&a, &some, &out), GSS_S_NO_CONTEXT);
    assert_major(gss_delete_sec_context(&minor, &a, NULL), GSS_S_NO_CONTEXT);
    assert_major(gss_delete_sec_context(&minor, NULL, NULL), write | GSS_S_NO_CONTEXT);
    assert_int_equal(gss_delete_sec_context(NULL, &a, NULL), write);
    assert_major(gss_context_time(&minor, NULL, &(OM_uint32){0}), read | GSS_S_NO_CONTEXT);
    assert_major(gss_inquire_context(&minor, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
                 read | GSS_S_NO_CONTEXT);
    assert_major(gss_process_context_token(&minor, NULL, &some), read | GSS_S_NO_CONTEXT);
}

static void a_context_is_of_one_end(void **state) {
    UNUSED(state);
    gss_ctx_id_t i = NULL;
    gss_buffer_desc to_a, out;
    assert_major(start(&i, gss_mech_krb5, NULL, &to_a), GSS_S_CONTINUE_NEEDED);
    assert_major(take(&i, &to_a, &out), GSS_S_NO_CONTEXT);
    gss_release_buffer(&minor, &to_a);
    assert_complete(gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER));
}

static void what_there_is_no_ticket_for_is_told(void **state) {
    UNUSED(state);
    gss_ctx_id_t i = NULL;
    gss_buffer_desc out;
    setenv("KRB5CCNAME", sandbox_path("no-cache"), 1);
    assert_major(start(&i, SPNEGO, NULL, &out), GSS_S_NO_CRED);
    assert_non_null(strstr(status_text(0, minor), "no-cache"));
    assert_null(i);
    make_login("ccache2", -3600);
    setenv("KRB5CCNAME", sandbox_path("ccache2"), 1);
    assert_major(start(&i, gss_mech_krb5, NULL, &out), GSS_S_CREDENTIALS_EXPIRED);
    assert_null(i);
}

static const uint8_t OTHER_KEY[32] = "a key that opens nothing of this";

// A keytab of one key.
static void lay_key(const char *file, const char *name, uint32_t kvno, const uint8_t *bytes) {
    struct arena a;
    assert_true(arena_init(&a, 1 << 12, 1 << 16));
    struct keytab_entry e = {.principal = parsed(name, &a),
                             .timestamp = 1,
                             .kvno = kvno,
                             .key = {ENCTYPE_AES256_SHA1, slice_of(bytes, 32)}};
    (void)unlink(sandbox_path(file));
    assert_ok(keytab_add(sandbox_path(file), &e, 1, NULL));
    setenv("KRB5_KTNAME", sandbox_path(file), 1);
    arena_clear(&a);
}

static void what_a_keytab_lacks_is_told_to_both_ends(void **state) {
    UNUSED(state);
    const struct {
        const char *name;
        uint32_t kvno;
        enum obol_code code;
        const char *facts, *remedy;
    } rows[] = {
        {"HTTP/other.obol.test", 3, OBOL_KRB_AP_ERR_NOT_US, "holds HTTP/other.obol.test@OBOL.TEST",
         "or add the key: obol keytab create"},
        {"HTTP/web.obol.test", 2, OBOL_KRB_AP_ERR_BADKEYVER, "kvno wanted 3; ",
         "clients must get a fresh ticket"},
        {"HTTP/web.obol.test", 3, OBOL_KRB_AP_ERR_BAD_INTEGRITY,
         "kvno in ticket 3; enctype in ticket 18; service HTTP/web.obol.test@OBOL.TEST",
         "extract the keytab again"},
    };
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        gss_ctx_id_t i = NULL, a = NULL;
        gss_buffer_desc to_a, to_i, out;
        lay_key("keytab2", rows[n].name, rows[n].kvno, OTHER_KEY);
        assert_major(start(&i, gss_mech_krb5, NULL, &to_a), GSS_S_CONTINUE_NEEDED);
        assert_true(GSS_ERROR(take(&a, &to_a, &to_i)));
        assert_int_equal((int32_t)minor, error_krb5_code(rows[n].code));
        const char *text = status_text(0, minor);
        if (!strstr(text, rows[n].facts) || !strstr(text, rows[n].remedy))
            fail_msg("no '%s' or no '%s' in: %s", rows[n].facts, rows[n].remedy, text);
        // The client learns as much as RFC 4120 has a number for.
        assert_true(GSS_ERROR(start(&i, gss_mech_krb5, &to_i, &out)));
        assert_int_equal((int32_t)minor, error_krb5_code(rows[n].code));
        gss_release_buffer(&minor, &to_a);
        gss_release_buffer(&minor, &to_i);
        assert_complete(gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER));
    }
}

static void a_name_that_is_not_accepted_for_is_told(void **state) {
    UNUSED(state);
    const char *names[] = {"HTTP/web.obol.test@OBOL.TEST"};
    gss_buffer_desc text = text_buffer("HTTP@other.obol.test"), to_a, to_i;
    gss_name_t other;
    gss_cred_id_t cred;
    gss_ctx_id_t i = NULL, a = NULL;
    lay_key("keytab2", "HTTP/other.obol.test", 3, OTHER_KEY);
    make_keytab("keytab2", names, 1);
    assert_complete(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &other));
    assert_complete(gss_acquire_cred(&minor, other, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL));
    assert_major(start(&i, gss_mech_krb5, NULL, &to_a), GSS_S_CONTINUE_NEEDED);
    assert_true(GSS_ERROR(gss_accept_sec_context(&minor, &a, cred, &to_a, NULL, NULL, NULL, &to_i,
                                                 NULL, NULL, NULL)));
    assert_int_equal((int32_t)minor, error_krb5_code(OBOL_KRB_AP_ERR_NOT_US));
    const char *said = status_text(0, minor);
    assert_non_null(strstr(said, "HTTP/web.obol.test@OBOL.TEST is another name"));
    assert_non_null(strstr(said, "Ask for the service as HTTP@other.obol.test"));
    gss_release_buffer(&minor, &to_i);
    assert_complete(take(&a, &to_a, &to_i)); // one that accepts for any
    gss_release_buffer(&minor, &to_i);
    assert_complete(gss_delete_sec_context(&minor, &a, GSS_C_NO_BUFFER));
    assert_complete(gss_release_cred(&minor, &cred));
    gss_release_buffer(&minor, &to_a);
    assert_complete(gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER));
    gss_release_name(&minor, &other);
}

// RFC 2744 5.1: a token of a mechanism that the credential is not for.
static void a_credential_accepts_its_own_mechanisms_only(void **state) {
    UNUSED(state);
    const char *names[] = {"HTTP/web.obol.test@OBOL.TEST"};
    make_keytab("keytab", names, 1);
    setenv("KRB5_KTNAME", sandbox_path("keytab"), 1);
    static const struct {
        unsigned has;
        OM_uint32 krb5, spnego, hints; // SPNEGO's, which an empty token asks for
    } rows[] = {
        {1, GSS_S_COMPLETE, GSS_S_BAD_MECH, GSS_S_DEFECTIVE_TOKEN},
        {2, GSS_S_BAD_MECH, GSS_S_COMPLETE, GSS_S_CONTINUE_NEEDED},
        {3, GSS_S_COMPLETE, GSS_S_COMPLETE, GSS_S_CONTINUE_NEEDED},
        {4, GSS_S_COMPLETE, GSS_S_BAD_MECH, GSS_S_DEFECTIVE_TOKEN},
        {8, GSS_S_BAD_MECH, GSS_S_BAD_MECH, GSS_S_DEFECTIVE_TOKEN},
    };
    const gss_OID all[] = {gss_mech_krb5, SPNEGO, gss_mech_krb5_wrong, gss_mech_iakerb};
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        gss_OID_desc room[4];
        gss_OID_set_desc mechs = {0, room};
        gss_cred_id_t cred;
        for (unsigned k = 0; k < 4; k++)
            if (rows[n].has & 1u << k)
                room[mechs.count++] = *all[k];
        assert_complete(gss_acquire_cred(&minor, NULL, 0, &mechs, GSS_C_ACCEPT, &cred, NULL, NULL));
        for (unsigned k = 0; k < 3; k++) {
            gss_ctx_id_t i = NULL, a = NULL;
            gss_buffer_desc token = {0, (void *)(uintptr_t) ""}, out;
            if (k < 2)
                assert_major(start(&i, all[k], NULL, &token), GSS_S_CONTINUE_NEEDED);
            assert_major(gss_accept_sec_context(&minor, &a, cred, &token, NULL, NULL, NULL, &out,
                                                NULL, NULL, NULL),
                         k == 0   ? rows[n].krb5
                         : k == 1 ? rows[n].spnego
                                  : rows[n].hints);
            gss_release_buffer(&minor, &out);
            if (k < 2)
                gss_release_buffer(&minor, &token);
            (void)gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER);
            (void)gss_delete_sec_context(&minor, &a, GSS_C_NO_BUFFER);
        }
        assert_complete(gss_release_cred(&minor, &cred));
    }
}

// krb5.conf says of which realm a host is, and may change while a context stands.
static void read_another_krb5_conf(gss_name_t name) {
    gss_name_t there;
    sandbox_write("krb5.conf.2", "[libdefaults]\n default_realm = OTHER.TEST\n");
    setenv("KRB5_CONFIG", sandbox_path("krb5.conf.2"), 1);
    assert_complete(gss_canonicalize_name(&minor, name, gss_mech_krb5, &there));
    gss_release_name(&minor, &there);
    setenv("KRB5_CONFIG", sandbox_path("krb5.conf"), 1);
    assert_int_equal(unlink(sandbox_path("krb5.conf.2")), 0);
}

static void the_name_of_the_target_may_go_before_the_context(void **state) {
    UNUSED(state);
    const struct {
        const char *text;
        gss_OID type;
    } rows[] = {{"HTTP@web.obol.test", GSS_C_NT_HOSTBASED_SERVICE},
                {"HTTP/web.obol.test@OBOL.TEST", gss_nt_krb5_name},
                {"HTTP/web.obol.test", GSS_C_NT_USER_NAME}};
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        gss_buffer_desc text = text_buffer(rows[n].text), token, exported, shown;
        gss_name_t name, of_context;
        gss_ctx_id_t i = NULL;
        assert_complete(gss_import_name(&minor, &text, rows[n].type, &name));
        assert_complete(gss_init_sec_context(&minor, NULL, &i, name, gss_mech_krb5, 0, 0, NULL,
                                             NULL, NULL, &token, NULL, NULL));
        read_another_krb5_conf(name);
        gss_release_name(&minor, &name); // AddressSanitizer tells who reads it or the first file
        for (size_t k = 0; k < 2; k++) {
            assert_complete(
                gss_inquire_context(&minor, i, NULL, &of_context, NULL, NULL, NULL, NULL, NULL));
            assert_complete(gss_display_name(&minor, of_context, &shown, NULL));
            assert_slice_str(slice_of(shown.value, shown.length), "HTTP/web.obol.test@OBOL.TEST");
            gss_release_buffer(&minor, &shown);
            gss_release_name(&minor, &of_context);
            if (k == 1)
                break;
            assert_complete(gss_export_sec_context(&minor, &i, &exported));
            assert_complete(gss_import_sec_context(&minor, &exported, &i));
            gss_release_buffer(&minor, &exported);
        }
        gss_release_buffer(&minor, &token);
        assert_complete(gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER));
    }
}

// Ruby's gssapi, whose finalizers take a handle for its own address (MIT's looks there, too).
static void a_handle_is_released_by_its_own_address(void **state) {
    UNUSED(state);
    gss_name_t name, copy;
    gss_cred_id_t cred, more;
    gss_ctx_id_t i = NULL;
    gss_buffer_desc text = text_buffer("HTTP@web.obol.test"), token, exported;
    assert_complete(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name));
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL));
    assert_complete(gss_init_sec_context(&minor, cred, &i, name, gss_mech_krb5, 0, 0, NULL, NULL,
                                         NULL, &token, NULL, NULL));
    gss_release_buffer(&minor, &token);
    assert_complete(gss_export_sec_context(&minor, &i, &exported));
    assert_complete(gss_import_sec_context(&minor, &exported, &i));
    gss_release_buffer(&minor, &exported);
    assert_complete(gss_export_cred(&minor, cred, &exported));
    assert_complete(gss_import_cred(&minor, &exported, &more));
    gss_release_buffer(&minor, &exported);
    assert_complete(gss_duplicate_name(&minor, name, &copy));
    assert_complete(gss_delete_sec_context(&minor, (gss_ctx_id_t *)i, GSS_C_NO_BUFFER));
    assert_complete(gss_release_name(&minor, (gss_name_t *)name));
    assert_complete(gss_release_name(&minor, (gss_name_t *)copy));
    assert_complete(gss_release_cred(&minor, (gss_cred_id_t *)cred));
    assert_complete(gss_release_cred(&minor, (gss_cred_id_t *)more));
}

static void who_may_only_begin_accepts_nothing(void **state) {
    UNUSED(state);
    gss_cred_id_t cred;
    gss_ctx_id_t i = NULL, a = NULL;
    gss_buffer_desc token, out;
    assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_INITIATE, &cred, NULL, NULL));
    assert_major(start(&i, gss_mech_krb5, NULL, &token), GSS_S_CONTINUE_NEEDED);
    assert_major(
        gss_accept_sec_context(&minor, &a, cred, &token, NULL, NULL, NULL, &out, NULL, NULL, NULL),
        GSS_S_NO_CRED);
    assert_null(a);
    assert_non_null(strstr(status_text(0, minor), "for beginning contexts only"));
    gss_release_buffer(&minor, &token);
    assert_complete(gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER));
    assert_complete(gss_release_cred(&minor, &cred));
}

// The code that programs know from MIT's: the ticket's own enctype and the session key's count.
static void what_krb5_conf_does_not_permit_is_refused(void **state) {
    UNUSED(state);
    static const struct {
        const char *permitted, *refused; // the ticket is of aes256-sha1, its key of aes256-sha384
    } rows[] = {{"aes256-cts-hmac-sha1-96", "session key"},
                {"aes256-cts-hmac-sha384-192", "ticket"},
                {"aes256-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192", NULL}};
    for (size_t n = 0; n < COUNT_OF(rows); n++) {
        gss_ctx_id_t i = NULL, a = NULL;
        gss_buffer_desc to_a, to_i;
        char conf[512];
        assert_major(start(&i, gss_mech_krb5, NULL, &to_a), GSS_S_CONTINUE_NEEDED);
        (void)snprintf(conf, sizeof conf,
                       "[libdefaults]\n default_realm = OBOL.TEST\n"
                       " permitted_enctypes = %s\n",
                       rows[n].permitted);
        const char *names[] = {"permitted-0", "permitted-1", "permitted-2"};
        sandbox_write(names[n], conf);
        setenv("KRB5_CONFIG", sandbox_path(names[n]), 1);
        OM_uint32 major = take(&a, &to_a, &to_i);
        setenv("KRB5_CONFIG", sandbox_path("krb5.conf"), 1);
        assert_int_equal(unlink(sandbox_path(names[n])), 0);
        assert_int_equal(major, rows[n].refused ? GSS_S_FAILURE : GSS_S_COMPLETE);
        if (rows[n].refused) {
            assert_int_equal((int32_t)minor, KRB5_NOPERM_ETYPE);
            assert_non_null(strstr(status_text(0, minor), rows[n].refused));
        }
        (void)gss_release_buffer(&minor, &to_i);
        (void)gss_release_buffer(&minor, &to_a);
        (void)gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER);
        (void)gss_delete_sec_context(&minor, &a, GSS_C_NO_BUFFER);
    }
}

static void a_session_key_that_is_not_allowed_is_told_with_what_helps(void **state) {
    UNUSED(state);
    krb5_enctype only[] = {ENCTYPE_AES256_SHA1, ENCTYPE_AES256_SHA384};
    for (size_t n = 0; n < COUNT_OF(only); n++) {
        gss_ctx_id_t i = NULL, a = NULL;
        gss_cred_id_t cred;
        gss_buffer_desc to_a, to_i;
        assert_complete(gss_acquire_cred(&minor, NULL, 0, NULL, GSS_C_ACCEPT, &cred, NULL, NULL));
        assert_complete(gss_krb5_set_allowable_enctypes(&minor, cred, 1, &only[n]));
        assert_major(start(&i, gss_mech_krb5, NULL, &to_a), GSS_S_CONTINUE_NEEDED);
        OM_uint32 major = gss_accept_sec_context(&minor, &a, cred, &to_a, NULL, NULL, NULL, &to_i,
                                                 NULL, NULL, NULL);
        assert_int_equal(GSS_ERROR(major) != 0, only[n] == ENCTYPE_AES256_SHA1);
        if (GSS_ERROR(major)) {
            const char *said = status_text(0, minor);
            assert_non_null(strstr(said, "session key is of aes256-cts-hmac-sha384-192, which"));
            assert_non_null(strstr(said, ". Give the service keys of enctypes that it allows"));
        }
        gss_release_buffer(&minor, &to_i);
        gss_release_buffer(&minor, &to_a);
        assert_complete(gss_delete_sec_context(&minor, &a, GSS_C_NO_BUFFER));
        assert_complete(gss_delete_sec_context(&minor, &i, GSS_C_NO_BUFFER));
        assert_complete(gss_release_cred(&minor, &cred));
    }
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void) {
    const struct CMUnitTest cases[] = {
        CASE(both_ends_stand_and_answer_questions),
        CASE(a_failed_context_stays_and_can_be_deleted),
        CASE(a_later_failure_of_an_acceptor_leaves_a_dead_context),
        CASE(wrong_arguments_get_their_status),
        CASE(a_context_is_of_one_end),
        CASE(what_there_is_no_ticket_for_is_told),
        CASE(what_a_keytab_lacks_is_told_to_both_ends),
        CASE(a_name_that_is_not_accepted_for_is_told),
        CASE(a_credential_accepts_its_own_mechanisms_only),
        CASE(the_name_of_the_target_may_go_before_the_context),
        CASE(a_handle_is_released_by_its_own_address),
        CASE(who_may_only_begin_accepts_nothing),
        CASE(a_session_key_that_is_not_allowed_is_told_with_what_helps),
        CASE(what_krb5_conf_does_not_permit_is_refused),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
