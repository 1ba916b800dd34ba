// sign.c: the four signatures of a PAC (MS-PAC 2.8). Each stands in a buffer of its own: a checksum
// type and the checksum. What they cover, as deployed KDCs have it:
//
//     ticket  the encoded EncTicketPart, with one zero byte in the PAC's place
//     full    the PAC with the bytes of server, KDC and full signature zero   (not of a TGT)
//     server  the PAC with the bytes of server and KDC signature zero
//     KDC     the bytes of the server signature
#include "pac/pac.h"

#define KU_PAC        17u // KERB_NON_KERB_CKSUM_SALT
#define RODC_ID_BYTES 2u  // behind the checksum of a read-only domain controller
#define ALIGNMENT     8u

static const uint8_t ZEROS[CRYPTO_CKSUM_MAX];

struct signature {
    int32_t type;
    struct slice bytes; // the checksum
};

static enum obol_code read_signature(const struct pac *pac, uint32_t type, struct signature *out,
                                     struct error *err) {
    const struct pac_buffer *item = pac_find(pac, type);
    ENSURE(item, NOT_FOUND, "the PAC has no signature of type %u", type);
    struct reader r = reader_of(item->data);
    out->type = (int32_t)reader_le32(&r);
    size_t len = cksumtype_length(out->type);
    ENSURE(!reader_ok(&r) || len, CKSUMTYPE_UNSUPPORTED,
           "the PAC's signature %u is of checksum type %d", type, out->type);
    out->bytes = reader_bytes(&r, len);
    size_t left = reader_left(&r);
    ENSURE(reader_ok(&r) && (left == 0 || left == RODC_ID_BYTES), FORMAT,
           "the PAC's signature %u has %zu bytes", type, item->data.len);
    return OBOL_OK;
}

int32_t pac_signature_type(const struct pac *pac, uint32_t type) {
    const struct pac_buffer *item = pac_find(pac, type);
    struct reader r = reader_of(item ? item->data : (struct slice){0});
    return (int32_t)reader_le32(&r);
}

// The PAC in parts, with zeros in the place of some signatures: at most three.
struct covered {
    struct crypto_part parts[2 * 3 + 1];
    size_t count;
};

static void add_part(struct covered *c, const uint8_t *from, size_t len) {
    c->parts[c->count++] = (struct crypto_part){.in = from, .len = len, .sign_only = true};
}

// `holes` in any order; they lie in `raw` and apart.
static void cover(struct slice raw, const struct slice *holes, size_t count, struct covered *c) {
    const uint8_t *at = raw.ptr, *end = raw.ptr + raw.len;
    c->count = 0;
    for (size_t n = 0; n < count; n++) {
        const struct slice *next = NULL;
        for (size_t i = 0; i < count; i++)
            if (holes[i].ptr >= at && (!next || holes[i].ptr < next->ptr))
                next = &holes[i];
        if (!next)
            break;
        add_part(c, at, (size_t)(next->ptr - at));
        add_part(c, ZEROS, next->len);
        at = next->ptr + next->len;
    }
    add_part(c, at, (size_t)(end - at));
}

static enum obol_code find_covered(const struct pac *pac, uint32_t type, struct slice ticket,
                                   struct covered *c, struct error *err) {
    struct signature server, kdc, full;
    if (type == PAC_TICKET_SIGNATURE) {
        c->count = 0;
        add_part(c, ticket.ptr, ticket.len);
        return OBOL_OK;
    }
    TRY(read_signature(pac, PAC_SERVER_SIGNATURE, &server, err));
    if (type == PAC_KDC_SIGNATURE) {
        c->count = 0;
        add_part(c, server.bytes.ptr, server.bytes.len);
        return OBOL_OK;
    }
    TRY(read_signature(pac, PAC_KDC_SIGNATURE, &kdc, err));
    struct slice holes[3] = {server.bytes, kdc.bytes};
    if (type == PAC_FULL_SIGNATURE) {
        TRY(read_signature(pac, PAC_FULL_SIGNATURE, &full, err));
        holes[2] = full.bytes;
    }
    cover(pac->raw, holes, type == PAC_FULL_SIGNATURE ? 3 : 2, c);
    return OBOL_OK;
}

