// krb_cred.c: KRB-CRED (RFC 4120 3.6, 5.8): tickets with their keys, handed to the other end of an
// AP exchange; and the forwarded TGT, which is what is handed on as a rule.
#include "compat/ccache.h"
#include "compat/convert.h"
#include "compat/messages.h"
#include "gss/delegation.h"
#include "krb/seal.h"
#include "net/addresses.h"
#include "net/ticket.h"
#include "proto/types.h"
#include <errno.h>
#include <stdlib.h>

#define TICKETS_MAX 128u

static enum obol_code describe(struct call *c, krb5_creds *const *creds, struct krb_cred *message,
                               struct enc_krb_cred_part *part) {
    struct error *err = &c->err;
    size_t n = 0;
    while (n <= TICKETS_MAX && creds[n])
        n++;
    ENSURE(n > 0 && n <= TICKETS_MAX, INVALID_ARGUMENT, "%zu tickets are to be handed on", n);
    struct ticket *tickets = arena_zalloc(&c->arena, n, sizeof *tickets);
    struct krb_cred_info *infos = arena_zalloc(&c->arena, n, sizeof *infos);
    ENSURE_MEMORY(tickets);
    ENSURE_MEMORY(infos);
    for (size_t i = 0; i < n; i++) {
        struct cred cred;
        struct ticket whole;
        TRY(cred_in(creds[i], &c->arena, &cred, err));
        TRY(der_decode(&TYPE_TICKET, cred.ticket, &c->arena, &whole, err));
        tickets[i].raw = cred.ticket;
        delegation_info(&cred, &infos[i]);
        if (cred.addresses.count) {
            infos[i].present |= KRB_CRED_INFO_CADDR;
            infos[i].caddr = cred.addresses;
        }
    }
    *message = (struct krb_cred){.pvno = KRB_PVNO, .msg_type = KRB_CRED, .tickets = {tickets, n}};
    part->ticket_info.items = infos;
    part->ticket_info.count = n;
    return OBOL_OK;
}

static enum obol_code make(struct call *c, krb5_auth_context ac, krb5_creds *const *creds,
                           struct slice *out, krb5_replay_data *told) {
    struct error *err = &c->err;
    struct krb_cred message;
    struct enc_krb_cred_part part = {0};
    struct crypto_key *key;
    struct stamp s;
    // The sender's subkey if he has set one, else the session key; the receiver's would be read by
    // him alone. Without any key the tickets would go in the clear.
    const krb5_keyblock *from = ac->send_subkey ? ac->send_subkey : ac->key;
    ENSURE(from, INVALID_ARGUMENT, "the context has no key yet: tickets are not sent in the clear");
    TRY(crypto_key_in_arena(&key, &c->arena, from->enctype, keyblock_in(from), err));
    TRY(stamp_make(c, ac, false, &s, told));
    TRY(describe(c, creds, &message, &part));
    part.timestamp = s.timestamp;
    part.usec = s.usec;
    part.nonce = s.seq;
    part.s_address = s.sender;
    part.r_address = stamp_address(ac->remote_addr);
    part.present = (s.time ? ENC_KRB_CRED_PART_TIMESTAMP | ENC_KRB_CRED_PART_USEC : 0) |
                   (s.sequence ? ENC_KRB_CRED_PART_NONCE : 0) |
                   (ac->local_addr ? ENC_KRB_CRED_PART_S_ADDRESS : 0) |
                   (ac->remote_addr ? ENC_KRB_CRED_PART_R_ADDRESS : 0);
    TRY(krb_seal(&TYPE_ENC_KRB_CRED_PART, &part, key, KU_KRB_CRED, 0, env_system(), &c->arena,
                 &message.enc_part, err));
    TRY(der_encode(&TYPE_KRB_CRED, &message, &c->arena, out, err));
    ac->local_seq += s.sequence;
    return OBOL_OK;
}

