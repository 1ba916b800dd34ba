// kcm.c: the calls of the KCM protocol, version 2.0. A request is the version, an operation and its
// arguments; a reply a status and its values. Names end in NUL; principals and tickets are in
// version 4 of the FILE cache's format; identifiers are of 16 bytes, and a list of them ends with
// the reply.
#include "cred/kcm.h"
#include "cred/ccache_ops.h"
#include "cred/marshal.h"

// What is called here, by its number.
enum {
    OP_GEN_NEW = 3,
    OP_INITIALIZE = 4,
    OP_DESTROY = 5,
    OP_STORE = 6,
    OP_GET_PRINCIPAL = 8,
    OP_GET_CRED_UUID_LIST = 9,
    OP_GET_CRED_BY_UUID = 10,
    OP_REMOVE_CRED = 11,
    OP_GET_CACHE_UUID_LIST = 18,
    OP_GET_CACHE_BY_UUID = 19,
    OP_GET_DEFAULT_CACHE = 20,
    OP_SET_DEFAULT_CACHE = 21,
    OP_GET_KDC_OFFSET = 22,
    OP_SET_KDC_OFFSET = 23,
};
static const char *const OPERATIONS[] = {
    [OP_GEN_NEW] = "GEN_NEW",
    [OP_INITIALIZE] = "INITIALIZE",
    [OP_DESTROY] = "DESTROY",
    [OP_STORE] = "STORE",
    [OP_GET_PRINCIPAL] = "GET_PRINCIPAL",
    [OP_GET_CRED_UUID_LIST] = "GET_CRED_UUID_LIST",
    [OP_GET_CRED_BY_UUID] = "GET_CRED_BY_UUID",
    [OP_REMOVE_CRED] = "REMOVE_CRED",
    [OP_GET_CACHE_UUID_LIST] = "GET_CACHE_UUID_LIST",
    [OP_GET_CACHE_BY_UUID] = "GET_CACHE_BY_UUID",
    [OP_GET_DEFAULT_CACHE] = "GET_DEFAULT_CACHE",
    [OP_SET_DEFAULT_CACHE] = "SET_DEFAULT_CACHE",
    [OP_GET_KDC_OFFSET] = "GET_KDC_OFFSET",
    [OP_SET_KDC_OFFSET] = "SET_KDC_OFFSET",
};

#define UUID_LEN   16
#define ITEMS_MAX  4096u
#define NO_FILE    (ERROR_KRB5_BASE + 195)
#define CC_END     (ERROR_KRB5_BASE + 142)
#define CC_MISSING (ERROR_KRB5_BASE + 141)

static struct writer begin(uint16_t op, struct slice cache, bool named, struct arena *a) {
    struct writer w = writer_to_arena(a);
    writer_u8(&w, 2);
    writer_u8(&w, 0);
    writer_be16(&w, op);
    if (named) {
        writer_bytes(&w, cache);
        writer_u8(&w, 0);
    }
    return w;
}

// call sends what is written and gives a reader behind the status. A status that is not 0 is a
// failure: CCACHE_NOT_FOUND where it says that the cache or its entry is not there.
static enum obol_code call(const struct kcm *k, struct writer *w, struct arena *a,
                           struct reader *reply, struct error *err) {
    struct slice request = writer_slice(w), bytes;
    ENSURE(writer_ok(w), INVALID_ARGUMENT, "a ticket holds what a credential cache cannot");
    TRY(k->exchange(k->ctx, request, a, &bytes, err));
    *reply = reader_of(bytes);
    int32_t status = (int32_t)reader_be32(reply);
    const char *op = OPERATIONS[request.ptr[3]];
    ENSURE(reader_ok(reply), CCACHE_FORMAT, "%s: KCM's reply to %s has no status", k->name, op);
    if (status == NO_FILE || status == CC_END || status == CC_MISSING)
        return error_set(err, OBOL_CCACHE_NOT_FOUND, __func__, "%s: KCM holds no such thing (%s)",
                         k->name, op);
    ENSURE(status == 0, CCACHE_IO, "%s: KCM refuses %s with status %d", k->name, op, status);
    return OBOL_OK;
}

static enum obol_code simple(const struct kcm *k, uint16_t op, struct slice cache, struct arena *a,
                             struct error *err) {
    struct writer w = begin(op, cache, true, a);
    struct reader reply;
    return call(k, &w, a, &reply, err);
}

static enum obol_code read_name(const struct kcm *k, struct reader *reply, struct slice *out,
                                struct error *err) {
    struct slice rest = reader_rest(reply);
    size_t end = slice_find(rest, 0);
    *out = slice_sub(rest, 0, end);
    ENSURE(end < rest.len && end > 0 && end < 1024, CCACHE_FORMAT,
           "%s: KCM's reply holds no name of a cache", k->name);
    return OBOL_OK;
}

