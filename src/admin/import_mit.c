// import_mit.c: a line of MIT krb5's dump (kdb5_util dump): fields separated by TABs, strings of
// bytes in hexadecimal, "-1" for none. Versions 4 (beta 7) to 7 (1.11 and later) and those of iprop
// differ in what a policy has.
#include "admin/import.h"
#include "base/reader.h"
#include "proto/codes.h"

enum { BASE_LENGTH = 38, DATA_MAX = 65535, KEYS_MAX = RECORD_KEYS_MAX, DATA_ITEMS_MAX = 1024 };
enum { SALT_NORMAL = 0, SALT_NOREALM = 2, SALT_ONLYREALM = 3 };

const struct import_flag IMPORT_MIT_FLAGS[] = {
    {0x00000001, RECORD_NO_POSTDATED},   {0x00000002, RECORD_NO_FORWARDABLE},
    {0x00000004, RECORD_NO_TGT_BASED},   {0x00000008, RECORD_NO_RENEWABLE},
    {0x00000010, RECORD_NO_PROXIABLE},   {0x00000020, RECORD_NO_USER_TO_USER},
    {0x00000040, RECORD_DISABLED},       {0x00000080, RECORD_REQUIRES_PREAUTH},
    {0x00000100, RECORD_HW_AUTH},        {0x00000200, RECORD_NEEDS_CHANGE},
    {0x00001000, RECORD_NO_SERVER},      {0x00002000, RECORD_PASSWORD_SERVICE},
    {0x00100000, RECORD_OK_AS_DELEGATE}, {0x00200000, RECORD_TRUSTED_TO_AUTH},
    {0x00400000, RECORD_NO_AUTHDATA},    {0x00800000, RECORD_LOCKDOWN_KEYS},
};
const size_t IMPORT_MIT_FLAGS_COUNT = COUNT_OF(IMPORT_MIT_FLAGS);

enum obol_code import_mit_header(struct slice line, struct error *err) {
    static const char *const known[] = {
        "kdb5_util load_dump version 4",
        "kdb5_util load_dump version 5",
        "kdb5_util load_dump version 6",
        "kdb5_util load_dump version 7",
    };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (slice_eq_str(slice_trim(line), known[i]))
            return OBOL_OK;
    // "iprop SERIAL SECONDS MICROSECONDS" has the body of version 6, "ipropx 1 ..." that of 7.
    if (slice_starts(line, SLICE_LITERAL("iprop")))
        return OBOL_OK;
    error_remedy(err, "Dump it anew with kdb5_util dump, of MIT krb5 1.0 or later.");
    ENSURE(false, UNSUPPORTED, "the dump begins with \"%.*s\"",
           SLICE_ARG(slice_sub(line, 0, line.len < 60 ? line.len : 60)));
}

enum obol_code import_mit_key(const struct import_master *m, struct slice content, struct arena *a,
                              struct slice *out, struct error *err) {
    struct reader r = reader_of(content);
    uint16_t len = reader_le16(&r);
    struct slice sealed = reader_rest(&r);
    ENSURE(reader_ok(&r) && len, FORMAT, "a key of %zu bytes", content.len);
    TRY(import_open(m, 0, sealed, a, out, err));
    ENSURE(out->len >= len, FORMAT, "a key has %zu bytes, its length says %u", out->len, len);
    *out = slice_sub(*out, 0, len);
    return OBOL_OK;
}

// The salt that a salt type means, where the dump does not have its bytes.
static enum obol_code default_salt(const struct principal *p, int32_t salt_type, struct arena *a,
                                   struct slice *out, struct error *err) {
    struct principal q = *p;
    if (salt_type == SALT_NOREALM)
        q.realm = (struct slice){0};
    if (salt_type == SALT_ONLYREALM)
        q.name.name_string.count = 0;
    return principal_salt(&q, a, out, err);
}

// ---- a principal

// What stands in a line before it is known what its keys are sealed under.
struct raw_key {
    int64_t version, kvno, enctype, salt_type;
    struct slice content, salt;
};
struct raw {
    int64_t data_count, key_count, extra_len;
    struct raw_key *keys;
};

