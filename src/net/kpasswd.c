// kpasswd.c: see kpasswd.h. The request is made anew for no transport: UDP repeats its bytes, which
// the service's replay cache knows.
#include "net/kpasswd.h"
#include "crypto/crypto.h"
#include "krb/priv.h"
#include "proto/codes.h"
#include "proto/envelope.h"
#include "proto/types.h"

static enum obol_code make_ap_req(struct kpasswd_exchange *x, struct slice *out,
                                  struct error *err) {
    const struct cred *ticket = x->params->ticket;
    struct ap_req_params p = {
        .client = ticket->client,
        .ap_options = AP_OPT_MUTUAL_REQUIRED,
        .authenticator_usage = KU_AP_REQ_AUTHENTICATOR,
        .with_seq_number = true,
    };
    TRY(der_decode(&TYPE_TICKET, ticket->ticket, x->arena, &p.ticket, err));
    TRY(crypto_key_in_arena(&x->session, x->arena, ticket->key.keytype, ticket->key.keyvalue, err));
    const struct enctype *e = crypto_key_enctype(x->session);
    struct buf fresh = arena_buf(x->arena, enctype_key_length(e));
    ENSURE_MEMORY(fresh.ptr);
    TRY(crypto_random_key(e, net_env(x->net), fresh, err));
    const struct encryption_key subkey = {enctype_number(e), slice_of_buf(fresh)};
    TRY(crypto_key_in_arena(&x->subkey, x->arena, subkey.keytype, subkey.keyvalue, err));
    env_random(net_env(x->net), buf_of(&x->number, sizeof x->number));
    x->number &= 0x3fffffff; // positive for every peer
    p.session = x->session;
    p.subkey = &subkey;
    p.seq_number = x->number;
    return ap_req_build(&p, net_env(x->net), x->arena, out, &x->sent, err);
}

static enum obol_code make_data(struct kpasswd_exchange *x, struct slice *out, struct error *err) {
    const struct principal *target = x->params->target;
    *out = secret_slice(x->params->password);
    if (!target)
        return OBOL_OK;
    const struct change_passwd_data d = {
        .present = CHANGE_PASSWD_DATA_TARGNAME | CHANGE_PASSWD_DATA_TARGREALM,
        .newpasswd = *out,
        .targname = target->name,
        .targrealm = target->realm,
    };
    return der_encode(&TYPE_CHANGE_PASSWD_DATA, &d, x->arena, out, err);
}

static enum obol_code make_request(struct kpasswd_exchange *x, struct slice *out,
                                   struct error *err) {
    struct slice data;
    struct kpasswd_frame frame = {.version = x->params->target ? KPASSWD_VERSION_SET
                                                               : KPASSWD_VERSION_CHANGE};
    TRY(make_ap_req(x, &frame.ap, err));
    TRY(make_data(x, &data, err));
    const struct priv_params priv = {.key = x->subkey, .seq_number = x->number};
    TRY(priv_make(data, &priv, net_env(x->net), x->arena, &frame.rest, err));
    return kpasswd_frame_write(&frame, x->arena, out, err);
}

static enum obol_code read_result(struct slice data, struct kpasswd_reply *out, struct error *err) {
    ENSURE(data.len >= 2, REPLY_MISMATCH, "the kpasswd service's answer has %zu bytes", data.len);
    out->result = (enum kpasswd_result)(data.ptr[0] << 8 | data.ptr[1]);
    out->text = slice_sub(data, 2, SIZE_MAX);
    return OBOL_OK;
}

// A service that could not accept the AP-REQ says so by a KRB-ERROR, which nobody has sealed.
static enum obol_code read_error(struct kpasswd_exchange *x, struct slice bytes,
                                 struct kpasswd_reply *out, struct error *err) {
    struct krb_error e;
    TRY(der_decode(&TYPE_KRB_ERROR, bytes, x->arena, &e, err));
    enum obol_code code = error_code_of_krb(e.error_code);
    if ((e.present & KRB_ERROR_E_DATA) && read_result(e.e_data, out, NULL) == OBOL_OK &&
        out->result != KPASSWD_SUCCESS)
        return OBOL_OK;
    return error_set(err, code == OBOL_OK ? OBOL_KRB_ERR_GENERIC : code, __func__,
                     "the kpasswd service of %.*s refuses the request",
                     SLICE_ARG(x->params->ticket->server.realm));
}

