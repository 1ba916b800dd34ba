// marshal.c: credentials as bytes, in the form of a FILE cache's entry (version 4).
#include "cred/marshal.h"
#include "compat/context.h"
#include "compat/convert.h"
#include <errno.h>
#include <stdlib.h>

static enum obol_code marshal(struct call *c, krb5_creds *creds, struct slice *out) {
    struct error *err = &c->err;
    struct cred cred;
    struct writer w = writer_to_arena(&c->arena);
    TRY(cred_in(creds, &c->arena, &cred, err));
    cred_write(&w, CRED_VERSION_MAX, &cred);
    ENSURE(writer_ok(&w), INVALID_ARGUMENT, "the credentials do not fit the format");
    *out = writer_slice(&w);
    return OBOL_OK;
}

krb5_error_code krb5_marshal_credentials(krb5_context context, krb5_creds *creds, krb5_data **out) {
    CALL(call, context);
    struct slice bytes;
    if (!out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = marshal(&call, creds, &bytes);
    if (code != OBOL_OK)
        return call_end(&call, code);
    *out = calloc(1, sizeof **out);
    if (*out && data_out(*out, bytes))
        return 0;
    free(*out);
    *out = NULL;
    return ENOMEM;
}

krb5_error_code krb5_unmarshal_credentials(krb5_context context, const krb5_data *bytes,
                                           krb5_creds **out) {
    CALL(call, context);
    struct cred cred;
    if (!bytes || !out)
        return EINVAL;
    *out = NULL;
    struct reader r = reader_of(data_in(bytes));
    enum obol_code code = cred_read(&r, CRED_VERSION_MAX, &call.arena, &cred, &call.err);
    if (code == OBOL_OK && !reader_done(&r))
        code = error_set(&call.err, OBOL_FORMAT, __func__, "bytes stand behind the credentials");
    if (code != OBOL_OK) {
        call.as = KRB5_CC_FORMAT;
        return call_end(&call, code);
    }
    krb5_creds *made = calloc(1, sizeof *made);
    if (!made || !cred_out(made, &cred)) {
        free(made);
        return ENOMEM;
    }
    *out = made;
    return 0;
}
