// error_reply.c: KRB-ERROR (RFC 4120 5.9.1). On the wire goes the RFC's number and nothing that the
// facts of the case would tell to a stranger; they go to the log.
#include "kdc/exchange.h"

// The service that the request named, if that name can stand in a reply; else the TGS.
static struct principal_name named_service(const struct kdc *kdc, const struct exchange *x) {
    return x && x->server_name.name.name_string.count ? x->server_name.name : kdc->tgs.name;
}

struct slice error_reply(struct kdc *kdc, struct exchange *x, enum obol_code code, int64_t now_us,
                         struct arena *a) {
    struct krb_error e = {
        .pvno = KRB_PVNO,
        .msg_type = KRB_ERROR,
        .stime = now_us / 1000000,
        .susec = (int32_t)(now_us % 1000000),
        .error_code = error_info(code)->krb_error,
        .realm = kdc->realm,
        .sname = named_service(kdc, x),
    };
    if (x && x->e_data.len) {
        e.present |= KRB_ERROR_E_DATA;
        e.e_data = x->e_data;
    }
    struct slice out;
    if (der_encode(&TYPE_KRB_ERROR, &e, a, &out, NULL) != OBOL_OK)
        return (struct slice){0};
    return out;
}
