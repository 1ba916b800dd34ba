// Attributes of names (RFC 6680): PACs with a good signature and of this client (MS-PAC 2.7, 2.8),
// indicators in a CAMMAC that the service can verify (RFC 7751 3); composite names.
#include "cred_support.h"
#include "gss/proved.h"
#include "gssapi/attr.h"
#include "gssapi/name.h"
#include "proto/authdata.h"

#define AUTHTIME INT64_C(1790000000)

static OM_uint32 minor;

struct fixture {
    struct arena a;
    struct crypto_key *key;
    struct enc_ticket_part ticket;
};

static void le(struct writer *w, uint64_t v, int bytes) {
    for (int i = 0; i < bytes; i++)
        writer_u8(w, (uint8_t)(v >> (8 * i)));
}

// A PAC of logon info, client info for `name`, and both signatures, the server's made with `key`.
static struct slice make_pac(struct fixture *f, const char *name, int64_t authtime) {
    struct writer w = writer_to_arena(&f->a);
    const uint32_t types[] = {1, 10, 6, 7};
    size_t len = strlen(name), sizes[] = {8, 10 + 2 * len, 16, 16}, at = 8 + 4 * 16;
    le(&w, 4, 4);
    le(&w, 0, 4);
    for (size_t i = 0; i < 4; i++) {
        le(&w, types[i], 4);
        le(&w, sizes[i], 4);
        le(&w, at, 8);
        at += (sizes[i] + 7) / 8 * 8;
    }
    writer_str(&w, "the-user");
    le(&w, ((uint64_t)authtime + UINT64_C(11644473600)) * 10000000, 8);
    le(&w, 2 * len, 2);
    for (size_t i = 0; i < len; i++)
        le(&w, (uint8_t)name[i], 2);
    while (w.len % 8)
        writer_u8(&w, 0);
    size_t server = w.len;
    for (int i = 0; i < 2; i++) {
        le(&w, CKSUMTYPE_HMAC_SHA1_96_AES256, 4);
        le(&w, 0, 8);
        le(&w, 0, 4);
    }
    assert_true(writer_ok(&w));
    uint8_t mac[12];
    assert_ok(crypto_checksum(f->key, 17, writer_slice(&w), buf_of(mac, sizeof mac), NULL));
    memcpy(w.out.ptr + server + 4, mac, sizeof mac);
    return writer_slice(&w);
}

static struct slice encoded(struct fixture *f, const struct der_type *type, const void *value) {
    struct slice der;
    assert_ok(der_encode(type, value, &f->a, &der, NULL));
    return der;
}

static struct slice if_relevant(struct fixture *f, int32_t type, struct slice data) {
    struct authdata ad = {type, data};
    const struct authdata_list list = {&ad, 1};
    return encoded(f, &TYPE_AUTHORIZATION_DATA, &list);
}

static void set_authdata(struct fixture *f, int32_t type, struct slice data) {
    struct authdata *ad = arena_zalloc(&f->a, 1, sizeof *ad);
    assert_non_null(ad);
    *ad = (struct authdata){AD_IF_RELEVANT, if_relevant(f, type, data)};
    f->ticket.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    f->ticket.authorization_data = (struct authdata_list){ad, 1};
}

static void fixture_init(struct fixture *f) {
    *f = (struct fixture){0};
    assert_true(arena_init(&f->a, 1 << 14, 1 << 20));
    assert_ok(
        crypto_key_in_arena(&f->key, &f->a, ENCTYPE_AES256_SHA1, slice_of(TEST_KEY, 32), NULL));
    struct principal p = parsed("alice@OBOL.TEST", &f->a);
    f->ticket = (struct enc_ticket_part){
        .key = {ENCTYPE_AES256_SHA1, slice_of(TEST_KEY, 32)},
        .crealm = p.realm,
        .cname = p.name,
        .authtime = AUTHTIME,
        .endtime = AUTHTIME + 3600,
    };
}

static gss_name_t named(struct fixture *f) {
    const struct principal p = {f->ticket.crealm, f->ticket.cname};
    gss_name_t name = gssapi_name_of_principal(&p, GSSAPI_KRB5);
    assert_non_null(name);
    gssapi_name_authdata(name, &f->ticket, f->key, &f->a);
    return name;
}

