// gss_messages.c: both ends of a context in one process, each with a library of its own (by
// dlopen): every kind of message token that one makes is taken by the other, both ways.
//
//   gss_messages INITIATOR.so ACCEPTOR.so SERVICE@HOST FLAGS     FLAGS: hexadecimal, more than
//   usual
#include <dlfcn.h>
#include <gssapi/gssapi_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USUAL (GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)

#define CALLS(X)                                                                                   \
    X(gss_import_name)                                                                             \
    X(gss_init_sec_context)                                                                        \
    X(gss_accept_sec_context)                                                                      \
    X(gss_display_status)                                                                          \
    X(gss_wrap)                                                                                    \
    X(gss_unwrap)                                                                                  \
    X(gss_get_mic)                                                                                 \
    X(gss_verify_mic)                                                                              \
    X(gss_wrap_iov)                                                                                \
    X(gss_unwrap_iov)                                                                              \
    X(gss_wrap_aead)                                                                               \
    X(gss_unwrap_aead)                                                                             \
    X(gss_pseudo_random)                                                                           \
    X(gss_wrap_size_limit)

struct end {
    const char *name;
    void *so;
    gss_ctx_id_t ctx;
#define POINTER(call) __typeof__(call) *call;
    CALLS(POINTER)
#undef POINTER
};

static OM_uint32 minor;
static uint8_t text[20000];
static unsigned tokens;

static void must(const struct end *e, OM_uint32 major, const char *what, size_t len) {
    if (major == GSS_S_COMPLETE || major == GSS_S_CONTINUE_NEEDED)
        return;
    gss_buffer_desc said = {0, NULL};
    OM_uint32 ignored, more = 0;
    e->gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &said);
    fprintf(stderr, "%s: %s of %zu bytes: %08x %.*s\n", e->name, what, len, major, (int)said.length,
            (char *)said.value);
    exit(1);
}

static void same(const struct end *e, const void *got, size_t got_len, size_t len,
                 const char *what) {
    tokens++;
    if (got_len == len && memcmp(got, text, len) == 0)
        return;
    fprintf(stderr, "%s: %s gave %zu bytes in the place of %zu, or others\n", e->name, what,
            got_len, len);
    exit(1);
}

static void open_end(struct end *e, const char *path) {
    e->name = path;
    e->so = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (!e->so) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
#define LOAD(call) e->call = (__typeof__(call) *)dlsym(e->so, #call);
    CALLS(LOAD)
#undef LOAD
}

static void establish(struct end *i, struct end *a, const char *service, OM_uint32 flags) {
    gss_OID *krb5 = dlsym(i->so, "gss_mech_krb5");
    gss_OID *hostbased = dlsym(i->so, "GSS_C_NT_HOSTBASED_SERVICE");
    gss_buffer_desc name_text = {strlen(service), (void *)service}, to_a = {0, NULL},
                    to_i = {0, NULL};
    gss_name_t name;
    OM_uint32 mi = GSS_S_CONTINUE_NEEDED, ma = GSS_S_CONTINUE_NEEDED;
    must(i, i->gss_import_name(&minor, &name_text, *hostbased, &name), "import_name", 0);
    while (mi != GSS_S_COMPLETE || ma != GSS_S_COMPLETE) {
        if (mi != GSS_S_COMPLETE)
            must(i,
                 mi = i->gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &i->ctx, name, *krb5,
                                              flags, 0, NULL, &to_i, NULL, &to_a, NULL, NULL),
                 "init_sec_context", to_i.length);
        if (ma != GSS_S_COMPLETE)
            must(a,
                 ma = a->gss_accept_sec_context(&minor, &a->ctx, GSS_C_NO_CREDENTIAL, &to_a, NULL,
                                                NULL, NULL, &to_i, NULL, NULL, NULL),
                 "accept_sec_context", to_a.length);
    }
}

