// import_heimdal.c: a line of Heimdal's dump (kadmin -l dump): a principal, its fields separated by
// spaces, "-" for what it has not:
//
//     NAME KVNO:MKVNO:ENCTYPE:KEY:SALT[:MKVNO:...] CREATED MODIFIED VALID-FROM VALID-TO
//     PASSWORD-ENDS LIFE RENEWABLE FLAGS GENERATION EXTENSIONS
#include "admin/import.h"
#include "base/hex.h"
#include "proto/codes.h"
#include <time.h>

enum { HDB_KU_MKEY = 0x484442, KEYS_MAX = RECORD_KEYS_MAX, SALT_PASSWORD = 3 };

enum { // HDBFlags, by bit
    H_FORWARDABLE = 1 << 1,
    H_PROXIABLE = 1 << 2,
    H_RENEWABLE = 1 << 3,
    H_POSTDATE = 1 << 4,
    H_SERVER = 1 << 5,
    H_CLIENT = 1 << 6,
    H_INVALID = 1 << 7,
    H_REQUIRE_PREAUTH = 1 << 8,
    H_CHANGE_PW = 1 << 9,
    H_REQUIRE_HWAUTH = 1 << 10,
    H_OK_AS_DELEGATE = 1 << 11,
    H_INITIAL = 1 << 0,
    H_TRUSTED = 1 << 14,
    H_LOCKED_OUT = 1 << 17,
    H_REQUIRE_PWCHANGE = 1 << 18,
};
static const struct {
    uint32_t theirs, ours;
    bool inverted;
} FLAGS[] = {
    {H_INITIAL, RECORD_NO_TGT_BASED, false},
    {H_FORWARDABLE, RECORD_NO_FORWARDABLE, true},
    {H_PROXIABLE, RECORD_NO_PROXIABLE, true},
    {H_RENEWABLE, RECORD_NO_RENEWABLE, true},
    {H_POSTDATE, RECORD_NO_POSTDATED, true},
    {H_SERVER, RECORD_NO_SERVER, true},
    {H_CLIENT, RECORD_NO_CLIENT, true},
    {H_INVALID, RECORD_DISABLED, false},
    {H_REQUIRE_PREAUTH, RECORD_REQUIRES_PREAUTH, false},
    {H_CHANGE_PW, RECORD_PASSWORD_SERVICE, false},
    {H_REQUIRE_HWAUTH, RECORD_HW_AUTH, false},
    {H_OK_AS_DELEGATE, RECORD_OK_AS_DELEGATE, false},
    {H_TRUSTED, RECORD_TRUSTED_TO_AUTH, false},
    {H_LOCKED_OUT, RECORD_LOCKED, false},
    {H_REQUIRE_PWCHANGE, RECORD_NEEDS_CHANGE, false},
};

// ---- keys

enum obol_code import_heimdal_key(const struct import *im, int64_t mkvno, struct slice sealed,
                                  struct arena *a, struct slice *out, struct error *err) {
    *out = sealed;
    if (mkvno < 0)
        return OBOL_OK;
    const struct import_master *m =
        import_master_find(im->masters, im->master_count, (uint32_t)mkvno);
    if (!m)
        error_remedy(err, "Name the master key (m-key) with --stash, or dump with kadmin -l dump "
                          "--decrypt.");
    ENSURE(m, MASTER_KEY,
           "a key is sealed under version %lld of the master key, which was not given",
           (long long)mkvno);
    if (import_open(m, HDB_KU_MKEY, sealed, a, out, err) == OBOL_OK)
        return OBOL_OK;
    error_remedy(err, "The stash file must be of the realm that was dumped.");
    return error_replace(err, OBOL_MASTER_KEY, __func__,
                         "version %lld of the master key does not open a key", (long long)mkvno);
}

static bool is_none(struct slice s) {
    return !s.len || slice_eq_str(s, "-");
}

