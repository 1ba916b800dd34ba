// ap_accept.c: the acceptor's side of the AP exchange: every check of an AP-REQ (RFC 4120 3.2.3).
// The function at the end is the list of checks in their order; each check is a function above it.
#include "krb/ap.h"
#include "krb/seal.h"
#include "krb/skew.h"
#include "krb/times.h"
#include "krb/transited.h"
#include "proto/codes.h"

#define KEYS_TRIED_MAX 64u

struct accept {
    const struct ap_accept_params *params;
    const struct env *env;
    struct arena *arena;
    struct ap_accepted *out;
    int64_t now;
    struct error *err;
};

static enum obol_code check_message(struct accept *x) {
    struct error *err = x->err;
    const struct ap_req *req = &x->out->req;
    ENSURE(req->pvno == KRB_PVNO, KRB_AP_ERR_BADVERSION, "the AP-REQ is of version %d", req->pvno);
    ENSURE(req->msg_type == KRB_AP_REQ, KRB_AP_ERR_MSG_TYPE, "the AP-REQ says it is of type %d",
           req->msg_type);
    ENSURE(req->ticket.tkt_vno == KRB_PVNO, KRB_AP_ERR_BADVERSION, "the ticket is of version %d",
           req->ticket.tkt_vno);
    return OBOL_OK;
}

static enum obol_code check_wanted(struct accept *x) {
    struct error *err = x->err;
    const struct principal *wanted = x->params->service;
    if (!wanted || principal_eq(wanted, &x->out->service))
        return OBOL_OK;
    struct slice ours = principal_text(wanted, x->arena);
    struct slice theirs = principal_text(&x->out->service, x->arena);
    error_fact(err, "service of the ticket", "%.*s", SLICE_ARG(theirs));
    error_fact(err, "this service", "%.*s", SLICE_ARG(ours));
    return error_set(err, OBOL_KRB_AP_ERR_NOT_US, __func__, "the ticket is for %.*s, this is %.*s",
                     SLICE_ARG(theirs), SLICE_ARG(ours));
}

static enum obol_code check_service(struct accept *x) {
    const struct ticket *t = &x->out->req.ticket;
    x->out->service = (struct principal){t->realm, t->sname};
    TRY(principal_check(&x->out->service, x->err));
    return check_wanted(x);
}

// A decryption that fails is no error yet: another key of the service may be the one.
static enum obol_code open_with(struct accept *x, struct crypto_key *key) {
    return krb_open(&TYPE_ENC_TICKET_PART, &x->out->req.ticket.enc_part, key, KU_TICKET, x->arena,
                    &x->out->ticket, NULL);
}

static enum obol_code no_key_opens(struct accept *x, unsigned tried, enum obol_code last) {
    const struct encrypted_data *part = &x->out->req.ticket.enc_part;
    enum obol_code code = last == OBOL_DECRYPT_INTEGRITY ? OBOL_KRB_AP_ERR_BAD_INTEGRITY : last;
    uint32_t kvno = part->present & ENCRYPTED_DATA_KVNO ? (uint32_t)part->kvno : 0;
    error_fact(x->err, "kvno in ticket", "%u", kvno);
    error_fact(x->err, "enctype in ticket", "%d", part->etype);
    // Brief: PostgreSQL's log has 127 bytes for it.
    return error_set(
        x->err, code, __func__,
        "the ticket for %.*s (enctype %d, kvno %u) opens with none of the %u keys tried",
        SLICE_ARG(principal_text(&x->out->service, x->arena)), part->etype, kvno, tried);
}

// The ticket is for whom its key is.
static enum obol_code take_owner(struct accept *x, uint32_t kvno, unsigned attempt) {
    const struct ap_key_source *keys = x->params->keys;
    int32_t etype = x->out->req.ticket.enc_part.etype;
    const struct principal *owner = NULL;
    if (keys->owner)
        owner = keys->owner(keys->ctx, &x->out->service, etype, kvno, attempt);
    if (!owner || principal_eq(owner, &x->out->service))
        return OBOL_OK;
    TRY(principal_copy(owner, x->arena, &x->out->service, x->err));
    return check_wanted(x);
}

