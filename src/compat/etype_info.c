// etype_info.c: which key a login would need (krb5_get_etype_info): the KDC is asked as for a
// login, and what it says of enctype, salt and parameters (RFC 4120 5.2.7.5) is given back.
#include "compat/convert.h"
#include "compat/gic.h"
#include "net/login.h"
#include <errno.h>

static enum obol_code ask(struct call *c, krb5_const_principal client, krb5_get_init_creds_opt *opt,
                          struct client_key_hint *out) {
    struct error *err = &c->err;
    CLEANUP(login_end) struct login_machine l = {0};
    struct net net = context_net(c->context);
    struct net_memory memory = {0};
    struct login_params params = {0};
    struct login_result result;
    struct client_output want;
    struct slice reply = {0};
    net.memory = &memory;
    TRY(principal_in(client, &c->arena, &params.client, err));
    if (opt && (opt->flags & KRB5_GET_INIT_CREDS_OPT_ETYPE_LIST) && opt->etype_list_length > 0)
        params.etypes = (struct int32_list){opt->etype_list, (size_t)opt->etype_list_length};
    TRY(login_begin(&l, &net, &params, &c->arena, err));
    *out = (struct client_key_hint){0};
    for (;;) {
        TRY(login_step(&l, reply, &want, &result, err));
        if (want.want != CLIENT_SEND)
            break;
        TRY(net_exchange(&net, want.realm, want.message, want.tcp, &c->arena, &reply, err));
    }
    if (want.want == CLIENT_KEY && want.hint_count)
        *out = want.hints[0];
    return OBOL_OK;
}

// Without a word from the KDC the enctype is 0, and salt and parameters are empty.
krb5_error_code krb5_get_etype_info(krb5_context context, krb5_principal client,
                                    krb5_get_init_creds_opt *opt, krb5_enctype *etype,
                                    krb5_data *salt, krb5_data *params) {
    CALL(call, context);
    struct client_key_hint hint;
    if (!client || !etype || !salt || !params)
        return EINVAL;
    *etype = 0;
    *salt = *params = (krb5_data){0};
    enum obol_code code = ask(&call, client, opt, &hint);
    if (code != OBOL_OK)
        return call_end(&call, code);
    if (!data_out(salt, hint.salt) || !data_out(params, hint.s2kparams)) {
        krb5_free_data_contents(context, salt);
        return ENOMEM;
    }
    *etype = hint.etype;
    return 0;
}
