// bench_messages.c: nanoseconds of CPU for wrap, unwrap, get_mic and verify_mic, ours and of the
// MIT krb5 that is installed, in one process, and what libcrypto alone needs for the same bytes.
// MIT's library comes by dlopen and makes its context with the realm that the environment names
// (bench_messages.py sets that up); ours gets the same enctype. Rounds of both alternate; the
// quick ones of each count.
#include "floor.h"
#include "gssapi/handles.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FLAGS  (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)
// Short rounds, and many of those that are cheap: whatever else the machine does spares some.
#define ROUNDS       100
#define ROUNDS_SHORT 600 // of messages of a few KiB at most
#define SIZES  4

static const size_t sizes[SIZES] = {64, 1024, 16384, 1048576};
static uint8_t text[FLOOR_MESSAGE_MAX];

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

static void least_seal(const struct work *w) {
    floor_sealed(w->in.length, false);
}

static void least_open(const struct work *w) {
    floor_sealed(w->in.length, true);
}

static void least_sign(const struct work *w) {
    floor_signed(w->in.length);
}

static double once(void (*operation)(const struct work *w), const struct work *w) {
    int count = w->in.length > 100000 ? 1 : w->in.length > 10000 ? 8 : 200;
    operation(w); // what another library has pushed out of caches, or given back, is not its to pay
    double start = now();
    for (int i = 0; i < count; i++)
        operation(w);
    return (now() - start) / count;
}

static int by_size(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

// A quick round: a twentieth are quicker still, among which is any that a clock set back has made.
static double quick_round(double *each, size_t count) {
    qsort(each, count, sizeof *each, by_size);
    return each[count / 20];
}

struct row {
    const char *name;
    int conf;
    void (*operation)(const struct work *w);
    void (*least)(const struct work *w);
    bool wrapped, mic; // needs such a token
};

static const struct row rows[] = {
    {"wrap conf", 1, do_wrap, least_seal, false, false},
    {"unwrap conf", 1, do_unwrap, least_open, true, false},
    {"wrap integ", 0, do_wrap, least_sign, false, false},
    {"unwrap integ", 0, do_unwrap, least_sign, true, false},
    {"get_mic", 0, do_get_mic, least_sign, false, false},
    {"verify_mic", 0, do_verify_mic, least_sign, false, true},
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
    static double each[3][ROUNDS_SHORT];
    double best[3];
    const int rounds = size > 100000 ? ROUNDS / 4 : size > 10000 ? ROUNDS : ROUNDS_SHORT;
    for (int round = 0; round < rounds; round++)
        for (int k = 0; k < 3; k++)
            each[k][round] = once(k == 2 ? r->least : r->operation, &w[k % 2]);
    for (int k = 0; k < 3; k++)
        best[k] = quick_round(each[k], (size_t)rounds);
    if (w[1].copy) { // that the token had to be restored is not MIT's to pay
        for (int round = 0; round < ROUNDS; round++)
            each[1][round] = once(restore, &w[1]);
        best[1] -= quick_round(each[1], ROUNDS);
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
    must(floor_start(argv[1]), "scheduling the keys of the floor");
    for (size_t r = 0; r < COUNT_OF(rows); r++)
        for (size_t s = 0; s < SIZES; s++)
            measure(&ours, &mit, argv[1], &rows[r], sizes[s]);
    gssapi_context_free(ours.i);
    gssapi_context_free(ours.a);
    return 0;
}