static enum obol_code read_head(struct import_line *l, struct raw *raw, struct record *r,
                                struct error *err) {
    int64_t base, name_len;
    TRY(import_number(l, "the base length", 0, UINT32_MAX, &base, err));
    ENSURE(base == BASE_LENGTH, FORMAT, "the base length is %lld, not %d", (long long)base,
           BASE_LENGTH);
    TRY(import_number(l, "the length of the name", 1, RECORD_NAME_MAX, &name_len, err));
    TRY(import_number(l, "the count of data", 0, DATA_ITEMS_MAX, &raw->data_count, err));
    TRY(import_number(l, "the count of keys", 0, KEYS_MAX, &raw->key_count, err));
    TRY(import_number(l, "the length of the extension", 0, DATA_MAX, &raw->extra_len, err));
    TRY(import_field(l, "the name", &r->name, err));
    ENSURE(r->name.len == (size_t)name_len, FORMAT, "the name has %zu bytes, its length says %lld",
           r->name.len, (long long)name_len);
    return OBOL_OK;
}

static void take_flags(int64_t attributes, struct record *r, struct record_attribute *rest,
                       struct arena *a) {
    uint32_t left = (uint32_t)attributes;
    for (size_t i = 0; i < IMPORT_MIT_FLAGS_COUNT; i++) {
        if (left & IMPORT_MIT_FLAGS[i].theirs)
            r->flags |= IMPORT_MIT_FLAGS[i].ours;
        left &= ~IMPORT_MIT_FLAGS[i].theirs;
    }
    if (!left)
        return;
    *rest = (struct record_attribute){SLICE_LITERAL(IMPORT_MIT_REST), arena_printf(a, "%u", left)};
    r->attributes = (struct record_attribute_list){rest, 1};
}

static enum obol_code read_times(struct import_line *l, struct record *r, struct arena *a,
                                 struct error *err) {
    int64_t attributes, failures;
    struct record_attribute *rest = arena_zalloc(a, 1, sizeof *rest);
    ENSURE_MEMORY(rest);
    TRY(import_number(l, "the attributes", INT32_MIN, UINT32_MAX, &attributes, err));
    take_flags(attributes, r, rest, a);
    TRY(import_number(l, "the ticket life", 0, UINT32_MAX, &r->max_life, err));
    TRY(import_number(l, "the renewable life", 0, UINT32_MAX, &r->max_renew, err));
    TRY(import_number(l, "the expiry", INT32_MIN, UINT32_MAX, &r->expires, err));
    TRY(import_number(l, "the password's expiry", INT32_MIN, UINT32_MAX, &r->password_expires,
                      err));
    TRY(import_number(l, "the last login", INT32_MIN, UINT32_MAX, &r->last_success, err));
    TRY(import_number(l, "the last failure", INT32_MIN, UINT32_MAX, &r->last_failure, err));
    TRY(import_number(l, "the count of failures", 0, UINT32_MAX, &failures, err));
    r->failures = (uint32_t)failures;
    // Times are of 32 bits there; those past 2038 are written as they wrap.
    int64_t *const times[] = {&r->expires, &r->password_expires, &r->last_success,
                              &r->last_failure};
    for (size_t i = 0; i < COUNT_OF(times); i++)
        *times[i] = (int64_t)(uint32_t)*times[i];
    return OBOL_OK;
}

static enum obol_code read_data(const struct import *im, struct import_line *l, struct arena *a,
                                const struct raw *raw, struct import_entry *e, uint32_t *mkvno,
                                struct error *err) {
    for (int64_t i = 0; i < raw->data_count; i++) {
        int64_t type, len;
        struct slice data;
        TRY(import_number(l, "the type of data", INT32_MIN, INT32_MAX, &type, err));
        TRY(import_number(l, "the length of data", 0, DATA_MAX, &len, err));
        TRY(import_hex(l, "data", (size_t)len, a, &data, err));
        TRY(import_mit_data(im, type, data, a, e, mkvno, err));
    }
    return OBOL_OK;
}