static size_t attribute_count(gss_name_t name) {
    gss_buffer_set_t attrs;
    assert_complete(gss_inquire_name(&minor, name, NULL, NULL, &attrs));
    size_t count = attrs ? attrs->count : 0;
    gss_release_buffer_set(&minor, &attrs);
    return count;
}

static OM_uint32 get(gss_name_t name, const char *attr, int *authenticated, gss_buffer_t value,
                     int *more) {
    gss_buffer_desc a = text_buffer(attr);
    int complete;
    return gss_get_name_attribute(&minor, name, &a, authenticated, &complete, value, NULL, more);
}

static void a_signed_pac_of_the_client_is_shown(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f);
    struct slice pac = make_pac(&f, "alice", AUTHTIME);
    set_authdata(&f, AD_WIN2K_PAC, pac);
    gss_name_t name = named(&f), copy;
    const char *expected[] = {"urn:mspac:", "urn:mspac:logon-info", "urn:mspac:client-info",
                              "urn:mspac:server-checksum", "urn:mspac:privsvr-checksum"};
    gss_buffer_set_t attrs;
    assert_complete(gss_inquire_name(&minor, name, NULL, NULL, &attrs));
    assert_int_equal(attrs->count, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(attrs->elements[i].value, expected[i]);
    gss_release_buffer_set(&minor, &attrs);
    assert_complete(gss_duplicate_name(&minor, name, &copy));
    int authenticated, more = -1;
    gss_buffer_desc value;
    assert_complete(get(copy, "urn:mspac:", &authenticated, &value, &more));
    assert_int_equal(authenticated, 1);
    assert_int_equal(more, 0);
    assert_int_equal(value.length, pac.len);
    assert_memory_equal(value.value, pac.ptr, pac.len);
    gss_release_buffer(&minor, &value);
    const char *spellings[] = {"urn:mspac:logon-info", "URN:MSPAC:LOGON-INFO", "urn:mspac:1"};
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        more = -1;
        assert_complete(get(copy, spellings[i], &authenticated, &value, &more));
        assert_string_equal(value.value, "the-user");
        gss_release_buffer(&minor, &value);
    }
    const char *missing[] = {"urn:mspac:2", "urn:mspac:99999999999", "urn:mspac:x",
                             "other",       "auth-indicators",       "urn:mspac:delegation-info"};
    for (size_t i = 0; i < COUNT_OF(missing); i++) {
        more = -1;
        assert_int_equal(get(copy, missing[i], &authenticated, &value, &more), GSS_S_UNAVAILABLE);
        assert_null(value.value);
    }
    gss_release_name(&minor, &name);
    gss_release_name(&minor, &copy);
    arena_clear(&f.a);
}

// As MIT krb5 gives it to squid.
static void a_pac_is_mapped_to_a_handle_of_its_own(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f);
    struct slice pac = make_pac(&f, "alice", AUTHTIME);
    set_authdata(&f, AD_WIN2K_PAC, pac);
    gss_name_t name = named(&f), plain;
    gss_buffer_desc type = text_buffer("mspac"), alice = text_buffer("alice");
    assert_complete(gss_import_name(&minor, &alice, GSS_C_NT_USER_NAME, &plain));
    gss_any_t any = NULL, none = (gss_any_t)&f;
    assert_complete(gss_map_name_to_any(&minor, name, 1, &type, &any));
    const struct krb5_pac_data *held = (const struct krb5_pac_data *)any;
    assert_int_equal(held->len, pac.len);
    assert_memory_equal(held->bytes, pac.ptr, pac.len);
    assert_complete(gss_release_any_name_mapping(&minor, name, &type, &any));
    assert_null(any);
    assert_int_equal(gss_map_name_to_any(&minor, plain, 0, &type, &none), GSS_S_UNAVAILABLE);
    assert_null(none);
    assert_int_equal(gss_map_name_to_any(&minor, name, 1, &type, NULL),
                     GSS_S_CALL_INACCESSIBLE_WRITE);
    gss_release_name(&minor, &plain);
    gss_release_name(&minor, &name);
    arena_clear(&f.a);
}

