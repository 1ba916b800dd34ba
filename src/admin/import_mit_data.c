// import_mit_data.c: what MIT krb5 keeps beside a principal's record, by types of its own ("TL
// data"): when the password changed, who modified it, its policy and former passwords (XDR, RFC
// 4506), string attributes, the version of the master key. What is not known has no meaning here.
#include "admin/import.h"
#include "base/reader.h"

enum { // types
    DATA_PASSWORD_CHANGED = 1,
    DATA_MODIFIED = 2,
    DATA_KADMIN = 3,
    DATA_MASTER_VERSION = 8,
    DATA_STRINGS = 11,
    DATA_UNLOCKED = 0x0700,
};
enum { KADMIN_VERSION = 0x12345c01, HAS_POLICY = 0x800, HISTORY_MAX = POLICY_HISTORY_MAX };

// ---- XDR

static struct slice xdr_bytes(struct reader *r) {
    uint32_t len = reader_be32(r);
    struct slice s = reader_bytes(r, len);
    reader_skip(r, (4 - len % 4) % 4);
    return s;
}

// A counted string whose count has the NUL in it; 0 stands for no string.
static struct slice xdr_string(struct reader *r) {
    struct slice s = xdr_bytes(r);
    return s.len && s.ptr[s.len - 1] == 0 ? slice_sub(s, 0, s.len - 1) : s;
}

struct xdr_key {
    uint32_t version, kvno, enctype, salt_type;
    struct slice content, salt;
};
static void xdr_key(struct reader *r, struct xdr_key *k) {
    k->version = reader_be32(r);
    k->kvno = reader_be32(r);
    k->enctype = reader_be32(r);
    k->salt_type = reader_be32(r);
    reader_skip(r, 8); // both lengths, which the strings say again
    k->content = xdr_bytes(r);
    k->salt = xdr_bytes(r);
}

static bool is_stronger(uint32_t a, int32_t b, bool any) {
    const struct enctype *e;
    for (size_t i = 0; (e = enctype_at(i)); i++) {
        if ((uint32_t)enctype_number(e) == a)
            return !any || a != (uint32_t)b;
        if (any && enctype_number(e) == b)
            return false;
    }
    return false;
}

// One former password: the strongest of its keys is what is kept. *found is false if none opens.
static void read_former(const struct import_master *m, struct reader *r, struct arena *a,
                        struct import_key *out, bool *found) {
    uint32_t count = reader_be32(r);
    *found = false;
    for (uint32_t i = 0; i < count && reader_ok(r); i++) {
        struct xdr_key k = {0};
        struct slice bytes;
        xdr_key(r, &k);
        if (!reader_ok(r) || !is_stronger(k.enctype, out->key.enctype, *found) || !m ||
            import_mit_key(m, k.content, a, &bytes, NULL) != OBOL_OK)
            continue;
        const struct enctype *e = enctype_find((int32_t)k.enctype);
        if (!e || bytes.len != enctype_key_length(e))
            continue;
        bool special = k.version > 1 && k.salt.len > 0;
        *out = (struct import_key){{.kvno = k.kvno,
                                    .enctype = (int32_t)k.enctype,
                                    .salt_type = special ? RECORD_SALT_SPECIAL : RECORD_SALT_NORMAL,
                                    .salt = special ? k.salt : (struct slice){0}},
                                   bytes};
        *found = true;
    }
}

