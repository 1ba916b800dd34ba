// fuzz_decode.c: what `obol decode` does with its input: wrappings are taken off, and what is
// inside is shown as a tree and as JSON, with a keytab that may open its parts.
#include "cli/decode_input.h"
#include "cli/decode_keys.h"
#include "cred/ccache.h"
#include "fuzz.h"
#include <stdlib.h>

static struct arena arena;

static void show_message(struct slice bytes) {
    static const uint8_t zeros[32];
    struct keytab_entry entries[] = {{.key = {18, slice_of(zeros, 32)}},
                                     {.key = {20, slice_of(zeros, 32)}}};
    const struct keytab_content keytab = {.entries = entries, .count = COUNT_OF(entries)};
    struct decode_keys keys = {.keytab = &keytab};
    const struct describe_keys open = {&keys, decode_keys_open};
    for (int json = 0; json < 2; json++) {
        const struct describe_options how = {.json = json, .show_secrets = !json, .keys = &open};
        struct writer w = writer_to_arena(&arena);
        (void)(proto_describe(bytes, &how, &arena, &w, NULL) == OBOL_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!arena.base && !arena_init(&arena, 1 << 20, 64 << 20))
        abort();
    struct decode_input in;
    struct keytab_content keytab;
    struct ccache_content cache;
    enum obol_code code = decode_recognise(slice_of(data, size), &arena, &in, NULL);
    if (code == OBOL_OK && in.wrapping_count > DECODE_WRAPPINGS_MAX)
        abort();
    if (code == OBOL_OK && in.kind == DECODE_MESSAGE)
        show_message(in.bytes);
    if (code == OBOL_OK && in.kind == DECODE_KEYTAB)
        (void)(keytab_parse(in.bytes, "input", &arena, &keytab, NULL) == OBOL_OK);
    if (code == OBOL_OK && in.kind == DECODE_CCACHE)
        (void)(ccache_parse(in.bytes, "input", &arena, &cache, NULL) == OBOL_OK);
    arena_reset(&arena);
    return 0;
}
