// as_reply.c: the AS-REP (RFC 4120 3.1.5, 5.4.2): the stages from the decoded reply to a ticket
// that was checked against what was asked. The client's name is the only thing that is read from
// the plaintext, and it must be the one asked for unless canonicalization was.
#include "client/as_stage.h"
#include "krb/fast.h"

// Seconds that the clocks may differ before the difference is kept: less may be the way of the
// message and the rounding to seconds.
#define AS_OFFSET_MIN 5

// RFC 6113 5.4.3: what came in the armor stands in the place of what stood outside.
static enum obol_code open_armor(struct as_client *c, struct error *err) {
    c->strengthen = NULL;
    if (!c->armored)
        return OBOL_OK;
    c->facts.armored = true;
    return client_fast_reply(&c->fast, c->nonce, &c->rep, &c->strengthen, err);
}

// RFC 8062 4.1: who asks for an anonymous ticket gets one that names nobody; nobody's in particular
// is of the anonymous realm.
static enum obol_code check_anonymous(struct as_client *c, const struct principal *named,
                                      struct error *err) {
    bool nobody = principal_name_is_anonymous(&c->client.name);
    struct principal wanted = principal_anonymous();
    if (!nobody)
        wanted.realm = c->client.realm;
    ENSURE(principal_eq(named, &wanted), REPLY_MISMATCH,
           "an anonymous ticket was asked for, and the reply is for %.*s",
           SLICE_ARG(principal_text(named, c->arena)));
    return OBOL_OK;
}

// RFC 4120 3.1.5: cname and crealm are those of the request. With canonicalize the KDC may put the
// canonical name (RFC 6806 6): a forged one yields a ticket whose authenticators no KDC takes.
static enum obol_code check_client(struct as_client *c, struct error *err) {
    struct principal named = {c->rep.crealm, c->rep.cname};
    TRY(principal_check(&named, err));
    bool may_differ =
        (c->options & KDC_OPT_CANONICALIZE) || c->client.name.name_type == NT_ENTERPRISE;
    if (c->options & KDC_OPT_REQUEST_ANONYMOUS)
        return check_anonymous(c, &named, err);
    ENSURE(may_differ || principal_eq(&named, &c->client), REPLY_MISMATCH,
           "the reply is for %.*s, the request for %.*s",
           SLICE_ARG(principal_text(&named, c->arena)),
           SLICE_ARG(principal_text(&c->client, c->arena)));
    return OBOL_OK;
}

// RFC 4120 5.2.7.5: an AS-REP may say how its key is derived; what preauthentication has shown to
// be the right key of the enctype goes before it.
static enum obol_code find_reply_key(struct as_client *c, struct error *err) {
    int32_t etype = c->rep.enc_part.etype;
    ENSURE(client_etype_in(c->etypes, c->etype_count, etype), ENCTYPE_UNSUPPORTED,
           "the reply is sealed with enctype %d, which was not offered", etype);
    c->facts.reply_etype = etype;
    bool keyless = c->preauth && c->preauth->keyless;
    if (c->reply_key || keyless || (c->preauth && c->key && c->key_hint.etype == etype))
        return OBOL_OK;
    TRY(client_hints_set(c, &c->rep.padata, err));
    size_t n = 0;
    for (size_t i = 0; i < c->hint_count; i++)
        if (c->hints[i].etype == etype)
            c->hints[n++] = c->hints[i];
    if (n == 0)
        TRY(principal_salt(&c->client, c->arena, &c->hints[0].salt, err));
    c->hints[0].etype = etype;
    c->hint_count = 1;
    return as_need_key(c, err);
}

static enum obol_code check_mechanism(struct as_client *c, struct error *err) {
    const struct padata_list none = {0};
    if (!c->preauth || !c->preauth->check)
        return OBOL_OK;
    return c->preauth->check(c, c->rep.present & KDC_REP_PADATA ? &c->rep.padata : &none, err);
}

// The key that sealed the reply: the mechanism's or the client's own, strengthened by FAST.
static enum obol_code make_reply_key(struct as_client *c, struct error *err) {
    if (!c->reply_key)
        c->reply_key = c->key;
    if (!c->strengthen)
        return OBOL_OK;
    return fast_strengthen(c->strengthen, c->reply_key, c->arena, &c->reply_key, err);
}

static enum obol_code open_reply(struct as_client *c, struct error *err) {
    enum obol_code code =
        client_reply_open(&c->rep.enc_part, c->reply_key, KU_AS_REP, c->arena, &c->enc, err);
    if (code != OBOL_DECRYPT_INTEGRITY)
        return code;
    error_fact(err, "enctype of the reply", "%.*s",
               SLICE_ARG(client_etypes_text(&c->facts.reply_etype, 1, c->arena)));
    if (c->rep.enc_part.present & ENCRYPTED_DATA_KVNO)
        error_fact(err, "kvno of the reply", "%u", (unsigned)c->rep.enc_part.kvno);
    if (c->preauth)
        return error_replace(err, OBOL_REPLY_MISMATCH, __func__,
                             "the reply is not sealed with the key that was shown to the KDC: who "
                             "sent it does not hold that key");
    if (!c->password)
        return code;
    // Without preauthentication this is where a wrong password shows.
    return error_replace(err, OBOL_PASSWORD_WRONG, __func__,
                         "the KDC's reply does not open with this password");
}

