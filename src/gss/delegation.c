// delegation.c: KRB-CRED built and read; see delegation.h.
#include "gss/delegation.h"
#include "krb/seal.h"
#include "proto/types.h"

void delegation_info(const struct cred *tgt, struct krb_cred_info *out) {
    *out = (struct krb_cred_info){
        .present = KRB_CRED_INFO_PREALM | KRB_CRED_INFO_PNAME | KRB_CRED_INFO_FLAGS |
                   KRB_CRED_INFO_AUTHTIME | KRB_CRED_INFO_STARTTIME | KRB_CRED_INFO_ENDTIME |
                   KRB_CRED_INFO_SREALM | KRB_CRED_INFO_SNAME,
        .key = tgt->key,
        .prealm = tgt->client.realm,
        .pname = tgt->client.name,
        .flags = tgt->flags,
        .authtime = tgt->authtime,
        .starttime = cred_start(tgt),
        .endtime = tgt->endtime,
        .srealm = tgt->server.realm,
        .sname = tgt->server.name,
    };
    if (tgt->renew_till) {
        out->present |= KRB_CRED_INFO_RENEW_TILL;
        out->renew_till = tgt->renew_till;
    }
}

enum obol_code gss_delegation_make(const struct cred *tgt, struct crypto_key *session,
                                   const struct env *env, struct arena *a, struct slice *out,
                                   struct error *err) {
    struct krb_cred_info info;
    delegation_info(tgt, &info);
    int64_t now = env_now_us(env);
    const struct enc_krb_cred_part part = {
        .present = ENC_KRB_CRED_PART_TIMESTAMP | ENC_KRB_CRED_PART_USEC,
        .ticket_info = {&info, 1},
        .timestamp = now / 1000000,
        .usec = (int32_t)(now % 1000000),
    };
    struct ticket ticket = {.raw = tgt->ticket};
    struct krb_cred message = {.pvno = KRB_PVNO, .msg_type = KRB_CRED, .tickets = {&ticket, 1}};
    // RFC 4121 4.1.1: with the session key, not with a subkey.
    TRY(krb_seal(&TYPE_ENC_KRB_CRED_PART, &part, session, KU_KRB_CRED, 0, env, a, &message.enc_part,
                 err));
    return der_encode(&TYPE_KRB_CRED, &message, a, out, err);
}

static enum obol_code open_part(const struct krb_cred *message, struct crypto_key *const *keys,
                                size_t key_count, struct arena *a, struct enc_krb_cred_part *out,
                                struct error *err) {
    const struct encrypted_data *part = &message->enc_part;
    // RFC 4120 5.8.1: enctype 0 is no encryption; the authenticator around is sealed.
    if (part->etype == 0)
        return der_decode(&TYPE_ENC_KRB_CRED_PART, part->cipher, a, out, err);
    for (size_t i = 0; i < key_count; i++)
        if (keys[i] &&
            krb_open(&TYPE_ENC_KRB_CRED_PART, part, keys[i], KU_KRB_CRED, a, out, NULL) == OBOL_OK)
            return OBOL_OK;
    return error_set(err, OBOL_KRB_AP_ERR_BAD_INTEGRITY, __func__,
                     "the delegated credentials (enctype %d) do not open with the session key",
                     part->etype);
}

enum obol_code delegation_take(const struct krb_cred_info *info, const struct ticket *ticket,
                               struct cred *out, struct error *err) {
    const uint32_t needed = KRB_CRED_INFO_PREALM | KRB_CRED_INFO_PNAME | KRB_CRED_INFO_SNAME;
    ENSURE((info->present & needed) == needed, TOKEN_MALFORMED,
           "a delegated ticket does not say whose it is, or what for");
    *out = (struct cred){
        .client = {info->prealm, info->pname},
        .server = {info->present & KRB_CRED_INFO_SREALM ? info->srealm : ticket->realm,
                   info->sname},
        .key = info->key,
        .authtime = info->authtime,
        .starttime = info->starttime,
        .endtime = info->endtime,
        .renew_till = info->renew_till,
        .flags = info->flags,
        .addresses = info->caddr,
        .ticket = ticket->raw,
    };
    TRY(principal_check(&out->client, err));
    TRY(principal_check(&out->server, err));
    const struct enctype *e = enctype_find(info->key.keytype);
    ENSURE(e != NULL, ENCTYPE_UNSUPPORTED, "the key of a delegated ticket is of enctype %d",
           info->key.keytype);
    ENSURE(info->key.keyvalue.len == enctype_key_length(e), KEY_LENGTH,
           "the key of a delegated ticket has %zu bytes, %s needs %zu", info->key.keyvalue.len,
           enctype_name(e), enctype_key_length(e));
    return OBOL_OK;
}

enum obol_code gss_delegation_read(struct slice message, struct crypto_key *const *keys,
                                   size_t key_count, struct arena *a, struct cred **out,
                                   size_t *count, struct error *err) {
    struct krb_cred m;
    struct enc_krb_cred_part part = {0};
    TRY(der_decode(&TYPE_KRB_CRED, message, a, &m, err));
    ENSURE(m.pvno == KRB_PVNO && m.msg_type == KRB_CRED, KRB_AP_ERR_MSG_TYPE,
           "the delegated credentials say they are message %d of version %d", m.msg_type, m.pvno);
    TRY(open_part(&m, keys, key_count, a, &part, err));
    ENSURE(m.tickets.count != 0 && m.tickets.count == part.ticket_info.count, TOKEN_MALFORMED,
           "the delegated credentials hold %zu tickets and describe %zu", m.tickets.count,
           part.ticket_info.count);
    struct cred *creds = arena_zalloc(a, m.tickets.count, sizeof *creds);
    ENSURE_MEMORY(creds);
    for (size_t i = 0; i < m.tickets.count; i++)
        TRY(delegation_take(&part.ticket_info.items[i], &m.tickets.items[i], &creds[i], err));
    *out = creds;
    *count = m.tickets.count;
    return OBOL_OK;
}
