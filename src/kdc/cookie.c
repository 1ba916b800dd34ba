// cookie.c: see cookie.h.
//
//     "OBC1"        magic
//     kvno, enctype be32, be32: of the TGS's key that seals it
//     sealed        be64 time in seconds; be32 mechanism; counted16 checksum of the names; state
#include "kdc/cookie.h"
#include "base/ct.h"
#include "base/reader.h"
#include "krb/times.h"

#define MAGIC SLICE_LITERAL(COOKIE_MAGIC)

// What the two ends of one login share: who logs in, and for which service.
static enum obol_code sum_names(struct exchange *x, struct crypto_key *key, struct slice *out) {
    struct error *err = &x->err;
    struct writer w = writer_to_arena(x->arena);
    principal_write(&w, &(struct principal){x->kdc->realm, x->sought});
    writer_u8(&w, 0);
    principal_write(&w, &x->server_name);
    struct buf sum = arena_buf(x->arena, enctype_checksum_length(crypto_key_enctype(key)));
    ENSURE_MEMORY(writer_ok(&w) ? sum.ptr : NULL);
    *out = slice_of_buf(sum);
    return crypto_checksum(key, KU_COOKIE_NAMES, writer_slice(&w), sum, err);
}

static enum obol_code find_tgs(struct exchange *x, struct entry **out) {
    struct error *err = &x->err;
    struct slice text;
    enum obol_code code = exchange_find(x, &x->kdc->tgs, &text, out);
    ENSURE(code != OBOL_PRINCIPAL_NOT_FOUND, KDC_ERR_SVC_UNAVAILABLE, "there is no %.*s",
           SLICE_ARG(text));
    TRY(code);
    ENSURE((*out)->current > 0, KDC_ERR_SVC_UNAVAILABLE, "%.*s has no key", SLICE_ARG(text));
    return OBOL_OK;
}

enum obol_code cookie_seal(struct exchange *x, int32_t mechanism, struct slice state,
                           struct padata *out) {
    struct error *err = &x->err;
    struct entry *tgs;
    struct crypto_key *key;
    struct slice names;
    TRY(find_tgs(x, &tgs));
    TRY(cache_key(x->kdc->cache, tgs, key_first(x->kdc, tgs, tgs->kvno), x->arena, &key, err));
    TRY(sum_names(x, key, &names));
    struct writer w = writer_to_arena(x->arena), sealed = writer_to_arena(x->arena);
    writer_be64(&w, (uint64_t)x->now);
    writer_be32(&w, (uint32_t)mechanism);
    writer_counted16(&w, names);
    writer_bytes(&w, state);
    struct slice plain = writer_slice(&w);
    const struct enctype *e = crypto_key_enctype(key);
    writer_bytes(&sealed, MAGIC);
    writer_be32(&sealed, tgs->kvno);
    writer_be32(&sealed, (uint32_t)enctype_number(e));
    struct buf room = writer_room(&sealed, enctype_sealed_length(e, plain.len));
    ENSURE_MEMORY(writer_ok(&w) ? room.ptr : NULL);
    TRY(crypto_seal(key, KU_COOKIE, x->kdc->env, plain, room, err));
    *out = (struct padata){PA_FX_COOKIE, writer_slice(&sealed)};
    return OBOL_OK;
}

void cookie_plain(struct padata *out) {
    *out = (struct padata){PA_FX_COOKIE, SLICE_LITERAL("OBOL")};
}

static enum obol_code unseal(struct exchange *x, struct slice bytes, struct crypto_key **key,
                             struct slice *plain) {
    struct error *err = &x->err;
    struct reader r = reader_of(bytes);
    struct entry *tgs;
    reader_skip(&r, MAGIC.len);
    uint32_t kvno = reader_be32(&r);
    int32_t etype = (int32_t)reader_be32(&r);
    struct slice sealed = reader_rest(&r);
    ENSURE(reader_ok(&r), KDC_ERR_PREAUTH_FAILED, "the cookie is malformed");
    TRY(find_tgs(x, &tgs));
    const struct record_key_list *keys = &tgs->record.keys;
    size_t i = 0;
    while (i < keys->count && (keys->items[i].kvno != kvno || keys->items[i].enctype != etype))
        i++;
    ENSURE(i < keys->count && !key_is_outdone(x->kdc, tgs, i), KDC_ERR_PREAUTH_EXPIRED,
           "the cookie is sealed with kvno %u, enctype %d, which is not held, or seals nothing",
           kvno, etype);
    TRY(cache_key(x->kdc->cache, tgs, i, x->arena, key, err));
    size_t bound = enctype_opened_length(crypto_key_enctype(*key), sealed.len);
    struct buf room = arena_buf(x->arena, bound);
    ENSURE(bound > 0, KDC_ERR_PREAUTH_FAILED, "the cookie is malformed");
    ENSURE_MEMORY(room.ptr);
    if (crypto_open(*key, KU_COOKIE, sealed, room, plain, err) != OBOL_OK)
        return error_replace(err, OBOL_KDC_ERR_PREAUTH_FAILED, __func__,
                             "the cookie is not one of this realm's, or was altered");
    return OBOL_OK;
}

enum obol_code cookie_read(struct exchange *x, int32_t mechanism, struct slice cookie,
                           struct slice *state) {
    struct error *err = &x->err;
    struct crypto_key *key;
    struct slice plain, expected;
    if (!slice_starts(cookie, MAGIC))
        return OBOL_NOT_FOUND;
    TRY(unseal(x, cookie, &key, &plain));
    struct reader r = reader_of(plain);
    int64_t made = (int64_t)reader_be64(&r);
    int32_t type = (int32_t)reader_be32(&r);
    struct slice names = reader_counted16(&r);
    *state = reader_rest(&r);
    ENSURE(reader_ok(&r), KDC_ERR_PREAUTH_FAILED, "the cookie is of another version");
    TRY(sum_names(x, key, &expected));
    ENSURE(ct_equal(names, expected), KDC_ERR_PREAUTH_FAILED,
           "the cookie belongs to another client, or to a login for another service");
    int64_t age = krb_time_distance(x->now, made);
    ENSURE(age <= COOKIE_LIFE, KDC_ERR_PREAUTH_EXPIRED, "the cookie is %lld seconds old",
           (long long)age);
    return type == mechanism ? OBOL_OK : OBOL_NOT_FOUND;
}

enum obol_code cookie_open(struct exchange *x, int32_t mechanism, struct slice *state) {
    const struct padata *pa = exchange_padata(x, PA_FX_COOKIE);
    return pa ? cookie_read(x, mechanism, pa->padata_value, state) : OBOL_NOT_FOUND;
}
