// A guest in a program that has configured libcrypto for itself, so that nothing can be done in its
// default context: fips=yes without a provider for it, and a configuration that fails. What Obol
// takes from libcrypto works all the same, and the program finds everything as it left it.
#include "../krb/certificates.h"
#include "../test.h"
#include "base/ct.h"
#include "crypto/library.h"
#include "crypto/spake.h"
#include "krb/pkinit.h"
#include "store/master.h"
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <unistd.h>

enum { NOW = 1800000000 };
#define CONTENT SLICE_LITERAL("what is signed")

static struct arena arena;
static struct error err_, *err = &err_;

// An error that the program has not read yet.
static unsigned long left;

static int setup(void **state) {
    UNUSED(state);
    error_init(err);
    return arena_init(&arena, 1 << 20, 1 << 24) ? 0 : -1;
}
static int teardown(void **state) {
    UNUSED(state);
    arena_clear(&arena);
    return 0;
}

static void program_begins(void) {
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 42);
    left = ERR_peek_error();
}

static void program_finds_all_as_it_left_it(void) {
    assert_int_equal(ERR_get_error(), left);
    assert_int_equal(ERR_get_error(), 0);
    EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
    assert_null(md);
    ERR_clear_error();
}

static void certificates_and_signed_messages(void) {
    struct certificate ca = certificate_ca("CA", NOW, NULL, &arena), other;
    struct certificate alice = certificate_for("alice", PKI_PURPOSE_CLIENT, NOW, &ca, &arena);
    struct pki_trust *trust = certificate_trust(&ca), *nobody;
    struct pki_message m;
    struct slice bytes;
    assert_ok(pki_message_sign(alice.identity, CONTENT, PKINIT_AUTH_DATA, &arena, &bytes, err));
    assert_ok(pki_message_open(&m, bytes, PKINIT_AUTH_DATA, &arena, err));
    assert_ok(pki_trust_check(trust, &m, NOW, false, err));
    assert_true(pki_may_sign(m.signer));
    assert_int_equal(pki_fingerprint(m.signer, &arena).len, 64);
    other = certificate_ca("Other", NOW, NULL, &arena);
    nobody = certificate_trust(&other);
    assert_code(pki_trust_check(nobody, &m, NOW, false, err), OBOL_KDC_ERR_CANT_VERIFY_CERTIFICATE);
    pki_message_clear(&m);
    ((uint8_t *)(uintptr_t)bytes.ptr)[bytes.len - 1] ^= 1;
    assert_code(pki_message_open(&m, bytes, PKINIT_AUTH_DATA, &arena, err),
                OBOL_KDC_ERR_INVALID_SIG);
    pki_message_clear(&m);
    struct pki_identity *none;
    assert_code(
        pki_identity_new(&none, slice_str("nothing"), (struct slice){0}, (struct slice){0}, err),
        OBOL_CERTIFICATE_UNUSABLE);
    pki_trust_free(nobody);
    pki_trust_free(trust);
    pki_identity_free(other.identity);
    pki_identity_free(alice.identity);
    pki_identity_free(ca.identity);
}

static void key_agreement(void) {
    const struct pkinit_group *g;
    for (size_t i = 0; (g = pkinit_group_at(i)) != NULL; i++) {
        struct pkinit_dh a, b;
        struct slice from_a, from_b, secret[2];
        if (pkinit_group_strength(g) > 4096)
            continue; // as the others, and slower
        assert_ok(pkinit_dh_start(&a, g, err));
        assert_ok(pkinit_dh_start(&b, g, err));
        assert_ok(pkinit_dh_public(&a, &arena, &from_a, err));
        assert_ok(pkinit_dh_public(&b, &arena, &from_b, err));
        assert_ok(pkinit_dh_finish(&a, from_b, &arena, &secret[0], err));
        assert_ok(pkinit_dh_finish(&b, from_a, &arena, &secret[1], err));
        assert_slice_equal(secret[0], secret[1]);
        assert_code(pkinit_dh_finish(&a, slice_sub(from_b, 1, from_b.len), &arena, &secret[0], err),
                    OBOL_KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED);
        pkinit_dh_clear(&a);
        pkinit_dh_clear(&b);
    }
}

