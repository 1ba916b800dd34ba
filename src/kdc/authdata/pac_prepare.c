// pac_prepare.c: what all PACs of a realm have in common: its SID and names, its KDC's key.
#include "base/ct.h"
#include "kdc/authdata/pac.h"

enum { NETBIOS_MAX = 15, NAMES_BYTES = 8192 };

static void fold(struct slice s, bool upper) {
    uint8_t *p = (uint8_t *)(uintptr_t)s.ptr;
    for (size_t i = 0; i < s.len; i++) {
        if (upper && p[i] >= 'a' && p[i] <= 'z')
            p[i] = (uint8_t)(p[i] - 'a' + 'A');
        else if (!upper && p[i] >= 'A' && p[i] <= 'Z')
            p[i] = (uint8_t)(p[i] - 'A' + 'a');
    }
}

static enum obol_code read_domain(struct kdc *kdc, struct store_read *r, struct error *err) {
    struct slice text;
    if (store_meta(r, STORE_META_DOMAIN_SID, &text, NULL) != OBOL_OK)
        return OBOL_OK;
    ENSURE(sid_parse(text, &kdc->domain), STORE_CORRUPT, "the value %s is malformed",
           STORE_META_DOMAIN_SID);
    return OBOL_OK;
}

enum obol_code pac_prepare(struct kdc *kdc, struct store *store, struct error *err) {
    struct store_read *r;
    ENSURE(arena_init(&kdc->names, NAMES_BYTES, 4 * NAMES_BYTES), NO_MEMORY, "the realm's names");
    struct arena *a = &kdc->names;
    ENSURE(arena_copy(a, kdc->realm, &kdc->upper) && arena_copy(a, kdc->realm, &kdc->lower),
           NO_MEMORY, "the realm's names");
    fold(kdc->upper, true);
    fold(kdc->lower, false);
    size_t label = slice_find(kdc->upper, '.');
    kdc->netbios = slice_sub(kdc->upper, 0, label < NETBIOS_MAX ? label : NETBIOS_MAX);
    kdc->tgs_text = principal_text(&kdc->tgs, a);
    ENSURE(kdc->tgs_text.len, NO_MEMORY, "the realm's names");
    kdc->domain = kdc->policy.domain_sid;
    if (kdc->domain.count)
        return OBOL_OK;
    TRY(store_read_begin(store, &r, err));
    enum obol_code code = read_domain(kdc, r, err);
    store_read_end(r);
    return code;
}

enum obol_code pac_tgs_entry(struct exchange *x, struct entry **out) {
    struct error *err = &x->err;
    struct slice name = x->kdc->tgs_text;
    if (!x->tgs_entry && x->header_server && slice_eq(x->header_server->record.name, name))
        x->tgs_entry = x->header_server;
    if (!x->tgs_entry && x->server && slice_eq(x->server->record.name, name))
        x->tgs_entry = x->server;
    if (!x->tgs_entry) {
        enum obol_code code = exchange_find_text(x, name, &x->tgs_entry);
        ENSURE(code != OBOL_PRINCIPAL_NOT_FOUND, KDC_ERR_SVC_UNAVAILABLE, "there is no %.*s",
               SLICE_ARG(name));
        TRY(code);
    }
    *out = x->tgs_entry;
    return OBOL_OK;
}

static enum obol_code derive(struct exchange *x, struct entry *e, size_t index, struct buf out) {
    struct crypto_key *krbtgt;
    TRY(cache_key(x->kdc->cache, e, index, x->arena, &krbtgt, &x->err));
    return crypto_prf_plus(krbtgt, SLICE_LITERAL("PAC signature"), out, &x->err);
}

// The newest one is kept: it signs every ticket.
enum obol_code pac_derived_key(struct exchange *x, struct entry *e, size_t index,
                               struct crypto_key **out) {
    struct kdc *kdc = x->kdc;
    struct slice sealed = e->record.keys.items[index].sealed;
    if (kdc->pac_key && slice_eq(sealed, slice_of(kdc->pac_sealed, kdc->pac_sealed_len))) {
        *out = kdc->pac_key;
        return OBOL_OK;
    }
    uint8_t bytes[CRYPTO_KEY_MAX];
    struct buf key = buf_of(bytes, enctype_key_length(enctype_find(PAC_DERIVED)));
    enum obol_code code = derive(x, e, index, key);
    if (code == OBOL_OK && e->record.keys.items[index].kvno != e->kvno) {
        code = crypto_key_in_arena(out, x->arena, PAC_DERIVED, slice_of_buf(key), &x->err);
    } else if (code == OBOL_OK) {
        crypto_key_free(kdc->pac_key);
        kdc->pac_key = NULL;
        code = crypto_key_new(&kdc->pac_key, PAC_DERIVED, slice_of_buf(key), &x->err);
        kdc->pac_sealed_len = sealed.len;
        memcpy(kdc->pac_sealed, sealed.ptr, sealed.len);
        *out = kdc->pac_key;
    }
    wipe(bytes, sizeof bytes);
    return code;
}

// RFC 3962's types first: every peer knows them, AD's KDCs no others (krb5 pull request 1268), and
// a signature of theirs costs a third of what one of RFC 8009 does. Only this realm's KDCs read
// these signatures: where krbtgt has no such key, one is derived from the key that it has.
enum obol_code pac_kdc_key(struct exchange *x, struct crypto_key **out) {
    static const int32_t first[] = {ENCTYPE_AES256_SHA1, ENCTYPE_AES128_SHA1};
    struct entry *e;
    size_t index = SIZE_MAX;
    TRY(pac_tgs_entry(x, &e));
    for (size_t i = 0; index == SIZE_MAX && i < COUNT_OF(first); i++)
        if (etype_is_permitted(x->kdc, first[i]))
            index = key_find(e, first[i]);
    bool direct = index != SIZE_MAX || !etype_is_permitted(x->kdc, PAC_DERIVED);
    for (size_t i = 0; index == SIZE_MAX && i < x->kdc->etype_count; i++)
        index = key_find(e, x->kdc->etypes[i]);
    if (index == SIZE_MAX)
        return keys_no_common(x, e, "PAC's signature");
    return direct ? cache_key(x->kdc->cache, e, index, x->arena, out, &x->err)
                  : pac_derived_key(x, e, index, out);
}

bool pac_sid(const struct kdc *kdc, const struct record *r, struct sid *out) {
    // As in AD, the first thousand are for those that every domain has.
    return kdc->domain.count && r->id && r->id < UINT32_MAX - 1000 &&
           sid_add(&kdc->domain, (uint32_t)r->id + 1000, out);
}

struct slice pac_name(const struct principal_name *name, struct arena *a) {
    if (name->name_string.count == 1)
        return name->name_string.items[0];
    struct writer w = writer_to_arena(a);
    for (size_t i = 0; i < name->name_string.count; i++) {
        writer_str(&w, i ? "/" : "");
        writer_bytes(&w, name->name_string.items[i]);
    }
    return writer_slice(&w);
}
