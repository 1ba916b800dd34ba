// lucid.c: a context laid open as MIT krb5's version 1 (gss_krb5_export_lucid_sec_context): keys
// and sequence numbers, for a kernel's NFS or any other framing.
#include "base/ct.h"
#include "gssapi/protect.h"
#include <gssapi/gssapi_krb5.h>
#include <stdlib.h>

#define LUCID_VERSION 1
#define SIGN_HMAC_MD5 0x0011 // RFC 4757 7.3: SGN_ALG and SEAL_ALG
#define SEAL_RC4      0x0010

static bool copy_key(gss_krb5_lucid_key_t *to, const struct crypto_key *key) {
    struct slice bytes = crypto_key_bytes(key);
    to->data = malloc(bytes.len);
    if (!to->data)
        return false;
    memcpy(to->data, bytes.ptr, bytes.len);
    to->length = (OM_uint32)bytes.len;
    to->type = (OM_uint32)enctype_number(crypto_key_enctype(key));
    return true;
}

static void free_key(gss_krb5_lucid_key_t *key) {
    if (key->data)
        wipe(key->data, key->length);
    free(key->data);
}

static void free_lucid(gss_krb5_lucid_context_v1_t *c) {
    free_key(&c->rfc1964_kd.ctx_key);
    free_key(&c->cfx_kd.ctx_key);
    free_key(&c->cfx_kd.acceptor_subkey);
    free(c);
}

static bool fill_keys(gss_krb5_lucid_context_v1_t *c, const struct gss_context *core) {
    if (enctype_number(crypto_key_enctype(core->key)) == ENCTYPE_RC4_HMAC) {
        c->rfc1964_kd.sign_alg = SIGN_HMAC_MD5;
        c->rfc1964_kd.seal_alg = SEAL_RC4;
        return copy_key(&c->rfc1964_kd.ctx_key, core->key);
    }
    c->protocol = 1;
    c->cfx_kd.have_acceptor_subkey = core->acceptor_subkey;
    if (!copy_key(&c->cfx_kd.ctx_key, core->initiator_key ? core->initiator_key : core->key))
        return false;
    return !core->acceptor_subkey || copy_key(&c->cfx_kd.acceptor_subkey, core->key);
}

OM_uint32 gssapi_lucid(OM_uint32 *minor, const struct gss_context *core, OM_uint32 version,
                       void **out) {
    if (version != LUCID_VERSION)
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_UNSUPPORTED,
                             "version %u of a lucid context, there is only %d", version,
                             LUCID_VERSION);
    gss_krb5_lucid_context_v1_t *c = calloc(1, sizeof *c);
    if (!c)
        return gssapi_no_memory(minor);
    c->version = LUCID_VERSION;
    c->initiate = core->initiator;
    c->endtime = (OM_uint32)core->endtime;
    c->send_seq = core->send_seq;
    c->recv_seq = core->receive_seq;
    if (!fill_keys(c, core)) {
        free_lucid(c);
        return gssapi_no_memory(minor);
    }
    *out = c;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_krb5_export_lucid_sec_context(OM_uint32 *minor, gss_ctx_id_t *ctx, OM_uint32 version,
                                            void **out) {
    if (out)
        *out = NULL;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!ctx)
        return gssapi_refuse(minor, GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CONTEXT,
                             OBOL_INVALID_ARGUMENT, "no context was passed");
    OM_uint32 major;
    struct gss_context *core = gssapi_core(minor, *ctx, &major);
    if (!core)
        return major;
    major = gssapi_lucid(minor, core, version, out);
    if (major)
        return major;
    // Two holders of the same sequence numbers would repeat them.
    gssapi_context_free(*ctx);
    *ctx = GSS_C_NO_CONTEXT;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_krb5_free_lucid_sec_context(OM_uint32 *minor, void *kctx) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!kctx)
        return GSS_S_CALL_INACCESSIBLE_READ;
    gss_krb5_lucid_context_version_t *any = kctx;
    if (any->version != LUCID_VERSION)
        return gssapi_refuse(minor, GSS_S_FAILURE, OBOL_INVALID_ARGUMENT,
                             "version %u of a lucid context, there is only %d", any->version,
                             LUCID_VERSION);
    free_lucid(kctx);
    return GSS_S_COMPLETE;
}
