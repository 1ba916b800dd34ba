// kdc.c: a KDC's state and the entry of every request: what is no request gets no answer, what was
// answered a moment ago gets the same answer, the rest goes through the stages of its exchange.
#include "base/ct.h"
#include "kdc/authdata/pac.h"
#include "kdc/exchange.h"
#include <stdlib.h>

#define TAG_AS_REQ  0x6a
#define TAG_TGS_REQ 0x6c

void kdc_policy_default(struct kdc_policy *policy) {
    *policy = (struct kdc_policy){
        .clockskew = 300,
        .max_life = 24 * 3600,
        .max_renew = 7 * 24 * 3600,
        .encrypted_timestamp = true,
        .announce_fast = true,
        .pac = true,
        .reject_bad_transit = true,
        .require_body_checksum = true,
        .postdated = true,
        .lockout = {.window = 3600, .duration = 600},
        .retransmission = 120,
        .retransmission_slots = 4096,
        .cache_records = 16384,
        .opened_tickets = 1024,
    };
}

static bool wants_etype(const struct kdc_policy *policy, const struct enctype *e) {
    if (enctype_is_weak(e) && !policy->allow_weak)
        return false;
    for (size_t i = 0; i < policy->enctype_count; i++) {
        if (policy->enctypes[i] == enctype_number(e))
            return true;
    }
    return policy->enctype_count == 0;
}

static enum obol_code take_config(struct kdc *kdc, const struct kdc_config *config,
                                  struct error *err) {
    ENSURE(config->realm.len > 0 && config->realm.len <= sizeof kdc->realm_bytes, INVALID_ARGUMENT,
           "the realm's name has %zu bytes", config->realm.len);
    ENSURE(config->policy.max_life > 0 && config->policy.clockskew >= 0 &&
               config->policy.max_renew >= 0,
           INVALID_ARGUMENT, "a lifetime of the realm is negative or zero");
    kdc->policy = config->policy;
    kdc->env = config->env;
    kdc->pkinit = config->pkinit;
    memcpy(kdc->realm_bytes, config->realm.ptr, config->realm.len);
    kdc->realm = slice_of(kdc->realm_bytes, config->realm.len);
    kdc->tgs_parts[0] = SLICE_LITERAL("krbtgt");
    kdc->tgs_parts[1] = kdc->realm;
    kdc->tgs = (struct principal){kdc->realm, {NT_SRV_INST, {kdc->tgs_parts, 2}}};
    const struct enctype *e;
    for (size_t i = 0; (e = enctype_at(i)) != NULL && kdc->etype_count < KDC_ENCTYPES_MAX; i++) {
        if (wants_etype(&config->policy, e))
            kdc->etypes[kdc->etype_count++] = enctype_number(e);
    }
    ENSURE(kdc->etype_count > 0, INVALID_ARGUMENT, "no encryption type is permitted");
    return OBOL_OK;
}

static enum obol_code make_tables(struct kdc *kdc, const struct kdc_config *config,
                                  struct error *err) {
    const struct kdc_policy *policy = &kdc->policy;
    const struct cache_config cache = {policy->cache_records, kdc->realm, config->store,
                                       config->master, config->env};
    kdc->master = config->master;
    TRY(cache_new(&kdc->cache, &cache, err));
    if (policy->retransmission > 0)
        TRY(replay_new(&kdc->replay, policy->retransmission_slots, policy->retransmission,
                       config->env, err));
    TRY(opened_new(&kdc->opened, policy->opened_tickets, err));
    kdc->lockout = config->lockout;
    if (!kdc->lockout)
        kdc->lockout = kdc->own_lockout = lockout_new(4096);
    ENSURE_MEMORY(kdc->lockout);
    TRY(decoy_keys_new(kdc, err));
    return pac_prepare(kdc, config->store, err);
}

enum obol_code kdc_new(struct kdc **out, const struct kdc_config *config, struct error *err) {
    *out = NULL;
    struct kdc *kdc = calloc(1, sizeof *kdc);
    ENSURE_MEMORY(kdc);
    enum obol_code code = take_config(kdc, config, err);
    if (code == OBOL_OK)
        code = make_tables(kdc, config, err);
    if (code == OBOL_OK)
        *out = kdc;
    else
        kdc_free(kdc);
    return code;
}

void kdc_free(struct kdc *kdc) {
    if (!kdc)
        return;
    cache_free(kdc->cache);
    replay_free(kdc->replay);
    opened_free(kdc->opened);
    lockout_free(kdc->own_lockout);
    decoy_keys_free(kdc);
    crypto_key_free(kdc->pac_key);
    arena_clear(&kdc->names);
    free(kdc);
}

enum obol_code kdc_renew(struct kdc *kdc, struct error *err) {
    return cache_renew(kdc->cache, err);
}

void kdc_release(struct kdc *kdc) {
    cache_release(kdc->cache);
}

