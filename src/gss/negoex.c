// negoex.c: NegoEx messages read; see negoex.h. Every length is compared with what is there before
// it is used: the vectors of a message are offsets into it.
#include "gss/negoex.h"
#include "base/reader.h"

#define HEADER_BYTES 40u
#define SIGNATURE    "NEGOEXTS"

// A vector (2.2): a 32-bit offset from the beginning of the message, and a count of 16 bits.
static enum obol_code read_schemes(struct reader *r, struct negoex_message *out,
                                   struct error *err) {
    reader_skip(r, 32); // Random
    uint64_t version = reader_le64(r);
    uint32_t offset = reader_le32(r);
    uint16_t count = reader_le16(r);
    reader_skip(r, 2);
    uint32_t extensions_at = reader_le32(r);
    uint16_t extensions = reader_le16(r);
    ENSURE(reader_ok(r), TOKEN_MALFORMED, "the NegoEx message ends in its fields");
    ENSURE(version == 0, TOKEN_MALFORMED, "the NegoEx message is of version %llu",
           (unsigned long long)version);
    ENSURE(offset <= out->body.len && count <= (out->body.len - offset) / NEGOEX_GUID_BYTES,
           TOKEN_MALFORMED, "the NegoEx message lists %u schemes at %u, it has %zu bytes", count,
           offset, out->body.len);
    ENSURE(extensions == 0 || extensions_at <= out->body.len, TOKEN_MALFORMED,
           "the NegoEx message has extensions at %u, it has %zu bytes", extensions_at,
           out->body.len);
    for (size_t i = 0; i < count && out->scheme_count < NEGOEX_SCHEMES_MAX; i++)
        out->schemes[out->scheme_count++] =
            slice_sub(out->body, offset + i * NEGOEX_GUID_BYTES, NEGOEX_GUID_BYTES);
    return OBOL_OK;
}

enum obol_code negoex_read(struct slice token, struct negoex_message *out, struct slice *rest,
                           struct error *err) {
    *out = (struct negoex_message){0};
    struct reader r = reader_of(token);
    struct slice signature = reader_bytes(&r, sizeof SIGNATURE - 1);
    uint32_t type = reader_le32(&r);
    out->sequence = reader_le32(&r);
    uint32_t header = reader_le32(&r), message = reader_le32(&r);
    out->conversation = reader_bytes(&r, NEGOEX_GUID_BYTES);
    ENSURE(reader_ok(&r) && slice_eq_str(signature, SIGNATURE), TOKEN_MALFORMED,
           "these %zu bytes are no NegoEx message", token.len);
    ENSURE(type <= NEGOEX_ALERT, TOKEN_MALFORMED, "a NegoEx message of type %u", type);
    ENSURE(header >= HEADER_BYTES && message >= header && message <= token.len, TOKEN_MALFORMED,
           "a NegoEx message with a header of %u and %u bytes in all, where there are %zu", header,
           message, token.len);
    out->type = (enum negoex_type)type;
    out->body = slice_sub(token, 0, message);
    *rest = slice_sub(token, message, token.len);
    if (type != NEGOEX_INITIATOR_NEGO && type != NEGOEX_ACCEPTOR_NEGO)
        return OBOL_OK;
    struct reader fields = reader_of(slice_sub(out->body, HEADER_BYTES, out->body.len));
    return read_schemes(&fields, out, err);
}

void negoex_scheme_write(struct writer *w, struct slice scheme) {
    struct reader r = reader_of(scheme);
    uint32_t first = reader_le32(&r);
    uint16_t second = reader_le16(&r), third = reader_le16(&r);
    writer_printf(w, "%08X-%04X-%04X-", first, second, third);
    for (unsigned i = 0; i < 8; i++)
        writer_printf(w, i == 1 ? "%02X-" : "%02X", reader_u8(&r));
}
