// keyring.c: the layout is MIT krb5's, so that either sees the other's caches: a collection is a
// keyring "_krb_NAME" below its anchor; in it a key that names the primary cache, and a keyring for
// each cache; in that a key for the principal, one for the clock offset, and one a ticket, named by
// its server. What they hold is version 4 of the FILE cache's format.
#include "cred/keyring.h"
#include "cred/marshal.h"

#define INDEX_VERSION 1

void keyring_name_parse(struct slice residual, struct keyring_name *out) {
    size_t colon = slice_find(residual, ':');
    *out = (struct keyring_name){.anchor = SLICE_LITERAL("legacy"), .collection = residual};
    if (colon == residual.len)
        return;
    out->anchor = slice_sub(residual, 0, colon);
    struct slice rest = slice_sub(residual, colon + 1, SIZE_MAX);
    size_t second = slice_find(rest, ':');
    out->collection = slice_sub(rest, 0, second);
    out->is_one = second < rest.len;
    out->subsidiary = slice_sub(rest, second + 1, SIZE_MAX);
}

enum obol_code keyring_index_read(struct slice payload, struct slice *primary, struct error *err) {
    struct reader r = reader_of(payload);
    uint32_t version = reader_be32(&r);
    *primary = reader_counted32(&r);
    ENSURE(reader_ok(&r), CCACHE_FORMAT, "the key " KEYRING_PRIMARY " holds %zu bytes, too few",
           payload.len);
    ENSURE(version == INDEX_VERSION, CCACHE_FORMAT,
           "the key " KEYRING_PRIMARY " is of version %u; %d is known", version, INDEX_VERSION);
    ENSURE(primary->len && slice_find(*primary, 0) == primary->len && primary->len < 1024,
           CCACHE_FORMAT, "the key " KEYRING_PRIMARY " does not hold the name of a cache");
    return OBOL_OK;
}

void keyring_index_write(struct writer *w, struct slice primary) {
    writer_be32(w, INDEX_VERSION);
    writer_counted32(w, primary);
}

bool keyring_described(struct slice text, struct slice *type, struct slice *description) {
    *type = slice_sub(text, 0, slice_find(text, ';'));
    for (int i = 0; i < 4; i++) {
        size_t at = slice_find(text, ';');
        if (at == text.len)
            return false;
        text = slice_sub(text, at + 1, SIZE_MAX);
    }
    *description = text;
    return true;
}

static enum obol_code add(struct ccache_content *out, const struct cred *cred, struct arena *a,
                          size_t *room, struct error *err) {
    if (out->count == *room) {
        *room = *room ? 2 * *room : 16;
        struct cred *bigger = arena_zalloc(a, *room, sizeof *bigger);
        ENSURE_MEMORY(bigger);
        if (out->count)
            memcpy(bigger, out->creds, out->count * sizeof *bigger);
        out->creds = bigger;
    }
    out->creds[out->count++] = *cred;
    return OBOL_OK;
}

static enum obol_code malformed(struct slice description, const struct error *inner,
                                struct error *err) {
    ENSURE(false, CCACHE_FORMAT, "the key '%.*s': %s", SLICE_ARG(description),
           inner->detail[0] ? inner->detail : "it is cut off, or bytes are left over");
}

enum obol_code keyring_entry_read(struct slice description, struct slice payload, struct arena *a,
                                  struct ccache_content *out, size_t *room, struct error *err) {
    struct reader r = reader_of(payload);
    struct error inner;
    error_init(&inner);
    if (slice_eq_str(description, KEYRING_OFFSETS)) {
        out->offset = (int32_t)reader_be32(&r);
        out->offset_us = (int32_t)reader_be32(&r);
        out->has_offset = reader_ok(&r);
        return reader_done(&r) ? OBOL_OK : malformed(description, &inner, err);
    }
    if (slice_eq_str(description, KEYRING_PRINCIPAL)) {
        enum obol_code code = principal_unmarshal(&r, CRED_VERSION_MAX, a, &out->principal, &inner);
        return code == OBOL_OK && reader_done(&r) ? OBOL_OK : malformed(description, &inner, err);
    }
    struct cred cred;
    if (cred_read(&r, CRED_VERSION_MAX, a, &cred, &inner) != OBOL_OK || !reader_done(&r))
        return malformed(description, &inner, err);
    return add(out, &cred, a, room, err);
}