static enum obol_code open_ticket(struct accept *x) {
    const struct ticket *t = &x->out->req.ticket;
    const struct encrypted_data *part = &t->enc_part;
    uint32_t kvno = part->present & ENCRYPTED_DATA_KVNO ? (uint32_t)part->kvno : 0;
    const struct ap_key_source *keys = x->params->keys;
    const struct ap_ticket_memory *memory = x->params->memory;
    if (memory && memory->find(memory->ctx, x->out))
        return OBOL_OK;
    enum obol_code last = OBOL_OK;
    unsigned tried = 0;
    for (; tried < KEYS_TRIED_MAX; tried++) {
        struct crypto_key *key = NULL;
        enum obol_code found = keys->find(keys->ctx, &x->out->service, part->etype, kvno, tried,
                                          x->arena, &key, x->err);
        if (found == OBOL_NOT_FOUND)
            break;
        if (found != OBOL_OK)
            return found;
        last = open_with(x, key);
        if (last == OBOL_OK) {
            x->out->ticket_key = key;
            return take_owner(x, kvno, tried);
        }
    }
    if (tried)
        return no_key_opens(x, tried, last);
    return error_replace(x->err, OBOL_KRB_AP_ERR_NOKEY, __func__,
                         "there is no key for the ticket's service");
}

// User-to-user: the ticket is sealed with the session key of the acceptor's own TGT (RFC 4120 3.7).
static enum obol_code open_user_to_user(struct accept *x) {
    struct error *err = x->err;
    struct crypto_key *key = x->params->user_to_user;
    ENSURE(key != NULL, KRB_AP_ERR_NOKEY,
           "the ticket is sealed with a TGT's session key, which this service does not accept");
    enum obol_code code = open_with(x, key);
    if (code != OBOL_OK)
        return no_key_opens(x, 1, code);
    x->out->ticket_key = key;
    return OBOL_OK;
}

static enum obol_code open_authenticator(struct accept *x) {
    struct error *err = x->err;
    struct ap_accepted *out = x->out;
    const struct encryption_key *key = &out->ticket.key;
    if (!out->session)
        TRY(crypto_key_in_arena(&out->session, x->arena, key->keytype, key->keyvalue, err));
    enum obol_code code =
        krb_open(&TYPE_AUTHENTICATOR, &out->req.authenticator, out->session,
                 x->params->authenticator_usage, x->arena, &out->authenticator, err);
    if (code == OBOL_DECRYPT_INTEGRITY)
        return error_replace(err, OBOL_KRB_AP_ERR_BAD_INTEGRITY, __func__,
                             "the authenticator does not open with the ticket's session key");
    TRY(code);
    ENSURE(out->authenticator.authenticator_vno == KRB_PVNO, KRB_AP_ERR_BADVERSION,
           "the authenticator is of version %d", out->authenticator.authenticator_vno);
    return OBOL_OK;
}

static enum obol_code check_client(struct accept *x) {
    struct ap_accepted *out = x->out;
    struct principal named = {out->authenticator.crealm, out->authenticator.cname};
    out->client = (struct principal){out->ticket.crealm, out->ticket.cname};
    if (principal_eq(&named, &out->client))
        return OBOL_OK;
    struct slice in_ticket = principal_text(&out->client, x->arena);
    struct slice in_authenticator = principal_text(&named, x->arena);
    return error_set(x->err, OBOL_KRB_AP_ERR_BADMATCH, __func__,
                     "the ticket is of %.*s, the authenticator of %.*s", SLICE_ARG(in_ticket),
                     SLICE_ARG(in_authenticator));
}

static enum obol_code check_address(struct accept *x) {
    struct error *err = x->err;
    const struct host_address *sender = x->params->sender;
    const struct host_address_list *list = &x->out->ticket.caddr;
    if (!sender || !(x->out->ticket.present & ENC_TICKET_PART_CADDR) || list->count == 0)
        return OBOL_OK;
    // A Windows client's NetBIOS name says nothing of where its messages come from.
    if (list->count == 1 && list->items[0].addr_type == ADDR_NETBIOS)
        return OBOL_OK;
    bool found = false;
    for (size_t i = 0; i < list->count && !found; i++)
        found = list->items[i].addr_type == sender->addr_type &&
                slice_eq(list->items[i].address, sender->address);
    ENSURE(found, KRB_AP_ERR_BADADDR, "the sender's address is none of the %zu in the ticket",
           list->count);
    return OBOL_OK;
}

static enum obol_code check_skew(struct accept *x) {
    int64_t skew = krb_time_distance(x->out->authenticator.ctime, x->now);
    if (skew <= x->params->clockskew)
        return OBOL_OK;
    bool behind = x->out->authenticator.ctime < x->now;
    error_fact(x->err, "skew in seconds", "%lld", (long long)skew);
    krb_skew_facts(x->err, x->now, "clock of the client", x->out->authenticator.ctime);
    return error_set(x->err, OBOL_KRB_AP_ERR_SKEW, __func__,
                     "the client's clock is %lld seconds %s this one, %lld are allowed",
                     (long long)skew, behind ? "behind" : "before",
                     (long long)x->params->clockskew);
}

