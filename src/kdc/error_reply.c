// error_reply.c: KRB-ERROR (RFC 4120 5.9.1). On the wire goes the RFC's number and nothing that the
// facts of the case would tell to a stranger; they go to the log.
#include "kdc/exchange.h"
#include "kdc/fast.h"

// The service that the request named, if that name can stand in a reply; else the TGS.
static struct principal_name named_service(const struct kdc *kdc, const struct exchange *x) {
    return x && x->server_name.name.name_string.count ? x->server_name.name : kdc->tgs.name;
}

// RFC 4120 5.9.1: the client and its time, once something that it alone can have sealed told them.
// A stranger is sent nothing but what it needs: names would make an answer to a forged sender
// longer than the question. The name is the one asked for, never the database's.
static void fill_client(const struct exchange *x, struct krb_error *e) {
    // RFC 6806 7: where to ask instead.
    if (x->referred.len) {
        e->present |= KRB_ERROR_CREALM;
        e->crealm = x->referred;
        return;
    }
    // RFC 6113 5.4.2: who wishes his name hidden is nobody in an error, too. It was said in armor.
    if (x->hide_names) {
        const struct principal hidden = fast_hidden();
        e->present |= KRB_ERROR_CREALM | KRB_ERROR_CNAME;
        e->crealm = hidden.realm;
        e->cname = hidden.name;
    }
    bool header = x->header.client.realm.len > 0; // set when the authenticator was opened
    if (!header && x->timestamp.patimestamp == 0)
        return;
    e->present |= KRB_ERROR_CTIME | KRB_ERROR_CUSEC;
    e->ctime = header ? x->header.authenticator.ctime : x->timestamp.patimestamp;
    e->cusec = header ? x->header.authenticator.cusec : x->timestamp.pausec;
    if (x->hide_names)
        return;
    e->present |= KRB_ERROR_CREALM | KRB_ERROR_CNAME;
    e->crealm = header ? x->header.client.realm : x->kdc->realm;
    e->cname = header ? x->header.client.name : x->req.req_body.cname;
}

// What a client needs for its next request; in the armor that its request had.
static void fill_data(struct exchange *x, enum obol_code why, struct krb_error *e) {
    struct slice data = {0};
    enum obol_code code = OBOL_OK;
    if (x->armor)
        code = fast_armor_error(x, e, x->typed.count ? &x->typed : &x->methods, &data);
    else if (x->typed.count)
        code = der_encode(&TYPE_TYPED_DATA, &x->typed, x->arena, &data, NULL);
    else if (x->methods.count)
        code = der_encode(&TYPE_METHOD_DATA, &x->methods, x->arena, &data, NULL);
    else
        code = nt_status_data(x, why, &data);
    if (code != OBOL_OK || !data.len)
        return;
    e->present |= KRB_ERROR_E_DATA;
    e->e_data = data;
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
    if (x) {
        fill_client(x, &e);
        fill_data(x, code, &e);
    }
    struct slice out;
    if (der_encode(&TYPE_KRB_ERROR, &e, a, &out, NULL) != OBOL_OK)
        return (struct slice){0};
    return out;
}
