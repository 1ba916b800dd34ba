// import_name.c: bytes become a name (RFC 2744 5.16), by their type (RFC 1964 2, RFC 6806 5). What
// depends on this machine or its configuration (the default realm, a host's full name, who has a
// uid) is left until the name is used: a service may import names before either is there.
#include "gssapi/attr.h"
#include "gssapi/name.h"
#include "gssapi/status.h"
#include "proto/codes.h"

#define NO_REALM SLICE_LITERAL("\1") // stands for the realm that a text does not name

enum obol_code gssapi_name_parse(struct slice text, int32_t name_type, struct arena *a,
                                 struct principal *out, struct error *err) {
    // "host/web@": the realm is to be found. A quoted '@' at the end belongs to the name.
    size_t quotes = 0;
    while (quotes + 1 < text.len && text.ptr[text.len - 2 - quotes] == '\\')
        quotes++;
    bool open = text.len > 1 && text.ptr[text.len - 1] == '@' && quotes % 2 == 0 &&
                name_type != NT_ENTERPRISE;
    if (open)
        text.len--;
    TRY(principal_parse(text, NO_REALM, name_type, a, out, err));
    ENSURE(!open || slice_eq(out->realm, NO_REALM), NAME_MALFORMED, "\"%.*s@\" has an '@' too many",
           SLICE_ARG(text));
    if (slice_eq(out->realm, NO_REALM))
        out->realm = (struct slice){0};
    return principal_check(&(struct principal){out->realm.len ? out->realm : NO_REALM, out->name},
                           err);
}

static enum obol_code of_principal(struct slice bytes, gss_OID type, struct arena *a,
                                   struct gss_name_struct *like, struct error *err) {
    like->has_principal = true;
    if (type == gss_nt_krb5_principal) { // the bytes are an address, of no use to show
        TRY(gssapi_imported_pointer(bytes, a, &like->principal, err));
        like->type = gss_nt_krb5_name;
        like->text = principal_text(&like->principal, a);
        return OBOL_OK;
    }
    int32_t name_type = type == GSS_KRB5_NT_ENTERPRISE_NAME ? NT_ENTERPRISE : NT_PRINCIPAL;
    return gssapi_name_parse(bytes, name_type, a, &like->principal, err);
}

// RFC 2743 4.1: service@host, or the service alone.
static enum obol_code of_service(struct slice bytes, struct gss_name_struct *like,
                                 struct error *err) {
    size_t at = slice_find(bytes, '@');
    like->service = slice_sub(bytes, 0, at);
    like->host = slice_sub(bytes, at + 1, bytes.len);
    ENSURE(like->service.len && slice_find(bytes, '\0') == bytes.len, NAME_MALFORMED,
           "\"%.*s\" is no service@host", SLICE_ARG(bytes));
    return OBOL_OK;
}

static enum obol_code of_uid(struct slice bytes, gss_OID type, struct error *err) {
    if (type == GSS_C_NT_MACHINE_UID_NAME) {
        ENSURE(bytes.len == sizeof(uid_t), NAME_MALFORMED, "a uid of %zu bytes", bytes.len);
        return OBOL_OK;
    }
    size_t digits = 0;
    while (digits < bytes.len && bytes.ptr[digits] >= '0' && bytes.ptr[digits] <= '9')
        digits++;
    ENSURE(digits && digits == bytes.len && digits <= 10, NAME_MALFORMED,
           "\"%.*s\" is no number of a user", SLICE_ARG(bytes));
    return OBOL_OK;
}

static enum obol_code exported(struct slice bytes, struct arena *a, struct gss_name_struct **out,
                               struct error *err) {
    struct gssapi_exported e;
    TRY(gssapi_exported_read(bytes, &e, err));
    struct principal p;
    TRY(gssapi_name_parse(e.text, NT_PRINCIPAL, a, &p, err));
    struct gssapi_attrs *attrs = NULL;
    if (e.attributes.len)
        TRY(gssapi_attrs_read(e.attributes, false, a, &attrs, err));
    *out = gssapi_name_of_principal(&p, e.mech);
    if (!*out)
        gssapi_attrs_free(attrs);
    ENSURE_MEMORY(*out);
    (*out)->attrs = attrs;
    return OBOL_OK;
}

