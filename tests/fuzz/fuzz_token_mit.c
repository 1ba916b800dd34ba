// fuzz_token_mit.c: the string attribute "otp" of MIT's KDC, which an administrator writes or an
// imported realm brings: read, or refused, and never more tokens than there is room for.
#include "fuzz.h"
#include "store/token.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena arena;
    struct token_list list = {0};
    struct record_attribute item = {TOKEN_MIT_ATTRIBUTE, slice_of(data, size)};
    const struct record r = {.name = SLICE_LITERAL("alice"), .attributes = {&item, 1}};
    if (!arena.limit && !arena_init(&arena, 1 << 16, 1 << 24))
        abort();
    arena_reset(&arena);
    if (tokens_add_mit(&r, &list, &arena, NULL) != OBOL_OK)
        return 0;
    if (list.count == 0 || list.count > TOKENS_MAX)
        abort();
    for (size_t i = 0; i < list.count; i++) {
        const struct token *t = &list.items[i];
        if (!t->type.len || t->indicator_count > TOKEN_INDICATORS_MAX ||
            t->user.len > TOKEN_USER_MAX)
            abort();
    }
    return 0;
}
