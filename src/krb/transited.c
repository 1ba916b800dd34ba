// transited.c: see transited.h.
#include "krb/transited.h"

static bool is_plain(struct slice realm) {
    if (realm.len == 0 || realm.ptr[0] == '/' || realm.ptr[0] == ' ' || realm.ptr[0] == '.' ||
        realm.ptr[realm.len - 1] == '.')
        return false;
    return slice_find(realm, ',') == realm.len && slice_find(realm, '\\') == realm.len &&
           slice_find(realm, 0) == realm.len;
}

enum obol_code transited_append(const struct transited_encoding *path, struct slice realm,
                                struct arena *a, struct transited_encoding *out,
                                struct error *err) {
    ENSURE(path->contents.len == 0 || path->tr_type == TR_DOMAIN_X500_COMPRESS,
           KDC_ERR_TRTYPE_NOSUPP, "the path of realms is in encoding %d", path->tr_type);
    ENSURE(is_plain(realm), KDC_ERR_PATH_NOT_ACCEPTED, "realm \"%.*s\" cannot stand in a path",
           SLICE_ARG(realm));
    struct writer w = writer_to_arena(a);
    writer_bytes(&w, path->contents);
    if (path->contents.len)
        writer_u8(&w, ',');
    writer_bytes(&w, realm);
    ENSURE(writer_ok(&w), NO_MEMORY, "the request's memory is used up");
    *out = (struct transited_encoding){TR_DOMAIN_X500_COMPRESS, writer_slice(&w)};
    return OBOL_OK;
}
