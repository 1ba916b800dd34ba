// s4u.c: tickets in the name of a user (MS-SFU): for the service itself (S4U2Self), and on to
// another service by the ticket with which he came (S4U2Proxy).
#include "compat/ccache.h"
#include "compat/convert.h"
#include "compat/private.h"
#include "net/ticket.h"
#include "proto/types.h"
#include <errno.h>
#include <stdlib.h>

static enum obol_code ask(struct call *c, krb5_flags options, krb5_ccache cc,
                          struct ticket_params *params, krb5_creds **out) {
    struct error *err = &c->err;
    struct net net = context_net(c->context);
    struct ticket_result result;
    params->cache = cc->cache;
    params->no_cached = true;
    params->no_store = true;
    TRY(net_ticket(&net, params, &c->arena, &result, err));
    if (!(options & KRB5_GC_NO_STORE))
        TRY(ccache_store(cc->cache, &result.ticket, 1, err));
    krb5_creds *made = calloc(1, sizeof *made);
    if (!made || !cred_out(made, &result.ticket)) {
        free(made);
        ENSURE(false, NO_MEMORY, "no memory for the credentials");
    }
    *out = made;
    return OBOL_OK;
}

static enum obol_code for_user(struct call *c, krb5_flags options, krb5_ccache cc,
                               const krb5_creds *want, struct slice certificate, krb5_creds **out) {
    struct error *err = &c->err;
    struct principal user = {0};
    struct ticket_params params = {
        .act_for = want->client ? &user : NULL, .s4u_self = true, .certificate = certificate};
    if (want->client)
        TRY(principal_in(want->client, &c->arena, &user, err));
    TRY(principal_in(want->server, &c->arena, &params.service, err));
    return ask(c, options, cc, &params, out);
}

// want->client is the user, or NULL: he is whose the certificate is; want->server the service
// itself, whose tickets the cache holds.
krb5_error_code krb5_get_credentials_for_user(krb5_context context, krb5_flags options,
                                              krb5_ccache cc, krb5_creds *want,
                                              krb5_data *certificate, krb5_creds **out) {
    CALL(call, context);
    bool named = want && (want->client || (certificate && certificate->length));
    if (!cc_is(cc) || !named || !out)
        return EINVAL;
    *out = NULL;
    struct slice shown = certificate ? data_in(certificate) : (struct slice){0};
    return call_end(&call, for_user(&call, options, cc, want, shown, out));
}

static enum obol_code for_proxy(struct call *c, krb5_flags options, krb5_ccache cc,
                                const krb5_creds *want, const krb5_ticket *evidence,
                                krb5_creds **out) {
    struct error *err = &c->err;
    struct principal user, self;
    struct ticket_params params = {.act_for = &user, .options = KDC_OPT_CNAME_IN_ADDL_TKT};
    struct ticket ticket = {.tkt_vno = KRB_PVNO};
    TRY(principal_in(evidence->enc_part2->client, &c->arena, &user, err));
    TRY(principal_in(evidence->server, &c->arena, &self, err));
    TRY(principal_in(want->server, &c->arena, &params.service, err));
    ticket.realm = self.realm;
    ticket.sname = self.name;
    ticket.enc_part = (struct encrypted_data){
        .present = evidence->enc_part.kvno ? (uint32_t)ENCRYPTED_DATA_KVNO : 0,
        .etype = evidence->enc_part.enctype,
        .kvno = (int32_t)evidence->enc_part.kvno,
        .cipher = data_in(&evidence->enc_part.ciphertext),
    };
    TRY(der_encode(&TYPE_TICKET, &ticket, &c->arena, &params.second_ticket, err));
    return ask(c, options, cc, &params, out);
}

// `evidence` is the user's ticket for the service, decrypted.
krb5_error_code krb5_get_credentials_for_proxy(krb5_context context, krb5_flags options,
                                               krb5_ccache cc, krb5_creds *want,
                                               krb5_ticket *evidence, krb5_creds **out) {
    CALL(call, context);
    if (!cc_is(cc) || !want || !evidence || !evidence->enc_part2 || !out)
        return EINVAL;
    *out = NULL;
    return call_end(&call, for_proxy(&call, options, cc, want, evidence, out));
}
