// fast_reply.c: what goes back in the armor of FAST (RFC 6113 5.4.3, 5.4.4); see fast.h.
#include "kdc/fast.h"
#include "kdc/preauth/preauth.h"
#include "krb/fast.h"
#include "krb/seal.h"
#include "proto/fast.h"

struct principal fast_hidden(void) {
    static struct slice parts[] = {{(const uint8_t *)"WELLKNOWN", 9},
                                   {(const uint8_t *)"ANONYMOUS", 9}};
    return (struct principal){SLICE_LITERAL("WELLKNOWN:ANONYMOUS"), {NT_WELLKNOWN, {parts, 2}}};
}

static enum obol_code seal(struct exchange *x, const struct krb_fast_response *response,
                           struct padata *out) {
    struct pa_fx_fast_reply reply = {.present = PA_FX_FAST_REPLY_ARMORED_DATA};
    TRY(krb_seal(&TYPE_KRB_FAST_RESPONSE, response, x->armor, KU_FX_REP, 0, x->kdc->env, x->arena,
                 &reply.armored_data.enc_fast_rep, &x->err));
    out->padata_type = PA_FX_FAST;
    return der_encode(&TYPE_PA_FX_FAST_REPLY, &reply, x->arena, &out->padata_value, &x->err);
}

// RFC 6113 5.4.3: the client learns from the strengthened key that the KDC, and nobody on the way,
// answered in armor.
static enum obol_code strengthen(struct exchange *x, struct encryption_key *out) {
    struct error *err = &x->err;
    const struct enctype *e = crypto_key_enctype(x->reply_key);
    struct crypto_key *key;
    struct buf bytes = arena_buf(x->arena, enctype_key_length(e));
    ENSURE_MEMORY(bytes.ptr);
    TRY(crypto_random_key(e, x->kdc->env, bytes, err));
    *out = (struct encryption_key){enctype_number(e), slice_of_buf(bytes)};
    TRY(crypto_key_in_arena(&key, x->arena, out->keytype, out->keyvalue, err));
    return fast_strengthen(key, x->reply_key, x->arena, &x->reply_key, err);
}

// heimdal_7 is a leniency: Heimdal's kinit of 7.8 sends an encrypted timestamp in its armor, and
// does not mix a strengthening key in as RFC 6113 5.1 says. RFC 6113 5.4.3 lets an AS-REP do
// without one, but it is then sealed with the client's own key, at which an eavesdropper can guess:
// so only where encrypted timestamps, which lay open as much, are taken anyway.
static bool heimdal_7(const struct exchange *x) {
    return x->preauth == &PREAUTH_ENC_TIMESTAMP && preauth_timestamp_bare(x);
}

static enum obol_code finish(struct exchange *x, struct krb_fast_finished *out) {
    struct error *err = &x->err;
    const struct enctype *e = crypto_key_enctype(x->armor);
    struct buf sum = arena_buf(x->arena, enctype_checksum_length(e));
    ENSURE_MEMORY(sum.ptr);
    struct ticket *t = &x->rep.ticket;
    if (!t->raw.len)
        TRY(der_encode(&TYPE_TICKET, t, x->arena, &t->raw, err));
    TRY(crypto_checksum(x->armor, KU_FX_FINISHED, t->raw, sum, err));
    *out = (struct krb_fast_finished){
        .timestamp = x->now,
        .usec = (int32_t)(x->now_us % 1000000),
        .crealm = x->rep.crealm,
        .cname = x->rep.cname,
        .ticket_checksum = {enctype_checksum_type(e), slice_of_buf(sum)},
    };
    return OBOL_OK;
}

enum obol_code fast_armor_reply(struct exchange *x) {
    struct error *err = &x->err;
    if (LIKELY(!x->armor))
        return OBOL_OK;
    struct krb_fast_response response = {
        .present = KRB_FAST_RESPONSE_FINISHED,
        .nonce = x->req.req_body.nonce,
    };
    if (x->rep.present & KDC_REP_PADATA)
        response.padata = x->rep.padata;
    struct padata *pa = arena_zalloc(x->arena, 1, sizeof *pa);
    ENSURE_MEMORY(pa);
    if (!heimdal_7(x)) {
        response.present |= KRB_FAST_RESPONSE_STRENGTHEN_KEY;
        TRY(strengthen(x, &response.strengthen_key));
    }
    TRY(finish(x, &response.finished));
    TRY(seal(x, &response, pa));
    x->rep.present |= KDC_REP_PADATA;
    x->rep.padata = (struct padata_list){pa, 1};
    if (x->hide_names) {
        const struct principal hidden = fast_hidden();
        x->rep.crealm = hidden.realm;
        x->rep.cname = hidden.name;
    }
    return OBOL_OK;
}

// RFC 6113 5.4.4: PA-FX-ERROR is the KRB-ERROR without its e-data, whose elements stand beside it.
enum obol_code fast_armor_error(struct exchange *x, const struct krb_error *e,
                                const struct padata_list *methods, struct slice *out) {
    struct error *err = &x->err;
    struct padata *inside = arena_zalloc(x->arena, methods->count + 1, sizeof *inside), outside;
    ENSURE_MEMORY(inside);
    inside[0].padata_type = PA_FX_ERROR;
    TRY(der_encode(&TYPE_KRB_ERROR, e, x->arena, &inside[0].padata_value, err));
    for (size_t i = 0; i < methods->count; i++)
        inside[i + 1] = methods->items[i];
    const struct krb_fast_response response = {
        .padata = {inside, methods->count + 1},
        .nonce = x->req.req_body.nonce,
    };
    TRY(seal(x, &response, &outside));
    const struct padata_list list = {&outside, 1};
    return der_encode(&TYPE_METHOD_DATA, &list, x->arena, out, err);
}
