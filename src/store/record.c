// record.c: the codec of a principal's record.
//
//     version   1 byte, the major version: 1
//     checksum  4 bytes, big endian: CRC-32C of all other bytes
//     members   tag, length, value; tags ascend; lengths and integers are varints
//
// A member that is zero or empty is left out, so that a record has exactly one encoding, and what
// is not in that form is damage. Later versions give new members higher tags: those are kept
// verbatim in `unknown`. The checksum keeps its place and kind over all versions.
#include "store/record.h"
#include "base/reader.h"
#include "store/crc32c.h"

enum { RECORD_MAJOR = 1, HEADER_BYTES = 5 };

enum record_tag { // never renumbered
    TAG_NAME = 1,
    TAG_ID,
    TAG_FLAGS,
    TAG_NAME_TYPE,
    TAG_MAX_LIFE,
    TAG_MAX_RENEW,
    TAG_EXPIRES,
    TAG_PASSWORD_EXPIRES,
    TAG_PASSWORD_CHANGED,
    TAG_CREATED,
    TAG_MODIFIED,
    TAG_LAST_SUCCESS,
    TAG_LAST_FAILURE,
    TAG_FAILURES,
    TAG_MODIFIED_BY,
    TAG_POLICY,
    TAG_KEYS,
    TAG_ALIASES,
    TAG_ATTRIBUTES,
    TAG_ITERATIONS, // of the keys, in their order
    TAG_DELEGATE_TO,
    TAG_DELEGATE_FROM,
    TAG_HISTORY,
    TAG_UNLOCKED,
    TAG_LAST = TAG_UNLOCKED,
};

// How a member's value stands in struct record.
enum member_kind { KIND_TEXT, KIND_U32, KIND_U64, KIND_S32, KIND_S64, KIND_LIST, KIND_ITERATIONS };

struct member {
    const char *name;
    enum member_kind kind;
    size_t offset;
};
#define MEMBER(tag, kind, field) [tag] = {#field, kind, offsetof(struct record, field)}
static const struct member members[TAG_LAST + 1] = {
    MEMBER(TAG_NAME, KIND_TEXT, name),
    MEMBER(TAG_ID, KIND_U64, id),
    MEMBER(TAG_FLAGS, KIND_U32, flags),
    MEMBER(TAG_NAME_TYPE, KIND_S32, name_type),
    MEMBER(TAG_MAX_LIFE, KIND_S64, max_life),
    MEMBER(TAG_MAX_RENEW, KIND_S64, max_renew),
    MEMBER(TAG_EXPIRES, KIND_S64, expires),
    MEMBER(TAG_PASSWORD_EXPIRES, KIND_S64, password_expires),
    MEMBER(TAG_PASSWORD_CHANGED, KIND_S64, password_changed),
    MEMBER(TAG_CREATED, KIND_S64, created),
    MEMBER(TAG_MODIFIED, KIND_S64, modified),
    MEMBER(TAG_LAST_SUCCESS, KIND_S64, last_success),
    MEMBER(TAG_LAST_FAILURE, KIND_S64, last_failure),
    MEMBER(TAG_FAILURES, KIND_U32, failures),
    MEMBER(TAG_MODIFIED_BY, KIND_TEXT, modified_by),
    MEMBER(TAG_POLICY, KIND_TEXT, policy),
    MEMBER(TAG_KEYS, KIND_LIST, keys),
    MEMBER(TAG_ALIASES, KIND_LIST, aliases),
    MEMBER(TAG_ATTRIBUTES, KIND_LIST, attributes),
    MEMBER(TAG_ITERATIONS, KIND_ITERATIONS, keys),
    MEMBER(TAG_DELEGATE_TO, KIND_LIST, delegate_to),
    MEMBER(TAG_DELEGATE_FROM, KIND_LIST, delegate_from),
    MEMBER(TAG_HISTORY, KIND_TEXT, history),
    MEMBER(TAG_UNLOCKED, KIND_S64, unlocked),
};

