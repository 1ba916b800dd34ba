// kpasswd.c: the service that changes passwords (RFC 3244); see kpasswd.h. What it accepts is bound
// to one service name, by its bytes, and to tickets that came straight from a password: a stolen
// TGT changes none.
#include "admin/kpasswd.h"
#include "admin/op.h"
#include "krb/priv.h"
#include "proto/codes.h"
#include "proto/envelope.h"

enum { RESULT_BYTES = 2 };

// One request on its way.
struct change {
    struct kpasswd *kpasswd;
    struct arena *arena;
    struct kpasswd_done *out;
    struct kpasswd_frame frame;
    struct ap_accepted ap;
    bool own;      // whose password it is asks for it himself
    bool accepted; // the client is known: the reply can be sealed
    struct slice password;
    struct principal target;
    struct slice rule; // of its policy, that the new password broke
};

// ---- the AP exchange

static enum obol_code find_key(void *ctx, const struct principal *service, int32_t etype,
                               uint32_t kvno, unsigned attempt, struct arena *a,
                               struct crypto_key **key, struct error *err) {
    UNUSED(service); // ap_req_accept compared it
    struct change *c = ctx;
    return op_service_key(c->kpasswd->adm, SLICE_LITERAL(KPASSWD_PRINCIPAL), etype, kvno, attempt,
                          a, key, err);
}

static enum obol_code accept_client(struct change *c, struct error *err) {
    struct principal service;
    struct kpasswd *k = c->kpasswd;
    TRY(principal_parse(SLICE_LITERAL(KPASSWD_PRINCIPAL), k->adm->realm, NT_UNKNOWN, c->arena,
                        &service, err));
    const struct ap_key_source keys = {c, find_key, NULL};
    const struct ap_accept_params params = {
        .keys = &keys,
        .replay = k->replay.check ? &k->replay : NULL,
        .service = &service,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .clockskew = k->clockskew,
    };
    TRY(ap_req_accept(c->frame.ap, &params, k->adm->env, c->arena, &c->ap, err));
    c->out->client = principal_text(&c->ap.client, c->arena);
    c->accepted = true;
    const struct op_client client = {&c->ap.client, c->out->client, c->ap.ticket.authtime,
                                     k->clockskew};
    return op_client_lives(k->adm, &client, c->arena, err);
}

static struct crypto_key *priv_key(const struct change *c) {
    return c->ap.subkey ? c->ap.subkey : c->ap.session;
}

// ---- what is asked

static enum obol_code read_target(struct change *c, struct slice data, struct error *err) {
    struct change_passwd_data d;
    c->target = c->ap.client;
    c->password = data;
    if (c->frame.version == KPASSWD_VERSION_CHANGE)
        return OBOL_OK;
    TRY(der_decode(&TYPE_CHANGE_PASSWD_DATA, data, c->arena, &d, err));
    c->password = d.newpasswd;
    if (d.present & CHANGE_PASSWD_DATA_TARGNAME)
        c->target.name = d.targname;
    if (d.present & CHANGE_PASSWD_DATA_TARGREALM)
        c->target.realm = d.targrealm;
    return principal_check(&c->target, err);
}

static enum obol_code open_data(struct change *c, struct error *err) {
    const struct authenticator *auth = &c->ap.authenticator;
    const struct priv_params params = {
        .key = priv_key(c),
        .key_is_fresh = c->ap.subkey != NULL,
        .seq_number = auth->present & AUTHENTICATOR_SEQ_NUMBER ? auth->seq_number : 0,
        .clockskew = c->kpasswd->clockskew,
    };
    struct slice data;
    TRY(priv_open(c->frame.rest, &params, c->kpasswd->adm->env, c->arena, &data, err));
    TRY(read_target(c, data, err));
    c->out->target = principal_text(&c->target, c->arena);
    return OBOL_OK;
}

// One changes one's own password, with a ticket that shows that one knows it; others' are the
// business of those whom the access list names.
static enum obol_code check_rights(struct change *c, struct error *err) {
    static const struct acl nobody = {0};
    const struct acl *acl = c->kpasswd->acl ? c->kpasswd->acl : &nobody;
    c->own = principal_eq(&c->target, &c->ap.client);
    c->out->result = KPASSWD_INITIAL_FLAG_NEEDED;
    ENSURE(!c->own || c->ap.ticket.flags & (uint32_t)TKT_INITIAL, KDC_ERR_POLICY,
           "the ticket comes from a TGT; one that comes from the password is needed");
    c->out->result = KPASSWD_ACCESSDENIED;
    ENSURE(!(c->ap.ticket.flags & (uint32_t)TKT_ANONYMOUS), PERMISSION,
           "the ticket does not say whose it is (RFC 8062)");
    ENSURE(acl_decide(acl, ACL_OP_CHANGE_PASSWORD, &c->ap.client, &c->target, NULL), PERMISSION,
           "%.*s may not set the password of %.*s", SLICE_ARG(c->out->client),
           SLICE_ARG(c->out->target));
    return OBOL_OK;
}

static enum obol_code set_password(struct change *c, struct error *err) {
    const struct admin_keys keys = {.password = &c->password, .by_owner = c->own};
    c->out->result = KPASSWD_SOFTERROR;
    c->kpasswd->adm->actor = c->out->client;
    ENSURE(c->password.len > 0, INVALID_ARGUMENT, "the new password is empty");
    struct error why;
    error_init(&why);
    c->kpasswd->adm->by_network = true;
    enum obol_code code =
        admin_principal_password(c->kpasswd->adm, c->out->target, &keys, NULL, &why);
    c->kpasswd->adm->by_network = false;
    if (code == OBOL_PASSWORD_REFUSED)
        c->rule = arena_printf(c->arena, "%s", why.detail);
    bool is_users = code == OBOL_INVALID_ARGUMENT || code == OBOL_PASSWORD_REFUSED;
    if (code != OBOL_OK && !is_users)
        c->out->result = code == OBOL_KDC_ERR_POLICY ? KPASSWD_ACCESSDENIED : KPASSWD_HARDERROR;
    return code == OBOL_OK ? code : error_set(err, code, why.where, "%s", why.detail);
}

