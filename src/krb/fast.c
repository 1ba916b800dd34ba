// fast.c: see fast.h.
#include "krb/fast.h"
#include "base/ct.h"

static enum obol_code combine(struct crypto_key *k1, struct crypto_key *k2, const char *pepper1,
                              const char *pepper2, struct arena *a, struct crypto_key **out,
                              struct error *err) {
    const struct enctype *e = crypto_key_enctype(k1);
    uint8_t bytes[CRYPTO_KEY_MAX];
    struct buf key = buf_of(bytes, enctype_key_length(e));
    enum obol_code code = crypto_cf2(k1, k2, slice_str(pepper1), slice_str(pepper2), key, err);
    if (code == OBOL_OK)
        code = crypto_key_in_arena(out, a, enctype_number(e), slice_of_buf(key), err);
    wipe(bytes, sizeof bytes);
    return code;
}

enum obol_code fast_armor_key(struct crypto_key *subkey, struct crypto_key *session,
                              struct arena *a, struct crypto_key **out, struct error *err) {
    return combine(subkey, session, "subkeyarmor", "ticketarmor", a, out, err);
}

enum obol_code fast_explicit_armor_key(struct crypto_key *armor, struct crypto_key *subkey,
                                       struct arena *a, struct crypto_key **out,
                                       struct error *err) {
    return combine(armor, subkey, "explicitarmor", "tgsarmor", a, out, err);
}

enum obol_code fast_strengthen(struct crypto_key *strengthen, struct crypto_key *reply,
                               struct arena *a, struct crypto_key **out, struct error *err) {
    return combine(strengthen, reply, "strengthenkey", "replykey", a, out, err);
}

enum obol_code fast_challenge_key(struct crypto_key *armor, struct crypto_key *client_key,
                                  bool of_kdc, struct arena *a, struct crypto_key **out,
                                  struct error *err) {
    return combine(armor, client_key, of_kdc ? "kdcchallengearmor" : "clientchallengearmor",
                   "challengelongterm", a, out, err);
}
