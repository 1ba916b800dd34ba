// krb_error.c: KRB-ERROR (RFC 4120 5.9.1) as programs make and read one.
#include "compat/convert.h"
#include "proto/types.h"
#include <errno.h>
#include <stdlib.h>

static enum obol_code make(struct call *c, const krb5_error *from, struct slice *out) {
    struct error *err = &c->err;
    struct principal client = {0}, server;
    TRY(principal_in(from->server, &c->arena, &server, err));
    if (from->client)
        TRY(principal_in(from->client, &c->arena, &client, err));
    const struct krb_error e = {
        .present = (from->ctime ? KRB_ERROR_CTIME | KRB_ERROR_CUSEC : 0u) |
                   (from->client ? KRB_ERROR_CREALM | KRB_ERROR_CNAME : 0u) |
                   (from->text.length ? KRB_ERROR_E_TEXT : 0u) |
                   (from->e_data.length ? KRB_ERROR_E_DATA : 0u),
        .pvno = KRB_PVNO,
        .msg_type = KRB_ERROR,
        .ctime = time_in(from->ctime),
        .cusec = from->cusec,
        .stime = time_in(from->stime),
        .susec = from->susec,
        .error_code = (int32_t)from->error,
        .crealm = client.realm,
        .cname = client.name,
        .realm = server.realm,
        .sname = server.name,
        .e_text = data_in(&from->text),
        .e_data = data_in(&from->e_data),
    };
    return der_encode(&TYPE_KRB_ERROR, &e, &c->arena, out, err);
}

krb5_error_code krb5_mk_error(krb5_context context, const krb5_error *from, krb5_data *out) {
    CALL(call, context);
    struct slice bytes;
    if (!from || !out)
        return EINVAL;
    enum obol_code code = make(&call, from, &bytes);
    if (code == OBOL_OK && !data_out(out, bytes))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}

static bool fill(krb5_error *out, const struct krb_error *e) {
    const struct principal client = {e->crealm, e->cname}, server = {e->realm, e->sname};
    *out = (krb5_error){.ctime = time_out(e->ctime),
                        .cusec = e->cusec,
                        .stime = time_out(e->stime),
                        .susec = e->susec,
                        .error = (krb5_ui_4)e->error_code};
    return (!(e->present & KRB_ERROR_CNAME) || principal_out(&out->client, &client)) &&
           principal_out(&out->server, &server) &&
           (!(e->present & KRB_ERROR_E_TEXT) || data_out(&out->text, e->e_text)) &&
           (!(e->present & KRB_ERROR_E_DATA) || data_out(&out->e_data, e->e_data));
}

krb5_error *krb_error_out(const struct krb_error *e) {
    krb5_error *made = calloc(1, sizeof *made);
    if (made && fill(made, e))
        return made;
    krb5_free_error(NULL, made);
    return NULL;
}

krb5_error_code krb5_rd_error(krb5_context context, const krb5_data *bytes, krb5_error **out) {
    CALL(call, context);
    struct krb_error e;
    if (!bytes || !out)
        return EINVAL;
    *out = NULL;
    struct slice in = data_in(bytes);
    if (in.len == 0 || in.ptr[0] != 0x7e) // RFC 4120 5.10: [APPLICATION 30]
        return KRB5KRB_AP_ERR_MSG_TYPE;
    enum obol_code code = der_decode(&TYPE_KRB_ERROR, in, &call.arena, &e, &call.err);
    if (code != OBOL_OK)
        return call_end(&call, code);
    *out = krb_error_out(&e);
    return *out ? 0 : ENOMEM;
}
