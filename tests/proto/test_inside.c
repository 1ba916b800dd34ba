// test_inside.c: what stands inside padata, typed data and sealed parts, shown as tree and as JSON.
#include "proto/cms.h"
#include "proto/codes.h"
#include "proto/describe.h"
#include "with_references.h"

static struct slice encoded(const struct der_type *type, const void *value) {
    struct slice out;
    assert_ok(der_encode(type, value, &arena, &out, NULL));
    return out;
}

static const char *described(const struct der_type *type, struct slice in,
                             struct describe_options options) {
    struct writer w = writer_to_arena(&arena);
    assert_ok(proto_describe_as(type, in, &options, &arena, &w, NULL));
    const char *text = arena_cstr(&arena, writer_slice(&w));
    assert_non_null(text);
    return text;
}

static void assert_shows(const char *text, const char *part) {
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is missing in:\n%s", part, text ? text : "");
}

// padata is METHOD-DATA with that one element.
static struct slice padata(int32_t type, struct slice value) {
    struct padata item = {type, value};
    const struct padata_list list = {&item, 1};
    return encoded(&TYPE_METHOD_DATA, &list);
}

struct known {
    int32_t type;
    const char *reference, *tree, *json;
};

static void padata_of_every_known_type_is_opened(void **state) {
    UNUSED(state);
    const struct known rows[] = {
        {PA_TGS_REQ, "ap_req", "AP-REQ\n", "{\"AP-REQ\":{\"pvno\":5,"},
        {PA_ENC_TIMESTAMP, "enc_data", "EncryptedData\n        etype: 0",
         "{\"EncryptedData\":{\"etype\":0,"},
        {PA_ETYPE_INFO, "etype_info", "ETYPE-INFO\n", "{\"ETYPE-INFO\":[{\"etype\":0,"},
        {PA_ETYPE_INFO2, "etype_info2", "salt: Morton's #0\n", "{\"ETYPE-INFO2\":[{\"etype\":0,"},
        {PA_PK_AS_REQ, "pa_pk_as_req", "PA-PK-AS-REQ\n        signedAuthPack: 8 bytes",
         "{\"PA-PK-AS-REQ\":{\"signedAuthPack\":"},
        {PA_PK_AS_REP, "pa_pk_as_rep(dhInfo)", "PA-PK-AS-REP\n        dhInfo\n",
         "{\"PA-PK-AS-REP\":{\"dhInfo\":{\"dhSignedData\":"},
        {PA_PK_AS_REP, "pa_pk_as_rep(encKeyPack)", "PA-PK-AS-REP\n        encKeyPack: 8 bytes",
         "{\"PA-PK-AS-REP\":{\"encKeyPack\":"},
        {PA_FOR_USER, "pa_for_user", "userName: hftsai/extra (NT-PRINCIPAL)\n",
         "\"userName\":{\"name-type\":1,"},
        {PA_S4U_X509_USER, "pa_s4u_x509_user", "user-id\n          nonce: 13243546\n",
         "{\"PA-S4U-X509-USER\":{\"user-id\":{\"nonce\":13243546,"},
        {PA_FX_FAST, "pa_fx_fast_reply", "PA-FX-FAST-REPLY\n        armored-data\n",
         "{\"PA-FX-FAST-REPLY\":{\"armored-data\":{\"enc-fast-rep\":"},
        {PA_FX_ERROR, "error", "error-code: 60", "{\"KRB-ERROR\":{\"pvno\":5,"},
        {PA_OTP_CHALLENGE, "pa_otp_challenge", "otp-service: testservice\n",
         "\"otp-service\":\"testservice\""},
        {PA_OTP_REQUEST, "pa_otp_req", "PA-OTP-REQUEST\n", "{\"PA-OTP-REQUEST\":{\"flags\":"},
        {PA_SPAKE, "pa_spake(support)", "PA-SPAKE\n        support\n          groups: 1, 2\n",
         "{\"PA-SPAKE\":{\"support\":{\"groups\":[1,2]}}}"},
        {PA_SPAKE, "pa_spake(challenge)", "challenge\n          group: 1\n",
         "{\"PA-SPAKE\":{\"challenge\":{\"group\":1,"},
        {PA_SPAKE, "pa_spake(response)", "response\n          pubkey: 7 bytes",
         "{\"PA-SPAKE\":{\"response\":{\"pubkey\":"},
        {PA_SPAKE, "pa_spake(encdata)", "encdata\n          etype: 0",
         "{\"PA-SPAKE\":{\"encdata\":{\"etype\":0,"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct slice in = padata(rows[i].type, reference_named(all, rows[i].reference));
        const char *tree = described(&TYPE_METHOD_DATA, in, (struct describe_options){0});
        const char *json =
            described(&TYPE_METHOD_DATA, in, (struct describe_options){.json = true});
        assert_shows(tree, rows[i].tree);
        assert_shows(json, rows[i].json);
        assert_shows(json, "\"padata-value-inside\":{");
        // Beside it, what is of that type and cannot be read is shown as bytes.
        in = padata(rows[i].type, SLICE_LITERAL("rubbish"));
        tree = described(&TYPE_METHOD_DATA, in, (struct describe_options){0});
        assert_shows(tree, "padata-value: 7 bytes 72756262697368\n");
    }
}

static struct slice spki(void) {
    const struct subject_public_key_info key = {
        .algorithm = {.algorithm = SLICE_LITERAL("\x2a\x86\x48\xce\x3e\x02\x01")},
        .subject_public_key = SLICE_LITERAL("\x02\x01\x05"),
    };
    return encoded(&TYPE_SUBJECT_PUBLIC_KEY_INFO, &key);
}

// cms is a ContentInfo with SignedData around the content, as PKINIT sends them.
static struct slice cms(struct slice content_type, struct slice content) {
    struct algorithm_identifier sha256 = {
        .algorithm = SLICE_LITERAL("\x60\x86\x48\x01\x65\x03\x04\x02\x01")};
    struct slice certificates[] = {SLICE_LITERAL("\x30\x03\x02\x01\x07"),
                                   SLICE_LITERAL("\x30\x03\x02\x01\x08")};
    const struct cms_signed_data data = {
        .present = CMS_SIGNED_DATA_CERTIFICATES,
        .version = 3,
        .digest_algorithms = {&sha256, 1},
        .encapsulated = {CMS_ENCAPSULATED_CONTENT, content_type, content},
        .certificates = {certificates, 2},
    };
    const struct cms_content_info info = {
        .present = CMS_CONTENT_INFO_CONTENT,
        .content_type = SLICE_LITERAL("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"),
        .content = encoded(&TYPE_CMS_SIGNED_DATA, &data),
    };
    return encoded(&TYPE_CMS_CONTENT_INFO, &info);
}

static void pkinit_is_opened_through_its_signed_data(void **state) {
    UNUSED(state);
    const struct auth_pack pack = {
        .present = AUTH_PACK_CLIENT_PUBLIC_VALUE,
        .pk_authenticator = {.cusec = 7, .ctime = 771228197, .nonce = 42},
        .client_public_value = spki(),
    };
    const struct pa_pk_as_req req = {
        .signed_auth_pack =
            cms(SLICE_LITERAL("\x2b\x06\x01\x05\x02\x03\x01"), encoded(&TYPE_AUTH_PACK, &pack))};
    struct slice in = padata(PA_PK_AS_REQ, encoded(&TYPE_PA_PK_AS_REQ, &req));
    const char *tree = described(&TYPE_METHOD_DATA, in, (struct describe_options){0});
    assert_shows(tree, "contentType: 1.2.840.113549.1.7.2 (id-signedData)\n");
    assert_shows(tree, "eContentType: 1.3.6.1.5.2.3.1 (id-pkinit-authData)\n");
    assert_shows(tree, "AuthPack\n");
    assert_shows(tree, "ctime: 1994-06-10T06:03:17Z\n");
    assert_shows(tree, "algorithm: 1.2.840.10046.2.1 (dhpublicnumber)\n");
    const char *json = described(&TYPE_METHOD_DATA, in, (struct describe_options){.json = true});
    assert_shows(json, "\"contentType\":\"1.2.840.113549.1.7.2\"");
    assert_shows(json, "\"content-inside\":{\"SignedData\":{\"version\":3,");
    assert_shows(json, "\"eContent-inside\":{\"AuthPack\":{\"pkAuthenticator\":{\"cusec\":7,");
    assert_shows(json, "\"clientPublicValue-inside\":{\"SubjectPublicKeyInfo\":{");
    const struct kdc_dh_key_info key = {.subject_public_key = SLICE_LITERAL("\x02\x01\x05"),
                                        .nonce = 43};
    const struct pa_pk_as_rep rep = {
        .present = PA_PK_AS_REP_DH_INFO,
        .dh_info = {.dh_signed_data = cms(SLICE_LITERAL("\x2b\x06\x01\x05\x02\x03\x02"),
                                          encoded(&TYPE_KDC_DH_KEY_INFO, &key))}};
    in = padata(PA_PK_AS_REP, encoded(&TYPE_PA_PK_AS_REP, &rep));
    tree = described(&TYPE_METHOD_DATA, in, (struct describe_options){0});
    assert_shows(tree, "KDCDHKeyInfo\n");
    assert_shows(tree, "nonce: 43\n");
    // A content type that is not known leaves the content closed.
    const struct pa_pk_as_req odd = {.signed_auth_pack = cms(SLICE_LITERAL("\x2b\x01"), in)};
    in = padata(PA_PK_AS_REQ, encoded(&TYPE_PA_PK_AS_REQ, &odd));
    tree = described(&TYPE_METHOD_DATA, in, (struct describe_options){0});
    assert_shows(tree, "eContentType: 1.3.1\n");
    assert_null(strstr(tree, "METHOD-DATA\n      [0]"));
}

static const char *described_error(struct slice e_data) {
    const struct krb_error e = {
        .present = KRB_ERROR_E_DATA, .pvno = 5, .msg_type = 30, .e_data = e_data};
    return described(&TYPE_KRB_ERROR, encoded(&TYPE_KRB_ERROR, &e), (struct describe_options){0});
}

static void typed_data_and_the_ntstatus_of_windows_are_opened(void **state) {
    UNUSED(state);
    struct algorithm_identifier group = {.algorithm =
                                             SLICE_LITERAL("\x2a\x86\x48\xce\x3e\x02\x01")};
    const struct algorithm_identifier_list groups = {&group, 1};
    struct padata item = {TD_DH_PARAMETERS, encoded(&TYPE_ALGORITHM_IDENTIFIERS, &groups)};
    const struct padata_list list = {&item, 1};
    assert_shows(described_error(encoded(&TYPE_TYPED_DATA, &list)), "(dhpublicnumber)\n");
    struct kerb_error_data data = {
        .present = KERB_ERROR_DATA_VALUE,
        .data_type = KERB_ERR_TYPE_EXTENDED,
        .data_value = SLICE_LITERAL("\x34\x02\x00\xc0\x00\x00\x00\x00\x01\x00\x00\x00"),
    };
    const char *tree = described_error(encoded(&TYPE_KERB_ERROR_DATA, &data));
    assert_shows(tree, "data-value: NTSTATUS 0xc0000234\n");
    data.data_value.len--;
    tree = described_error(encoded(&TYPE_KERB_ERROR_DATA, &data));
    assert_null(strstr(tree, "NTSTATUS"));
    // The number of KERB-ERROR-DATA is none of PA-DATA's.
    data = (struct kerb_error_data){KERB_ERROR_DATA_VALUE, PA_ETYPE_INFO2,
                                    reference_named(all, "etype_info2")};
    assert_null(strstr(described_error(encoded(&TYPE_KERB_ERROR_DATA, &data)), "Morton"));
}

static void the_checksum_of_gss_shows_flags_bindings_and_what_is_delegated(void **state) {
    UNUSED(state);
    struct slice cred = reference_named(all, "cred");
    for (int delegates = 0; delegates < 2; delegates++) {
        struct writer w = writer_to_arena(&arena);
        writer_bytes(&w, SLICE_LITERAL("\x10\0\0\0"));
        writer_bytes(&w, delegates ? SLICE_LITERAL("0123456789abcdef")
                                   : SLICE_LITERAL("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));
        writer_u8(&w, delegates ? 0x23 : 0x22);
        writer_bytes(&w, SLICE_LITERAL("\0\0\0"));
        writer_bytes(&w, SLICE_LITERAL("\1\0"));
        writer_u8(&w, (uint8_t)cred.len);
        writer_u8(&w, (uint8_t)(cred.len >> 8));
        writer_bytes(&w, cred);
        struct checksum sum = {0x8003, writer_slice(&w)};
        const char *tree =
            described(&TYPE_CHECKSUM, encoded(&TYPE_CHECKSUM, &sum), (struct describe_options){0});
        assert_shows(
            tree, delegates ? "GSS-API flags 0x23 delegate mutual integrity; bound to a channel\n"
                            : "GSS-API flags 0x22 mutual integrity; bound to no channel\n");
        assert_int_equal(strstr(tree, "KRB-CRED\n") != NULL, delegates);
        sum.checksum.len = 23; // cut within the flags
        tree =
            described(&TYPE_CHECKSUM, encoded(&TYPE_CHECKSUM, &sum), (struct describe_options){0});
        assert_null(strstr(tree, "GSS-API flags"));
    }
}

// Opens whatever is asked for, and notes under which usage it would be sealed.
struct opener {
    int32_t usage;
    struct slice plaintext;
};
static bool open_any(void *context, const struct describe_sealed *sealed, struct arena *a,
                     struct slice *plaintext) {
    struct opener *o = context;
    UNUSED(a);
    if (sealed->usages[0] != o->usage)
        return false;
    *plaintext = o->plaintext;
    return true;
}

static void sealed_padata_is_opened_under_its_usage(void **state) {
    UNUSED(state);
    const struct {
        int32_t usage, type;
        const char *outside, *inside, *shown;
    } rows[] = {
        {KU_PA_ENC_TIMESTAMP, PA_ENC_TIMESTAMP, "enc_data", "pa_enc_ts",
         "PA-ENC-TS-ENC\n          patimestamp: 1994-06-10T06:03:17Z\n"},
        {KU_ENC_CHALLENGE_CLIENT, PA_ENCRYPTED_CHALLENGE, "enc_data", "pa_enc_ts",
         "PA-ENC-TS-ENC\n"},
        {KU_PA_PKINIT_KX, PA_PKINIT_KX, "enc_data", "keyblock", "keytype: 1 (des-cbc-crc)\n"},
        {KU_SPAKE, PA_SPAKE, "pa_spake(response)", "spake_factor", "SPAKESecondFactor\n"},
        {KU_SPAKE, PA_SPAKE, "pa_spake(encdata)", "spake_factor", "SPAKESecondFactor\n"},
        {KU_PA_OTP_REQUEST, PA_OTP_REQUEST, "pa_otp_req", "pa_otp_enc_req", "PA-OTP-ENC-REQUEST\n"},
        {KU_FX_REP, PA_FX_FAST, "pa_fx_fast_reply", "fast_response", "KrbFastResponse\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct opener opener = {rows[i].usage, reference_named(all, rows[i].inside)};
        const struct describe_keys keys = {&opener, open_any};
        struct slice in = padata(rows[i].type, reference_named(all, rows[i].outside));
        const char *tree =
            described(&TYPE_METHOD_DATA, in, (struct describe_options){.keys = &keys});
        assert_shows(tree, rows[i].shown);
        opener.usage = -1;
        tree = described(&TYPE_METHOD_DATA, in, (struct describe_options){.keys = &keys});
        assert_null(strstr(tree, rows[i].shown));
    }
}

static void every_message_and_every_type_is_shown_both_ways(void **state) {
    UNUSED(state);
    size_t messages = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct reference *row = &all->rows[i];
        if (!row->type)
            continue;
        for (int json = 0; json < 2; json++) {
            const struct describe_options options = {.json = json};
            const char *text = described(row->type, row->bytes, options);
            struct slice name = slice_str(der_type_name(row->type));
            assert_true(slice_starts(slice_str(text + (json ? 2 : 0)), name));
            // What has an APPLICATION tag of its own is recognised by it.
            struct writer w = writer_to_arena(&arena);
            if ((row->bytes.ptr[0] & 0xe0) == 0x60 &&
                proto_describe(row->bytes, &options, &arena, &w, NULL) == OBOL_OK)
                messages++;
        }
    }
    assert_true(messages >= 2 * 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(padata_of_every_known_type_is_opened),
        cmocka_unit_test(pkinit_is_opened_through_its_signed_data),
        cmocka_unit_test(typed_data_and_the_ntstatus_of_windows_are_opened),
        cmocka_unit_test(the_checksum_of_gss_shows_flags_bindings_and_what_is_delegated),
        cmocka_unit_test(sealed_padata_is_opened_under_its_usage),
        cmocka_unit_test(every_message_and_every_type_is_shown_both_ways),
    };
    return cmocka_run_group_tests(tests, references_begin, arena_end);
}
