// reply.c: what the AS and TGS clients do alike with a KDC's answer (RFC 4120 3.1.5, 3.1.6, 3.3.4).
// Only the sealed part is believed. A plaintext field is compared with it, or with what was asked,
// or not used.
#include "client/reply.h"

#include "krb/seal.h"

enum {
    TAG_KRB_ERROR = 0x60 | KRB_ERROR,
    TAG_ENC_AS_REP_PART = 0x60 | 25,
};

enum obol_code client_etypes_set(struct int32_list wanted, bool allow_weak,
                                 int32_t out[CLIENT_ETYPES_MAX], size_t *count, struct error *err) {
    size_t n = 0;
    const struct enctype *e;
    if (wanted.count == 0)
        for (size_t i = 0; (e = enctype_at(i)) != NULL && n < CLIENT_ETYPES_MAX; i++)
            if (allow_weak || !enctype_is_weak(e))
                out[n++] = enctype_number(e);
    for (size_t i = 0; i < wanted.count && n < CLIENT_ETYPES_MAX; i++) {
        e = enctype_find(wanted.items[i]);
        if (e && (allow_weak || !enctype_is_weak(e)) && !client_etype_in(out, n, wanted.items[i]))
            out[n++] = wanted.items[i];
    }
    *count = n;
    ENSURE(n > 0, ENCTYPE_UNSUPPORTED, "none of the %zu enctypes asked for is known and allowed",
           wanted.count);
    return OBOL_OK;
}

uint32_t client_nonce(const struct env *env) {
    uint32_t nonce;
    env_random(env, buf_of(&nonce, sizeof nonce));
    return nonce & UINT32_C(0x7fffffff);
}

struct slice client_etypes_text(const int32_t *etypes, size_t count, struct arena *a) {
    struct writer w = writer_to_arena(a);
    for (size_t i = 0; i < count; i++) {
        const char *name = code_name(&CODES_ENCTYPE, etypes[i]);
        if (i > 0)
            writer_u8(&w, ' ');
        if (name)
            writer_str(&w, name);
        else
            writer_printf(&w, "%d", etypes[i]);
    }
    return writer_slice(&w);
}

enum obol_code client_reply_decode(struct slice bytes, const struct der_type *type,
                                   int32_t msg_type, struct arena *a, enum client_reply_kind *kind,
                                   struct kdc_rep *rep, struct krb_error *error,
                                   struct error *err) {
    uint8_t tag = der_tag_of(bytes);
    if (tag == TAG_KRB_ERROR) {
        *kind = CLIENT_REPLY_ERROR;
        TRY(der_decode(&TYPE_KRB_ERROR, bytes, a, error, err));
        ENSURE(error->pvno == KRB_PVNO && error->msg_type == KRB_ERROR, DER_UNEXPECTED,
               "KRB-ERROR with protocol version %d and message type %d", error->pvno,
               error->msg_type);
        return OBOL_OK;
    }
    ENSURE(tag == (0x60 | msg_type), DER_UNEXPECTED,
           "expected %s or KRB-ERROR, got %zu bytes that begin with 0x%02x", der_type_name(type),
           bytes.len, tag);
    *kind = CLIENT_REPLY_REP;
    TRY(der_decode(type, bytes, a, rep, err));
    // CVE-2010-0283: tag and message type may not disagree.
    ENSURE(rep->pvno == KRB_PVNO && rep->msg_type == msg_type, DER_UNEXPECTED,
           "%s with protocol version %d and message type %d", der_type_name(type), rep->pvno,
           rep->msg_type);
    return OBOL_OK;
}

enum obol_code client_reply_open(const struct encrypted_data *in, struct crypto_key *key,
                                 uint32_t usage, struct arena *a, struct enc_kdc_rep_part *enc,
                                 struct error *err) {
    struct slice plain;
    TRY(krb_open_bytes(in, key, usage, a, &plain, err));
    const struct der_type *type =
        der_tag_of(plain) == TAG_ENC_AS_REP_PART ? &TYPE_ENC_AS_REP_PART : &TYPE_ENC_TGS_REP_PART;
    return der_decode_padded(type, plain, a, enc, NULL, err);
}

