// principal.c: principals: made from text or parts, compared, and written as text again.
#include "compat/context.h"
#include "compat/convert.h"
#include <errno.h>
#include <stdlib.h>

// ---- from text

// MIT's programs may write "alice@" for a realm that is still to be found. The realm is cut off
// here; false if the text ends otherwise.
static bool ends_in_empty_realm(struct slice *text) {
    if (text->len < 2 || text->ptr[text->len - 1] != '@')
        return false;
    size_t backslashes = 0;
    while (backslashes + 1 < text->len && text->ptr[text->len - 2 - backslashes] == '\\')
        backslashes++;
    if (backslashes % 2)
        return false;
    text->len--;
    return true;
}

static enum obol_code parse(struct call *c, const char *name, int flags, struct principal *out) {
    struct error *err = &c->err;
    // Tells whether the text names a realm: no realm of a text can hold this.
    static const struct slice none = {(const uint8_t *)"\n", 1};
    struct slice text = slice_str(name);
    bool empty_realm = ends_in_empty_realm(&text);
    bool enterprise = (flags & KRB5_PRINCIPAL_PARSE_ENTERPRISE) != 0;
    TRY(principal_parse(text, none, enterprise ? NT_ENTERPRISE : NT_UNKNOWN, &c->arena, out, err));
    bool has_realm = !slice_eq(out->realm, none);
    ENSURE(!has_realm || !empty_realm, NAME_MALFORMED, "\"%s\" has a second '@'", name);
    if (empty_realm)
        out->realm = (struct slice){0};
    has_realm |= empty_realm;
    if (flags & KRB5_PRINCIPAL_PARSE_NO_REALM)
        ENSURE(!has_realm, NAME_MALFORMED, "\"%s\" names a realm, which is not wanted here", name);
    if (flags & KRB5_PRINCIPAL_PARSE_REQUIRE_REALM)
        ENSURE(has_realm, NAME_MALFORMED, "\"%s\" names no realm", name);
    bool no_default = (flags & (KRB5_PRINCIPAL_PARSE_NO_REALM | KRB5_PRINCIPAL_PARSE_NO_DEF_REALM |
                                KRB5_PRINCIPAL_PARSE_IGNORE_REALM)) != 0;
    if ((flags & KRB5_PRINCIPAL_PARSE_IGNORE_REALM) || (!has_realm && no_default))
        out->realm = (struct slice){0};
    else if (!has_realm) {
        out->realm = context_realm(c->context);
        ENSURE(out->realm.len, CONFIG_NO_REALM, "\"%s\" names no realm", name);
    }
    return OBOL_OK;
}

