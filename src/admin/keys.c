// keys.c: the keys of a principal: drawn at random or derived from a password (RFC 3961 string-to-
// key), one of each enctype, sealed under the master key.
#include "admin/op.h"
#include "base/ct.h"
#include "proto/codes.h"

bool op_keys_from_password(const struct record *r) {
    for (size_t i = 0; i < r->keys.count; i++)
        if (r->keys.items[i].salt_type != RECORD_SALT_RANDOM)
            return true;
    return false;
}

static enum obol_code check_password(struct slice password, struct error *err) {
    ENSURE(password.len, INVALID_ARGUMENT, "an empty password");
    ENSURE(password.len <= ADMIN_PASSWORD_MAX, INVALID_ARGUMENT,
           "a password of %zu bytes; at most %d", password.len, ADMIN_PASSWORD_MAX);
    ENSURE(slice_find(password, 0) == password.len, INVALID_ARGUMENT,
           "a NUL byte in the password: no client can type it");
    return OBOL_OK;
}

static enum obol_code make_key(struct admin *adm, const struct admin_keys *keys, struct slice salt,
                               uint64_t id, struct record_key *key, struct error *err) {
    const struct enctype *e = enctype_find(key->enctype);
    ENSURE(e, ENCTYPE_UNSUPPORTED, "enctype %d", key->enctype);
    uint8_t bytes[CRYPTO_KEY_MAX];
    struct buf out = buf_of(bytes, enctype_key_length(e));
    enum obol_code code = OBOL_OK;
    key->salt_type = keys->password ? RECORD_SALT_NORMAL : RECORD_SALT_RANDOM;
    if (keys->password) {
        key->salt = salt;
        key->iterations = enctype_iterations(e, keys->usual_iterations ? 0 : adm->iterations);
        code = key->iterations
                   ? crypto_string_to_key_count(e, *keys->password, salt, key->iterations, out, err)
                   : crypto_string_to_key(e, *keys->password, salt, (struct slice){0}, 0, out, err);
    } else {
        code = crypto_random_key(e, adm->env, out, err);
    }
    if (code == OBOL_OK)
        code = master_seal(adm->master, adm->env, id, key, slice_of_buf(out), &adm->scratch, err);
    wipe(bytes, sizeof bytes);
    return code;
}

size_t op_keys_kept(const struct record *r, uint32_t versions) {
    size_t i = 0;
    for (uint32_t seen = 0; i < r->keys.count; i++) {
        seen += i == 0 || r->keys.items[i].kvno != r->keys.items[i - 1].kvno;
        if (seen > versions)
            break;
    }
    return i;
}

bool op_is_kadmins(const struct principal *p) {
    const struct slice_list *parts = &p->name.name_string;
    return parts->count == 2 && slice_eq_str(parts->items[0], "kadmin");
}

bool op_locked_down(struct admin *adm, const struct record *r) {
    struct principal p, own;
    if (r->flags & RECORD_LOCKDOWN_KEYS)
        return true;
    // A name that cannot be looked at, without memory, may be one of them.
    return principal_parse(r->name, adm->realm, NT_UNKNOWN, &adm->scratch, &p, NULL) != OBOL_OK ||
           principal_krbtgt(adm->realm, adm->realm, &adm->scratch, &own, NULL) != OBOL_OK ||
           op_is_kadmins(&p) || principal_eq(&p, &own);
}

enum obol_code op_keys_unlocked(struct admin *adm, const struct record *r, struct error *err) {
    ENSURE(!adm->by_network || !op_locked_down(adm, r), KDC_ERR_POLICY,
           "lockdown-keys holds for %.*s: that is done at the realm's own machine only",
           SLICE_ARG(r->name));
    return OBOL_OK;
}

static bool is_repeated(const struct int32_list *list, size_t i) {
    for (size_t k = 0; k < i; k++)
        if (list->items[k] == list->items[i])
            return true;
    return false;
}

enum obol_code op_keys_add(struct admin *adm, const struct principal *p,
                           const struct admin_keys *keys, uint32_t kvno, struct record *record,
                           struct error *err) {
    struct int32_list types = keys->enctypes.count ? keys->enctypes : adm->enctypes;
    size_t kept = op_keys_kept(record, keys->keep_old);
    struct slice salt = {0};
    ENSURE(types.count <= ADMIN_ENCTYPES_MAX, INVALID_ARGUMENT, "%zu enctypes", types.count);
    if (keys->password) {
        TRY(check_password(*keys->password, err));
        TRY(principal_salt(p, &adm->scratch, &salt, err));
    }
    struct record_key_list made = {0};
    made.items = arena_zalloc(&adm->scratch, types.count + kept, sizeof *made.items);
    ENSURE_MEMORY(made.items);
    for (size_t i = 0; i < types.count && !keys->none; i++) {
        if (is_repeated(&types, i))
            continue;
        struct record_key *key = &made.items[made.count++];
        key->kvno = kvno;
        key->enctype = types.items[i];
        TRY(make_key(adm, keys, salt, record->id, key, err));
    }
    for (size_t i = 0; i < kept; i++)
        made.items[made.count++] = record->keys.items[i];
    record->keys = made;
    record->password_changed = env_now(adm->env);
    return OBOL_OK;
}