static void whole(struct end *from, struct end *to, int conf, size_t len) {
    gss_buffer_desc in = {len, text}, token, out;
    int got = 9;
    must(from, from->gss_wrap(&minor, from->ctx, conf, 0, &in, NULL, &token), "wrap", len);
    must(to, to->gss_unwrap(&minor, to->ctx, &token, &out, &got, NULL), "unwrap", len);
    same(to, out.value, out.length, len, got == conf ? "unwrap" : "unwrap (other protection)");
    must(from, from->gss_get_mic(&minor, from->ctx, 0, &in, &token), "get_mic", len);
    must(to, to->gss_verify_mic(&minor, to->ctx, &in, &token, NULL), "verify_mic", len);
}

// MIT's gss_unwrap_aead takes none of its own tokens in DCE style.
static void beside_data(struct end *from, struct end *to, int conf, size_t len) {
    gss_buffer_desc in = {len, text}, beside = {10, text + 5}, token, out;
    must(from, from->gss_wrap_aead(&minor, from->ctx, conf, 0, &beside, &in, NULL, &token),
         "wrap_aead", len);
    must(to, to->gss_unwrap_aead(&minor, to->ctx, &token, &beside, &out, NULL, NULL), "unwrap_aead",
         len);
    same(to, out.value, out.length, len, "unwrap_aead");
}

static void pieces(struct end *from, struct end *to, int conf, size_t len, int trailer) {
    static uint8_t data[sizeof text];
    const OM_uint32 alloc = GSS_IOV_BUFFER_FLAG_ALLOCATE;
    memcpy(data, text, len);
    gss_iov_buffer_desc iov[] = {
        {GSS_IOV_BUFFER_TYPE_HEADER | alloc, {0, NULL}},
        {GSS_IOV_BUFFER_TYPE_SIGN_ONLY, {20, text + 3}},
        {GSS_IOV_BUFFER_TYPE_DATA, {len / 3, data}},
        {GSS_IOV_BUFFER_TYPE_DATA, {len - len / 3, data + len / 3}},
        {GSS_IOV_BUFFER_TYPE_SIGN_ONLY, {9, text + 30}},
        {GSS_IOV_BUFFER_TYPE_PADDING | alloc, {0, NULL}},
        {GSS_IOV_BUFFER_TYPE_TRAILER | alloc, {0, NULL}},
    };
    int count = trailer ? 7 : 6;
    must(from, from->gss_wrap_iov(&minor, from->ctx, conf, 0, NULL, iov, count), "wrap_iov", len);
    must(to, to->gss_unwrap_iov(&minor, to->ctx, NULL, NULL, iov, count), "unwrap_iov", len);
    same(to, data, iov[2].buffer.length + iov[3].buffer.length, len, "unwrap_iov");
}

static void one_way(struct end *from, struct end *to, int dce) {
    static const size_t lengths[] = {0, 1, 15, 16, 17, 100, 1000, 20000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (int conf = 0; conf < 2; conf++) {
            whole(from, to, conf, lengths[i]);
            if (!dce)
                beside_data(from, to, conf, lengths[i]);
            pieces(from, to, conf, lengths[i], 1);
            pieces(from, to, conf, lengths[i], 0);
        }
}

static void same_functions(struct end *i, struct end *a) {
    gss_buffer_desc in = {17, text}, one, two;
    for (int partial = 0; partial < 2; partial++) {
        must(i, i->gss_pseudo_random(&minor, i->ctx, partial, &in, 77, &one), "prf", 17);
        must(a, a->gss_pseudo_random(&minor, a->ctx, partial, &in, 77, &two), "prf", 17);
        memcpy(text, two.value, two.length);
        same(i, one.value, one.length, two.length, "pseudo_random");
    }
}

int main(int argc, char **argv) {
    struct end i = {0}, a = {0};
    if (argc != 5)
        return 2;
    for (size_t k = 0; k < sizeof text; k++)
        text[k] = (uint8_t)(k * 13 + 1);
    open_end(&i, argv[1]);
    open_end(&a, argv[2]);
    OM_uint32 more = (OM_uint32)strtoul(argv[4], NULL, 16);
    establish(&i, &a, argv[3], USUAL | more);
    one_way(&i, &a, (more & GSS_C_DCE_STYLE) != 0);
    one_way(&a, &i, (more & GSS_C_DCE_STYLE) != 0);
    same_functions(&i, &a);
    printf("%u tokens\n", tokens);
    return 0;
}