enum obol_code pac_verify(const struct pac *pac, uint32_t type, struct crypto_key *key,
                          struct slice ticket, struct error *err) {
    struct signature s;
    struct covered c;
    const struct enctype *e = crypto_key_enctype(key);
    TRY(read_signature(pac, type, &s, err));
    // One type a key: with a choice the attacker would have it.
    ENSURE(s.type == enctype_checksum_type(e), CKSUMTYPE_UNSUPPORTED,
           "the PAC's signature %u is of checksum type %d, the key of %s", type, s.type,
           enctype_name(e));
    TRY(find_covered(pac, type, ticket, &c, err));
    return crypto_verify_parts(key, KU_PAC, c.parts, c.count, s.bytes, err);
}

// ---- building

// A PAC under construction: its bytes, and where each signature's checksum stands.
struct layout {
    struct buf out;
    struct buf server, kdc, ticket, full;
};

static size_t aligned(size_t n) {
    return (n + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t signature_length(const struct crypto_key *key) {
    return 4 + enctype_checksum_length(crypto_key_enctype(key));
}

static void write_entry(struct writer *w, uint32_t type, size_t size, size_t *offset) {
    writer_le32(w, type);
    writer_le32(w, (uint32_t)size);
    writer_le64(w, *offset);
    *offset += aligned(size);
}

static void write_padding(struct writer *w) {
    struct buf room = writer_room(w, aligned(w->len) - w->len);
    if (room.ptr)
        memset(room.ptr, 0, room.len);
}

static void write_signature(struct writer *w, const struct crypto_key *key, struct buf *checksum) {
    const struct enctype *e = crypto_key_enctype(key);
    writer_le32(w, (uint32_t)enctype_checksum_type(e));
    *checksum = writer_room(w, enctype_checksum_length(e));
    if (checksum->ptr)
        memset(checksum->ptr, 0, checksum->len);
    write_padding(w);
}

// Signatures stand behind the buffers, in the order that Windows and Samba write: 6 7 16 19.
static enum obol_code lay_out(const struct pac_seal *seal, struct arena *a, struct layout *l,
                              struct error *err) {
    bool service = seal->ticket.len != 0;
    size_t count = seal->count + (service ? 4 : 2), offset = 8 + 16 * count;
    size_t server = signature_length(seal->server), kdc = signature_length(seal->kdc);
    size_t total = offset + aligned(server) + aligned(kdc) * (service ? 3 : 1);
    ENSURE(count <= PAC_BUFFERS_MAX, INTERNAL, "a PAC of %zu buffers", count);
    for (size_t i = 0; i < seal->count; i++)
        total += aligned(seal->items[i].data.len);
    ENSURE(total <= PAC_BYTES_MAX, INVALID_ARGUMENT, "a PAC of %zu bytes", total);
    l->out = arena_buf(a, total);
    ENSURE_MEMORY(l->out.ptr);
    struct writer w = writer_to_buf(l->out);
    writer_le32(&w, (uint32_t)count);
    writer_le32(&w, 0);
    for (size_t i = 0; i < seal->count; i++)
        write_entry(&w, seal->items[i].type, seal->items[i].data.len, &offset);
    write_entry(&w, PAC_SERVER_SIGNATURE, server, &offset);
    write_entry(&w, PAC_KDC_SIGNATURE, kdc, &offset);
    if (service) {
        write_entry(&w, PAC_TICKET_SIGNATURE, kdc, &offset);
        write_entry(&w, PAC_FULL_SIGNATURE, kdc, &offset);
    }
    for (size_t i = 0; i < seal->count; i++) {
        writer_bytes(&w, seal->items[i].data);
        write_padding(&w);
    }
    write_signature(&w, seal->server, &l->server);
    write_signature(&w, seal->kdc, &l->kdc);
    if (service) {
        write_signature(&w, seal->kdc, &l->ticket);
        write_signature(&w, seal->kdc, &l->full);
    }
    ENSURE(writer_ok(&w) && w.len == total, INTERNAL, "a PAC of %zu bytes, not %zu", w.len, total);
    return OBOL_OK;
}

enum obol_code pac_seal(const struct pac_seal *seal, struct arena *a, struct slice *out,
                        struct error *err) {
    struct layout l = {0};
    TRY(lay_out(seal, a, &l, err));
    *out = slice_of_buf(l.out);
    // All signatures are zero yet: what the later ones cover is the PAC as it stands.
    if (seal->ticket.len) {
        TRY(crypto_checksum(seal->kdc, KU_PAC, seal->ticket, l.ticket, err));
        TRY(crypto_checksum(seal->kdc, KU_PAC, *out, l.full, err));
    }
    TRY(crypto_checksum(seal->server, KU_PAC, *out, l.server, err));
    return crypto_checksum(seal->kdc, KU_PAC, slice_of_buf(l.server), l.kdc, err);
}
