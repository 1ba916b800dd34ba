// ap_server.c: the service's side of the AP exchange (RFC 4120 3.2.3, 3.2.4) as programs call it.
#include "compat/auth_context.h"
#include "compat/keytab.h"
#include "compat/ticket.h"
#include "gssapi/part.h"
#include "proto/types.h"
#include <errno.h>
#include <stdlib.h>

// Which keys may open the ticket: those of the keytab, of one service if it is said.
struct chosen_keys {
    struct call *call;
    struct ap_key_source keytab;
    krb5_const_principal service; // NULL: any
};

static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    struct chosen_keys *chosen = ctx;
    krb5_principal named = NULL;
    if (chosen->service) {
        ENSURE(principal_out(&named, service), NO_MEMORY, "no memory for a name");
        bool fits = krb5_sname_match(chosen->call->context, chosen->service, named) != 0;
        krb5_free_principal(NULL, named);
        ENSURE(fits, KRB_AP_ERR_NOT_US,
               "the ticket is for %.*s, which is not the service asked for",
               SLICE_ARG(principal_text(service, a)));
    }
    return chosen->keytab.find(chosen->keytab.ctx, service, etype, kvno, attempt, a, key, err);
}

static const struct principal *owner_of(void *ctx, const struct principal *service, int32_t etype,
                                        uint32_t kvno, unsigned attempt) {
    const struct chosen_keys *chosen = ctx;
    return chosen->keytab.owner(chosen->keytab.ctx, service, etype, kvno, attempt);
}

static enum obol_code take_over(krb5_auth_context ac, const struct ap_accepted *got,
                                struct error *err) {
    const struct authenticator *a = &got->authenticator;
    krb5_free_authenticator(NULL, ac->authenticator);
    ac->authenticator = authenticator_out(a);
    ac->initiator = false;
    bool ok = ac->authenticator &&
              ac_set_key(&ac->key, got->ticket.key.keytype, got->ticket.key.keyvalue);
    if (ok && (a->present & AUTHENTICATOR_SUBKEY))
        ok = ac_set_key(&ac->recv_subkey, a->subkey.keytype, a->subkey.keyvalue) &&
             ac_set_key(&ac->send_subkey, a->subkey.keytype, a->subkey.keyvalue);
    ENSURE(ok, NO_MEMORY, "no memory for the authentication");
    ac->remote_seq = a->present & AUTHENTICATOR_SEQ_NUMBER ? a->seq_number : 0;
    return OBOL_OK;
}

// As MIT's: the ticket and the keys that protect must be of enctypes that krb5.conf permits, or the
// program (krb5_set_default_tgs_enctypes).
static enum obol_code check_permitted(struct call *c, const struct ap_accepted *got) {
    struct error *err = &c->err;
    struct int32_list list = c->context->conf.permitted_enctypes;
    if (c->context->tgs_etype_count)
        list = (struct int32_list){c->context->tgs_etypes, c->context->tgs_etype_count};
    const struct crypto_key *keys[] = {got->ticket_key, got->session, got->subkey};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        bool permitted = !keys[i];
        for (size_t k = 0; k < list.count && !permitted; k++)
            permitted = list.items[k] == enctype_number(crypto_key_enctype(keys[i]));
        ENSURE(permitted, ENCTYPE_NOT_PERMITTED, "%s", enctype_name(crypto_key_enctype(keys[i])));
    }
    return OBOL_OK;
}