static enum obol_code perform(struct change *c, struct error *err) {
    c->out->result = KPASSWD_BAD_VERSION;
    ENSURE(c->frame.version == KPASSWD_VERSION_CHANGE || c->frame.version == KPASSWD_VERSION_SET,
           UNSUPPORTED, "version %04x of the kpasswd protocol", c->frame.version);
    c->out->result = KPASSWD_AUTHERROR;
    TRY(accept_client(c, err));
    c->out->result = KPASSWD_MALFORMED;
    TRY(open_data(c, err));
    TRY(check_rights(c, err));
    TRY(set_password(c, err));
    c->out->result = KPASSWD_SUCCESS;
    return OBOL_OK;
}

// ---- the reply

// What the user is told: what he can mend, and no more of the realm than that.
static const char *text_of(enum kpasswd_result result) {
    switch (result) {
    case KPASSWD_SUCCESS:
        return "Password changed";
    case KPASSWD_MALFORMED:
        return "The request is malformed";
    case KPASSWD_HARDERROR:
        return "The password could not be stored; the server's log tells why";
    case KPASSWD_AUTHERROR:
        return "The ticket was not accepted";
    case KPASSWD_SOFTERROR:
        return "The new password is not acceptable: it is empty, too long or not UTF-8";
    case KPASSWD_ACCESSDENIED:
        return "You may not set this password";
    case KPASSWD_BAD_VERSION:
        return "This version of the protocol is not known";
    case KPASSWD_INITIAL_FLAG_NEEDED:
        return "A ticket is needed that comes straight from your password";
    }
    return "";
}

static enum obol_code result_data(const struct change *c, struct slice *out, struct error *err) {
    struct writer w = writer_to_arena(c->arena);
    writer_be16(&w, (uint16_t)c->out->result);
    if (c->rule.len) // the user is to know what to mend
        writer_printf(&w, "The new password is not acceptable: %.*s", SLICE_ARG(c->rule));
    else
        writer_str(&w, text_of(c->out->result));
    ENSURE(writer_ok(&w), NO_MEMORY, "no room for a kpasswd reply");
    *out = writer_slice(&w);
    return OBOL_OK;
}

static enum obol_code sealed_reply(struct change *c, struct kpasswd_frame *frame, struct slice data,
                                   struct error *err) {
    const struct env *env = c->kpasswd->adm->env;
    uint32_t number = 0;
    env_random(env, buf_of(&number, sizeof number));
    number &= 0x3fffffff; // positive for every peer
    TRY(ap_rep_build(&c->ap, NULL, true, number, env, c->arena, &frame->ap, err));
    const struct priv_params params = {
        .key = priv_key(c), .from_acceptor = true, .seq_number = number};
    return priv_make(data, &params, env, c->arena, &frame->rest, err);
}

static enum obol_code error_reply(struct change *c, enum obol_code why, struct kpasswd_frame *frame,
                                  struct slice data, struct error *err) {
    int64_t now = env_now_us(c->kpasswd->adm->env);
    struct principal service;
    TRY(principal_parse(SLICE_LITERAL(KPASSWD_PRINCIPAL), c->kpasswd->adm->realm, NT_UNKNOWN,
                        c->arena, &service, err));
    const struct krb_error e = {
        .present = KRB_ERROR_E_DATA,
        .pvno = KRB_PVNO,
        .msg_type = KRB_ERROR,
        .stime = now / 1000000,
        .susec = (int32_t)(now % 1000000),
        .error_code = error_info(why)->krb_error,
        .realm = service.realm,
        .sname = service.name,
        .e_data = data,
    };
    return der_encode(&TYPE_KRB_ERROR, &e, c->arena, &frame->rest, err);
}

static enum obol_code reply(struct change *c, enum obol_code why, struct error *err) {
    struct kpasswd_frame frame = {.version = KPASSWD_VERSION_CHANGE};
    struct slice data;
    TRY(result_data(c, &data, err));
    TRY(c->accepted ? sealed_reply(c, &frame, data, err) : error_reply(c, why, &frame, data, err));
    return kpasswd_frame_write(&frame, c->arena, &c->out->reply, err);
}

enum obol_code kpasswd_answer(struct kpasswd *k, struct slice request, struct arena *a,
                              struct kpasswd_done *out, struct error *err) {
    struct change c = {.kpasswd = k, .arena = a, .out = out};
    *out = (struct kpasswd_done){.result = KPASSWD_MALFORMED};
    TRY(kpasswd_frame_read(request, &c.frame, err));
    // Replies have the form of requests, with an AP-REP there or nothing before a KRB-ERROR.
    // Whoever answers those talks to another server at the wish of one who forges a sender
    // (CVE-2002-2443).
    ENSURE(c.frame.ap.len && c.frame.ap.ptr[0] == (0x60 | KRB_AP_REQ), FORMAT,
           "a kpasswd request without an AP-REQ");
    enum obol_code code = perform(&c, err);
    // The first failure is the one that is reported: a reply that cannot be made then adds none.
    enum obol_code sent = reply(&c, code, err);
    if (sent != OBOL_OK)
        out->reply = (struct slice){0};
    return code != OBOL_OK ? code : sent;
}
