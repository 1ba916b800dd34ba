// request.c: what both exchanges ask of a KDC-REQ before anything is looked up (RFC 4120 5.4.1).
#include "kdc/exchange.h"

enum obol_code request_check(struct exchange *x, int32_t msg_type) {
    struct error *err = &x->err;
    const struct kdc_req_body *body = &x->req.req_body;
    x->event->kdc_options = body->kdc_options;
    x->event->etypes = body->etype;
    ENSURE(x->req.pvno == KRB_PVNO, KDC_ERR_BAD_PVNO, "the request is of version %d", x->req.pvno);
    ENSURE(x->req.msg_type == msg_type, KRB_AP_ERR_MSG_TYPE,
           "the request is tagged as type %d and says it is of type %d", msg_type, x->req.msg_type);
    // RFC 6113 5.4.2: what stands outside the armor is not looked at.
    bool outside = !x->armor && exchange_padata(x, PA_FX_FAST);
    ENSURE(outside || slice_eq(body->realm, x->kdc->realm), KDC_ERR_WRONG_REALM,
           "the request is for realm \"%.*s\", this is the KDC of %.*s", SLICE_ARG(body->realm),
           SLICE_ARG(x->kdc->realm));
    ENSURE(body->etype.count > 0, KDC_ERR_ETYPE_NOSUPP, "the client offers no enctype");
    return OBOL_OK;
}

enum obol_code request_check_server(struct exchange *x) {
    struct error *err = &x->err;
    const struct kdc_req_body *body = &x->req.req_body;
    ENSURE(body->present & KDC_REQ_BODY_SNAME, KDC_ERR_S_PRINCIPAL_UNKNOWN,
           "the request names no service");
    x->server_name = (struct principal){x->kdc->realm, body->sname};
    if (principal_check(&x->server_name, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_S_PRINCIPAL_UNKNOWN, __func__,
                             "the name of the service is malformed");
    return OBOL_OK;
}
