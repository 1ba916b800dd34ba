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
    free(pac);
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
    struct pac parsed;
    if (!context || !pac || !len || !types || pac_parse(bytes_of(pac), &parsed, NULL) != OBOL_OK)
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

static enum obol_code check_client(struct call *c, krb5_pac pac, krb5_const_principal principal,
                                   int64_t authtime) {
    struct error *err = &c->err;
    struct principal client;
    TRY(principal_in(principal, &c->arena, &client, err));
    bool fits = gssapi_pac_is_of(bytes_of(pac), &client, authtime, &c->arena);
    if (!fits)
        c->as = KRB5KRB_AP_WRONG_PRINC;
    ENSURE(fits, KRB_AP_ERR_BADMATCH, "the PAC is not of %.*s and of a login at %lld",
           SLICE_ARG(principal_text(&client, &c->arena)), (long long)authtime);
    return OBOL_OK;
}

// MS-PAC 2.7, 2.8: the signatures for which a key is given, and the client if one is. The server's
// is the one that every PAC must have.
krb5_error_code krb5_pac_verify(krb5_context context, krb5_pac pac, krb5_timestamp authtime,
                                krb5_const_principal principal, const krb5_keyblock *server,
                                const krb5_keyblock *privsvr) {
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
        code = check_client(&call, pac, principal, time_in(authtime));
    return call_end(&call, code);
}