// RFC 2744 3.2.2 wants the NUL that ends a C string not counted. A leniency: Chromium counts it.
// Any other NUL is refused.
static struct slice without_end(struct slice text) {
    bool ended = text.len > 1 && text.ptr[text.len - 1] == '\0';
    return slice_sub(text, 0, text.len - (ended ? 1 : 0));
}

static enum obol_code import(struct slice bytes, gss_OID type, struct arena *a,
                             struct gss_name_struct **out, struct error *err) {
    if (type == GSS_C_NT_EXPORT_NAME || type == GSS_C_NT_COMPOSITE_EXPORT)
        return exported(bytes, a, out, err);
    if (type != GSS_C_NT_MACHINE_UID_NAME && type != gss_nt_krb5_principal &&
        type != GSS_KRB5_NT_X509_CERT)
        bytes = without_end(bytes);
    struct gss_name_struct like = {.type = type, .text = bytes};
    if (type == GSS_C_NT_HOSTBASED_SERVICE_X) // taken, never given (RFC 2744 3.10)
        like.type = GSS_C_NT_HOSTBASED_SERVICE;
    if (like.type == GSS_C_NT_HOSTBASED_SERVICE) {
        TRY(of_service(bytes, &like, err));
    } else if (type == GSS_C_NT_MACHINE_UID_NAME || type == GSS_C_NT_STRING_UID_NAME) {
        TRY(of_uid(bytes, type, err));
    } else if (type == GSS_C_NT_ANONYMOUS) {
        like.has_principal = true;
        like.principal = principal_anonymous();
    } else if (type != GSS_KRB5_NT_X509_CERT) {
        TRY(of_principal(bytes, type, a, &like, err));
    }
    *out = gssapi_name_build(&like);
    ENSURE_MEMORY(*out);
    return OBOL_OK;
}

enum obol_code gssapi_imported(struct slice bytes, gss_OID type, struct gss_name_struct **out,
                               struct error *err) {
    struct arena *a = gssapi_arena_take();
    ENSURE_MEMORY(a);
    enum obol_code code = import(bytes, type, a, out, err);
    gssapi_arena_give(a);
    return code;
}

static bool is_name_type(gss_OID type) {
    return !type || type == GSS_C_NT_USER_NAME || type == GSS_C_NT_MACHINE_UID_NAME ||
           type == GSS_C_NT_STRING_UID_NAME || type == GSS_C_NT_HOSTBASED_SERVICE ||
           type == GSS_C_NT_HOSTBASED_SERVICE_X || type == GSS_C_NT_ANONYMOUS ||
           type == GSS_C_NT_EXPORT_NAME || type == GSS_C_NT_COMPOSITE_EXPORT ||
           type == gss_nt_krb5_name || type == gss_nt_krb5_principal ||
           type == GSS_KRB5_NT_ENTERPRISE_NAME || type == GSS_KRB5_NT_X509_CERT;
}

OM_uint32 gss_import_name(OM_uint32 *minor, gss_buffer_t input, gss_OID input_type,
                          gss_name_t *out) {
    if (out)
        *out = GSS_C_NO_NAME;
    if (gssapi_begin(minor) || !out)
        return GSS_S_CALL_INACCESSIBLE_WRITE;
    gss_OID type = gssapi_oid_static(input_type);
    if ((input_type && !type) || !is_name_type(type))
        return gssapi_refuse(minor, GSS_S_BAD_NAMETYPE, OBOL_NAME_MALFORMED,
                             "the type of the name is none of those that krb5 has");
    struct slice bytes = gssapi_slice(input);
    if (type != GSS_C_NT_ANONYMOUS && bytes.len == 0) {
        bool readable = input && (input->length == 0 || input->value);
        OM_uint32 major =
            gssapi_refuse(minor, GSS_S_BAD_NAME, OBOL_NAME_MALFORMED, "the name is empty");
        return readable ? major : major | GSS_S_CALL_INACCESSIBLE_READ;
    }
    struct error err;
    error_init(&err);
    enum obol_code code = gssapi_imported(bytes, type, out, &err);
    if (code == OBOL_OK)
        return GSS_S_COMPLETE;
    if (code == OBOL_NO_MEMORY)
        return gssapi_fail(minor, &err);
    return gssapi_fail_as(minor,
                          code == OBOL_TOKEN_MALFORMED    ? GSS_S_DEFECTIVE_TOKEN
                          : code == OBOL_MECH_UNSUPPORTED ? GSS_S_BAD_MECH
                                                          : GSS_S_BAD_NAME,
                          &err);
}
