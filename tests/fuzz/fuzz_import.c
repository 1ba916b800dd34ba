// Lines of other KDCs' dumps: "m" and a line of kdb5_util dump, or "h" and one of kadmin -l dump.
// What is read lies within the bounds of a record, and the column of a mistake within the line.
#include "admin/import.h"
#include "fuzz.h"
#include <stdlib.h>

static struct arena a;
static struct import im;

static void prepare(void) {
    static struct admin adm = {.realm = SLICE_LITERAL("M.TEST")};
    static struct import_master masters[2] = {
        {1, ENCTYPE_AES256_SHA1, SLICE_LITERAL("a master key that is known to all"), NULL},
        {2, IMPORT_DES3, SLICE_LITERAL("24 bytes of a des3 key.."), NULL},
    };
    masters[0].bytes.len = 32;
    im = (struct import){
        .adm = &adm, .masters = masters, .master_count = 2, .history = masters, .history_count = 1};
    if (!arena_init(&a, 1 << 16, 16 << 20) || !arena_init(&im.memory, 1 << 16, 1 << 20) ||
        crypto_key_in_arena(&masters[0].key, &im.memory, masters[0].enctype, masters[0].bytes,
                            NULL) != OBOL_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct error err;
    struct import_entry entry = {.key_count = 0};
    struct policy policy = {0};
    enum import_kind kind = IMPORT_NOTHING;
    if (!a.base)
        prepare();
    if (size < 1)
        return 0;
    error_init(&err);
    struct slice line = slice_of(data + 1, size - 1);
    struct import_line l = import_line_of(line, data[0] == 'm' ? '\t' : ' ');
    enum obol_code code = data[0] == 'm'
                              ? import_mit_line(&im, &l, &a, &entry, &policy, &kind, &err)
                              : import_heimdal_line(&im, &l, &a, &entry, &kind, &err);
    if (l.column < 1 || l.column > line.len + 2)
        abort();
    if (code == OBOL_OK && kind == IMPORT_PRINCIPAL && entry.record.name.len == 0)
        abort();
    arena_reset(&a);
    return 0;
}
