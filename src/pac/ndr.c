// ndr.c: see ndr.h.
#include "pac/ndr.h"

#define NDR_FILLER    0xccccccccu
#define FIRST_POINTER 0x20000u
#define TEXT_MAX      UINT16_MAX

static void align(struct ndr_reader *n, size_t to) {
    if (!reader_ok(&n->r))
        return;
    size_t past = (size_t)(n->r.ptr - n->start) % to;
    if (past)
        reader_skip(&n->r, to - past);
}

struct ndr_reader ndr_open(struct slice data, struct arena *a) {
    struct ndr_reader n = {reader_of(data), NULL, a};
    // MS-RPCE 2.2.6.1: version 1, little endian, 8 bytes of this header, filler.
    uint8_t version = reader_u8(&n.r), order = reader_u8(&n.r);
    uint16_t length = reader_le16(&n.r);
    reader_skip(&n.r, 4);
    // 2.2.6.2: the bytes behind this header.
    uint32_t bytes = reader_le32(&n.r);
    reader_skip(&n.r, 4);
    if (version != 1 || order != 0x10 || length != 8 || bytes > reader_left(&n.r))
        reader_fail(&n.r);
    n.start = n.r.ptr;
    if (!ndr_pointer(&n))
        reader_fail(&n.r);
    return n;
}

bool ndr_close(struct ndr_reader *n) {
    return reader_ok(&n->r) && reader_left(&n->r) < 8;
}

uint16_t ndr_u16(struct ndr_reader *n) {
    align(n, 2);
    return reader_le16(&n->r);
}
uint32_t ndr_u32(struct ndr_reader *n) {
    align(n, 4);
    return reader_le32(&n->r);
}
uint64_t ndr_time(struct ndr_reader *n) {
    uint64_t low = ndr_u32(n);
    return low | (uint64_t)ndr_u32(n) << 32;
}
bool ndr_pointer(struct ndr_reader *n) {
    return ndr_u32(n) != 0;
}

void ndr_count(struct ndr_reader *n, uint32_t count, size_t least) {
    uint32_t said = ndr_u32(n);
    if (said != count || count > reader_left(&n->r) / least)
        reader_fail(&n->r);
}

struct ndr_string ndr_string_header(struct ndr_reader *n) {
    // One after the other: the order inside an initializer would be the compiler's.
    struct ndr_string s;
    s.len = ndr_u16(n);
    s.max = ndr_u16(n);
    s.there = ndr_pointer(n);
    if (s.len % 2 || s.len > s.max || (s.len && !s.there))
        reader_fail(&n->r);
    return s;
}

void ndr_string_body(struct ndr_reader *n, const struct ndr_string *header, struct slice *out) {
    *out = (struct slice){0};
    if (!header->there)
        return;
    // A conformant and varying array: its room, where it begins, what is there; in characters.
    uint32_t room = ndr_u32(n), offset = ndr_u32(n), actual = ndr_u32(n);
    if (offset != 0 || actual > room || room > TEXT_MAX || actual != header->len / 2u)
        reader_fail(&n->r);
    struct slice text = reader_bytes(&n->r, (uint64_t)actual * 2);
    if (reader_ok(&n->r) && utf16_read(text, n->arena, out, NULL) != OBOL_OK)
        reader_fail(&n->r);
}

void ndr_sid(struct ndr_reader *n, struct sid *out) {
    uint32_t count = ndr_u32(n); // the size of the array inside stands in front
    sid_read(&n->r, out);
    if (out->count != count)
        reader_fail(&n->r);
}

// ---- writing

struct ndr_writer ndr_begin(struct arena *a) {
    struct ndr_writer n = {writer_to_buf(arena_buf(a, 1024)), FIRST_POINTER, 0};
    n.w.arena = a; // grows if that is not enough
    writer_le32(&n.w, 0x00081001);
    writer_le32(&n.w, NDR_FILLER);
    writer_le64(&n.w, 0); // the length, filled in at the end
    ndr_put_pointer(&n, true);
    return n;
}

enum obol_code ndr_end(struct ndr_writer *n, struct slice *out, struct error *err) {
    while (writer_ok(&n->w) && n->w.len % 8)
        writer_u8(&n->w, 0);
    ENSURE(writer_ok(&n->w), NO_MEMORY, "a buffer of the PAC");
    struct writer length = writer_to_buf(buf_of(n->w.out.ptr + 8, 4));
    writer_le32(&length, (uint32_t)(n->w.len - NDR_HEADER_BYTES));
    *out = writer_slice(&n->w);
    return OBOL_OK;
}

static void put_align(struct ndr_writer *n, size_t to) {
    // The headers have 16 bytes: counting from them or from their end is the same.
    while (writer_ok(&n->w) && n->w.len % to)
        writer_u8(&n->w, 0);
}

void ndr_put_u16(struct ndr_writer *n, uint16_t v) {
    put_align(n, 2);
    writer_le16(&n->w, v);
}
void ndr_put_u32(struct ndr_writer *n, uint32_t v) {
    put_align(n, 4);
    writer_le32(&n->w, v);
}
void ndr_put_time(struct ndr_writer *n, uint64_t v) {
    ndr_put_u32(n, (uint32_t)v);
    writer_le32(&n->w, (uint32_t)(v >> 32));
}
void ndr_put_pointer(struct ndr_writer *n, bool there) {
    ndr_put_u32(n, there ? n->next_pointer : 0);
    n->next_pointer += there ? 4 : 0;
}

void ndr_put_string_header(struct ndr_writer *n, struct slice text) {
    size_t len = utf16_length(text), room = len + 2 * (size_t)n->spare;
    if (room > TEXT_MAX)
        n->w.failed = true;
    ndr_put_u16(n, (uint16_t)len);
    ndr_put_u16(n, (uint16_t)room);
    ndr_put_pointer(n, true);
}

void ndr_put_string_body(struct ndr_writer *n, struct slice text) {
    uint32_t chars = (uint32_t)(utf16_length(text) / 2);
    ndr_put_u32(n, chars + n->spare);
    ndr_put_u32(n, 0);
    ndr_put_u32(n, chars);
    utf16_write(&n->w, text);
}

void ndr_put_sid(struct ndr_writer *n, const struct sid *sid) {
    ndr_put_u32(n, sid->count);
    sid_write(&n->w, sid);
}
