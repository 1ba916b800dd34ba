// mit_tokens.c: made tests/vectors/gss/mit_tokens.txt, once, with Debian's libgssapi_krb5.so.2
// (krb5 1.20.1). It is no part of the build; tests/vectors/gss/make tells how it is run: both ends
// of a context in one process, every kind of token from each end, then the keys.
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DCE 0x1000u

static uint8_t message[4096];
static OM_uint32 minor_status;

static void must(const char *what, OM_uint32 major) {
    if (!GSS_ERROR(major))
        return;
    gss_buffer_desc text;
    OM_uint32 more = 0, ignored, minor = minor_status;
    gss_display_status(&ignored, minor, GSS_C_MECH_CODE, GSS_C_NO_OID, &more, &text);
    fprintf(stderr, "%s: %x %.*s\n", what, major, (int)text.length, (char *)text.value);
    exit(1);
}

static void hex(const void *bytes, size_t len) {
    const uint8_t *p = bytes;
    printf(" %s", len ? "" : "-");
    for (size_t i = 0; i < len; i++)
        printf("%02x", p[i]);
}

static void token_wrap(gss_ctx_id_t ctx, char side, int conf, size_t len) {
    gss_buffer_desc in = {len, message}, out;
    must("wrap", gss_wrap(&minor_status, ctx, conf, 0, &in, NULL, &out));
    printf("%c wrap %d %zu", side, conf, len);
    hex(out.value, out.length);
    printf("\n");
}

static void token_mic(gss_ctx_id_t ctx, char side, size_t len) {
    gss_buffer_desc in = {len, message}, out;
    must("mic", gss_get_mic(&minor_status, ctx, 0, &in, &out));
    printf("%c mic 0 %zu", side, len);
    hex(out.value, out.length);
    printf("\n");
}

// Header, first signed part, sealed data, second signed part, padding, trailer.
static void token_iov(gss_ctx_id_t ctx, char side, int conf, size_t len, int aead, int trailer) {
    uint8_t data[4096], first[] = "first signed", second[] = "second";
    memcpy(data, message, len);
    const OM_uint32 alloc = GSS_IOV_BUFFER_FLAG_ALLOCATE;
    gss_iov_buffer_desc iov[] = {
        {GSS_IOV_BUFFER_TYPE_HEADER | alloc, {0, NULL}},
        {aead ? GSS_IOV_BUFFER_TYPE_SIGN_ONLY : GSS_IOV_BUFFER_TYPE_EMPTY, {sizeof first, first}},
        {GSS_IOV_BUFFER_TYPE_DATA, {len, data}},
        {aead ? GSS_IOV_BUFFER_TYPE_SIGN_ONLY : GSS_IOV_BUFFER_TYPE_EMPTY, {sizeof second, second}},
        {GSS_IOV_BUFFER_TYPE_PADDING | alloc, {0, NULL}},
        {trailer ? GSS_IOV_BUFFER_TYPE_TRAILER | alloc : GSS_IOV_BUFFER_TYPE_EMPTY, {0, NULL}},
    };
    must("wrap_iov", gss_wrap_iov(&minor_status, ctx, conf, 0, NULL, iov, 6));
    printf("%c %s%s %d %zu", side, aead ? "aead" : "iov", trailer ? "" : "-header", conf, len);
    hex(iov[0].buffer.value, iov[0].buffer.length);
    hex(data, len);
    hex(iov[4].buffer.value, iov[4].buffer.length);
    hex(iov[5].buffer.value, iov[5].buffer.length);
    printf("\n");
}

static void side(gss_ctx_id_t ctx, char name) {
    static const size_t lengths[] = {0, 1, 15, 16, 100};
    for (int conf = 0; conf < 2; conf++)
        for (size_t i = 0; i < 5; i++) {
            token_wrap(ctx, name, conf, lengths[i]);
            for (int aead = 0; aead < 2; aead++)
                for (int trailer = 0; trailer < 2; trailer++)
                    token_iov(ctx, name, conf, lengths[i], aead, trailer);
        }
    for (size_t i = 0; i < 5; i++)
        token_mic(ctx, name, lengths[i]);
    for (int conf = 0; conf < 2; conf++)
        for (OM_uint32 size = 0; size < 600; size += 37) {
            OM_uint32 limit;
            must("limit", gss_wrap_size_limit(&minor_status, ctx, conf, 0, size, &limit));
            printf("%c limit %d %u %u\n", name, conf, size, limit);
        }
    for (int partial = 0; partial < 2; partial++) {
        gss_buffer_desc in = {20, message}, out;
        must("prf", gss_pseudo_random(&minor_status, ctx, partial, &in, 100, &out));
        printf("%c prf %d 20", name, partial);
        hex(out.value, out.length);
        printf("\n");
    }
}

static void keys(gss_ctx_id_t *ctx, const char *name) {
    void *lucid;
    must("lucid", gss_krb5_export_lucid_sec_context(&minor_status, ctx, 1, &lucid));
    gss_krb5_lucid_context_v1_t *c = lucid;
    const gss_krb5_lucid_key_t *key = c->protocol ? &c->cfx_kd.ctx_key : &c->rfc1964_kd.ctx_key;
    printf("%s_seqs = %llu %llu\n", name, (unsigned long long)c->send_seq,
           (unsigned long long)c->recv_seq);
    printf("%s_key = %u", name, key->type);
    hex(key->data, key->length);
    if (c->protocol && c->cfx_kd.have_acceptor_subkey) {
        printf(" %u", c->cfx_kd.acceptor_subkey.type);
        hex(c->cfx_kd.acceptor_subkey.data, c->cfx_kd.acceptor_subkey.length);
    }
    printf("\n");
}

static void context(const char *service, OM_uint32 extra) {
    gss_ctx_id_t i = GSS_C_NO_CONTEXT, a = GSS_C_NO_CONTEXT;
    gss_buffer_desc text = {strlen(service), (void *)service}, to_a = {0, NULL}, to_i = {0, NULL};
    gss_name_t name;
    OM_uint32 flags = GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG |
                      GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | extra;
    if (extra == 1u << 31)
        flags = GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG;
    must("name", gss_import_name(&minor_status, &text, GSS_C_NT_HOSTBASED_SERVICE, &name));
    OM_uint32 mi = GSS_S_CONTINUE_NEEDED, ma = GSS_S_CONTINUE_NEEDED;
    while (mi != GSS_S_COMPLETE || ma != GSS_S_COMPLETE) {
        if (mi != GSS_S_COMPLETE)
            must("init", mi = gss_init_sec_context(&minor_status, GSS_C_NO_CREDENTIAL, &i, name,
                                                   (gss_OID)gss_mech_krb5, flags, 0, NULL, &to_i,
                                                   NULL, &to_a, NULL, NULL));
        if (ma != GSS_S_COMPLETE)
            must("accept",
                 ma = gss_accept_sec_context(&minor_status, &a, GSS_C_NO_CREDENTIAL, &to_a, NULL,
                                             NULL, NULL, &to_i, NULL, NULL, NULL));
    }
    printf("service = %s\nflags = %u\n", service, flags);
    side(i, 'i');
    side(a, 'a');
    keys(&i, "initiator");
    keys(&a, "acceptor");
    printf("\n");
}

int main(int argc, char **argv) {
    for (size_t k = 0; k < sizeof message; k++)
        message[k] = (uint8_t)(k * 7 + 1);
    if (argc != 2)
        return 2;
    context(argv[1], 0);
    context(argv[1], DCE);
    context(argv[1], 1u << 31); // one-way: no acceptor's subkey
    return 0;
}
