// info.c: the buffers of a PAC that are no NDR (MS-PAC 2.7, 2.10, 2.14, 2.15).
#include "pac/pac.h"

enum obol_code pac_client_info_write(int64_t authtime, struct slice name, struct arena *a,
                                     struct slice *out, struct error *err) {
    size_t len = utf16_length(name);
    ENSURE(len <= UINT16_MAX, INVALID_ARGUMENT, "a name of %zu bytes", name.len);
    struct writer w = writer_to_buf(arena_buf(a, 10 + len));
    writer_le64(&w, filetime_of(authtime));
    writer_le16(&w, (uint16_t)len);
    utf16_write(&w, name);
    ENSURE(writer_ok(&w), NO_MEMORY, "the PAC's client info");
    *out = writer_slice(&w);
    return OBOL_OK;
}

enum obol_code pac_client_info_read(struct slice data, struct arena *a, struct pac_client_info *out,
                                    struct error *err) {
    struct reader r = reader_of(data);
    uint64_t when = reader_le64(&r);
    struct slice name = reader_bytes(&r, reader_le16(&r));
    // MS-PAC 2.7: what is left over is padding.
    ENSURE(reader_ok(&r) && reader_left(&r) < 8, FORMAT, "the PAC's client info has %zu bytes",
           data.len);
    out->authtime = (int64_t)(when / 10000000) - INT64_C(11644473600);
    return utf16_read(name, a, &out->name, err);
}

// ---- UPN_DNS_INFO

#define UPN_CONSTRUCTED 1u
#define UPN_EXTENDED    2u
#define UPN_BYTES       12u
#define UPN_BYTES_EXT   20u
#define UPN_ALIGNED(n)  (((n) + 7) & ~(size_t)7)

static void place(struct writer *w, size_t len, size_t *offset) {
    writer_le16(w, (uint16_t)len);
    writer_le16(w, (uint16_t)*offset);
    *offset += UPN_ALIGNED(len);
}

static void pad(struct writer *w) {
    while (writer_ok(w) && w->len % 8)
        writer_u8(w, 0);
}

enum obol_code pac_upn_dns_info_write(const struct pac_upn_dns_info *in, struct arena *a,
                                      struct slice *out, struct error *err) {
    size_t upn = utf16_length(in->upn), dns = utf16_length(in->dns_domain),
           sam = utf16_length(in->sam_name);
    size_t offset = UPN_ALIGNED(in->extended ? UPN_BYTES_EXT : UPN_BYTES);
    size_t total = offset + UPN_ALIGNED(upn) + UPN_ALIGNED(dns);
    if (in->extended)
        total += UPN_ALIGNED(sam) + UPN_ALIGNED(sid_length(&in->sid));
    ENSURE(total <= UINT16_MAX, INVALID_ARGUMENT, "the PAC's names have %zu bytes", total);
    struct writer w = writer_to_buf(arena_buf(a, total));
    place(&w, upn, &offset);
    place(&w, dns, &offset);
    writer_le32(&w, (in->constructed ? UPN_CONSTRUCTED : 0) | (in->extended ? UPN_EXTENDED : 0));
    if (in->extended) {
        place(&w, sam, &offset);
        place(&w, sid_length(&in->sid), &offset);
    }
    pad(&w);
    utf16_write(&w, in->upn);
    pad(&w);
    utf16_write(&w, in->dns_domain);
    pad(&w);
    if (in->extended) {
        utf16_write(&w, in->sam_name);
        pad(&w);
        sid_write(&w, &in->sid);
        pad(&w);
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "the PAC's names");
    *out = writer_slice(&w);
    return OBOL_OK;
}

// A length and an offset, and what they point to: inside, and behind the fixed part.
static struct slice placed(struct reader *r, struct slice whole, size_t fixed) {
    size_t len = reader_le16(r), offset = reader_le16(r);
    if (!reader_ok(r) ||
        (len && (offset < fixed || offset > whole.len || len > whole.len - offset)))
        reader_fail(r);
    return reader_ok(r) && len ? slice_of(whole.ptr + offset, len) : (struct slice){0};
}

enum obol_code pac_upn_dns_info_read(struct slice data, struct arena *a,
                                     struct pac_upn_dns_info *out, struct error *err) {
    *out = (struct pac_upn_dns_info){0};
    struct reader r = reader_of(data);
    struct slice upn = placed(&r, data, UPN_BYTES), dns = placed(&r, data, UPN_BYTES);
    uint32_t flags = reader_le32(&r);
    struct slice sam = {0}, sid = {0};
    out->constructed = flags & UPN_CONSTRUCTED;
    out->extended = flags & UPN_EXTENDED;
    if (out->extended) {
        sam = placed(&r, data, UPN_BYTES_EXT);
        sid = placed(&r, data, UPN_BYTES_EXT);
    }
    ENSURE(reader_ok(&r), FORMAT, "the PAC's UPN and DNS info has %zu bytes", data.len);
    TRY(utf16_read(upn, a, &out->upn, err));
    TRY(utf16_read(dns, a, &out->dns_domain, err));
    TRY(utf16_read(sam, a, &out->sam_name, err));
    return out->extended ? pac_requester_read(sid, &out->sid, err) : OBOL_OK;
}

// ---- ATTRIBUTES and REQUESTER_SID

enum obol_code pac_attributes_write(uint32_t flags, struct arena *a, struct slice *out,
                                    struct error *err) {
    struct writer w = writer_to_buf(arena_buf(a, 8));
    writer_le32(&w, 2); // bits that are meant
    writer_le32(&w, flags);
    ENSURE(writer_ok(&w), NO_MEMORY, "the PAC's attributes");
    *out = writer_slice(&w);
    return OBOL_OK;
}

enum obol_code pac_attributes_read(struct slice data, uint32_t *flags, struct error *err) {
    struct reader r = reader_of(data);
    uint32_t bits = reader_le32(&r);
    *flags = reader_le32(&r);
    ENSURE(reader_ok(&r) && bits >= 1 && (bits + 31) / 32 * 4 == reader_left(&r) + 4, FORMAT,
           "the PAC's attributes: %u bits in %zu bytes", bits, data.len);
    if (bits < 32)
        *flags &= (1u << bits) - 1;
    return OBOL_OK;
}

enum obol_code pac_requester_write(const struct sid *sid, struct arena *a, struct slice *out,
                                   struct error *err) {
    struct writer w = writer_to_buf(arena_buf(a, sid_length(sid)));
    sid_write(&w, sid);
    ENSURE(writer_ok(&w), NO_MEMORY, "the PAC's requester");
    *out = writer_slice(&w);
    return OBOL_OK;
}

enum obol_code pac_requester_read(struct slice data, struct sid *out, struct error *err) {
    struct reader r = reader_of(data);
    sid_read(&r, out);
    ENSURE(reader_done(&r), FORMAT, "the PAC's SID has %zu bytes", data.len);
    return OBOL_OK;
}
