// cksum.c: the authenticator's checksum and channel bindings; see cksum.h.
#include "gss/cksum.h"
#include "base/reader.h"
#include "crypto/crypto.h"
#include "gss/context.h"
#include "proto/codes.h"
#include "proto/types.h"

#define DELEGATION_OPTION      1
#define EXTENSION_FINISHED     2 // GSS_EXTS_FINISHED
#define EXTENSION_OLD_FINISHED 1 // the same of MIT krb5 before 1.22
#define KERB_AP_OPTIONS_CBT    0x4000u

// RFC 6542 3: an extension is a tag and a length of four octets each, big endian, and data. Those
// not known are passed over.
static enum obol_code read_extensions(struct reader *r, struct gss_cksum *out, struct error *err) {
    while (reader_left(r)) {
        uint32_t type = reader_be32(r);
        struct slice data = reader_counted32(r);
        if (type != EXTENSION_FINISHED && type != EXTENSION_OLD_FINISHED)
            continue;
        out->finished = data;
        out->finished_old = type == EXTENSION_OLD_FINISHED;
    }
    ENSURE(reader_ok(r), TOKEN_MALFORMED,
           "an extension of the authenticator's checksum is cut off");
    return OBOL_OK;
}

enum obol_code gss_cksum_read(struct slice bytes, struct gss_cksum *out, struct error *err) {
    *out = (struct gss_cksum){0};
    struct reader r = reader_of(bytes);
    uint32_t bindings_len = reader_le32(&r);
    out->bindings = reader_bytes(&r, GSS_BINDINGS_BYTES);
    out->flags = reader_le32(&r);
    ENSURE(reader_ok(&r) && bindings_len == GSS_BINDINGS_BYTES, TOKEN_MALFORMED,
           "the authenticator's checksum of %zu bytes is none of the GSS-API", bytes.len);
    // A client that could get no ticket to delegate may leave the flag and nothing behind it.
    if ((out->flags & GSS_FLAG_DELEG) && reader_left(&r) >= 4) {
        uint16_t option = reader_le16(&r);
        out->delegated = reader_bytes(&r, reader_le16(&r));
        ENSURE(reader_ok(&r) && option == DELEGATION_OPTION, TOKEN_MALFORMED,
               "the delegated credentials in the authenticator's checksum are cut off");
    }
    return read_extensions(&r, out, err);
}

enum obol_code gss_cksum_write(const struct gss_cksum *c, struct arena *a, struct slice *out,
                               struct error *err) {
    static const uint8_t none[GSS_BINDINGS_BYTES];
    ENSURE(c->delegated.len <= UINT16_MAX, INVALID_ARGUMENT,
           "delegated credentials of %zu bytes do not fit the token", c->delegated.len);
    struct writer w = writer_to_arena(a);
    writer_le32(&w, GSS_BINDINGS_BYTES);
    writer_bytes(&w, c->bindings.len ? c->bindings : slice_of(none, sizeof none));
    writer_le32(&w, c->flags);
    if (c->flags & GSS_FLAG_DELEG) {
        writer_le16(&w, DELEGATION_OPTION);
        writer_le16(&w, (uint16_t)c->delegated.len);
        writer_bytes(&w, c->delegated);
    }
    if (c->finished.len) {
        writer_be32(&w, c->finished_old ? EXTENSION_OLD_FINISHED : EXTENSION_FINISHED);
        writer_counted32(&w, c->finished);
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for the authenticator's checksum");
    *out = writer_slice(&w);
    return OBOL_OK;
}

static void write_counted_le(struct writer *w, struct slice s) {
    writer_le32(w, (uint32_t)s.len);
    writer_bytes(w, s);
}

enum obol_code gss_bindings_hash(const struct gss_bindings *b, struct arena *a, struct slice *out,
                                 struct error *err) {
    struct writer w = writer_to_arena(a);
    struct buf hash = arena_buf(a, GSS_BINDINGS_BYTES);
    bool fits = b->initiator.len <= UINT32_MAX && b->acceptor.len <= UINT32_MAX &&
                b->application.len <= UINT32_MAX;
    ENSURE(fits, INVALID_ARGUMENT, "the channel bindings are too long");
    writer_le32(&w, b->initiator_type);
    write_counted_le(&w, b->initiator);
    writer_le32(&w, b->acceptor_type);
    write_counted_le(&w, b->acceptor);
    write_counted_le(&w, b->application);
    ENSURE(writer_ok(&w) && hash.ptr, NO_MEMORY, "no room for the channel bindings");
    TRY(crypto_digest(CKSUMTYPE_RSA_MD5, writer_slice(&w), hash, err));
    *out = slice_of_buf(hash);
    return OBOL_OK;
}

struct authdata gss_bindings_authdata(void) {
    static const uint8_t cbt[4] = {0x00, KERB_AP_OPTIONS_CBT >> 8, 0x00, 0x00}; // little endian
    return (struct authdata){AD_AP_OPTIONS, slice_of(cbt, sizeof cbt)};
}

static bool says_aware(const struct authdata *ad) {
    struct reader r = reader_of(ad->ad_data);
    return ad->ad_type == AD_AP_OPTIONS && (reader_le32(&r) & KERB_AP_OPTIONS_CBT) != 0;
}

enum obol_code gss_bindings_aware(const struct authdata_list *list, struct arena *a, bool *aware,
                                  struct error *err) {
    *aware = false;
    for (size_t i = 0; i < list->count && !*aware; i++) {
        *aware = says_aware(&list->items[i]);
        if (list->items[i].ad_type != AD_IF_RELEVANT)
            continue;
        struct authdata_list inner;
        TRY(der_decode(&TYPE_AUTHORIZATION_DATA, list->items[i].ad_data, a, &inner, err));
        for (size_t k = 0; k < inner.count && !*aware; k++)
            *aware = says_aware(&inner.items[k]);
    }
    return OBOL_OK;
}
