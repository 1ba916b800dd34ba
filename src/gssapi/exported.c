// exported.c: the exported form of names (RFC 2743 3.2): 04 01, the mechanism, the name; and of
// composite names (RFC 6680 3, as MIT krb5 fills it): 04 02, the same, and the attributes as DER of
// AuthorizationData behind a length of four bytes.
#include "base/reader.h"
#include "gss/frame.h"
#include "gssapi/name.h"

// RFC 2743 3.2 counts the mechanism's OID with its tag and length.
static enum obol_code read_mech(struct reader *r, unsigned *mech, struct error *err) {
    struct slice der = reader_counted16(r);
    ENSURE(der.len >= 3 && der.ptr[0] == 0x06 && der.ptr[1] == der.len - 2 && der.ptr[1] < 128,
           TOKEN_MALFORMED, "the exported name has no mechanism OID");
    const gss_OID_desc oid = {(OM_uint32)(der.len - 2), (void *)(uintptr_t)(der.ptr + 2)};
    *mech = gssapi_mech_of(&oid);
    ENSURE(*mech, MECH_UNSUPPORTED, "the exported name is one of %s",
           gss_oid_name(slice_sub(der, 2, der.len)));
    return OBOL_OK;
}

enum obol_code gssapi_exported_read(struct slice bytes, struct gssapi_exported *out,
                                    struct error *err) {
    struct reader r = reader_of(bytes);
    *out = (struct gssapi_exported){0};
    uint16_t id = reader_be16(&r);
    ENSURE(reader_ok(&r) && (id == 0x0401 || id == 0x0402), TOKEN_MALFORMED,
           "%zu bytes that do not begin as an exported name does", bytes.len);
    TRY(read_mech(&r, &out->mech, err));
    out->text = reader_counted32(&r);
    out->composite = id == 0x0402;
    if (out->composite)
        out->attributes = reader_counted32(&r);
    ENSURE(reader_done(&r), NAME_MALFORMED,
           "the exported name of %zu bytes does not end where its "
           "lengths say",
           bytes.len);
    return OBOL_OK;
}

void gssapi_exported_write(struct writer *w, const struct gssapi_exported *name) {
    writer_be16(w, name->composite ? 0x0402 : 0x0401);
    writer_be16(w, (uint16_t)(OID_KRB5.len + 2));
    writer_u8(w, 0x06);
    writer_u8(w, (uint8_t)OID_KRB5.len);
    writer_bytes(w, OID_KRB5);
    writer_counted32(w, name->text);
    if (name->composite)
        writer_counted32(w, name->attributes);
}
