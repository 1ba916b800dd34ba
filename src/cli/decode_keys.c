// decode_keys.c: opening sealed parts for `obol decode`; see decode_keys.h.
#include "cli/decode_keys.h"
#include "crypto/crypto.h"

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

static bool open_with_password(const struct decode_keys *keys, const struct describe_sealed *sealed,
                               struct arena *a, struct slice *plaintext) {
    const struct enctype *e = enctype_find(sealed->data->etype);
    if (!keys->password || !e)
        return false;
    struct buf bytes = arena_buf(a, enctype_key_length(e));
    if (!bytes.ptr || crypto_string_to_key(e, secret_slice(keys->password), keys->salt,
                                           (struct slice){0}, 0, bytes, NULL) != OBOL_OK)
        return false;
    const struct encryption_key key = {sealed->data->etype, slice_of_buf(bytes)};
    return open_with(&key, sealed, a, plaintext);
}

bool decode_keys_open(void *context, const struct describe_sealed *sealed, struct arena *a,
                      struct slice *plaintext) {
    const struct decode_keys *keys = context;
    for (size_t i = 0; i < sealed->learned_count; i++)
        if (open_with(&sealed->learned[i], sealed, a, plaintext))
            return true;
    for (size_t i = 0; keys->keytab && i < keys->keytab->count; i++)
        if (open_with(&keys->keytab->entries[i].key, sealed, a, plaintext))
            return true;
    return open_with_password(keys, sealed, a, plaintext);
}
