// The record codec: whatever decodes encodes to the same bytes. Inputs are tried as they are and
// with their checksum made right, since no mutation would get past it.
#include "fuzz.h"
#include "store/crc32c.h"
#include "store/record.h"
#include <stdlib.h>

static void round_trip(struct slice bytes, struct arena *a) {
    struct record r;
    struct error err;
    struct slice again;
    error_init(&err);
    if (record_decode(bytes, a, &r, &err) != OBOL_OK)
        return;
    if (record_encode(&r, a, &again, &err) != OBOL_OK || !slice_eq(again, bytes))
        abort();
    if (!slice_eq(record_name(bytes), r.name))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    if (!a.base && !arena_init(&a, 1 << 20, 16 << 20))
        abort();
    round_trip(slice_of(data, size), &a);
    struct buf copy = arena_buf(&a, size);
    if (size >= 5 && copy.ptr) {
        memcpy(copy.ptr, data, size);
        copy.ptr[0] = 1;
        struct writer sum = writer_to_buf(buf_of(copy.ptr + 1, 4));
        writer_be32(&sum,
                    crc32c_more(crc32c(slice_of(copy.ptr, 1)), slice_of(copy.ptr + 5, size - 5)));
        round_trip(slice_of_buf(copy), &a);
    }
    arena_reset(&a);
    return 0;
}