static enum obol_code read_kadmin(const struct import *im, struct slice data, struct arena *a,
                                  struct import_entry *e, struct error *err) {
    struct reader r = reader_of(data);
    uint32_t version = reader_be32(&r);
    struct slice policy = xdr_string(&r);
    uint32_t has = reader_be32(&r), next = reader_be32(&r), kvno = reader_be32(&r);
    uint32_t count = reader_be32(&r);
    ENSURE(reader_ok(&r) && version == KADMIN_VERSION, FORMAT, "kadmin's data are malformed");
    if (has & HAS_POLICY)
        e->record.policy = policy;
    ENSURE(count <= HISTORY_MAX, FORMAT, "%u former passwords", count);
    struct import_key *list = arena_zalloc(a, count + 1, sizeof *list);
    bool *found = arena_zalloc(a, count + 1, sizeof *found);
    e->history = arena_zalloc(a, count + 1, sizeof *e->history);
    ENSURE_MEMORY(list && found ? e->history : NULL);
    const struct import_master *m = import_master_find(im->history, im->history_count, kvno);
    for (uint32_t i = 0; i < count; i++)
        read_former(m, &r, a, &list[i], &found[i]);
    ENSURE(reader_done(&r), FORMAT, "kadmin's data are malformed");
    // A ring: `next` is where the next one will be written, the newest stands before it.
    for (uint32_t i = 1; i <= count; i++) {
        uint32_t at = (uint32_t)(((uint64_t)next + 2 * (uint64_t)count - i) % count);
        if (found[at])
            e->history[e->history_count++] = list[at];
    }
    return OBOL_OK;
}

// ---- the others

static enum obol_code read_u32(struct slice data, const char *what, int64_t *out,
                               struct error *err) {
    struct reader r = reader_of(data);
    *out = reader_le32(&r);
    ENSURE(reader_ok(&r), FORMAT, "%s has %zu bytes", what, data.len);
    return OBOL_OK;
}

static enum obol_code read_modified(struct slice data, struct record *r, struct error *err) {
    TRY(read_u32(data, "who modified it and when", &r->modified, err));
    struct slice name = slice_sub(data, 4, data.len);
    size_t end = slice_find(name, 0);
    ENSURE(end < name.len, FORMAT, "the modifier's name does not end");
    r->modified_by = slice_sub(name, 0, end);
    return OBOL_OK;
}

static enum obol_code read_strings(struct slice data, struct arena *a, struct record *r,
                                   struct error *err) {
    struct record_attribute_list list = {.count = r->attributes.count};
    size_t room = list.count + 1;
    for (size_t i = 0; i < data.len; i++)
        room += data.ptr[i] == 0;
    list.items = arena_zalloc(a, room, sizeof *list.items);
    ENSURE_MEMORY(list.items);
    for (size_t i = 0; i < list.count; i++)
        list.items[i] = r->attributes.items[i];
    while (data.len) {
        size_t end = slice_find(data, 0);
        struct slice name = slice_sub(data, 0, end), rest = slice_sub(data, end + 1, data.len);
        size_t value_end = slice_find(rest, 0);
        ENSURE(end < data.len && value_end < rest.len && name.len, FORMAT,
               "the string attributes are malformed");
        list.items[list.count++] = (struct record_attribute){name, slice_sub(rest, 0, value_end)};
        data = slice_sub(rest, value_end + 1, rest.len);
    }
    r->attributes = list;
    return OBOL_OK;
}

enum obol_code import_mit_data(const struct import *im, int64_t type, struct slice data,
                               struct arena *a, struct import_entry *e, uint32_t *mkvno,
                               struct error *err) {
    struct record *r = &e->record;
    struct reader version = reader_of(data);
    switch (type) {
    case DATA_PASSWORD_CHANGED:
        return read_u32(data, "when the password changed", &r->password_changed, err);
    case DATA_MODIFIED:
        return read_modified(data, r, err);
    case DATA_KADMIN:
        return read_kadmin(im, data, a, e, err);
    case DATA_STRINGS:
        return read_strings(data, a, r, err);
    case DATA_UNLOCKED:
        return read_u32(data, "when it was unlocked", &r->unlocked, err);
    case DATA_MASTER_VERSION:
        *mkvno = reader_le16(&version);
        ENSURE(reader_ok(&version), FORMAT, "the version of the master key has %zu bytes",
               data.len);
        return OBOL_OK;
    default:
        return OBOL_OK;
    }
}
