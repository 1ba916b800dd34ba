// chpw.c: passwords changed over the network (RFC 3244), as programs ask for it.
#include "compat/ccache.h"
#include "compat/convert.h"
#include "compat/private.h"
#include "net/kpasswd.h"
#include <errno.h>
#include <stdlib.h>

// The results of RFC 3244 2, in the order of their numbers.
static const char *const RESULTS[] = {
    "the password is changed",
    "the request was malformed",
    "the server failed",
    "the authentication failed",
    "the new password is refused",
    "access is denied",
    "the server does not know this version of the protocol",
    "a ticket that comes straight from the password is needed",
};

krb5_error_code krb5_chpw_result_code_string(krb5_context context, int result, char **out) {
    UNUSED(context);
    if (!out)
        return EINVAL;
    bool known = result >= 0 && (size_t)result < COUNT_OF(RESULTS);
    *out = strdup(known ? RESULTS[result] : "a result that is not known");
    return *out ? 0 : ENOMEM;
}

krb5_error_code krb5_chpw_message(krb5_context context, const krb5_data *answer, char **out) {
    UNUSED(context);
    if (!out)
        return EINVAL;
    *out = bytes_out(kpasswd_text(data_in(answer)));
    return *out ? 0 : ENOMEM;
}

static enum obol_code change(struct call *c, const krb5_creds *creds, const char *password,
                             krb5_const_principal target, struct kpasswd_reply *reply) {
    struct error *err = &c->err;
    CLEANUP(secret_clear) struct secret fresh = {0};
    struct cred cred;
    struct principal whose;
    struct net net = context_net(c->context);
    ENSURE(password, INVALID_ARGUMENT, "no new password was given");
    if (!*password) {
        c->as = KRB5_CHPW_PWDNULL;
        ENSURE(false, INVALID_ARGUMENT, "the new password is empty");
    }
    TRY(cred_in(creds, &c->arena, &cred, err));
    if (target)
        TRY(principal_in(target, &c->arena, &whose, err));
    ENSURE(secret_copy(&fresh, slice_str(password)), NO_MEMORY, "no memory for a password");
    const struct kpasswd_params params = {
        .ticket = &cred, .target = target ? &whose : NULL, .password = &fresh};
    return net_kpasswd(&net, &params, &c->arena, reply, err);
}

krb5_error_code krb5_set_password(krb5_context context, krb5_creds *creds, const char *password,
                                  krb5_principal target, int *result, krb5_data *code_text,
                                  krb5_data *text) {
    CALL(call, context);
    struct kpasswd_reply reply;
    if (!creds || !result)
        return EINVAL;
    if (code_text)
        *code_text = (krb5_data){0};
    if (text)
        *text = (krb5_data){0};
    enum obol_code code = change(&call, creds, password, target, &reply);
    if (code != OBOL_OK)
        return call_end(&call, code);
    *result = (int)reply.result;
    bool known = (size_t)reply.result < COUNT_OF(RESULTS);
    struct slice meaning = slice_str(known ? RESULTS[reply.result] : "a result that is not known");
    bool ok = (!code_text || data_out(code_text, meaning)) && (!text || data_out(text, reply.text));
    return ok ? 0 : ENOMEM;
}

krb5_error_code krb5_change_password(krb5_context context, krb5_creds *creds, const char *password,
                                     int *result, krb5_data *code_text, krb5_data *text) {
    return krb5_set_password(context, creds, password, NULL, result, code_text, text);
}

krb5_error_code krb5_set_password_using_ccache(krb5_context context, krb5_ccache cc,
                                               const char *password, krb5_principal target,
                                               int *result, krb5_data *code_text, krb5_data *text) {
    krb5_creds want = {0}, *creds = NULL;
    krb5_error_code code = krb5_cc_get_principal(context, cc, &want.client);
    krb5_const_principal realm_of = target ? target : want.client;
    if (code == 0)
        code = krb5_build_principal(context, &want.server, realm_of->realm.length,
                                    realm_of->realm.data, "kadmin", "changepw", (char *)NULL);
    if (code == 0)
        code = krb5_get_credentials(context, 0, cc, &want, &creds);
    if (code == 0)
        code = krb5_set_password(context, creds, password, target, result, code_text, text);
    krb5_free_creds(context, creds);
    krb5_free_cred_contents(context, &want);
    return code;
}
