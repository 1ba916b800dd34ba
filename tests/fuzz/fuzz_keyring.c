// fuzz_keyring: any bytes as the keys of a KEYRING cache: each is a counted description and a
// counted payload, as the kernel gives them.
#include "base/reader.h"
#include "cred/keyring.h"
#include "fuzz.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    if (!a.base && !arena_init(&a, 1 << 20, 64 << 20))
        return 0;
    struct reader r = reader_of(slice_of(data, size));
    struct ccache_content content = {0};
    struct keyring_name name;
    size_t room = 0;
    while (reader_left(&r) > 0) {
        struct slice text = reader_counted16(&r), payload = reader_counted16(&r);
        struct slice type, description, primary;
        keyring_name_parse(text, &name);
        if (name.anchor.len + name.collection.len + name.subsidiary.len > text.len + 6)
            abort();
        if (keyring_index_read(payload, &primary, NULL) == OBOL_OK) {
            struct writer w = writer_to_arena(&a);
            keyring_index_write(&w, primary);
            if (!slice_starts(payload, writer_slice(&w)))
                abort();
        }
        if (keyring_described(text, &type, &description))
            (void)!keyring_entry_read(description, payload, &a, &content, &room, NULL);
    }
    struct writer w = writer_to_arena(&a);
    ccache_format(&w, &content);
    arena_reset(&a);
    return 0;
}