static void spake(void) {
    for (int32_t number = SPAKE_GROUP_EDWARDS25519; number <= SPAKE_GROUP_P521; number++) {
        const struct spake_group *g = spake_group_find(number);
        size_t n = spake_scalar_length(g), len = spake_point_length(g);
        uint8_t w[SPAKE_SCALAR_MAX] = {0, 7}, x[SPAKE_SCALAR_MAX], y[SPAKE_SCALAR_MAX];
        uint8_t t[SPAKE_POINT_MAX], s[SPAKE_POINT_MAX], k[2][SPAKE_POINT_MAX];
        const struct slice xs = slice_of(x, n), ys = slice_of(y, n), ws = slice_of(w, n);
        assert_ok(spake_private(g, env_system(), buf_of(x, n), err));
        assert_ok(spake_private(g, env_system(), buf_of(y, n), err));
        assert_ok(spake_public(g, true, ws, xs, buf_of(t, len), err));
        assert_ok(spake_public(g, false, ws, ys, buf_of(s, len), err));
        assert_ok(spake_result(g, true, ws, xs, slice_of(s, len), buf_of(k[0], len), err));
        assert_ok(spake_result(g, false, ws, ys, slice_of(t, len), buf_of(k[1], len), err));
        assert_memory_equal(k[0], k[1], len);
        memset(s, 0xff, len);
        assert_code(spake_result(g, true, ws, xs, slice_of(s, len), buf_of(k[0], len), err),
                    OBOL_DER_VALUE);
        error_init(err);
    }
}

static void a_program_keeps_its_libcrypto_and_we_have_ours(void **state) {
    UNUSED(state);
    static void (*const uses[])(void) = {certificates_and_signed_messages, key_agreement, spake};
    for (size_t i = 0; i < COUNT_OF(uses); i++) {
        error_init(err);
        program_begins();
        uses[i]();
        program_finds_all_as_it_left_it();
    }
}

static void master_keys_seal_and_open(void **state) {
    UNUSED(state);
    char dir[] = "/tmp/obol-library-XXXXXX", path[64];
    struct record_key key = {.kvno = 3, .enctype = 20};
    struct master *m;
    struct slice bytes;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/master.key", dir);
    program_begins();
    assert_ok(master_create(&m, path, env_system(), err));
    assert_ok(master_seal(m, env_system(), 7, &key, slice_str("sixteen bytes of"), &arena, err));
    assert_ok(master_open(m, 7, &key, &arena, &bytes, err));
    assert_slice_str(bytes, "sixteen bytes of");
    program_finds_all_as_it_left_it();
    master_free(m);
    unlink(path);
    rmdir(dir);
}

static void *on_a_thread(void *arg) {
    OSSL_LIB_CTX *theirs = arg, *mine;
    (void)OSSL_LIB_CTX_set0_default(theirs);
    {
        CLEANUP(library_leave) struct library_use use = library_enter();
        {
            CLEANUP(library_leave) struct library_use inside = library_enter();
            ERR_raise(ERR_LIB_USER, 1);
        }
        mine = OSSL_LIB_CTX_set0_default(NULL);
    }
    bool back = OSSL_LIB_CTX_set0_default(NULL) == theirs && ERR_peek_error() == 0;
    return back && mine == library_context() ? arg : NULL;
}

// Also a default context that the program has chosen for one of its threads.
static void a_threads_own_context_is_its_own_again(void **state) {
    UNUSED(state);
    OSSL_LIB_CTX *theirs = OSSL_LIB_CTX_new();
    pthread_t thread;
    void *held;
    assert_non_null(theirs);
    assert_int_equal(pthread_create(&thread, NULL, on_a_thread, theirs), 0);
    assert_int_equal(pthread_join(thread, &held), 0);
    assert_ptr_equal(held, theirs);
    OSSL_LIB_CTX_free(theirs);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void) {
    // Nobody has used libcrypto yet: it is within our calls that it would read this.
    static const char text[] = "openssl_conf = begin\nconfig_diagnostics = 1\n"
                               "[begin]\nalg_section = properties\nno_such_module = there\n"
                               "[properties]\ndefault_properties = fips=yes\n";
    char path[] = "/tmp/obol-openssl-XXXXXX";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, text, sizeof text - 1) != sizeof text - 1)
        return 1;
    setenv("OPENSSL_CONF", path, 1);
    env_draw_from_kernel(); // as every library of ours does
    const struct CMUnitTest cases[] = {
        CASE(a_program_keeps_its_libcrypto_and_we_have_ours),
        CASE(master_keys_seal_and_open),
        CASE(a_threads_own_context_is_its_own_again),
    };
    int failed = cmocka_run_group_tests(cases, NULL, NULL);
    close(fd);
    unlink(path);
    return failed;
}
