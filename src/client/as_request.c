// as_request.c: the AS-REQ (RFC 4120 3.1.1, 5.4.1): the stages from what is wanted to bytes.
#include "client/as_stage.h"
#include "krb/fast.h"
#include "proto/s4u.h"

// PA-FX-COOKIE, PA-AS-FRESHNESS, the mechanism's PA-DATA, PA-PAC-REQUEST, PA-S4U-X509-USER,
// PA-REQ-ENC-PA-REP.
#define AS_PADATA_MAX 6

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
    c->proof_sent = false;
    c->reply_key = NULL;
    if (!c->go_on)
        c->preauth = client_preauth_choose(c);
    if (!c->preauth && c->params.optimistic && c->method_data.count == 0 && !c->preauth_tried)
        c->preauth = client_preauth_unasked(c);
    if (!c->preauth)
        return OBOL_OK;
    // A KDC that asks for more does not say again how the key is made.
    bool told = client_preauth_find_padata(&c->method_data, PA_ETYPE_INFO2) ||
                client_preauth_find_padata(&c->method_data, PA_ETYPE_INFO);
    if (!c->go_on || told)
        TRY(client_hints_set(c, &c->method_data, err));
    if (c->preauth->prepare)
        return c->preauth->prepare(c, client_preauth_challenge(c, c->preauth), err);
    if (!c->preauth->needs_key(c, client_preauth_challenge(c, c->preauth)))
        return OBOL_OK;
    return as_need_key(c, err);
}

// RFC 6113 5.4.1.1: one armor does for all requests of a login.
static enum obol_code make_armor(struct as_client *c, struct error *err) {
    const struct cred *tgt = c->params.armor;
    c->armored = c->armored || (tgt && c->params.armor_required);
    if (!c->armored || c->fast.armor)
        return OBOL_OK;
    c->shifted = client_clock_shift(&c->clock, c->env, c->offset);
    c->fast.env = &c->shifted;
    c->fast.arena = c->arena;
    c->fast.options = c->params.hide_names ? FAST_HIDE_CLIENT_NAMES : 0;
    ENSURE(principal_is_krbtgt(&tgt->server.name) &&
               slice_eq(tgt->server.name.name_string.items[1], c->client.realm),
           INVALID_ARGUMENT, "the ticket for the armor is for %.*s, not a TGT for %.*s",
           SLICE_ARG(principal_text(&tgt->server, c->arena)), SLICE_ARG(c->client.realm));
    ENSURE(tgt->endtime > as_now(c), CRED_EXPIRED, "the ticket for the armor ended %lld s ago",
           (long long)(as_now(c) - tgt->endtime));
    return client_fast_armor(&c->fast, tgt, err);
}

static enum obol_code make_padata(struct as_client *c, struct padata_list *list,
                                  struct error *err) {
    if (c->cookie.padata_type)
        list->items[list->count++] = c->cookie;
    // RFC 8070 2: we could use a token.
    if (!c->preauth && c->params.pkinit && c->params.pkinit->identity)
        list->items[list->count++] = (struct padata){.padata_type = PA_AS_FRESHNESS};
    if (c->preauth) {
        struct padata *pa = &list->items[list->count++];
        pa->padata_type = c->preauth->type;
        TRY(c->preauth->make(c, client_preauth_challenge(c, c->preauth), &pa->padata_value, err));
    }
    if (c->params.pac_said) {
        const struct pa_pac_request wish = {.include_pac = c->params.pac_wanted};
        struct padata *pa = &list->items[list->count++];
        pa->padata_type = PA_PAC_REQUEST;
        TRY(der_encode(&TYPE_PA_PAC_REQUEST, &wish, c->arena, &pa->padata_value, err));
    }
    if (c->params.certificate.len)
        list->items[list->count++] = (struct padata){PA_S4U_X509_USER, c->params.certificate};
    // RFC 6806 11: asks for a proof that our request arrived as we sent it.
    list->items[list->count++] = (struct padata){.padata_type = PA_REQ_ENC_PA_REP};
    return OBOL_OK;
}

// RFC 6113 5.4.2: who hides names does not say them outside of the armor, either.
static enum obol_code make_outside(struct as_client *c, struct kdc_req_body *body,
                                   struct slice *out, struct error *err) {
    static struct slice parts[] = {{(const uint8_t *)"WELLKNOWN", 9},
                                   {(const uint8_t *)"ANONYMOUS", 9}};
    *out = c->body;
    if (!c->params.hide_names)
        return OBOL_OK;
    body->cname = (struct principal_name){NT_WELLKNOWN, {parts, COUNT_OF(parts)}};
    return der_encode(&TYPE_KDC_REQ_BODY, body, c->arena, out, err);
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
    struct padata padata[AS_PADATA_MAX] = {{0}}, armored;
    struct kdc_req_body body;
    struct kdc_req req = {
        .present = KDC_REQ_PADATA,
        .pvno = KRB_PVNO,
        .msg_type = KRB_AS_REQ,
        .padata = {padata, 0},
    };
    c->nonce = client_nonce(c->env);
    make_body(c, &body);
    TRY(der_encode(&TYPE_KDC_REQ_BODY, &body, c->arena, &c->body, err));
    TRY(make_padata(c, &req.padata, err));
    req.req_body.raw = c->body;
    if (c->armored) {
        // A body stands outside too, where nobody looks at it (RFC 6113 5.4.2).
        TRY(make_outside(c, &body, &req.req_body.raw, err));
        TRY(client_fast_wrap(&c->fast, c->body, &req.padata, req.req_body.raw, &armored, err));
        req.padata = (struct padata_list){&armored, 1};
    }
    TRY(der_encode(&TYPE_AS_REQ, &req, c->arena, &c->request, err));
    c->state = AS_SENT;
    c->go_on = false;
    return OBOL_OK;
}

const struct as_stage AS_REQUEST_STAGES[] = {
    {"choose times", "RFC 4120 3.1.1", choose_times},
    {"make armor", "RFC 6113 5.4.1.1", make_armor},
    {"choose preauthentication", "RFC 4120 5.2.7", choose_preauth},
    {"build AS-REQ", "RFC 4120 5.4.1", build_request},
};
const size_t AS_REQUEST_STAGE_COUNT = COUNT_OF(AS_REQUEST_STAGES);