static enum obol_code read_salt(struct slice text, const struct principal *p, struct arena *a,
                                struct record_key *k, struct error *err) {
    k->salt_type = RECORD_SALT_NORMAL;
    if (is_none(text)) // from a password with the usual salt, or drawn at random: it is not told
        return principal_salt(p, a, &k->salt, err);
    size_t at = slice_find(text, '/');
    ENSURE(at < text.len, FORMAT, "a salt is TYPE/SALT");
    struct slice value = slice_sub(text, at + 1, text.len), usual;
    if (value.len >= 2 && value.ptr[0] == '"')
        k->salt = slice_sub(value, 1, value.len - 2);
    else
        ENSURE(hex_decode(value, a, &k->salt), FORMAT, "a salt is not hexadecimal");
    TRY(principal_salt(p, a, &usual, err));
    if (!slice_eq(usual, k->salt))
        k->salt_type = RECORD_SALT_SPECIAL;
    return OBOL_OK;
}

// One of "MKVNO:ENCTYPE:KEY:SALT". A salt in quotes may hold colons.
static enum obol_code read_key(const struct import *im, struct import_line *l,
                               const struct principal *p, struct arena *a, struct import_key *out,
                               struct error *err) {
    struct slice mkvno, key, salt, sealed;
    int64_t enctype, version = -1;
    TRY(import_field(l, "the master key's version", &mkvno, err));
    if (!is_none(mkvno)) {
        struct import_line number = import_line_of(mkvno, ':');
        TRY(import_number(&number, "the master key's version", 0, UINT32_MAX, &version, err));
    }
    TRY(import_number(l, "the enctype", INT32_MIN, INT32_MAX, &enctype, err));
    TRY(import_field(l, "a key", &key, err));
    TRY(import_field(l, "a salt", &salt, err));
    size_t quote = slice_find(salt, '"');
    while (quote < salt.len && (salt.len < quote + 2 || salt.ptr[salt.len - 1] != '"')) {
        struct slice more;
        TRY(import_field(l, "the rest of a salt", &more, err));
        salt.len += 1 + more.len;
    }
    ENSURE(key.len && hex_decode(key, a, &sealed), FORMAT, "a key is not hexadecimal");
    out->key.enctype = (int32_t)enctype;
    TRY(read_salt(salt, p, a, &out->key, err));
    return import_heimdal_key(im, version, sealed, a, &out->bytes, err);
}

static enum obol_code read_keys(const struct import *im, struct import_line *outer,
                                struct slice field, const struct principal *p, struct arena *a,
                                struct import_entry *e, struct error *err) {
    struct import_line l = import_line_of(field, ':');
    const size_t start = outer->column;
    int64_t kvno;
    size_t room = 1;
    enum obol_code code = import_number(&l, "the kvno", 0, UINT32_MAX, &kvno, err);
    for (size_t i = 0; i < field.len; i++)
        room += field.ptr[i] == ':';
    ENSURE(room <= 4 * KEYS_MAX, FORMAT, "too many keys");
    e->keys = arena_zalloc(a, room, sizeof *e->keys);
    ENSURE_MEMORY(e->keys);
    while (code == OBOL_OK && l.at < field.len) {
        struct import_key *k = &e->keys[e->key_count++];
        k->key.kvno = (uint32_t)kvno;
        code = read_key(im, &l, p, a, k, err);
    }
    outer->column = start + l.column - 1;
    return code;
}

// ---- times

// "20261125232355", UTC.
static enum obol_code read_time(struct slice s, const char *what, int64_t *out, struct error *err) {
    static const uint8_t widths[] = {4, 2, 2, 2, 2, 2};
    int parts[6] = {0};
    size_t at = 0;
    *out = 0;
    if (is_none(s))
        return OBOL_OK;
    ENSURE(s.len == 14, FORMAT, "%s is no time", what);
    for (size_t i = 0; i < 6; i++)
        for (uint8_t n = 0; n < widths[i]; n++, at++) {
            ENSURE(s.ptr[at] >= '0' && s.ptr[at] <= '9', FORMAT, "%s is no time", what);
            parts[i] = parts[i] * 10 + (s.ptr[at] - '0');
        }
    struct tm tm = {.tm_year = parts[0] - 1900,
                    .tm_mon = parts[1] - 1,
                    .tm_mday = parts[2],
                    .tm_hour = parts[3],
                    .tm_min = parts[4],
                    .tm_sec = parts[5]};
    *out = timegm(&tm);
    return OBOL_OK;
}

// "TIME:PRINCIPAL".
static enum obol_code read_event(struct import_line *l, const char *what, int64_t *when,
                                 struct slice *who, struct error *err) {
    struct slice s;
    TRY(import_field(l, what, &s, err));
    size_t at = slice_find(s, ':');
    *who = is_none(s) ? slice_sub(s, 0, 0) : slice_sub(s, at + 1, s.len);
    return read_time(slice_sub(s, 0, at), what, when, err);
}

