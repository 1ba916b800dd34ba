// spake.c: see spake.h.
#include "krb/spake.h"
#include "base/ct.h"

static struct slice be32(uint8_t out[4], uint32_t v) {
    struct writer w = writer_to_buf(buf_of(out, 4));
    writer_be32(&w, v);
    return writer_slice(&w);
}

// RFC 9588 4.2: w is PRF+ of the key over "SPAKEsecret" and the group's number.
enum obol_code spake_exchange_start(struct spake_exchange *s, const struct spake_group *group,
                                    struct crypto_key *key, struct error *err) {
    uint8_t pepper[15], number[4];
    *s = (struct spake_exchange){.group = group, .key = key};
    struct writer w = writer_to_buf(buf_of(pepper, sizeof pepper));
    writer_str(&w, "SPAKEsecret");
    writer_bytes(&w, be32(number, (uint32_t)spake_group_number(group)));
    return crypto_prf_plus(key, writer_slice(&w), buf_of(s->w, spake_scalar_length(group)), err);
}

void spake_exchange_add(struct spake_exchange *s, struct slice first, struct slice second) {
    const struct slice parts[] = {spake_exchange_transcript(s), first, second};
    spake_hash(s->group, parts, COUNT_OF(parts), s->transcript);
}

// RFC 9588 5: the seed is the hash of all that both ends know, with a block number behind it.
static void make_seed(const struct spake_exchange *s, struct slice result, struct slice body,
                      uint32_t n, struct buf seed) {
    uint8_t group[4], enctype[4], index[4], block = 1, hash[SPAKE_HASH_MAX];
    size_t step = spake_hash_length(s->group);
    const struct slice parts[] = {
        SLICE_LITERAL("SPAKEkey"),
        be32(group, (uint32_t)spake_group_number(s->group)),
        be32(enctype, (uint32_t)enctype_number(crypto_key_enctype(s->key))),
        spake_exchange_w(s),
        result,
        spake_exchange_transcript(s),
        body,
        be32(index, n),
        slice_of(&block, 1),
    };
    for (size_t at = 0; at < seed.len; at += step, block++) {
        spake_hash(s->group, parts, COUNT_OF(parts), hash);
        memcpy(seed.ptr + at, hash, seed.len - at < step ? seed.len - at : step);
    }
    wipe(hash, sizeof hash);
}

enum obol_code spake_exchange_key(const struct spake_exchange *s, struct slice result,
                                  struct slice body, uint32_t n, struct arena *a,
                                  struct crypto_key **out, struct error *err) {
    const struct enctype *e = crypto_key_enctype(s->key);
    uint8_t seed[CRYPTO_KEY_MAX], bytes[CRYPTO_KEY_MAX];
    struct buf key = buf_of(bytes, enctype_key_length(e));
    struct crypto_key *made;
    make_seed(s, result, body, n, buf_of(seed, enctype_seed_length(e)));
    enum obol_code code = crypto_random_to_key(e, slice_of(seed, enctype_seed_length(e)), key, err);
    if (code == OBOL_OK)
        code = crypto_key_in_arena(&made, a, enctype_number(e), slice_of_buf(key), err);
    if (code == OBOL_OK)
        code =
            crypto_cf2(s->key, made, SLICE_LITERAL("SPAKE"), SLICE_LITERAL("keyderiv"), key, err);
    if (code == OBOL_OK)
        code = crypto_key_in_arena(out, a, enctype_number(e), slice_of_buf(key), err);
    wipe(seed, sizeof seed);
    wipe(bytes, sizeof bytes);
    return code;
}