static const struct {
    const char *name;
    uint32_t flag;
} flag_names[] = {
    {"requires-preauth", RECORD_REQUIRES_PREAUTH},
    {"disabled", RECORD_DISABLED},
    {"no-tgt-based", RECORD_NO_TGT_BASED},
    {"no-server", RECORD_NO_SERVER},
    {"no-forwardable", RECORD_NO_FORWARDABLE},
    {"no-renewable", RECORD_NO_RENEWABLE},
    {"no-proxiable", RECORD_NO_PROXIABLE},
    {"no-postdated", RECORD_NO_POSTDATED},
    {"no-user-to-user", RECORD_NO_USER_TO_USER},
    {"ok-as-delegate", RECORD_OK_AS_DELEGATE},
    {"needs-change", RECORD_NEEDS_CHANGE},
    {"password-service", RECORD_PASSWORD_SERVICE},
    {"no-client", RECORD_NO_CLIENT},
    {"no-authdata", RECORD_NO_AUTHDATA},
    {"locked", RECORD_LOCKED},
    {"hw-auth", RECORD_HW_AUTH},
    {"trusted-to-authenticate", RECORD_TRUSTED_TO_AUTH},
    {"no-timestamp", RECORD_NO_TIMESTAMP},
    {"protected", RECORD_PROTECTED},
    {"lockdown-keys", RECORD_LOCKDOWN_KEYS},
};

const char *record_flag_name(size_t index, uint32_t *flag) {
    if (index >= COUNT_OF(flag_names))
        return NULL;
    *flag = flag_names[index].flag;
    return flag_names[index].name;
}

bool record_flag_find(struct slice name, uint32_t *flag) {
    for (size_t i = 0; i < COUNT_OF(flag_names); i++) {
        if (slice_eq_str(name, flag_names[i].name)) {
            *flag = flag_names[i].flag;
            return true;
        }
    }
    return false;
}

bool record_attribute_reserved(const struct record_attribute *a) {
    return slice_starts(a->name, SLICE_LITERAL("obol."));
}

uint32_t record_newest_kvno(const struct record *r) {
    uint32_t newest = 0;
    for (size_t i = 0; i < r->keys.count; i++)
        if (r->keys.items[i].kvno > newest)
            newest = r->keys.items[i].kvno;
    return newest;
}

// Integers: seven bits a byte, the lowest first, the top bit set on all but the last.
static void write_varint(struct writer *w, uint64_t v) {
    for (; v >= 0x80; v >>= 7)
        writer_u8(w, (uint8_t)(v | 0x80));
    writer_u8(w, (uint8_t)v);
}

static uint64_t read_varint(struct reader *r) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t byte = reader_u8(r);
        // The tenth byte holds one bit; a last byte of zero is a longer form of the same number.
        if ((shift == 63 && byte > 1) || (shift && byte == 0))
            reader_fail(r);
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80) || !reader_ok(r))
            return v;
    }
    reader_fail(r);
    return 0;
}

// Signed numbers near zero stay short: 0, -1, 1, -2 ... become 0, 1, 2, 3 ...
static uint64_t zigzag(int64_t v) {
    return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}
