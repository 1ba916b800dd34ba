// name_calls.c: the calls on names (RFC 2744 5.4, 5.6, 5.10, 5.12, 5.13, 5.28).
#include "gssapi/attr.h"
#include "gssapi/conf.h"
#include "gssapi/name.h"
#include "gssapi/status.h"

#define NO_SUCH_NAME (GSS_S_CALL_INACCESSIBLE_READ | GSS_S_BAD_NAME)

OM_uint32 gss_release_name(OM_uint32 *minor, gss_name_t *name) {
    if (gssapi_begin(minor))
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!name)
        return NO_SUCH_NAME;
    if (!*name)
        return GSS_S_COMPLETE;
    if (!gssapi_is_name(*name))
        return NO_SUCH_NAME;
    struct gss_name_struct *gone = *name;
    *name = GSS_C_NO_NAME; // it may stand in the handle itself: see handles.h
    gssapi_name_free(gone);
    return GSS_S_COMPLETE;
}

OM_uint32 gss_display_name(OM_uint32 *minor, gss_name_t name, gss_buffer_t out, gss_OID *type) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (type)
        *type = GSS_C_NO_OID;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!gssapi_buffer_copy(out, name->text))
        return gssapi_no_memory(minor);
    if (type)
        *type = name->type;
    return GSS_S_COMPLETE;
}

OM_uint32 gss_display_name_ext(OM_uint32 *minor, gss_name_t name, gss_OID type, gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!type)
        return GSS_S_CALL_INACCESSIBLE_READ;
    bool same = name->type && gss_oid_equal(type, name->type);
    // RFC 6680 7.1 leaves the form to the mechanism: a krb5 name is shown as a principal, the name
    // of a service too, which is what programs know from MIT krb5.
    bool krb5 = name->mech && (gss_oid_equal(type, gss_nt_krb5_name) ||
                               (name->principal.name.name_string.count == 2 &&
                                gss_oid_equal(type, GSS_C_NT_HOSTBASED_SERVICE)));
    if (!same && !krb5)
        return gssapi_refuse(minor, GSS_S_UNAVAILABLE, OBOL_UNSUPPORTED,
                             "\"%.*s\" has no form of the type asked for", SLICE_ARG(name->text));
    return gss_display_name(minor, name, out, NULL);
}

// The name as the mechanism has it: the principal, in the arena.
static enum obol_code principal_of(const struct gss_name_struct *name, struct arena *a,
                                   struct principal *out, struct error *err) {
    struct gssapi_conf *conf = NULL;
    TRY(gssapi_conf_get(&conf, err));
    enum obol_code code = gssapi_name_principal(name, conf, a, out, err);
    gssapi_conf_put(conf);
    return code;
}

static enum obol_code compare(const struct gss_name_struct *n1, const struct gss_name_struct *n2,
                              int *equal, struct error *err) {
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    struct principal p1, p2;
    // A name that cannot be one of the mechanism is equal to none of it.
    *equal = principal_of(n1, a, &p1, err) == OBOL_OK && principal_of(n2, a, &p2, err) == OBOL_OK &&
             principal_eq(&p1, &p2);
    gssapi_arena_give(a);
    return OBOL_OK;
}

OM_uint32 gss_compare_name(OM_uint32 *minor, gss_name_t n1, gss_name_t n2, int *equal) {
    if (equal)
        *equal = 0;
    if (gssapi_begin(minor) || !equal)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(n1) || !gssapi_is_name(n2))
        return NO_SUCH_NAME;
    // RFC 2744 5.4: nobody can say of an anonymous name whom it stands for.
    if (gssapi_name_is_anonymous(n1) || gssapi_name_is_anonymous(n2))
        return GSS_S_COMPLETE;
    if (!n1->mech && !n2->mech) { // not yet of a mechanism: type and text decide
        *equal = n1->type == n2->type && slice_eq(n1->text, n2->text);
        return GSS_S_COMPLETE;
    }
    struct error err;
    error_init(&err);
    return compare(n1, n2, equal, &err) == OBOL_OK ? GSS_S_COMPLETE : gssapi_fail(minor, &err);
}

static enum obol_code canonicalize(const struct gss_name_struct *name, unsigned mech,
                                   struct gss_name_struct **out, struct error *err) {
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    struct principal p;
    enum obol_code code = principal_of(name, a, &p, err);
    if (code == OBOL_OK && !(*out = gssapi_name_of_principal(&p, mech)))
        code = error_set(err, OBOL_NO_MEMORY, __func__, "no room for a name");
    if (code == OBOL_OK && *out && name->attrs)
        (*out)->attrs = gssapi_attrs_copy(name->attrs);
    gssapi_arena_give(a);
    return code;
}

OM_uint32 gss_canonicalize_name(OM_uint32 *minor, gss_name_t name, gss_OID mech_oid,
                                gss_name_t *out) {
    if (out)
        *out = GSS_C_NO_NAME;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!mech_oid)
        return GSS_S_CALL_INACCESSIBLE_READ;
    unsigned mech = gssapi_mech_of(mech_oid);
    if (!mech)
        return gssapi_refuse(minor, GSS_S_BAD_MECH, OBOL_MECH_UNSUPPORTED,
                             "names are made for krb5, IAKERB and SPNEGO");
    struct error err;
    error_init(&err);
    if (canonicalize(name, mech, out, &err) == OBOL_OK)
        return GSS_S_COMPLETE;
    OM_uint32 major = err.code == OBOL_NAME_MALFORMED ? GSS_S_BAD_NAME : GSS_S_FAILURE;
    return gssapi_fail_as(minor, major, &err);
}

OM_uint32 gss_duplicate_name(OM_uint32 *minor, gss_name_t name, gss_name_t *out) {
    if (out)
        *out = GSS_C_NO_NAME;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    *out = gssapi_name_copy(name);
    return *out ? GSS_S_COMPLETE : gssapi_no_memory(minor);
}

static enum obol_code export_name(const struct gss_name_struct *name, bool composite,
                                  gss_buffer_t out, struct error *err) {
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    struct gssapi_exported e = {.mech = name->mech, .text = name->text, .composite = composite};
    enum obol_code code =
        composite ? gssapi_attrs_write(name->attrs, a, &e.attributes, err) : OBOL_OK;
    struct writer w = writer_to_arena(a);
    gssapi_exported_write(&w, &e);
    if (code == OBOL_OK && (!writer_ok(&w) || !gssapi_buffer_copy(out, writer_slice(&w))))
        code = error_set(err, OBOL_NO_MEMORY, __func__, "no room for an exported name");
    gssapi_arena_give(a);
    return code;
}

static OM_uint32 export_call(OM_uint32 *minor, gss_name_t name, bool composite, gss_buffer_t out) {
    if (out)
        *out = (gss_buffer_desc){0};
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    if (!gssapi_is_name(name))
        return NO_SUCH_NAME;
    if (!name->mech) // RFC 2743 2.4.15
        return gssapi_refuse(minor, GSS_S_NAME_NOT_MN, OBOL_NAME_MALFORMED,
                             "\"%.*s\" was not canonicalized for a mechanism",
                             SLICE_ARG(name->text));
    struct error err;
    error_init(&err);
    return export_name(name, composite, out, &err) == OBOL_OK ? GSS_S_COMPLETE
                                                              : gssapi_fail(minor, &err);
}

OM_uint32 gss_export_name(OM_uint32 *minor, gss_name_t name, gss_buffer_t out) {
    return export_call(minor, name, false, out);
}

OM_uint32 gss_export_name_composite(OM_uint32 *minor, gss_name_t name, gss_buffer_t out) {
    return export_call(minor, name, true, out);
}
