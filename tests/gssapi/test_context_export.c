// Contexts that leave the process: exported and imported, laid open, asked by OID.
#include "contexts.h"
#include "gssapi/attr.h"
#include "gssapi/name.h"

static OM_uint32 minor;

static gss_OID_desc question(const char *bytes, size_t len) {
    return (gss_OID_desc){(OM_uint32)len, (void *)(uintptr_t)bytes};
}
#define QUESTION(tail)                                                                             \
    question("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05" tail, sizeof("" tail) - 1 + 10u)

static void give_facts(gss_ctx_id_t ctx, struct arena *a) {
    struct gss_context *c = ctx->core;
    assert_ok(principal_parse(SLICE_LITERAL("alice@OBOL.TEST"), (struct slice){0}, NT_UNKNOWN, a,
                              &c->client, NULL));
    assert_ok(principal_parse(SLICE_LITERAL("HTTP/web.obol.test@OBOL.TEST"), (struct slice){0},
                              NT_UNKNOWN, a, &c->service, NULL));
    c->endtime = 1790003600;
    c->authtime = 1790000000;
    c->ticket_flags = 0x40a50000;
    static struct authdata items[] = {{128, {(const uint8_t *)"a PAC", 5}},
                                      {1,
                                       {(const uint8_t *)"\x30\x11\x30\x0f\xa0\x04\x02\x02\x01"
                                                         "\x2c\xa1\x07\x04\x05inner",
                                        19}}};
    c->authdata = (struct authdata_list){items, 2};
}

static void exchange(gss_ctx_id_t from, gss_ctx_id_t to) {
    gss_buffer_desc in = slice_buffer(mit_message(33)), token, out;
    assert_complete(gss_wrap(&minor, from, 1, 0, &in, NULL, &token));
    assert_complete(gss_unwrap(&minor, to, &token, &out, NULL, NULL));
    assert_slice_equal(gssapi_slice(&out), mit_message(33));
    assert_complete(gss_release_buffer(&minor, &out));
    assert_complete(gss_release_buffer(&minor, &token));
}

static void a_context_goes_on_where_it_is_imported(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    while (pair_next(&p)) {
        gss_buffer_desc token, replayed, in = slice_buffer(mit_message(5));
        give_facts(p.a, &p.m.v.arena);
        p.a->spnego = true;
        p.a->core->session = p.m.acceptor.key;
        exchange(p.i, p.a);
        assert_complete(gss_get_mic(&minor, p.i, 0, &in, &replayed));
        assert_complete(gss_verify_mic(&minor, p.a, &in, &replayed, NULL));
        assert_complete(gss_export_sec_context(&minor, &p.a, &token));
        assert_null(p.a);
        assert_complete(gss_import_sec_context(&minor, &token, &p.a));
        exchange(p.i, p.a);
        exchange(p.a, p.i);
        assert_major(gss_verify_mic(&minor, p.a, &in, &replayed, NULL), GSS_S_DUPLICATE_TOKEN);
        const struct gss_context *c = p.a->core;
        assert_slice_str(principal_text(&c->client, p.a->arena), "alice@OBOL.TEST");
        assert_slice_str(principal_text(&c->service, p.a->arena), "HTTP/web.obol.test@OBOL.TEST");
        assert_int_equal(c->endtime, 1790003600);
        assert_int_equal(c->ticket_flags, 0x40a50000);
        assert_slice_equal(crypto_key_bytes(c->session), crypto_key_bytes(p.m.acceptor.key));
        assert_int_equal(c->authdata.count, 2);
        assert_int_equal(p.a->flags, p.m.acceptor.flags);
        assert_true(p.a->spnego && !p.a->initiator && p.a->mech == gss_mech_krb5);
        assert_complete(gss_release_buffer(&minor, &replayed));
        assert_complete(gss_release_buffer(&minor, &token));
    }
}

// What the service's key has proved of the client, in whichever order it is asked for.
static void expect_proved(gss_ctx_id_t ctx) {
    gss_name_t name;
    gss_buffer_desc attr = text_buffer("auth-indicators"), value;
    int authenticated = 0, complete = 0, more = -1;
    assert_complete(gss_inquire_context(&minor, ctx, &name, NULL, NULL, NULL, NULL, NULL, NULL));
    assert_complete(gss_get_name_attribute(&minor, name, &attr, &authenticated, &complete, &value,
                                           NULL, &more));
    assert_string_equal(value.value, "strong");
    assert_true(authenticated && complete);
    assert_complete(gss_release_buffer(&minor, &value));
    attr = text_buffer("urn:mspac:");
    assert_major(gss_get_name_attribute(&minor, name, &attr, &authenticated, &complete, &value,
                                        NULL, &(int){-1}),
                 GSS_S_UNAVAILABLE);
    assert_complete(gss_release_name(&minor, &name));
}

