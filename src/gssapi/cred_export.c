// cred_export.c: a credential as bytes, and back (gss_export_cred, gss_import_cred): for another
// process of the same machine. A cache on disk goes by its name, one of memory with its tickets,
// which makes the bytes as secret as they are. The form is ours: a mark, the parts, the mechanisms
// with their part's number.
#include "base/reader.h"
#include "gssapi/part.h"
#include "gssapi/status.h"
#include "net/net.h"
#include <stdlib.h>

#define MARK "obol-cred-1\n"

enum { CACHE_NONE, CACHE_NAMED, CACHE_CONTENT };
enum { FLAG_IAKERB = 1, FLAG_NO_CI = 2, FLAG_DEFAULT = 4, FLAG_TGT = 8 };

// ---- writing

static void write_text(struct writer *w, const char *text) {
    writer_u8(w, text != NULL);
    writer_counted16(w, slice_str(text));
}

static void write_name(struct writer *w, const struct gss_name_struct *name) {
    writer_u8(w, name ? 1 : 0);
    if (!name)
        return;
    writer_counted16(w, name->type ? slice_of(name->type->elements, name->type->length)
                                   : (struct slice){0});
    writer_u8(w, (uint8_t)name->mech);
    writer_counted16(w, name->text);
}

static enum obol_code write_cache(struct writer *w, struct gssapi_part *part, struct error *err) {
    struct slice name = part->cache ? ccache_name(part->cache) : (struct slice){0};
    struct gssapi_view *view = NULL;
    if (name.len && !slice_starts(name, SLICE_LITERAL("MEMORY:"))) {
        writer_u8(w, CACHE_NAMED);
        writer_counted32(w, name);
        return OBOL_OK;
    }
    struct error held;
    error_init(&held);
    enum obol_code code = part->cache ? gssapi_view_get(part->cache, &view, &held) : OBOL_OK;
    if (!view) { // there is none, or nobody has filled it yet
        writer_u8(w, CACHE_NONE);
        writer_counted32(w, (struct slice){0});
        return code == OBOL_OK || code == OBOL_CCACHE_NOT_FOUND ? OBOL_OK : net_fail(err, &held);
    }
    struct writer content = writer_to_arena(w->arena);
    ccache_format(&content, &view->content);
    gssapi_view_put(view);
    writer_u8(w, CACHE_CONTENT);
    writer_counted32(w, writer_slice(&content));
    w->failed = w->failed || !writer_ok(&content);
    return OBOL_OK;
}

// Whose the default credential is depends on who asks: it is made out here, for those who import.
static enum obol_code make_out(struct gssapi_part *part, struct error *err) {
    struct gssapi_conf *conf;
    if (!part->default_identity || part->cache || part->usage == GSS_C_ACCEPT)
        return OBOL_OK;
    TRY(gssapi_conf_get(&conf, err));
    enum obol_code code = part_resolve(part, conf, err);
    gssapi_conf_put(conf);
    return code;
}

static enum obol_code write_part(struct writer *w, struct gssapi_part *part, struct error *err) {
    TRY(make_out(part, err));
    writer_u8(w, (uint8_t)part->usage);
    writer_u8(w, (uint8_t)((part->iakerb ? FLAG_IAKERB : 0) | (part->no_ci_flags ? FLAG_NO_CI : 0) |
                           (part->default_identity ? FLAG_DEFAULT : 0) |
                           (part->have_tgt ? FLAG_TGT : 0)));
    writer_be64(w, (uint64_t)part->expire);
    writer_be64(w, (uint64_t)part->refresh);
    write_name(w, part->name);
    write_name(w, part->accept_name);
    write_text(w, part->client_keytab);
    write_text(w, part->keytab);
    write_text(w, part->rcache);
    write_text(w, part->impersonator);
    writer_u8(w, part->has_password);
    writer_counted16(w, secret_slice(&part->password));
    writer_u8(w, (uint8_t)part->etype_count);
    for (size_t i = 0; i < part->etype_count; i++)
        writer_be32(w, (uint32_t)part->etypes[i]);
    return write_cache(w, part, err);
}

// The number of a part among those of the handle that differ.
static size_t part_number(const struct gss_cred_id_struct *cred, size_t element,
                          struct gssapi_part **parts, size_t *count) {
    for (size_t i = 0; i < *count; i++)
        if (parts[i] == cred->parts[element].part)
            return i;
    parts[*count] = cred->parts[element].part;
    return (*count)++;
}

