// decode_keys.c: opening sealed parts for `obol decode`; see decode_keys.h.
#include "cli/decode_keys.h"
#include "crypto/crypto.h"
#include "proto/codes.h"

static bool open_with(const struct encryption_key *key, const struct describe_sealed *sealed,
                      struct arena *a, struct slice *plaintext) {
    const struct encrypted_data *data = sealed->data;
    const struct enctype *e = enctype_find(data->etype);
    if (!e || key->keytype != data->etype)
        return false;
    struct crypto_key *prepared;
    struct buf room = arena_buf(a, enctype_opened_length(e, data->cipher.len));
    if (!room.ptr ||
        crypto_key_in_arena(&prepared, a, key->keytype, key->keyvalue, NULL) != OBOL_OK)
        return false;
    for (size_t i = 0; i < sealed->usage_count; i++)
        if (crypto_open(prepared, sealed->usages[i] < 0 ? 0 : (uint32_t)sealed->usages[i],
                        data->cipher, room, plaintext, NULL) == OBOL_OK)
            return true;
    return false;
}

static bool password_key(const struct decode_keys *keys, int32_t etype, struct arena *a,
                         struct encryption_key *out) {
    const struct enctype *e = enctype_find(etype);
    if (!keys->password || !e)
        return false;
    struct buf bytes = arena_buf(a, enctype_key_length(e));
    struct slice password = secret_slice(keys->password);
    if (!bytes.ptr)
        return false;
    enum obol_code code =
        keys->iterations && !enctype_is_weak(e)
            ? crypto_string_to_key_count(e, password, keys->salt, keys->iterations, bytes, NULL)
            : crypto_string_to_key(e, password, keys->salt, (struct slice){0}, 0, bytes, NULL);
    if (code != OBOL_OK)
        return false;
    *out = (struct encryption_key){etype, slice_of_buf(bytes)};
    return true;
}

// The n-th key that the caller brought: those of the keytab, then the password's.
static bool brought_key(const struct decode_keys *keys, size_t n, int32_t etype, struct arena *a,
                        struct encryption_key *out) {
    size_t count = keys->keytab ? keys->keytab->count : 0;
    if (n < count)
        *out = keys->keytab->entries[n].key;
    return n < count || (n == count && password_key(keys, etype, a, out));
}

static bool combine(const struct encryption_key *k1, const struct encryption_key *k2,
                    struct slice pepper1, struct slice pepper2, struct arena *a,
                    struct encryption_key *out) {
    struct crypto_key *one, *two;
    if (crypto_key_in_arena(&one, a, k1->keytype, k1->keyvalue, NULL) != OBOL_OK ||
        crypto_key_in_arena(&two, a, k2->keytype, k2->keyvalue, NULL) != OBOL_OK)
        return false;
    struct buf bytes = arena_buf(a, enctype_key_length(crypto_key_enctype(one)));
    if (!bytes.ptr || crypto_cf2(one, two, pepper1, pepper2, bytes, NULL) != OBOL_OK)
        return false;
    *out = (struct encryption_key){k1->keytype, slice_of_buf(bytes)};
    return true;
}

// FAST's armor key is made of the subkey and the ticket's session key of an AP-REQ that was opened
// before, the subkey after the session key (RFC 6113 5.4.1.1, 5.4.2).
static bool open_armored(struct decode_keys *keys, const struct describe_sealed *sealed,
                         struct arena *a, struct slice *plaintext) {
    if (sealed->usages[0] != KU_FX_ENC && sealed->usages[0] != KU_FX_REP)
        return false;
    for (size_t i = 0; i < sealed->learned_count; i++)
        for (size_t j = i + 1; j < sealed->learned_count; j++)
            if (combine(&sealed->learned[i], &sealed->learned[j], SLICE_LITERAL("subkeyarmor"),
                        SLICE_LITERAL("ticketarmor"), a, &keys->armor) &&
                open_with(&keys->armor, sealed, a, plaintext))
                return true;
    keys->armor = (struct encryption_key){0};
    return false;
}

// The encrypted challenge is sealed with the armor key and the client's (RFC 6113 5.4.6).
static bool open_challenge(const struct decode_keys *keys, const struct describe_sealed *sealed,
                           struct arena *a, struct slice *plaintext) {
    struct encryption_key own, key;
    if (!keys->armor.keyvalue.len || sealed->usages[0] != KU_ENC_CHALLENGE_CLIENT)
        return false;
    for (size_t n = 0; brought_key(keys, n, sealed->data->etype, a, &own); n++)
        if ((combine(&keys->armor, &own, SLICE_LITERAL("clientchallengearmor"),
                     SLICE_LITERAL("challengelongterm"), a, &key) &&
             open_with(&key, sealed, a, plaintext)) ||
            (combine(&keys->armor, &own, SLICE_LITERAL("kdcchallengearmor"),
                     SLICE_LITERAL("challengelongterm"), a, &key) &&
             open_with(&key, sealed, a, plaintext)))
            return true;
    return false;
}

bool decode_keys_open(void *context, const struct describe_sealed *sealed, struct arena *a,
                      struct slice *plaintext) {
    struct decode_keys *keys = context;
    struct encryption_key key;
    for (size_t i = 0; i < sealed->learned_count; i++)
        if (open_with(&sealed->learned[i], sealed, a, plaintext))
            return true;
    for (size_t n = 0; brought_key(keys, n, sealed->data->etype, a, &key); n++)
        if (open_with(&key, sealed, a, plaintext))
            return true;
    return open_armored(keys, sealed, a, plaintext) || open_challenge(keys, sealed, a, plaintext);
}