static enum obol_code read_moment(struct import_line *l, const char *what, int64_t *when,
                                  struct error *err) {
    struct slice s;
    TRY(import_field(l, what, &s, err));
    return read_time(s, what, when, err);
}

static enum obol_code read_length(struct import_line *l, const char *what, int64_t *out,
                                  struct error *err) {
    struct slice s;
    TRY(import_field(l, what, &s, err));
    *out = 0;
    if (is_none(s))
        return OBOL_OK;
    l->at = l->column - 1;
    return import_number(l, what, 0, UINT32_MAX, out, err);
}

static enum obol_code read_times(struct import_line *l, struct record *r, struct error *err) {
    struct slice who;
    int64_t valid_from, flags;
    TRY(read_event(l, "when it was made", &r->created, &who, err));
    TRY(read_event(l, "when it was modified", &r->modified, &r->modified_by, err));
    TRY(read_moment(l, "from when it is valid", &valid_from, err));
    TRY(read_moment(l, "until when it is valid", &r->expires, err));
    TRY(read_moment(l, "when the password ends", &r->password_expires, err));
    TRY(read_length(l, "the ticket life", &r->max_life, err));
    TRY(read_length(l, "the renewable life", &r->max_renew, err));
    TRY(read_length(l, "the flags", &flags, err));
    for (size_t i = 0; i < COUNT_OF(FLAGS); i++)
        if (((uint32_t)flags & FLAGS[i].theirs ? !FLAGS[i].inverted : FLAGS[i].inverted))
            r->flags |= FLAGS[i].ours;
    return OBOL_OK;
}

static enum obol_code read_extensions(const struct import *im, struct import_line *l,
                                      struct arena *a, struct import_entry *e, struct error *err) {
    struct slice s, der;
    TRY(import_field(l, "the generation", &s, err));
    if (l->at > l->text.len)
        return OBOL_OK;
    TRY(import_field(l, "the extensions", &s, err));
    ENSURE(l->at > l->text.len, FORMAT, "there is more than the extensions");
    struct import_line each = import_line_of(s, ':');
    const size_t start = l->column;
    while (!is_none(s) && each.at <= s.len) {
        struct slice hex;
        TRY(import_field(&each, "an extension", &hex, err));
        l->column = start + each.column - 1;
        ENSURE(hex.len && hex_decode(hex, a, &der), FORMAT, "an extension is not hexadecimal");
        TRY(import_heimdal_ext(im, der, a, e, err));
    }
    return OBOL_OK;
}

// "default" is Heimdal's template of new principals, and what is of its own pseudo-realm its cookie
// key.
static bool is_theirs_alone(const struct import *im, const struct principal *p) {
    const struct slice_list *parts = &p->name.name_string;
    return slice_starts(p->realm, SLICE_LITERAL("WELLKNOWN:")) ||
           (parts->count == 1 && slice_eq_str(parts->items[0], "default") &&
            slice_eq(p->realm, im->adm->realm));
}

enum obol_code import_heimdal_line(const struct import *im, struct import_line *l, struct arena *a,
                                   struct import_entry *e, enum import_kind *kind,
                                   struct error *err) {
    struct principal p;
    struct slice keys;
    TRY(import_field(l, "the name", &e->record.name, err));
    TRY(principal_parse(e->record.name, im->adm->realm, NT_UNKNOWN, a, &p, err));
    if (is_theirs_alone(im, &p) || op_is_mits(&p))
        return OBOL_OK;
    TRY(import_field(l, "the keys", &keys, err));
    // A salt in quotes may hold spaces: the keys end at the first space outside quotes.
    size_t end = l->column - 1;
    for (bool quoted = false; end < l->text.len; end++) {
        quoted = quoted != (l->text.ptr[end] == '"');
        if (!quoted && l->text.ptr[end] == ' ')
            break;
    }
    keys = slice_sub(l->text, l->column - 1, end - (l->column - 1));
    l->at = end + 1;
    TRY(read_keys(im, l, keys, &p, a, e, err));
    TRY(read_times(l, &e->record, err));
    TRY(read_extensions(im, l, a, e, err));
    *kind = IMPORT_PRINCIPAL;
    return OBOL_OK;
}