krb5_error_code krb5_mk_ncred(krb5_context context, krb5_auth_context ac, krb5_creds **creds,
                              krb5_data **out, krb5_replay_data *told) {
    CALL(call, context);
    struct slice bytes;
    if (!ac_is(ac) || !creds || !out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = make(&call, ac, creds, &bytes, told);
    if (code == OBOL_OK) {
        *out = calloc(1, sizeof **out);
        if (*out && data_out(*out, bytes))
            return 0;
        free(*out);
        *out = NULL;
        code = OBOL_NO_MEMORY;
    }
    return call_end(&call, code);
}

krb5_error_code krb5_mk_1cred(krb5_context context, krb5_auth_context ac, krb5_creds *creds,
                              krb5_data **out, krb5_replay_data *told) {
    krb5_creds *list[] = {creds, NULL};
    return krb5_mk_ncred(context, ac, list, out, told);
}

// ---- reading

// The sender's subkey or the session key opens it. What is not sealed at all (RFC 4120 5.8.1:
// enctype 0) is taken only where no key was agreed on: else anybody could put his tickets in.
static enum obol_code open_part(struct call *c, krb5_auth_context ac, const struct krb_cred *m,
                                struct enc_krb_cred_part *part) {
    struct error *err = &c->err;
    const krb5_keyblock *keys[] = {ac->recv_subkey, ac->key, ac->send_subkey};
    if (m->enc_part.etype == 0 && !ac->key)
        return der_decode(&TYPE_ENC_KRB_CRED_PART, m->enc_part.cipher, &c->arena, part, err);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct crypto_key *key;
        if (keys[i] &&
            crypto_key_in_arena(&key, &c->arena, keys[i]->enctype, keyblock_in(keys[i]), NULL) ==
                OBOL_OK &&
            krb_open(&TYPE_ENC_KRB_CRED_PART, &m->enc_part, key, KU_KRB_CRED, &c->arena, part,
                     NULL) == OBOL_OK)
            return OBOL_OK;
    }
    ENSURE(false, KRB_AP_ERR_BAD_INTEGRITY,
           "the tickets (enctype %d) open with no key of this exchange", m->enc_part.etype);
}

static enum obol_code read(struct call *c, krb5_auth_context ac, const krb5_data *in,
                           struct cred **out, size_t *count, krb5_replay_data *told) {
    struct error *err = &c->err;
    struct krb_cred m;
    struct enc_krb_cred_part part = {0};
    TRY(der_decode(&TYPE_KRB_CRED, data_in(in), &c->arena, &m, err));
    ENSURE(m.pvno == KRB_PVNO && m.msg_type == KRB_CRED, KRB_AP_ERR_MSG_TYPE,
           "the message is no KRB-CRED");
    TRY(open_part(c, ac, &m, &part));
    *count = m.tickets.count;
    ENSURE(*count && *count == part.ticket_info.count, TOKEN_MALFORMED,
           "the message holds %zu tickets and describes %zu", *count, part.ticket_info.count);
    *out = arena_zalloc(&c->arena, *count, sizeof **out);
    ENSURE_MEMORY(*out);
    for (size_t i = 0; i < *count; i++)
        TRY(delegation_take(&part.ticket_info.items[i], &m.tickets.items[i], &(*out)[i], err));
    struct stamp s = {
        .time = (part.present & ENC_KRB_CRED_PART_TIMESTAMP) != 0,
        .sequence = (part.present & ENC_KRB_CRED_PART_NONCE) != 0,
        .timestamp = part.timestamp,
        .usec = part.usec,
        .seq = part.nonce,
        // Senders leave their address out; then there is none to be compared.
        .sender = part.present & ENC_KRB_CRED_PART_S_ADDRESS ? part.s_address
                                                             : stamp_address(ac->remote_addr),
    };
    return stamp_check(c, ac, &s, in, told);
}