enum obol_code kpasswd_end(struct kpasswd_exchange *x, struct slice bytes,
                           struct kpasswd_reply *out, struct error *err) {
    struct kpasswd_frame frame;
    struct enc_ap_rep_part part;
    struct slice data;
    *out = (struct kpasswd_reply){.result = KPASSWD_HARDERROR};
    TRY(kpasswd_frame_read(bytes, &frame, err));
    if (frame.ap.len == 0)
        return read_error(x, frame.rest, out, err);
    TRY(ap_rep_verify(frame.ap, &x->sent, x->session, x->arena, &part, err));
    const struct priv_params priv = {
        .key = x->subkey,
        .key_is_fresh = true,
        .from_acceptor = true,
        .seq_number = part.present & ENC_AP_REP_PART_SEQ_NUMBER ? part.seq_number : 0,
        .clockskew = x->net->conf->clockskew,
    };
    TRY(priv_open(frame.rest, &priv, net_env(x->net), x->arena, &data, err));
    return read_result(data, out, err);
}

bool kpasswd_is_frame(struct slice bytes) {
    struct kpasswd_frame frame;
    return kpasswd_frame_read(bytes, &frame, NULL) == OBOL_OK;
}

static enum net_verdict judge(struct slice reply) {
    return kpasswd_is_frame(reply) ? NET_TAKE : NET_IGNORE;
}

enum obol_code kpasswd_begin(struct kpasswd_exchange *x, const struct net *net,
                             const struct kpasswd_params *params, struct arena *a,
                             struct slice *message, struct error *err) {
    *x = (struct kpasswd_exchange){.net = net, .params = params, .arena = a};
    return make_request(x, message, err);
}

// It is another service than the KDC, which has just answered.
static enum obol_code without_service(enum obol_code code, struct error *err) {
    if (code == OBOL_KDC_NOT_KNOWN || code == OBOL_KDC_UNREACHABLE)
        error_remedy(err,
                     "Passwords have a service of their own: krb5.conf says kpasswd_server (or "
                     "admin_server) for the realm, port 464; Obol's KDC serves it where kdc.conf "
                     "says kpasswd_listen.");
    return code;
}

enum obol_code kpasswd_carry(const struct net *net, struct slice realm, struct slice message,
                             struct arena *a, struct slice *reply, struct error *err) {
    struct net_server_list *servers = arena_alloc(a, sizeof *servers);
    ENSURE_MEMORY(servers);
    enum obol_code code = net_locate(net->conf, realm, NET_KPASSWD, net->resolver, a, servers, err);
    if (code != OBOL_OK)
        return without_service(code, err);
    const struct net_request request = {
        .realm = realm,
        .message = message,
        .servers = servers,
        .udp_preference_limit = (size_t)net->conf->udp_preference_limit,
        .timing = net->timing,
        .clock = net->clock,
        .trace = net->trace,
        .judge = judge,
    };
    code = net_carry(&request, a, reply, err);
    return code == OBOL_OK ? OBOL_OK : without_service(code, err);
}

enum obol_code net_kpasswd(const struct net *net, const struct kpasswd_params *params,
                           struct arena *a, struct kpasswd_reply *out, struct error *err) {
    struct kpasswd_exchange x;
    struct slice message, reply;
    *out = (struct kpasswd_reply){.result = KPASSWD_HARDERROR};
    TRY(kpasswd_begin(&x, net, params, a, &message, err));
    TRY(kpasswd_carry(net, params->ticket->server.realm, message, a, &reply, err));
    return kpasswd_end(&x, reply, out, err);
}
