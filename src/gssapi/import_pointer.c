// import_pointer.c: a name given as a pointer to a krb5_principal (gss_nt_krb5_principal), as
// programs do that use both libraries. It is apart because krb5.h and our own headers have names in
// common.
#include "gssapi/name.h"
#include <krb5.h>

enum obol_code gssapi_imported_pointer(struct slice bytes, struct arena *a, struct principal *out,
                                       struct error *err) {
    krb5_principal p;
    ENSURE(bytes.len == sizeof p, NAME_MALFORMED, "a pointer of %zu bytes", bytes.len);
    memcpy(&p, bytes.ptr, sizeof p);
    ENSURE(p && p->length >= 0 && (p->length == 0 || p->data), NAME_MALFORMED,
           "the pointer is to no principal");
    struct slice *items = arena_zalloc(a, (size_t)p->length + 1, sizeof *items);
    ENSURE_MEMORY(items);
    for (int i = 0; i < p->length; i++)
        items[i] = slice_of(p->data[i].data, p->data[i].length);
    *out = (struct principal){
        .realm = slice_of(p->realm.data, p->realm.length),
        .name = {p->type, {items, (size_t)p->length}},
    };
    // An empty realm is one to be found; the rest must hold.
    const struct principal checked = {out->realm.len ? out->realm : SLICE_LITERAL("?"), out->name};
    return principal_check(&checked, err);
}
