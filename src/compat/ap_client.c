// ap_client.c: the client's side of the AP exchange (RFC 4120 3.2.2, 3.2.5) as programs call it.
#include "compat/auth_context.h"
#include "compat/ccache.h"
#include "compat/ticket.h"
#include "crypto/crypto.h"
#include "proto/types.h"
#include <errno.h>
#include <stdlib.h>

// What the program wants the authenticator's checksum to be of: bytes, or what its function makes.
static enum obol_code checksum_of(struct call *c, krb5_auth_context ac, krb5_data *data,
                                  struct crypto_key *session, struct checksum *out,
                                  const struct checksum **cksum) {
    struct error *err = &c->err;
    krb5_data *made = NULL;
    *cksum = NULL;
    if (ac->checksum_func) {
        krb5_error_code code = ac->checksum_func(c->context, ac, ac->checksum_data, &made);
        c->as = code;
        ENSURE(code == 0, INVALID_ARGUMENT, "the program's checksum function failed");
        data = made;
    }
    if (!data)
        return OBOL_OK;
    // 0x8003 is the GSS-API's, whose "checksum" is the data itself (RFC 4121 4.1.1).
    if (ac->req_cksumtype == 0x8003) {
        *out = (struct checksum){0x8003, data_in(data)};
    } else {
        const struct enctype *e = crypto_key_enctype(session);
        int32_t type = ac->req_cksumtype ? ac->req_cksumtype : enctype_checksum_type(e);
        struct buf sum = arena_buf(&c->arena, cksumtype_length(type));
        ENSURE_MEMORY(sum.ptr);
        if (cksumtype_is_keyed(type))
            TRY(crypto_checksum_type(session, KU_AP_REQ_CKSUM, type, data_in(data), sum, err));
        else
            TRY(crypto_digest(type, data_in(data), sum, err));
        *out = (struct checksum){type, slice_of_buf(sum)};
    }
    *cksum = out;
    return OBOL_OK;
}

static enum obol_code make_subkey(struct call *c, krb5_auth_context ac,
                                  const struct crypto_key *session, struct encryption_key *out) {
    struct error *err = &c->err;
    const struct enctype *e = crypto_key_enctype(session);
    if (!ac->send_subkey) {
        struct buf bytes = arena_buf(&c->arena, enctype_key_length(e));
        ENSURE_MEMORY(bytes.ptr);
        TRY(crypto_random_key(e, env_system(), bytes, err));
        ENSURE(ac_set_key(&ac->send_subkey, enctype_number(e), slice_of_buf(bytes)), NO_MEMORY,
               "no memory for a key");
    }
    *out = (struct encryption_key){ac->send_subkey->enctype, keyblock_in(ac->send_subkey)};
    return OBOL_OK;
}

static bool remember(krb5_auth_context ac, const struct ap_req_params *p,
                     const struct ap_req_sent *sent, const struct cred *cred) {
    struct authenticator a = {
        .present = p->with_seq_number ? (uint32_t)AUTHENTICATOR_SEQ_NUMBER : 0,
        .crealm = p->client.realm,
        .cname = p->client.name,
        .ctime = sent->ctime,
        .cusec = sent->cusec,
        .seq_number = p->seq_number,
    };
    krb5_free_authenticator(NULL, ac->authenticator);
    ac->authenticator = authenticator_out(&a);
    ac->sent = *sent;
    ac->initiator = true;
    return ac->authenticator && ac_set_key(&ac->key, cred->key.keytype, cred->key.keyvalue);
}

#define SEQUENCE_FLAGS (KRB5_AUTH_CONTEXT_DO_SEQUENCE | KRB5_AUTH_CONTEXT_RET_SEQUENCE)

static enum obol_code make_request(struct call *c, krb5_auth_context ac, krb5_flags options,
                                   krb5_data *data, const krb5_creds *creds, struct slice *out) {
    struct error *err = &c->err;
    struct cred cred;
    struct encryption_key subkey;
    struct checksum sum;
    struct ap_req_sent sent;
    TRY(cred_in(creds, &c->arena, &cred, err));
    if (cred.ticket.len == 0) {
        c->as = KRB5_NO_TKT_SUPPLIED;
        ENSURE(false, INVALID_ARGUMENT, "the credentials hold no ticket");
    }
    struct ap_req_params p = {
        .client = cred.client,
        .ap_options = (uint32_t)options & AP_OPTS_WIRE_MASK,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .with_seq_number = (ac->flags & SEQUENCE_FLAGS) != 0,
    };
    TRY(der_decode(&TYPE_TICKET, cred.ticket, &c->arena, &p.ticket, err));
    TRY(crypto_key_in_arena(&p.session, &c->arena, cred.key.keytype, cred.key.keyvalue, err));
    if ((options & AP_OPTS_USE_SUBKEY) || (ac->flags & KRB5_AUTH_CONTEXT_USE_SUBKEY)) {
        TRY(make_subkey(c, ac, p.session, &subkey));
        p.subkey = &subkey;
    }
    if (p.with_seq_number && !ac->local_seq)
        ac->local_seq = ac_random_seq();
    p.seq_number = ac->local_seq;
    TRY(checksum_of(c, ac, data, p.session, &sum, &p.cksum));
    TRY(ap_req_build(&p, env_system(), &c->arena, out, &sent, err));
    ENSURE(remember(ac, &p, &sent, &cred), NO_MEMORY, "no memory for the authentication");
    return OBOL_OK;
}

