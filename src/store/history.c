// history.c: the codec of former passwords: a byte for the format, then of each key its numbers (4
// bytes each, big endian), salt and sealed bytes, both with their length in front.
#include "store/history.h"
#include "base/reader.h"
#include "base/writer.h"

enum { FORMAT = 1, KEY_BYTES_MIN = 5 * 4 + 2 * 2 };

enum obol_code history_encode(const struct record_key_list *keys, struct arena *a,
                              struct slice *out, struct error *err) {
    struct writer w = writer_to_arena(a);
    *out = (struct slice){0};
    if (!keys->count)
        return OBOL_OK;
    writer_u8(&w, FORMAT);
    for (size_t i = 0; i < keys->count; i++) {
        const struct record_key *k = &keys->items[i];
        writer_be32(&w, k->kvno);
        writer_be32(&w, (uint32_t)k->enctype);
        writer_be32(&w, (uint32_t)k->salt_type);
        writer_be32(&w, k->master);
        writer_be32(&w, k->iterations);
        writer_counted16(&w, k->salt);
        writer_counted16(&w, k->sealed);
    }
    ENSURE(writer_ok(&w), NO_MEMORY, "no memory for %zu former passwords", keys->count);
    *out = writer_slice(&w);
    return OBOL_OK;
}

enum obol_code history_decode(struct slice bytes, struct arena *a, struct record_key_list *out,
                              struct error *err) {
    struct reader r = reader_of(bytes);
    *out = (struct record_key_list){0};
    if (!bytes.len)
        return OBOL_OK;
    ENSURE(reader_u8(&r) == FORMAT, STORE_VERSION, "the former passwords have another format");
    out->items = arena_zalloc(a, bytes.len / KEY_BYTES_MIN + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    while (reader_left(&r)) {
        struct record_key *k = &out->items[out->count++];
        k->kvno = reader_be32(&r);
        k->enctype = (int32_t)reader_be32(&r);
        k->salt_type = (int32_t)reader_be32(&r);
        k->master = reader_be32(&r);
        k->iterations = reader_be32(&r);
        k->salt = reader_counted16(&r);
        k->sealed = reader_counted16(&r);
    }
    ENSURE(reader_done(&r), STORE_CORRUPT, "the former passwords are malformed");
    return OBOL_OK;
}
