// pac.c: the PAC (MS-PAC, src/pac) as programs look into one: parsed, its buffers by type, its
// signatures and whose it is.
#include "pac/pac.h"
#include "compat/context.h"
#include "compat/convert.h"
#include "gssapi/attr.h"
#include <errno.h>
#include <stdlib.h>

static struct slice bytes_of(krb5_pac pac) {
    return slice_of(pac->bytes, pac->len);
}

krb5_error_code krb5_pac_parse(krb5_context context, const void *ptr, size_t len, krb5_pac *pac) {
    CALL(call, context);
    struct pac parsed;
    if (!ptr || !pac)
        return EINVAL;
    *pac = NULL;
    enum obol_code code = pac_parse(slice_of(ptr, len), &parsed, &call.err);
    if (code == OBOL_OK) {
        *pac = gssapi_pac_handle(parsed.raw);
        code = *pac ? OBOL_OK : OBOL_NO_MEMORY;
    }
    return call_end(&call, code);
}

void krb5_pac_free(krb5_context context, krb5_pac pac) {
    UNUSED(context);
    gssapi_pac_handle_free(pac);
}

// ENOENT where there is no such buffer, as programs expect.
krb5_error_code krb5_pac_get_buffer(krb5_context context, krb5_pac pac, krb5_ui_4 type,
                                    krb5_data *data) {
    struct slice found;
    if (!context || !pac || !data)
        return EINVAL;
    if (!gssapi_pac_buffer(bytes_of(pac), type, &found))
        return ENOENT;
    return data_out(data, found) ? 0 : ENOMEM;
}

// The types, in the PAC's order, for krb5_free_unparsed_name's kind of freeing: free().
krb5_error_code krb5_pac_get_types(krb5_context context, krb5_pac pac, size_t *len,
                                   krb5_ui_4 **types) {
    struct pac parsed = {.count = 0};
    bool empty = pac && pac->len == 8; // one in the making
    if (!context || !pac || !len || !types ||
        (!empty && pac_parse(bytes_of(pac), &parsed, NULL) != OBOL_OK))
        return EINVAL;
    *types = calloc(parsed.count + 1, sizeof **types);
    if (!*types)
        return ENOMEM;
    *len = parsed.count;
    for (size_t i = 0; i < parsed.count; i++)
        (*types)[i] = parsed.items[i].type;
    return 0;
}

static enum obol_code check_signature(struct call *c, const struct pac *pac, uint32_t type,
                                      const krb5_keyblock *key) {
    struct crypto_key *prepared;
    if (!key)
        return OBOL_OK;
    TRY(crypto_key_in_arena(&prepared, &c->arena, key->enctype, keyblock_in(key), &c->err));
    return pac_verify(pac, type, prepared, (struct slice){0}, &c->err);
}

// MS-PAC 2.7: the name of the login, with its realm or without, unquoted.
krb5_error_code krb5_pac_get_client_info(krb5_context context, const krb5_pac pac,
                                         krb5_timestamp *authtime, char **name) {
    CALL(call, context);
    struct pac_client_info info;
    struct slice found;
    if (!pac || !name)
        return EINVAL;
    *name = NULL;
    if (authtime)
        *authtime = 0;
    if (!gssapi_pac_buffer(bytes_of(pac), PAC_CLIENT_INFO, &found))
        return ENOENT;
    enum obol_code code = pac_client_info_read(found, &call.arena, &info, &call.err);
    if (code != OBOL_OK || info.authtime < 0 || info.authtime > UINT32_MAX)
        return ERANGE;
    *name = bytes_out(info.name);
    if (!*name)
        return ENOMEM;
    if (authtime)
        *authtime = time_out(info.authtime);
    return 0;
}

static enum obol_code check_client(struct call *c, krb5_pac pac, krb5_const_principal principal,
                                   krb5_timestamp authtime, bool with_realm) {
    struct error *err = &c->err;
    const int shown =
        KRB5_PRINCIPAL_UNPARSE_DISPLAY | (with_realm ? 0 : KRB5_PRINCIPAL_UNPARSE_NO_REALM);
    char *has = NULL, *want = NULL;
    krb5_timestamp when;
    krb5_error_code code = krb5_pac_get_client_info(c->context, pac, &when, &has);
    if (code == 0)
        code = krb5_unparse_name_flags(c->context, principal, shown, &want);
    bool fits = code == 0 && when == authtime && strcmp(has, want) == 0;
    free(has);
    krb5_free_unparsed_name(c->context, want);
    c->as = code ? code : KRB5KRB_AP_WRONG_PRINC;
    ENSURE(fits, KRB_AP_ERR_BADMATCH, "the PAC is not of this client and of a login at %lld",
           (long long)time_in(authtime));
    c->as = 0;
    return OBOL_OK;
}

// MS-PAC 2.7, 2.8: the signatures for which a key is given, and the client if one is. The server's
// is the one that every PAC must have.
krb5_error_code krb5_pac_verify_ext(krb5_context context, const krb5_pac pac,
                                    krb5_timestamp authtime, krb5_const_principal principal,
                                    const krb5_keyblock *server, const krb5_keyblock *privsvr,
                                    krb5_boolean with_realm) {
    CALL(call, context);
    struct pac parsed;
    if (!pac)
        return EINVAL;
    enum obol_code code = pac_parse(bytes_of(pac), &parsed, &call.err);
    if (code == OBOL_OK)
        code = check_signature(&call, &parsed, PAC_SERVER_SIGNATURE, server);
    if (code == OBOL_OK)
        code = check_signature(&call, &parsed, PAC_KDC_SIGNATURE, privsvr);
    if (code == OBOL_OK && principal)
        code = check_client(&call, pac, principal, authtime, with_realm);
    return call_end(&call, code);
}

krb5_error_code krb5_pac_verify(krb5_context context, krb5_pac pac, krb5_timestamp authtime,
                                krb5_const_principal principal, const krb5_keyblock *server,
                                const krb5_keyblock *privsvr) {
    return krb5_pac_verify_ext(context, pac, authtime, principal, server, privsvr, FALSE);
}