static enum obol_code read_raw_key(struct import_line *l, struct arena *a, struct raw_key *k,
                                   struct error *err) {
    int64_t len;
    TRY(import_number(l, "the version of key data", 1, 2, &k->version, err));
    TRY(import_number(l, "the kvno", 0, UINT32_MAX, &k->kvno, err));
    TRY(import_number(l, "the enctype", INT32_MIN, INT32_MAX, &k->enctype, err));
    TRY(import_number(l, "the length of a key", 0, DATA_MAX, &len, err));
    TRY(import_hex(l, "a key", (size_t)len, a, &k->content, err));
    if (k->version == 1)
        return OBOL_OK;
    TRY(import_number(l, "the salt type", INT32_MIN, INT32_MAX, &k->salt_type, err));
    TRY(import_number(l, "the length of a salt", 0, RECORD_NAME_MAX, &len, err));
    return import_hex(l, "a salt", (size_t)len, a, &k->salt, err);
}

static enum obol_code read_keys(struct import_line *l, struct arena *a, struct raw *raw,
                                struct error *err) {
    struct slice extra;
    raw->keys = arena_zalloc(a, (size_t)raw->key_count + 1, sizeof *raw->keys);
    ENSURE_MEMORY(raw->keys);
    for (int64_t i = 0; i < raw->key_count; i++)
        TRY(read_raw_key(l, a, &raw->keys[i], err));
    TRY(import_field(l, "the extension", &extra, err));
    size_t digits = raw->extra_len ? 2 * (size_t)raw->extra_len : 2;
    ENSURE(extra.len == digits + 1 && extra.ptr[digits] == ';' && l->at > l->text.len, FORMAT,
           "the line does not end with the extension and a semicolon");
    return OBOL_OK;
}

static enum obol_code open_key(const struct import *im, const struct raw_key *k, uint32_t mkvno,
                               const struct principal *p, struct arena *a, struct import_key *out,
                               struct error *err) {
    const struct import_master *m = import_master_find(im->masters, im->master_count, mkvno);
    if (!m)
        error_remedy(err, "Name the stash file of the realm (key_stash_file in its kdc.conf) with "
                          "--stash; kdb5_util stash writes one that has all versions.");
    ENSURE(m, MASTER_KEY, "a key is sealed under version %u of the master key, which was not given",
           mkvno);
    out->key = (struct record_key){.kvno = (uint32_t)k->kvno,
                                   .enctype = (int32_t)k->enctype,
                                   .salt_type = RECORD_SALT_NORMAL,
                                   .salt = k->salt};
    if (k->version == 2 && k->salt_type != SALT_NORMAL)
        out->key.salt_type = RECORD_SALT_SPECIAL;
    if (!k->salt.len && (k->version == 1 || k->salt_type <= SALT_ONLYREALM))
        TRY(default_salt(p, (int32_t)k->salt_type, a, &out->key.salt, err));
    if (import_mit_key(m, k->content, a, &out->bytes, err) == OBOL_OK)
        return OBOL_OK;
    error_remedy(err, "The stash file must be of the realm that was dumped.");
    return error_replace(err, OBOL_MASTER_KEY, __func__,
                         "version %u of the master key does not open the key of kvno %lld, "
                         "enctype %lld",
                         mkvno, (long long)k->kvno, (long long)k->enctype);
}

static enum obol_code read_principal(const struct import *im, struct import_line *l,
                                     struct arena *a, struct import_entry *e,
                                     enum import_kind *kind, struct error *err) {
    struct raw raw;
    struct principal p;
    uint32_t mkvno = im->master_count ? im->masters[0].kvno : 1;
    TRY(read_head(l, &raw, &e->record, err));
    TRY(principal_parse(e->record.name, im->adm->realm, NT_UNKNOWN, a, &p, err));
    TRY(read_times(l, &e->record, a, err));
    if (op_is_mits(&p))
        return OBOL_OK;
    TRY(read_data(im, l, a, &raw, e, &mkvno, err));
    TRY(read_keys(l, a, &raw, err));
    e->keys = arena_zalloc(a, (size_t)raw.key_count + 1, sizeof *e->keys);
    ENSURE_MEMORY(e->keys);
    for (int64_t i = 0; i < raw.key_count; i++)
        TRY(open_key(im, &raw.keys[i], mkvno, &p, a, &e->keys[e->key_count++], err));
    // Former passwords have no salt where it was the usual one.
    for (size_t i = 0; i < e->history_count; i++)
        if (e->history[i].key.salt_type == RECORD_SALT_NORMAL && !e->history[i].key.salt.len)
            TRY(principal_salt(&p, a, &e->history[i].key.salt, err));
    *kind = IMPORT_PRINCIPAL;
    return OBOL_OK;
}