// A call without arguments whose reply is a name.
static enum obol_code ask_name(const struct kcm *k, uint16_t op, struct arena *a, struct slice *out,
                               struct error *err) {
    struct writer w = begin(op, (struct slice){0}, false, a);
    struct reader reply;
    TRY(call(k, &w, a, &reply, err));
    return read_name(k, &reply, out, err);
}

static enum obol_code read_ids(const struct kcm *k, struct reader *reply, struct slice *ids,
                               size_t *count, struct error *err) {
    *ids = reader_rest(reply);
    *count = ids->len / UUID_LEN;
    ENSURE(ids->len % UUID_LEN == 0 && *count <= ITEMS_MAX, CCACHE_FORMAT,
           "%s: KCM's list of identifiers is of %zu bytes", k->name, ids->len);
    return OBOL_OK;
}

static enum obol_code malformed(const struct kcm *k, const char *what, const struct error *inner,
                                struct error *err) {
    ENSURE(inner->code != OBOL_NO_MEMORY, NO_MEMORY, "%s does not fit the memory set aside",
           k->name);
    ENSURE(false, CCACHE_FORMAT, "%s: KCM's reply holds no %s: %s", k->name, what,
           inner->detail[0] ? inner->detail : "it is cut off, or bytes are left over");
}

// ---- reading

static enum obol_code get_principal(const struct kcm *k, struct slice cache, struct arena *a,
                                    struct principal *out, struct error *err) {
    struct writer w = begin(OP_GET_PRINCIPAL, cache, true, a);
    struct reader reply;
    struct error inner;
    error_init(&inner);
    TRY(call(k, &w, a, &reply, err));
    // Heimdal's says so of a cache that has a name and nothing in it.
    ENSURE(reader_left(&reply) > 0, CCACHE_NOT_FOUND, "%s is empty", k->name);
    if (principal_unmarshal(&reply, CRED_VERSION_MAX, a, out, &inner) != OBOL_OK ||
        !reader_done(&reply))
        return malformed(k, "principal", &inner, err);
    return OBOL_OK;
}

static enum obol_code get_offset(const struct kcm *k, struct slice cache, struct arena *a,
                                 struct ccache_content *out) {
    struct writer w = begin(OP_GET_KDC_OFFSET, cache, true, a);
    struct reader reply;
    // sssd's has it only where it was set.
    if (call(k, &w, a, &reply, NULL) != OBOL_OK)
        return OBOL_OK;
    out->offset = (int32_t)reader_be32(&reply);
    out->has_offset = reader_done(&reply) && out->offset != 0;
    out->offset = out->has_offset ? out->offset : 0;
    return OBOL_OK;
}

static enum obol_code get_cred(const struct kcm *k, struct slice cache, struct slice id,
                               struct arena *a, struct cred *out, bool *there, struct error *err) {
    struct writer w = begin(OP_GET_CRED_BY_UUID, cache, true, a);
    struct reader reply;
    struct error inner;
    error_init(&inner);
    writer_bytes(&w, id);
    enum obol_code code = call(k, &w, a, &reply, &inner);
    *there = code == OBOL_OK;
    if (code == OBOL_CCACHE_NOT_FOUND)
        return OBOL_OK; // removed in between
    if (code != OBOL_OK)
        return error_set(err, code, __func__, "%s", inner.detail);
    if (cred_read(&reply, CRED_VERSION_MAX, a, out, &inner) != OBOL_OK || !reader_done(&reply))
        return malformed(k, "ticket", &inner, err);
    return OBOL_OK;
}

enum obol_code kcm_read(const struct kcm *k, struct slice cache, struct arena *a,
                        struct ccache_content *out, struct error *err) {
    struct slice ids;
    struct reader reply;
    size_t count;
    *out = (struct ccache_content){0};
    TRY(get_principal(k, cache, a, &out->principal, err));
    TRY(get_offset(k, cache, a, out));
    struct writer w = begin(OP_GET_CRED_UUID_LIST, cache, true, a);
    TRY(call(k, &w, a, &reply, err));
    TRY(read_ids(k, &reply, &ids, &count, err));
    out->creds = arena_zalloc(a, count + 1, sizeof *out->creds);
    ENSURE_MEMORY(out->creds);
    for (size_t i = 0; i < count; i++) {
        bool there;
        TRY(get_cred(k, cache, slice_sub(ids, i * UUID_LEN, UUID_LEN), a, &out->creds[out->count],
                     &there, err));
        out->count += there && !cred_is_removed(&out->creds[out->count]);
    }
    return OBOL_OK;
}

// ---- writing

enum obol_code kcm_store(const struct kcm *k, struct slice cache, const struct cred *creds,
                         size_t count, struct arena *a, struct error *err) {
    for (size_t i = 0; i < count; i++) {
        struct writer w = begin(OP_STORE, cache, true, a);
        struct reader reply;
        cred_write(&w, CRED_VERSION_MAX, &creds[i]);
        TRY(call(k, &w, a, &reply, err));
    }
    return OBOL_OK;
}