krb5_error_code krb5_parse_name_flags(krb5_context context, const char *name, int flags,
                                      krb5_principal *out) {
    CALL(call, context);
    struct principal p;
    if (!name || !out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = parse(&call, name, flags, &p);
    if (code == OBOL_OK && !principal_out(out, &p))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

krb5_error_code krb5_parse_name(krb5_context context, const char *name, krb5_principal *out) {
    return krb5_parse_name_flags(context, name, 0, out);
}

// ---- from parts

static int32_t type_of(const struct principal_name *name) {
    return principal_is_krbtgt(name) ? NT_SRV_INST : NT_PRINCIPAL;
}

#define PARTS_MAX 64

static krb5_error_code build(struct slice realm, const struct slice *parts, size_t count,
                             krb5_principal *out) {
    // The list is read only.
    struct principal p = {.realm = realm,
                          .name = {NT_UNKNOWN, {(struct slice *)(uintptr_t)parts, count}}};
    p.name.name_type = type_of(&p.name);
    return principal_out(out, &p) ? 0 : ENOMEM;
}

krb5_error_code krb5_build_principal_alloc_va(krb5_context context, krb5_principal *out,
                                              unsigned realm_len, const char *realm, va_list args) {
    UNUSED(context);
    struct slice parts[PARTS_MAX];
    size_t n = 0;
    if (!out || !realm)
        return EINVAL;
    *out = NULL;
    for (const char *part; (part = va_arg(args, const char *)) != NULL;) {
        if (n == PARTS_MAX)
            return EINVAL;
        parts[n++] = slice_str(part);
    }
    return build(slice_of(realm, realm_len), parts, n, out);
}

krb5_error_code krb5_build_principal(krb5_context context, krb5_principal *out, unsigned realm_len,
                                     const char *realm, ...) {
    va_list args;
    va_start(args, realm);
    krb5_error_code code = krb5_build_principal_alloc_va(context, out, realm_len, realm, args);
    va_end(args);
    return code;
}

// The arguments behind the realm are pairs of length and bytes; a length of 0 ends them.
krb5_error_code krb5_build_principal_ext(krb5_context context, krb5_principal *out,
                                         unsigned realm_len, const char *realm, ...) {
    UNUSED(context);
    struct slice parts[PARTS_MAX];
    size_t n = 0;
    if (!out || !realm)
        return EINVAL;
    *out = NULL;
    va_list args;
    va_start(args, realm);
    for (unsigned len; n < PARTS_MAX && (len = va_arg(args, unsigned)) != 0;)
        parts[n++] = slice_of(va_arg(args, const char *), len);
    va_end(args);
    return build(slice_of(realm, realm_len), parts, n, out);
}

krb5_error_code krb5_set_principal_realm(krb5_context context, krb5_principal p,
                                         const char *realm) {
    UNUSED(context);
    krb5_data data;
    if (!p || !realm || !*realm)
        return EINVAL;
    if (!data_out(&data, slice_str(realm)))
        return ENOMEM;
    free(p->realm.data);
    p->realm = data;
    return 0;
}

// ---- comparison

static int lower(int c) {
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool data_eq(const krb5_data *a, const krb5_data *b, bool fold) {
    if (a->length != b->length)
        return false;
    for (unsigned i = 0; i < a->length; i++) {
        unsigned char x = (unsigned char)a->data[i], y = (unsigned char)b->data[i];
        if (x != y && !(fold && lower(x) == lower(y)))
            return false;
    }
    return true;
}

krb5_boolean krb5_realm_compare(krb5_context context, krb5_const_principal a,
                                krb5_const_principal b) {
    UNUSED(context);
    return a && b && data_eq(&a->realm, &b->realm, false);
}

krb5_boolean krb5_principal_compare_flags(krb5_context context, krb5_const_principal a,
                                          krb5_const_principal b, int flags) {
    krb5_principal upn_a = NULL, upn_b = NULL;
    if (!a || !b)
        return 0;
    // An enterprise name stands for the principal that it spells.
    if (flags & KRB5_PRINCIPAL_COMPARE_ENTERPRISE) {
        if (a->type == KRB5_NT_ENTERPRISE_PRINCIPAL && a->length == 1 &&
            krb5_parse_name(context, a->data[0].data, &upn_a) == 0)
            a = upn_a;
        if (b->type == KRB5_NT_ENTERPRISE_PRINCIPAL && b->length == 1 &&
            krb5_parse_name(context, b->data[0].data, &upn_b) == 0)
            b = upn_b;
    }
    bool fold = (flags & KRB5_PRINCIPAL_COMPARE_CASEFOLD) != 0;
    bool same = a->length == b->length && ((flags & KRB5_PRINCIPAL_COMPARE_IGNORE_REALM) ||
                                           data_eq(&a->realm, &b->realm, fold));
    for (krb5_int32 i = 0; same && i < a->length; i++)
        same = data_eq(&a->data[i], &b->data[i], fold);
    krb5_free_principal(context, upn_a);
    krb5_free_principal(context, upn_b);
    return same;
}

krb5_boolean krb5_principal_compare(krb5_context context, krb5_const_principal a,
                                    krb5_const_principal b) {
    return krb5_principal_compare_flags(context, a, b, 0);
}

krb5_boolean krb5_principal_compare_any_realm(krb5_context context, krb5_const_principal a,
                                              krb5_const_principal b) {
    return krb5_principal_compare_flags(context, a, b, KRB5_PRINCIPAL_COMPARE_IGNORE_REALM);
}

// Configuration entries of a cache have this realm.
krb5_boolean krb5_is_config_principal(krb5_context context, krb5_const_principal p) {
    UNUSED(context);
    static const char realm[] = "X-CACHECONF:";
    return p && p->realm.length == sizeof realm - 1 && p->length > 0 &&
           memcmp(p->realm.data, realm, sizeof realm - 1) == 0 &&
           slice_eq_str(data_in(&p->data[0]), "krb5_ccache_conf_data");
}

// ---- to text

static void write_plain(struct writer *w, const struct principal *p, bool with_realm) {
    for (size_t i = 0; i < p->name.name_string.count; i++) {
        if (i)
            writer_u8(w, '/');
        writer_bytes(w, p->name.name_string.items[i]);
    }
    if (with_realm) {
        writer_u8(w, '@');
        writer_bytes(w, p->realm);
    }
}

static enum obol_code unparse(struct call *c, krb5_const_principal from, int flags,
                              struct slice *out) {
    struct error *err = &c->err;
    struct principal p;
    TRY(principal_in(from, &c->arena, &p, err));
    bool local = slice_eq(p.realm, context_realm(c->context));
    bool with_realm = !(flags & KRB5_PRINCIPAL_UNPARSE_NO_REALM) &&
                      !((flags & KRB5_PRINCIPAL_UNPARSE_SHORT) && local);
    struct writer w = writer_to_arena(&c->arena);
    if (flags & KRB5_PRINCIPAL_UNPARSE_DISPLAY)
        write_plain(&w, &p, with_realm);
    else if (with_realm)
        principal_write(&w, &p);
    else
        principal_name_write(&w, &p.name);
    ENSURE(writer_ok(&w), NO_MEMORY, "the request's memory is used up");
    *out = writer_slice(&w);
    return OBOL_OK;
}

krb5_error_code krb5_unparse_name_flags(krb5_context context, krb5_const_principal p, int flags,
                                        char **out) {
    CALL(call, context);
    struct slice text;
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = unparse(&call, p, flags, &text);
    if (code == OBOL_OK && !(*out = bytes_out(text)))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

krb5_error_code krb5_unparse_name(krb5_context context, krb5_const_principal p, char **out) {
    return krb5_unparse_name_flags(context, p, 0, out);
}

// Takes a block of the caller's in *out, of *size bytes, and makes it larger if need be.
krb5_error_code krb5_unparse_name_flags_ext(krb5_context context, krb5_const_principal p, int flags,
                                            char **out, unsigned *size) {
    char *text = NULL;
    if (!out || !size)
        return EINVAL;
    krb5_error_code code = krb5_unparse_name_flags(context, p, flags, &text);
    if (code || !text)
        return code;
    free(*out);
    *out = text;
    *size = (unsigned)strlen(text) + 1;
    return 0;
}

krb5_error_code krb5_unparse_name_ext(krb5_context context, krb5_const_principal p, char **out,
                                      unsigned *size) {
    return krb5_unparse_name_flags_ext(context, p, 0, out, size);
}

// ---- salt

krb5_error_code krb5_principal2salt(krb5_context context, krb5_const_principal from,
                                    krb5_data *out) {
    CALL(call, context);
    struct principal p;
    struct slice salt;
    if (!out)
        return EINVAL;
    *out = (krb5_data){0};
    enum obol_code code = principal_in(from, &call.arena, &p, &call.err);
    if (code == OBOL_OK)
        code = principal_salt(&p, &call.arena, &salt, &call.err);
    if (code == OBOL_OK && !data_out(out, salt))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}
