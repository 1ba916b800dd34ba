// pkinit_kdf.c: the reply key from the shared secret: octetstring2key() of RFC 4556 3.2.3.1, and
// the hash-based functions of RFC 8636 6, which bind it to names, request and reply.
#include "base/ct.h"
#include "crypto/primitive.h"
#include "der/der.h"
#include "krb/pkinit.h"

struct pkinit_kdf {
    struct slice oid;
    enum hash hash;
};

#define KDF_OID(last)                                                                              \
    { (const uint8_t *)("\x2b\x06\x01\x05\x02\x03\x06" last), 8 }
// Best first. SHA-1's is there for old clients; nothing here asks of it that it has no collisions.
static const struct pkinit_kdf KDFS[] = {
    {KDF_OID("\x02"), HASH_SHA256},
    {KDF_OID("\x04"), HASH_SHA384},
    {KDF_OID("\x03"), HASH_SHA512},
    {KDF_OID("\x01"), HASH_SHA1},
};

const struct pkinit_kdf *pkinit_kdf_at(size_t index) {
    return index < COUNT_OF(KDFS) ? &KDFS[index] : NULL;
}

const struct pkinit_kdf *pkinit_kdf_find(struct slice oid) {
    for (size_t i = 0; i < COUNT_OF(KDFS); i++)
        if (slice_eq(KDFS[i].oid, oid))
            return &KDFS[i];
    return NULL;
}

struct slice pkinit_kdf_oid(const struct pkinit_kdf *kdf) {
    return kdf->oid;
}

void pkinit_octetstring2key(struct slice x, struct buf out) {
    uint8_t block[HASH_MAX], counter = 0;
    const size_t length = hash_length(HASH_SHA1);
    for (size_t at = 0; at < out.len; at += length, counter++) {
        const struct slice parts[] = {slice_of(&counter, 1), x};
        hash_compute(HASH_SHA1, parts, COUNT_OF(parts), block);
        memcpy(out.ptr + at, block, out.len - at < length ? out.len - at : length);
    }
    wipe(block, sizeof block);
}

// SHA-1(0x00 | secret | n_c | n_k) and so on.
static enum obol_code derive_old(const struct pkinit_reply_key *in, struct arena *a,
                                 struct buf seed, struct error *err) {
    struct writer w = writer_to_arena(a);
    writer_bytes(&w, in->secret);
    writer_bytes(&w, in->client_nonce);
    writer_bytes(&w, in->server_nonce);
    ENSURE(writer_ok(&w), NO_MEMORY, "the secret of PKINIT");
    pkinit_octetstring2key(writer_slice(&w), seed);
    return OBOL_OK;
}

static enum obol_code encode_name(const struct principal *p, struct arena *a, struct slice *out,
                                  struct error *err) {
    const struct krb5_principal_name name = {p->realm, p->name};
    return der_encode(&TYPE_KRB5_PRINCIPAL_NAME, &name, a, out, err);
}

static enum obol_code other_info(const struct pkinit_reply_key *in, struct arena *a,
                                 struct slice *out, struct error *err) {
    struct pkinit_other_info info = {
        .present = OTHER_INFO_SUPP_PUB_INFO,
        .algorithm_id = {.algorithm = in->kdf->oid},
    };
    const struct pkinit_supp_pub_info public = {in->etype, in->as_req, in->pk_as_rep};
    TRY(encode_name(&in->client, a, &info.party_u_info, err));
    TRY(encode_name(&in->server, a, &info.party_v_info, err));
    TRY(der_encode(&TYPE_PKINIT_SUPP_PUB_INFO, &public, a, &info.supp_pub_info, err));
    return der_encode(&TYPE_PKINIT_OTHER_INFO, &info, a, out, err);
}

// RFC 8636 6: H(counter | secret | OtherInfo), the counter in four bytes from 1 on.
static enum obol_code derive_new(const struct pkinit_reply_key *in, struct arena *a,
                                 struct buf seed, struct error *err) {
    uint8_t block[HASH_MAX], counter[4] = {0};
    const size_t length = hash_length(in->kdf->hash);
    struct slice info;
    TRY(other_info(in, a, &info, err));
    for (size_t at = 0; at < seed.len; at += length) {
        counter[3]++;
        const struct slice parts[] = {slice_of(counter, sizeof counter), in->secret, info};
        hash_compute(in->kdf->hash, parts, COUNT_OF(parts), block);
        memcpy(seed.ptr + at, block, seed.len - at < length ? seed.len - at : length);
    }
    wipe(block, sizeof block);
    return OBOL_OK;
}

enum obol_code pkinit_derive(const struct pkinit_reply_key *in, struct arena *a,
                             struct crypto_key **out, struct error *err) {
    const struct enctype *e = enctype_find(in->etype);
    ENSURE(e, ENCTYPE_UNSUPPORTED, "a reply key of enctype %d", in->etype);
    struct buf seed = arena_buf(a, enctype_seed_length(e)),
               key = arena_buf(a, enctype_key_length(e));
    ENSURE_MEMORY(seed.ptr && key.ptr ? key.ptr : NULL);
    if (in->kdf)
        TRY(derive_new(in, a, seed, err));
    else
        TRY(derive_old(in, a, seed, err));
    TRY(crypto_random_to_key(e, slice_of_buf(seed), key, err));
    return crypto_key_in_arena(out, a, in->etype, slice_of_buf(key), err);
}

enum obol_code pkinit_session_key(struct crypto_key *contribution, struct crypto_key *reply_key,
                                  struct arena *a, struct crypto_key **out, struct error *err) {
    const struct enctype *e = crypto_key_enctype(contribution);
    struct buf key = arena_buf(a, enctype_key_length(e));
    ENSURE_MEMORY(key.ptr);
    TRY(crypto_cf2(contribution, reply_key, SLICE_LITERAL("PKINIT"), SLICE_LITERAL("KEYEXCHANGE"),
                   key, err));
    return crypto_key_in_arena(out, a, enctype_number(e), slice_of_buf(key), err);
}