static void what_was_proved_of_the_client_stays_proved(void **state) {
    UNUSED(state);
    struct pair p;
    gss_buffer_desc token;
    pair_open(&p);
    assert_true(pair_next(&p));
    give_facts(p.a, &p.m.v.arena);
    static const struct gssapi_attr indicator = {
        AD_AUTHENTICATION_INDICATOR, true, {(const uint8_t *)"\x30\x08\x0c\x06strong", 10}};
    p.a->client = gssapi_name_of_principal(&p.a->core->client, GSSAPI_KRB5);
    assert_non_null(p.a->client);
    p.a->client->attrs = gssapi_attrs_make(&indicator, 1);
    assert_non_null(p.a->client->attrs);
    for (int n = 0; n < 2; n++) { // and once more where it was imported
        expect_proved(p.a);
        assert_complete(gss_export_sec_context(&minor, &p.a, &token));
        assert_complete(gss_import_sec_context(&minor, &token, &p.a));
        expect_proved(p.a);
        // Attributes cut off are no attributes: their length stands behind mechanism and flags.
        ((uint8_t *)token.value)[4 + 9 + 1 + 4 + 3] ^= 1;
        gss_ctx_id_t none;
        assert_major(gss_import_sec_context(&minor, &token, &none), GSS_S_DEFECTIVE_TOKEN);
        assert_null(none);
        assert_complete(gss_release_buffer(&minor, &token));
    }
    pair_end(&p);
}

