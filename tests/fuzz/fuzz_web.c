// The Authorization header of the web service: what is read is what stands there, written again as
// it stood.
#include "base/hex.h"
#include "fuzz.h"
#include "server/web.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    struct error err;
    struct slice token, header = slice_of(data, size);
    if (!a.base && !arena_init(&a, 1 << 16, 64 << 20))
        abort();
    error_init(&err);
    if (web_token_read(header, &a, &token, &err) == OBOL_OK) {
        struct writer w = writer_to_arena(&a);
        base64_write(&w, token);
        const struct slice text = slice_trim(slice_sub(header, strlen("Negotiate"), size));
        if (!writer_ok(&w) || !slice_eq(writer_slice(&w), text))
            abort();
    } else if (err.detail[0] == '\0') {
        abort();
    }
    arena_reset(&a);
    return 0;
}