// The protocol has no way to do this in one step: who reads meanwhile may find fewer tickets.
enum obol_code kcm_initialize(const struct kcm *k, struct slice cache,
                              const struct ccache_content *content, struct arena *a,
                              struct error *err) {
    struct writer w = begin(OP_INITIALIZE, cache, true, a);
    struct reader reply;
    principal_marshal(&w, CRED_VERSION_MAX, &content->principal);
    TRY(call(k, &w, a, &reply, err));
    if (content->has_offset) {
        w = begin(OP_SET_KDC_OFFSET, cache, true, a);
        writer_be32(&w, (uint32_t)content->offset);
        TRY(call(k, &w, a, &reply, err));
    }
    return kcm_store(k, cache, content->creds, content->count, a, err);
}

// A pattern for REMOVE_CRED: what is present, the server, and the rest of an entry empty.
static void write_pattern(struct writer *w, const struct principal *server) {
    writer_be32(w, 0); // no flags: the names are compared whole
    writer_be32(w, 2); // the server is present
    principal_marshal(w, CRED_VERSION_MAX, server);
    for (int i = 0; i < 4; i++)
        writer_be32(w, 0); // times
    writer_u8(w, 0);       // is_skey
    writer_be32(w, 0);     // ticket flags
}

// A daemon that cannot remove single entries (sssd's) gets the rest anew.
static enum obol_code without(const struct kcm *k, struct slice cache,
                              const struct principal *server, struct ccache_content *content,
                              struct arena *a, struct error *err) {
    size_t kept = 0;
    for (size_t i = 0; i < content->count; i++)
        if (!principal_eq(&content->creds[i].server, server))
            content->creds[kept++] = content->creds[i];
    content->count = kept;
    return kcm_initialize(k, cache, content, a, err);
}

enum obol_code kcm_remove(const struct kcm *k, struct slice cache, const struct principal *server,
                          struct arena *a, struct error *err) {
    struct ccache_content content;
    struct reader reply;
    size_t found = 0;
    TRY(kcm_read(k, cache, a, &content, err));
    for (size_t i = 0; i < content.count; i++)
        found += principal_eq(&content.creds[i].server, server);
    ENSURE(found > 0, NOT_FOUND, "%s holds nothing for this server", k->name);
    struct writer w = begin(OP_REMOVE_CRED, cache, true, a);
    write_pattern(&w, server);
    if (call(k, &w, a, &reply, NULL) == OBOL_OK)
        return OBOL_OK;
    return without(k, cache, server, &content, a, err);
}

enum obol_code kcm_destroy(const struct kcm *k, struct slice cache, struct arena *a,
                           struct error *err) {
    return simple(k, OP_DESTROY, cache, a, err);
}

// ---- the collection

enum obol_code kcm_primary(const struct kcm *k, struct arena *a, struct slice *out,
                           struct error *err) {
    return ask_name(k, OP_GET_DEFAULT_CACHE, a, out, err);
}

enum obol_code kcm_unique(const struct kcm *k, struct arena *a, struct slice *out,
                          struct error *err) {
    return ask_name(k, OP_GEN_NEW, a, out, err);
}

enum obol_code kcm_make_primary(const struct kcm *k, struct slice cache, struct arena *a,
                                struct error *err) {
    return simple(k, OP_SET_DEFAULT_CACHE, cache, a, err);
}

static enum obol_code name_of_id(const struct kcm *k, struct slice id, struct arena *a,
                                 struct slice *out, struct error *err) {
    struct writer w = begin(OP_GET_CACHE_BY_UUID, (struct slice){0}, false, a);
    struct reader reply;
    writer_bytes(&w, id);
    TRY(call(k, &w, a, &reply, err));
    return read_name(k, &reply, out, err);
}

enum obol_code kcm_list(const struct kcm *k, struct arena *a, struct slice_list *out,
                        struct error *err) {
    struct writer w = begin(OP_GET_CACHE_UUID_LIST, (struct slice){0}, false, a);
    struct reader reply;
    struct principal owner;
    struct slice first, ids, name;
    size_t count = 0;
    struct error missing;
    error_init(&missing);
    TRY(kcm_primary(k, a, &first, err));
    if (get_principal(k, first, a, &owner, NULL) == OBOL_OK)
        TRY(ccache_list_add(out, first, a, err));
    enum obol_code code = call(k, &w, a, &reply, &missing);
    if (code == OBOL_CCACHE_NOT_FOUND)
        return OBOL_OK; // there are none
    if (code != OBOL_OK)
        return error_set(err, code, __func__, "%s", missing.detail);
    TRY(read_ids(k, &reply, &ids, &count, err));
    for (size_t i = 0; i < count; i++) {
        code = name_of_id(k, slice_sub(ids, i * UUID_LEN, UUID_LEN), a, &name, NULL);
        if (code == OBOL_OK && !slice_eq(name, first) &&
            get_principal(k, name, a, &owner, NULL) == OBOL_OK)
            TRY(ccache_list_add(out, name, a, err));
    }
    return OBOL_OK;
}
