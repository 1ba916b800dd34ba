// as_reply.c: the AS-REP (RFC 4120 3.1.3, 5.4.2; its protected padata: RFC 6806 11).
#include "kdc/as.h"
#include "kdc/fast.h"
#include "kdc/preauth/preauth.h"

// The checksum of the whole request under the reply key shows the client that nobody altered it.
static enum obol_code protect_request(struct exchange *x) {
    struct error *err = &x->err;
    if (!exchange_padata(x, PA_REQ_ENC_PA_REP))
        return OBOL_OK;
    const struct enctype *e = crypto_key_enctype(x->reply_key);
    struct buf mac = arena_buf(x->arena, enctype_checksum_length(e));
    struct padata *pa = arena_zalloc(x->arena, 2, sizeof *pa);
    ENSURE_MEMORY(mac.ptr && pa ? pa : NULL);
    TRY(crypto_checksum(x->reply_key, KU_AS_REQ, x->request->bytes, mac, err));
    struct checksum sum = {enctype_checksum_type(e), slice_of_buf(mac)};
    pa->padata_type = PA_REQ_ENC_PA_REP;
    TRY(der_encode(&TYPE_CHECKSUM, &sum, x->arena, &pa->padata_value, err));
    // RFC 6113 5.4.5: told under that protection, nobody can take it away.
    pa[1].padata_type = PA_FX_FAST;
    x->enc_part.present |= ENC_KDC_REP_PART_ENCRYPTED_PA_DATA;
    x->enc_part.encrypted_pa_data = (struct padata_list){pa, x->kdc->policy.announce_fast ? 2 : 1};
    return OBOL_OK;
}

// last-req has one element at least; what the client should warn about stands there too.
static enum obol_code fill_last_req(struct exchange *x) {
    struct error *err = &x->err;
    const struct record *r = &x->client->record;
    struct last_req *items = arena_zalloc(x->arena, 3, sizeof *items);
    ENSURE_MEMORY(items);
    size_t n = 0;
    if (r->password_expires)
        items[n++] = (struct last_req){LR_PW_EXPIRES, r->password_expires};
    if (r->expires)
        items[n++] = (struct last_req){LR_ACCT_EXPIRES, r->expires};
    if (n == 0)
        items[n++] = (struct last_req){LR_NONE, 0};
    x->enc_part.last_req = (struct last_req_list){items, n};
    // RFC 4120 5.4.2: the earlier of the two.
    int64_t soonest = r->password_expires;
    if (r->expires && (!soonest || r->expires < soonest))
        soonest = r->expires;
    if (soonest) {
        x->enc_part.present |= ENC_KDC_REP_PART_KEY_EXPIRATION;
        x->enc_part.key_expiration = soonest;
    }
    return OBOL_OK;
}

static enum obol_code fill_padata(struct exchange *x) {
    struct error *err = &x->err;
    struct padata *pa = arena_zalloc(x->arena, 3, sizeof *pa);
    ENSURE_MEMORY(pa);
    size_t count = 0;
    // Whose reply is not sealed with a key of its own need not know how to make it.
    if (!preauth_keyless(x))
        TRY(etype_info_of_reply(x, &pa[count++]));
    if (x->preauth_data.padata_type)
        pa[count++] = x->preauth_data;
    if (x->mixed_data.padata_type)
        pa[count++] = x->mixed_data;
    x->rep.present |= count ? (uint32_t)KDC_REP_PADATA : 0u;
    x->rep.padata = (struct padata_list){pa, count};
    return OBOL_OK;
}

enum obol_code as_reply(struct exchange *x) {
    if (!x->reply_key)
        TRY(cache_key(x->kdc->cache, x->client, x->reply_key_index, x->arena, &x->reply_key,
                      &x->err));
    x->reply_usage = KU_AS_REP;
    x->reply_kvno = preauth_keyless(x) ? 0 : x->client->kvno;
    x->rep.msg_type = KRB_AS_REP;
    reply_fill_part(x);
    TRY(fill_last_req(x));
    TRY(fill_padata(x));
    TRY(fast_armor_reply(x));
    TRY(protect_request(x));
    TRY(reply_seal(x, &TYPE_ENC_AS_REP_PART, &TYPE_AS_REP));
    if (!x->preauth)
        return OBOL_OK;
    x->event->login = KDC_LOGIN_SUCCESS;
    lockout_success(x->kdc->lockout, &x->client->record, x->now);
    return OBOL_OK;
}