krb5_error_code krb5_rd_cred(krb5_context context, krb5_auth_context ac, krb5_data *in,
                             krb5_creds ***out, krb5_replay_data *told) {
    CALL(call, context);
    struct cred *creds;
    size_t count;
    if (!ac_is(ac) || !in || !out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = read(&call, ac, in, &creds, &count, told);
    if (code != OBOL_OK)
        return call_end(&call, code);
    krb5_creds **list = calloc(count + 1, sizeof *list);
    for (size_t i = 0; list && i < count; i++) {
        list[i] = calloc(1, sizeof *list[i]);
        if (list[i] && cred_out(list[i], &creds[i]))
            continue;
        free(list[i]);
        list[i] = NULL;
        krb5_free_tgt_creds(context, list);
        return ENOMEM;
    }
    *out = list;
    return list ? 0 : ENOMEM;
}

// ---- forwarding

// A TGT that is bound to addresses is forwarded bound to those of the service's host, whose name is
// said or stands in the service's.
static enum obol_code bind_to_host(struct call *c, const struct ccache_content *content,
                                   const char *host, krb5_const_principal server,
                                   struct ticket_params *params) {
    struct error *err = &c->err;
    const struct cred *tgt = NULL;
    const struct ccache_query query = {
        .client = &content->principal,
        .server = &params->service,
        .now = env_now(env_system()) + (content->has_offset ? content->offset : 0),
        .clockskew = c->context->conf.clockskew,
    };
    TRY(ccache_find(content, &query, &tgt, err));
    if (tgt->addresses.count == 0)
        return OBOL_OK;
    c->as = KRB5_FWD_BAD_PRINCIPAL;
    ENSURE(host || (server && server->type == KRB5_NT_SRV_HST && server->length >= 2),
           INVALID_ARGUMENT, "the TGT is bound to addresses, and the service is not of a host");
    c->as = 0;
    return net_addresses_of_host(host ? slice_str(host) : data_in(&server->data[1]), &c->arena,
                                 &params->addresses, err);
}

static enum obol_code forwarded(struct call *c, krb5_principal client, krb5_ccache cc,
                                const char *host, krb5_const_principal server, bool forwardable,
                                krb5_creds *out) {
    struct error *err = &c->err;
    struct net net = context_net(c->context);
    struct ccache_content content;
    struct ticket_result result;
    struct ticket_params params = {
        .cache = cc->cache,
        .options = KDC_OPT_FORWARDED | (forwardable ? KDC_OPT_FORWARDABLE : 0),
        .no_store = true,
    };
    TRY(cc_read(c, cc, &content));
    struct principal owner = content.principal;
    if (client)
        TRY(principal_in(client, &c->arena, &owner, err));
    ENSURE(principal_eq(&owner, &content.principal), CRED_NOT_FOUND,
           "%s holds the tickets of another client", cc->name);
    TRY(principal_krbtgt(owner.realm, owner.realm, &c->arena, &params.service, err));
    TRY(bind_to_host(c, &content, host, server, &params));
    TRY(net_ticket(&net, &params, &c->arena, &result, err));
    ENSURE(cred_out(out, &result.ticket), NO_MEMORY, "no memory for the credentials");
    return OBOL_OK;
}

// The TGT of the default cache, or of `cc`, forwarded to the service and sealed for it.
krb5_error_code krb5_fwd_tgt_creds(krb5_context context, krb5_auth_context ac, const char *host,
                                   krb5_principal client, krb5_principal server, krb5_ccache cc,
                                   int forwardable, krb5_data *out) {
    CALL(call, context);
    krb5_ccache own = NULL;
    krb5_creds tgt = {0};
    krb5_data *message = NULL;
    if (!ac_is(ac) || !out || (cc && !cc_is(cc)))
        return EINVAL;
    *out = (krb5_data){0};
    krb5_error_code code = cc ? 0 : krb5_cc_default(context, &own);
    if (code)
        return code;
    code = call_end(&call,
                    forwarded(&call, client, cc ? cc : own, host, server, forwardable != 0, &tgt));
    (void)krb5_cc_close(context, own);
    if (code)
        return code;
    krb5_replay_data told;
    code = krb5_mk_1cred(context, ac, &tgt, &message, &told);
    krb5_free_cred_contents(context, &tgt);
    if (code == 0 && message) {
        *out = *message;
        free(message);
    }
    return code;
}
