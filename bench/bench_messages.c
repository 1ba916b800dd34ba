// bench_messages.c: nanoseconds of CPU for wrap, unwrap, get_mic and verify_mic, ours and of the
// MIT krb5 that is installed, in one process, and what libcrypto alone needs for the same bytes.
// MIT's library comes by dlopen and makes its context with the realm that the environment names
// (bench_messages.py sets that up); ours gets the same enctype. Rounds of both alternate; the best
// of each counts.
#define OPENSSL_SUPPRESS_DEPRECATED // the floor of Camellia and RC4 is their own functions
#include "gssapi/handles.h"
#include <dlfcn.h>
#include <openssl/camellia.h>
#include <openssl/evp.h>
#include <openssl/md5.h>
#include <openssl/rc4.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FLAGS  (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)
#define ROUNDS 7
#define SIZES  4

static const size_t sizes[SIZES] = {64, 1024, 16384, 1048576};
static uint8_t text[1048576];

struct library {
    const char *name;
    __typeof__(gss_wrap) *wrap;
    __typeof__(gss_unwrap) *unwrap;
    __typeof__(gss_get_mic) *get_mic;
    __typeof__(gss_verify_mic) *verify_mic;
    __typeof__(gss_release_buffer) *release;
    gss_ctx_id_t i, a;
    bool spoils; // unwrap writes to the token that it is given
};

