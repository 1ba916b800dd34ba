// import_heimdal_ext.c: the extensions of a Heimdal record (HDB-extension, lib/hdb/hdb.asn1 there):
// when the password changed, aliases, keys of older versions, whom the service may act towards.
// What else there is has no meaning here.
#include "admin/import.h"
#include "proto/codes.h"
#include "proto/tables.h"

struct alias_list {
    struct principal *items;
    size_t count;
};
struct aliases {
    bool nocase;
    struct alias_list names;
};
struct hdb_salt {
    uint32_t present;
    int32_t type;
    struct slice salt, opaque;
};
struct hdb_key {
    uint32_t present;
    int32_t mkvno;
    struct encryption_key key;
    struct hdb_salt salt;
};
struct hdb_key_list {
    struct hdb_key *items;
    size_t count;
};
struct keyset {
    uint32_t present;
    uint32_t kvno;
    struct hdb_key_list keys;
    int64_t set_time;
};
struct keyset_list {
    struct keyset *items;
    size_t count;
};
struct extension_data {
    uint32_t present;
    struct alias_list delegate_to;
    struct aliases aliases;
    int64_t password_changed;
    struct keyset_list old_keys;
};
struct extension {
    bool mandatory;
    struct slice data;
};
enum { HAS_MKVNO = 1, HAS_SALT = 2, HAS_OPAQUE = 1, HAS_TIME = 1 };
enum { DELEGATE_TO = 1, ALIASES = 2, PASSWORD_CHANGED = 4, OLD_KEYS = 8 };

// clang-format off
static const struct der_field principal_fields[] = {
    {"name",      EXPLICIT(0), &TYPE_PRINCIPAL_NAME, MEMBER(principal, name)},
    {"realm",     EXPLICIT(1), &DER_NAME,     MEMBER(principal, realm)},
};
static const struct der_type type_principal = {SEQUENCE("Principal", principal, principal_fields)};
static const struct der_type type_principals = {SEQUENCE_OF("SEQUENCE OF Principal", alias_list, &type_principal)};
static const struct der_field aliases_fields[] = {
    {"case-insensitive", EXPLICIT(0), &DER_BOOLEAN, MEMBER(aliases, nocase)},
    {"aliases",   EXPLICIT(1), &type_principals, MEMBER(aliases, names)},
};
static const struct der_type type_aliases = {SEQUENCE("HDB-Ext-Aliases", aliases, aliases_fields), .flags = DER_EXTENSIBLE};
static const struct der_field salt_fields[] = {
    {"type",      EXPLICIT(0), &DER_INT32,    MEMBER(hdb_salt, type)},
    {"salt",      EXPLICIT(1), &DER_OCTETS,   MEMBER(hdb_salt, salt)},
    {"opaque",    EXPLICIT(2), &DER_OCTETS,   MEMBER(hdb_salt, opaque), HAS_OPAQUE},
};
static const struct der_type type_salt = {SEQUENCE("Salt", hdb_salt, salt_fields), .flags = DER_EXTENSIBLE};
static const struct der_field key_fields[] = {
    {"mkvno",     EXPLICIT(0), &DER_INT32,    MEMBER(hdb_key, mkvno), HAS_MKVNO},
    {"key",       EXPLICIT(1), &TYPE_ENCRYPTION_KEY, MEMBER(hdb_key, key)},
    {"salt",      EXPLICIT(2), &type_salt,    MEMBER(hdb_key, salt), HAS_SALT},
};
static const struct der_type type_key = {SEQUENCE("Key", hdb_key, key_fields), .flags = DER_EXTENSIBLE};
static const struct der_type type_keys = {SEQUENCE_OF("Keys", hdb_key_list, &type_key)};
static const struct der_field keyset_fields[] = {
    {"kvno",      EXPLICIT(0), &DER_UINT32,   MEMBER(keyset, kvno)},
    {"keys",      EXPLICIT(1), &type_keys,    MEMBER(keyset, keys)},
    {"set-time",  EXPLICIT(2), &DER_TIME,     MEMBER(keyset, set_time), HAS_TIME},
};
static const struct der_type type_keyset = {SEQUENCE("hdb_keyset", keyset, keyset_fields), .flags = DER_EXTENSIBLE};
static const struct der_type type_keysets = {SEQUENCE_OF("HDB-Ext-KeySet", keyset_list, &type_keyset)};
static const struct der_field data_fields[] = {
    {"allowed-to-delegate-to", EXPLICIT(2), &type_principals, MEMBER(extension_data, delegate_to), DELEGATE_TO},
    {"aliases",   EXPLICIT(6), &type_aliases, MEMBER(extension_data, aliases), ALIASES},
    {"last-pw-change", EXPLICIT(7), &DER_TIME, MEMBER(extension_data, password_changed), PASSWORD_CHANGED},
    {"hist-keys", EXPLICIT(9), &type_keysets, MEMBER(extension_data, old_keys), OLD_KEYS},
};
static const struct der_type type_data = {CHOICE("HDB-extension data", extension_data, data_fields)};
static const struct der_field extension_fields[] = {
    {"mandatory", EXPLICIT(0), &DER_BOOLEAN,  MEMBER(extension, mandatory)},
    {"data",      EXPLICIT(1), &DER_ANY, MEMBER(extension, data)},
};
static const struct der_type type_extension = {SEQUENCE("HDB-extension", extension, extension_fields), .flags = DER_EXTENSIBLE};
// clang-format on

