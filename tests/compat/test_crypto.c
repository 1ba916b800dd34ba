// test_crypto.c: krb5_c_* and krb5_k_*, names of enctypes, times as text.
#include "compat.h"

static void every_enctype_seals_and_opens(void **state) {
    UNUSED(state);
    static const krb5_enctype types[] = {17, 18, 19, 20, 23, 25, 26};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        krb5_keyblock key;
        char in[] = "forty-two bytes of text that are to be sealed", out[128];
        size_t len;
        assert_int_equal(krb5_c_make_random_key(context, types[i], &key), 0);
        assert_int_equal(krb5_c_encrypt_length(context, types[i], sizeof in, &len), 0);
        krb5_data plain = {.length = sizeof in, .data = in};
        krb5_enc_data sealed = {.ciphertext = {.length = (unsigned)len, .data = malloc(len)}};
        assert_int_equal(krb5_c_encrypt(context, &key, 7, NULL, &plain, &sealed), 0);
        krb5_data opened = {.length = sizeof out, .data = out};
        assert_int_equal(krb5_c_decrypt(context, &key, 7, NULL, &sealed, &opened), 0);
        assert_int_equal(opened.length, sizeof in);
        assert_memory_equal(out, in, sizeof in);
        opened.length = sizeof out;
        assert_int_equal(krb5_c_decrypt(context, &key, 8, NULL, &sealed, &opened),
                         KRB5KRB_AP_ERR_BAD_INTEGRITY);
        sealed.ciphertext.data[0] ^= 1;
        assert_int_equal(krb5_c_decrypt(context, &key, 7, NULL, &sealed, &opened),
                         KRB5KRB_AP_ERR_BAD_INTEGRITY);
        sealed.ciphertext.length = 3;
        assert_int_equal(krb5_c_encrypt(context, &key, 7, NULL, &plain, &sealed), KRB5_BAD_MSIZE);
        free(sealed.ciphertext.data);
        krb5_free_keyblock_contents(context, &key);
    }
}

static void a_prepared_key_does_what_its_bytes_do(void **state) {
    UNUSED(state);
    krb5_keyblock block;
    krb5_key key;
    krb5_checksum sum, same;
    krb5_boolean valid;
    static char text[] = "text";
    krb5_data data = {.length = 4, .data = text};
    assert_int_equal(krb5_c_make_random_key(context, 20, &block), 0);
    assert_int_equal(krb5_k_create_key(context, &block, &key), 0);
    krb5_k_reference_key(context, key);
    krb5_k_free_key(context, key);
    assert_int_equal(krb5_k_key_enctype(context, key), 20);
    assert_int_equal(krb5_k_make_checksum(context, 0, key, 3, &data, &sum), 0);
    assert_int_equal(krb5_c_make_checksum(context, 20, &block, 3, &data, &same), 0);
    assert_int_equal(sum.length, 24);
    assert_memory_equal(sum.contents, same.contents, 24);
    assert_int_equal(krb5_c_verify_checksum(context, &block, 3, &data, &sum, &valid), 0);
    assert_true(valid);
    sum.contents[0] ^= 1;
    assert_int_equal(krb5_k_verify_checksum(context, key, 3, &data, &sum, &valid), 0);
    assert_false(valid);
    krb5_free_checksum_contents(context, &sum);
    krb5_free_checksum_contents(context, &same);
    krb5_free_keyblock_contents(context, &block);
    krb5_k_free_key(context, key);
}

// A count that would lay the password open is refused; the enctype's own is what is taken without
// one.
static void a_password_becomes_a_key(void **state) {
    UNUSED(state);
    static char password[] = "password", salt[] = "ATHENA.MIT.EDUraeburn";
    static char usual[] = {0, 0, 0x10, 0}, few[] = {0, 0, 0, 1};
    krb5_data p = {.length = 8, .data = password}, s = {.length = 21, .data = salt},
              n = {.length = 4, .data = few};
    krb5_keyblock key, again;
    assert_int_equal(krb5_c_string_to_key_with_params(context, 17, &p, &s, &n, &key),
                     KRB5_ERR_BAD_S2K_PARAMS);
    n.data = usual;
    assert_int_equal(krb5_c_string_to_key_with_params(context, 17, &p, &s, &n, &key), 0);
    assert_int_equal(key.length, 16);
    assert_int_equal(krb5_c_string_to_key(context, 17, &p, &s, &again), 0);
    assert_memory_equal(key.contents, again.contents, 16);
    krb5_free_keyblock_contents(context, &key);
    krb5_free_keyblock_contents(context, &again);
    assert_int_equal(krb5_c_string_to_key(context, 99, &p, &s, &key), KRB5_BAD_ENCTYPE);
}

static void names_and_numbers(void **state) {
    UNUSED(state);
    char text[64];
    krb5_enctype number;
    char name[] = "aes256-cts", nothing[] = "rot13";
    assert_int_equal(krb5_string_to_enctype(name, &number), 0);
    assert_int_equal(number, 18);
    assert_int_equal(krb5_string_to_enctype(nothing, &number), EINVAL);
    assert_int_equal(krb5_enctype_to_name(23, 0, text, sizeof text), 0);
    assert_string_equal(text, "arcfour-hmac");
    assert_int_equal(krb5_enctype_to_name(23, 1, text, sizeof text), 0);
    assert_string_equal(text, "rc4-hmac");
    assert_int_equal(krb5_enctype_to_name(20, 0, text, 5), ENOMEM);
    assert_int_equal(krb5_enctype_to_name(77, 0, text, sizeof text), EINVAL);
    assert_true(krb5_c_valid_enctype(20));
    assert_false(krb5_c_valid_enctype(1));
    assert_true(krb5_c_is_keyed_cksum(16));
    assert_false(krb5_c_is_keyed_cksum(14));
}

static void times_as_text(void **state) {
    UNUSED(state);
    krb5_deltat seconds;
    krb5_timestamp t;
    char day[] = "1d2h", nonsense[] = "soon", point[] = "20300102030405", text[64], pad = ' ';
    setenv("TZ", "UTC", 1);
    assert_int_equal(krb5_string_to_deltat(day, &seconds), 0);
    assert_int_equal(seconds, 26 * 3600);
    assert_int_equal(krb5_string_to_deltat(nonsense, &seconds), KRB5_DELTAT_BADFORMAT);
    assert_int_equal(krb5_string_to_timestamp(point, &t), 0);
    assert_int_equal(t, 1893553445);
    assert_int_equal(krb5_string_to_timestamp(nonsense, &t), EINVAL);
    assert_int_equal(krb5_timestamp_to_sfstring(t, text, 20, &pad), 0);
    assert_int_equal(strlen(text), 19);
    assert_int_equal(krb5_timestamp_to_sfstring(t, text, 3, NULL), ENOMEM);
}

static void a_setting_of_an_application(void **state) {
    UNUSED(state);
    char *text = NULL;
    int flag = 0;
    krb5_appdefault_string(context, "pam", NULL, "banner", "none", &text);
    assert_string_equal(text, "none");
    krb5_free_string(context, text);
    krb5_appdefault_boolean(context, "pam", NULL, "debug", 1, &flag);
    assert_int_equal(flag, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_enctype_seals_and_opens),
        cmocka_unit_test(a_prepared_key_does_what_its_bytes_do),
        cmocka_unit_test(a_password_becomes_a_key),
        cmocka_unit_test(names_and_numbers),
        cmocka_unit_test(times_as_text),
        cmocka_unit_test(a_setting_of_an_application),
    };
    return cmocka_run_group_tests(tests, compat_start, compat_stop);
}
