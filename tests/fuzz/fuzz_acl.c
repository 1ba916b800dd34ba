// Access lists: reading and asking neither crash, and what could not be read allows nothing.
#include "admin/acl.h"
#include "fuzz.h"
#include "proto/codes.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct arena a;
    struct acl acl;
    struct error err;
    struct principal client, target;
    if (!a.base && !arena_init(&a, 1 << 16, 64 << 20))
        abort();
    error_init(&err);
    const struct slice realm = SLICE_LITERAL("M.TEST");
    if (principal_parse(SLICE_LITERAL("joe/admin"), realm, NT_UNKNOWN, &a, &client, NULL) !=
            OBOL_OK ||
        principal_parse(SLICE_LITERAL("admin/root"), realm, NT_UNKNOWN, &a, &target, NULL) !=
            OBOL_OK)
        abort();
    enum obol_code code = acl_parse(slice_of(data, size), realm, &a, &acl, &err);
    for (int op = 0; op < ACL_OPERATIONS; op++) {
        struct admin_change change = {.present = 0};
        const struct acl_restrictions *r;
        bool allowed = acl_decide(&acl, (enum acl_operation)op, &client, &target, &r);
        if (allowed && code != OBOL_OK)
            abort();
        acl_restrict(r, 1, &change);
    }
    arena_reset(&a);
    return 0;
}
