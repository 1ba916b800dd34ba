// fuzz_names.c: text that people type: principal names, enctypes, durations, sizes. A name that is
// read is written, and read again is the same.
#include "config/duration.h"
#include "crypto/crypto.h"
#include "fuzz.h"
#include "krb/principal.h"
#include "proto/codes.h"
#include <stdlib.h>

static struct arena arena;

static void try_principal(struct slice text, int32_t type) {
    struct principal p, again;
    if (principal_parse(text, SLICE_LITERAL("R"), type, &arena, &p, NULL) != OBOL_OK)
        return;
    struct slice written = principal_text(&p, &arena);
    if (!written.ptr)
        return;
    // Written out, an enterprise name has its own '@' quoted: it is read as any other.
    if (principal_parse(written, (struct slice){0}, NT_PRINCIPAL, &arena, &again, NULL) !=
            OBOL_OK ||
        !principal_eq(&p, &again))
        abort();
    (void)(principal_check(&p, NULL) == OBOL_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!arena.base && !arena_init(&arena, 1 << 16, 1 << 22))
        abort();
    if (size > 5000)
        return 0;
    struct slice text = slice_of(data, size);
    try_principal(text, NT_UNKNOWN);
    try_principal(text, NT_ENTERPRISE);
    int64_t seconds, bytes, number, again;
    bool flag;
    if (duration_parse(text, &seconds)) {
        struct writer w = writer_to_arena(&arena);
        duration_write(&w, seconds);
        if (seconds >= 0 && (!duration_parse(writer_slice(&w), &again) || again != seconds))
            abort();
    }
    (void)!size_parse(text, &bytes);
    (void)!number_parse(text, &number);
    (void)!boolean_parse(text, &flag);
    (void)enctype_by_name(text);
    arena_reset(&arena);
    return 0;
}