static void mutilated_exports_are_refused(void **state) {
    UNUSED(state);
    struct pair p;
    gss_buffer_desc token;
    gss_ctx_id_t ctx;
    pair_open(&p);
    assert_true(pair_next(&p));
    give_facts(p.i, &p.m.v.arena);
    assert_complete(gss_export_sec_context(&minor, &p.i, &token));
    for (size_t n = 0; n < token.length; n++) {
        gss_buffer_desc cut = {n, token.value};
        assert_major(gss_import_sec_context(&minor, &cut, &ctx), GSS_S_DEFECTIVE_TOKEN);
        assert_null(ctx);
    }
    size_t taken = 0; // keys, numbers and names are any bytes: those imports are others' contexts
    for (size_t bit = 0; bit < 8 * token.length; bit++) {
        uint8_t *bytes = token.value;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        OM_uint32 major = gss_import_sec_context(&minor, &token, &ctx);
        taken += major == GSS_S_COMPLETE;
        assert_true(major == GSS_S_COMPLETE || major == GSS_S_DEFECTIVE_TOKEN);
        gssapi_context_free(ctx);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(taken && taken < 8 * token.length);
    assert_complete(gss_import_sec_context(&minor, &token, &p.i));
    assert_complete(gss_release_buffer(&minor, &token));
    pair_end(&p);
}

static void only_an_established_context_is_exported(void **state) {
    UNUSED(state);
    struct pair p;
    gss_buffer_desc token;
    pair_open(&p);
    assert_true(pair_next(&p));
    gss_ctx_id_t none = GSS_C_NO_CONTEXT;
    assert_major(gss_export_sec_context(&minor, &none, &token),
                 GSS_S_NO_CONTEXT | GSS_S_CALL_INACCESSIBLE_READ);
    assert_major(gss_export_sec_context(&minor, NULL, &token),
                 GSS_S_NO_CONTEXT | GSS_S_CALL_INACCESSIBLE_READ);
    assert_major(gss_export_sec_context(&minor, &p.i, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
    p.i->state = GSSAPI_CTX_STARTED;
    assert_major(gss_export_sec_context(&minor, &p.i, &token), GSS_S_NO_CONTEXT);
    assert_non_null(p.i);
    assert_major(gss_import_sec_context(&minor, NULL, &none), GSS_S_CALL_INACCESSIBLE_READ);
    token = (gss_buffer_desc){0, NULL};
    assert_major(gss_import_sec_context(&minor, &token, &none), GSS_S_DEFECTIVE_TOKEN);
    assert_major(gss_import_sec_context(&minor, &token, NULL), GSS_S_CALL_INACCESSIBLE_WRITE);
    pair_end(&p);
}

static void check_key(const gss_krb5_lucid_key_t *k, const struct crypto_key *key) {
    assert_int_equal(k->type, enctype_number(crypto_key_enctype(key)));
    assert_slice_equal(slice_of(k->data, k->length), crypto_key_bytes(key));
}

static void a_lucid_context_is_what_mit_gave(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    while (pair_next(&p)) {
        void *lucid;
        assert_major(gss_krb5_export_lucid_sec_context(&minor, &p.i, 2, &lucid), GSS_S_FAILURE);
        assert_complete(gss_krb5_export_lucid_sec_context(&minor, &p.i, 1, &lucid));
        assert_null(p.i);
        const gss_krb5_lucid_context_v1_t *c = lucid;
        const struct gss_context *core = &p.m.initiator;
        assert_int_equal(c->initiate, 1);
        assert_int_equal(c->send_seq, core->send_seq);
        assert_int_equal(c->recv_seq, core->receive_seq);
        assert_int_equal(c->protocol, pair_is_rc4(&p) ? 0 : 1);
        if (pair_is_rc4(&p)) {
            assert_int_equal(c->rfc1964_kd.sign_alg, 0x11);
            assert_int_equal(c->rfc1964_kd.seal_alg, 0x10);
            check_key(&c->rfc1964_kd.ctx_key, core->key);
        } else {
            check_key(&c->cfx_kd.ctx_key, core->initiator_key);
            assert_int_equal(c->cfx_kd.have_acceptor_subkey, core->acceptor_subkey);
            if (core->acceptor_subkey)
                check_key(&c->cfx_kd.acceptor_subkey, core->key);
        }
        assert_complete(gss_krb5_free_lucid_sec_context(&minor, lucid));
    }
    assert_major(gss_krb5_free_lucid_sec_context(&minor, NULL), GSS_S_CALL_INACCESSIBLE_READ);
}

static struct slice answer(gss_ctx_id_t ctx, gss_OID_desc oid, size_t count, size_t at,
                           gss_buffer_set_t *set) {
    assert_complete(gss_inquire_sec_context_by_oid(&minor, ctx, &oid, set));
    assert_int_equal(*set ? (*set)->count : 0, count);
    return count ? gssapi_slice(&(*set)->elements[at]) : (struct slice){0};
}

static void questions_are_answered(void **state) {
    UNUSED(state);
    struct pair p;
    pair_open(&p);
    while (pair_next(&p)) {
        gss_buffer_set_t set;
        uint32_t flags;
        give_facts(p.a, &p.m.v.arena);
        struct crypto_key *key = p.a->core->key;
        assert_slice_equal(answer(p.a, *GSS_C_INQ_SSPI_SESSION_KEY, 2, 0, &set),
                           crypto_key_bytes(key));
        const uint8_t type[] = {0x2a,
                                0x86,
                                0x48,
                                0x86,
                                0xf7,
                                0x12,
                                1,
                                2,
                                2,
                                4,
                                (uint8_t)enctype_number(crypto_key_enctype(key))};
        assert_slice_equal(gssapi_slice(&set->elements[1]), slice_of(type, sizeof type));
        assert_complete(gss_release_buffer_set(&minor, &set));
        assert_major(gss_inquire_sec_context_by_oid(&minor, p.a, GSS_C_INQ_ODBC_SESSION_KEY, &set),
                     GSS_S_UNAVAILABLE); // this context does not know it
        p.a->core->session = p.a->core->initiator_key ? p.a->core->initiator_key : key;
        assert_slice_equal(answer(p.a, *GSS_C_INQ_ODBC_SESSION_KEY, 2, 0, &set),
                           crypto_key_bytes(p.a->core->session));
        assert_complete(gss_release_buffer_set(&minor, &set));
        void *lucid;
        memcpy(&lucid, answer(p.a, QUESTION("\x06\x01"), 1, 0, &set).ptr, sizeof lucid);
        assert_int_equal(((gss_krb5_lucid_context_v1_t *)lucid)->version, 1);
        assert_complete(gss_krb5_free_lucid_sec_context(&minor, lucid));
        assert_complete(gss_release_buffer_set(&minor, &set));
        gss_OID_desc other = QUESTION("\x06\x02"), none = QUESTION("\x06");
        assert_major(gss_inquire_sec_context_by_oid(&minor, p.a, &other, &set), GSS_S_FAILURE);
        assert_major(gss_inquire_sec_context_by_oid(&minor, p.a, &none, &set), GSS_S_FAILURE);
        struct slice ssf = answer(p.a, *GSS_C_SEC_CONTEXT_SASL_SSF, 1, 0, &set);
        size_t bits = pair_is_rc4(&p) ? 64 : 8 * crypto_key_bytes(key).len;
        assert_int_equal(ssf.ptr[2] << 8 | ssf.ptr[3], bits);
        assert_complete(gss_release_buffer_set(&minor, &set));
        struct slice bytes = answer(p.a, QUESTION("\x01"), 1, 0, &set);
        assert_int_equal(bytes.len, sizeof flags);
        memcpy(&flags, bytes.ptr, sizeof flags);
        assert_int_equal(flags, 0x40a50000);
        assert_complete(gss_release_buffer_set(&minor, &set));
        assert_slice_str(answer(p.a, QUESTION("\x0a\x81\x00"), 1, 0, &set), "a PAC");
        assert_complete(gss_release_buffer_set(&minor, &set));
        assert_slice_str(answer(p.a, QUESTION("\x0a\x82\x2c"), 1, 0, &set), "inner");
        assert_complete(gss_release_buffer_set(&minor, &set));
        (void)answer(p.a, QUESTION("\x0a\x05"), 0, 0, &set);
        gss_OID_desc odd = QUESTION("\x0a\x81"), unknown = QUESTION("\x63");
        assert_major(gss_inquire_sec_context_by_oid(&minor, p.a, &odd, &set), GSS_S_FAILURE);
        assert_major(gss_inquire_sec_context_by_oid(&minor, p.a, &unknown, &set),
                     GSS_S_UNAVAILABLE);
        assert_major(gss_inquire_sec_context_by_oid(&minor, p.a, GSS_C_INQ_NEGOEX_KEY, &set),
                     GSS_S_UNAVAILABLE);
    }
}

static void the_calls_of_krb5_answer_too(void **state) {
    UNUSED(state);
    struct pair p;
    krb5_flags flags;
    krb5_timestamp when;
    gss_buffer_desc data;
    pair_open(&p);
    assert_true(pair_next(&p));
    give_facts(p.a, &p.m.v.arena);
    assert_complete(gss_krb5_get_tkt_flags(&minor, p.a, &flags));
    assert_int_equal(flags, 0x40a50000);
    assert_complete(gsskrb5_extract_authtime_from_sec_context(&minor, p.a, &when));
    assert_int_equal(when, 1790000000);
    assert_complete(gsskrb5_extract_authz_data_from_sec_context(&minor, p.a, 128, &data));
    assert_slice_str(gssapi_slice(&data), "a PAC");
    assert_complete(gss_release_buffer(&minor, &data));
    assert_major(gsskrb5_extract_authz_data_from_sec_context(&minor, p.a, 5, &data), GSS_S_FAILURE);
    gss_ctx_id_t none = GSS_C_NO_CONTEXT;
    assert_major(gss_set_sec_context_option(&minor, &none, GSS_C_INQ_NEGOEX_KEY, NULL),
                 GSS_S_UNAVAILABLE);
    assert_major(gss_krb5_get_tkt_flags(&minor, none, &flags),
                 GSS_S_NO_CONTEXT | GSS_S_CALL_INACCESSIBLE_READ);
    pair_end(&p);
}

// Of another layout, or with more in it than it says: by another version of this library.
static void contexts_of_another_layout_are_refused(void **state) {
    UNUSED(state);
    struct pair p;
    gss_buffer_desc token;
    gss_ctx_id_t ctx;
    uint8_t longer[4096];
    pair_open(&p);
    assert_true(pair_next(&p));
    assert_complete(gss_export_sec_context(&minor, &p.a, &token));
    assert_true(token.length < sizeof longer);
    memcpy(longer, token.value, token.length);
    longer[token.length] = 0;
    uint8_t *magic = memmem(longer, token.length, "obolCTX", 7);
    assert_non_null(magic);
    gss_buffer_desc in = {token.length, longer};
    magic[7]++;
    assert_major(gss_import_sec_context(&minor, &in, &ctx), GSS_S_DEFECTIVE_TOKEN);
    magic[7]--;
    in.length++; // the length of what begins there stands in front of it
    assert_int_not_equal(magic[-1], 255);
    magic[-1]++;
    assert_major(gss_import_sec_context(&minor, &in, &ctx), GSS_S_DEFECTIVE_TOKEN);
    assert_null(ctx);
    assert_complete(gss_import_sec_context(&minor, &token, &p.a)); // as it was
    gss_release_buffer(&minor, &token);
    pair_end(&p);
}

int main(void) {
    const struct CMUnitTest cases[] = {
        cmocka_unit_test(a_context_goes_on_where_it_is_imported),
        cmocka_unit_test(what_was_proved_of_the_client_stays_proved),
        cmocka_unit_test(mutilated_exports_are_refused),
        cmocka_unit_test(contexts_of_another_layout_are_refused),
        cmocka_unit_test(only_an_established_context_is_exported),
        cmocka_unit_test(a_lucid_context_is_what_mit_gave),
        cmocka_unit_test(questions_are_answered),
        cmocka_unit_test(the_calls_of_krb5_answer_too),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
