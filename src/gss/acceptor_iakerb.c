// acceptor_iakerb.c: the service's end of IAKERB: a client's messages are carried to its KDC and
// back, until the krb5 mechanism takes over; see iakerb.h.
#include "gss/acceptor.h"
#include "gss/frame.h"
#include "proto/codes.h"
#include "proto/types.h"

// A KRB-ERROR in the KDC's stead: the client learns that it is the proxy who failed.
static enum obol_code proxy_error(struct gss_acceptor *g, enum obol_code code, struct slice realm,
                                  struct slice *out, struct error *err) {
    struct slice name = SLICE_LITERAL("iakerb");
    int64_t now = env_now_us(g->env);
    const struct krb_error e = {
        .pvno = KRB_PVNO,
        .msg_type = KRB_ERROR,
        .stime = now / 1000000,
        .susec = (int32_t)(now % 1000000),
        .error_code = error_info(code)->krb_error,
        .realm = realm,
        .sname = {NT_UNKNOWN, {&name, 1}},
    };
    return der_encode(&TYPE_KRB_ERROR, &e, g->arena, out, err);
}

// Only what a client may say to a KDC is carried: this end is no way into the network behind it.
static enum obol_code carry(struct gss_acceptor *g, const struct iakerb_token *in,
                            struct slice *reply, struct error *err) {
    const struct gss_kdc_proxy *proxy = g->params.proxy;
    uint8_t tag = der_tag_of(in->message);
    ENSURE(tag == 0x6a || tag == 0x6c, TOKEN_MALFORMED,
           "the client wants a message carried to a KDC that is neither AS-REQ nor TGS-REQ");
    enum obol_code code =
        proxy->exchange(proxy->ctx, in->realm, in->message, g->arena, reply, NULL);
    if (code == OBOL_OK)
        return OBOL_OK;
    bool unknown = code == OBOL_KDC_NOT_KNOWN || code == OBOL_CONFIG_NO_REALM;
    return proxy_error(
        g, unknown ? OBOL_KRB_AP_ERR_IAKERB_KDC_NOT_FOUND : OBOL_KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE,
        in->realm, reply, err);
}

static enum obol_code tell_realm(struct gss_acceptor *g, struct iakerb_token *out,
                                 struct error *err) {
    out->realm = g->params.proxy->realm;
    if (out->realm.len)
        return OBOL_OK;
    return proxy_error(g, OBOL_KRB_AP_ERR_IAKERB_KDC_NOT_FOUND, SLICE_LITERAL("UNKNOWN"),
                       &out->message, err);
}

static enum obol_code relay(struct gss_acceptor *g, struct slice token, struct slice *out,
                            struct error *err) {
    struct iakerb_token in, answer = {0};
    ENSURE(!g->ap, TOKEN_MALFORMED, "an IAKERB token came after the AP-REQ");
    if (!g->talk)
        g->talk = arena_zalloc(g->arena, 1, sizeof *g->talk);
    ENSURE_MEMORY(g->talk);
    TRY(iakerb_token_read(token, g->arena, &in, err));
    TRY(iakerb_talk_add(g->talk, token, g->arena, err));
    ENSURE((in.realm.len == 0) == (in.message.len == 0), TOKEN_MALFORMED, "the IAKERB token has %s",
           in.realm.len ? "a realm and no message" : "no realm");
    answer.realm = in.realm;
    answer.old = in.old; // as the client speaks
    if (in.realm.len)
        TRY(carry(g, &in, &answer.message, err));
    else
        TRY(tell_realm(g, &answer, err));
    TRY(iakerb_token_write(&answer, g->arena, out, err));
    return iakerb_talk_add(g->talk, *out, g->arena, err);
}

static enum obol_code iakerb_step(struct gss_acceptor *g, struct slice token, struct slice *out,
                                  struct error *err) {
    if (iakerb_is_token(token))
        return relay(g, token, out, err);
    return gss_krb5_accept(g, token, out, err);
}

static bool is_iakerb(struct slice oid) {
    return slice_eq(oid, OID_IAKERB);
}
static bool has_proxy(const struct gss_acceptor_params *params) {
    return params->proxy != NULL;
}

const struct gss_acceptor_mech GSS_ACCEPTOR_IAKERB = {is_iakerb, has_proxy, iakerb_step};