// How much of a ticket with this PAC its service believes.
static size_t proved(const struct fixture *f, struct slice pac) {
    struct authdata ad = {AD_WIN2K_PAC, pac};
    struct enc_ticket_part ticket = f->ticket;
    struct gss_proved found[GSS_PROVED_MAX];
    struct arena a;
    ticket.present |= ENC_TICKET_PART_AUTHORIZATION_DATA;
    ticket.authorization_data = (struct authdata_list){&ad, 1};
    assert_true(arena_init(&a, 4096, 1 << 20));
    size_t count = gss_proved_read(&ticket, f->key, &a, found);
    arena_clear(&a);
    return count;
}

static void a_pac_that_proves_nothing_does_not_exist(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f);
    // Of another client, or of another login: the signature holds and says nothing of this ticket.
    const struct {
        const char *name;
        int64_t authtime;
        size_t count;
    } rows[] = {{"alice", AUTHTIME, 5},     {"alice@OBOL.TEST", AUTHTIME, 5}, {"bob", AUTHTIME, 0},
                {"alice", AUTHTIME + 1, 0}, {"alice@ELSE.TEST", AUTHTIME, 0}, {"", AUTHTIME, 0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        set_authdata(&f, AD_WIN2K_PAC, make_pac(&f, rows[i].name, rows[i].authtime));
        gss_name_t name = named(&f);
        assert_int_equal(attribute_count(name), rows[i].count);
        gss_release_name(&minor, &name);
    }
    // Any bit altered but those of the KDC's own signature, which the service cannot check.
    struct slice pac = make_pac(&f, "alice", AUTHTIME);
    assert_int_equal(proved(&f, pac), 1);
    for (size_t bit = 0; bit < (pac.len - 12) * 8; bit++) {
        ((uint8_t *)pac.ptr)[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(proved(&f, pac), 0);
        ((uint8_t *)pac.ptr)[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t n = 0; n < pac.len; n++)
        assert_int_equal(proved(&f, slice_of(pac.ptr, n)), 0);
    assert_int_equal(proved(&f, pac), 1);
    arena_clear(&f.a);
}

static struct slice make_cammac(struct fixture *f, bool verifier) {
    struct slice items[] = {SLICE_LITERAL("strong"), SLICE_LITERAL("hardened")};
    const struct slice_list values = {items, 2};
    struct authdata ad = {AD_AUTHENTICATION_INDICATOR,
                          encoded(f, &TYPE_AD_AUTHENTICATION_INDICATOR, &values)};
    struct ad_cammac cammac = {.elements = {&ad, 1}};
    struct buf mac = arena_buf(&f->a, 12);
    assert_ok(crypto_checksum(f->key, KU_CAMMAC,
                              encoded(f, &TYPE_AUTHORIZATION_DATA, &cammac.elements), mac, NULL));
    if (verifier) {
        cammac.present |= AD_CAMMAC_SVC_VERIFIER;
        cammac.svc_verifier.mac =
            (struct checksum){CKSUMTYPE_HMAC_SHA1_96_AES256, slice_of_buf(mac)};
    }
    return encoded(f, &TYPE_AD_CAMMAC, &cammac);
}

static void indicators_come_one_by_one(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f);
    set_authdata(&f, AD_CAMMAC, make_cammac(&f, true));
    gss_name_t name = named(&f);
    assert_int_equal(attribute_count(name), 1);
    int authenticated, more = -1;
    gss_buffer_desc value;
    assert_complete(get(name, "auth-indicators", &authenticated, &value, &more));
    assert_string_equal(value.value, "strong");
    assert_int_equal(authenticated, 1);
    assert_int_equal(more, 1);
    gss_release_buffer(&minor, &value);
    assert_complete(get(name, "auth-indicators", &authenticated, &value, &more));
    assert_string_equal(value.value, "hardened");
    assert_int_equal(more, 0);
    gss_release_buffer(&minor, &value);
    more = 2;
    assert_int_equal(get(name, "auth-indicators", &authenticated, &value, &more),
                     GSS_S_UNAVAILABLE);
    gss_buffer_desc attr = text_buffer("auth-indicators");
    assert_int_equal(gss_set_name_attribute(&minor, name, 1, &attr, &attr), GSS_S_UNAVAILABLE);
    assert_int_equal(gss_delete_name_attribute(&minor, name, &attr), GSS_S_UNAVAILABLE);
    gss_any_t any = (gss_any_t)&f;
    assert_int_equal(gss_map_name_to_any(&minor, name, 1, &attr, &any), GSS_S_UNAVAILABLE);
    assert_null(any);
    assert_int_equal(gss_release_any_name_mapping(&minor, name, &attr, &any), GSS_S_UNAVAILABLE);
    assert_int_equal(get(name, "auth-indicators", &authenticated, &value, NULL),
                     GSS_S_CALL_INACCESSIBLE_READ);
    gss_release_name(&minor, &name);
    arena_clear(&f.a);
}

static struct crypto_key *other_key(struct fixture *f) {
    static const uint8_t bytes[32] = "the key of another service";
    struct crypto_key *key;
    assert_ok(crypto_key_in_arena(&key, &f->a, ENCTYPE_AES256_SHA1, slice_of(bytes, 32), NULL));
    return key;
}

static void a_cammac_of_another_service_says_nothing(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f);
    set_authdata(&f, AD_CAMMAC, make_cammac(&f, false)); // no verifier of the service
    gss_name_t name = named(&f);
    assert_int_equal(attribute_count(name), 0);
    gss_release_name(&minor, &name);
    struct crypto_key *own = f.key;
    f.key = other_key(&f); // it was made for this one's service
    struct slice other = make_cammac(&f, true);
    f.key = own;
    set_authdata(&f, AD_CAMMAC, other);
    name = named(&f);
    assert_int_equal(attribute_count(name), 0);
    gss_release_name(&minor, &name);
    // Outside of a CAMMAC the client could have put it there.
    struct slice items[] = {SLICE_LITERAL("strong")};
    const struct slice_list values = {items, 1};
    set_authdata(&f, AD_AUTHENTICATION_INDICATOR,
                 encoded(&f, &TYPE_AD_AUTHENTICATION_INDICATOR, &values));
    name = named(&f);
    assert_int_equal(attribute_count(name), 0);
    gss_release_name(&minor, &name);
    arena_clear(&f.a);
}