static enum obol_code write_cred(struct writer *w, struct gss_cred_id_struct *cred,
                                 struct error *err) {
    struct gssapi_part *parts[CRED_PARTS_MAX];
    uint8_t numbers[CRED_PARTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < cred->count; i++)
        numbers[i] = (uint8_t)part_number(cred, i, parts, &count);
    writer_str(w, MARK);
    writer_u8(w, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        pthread_mutex_lock(&parts[i]->lock);
        enum obol_code code = write_part(w, parts[i], err);
        pthread_mutex_unlock(&parts[i]->lock);
        TRY(code);
    }
    writer_u8(w, (uint8_t)cred->count);
    for (size_t i = 0; i < cred->count; i++) {
        writer_u8(w, (uint8_t)cred->parts[i].mech);
        writer_u8(w, numbers[i]);
    }
    writer_u8(w, cred->neg_set);
    writer_u8(w, (uint8_t)cred->neg_count);
    for (size_t i = 0; i < cred->neg_count; i++)
        writer_u8(w, (uint8_t)cred->neg[i]);
    ENSURE(writer_ok(w), NO_MEMORY, "no room for the credential");
    return OBOL_OK;
}

OM_uint32 gss_export_cred(OM_uint32 *minor, gss_cred_id_t cred, gss_buffer_t token) {
    if (token)
        *token = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !token)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_cred(cred))
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_NO_CRED;
    struct arena *a = gssapi_arena_take();
    if (!a)
        return gssapi_no_memory(minor);
    struct writer w = writer_to_arena(a);
    struct error err;
    error_init(&err);
    pthread_mutex_lock(&cred->lock);
    enum obol_code code = write_cred(&w, cred, &err);
    pthread_mutex_unlock(&cred->lock);
    OM_uint32 major = GSS_S_COMPLETE;
    if (code != OBOL_OK)
        major = gssapi_fail(minor, &err);
    else if (!gssapi_buffer_copy(token, writer_slice(&w)))
        major = gssapi_no_memory(minor);
    gssapi_arena_give(a);
    return major;
}

// ---- reading

