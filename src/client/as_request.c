// as_request.c: the AS-REQ (RFC 4120 3.1.1, 5.4.1): the stages from what is wanted to bytes.
#include "client/as_stage.h"
#include "proto/s4u.h"

// PA-FX-COOKIE, the mechanism's PA-DATA, PA-PAC-REQUEST, PA-REQ-ENC-PA-REP.
#define AS_PADATA_MAX 4

static enum obol_code choose_times(struct as_client *c, struct error *err) {
    const struct as_params *p = &c->params;
    int64_t start = as_now(c) + p->start;
    ENSURE(start > 0 && p->lifetime < INT32_MAX && p->renew_lifetime < INT64_C(0x100000000),
           INVALID_ARGUMENT, "the times asked for are out of range");
    c->options = p->options;
    c->from = p->start ? start : 0;
    // RFC 4120 5.4.1: a till of 1970 asks for the longest life that the KDC allows.
    c->till = p->lifetime ? start + p->lifetime : 0;
    c->rtime = p->renew_lifetime ? start + p->renew_lifetime : 0;
    if (c->from)
        c->options |= KDC_OPT_ALLOW_POSTDATE | KDC_OPT_POSTDATED;
    if (c->rtime)
        c->options |= KDC_OPT_RENEWABLE;
    return OBOL_OK;
}

// Chooses the mechanism: what the KDC offered, or the first of the list when the caller asked not
// to wait for that. Then c->key is there if the mechanism wants it.
static enum obol_code choose_preauth(struct as_client *c, struct error *err) {
    c->preauth = client_preauth_choose(c);
    if (!c->preauth && c->params.optimistic && c->method_data.count == 0 && !c->preauth_tried)
        c->preauth = &CLIENT_PREAUTH_ENC_TIMESTAMP;
    if (!c->preauth || !c->preauth->needs_key)
        return OBOL_OK;
    TRY(client_hints_set(c, &c->method_data, err));
    return as_need_key(c, err);
}

static enum obol_code make_padata(struct as_client *c, struct padata_list *list,
                                  struct error *err) {
    if (c->cookie.padata_type)
        list->items[list->count++] = c->cookie;
    if (c->preauth) {
        struct padata *pa = &list->items[list->count++];
        const struct padata *offer = client_preauth_find_padata(&c->method_data, c->preauth->type);
        pa->padata_type = c->preauth->type;
        TRY(c->preauth->make(c, offer ? offer->padata_value : (struct slice){0}, &pa->padata_value,
                             err));
    }
    if (c->params.pac_said) {
        const struct pa_pac_request wish = {.include_pac = c->params.pac_wanted};
        struct padata *pa = &list->items[list->count++];
        pa->padata_type = PA_PAC_REQUEST;
        TRY(der_encode(&TYPE_PA_PAC_REQUEST, &wish, c->arena, &pa->padata_value, err));
    }
    // RFC 6806 11: asks for a proof that our request arrived as we sent it.
    list->items[list->count++] = (struct padata){.padata_type = PA_REQ_ENC_PA_REP};
    return OBOL_OK;
}

static void make_body(struct as_client *c, struct kdc_req_body *body) {
    *body = (struct kdc_req_body){
        .present = KDC_REQ_BODY_CNAME | KDC_REQ_BODY_SNAME,
        .kdc_options = c->options,
        .cname = c->client.name,
        .realm = c->client.realm,
        .sname = c->service.name,
        .from = c->from,
        .till = c->till,
        .rtime = c->rtime,
        .nonce = c->nonce,
        .etype = {c->etypes, c->etype_count},
        .addresses = c->params.addresses,
    };
    if (c->from)
        body->present |= KDC_REQ_BODY_FROM;
    if (c->rtime)
        body->present |= KDC_REQ_BODY_RTIME;
    if (body->addresses.count)
        body->present |= KDC_REQ_BODY_ADDRESSES;
}

static enum obol_code build_request(struct as_client *c, struct error *err) {
    struct padata padata[AS_PADATA_MAX] = {{0}};
    struct kdc_req req = {
        .present = KDC_REQ_PADATA,
        .pvno = KRB_PVNO,
        .msg_type = KRB_AS_REQ,
        .padata = {padata, 0},
    };
    c->nonce = client_nonce(c->env);
    TRY(make_padata(c, &req.padata, err));
    make_body(c, &req.req_body);
    TRY(der_encode(&TYPE_AS_REQ, &req, c->arena, &c->request, err));
    c->state = AS_SENT;
    return OBOL_OK;
}

const struct as_stage AS_REQUEST_STAGES[] = {
    {"choose times", "RFC 4120 3.1.1", choose_times},
    {"choose preauthentication", "RFC 4120 5.2.7", choose_preauth},
    {"build AS-REQ", "RFC 4120 5.4.1", build_request},
};
const size_t AS_REQUEST_STAGE_COUNT = COUNT_OF(AS_REQUEST_STAGES);
