// copy.c: copies of the structures of krb5.h.
#include "compat/context.h"
#include "compat/convert.h"
#include <errno.h>
#include <stdlib.h>

krb5_error_code krb5_copy_data(krb5_context context, const krb5_data *from, krb5_data **out) {
    UNUSED(context);
    if (!from || !out)
        return EINVAL;
    *out = calloc(1, sizeof **out);
    if (*out && data_out(*out, data_in(from)))
        return 0;
    free(*out);
    *out = NULL;
    return ENOMEM;
}

krb5_error_code krb5_copy_principal(krb5_context context, krb5_const_principal from,
                                    krb5_principal *out) {
    CALL(call, context);
    struct principal p;
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = principal_in(from, &call.arena, &p, &call.err);
    if (code == OBOL_OK && !principal_out(out, &p))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

krb5_error_code krb5_copy_keyblock_contents(krb5_context context, const krb5_keyblock *from,
                                            krb5_keyblock *to) {
    UNUSED(context);
    if (!from || !to)
        return EINVAL;
    return keyblock_out(to, from->enctype, keyblock_in(from)) ? 0 : ENOMEM;
}

krb5_error_code krb5_copy_keyblock(krb5_context context, const krb5_keyblock *from,
                                   krb5_keyblock **out) {
    if (!from || !out)
        return EINVAL;
    *out = calloc(1, sizeof **out);
    if (*out && krb5_copy_keyblock_contents(context, from, *out) == 0)
        return 0;
    free(*out);
    *out = NULL;
    return ENOMEM;
}

krb5_error_code krb5_init_keyblock(krb5_context context, krb5_enctype enctype, size_t length,
                                   krb5_keyblock **out) {
    UNUSED(context);
    if (!out || length > UINT16_MAX)
        return EINVAL;
    krb5_keyblock *key = calloc(1, sizeof *key);
    uint8_t *bytes = length ? calloc(1, length) : NULL;
    if (!key || (length && !bytes)) {
        free(key);
        free(bytes);
        return ENOMEM;
    }
    *key = (krb5_keyblock){KV5M_KEYBLOCK, enctype, (unsigned)length, bytes};
    *out = key;
    return 0;
}

krb5_error_code creds_copy(krb5_context context, const krb5_creds *from, krb5_creds *out) {
    CALL(call, context);
    struct cred c;
    enum obol_code code = cred_in(from, &call.arena, &c, &call.err);
    if (code == OBOL_OK && !cred_out(out, &c))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

krb5_error_code krb5_copy_creds(krb5_context context, const krb5_creds *from, krb5_creds **out) {
    if (!out)
        return EINVAL;
    *out = calloc(1, sizeof **out);
    if (!*out)
        return ENOMEM;
    krb5_error_code code = creds_copy(context, from, *out);
    if (code) {
        free(*out);
        *out = NULL;
    }
    return code;
}

krb5_error_code krb5_copy_addresses(krb5_context context, krb5_address *const *from,
                                    krb5_address ***out) {
    CALL(call, context);
    struct host_address_list list;
    if (!out)
        return EINVAL;
    enum obol_code code = addresses_in(from, &call.arena, &list, &call.err);
    if (code == OBOL_OK && !addresses_out(out, &list))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

krb5_error_code krb5_copy_authdata(krb5_context context, krb5_authdata *const *from,
                                   krb5_authdata ***out) {
    CALL(call, context);
    struct authdata_list list;
    if (!out)
        return EINVAL;
    enum obol_code code = authdata_in(from, &call.arena, &list, &call.err);
    if (code == OBOL_OK && !authdata_out(out, &list))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}
