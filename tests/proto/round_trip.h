// round_trip.h: the property that holds for any bytes and any type: what decodes, encodes, and what
// was encoded decodes to the same value. Shared by test_mutate.c and tests/fuzz/fuzz_der.c.
#ifndef OBOL_TESTS_PROTO_ROUND_TRIP_H
#define OBOL_TESTS_PROTO_ROUND_TRIP_H

#include "all_types.h"
#include "base/arena.h"
#include <stdio.h>
#include <stdlib.h>

// Whether the bytes decode; aborts if the property fails.
static inline bool round_trip(const struct der_type *type, struct slice in, struct arena *a) {
    _Alignas(16) static uint8_t value[ALL_TYPES_SIZE_MAX], again[ALL_TYPES_SIZE_MAX];
    struct slice raw, once, twice;
    if (der_decode(type, in, a, value, NULL) != OBOL_OK)
        return false;
    if (der_encode(type, value, a, &raw, NULL) != OBOL_OK ||
        der_encode_fields(type, value, a, &once, NULL) != OBOL_OK ||
        der_decode(type, once, a, again, NULL) != OBOL_OK ||
        der_encode_fields(type, again, a, &twice, NULL) != OBOL_OK || !slice_eq(once, twice) ||
        der_decode(type, raw, a, again, NULL) != OBOL_OK) {
        fprintf(stderr, "%s does not come back\n", der_type_name(type));
        abort();
    }
    struct writer tree = writer_to_arena(a), json = writer_to_arena(a);
    der_dump(type, value, &tree);
    der_dump_json(type, value, &json);
    return true;
}

#endif
