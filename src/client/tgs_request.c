// tgs_request.c: the TGS-REQ (RFC 4120 3.3.1, 5.4.1): a request body whose checksum stands in the
// authenticator of a PA-TGS-REQ, so that only the owner of the TGT can have made it.
#include "base/ct.h"
#include "client/tgs_stage.h"
#include "krb/ap.h"
#include "krb/fast.h"

static int64_t clockskew(const struct tgs_client *c) {
    return c->params.clockskew ? c->params.clockskew : CLIENT_CLOCKSKEW;
}

// A KDC would refuse these; whoever asks wants to know without a message and a wait.
static enum obol_code check_tgt(struct tgs_client *c, struct error *err) {
    c->now = env_now(c->env) + c->params.clock_offset;
    bool may_be_old = c->params.options & KDC_OPT_VALIDATE;
    ENSURE(c->tgt.endtime > c->now, CRED_EXPIRED, "the TGT %.*s of %.*s ended %lld s ago",
           SLICE_ARG(principal_text(&c->tgt.server, c->arena)),
           SLICE_ARG(principal_text(&c->tgt.client, c->arena)),
           (long long)(c->now - c->tgt.endtime));
    ENSURE(may_be_old || cred_start(&c->tgt) <= c->now + clockskew(c), KRB_AP_ERR_TKT_NYV,
           "the TGT begins in %lld s", (long long)(cred_start(&c->tgt) - c->now));
    return crypto_key_in_arena(&c->session, c->arena, c->tgt.key.keytype, c->tgt.key.keyvalue, err);
}

static enum obol_code make_subkey(struct tgs_client *c, struct error *err) {
    c->subkey = NULL;
    if (c->params.no_subkey)
        return OBOL_OK;
    const struct enctype *e = crypto_key_enctype(c->session);
    uint8_t bytes[CRYPTO_KEY_MAX];
    struct buf key = buf_of(bytes, enctype_key_length(e));
    enum obol_code code = crypto_random_key(e, c->env, key, err);
    if (code == OBOL_OK)
        code = crypto_key_in_arena(&c->subkey, c->arena, enctype_number(e), slice_of_buf(key), err);
    wipe(bytes, sizeof bytes);
    return code;
}

static enum obol_code make_body(struct tgs_client *c, struct slice *encoded, struct error *err) {
    struct ticket additional = {.raw = tgs_s4u_evidence(c)};
    bool moves = (c->options & (uint32_t)(KDC_OPT_FORWARDED | KDC_OPT_PROXY)) != 0;
    c->nonce = client_nonce(c->env);
    c->till = c->params.endtime ? c->params.endtime : c->tgt.endtime;
    c->rtime = c->params.renew_till;
    struct kdc_req_body body = {
        .present = KDC_REQ_BODY_SNAME,
        .kdc_options = c->options,
        .realm = c->realm,
        .sname = c->asked.name,
        .till = c->till,
        .rtime = c->rtime,
        .nonce = c->nonce,
        .etype = {c->etypes, c->etype_count},
        // Only a forwarded or proxy ticket may have others than its TGT (RFC 4120 3.3.1).
        .addresses = moves ? c->params.addresses : c->tgt.addresses,
        .additional_tickets = {&additional, 1},
    };
    if (c->rtime)
        body.present |= KDC_REQ_BODY_RTIME;
    if (body.addresses.count)
        body.present |= KDC_REQ_BODY_ADDRESSES;
    if (additional.raw.len && !c->asking_realm)
        body.present |= KDC_REQ_BODY_ADDITIONAL_TICKETS;
    return der_encode(&TYPE_KDC_REQ_BODY, &body, c->arena, encoded, err);
}

// RFC 4120 5.4.1: the PA-TGS-REQ is an AP-REQ with the TGT.
static enum obol_code make_proof(struct tgs_client *c, struct slice body, struct slice *proof,
                                 struct error *err) {
    const struct enctype *e = crypto_key_enctype(c->session);
    uint8_t bytes[CRYPTO_CKSUM_MAX];
    struct buf sum = buf_of(bytes, enctype_checksum_length(e));
    TRY(crypto_checksum(c->session, KU_TGS_REQ_CKSUM, body, sum, err));
    struct checksum cksum = {enctype_checksum_type(e), slice_of_buf(sum)};
    struct encryption_key subkey = {0};
    if (c->subkey)
        subkey = (struct encryption_key){enctype_number(e), crypto_key_bytes(c->subkey)};
    struct ap_req_params ap = {
        .ticket = {.raw = c->tgt.ticket},
        .client = c->tgt.client,
        .session = c->session,
        .authenticator_usage = KU_TGS_REQ_AUTHENTICATOR,
        .cksum = &cksum,
        .subkey = c->subkey ? &subkey : NULL,
    };
    // RFC 6113 5.4.2: a KDC that finds no armor then knows that somebody took it off.
    struct authdata used = {.ad_type = AD_FX_FAST_USED}, wrapped = {.ad_type = AD_IF_RELEVANT};
    const struct authdata_list inside = {&used, 1};
    if (c->fast.armor) {
        TRY(der_encode(&TYPE_AUTHORIZATION_DATA, &inside, c->arena, &wrapped.ad_data, err));
        ap.authorization_data = (struct authdata_list){&wrapped, 1};
    }
    struct ap_req_sent sent; // a TGS does not answer with an AP-REP
    struct client_clock clock;
    struct env shifted = client_clock_shift(&clock, c->env, c->params.clock_offset);
    return ap_req_build(&ap, &shifted, c->arena, proof, &sent, err);
}

// RFC 6113 5.4.2: the TGT that is presented armors, with the authenticator's subkey.
static enum obol_code make_armor(struct tgs_client *c, struct error *err) {
    c->fast = (struct client_fast){.env = c->env, .arena = c->arena};
    c->strengthen = NULL;
    if (!c->params.fast || !c->subkey || c->hops > 0)
        return OBOL_OK;
    return fast_armor_key(c->subkey, c->session, c->arena, &c->fast.armor, err);
}

static enum obol_code build_request(struct tgs_client *c, struct error *err) {
    struct slice body, proof;
    TRY(make_body(c, &body, err));
    TRY(make_proof(c, body, &proof, err));
    struct padata padata[1 + TGS_S4U_PADATA_MAX] = {{PA_TGS_REQ, proof}};
    size_t count = 1;
    TRY(tgs_s4u_padata(c, padata, &count, err));
    if (c->fast.armor) {
        const struct padata_list inside = {padata + 1, count - 1};
        struct padata armored;
        TRY(client_fast_wrap(&c->fast, body, &inside, proof, &armored, err));
        padata[1] = armored;
        count = 2;
    }
    struct kdc_req req = {
        .present = KDC_REQ_PADATA,
        .pvno = KRB_PVNO,
        .msg_type = KRB_TGS_REQ,
        .padata = {padata, count},
        .req_body = {.raw = body},
    };
    TRY(der_encode(&TYPE_TGS_REQ, &req, c->arena, &c->request, err));
    c->state = TGS_SENT;
    return OBOL_OK;
}

const struct tgs_stage TGS_REQUEST_STAGES[] = {
    {"check TGT", "RFC 4120 3.3.1", check_tgt},
    {"make subkey", "RFC 4120 3.3.1", make_subkey},
    {"make armor", "RFC 6113 5.4.2", make_armor},
    {"build TGS-REQ", "RFC 4120 5.4.1", build_request},
};
const size_t TGS_REQUEST_STAGE_COUNT = COUNT_OF(TGS_REQUEST_STAGES);
