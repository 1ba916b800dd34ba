// pac.c: a PAC's array of buffers (MS-PAC 2.3, 2.4).
#include "pac/pac.h"

#define HEADER_BYTES 8u
#define ENTRY_BYTES  16u
#define ALIGNMENT    8u

bool pac_is_signature(uint32_t type) {
    return type == PAC_SERVER_SIGNATURE || type == PAC_KDC_SIGNATURE ||
           type == PAC_TICKET_SIGNATURE || type == PAC_FULL_SIGNATURE;
}

const struct pac_buffer *pac_find(const struct pac *pac, uint32_t type) {
    for (size_t i = 0; i < pac->count; i++)
        if (pac->items[i].type == type)
            return &pac->items[i];
    return NULL;
}

static bool overlap(struct slice a, struct slice b) {
    return a.len && b.len && a.ptr < b.ptr + b.len && b.ptr < a.ptr + a.len;
}

// A buffer that is also part of another could be signed as one thing and read as the other.
static enum obol_code check_apart(const struct pac *pac, const struct pac_buffer *item,
                                  struct error *err) {
    for (size_t i = 0; i < pac->count; i++) {
        const struct pac_buffer *other = &pac->items[i];
        ENSURE(other->type != item->type, FORMAT, "the PAC has two buffers of type %u", item->type);
        ENSURE(!overlap(other->data, item->data), FORMAT,
               "the PAC's buffers of types %u and %u overlap", other->type, item->type);
    }
    return OBOL_OK;
}

enum obol_code pac_parse(struct slice bytes, struct pac *out, struct error *err) {
    struct reader r = reader_of(bytes);
    uint32_t count = reader_le32(&r), version = reader_le32(&r);
    out->raw = bytes;
    out->count = 0;
    ENSURE(reader_ok(&r) && bytes.len <= PAC_BYTES_MAX && version == 0, FORMAT,
           "a PAC of %zu bytes and version %u", bytes.len, version);
    ENSURE(count >= 1 && count <= PAC_BUFFERS_MAX, FORMAT, "a PAC of %u buffers, at most %d", count,
           PAC_BUFFERS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        struct pac_buffer item = {.type = reader_le32(&r)};
        uint32_t size = reader_le32(&r);
        uint64_t offset = reader_le64(&r);
        ENSURE(reader_ok(&r) && offset % ALIGNMENT == 0 &&
                   offset >= HEADER_BYTES + (uint64_t)count * ENTRY_BYTES && offset <= bytes.len &&
                   size <= bytes.len - offset,
               FORMAT, "the PAC's buffer %u of type %u: %u bytes at %llu of %zu", i, item.type,
               size, (unsigned long long)offset, bytes.len);
        item.data = slice_of(bytes.ptr + offset, size);
        TRY(check_apart(out, &item, err));
        out->items[out->count++] = item;
    }
    return OBOL_OK;
}
