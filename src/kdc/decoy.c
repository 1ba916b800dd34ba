// decoy.c: what `hide_unknown_users` asks for. Who cannot log in, for whatever reason, looks like
// one whose password is wrong, and who logs in without a password like one who has one: the same
// errors, a salt of the same shape, and keys that open nothing. They are made once, so that using
// them costs what a known client's cached keys cost.
#include "base/ct.h"
#include "kdc/exchange.h"

enum obol_code decoy_keys_new(struct kdc *kdc, struct error *err) {
    const struct kdc_policy *policy = &kdc->policy;
    size_t count = policy->new_enctype_count ? policy->new_enctype_count : kdc->etype_count;
    const int32_t *etypes = policy->new_enctype_count ? policy->new_enctypes : kdc->etypes;
    for (size_t i = 0; policy->hide_unknown_users && i < count; i++) {
        const struct enctype *e = enctype_find(etypes[i]);
        if (!e || !etype_is_permitted(kdc, etypes[i]))
            continue;
        uint8_t bytes[CRYPTO_KEY_MAX];
        struct buf key = buf_of(bytes, enctype_key_length(e));
        size_t n = kdc->decoy_count;
        enum obol_code code = crypto_random_key(e, kdc->env, key, err);
        if (code == OBOL_OK)
            code = crypto_key_new(&kdc->decoy_keys[n], etypes[i], slice_of_buf(key), err);
        wipe(bytes, sizeof bytes);
        TRY(code);
        kdc->decoy_etypes[kdc->decoy_count++] = etypes[i];
    }
    return OBOL_OK;
}

void decoy_keys_free(struct kdc *kdc) {
    for (size_t i = 0; i < kdc->decoy_count; i++)
        crypto_key_free(kdc->decoy_keys[i]);
}

// The salt of a password under the name that was asked for.
static enum obol_code salt_of(struct exchange *x, struct slice *out) {
    struct principal p = {x->kdc->realm, x->req.req_body.cname};
    struct slice user, suffix;
    // RFC 6806 5: user@suffix is the user, where the suffix is one of this realm.
    if (p.name.name_type == NT_ENTERPRISE && p.name.name_string.count == 1 &&
        referral_suffix(p.name.name_string.items[0], &user, &suffix) &&
        referral_is_here(x->kdc, suffix))
        p.name.name_string.items = &user;
    return principal_salt(&p, x->arena, out, &x->err);
}

uint32_t decoy_iterations(const struct exchange *x, int32_t etype) {
    return enctype_iterations(enctype_find(etype), x->kdc->policy.iterations);
}

static enum obol_code put_keys(struct exchange *x, struct entry *e) {
    struct error *err = &x->err;
    const struct kdc *kdc = x->kdc;
    struct record_key *keys = arena_zalloc(x->arena, kdc->decoy_count + 1, sizeof *keys);
    struct slice salt;
    ENSURE_MEMORY(keys);
    TRY(salt_of(x, &salt));
    for (size_t i = 0; i < kdc->decoy_count; i++)
        keys[i] = (struct record_key){
            .kvno = 1,
            .enctype = kdc->decoy_etypes[i],
            .salt = salt,
            .iterations = decoy_iterations(x, kdc->decoy_etypes[i]),
        };
    e->record.keys.items = keys;
    e->record.keys.count = e->current = kdc->decoy_count;
    e->kvno = 1;
    e->keys = x->kdc->decoy_keys;
    e->in_slot = false; // it lives as long as the request
    x->client = e;
    x->decoy = true;
    return OBOL_OK;
}

enum obol_code decoy_absent(struct exchange *x, struct slice why) {
    struct error *err = &x->err;
    struct entry *e = arena_zalloc(x->arena, 1, sizeof *e);
    ENSURE_MEMORY(e);
    e->record = (struct record){.name = x->event->client, .flags = RECORD_REQUIRES_PREAUTH};
    x->client_name = (struct principal){x->kdc->realm, x->req.req_body.cname};
    e->principal = x->client_name;
    x->absent = x->event->hidden = true;
    x->event->hidden_why = why;
    return put_keys(x, e);
}

static bool has_key(const struct exchange *x) {
    for (size_t i = 0; i < x->client->current; i++)
        if (etype_is_for(x, x->client->record.keys.items[i].enctype))
            return true;
    return false;
}

enum obol_code decoy_keyless(struct exchange *x) {
    struct error *err = &x->err;
    // That a realm serves nobody in particular is no secret, and he has nothing else to try.
    if (has_key(x) || principal_name_is_anonymous(&x->client_name.name))
        return OBOL_OK;
    struct entry *e = arena_zalloc(x->arena, 1, sizeof *e);
    ENSURE_MEMORY(e);
    *e = *x->client;
    return put_keys(x, e);
}