static enum obol_code check_times(struct accept *x) {
    struct error *err = x->err;
    const struct enc_ticket_part *t = &x->out->ticket;
    int64_t start = t->present & ENC_TICKET_PART_STARTTIME ? t->starttime : t->authtime;
    int64_t skew = x->params->clockskew;
    if (!x->params->allow_invalid) {
        ENSURE(start <= krb_time_add(x->now, skew), KRB_AP_ERR_TKT_NYV,
               "the ticket starts in %lld seconds", (long long)krb_time_distance(start, x->now));
        ENSURE(!(t->flags & (uint32_t)TKT_INVALID), KRB_AP_ERR_TKT_NYV,
               "the ticket has the flag INVALID: it must be validated first");
    }
    ENSURE(krb_time_add(t->endtime, skew) >= x->now, KRB_AP_ERR_TKT_EXPIRED,
           "the ticket expired %lld seconds ago", (long long)krb_time_distance(x->now, t->endtime));
    return OBOL_OK;
}

// RFC 4120 2.7, 3.3.3.2: unless the KDC has checked the path, each realm on it must be one that may
// stand between the client's and ours. An empty path is that of realms which trust each other.
static enum obol_code check_transited(struct accept *x) {
    struct error *err = x->err;
    const struct enc_ticket_part *t = &x->out->ticket;
    struct slice from = t->crealm, to = x->out->service.realm;
    if (!x->params->path.find || (t->flags & (uint32_t)TKT_TRANSITED_POLICY_CHECKED))
        return OBOL_OK;
    if (principal_is_anonymous(&x->out->client)) // RFC 8062 4.3: any realm may vouch for nobody
        return OBOL_OK;
    enum obol_code code = transited_check(&t->transited, from, to, &x->params->path, x->arena, err);
    if (code != OBOL_KDC_ERR_PATH_NOT_ACCEPTED && code != OBOL_KDC_ERR_TRTYPE_NOSUPP)
        return code;
    if (err)
        err->code = OBOL_KRB_AP_PATH_NOT_ACCEPTED;
    return OBOL_KRB_AP_PATH_NOT_ACCEPTED;
}

static enum obol_code take_subkey(struct accept *x) {
    const struct authenticator *auth = &x->out->authenticator;
    if (!(auth->present & AUTHENTICATOR_SUBKEY))
        return OBOL_OK;
    return crypto_key_in_arena(&x->out->subkey, x->arena, auth->subkey.keytype,
                               auth->subkey.keyvalue, x->err);
}

static void expect_check_replay(const struct accept *x) {
    const struct ap_replay *replay = x->params->replay;
    if (replay && replay->expect)
        replay->expect(replay->ctx, x->out->req.authenticator.cipher);
}

static enum obol_code check_replay(struct accept *x) {
    const struct ap_replay *replay = x->params->replay;
    if (!replay)
        return OBOL_OK;
    return replay->check(replay->ctx, x->out->req.authenticator.cipher, x->now, x->err);
}

static enum obol_code check_opened(struct accept *x) {
    TRY(check_client(x));
    TRY(check_address(x));
    TRY(check_skew(x));
    TRY(check_times(x));
    TRY(check_transited(x));
    TRY(take_subkey(x));
    return check_replay(x);
}

void ap_accepted_facts(const struct ap_accepted *got, struct arena *a, struct error *err) {
    error_fact(err, "client", "%.*s", SLICE_ARG(principal_text(&got->client, a)));
    error_fact(err, "service", "%.*s", SLICE_ARG(principal_text(&got->service, a)));
}

enum obol_code ap_req_accept(struct slice ap_req, const struct ap_accept_params *params,
                             const struct env *env, struct arena *a, struct ap_accepted *out,
                             struct error *err) {
    *out = (struct ap_accepted){0};
    struct accept x = {params, env, a, out, env_now(env), err};
    TRY(der_decode(&TYPE_AP_REQ, ap_req, a, &out->req, err));
    TRY(check_message(&x));
    TRY(check_service(&x));
    expect_check_replay(&x);
    bool user_to_user = (out->req.ap_options & (uint32_t)AP_OPT_USE_SESSION_KEY) != 0;
    TRY(user_to_user ? open_user_to_user(&x) : open_ticket(&x));
    TRY(open_authenticator(&x));
    enum obol_code code = check_opened(&x);
    if (code != OBOL_OK)
        ap_accepted_facts(out, a, err);
    return code;
}
