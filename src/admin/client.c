// client.c: whether the client of a ticket may still act: tickets for the services of the
// administration outlive what the realm says of their clients.
#include "admin/op.h"
#include "krb/times.h"

enum obol_code op_client_lives(struct admin *adm, const struct op_client *client, struct arena *a,
                               struct error *err) {
    struct record r;
    if (!slice_eq(client->name->realm, adm->realm))
        return OBOL_OK;
    struct error why;
    error_init(&why);
    enum obol_code code = admin_principal_get(adm, client->text, a, &r, &why);
    ENSURE(code != OBOL_PRINCIPAL_NOT_FOUND, KDC_ERR_C_PRINCIPAL_UNKNOWN,
           "there is no %.*s any more, whose ticket this is", SLICE_ARG(client->text));
    if (code != OBOL_OK)
        return error_set(err, code, why.where, "%s", why.detail);
    int64_t now = env_now(adm->env);
    ENSURE(!(r.flags & (RECORD_DISABLED | RECORD_LOCKED)), KDC_ERR_CLIENT_REVOKED,
           "%.*s, whose ticket this is, was disabled or locked", SLICE_ARG(client->text));
    ENSURE(r.expires == 0 || now < r.expires, KDC_ERR_NAME_EXP,
           "%.*s, whose ticket this is, expired %lld seconds ago", SLICE_ARG(client->text),
           (long long)(now - r.expires));
    ENSURE(r.created <= krb_time_add(client->authtime, client->clockskew), KDC_ERR_CLIENT_REVOKED,
           "%.*s was created after this ticket was issued", SLICE_ARG(client->text));
    return OBOL_OK;
}
