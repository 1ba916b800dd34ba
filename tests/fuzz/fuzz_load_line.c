// Lines of a bulk load: parsing neither crashes nor accepts a name that is empty.
#include "admin/load_line.h"
#include "fuzz.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    struct load_line line;
    struct error err;
    if (!a.base && !arena_init(&a, 1 << 16, 16 << 20))
        abort();
    error_init(&err);
    if (load_line_parse(slice_of(data, size), &a, &line, &err) == OBOL_OK &&
        line.new.principal.name.len == 0)
        abort();
    arena_reset(&a);
    return 0;
}