static int64_t unzigzag(uint64_t v) {
    return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

static void write_counted(struct writer *w, struct slice s) {
    write_varint(w, s.len);
    writer_bytes(w, s);
}
static struct slice read_counted(struct reader *r) {
    return reader_bytes(r, read_varint(r));
}
static uint32_t read_u32(struct reader *r) {
    uint64_t v = read_varint(r);
    if (v > UINT32_MAX)
        reader_fail(r);
    return (uint32_t)v;
}
static int32_t read_s32(struct reader *r) {
    int64_t v = unzigzag(read_varint(r));
    if (v < INT32_MIN || v > INT32_MAX)
        reader_fail(r);
    return (int32_t)v;
}

// A key. Its salt is 0 when it is that of the key before it, else its length plus one and its
// bytes: the keys of one password mostly share their salt.
static void write_key(struct writer *w, const struct record_key *k, const struct record_key *prev) {
    write_varint(w, k->kvno);
    write_varint(w, zigzag(k->enctype));
    write_varint(w, zigzag(k->salt_type));
    write_varint(w, k->master);
    if (prev && slice_eq(prev->salt, k->salt)) {
        write_varint(w, 0);
    } else {
        write_varint(w, (uint64_t)k->salt.len + 1);
        writer_bytes(w, k->salt);
    }
    write_counted(w, k->sealed);
}

static void read_key(struct reader *r, struct record_key *k, const struct record_key *prev) {
    k->kvno = read_u32(r);
    k->enctype = read_s32(r);
    k->salt_type = read_s32(r);
    k->master = read_u32(r);
    uint64_t salt = read_varint(r);
    if (salt) {
        k->salt = reader_bytes(r, salt - 1);
        if (prev && slice_eq(prev->salt, k->salt))
            reader_fail(r); // it has a shorter form
    } else if (prev) {
        k->salt = prev->salt;
    } else {
        reader_fail(r);
    }
    k->sealed = read_counted(r);
}

static void write_keys(struct writer *w, const struct record *r) {
    write_varint(w, r->keys.count);
    for (size_t i = 0; i < r->keys.count; i++)
        write_key(w, &r->keys.items[i], i ? &r->keys.items[i - 1] : NULL);
}

static void write_names(struct writer *w, const struct slice_list *list) {
    write_varint(w, list->count);
    for (size_t i = 0; i < list->count; i++)
        write_counted(w, list->items[i]);
}

static void write_attributes(struct writer *w, const struct record *r) {
    write_varint(w, r->attributes.count);
    for (size_t i = 0; i < r->attributes.count; i++) {
        write_counted(w, r->attributes.items[i].name);
        write_counted(w, r->attributes.items[i].value);
    }
}

// All lists have the shape {items, count}.
static const struct slice_list *list_of(const struct record *r, unsigned tag) {
    return (const struct slice_list *)((const uint8_t *)r + members[tag].offset);
}

static void write_list(struct writer *w, const struct record *r, unsigned tag, struct arena *a) {
    if (!list_of(r, tag)->count)
        return;
    struct writer body = writer_to_arena(a);
    if (tag == TAG_KEYS)
        write_keys(&body, r);
    else if (tag == TAG_ATTRIBUTES)
        write_attributes(&body, r);
    else
        write_names(&body, list_of(r, tag));
    w->failed = w->failed || body.failed;
    write_varint(w, tag);
    write_counted(w, writer_slice(&body));
}

// One number a key, but only where any is not 0.
static void write_iterations(struct writer *w, const struct record *r, struct arena *a) {
    struct writer body = writer_to_arena(a);
    uint32_t any = 0;
    for (size_t i = 0; i < r->keys.count; i++) {
        write_varint(&body, r->keys.items[i].iterations);
        any |= r->keys.items[i].iterations;
    }
    w->failed = w->failed || body.failed;
    if (!any)
        return;
    write_varint(w, TAG_ITERATIONS);
    write_counted(w, writer_slice(&body));
}

static void read_iterations(struct reader *r, struct record *out) {
    uint32_t any = 0;
    for (size_t i = 0; i < out->keys.count; i++) {
        out->keys.items[i].iterations = read_u32(r);
        any |= out->keys.items[i].iterations;
    }
    if (!any)
        reader_fail(r); // it is said by leaving the member out
}

static uint64_t member_number(const struct record *r, const struct member *m) {
    const uint8_t *field = (const uint8_t *)r + m->offset;
    uint32_t u32;
    uint64_t u64;
    if (m->kind == KIND_U32 || m->kind == KIND_S32) {
        memcpy(&u32, field, sizeof u32);
        return m->kind == KIND_U32 ? u32 : zigzag((int32_t)u32);
    }
    memcpy(&u64, field, sizeof u64);
    return m->kind == KIND_U64 ? u64 : zigzag((int64_t)u64);
}

static void write_number(struct writer *w, const struct record *r, unsigned tag) {
    uint64_t v = member_number(r, &members[tag]);
    if (!v)
        return;
    uint8_t bytes[10];
    struct writer body = writer_to_buf(buf_of(bytes, sizeof bytes));
    write_varint(&body, v);
    write_varint(w, tag);
    write_counted(w, writer_slice(&body));
}

static struct slice *member_text(const struct record *r, const struct member *m) {
    return (struct slice *)((uintptr_t)r + m->offset);
}

static uint32_t record_checksum(struct slice bytes) {
    return crc32c_more(crc32c(slice_sub(bytes, 0, 1)), slice_sub(bytes, HEADER_BYTES, bytes.len));
}

enum obol_code record_encode(const struct record *r, struct arena *a, struct slice *out,
                             struct error *err) {
    TRY(record_check(r, err));
    struct writer w = writer_to_arena(a);
    struct buf header = writer_room(&w, HEADER_BYTES);
    ENSURE_MEMORY(header.ptr);
    for (unsigned tag = 1; tag <= TAG_LAST; tag++) {
        const struct member *m = &members[tag];
        if (m->kind == KIND_LIST) {
            write_list(&w, r, tag, a);
        } else if (m->kind == KIND_ITERATIONS) {
            write_iterations(&w, r, a);
        } else if (m->kind != KIND_TEXT) {
            write_number(&w, r, tag);
        } else if (member_text(r, m)->len) {
            write_varint(&w, tag);
            write_counted(&w, *member_text(r, m));
        }
    }
    writer_bytes(&w, r->unknown);
    ENSURE(writer_ok(&w), NO_MEMORY, "the record does not fit the arena");
    ENSURE(w.len <= RECORD_BYTES_MAX, INVALID_ARGUMENT, "the record has %zu bytes, more than %d",
           w.len, RECORD_BYTES_MAX);
    w.out.ptr[0] = RECORD_MAJOR;
    struct writer sum = writer_to_buf(buf_of(w.out.ptr + 1, 4));
    writer_be32(&sum, record_checksum(writer_slice(&w)));
    *out = writer_slice(&w);
    return OBOL_OK;
}

static void read_keys(struct reader *r, struct record *out) {
    for (size_t i = 0; i < out->keys.count; i++)
        read_key(r, &out->keys.items[i], i ? &out->keys.items[i - 1] : NULL);
}

static void read_names(struct reader *r, struct slice_list *out) {
    for (size_t i = 0; i < out->count; i++)
        out->items[i] = read_counted(r);
}

static void read_attributes(struct reader *r, struct record *out) {
    for (size_t i = 0; i < out->attributes.count; i++) {
        out->attributes.items[i].name = read_counted(r);
        out->attributes.items[i].value = read_counted(r);
    }
}

// The lists: what an item takes in memory, and how many there may be.
static const struct {
    size_t size, max;
} lists[] = {
    [TAG_KEYS] = {sizeof(struct record_key), RECORD_KEYS_MAX},
    [TAG_ALIASES] = {sizeof(struct slice), RECORD_ALIASES_MAX},
    [TAG_ATTRIBUTES] = {sizeof(struct record_attribute), RECORD_ATTRIBUTES_MAX},
    [TAG_DELEGATE_TO] = {sizeof(struct slice), RECORD_DELEGATES_MAX},
    [TAG_DELEGATE_FROM] = {sizeof(struct slice), RECORD_DELEGATES_MAX},
};

static enum obol_code read_list(struct reader *r, unsigned tag, struct arena *a, struct record *out,
                                struct error *err) {
    struct slice_list *list = (struct slice_list *)((uint8_t *)out + members[tag].offset);
    uint64_t count = read_varint(r);
    // An item has at least a byte: a lying count cannot ask for more memory than the bytes warrant.
    ENSURE(count && count <= lists[tag].max && count <= reader_left(r), STORE_CORRUPT,
           "%s: %llu items", members[tag].name, (unsigned long long)count);
    list->items = arena_zalloc(a, (size_t)count, lists[tag].size);
    ENSURE_MEMORY(list->items);
    list->count = (size_t)count;
    if (tag == TAG_KEYS)
        read_keys(r, out);
    else if (tag == TAG_ATTRIBUTES)
        read_attributes(r, out);
    else
        read_names(r, list);
    return OBOL_OK;
}

static void read_number(struct reader *r, const struct member *m, struct record *out) {
    uint8_t *field = (uint8_t *)out + m->offset;
    uint64_t v = read_varint(r);
    if (m->kind == KIND_S32 || m->kind == KIND_S64)
        v = (uint64_t)unzigzag(v);
    if (m->kind == KIND_S64 || m->kind == KIND_U64) {
        memcpy(field, &v, sizeof v);
    } else {
        uint32_t u32 = (uint32_t)v;
        bool fits = m->kind == KIND_U32 ? v == u32 : v == (uint64_t)(int64_t)(int32_t)u32;
        if (!fits)
            reader_fail(r);
        memcpy(field, &u32, sizeof u32);
    }
    if (v == 0)
        reader_fail(r); // zero is said by leaving the member out
}

static enum obol_code read_member(unsigned tag, struct slice value, struct arena *a,
                                  struct record *out, struct error *err) {
    const struct member *m = &members[tag];
    struct reader r = reader_of(value);
    if (m->kind == KIND_TEXT)
        *member_text(out, m) = reader_rest(&r);
    else if (m->kind == KIND_LIST)
        TRY(read_list(&r, tag, a, out, err));
    else if (m->kind == KIND_ITERATIONS)
        read_iterations(&r, out);
    else
        read_number(&r, m, out);
    ENSURE(reader_done(&r) && value.len, STORE_CORRUPT, "the member %s is malformed", m->name);
    return OBOL_OK;
}

static enum obol_code read_members(struct slice bytes, struct arena *a, struct record *out,
                                   struct error *err) {
    struct reader r = reader_of(bytes);
    uint64_t last = 0;
    while (reader_left(&r)) {
        size_t at = bytes.len - reader_left(&r);
        uint64_t tag = read_varint(&r);
        struct slice value = read_counted(&r);
        ENSURE(reader_ok(&r) && tag > last, STORE_CORRUPT, "a member at byte %zu is malformed",
               at + HEADER_BYTES);
        if (tag <= TAG_LAST)
            TRY(read_member((unsigned)tag, value, a, out, err));
        else if (!out->unknown.ptr)
            out->unknown = slice_sub(bytes, at, bytes.len);
        last = tag;
    }
    return OBOL_OK;
}

enum obol_code record_decode(struct slice bytes, struct arena *a, struct record *out,
                             struct error *err) {
    *out = (struct record){0};
    ENSURE(bytes.len >= HEADER_BYTES && bytes.len <= RECORD_BYTES_MAX, STORE_CORRUPT,
           "a record of %zu bytes", bytes.len);
    struct reader header = reader_of(slice_sub(bytes, 1, 4));
    uint32_t stored = reader_be32(&header), computed = record_checksum(bytes);
    ENSURE(stored == computed, STORE_CORRUPT, "its checksum is %08x, its bytes give %08x", stored,
           computed);
    ENSURE(bytes.ptr[0], STORE_CORRUPT, "a record of version 0");
    ENSURE(bytes.ptr[0] <= RECORD_MAJOR, STORE_VERSION,
           "a record of version %u; this Obol knows %u", bytes.ptr[0], RECORD_MAJOR);
    TRY(read_members(slice_sub(bytes, HEADER_BYTES, bytes.len), a, out, err));
    enum obol_code checked = record_check(out, NULL);
    ENSURE(checked == OBOL_OK, STORE_CORRUPT, "a member of the record is past its bound");
    return OBOL_OK;
}

struct slice record_name(struct slice bytes) {
    struct reader r = reader_of(slice_sub(bytes, HEADER_BYTES, bytes.len));
    uint64_t tag = read_varint(&r);
    struct slice name = read_counted(&r);
    return bytes.len > HEADER_BYTES && reader_ok(&r) && tag == TAG_NAME ? name : (struct slice){0};
}

// The members in front of those that a login changes, which stand side by side, and behind them.
static bool split_logins(struct slice bytes, struct slice *front, struct slice *behind) {
    struct reader r = reader_of(slice_sub(bytes, HEADER_BYTES, bytes.len));
    size_t at = HEADER_BYTES, front_end = HEADER_BYTES;
    uint64_t tag = 0;
    while (reader_left(&r) && tag <= TAG_FAILURES) {
        at = bytes.len - reader_left(&r);
        tag = read_varint(&r);
        (void)read_counted(&r);
        if (tag < TAG_LAST_SUCCESS)
            front_end = bytes.len - reader_left(&r);
    }
    *front = slice_sub(bytes, HEADER_BYTES, front_end - HEADER_BYTES);
    *behind = slice_sub(bytes, tag > TAG_FAILURES ? at : bytes.len, bytes.len);
    return bytes.len > HEADER_BYTES && bytes.ptr[0] == RECORD_MAJOR && reader_ok(&r);
}

bool record_same_but_logins(struct slice a, struct slice b) {
    struct slice front[2], behind[2];
    return split_logins(a, &front[0], &behind[0]) && split_logins(b, &front[1], &behind[1]) &&
           slice_eq(front[0], front[1]) && slice_eq(behind[0], behind[1]);
}

static enum obol_code check_bytes(const char *what, struct slice s, size_t max, struct error *err) {
    ENSURE(s.len <= max, INVALID_ARGUMENT, "%s has %zu bytes, more than %zu", what, s.len, max);
    return OBOL_OK;
}

static enum obol_code check_name(const char *what, struct slice s, struct error *err) {
    TRY(check_bytes(what, s, RECORD_NAME_MAX, err));
    ENSURE(s.len, INVALID_ARGUMENT, "%s is empty", what);
    ENSURE(slice_find(s, 0) == s.len, INVALID_ARGUMENT, "%s holds a NUL byte", what);
    return OBOL_OK;
}

static enum obol_code check_lists(const struct record *r, struct error *err) {
    for (size_t i = 0; i < r->keys.count; i++) {
        TRY(check_bytes("the salt of a key", r->keys.items[i].salt, RECORD_NAME_MAX, err));
        TRY(check_bytes("a sealed key", r->keys.items[i].sealed, RECORD_SEALED_MAX, err));
    }
    for (size_t i = 0; i < r->aliases.count; i++)
        TRY(check_name("an alias", r->aliases.items[i], err));
    for (size_t i = 0; i < r->delegate_to.count; i++)
        TRY(check_name("a name to delegate to", r->delegate_to.items[i], err));
    for (size_t i = 0; i < r->delegate_from.count; i++)
        TRY(check_name("a name to delegate from", r->delegate_from.items[i], err));
    for (size_t i = 0; i < r->attributes.count; i++) {
        const struct record_attribute *item = &r->attributes.items[i];
        ENSURE(item->name.len, INVALID_ARGUMENT, "the name of an attribute is empty");
        TRY(check_bytes("the name of an attribute", item->name, RECORD_TEXT_MAX, err));
        TRY(check_bytes("the value of an attribute", item->value, RECORD_VALUE_MAX, err));
    }
    return OBOL_OK;
}

enum obol_code record_check(const struct record *r, struct error *err) {
    TRY(check_name("the name", r->name, err));
    TRY(check_bytes("the policy", r->policy, RECORD_TEXT_MAX, err));
    TRY(check_bytes("the modifier's name", r->modified_by, RECORD_NAME_MAX, err));
    TRY(check_bytes("the former passwords", r->history, RECORD_HISTORY_MAX, err));
    ENSURE(r->keys.count <= RECORD_KEYS_MAX, INVALID_ARGUMENT, "%zu keys, more than %d",
           r->keys.count, RECORD_KEYS_MAX);
    ENSURE(r->aliases.count <= RECORD_ALIASES_MAX, INVALID_ARGUMENT, "%zu aliases, more than %d",
           r->aliases.count, RECORD_ALIASES_MAX);
    ENSURE(r->attributes.count <= RECORD_ATTRIBUTES_MAX, INVALID_ARGUMENT,
           "%zu attributes, more than %d", r->attributes.count, RECORD_ATTRIBUTES_MAX);
    ENSURE(r->delegate_to.count <= RECORD_DELEGATES_MAX &&
               r->delegate_from.count <= RECORD_DELEGATES_MAX,
           INVALID_ARGUMENT, "%zu and %zu names in the lists of delegation, more than %d",
           r->delegate_to.count, r->delegate_from.count, RECORD_DELEGATES_MAX);
    return check_lists(r, err);
}
