// reader.c: integers of the sticky reader.
#include "base/reader.h"

static uint64_t read_be(struct reader *r, unsigned bytes) {
    struct slice s = reader_bytes(r, bytes);
    uint64_t v = 0;
    for (size_t i = 0; i < s.len; i++)
        v = v << 8 | s.ptr[i];
    return v;
}

static uint64_t read_le(struct reader *r, unsigned bytes) {
    struct slice s = reader_bytes(r, bytes);
    uint64_t v = 0;
    for (size_t i = s.len; i > 0; i--)
        v = v << 8 | s.ptr[i - 1];
    return v;
}

uint8_t reader_u8(struct reader *r) {
    return (uint8_t)read_be(r, 1);
}
uint16_t reader_be16(struct reader *r) {
    return (uint16_t)read_be(r, 2);
}
uint32_t reader_be32(struct reader *r) {
    return (uint32_t)read_be(r, 4);
}
uint64_t reader_be64(struct reader *r) {
    return read_be(r, 8);
}
uint16_t reader_le16(struct reader *r) {
    return (uint16_t)read_le(r, 2);
}
uint32_t reader_le32(struct reader *r) {
    return (uint32_t)read_le(r, 4);
}
uint64_t reader_le64(struct reader *r) {
    return read_le(r, 8);
}

struct slice reader_counted16(struct reader *r) {
    return reader_bytes(r, reader_be16(r));
}
struct slice reader_counted32(struct reader *r) {
    return reader_bytes(r, reader_be32(r));
}