static void fit_transport(struct kdc *kdc, const struct kdc_request *request, int64_t now_us,
                          struct arena *a, struct kdc_result *result) {
    if (request->max_reply == 0 || result->reply.len <= request->max_reply)
        return;
    // The ticket is remembered: the same request by TCP gets it without a second one being made.
    result->reply = error_reply(kdc, NULL, OBOL_KRB_ERR_RESPONSE_TOO_BIG, now_us, a);
}

static bool answer_again(struct exchange *x, struct kdc_result *result) {
    if (!x->kdc->replay || !replay_find(x->kdc->replay, x->tag, x->now, &result->reply))
        return false;
    result->event.retransmission = true;
    fit_transport(x->kdc, x->request, x->now_us, x->arena, result);
    return true;
}

// A reply is remembered if making it again would count for something: another ticket, another
// failed login; and for a made up key that did not open either, or the same octets coming twice
// would tell who is there. Other errors are made afresh, so that strangers cannot fill the table
// with them.
static void remember(struct exchange *x, const struct kdc_result *result) {
    if (!x->kdc->replay)
        return;
    if (result->event.code == OBOL_OK || x->wrong_key)
        replay_put(x->kdc->replay, x->tag, x->now, result->reply);
}

static enum obol_code finish(struct exchange *x, enum obol_code code, struct kdc_result *result) {
    if (code == OBOL_NEED) {
        result->pending = x;
        result->question = x->question;
        return code;
    }
    result->pending = NULL;
    result->event.code = code;
    result->reply = x->reply;
    if (code != OBOL_OK) {
        result->event.stage = x->err.where;
        result->event.section = x->err.section;
        result->event.error = &x->err;
        result->reply = error_reply(x->kdc, x, code, x->now_us, x->arena);
    }
    remember(x, result);
    fit_transport(x->kdc, x->request, x->now_us, x->arena, result);
    exchange_end(x);
    return OBOL_OK;
}

static struct exchange *start(struct kdc *kdc, const struct kdc_request *request, struct arena *a,
                              struct kdc_event *event) {
    struct exchange *x = arena_alloc(a, sizeof *x);
    if (!x)
        return NULL;
    memset(x, 0, offsetof(struct exchange, err));
    error_init(&x->err);
    x->kdc = kdc;
    x->request = request;
    x->arena = a;
    x->event = event;
    x->now_us = env_now_us(kdc->env);
    x->now = event->now = x->now_us / 1000000;
    return x;
}

static void stay_silent(struct exchange *x, enum obol_code code, struct kdc_result *result) {
    x->err.where = "read request";
    result->event.code = code;
    result->event.stage = x->err.where;
    result->event.error = &x->err;
}

enum obol_code kdc_handle(struct kdc *kdc, const struct kdc_request *request, struct arena *a,
                          struct kdc_result *result) {
    memset(result, 0, sizeof *result);
    uint8_t tag = der_tag_of(request->bytes);
    result->event.code = OBOL_DER_UNEXPECTED;
    // Replies, errors and noise are never answered: two servers could keep each other busy.
    if (tag != TAG_AS_REQ && tag != TAG_TGS_REQ)
        return OBOL_OK;
    struct exchange *x = start(kdc, request, a, &result->event);
    if (!x) {
        result->event.code = OBOL_NO_MEMORY;
        return OBOL_OK;
    }
    bool is_as = tag == TAG_AS_REQ;
    if (kdc->replay) // what it asks for is there when the request is decoded
        x->tag = replay_tag(kdc->replay, request->bytes);
    enum obol_code code =
        der_decode(is_as ? &TYPE_AS_REQ : &TYPE_TGS_REQ, request->bytes, a, &x->req, &x->err);
    if (code != OBOL_OK) {
        stay_silent(x, code, result);
        return OBOL_OK;
    }
    result->event.msg_type = is_as ? KRB_AS_REQ : KRB_TGS_REQ;
    if (answer_again(x, result)) {
        result->event.code = OBOL_OK;
        return OBOL_OK;
    }
    x->stages = is_as ? AS_STAGES : TGS_STAGES;
    x->when = kdc->policy.hide_unknown_users ? STAGE_HIDING : STAGE_UNHIDDEN;
    return finish(x, exchange_run(x), result);
}

enum obol_code kdc_resume(struct kdc *kdc, struct kdc_result *result) {
    struct exchange *x = result->pending;
    UNUSED(kdc);
    return finish(x, exchange_run(x), result);
}

void kdc_abandon(struct kdc *kdc, struct kdc_result *result) {
    UNUSED(kdc);
    if (result->pending)
        exchange_end(result->pending);
    result->pending = NULL;
}

struct slice kdc_refuse(struct kdc *kdc, enum obol_code code, struct arena *a) {
    return error_reply(kdc, NULL, code, env_now_us(kdc->env), a);
}

void kdc_count(const struct kdc *kdc, struct kdc_counts *out) {
    cache_count(kdc->cache, &out->lookups, &out->decoded);
}

const char *kdc_stage_name(size_t index) {
    const struct stage *s = AS_STAGES;
    for (; s->run && index > 0; index--)
        s++;
    if (s->run)
        return s->name;
    for (s = TGS_STAGES; s->run && index > 0; index--)
        s++;
    return s->name;
}