static enum obol_code read_text(struct reader *r, char **out, struct error *err) {
    bool there = reader_u8(r) == 1;
    struct slice text = reader_counted16(r);
    ENSURE(reader_ok(r) && (there || !text.len) && slice_find(text, '\0') == text.len,
           TOKEN_MALFORMED, "a text of the credential is cut off");
    if (!there)
        return OBOL_OK;
    *out = strndup((const char *)text.ptr, text.len);
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

static bool one_mech(uint8_t mech) {
    return mech && mech <= GSSAPI_SPNEGO && !(mech & (mech - 1));
}

static enum obol_code read_name(struct reader *r, struct arena *a, struct gss_name_struct **out,
                                struct error *err) {
    if (reader_u8(r) == 0)
        return OBOL_OK;
    struct slice oid = reader_counted16(r);
    uint8_t mech = reader_u8(r);
    struct slice text = reader_counted16(r);
    const gss_OID_desc desc = {(OM_uint32)oid.len, (void *)(uintptr_t)oid.ptr};
    gss_OID type = gssapi_oid_static(&desc);
    ENSURE(reader_ok(r) && (type || !oid.len) && (mech == 0 || one_mech(mech)), TOKEN_MALFORMED,
           "a name of the credential is malformed");
    // Names of this type are an address in the memory of who made them.
    ENSURE(type != gss_nt_krb5_principal, TOKEN_MALFORMED, "a name of the credential is a pointer");
    if (!mech)
        return gssapi_imported(text, type, out, err);
    struct principal p;
    TRY(gssapi_name_parse(text, 0, a, &p, err));
    *out = gssapi_name_of_principal(&p, mech);
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

static enum obol_code read_content(struct gssapi_part *part, struct slice bytes, struct arena *a,
                                   struct error *err) {
    struct ccache_content content;
    TRY(ccache_parse(bytes, "the credential's cache", a, &content, err));
    TRY(part_private_cache(part, err));
    return ccache_initialize(part->cache, &content, err);
}

static enum obol_code read_secrets(struct reader *r, struct gssapi_part *part, struct arena *a,
                                   struct error *err) {
    part->has_password = reader_u8(r) == 1;
    struct slice password = reader_counted16(r);
    part->etype_count = reader_u8(r);
    ENSURE(reader_ok(r) && part->etype_count <= PART_ETYPES_MAX, TOKEN_MALFORMED,
           "the credential's encryption types are malformed");
    if (part->has_password)
        ENSURE(secret_copy(&part->password, password), NO_MEMORY, "no room for a secret");
    for (size_t i = 0; i < part->etype_count; i++)
        part->etypes[i] = (int32_t)reader_be32(r);
    uint8_t kind = reader_u8(r);
    struct slice cache = reader_counted32(r);
    ENSURE(reader_ok(r) && kind <= CACHE_CONTENT, TOKEN_MALFORMED,
           "the credential's cache is malformed");
    if (kind == CACHE_CONTENT)
        return read_content(part, cache, a, err);
    // An empty name would be the default cache, which is not what was exported.
    ENSURE(kind == CACHE_NONE || cache.len, TOKEN_MALFORMED, "the credential's cache has no name");
    if (kind == CACHE_NAMED)
        return ccache_open(&part->cache, cache, NULL, err);
    // A password logs in to a cache of its own.
    return part->has_password ? part_private_cache(part, err) : OBOL_OK;
}

static enum obol_code read_part(struct reader *r, struct gssapi_part *part, struct arena *a,
                                struct error *err) {
    uint8_t usage = reader_u8(r), flags = reader_u8(r);
    part->expire = (int64_t)reader_be64(r);
    part->refresh = (int64_t)reader_be64(r);
    ENSURE(reader_ok(r) && usage <= GSS_C_ACCEPT, TOKEN_MALFORMED, "the credential is cut off");
    part->usage = usage;
    part->iakerb = flags & FLAG_IAKERB;
    part->no_ci_flags = flags & FLAG_NO_CI;
    part->default_identity = flags & FLAG_DEFAULT;
    part->have_tgt = flags & FLAG_TGT;
    TRY(read_name(r, a, &part->name, err));
    TRY(read_name(r, a, &part->accept_name, err));
    TRY(read_text(r, &part->client_keytab, err));
    TRY(read_text(r, &part->keytab, err));
    TRY(read_text(r, &part->rcache, err));
    TRY(read_text(r, &part->impersonator, err));
    TRY(read_secrets(r, part, a, err));
    // Whoever exports the default credential has made it out; see make_out.
    ENSURE(!part->default_identity || part->usage == GSS_C_ACCEPT || part->cache, TOKEN_MALFORMED,
           "the default credential has no cache");
    return OBOL_OK;
}

struct imported {
    struct gssapi_part *parts[CRED_PARTS_MAX];
    size_t count;
};

static enum obol_code read_parts(struct reader *r, struct imported *im, struct arena *a,
                                 struct error *err) {
    struct slice mark = reader_bytes(r, sizeof MARK - 1);
    size_t count = reader_u8(r);
    ENSURE(slice_eq_str(mark, MARK) && count <= CRED_PARTS_MAX, TOKEN_MALFORMED,
           "these bytes are no credential that Obol exported");
    while (im->count < count) {
        struct gssapi_part *part = part_new(GSS_C_BOTH);
        ENSURE_MEMORY(part);
        im->parts[im->count++] = part;
        TRY(read_part(r, part, a, err));
    }
    return OBOL_OK;
}

static enum obol_code read_mechs(struct reader *r, const struct imported *im,
                                 struct gss_cred_id_struct *cred, struct error *err) {
    size_t count = reader_u8(r);
    ENSURE(reader_ok(r) && count && count <= CRED_PARTS_MAX, TOKEN_MALFORMED,
           "the credential has %zu mechanisms", count);
    for (size_t i = 0; i < count; i++) {
        uint8_t mech = reader_u8(r), part = reader_u8(r);
        ENSURE(reader_ok(r) && one_mech(mech) && part < im->count &&
                   !(gssapi_cred_mechs(cred) & mech),
               TOKEN_MALFORMED, "a mechanism of the credential is malformed");
        part_hold(im->parts[part]);
        cred_add(cred, mech, im->parts[part]);
    }
    cred->neg_set = reader_u8(r) == 1;
    cred->neg_count = reader_u8(r);
    ENSURE(reader_ok(r) && cred->neg_count <= CRED_PARTS_MAX, TOKEN_MALFORMED,
           "the credential's list for SPNEGO is malformed");
    for (size_t i = 0; i < cred->neg_count; i++) {
        cred->neg[i] = reader_u8(r);
        ENSURE(one_mech((uint8_t)cred->neg[i]), TOKEN_MALFORMED, "a mechanism is not known");
    }
    ENSURE(reader_done(r), TOKEN_MALFORMED, "bytes stand behind the credential");
    return OBOL_OK;
}

static enum obol_code import(struct slice token, struct arena *a, struct gss_cred_id_struct *cred,
                             struct error *err) {
    struct reader r = reader_of(token);
    struct imported im = {.count = 0};
    enum obol_code code = read_parts(&r, &im, a, err);
    if (code == OBOL_OK)
        code = read_mechs(&r, &im, cred, err);
    for (size_t i = 0; i < im.count; i++)
        part_drop(im.parts[i]);
    return code;
}

OM_uint32 gss_import_cred(OM_uint32 *minor, gss_buffer_t token, gss_cred_id_t *out) {
    if (out)
        *out = GSS_C_NO_CREDENTIAL;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!token || !token->value || !token->length)
        return GSS_S_CALL_INACCESSIBLE_READ | GSS_S_DEFECTIVE_TOKEN;
    struct arena *a = gssapi_arena_take();
    struct gss_cred_id_struct *cred = cred_new();
    struct error err;
    error_init(&err);
    if (!a || !cred) {
        gssapi_arena_give(a);
        gssapi_cred_free(cred);
        return gssapi_no_memory(minor);
    }
    enum obol_code code = import(gssapi_slice(token), a, cred, &err);
    gssapi_arena_give(a);
    if (code == OBOL_OK) {
        *out = cred;
        return GSS_S_COMPLETE;
    }
    gssapi_cred_free(cred);
    return gssapi_fail_as(minor, code == OBOL_NO_MEMORY ? GSS_S_FAILURE : GSS_S_DEFECTIVE_TOKEN,
                          &err);
}
