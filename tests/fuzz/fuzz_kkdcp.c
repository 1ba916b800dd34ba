// fuzz_kkdcp.c: the envelope of a message to a proxy: what opens is made again of the same bytes.
#include "fuzz.h"
#include "krb/kkdcp.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    struct slice message, realm, again, message_again, realm_again;
    if (!arena.limit && !arena_init(&arena, 1 << 16, 1 << 24))
        abort();
    arena_reset(&arena);
    if (kkdcp_unwrap(slice_of(data, size), &arena, &message, &realm, NULL) != OBOL_OK)
        return 0;
    if (kkdcp_wrap(message, realm, &arena, &again, NULL) != OBOL_OK ||
        kkdcp_unwrap(again, &arena, &message_again, &realm_again, NULL) != OBOL_OK ||
        !slice_eq(message, message_again) || !slice_eq(realm, realm_again))
        abort();
    return 0;
}