// RFC 4120 3.1.5: the service is the one asked for; only a TGT may come under another name, and
// only where canonicalization was asked for (RFC 6806 6).
static enum obol_code check_service(struct as_client *c, struct error *err) {
    struct principal sealed = {c->enc.srealm, c->enc.sname};
    bool may_differ = (c->options & KDC_OPT_CANONICALIZE) &&
                      principal_is_krbtgt(&c->service.name) && principal_is_krbtgt(&sealed.name);
    bool same = principal_name_eq(&sealed.name, &c->service.name) &&
                slice_eq(sealed.realm, c->client.realm);
    ENSURE(same || may_differ, REPLY_MISMATCH, "the reply is a ticket for %.*s, not for %.*s",
           SLICE_ARG(principal_text(&sealed, c->arena)),
           SLICE_ARG(principal_text(&c->service, c->arena)));
    return OBOL_OK;
}

static enum obol_code check_common(struct as_client *c, struct error *err) {
    struct client_reply_facts asked = {
        .nonce = c->nonce,
        .etypes = c->etypes,
        .etype_count = c->etype_count,
        .till = c->till,
        .rtime = c->rtime,
        .renewable_ok = c->options & KDC_OPT_RENEWABLE_OK,
        .anonymous = c->options & KDC_OPT_REQUEST_ANONYMOUS,
    };
    return client_reply_check(&c->rep, &c->enc, &asked, c->arena, err);
}

// RFC 4120 3.1.5: the ticket begins now. The reply is authentic at this point, so that where the
// clocks differ its authtime is the KDC's time, and the difference is kept with the ticket.
static enum obol_code check_clock(struct as_client *c, struct error *err) {
    int64_t start =
        c->enc.present & ENC_KDC_REP_PART_STARTTIME ? c->enc.starttime : c->enc.authtime;
    if (c->from) {
        ENSURE(start >= c->from - as_clockskew(c), REPLY_MISMATCH,
               "the ticket begins %lld s before the time asked for", (long long)(c->from - start));
        return OBOL_OK;
    }
    int64_t ahead = c->enc.authtime - as_now(c);
    bool near = ahead <= as_clockskew(c) && ahead >= -as_clockskew(c);
    if (!near && c->params.no_timesync)
        return client_skew_set(as_now(c), c->enc.authtime, err);
    bool worth = ahead > AS_OFFSET_MIN || ahead < -AS_OFFSET_MIN;
    if (worth && !c->params.no_timesync)
        c->offset += ahead;
    c->facts.clock_offset = c->offset;
    return OBOL_OK;
}

// RFC 6806 11: the KDC repeats a checksum of the request as it saw it. It says by a flag of the
// sealed part that it does so, so that nobody can take the proof away.
static enum obol_code check_request_proof(struct as_client *c, struct error *err) {
    if (!(c->enc.flags & TKT_ENC_PA_REP))
        return OBOL_OK;
    const struct padata *pa =
        client_preauth_find_padata(&c->enc.encrypted_pa_data, PA_REQ_ENC_PA_REP);
    ENSURE((c->enc.present & ENC_KDC_REP_PART_ENCRYPTED_PA_DATA) && pa, REPLY_MISMATCH,
           "the reply says that it proves the request, and holds no proof");
    struct checksum sum;
    TRY(der_decode(&TYPE_CHECKSUM, pa->padata_value, c->arena, &sum, err));
    enum obol_code code =
        crypto_verify(c->reply_key, KU_AS_REQ, sum.cksumtype, c->request, sum.checksum, err);
    if (code != OBOL_OK)
        return error_replace(err, OBOL_REPLY_MISMATCH, __func__,
                             "the request that the KDC saw is not the one that was sent");
    c->facts.request_verified = true;
    c->facts.fast_available =
        client_preauth_find_padata(&c->enc.encrypted_pa_data, PA_FX_FAST) != NULL;
    return OBOL_OK;
}

static void read_expiries(struct as_client *c) {
    for (size_t i = 0; i < c->enc.last_req.count; i++) {
        const struct last_req *lr = &c->enc.last_req.items[i];
        // The negative of a type says the same of this KDC alone (RFC 4120 5.4.2).
        if (lr->lr_type == LR_PW_EXPIRES || lr->lr_type == -LR_PW_EXPIRES)
            c->facts.password_expires = lr->lr_value;
        if (lr->lr_type == LR_ACCT_EXPIRES || lr->lr_type == -LR_ACCT_EXPIRES)
            c->facts.account_expires = lr->lr_value;
    }
    if (!c->facts.password_expires && (c->enc.present & ENC_KDC_REP_PART_KEY_EXPIRATION))
        c->facts.password_expires = c->enc.key_expiration;
}

static enum obol_code take_ticket(struct as_client *c, struct error *err) {
    struct principal client = {c->rep.crealm, c->rep.cname};
    TRY(client_reply_cred(&c->rep, &c->enc, &client, c->arena, &c->ticket, err));
    read_expiries(c);
    c->facts.preauth = c->preauth ? c->preauth->type : 0;
    c->state = AS_DONE;
    return OBOL_OK;
}

const struct as_stage AS_REPLY_STAGES[] = {
    {"open armor", "RFC 6113 5.4.3", open_armor},
    {"check client name", "RFC 4120 3.1.5", check_client},
    {"find reply key", "RFC 4120 5.2.7.5", find_reply_key},
    {"check the KDC's proof", "RFC 6113 2", check_mechanism},
    {"make reply key", "RFC 6113 5.4.3", make_reply_key},
    {"open reply", "RFC 4120 5.4.2", open_reply},
    {"check session key", "RFC 8062 7", client_pkinit_check_session},
    {"check service name", "RFC 4120 3.1.5", check_service},
    {"check nonce, key and times", "RFC 4120 3.1.5", check_common},
    {"check clock", "RFC 4120 3.1.5", check_clock},
    {"check proof of request", "RFC 6806 11", check_request_proof},
    {"take ticket", "RFC 4120 5.4.2", take_ticket},
};
const size_t AS_REPLY_STAGE_COUNT = COUNT_OF(AS_REPLY_STAGES);