// ---- a policy

static enum obol_code read_policy(struct import_line *l, struct policy *p, struct error *err) {
    int64_t ignored, attributes;
    struct slice keysalts;
    TRY(import_field(l, "the policy's name", &p->name, err));
    TRY(import_number(l, "the least life", 0, INT32_MAX, &p->min_life, err));
    TRY(import_number(l, "the longest life", 0, INT32_MAX, &p->max_life, err));
    TRY(import_number(l, "the least length", 0, 1024, &p->min_length, err));
    TRY(import_number(l, "the kinds of characters", 0, 5, &p->min_classes, err));
    TRY(import_number(l, "the history", 0, POLICY_HISTORY_MAX, &p->history, err));
    TRY(import_number(l, "the count of references", 0, UINT32_MAX, &ignored, err));
    p->dictionary = p->similar = 1; // MIT's checks, wherever there is a policy
    if (l->at > l->text.len)
        return OBOL_OK; // up to version 5
    TRY(import_number(l, "the failures", 0, 1000000, &p->max_failures, err));
    TRY(import_number(l, "the failures' interval", 0, INT32_MAX, &p->failure_interval, err));
    TRY(import_number(l, "the lockout's duration", 0, INT32_MAX, &p->lockout_duration, err));
    if (l->at > l->text.len)
        return OBOL_OK; // version 6
    TRY(import_number(l, "the attributes", INT32_MIN, UINT32_MAX, &attributes, err));
    TRY(import_number(l, "the ticket life", 0, UINT32_MAX, &ignored, err));
    TRY(import_number(l, "the renewable life", 0, UINT32_MAX, &ignored, err));
    TRY(import_field(l, "the allowed keysalts", &keysalts, err));
    if (!slice_eq_str(keysalts, "-"))
        p->allowed_keysalts = keysalts;
    return import_number(l, "the count of data", 0, DATA_ITEMS_MAX, &ignored, err);
}

enum obol_code import_mit_line(const struct import *im, struct import_line *l, struct arena *a,
                               struct import_entry *entry, struct policy *policy,
                               enum import_kind *kind, struct error *err) {
    struct slice word;
    TRY(import_field(l, "princ or policy", &word, err));
    if (slice_eq_str(word, "princ"))
        return read_principal(im, l, a, entry, kind, err);
    ENSURE(slice_eq_str(word, "policy"), FORMAT, "the line begins with neither princ nor policy");
    *kind = IMPORT_POLICY;
    return read_policy(l, policy, err);
}

// ---- kadmin/history

static enum obol_code history_keys(struct import *im, struct import_line *l, struct error *err) {
    struct raw raw;
    struct principal p;
    struct import_entry e = {.key_count = 0};
    struct arena *a = &im->memory;
    uint32_t mkvno = im->master_count ? im->masters[0].kvno : 1;
    struct slice word;
    TRY(import_field(l, "princ", &word, err));
    TRY(read_head(l, &raw, &e.record, err));
    TRY(principal_parse(e.record.name, im->adm->realm, NT_UNKNOWN, a, &p, err));
    TRY(read_times(l, &e.record, a, err));
    TRY(read_data(im, l, a, &raw, &e, &mkvno, err));
    TRY(read_keys(l, a, &raw, err));
    im->history = arena_zalloc(a, (size_t)raw.key_count + 1, sizeof *im->history);
    ENSURE_MEMORY(im->history);
    for (int64_t i = 0; i < raw.key_count; i++) {
        struct import_key k;
        TRY(open_key(im, &raw.keys[i], mkvno, &p, a, &k, err));
        struct import_master *h = &im->history[im->history_count];
        *h = (struct import_master){k.key.kvno, k.key.enctype, k.bytes, NULL};
        // Of an enctype that is not implemented: what it seals cannot be had.
        if (enctype_find(h->enctype) &&
            crypto_key_in_arena(&h->key, a, h->enctype, h->bytes, NULL) == OBOL_OK)
            im->history_count++;
    }
    return OBOL_OK;
}

enum obol_code import_mit_history(struct import *im, struct slice line, struct error *err) {
    struct import_line l = import_line_of(line, '\t');
    enum obol_code code = history_keys(im, &l, err);
    if (code != OBOL_OK)
        error_fact(err, "column", "%zu", l.column);
    return code;
}