static void composite_names_carry_attributes_that_nobody_vouches_for(void **state) {
    UNUSED(state);
    struct fixture f;
    fixture_init(&f);
    set_authdata(&f, AD_WIN2K_PAC, make_pac(&f, "alice", AUTHTIME));
    gss_name_t name = named(&f), back;
    gss_buffer_desc token, value;
    int authenticated = 1, more = -1;
    assert_complete(gss_export_name_composite(&minor, name, &token));
    assert_memory_equal(token.value, "\x04\x02\x00\x0b", 4);
    assert_complete(gss_import_name(&minor, &token, GSS_C_NT_COMPOSITE_EXPORT, &back));
    assert_int_equal(attribute_count(back), 5);
    assert_complete(get(back, "urn:mspac:logon-info", &authenticated, &value, &more));
    assert_int_equal(authenticated, 0); // RFC 6680 5
    gss_release_buffer(&minor, &value);
    gss_release_name(&minor, &back);
    for (size_t n = 1; n < token.length; n++) {
        gss_buffer_desc cut = {n, token.value};
        assert_int_not_equal(gss_import_name(&minor, &cut, GSS_C_NT_COMPOSITE_EXPORT, &back),
                             GSS_S_COMPLETE);
        assert_null(back);
    }
    gss_release_buffer(&minor, &token);
    gss_release_name(&minor, &name);
    arena_clear(&f.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_pac_of_the_client_is_shown),
        cmocka_unit_test(a_pac_is_mapped_to_a_handle_of_its_own),
        cmocka_unit_test(a_pac_that_proves_nothing_does_not_exist),
        cmocka_unit_test(indicators_come_one_by_one),
        cmocka_unit_test(a_cammac_of_another_service_says_nothing),
        cmocka_unit_test(composite_names_carry_attributes_that_nobody_vouches_for),
    };
    return cmocka_run_group_tests(tests, sandbox_begin, sandbox_end);
}
