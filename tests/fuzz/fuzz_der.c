// fuzz_der.c: any bytes as any type. The first octet picks the type; what decodes must encode and
// come back equal, and can be described as tree and JSON.
#include "../proto/round_trip.h"
#include "fuzz.h"
#include "proto/describe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    if (!arena.base && !arena_init(&arena, 1 << 20, 64 << 20))
        abort();
    if (size == 0)
        return 0;
    const struct der_type *type = ALL_TYPES[data[0] % COUNT_OF(ALL_TYPES)];
    struct slice in = slice_of(data + 1, size - 1);
    if (round_trip(type, in, &arena)) {
        for (int json = 0; json < 2; json++) {
            const struct describe_options options = {.json = json, .show_secrets = !json};
            struct writer w = writer_to_arena(&arena);
            // Decoding succeeded above, so only memory can lack.
            enum obol_code code = proto_describe_as(type, in, &options, &arena, &w, NULL);
            if (code != OBOL_OK && code != OBOL_NO_MEMORY)
                abort();
        }
    }
    arena_reset(&arena);
    return 0;
}