static enum obol_code accept_request(struct call *c, krb5_auth_context ac, const krb5_data *in,
                                     krb5_const_principal service, krb5_keytab kt,
                                     krb5_flags *options, krb5_ticket **ticket) {
    struct error *err = &c->err;
    struct keytab_content content;
    struct keytab_keys keys = {.content = &content};
    struct chosen_keys chosen = {.call = c, .service = service};
    struct ap_key_source source = {&chosen, find_key, owner_of};
    const struct ap_replay *replay = NULL;
    struct ap_accepted got;
    // User-to-user: the key that the program has set opens the ticket.
    struct crypto_key *user_key = NULL;
    if (ac->key)
        TRY(crypto_key_in_arena(&user_key, &c->arena, ac->key->enctype, keyblock_in(ac->key), err));
    else
        TRY(kt_open(c, kt, &content, &keys.path));
    chosen.keytab = keytab_key_source(&keys);
    if (ac->rcache)
        replay = ac->rcache->replay;
    else if (ac->flags & KRB5_AUTH_CONTEXT_DO_TIME)
        TRY(gssapi_replay(NULL, &c->context->conf, &replay, err));
    struct ap_accept_params params = {
        .keys = &source,
        .replay = replay,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .clockskew = c->context->conf.clockskew,
        .path = {&c->context->conf, krb5conf_find_path},
        .user_to_user = user_key,
    };
    struct host_address remote;
    if (ac->remote_addr) {
        remote =
            (struct host_address){ac->remote_addr->addrtype,
                                  slice_of(ac->remote_addr->contents, ac->remote_addr->length)};
        params.sender = &remote;
    }
    TRY(ap_req_accept(data_in(in), &params, env_system(), &c->arena, &got, err));
    TRY(check_permitted(c, &got));
    TRY(take_over(ac, &got, err));
    if (options)
        *options = (krb5_flags)got.req.ap_options;
    if (!ticket)
        return OBOL_OK;
    *ticket = ticket_out(&got.req.ticket);
    if (*ticket && ticket_out_part(*ticket, &got.ticket))
        return OBOL_OK;
    krb5_free_ticket(NULL, *ticket);
    *ticket = NULL;
    ENSURE(false, NO_MEMORY, "no memory for a ticket");
}

krb5_error_code krb5_rd_req(krb5_context context, krb5_auth_context *ac, const krb5_data *in,
                            krb5_const_principal service, krb5_keytab kt, krb5_flags *options,
                            krb5_ticket **ticket) {
    CALL(call, context);
    krb5_auth_context own = NULL, *used = ac ? ac : &own;
    if (!in || (*used && !ac_is(*used)))
        return EINVAL;
    bool is_new = !*used;
    if (is_new && krb5_auth_con_init(context, used) != 0)
        return ENOMEM;
    enum obol_code code = accept_request(&call, *used, in, service, kt, options, ticket);
    if (!ac || (code != OBOL_OK && is_new)) {
        (void)krb5_auth_con_free(context, *used);
        *used = NULL;
    }
    return call_end(&call, code);
}

static enum obol_code make_reply(struct call *c, krb5_auth_context ac, struct slice *out) {
    struct error *err = &c->err;
    struct crypto_key *session;
    struct encryption_key subkey;
    bool with_subkey = ac->send_subkey && (ac->flags & KRB5_AUTH_CONTEXT_USE_SUBKEY);
    ENSURE(ac->key && ac->authenticator && !ac->initiator, INVALID_ARGUMENT,
           "no request was accepted with this context");
    TRY(crypto_key_in_arena(&session, &c->arena, ac->key->enctype, keyblock_in(ac->key), err));
    struct ap_accepted got = {
        .authenticator = {.ctime = time_in(ac->authenticator->ctime),
                          .cusec = ac->authenticator->cusec},
        .session = session,
    };
    bool sequence = (ac->flags & (KRB5_AUTH_CONTEXT_DO_SEQUENCE | KRB5_AUTH_CONTEXT_RET_SEQUENCE));
    if (sequence && !ac->local_seq)
        ac->local_seq = ac_random_seq();
    if (with_subkey)
        subkey = (struct encryption_key){ac->send_subkey->enctype, keyblock_in(ac->send_subkey)};
    return ap_rep_build(&got, with_subkey ? &subkey : NULL, sequence, ac->local_seq, env_system(),
                        &c->arena, out, err);
}

krb5_error_code krb5_mk_rep(krb5_context context, krb5_auth_context ac, krb5_data *out) {
    CALL(call, context);
    struct slice reply;
    if (!ac_is(ac) || !out)
        return EINVAL;
    enum obol_code code = make_reply(&call, ac, &reply);
    if (code == OBOL_OK && !data_out(out, reply))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}