static enum obol_code check_names(const struct kdc_rep *rep, const struct enc_kdc_rep_part *enc,
                                  struct arena *a, struct error *err) {
    struct principal sealed = {enc->srealm, enc->sname};
    struct principal plain = {rep->ticket.realm, rep->ticket.sname};
    TRY(principal_check(&sealed, err));
    ENSURE(principal_eq(&sealed, &plain), REPLY_MISMATCH,
           "the ticket's plaintext names %.*s, the sealed part %.*s",
           SLICE_ARG(principal_text(&plain, a)), SLICE_ARG(principal_text(&sealed, a)));
    return OBOL_OK;
}

static enum obol_code check_key(const struct enc_kdc_rep_part *enc,
                                const struct client_reply_facts *asked, struct error *err) {
    ENSURE(client_etype_in(asked->etypes, asked->etype_count, enc->key.keytype),
           ENCTYPE_UNSUPPORTED, "the session key's enctype %d was not offered", enc->key.keytype);
    const struct enctype *e = enctype_find(enc->key.keytype);
    ENSURE(e && enc->key.keyvalue.len == enctype_key_length(e), KEY_LENGTH,
           "the session key of enctype %d has %zu bytes", enc->key.keytype, enc->key.keyvalue.len);
    return OBOL_OK;
}

static enum obol_code check_times(const struct enc_kdc_rep_part *enc,
                                  const struct client_reply_facts *asked, struct error *err) {
    int64_t start = enc->present & ENC_KDC_REP_PART_STARTTIME ? enc->starttime : enc->authtime;
    ENSURE(enc->endtime > start, REPLY_MISMATCH, "the ticket ends %lld s before it begins",
           (long long)(start - enc->endtime));
    ENSURE(asked->till == 0 || enc->endtime <= asked->till, REPLY_MISMATCH,
           "the ticket ends %lld s later than was asked", (long long)(enc->endtime - asked->till));
    if (!(enc->present & ENC_KDC_REP_PART_RENEW_TILL))
        return OBOL_OK;
    int64_t limit = asked->rtime ? asked->rtime : asked->renewable_ok ? asked->till : 0;
    ENSURE(limit == 0 || enc->renew_till <= limit, REPLY_MISMATCH,
           "the ticket is renewable for %lld s longer than was asked",
           (long long)(enc->renew_till - limit));
    return OBOL_OK;
}

enum obol_code client_reply_check(const struct kdc_rep *rep, const struct enc_kdc_rep_part *enc,
                                  const struct client_reply_facts *asked, struct arena *a,
                                  struct error *err) {
    // RFC 4120 3.1.5: the nonce shows that this answers our request and no earlier one.
    ENSURE(enc->nonce == asked->nonce, REPLY_MISMATCH,
           "the nonce in the reply is not that of the request: it answers another request");
    TRY(check_names(rep, enc, a, err));
    TRY(check_key(enc, asked, err));
    // RFC 8062 4.3: a KDC that does not know the option leaves it out, and tells everybody.
    ENSURE(!asked->anonymous || (enc->flags & (uint32_t)TKT_ANONYMOUS), REPLY_MISMATCH,
           "an anonymous ticket was asked for, and this one is not");
    return check_times(enc, asked, err);
}

enum obol_code client_reply_cred(const struct kdc_rep *rep, const struct enc_kdc_rep_part *enc,
                                 const struct principal *client, struct arena *a, struct cred *out,
                                 struct error *err) {
    bool has_start = enc->present & ENC_KDC_REP_PART_STARTTIME;
    bool has_renew = enc->present & ENC_KDC_REP_PART_RENEW_TILL;
    *out = (struct cred){
        .client = *client,
        .server = {enc->srealm, enc->sname},
        .key = enc->key,
        .authtime = enc->authtime,
        .starttime = has_start ? enc->starttime : enc->authtime,
        .endtime = enc->endtime,
        .renew_till = has_renew ? enc->renew_till : 0,
        .flags = enc->flags,
        .ticket = rep->ticket.raw,
    };
    if (enc->present & ENC_KDC_REP_PART_CADDR)
        out->addresses = enc->caddr;
    if (out->ticket.len == 0)
        TRY(der_encode(&TYPE_TICKET, &rep->ticket, a, &out->ticket, err));
    return OBOL_OK;
}
