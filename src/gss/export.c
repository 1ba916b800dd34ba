// export.c: a context as bytes; see export.h. Integers are big endian, byte strings stand behind
// their length, and a number in front says which layout this is.
#include "gss/export.h"
#include "base/reader.h"
#include "der/table.h"
#include "proto/types.h"

#define MAGIC          0x6f626f6c43545832 // "obolCTX2": the last digit is the layout's
#define COMPONENTS_MAX 64

enum { INITIATOR = 1, ACCEPTOR_SUBKEY = 2, WRONG_OID = 4 };

static void write_principal(struct writer *w, const struct principal *p) {
    writer_counted32(w, p->realm);
    writer_be32(w, (uint32_t)p->name.name_type);
    writer_be32(w, (uint32_t)p->name.name_string.count);
    for (size_t i = 0; i < p->name.name_string.count; i++)
        writer_counted32(w, p->name.name_string.items[i]);
}

static void write_key(struct writer *w, const struct crypto_key *key) {
    writer_be32(w, key ? (uint32_t)enctype_number(crypto_key_enctype(key)) : 0);
    writer_counted16(w, key ? crypto_key_bytes(key) : (struct slice){0});
}

enum obol_code gss_context_write(const struct gss_context *ctx, struct arena *a, struct slice *out,
                                 struct error *err) {
    struct slice authdata;
    TRY(der_encode(&TYPE_AUTHORIZATION_DATA, &ctx->authdata, a, &authdata, err));
    struct writer w = writer_to_arena(a);
    writer_be64(&w, MAGIC);
    writer_u8(&w, (uint8_t)((ctx->initiator ? INITIATOR : 0) |
                            (ctx->acceptor_subkey ? ACCEPTOR_SUBKEY : 0) |
                            (ctx->wrong_oid ? WRONG_OID : 0)));
    writer_be32(&w, ctx->flags);
    writer_be64(&w, (uint64_t)ctx->endtime);
    writer_be64(&w, (uint64_t)ctx->authtime);
    writer_be32(&w, ctx->ticket_flags);
    writer_be64(&w, ctx->send_seq);
    writer_be64(&w, ctx->receive_seq);
    writer_be64(&w, ctx->received);
    write_key(&w, ctx->key);
    write_key(&w, ctx->initiator_key);
    write_key(&w, ctx->session);
    write_principal(&w, &ctx->client);
    write_principal(&w, &ctx->service);
    writer_counted32(&w, authdata);
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for an exported context");
    *out = writer_slice(&w);
    return OBOL_OK;
}

static enum obol_code read_principal(struct reader *r, struct arena *a, struct principal *p,
                                     struct error *err) {
    struct principal borrowed = {.realm = reader_counted32(r)};
    borrowed.name.name_type = (int32_t)reader_be32(r);
    uint32_t count = reader_be32(r);
    ENSURE(reader_ok(r) && count <= COMPONENTS_MAX, TOKEN_MALFORMED,
           "a name of %u components in an exported context", count);
    struct slice items[COMPONENTS_MAX];
    for (uint32_t i = 0; i < count; i++)
        items[i] = reader_counted32(r);
    ENSURE(reader_ok(r), TOKEN_MALFORMED, "an exported context ends inside a name");
    borrowed.name.name_string.items = items;
    borrowed.name.name_string.count = count;
    return principal_copy(&borrowed, a, p, err);
}

static enum obol_code read_key(struct reader *r, struct arena *a, struct crypto_key **key,
                               struct error *err) {
    int32_t enctype = (int32_t)reader_be32(r);
    struct slice bytes = reader_counted16(r);
    *key = NULL;
    ENSURE(reader_ok(r) && (enctype || !bytes.len), TOKEN_MALFORMED,
           "an exported context ends inside a key, or has one of no enctype");
    return enctype ? crypto_key_in_arena(key, a, enctype, bytes, err) : OBOL_OK;
}

static enum obol_code read_authdata(struct reader *r, struct arena *a, struct authdata_list *out,
                                    struct error *err) {
    struct slice der;
    ENSURE(arena_copy(a, reader_counted32(r), &der), NO_MEMORY, "no room for authorization data");
    ENSURE(reader_done(r), TOKEN_MALFORMED,
           "an exported context does not end where its lengths say");
    return der_decode(&TYPE_AUTHORIZATION_DATA, der, a, out, err);
}

enum obol_code gss_context_read(struct slice bytes, struct arena *a, struct gss_context *out,
                                struct error *err) {
    struct reader r = reader_of(bytes);
    ENSURE(reader_be64(&r) == MAGIC, TOKEN_MALFORMED,
           "%zu bytes that are no context which this library exported", bytes.len);
    uint8_t bits = reader_u8(&r);
    *out = (struct gss_context){
        .initiator = bits & INITIATOR,
        .acceptor_subkey = bits & ACCEPTOR_SUBKEY,
        .wrong_oid = bits & WRONG_OID,
    };
    out->flags = reader_be32(&r);
    out->endtime = (int64_t)reader_be64(&r);
    out->authtime = (int64_t)reader_be64(&r);
    out->ticket_flags = reader_be32(&r);
    out->send_seq = reader_be64(&r);
    out->receive_seq = reader_be64(&r);
    out->received = reader_be64(&r);
    TRY(read_key(&r, a, &out->key, err));
    ENSURE(out->key && bits <= (INITIATOR | ACCEPTOR_SUBKEY | WRONG_OID), TOKEN_MALFORMED,
           "an exported context without a key, or with bits 0x%02x that are not known", bits);
    TRY(read_key(&r, a, &out->initiator_key, err));
    TRY(read_key(&r, a, &out->session, err));
    TRY(read_principal(&r, a, &out->client, err));
    TRY(read_principal(&r, a, &out->service, err));
    return read_authdata(&r, a, &out->authdata, err);
}