static void must(bool ok, const char *what) {
    if (ok)
        return;
    fprintf(stderr, "bench_messages: %s failed\n", what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

struct work {
    const struct library *l;
    int conf;
    gss_buffer_desc in, token;
    uint8_t *copy; // of the token, for a library that spoils it
};

static void do_wrap(const struct work *w) {
    OM_uint32 minor;
    gss_buffer_desc in = w->in, out;
    must(!GSS_ERROR(w->l->wrap(&minor, w->l->i, w->conf, 0, &in, NULL, &out)), "wrap");
    w->l->release(&minor, &out);
}

static void restore(const struct work *w) {
    if (w->copy)
        memcpy(w->token.value, w->copy, w->token.length);
}

static void do_unwrap(const struct work *w) {
    OM_uint32 minor;
    restore(w);
    gss_buffer_desc in = w->token, out;
    must(!GSS_ERROR(w->l->unwrap(&minor, w->l->a, &in, &out, NULL, NULL)), "unwrap");
    w->l->release(&minor, &out);
}

static void do_get_mic(const struct work *w) {
    OM_uint32 minor;
    gss_buffer_desc in = w->in, out;
    must(!GSS_ERROR(w->l->get_mic(&minor, w->l->i, 0, &in, &out)), "get_mic");
    w->l->release(&minor, &out);
}

static void do_verify_mic(const struct work *w) {
    OM_uint32 minor;
    gss_buffer_desc in = w->in, token = w->token;
    must(!GSS_ERROR(w->l->verify_mic(&minor, w->l->a, &in, &token, NULL)), "verify_mic");
}

// What libcrypto needs: CBC and a keyed digest over what the token seals, or the digest alone. With
// Camellia the digest is a second pass of the cipher (CMAC); with RC4 it is MD5, and each token has
// two keys of its own that are scheduled and three short HMACs (RFC 4757 7).
static struct {
    EVP_CIPHER_CTX *seal, *open;
    EVP_MD_CTX *inner, *outer, *run;
    uint8_t out[1048576 + 64];
    size_t extra; // sealed beside the message: confounder and header
    size_t iv;    // digested in front of what is sealed (RFC 8009 5)
    CAMELLIA_KEY camellia;
    enum { FLOOR_AES, FLOOR_CAMELLIA, FLOOR_RC4 } kind;
} floor_;

static void floor_camellia(const struct work *w, int seal) {
    uint8_t iv[16] = {0};
    size_t len = (w->in.length + (w->conf ? floor_.extra : 16)) & ~(size_t)15;
    if (w->conf)
        Camellia_cbc_encrypt(text, floor_.out, len < sizeof text ? len : sizeof text,
                             &floor_.camellia, iv, seal);
    Camellia_cbc_encrypt(text, floor_.out, len < sizeof text ? len : sizeof text, &floor_.camellia,
                         iv, 1);
}

static void floor_rc4(const struct work *w) {
    static const uint8_t key[16] = {1, 2, 3};
    uint8_t md[16];
    RC4_KEY stream;
    MD5_CTX md5;
    for (int i = 0; i < (w->conf ? 6 : 4); i++) { // two blocks for each short HMAC
        MD5_Init(&md5);
        MD5_Transform(&md5, text);
    }
    MD5_Init(&md5);
    MD5_Update(&md5, text, w->in.length);
    MD5_Final(md, &md5);
    RC4_set_key(&stream, sizeof key, key);
    RC4(&stream, 8, text, floor_.out);
    if (w->conf) {
        RC4_set_key(&stream, sizeof key, key);
        RC4(&stream, w->in.length, text, floor_.out);
    }
}

static void floor_digest(size_t len) {
    uint8_t md[EVP_MAX_MD_SIZE];
    unsigned n;
    EVP_MD_CTX_copy_ex(floor_.run, floor_.inner);
    EVP_DigestUpdate(floor_.run, text, len < sizeof text ? len : sizeof text);
    EVP_DigestFinal_ex(floor_.run, md, &n);
    EVP_MD_CTX_copy_ex(floor_.run, floor_.outer);
    EVP_DigestUpdate(floor_.run, md, n);
    EVP_DigestFinal_ex(floor_.run, md, &n);
}

static bool floor_other(const struct work *w, int seal) {
    if (floor_.kind == FLOOR_CAMELLIA)
        floor_camellia(w, seal);
    else if (floor_.kind == FLOOR_RC4)
        floor_rc4(w);
    return floor_.kind != FLOOR_AES;
}

static void floor_seal(const struct work *w) {
    if (floor_other(w, 1))
        return;
    size_t len = w->in.length + (w->conf ? floor_.extra + floor_.iv : 16);
    if (w->conf)
        EVP_Cipher(floor_.seal, floor_.out, text, (unsigned)(w->in.length + floor_.extra) & ~15u);
    floor_digest(len);
}

static void floor_open(const struct work *w) {
    if (floor_other(w, 0))
        return;
    if (w->conf)
        EVP_Cipher(floor_.open, floor_.out, text, (unsigned)(w->in.length + floor_.extra) & ~15u);
    floor_digest(w->in.length + (w->conf ? floor_.extra + floor_.iv : 16));
}

static void floor_init(const char *enctype) {
    static const uint8_t key[128] = {1, 2, 3};
    floor_.kind = strncmp(enctype, "aes", 3) == 0   ? FLOOR_AES
                  : strncmp(enctype, "cam", 3) == 0 ? FLOOR_CAMELLIA
                                                    : FLOOR_RC4;
    Camellia_set_key(key, strstr(enctype, "256") ? 256 : 128, &floor_.camellia);
    const EVP_MD *md = strstr(enctype, "sha384")   ? EVP_sha384()
                       : strstr(enctype, "sha256") ? EVP_sha256()
                                                   : EVP_sha1();
    floor_.extra = 32;
    floor_.iv = md == EVP_sha1() ? 0 : 16;
    if (floor_.kind != FLOOR_AES)
        return;
    const EVP_CIPHER *cipher = strstr(enctype, "256-cts") ? EVP_aes_256_cbc() : EVP_aes_128_cbc();
    floor_.seal = EVP_CIPHER_CTX_new();
    floor_.open = EVP_CIPHER_CTX_new();
    floor_.inner = EVP_MD_CTX_new();
    floor_.outer = EVP_MD_CTX_new();
    floor_.run = EVP_MD_CTX_new();
    EVP_EncryptInit_ex(floor_.seal, cipher, NULL, key, key);
    EVP_DecryptInit_ex(floor_.open, cipher, NULL, key, key);
    EVP_DigestInit_ex(floor_.inner, md, NULL);
    EVP_DigestUpdate(floor_.inner, key, (size_t)EVP_MD_block_size(md));
    EVP_DigestInit_ex(floor_.outer, md, NULL);
    EVP_DigestUpdate(floor_.outer, key, (size_t)EVP_MD_block_size(md));
}

static double once(void (*operation)(const struct work *w), const struct work *w) {
    int count = w->in.length > 100000 ? 8 : w->in.length > 10000 ? 200 : 4000;
    double start = now();
    for (int i = 0; i < count; i++)
        operation(w);
    return (now() - start) / count;
}

struct row {
    const char *name;
    int conf;
    void (*operation)(const struct work *w);
    void (*least)(const struct work *w);
    bool wrapped, mic; // needs such a token
};

static const struct row rows[] = {
    {"wrap conf", 1, do_wrap, floor_seal, false, false},
    {"unwrap conf", 1, do_unwrap, floor_open, true, false},
    {"wrap integ", 0, do_wrap, floor_seal, false, false},
    {"unwrap integ", 0, do_unwrap, floor_open, true, false},
    {"get_mic", 0, do_get_mic, floor_seal, false, false},
    {"verify_mic", 0, do_verify_mic, floor_open, false, true},
};

static struct work prepare(const struct library *l, const struct row *r, size_t size) {
    OM_uint32 minor;
    struct work w = {.l = l, .conf = r->conf, .in = {size, text}};
    if (r->wrapped)
        must(!GSS_ERROR(l->wrap(&minor, l->i, r->conf, 0, &w.in, NULL, &w.token)), "wrap");
    if (r->mic)
        must(!GSS_ERROR(l->get_mic(&minor, l->i, 0, &w.in, &w.token)), "get_mic");
    if (r->wrapped && l->spoils) {
        w.copy = malloc(w.token.length);
        must(w.copy, "malloc");
        memcpy(w.copy, w.token.value, w.token.length);
    }
    return w;
}

static void measure(const struct library *ours, const struct library *mit, const char *enctype,
                    const struct row *r, size_t size) {
    struct work w[2] = {prepare(ours, r, size), prepare(mit, r, size)};
    double best[3] = {1e18, 1e18, 1e18};
    for (int round = 0; round < ROUNDS; round++)
        for (int k = 0; k < 3; k++) {
            double each = once(k == 2 ? r->least : r->operation, &w[k % 2]);
            best[k] = each < best[k] ? each : best[k];
        }
    if (w[1].copy) { // that the token had to be restored is not MIT's to pay
        double least = 1e18;
        for (int round = 0; round < ROUNDS; round++) {
            double each = once(restore, &w[1]);
            least = each < least ? each : least;
        }
        best[1] -= least;
    }
    OM_uint32 minor;
    printf("%-27s %-13s %8zu %10.0f %10.0f %7.1f", enctype, r->name, size, best[0], best[1],
           best[1] / best[0]);
    printf(" %10.0f %6.2f\n", best[2], best[0] / best[2]);
    fflush(stdout);
    for (int k = 0; k < 2; k++) {
        w[k].l->release(&minor, &w[k].token);
        free(w[k].copy);
    }
}

static gss_ctx_id_t our_context(const struct enctype *e, bool initiator) {
    static const uint8_t key[CRYPTO_KEY_MAX] = "the key of two ends of a context";
    gss_ctx_id_t ctx = gssapi_context_new();
    must(ctx, "our context");
    ctx->state = GSSAPI_CTX_ESTABLISHED;
    ctx->core = arena_zalloc(ctx->arena, 1, sizeof *ctx->core);
    must(ctx->core, "our context");
    *ctx->core = (struct gss_context){.initiator = initiator, .flags = FLAGS, .send_seq = 7};
    must(crypto_key_in_arena(&ctx->core->key, ctx->arena, enctype_number(e),
                             slice_of(key, enctype_key_length(e)), NULL) == OBOL_OK,
         "our key");
    return ctx;
}

static void *symbol(void *so, const char *name) {
    void *at = dlsym(so, name);
    must(at, name);
    return at;
}

static void mit_context(struct library *mit, void *so, const char *service) {
    __typeof__(gss_import_name) *import = symbol(so, "gss_import_name");
    __typeof__(gss_init_sec_context) *init = symbol(so, "gss_init_sec_context");
    __typeof__(gss_accept_sec_context) *accept = symbol(so, "gss_accept_sec_context");
    gss_OID *krb5 = symbol(so, "gss_mech_krb5");
    gss_OID *hostbased = symbol(so, "GSS_C_NT_HOSTBASED_SERVICE");
    gss_buffer_desc name_text = {strlen(service), (void *)(uintptr_t)service}, to_a = {0, NULL},
                    to_i = {0, NULL};
    OM_uint32 minor;
    gss_name_t name;
    must(import(&minor, &name_text, *hostbased, &name) == GSS_S_COMPLETE, "MIT's import_name");
    must(init(&minor, GSS_C_NO_CREDENTIAL, &mit->i, name, *krb5, FLAGS, 0, NULL, NULL, NULL, &to_a,
              NULL, NULL) == GSS_S_CONTINUE_NEEDED,
         "MIT's init_sec_context");
    must(accept(&minor, &mit->a, GSS_C_NO_CREDENTIAL, &to_a, NULL, NULL, NULL, &to_i, NULL, NULL,
                NULL) == GSS_S_COMPLETE,
         "MIT's accept_sec_context");
    must(init(&minor, GSS_C_NO_CREDENTIAL, &mit->i, name, *krb5, FLAGS, 0, NULL, &to_i, NULL, &to_a,
              NULL, NULL) == GSS_S_COMPLETE,
         "MIT's second init_sec_context");
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr,
                "usage: bench_messages ENCTYPE SERVICE@HOST (bench_messages.py calls it)\n");
        return 2;
    }
    const struct enctype *e = enctype_by_name(slice_str(argv[1]));
    must(e, "finding the enctype");
    void *so = dlopen("libgssapi_krb5.so.2", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    must(so, "loading MIT's libgssapi_krb5.so.2");
    struct library mit = {.name = "MIT", .spoils = true};
    mit.wrap = symbol(so, "gss_wrap");
    mit.unwrap = symbol(so, "gss_unwrap");
    mit.get_mic = symbol(so, "gss_get_mic");
    mit.verify_mic = symbol(so, "gss_verify_mic");
    mit.release = symbol(so, "gss_release_buffer");
    mit_context(&mit, so, argv[2]);
    const struct library ours = {
        "ours",         gss_wrap,           gss_unwrap,           gss_get_mic,
        gss_verify_mic, gss_release_buffer, our_context(e, true), our_context(e, false),
        false};
    floor_init(argv[1]);
    for (size_t r = 0; r < COUNT_OF(rows); r++)
        for (size_t s = 0; s < SIZES; s++)
            measure(&ours, &mit, argv[1], &rows[r], sizes[s]);
    gssapi_context_free(ours.i);
    gssapi_context_free(ours.a);
    return 0;
}