static enum obol_code names(const struct alias_list *list, struct slice self, struct arena *a,
                            struct slice_list *out, struct error *err) {
    out->items = arena_zalloc(a, list->count + 1, sizeof *out->items);
    ENSURE_MEMORY(out->items);
    for (size_t i = 0; i < list->count; i++) {
        struct slice text = principal_text(&list->items[i], a);
        if (!slice_eq(text, self))
            out->items[out->count++] = text;
    }
    return OBOL_OK;
}

static enum obol_code older(const struct import *im, const struct keyset_list *sets,
                            struct arena *a, struct import_entry *e, struct error *err) {
    struct principal p;
    size_t room = e->key_count;
    TRY(principal_parse(e->record.name, im->adm->realm, NT_UNKNOWN, a, &p, err));
    for (size_t i = 0; i < sets->count; i++)
        room += sets->items[i].keys.count;
    struct import_key *keys = arena_zalloc(a, room + 1, sizeof *keys);
    ENSURE_MEMORY(keys);
    for (size_t i = 0; i < e->key_count; i++)
        keys[i] = e->keys[i];
    e->keys = keys;
    for (size_t i = 0; i < sets->count; i++)
        for (size_t k = 0; k < sets->items[i].keys.count; k++) {
            const struct hdb_key *from = &sets->items[i].keys.items[k];
            struct import_key *to = &e->keys[e->key_count++];
            int64_t mkvno = from->present & HAS_MKVNO ? from->mkvno : -1;
            to->key = (struct record_key){.kvno = sets->items[i].kvno,
                                          .enctype = from->key.keytype,
                                          .salt_type = RECORD_SALT_SPECIAL,
                                          .salt = from->salt.salt};
            if (!(from->present & HAS_SALT)) {
                to->key.salt_type = RECORD_SALT_NORMAL;
                TRY(principal_salt(&p, a, &to->key.salt, err));
            }
            TRY(import_heimdal_key(im, mkvno, from->key.keyvalue, a, &to->bytes, err));
        }
    return OBOL_OK;
}

enum obol_code import_heimdal_ext(const struct import *im, struct slice der, struct arena *a,
                                  struct import_entry *e, struct error *err) {
    struct extension ext;
    struct extension_data data = {.present = 0};
    struct record *r = &e->record;
    TRY(der_decode(&type_extension, der, a, &ext, err));
    // Of the kinds that stand in no table only a mandatory one is a loss.
    static const uint8_t known[] = {EXPLICIT(2), EXPLICIT(6), EXPLICIT(7), EXPLICIT(9)};
    if (!ext.data.len || !memchr(known, ext.data.ptr[0], sizeof known)) {
        ENSURE(!ext.mandatory, UNSUPPORTED, "a mandatory extension that is not known");
        return OBOL_OK;
    }
    TRY(der_decode(&type_data, ext.data, a, &data, err));
    if (data.present & PASSWORD_CHANGED)
        r->password_changed = data.password_changed;
    if (data.present & ALIASES)
        TRY(names(&data.aliases.names, r->name, a, &r->aliases, err));
    if (data.present & DELEGATE_TO)
        TRY(names(&data.delegate_to, r->name, a, &r->delegate_to, err));
    return data.present & OLD_KEYS ? older(im, &data.old_keys, a, e, err) : OBOL_OK;
}