// A context of the program's, or a new one for it.
static krb5_error_code context_for(krb5_context context, krb5_auth_context *ac, bool *is_new) {
    *is_new = !*ac;
    return *ac ? (ac_is(*ac) ? 0 : EINVAL) : krb5_auth_con_init(context, ac);
}

krb5_error_code krb5_mk_req_extended(krb5_context context, krb5_auth_context *ac,
                                     krb5_flags options, krb5_data *data, krb5_creds *creds,
                                     krb5_data *out) {
    CALL(call, context);
    krb5_auth_context own = NULL, *used = ac ? ac : &own;
    struct slice request;
    bool is_new;
    if (!out)
        return EINVAL;
    krb5_error_code begun = context_for(context, used, &is_new);
    if (begun)
        return begun;
    enum obol_code code = make_request(&call, *used, options, data, creds, &request);
    if (code == OBOL_OK && !data_out(out, request))
        code = OBOL_NO_MEMORY;
    if (!ac || (code != OBOL_OK && is_new)) {
        (void)krb5_auth_con_free(context, *used);
        *used = NULL;
    }
    return call_end(&call, code);
}

krb5_error_code krb5_mk_req(krb5_context context, krb5_auth_context *ac, krb5_flags options,
                            const char *service, const char *host, krb5_data *data, krb5_ccache cc,
                            krb5_data *out) {
    krb5_creds want = {0}, *got = NULL;
    krb5_error_code code =
        krb5_sname_to_principal(context, host, service, KRB5_NT_SRV_HST, &want.server);
    if (code == 0)
        code = krb5_cc_get_principal(context, cc, &want.client);
    if (code == 0)
        code = krb5_get_credentials(context, 0, cc, &want, &got);
    if (code == 0)
        code = krb5_mk_req_extended(context, ac, options, data, got, out);
    krb5_free_creds(context, got);
    krb5_free_cred_contents(context, &want);
    return code;
}

static enum obol_code read_reply(struct call *c, krb5_auth_context ac, const krb5_data *in,
                                 struct enc_ap_rep_part *part) {
    struct error *err = &c->err;
    struct crypto_key *session;
    ENSURE(ac->key && ac->initiator, INVALID_ARGUMENT, "no request was made with this context");
    TRY(crypto_key_in_arena(&session, &c->arena, ac->key->enctype, keyblock_in(ac->key), err));
    TRY(ap_rep_verify(data_in(in), &ac->sent, session, &c->arena, part, err));
    if (part->present & ENC_AP_REP_PART_SUBKEY) {
        struct slice bytes = part->subkey.keyvalue;
        // It protects both ways from now on (RFC 4120 3.2.5).
        ENSURE(ac_set_key(&ac->recv_subkey, part->subkey.keytype, bytes) &&
                   ac_set_key(&ac->send_subkey, part->subkey.keytype, bytes),
               NO_MEMORY, "no memory for a key");
    }
    if (part->present & ENC_AP_REP_PART_SEQ_NUMBER)
        ac->remote_seq = part->seq_number;
    return OBOL_OK;
}

static krb5_ap_rep_enc_part *part_out(const struct enc_ap_rep_part *part) {
    krb5_ap_rep_enc_part *made = calloc(1, sizeof *made);
    if (!made)
        return NULL;
    made->magic = KV5M_AP_REP_ENC_PART;
    made->ctime = time_out(part->ctime);
    made->cusec = part->cusec;
    made->seq_number = part->present & ENC_AP_REP_PART_SEQ_NUMBER ? part->seq_number : 0;
    struct slice key =
        part->present & ENC_AP_REP_PART_SUBKEY ? part->subkey.keyvalue : (struct slice){0};
    if (ac_set_key(&made->subkey, part->subkey.keytype, key))
        return made;
    free(made);
    return NULL;
}

krb5_error_code krb5_rd_rep(krb5_context context, krb5_auth_context ac, const krb5_data *in,
                            krb5_ap_rep_enc_part **out) {
    CALL(call, context);
    struct enc_ap_rep_part part;
    if (!ac_is(ac) || !in || !out)
        return EINVAL;
    *out = NULL;
    enum obol_code code = read_reply(&call, ac, in, &part);
    if (code == OBOL_MUTUAL_FAILED)
        call.as = KRB5_MUTUAL_FAILED;
    if (code == OBOL_OK && !(*out = part_out(&part)))
        code = OBOL_NO_MEMORY;
    return call_end(&call, code);
}
