// tgs_reply.c: the TGS-REP (RFC 4120 3.3.4, 5.4.2): the stages from the decoded reply to a ticket
// that was checked against what was asked.
#include "client/tgs_stage.h"
#include "krb/fast.h"

// RFC 6113 5.4.3: a TGS in armor strengthens the key always, so that a reply whose armor was taken
// off does not open. One that opens nevertheless comes from a KDC without FAST in its TGS, as
// Heimdal 7.8's; it was no less sealed for us.
static enum obol_code open_armor(struct tgs_client *c, struct error *err) {
    if (!c->fast.armor)
        return OBOL_OK;
    enum obol_code code = client_fast_reply(&c->fast, c->nonce, &c->rep, &c->strengthen, err);
    if (code == OBOL_FAST_REQUIRED) {
        error_init(err);
        return OBOL_OK;
    }
    TRY(code);
    ENSURE(c->strengthen, REPLY_MISMATCH, "the armored answer does not strengthen the key");
    return OBOL_OK;
}

// RFC 4120 3.3.4: the client is the TGT's; or, RFC 8062 4.2, nobody of its realm.
static struct principal wanted_client(const struct tgs_client *c) {
    struct principal wanted = *tgs_s4u_client(c);
    if (c->options & KDC_OPT_REQUEST_ANONYMOUS)
        wanted.name = principal_anonymous().name;
    return wanted;
}

static enum obol_code check_client(struct tgs_client *c, struct error *err) {
    struct principal named = {c->rep.crealm, c->rep.cname};
    const struct principal wanted = wanted_client(c);
    if (principal_eq(&named, &wanted))
        return OBOL_OK;
    // A KDC that does not look at what it does not know (Samba 4.17's, between realms).
    bool nameless = (c->options & KDC_OPT_REQUEST_ANONYMOUS) != 0;
    bool own = !nameless && principal_eq(&named, &c->tgt.client);
    if (own)
        error_remedy(err, "Lists of delegation do not mend this: another KDC there does, or users "
                          "and services of one realm.");
    ENSURE(!own, REPLY_MISMATCH,
           "the KDC of %.*s gave a ticket in our own name: it does not know of acting for users, "
           "or not between realms (S4U)",
           SLICE_ARG(c->realm));
    ENSURE(false, REPLY_MISMATCH, "the reply is for %.*s, not for %.*s",
           SLICE_ARG(principal_text(&named, c->arena)),
           SLICE_ARG(principal_text(&wanted, c->arena)));
}

// RFC 4120 3.3.3: sealed with the subkey if there was one. Some KDCs use the session key all the
// same.
static enum obol_code open_reply(struct tgs_client *c, struct error *err) {
    const struct encrypted_data *in = &c->rep.enc_part;
    struct crypto_key *strengthened;
    if (c->strengthen) {
        TRY(fast_strengthen(c->strengthen, c->subkey, c->arena, &strengthened, err));
        return client_reply_open(in, strengthened, KU_TGS_REP_SUBKEY, c->arena, &c->enc, err);
    }
    if (c->subkey) {
        struct error with_subkey;
        error_init(&with_subkey);
        enum obol_code code =
            client_reply_open(in, c->subkey, KU_TGS_REP_SUBKEY, c->arena, &c->enc, &with_subkey);
        if (code != OBOL_DECRYPT_INTEGRITY) {
            if (code != OBOL_OK)
                *err = with_subkey;
            return code;
        }
    }
    return client_reply_open(in, c->session, KU_TGS_REP_SESSION, c->arena, &c->enc, err);
}

// RFC 4120 3.3.4, RFC 6806 8: the service asked for; or, with canonicalize, a TGT towards its realm
// or the name that it has in this realm.
static enum obol_code check_service(struct tgs_client *c, struct error *err) {
    struct principal sealed = {c->enc.srealm, c->enc.sname};
    bool same_name = principal_name_eq(&sealed.name, &c->asked.name);
    bool may_differ = (c->options & KDC_OPT_CANONICALIZE) || c->asking_realm;
    bool same_realm = slice_eq(sealed.realm, c->realm);
    ENSURE(same_realm, REPLY_MISMATCH, "the KDC of %.*s gave a ticket of the realm %.*s",
           SLICE_ARG(c->realm), SLICE_ARG(sealed.realm));
    ENSURE(same_name || may_differ, REPLY_MISMATCH, "the reply is a ticket for %.*s, not for %.*s",
           SLICE_ARG(principal_text(&sealed, c->arena)),
           SLICE_ARG(principal_text(&c->asked, c->arena)));
    // On the way to a realm only a TGT is of use.
    ENSURE(!c->asking_realm || principal_is_krbtgt(&sealed.name), REPLY_MISMATCH,
           "asked for a TGT, the KDC of %.*s gave a ticket for %.*s", SLICE_ARG(c->realm),
           SLICE_ARG(principal_text(&sealed, c->arena)));
    return OBOL_OK;
}

static enum obol_code check_common(struct tgs_client *c, struct error *err) {
    struct client_reply_facts asked = {
        .nonce = c->nonce,
        .etypes = c->etypes,
        .etype_count = c->etype_count,
        .till = c->options & KDC_OPT_RENEW ? 0 : c->till,
        .rtime = c->rtime,
        .renewable_ok = c->options & KDC_OPT_RENEWABLE_OK,
        .anonymous = c->options & KDC_OPT_REQUEST_ANONYMOUS,
    };
    TRY(client_reply_check(&c->rep, &c->enc, &asked, c->arena, err));
    ENSURE(c->enc.endtime > c->now, REPLY_MISMATCH, "the new ticket ended %lld s ago",
           (long long)(c->now - c->enc.endtime));
    return OBOL_OK;
}

static enum obol_code take_ticket(struct tgs_client *c, struct error *err) {
    const struct principal client = wanted_client(c);
    TRY(client_reply_cred(&c->rep, &c->enc, &client, c->arena, &c->ticket, err));
    c->ticket.is_skey = (c->options & KDC_OPT_ENC_TKT_IN_SKEY) != 0;
    if (c->ticket.is_skey)
        c->ticket.second_ticket = c->params.additional_ticket;
    // A KDC that says nothing about addresses means those of the TGT.
    bool moves = (c->options & (uint32_t)(KDC_OPT_FORWARDED | KDC_OPT_PROXY)) != 0;
    if (!(c->enc.present & ENC_KDC_REP_PART_CADDR) && !moves)
        c->ticket.addresses = c->tgt.addresses;
    return OBOL_OK;
}

const struct tgs_stage TGS_REPLY_STAGES[] = {
    {"open armor", "RFC 6113 5.4.3", open_armor},
    {"check user", "MS-SFU 3.1.5.1.1.2", tgs_s4u_check_user},
    {"check client name", "RFC 4120 3.3.4", check_client},
    {"open reply", "RFC 4120 3.3.3", open_reply},
    {"check service name", "RFC 4120 3.3.4", check_service},
    {"check nonce, key and times", "RFC 4120 3.3.4", check_common},
    {"take ticket", "RFC 4120 5.4.2", take_ticket},
};
const size_t TGS_REPLY_STAGE_COUNT = COUNT_OF(TGS_REPLY_STAGES);
